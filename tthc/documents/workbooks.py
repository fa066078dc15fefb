"""One A4 landscape sheet in an XLSX file kept in memory: formats, merged blocks, page setup, typed cells."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from tthc.documents.tables import ColumnKind
from tthc.domain.vocabulary import OFFICE_ZONE

FONT = "Times New Roman"
FONT_SIZE = 11
_A4 = 9
#: Height of a line of text, in points, per point of its font size.
_LINE = 1.3
#: Written instead of the moment of creation: below the web nobody reads a clock, and the same table gives the
#: same bytes. It is the date which the ZIP container bears as well.
_NO_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001 - a document property, which has no zone

_NUMBER_FORMATS: dict[ColumnKind, str] = {
    "text": "@",
    "number": "#,##0.##########",
    "amount": "#,##0.00#######",
    "date": "dd/mm/yyyy",
    "datetime": "dd/mm/yyyy hh:mm",
    "percent": "0.0%",
}
WHOLE = "#,##0"


def sheet_name(title: str) -> str:
    """A name that Excel accepts: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends."""
    name = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title))[:31]
    name = name.strip().strip("'").strip()
    # "History" is reserved by Excel itself.
    return name if name and name.lower() != "history" else "Danh sách"


class Sheet:
    """The single sheet of a workbook. Rows and columns count from 0; widths are in characters."""

    def __init__(self, name: str, widths: Sequence[int], *, title: str, author: str = "") -> None:
        self.widths = widths
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._bytes,
            {
                "in_memory": True,
                # What a person typed is never a formula and never a link.
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": FONT, "font_size": FONT_SIZE},
            },
        )
        self._book.set_properties({"title": title, "author": author, "created": _NO_MOMENT})
        self.sheet = self._book.add_worksheet(sheet_name(name))
        self._formats: dict[tuple[tuple[str, object], ...], object] = {}
        self._heights: dict[int, float] = {}
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        self.sheet.set_margins(left=0.5, right=0.4, top=0.5, bottom=0.6)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.center_horizontally()
        self.sheet.hide_gridlines(1)
        # "&" would begin a code of the footer; Excel refuses one of more than 255 characters.
        self.sheet.set_footer(f'&L&"{FONT}"&9{author.replace("&", "&&")[:180]}&R&"{FONT}"&9Trang &P/&N')

    @property
    def last_column(self) -> int:
        """The index of the last column."""
        return len(self.widths) - 1

    def format(self, **properties: object) -> object:
        """The cell format with these XlsxWriter properties; equal ones are one format."""
        wanted = {"font_name": FONT, "font_size": FONT_SIZE, "valign": "vcenter", **properties}
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(wanted)
        return self._formats[key]

    def block(
        self,
        row: int,
        column: int,
        last_row: int,
        last_column: int,
        text: str,
        **properties: object,
    ) -> None:
        """Write a text over a rectangle of cells, merged when it is more than one; lines wrap."""
        cell_format = self.format(text_wrap=True, **properties)
        if (row, column) == (last_row, last_column):
            self.sheet.write_string(row, column, text, cell_format)
        else:
            self.sheet.merge_range(row, column, last_row, last_column, "", cell_format)
            self.sheet.write_string(row, column, text, cell_format)

    def line(
        self,
        row: int,
        text: str,
        *,
        columns: tuple[int, int] | None = None,
        **properties: object,
    ) -> None:
        """Write a text over the columns (all by default) of one row and make the row as high as it needs.

        No program fits the height of a row to merged cells, and not every one to wrapped cells.
        """
        first, last = columns or (0, self.last_column)
        self.block(row, first, row, last, text, **properties)
        size = properties.get("font_size", FONT_SIZE)
        self.raise_row(row, self.height(text, first, last, size if isinstance(size, int) else FONT_SIZE))

    def height(self, text: str, first: int, last: int, size: int) -> float:
        """The points that a wrapped text needs over these columns, reckoned a little generously."""
        # Widths are in digits of the default size; words run a little narrower, capitals wider.
        room = max(1.0, sum(self.widths[first : last + 1]) * FONT_SIZE / size * 1.06)
        lines = 0
        for part in text.split("\n"):
            wide = len(part) + 0.35 * sum(map(str.isupper, part))
            lines += max(1, math.ceil(wide / room))
        return lines * size * _LINE + 2

    def raise_row(self, row: int, height: float) -> None:
        """Give a row this height in points, unless it is higher already."""
        if height > self._heights.get(row, 0.0):
            self._heights[row] = height
            self.sheet.set_row(row, height)

    def cell(self, row: int, column: int, kind: ColumnKind, value: object, **properties: object) -> None:
        """Write one value as what it is: number, date or text; ``None`` leaves a ruled, empty cell.

        A text stays text in a column of any kind. A naive datetime is refused: it could be UTC.
        """
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, self.format(**properties))
            return
        if isinstance(value, bool):
            raise TypeError("a yes or no is shown in words")
        if kind == "text" or isinstance(value, str):
            text = str(value)
            self.sheet.write_string(row, column, text, self.format(text_wrap=True, **properties))
            if len(text) > self.widths[column] * 0.8 or "\n" in text:
                self.raise_row(row, self.height(text, column, column, FONT_SIZE))
            return
        cell_format = self.format(num_format=self._number_format(kind, value), **properties)
        if isinstance(value, int | float | Decimal):
            if kind not in ("number", "amount", "percent"):
                raise TypeError(f"{value!r} in a column of {kind}")
            self.sheet.write_number(row, column, float(value), cell_format)
        elif isinstance(value, datetime):
            if value.tzinfo is None:
                raise TypeError("a datetime in a table is aware")
            local = value.astimezone(OFFICE_ZONE).replace(tzinfo=None, microsecond=0)
            day = kind == "date"
            self.sheet.write_datetime(row, column, local.date() if day else local, cell_format)
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, cell_format)
        else:
            raise TypeError(f"{type(value).__name__} in a column of {kind}")

    def formula(self, row: int, column: int, formula: str, value: int | str, **properties: object) -> None:
        """Write a formula together with its result: a reader that does not calculate sees it as well."""
        self.sheet.write_formula(row, column, formula, self.format(**properties), value)

    def sum(
        self,
        rows: Sequence[int],
        row: int,
        column: int,
        kind: ColumnKind,
        value: int | Decimal,
        **properties: object,
    ) -> None:
        """Write the sum of this column over other rows as a formula, beside its value."""
        neighbours = len(rows) > 1 and list(rows) == list(range(rows[0], rows[-1] + 1))
        if neighbours:
            formula = f"=SUM({reference(rows[0], column)}:{reference(rows[-1], column)})"
        else:
            formula = "=" + ("+".join(reference(one, column) for one in rows) or "0")
        cell_format = self.format(num_format=self._number_format(kind, value), **properties)
        self.sheet.write_formula(
            row, column, formula, cell_format, value if isinstance(value, int) else float(value)
        )

    def save(self) -> bytes:
        """Close the workbook and return the file."""
        self._book.close()
        return self._bytes.getvalue()

    @staticmethod
    def _number_format(kind: ColumnKind, value: object) -> str:
        if kind == "number" and (isinstance(value, int) or (isinstance(value, Decimal) and value % 1 == 0)):
            return WHOLE
        if kind in ("number", "amount", "percent", "datetime"):
            return _NUMBER_FORMATS[kind]
        return _NUMBER_FORMATS["date"]


def reference(row: int, column: int) -> str:
    """The A1 name of a cell, from its indices: columns may be added without touching a formula."""
    return str(xl_rowcol_to_cell(row, column))
