"""Spreadsheets: any table as a list that can be filtered, and the official form II.06a/VPCP/KSTT."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tthc.documents.tables import Column, ReportTable, Sum
from tthc.documents.workbooks import Sheet

_HEAD = {"bold": True, "align": "center", "border": 1, "bg_color": "#EEF1F5"}


def write_table(table: ReportTable) -> bytes:
    """The table as an XLSX file: A4 landscape, head repeated on every page and kept in sight, filter on.

    Text cells are never formulas. Moments are written in office time, without a zone, as Excel knows none.
    """
    sheet = Sheet(
        table.title,
        [max(4, column.width) for column in table.columns],
        title=table.title,
        author=table.header_left[-1] if table.header_left else "",
    )
    row = _caption(sheet, table)
    first_data = _head(sheet, table.columns, row)
    sheet.sheet.repeat_rows(row, first_data - 1)
    sheet.sheet.freeze_panes(first_data, 0)
    row = first_data
    for cells in table.rows:
        strong = {"bold": True} if any(isinstance(cell, Sum) for cell in cells) else {}
        for index, column in enumerate(table.columns):
            look = {"border": 1, "valign": "top", **strong, **_alignment(column)}
            _cell(sheet, (row, index), column, cells[index], first_data, **look)
        row += 1
    if table.rows:
        sheet.sheet.autofilter(first_data - 1, 0, row - 1, sheet.last_column)
    else:
        sheet.line(row, "Không có dữ liệu trong phạm vi đã chọn.", italic=True, border=1, align="center")
        row += 1
    if table.total is not None:
        for index, column in enumerate(table.columns):
            look = {"bold": True, "border": 1, "bg_color": "#F5F6F8", **_alignment(column)}
            _cell(sheet, (row, index), column, table.total[index], first_data, **look)
        row += 1
    for note in table.notes:
        sheet.line(row, note, italic=True, font_size=10, valign="top")
        row += 1
    row = _signers(sheet, table.signers, row + 1)
    sheet.sheet.print_area(0, 0, row, sheet.last_column)
    return sheet.save()


def _cell(
    sheet: Sheet, at: tuple[int, int], column: Column, value: object, first_data: int, **look: object
) -> None:
    """Write a value, or a sum as a formula over rows that are counted from ``first_data``."""
    row, index = at
    if isinstance(value, Sum):
        rows = [first_data + one for one in value.rows]
        sheet.sum(rows, row, index, column.kind, value.value, **look)
    else:
        sheet.cell(row, index, column.kind, value, **look)


def _caption(sheet: Sheet, table: ReportTable) -> int:
    """Write what stands above the head; return the row of the head."""
    left, right = spans(sheet.widths, 2) if sheet.last_column else ((0, 0), (0, 0))
    row = 0
    if left == right:
        for text in (*table.header_left, *table.header_right):
            sheet.line(row, text, align="center")
            row += 1
    else:
        for texts, columns in ((table.header_left, left), (table.header_right, right)):
            for offset, text in enumerate(texts):
                sheet.line(offset, text, columns=columns, align="center", bold=offset == len(texts) - 1)
        row = max(len(table.header_left), len(table.header_right))
    sheet.line(row, table.title, bold=True, font_size=14, align="center")
    row += 1
    if table.subtitle:
        sheet.line(row, table.subtitle, italic=True, align="center")
        row += 1
    if table.unit_line:
        sheet.line(row, table.unit_line, italic=True, align="right")
        row += 1
    return row


def _head(sheet: Sheet, columns: Sequence[Column], row: int) -> int:
    """Write the head of one to three rows; return the first row below it."""
    grouped = any(column.group for column in columns)
    titles = row + 1 if grouped else row
    start = 0
    while start < len(columns):
        group = columns[start].group
        end = start
        while group and end + 1 < len(columns) and columns[end + 1].group == group:
            end += 1
        if group:
            sheet.block(row, start, row, end, group, **_HEAD)
        for index in range(start, end + 1):
            top = titles if group else row
            sheet.block(top, index, titles, index, columns[index].title, **_HEAD)
        start = end + 1
    sheet.raise_row(
        titles,
        max(sheet.height(column.title, index, index, 12) for index, column in enumerate(columns)),
    )
    if not any(column.number_label for column in columns):
        return titles + 1
    for index, column in enumerate(columns):
        sheet.block(
            titles + 1, index, titles + 1, index, column.number_label or "", **_HEAD | {"italic": True}
        )
    return titles + 2


def _signers(sheet: Sheet, signers: Sequence[str], row: int) -> int:
    """Write the titles of those who sign, side by side as far as there are columns; return the last row."""
    at_once = min(len(signers), len(sheet.widths))
    for start in range(0, len(signers), max(1, at_once)):
        line = signers[start : start + at_once]
        for text, columns in zip(line, spans(sheet.widths, len(line)), strict=True):
            sheet.line(row, text, columns=columns, bold=True, align="center")
            sheet.line(row + 1, "(Ký, ghi rõ họ tên)", columns=columns, italic=True, align="center")
        row += 6
    return row


def spans(widths: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Divide the columns into so many neighbouring spans of about equal width; never an empty one.

    ``spans((10, 10, 40), 2)`` is ``[(0, 1), (2, 2)]``. There must be as many columns as spans.
    """
    if not 1 <= count <= len(widths):
        raise ValueError(f"{count} spans of {len(widths)} columns")
    edges = [0]
    total = sum(widths)
    for number in range(1, count):
        lowest, highest = edges[-1] + 1, len(widths) - (count - number)
        wanted = total * number / count
        edges.append(min(range(lowest, highest + 1), key=lambda edge: abs(sum(widths[:edge]) - wanted)))
    edges.append(len(widths))
    return [(first, last - 1) for first, last in pairwise(edges)]


def _alignment(column: Column) -> dict[str, object]:
    if column.kind in ("number", "amount", "percent"):
        return {"align": "right"}
    return {"align": "left", "indent": 1} if column.kind == "text" else {"align": "center"}
