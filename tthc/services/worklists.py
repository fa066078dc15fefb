"""What people look at first: the numbers of the day, and lists of dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import filings as filing_queries
from tthc.db.queries import petitions as petition_queries
from tthc.db.queries import worklists as queries
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.permissions import Action, Actor
from tthc.domain.timeliness import last_day_of_notice, remaining_label, standing, timeliness
from tthc.domain.vocabulary import OFFICE_ZONE, OUT_OF_HAND, Channel, DomainError, DossierState, FilingState
from tthc.services import accounts, agencies, calendar, catalogue, uncollected
from tthc.services.views import PAGE_SIZE, Choice, DossierRow, HomeCount, HomeView, Page

#: The numbers of the first page, in the order of urgency.
HOME_BUCKETS = (
    ("overdue", "Quá hạn"),
    ("today", "Hôm nay"),
    ("due_soon", "Sắp đến hạn"),
    ("awaiting_supplement", "Chờ bổ sung"),
)

#: What only those are shown there who decide it.
PROPOSED = ("extension_proposed", "Chờ duyệt gia hạn")

#: The groups of the list.
BUCKETS = {
    "mine": "Việc của tôi",
    "extension_proposed": PROPOSED[1],
    "pending": "Đang giải quyết",
    "overdue": "Quá hạn",
    "today": "Đến hạn hôm nay",
    "due_soon": "Sắp đến hạn",
    "awaiting_supplement": "Chờ bổ sung",
    "awaiting_opinion": "Chờ ý kiến",
    "unassigned": "Chưa phân công",
    "to_hand_over": "Chờ trả kết quả",
}

#: What somebody who may act on it finds first; without the right the first two are not shown at all.
_TO_ACT_ON = (
    ("mine", Action.PROCESS_DOSSIER),
    ("extension_proposed", Action.APPROVE_EXTENSION),
    ("to_hand_over", Action.HAND_OVER_DOSSIER),
    ("unassigned", Action.ASSIGN_DOSSIER),
)
_ONLY_TO_ACT_ON = frozenset({"mine", "extension_proposed"})


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
    #: Of whoever looks alone: in charge of the dossier, or with its step in hand.
    mine: bool = False
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
    today = office_day(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    days = _days(session, rules.calendar, today)
    buckets = [*HOME_BUCKETS, PROPOSED] if actor.may(Action.APPROVE_EXTENSION) else HOME_BUCKETS
    names = [name for name, _ in buckets]
    sizes = queries.bucket_counts(
        session, unit_id=actor.unit_id, days=days, account_id=actor.account_id, mine=mine, names=names
    )
    where = queries.conditions(
        unit_id=actor.unit_id, days=days, account_id=actor.account_id, in_bucket="mine" if mine else "pending"
    )
    first = queries.rows(session, where, sort="due", offset=0, limit=20)
    return HomeView(
        today=today,
        counts=[HomeCount(name, label, sizes[name]) for name, label in buckets],
        first=[row_of(raw, today, rules.calendar) for raw in first],
        waiting_filings=filing_queries.count(session, actor.unit_id, FilingState.WAITING),
        open_petitions=petition_queries.count_pending(session, actor.unit_id),
        uncollected=uncollected.count_due(session, actor=actor, now=now)
        if actor.may(Action.HAND_OVER_DOSSIER)
        else None,
        first_day=not queries.has_worked(session, actor.unit_id, actor.account_id),
    )


def group_names(actor: Actor) -> list[str]:
    """The groups of the list for a role: what it has to act on, then what everybody watches."""
    first = [name for name, action in _TO_ACT_ON if actor.may(action)]
    return first + [name for name in BUCKETS if name not in first and name not in _ONLY_TO_ACT_ON]


def groups(session: Session, *, actor: Actor, now: datetime) -> list[HomeCount]:
    """The groups of the list with their sizes, in two passes over two indexes."""
    actor.require(Action.VIEW_DOSSIERS)
    today = office_day(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    names = group_names(actor)
    sizes = queries.bucket_counts(
        session,
        unit_id=actor.unit_id,
        days=_days(session, rules.calendar, today),
        account_id=actor.account_id,
        names=names,
    )
    return [HomeCount(name, BUCKETS[name], sizes[name]) for name in names]


def in_usual_order(criteria: DossierFilter) -> DossierFilter:
    """What waits for work: earliest due first; where ended dossiers are among them: the newest first."""
    all_states = criteria.state is None and not criteria.bucket and not criteria.mine
    return replace(criteria, sort="-due" if all_states or criteria.state in OUT_OF_HAND else "due")


def list_dossiers(
    session: Session, *, actor: Actor, now: datetime, criteria: DossierFilter
) -> Page[DossierRow]:
    """One page of the dossiers that ``criteria`` admits."""
    today, working, where = _admitted(session, actor, now, criteria)
    number = max(1, criteria.page)
    found = queries.rows(session, where, sort=criteria.sort, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    rows = [row_of(raw, today, working) for raw in found]
    if criteria.bucket == "overdue":
        late = agencies.late_at(session, actor.unit_id, [row.code for row in rows], today=today)
        rows = [replace(row, late_at=late.get(row.code, "")) for row in rows]
    return Page(
        rows=rows,
        total=queries.count(session, where),
        number=number,
    )


def all_dossiers(
    session: Session, *, actor: Actor, now: datetime, criteria: DossierFilter, most: int
) -> list[DossierRow]:
    """The dossiers that ``criteria`` admits, whatever the page, ``most`` at the most."""
    today, working, where = _admitted(session, actor, now, criteria)
    found = queries.rows(session, where, sort=criteria.sort, offset=0, limit=most)
    return [row_of(raw, today, working) for raw in found]


def _admitted(
    session: Session, actor: Actor, now: datetime, criteria: DossierFilter
) -> tuple[date, WorkingCalendar, list[Any]]:
    """The day, the calendar, and the conditions of a filter; the page, its count and a file share them."""
    actor.require(Action.VIEW_DOSSIERS)
    if criteria.sort not in queries.SORTS:
        raise DomainError("Cách sắp xếp không hợp lệ.", "sort")
    if criteria.bucket is not None and criteria.bucket not in BUCKETS:
        raise DomainError("Nhóm hồ sơ không hợp lệ.", "bucket")
    today = office_day(now)
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
        mine=criteria.mine,
    )
    return today, rules.calendar, where


def filter_choices(session: Session, *, actor: Actor, now: datetime) -> FilterChoices:
    """The sectors, procedures and people that a list can be narrowed to."""
    actor.require(Action.VIEW_DOSSIERS)
    today = office_day(now)
    return FilterChoices(
        sectors=[Choice(str(sector.id), sector.name) for sector in queries.sectors(session)],
        procedures=catalogue.procedure_choices(session, actor=actor, on=today),
        officers=[Choice("0", "Chưa phân công"), *accounts.officers(session, actor.unit_id, today)],
    )


def office_day(now: datetime) -> date:
    """The office's date of an instant."""
    return now.astimezone(OFFICE_ZONE).date()


def _days(session: Session, working: WorkingCalendar, today: date) -> queries.Days:
    notice = queries.notice_days(session)
    return queries.Days(today, {amount: last_day_of_notice(today, working, amount) for amount in notice})


def row_of(raw: Any, today: date, working: WorkingCalendar) -> DossierRow:
    """A row of :func:`tthc.db.queries.worklists.rows` as lists show it on a day."""
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
        first_due_on,
        appointment_on,
        proposed_on,
        step,
        holder,
        step_due_on,
        version,
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
        appointments=tuple(appointments(due_on, first_due_on, appointment_on, proposed_on)),
        step=step or "",
        holder=holder,
        step_due_on=step_due_on,
        version=version,
    )


def appointments(
    due_on: date, first_due_on: date, appointment_on: date, proposed_on: date | None = None
) -> list[str]:
    """What to say beside the date that counts: the first one, one that was told too late, one proposed."""
    said = []
    if first_due_on != due_on:
        said.append(f"hẹn đầu {first_due_on:%d/%m/%Y}")
    if appointment_on != due_on:
        said.append(f"hẹn lại {appointment_on:%d/%m/%Y} – không tính đúng hạn")
    if proposed_on is not None:
        said.append(f"đề nghị gia hạn đến {proposed_on:%d/%m/%Y}")
    return said
