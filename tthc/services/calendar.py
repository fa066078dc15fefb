"""The rules by which due dates are counted for what the unit receives on a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from sqlalchemy.orm import Session

from tthc.db.models import DuePolicyRow
from tthc.db.queries import calendar as queries
from tthc.db.queries import rules
from tthc.domain.calendar import CalendarDay, WorkingCalendar, WorkingHours
from tthc.domain.due_dates import DuePolicy
from tthc.domain.vocabulary import Confidence, DomainError


@dataclass(frozen=True)
class OfficeRules:
    """Calendar and policy together, with the rows that a due date has to remember."""

    calendar: WorkingCalendar
    policy: DuePolicy
    policy_id: int
    calendar_version_id: int


def load_rules(session: Session, unit_id: int, received_on: date) -> OfficeRules:
    """The newest calendar, with the hours and settings for what was received on ``received_on``."""
    row = rules.policy_on(session, unit_id, received_on)
    version_id = queries.newest_version_id(session)
    if version_id is None:
        raise DomainError("Chưa có lịch làm việc; hãy nhập lịch nghỉ các năm rồi thực hiện lại.")
    days = tuple(
        CalendarDay(
            date=day.date,
            kind=day.kind,
            name=day.name,
            decision=day.decision,
            confirmed=day.confidence is Confidence.CONFIRMED,
        )
        for day in queries.days_in_force(session)
    )
    years = tuple(
        (year, status is Confidence.CONFIRMED) for year, status in queries.year_states(session).items()
    )
    calendar = _calendar(days, years, _hours(row), row.count_worked_saturday)
    policy = DuePolicy(
        shift_after_hours=row.shift_after_hours, cutoff=row.cutoff, due_at_mode=row.due_at_mode
    )
    return OfficeRules(calendar, policy, policy_id=row.id, calendar_version_id=version_id)


@lru_cache(maxsize=8)
def _calendar(
    days: tuple[CalendarDay, ...], years: tuple[tuple[int, bool], ...], hours: WorkingHours, saturdays: bool
) -> WorkingCalendar:
    """The calendar of these very rows; laying out its years takes longer than reading them."""
    return WorkingCalendar(days, dict(years), hours=hours, count_worked_saturday=saturdays)


def _hours(row: DuePolicyRow) -> WorkingHours:
    return WorkingHours(
        tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in row.hours_json)
    )
