"""The calendar as people look at it: a year with its months and rows, and the versions it went through."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import CalendarDayRow
from tthc.db.queries import calendar as queries
from tthc.db.queries import what_if as what_if_queries
from tthc.domain.calendar import CalendarDay, WorkingCalendar
from tthc.domain.calendar_changes import DayChange, day_changes
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import OFFICE_ZONE, Confidence, DayKind
from tthc.services.calendar import as_day, load_rows, newest_rows
from tthc.services.transaction import NotFound

#: From this month on next year's calendar should be confirmed: the decision is published in autumn.
_WARNING_MONTH = 10
_SATURDAY = 5


@dataclass(frozen=True)
class DayCell:
    """A date of a month: ``kind`` is ``None`` for one that follows its weekday, ``note`` says it in words."""

    date: date
    kind: DayKind | None
    weekend: bool
    confirmed: bool
    note: str


@dataclass(frozen=True)
class MonthView:
    """A month in weeks from Monday to Sunday; ``None`` stands for a date of another month."""

    number: int
    weeks: Sequence[Sequence[DayCell | None]]


@dataclass(frozen=True)
class DayView:
    """A row of the calendar, who entered it and when."""

    day: CalendarDay
    note: str
    by: str
    at: datetime
    version_id: int


@dataclass(frozen=True)
class YearView:
    """A year; ``confirmed`` is ``None`` where the calendar has no rows for it."""

    year: int
    confirmed: bool | None
    working_days: int | None
    months: Sequence[MonthView]
    rows: Sequence[DayView]
    years: Sequence[int]
    version_id: int


@dataclass(frozen=True)
class VersionRow:
    """A version of the calendar in the list of all."""

    id: int
    at: datetime
    by: str
    reason: str
    added: int
    removed: int
    first: bool


@dataclass(frozen=True)
class MovedRow:
    """A dossier that a version moved; ``reprint`` where the applicant holds a receipt with another date."""

    code: str
    procedure: str
    officer: str | None
    old_on: date
    new_on: date
    now_on: date
    ended: bool
    printed_on: date | None

    @property
    def reprint(self) -> bool:
        """Whether the applicant has to be given a new receipt."""
        return not self.ended and self.printed_on is not None and self.printed_on != self.now_on


@dataclass(frozen=True)
class VersionView:
    """A version with what it changed and whom it moved."""

    row: VersionRow
    added: Sequence[CalendarDay]
    removed: Sequence[CalendarDay]
    years: Mapping[int, bool]
    moved: Sequence[MovedRow]
    checksum: str

    @property
    def days(self) -> Sequence[DayChange]:
        """The dates that it changed."""
        return day_changes(self.added, self.removed)

    @property
    def reprints(self) -> Sequence[MovedRow]:
        """The dossiers whose receipt has to be printed again."""
        return [row for row in self.moved if row.reprint]


def get_year(session: Session, *, actor: Actor, year: int) -> YearView:
    """One year of the newest calendar."""
    actor.require(Action.VIEW_CALENDAR)
    rows = load_rows(session)
    states = dict(rows.years)
    # The calendar of the rows alone: whether limits count a worked Saturday is a rule of the unit.
    working = WorkingCalendar(rows.days, {**states, year: states.get(year, False)})
    days = {day.date: day for day in rows.days}
    covered = year in states
    weeks = Calendar()
    return YearView(
        year=year,
        confirmed=states.get(year),
        working_days=_working_days(working, year) if covered else None,
        months=[
            MonthView(
                month,
                [
                    [_cell(on, days.get(on), working) if on.month == month else None for on in week]
                    for week in weeks.monthdatescalendar(year, month)
                ],
            )
            for month in range(1, 13)
        ],
        rows=[
            DayView(
                as_day(row), working.day_note(row.date), name or "Hệ thống", version.recorded_at, version.id
            )
            for row, version, name in queries.days_with_authors(session, date(year, 1, 1), date(year, 12, 31))
        ],
        years=sorted(states),
        version_id=rows.version_id,
    )


def list_days(session: Session, *, actor: Actor, years: Sequence[int] = ()) -> list[CalendarDay]:
    """The rows in force, of some years or of all, in order; for export."""
    actor.require(Action.VIEW_CALENDAR)
    return [day for day in load_rows(session).days if not years or day.date.year in years]


def list_versions(session: Session, *, actor: Actor) -> list[VersionRow]:
    """Every version, newest first."""
    actor.require(Action.VIEW_CALENDAR)
    found = queries.versions(session)
    return [_version(raw, added, removed, raw is found[-1][0], name) for raw, name, added, removed in found]


def get_version(session: Session, *, actor: Actor, version_id: int) -> VersionView:
    """One version with the days that it changed and the dossiers that it moved."""
    actor.require(Action.VIEW_CALENDAR)
    found = queries.version(session, version_id)
    if found is None:
        raise NotFound(f"Không tìm thấy phiên bản {version_id} của lịch làm việc.")
    version, name = found
    rows = queries.days_of_version(session, version_id)
    added = _days(row for row in rows if row.added_in == version_id)
    removed = _days(row for row in rows if row.removed_in == version_id)
    first = not queries.year_states(session, version_id - 1)
    return VersionView(
        row=_version(version, len(added), len(removed), first, name),
        added=added,
        removed=removed,
        years={
            year: status is Confidence.CONFIRMED
            for year, status in queries.years_of_version(session, version_id).items()
        },
        moved=[_moved(raw) for raw in what_if_queries.moved_by(session, actor.unit_id, version_id)],
        checksum=version.checksum,
    )


def unconfirmed_year(session: Session, today: date) -> int | None:
    """The year whose calendar should be confirmed by now and is not; one small query, asked on every page.

    The present year at any time, the next from 1 October on.
    """
    years = [today.year]
    if today.month >= _WARNING_MONTH:
        years.append(today.year + 1)
    rows = newest_rows(session)
    confirmed = {year for year, sure in rows.years if sure} if rows else set()
    return next((year for year in years if year not in confirmed), None)


def _cell(on: date, row: CalendarDay | None, working: WorkingCalendar) -> DayCell:
    note = working.day_note(on)
    if row is not None and not row.confirmed:
        note += " – dự kiến"
    return DayCell(
        date=on,
        kind=row.kind if row else None,
        weekend=on.weekday() >= _SATURDAY,
        confirmed=row is None or row.confirmed,
        note=note if row else "",
    )


def _working_days(working: WorkingCalendar, year: int) -> int:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return working.working_days_between(first, last) + working.is_working_day(first)


def _days(rows: Any) -> list[CalendarDay]:
    found: list[CalendarDayRow] = list(rows)
    return [as_day(row) for row in found]


def _version(raw: Any, added: int, removed: int, first: bool, name: str | None) -> VersionRow:
    return VersionRow(raw.id, raw.recorded_at, name or "Hệ thống", raw.reason, added, removed, first)


def _moved(raw: Any) -> MovedRow:
    def local(moment: datetime) -> date:
        return moment.astimezone(OFFICE_ZONE).date()

    return MovedRow(
        code=raw.code,
        procedure=raw.procedure,
        officer=raw.officer,
        old_on=local(raw.old_at),
        new_on=local(raw.new_at),
        now_on=local(raw.now_at),
        ended=raw.ended_on is not None,
        printed_on=local(raw.printed_at) if raw.printed_at else None,
    )
