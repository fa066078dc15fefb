"""How many days before its due date a dossier is "sắp đến hạn": of all procedures at once, from one date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import ProcedureVersion
from tthc.db.queries import catalogue as catalogue_queries
from tthc.domain.catalogue import MOST_NOTICE, ContentRefused, Fault
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError
from tthc.services import audit
from tthc.services.catalogue_contents import contents_of
from tthc.services.catalogue_versions import Publication, needed_reason, take, write_version
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Page

_DECISION_LENGTH = 300


@dataclass(frozen=True)
class ThresholdRow:
    """A procedure with its threshold in working days; ``seen`` is handed back with the form."""

    local_no: int
    name: str
    sector: str
    days: int
    next_from: date | None
    seen: int


@dataclass(frozen=True)
class Threshold:
    """What somebody wants for a procedure that was seen at count ``seen`` of its changes."""

    local_no: int
    seen: int
    days: int


def list_thresholds(session: Session, *, actor: Actor, on: date, page: int = 1) -> Page[ThresholdRow]:
    """The thresholds in force on a date; two queries."""
    actor.require(Action.EDIT_CATALOGUE)
    where = catalogue_queries.conditions(on)
    found = catalogue_queries.page(session, on, where, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(
        [
            ThresholdRow(
                local_no=entry.procedure.local_no,
                name=entry.version.name,
                sector=entry.sector.name,
                days=entry.version.due_soon_days,
                next_from=entry.next_from,
                seen=entry.procedure.version,
            )
            for entry in found
        ],
        total=catalogue_queries.count(session, where),
        number=page,
    )


def change_thresholds(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    wanted: Sequence[Threshold],
    valid_from: date,
    reason: str,
    decision: str = "",
) -> list[int]:
    """Record a version of every procedure whose threshold differs from today's; their local numbers.

    Each new version says what the one in force on ``valid_from`` says, but for the threshold. It holds for
    dossiers received from that date on; a version that begins later keeps its own. Faults are placed at
    ("rows", local number).
    """
    actor.require(Action.EDIT_CATALOGUE)
    today = now.astimezone(OFFICE_ZONE).date()
    publication = Publication(valid_from, needed_reason(reason), squeeze(decision))
    if len(publication.decision) > _DECISION_LENGTH:
        raise DomainError(f"Viết ngắn hơn: tối đa {_DECISION_LENGTH} ký tự.", "decision")
    if valid_from < today:
        raise DomainError("Ngưỡng mới áp dụng từ hôm nay hoặc một ngày sau đó; sửa ngày.", "valid_from")
    with transaction(session):
        present = {entry.procedure.local_no: entry for entry in catalogue_queries.entries(session, today)}
        changed = [
            one
            for one in wanted
            if one.local_no in present and present[one.local_no].version.due_soon_days != one.days
        ]
        if not changed:
            raise DomainError("Chưa có ngưỡng nào thay đổi; sửa số ngày của thủ tục cần đổi rồi ghi lại.")
        bases = _bases(session, changed, valid_from)
        contents = contents_of(session, bases.values())
        for one in changed:
            procedure = take(session, one.local_no, one.seen)
            base = bases[one.local_no]
            row = ProcedureVersion(procedure_id=procedure.id)
            content = replace(contents[base.id], due_soon_days=one.days)
            write_version(session, now, actor, row, content, publication)
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="change_thresholds",
            subject="catalogue",
            detail={
                "valid_from": valid_from.isoformat(),
                "decision": publication.decision,
                "reason": publication.reason,
                "days": {
                    str(one.local_no): [present[one.local_no].version.due_soon_days, one.days]
                    for one in changed
                },
            },
        )
    return [one.local_no for one in changed]


def _bases(session: Session, changed: Sequence[Threshold], valid_from: date) -> dict[int, ProcedureVersion]:
    """The versions to begin from, by local number; everything that stands in the way is refused at once."""
    holding = {
        entry.procedure.local_no: entry.version for entry in catalogue_queries.entries(session, valid_from)
    }
    faults: list[Fault] = []
    for one in changed:
        base = holding.get(one.local_no)
        if not 0 <= one.days <= MOST_NOTICE:
            message = f"Nhập số ngày làm việc từ 0 đến {MOST_NOTICE}."
        elif base is None:
            message = f"Thủ tục số {one.local_no} bị bãi bỏ trước ngày {valid_from:%d/%m/%Y}; giữ số ngày cũ."
        elif base.valid_from == valid_from:
            message = (
                f"Thủ tục số {one.local_no} đã có phiên bản áp dụng từ ngày {valid_from:%d/%m/%Y}; "
                "chọn ngày khác hoặc giữ số ngày cũ."
            )
        else:
            continue
        faults.append(Fault(("rows", one.local_no), message))
    if faults:
        raise ContentRefused(faults)
    return {one.local_no: holding[one.local_no] for one in changed}
