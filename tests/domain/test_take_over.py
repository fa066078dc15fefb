"""Taking over paper figures: what agrees, and what a total must be."""

from __future__ import annotations

import pytest

from tthc.domain.take_over import agrees, check_total, compare
from tthc.domain.tallies import CELLS, CellName, TallyRow, check
from tthc.domain.vocabulary import DomainError

SECTORS = [(1, "Đầu tư"), (2, "Lao động"), (3, "Xây dựng")]


@pytest.mark.parametrize(
    ("paper", "here", "unmatched", "agree", "differences"),
    [
        ({}, {}, 0, True, [0, 0, 0]),
        ({1: 3, 2: 1}, {1: 3, 2: 1}, 0, True, [0, 0, 0]),
        ({1: 3, 2: 1}, {1: 3, 2: 1}, 2, False, [0, 0, 0]),
        ({1: 3, 2: 1}, {1: 2, 2: 2}, 0, False, [-1, 1, 0]),
        ({1: 3}, {1: 3, 3: 1}, 0, False, [0, 0, 1]),
    ],
)
def test_each_sector_must_agree(
    paper: dict[int, int], here: dict[int, int], unmatched: int, agree: bool, differences: list[int]
) -> None:
    lines = compare(SECTORS, paper, here)
    assert [line.difference for line in lines] == differences
    assert agrees(lines, unmatched) is agree


def test_the_figures_add_up_to_the_printed_total() -> None:
    check_total({1: 3, 2: 1}, 4)
    with pytest.raises(DomainError, match="cộng lại là 4, tổng số trên báo cáo giấy ghi 5") as refused:
        check_total({1: 3, 2: 1}, 5)
    assert refused.value.field == "total"


@pytest.mark.parametrize(("opening", "adjustments", "holds"), [(5, 0, True), (4, 1, True), (4, 0, False)])
def test_a_first_period_carries_over_what_was_taken_over(opening: int, adjustments: int, holds: bool) -> None:
    cells = {**dict.fromkeys(CELLS, 0), CellName.CARRIED_OVER: 5}
    *_, last = check(TallyRow(None, "", cells), pending_before=5, adjustments=adjustments, opening=opening)
    assert last.text == "(6) = số dư đầu kỳ theo báo cáo giấy + điều chỉnh"
    assert last.holds is holds
    assert len(check(TallyRow(None, "", cells), pending_before=5)) == 7
