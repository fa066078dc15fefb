"""Random receipts and limits against a counter that steps through the calendar file by itself.

The expectation imports nothing of the product: it reads the seed with ``csv`` and goes date by date and
minute by minute.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tthc.domain.calendar import WorkingCalendar, confirmed_years, parse_days
from tthc.domain.due_dates import DuePolicy, LimitSegment, Pause, TimeLimit, compute_due_date
from tthc.domain.vocabulary import LimitUnit

SEED = Path(__file__).parents[2] / "tthc" / "seeds" / "calendar.csv"
CASES = 1000 if os.environ.get("TTHC_TEST_LONG") == "1" else 200
HANOI = timezone(timedelta(hours=7))
ONE_DAY = timedelta(days=1)
ONE_MINUTE = timedelta(minutes=1)

with SEED.open(encoding="utf-8", newline="") as file:
    KIND = {row["date"]: row["kind"] for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Case:
    received: datetime
    amount: int
    unit: str
    saturdays_count: bool
    shift: bool
    stands: tuple[tuple[datetime, datetime], ...]


def random_cases(seed: int, *, with_stands: bool) -> Iterator[Case]:
    source = random.Random(seed)
    first = datetime(2016, 1, 1, tzinfo=HANOI)
    minutes = (datetime(2026, 12, 31, 23, 59, tzinfo=HANOI) - first) // ONE_MINUTE
    most = {"working_day": 60, "day": 90, "hour": 40, "month": 4}
    for number in range(CASES):
        unit = list(most)[number % 4]
        received = first + source.randint(0, minutes) * ONE_MINUTE
        if source.random() < 0.2:  # the edges of the working day more often than chance has them
            clock = source.choice(
                [(7, 29), (7, 30), (11, 30), (11, 31), (13, 30), (16, 59), (17, 0), (17, 1)]
            )
            received = received.replace(hour=clock[0], minute=clock[1])
        stands = []
        for _ in range(source.randint(1, 3) if with_stands else 0):
            begin = received + source.randint(0, 20 * 24 * 60) * ONE_MINUTE
            stands.append((begin, begin + source.randint(0, 9 * 24 * 60) * ONE_MINUTE))
        yield Case(
            received,
            source.randint(1, most[unit]),
            unit,
            source.random() < 0.7,
            source.random() < 0.8,
            tuple(stands),
        )


def worked(case: Case, day: date) -> bool:
    kind = KIND.get(day.isoformat())
    if kind == "worked_saturday":
        return case.saturdays_count
    return kind is None and day.weekday() < 5


def minute_of(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def is_working_moment(case: Case, moment: datetime) -> bool:
    clock = minute_of(moment)
    return worked(case, moment.date()) and (450 <= clock <= 690 or 810 <= clock <= 1020)


def stands_at(case: Case, day: date) -> bool:
    closing = datetime(day.year, day.month, day.day, 17, tzinfo=HANOI)
    minute = closing - ONE_MINUTE, closing + ONE_MINUTE
    # Minutes are the finest grain here: the clock stands at closing if it does just before and after,
    # in one stand or in several that overlap there.
    return all(any(begin <= at <= end for begin, end in case.stands) for at in (*minute, closing))


def naive_due(case: Case) -> tuple[date, datetime]:
    """The clock start and the due moment, one step at a time."""
    moment = case.received
    if case.shift or case.unit == "hour":
        while not is_working_moment(case, moment):
            moment += ONE_MINUTE
    start = moment.date()
    if case.unit == "hour":
        left = case.amount * 60
        while left:
            clock = minute_of(moment)
            inside = worked(case, moment.date()) and (450 <= clock < 690 or 810 <= clock < 1020)
            if inside and not any(begin <= moment < end for begin, end in case.stands):
                left -= 1
            moment += ONE_MINUTE
        return start, moment
    day, left = start, case.amount
    if case.unit == "month":
        target = start
        for _ in range(case.amount):  # the first of the month that follows, and again
            target = (target.replace(day=1) + timedelta(days=31)).replace(day=1)
        while target.day < start.day and (target + ONE_DAY).month == target.month:
            target += ONE_DAY
        left = (target - start).days
    while left:
        day += ONE_DAY
        if (case.unit != "working_day" or worked(case, day)) and not stands_at(case, day):
            left -= 1
    if not worked(case, day):
        while not worked(case, day) or stands_at(case, day):
            day += ONE_DAY
    return start, datetime(day.year, day.month, day.day, 17, tzinfo=HANOI)


@pytest.mark.parametrize("with_stands", [False, True], ids=["plain", "with stands of the clock"])
def test_random_due_dates_agree_with_a_naive_counter(with_stands: bool) -> None:
    rows = parse_days(SEED.read_text(encoding="utf-8").splitlines())
    calendars = {
        counts: WorkingCalendar(rows, confirmed_years(rows), count_worked_saturday=counts)
        for counts in (True, False)
    }
    compared = 0
    for case in random_cases(20240614 + with_stands, with_stands=with_stands):
        counted = compute_due_date(
            case.received,
            TimeLimit((LimitSegment(case.amount, LimitUnit(case.unit)),)),
            calendars[case.saturdays_count],
            DuePolicy(shift_after_hours=case.shift),
            [Pause(begin, end) for begin, end in case.stands],
        )
        assert (counted.clock_start_on, counted.due_at) == naive_due(case), case
        assert worked(case, counted.due_on), case
        assert counted.days[-1].date == counted.due_on, case
        if case.unit in ("working_day", "day"):
            assert sum(row.counted for row in counted.days) == case.amount, case
        if case.unit == "hour":
            assert sum(row.amount for row in counted.days) == case.amount * 60, case
        compared += 1
    assert compared == CASES
