"""The rules by which due dates are counted for what the unit receives on a date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tthc.db.models import CalendarDayRow
from tthc.db.queries import calendar as queries
from tthc.db.queries import rules
from tthc.db.session import kept_for
from tthc.domain.calendar import CalendarDay, WorkingCalendar, WorkingHours
from tthc.domain.counting_rules import CountingRule
from tthc.domain.due_dates import DuePolicy
from tthc.domain.vocabulary import Confidence, DomainError
from tthc.services.transaction import is_writing


@dataclass(frozen=True)
class OfficeRules:
    """Calendar and policy together, with the rows that a due date has to remember."""

    calendar: WorkingCalendar
    policy: DuePolicy
    policy_id: int
    calendar_version_id: int


@dataclass(frozen=True)
class CalendarRows:
    """The days and covered years (year -> confirmed) that hold in one version of the calendar."""

    version_id: int
    days: tuple[CalendarDay, ...]
    years: tuple[tuple[int, bool], ...]
    #: The calendars that were laid out from these very rows, which takes longer than reading them.
    laid_out: dict[tuple[WorkingHours, bool], WorkingCalendar] = field(
        default_factory=dict, compare=False, repr=False
    )


def load_rules(
    session: Session,
    unit_id: int,
    received_on: date,
    *,
    calendar_version_id: int | None = None,
    policy_id: int | None = None,
) -> OfficeRules:
    """The newest calendar, with the hours and settings for what was received on ``received_on``.

    With ``calendar_version_id`` the calendar as it was in that version, and with ``policy_id`` the hours and
    settings of that very row: what was once promised is explained by what it was counted from, also where a
    rule was entered for the same date since.
    """
    row = (
        rules.policy_on(session, unit_id, received_on)
        if policy_id is None
        else rules.policy(session, policy_id)
    )
    return rules_of(load_rows(session, calendar_version_id), row)


def load_both_rules(
    session: Session, *, policy_id: int, calendar_version_id: int
) -> tuple[OfficeRules, OfficeRules]:
    """The rules of a promise: by the newest calendar, and by the version that it was counted on."""
    row = rules.policy(session, policy_id)
    newest = queries.newest_version(session)
    return (
        rules_of(_must_be(_kept_rows(session, newest, None)), row),
        rules_of(_must_be(_kept_rows(session, newest, calendar_version_id)), row),
    )


def load_rows(session: Session, calendar_version_id: int | None = None) -> CalendarRows:
    """The rows of a version of the calendar, by default of the newest; a version is read once by a process.

    A year is covered while it has at least one row: one whose rows were all taken back is not.
    """
    return _must_be(newest_rows(session, calendar_version_id))


def newest_rows(session: Session, calendar_version_id: int | None = None) -> CalendarRows | None:
    """The same, ``None`` while there is no calendar at all."""
    return _kept_rows(session, queries.newest_version(session), calendar_version_id)


def _must_be(rows: CalendarRows | None) -> CalendarRows:
    if rows is None:
        raise DomainError("Chưa có lịch làm việc; hãy nhập lịch nghỉ các năm rồi thực hiện lại.")
    return rows


def _kept_rows(session: Session, newest: Any, calendar_version_id: int | None) -> CalendarRows | None:
    if newest is None:
        return None
    version_id = newest.id if calendar_version_id is None else calendar_version_id
    key = ("calendar", tuple(newest), version_id)
    kept = kept_for(session)
    if key in kept:
        found: CalendarRows = kept[key]
        return found
    rows = _read_rows(session, version_id, None if version_id == newest.id else version_id)
    if not is_writing(session):
        kept[key] = rows
    return rows


def _read_rows(session: Session, version_id: int, at: int | None) -> CalendarRows:
    days = tuple(as_day(row) for row in queries.days_in_force(session, at))
    covered = {day.date.year for day in days}
    years = tuple(
        (year, status is Confidence.CONFIRMED)
        for year, status in queries.year_states(session, at).items()
        if year in covered
    )
    return CalendarRows(version_id, days, years)


def rules_of(rows: CalendarRows, row: Any) -> OfficeRules:
    """The rules of a calendar, real or only thought of, under a policy (a row, or its columns)."""
    rule = rule_of(row)
    return OfficeRules(
        calendar_under(rows, rule), rule.policy, policy_id=row.id, calendar_version_id=rows.version_id
    )


def rule_of(row: Any) -> CountingRule:
    """The stored row as a rule."""
    return CountingRule(
        hours=_hours(tuple((start, end) for start, end in row.hours_json)),
        cutoff=row.cutoff,
        shift_after_hours=row.shift_after_hours,
        due_at_mode=row.due_at_mode,
        count_worked_saturday=row.count_worked_saturday,
    )


@lru_cache(maxsize=100)
def _hours(spans: tuple[tuple[str, str], ...]) -> WorkingHours:
    """The hours of a rule; nearly every dossier asks for the same."""
    return WorkingHours(tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans))


def calendar_under(rows: CalendarRows, rule: CountingRule) -> WorkingCalendar:
    """The calendar as a rule reads it, kept or only thought of."""
    key = (rule.hours, rule.count_worked_saturday)
    if key not in rows.laid_out:
        rows.laid_out[key] = WorkingCalendar(
            rows.days, dict(rows.years), hours=rule.hours, count_worked_saturday=rule.count_worked_saturday
        )
    return rows.laid_out[key]


def as_day(row: CalendarDayRow | Row[Any]) -> CalendarDay:
    """The stored row, or what days are counted by of it, as the calendar reads it."""
    return CalendarDay(
        date=row.date,
        kind=row.kind,
        name=row.name,
        decision=row.decision,
        confirmed=row.confidence is Confidence.CONFIRMED,
    )
