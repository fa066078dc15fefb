"""What people look at: the first page, lists of dossiers, and one dossier with everything about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import (
    Applicant,
    Dossier,
    DueDateRow,
    EventRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Supplement,
)
from tthc.db.queries import documents as document_queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import filings as filing_queries
from tthc.db.queries import worklists as queries
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.due_dates import (
    DueDate,
    compute_due_date,
    last_day_of_notice,
    remaining_label,
    standing,
    timeliness,
)
from tthc.domain.lifecycle import allowed
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    Channel,
    DomainError,
    DossierState,
    DueCause,
    EventKind,
    FilingState,
    Outcome,
    SupplementMode,
)
from tthc.services import accounts, calendar, catalogue, history, supplement_papers
from tthc.services.dossier_warnings import warnings_of
from tthc.services.dossiers import NEEDS
from tthc.services.transaction import NotFound
from tthc.services.views import (
    PAGE_SIZE,
    ActionView,
    Choice,
    DossierRow,
    DossierView,
    HomeCount,
    HomeView,
    Page,
    PromiseView,
    ReceiptView,
    RequirementView,
    SupplementPaperView,
    TimelineEntry,
)

#: The numbers of the first page, in the order of urgency.
HOME_BUCKETS = (
    ("overdue", "Quá hạn"),
    ("today", "Hôm nay"),
    ("due_soon", "Sắp đến hạn"),
    ("awaiting_supplement", "Chờ bổ sung"),
)

BUCKETS = {
    **dict(HOME_BUCKETS),
    "pending": "Đang giải quyết",
    "mine": "Của tôi",
    "to_hand_over": "Chờ trả kết quả",
}

#: How each action is named in addresses and on buttons, the likely one first.
ACTIONS: tuple[tuple[EventKind, str, str], ...] = (
    (EventKind.RECEIVE_SUPPLEMENT, "nhan-bo-sung", "Nhận bổ sung"),
    (EventKind.RESUME, "tiep-tuc", "Tiếp tục giải quyết"),
    (EventKind.RECEIVE_PAYMENT, "da-nop", "Đã thực hiện nghĩa vụ"),
    (EventKind.HAND_OVER, "tra-ket-qua", "Trả kết quả"),
    (EventKind.START, "bat-dau", "Bắt đầu xử lý"),
    (EventKind.RESOLVE, "ket-thuc", "Kết thúc xử lý"),
    (EventKind.REQUEST_SUPPLEMENT, "yeu-cau-bo-sung", "Yêu cầu bổ sung"),
    (EventKind.ASSIGN, "phan-cong", "Phân công"),
    (EventKind.REQUEST_PAYMENT, "yeu-cau-nghia-vu", "Yêu cầu nghĩa vụ tài chính"),
    (EventKind.PAUSE, "tam-dung", "Tạm dừng"),
    (EventKind.WITHDRAW, "rut", "Rút hồ sơ"),
    (EventKind.STOP, "dung", "Dừng giải quyết"),
    (EventKind.REOPEN, "mo-lai", "Mở lại hồ sơ"),
)

_FINAL = frozenset({EventKind.RESOLVE, EventKind.WITHDRAW, EventKind.STOP, EventKind.REOPEN})


@dataclass(frozen=True)
class DossierFilter:
    """The whole state of a list, as its address holds it; ``officer_id`` 0: unassigned."""

    q: str = ""
    bucket: str | None = None
    state: DossierState | None = None
    sector_id: int | None = None
    procedure_id: int | None = None
    channel: Channel | None = None
    officer_id: int | None = None
    received_from: date | None = None
    received_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    sort: str = "due"
    page: int = 1


@dataclass(frozen=True)
class FilterChoices:
    """What the selects of a list offer."""

    sectors: Sequence[Choice]
    procedures: Sequence[Choice]
    officers: Sequence[Choice]


def home(session: Session, *, actor: Actor, now: datetime, mine: bool) -> HomeView:
    """The numbers of today, and the running dossiers that are due first (``mine``: the actor's own)."""
    actor.require(Action.VIEW_DOSSIERS)
    today = _today(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    days = _days(session, rules.calendar, today)
    names = [name for name, _ in HOME_BUCKETS]
    sizes = queries.bucket_counts(
        session, unit_id=actor.unit_id, days=days, account_id=actor.account_id, mine=mine, names=names
    )
    where = queries.conditions(
        unit_id=actor.unit_id, days=days, account_id=actor.account_id, in_bucket="mine" if mine else "pending"
    )
    first = queries.rows(session, where, sort="due", offset=0, limit=20)
    return HomeView(
        today=today,
        counts=[HomeCount(name, label, sizes[name]) for name, label in HOME_BUCKETS],
        first=[_row(raw, today, rules.calendar) for raw in first],
        waiting_filings=filing_queries.count(session, actor.unit_id, FilingState.WAITING),
    )


def list_dossiers(
    session: Session, *, actor: Actor, now: datetime, criteria: DossierFilter
) -> Page[DossierRow]:
    """One page of the dossiers that ``criteria`` admits."""
    actor.require(Action.VIEW_DOSSIERS)
    if criteria.sort not in queries.SORTS:
        raise DomainError("Cách sắp xếp không hợp lệ.", "sort")
    if criteria.bucket is not None and criteria.bucket not in BUCKETS:
        raise DomainError("Nhóm hồ sơ không hợp lệ.", "bucket")
    today = _today(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    where = queries.conditions(
        unit_id=actor.unit_id,
        days=_days(session, rules.calendar, today),
        account_id=actor.account_id,
        q=criteria.q,
        in_bucket=criteria.bucket,
        state=criteria.state,
        sector_id=criteria.sector_id,
        procedure_id=criteria.procedure_id,
        channel=criteria.channel,
        officer_id=criteria.officer_id,
        received_from=criteria.received_from,
        received_to=criteria.received_to,
        due_from=criteria.due_from,
        due_to=criteria.due_to,
    )
    number = max(1, criteria.page)
    found = queries.rows(session, where, sort=criteria.sort, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(
        rows=[_row(raw, today, rules.calendar) for raw in found],
        total=queries.count(session, where),
        number=number,
    )


def filter_choices(session: Session, *, actor: Actor, now: datetime) -> FilterChoices:
    """The sectors, procedures and people that a list can be narrowed to."""
    actor.require(Action.VIEW_DOSSIERS)
    today = _today(now)
    return FilterChoices(
        sectors=[Choice(str(sector.id), sector.name) for sector in queries.sectors(session)],
        procedures=catalogue.procedure_choices(session, actor=actor, on=today),
        officers=[Choice("0", "Chưa phân công"), *accounts.officers(session, actor.unit_id, today)],
    )


def get_dossier(session: Session, *, actor: Actor, now: datetime, code: str) -> DossierView:
    """One dossier with its history, promises, explanation and what may be done to it now."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    today = _today(now)
    timeline = dossier_queries.timeline_of(session, dossier.id)
    life = history.life_of([event for event, _ in timeline])
    promises = dossier_queries.promises_of(session, dossier.id)
    # By the rules under which the promise was made, whatever was entered for its date since; explained by the
    # calendar that it was counted on as well.
    policy_id, version_id = promises[-1].policy_id, promises[-1].calendar_version_id
    rules = calendar.load_rules(session, actor.unit_id, dossier.received_on, policy_id=policy_id)
    counted_by = calendar.load_rules(
        session,
        actor.unit_id,
        dossier.received_on,
        calendar_version_id=version_id,
        policy_id=policy_id,
    )
    limit = catalogue.limit_of(session, dossier.case_id)
    explained = compute_due_date(
        life.clock_base_at, limit, counted_by.calendar, counted_by.policy, life.pauses
    )
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    case = session.get_one(ProcedureCase, dossier.case_id)
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get_one(Applicant, dossier.submitter_id) if dossier.submitter_id else owner
    officers = accounts.officers(session, actor.unit_id, today)
    where = [Dossier.id == dossier.id]
    raw = queries.rows(session, where, sort="due", offset=0, limit=1)[0]
    supplements = dossier_queries.supplements_of(session, dossier.id)
    requested = {supplement.opened_event_id: supplement.missing for supplement in supplements}
    names = dossier_queries.people_named(
        session, [event.payload_json.get("officer_id") for event, _ in timeline]
    )
    return DossierView(
        row=_row(raw, today, rules.calendar),
        id=dossier.id,
        version=dossier.version,
        subject=dossier.subject,
        applicant_kind=owner.kind,
        id_number=owner.id_number,
        phone=owner.phone,
        email=owner.email,
        address=owner.address,
        submitter=submitter.name,
        register_no=dossier.register_no,
        register_volume=dossier.register_volume,
        register_year=dossier.register_year,
        case_name=case.name,
        limit_label=limit.label,
        limit_confirmed=version.limit_confirmed,
        national_code=procedure.national_code,
        submitted_at=dossier.submitted_at,
        received_at=dossier.received_at,
        clock_start_on=dossier.clock_start_on,
        due_at=dossier.due_at,
        first_due_on=dossier.first_due_on,
        provisional=dossier.provisional,
        ended_at=dossier.ended_at,
        end_kind=dossier.end_kind,
        outcome=dossier.outcome,
        returned=dossier.returned,
        handed_over_at=dossier.handed_over_at,
        officer_id=dossier.officer_id,
        papers=_papers(dossier),
        sets=dossier.sets,
        fee=version.fee,
        explanation=explained.days,
        explanation_note=_explanation_note(dossier, explained, promises),
        promises=_promises(promises),
        timeline=[_entry(event, name, requested, names) for event, name in timeline],
        actions=_actions(dossier.state, actor),
        officers=officers,
        supplement_mode=version.supplement_mode,
        warnings=warnings_of(
            dossier,
            procedure,
            version,
            requested_on=[
                event.occurred_on for event, _ in timeline if event.kind is EventKind.REQUEST_SUPPLEMENT
            ],
            working=rules.calendar,
        ),
        receipts=[
            ReceiptView(document.id, document.printed_at, on, document.replaced_by_id is not None)
            for document, on in document_queries.receipts_of(session, dossier.id)
        ],
        supplement_paper=_supplement_paper(session, supplements),
    )


def _today(now: datetime) -> date:
    return now.astimezone(OFFICE_ZONE).date()


def _days(session: Session, working: WorkingCalendar, today: date) -> queries.Days:
    notice = queries.notice_days(session)
    return queries.Days(today, {amount: last_day_of_notice(today, working, amount) for amount in notice})


def _row(raw: Any, today: date, working: WorkingCalendar) -> DossierRow:
    (
        _id,
        code,
        procedure,
        procedure_no,
        sector,
        applicant,
        channel,
        state,
        officer,
        received_on,
        due_on,
        ended_on,
        waiting,
        notice,
    ) = raw
    pending = ended_on is None
    running = pending and not waiting
    soon = running and today <= due_on <= last_day_of_notice(today, working, notice)
    return DossierRow(
        code=code,
        procedure=procedure,
        procedure_no=procedure_no,
        sector=sector,
        applicant=applicant,
        channel=channel,
        state=state,
        officer=officer,
        received_on=received_on,
        due_on=due_on,
        ended_on=ended_on,
        standing=standing(due_on, today, waiting=waiting) if pending else None,
        timeliness=None if pending else timeliness(ended_on, due_on),
        due_soon=soon,
        waiting=waiting,
        remaining=remaining_label(due_on, today, working) if running else "",
    )


def _papers(dossier: Dossier) -> list[RequirementView]:
    return [
        RequirementView(
            id=paper.get("requirement_id") or 0,
            name=paper["name"],
            originals=paper["originals"],
            certified=paper["certified"],
            copies=paper["copies"],
            required=False,
        )
        for paper in dossier.papers_json
    ]


def _promises(rows: Sequence[Any]) -> list[PromiseView]:
    return [
        PromiseView(
            no=row.no,
            due_at=row.due_at,
            due_on=row.due_on,
            cause=row.cause,
            computed_due_on=(
                row.computed_due_at.astimezone(OFFICE_ZONE).date() if row.computed_due_at else None
            ),
            provisional=row.provisional,
            in_force=row is rows[-1],
        )
        for row in rows
    ]


def _supplement_paper(session: Session, supplements: Sequence[Supplement]) -> SupplementPaperView | None:
    """The form 02 of the newest request; none for a request of which the content is not known."""
    if not supplements or not supplement_papers.printable(supplements[-1]):
        return None
    event_id = supplements[-1].opened_event_id
    document = document_queries.last_for_event(session, document_queries.SUPPLEMENT, event_id)
    return SupplementPaperView(document.printed_at if document else None)


def _explanation_note(dossier: Dossier, explained: DueDate, promises: Sequence[DueDateRow]) -> str:
    """Why the date in force is another than the one that the explanation ends with."""
    if explained.due_on == dossier.due_on:
        return ""
    # Reopening repeats a promise, so the cause of the date is that of the promise before it.
    causes = [row.cause for row in promises if row.cause is not DueCause.CORRECTION]
    if causes[-1] is DueCause.IMPORT:
        return (
            f"Ngày hẹn trả đang áp dụng ({dossier.due_on:%d/%m/%Y}) được ghi theo tệp nhập và khác ngày tính "
            f"theo quy tắc dưới đây ({explained.due_on:%d/%m/%Y}); ngày theo tệp nhập được giữ nguyên."
        )
    return (
        f"Ngày hẹn trả đang áp dụng ({dossier.due_on:%d/%m/%Y}) khác ngày tính theo quy tắc và lịch hiện nay "
        f"dưới đây ({explained.due_on:%d/%m/%Y}); ngày đã hẹn được giữ nguyên."
    )


def _entry(
    event: EventRow, name: str | None, requested: dict[int, str], officers: dict[int, str]
) -> TimelineEntry:
    data = event.payload_json
    details: list[tuple[str, str]] = []
    if event.id in requested:
        details.append(("Cần bổ sung", requested[event.id]))
    if mode := data.get("mode"):
        details.append(("Thời hạn", SupplementMode(mode).label))
    if outcome := data.get("outcome"):
        label = Outcome(outcome).label
        details.append(("Kết quả", f"{label} (trả lại hồ sơ)" if data.get("returned") else label))
    if event.kind is EventKind.ASSIGN:
        officer = data.get("officer_id")
        details.append(
            ("Người xử lý", officers.get(officer, "Chưa phân công") if officer else "Chưa phân công")
        )
    if due := data.get("due_on"):
        details.append(("Hẹn trả", f"{date.fromisoformat(due):%d/%m/%Y}"))
    return TimelineEntry(
        seq=event.seq,
        kind=event.kind,
        title=event.kind.label,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=name or "Hệ thống",
        reason=event.reason,
        note=event.note,
        details=details,
    )


def _actions(state: DossierState, actor: Actor) -> list[ActionView]:
    possible = set(allowed(state))
    return [
        ActionView(kind=kind, slug=slug, label=label, final=kind in _FINAL)
        for kind, slug, label in ACTIONS
        if kind in possible and actor.may(NEEDS[kind])
    ]
