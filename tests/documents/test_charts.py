"""The layout of charts: where columns, bars and words stand, and that nothing leaves the field."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tthc.documents.charts import Group, Row, bars, columns

KINDS = (("received", "Mới tiếp nhận"), ("ended", "Đã giải quyết"))


def test_columns_stand_side_by_side_on_the_base() -> None:
    groups = [
        Group("T12", "2023", "Tháng 12 năm 2023", (1201, 0)),
        Group("T1", "2024", "Tháng 01 năm 2024", (5, 8)),
    ]
    chart = columns("Theo tháng", groups, KINDS)
    assert [line.label for line in chart.lines] == ["500", "1.000", "1.500", "2.000"]
    heights = [one.height for one in chart.columns]
    assert heights[0] == pytest.approx(180 * 1201 / 2000, abs=0.01)
    assert heights[1] == 0
    for one in chart.columns:
        assert one.y + one.height == pytest.approx(chart.base, abs=0.02)
        assert 10 <= one.x <= one.x + one.width <= 100
    edges = [(one.x, one.x + one.width) for one in chart.columns]
    assert all(left[1] <= right[0] + 0.01 for left, right in pairwise(edges))
    assert chart.columns[0].title == "Tháng 12 năm 2023: mới tiếp nhận 1.201 hồ sơ"
    assert chart.description == (
        "2 tháng, cộng lại mới tiếp nhận 1.206 hồ sơ, đã giải quyết 8 hồ sơ. "
        "Mới tiếp nhận nhiều nhất: Tháng 12 năm 2023, 1.201 hồ sơ."
    )


def test_of_many_months_only_some_are_named() -> None:
    groups = [Group(f"T{number}", "", "", (number, number)) for number in range(36)]
    chart = columns("Theo tháng", groups, KINDS)
    assert len(chart.columns) == 72
    assert [label.label for label in chart.labels] == [f"T{number}" for number in range(0, 36, 3)]


def test_no_month_is_an_empty_field() -> None:
    chart = columns("Theo tháng", [], KINDS)
    assert (chart.columns, chart.labels) == ([], [])
    assert chart.description == "0 tháng, cộng lại mới tiếp nhận 0 hồ sơ, đã giải quyết 0 hồ sơ."


def test_bars_leave_room_for_their_words() -> None:
    chart = bars("Tỷ lệ", "", [Row("A" * 60, 1.0, "100 %", "rate"), Row("B", 0.5, "50 %", "rate")], end=1.0)
    assert [one.width for one in chart.bars] == [58.0, 29.0]
    assert [one.words_x for one in chart.bars] == [58.0, 29.0]
    assert chart.words_off > 0
    assert chart.bars[0].label == "A" * 43 + "…"
    assert chart.bars[0].full == "A" * 60
    assert chart.bars[1].label_y > chart.bars[0].y + chart.thick
    assert chart.height >= chart.bars[-1].y + chart.thick


def test_marks_are_on_the_scale_of_the_bars() -> None:
    chart = bars("", "", [Row("A", 5, "", "median", [("most", 20.0), ("ninetieth", 10.0)])], words_above=True)
    (one,) = chart.bars
    assert (one.width, [mark.x for mark in one.marks]) == (24.5, [98.0, 49.0])
    assert (one.words_x, chart.words_off) == (0.0, 0)
    assert one.label_y < one.words_y < one.y


def test_nothing_is_a_bar_of_no_length() -> None:
    chart = bars("", "", [Row("A", 0, "0", "within")])
    assert chart.bars[0].width == 0
    assert bars("", "", []).height > 0
