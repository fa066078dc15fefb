"""Due dates: the rules that hold for every receipt, limit, calendar, working day and stand of the clock.

Each expected date comes from the counter in ``naive_counter``, which knows nothing of the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise, takewhile

import time_machine
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.naive_counter import (
    HANOI,
    KINDS,
    ONE_DAY,
    ONE_MINUTE,
    Case,
    Rules,
    count,
    first_moment,
    midnight,
    stands_at_closing,
    working_minutes,
)
from tests.domain.seeded_office import PROPERTIES, YEARS, limit
from tthc.domain.calendar import CalendarDay, WorkingCalendar, WorkingHours
from tthc.domain.due_dates import DueDate, DuePolicy, Pause, compute_due_date, measure_extension
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import DayKind, DueAtMode, LimitUnit

DAYS_ONLY = ("working_day", "day", "month")
_MOST = {"working_day": 60, "day": 90, "month": 4, "hour": 40}

_MARKS = st.sampled_from([2, 4]).flatmap(
    lambda number: st.lists(st.integers(360, 1200), min_size=number, max_size=number, unique=True).map(sorted)
)
_SPANS = st.one_of(
    st.just(Rules().spans), _MARKS.map(lambda marks: tuple(zip(marks[::2], marks[1::2], strict=True)))
)
_RULES = st.builds(
    Rules,
    saturdays_count=st.booleans(),
    spans=_SPANS,
    shift=st.booleans(),
    cutoff=st.one_of(st.none(), st.integers(420, 1080)),
    at_clock_time=st.booleans(),
)


def segments(*units: str) -> st.SearchStrategy[tuple[tuple[int, str], ...]]:
    """A limit in one of these units."""
    return st.sampled_from(units).flatmap(
        lambda unit: st.tuples(st.tuples(st.integers(1, _MOST[unit]), st.just(unit)))
    )


_CHAINS = st.one_of(
    segments(*_MOST),
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(["working_day", "day"])), min_size=2, max_size=3),
    st.tuples(st.tuples(st.integers(1, 3), st.just("month")), st.tuples(st.integers(1, 9), st.just("day"))),
    st.lists(st.tuples(st.integers(1, 15), st.just("hour")), min_size=2, max_size=3),
).map(tuple)


@st.composite
def cases(draw: st.DrawFn, of: st.SearchStrategy[tuple[tuple[int, str], ...]] = _CHAINS) -> Case:
    """A receipt, sometimes with an extension, without stands; often on an edge of the working day."""
    rules = draw(_RULES)
    marks = [minute for span in rules.spans for minute in span] + ([rules.cutoff] if rules.cutoff else [])
    edges = [minute + step for minute in marks for step in (-1, 0, 1)]
    day = draw(st.dates(date(2016, 1, 1), date(2026, 9, 30)))
    minute = draw(st.one_of(st.integers(0, 24 * 60 - 1), st.sampled_from(edges)))
    case = Case(midnight(day) + minute * ONE_MINUTE, draw(of), rules)
    if draw(st.booleans()):
        return case
    return replace(case, extension=draw(st.integers(1, 1500 if case.in_hours else 15)))


#: Stands as minutes from a moment, and their lengths.
_STANDS = st.lists(st.tuples(st.integers(0, 20 * 1440), st.integers(0, 9 * 1440)), max_size=3)


def standing(case: Case, since: datetime, spans: Sequence[tuple[int, int]]) -> Case:
    """The case with stands that begin so many minutes after a moment."""
    stands = [(since + begin * ONE_MINUTE, since + (begin + length) * ONE_MINUTE) for begin, length in spans]
    return replace(case, stands=tuple(stands))


def calendar_of(rules: Rules) -> WorkingCalendar:
    """The product's calendar for the same rules."""
    return WorkingCalendar(
        [CalendarDay(day, DayKind(kind), kind) for day, kind in rules.kinds.items()],
        YEARS,
        hours=WorkingHours(tuple((clock(start), clock(end)) for start, end in rules.spans)),
        count_worked_saturday=rules.saturdays_count,
    )


def clock(minute: int) -> time:
    """The time of day at a minute of it."""
    return time(*divmod(minute, 60))


def terms(case: Case) -> tuple[datetime, TimeLimit, WorkingCalendar, DuePolicy, list[Pause]]:
    """The case in the product's own words."""
    rules = case.rules
    return (
        case.received,
        limit(*((amount, LimitUnit(unit)) for amount, unit in case.segments)),
        calendar_of(rules),
        DuePolicy(
            shift_after_hours=rules.shift,
            cutoff=clock(rules.cutoff) if rules.cutoff else None,
            due_at_mode=DueAtMode.CLOCK_TIME if rules.at_clock_time else DueAtMode.CLOSING,
        ),
        [Pause(begin, end) for begin, end in case.stands],
    )


def reckon(case: Case) -> DueDate:
    """The product's due date, held against the naive counter's."""
    found = compute_due_date(*terms(case), extension=case.extension)
    expected = count(case)
    assert (found.clock_start_on, found.due_at) == (expected.start, expected.due)
    assert found.due_on == expected.due.date()
    assert {row.date: row.amount for row in found.days if row.counted} == expected.amounts
    return found


def promise(case: Case) -> date | datetime:
    """What is compared: the date where the clock time of receipt is promised, else the moment."""
    counted = reckon(case)
    return counted.due_on if case.rules.at_clock_time and not case.in_hours else counted.due_at


@PROPERTIES
@given(case=cases(), spans=_STANDS)
def test_stepping_one_at_a_time_gives_the_same(case: Case, spans: list[tuple[int, int]]) -> None:
    reckon(standing(case, case.received, spans))


# --- due dates are monotone ---------------------------------------------------------------------------


@PROPERTIES
@given(case=cases(), more=st.integers(1, 9), spans=_STANDS)
def test_a_longer_limit_is_never_due_earlier(case: Case, more: int, spans: list[tuple[int, int]]) -> None:
    case = standing(case, case.received, spans)
    [*rest, (amount, unit)] = case.segments
    assert promise(case) <= promise(replace(case, segments=(*rest, (amount + more, unit))))


@PROPERTIES
@given(case=cases(), minutes=st.integers(0, 20_000), spans=_STANDS)
def test_what_is_received_later_is_never_due_earlier(
    case: Case, minutes: int, spans: list[tuple[int, int]]
) -> None:
    later = replace(case, received=case.received + minutes * ONE_MINUTE)
    since = first_moment(later)
    assert promise(standing(case, since, spans)) <= promise(standing(later, since, spans))


@PROPERTIES
@given(case=cases(), offset=st.integers(-5, 150), spans=_STANDS)
def test_a_holiday_never_makes_it_earlier_and_a_make_up_day_never_later(
    case: Case, offset: int, spans: list[tuple[int, int]]
) -> None:
    day = case.received.date() + timedelta(days=offset)
    assume(2016 <= day.year <= 2027)
    rest = {other: kind for other, kind in KINDS.items() if other != day}

    def with_row(kind: str | None) -> Case:
        return replace(case, rules=replace(case.rules, kinds={**rest, day: kind} if kind else rest))

    added = ["holiday", "worked_saturday"] if day.weekday() == 5 else ["holiday"]
    variants = {kind: with_row(kind) for kind in (None, *added)}
    since = max(first_moment(variant) for variant in variants.values())
    due = {kind: promise(standing(variant, since, spans)) for kind, variant in variants.items()}
    # Read from right to left: removing a holiday never makes it later.
    assert due[None] <= due["holiday"]
    if "worked_saturday" in due:
        assert due["worked_saturday"] <= due[None]
        assert case.rules.saturdays_count or due["worked_saturday"] == due[None]


# --- on what a due date does not depend ---------------------------------------------------------------


@PROPERTIES
@given(case=cases(segments(*DAYS_ONLY)), spans=_SPANS)
def test_given_the_start_a_limit_in_days_does_not_depend_on_the_hours(
    case: Case, spans: tuple[tuple[int, int], ...]
) -> None:
    other = replace(case, rules=replace(case.rules, spans=spans))
    assume(first_moment(case).date() == first_moment(other).date())
    first, second = reckon(case), reckon(other)
    assert first.due_on == second.due_on
    assert [(row.date, row.counted) for row in first.days] == [(row.date, row.counted) for row in second.days]


@PROPERTIES
@given(
    case=cases(),
    spans=_STANDS,
    today=st.datetimes(datetime(2016, 1, 1), datetime(2027, 12, 31), timezones=st.just(HANOI)),
)
def test_a_due_date_does_not_depend_on_today(
    case: Case, spans: list[tuple[int, int]], today: datetime
) -> None:
    case = standing(case, case.received, spans)
    with time_machine.travel(today, tick=False):
        then = reckon(case)
    assert then == reckon(case)


# --- stands of the clock ------------------------------------------------------------------------------


@PROPERTIES
@given(
    case=cases(segments(*DAYS_ONLY)),
    offset=st.integers(0, 60),
    minutes=st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2).map(sorted),
)
def test_a_stop_and_its_end_on_one_day_change_nothing_for_days(
    case: Case, offset: int, minutes: list[int]
) -> None:
    begin, end = minutes
    assume(not begin < case.rules.closing < end)
    day = midnight(case.received.date() + timedelta(days=offset))
    stood = replace(case, stands=((day + begin * ONE_MINUTE, day + end * ONE_MINUTE),))
    assert reckon(stood) == reckon(case)


@PROPERTIES
@given(
    case=cases(segments(*_MOST)),
    marks=st.lists(st.integers(0, 6 * 1440), min_size=4, max_size=4, unique=True).map(sorted),
)
def test_two_disjoint_stands_are_their_sum(case: Case, marks: list[int]) -> None:
    start = first_moment(case)
    begin_1, end_1, begin_2, end_2 = (start + mark * ONE_MINUTE for mark in marks)
    [(_, unit)] = case.segments
    # Both stands lie between the start and the due date of the plain count.
    case = replace(case, segments=(({"month": 1, "hour": 40}.get(unit, 30), unit),), extension=0)
    assume(count(case).due >= end_2)

    def lost(*stands: tuple[datetime, datetime]) -> int:
        stood = replace(case, stands=stands)
        counted = reckon(stood)
        if unit == "hour":
            minutes = working_minutes(case.rules, start)
            passed = list(takewhile(lambda minute: minute < counted.due_at, minutes))
            taken = [minute for minute in passed if any(begin <= minute < end for begin, end in stands)]
            assert len(passed) == sum(row.amount for row in counted.days) + len(taken)
            return len(taken)
        last = max(row.date for row in counted.days if row.counted)
        dates = [start.date() + n * ONE_DAY for n in range(1, (last - start.date()).days + 1)]
        countable = [day for day in dates if unit != "working_day" or case.rules.worked(day)]
        taken_dates = [day for day in countable if stands_at_closing(stood, day)]
        assert len(countable) == sum(row.counted for row in counted.days) + len(taken_dates)
        return len(taken_dates)

    assert lost() == 0
    assert lost((begin_1, end_1), (begin_2, end_2)) == lost((begin_1, end_1)) + lost((begin_2, end_2))


@PROPERTIES
@given(
    case=cases(segments("working_day", "hour")),
    offset=st.integers(0, 40),
    gap=st.integers(0, 2),
    share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_stand_outside_working_time_takes_nothing_from_working_days_and_hours(
    case: Case, offset: int, gap: int, share: tuple[float, float]
) -> None:
    day = case.received.date() + timedelta(days=offset)
    while not case.rules.worked(day):
        day += ONE_DAY
    following = day + ONE_DAY
    while not case.rules.worked(following):
        following += ONE_DAY
    # Before opening, at lunch, and from closing to the next opening, as minutes of the day.
    opens = case.rules.spans[0][0]
    breaks = [(earlier[1], later[0]) for earlier, later in pairwise(case.rules.spans)]
    overnight = (case.rules.closing, (following - day).days * 24 * 60 + opens)
    gaps = [(0, opens), *breaks, overnight]
    since, until = (midnight(day) + minute * ONE_MINUTE for minute in gaps[gap % len(gaps)])
    begin, end = (since + round((until - since) / ONE_MINUTE * part) * ONE_MINUTE for part in sorted(share))
    assert reckon(replace(case, stands=((begin, end),))).due_at == reckon(case).due_at


# --- extensions ---------------------------------------------------------------------------------------


@PROPERTIES
@given(case=cases(), spans=_STANDS, working_days=st.integers(1, 20))
def test_an_extension_is_measured_to_end_on_the_new_date(
    case: Case, spans: list[tuple[int, int]], working_days: int
) -> None:
    case = standing(replace(case, extension=0), case.received, spans)
    new = reckon(case).due_on
    for _ in range(working_days):
        new += ONE_DAY
        while not case.rules.worked(new):
            new += ONE_DAY
    assume(not any(begin.date() <= new <= end.date() for begin, end in case.stands))
    extension = measure_extension(*terms(case), new_due_on=new)
    counted = reckon(replace(case, extension=extension))
    assert counted.due_on == new
    if case.in_hours:
        assert counted.due_at == midnight(new) + case.rules.closing * ONE_MINUTE


# --- the explanation ----------------------------------------------------------------------------------


@PROPERTIES
@given(case=cases(), spans=_STANDS)
def test_the_explanation_matches_the_limit_the_receipt_and_the_due_date(
    case: Case, spans: list[tuple[int, int]]
) -> None:
    case = standing(case, case.received, spans)
    counted = reckon(case)
    rows, start = counted.days, counted.clock_start_on
    received_on = case.received.date()
    assert [row.date for row in rows] == [
        received_on + n * ONE_DAY for n in range((counted.due_on - received_on).days + 1)
    ]
    assert all(row.reason and row.counted == (row.amount > 0) for row in rows)
    assert case.rules.worked(counted.due_on)
    if case.in_hours:
        minutes = sum(amount for amount, _ in case.segments) * 60
        assert sum(row.amount for row in rows) == minutes + case.extension
        assert rows[-1].counted
        return
    [starting] = [row for row in rows if "Ngày bắt đầu tính thời hạn" in row.reason]
    assert (starting.date, starting.counted) == (start, False)
    if not any(unit == "month" for _, unit in case.segments):
        assert sum(row.counted for row in rows) == sum(amount for amount, _ in case.segments) + case.extension
    # The first counted row is the first date after the start that the unit counts and the clock runs on.
    first = start + ONE_DAY
    while (case.segments[0][1] == "working_day" and not case.rules.worked(first)) or stands_at_closing(
        case, first
    ):
        first += ONE_DAY
    assert next(row.date for row in rows if row.counted) == first
    # The last row is the due date: the last that is counted, or where that was a day off the one it moved to.
    assert rows[-1].counted or "khoản 5 Điều 148" in rows[-1].reason
