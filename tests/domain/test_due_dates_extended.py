"""Limits with an extension: on which day they end, how long an extension is, and how it is explained."""

from __future__ import annotations

import pytest

from tests.domain.seeded_office import (
    COUNTING,
    DAY,
    HOUR,
    MONTH,
    NOT_COUNTING,
    WORKING_DAY,
    at,
    due,
    limit,
    on,
    stands,
)
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.due_dates import compute_due_date, measure_extension
from tthc.domain.vocabulary import DomainError, LimitUnit

TUESDAY_TO_THURSDAY = ("2026-06-09T10:00", "2026-06-11T10:00")
WEDNESDAY_8_TO_10 = ("2026-06-03T08:00", "2026-06-03T10:00")


@pytest.mark.parametrize(
    ("received", "amount", "unit", "pauses", "extension", "due_at"),
    [
        ("2026-06-01T09:00", 5, WORKING_DAY, [], 0, "2026-06-08T17:00"),
        ("2026-06-01T09:00", 5, WORKING_DAY, [], 1, "2026-06-09T17:00"),
        ("2026-06-01T09:00", 5, WORKING_DAY, [], 4, "2026-06-12T17:00"),
        ("2026-06-01T09:00", 5, WORKING_DAY, [], 5, "2026-06-15T17:00"),
        # 20 days end on Sunday 21/06: the extension follows that day, not the Monday of the roll
        ("2026-06-01T09:00", 20, DAY, [], 1, "2026-06-22T17:00"),
        ("2026-06-01T09:00", 20, DAY, [], 2, "2026-06-23T17:00"),
        ("2026-05-29T09:00", 1, MONTH, [], 1, "2026-06-30T17:00"),
        # over the worked Saturday 04/05/2024
        ("2024-05-02T09:00", 1, WORKING_DAY, [], 2, "2024-05-06T17:00"),
        # the clock stands at the closing of 09/06 and 10/06
        ("2026-06-01T09:00", 5, WORKING_DAY, [TUESDAY_TO_THURSDAY], 3, "2026-06-15T17:00"),
        # minutes after Tue 02/06 15:30
        ("2026-06-01T15:00", 8, HOUR, [], 1, "2026-06-02T15:31"),
        ("2026-06-01T15:00", 8, HOUR, [], 90, "2026-06-02T17:00"),
        ("2026-06-01T15:00", 8, HOUR, [], 91, "2026-06-03T07:31"),
        ("2026-06-01T15:00", 8, HOUR, [WEDNESDAY_8_TO_10], 121, "2026-06-03T10:01"),
    ],
)
def test_an_extension_follows_the_last_day_of_the_limit(
    received: str, amount: int, unit: LimitUnit, pauses: list[tuple[str, str]], extension: int, due_at: str
) -> None:
    counted = due(received, amount, unit, *pauses, extension=extension)
    assert counted.due_at == at(due_at)
    first = due(received, amount, unit, *pauses)
    assert sum(row.amount for row in counted.days) == sum(row.amount for row in first.days) + extension


@pytest.mark.parametrize(
    ("received", "amount", "unit", "pauses", "new_due_on", "extension"),
    [
        ("2026-06-01T09:00", 5, WORKING_DAY, [], "2026-06-09", 1),
        ("2026-06-01T09:00", 5, WORKING_DAY, [], "2026-06-15", 5),
        ("2026-06-01T09:00", 20, DAY, [], "2026-06-23", 2),
        ("2026-06-01T09:00", 5, WORKING_DAY, [TUESDAY_TO_THURSDAY], "2026-06-11", 1),
        ("2026-06-01T09:00", 5, WORKING_DAY, [TUESDAY_TO_THURSDAY], "2026-06-15", 3),
        ("2026-06-01T09:00", 5, WORKING_DAY, [("2026-06-09T10:00", "2026-06-10T10:00")], "2026-06-11", 2),
        ("2026-06-01T15:00", 8, HOUR, [], "2026-06-03", 90 + 450),
        ("2026-06-01T15:00", 8, HOUR, [WEDNESDAY_8_TO_10], "2026-06-03", 90 + 330),
        ("2026-06-01T15:00", 8, HOUR, [WEDNESDAY_8_TO_10], "2026-06-05", 90 + 3 * 450 - 120),
        # seconds of the receipt and of the stand are not carried past closing
        (
            "2026-06-01T15:00:40",
            8,
            HOUR,
            [("2026-06-03T08:00:30", "2026-06-03T09:59:40")],
            "2026-06-05",
            90 + 3 * 450 - 120,
        ),
    ],
)
def test_an_extension_is_measured_to_the_new_date(
    received: str,
    amount: int,
    unit: LimitUnit,
    pauses: list[tuple[str, str]],
    new_due_on: str,
    extension: int,
) -> None:
    measured = measure_extension(
        at(received), limit((amount, unit)), COUNTING, None, stands(pauses), new_due_on=on(new_due_on)
    )
    assert measured == extension
    counted = due(received, amount, unit, *pauses, extension=measured)
    assert counted.due_on == on(new_due_on)
    assert f"{counted.due_at:%H:%M}" == ("16:59" if ":40" in received else "17:00")


def test_an_extension_of_a_limit_follows_the_setting_of_saturdays() -> None:
    received, one_day = at("2024-05-02T09:00"), limit((1, WORKING_DAY))
    for calendar, extension in ((COUNTING, 2), (NOT_COUNTING, 1)):
        assert measure_extension(received, one_day, calendar, new_due_on=on("2024-05-06")) == extension
        again = compute_due_date(received, one_day, calendar, extension=extension)
        assert again.due_on == on("2024-05-06")


@pytest.mark.parametrize(
    ("new_due_on", "message"),
    [
        ("2026-06-05", "Ngày hẹn mới phải sau ngày 08/06/2026 là ngày hết thời hạn giải quyết."),
        ("2026-06-08", "Ngày hẹn mới phải sau ngày 08/06/2026 là ngày hết thời hạn giải quyết."),
        (
            "2026-06-13",
            "Thứ Bảy 13/06/2026 không phải ngày làm việc (Thứ Bảy); chọn một ngày làm việc.",
        ),
    ],
)
def test_a_date_that_extends_nothing_is_refused(new_due_on: str, message: str) -> None:
    with pytest.raises(DomainError) as refused:
        measure_extension(
            at("2026-06-01T09:00"), limit((5, WORKING_DAY)), COUNTING, new_due_on=on(new_due_on)
        )
    assert (refused.value.message, refused.value.field) == (message, "new_due_on")


@pytest.mark.parametrize(
    ("received", "amount", "unit", "pause", "new_due_on", "message"),
    [
        # five working days with a stand of two end on Mon 08/06
        (
            "2026-05-28T09:00",
            5,
            WORKING_DAY,
            ("2026-06-01T10:00", "2026-06-03T15:00"),
            "2026-06-05",
            "Ngày hẹn mới phải sau ngày 08/06/2026 là ngày hết thời hạn giải quyết.",
        ),
        (
            "2026-06-01T09:00",
            5,
            WORKING_DAY,
            TUESDAY_TO_THURSDAY,
            "2026-06-10",
            "Ngày 10/06/2026 nằm trong thời gian tạm dừng tính thời hạn; chọn một ngày khác.",
        ),
        (
            "2026-06-01T15:00",
            8,
            HOUR,
            TUESDAY_TO_THURSDAY,
            "2026-06-10",
            "Ngày 10/06/2026 nằm trong thời gian tạm dừng tính thời hạn; chọn một ngày khác.",
        ),
    ],
)
def test_an_extension_heeds_the_stands_of_the_clock(
    received: str, amount: int, unit: LimitUnit, pause: tuple[str, str], new_due_on: str, message: str
) -> None:
    with pytest.raises(DomainError) as refused:
        measure_extension(
            at(received), limit((amount, unit)), COUNTING, None, stands([pause]), new_due_on=on(new_due_on)
        )
    assert (refused.value.message, refused.value.field) == (message, "new_due_on")


def test_an_extension_past_the_calendar_is_refused() -> None:
    with pytest.raises(CalendarNotCovered, match="năm 2028"):
        measure_extension(
            at("2026-06-01T09:00"), limit((5, WORKING_DAY)), COUNTING, new_due_on=on("2028-01-03")
        )
    with pytest.raises(CalendarNotCovered, match="năm 2028"):
        due("2026-06-01T09:00", 5, WORKING_DAY, extension=400)


def test_an_extension_in_days_is_explained() -> None:
    rows = due("2026-06-04T09:00", 2, DAY, extension=2).days
    assert [(f"{row.date:%d/%m}", row.counted, row.reason) for row in rows[1:]] == [
        ("05/06", True, "Ngày làm việc"),
        (
            "06/06",
            True,
            (
                "Thứ Bảy – thời hạn theo ngày tính cả ngày nghỉ; "
                "hết thời hạn, phần gia hạn tính từ ngày kế tiếp"
            ),
        ),
        ("07/06", False, "Chủ nhật"),
        ("08/06", True, "Ngày làm việc – gia hạn"),
        ("09/06", True, "Ngày làm việc – gia hạn"),
    ]


@pytest.mark.parametrize(
    ("received", "rows"),
    [
        (
            "2026-06-05T15:00",
            [
                ("05/06", 120, "Ngày làm việc, tính từ 15:00"),
                ("06/06", 0, "Thứ Bảy"),
                ("07/06", 0, "Chủ nhật"),
                ("08/06", 450, "Ngày làm việc; hết thời hạn, phần sau là gia hạn"),
                ("09/06", 450, "Ngày làm việc – gia hạn"),
                ("10/06", 60, "Ngày làm việc – gia hạn"),
            ],
        ),
        # One minute of the limit is left for Monday.
        (
            "2026-06-04T16:31",
            [
                ("04/06", 29, "Ngày làm việc, tính từ 16:31"),
                ("05/06", 450, "Ngày làm việc"),
                ("06/06", 0, "Thứ Bảy"),
                ("07/06", 0, "Chủ nhật"),
                ("08/06", 450, "Ngày làm việc; hết thời hạn, phần sau là gia hạn"),
                ("09/06", 151, "Ngày làm việc – gia hạn"),
            ],
        ),
        # The limit ends with the day, and its extension begins after a weekend.
        (
            "2026-06-04T16:30",
            [
                ("04/06", 30, "Ngày làm việc, tính từ 16:30"),
                ("05/06", 450, "Ngày làm việc; hết thời hạn, phần sau là gia hạn"),
                ("06/06", 0, "Thứ Bảy"),
                ("07/06", 0, "Chủ nhật"),
                ("08/06", 450, "Ngày làm việc – gia hạn"),
                ("09/06", 150, "Ngày làm việc – gia hạn"),
            ],
        ),
    ],
)
def test_an_extension_in_hours_is_explained(received: str, rows: list[tuple[str, int, str]]) -> None:
    counted = due(received, 8, HOUR, extension=600)
    assert [(f"{row.date:%d/%m}", row.amount, row.reason) for row in counted.days] == rows
