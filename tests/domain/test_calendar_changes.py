"""What a change makes of a calendar, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange, ChangeRefused, day_changes, effect_of
from tthc.domain.vocabulary import DayKind

MONDAY, SATURDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 22)
CULTURE_DAY = CalendarDay(date(2026, 11, 24), DayKind.HOLIDAY, "Ngày Văn hóa Việt Nam", None, False)
NEW_YEAR = CalendarDay(date(2026, 1, 1), DayKind.HOLIDAY, "Tết Dương lịch", "9441/TB-BNV")
DAYS = {day.date: day for day in (NEW_YEAR, CULTURE_DAY)}
YEARS = {2026: True}


def off(on: date, **more: object) -> CalendarDay:
    values = {"kind": DayKind.SWAPPED_OFF, "name": "Nghỉ hoán đổi", "decision": "1/TB", **more}
    return CalendarDay(on, **values)  # type: ignore[arg-type]


def test_a_swap_adds_two_rows() -> None:
    worked = off(SATURDAY, kind=DayKind.WORKED_SATURDAY, name="Làm bù")
    effect = effect_of(CalendarChange(days=(worked, off(MONDAY))), DAYS, YEARS)
    assert effect.added == (off(MONDAY), worked)
    assert (effect.removed, effect.years_set, dict(effect.years)) == ((), {}, YEARS)
    assert effect.dates == {MONDAY, SATURDAY}
    assert len(effect.days) == 4


def test_a_row_takes_the_place_of_the_one_of_its_date() -> None:
    confirmed = CalendarDay(CULTURE_DAY.date, DayKind.HOLIDAY, "Ngày Văn hóa Việt Nam", "28/2026/QH16")
    effect = effect_of(CalendarChange(days=(confirmed,)), DAYS, YEARS)
    assert (effect.added, effect.removed) == ((confirmed,), (CULTURE_DAY,))
    [change] = day_changes(effect.added, effect.removed)
    assert (change.date, change.before, change.after) == (CULTURE_DAY.date, CULTURE_DAY, confirmed)


def test_texts_are_tidied() -> None:
    # "ễ" as two characters, and blanks that nobody sees.
    loose = off(MONDAY, name="  Nghỉ lê\u0303  bất  thường ", decision="  ", confirmed=False)
    [day] = effect_of(CalendarChange(days=(loose,)), DAYS, YEARS).added
    assert (day.name, day.decision) == ("Nghỉ lễ bất thường", None)


def test_a_year_begins_as_an_estimate_and_is_confirmed_with_all_its_rows() -> None:
    new = off(date(2028, 1, 3), decision=None, confirmed=False)
    effect = effect_of(CalendarChange(days=(new,)), DAYS, YEARS)
    assert effect.years_set == {2028: False}
    confirmed = effect_of(CalendarChange(confirmed=((2028, " 5/TB "),)), effect.days, effect.years)
    assert confirmed.years_set == {2028: True}
    assert confirmed.added == (off(date(2028, 1, 3), decision="5/TB"),)
    # A row that was confirmed already keeps its own decision.
    year = effect_of(CalendarChange(confirmed=((2026, "6/TB"),)), DAYS, YEARS)
    assert [day.date for day in year.added] == [CULTURE_DAY.date]
    assert (year.years_set, year.days[NEW_YEAR.date]) == ({}, NEW_YEAR)
    back = effect_of(CalendarChange(unconfirmed=(2026,)), DAYS, YEARS)
    assert (back.years_set, back.added, back.removed) == ({2026: False}, (), ())


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (CalendarChange(), None, "không làm lịch khác đi"),
        (CalendarChange(days=(NEW_YEAR,)), None, "không làm lịch khác đi"),
        (CalendarChange(days=(off(SUNDAY),)), "date", "22/11/2026 là Chủ nhật, vốn đã nghỉ"),
        (CalendarChange(days=(off(SATURDAY),)), "date", "28/11/2026 là Thứ Bảy, vốn đã nghỉ"),
        (CalendarChange(days=(off(MONDAY, kind=DayKind.WORKED_SATURDAY),)), "date", "phải là Thứ Bảy"),
        (CalendarChange(days=(off(MONDAY), off(MONDAY))), "date", "khai hai lần"),
        (CalendarChange(days=(off(CULTURE_DAY.date),), removed=(CULTURE_DAY.date,)), "date", "hai lần"),
        (CalendarChange(removed=(MONDAY,)), "date", "không có dòng nào"),
        (CalendarChange(removed=(NEW_YEAR.date, CULTURE_DAY.date)), "date", "Không bỏ hết các ngày của năm"),
        (CalendarChange(days=(off(MONDAY, name=" "),)), "name", "Nhập tên ngày"),
        (CalendarChange(days=(off(MONDAY, name="x" * 301),)), "name", "tối đa 300"),
        (CalendarChange(days=(off(MONDAY, decision="@cmd"),)), "decision", "Không bắt đầu bằng"),
        (CalendarChange(days=(off(MONDAY, decision=None),)), "decision", "Nhập số văn bản"),
        (CalendarChange(days=(off(date(1999, 11, 22)),)), "date", "Năm phải từ 2000 đến 2100"),
        (CalendarChange(confirmed=((2026, " "),)), "decision", "Nhập số văn bản xác nhận lịch năm 2026"),
        (CalendarChange(confirmed=((2026, "=1"),)), "decision", "không bắt đầu bằng"),
        (CalendarChange(confirmed=((2030, "5/TB"),)), "year", "2030 chưa có ngày nghỉ nào"),
        (CalendarChange(unconfirmed=(2030,)), "year", "chưa có năm 2030"),
    ],
)
def test_what_cannot_be_is_refused(change: CalendarChange, field: str | None, message: str) -> None:
    with pytest.raises(ChangeRefused, match=message) as refused:
        effect_of(change, DAYS, YEARS)
    assert refused.value.field == field


def test_every_bad_row_is_named() -> None:
    change = CalendarChange(
        days=(off(SUNDAY), off(MONDAY), off(SATURDAY, name="")), removed=(SATURDAY, MONDAY)
    )
    with pytest.raises(ChangeRefused) as refused:
        effect_of(change, DAYS, YEARS)
    assert [(row.index, row.field) for row in refused.value.rows] == [
        (0, "date"),
        (2, "date"),
        (2, "name"),
        (3, "date"),
        (4, "date"),
    ]


def test_a_confirmed_row_without_a_decision_stays_possible_where_it_was() -> None:
    old = CalendarDay(date(2016, 1, 1), DayKind.HOLIDAY, "Tết Dương lịch")
    days, years = {**DAYS, old.date: old}, {2016: True, **YEARS}
    effect = effect_of(CalendarChange(days=(old, off(MONDAY))), days, years)
    assert effect.added == (off(MONDAY),)
