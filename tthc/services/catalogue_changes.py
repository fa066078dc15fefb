"""What of a procedure versions do not date: that it exists, its national code, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Procedure, ProcedureVersion
from tthc.db.queries import catalogue as catalogue_queries
from tthc.db.queries import catalogue_versions as queries
from tthc.domain.catalogue import ContentRefused, Fault, VersionContent, national_code
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError, ProcedureChangeKind
from tthc.services.catalogue_drafts import procedure_no, version_facts
from tthc.services.catalogue_versions import (
    Publication,
    name_dossiers,
    needed_reason,
    note_change,
    publish_within,
    record_audit,
    take,
)
from tthc.services.transaction import transaction

LAST_LOCAL_NO = 9999
_TEXT_LENGTH = 2000


@dataclass(frozen=True)
class Status:
    """National code, end and successor of a procedure, as people type them; empty: there is none."""

    national_code: str = ""
    withdrawn_on: date | None = None
    replaced_by: str = ""
    note: str = ""


@dataclass(frozen=True)
class StatusDraft:
    """What the form begins with; ``seen`` is the count of changes that is handed back with it."""

    local_no: int
    name: str
    seen: int
    status: Status
    code_confirmed: bool


def suggest_local_no(session: Session, *, actor: Actor) -> int:
    """The number that a new procedure could get."""
    actor.require(Action.EDIT_CATALOGUE)
    return queries.last_local_no(session) + 1


def add_procedure(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    local_no: int,
    code: str,
    content: VersionContent,
    publication: Publication,
) -> None:
    """Add a procedure with its first version."""
    actor.require(Action.EDIT_CATALOGUE)
    with transaction(session):
        queries.lock_catalogue(session)
        if not 1 <= local_no <= LAST_LOCAL_NO:
            raise DomainError(f"Nhập số thứ tự từ 1 đến {LAST_LOCAL_NO}.", "local_no")
        if queries.by_no(session, local_no) is not None:
            free = queries.last_local_no(session) + 1
            raise DomainError(
                f"Số {local_no} đã dùng cho thủ tục khác; chọn số khác, ví dụ {free}.", "local_no"
            )
        kept = _free_code(session, code, None)
        procedure = Procedure(local_no=local_no, national_code=kept)
        session.add(procedure)
        session.flush()
        note_change(
            session,
            now=now,
            actor=actor,
            procedure=procedure,
            kind=ProcedureChangeKind.ADDED,
            old="",
            new=f"số {local_no}" + (f", mã {kept}" if kept else ", chưa có mã quốc gia"),
            decision=squeeze(publication.decision),
            reason=nfc(publication.reason).strip(),
        )
        publish_within(
            session, now=now, actor=actor, procedure=procedure, content=content, publication=publication
        )


def draft_status(session: Session, *, actor: Actor, on: date, local_no: int) -> StatusDraft:
    """National code, end and successor of a procedure, to be changed."""
    actor.require(Action.EDIT_CATALOGUE)
    procedure = procedure_no(session, local_no)
    shown = _shown(session, procedure, on)
    return StatusDraft(
        local_no=local_no,
        name=shown.name,
        seen=procedure.version,
        status=_status(procedure),
        code_confirmed=shown.code_confirmed,
    )


def change_status(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    local_no: int,
    seen: int,
    status: Status,
    reason: str,
    decision: str = "",
    confirm_received: bool = False,
) -> Sequence[ProcedureChangeKind]:
    """Enter a code, withdraw or replace a procedure, or undo that; what was changed.

    Each change gets a row of the history. Dossiers are handled to their end as they began.
    """
    actor.require(Action.EDIT_CATALOGUE)
    with transaction(session):
        queries.lock_catalogue(session)
        procedure = take(session, local_no, seen)
        was = _status(procedure)
        kept = _checked(session, procedure, status)
        source = squeeze(decision)
        if len(source) > _TEXT_LENGTH:
            raise DomainError(f"Viết ngắn hơn: tối đa {_TEXT_LENGTH} ký tự.", "decision")
        _refuse_unproven(session, procedure, was, kept, source)
        changes = _changes(was, kept)
        if not changes:
            raise DomainError("Không có mục nào thay đổi; sửa mục cần thay đổi rồi ghi lại.")
        why = needed_reason(reason)
        if kept.withdrawn_on is not None and kept.withdrawn_on != was.withdrawn_on and not confirm_received:
            _refuse_received_after(session, actor, procedure, kept.withdrawn_on)
        procedure.national_code = kept.national_code or None
        procedure.withdrawn_on = kept.withdrawn_on
        procedure.replaced_by = kept.replaced_by or None
        procedure.note = kept.note
        for kind, old, new in changes:
            note_change(
                session,
                now=now,
                actor=actor,
                procedure=procedure,
                kind=kind,
                old=old,
                new=new,
                decision=source,
                reason=why,
            )
        record_audit(
            session,
            now,
            actor,
            "change_procedure",
            procedure,
            {
                "changes": {kind.value: [old, new] for kind, old, new in changes},
                "decision": source,
                "reason": why,
            },
        )
    return [kind for kind, _, _ in changes]


def _status(procedure: Procedure) -> Status:
    return Status(
        national_code=procedure.national_code or "",
        withdrawn_on=procedure.withdrawn_on,
        replaced_by=procedure.replaced_by or "",
        note=procedure.note,
    )


def _shown(session: Session, procedure: Procedure, on: date) -> ProcedureVersion:
    """The version in force, else the first to come."""
    facts = version_facts(session, procedure.id, on)
    current = next((one for one in facts if one.in_force), facts[-1])
    return session.get_one(ProcedureVersion, current.id)


def _free_code(session: Session, text: str, procedure_id: int | None) -> str | None:
    """A code in its form that no other procedure has."""
    code = national_code(text, "national_code")
    if code is not None:
        holder = catalogue_queries.procedure_by_code(session, code)
        if holder is not None and holder.id != procedure_id:
            raise DomainError(
                f"Mã {code} đã dùng cho thủ tục số {holder.local_no}; kiểm tra lại mã.", "national_code"
            )
    return code


def _checked(session: Session, procedure: Procedure, status: Status) -> Status:
    """The status as it is kept, everything that is wrong with it refused at once."""
    faults: list[Fault] = []
    code = successor = None
    try:
        code = _free_code(session, status.national_code, procedure.id)
    except DomainError as error:
        faults.append(Fault(("national_code",), error.message))
    try:
        successor = national_code(status.replaced_by, "replaced_by")
    except DomainError as error:
        faults.append(Fault(("replaced_by",), error.message))
    if successor is not None and code is not None and _leads_back(session, code, successor):
        faults.append(
            Fault(
                ("replaced_by",),
                f"Thủ tục {successor} chính là thủ tục này hoặc đã được ghi là thay bằng thủ tục này; "
                "kiểm tra lại mã.",
            )
        )
    note = nfc(status.note).strip()
    if len(note) > _TEXT_LENGTH:
        faults.append(Fault(("note",), f"Viết ngắn hơn: tối đa {_TEXT_LENGTH} ký tự."))
    if faults:
        raise ContentRefused(faults)
    return Status(code or "", status.withdrawn_on, successor or "", note)


def _leads_back(session: Session, code: str, successor: str) -> bool:
    """Whether following who replaced whom from ``successor`` comes back to ``code``."""
    replaced = {**queries.replacements(session), code: successor}
    seen = {code}
    step: str | None = successor
    while step is not None:
        if step in seen:
            return True
        seen.add(step)
        step = replaced.get(step)
    return False


def _refuse_unproven(
    session: Session, procedure: Procedure, was: Status, kept: Status, decision: str
) -> None:
    """A code that versions call verified is changed on a decision only, and not taken away at all."""
    if kept.national_code == was.national_code:
        return
    verified = any(row.code_confirmed for row, _ in queries.versions(session, procedure.id))
    if verified and not kept.national_code:
        raise DomainError(
            "Mã đang được đánh dấu đã xác minh nên không xóa được; ghi mã đúng kèm số quyết định.",
            "national_code",
        )
    if verified and not decision:
        raise DomainError(
            "Mã cũ đã được đánh dấu đã xác minh; ghi số quyết định công bố có mã mới.", "decision"
        )


def _refuse_received_after(session: Session, actor: Actor, procedure: Procedure, since: date) -> None:
    if named := name_dossiers(session, actor.unit_id, procedure.id, since):
        raise DomainError(
            f"{named} đã tiếp nhận từ ngày {since:%d/%m/%Y} và vẫn được giải quyết. "
            "Đánh dấu xác nhận để ghi ngày bãi bỏ này.",
            "confirm_received",
        )


def _changes(was: Status, kept: Status) -> list[tuple[ProcedureChangeKind, str, str]]:
    pairs = (
        (ProcedureChangeKind.NATIONAL_CODE, was.national_code, kept.national_code),
        (ProcedureChangeKind.WITHDRAWN_ON, _day(was.withdrawn_on), _day(kept.withdrawn_on)),
        (ProcedureChangeKind.REPLACED_BY, was.replaced_by, kept.replaced_by),
        (ProcedureChangeKind.NOTE, was.note, kept.note),
    )
    return [(kind, old, new) for kind, old, new in pairs if old != new]


def _day(on: date | None) -> str:
    return f"{on:%d/%m/%Y}" if on else ""
