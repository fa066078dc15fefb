"""Due dates against cases counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from tests.domain.seeded_office import (
    AT_CLOCK_TIME,
    COUNTING,
    DAY,
    HOUR,
    MONTH,
    NOT_COUNTING,
    UNSHIFTED,
    WORKING_DAY,
    at,
    due,
    limit,
    on,
)
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.due_dates import DuePolicy, Pause, compute_due_date
from tthc.domain.vocabulary import (
    DomainError,
    DueAtMode,
    LimitUnit,
)


# received, working days, due when worked Saturdays count, due when they do not
@pytest.mark.parametrize(
    ("received", "amount", "counting", "not_counting"),
    [
        # around the worked Saturdays
        ("2026-08-20T09:00", 2, "2026-08-22", "2026-08-24"),
        ("2018-12-28T09:00", 4, "2019-01-05", "2019-01-07"),
        # received outside working hours
        ("2024-06-14T17:40", 1, "2024-06-18", "2024-06-18"),
        # over the new year and over Tết
        ("2025-12-29T09:00", 3, "2026-01-05", "2026-01-05"),
        ("2024-02-07T09:00", 1, "2024-02-15", "2024-02-15"),
    ],
)
def test_working_days(received: str, amount: int, counting: str, not_counting: str) -> None:
    assert due(received, amount, WORKING_DAY).due_at == at(f"{counting}T17:00")
    other = due(received, amount, WORKING_DAY, calendar=NOT_COUNTING)
    assert other.due_at == at(f"{not_counting}T17:00")


@pytest.mark.parametrize(
    ("received", "amount", "unit", "expected"),
    [
        ("2024-06-10T09:00", 15, DAY, "2024-06-25"),
        ("2024-04-12T09:00", 15, DAY, "2024-05-02"),  # Sat 27/04, then 28/04-01/05 off
        ("2024-04-19T09:00", 15, DAY, "2024-05-04"),  # the worked Saturday
        ("2023-11-15T08:19", 32, DAY, "2023-12-18"),
        ("2024-01-31T09:00", 1, MONTH, "2024-02-29"),
        ("2023-01-31T09:00", 1, MONTH, "2023-02-28"),
        ("2026-03-31T09:00", 1, MONTH, "2026-05-04"),  # Thu 30/04, then off until Sunday
        ("2025-11-28T09:00", 13, MONTH, "2026-12-28"),
        ("2025-11-30T09:00", 1, MONTH, "2026-01-05"),  # a Sunday: as received on 01/12
    ],
)
def test_days_and_months_roll_once_onto_a_working_day(
    received: str, amount: int, unit: LimitUnit, expected: str
) -> None:
    assert due(received, amount, unit).due_at == at(f"{expected}T17:00")


def test_a_roll_passes_a_worked_saturday_that_does_not_count() -> None:
    assert due("2024-04-19T09:00", 15, DAY, calendar=NOT_COUNTING).due_on == on("2024-05-06")


@pytest.mark.parametrize(
    ("received", "hours", "expected"),
    [
        ("2026-06-01T15:00", 8, "2026-06-02T15:30"),
        ("2026-06-05T16:00", 8, "2026-06-08T16:30"),
        ("2026-06-01T07:30", 15, "2026-06-02T17:00"),
        ("2026-06-01T12:00", 2, "2026-06-01T15:30"),
        ("2026-06-01T20:00", 1, "2026-06-02T08:30"),
        ("2026-06-01T17:00", 1, "2026-06-02T08:30"),
        ("2026-06-01T09:00:40", 8, "2026-06-02T09:30:40"),
        ("2026-01-09T16:00", 3, "2026-01-10T09:30"),
    ],
)
def test_hours_run_in_working_time_only(received: str, hours: int, expected: str) -> None:
    counted = due(received, hours, HOUR)
    assert counted.due_at == at(expected)
    assert sum(row.amount for row in counted.days) == hours * 60
    # Hours run from the moment, whatever the unit's rule for days says.
    assert due(received, hours, HOUR, policy=UNSHIFTED).due_at == at(expected)


def test_hours_leave_out_a_saturday_that_does_not_count() -> None:
    assert due("2026-01-09T16:00", 3, HOUR, calendar=NOT_COUNTING).due_at == at("2026-01-12T09:30")


@pytest.mark.parametrize(
    ("received", "segments", "expected"),
    [
        # 25 days end on Sunday 10/12; no roll between; 11-15, 18, 19/12 are the seven
        ("2023-11-15T08:19", ((25, DAY), (7, WORKING_DAY)), "2023-12-19"),
        # 7 working days end on Wed 10/06; 3 days on Saturday; rolled once
        ("2026-06-01T09:00", ((7, WORKING_DAY), (3, DAY)), "2026-06-15"),
        # a month from 30/01 ends on 28/02, a Saturday; 2 days more on Mon 02/03
        ("2026-01-30T09:00", ((1, MONTH), (2, DAY)), "2026-03-02"),
        ("2026-06-01T15:00", ((5, HOUR), (3, HOUR)), "2026-06-02"),
    ],
)
def test_segments_follow_each_other_without_rolling_between(
    received: str, segments: tuple[tuple[int, LimitUnit], ...], expected: str
) -> None:
    assert compute_due_date(at(received), limit(*segments), COUNTING).due_on == on(expected)


@pytest.mark.parametrize(
    ("received", "amount", "unit", "pauses", "expected"),
    [
        # two disjoint pauses add up: 2 + 1
        (
            "2026-05-28T09:00",
            5,
            WORKING_DAY,
            [("2026-06-01T10:00", "2026-06-03T15:00"), ("2026-06-04T09:00", "2026-06-05T09:00")],
            "2026-06-09",
        ),
        # two that touch or overlap are one: Mon and Tue
        (
            "2026-05-28T09:00",
            5,
            WORKING_DAY,
            [("2026-06-01T17:00", "2026-06-03T15:00"), ("2026-06-01T10:00", "2026-06-01T17:00")],
            "2026-06-08",
        ),
        (
            "2026-05-28T09:00",
            5,
            WORKING_DAY,
            [("2026-06-01T10:00", "2026-06-02T18:00"), ("2026-06-02T08:00", "2026-06-03T15:00")],
            "2026-06-08",
        ),
        # begun at closing the day was worked; ended at closing on its own date nothing was missed
        ("2026-06-01T09:00", 3, WORKING_DAY, [("2026-06-02T17:00", "2026-06-03T07:30")], "2026-06-04"),
        ("2026-06-01T09:00", 3, WORKING_DAY, [("2026-06-02T07:30", "2026-06-02T17:00")], "2026-06-04"),
        ("2026-06-01T09:00", 3, WORKING_DAY, [("2026-06-02T07:30", "2026-06-02T17:01")], "2026-06-05"),
        # the start day is not counted, so a stand on it takes nothing
        ("2026-06-01T09:00", 3, WORKING_DAY, [("2026-06-01T10:00", "2026-06-02T10:00")], "2026-06-04"),
        # a month to 30/06 moved by two days
        ("2026-05-29T09:00", 1, MONTH, [("2026-06-02T10:00", "2026-06-04T10:00")], "2026-07-01"),
        # the last day is Sunday 21/06 and the clock stands on the Monday after: rolled past the stand
        ("2026-06-01T09:00", 20, DAY, [("2026-06-22T09:00", "2026-06-24T09:00")], "2026-06-24"),
        # a stand after the due date does nothing
        ("2026-06-01T09:00", 3, WORKING_DAY, [("2026-06-05T10:00", "2026-06-09T10:00")], "2026-06-04"),
    ],
)
def test_dates_on_which_the_clock_stands_are_not_counted(
    received: str, amount: int, unit: LimitUnit, pauses: list[tuple[str, str]], expected: str
) -> None:
    assert due(received, amount, unit, *pauses).due_on == on(expected)


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], "2026-06-02T15:30"),
        ([("2026-06-01T16:00", "2026-06-02T09:00")], "2026-06-03T08:30"),  # 1 h + 1.5 h
        ([("2026-06-01T18:00", "2026-06-02T07:00")], "2026-06-02T15:30"),
        ([("2026-06-01T11:00", "2026-06-01T16:00")], "2026-06-02T16:30"),  # from 15:00: 1 h
        (
            [("2026-06-02T08:00", "2026-06-02T09:00"), ("2026-06-02T10:00", "2026-06-02T10:30")],
            "2026-06-02T17:00",
        ),
    ],
)
def test_paused_working_time_is_added_to_hours(pauses: list[tuple[str, str]], expected: str) -> None:
    counted = due("2026-06-01T15:00", 8, HOUR, *pauses)
    assert counted.due_at == at(expected)
    assert sum(row.amount for row in counted.days) == 480


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(DomainError) as refusal:
        Pause(at("2026-06-02T08:00"), at("2026-06-02T07:59"))
    assert refusal.value.message == "Thời điểm tiếp tục phải sau thời điểm tạm dừng."
    assert refusal.value.field == "end"


@pytest.mark.parametrize(
    ("received", "policy", "clock_start_on", "due_on"),
    [
        ("2024-06-14T17:40", DuePolicy(), "2024-06-17", "2024-06-18"),
        ("2024-06-14T17:40", UNSHIFTED, "2024-06-14", "2024-06-17"),
        ("2024-06-15T09:00", UNSHIFTED, "2024-06-15", "2024-06-17"),
        ("2024-06-14T15:00", DuePolicy(cutoff=time(15)), "2024-06-14", "2024-06-17"),
        ("2024-06-14T15:01", DuePolicy(cutoff=time(15)), "2024-06-17", "2024-06-18"),
        ("2024-06-14T15:01", DuePolicy(shift_after_hours=False, cutoff=time(15)), "2024-06-14", "2024-06-17"),
    ],
)
def test_the_clock_starts_by_the_rule_of_the_unit(
    received: str, policy: DuePolicy, clock_start_on: str, due_on: str
) -> None:
    counted = due(received, 1, WORKING_DAY, policy=policy)
    assert counted.clock_start_on == on(clock_start_on)
    assert counted.due_on == on(due_on)


@pytest.mark.parametrize(
    ("received", "amount", "unit", "policy", "due_at"),
    [
        ("2026-06-01T09:32", 5, WORKING_DAY, AT_CLOCK_TIME, "2026-06-08T09:32"),
        ("2026-06-01T07:00", 5, WORKING_DAY, AT_CLOCK_TIME, "2026-06-08T07:30"),
        ("2026-06-01T12:00", 5, WORKING_DAY, AT_CLOCK_TIME, "2026-06-08T13:30"),
        ("2026-06-01T20:00", 1, WORKING_DAY, AT_CLOCK_TIME, "2026-06-03T07:30"),
        ("2026-06-07T09:00", 5, DAY, AT_CLOCK_TIME, "2026-06-15T07:30"),
        (
            "2026-06-01T20:00",
            1,
            WORKING_DAY,
            DuePolicy(shift_after_hours=False, due_at_mode=DueAtMode.CLOCK_TIME),
            "2026-06-02T17:00",
        ),
    ],
)
def test_a_unit_may_promise_the_clock_time_of_receipt(
    received: str, amount: int, unit: LimitUnit, policy: DuePolicy, due_at: str
) -> None:
    assert due(received, amount, unit, policy=policy).due_at == at(due_at)


def test_a_moment_of_another_zone_is_the_same_receipt() -> None:
    utc = datetime(2024, 6, 14, 10, 40, tzinfo=UTC)
    assert compute_due_date(utc, limit((1, WORKING_DAY)), COUNTING) == due("2024-06-14T17:40", 1, WORKING_DAY)


@pytest.mark.parametrize(
    ("received", "amount", "unit", "provisional"),
    [
        ("2026-11-18T09:00", 3, WORKING_DAY, False),  # ends on Mon 23/11
        ("2026-11-18T09:00", 4, WORKING_DAY, True),  # passes 24/11, an estimated row
        ("2026-11-24T09:00", 1, WORKING_DAY, True),  # received on it: the start rests on the estimate
        ("2026-11-25T09:00", 1, WORKING_DAY, False),
        ("2026-12-30T09:00", 1, WORKING_DAY, False),
        ("2026-12-30T09:00", 2, WORKING_DAY, True),  # into 2027, which is estimated
        ("2026-11-23T09:00", 30, DAY, True),
        ("2026-11-23T16:00", 2, HOUR, True),
        ("2027-03-01T09:00", 1, HOUR, True),
    ],
)
def test_an_estimate_on_the_way_makes_a_due_date_provisional(
    received: str, amount: int, unit: LimitUnit, provisional: bool
) -> None:
    assert due(received, amount, unit).provisional is provisional


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        (600, DAY),
        (24, MONTH),
        (10**6, MONTH),
        (10**9, DAY),
        (10**9, WORKING_DAY),
        (3600, HOUR),
        (10**12, HOUR),
    ],
)
def test_every_kind_of_limit_past_the_calendar_is_refused(amount: int, unit: LimitUnit) -> None:
    with pytest.raises(CalendarNotCovered) as refusal:
        due("2026-06-01T08:00", amount, unit)
    assert refusal.value.year == 2028
    assert refusal.value.message == (
        "Lịch làm việc chưa có dữ liệu năm 2028 nên không tính được thời hạn đi qua năm này. "
        "Hãy nhập lịch nghỉ năm 2028 vào lịch làm việc (có thể ghi là dự kiến) rồi thực hiện lại."
    )


def test_a_receipt_before_the_calendar_is_refused() -> None:
    with pytest.raises(CalendarNotCovered, match="năm 2015"):
        due("2015-12-31T09:00", 1, WORKING_DAY)
    with pytest.raises(CalendarNotCovered, match="năm 2015"):
        due("2015-12-31T09:00", 10, DAY, policy=UNSHIFTED)


def test_no_calendar_is_long_enough_for_a_limit_without_measure() -> None:
    century = WorkingCalendar([], dict.fromkeys(range(2000, 2101), True))
    for amount, unit in ((10**12, HOUR), (10**9, MONTH)):
        with pytest.raises(CalendarNotCovered, match="năm 2101"):
            due("2000-01-03T08:00", amount, unit, calendar=century)


def test_months_reach_the_last_year_that_there_is() -> None:
    last = WorkingCalendar([], {9998: True, 9999: True})
    assert due("9998-12-15T09:00", 1, MONTH, calendar=last).due_on == on("9999-01-15")
    with pytest.raises(CalendarNotCovered, match="năm 10000"):
        due("9999-12-15T09:00", 1, MONTH, calendar=last)


def test_counting_needs_no_year_that_it_does_not_pass() -> None:
    only = WorkingCalendar([], {2026: True})
    assert due("2026-12-30T09:00", 1, WORKING_DAY, calendar=only).due_on == on("2026-12-31")
    with pytest.raises(CalendarNotCovered, match="năm 2027"):
        due("2026-12-30T09:00", 2, WORKING_DAY, calendar=only)
