"""Due dates: the rules that hold for every receipt, limit, calendar and pause."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tthc.domain.calendar import CalendarDay, WorkingCalendar, WorkingHours, confirmed_years, parse_days
from tthc.domain.due_dates import DuePolicy, LimitSegment, Pause, TimeLimit, compute_due_date
from tthc.domain.vocabulary import OFFICE_ZONE, DayKind, LimitUnit

SEED = Path(__file__).parents[2] / "tthc" / "seeds" / "calendar.csv"
DAYS = parse_days(SEED.read_text(encoding="utf-8").splitlines())
YEARS = confirmed_years(DAYS)
COUNTING = WorkingCalendar(DAYS, YEARS)
NOT_COUNTING = WorkingCalendar(DAYS, YEARS, count_worked_saturday=False)
WORKING_DAY, DAY, MONTH, HOUR = LimitUnit.WORKING_DAY, LimitUnit.DAY, LimitUnit.MONTH, LimitUnit.HOUR
PROPERTIES = settings(
    max_examples=2000 if os.environ.get("TTHC_TEST_LONG") == "1" else 100,
    derandomize=True,
    deadline=None,
    database=None,
)


def limit(amount: int, unit: LimitUnit) -> TimeLimit:
    return TimeLimit((LimitSegment(amount, unit),))


_MOMENTS = st.datetimes(datetime(2016, 1, 1), datetime(2026, 9, 30), timezones=st.just(OFFICE_ZONE)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
_LIMITS = st.one_of(
    st.tuples(st.integers(1, 80), st.just(WORKING_DAY)),
    st.tuples(st.integers(1, 120), st.just(DAY)),
    st.tuples(st.integers(1, 6), st.just(MONTH)),
    st.tuples(st.integers(1, 200), st.just(HOUR)),
)
_POLICIES = st.builds(
    DuePolicy, st.booleans(), st.one_of(st.none(), st.just(time(15)), st.just(time(16, 30)))
)
_CALENDARS = st.sampled_from([COUNTING, NOT_COUNTING])


@PROPERTIES
@given(received=_MOMENTS, later=st.integers(0, 20_000), of=_LIMITS, policy=_POLICIES, calendar=_CALENDARS)
def test_due_dates_are_monotone_and_explained(
    received: datetime,
    later: int,
    of: tuple[int, LimitUnit],
    policy: DuePolicy,
    calendar: WorkingCalendar,
) -> None:
    amount, unit = of
    counted = compute_due_date(received, limit(amount, unit), calendar, policy)
    assert counted.due_at <= compute_due_date(received, limit(amount + 1, unit), calendar, policy).due_at
    after = received + timedelta(minutes=later)
    assert counted.due_at <= compute_due_date(after, limit(amount, unit), calendar, policy).due_at

    assert calendar.is_working_day(counted.due_on)
    rows = counted.days
    assert [row.date for row in rows] == [
        received.date() + timedelta(days=n) for n in range((counted.due_on - received.date()).days + 1)
    ]
    assert all(row.reason and row.counted == (row.amount > 0) for row in rows)
    if unit is HOUR:
        assert sum(row.amount for row in rows) == amount * 60
    else:
        assert not any(row.counted for row in rows if row.date <= counted.clock_start_on)
        if unit is not MONTH:
            assert sum(row.counted for row in rows) == amount
        if unit is WORKING_DAY:
            first = next(row.date for row in rows if row.counted)
            assert first == calendar.add_working_days(counted.clock_start_on, 1)
            assert counted.due_on == calendar.add_working_days(counted.clock_start_on, amount)


@PROPERTIES
@given(received=_MOMENTS, of=_LIMITS, policy=_POLICIES, offset=st.integers(-5, 150))
def test_a_holiday_never_makes_it_earlier_and_a_worked_saturday_never_later(
    received: datetime, of: tuple[int, LimitUnit], policy: DuePolicy, offset: int
) -> None:
    day = received.date() + timedelta(days=offset)
    assume(2016 <= day.year <= 2027)
    without = WorkingCalendar([row for row in DAYS if row.date != day], YEARS)
    rest = [row for row in DAYS if row.date != day]
    due_without = compute_due_date(received, limit(*of), without, policy).due_at
    holiday = WorkingCalendar([*rest, CalendarDay(day, DayKind.HOLIDAY, "Nghỉ thêm")], YEARS)
    assert compute_due_date(received, limit(*of), holiday, policy).due_at >= due_without
    if day.weekday() == 5:
        worked = WorkingCalendar([*rest, CalendarDay(day, DayKind.WORKED_SATURDAY, "Làm bù")], YEARS)
        assert compute_due_date(received, limit(*of), worked, policy).due_at <= due_without


@PROPERTIES
@given(
    day=st.dates(date(2016, 1, 1), date(2026, 9, 30)),
    of=_LIMITS.filter(lambda of: of[1] is not HOUR),
    clock=st.times(time(9), time(10)),
)
def test_given_the_start_days_do_not_depend_on_the_hours(
    day: date, of: tuple[int, LimitUnit], clock: time
) -> None:
    assume(COUNTING.is_working_day(day))
    other = WorkingCalendar(DAYS, YEARS, hours=WorkingHours(((time(8), time(12)), (time(13), time(16, 30)))))
    received = datetime.combine(day, clock, OFFICE_ZONE)
    first = compute_due_date(received, limit(*of), COUNTING)
    second = compute_due_date(received, limit(*of), other)
    assert first.clock_start_on == second.clock_start_on == day
    assert [(row.date, row.counted) for row in first.days] == [(row.date, row.counted) for row in second.days]


@PROPERTIES
@given(
    received=_MOMENTS,
    of=_LIMITS,
    offset=st.integers(0, 60),
    clocks=st.tuples(st.times(time(7, 30), time(17)), st.times(time(7, 30), time(17))),
)
def test_stopping_and_resuming_within_one_day_changes_nothing_for_days(
    received: datetime, of: tuple[int, LimitUnit], offset: int, clocks: tuple[time, time]
) -> None:
    assume(of[1] is not HOUR)
    day = received.date() + timedelta(days=offset)
    stand = Pause(*(datetime.combine(day, clock, OFFICE_ZONE) for clock in sorted(clocks)))
    plain = compute_due_date(received, limit(*of), COUNTING)
    assert compute_due_date(received, limit(*of), COUNTING, pauses=[stand]) == plain


@PROPERTIES
@given(
    received=_MOMENTS,
    of=_LIMITS,
    offset=st.integers(0, 40),
    early=st.integers(0, 400),
    late=st.integers(0, 400),
)
def test_a_stand_outside_working_time_adds_nothing_to_working_days_and_hours(
    received: datetime, of: tuple[int, LimitUnit], offset: int, early: int, late: int
) -> None:
    assume(of[1] in (WORKING_DAY, HOUR))
    day = COUNTING.next_working_day(received.date() + timedelta(days=offset))
    closing = datetime.combine(day, time(17), OFFICE_ZONE)
    opening = datetime.combine(COUNTING.add_working_days(day, 1), time(7, 30), OFFICE_ZONE)
    start, end = closing + timedelta(minutes=early), opening - timedelta(minutes=late)
    assume(start <= end)
    plain = compute_due_date(received, limit(*of), COUNTING)
    stood = compute_due_date(received, limit(*of), COUNTING, pauses=[Pause(start, end)])
    assert stood.due_at == plain.due_at


@PROPERTIES
@given(
    received=_MOMENTS,
    amount=st.integers(30, 60),
    unit=st.sampled_from([WORKING_DAY, DAY, HOUR]),
    marks=st.lists(st.integers(0, 3 * 24 * 60), min_size=4, max_size=4, unique=True).map(sorted),
)
def test_two_disjoint_stands_are_their_sum(
    received: datetime, amount: int, unit: LimitUnit, marks: list[int]
) -> None:
    # Both stands lie between the start and the due date of the plain count.
    start = COUNTING.first_working_moment(received)
    begin_1, end_1, begin_2, end_2 = (start + timedelta(minutes=mark) for mark in marks)
    stands = [Pause(begin_1, end_1), Pause(begin_2, end_2)]

    def lost(pauses: list[Pause]) -> int:
        counted = compute_due_date(received, limit(amount, unit), COUNTING, pauses=pauses)
        if unit is HOUR:
            return COUNTING.working_minutes_between(start, counted.due_at) - amount * 60
        last = max(row.date for row in counted.days if row.counted)
        if unit is DAY:
            return (last - start.date()).days - amount
        return COUNTING.working_days_between(start.date(), last) - amount

    assert lost([]) == 0
    assert lost(stands) == lost(stands[:1]) + lost(stands[1:])
    if unit is HOUR:
        assert lost(stands) == sum(COUNTING.working_minutes_between(s.start, s.end) for s in stands)
