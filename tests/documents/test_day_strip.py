"""The strip of days: every day in its place, labels that do not meet, and the same in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, DAY, HOUR, WORKING_DAY, at, due, limit
from tthc.documents.day_strip import DayStrip, Label, lay_out
from tthc.domain.due_dates import DueDate, compute_due_date
from tthc.domain.vocabulary import DayMark, LimitUnit

#: Received on Friday 05/06/2026 after hours: 09, 10, 11, 12, 15/06.
FIVE = due("2026-06-05T17:40", 5, WORKING_DAY)


def strip(answer: DueDate, received: str, **more: object) -> DayStrip:
    arguments: dict[str, object] = {"due_on": answer.due_on, **more}
    found = lay_out(answer.days, received_on=date.fromisoformat(received), **arguments)
    assert found is not None
    return found


def kinds(found: DayStrip) -> list[str]:
    return [cell.kind for cell in found.cells]


def words(labels: object) -> list[str]:
    return [label.words for label in labels]


def extent(label: Label) -> tuple[float, float]:
    """Where a label lies, in px of the narrowest strip, with letters as wide as they come."""
    width = len(label.words) * 6.8
    left = label.x * 2.8 - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
    return left, left + width


def check(found: DayStrip) -> None:
    """What holds for every strip: no gap between days, no label over the edge or over another."""
    place = 0.0
    for cell in found.cells:
        assert cell.x == pytest.approx(place, abs=0.05)
        assert 0 < cell.height <= 1
        assert found.bar_y(cell) + found.bar_height(cell) == pytest.approx(found.bottom)
        place += cell.width
    assert place == pytest.approx(100, abs=0.5) or (
        found.now is not None and place == pytest.approx(92, abs=0.5)
    )
    above = [(label.lane, *extent(label)) for label in found.above]
    dates = [(0, *extent(label)) for label in found.dates]
    for row in (above, dates):
        for number, (lane, left, right) in enumerate(row):
            assert left >= -1
            assert right <= 281
            for other, start, end in row[:number]:
                assert lane != other or right <= start or end <= left
    assert found.now is None or (extent(found.now)[0] >= -1 and extent(found.now)[1] <= 281)
    assert found.top < found.bottom < found.height
    assert all(0 < found.lane_y(label) < found.top for label in found.above)


def test_five_days_one_by_one() -> None:
    found = strip(FIVE, "2026-06-05", now_on=date(2026, 6, 9))
    check(found)
    assert kinds(found) == (
        ["uncounted", "off", "off", "uncounted"] + ["counted"] * 4 + ["off", "off", "counted"]
    )
    assert words(found.dates) == [str(number) for number in range(5, 16)]
    assert [(label.words, label.x, label.anchor) for label in found.above] == [
        ("Tiếp nhận 05/06", 0.0, "start"),
        ("Hẹn trả 15/06", 100.0, "end"),
    ]
    assert found.now is not None
    # The middle of the fifth of eleven days.
    assert (found.now.words, found.now.x) == ("Hôm nay 09/06", pytest.approx(4.5 / 11 * 100, abs=0.01))
    assert found.cells[4].title == "Thứ Ba 09/06/2026: Ngày làm việc"
    assert list(found.legend) == [
        ("counted", "05 ngày được tính"),
        ("off", "04 ngày nghỉ không tính"),
        ("uncounted", "02 ngày bắt đầu hoặc chuyển tiếp, không tính"),
    ]
    assert found.description == (
        "Tiếp nhận Thứ Sáu 05/06/2026; Hẹn trả Thứ Hai 15/06/2026; Hôm nay 09/06/2026. Gồm "
        "05 ngày được tính, 04 ngày nghỉ không tính, 02 ngày bắt đầu hoặc chuyển tiếp, không tính."
    )


def test_an_extension_shows_both_appointments() -> None:
    chain = limit((25, DAY), (7, WORKING_DAY))
    first = compute_due_date(at("2026-06-01T09:00"), chain, COUNTING)
    extended = compute_due_date(at("2026-06-01T09:00"), chain, COUNTING, extension=5)
    found = strip(extended, "2026-06-01", first_due_on=first.due_on, now_on=date(2026, 6, 22))
    check(found)
    assert words(found.above) == ["Tiếp nhận 01/06", "Hẹn lần đầu 07/07", "Hẹn trả 14/07"]
    assert [label.lane for label in found.above] == [0, 0, 1]
    # Mondays, as many as there is room for.
    assert words(found.dates) == ["01/06", "15/06", "29/06"]
    unchanged = strip(first, "2026-06-01", first_due_on=first.due_on)
    assert len(unchanged.above) == 2


def test_hours_are_shown_by_height() -> None:
    # Fri 15:00–17:00, Mon 10:00–14:00 paused, in all 12 hours.
    hours = due("2026-06-05T15:00", 12, HOUR, ("2026-06-08T10:00", "2026-06-08T14:00"))
    found = strip(hours, "2026-06-05")
    check(found)
    minutes = [row.amount for row in hours.days]
    assert [cell.height for cell in found.cells if cell.kind == "counted"] == [
        pytest.approx(max(amount / max(minutes), 0.25), abs=0.001) for amount in minutes if amount
    ]
    assert found.legend[0] == ("counted", "12 giờ được tính trong 03 ngày")
    assert found.now is None
    odd = strip(due("2026-06-05T16:59", 1, HOUR), "2026-06-05")
    assert odd.legend[0][1] == "01 giờ được tính trong 02 ngày"
    assert odd.cells[0].height == 0.25


def test_a_finished_pause_is_hatched() -> None:
    paused = due("2026-06-04T09:00", 15, WORKING_DAY, ("2026-06-09T10:00", "2026-06-22T10:00"))
    found = strip(paused, "2026-06-04", now_on=date(2026, 7, 20), now_words="Kết thúc")
    check(found)
    assert kinds(found).count("paused") == 9
    assert ("paused", "09 ngày tạm dừng tính thời hạn") in found.legend
    assert found.now is not None
    # Past the last day: in the space that is left for it.
    assert (found.now.words, found.now.x, found.now.anchor) == ("Kết thúc 20/07", 96.0, "end")
    assert found.above[-1].x == pytest.approx(92, abs=0.01)


def test_a_stop_that_is_not_over_yet() -> None:
    found = strip(
        FIVE, "2026-06-05", now_on=date(2026, 6, 11), stopped_since=date(2026, 6, 9), first_due_on=FIVE.due_on
    )
    check(found)
    assert kinds(found)[4:8] == ["stopped", "stopped", "stopped", "counted"]
    assert ("stopped", "03 ngày đang dừng, ngày hẹn trả được tính lại khi tiếp tục") in found.legend


def test_a_limit_that_began_anew_shows_what_was_before() -> None:
    anew = due("2026-06-17T09:00", 5, WORKING_DAY)
    found = strip(anew, "2026-06-01")
    check(found)
    assert kinds(found)[:17] == ["before"] * 16 + ["uncounted"]
    assert found.cells[0].title == "Thứ Hai 01/06/2026"


@pytest.mark.parametrize(
    ("due_on", "last", "kind"),
    [(date(2026, 6, 30), date(2026, 6, 30), "beyond"), (date(2026, 6, 9), date(2026, 6, 15), "counted")],
)
def test_an_appointment_that_was_given_lies_where_it_is(due_on: date, last: date, kind: str) -> None:
    found = strip(FIVE, "2026-06-05", due_on=due_on)
    check(found)
    assert len(found.cells) == (last - date(2026, 6, 5)).days + 1
    assert kinds(found)[-1] == kind
    [label] = [label for label in found.above if label.words.startswith("Hẹn trả")]
    assert label.x == pytest.approx(((due_on - date(2026, 6, 5)).days + 1) / len(found.cells) * 100, abs=0.01)


@pytest.mark.parametrize(
    ("amount", "unit", "cells", "labels"),
    [
        (35, WORKING_DAY, 50, ["02/03", "16/03", "30/03", "13/04"]),
        # Plain days, all counted but the first: two stretches.
        (3, LimitUnit.MONTH, 2, ["02/03", "23/03", "13/04", "04/05"]),
    ],
)
def test_a_long_limit_stays_legible(amount: int, unit: LimitUnit, cells: int, labels: list[str]) -> None:
    found = strip(due("2026-03-02T09:00", amount, unit), "2026-03-02", now_on=date(2026, 3, 3))
    check(found)
    assert len(found.cells) == cells
    assert words(found.dates) == labels
    assert "93" not in words(found.dates)
    if cells == 2:
        assert found.cells[1].title == "03/03/2026 – 02/06/2026: 92 ngày được tính"


def test_another_year_is_named() -> None:
    # 23, 24, 25, 26, 29, 30, 31/12, then 05, 06, 07/01: 01/01 and 02/01 are off.
    found = strip(due("2025-12-22T09:00", 10, WORKING_DAY), "2025-12-22", now_on=date(2025, 12, 23))
    check(found)
    assert words(found.above) == ["Tiếp nhận 22/12", "Hẹn trả 07/01/2026"]


def test_where_no_day_is_explained_there_is_no_strip() -> None:
    assert lay_out((), received_on=date(2026, 6, 5), due_on=date(2026, 6, 5)) is None


@given(
    start=st.dates(date(2024, 1, 2), date(2025, 6, 1)),
    amount=st.integers(1, 200),
    unit=st.sampled_from([WORKING_DAY, DAY]),
    first=st.integers(0, 60),
    now=st.integers(0, 400),
)
def test_every_strip_fits_the_narrowest_screen(
    start: date, amount: int, unit: LimitUnit, first: int, now: int
) -> None:
    answer = due(f"{start}T09:00", amount, unit)
    found = strip(
        answer,
        str(start),
        first_due_on=answer.due_on - timedelta(days=first),
        now_on=start + timedelta(days=now),
    )
    check(found)
    assert sum(1 for row in answer.days if row.mark is DayMark.COUNTED) == amount
    assert found.legend[0] == ("counted", f"{amount:02d} ngày được tính")
