"""What a counting rule says, what it must not say, and on which receipts two rules are told apart."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from tthc.domain.calendar import CalendarDay, CalendarNotCovered, WorkingCalendar, WorkingHours
from tthc.domain.counting_rules import CountingRule, Trial, sample_receipts, try_rules
from tthc.domain.vocabulary import OFFICE_ZONE, DayKind, DomainError, DueAtMode

USUAL = CountingRule(WorkingHours())
#: Saturday 28/11/2026 is worked in exchange for Monday 23/11/2026.
DAYS = (
    CalendarDay(date(2026, 11, 23), DayKind.SWAPPED_OFF, "Nghỉ hoán đổi"),
    CalendarDay(date(2026, 11, 28), DayKind.WORKED_SATURDAY, "Làm bù cho ngày 23/11/2026"),
    CalendarDay(date(2016, 1, 9), DayKind.WORKED_SATURDAY, "Làm bù"),
)
YEARS = {2016: True, 2026: True}
NOW = datetime(2026, 11, 20, 8, 15, 42, tzinfo=OFFICE_ZONE)


def calendar(rule: CountingRule) -> WorkingCalendar:
    return WorkingCalendar(DAYS, YEARS, hours=rule.hours, count_worked_saturday=rule.count_worked_saturday)


def tried(old: CountingRule, new: CountingRule, first: date = date(2026, 11, 20)) -> list[Trial]:
    samples = sample_receipts(first, NOW, DAYS, calendar(USUAL), new.cutoff or old.cutoff)
    return try_rules(samples, (calendar(old), old.policy), (calendar(new), new.policy))


def test_the_rule_in_words() -> None:
    assert USUAL.told() == (
        ("Giờ làm việc", "07:30–11:30, 13:30–17:00"),
        ("Giờ chốt tiếp nhận trong ngày", "không có"),
        ("Hồ sơ nhận ngoài giờ hoặc sau giờ chốt", "tính như nhận vào giờ làm việc tiếp theo"),
        ("Thời điểm hẹn trả trong ngày cuối", "giờ đóng cửa"),
        ("Thứ Bảy làm bù", "tính là ngày làm việc"),
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            CountingRule(WorkingHours(((time(7), time(11, 30)), (time(13), time(16, 30))))),
            ("Giờ làm việc", "07:30–11:30, 13:30–17:00", "07:00–11:30, 13:00–16:30"),
        ),
        (
            CountingRule(WorkingHours(), cutoff=time(15)),
            ("Giờ chốt tiếp nhận trong ngày", "không có", "15:00"),
        ),
        (
            CountingRule(WorkingHours(), shift_after_hours=False),
            (
                "Hồ sơ nhận ngoài giờ hoặc sau giờ chốt",
                "tính như nhận vào giờ làm việc tiếp theo",
                "tính từ chính ngày tiếp nhận",
            ),
        ),
        (
            CountingRule(WorkingHours(), due_at_mode=DueAtMode.CLOCK_TIME),
            ("Thời điểm hẹn trả trong ngày cuối", "giờ đóng cửa", "giờ tiếp nhận của hồ sơ"),
        ),
        (
            CountingRule(WorkingHours(), count_worked_saturday=False),
            ("Thứ Bảy làm bù", "tính là ngày làm việc", "không tính vào thời hạn"),
        ),
    ],
)
def test_what_changed_is_told(changed: CountingRule, words: tuple[str, str, str]) -> None:
    assert changed.differences(USUAL) == (words,)
    assert changed.differences(changed) == ()


@pytest.mark.parametrize("cutoff", ["07:30", "07:00", "12:00", "13:30", "17:00", "18:00"])
def test_a_cut_off_outside_the_hours_is_refused(cutoff: str) -> None:
    with pytest.raises(DomainError, match="trong giờ làm việc") as refusal:
        CountingRule(WorkingHours(), cutoff=time.fromisoformat(cutoff)).check()
    assert refusal.value.field == "cutoff"


@pytest.mark.parametrize("cutoff", ["07:31", "11:30", "13:31", "16:59"])
def test_a_cut_off_within_the_hours_holds(cutoff: str) -> None:
    CountingRule(WorkingHours(), cutoff=time.fromisoformat(cutoff)).check()


def test_a_cut_off_without_effect_is_refused() -> None:
    with pytest.raises(DomainError, match="chỉ có tác dụng") as refusal:
        CountingRule(WorkingHours(), cutoff=time(15), shift_after_hours=False).check()
    assert refusal.value.field == "cutoff"


@pytest.mark.parametrize(
    ("first", "cutoff", "samples"),
    [
        (
            # Fri 20/11: the next worked Saturday is 28/11, before it the Friday.
            date(2026, 11, 20),
            None,
            ["20/11 08:15", "20/11 11:45", "20/11 17:40", "21/11 09:00", "27/11 09:30"],
        ),
        (
            # Mon 23/11 is off: the noon is that of Tuesday, and the Saturday one that is not worked.
            date(2026, 11, 23),
            time(15),
            ["23/11 08:15", "24/11 15:01", "24/11 11:45", "27/11 17:40", "05/12 09:00", "27/11 09:30"],
        ),
        # The worked Saturday itself and later: none is left.
        (date(2026, 11, 28), None, ["28/11 08:15", "28/11 11:45", "04/12 17:40", "05/12 09:00"]),
    ],
)
def test_the_receipts_on_which_rules_are_tried(first: date, cutoff: time | None, samples: list[str]) -> None:
    found = sample_receipts(first, NOW, DAYS, calendar(USUAL), cutoff)
    assert [f"{one.received_at:%d/%m %H:%M}" for one in found] == samples


def test_the_same_moment_is_tried_once() -> None:
    now = datetime(2026, 11, 26, 9, 30, tzinfo=OFFICE_ZONE)
    found = sample_receipts(date(2026, 11, 27), now, DAYS, calendar(USUAL), None)
    assert [one.note for one in found if one.received_at.day == 27] == [
        "trước thứ Bảy làm bù 28/11/2026",
        "vào buổi trưa",
        "sau giờ làm việc ngày thứ Sáu",
    ]


def test_without_a_calendar_there_is_nothing_to_try() -> None:
    with pytest.raises(CalendarNotCovered):
        sample_receipts(date(2028, 1, 3), NOW, DAYS, calendar(USUAL), None)


def test_two_rules_side_by_side() -> None:
    # Counted by hand, received before the worked Saturday, Fri 27/11/2026 09:30.
    old, new = USUAL, CountingRule(WorkingHours(), count_worked_saturday=False)
    last = [one for one in tried(old, new) if one.sample.note == "trước thứ Bảy làm bù 28/11/2026"]
    assert [
        (one.limit.label, f"{one.old.due_at:%d/%m %H:%M}", f"{one.new.due_at:%d/%m %H:%M}", one.differs)
        for one in last
        if one.old and one.new
    ] == [
        # 28, 30, 01, 02, 03 against 30, 01, 02, 03, 04.
        ("05 ngày làm việc", "03/12 17:00", "04/12 17:00", True),
        # 17/12 is a Thursday.
        ("20 ngày", "17/12 17:00", "17/12 17:00", False),
        # Friday 2 h + 3 h 30, Saturday 2 h 30; else Monday.
        ("08 giờ làm việc", "28/11 10:00", "30/11 10:00", True),
    ]


def test_a_count_past_the_calendar_is_left_open() -> None:
    found = tried(USUAL, CountingRule(WorkingHours(), cutoff=time(15)), date(2026, 12, 21))
    assert {(one.old is None, one.new is None) for one in found if one.limit.label == "20 ngày"} == {
        (True, True)
    }
    assert not any(one.differs for one in found if one.old is None)
