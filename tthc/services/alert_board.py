"""The supervisor's board: who has what is overdue or due soon, since when nobody answers, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import JobRun
from tthc.db.queries import alert_board as queries
from tthc.db.queries import alert_trend as trend_queries
from tthc.db.queries import job_runs as run_queries
from tthc.db.queries.alert_board import Criteria
from tthc.domain.alerts import LATE, SWEEP, Level, promise_passed, stage_on
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import vietnamese_name_key
from tthc.domain.timeliness import remaining_label
from tthc.domain.vocabulary import AlertStage, DossierState, LabelledEnum, SubjectKind, TimeUnit
from tthc.services import accounts, calendar, units, worklists
from tthc.services.alerts import may_answer
from tthc.services.views import PAGE_SIZE, Choice, JobRunView, Page

#: A board without a completed sweep for this day or the one before is stale.
_STALE_AFTER = timedelta(days=1)
#: So many points has the line of what was overdue.
TREND_POINTS = 12
_STANDS_STILL = (DossierState.AWAITING_SUPPLEMENT, DossierState.AWAITING_PAYMENT, DossierState.PAUSED)


class Grouping(LabelledEnum):
    """By what the board is grouped."""

    OFFICER = "officer", "Cán bộ"
    SECTOR = "sector", "Lĩnh vực"
    PROCEDURE = "procedure", "Thủ tục"


@dataclass(frozen=True)
class Answer:
    """What somebody said about a lateness."""

    reason_label: str
    reason: str
    promised_on: date | None
    at: datetime
    by: str | None


@dataclass(frozen=True)
class AlertRow:
    """An alert as the supervisor sees it; ``appointments`` as of :class:`worklists.DossierRow`.

    With an ``agency`` it is that agency's answer that is due, not the dossier. With a ``petition_id`` it is
    a petition: ``code`` is its number, ``procedure`` what it says, and nobody holds it. ``holder`` has it
    now: whoever has its open ``step``, else the ``officer`` that it was given to. ``unanswered_since`` is
    given once an alert has gone up to ``level``, which without a unit above are the supervisors; ``earlier``
    is the newest other answer about the same date; ``why`` says what else the dossier waits for.
    """

    id: int
    stage: AlertStage
    kind: SubjectKind
    code: str
    agency: str
    petition_id: int | None
    procedure: str
    sector: str
    applicant: str
    officer: str | None
    step: str
    holder: str | None
    due_on: date
    for_on: date
    raised_at: datetime
    remaining: str
    #: Working days that are left, below zero those that have passed; ``None`` beyond the calendar.
    days: int | None
    level: Level
    unanswered_since: datetime | None
    answer: Answer | None
    #: The day that the answer named is over.
    promise_passed: bool
    #: An answer is waited for: there is none, or its day is over.
    unanswered: bool
    #: Whoever looks may give it.
    may_answer: bool
    earlier: Answer | None
    why: Sequence[str]
    appointments: Sequence[str]


@dataclass(frozen=True)
class Group:
    """What an officer, a sector or a procedure has; ``id`` 0: what nobody has; or the ``petitions``."""

    id: int
    petitions: bool
    name: str
    late: int
    unanswered: int
    today: int
    soon: int
    earliest_on: date


@dataclass(frozen=True)
class Overdue:
    """How many dossiers were overdue at the end of a day."""

    on: date
    number: int


@dataclass(frozen=True)
class Sizes:
    """How many alerts each part of the board holds; ``unanswered``: of those that are late."""

    unanswered: int
    late: int
    today: int
    soon: int
    answered: int
    everything: int


@dataclass(frozen=True)
class AlertBoard:
    """The alerts page: open and answered alerts, grouped, and the proof that the scheduler ran."""

    page: Page[AlertRow]
    sizes: Sizes
    groups: Sequence[Group]
    trend: Sequence[Overdue]
    last_run: JobRunView | None
    stale: bool


@dataclass(frozen=True)
class BoardFilter(Criteria):
    """The whole state of the board, as its address holds it: what its list is narrowed to, and the rest."""

    by: Grouping = Grouping.OFFICER
    trend: TimeUnit = TimeUnit.DAY
    page: int = 1


def get_board(session: Session, *, actor: Actor, now: datetime, chosen: BoardFilter) -> AlertBoard:
    """The alerts that a filter admits, unanswered and longest overdue first, and when the sweep last ran."""
    actor.require(Action.VIEW_ALERTS)
    today = office_time(now).date()
    number = max(1, chosen.page)
    rows = _rows(session, actor, today, chosen, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    total = queries.count(session, actor.unit_id, today, chosen)
    everything = replace(chosen, stage=None, answered=None, alert_id=None)
    last_day = run_queries.last_complete_day(session, SWEEP, now)
    run = run_queries.last_run(session, SWEEP, now, ended=True)
    return AlertBoard(
        page=Page(rows, total, number),
        sizes=Sizes(*queries.sizes(session, actor.unit_id, today, everything)),
        groups=_groups(session, actor, today, everything, chosen.by),
        trend=_trend(session, actor, today, chosen.trend),
        last_run=_run(run) if run else None,
        stale=last_day is None or last_day < today - _STALE_AFTER,
    )


def all_rows(session: Session, *, actor: Actor, today: date, chosen: BoardFilter) -> Sequence[AlertRow]:
    """Every alert that a filter admits, whatever its page."""
    actor.require(Action.VIEW_ALERTS)
    return _rows(session, actor, today, chosen, offset=0, limit=None)


def holder_choices(session: Session, *, actor: Actor, now: datetime) -> list[Choice]:
    """Whom the board can be narrowed to: those who may work on dossiers, and whoever else has some."""
    actor.require(Action.VIEW_ALERTS)
    people = accounts.officers(session, actor.unit_id, office_time(now).date())
    known = {one.value for one in people}
    others = [Choice(str(number), name) for number, name in queries.holders(session, actor.unit_id)]
    return [
        Choice("0", "Chưa phân công"),
        *sorted(
            [*people, *(one for one in others if one.value not in known)],
            key=lambda one: (vietnamese_name_key(one.label), one.value),
        ),
    ]


def _groups(session: Session, actor: Actor, today: date, criteria: Criteria, by: Grouping) -> list[Group]:
    found = []
    for number, name, *counted in queries.groups(session, actor.unit_id, today, criteria, by.value):
        petitions = number == queries.PETITIONS
        words = SubjectKind.PETITION.label if petitions else name or "Chưa phân công"
        found.append(Group(0 if petitions else number or 0, petitions, words, *counted))
    return sorted(
        found,
        key=lambda one: (
            one.petitions,
            -one.late,
            -one.today,
            -one.soon,
            vietnamese_name_key(one.name),
            one.id,
        ),
    )


def _trend(session: Session, actor: Actor, today: date, unit: TimeUnit) -> list[Overdue]:
    """The last working days up to today, or the last Sundays and today; as far as the calendar reaches."""
    if unit is TimeUnit.WEEK:
        sunday = today - timedelta(days=today.isoweekday() % 7)
        days = {today, *(sunday - timedelta(weeks=back) for back in range(TREND_POINTS - 1))}
    else:
        working = calendar.load_rules(session, actor.unit_id, today).calendar
        try:
            days = {today, *(working.add_working_days(today, -back) for back in range(1, TREND_POINTS))}
        except CalendarNotCovered:
            days = {today - timedelta(days=back) for back in range(TREND_POINTS)}
    points = sorted(days)
    numbers = trend_queries.overdue_at_end(session, actor.unit_id, points)
    return [Overdue(on, number) for on, number in zip(points, numbers, strict=True)]


def _days(due_on: date, today: date, working: WorkingCalendar) -> int | None:
    try:
        return working.working_days_between(today, due_on)
    except CalendarNotCovered:
        return None


def _rows(
    session: Session, actor: Actor, today: date, criteria: Criteria, *, offset: int, limit: int | None
) -> list[AlertRow]:
    working = calendar.load_rules(session, actor.unit_id, today).calendar
    found = queries.page(session, actor.unit_id, today, criteria, offset=offset, limit=limit)
    earlier = queries.earlier_answers(session, [raw.Alert.due_date_id for raw in found])
    highest = Level.SUPERVISORS if units.above(session, actor.unit_id) is None else Level.ABOVE
    return [_row(raw, earlier, today, working, actor, highest) for raw in found]


def _row(
    raw: Any,
    earlier: Mapping[int, Sequence[Any]],
    today: date,
    working: WorkingCalendar,
    actor: Actor,
    highest: Level,
) -> AlertRow:
    alert = raw.Alert
    of_dossier = alert.subject_kind is SubjectKind.DOSSIER
    told = next(
        (one for one in earlier.get(alert.due_date_id, ()) if one.acknowledged_at != alert.acknowledged_at),
        None,
    )
    level = min(Level(alert.level), highest)
    return AlertRow(
        id=alert.id,
        stage=stage_on(alert.stage, alert.threshold, raw.due_on, today),
        kind=alert.subject_kind,
        code=raw.code,
        agency=raw.agency,
        petition_id=raw.petition_id,
        procedure=raw.procedure,
        sector=raw.sector or "",
        applicant=raw.applicant or "Không nêu tên",
        officer=raw.officer,
        step=raw.step or "",
        holder=raw.holder,
        due_on=raw.due_on,
        for_on=alert.for_on,
        raised_at=alert.raised_at,
        remaining=remaining_label(raw.due_on, today, working),
        days=_days(raw.due_on, today, working),
        level=level,
        unanswered_since=raw.since if level > Level.HOLDER and alert.stage in LATE else None,
        answer=answer_of(alert, raw.supervisor) if alert.acknowledged_at is not None else None,
        promise_passed=promise_passed(alert.promised_on, today),
        unanswered=bool(raw.unanswered),
        may_answer=bool(raw.unanswered) and may_answer(actor, {raw.holder_id, raw.officer_id}),
        earlier=answer_of(told, told.by) if told is not None else None,
        why=_why(raw) if of_dossier else [],
        appointments=worklists.appointments(raw.due_on, raw.first_due_on, raw.appointment_on)
        if of_dossier
        else [],
    )


def _why(raw: Any) -> list[str]:
    """What the dossier waits for while its date comes or has passed."""
    found = []
    if raw.state in _STANDS_STILL:
        found.append(f"{raw.state.label}, thời hạn vẫn tính")
    if raw.asked:
        found.append(f"chờ ý kiến {raw.asked}")
    if raw.proposed_on is not None:
        found.append(f"đề nghị gia hạn đến {raw.proposed_on:%d/%m/%Y}")
    return found


def answer_of(row: Any, by: str | None) -> Answer:
    """The answer in a row of alerts."""
    label = row.reason_code.label
    return Answer(label, row.reason, row.promised_on, row.acknowledged_at, by)


def _run(run: JobRun) -> JobRunView:
    counts = run.counts_json
    return JobRunView(
        name=run.name,
        for_on=run.for_on,
        started_at=run.started_at,
        ended_at=run.ended_at,
        state=run.state,
        examined=counts.get("examined", 0),
        consulting=counts.get("consulting", 0),
        petitions=counts.get("petitions", 0),
        raised=sum(counts.get("raised", {}).values()),
        withdrawn=counts.get("withdrawn", 0),
        failed=counts.get("failed", 0),
        error=run.error,
    )
