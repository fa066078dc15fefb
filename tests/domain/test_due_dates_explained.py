"""The day-by-day explanation of a due date, as people read it on the dossier's page."""

from __future__ import annotations

from datetime import time

import pytest

from tests.domain.seeded_office import COUNTING, DAY, HOUR, UNSHIFTED, WORKING_DAY, at, due, limit, on
from tthc.domain.due_dates import DuePolicy, ExplainedDay, compute_due_date
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import DayMark, LimitUnit


def test_the_end_of_a_segment_is_explained() -> None:
    chain = TimeLimit((LimitSegment(2, WORKING_DAY, "Ban Quản lý"), LimitSegment(1, WORKING_DAY)))
    rows = compute_due_date(at("2026-06-01T09:00"), chain, COUNTING).days
    assert [row.counted for row in rows] == [False, True, True, True]
    assert rows[2].reason == (
        "Ngày làm việc; hết đoạn 1 (02 ngày làm việc – Ban Quản lý), "
        "là ngày bắt đầu của đoạn 2 nên không tính vào đoạn 2"
    )
    assert rows[2].amount == 1
    bare = compute_due_date(at("2026-06-01T09:00"), limit((2, WORKING_DAY), (1, DAY)), COUNTING).days
    assert bare[2].reason == (
        "Ngày làm việc; hết đoạn 1 (02 ngày làm việc), là ngày bắt đầu của đoạn 2 nên không tính vào đoạn 2"
    )


def test_every_date_is_explained() -> None:
    rows = due("2024-04-26T17:40", 3, WORKING_DAY).days
    rule = "theo quy chế của đơn vị, thời hạn tính như nhận vào Thứ Năm 02/05/2024"
    source = "5015/TB-LĐTBXH; 1570/TB-LĐTBXH; CV 2450/VPCP-KGVX (hoán đổi)"
    assert [(f"{row.date:%d/%m}", row.counted, row.amount, row.reason) for row in rows] == [
        ("26/04", False, 0, f"Tiếp nhận sau giờ làm việc: {rule}"),
        ("27/04", False, 0, "Thứ Bảy"),
        ("28/04", False, 0, "Chủ nhật"),
        ("29/04", False, 0, f"Nghỉ hoán đổi – {source}"),
        ("30/04", False, 0, f"Nghỉ lễ: Ngày Chiến thắng – {source}"),
        ("01/05", False, 0, f"Nghỉ lễ: Ngày Quốc tế Lao động – {source}"),
        (
            "02/05",
            False,
            0,
            "Ngày bắt đầu tính thời hạn – không tính (khoản 1 Điều 147 Bộ luật Dân sự 2015)",
        ),
        ("03/05", True, 1, "Ngày làm việc"),
        ("04/05", True, 1, f"Làm bù cho ngày 29/04/2024 – {source}"),
        ("05/05", False, 0, "Chủ nhật"),
        ("06/05", True, 1, "Ngày làm việc"),
    ]


def test_a_rolled_last_day_is_explained_and_not_counted() -> None:
    rows = due("2026-06-01T09:00", 19, DAY).days  # Saturday 20/06
    assert [(f"{row.date:%d/%m}", row.counted, row.reason) for row in rows[-3:]] == [
        ("20/06", True, "Thứ Bảy – thời hạn theo ngày tính cả ngày nghỉ"),
        ("21/06", False, "Chủ nhật – chưa phải ngày làm việc tiếp theo"),
        (
            "22/06",
            False,
            (
                "Ngày cuối rơi vào Thứ Bảy 20/06/2026, chuyển sang ngày làm việc tiếp theo – "
                "khoản 5 Điều 148 Bộ luật Dân sự 2015"
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("received", "unit", "policy", "reason"),
    [
        (
            "2026-06-07T09:00",
            DAY,
            DuePolicy(),
            (
                "Tiếp nhận vào ngày không làm việc (Chủ nhật): theo quy chế của đơn vị, "
                "thời hạn tính như nhận vào Thứ Hai 08/06/2026"
            ),
        ),
        (
            "2026-06-05T15:30",
            DAY,
            DuePolicy(cutoff=time(15)),
            "Tiếp nhận sau 15:00: theo quy chế của đơn vị, thời hạn tính như nhận vào Thứ Hai 08/06/2026",
        ),
        (
            "2026-06-05T17:00",
            DAY,
            DuePolicy(cutoff=time(15)),
            "Tiếp nhận sau 15:00: theo quy chế của đơn vị, thời hạn tính như nhận vào Thứ Hai 08/06/2026",
        ),
        (
            "2026-06-05T17:30",
            DAY,
            DuePolicy(cutoff=time(15)),
            (
                "Tiếp nhận sau giờ làm việc: theo quy chế của đơn vị, "
                "thời hạn tính như nhận vào Thứ Hai 08/06/2026"
            ),
        ),
        (
            "2026-06-05T17:30",
            HOUR,
            UNSHIFTED,
            "Tiếp nhận sau giờ làm việc: giờ làm việc tính từ Thứ Hai 08/06/2026",
        ),
    ],
)
def test_the_shift_of_the_start_is_named(
    received: str, unit: LimitUnit, policy: DuePolicy, reason: str
) -> None:
    first = due(received, 1, unit, policy=policy).days[0]
    assert (first.date, first.counted, first.reason) == (at(received).date(), False, reason)


def test_hours_and_pauses_are_explained_by_the_minute() -> None:
    rows = due(
        "2026-06-05T15:00",
        4,
        HOUR,
        ("2026-06-05T16:00", "2026-06-09T08:00"),
        ("2026-06-09T08:30", "2026-06-09T09:00"),
    ).days
    stand = "Tạm dừng tính thời hạn từ 16:00 05/06/2026 đến 08:00 09/06/2026"
    assert [(f"{row.date:%d/%m}", row.counted, row.amount, row.reason) for row in rows] == [
        ("05/06", True, 60, "Ngày làm việc, tính từ 15:00, đã trừ thời gian tạm dừng"),
        ("06/06", False, 0, "Thứ Bảy"),
        ("07/06", False, 0, "Chủ nhật"),
        ("08/06", False, 0, stand),
        ("09/06", True, 180, "Ngày làm việc, đã trừ thời gian tạm dừng"),
    ]
    late = due("2026-06-05T17:00", 1, HOUR).days
    assert (late[0].amount, late[0].reason) == (0, "Ngày làm việc, không còn giờ làm việc để tính")
    last_minute = due("2026-06-05T16:59", 1, HOUR).days
    assert (last_minute[0].counted, last_minute[0].amount) == (True, 1)
    # A stand outside the counted time is not said to have taken any.
    for stand_after in (("2026-06-05T10:00", "2026-06-05T11:00"), ("2026-06-05T09:00", "2026-06-05T10:00")):
        free = due("2026-06-05T08:00", 1, HOUR, stand_after).days
        assert free[0].reason == "Ngày làm việc, tính từ 08:00"


def test_a_paused_date_is_explained() -> None:
    rows = due("2026-06-04T09:00", 3, WORKING_DAY, ("2026-06-05T10:00", "2026-06-09T10:00")).days
    stand = "Tạm dừng tính thời hạn từ 10:00 05/06/2026 đến 10:00 09/06/2026"
    assert [row.reason for row in rows[1:6]] == [stand, "Thứ Bảy", "Chủ nhật", stand, "Ngày làm việc"]


def test_a_stand_after_a_last_day_off_is_explained() -> None:
    rows = due("2026-06-01T09:00", 20, DAY, ("2026-06-22T09:00", "2026-06-24T09:00")).days
    assert [(f"{row.date:%d/%m}", row.counted, row.amount, row.reason) for row in rows[-3:]] == [
        ("22/06", False, 0, "Tạm dừng tính thời hạn từ 09:00 22/06/2026 đến 09:00 24/06/2026"),
        ("23/06", False, 0, "Tạm dừng tính thời hạn từ 09:00 22/06/2026 đến 09:00 24/06/2026"),
        (
            "24/06",
            False,
            0,
            (
                "Ngày cuối rơi vào Chủ nhật 21/06/2026, chuyển sang ngày làm việc tiếp theo – "
                "khoản 5 Điều 148 Bộ luật Dân sự 2015"
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("received", "amount", "unit", "pauses", "marks"),
    [
        # Fri 05/06/2026 17:40 → start Mon 08/06; 09, 10.
        ("2026-06-05T17:40", 2, WORKING_DAY, [], "UNCOUNTED OFF OFF UNCOUNTED COUNTED COUNTED"),
        # Received on a Saturday.
        ("2026-06-06T09:00", 1, WORKING_DAY, [], "OFF OFF UNCOUNTED COUNTED"),
        # A paused Friday and Monday around the weekend.
        (
            "2026-06-04T09:00",
            1,
            WORKING_DAY,
            [("2026-06-05T10:00", "2026-06-09T10:00")],
            "UNCOUNTED PAUSED OFF OFF PAUSED COUNTED",
        ),
        # Plain days count the weekend and roll off it.
        ("2026-06-04T09:00", 2, DAY, [], "UNCOUNTED COUNTED COUNTED OFF UNCOUNTED"),
        # A stand on the day onto which they would roll.
        (
            "2026-06-04T09:00",
            2,
            DAY,
            [("2026-06-08T10:00", "2026-06-09T10:00")],
            "UNCOUNTED COUNTED COUNTED OFF PAUSED UNCOUNTED",
        ),
        (
            "2026-06-05T16:00",
            2,
            HOUR,
            [("2026-06-08T07:00", "2026-06-08T17:30")],
            "COUNTED OFF OFF PAUSED COUNTED",
        ),
        ("2026-06-05T17:00", 1, HOUR, [], "UNCOUNTED OFF OFF COUNTED"),
    ],
)
def test_each_date_bears_its_mark(
    received: str, amount: int, unit: LimitUnit, pauses: list[tuple[str, str]], marks: str
) -> None:
    days = due(received, amount, unit, *pauses).days
    assert [row.mark for row in days] == [DayMark[mark] for mark in marks.split()]
    assert [row.counted for row in days] == [row.mark is DayMark.COUNTED for row in days]


def test_what_was_kept_in_words_only_bears_no_mark() -> None:
    row = ExplainedDay(on("2026-06-05"), True, 1, "Ngày làm việc")
    assert row.mark is None
    assert LimitSegment(1, DAY).agency == ""
