"""Due dates that are given: by real receipts, worked examples of the rules and the faults of other systems.

Each row says what it is. These dates are not ours to choose, so they stand here and nowhere else; cases that
we counted ourselves are in the files beside this one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.domain.seeded_office import (
    AT_CLOCK_TIME,
    COUNTING,
    DAY,
    DAYS,
    EIGHT_HOURS,
    HOUR,
    MONTH,
    NOT_COUNTING,
    SEED,
    WORKING_DAY,
    YEARS,
    at,
    due,
    on,
)
from tthc.domain.calendar import CalendarDay, CalendarNotCovered, WorkingCalendar, WorkingHours
from tthc.domain.due_dates import DuePolicy
from tthc.domain.timeliness import timeliness
from tthc.domain.vocabulary import DayKind, DomainError, LimitUnit, Timeliness

#: Nothing but the three holidays that the row itself names.
THREE_HOLIDAYS = tuple(
    CalendarDay(on(day), DayKind.HOLIDAY, "Nghỉ lễ") for day in ("2026-04-27", "2026-04-30", "2026-05-01")
)
#: The seeded calendar before the working Saturday 10/01/2026 was decided.
NO_MAKE_UP = tuple(row for row in DAYS if row.date != on("2026-01-10"))


@dataclass(frozen=True)
class Row:
    """One given due date; the clock of the receipt is 09:00 where none is given."""

    what: str
    received: str
    amount: int
    due_on: str
    unit: LimitUnit = WORKING_DAY
    pauses: tuple[tuple[str, str], ...] = ()
    saturdays_count: bool = True
    days: tuple[CalendarDay, ...] = DAYS

    def calendar(self, hours: WorkingHours | None = None) -> WorkingCalendar:
        return WorkingCalendar(self.days, YEARS, hours=hours, count_worked_saturday=self.saturdays_count)


RECEIPTS = [
    Row("real receipt, 9:32 on a Friday", "2023-10-27T09:32", 5, "2023-11-03"),
    Row("the same, Saturdays not counted", "2023-10-27T09:32", 5, "2023-11-03", saturdays_count=False),
    Row("Monday 10:00 and two days is Wednesday", "2016-10-31T10:00", 2, "2016-11-02"),
    Row("over 27/04, 30/04 and 01/05/2026", "2026-04-24T09:00", 5, "2026-05-06"),
    Row("worked Saturday 26/04/2025 counts", "2025-04-23T09:00", 5, "2025-04-29"),
    Row("and does not", "2025-04-23T09:00", 5, "2025-05-05", saturdays_count=False),
    Row("worked Saturday 04/05/2024 counts", "2024-04-25T09:00", 5, "2024-05-06"),
    Row("and does not", "2024-04-25T09:00", 5, "2024-05-07", saturdays_count=False),
    Row("worked Saturday 10/01/2026 counts", "2026-01-08T09:00", 3, "2026-01-12"),
    Row("and does not", "2026-01-08T09:00", 3, "2026-01-13", saturdays_count=False),
]
STANDS = [
    Row(
        "Mon 10:00 - Wed 15:00 skips two days",
        "2026-05-28T09:00",
        5,
        "2026-06-08",
        pauses=(("2026-06-01T10:00", "2026-06-03T15:00"),),
    ),
    Row("20 days without a stand", "2026-06-01T09:00", 20, "2026-06-22", DAY),
    Row(
        "20 days with a stand from Friday to Monday",
        "2026-06-01T09:00",
        20,
        "2026-06-24",
        DAY,
        (("2026-06-05T10:00", "2026-06-08T10:00"),),
    ),
    Row("10 working days without a stand", "2026-06-01T09:00", 10, "2026-06-15"),
    Row(
        "Fri 18:00 - Mon 07:00 skips no working day",
        "2026-06-01T09:00",
        10,
        "2026-06-15",
        pauses=(("2026-06-05T18:00", "2026-06-08T07:00"),),
    ),
    Row("16 days without a stand end on a Wednesday", "2026-06-01T09:00", 16, "2026-06-17", DAY),
    Row(
        "Fri 18:00 - Mon 07:00 skips two calendar days",
        "2026-06-01T09:00",
        16,
        "2026-06-19",
        DAY,
        (("2026-06-05T18:00", "2026-06-08T07:00"),),
    ),
]
# Their due time is the clock time of receipt, their day has eight hours. Fractions of a day and the rounding
# to a quarter of an hour are not ours.
OPENCPS = [
    Row("before opening", "2026-06-01T07:00", 5, "2026-06-08"),
    Row("in the afternoon", "2026-06-01T14:10", 5, "2026-06-08"),
    Row("after closing", "2026-06-01T20:00", 1, "2026-06-03"),
    Row("on a Sunday", "2026-06-07T09:00", 5, "2026-06-15"),
    Row("Monday and two days", "2016-10-31T10:00", 2, "2016-11-02"),
    Row("on a holiday, before another", "2026-04-30T09:00", 1, "2026-05-05", days=THREE_HOLIDAYS),
    Row("the same on the seeded calendar", "2026-04-30T09:00", 1, "2026-05-05"),
    Row("on a make-up Saturday", "2026-01-10T08:00", 1, "2026-01-12"),
    Row("on the same when it is none", "2026-01-10T08:00", 1, "2026-01-13", days=NO_MAKE_UP),
    Row("on the same when it does not count", "2026-01-10T08:00", 1, "2026-01-13", saturdays_count=False),
]
# The default hours, 07:30-11:30 and 13:30-17:00, are the 7.5 hours that OpenCPS takes for eight and loses.
SHORT_DAY = [
    Row("7.5 hours, 1 day", "2026-06-01T08:00", 1, "2026-06-02"),
    Row("7.5 hours, 5 days", "2026-06-01T08:00", 5, "2026-06-08"),
    Row("7.5 hours, 15 days", "2026-06-01T08:00", 15, "2026-06-22"),
    Row("7.5 hours, 20 days", "2026-06-01T08:00", 20, "2026-06-29"),
    Row("7.5 hours, 30 days", "2026-06-01T08:00", 30, "2026-07-13"),
]


def named(rows: list[Row]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=lambda row: f"{row.received} {row.what}")


@named([*RECEIPTS, *STANDS, *SHORT_DAY])
def test_a_given_due_date(row: Row) -> None:
    counted = due(row.received, row.amount, row.unit, *row.pauses, calendar=row.calendar())
    assert counted.due_on == on(row.due_on)
    assert counted.days[-1].date == on(row.due_on)
    assert sum(day.counted for day in counted.days) == row.amount


@named(OPENCPS)
@pytest.mark.parametrize("hours", [EIGHT_HOURS, WorkingHours()], ids=["8 hours", "7.5 hours"])
@pytest.mark.parametrize("policy", [AT_CLOCK_TIME, DuePolicy()], ids=["at clock time", "at closing"])
def test_a_due_date_of_opencps(row: Row, hours: WorkingHours, policy: DuePolicy) -> None:
    counted = due(row.received, row.amount, row.unit, calendar=row.calendar(hours), policy=policy)
    assert counted.due_on == on(row.due_on)


@named([*RECEIPTS, *OPENCPS, *SHORT_DAY])
def test_the_due_date_is_the_nth_working_day_after_the_start(row: Row) -> None:
    calendar = row.calendar()
    start = calendar.first_working_moment(at(row.received)).date()
    assert calendar.add_working_days(start, row.amount) == on(row.due_on)
    assert calendar.add_working_days(on(row.due_on), -row.amount) == start
    assert calendar.working_days_between(start, on(row.due_on)) == row.amount


@pytest.mark.parametrize(
    ("received", "calendar", "start"),
    [
        ("2024-06-14T17:40", COUNTING, "2024-06-17"),
        ("2026-01-10T08:00", COUNTING, "2026-01-10"),
        ("2026-01-10T08:00", NOT_COUNTING, "2026-01-12"),
    ],
    ids=["Friday after closing", "a worked Saturday", "a worked Saturday that does not count"],
)
def test_the_clock_starts_on(received: str, calendar: WorkingCalendar, start: str) -> None:
    assert due(received, 1, WORKING_DAY, calendar=calendar).clock_start_on == on(start)


@pytest.mark.parametrize(
    ("hours", "start", "end", "minutes"),
    [
        (WorkingHours(), "2026-06-01T18:00", "2026-06-02T09:00", 90),
        (EIGHT_HOURS, "2026-06-01T10:00", "2026-06-03T15:00", 19 * 60 + 30),
        (EIGHT_HOURS, "2026-06-05T16:00", "2026-06-08T08:30", 120),
        (EIGHT_HOURS, "2026-06-06T09:00", "2026-06-07T10:00", 0),
    ],
    ids=["overnight: 1.5 h, not 9.5", "over two nights", "over a weekend", "within a weekend"],
)
def test_a_stand_takes_its_working_time(hours: WorkingHours, start: str, end: str, minutes: int) -> None:
    calendar = WorkingCalendar(DAYS, YEARS, hours=hours)
    assert calendar.working_minutes_between(at(start), at(end)) == minutes
    plain = due("2026-06-01T08:00", 60, HOUR, calendar=calendar)
    paused = due("2026-06-01T08:00", 60, HOUR, (start, end), calendar=calendar)
    assert calendar.working_minutes_between(plain.due_at, paused.due_at) == minutes


def test_without_working_hours_nothing_is_counted() -> None:
    # OpenCPS takes every day for a working day then: Fri 05/06 + 1 is Saturday.
    with pytest.raises(DomainError, match="Chưa khai giờ làm việc"):
        WorkingHours(())
    with pytest.raises(CalendarNotCovered, match="chưa có dữ liệu năm 2026"):
        due("2026-06-05T09:00", 1, WORKING_DAY, calendar=WorkingCalendar([], {}))


def test_a_limit_past_the_calendar_is_refused() -> None:
    # OpenCPS stops after 360 calendar days and answers 27/05/2027.
    assert on("2026-06-01") + timedelta(days=360) == on("2027-05-27")
    with pytest.raises(CalendarNotCovered, match="chưa có dữ liệu năm 2028"):
        due("2026-06-01T09:00", 400, WORKING_DAY)


def test_clock_times_have_24_hours() -> None:
    # Read as 00:30, what was released at 12:30 would be early for 09:00 of the same day.
    promised = due("2026-06-01T09:00", 1, WORKING_DAY, policy=AT_CLOCK_TIME)
    released = at("2026-06-02T12:30")
    assert promised.due_at == at("2026-06-02T09:00") < released
    assert timeliness(released.date(), promised.due_on) is Timeliness.ON_TIME
    assert due("2026-06-02T12:30", 1, HOUR).due_at == at("2026-06-02T14:30")


def test_a_month_ends_with_its_own_last_day() -> None:
    counted = due("2026-01-31T09:00", 1, MONTH, policy=DuePolicy(shift_after_hours=False))
    assert max(day.date for day in counted.days if day.counted) == on("2026-02-28")
    assert counted.due_on == on("2026-03-02")  # 28/02 is a Saturday


def test_six_promises_of_the_published_half_year_need_the_worked_saturday() -> None:
    with (SEED.parent / "procedures.csv").open(encoding="utf-8", newline="") as file:
        limits = {row["name"]: row for row in csv.DictReader(file)}
    with (SEED.parent / "register-2024-h1.csv").open(encoding="utf-8-sig", newline="") as file:
        promised = [row for row in csv.DictReader(file) if row["NgayHenTra"]]
    assert len(promised) == 130
    differing = 0
    for row in promised:
        terms = limits[row["TenTTHC"]]
        received = f"{row['NgayTiepNhan'][:8]}T{row['NgayTiepNhan'][8:]}"
        case = int(terms["limit_amount"]), LimitUnit(terms["limit_unit"])
        counted, without = (due(received, *case, calendar=calendar) for calendar in (COUNTING, NOT_COUNTING))
        assert f"{counted.due_at:%Y%m%d%H%M%S}" == row["NgayHenTra"]
        differing += without.due_on != counted.due_on
    assert differing == 6
