"""New versions of procedures: looked at, published from a date on, and taken back while nothing uses them.

A version that can have been used is never overwritten: a dossier keeps the one in force when it was received
(domain.md 2). So a mistake in it is mended by a further version, and only one that begins in the future and
governs no dossier may be changed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Procedure, ProcedureChange, ProcedureVersion
from tthc.db.queries import catalogue as catalogue_queries
from tthc.db.queries import catalogue_versions as queries
from tthc.db.queries import steps as step_queries
from tthc.domain.catalogue import ContentRefused, Fault, VersionContent, faults_of, tidy
from tthc.domain.catalogue_comparison import compare
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, ProcedureChangeKind
from tthc.services import audit
from tthc.services.catalogue_contents import (
    contents_of,
    workflow_of,
    write_general,
    write_parts,
    write_workflow,
)
from tthc.services.catalogue_drafts import one_of, procedure_no, refuse_used, version_facts
from tthc.services.transaction import StaleVersion, transaction

#: How many dossiers a warning names; the page shows the others.
_NAMED = 5
_DECISION_LENGTH = 300
_REASON_LENGTH = 2000


@dataclass(frozen=True)
class Publication:
    """From when a version holds, on which decision, and why it is recorded.

    ``confirm_received``: the person knows that dossiers received since ``valid_from`` keep their version.
    """

    valid_from: date
    reason: str
    decision: str = ""
    confirm_received: bool = False


def publish_version(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    local_no: int,
    seen: int,
    content: VersionContent,
    publication: Publication,
) -> int:
    """Record a further version of a procedure; its id. No dossier moves: each keeps its own."""
    actor.require(Action.EDIT_CATALOGUE)
    with transaction(session):
        procedure = take(session, local_no, seen)
        return publish_within(
            session, now=now, actor=actor, procedure=procedure, content=content, publication=publication
        )


def publish_within(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    procedure: Procedure,
    content: VersionContent,
    publication: Publication,
) -> int:
    """The same inside the caller's transaction, which has taken the procedure."""
    wanted, release = tidy(content), _tidy_publication(publication)
    before = _refuse(session, actor, procedure, wanted, release, None)
    row = ProcedureVersion(procedure_id=procedure.id)
    write_version(session, now, actor, row, wanted, release)
    if before is not None:
        write_workflow(session, row.id, workflow_of(session, before.id))
    record_audit(
        session,
        now,
        actor,
        "publish_version",
        procedure,
        {**_told(row, wanted, release), "before": before.id if before else None},
    )
    return row.id


def change_planned(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    local_no: int,
    version_id: int,
    seen: int,
    content: VersionContent,
    publication: Publication,
) -> None:
    """Change a version that begins in the future and governs no dossier."""
    actor.require(Action.EDIT_CATALOGUE)
    with transaction(session):
        procedure = take(session, local_no, seen)
        row = _planned(session, procedure, version_id, now)
        wanted, release = tidy(content), _tidy_publication(publication)
        _refuse(session, actor, procedure, wanted, release, row.id)
        was = contents_of(session, [row])[row.id]
        old_start = row.valid_from
        changes = compare(was, wanted).changes
        note_change(
            session,
            now=now,
            actor=actor,
            procedure=procedure,
            kind=ProcedureChangeKind.PLANNED_CHANGED,
            old=_from(old_start),
            new=f"{_from(release.valid_from)}, sửa {changes} mục",
            decision=release.decision,
            reason=release.reason,
        )
        queries.drop_parts(session, row.id)
        write_version(session, now, actor, row, wanted, release)
        told = {**_told(row, wanted, release), "was": {**_plain(was), "valid_from": f"{old_start}"}}
        record_audit(session, now, actor, "change_planned_version", procedure, told)


def remove_planned(
    session: Session, *, now: datetime, actor: Actor, local_no: int, version_id: int, seen: int, reason: str
) -> None:
    """Remove a version that begins in the future and governs no dossier."""
    actor.require(Action.EDIT_CATALOGUE)
    with transaction(session):
        procedure = take(session, local_no, seen)
        row = _planned(session, procedure, version_id, now)
        if len(queries.versions(session, procedure.id)) == 1:
            raise DomainError(
                "Đây là phiên bản duy nhất của thủ tục nên không bỏ được; hãy sửa phiên bản, "
                "hoặc ghi ngày bãi bỏ thủ tục."
            )
        why = needed_reason(reason)
        was = contents_of(session, [row])[row.id]
        old_start, decision = row.valid_from, row.decision
        queries.drop_parts(session, row.id)
        step_queries.drop_templates(session, row.id)
        session.delete(row)
        note_change(
            session,
            now=now,
            actor=actor,
            procedure=procedure,
            kind=ProcedureChangeKind.PLANNED_REMOVED,
            old=_from(old_start),
            new="",
            decision=decision,
            reason=why,
        )
        told = {"version": version_id, "reason": why, "was": {**_plain(was), "valid_from": f"{old_start}"}}
        record_audit(session, now, actor, "remove_planned_version", procedure, told)


def take(session: Session, local_no: int, seen: int) -> Procedure:
    """The procedure, locked and its changes counted; refused if it was changed after it was seen."""
    procedure = procedure_no(session, local_no)
    if not queries.take(session, procedure.id, seen):
        raise StaleVersion(f"Thủ tục số {local_no}")
    session.refresh(procedure)
    return procedure


def note_change(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    procedure: Procedure,
    kind: ProcedureChangeKind,
    old: str,
    new: str,
    decision: str,
    reason: str,
) -> None:
    """Write the history of what versions do not date, inside the caller's transaction."""
    session.add(
        ProcedureChange(
            procedure_id=procedure.id,
            kind=kind,
            old_value=old,
            new_value=new,
            decision=decision,
            reason=reason,
            recorded_at=now,
            recorded_by=actor.account_id,
        )
    )
    session.flush()


def needed_reason(text: str) -> str:
    """A reason as it is kept; refused if there is none."""
    reason = nfc(text).strip()
    for fault in _reason_faults(reason):
        raise DomainError(fault.message, "reason")
    return reason


def name_dossiers(
    session: Session,
    unit_id: int,
    procedure_id: int,
    since: date,
    until: date | None = None,
    version_id: int | None = None,
) -> str:
    """ "7 hồ sơ (mã 1, mã 2, … và 2 hồ sơ khác)" received from a date on; empty if there is none.

    Before ``until``, and under another version than ``version_id``, where these are given.
    """
    where = queries.received_between(unit_id, procedure_id, since, until, version_id)
    count = queries.count_dossiers(session, where)
    if not count:
        return ""
    codes = [row.code for row in queries.dossiers(session, where, offset=0, limit=_NAMED)]
    more = f" và {count - len(codes)} hồ sơ khác" if count > len(codes) else ""
    return f"{count} hồ sơ ({', '.join(codes)}{more})"


def _planned(session: Session, procedure: Procedure, version_id: int, now: datetime) -> ProcedureVersion:
    today = now.astimezone(OFFICE_ZONE).date()
    refuse_used(session, one_of(version_facts(session, procedure.id, today), version_id))
    return session.get_one(ProcedureVersion, version_id)


def _tidy_publication(publication: Publication) -> Publication:
    return Publication(
        valid_from=publication.valid_from,
        reason=nfc(publication.reason).strip(),
        decision=squeeze(publication.decision),
        confirm_received=publication.confirm_received,
    )


def _refuse(
    session: Session,
    actor: Actor,
    procedure: Procedure,
    content: VersionContent,
    publication: Publication,
    without: int | None,
) -> ProcedureVersion | None:
    """Refuse what cannot be published, everything at once; the version before it otherwise."""
    since = publication.valid_from
    before = catalogue_queries.version_in_force(session, procedure.id, since, without=without)
    was = contents_of(session, [before])[before.id] if before else None
    faults = [*faults_of(content), *_publication_faults(procedure, content, publication, was)]
    if before is not None and before.valid_from == since:
        sentence = f"Thủ tục đã có phiên bản áp dụng từ ngày {since:%d/%m/%Y}; chọn ngày khác."
        faults.append(Fault(("valid_from",), sentence))
    if faults:
        raise ContentRefused(faults)
    announced = before is not None and publication.decision not in ("", before.decision)
    if before is not None and was is not None and not announced and compare(was, content).empty:
        raise DomainError(
            f"Nội dung không khác phiên bản {_from(before.valid_from)}; sửa mục cần thay đổi rồi ghi lại."
        )
    _refuse_unseen(session, actor, procedure, publication, without)
    return before


def _publication_faults(
    procedure: Procedure, content: VersionContent, publication: Publication, was: VersionContent | None
) -> list[Fault]:
    faults = _reason_faults(publication.reason)
    if len(publication.decision) > _DECISION_LENGTH:
        faults.append(Fault(("decision",), f"Viết ngắn hơn: tối đa {_DECISION_LENGTH} ký tự."))
    if content.code_confirmed and procedure.national_code is None:
        faults.append(
            Fault(("code_confirmed",), "Thủ tục chưa có mã quốc gia; ghi mã trước rồi mới xác minh được mã.")
        )
    verified = content.limit_confirmed and (
        was is None or not was.limit_confirmed or was.cases != content.cases
    )
    verified |= content.code_confirmed and (was is None or not was.code_confirmed)
    if verified and not publication.decision:
        faults.append(
            Fault(
                ("decision",),
                "Ghi số quyết định công bố đã đối chiếu, vì mã hoặc thời hạn được đánh dấu đã xác minh.",
            )
        )
    return faults


def _reason_faults(reason: str) -> list[Fault]:
    if not reason:
        return [Fault(("reason",), "Nhập lý do thay đổi; lý do được ghi vào lịch sử của thủ tục.")]
    if len(reason) > _REASON_LENGTH:
        return [Fault(("reason",), "Viết ngắn hơn: tối đa 2000 ký tự.")]
    return []


def _refuse_unseen(
    session: Session, actor: Actor, procedure: Procedure, publication: Publication, without: int | None
) -> None:
    """Name the dossiers that were received since under another version, until somebody has confirmed."""
    if publication.confirm_received:
        return
    since = publication.valid_from
    following = queries.next_start(session, procedure.id, since, without=without)
    if named := name_dossiers(session, actor.unit_id, procedure.id, since, following, without):
        raise DomainError(
            f"{named} đã tiếp nhận từ ngày {since:%d/%m/%Y} theo phiên bản trước và vẫn giữ phiên bản ấy. "
            "Đánh dấu xác nhận để ghi; hồ sơ nào cần theo phiên bản mới thì sửa bằng “Đính chính”.",
            "confirm_received",
        )


def write_version(
    session: Session,
    now: datetime,
    actor: Actor,
    row: ProcedureVersion,
    content: VersionContent,
    publication: Publication,
) -> None:
    """Let a row, new or emptied of its parts, be the version that is described."""
    write_general(session, row, content)
    row.valid_from = publication.valid_from
    row.decision = publication.decision
    row.reason = publication.reason
    row.recorded_at = now
    row.recorded_by = actor.account_id
    session.add(row)
    session.flush()
    write_parts(session, row.id, content)


def _from(since: date | None) -> str:
    return f"áp dụng từ {since:%d/%m/%Y}" if since else "áp dụng từ đầu"


def _told(row: ProcedureVersion, content: VersionContent, publication: Publication) -> dict[str, Any]:
    return {
        "version": row.id,
        "valid_from": publication.valid_from.isoformat(),
        "decision": publication.decision,
        "reason": publication.reason,
        "content": _plain(content),
    }


def _plain(content: VersionContent) -> dict[str, Any]:
    """What a version says as JSON values; enums are their text."""
    return asdict(content)


def record_audit(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    procedure: Procedure,
    detail: Mapping[str, Any],
) -> None:
    """Append to the audit chain what was done to a procedure."""
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"procedure:{procedure.id}",
        detail=detail,
    )
