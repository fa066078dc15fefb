"""The working calendar against dates and hours counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, DAYS, NOT_COUNTING, PROPERTIES, YEARS, at, on
from tthc.domain.calendar import (
    CalendarDay,
    CalendarNotCovered,
    WorkingCalendar,
    WorkingHours,
    confirmed_years,
    day_after,
    parse_days,
    weekday_name,
)
from tthc.domain.vocabulary import OFFICE_ZONE, DayKind, DomainError

# Weekdays off, Saturdays worked, and working days with those Saturdays. 2017-2026 are as published; nothing
# was published for 2027, which is estimated.
YEAR_BY_YEAR = [
    (2016, "1/1 8/2 9/2 10/2 11/2 12/2 18/4 2/5 3/5 2/9", "", 251),
    (2017, "2/1 26/1 27/1 30/1 31/1 1/2 6/4 1/5 2/5 4/9", "", 250),
    (2018, "1/1 14/2 15/2 16/2 19/2 20/2 25/4 30/4 1/5 3/9 31/12", "", 250),
    (2019, "1/1 4/2 5/2 6/2 7/2 8/2 15/4 29/4 30/4 1/5 2/9", "5/1 4/5", 252),
    (2020, "1/1 23/1 24/1 27/1 28/1 29/1 2/4 30/4 1/5 2/9", "", 252),
    (2021, "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9", "", 250),
    (2022, "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9", "", 249),
    (2023, "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9", "", 249),
    (2024, "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9", "4/5", 251),
    (2025, "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9", "26/4", 250),
    (2026, "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11", "10/1 22/8", 249),
    (2027, "1/1 4/2 5/2 8/2 9/2 10/2 16/4 30/4 3/5 2/9 3/9 24/11", "", 249),
]


@pytest.mark.parametrize(("year", "off", "worked", "working_days"), YEAR_BY_YEAR)
def test_a_year_has_its_days_off_and_its_number_of_working_days(
    year: int, off: str, worked: str, working_days: int
) -> None:
    dates = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    dates = [day for day in dates if day.year == year]
    assert [f"{d.day}/{d.month}" for d in dates if d.weekday() < 5 and not COUNTING.is_working_day(d)] == (
        off.split()
    )
    assert [f"{d.day}/{d.month}" for d in dates if d.weekday() >= 5 and COUNTING.is_working_day(d)] == (
        worked.split()
    )
    assert sum(map(COUNTING.is_working_day, dates)) == working_days
    assert sum(map(NOT_COUNTING.is_working_day, dates)) == working_days - len(worked.split())


@pytest.mark.parametrize(
    ("day", "counting", "not_counting", "note"),
    [
        ("2024-05-03", True, True, "Ngày làm việc"),
        ("2024-05-05", False, False, "Chủ nhật"),
        ("2024-05-11", False, False, "Thứ Bảy"),
        ("2025-09-02", False, False, "Nghỉ lễ: Quốc khánh (6150/TB-BLĐTBXH)"),
        ("2021-05-03", False, False, "Nghỉ bù: Ngày Quốc tế Lao động (4875/TB-LĐTBXH)"),
        ("2019-04-29", False, False, "Nghỉ hoán đổi"),
        ("2025-05-02", False, False, "Nghỉ hoán đổi (6150/TB-BLĐTBXH)"),
        ("2018-12-31", False, False, "Nghỉ hoán đổi – CV 6519/VPCP-KGVX (hoán đổi 31/12/2018)"),
    ],
)
def test_a_date_is_worked_or_not_and_says_why(
    day: str, counting: bool, not_counting: bool, note: str
) -> None:
    assert COUNTING.is_working_day(on(day)) is counting
    assert NOT_COUNTING.is_working_day(on(day)) is not_counting
    assert COUNTING.day_note(on(day)) == note


def test_a_worked_saturday_follows_the_setting_and_says_so() -> None:
    saturday = on("2025-04-26")
    assert COUNTING.is_working_day(saturday)
    assert not NOT_COUNTING.is_working_day(saturday)
    assert COUNTING.day_note(saturday) == "Làm bù cho ngày 02/05/2025 (6150/TB-BLĐTBXH)"
    assert NOT_COUNTING.day_note(saturday) == (
        "Làm bù cho ngày 02/05/2025 (6150/TB-BLĐTBXH) – theo quy chế của đơn vị, không tính vào thời hạn"
    )


def test_a_name_that_does_not_repeat_the_kind_gets_it() -> None:
    row = CalendarDay(on("2026-11-28"), DayKind.WORKED_SATURDAY, "cho ngày 23/11/2026", "12/TB")
    assert WorkingCalendar([row], {2026: True}).day_note(row.date) == "Làm bù: cho ngày 23/11/2026 (12/TB)"
    bare = CalendarDay(on("2026-11-23"), DayKind.SWAPPED_OFF, "", None)
    assert WorkingCalendar([bare], {2026: True}).day_note(bare.date) == "Nghỉ hoán đổi"


def test_a_row_is_confirmed_and_without_a_decision_unless_it_says_otherwise() -> None:
    row = CalendarDay(on("2026-11-23"), DayKind.SWAPPED_OFF, "Nghỉ hoán đổi")
    assert row == CalendarDay(row.date, row.kind, row.name, decision=None, confirmed=True)
    assert not WorkingCalendar([row], {2026: True}).is_provisional(row.date)


def test_weekdays_have_their_vietnamese_names() -> None:
    monday = on("2026-06-01")
    assert [weekday_name(monday + timedelta(days=n)) for n in range(7)] == [
        "Thứ Hai",
        "Thứ Ba",
        "Thứ Tư",
        "Thứ Năm",
        "Thứ Sáu",
        "Thứ Bảy",
        "Chủ nhật",
    ]


@pytest.mark.parametrize(
    ("day", "n", "counting", "not_counting"),
    [
        ("2026-08-20", 2, "2026-08-22", "2026-08-24"),
        ("2018-12-28", 4, "2019-01-05", "2019-01-07"),
        ("2025-12-29", 3, "2026-01-05", "2026-01-05"),
        ("2024-02-07", 1, "2024-02-15", "2024-02-15"),
        ("2026-06-06", 1, "2026-06-08", "2026-06-08"),
        ("2026-06-06", 0, "2026-06-06", "2026-06-06"),
        ("2026-06-08", -1, "2026-06-05", "2026-06-05"),
        ("2026-06-07", -1, "2026-06-05", "2026-06-05"),
        ("2024-05-06", -5, "2024-04-25", "2024-04-24"),
        ("2026-01-05", -3, "2025-12-29", "2025-12-29"),
    ],
)
def test_the_nth_working_day(day: str, n: int, counting: str, not_counting: str) -> None:
    assert COUNTING.add_working_days(on(day), n) == on(counting)
    assert NOT_COUNTING.add_working_days(on(day), n) == on(not_counting)


@pytest.mark.parametrize(
    ("a", "b", "counting", "not_counting"),
    [
        ("2026-06-01", "2026-06-05", 4, 4),
        ("2026-06-05", "2026-06-07", 0, 0),
        ("2026-06-05", "2026-06-08", 1, 1),
        ("2026-06-08", "2026-06-05", -1, -1),
        ("2026-06-08", "2026-06-08", 0, 0),
        ("2024-04-26", "2024-05-06", 4, 3),
        ("2025-12-31", "2026-01-12", 7, 6),
    ],
)
def test_working_days_between_leave_the_first_date_out(
    a: str, b: str, counting: int, not_counting: int
) -> None:
    assert COUNTING.working_days_between(on(a), on(b)) == counting
    assert NOT_COUNTING.working_days_between(on(a), on(b)) == not_counting


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-06-05", "2026-06-05"), ("2026-06-06", "2026-06-08"), ("2024-02-08", "2024-02-15")],
)
def test_the_next_working_day_may_be_the_day_itself(day: str, expected: str) -> None:
    assert COUNTING.next_working_day(on(day)) == on(expected)


@pytest.mark.parametrize(
    ("received", "cutoff", "expected"),
    [
        ("2026-06-01T10:00", None, "2026-06-01T10:00"),
        ("2026-06-01T06:59", None, "2026-06-01T07:30"),
        ("2026-06-01T11:30", None, "2026-06-01T11:30"),
        ("2026-06-01T11:31", None, "2026-06-01T13:30"),
        ("2026-06-01T17:00", None, "2026-06-01T17:00"),
        ("2026-06-01T17:00:01", None, "2026-06-02T07:30"),
        ("2024-06-14T17:40", None, "2024-06-17T07:30"),
        ("2026-06-07T09:00", None, "2026-06-08T07:30"),
        ("2026-04-30T09:00", None, "2026-05-04T07:30"),
        ("2026-01-10T08:00", None, "2026-01-10T08:00"),
        ("2026-06-01T15:00", time(15), "2026-06-01T15:00"),
        ("2026-06-01T15:01", time(15), "2026-06-02T07:30"),
        ("2026-06-05T15:01", time(15), "2026-06-08T07:30"),
        ("2026-06-01T11:45", time(12), "2026-06-01T13:30"),
        ("2026-06-01T12:15", time(12), "2026-06-02T07:30"),
    ],
)
def test_the_first_working_moment(received: str, cutoff: time | None, expected: str) -> None:
    moment = COUNTING.first_working_moment(at(received), cutoff)
    assert moment == at(expected)
    assert moment.tzinfo is OFFICE_ZONE


def test_a_worked_saturday_that_does_not_count_starts_on_monday() -> None:
    assert NOT_COUNTING.first_working_moment(at("2026-01-10T08:00")) == at("2026-01-12T07:30")


def test_moments_of_other_zones_are_read_in_the_office_zone() -> None:
    # 10:40 UTC is 17:40 in the office: after closing on a Friday.
    utc = datetime(2024, 6, 14, 10, 40, tzinfo=UTC)
    assert COUNTING.first_working_moment(utc) == at("2024-06-17T07:30")
    with pytest.raises(ValueError, match=r"^a moment must carry its time zone$"):
        COUNTING.first_working_moment(datetime(2024, 6, 14, 10, 40))


@pytest.mark.parametrize(
    ("calendar", "a", "b", "minutes"),
    [
        (COUNTING, "2026-06-02T09:00", "2026-06-01T18:00", -90),
        (COUNTING, "2026-06-01T11:00", "2026-06-01T14:00", 60),
        (COUNTING, "2026-06-01T12:00", "2026-06-01T12:30", 0),
        (COUNTING, "2026-06-01T10:00:30", "2026-06-01T10:02:10", 1),
        (COUNTING, "2026-01-10T08:00", "2026-01-10T10:00", 120),
        (NOT_COUNTING, "2026-01-10T08:00", "2026-01-12T08:00", 30),
        (COUNTING, "2026-06-01T00:00", "2026-06-08T00:00", 5 * 450),
    ],
)
def test_working_minutes_between(calendar: WorkingCalendar, a: str, b: str, minutes: int) -> None:
    assert calendar.working_minutes_between(at(a), at(b)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-06-01T15:00", 8 * 60, "2026-06-02T15:30"),
        ("2026-06-01T07:30", 240, "2026-06-01T11:30"),
        ("2026-06-01T07:30", 241, "2026-06-01T13:31"),
        ("2026-06-01T07:30", 450, "2026-06-01T17:00"),
        ("2026-06-01T17:00", 1, "2026-06-02T07:31"),
        ("2026-06-05T16:00", 8 * 60, "2026-06-08T16:30"),
        ("2026-06-06T10:00", 0, "2026-06-08T07:30"),
        ("2026-06-01T17:00", 0, "2026-06-01T17:00"),
    ],
)
def test_adding_working_minutes(start: str, minutes: int, expected: str) -> None:
    assert COUNTING.add_working_minutes(at(start), minutes) == at(expected)


def test_working_minutes_are_never_taken_away() -> None:
    with pytest.raises(ValueError, match=r"^minutes must not be negative$"):
        COUNTING.add_working_minutes(at("2026-06-01T10:00"), -1)


@pytest.mark.parametrize(
    ("day", "provisional"),
    [("2026-11-23", False), ("2026-11-24", True), ("2026-12-31", False), ("2027-03-03", True)],
)
def test_estimates_make_a_date_provisional(day: str, provisional: bool) -> None:
    assert COUNTING.is_provisional(on(day)) is provisional


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.is_working_day(on("2028-01-03")),
        lambda c: c.day_note(on("2028-01-03")),
        lambda c: c.is_provisional(on("2028-01-03")),
        lambda c: c.next_working_day(on("2028-01-03")),
        lambda c: c.add_working_days(on("2027-12-31"), 1),
        lambda c: c.working_days_between(on("2027-12-31"), on("2028-01-01")),
        lambda c: c.first_working_moment(at("2027-12-31T17:30")),
        lambda c: c.add_working_minutes(at("2027-12-31T16:00"), 61),
        lambda c: c.working_minutes_between(at("2027-12-31T16:00"), at("2028-01-01T08:00")),
    ],
)
def test_a_year_without_rows_is_refused_with_what_to_do(ask) -> None:
    with pytest.raises(CalendarNotCovered) as refusal:
        ask(COUNTING)
    assert refusal.value.year == 2028
    assert "chưa có dữ liệu năm 2028" in refusal.value.message
    assert "Hãy nhập lịch nghỉ năm 2028" in refusal.value.message


def test_counting_asks_only_for_the_years_that_it_passes() -> None:
    gap = WorkingCalendar([], {2020: True, 2022: True})
    assert gap.add_working_days(on("2020-12-30"), 1) == on("2020-12-31")
    assert gap.add_working_days(on("2022-01-04"), -1) == on("2022-01-03")
    for refused in (
        lambda: gap.add_working_days(on("2020-12-31"), 1),
        lambda: gap.working_days_between(on("2020-12-31"), on("2022-01-03")),
        lambda: gap.add_working_days(on("2022-01-03"), -1),
    ):
        with pytest.raises(CalendarNotCovered) as refusal:
            refused()
        assert refusal.value.year == 2021


def test_the_last_day_of_the_calendar_can_be_reached() -> None:
    assert COUNTING.add_working_days(on("2027-12-30"), 1) == on("2027-12-31")
    assert COUNTING.add_working_minutes(at("2027-12-31T16:00"), 60) == at("2027-12-31T17:00")


def test_the_calendar_ends_with_the_last_year_of_an_unbroken_run() -> None:
    gap = WorkingCalendar([], {2022: True, 2019: True, 2020: True})
    assert gap.last_covered_day(on("2019-06-03")) == on("2020-12-31")
    assert gap.last_covered_day(on("2022-06-03")) == on("2022-12-31")
    with pytest.raises(CalendarNotCovered, match="năm 2021"):
        gap.last_covered_day(on("2021-06-03"))
    with pytest.raises(CalendarNotCovered, match="năm 2018"):
        gap.add_working_days(on("2020-01-02"), -300)
    with pytest.raises(CalendarNotCovered, match="năm 10000"):
        day_after(date.max)


def test_the_first_and_the_last_day_of_a_year_are_worked_unless_a_row_says_otherwise() -> None:
    bare = WorkingCalendar([], {2026: True, 2027: True})
    assert bare.next_working_day(on("2026-01-01")) == on("2026-01-01")
    assert bare.working_days_between(on("2026-12-30"), on("2027-01-01")) == 2


@pytest.mark.parametrize(
    ("spans", "field", "message"),
    [
        ((), "hours", "Chưa khai giờ làm việc: cần ít nhất một khoảng giờ trong ngày."),
        (
            ((time(11, 30), time(7, 30)),),
            "hours-1",
            "Khoảng giờ 1: giờ bắt đầu phải trước giờ kết thúc.",
        ),
        (
            ((time(7, 30), time(7, 30)),),
            "hours-1",
            "Khoảng giờ 1: giờ bắt đầu phải trước giờ kết thúc.",
        ),
        (
            ((time(13, 30), time(17, 0)), (time(7, 30), time(11, 30))),
            "hours-2",
            (
                "Khoảng giờ 2 bắt đầu trước khi khoảng giờ 1 kết thúc; "
                "ghi các khoảng theo thứ tự, không chồng nhau."
            ),
        ),
        (
            ((time(7, 30), time(12, 0)), (time(11, 30), time(17, 0))),
            "hours-2",
            (
                "Khoảng giờ 2 bắt đầu trước khi khoảng giờ 1 kết thúc; "
                "ghi các khoảng theo thứ tự, không chồng nhau."
            ),
        ),
        (
            ((time(7, 0), time(9, 0)), (time(9, 0), time(11, 0)), (time(10, 0), time(17, 0))),
            "hours-3",
            (
                "Khoảng giờ 3 bắt đầu trước khi khoảng giờ 2 kết thúc; "
                "ghi các khoảng theo thứ tự, không chồng nhau."
            ),
        ),
    ],
)
def test_working_hours_that_make_no_day_are_refused(
    spans: tuple[tuple[time, time], ...], field: str, message: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        WorkingHours(spans)
    assert (refusal.value.field, refusal.value.message) == (field, message)


def test_spans_of_working_hours_may_follow_without_a_break() -> None:
    hours = WorkingHours(((time(7, 30), time(11, 30)), (time(11, 30), time(15, 30))))
    assert (hours.opens, hours.closes) == (time(7, 30), time(15, 30))
    calendar = WorkingCalendar(DAYS, YEARS, hours=hours)
    assert calendar.add_working_minutes(at("2026-06-01T11:00"), 60) == at("2026-06-01T12:00")
    assert calendar.hours is hours
    midnight = WorkingHours(((time(0), time(8)),))
    assert (midnight.opens, midnight.closes) == (time(0), time(8))


def test_rows_that_contradict_each_other_are_refused() -> None:
    off = CalendarDay(on("2026-09-02"), DayKind.HOLIDAY, "Quốc khánh")
    with pytest.raises(DomainError) as refusal:
        WorkingCalendar([off, off], {2026: True})
    assert refusal.value.message == "Ngày 02/09/2026 được khai hai lần trong lịch làm việc."
    assert refusal.value.field == "date"
    worked = CalendarDay(on("2026-09-06"), DayKind.WORKED_SATURDAY, "Làm bù")
    with pytest.raises(DomainError) as refusal:
        WorkingCalendar([worked], {2026: True})
    assert refusal.value.message == (
        "Ngày làm bù 06/09/2026 không phải là Thứ Bảy; hãy sửa trong lịch làm việc."
    )
    assert refusal.value.field == "date"


def test_seed_rows_read_as_they_stand() -> None:
    assert set(YEARS) == set(range(2016, 2028))
    assert [year for year, confirmed in YEARS.items() if not confirmed] == [2027]
    assert all(row.date.weekday() < 5 for row in DAYS if row.kind is not DayKind.WORKED_SATURDAY)


def test_rows_read_from_lines() -> None:
    rows = parse_days(
        [
            "date,kind,name,decision,confidence",
            "2026-09-02,holiday,Quốc khánh,9441/TB-BNV,confirmed",
            "2026-11-24,holiday,Ngày Văn hóa Việt Nam,,estimated",
        ]
    )
    assert rows == (
        CalendarDay(on("2026-09-02"), DayKind.HOLIDAY, "Quốc khánh", "9441/TB-BNV", True),
        CalendarDay(on("2026-11-24"), DayKind.HOLIDAY, "Ngày Văn hóa Việt Nam", None, False),
    )


@pytest.mark.parametrize(
    ("confidences", "confirmed"),
    [([True], True), ([False], False), ([True, False], True), ([False, True], True)],
)
def test_a_year_is_confirmed_unless_all_of_it_is_estimated(confidences: list[bool], confirmed: bool) -> None:
    rows = [
        CalendarDay(date(2028, 9, 4 + number), DayKind.HOLIDAY, "Quốc khánh", confirmed=known)
        for number, known in enumerate(confidences)
    ]
    assert confirmed_years(rows) == {2028: confirmed}


@pytest.mark.parametrize(
    "line",
    ["2026-13-01,holiday,X,,confirmed", "2026-01-01,feast,X,,confirmed", "2026-01-01,holiday,X,,maybe", "x"],
)
def test_an_unreadable_row_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parse_days(["date,kind,name,decision,confidence", line])
    assert refusal.value.message == (
        "Dòng 2 của tệp lịch làm việc không đọc được; hãy kiểm tra các cột "
        "date, kind, name, decision, confidence."
    )


@PROPERTIES
@given(
    day=st.dates(on("2017-01-01"), on("2026-12-31")),
    n=st.integers(-120, 120),
    calendar=st.sampled_from([COUNTING, NOT_COUNTING]),
)
def test_adding_working_days_is_stepping_one_by_one(day: date, n: int, calendar: WorkingCalendar) -> None:
    step = timedelta(days=1 if n > 0 else -1)
    expected, left = day, abs(n)
    while left:
        expected += step
        left -= calendar.is_working_day(expected)
    assert calendar.add_working_days(day, n) == expected
    if n > 0:
        assert calendar.working_days_between(day, expected) == n


@PROPERTIES
@given(
    start=st.datetimes(at("2017-01-01").replace(tzinfo=None), at("2026-12-01").replace(tzinfo=None)),
    minutes=st.integers(0, 10_000),
)
def test_adding_and_measuring_working_minutes_agree(start: datetime, minutes: int) -> None:
    begun = start.replace(tzinfo=OFFICE_ZONE)
    end = COUNTING.add_working_minutes(begun, minutes)
    assert COUNTING.working_minutes_between(begun, end) == minutes
    assert COUNTING.first_working_moment(end) == end
