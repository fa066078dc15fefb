"""The office as it is seeded, and short ways to say what was received there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path

from hypothesis import settings

from tthc.domain.calendar import WorkingCalendar, WorkingHours, confirmed_years, parse_days
from tthc.domain.due_dates import DueDate, DuePolicy, Pause, compute_due_date
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, DueAtMode, LimitUnit

SEED = Path(__file__).parents[2] / "tthc" / "seeds" / "calendar.csv"
DAYS = parse_days(SEED.read_text(encoding="utf-8").splitlines())
YEARS = confirmed_years(DAYS)
#: Saturdays worked in exchange count toward limits, or do not.
COUNTING = WorkingCalendar(DAYS, YEARS)
NOT_COUNTING = WorkingCalendar(DAYS, YEARS, count_worked_saturday=False)
#: A lunch break of an hour and a half, and with it a day of eight hours.
EIGHT_HOURS = WorkingHours(((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0))))

WORKING_DAY, DAY, MONTH, HOUR = LimitUnit.WORKING_DAY, LimitUnit.DAY, LimitUnit.MONTH, LimitUnit.HOUR
UNSHIFTED = DuePolicy(shift_after_hours=False)
AT_CLOCK_TIME = DuePolicy(due_at_mode=DueAtMode.CLOCK_TIME)

#: Of every property of this folder, so that each fails on the same example everywhere.
PROPERTIES = settings(
    max_examples=2000 if os.environ.get("TTHC_TEST_LONG") == "1" else 100,
    derandomize=True,
    deadline=None,
    database=None,
)


def at(text: str) -> datetime:
    """An office moment: "2026-06-01T09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_ZONE)


def on(text: str) -> date:
    """A date: "2026-06-01"."""
    return date.fromisoformat(text)


def limit(*segments: tuple[int, LimitUnit]) -> TimeLimit:
    """A limit of one segment or several."""
    return TimeLimit(tuple(LimitSegment(amount, unit) for amount, unit in segments))


def stands(spans: Iterable[tuple[str, str]]) -> list[Pause]:
    """Stands of the clock, each between two office moments."""
    return [Pause(at(start), at(end)) for start, end in spans]


def due(
    received: str,
    amount: int,
    unit: LimitUnit,
    *pauses: tuple[str, str],
    calendar: WorkingCalendar = COUNTING,
    policy: DuePolicy | None = None,
    extension: int = 0,
) -> DueDate:
    """The due date of what was received at an office moment under a limit of one segment."""
    return compute_due_date(
        at(received), limit((amount, unit)), calendar, policy, stands(pauses), extension=extension
    )
