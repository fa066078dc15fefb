"""Due dates by stepping through the dates and minutes one at a time.

What the product counts is compared with this. Nothing of the product is imported here: the calendar is read
from its file with ``csv``, working hours are minutes of the day, moments have a fixed offset.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

SEED = Path(__file__).parents[2] / "tthc" / "seeds" / "calendar.csv"
HANOI = timezone(timedelta(hours=7))
ONE_DAY = timedelta(days=1)
ONE_MINUTE = timedelta(minutes=1)


def _seeded_kinds() -> dict[date, str]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return {date.fromisoformat(row["date"]): row["kind"] for row in csv.DictReader(file)}


#: Why a date of the seeded calendar differs from its weekday.
KINDS: Mapping[date, str] = _seeded_kinds()


@dataclass(frozen=True)
class Rules:
    """A calendar and how an office counts on it; minutes are those of the day, 450 is 07:30."""

    kinds: Mapping[date, str] = field(default_factory=lambda: KINDS)
    saturdays_count: bool = True
    spans: tuple[tuple[int, int], ...] = ((450, 690), (810, 1020))
    shift: bool = True
    cutoff: int | None = None
    at_clock_time: bool = False

    def worked(self, day: date) -> bool:
        """Whether limits count this date."""
        kind = self.kinds.get(day)
        if kind == "worked_saturday":
            return self.saturdays_count
        return kind is None and day.weekday() < 5

    @property
    def closing(self) -> int:
        """The last minute of a worked day."""
        return self.spans[-1][1]

    def open_at(self, minute: int) -> bool:
        """Whether the office is open then; at its closing minute it still is."""
        return any(start <= minute <= end for start, end in self.spans)


@dataclass(frozen=True)
class Case:
    """What was received, under which limit, and when the clock stood still; everything in whole minutes."""

    received: datetime
    segments: tuple[tuple[int, str], ...]
    rules: Rules = Rules()
    stands: tuple[tuple[datetime, datetime], ...] = ()
    #: Working days that follow the limit; for a limit in hours working minutes.
    extension: int = 0

    @property
    def in_hours(self) -> bool:
        """Whether working minutes are counted, not dates."""
        return self.segments[0][1] == "hour"


@dataclass(frozen=True)
class Counted:
    """The date on which the clock starts, the due moment, and how much each counted date was worth."""

    start: date
    due: datetime
    amounts: Mapping[date, int]


def count(case: Case) -> Counted:
    """Step from the receipt to the due moment."""
    start = first_moment(case)
    return _count_minutes(case, start) if case.in_hours else _count_dates(case, start)


def first_moment(case: Case) -> datetime:
    """The moment from which the clock runs."""
    rules, moment = case.rules, case.received
    if not rules.shift and not case.in_hours:
        return moment
    if rules.shift and rules.cutoff is not None and rules.worked(moment.date()):
        past = moment > midnight(moment.date()) + rules.cutoff * ONE_MINUTE
        moment = midnight(moment.date() + ONE_DAY) if past else moment
    while not (rules.worked(moment.date()) and rules.open_at(minute_of(moment))):
        moment += ONE_MINUTE
    return moment


def _count_dates(case: Case, start: datetime) -> Counted:
    rules, day, amounts = case.rules, start.date(), {}
    extension = ((case.extension, "working_day"),) if case.extension else ()
    for amount, unit in (*case.segments, *extension):
        left = amount if unit != "month" else (months_later(day, amount) - day).days
        while left:
            day += ONE_DAY
            if (unit != "working_day" or rules.worked(day)) and not stands_at_closing(case, day):
                amounts[day] = 1
                left -= 1
    if not rules.worked(day):
        while not rules.worked(day) or stands_at_closing(case, day):
            day += ONE_DAY
    clock = rules.closing
    if rules.at_clock_time:
        clock = minute_of(start)
        while clock < rules.closing and not rules.open_at(clock):
            clock += 1
        clock = min(clock, rules.closing)
    return Counted(start.date(), midnight(day) + clock * ONE_MINUTE, amounts)


def _count_minutes(case: Case, start: datetime) -> Counted:
    left = sum(amount for amount, _ in case.segments) * 60 + case.extension
    amounts: dict[date, int] = {}
    for minute in working_minutes(case.rules, start):
        if not any(begin <= minute < end for begin, end in case.stands):
            amounts[minute.date()] = amounts.get(minute.date(), 0) + 1
            left -= 1
        if not left:
            return Counted(start.date(), minute + ONE_MINUTE, amounts)
    raise AssertionError("working minutes never end")


def working_minutes(rules: Rules, since: datetime) -> Iterator[datetime]:
    """The beginnings of all worked minutes from a moment on."""
    day = since.date()
    while True:
        if rules.worked(day):
            for begin, end in rules.spans:
                for minute in range(begin, end):
                    moment = midnight(day) + minute * ONE_MINUTE
                    if moment >= since:
                        yield moment
        day += ONE_DAY


def stands_at_closing(case: Case, day: date) -> bool:
    """Whether the clock stands just before, at and just after the closing time of a date."""
    closing = midnight(day) + case.rules.closing * ONE_MINUTE
    moments = (closing - ONE_MINUTE / 2, closing, closing + ONE_MINUTE / 2)
    return all(any(begin <= moment <= end for begin, end in case.stands) for moment in moments)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: from the first of one month to the next."""
    target = day
    for _ in range(months):
        target = (target.replace(day=1) + timedelta(days=31)).replace(day=1)
    while target.day < day.day and (target + ONE_DAY).month == target.month:
        target += ONE_DAY
    return target


def midnight(day: date) -> datetime:
    """The moment at which a date begins."""
    return datetime(day.year, day.month, day.day, tzinfo=HANOI)


def minute_of(moment: datetime) -> int:
    """Which minute of its day a moment is in."""
    return moment.hour * 60 + moment.minute
