"""Sums within a table: a formula beside its value, in the sheet as in the table."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from tthc.documents.spreadsheet import write_table
from tthc.documents.tables import Column, ReportTable, Sum

COLUMNS = (
    Column("what", "Nội dung", width=20),
    Column("n", "Số", "number"),
    Column("v", "Vốn", "amount", 14),
)
ROWS: list[list[object]] = [
    ["A", Sum(3, [1, 2]), Sum(Decimal("1234.5"), [1, 2])],
    ["a1", 1, Decimal("1234.5")],
    ["a2", 2, None],
    ["B", Sum(4, [4]), Sum(Decimal("0.125"), [4])],
    ["b1", 4, Decimal("0.125")],
]
TOTAL = ["Tổng", Sum(7, [0, 3]), Sum(Decimal("1234.625"), [0, 3])]


def table(rows: list[list[object]] = ROWS, total: list[object] | None = TOTAL) -> ReportTable:
    return ReportTable("Bảng", "", COLUMNS, rows, total)


def sheet(*, values: bool) -> Any:
    return openpyxl.load_workbook(io.BytesIO(write_table(table())), data_only=values).worksheets[0]


def line(of: Any, label: str) -> Any:
    [found] = [row for row in of.iter_rows() if row[0].value == label]
    return found


def test_a_reader_that_does_not_calculate_sees_the_values() -> None:
    values = sheet(values=True)
    assert [cell.value for cell in line(values, "A")] == ["A", 3, 1234.5]
    assert [cell.value for cell in line(values, "B")] == ["B", 4, 0.125]
    assert [cell.value for cell in line(values, "Tổng")] == ["Tổng", 7, 1234.625]


def test_sums_are_formulas_over_the_rows_that_they_name() -> None:
    formulas = sheet(values=False)
    head = line(formulas, "A")[0].row
    assert [cell.value for cell in line(formulas, "A")[1:]] == [
        f"=SUM(B{head + 1}:B{head + 2})",
        f"=SUM(C{head + 1}:C{head + 2})",
    ]
    assert line(formulas, "B")[1].value == f"=B{head + 4}"
    assert [cell.value for cell in line(formulas, "Tổng")[1:]] == [
        f"=B{head}+B{head + 3}",
        f"=C{head}+C{head + 3}",
    ]


def test_amounts_have_two_decimals_and_rows_with_sums_are_bold() -> None:
    values = sheet(values=True)
    for label in ("A", "a1", "b1", "Tổng"):
        assert line(values, label)[2].number_format == "#,##0.00#######"
    assert line(values, "A")[1].number_format == "#,##0"
    assert [line(values, label)[0].font.bold for label in ("A", "a1", "Tổng")] == [True, False, True]


def test_a_sum_over_nothing_is_nothing() -> None:
    empty = table([], ["Tổng", Sum(0, []), Sum(Decimal(0), range(0))])
    of = openpyxl.load_workbook(io.BytesIO(write_table(empty)), data_only=False).worksheets[0]
    assert [cell.value for cell in line(of, "Tổng")[1:]] == ["=0", "=0"]


@pytest.mark.parametrize("wrong", [Sum(4, [1, 2]), Sum(3, [2]), Sum(3, [])])
def test_a_sum_that_is_none_is_refused(wrong: Sum) -> None:
    with pytest.raises(ValueError, match="is not the sum of column 2"):
        table([["A", wrong, None], *ROWS[1:]], None)
    with pytest.raises(ValueError, match="is not the sum of column 2"):
        table(ROWS, ["Tổng", wrong, None])
