"""Petitions as they are looked at: the register, the page of one, and the numbers of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from tthc.db.models import Applicant, AuditEntry, DueDateRow, Petition, Procedure
from tthc.db.queries import audit as audit_queries
from tthc.db.queries import petitions as queries
from tthc.domain.calendar import WorkingCalendar, office_time
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.petitions import PetitionCell, PetitionTally, lay_out, state_of
from tthc.domain.settings import PETITION_NOTICE
from tthc.domain.timeliness import last_day_of_notice, remaining_label, standing, timeliness
from tthc.domain.vocabulary import DomainError, PetitionHandling, PetitionKind, PetitionState
from tthc.services import calendar, petition_changes, settings
from tthc.services.applicants import ApplicantInput
from tthc.services.petition_contents import PetitionContent
from tthc.services.petition_views import PetitionDue, PetitionEntry, PetitionRow, PetitionView
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, Page


@dataclass(frozen=True)
class PetitionFilter:
    """What the register is narrowed down to, as its address holds it.

    ``cell`` is a number of the period from ``from_on`` to ``to_on``, both included; dates without one mean
    what was received between them.
    """

    q: str = ""
    state: PetitionState | None = None
    kind: PetitionKind | None = None
    from_on: date | None = None
    to_on: date | None = None
    cell: PetitionCell | None = None
    page: int = 1


def list_petitions(
    session: Session, *, actor: Actor, today: date, criteria: PetitionFilter
) -> Page[PetitionRow]:
    """One page of the petitions that ``criteria`` admits: pending ones first, by their dates."""
    actor.require(Action.VIEW_PETITIONS)
    where = conditions(actor.unit_id, today, criteria)
    begin_snapshot(session)
    number = max(1, criteria.page)
    found = queries.rows(session, where, on=today, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(
        rows=rows_of(session, actor.unit_id, found, today), total=queries.count(session, where), number=number
    )


def conditions(unit_id: int, today: date, criteria: PetitionFilter) -> list[ColumnElement[bool]]:
    """The filter as the list, its count and its export use it; refuses half a period."""
    return queries.conditions(
        unit_id, q=criteria.q, state=criteria.state, kind=criteria.kind, cell=_cell_of(criteria, today)
    )


def rows_of(session: Session, unit_id: int, found: Sequence[Any], today: date) -> list[PetitionRow]:
    """Rows of the queries as lists show them on a day."""
    working = calendar.load_rules(session, unit_id, today).calendar
    notice = settings.get(session, unit_id, PETITION_NOTICE, today)
    soon_by = last_day_of_notice(today, working, notice)
    return [_row(*raw, today=today, working=working, soon_by=soon_by) for raw in found]


def get_petition(session: Session, *, actor: Actor, today: date, petition_id: int) -> PetitionView:
    """A petition with its history and what may be done to it."""
    actor.require(Action.VIEW_PETITIONS)
    found = queries.one(session, actor.unit_id, petition_id, on=today)
    if found is None:
        raise NotFound("Không tìm thấy phản ánh, kiến nghị này.")
    petition, _, applicant, _ = found
    [row] = rows_of(session, actor.unit_id, [found], today)
    dues = [
        PetitionDue(due.due_on, due.id == petition.due_date_id, due.provisional)
        for due in queries.due_dates(session, petition.id)
    ]
    procedure = session.get(Procedure, petition.procedure_id) if petition.procedure_id else None
    entries = audit_queries.about(session, actor.unit_id, petition_changes.subject_of(petition.id))
    works = actor.may(Action.RECORD_PETITION)
    return PetitionView(
        row=row,
        content=_content(petition, row.state, row.due_on, applicant),
        procedure_no=procedure.local_no if procedure else None,
        dues=dues,
        recorded_at=petition.recorded_at,
        history=[_entry(entry, name) for entry, name in entries],
        version=petition.version,
        may_end=works and row.state is PetitionState.PENDING,
        may_publish=works and row.state is PetitionState.ANSWERED and petition.published_on is None,
        may_correct=actor.may(Action.CORRECT_PETITION),
    )


def tally(
    session: Session, *, actor: Actor, today: date, from_on: date, to_on: date, title: str = ""
) -> PetitionTally:
    """The numbers of a period by kind, with their identities; pending is judged on its end or today.

    Received = carried over + new = answered + handed on + pending (domain.md 5). They are counted from the
    dates on record now: a correction of an entry corrects its period.
    """
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    return tally_of(session, actor.unit_id, ReportPeriod(from_on, to_on, title), today=today)


def tally_of(session: Session, unit_id: int, period: ReportPeriod, *, today: date) -> PetitionTally:
    """The same within the caller's transaction: what a report keeps of petitions."""
    at_on = period.judged_on(today)
    eve = period.from_on - timedelta(days=1)
    before = queries.count_cells(session, unit_id, from_on=eve, at_on=eve)
    return lay_out(
        period,
        at_on,
        queries.count_cells(session, unit_id, from_on=period.from_on, at_on=at_on),
        {kind: cells[PetitionCell.PENDING] for kind, cells in before.items()},
    )


def _cell_of(criteria: PetitionFilter, today: date) -> queries.CellOf | None:
    if criteria.from_on is None and criteria.to_on is None and criteria.cell is None:
        return None
    if criteria.from_on is None or criteria.to_on is None:
        field = "from_on" if criteria.from_on is None else "to_on"
        raise DomainError("Nhập cả ngày đầu kỳ và ngày cuối kỳ.", field)
    at_on = ReportPeriod(criteria.from_on, criteria.to_on).judged_on(today)
    return queries.CellOf(criteria.cell or PetitionCell.RECEIVED_NEW, criteria.from_on, at_on)


def _row(
    petition: Petition,
    due: DueDateRow | None,
    applicant: Applicant | None,
    procedure: str | None,
    *,
    today: date,
    working: WorkingCalendar,
    soon_by: date,
) -> PetitionRow:
    state = state_of(PetitionHandling(petition.handled), petition.ended_on)
    pending = state is PetitionState.PENDING
    due_on = due.due_on if due else None
    answered = petition.ended_on if state is PetitionState.ANSWERED else None
    return PetitionRow(
        id=petition.id,
        number=petition.number,
        kind=PetitionKind(petition.kind),
        subject=petition.subject,
        applicant=applicant.name if applicant else "",
        procedure=procedure or "",
        received_at=petition.received_at,
        received_on=petition.received_on,
        due_on=due_on,
        legal_basis=petition.legal_basis,
        state=state,
        ended_on=petition.ended_on,
        answer=petition.answer,
        transferred_to=petition.transferred_to,
        published_on=petition.published_on,
        published_in=petition.published_in,
        standing=standing(due_on, today, waiting=False) if pending and due_on else None,
        timeliness=timeliness(answered, due_on) if answered and due_on else None,
        due_soon=pending and due_on is not None and today <= due_on <= soon_by,
        remaining=remaining_label(due_on, today, working) if pending and due_on else "",
    )


def _content(
    petition: Petition, state: PetitionState, due_on: date | None, applicant: Applicant | None
) -> PetitionContent:
    typed = None
    if applicant is not None:
        typed = ApplicantInput(
            applicant.kind,
            applicant.name,
            applicant.id_number,
            applicant.phone,
            applicant.email,
            applicant.address,
        )
    return PetitionContent(
        kind=PetitionKind(petition.kind),
        subject=petition.subject,
        applicant=typed,
        received_at=petition.received_at,
        procedure_id=petition.procedure_id,
        state=state,
        due_on=due_on,
        legal_basis=petition.legal_basis,
        ended_on=petition.ended_on,
        answer=petition.answer,
        transferred_to=petition.transferred_to,
        published_on=petition.published_on,
        published_in=petition.published_in,
    )


# --- history ------------------------------------------------------------------------------------------

_TITLES = {
    petition_changes.RECORD: "Tiếp nhận",
    petition_changes.ANSWER: PetitionState.ANSWERED.label,
    petition_changes.TRANSFER: PetitionState.TRANSFERRED.label,
    petition_changes.PUBLISH: "Đăng tải công khai",
    petition_changes.CORRECT: "Đính chính",
}
#: What the audit chain keeps, in the words of the page.
_NAMES = {
    "kind": "Loại",
    "state": "Tình trạng",
    "applicant_id": "Người phản ánh, kiến nghị",
    "procedure_no": "Thủ tục số",
    "received_at": "Tiếp nhận lúc",
    "due_on": "Hạn xử lý",
    "legal_basis": "Căn cứ xác định hạn",
    "ended_on": "Ngày trả lời, chuyển",
    "transferred_to": "Cơ quan nhận",
    "published_on": "Ngày đăng tải",
    "published_in": "Nơi đăng tải",
    "subject": "Nội dung",
    "answer": "Nội dung trả lời",
    "contact": "Thông tin liên hệ",
}
#: What the receipt of a petition is told with; the rest stands beside it on the page.
_AT_RECEIPT = ("due_on", "legal_basis", "ended_on", "transferred_to")
_CHANGED = "đã sửa"


def _entry(entry: AuditEntry, actor: str | None) -> PetitionEntry:
    detail = entry.detail_json
    if entry.action == petition_changes.CORRECT:
        facts = [(label, _moved(name, detail)) for name, label in _NAMES.items() if _moved(name, detail)]
    else:
        told = _AT_RECEIPT if entry.action == petition_changes.RECORD else detail
        facts = [
            (label, _told(name, detail[name]))
            for name, label in _NAMES.items()
            if name in told and detail[name]
        ]
    return PetitionEntry(
        _TITLES[entry.action], entry.at, actor or "Hệ thống", facts, detail.get("reason", "")
    )


def _moved(name: str, detail: Mapping[str, Any]) -> str:
    """What a correction did to one part of a petition; empty if it left it alone."""
    before, after = detail["before"], detail["after"]
    if name in detail["texts"] or (name == "applicant_id" and name in before):
        return _CHANGED
    return f"{_told(name, before[name])} → {_told(name, after[name])}" if name in before else ""


def _told(name: str, value: Any) -> str:
    if value in (None, ""):
        return "không có"
    if name == "kind":
        return PetitionKind(value).label
    if name == "state":
        return PetitionState(value).label
    if name == "received_at":
        return f"{office_time(datetime.fromisoformat(value)):%d/%m/%Y %H:%M}"
    if name.endswith("_on"):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return str(value)
