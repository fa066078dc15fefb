"""A table that knows nothing of its medium: the screen, the spreadsheet and the page show the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

#: What the cells of a column hold: ``date`` a date, ``datetime`` an aware datetime, ``number`` an int, float
#: or Decimal, ``amount`` a Decimal with at least two decimals, ``percent`` a ratio (0.992 is shown as
#: 99,2 %). ``None`` is an empty cell in every kind, and a text is allowed in every kind, for "–" where a
#: number cannot be given.
ColumnKind = Literal["text", "number", "amount", "date", "datetime", "percent"]


@dataclass(frozen=True)
class Sum:
    """A number that is the sum of its column over ``rows`` (indices of the table's rows, from 0).

    A medium that can reckon writes a formula beside the value. A row with a sum is printed bold.
    """

    value: int | Decimal
    rows: Sequence[int]


@dataclass(frozen=True)
class Column:
    """One column: ``width`` in characters, ``group`` the head above it and its neighbours of the same group.

    ``number_label`` is the number of the column in an official form, such as "(3)".
    """

    key: str
    title: str
    kind: ColumnKind = "text"
    width: int = 12
    group: str | None = None
    number_label: str | None = None


@dataclass(frozen=True)
class ReportTable:
    """A titled table with what stands around it on paper.

    ``header_left`` and ``header_right`` are the lines above the title, ``unit_line`` "Đơn vị tính: …" right
    above the table, ``notes`` the lines below it, ``signers`` the titles of those who sign, left to right.
    Every row, and the total, has one cell for each column, and every :class:`Sum` is what its column adds up
    to; anything else raises ValueError.
    """

    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    total: Sequence[object] | None = None
    notes: Sequence[str] = ()
    header_left: Sequence[str] = ()
    header_right: Sequence[str] = ()
    unit_line: str | None = None
    signers: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a table needs at least one column")
        wide = len(self.columns)
        for number, row in enumerate(self.rows, start=1):
            if len(row) != wide:
                raise ValueError(f"row {number} has {len(row)} cells for {wide} columns")
        if self.total is not None and len(self.total) != wide:
            raise ValueError(f"the total has {len(self.total)} cells for {wide} columns")
        for row in (*self.rows, *([self.total] if self.total is not None else [])):
            for index, cell in enumerate(row):
                if isinstance(cell, Sum) and cell.value != sum(self._number(at, index) for at in cell.rows):
                    raise ValueError(f"{cell.value} is not the sum of column {index + 1}")

    def _number(self, row: int, column: int) -> int | Decimal:
        """What a cell adds to a sum; nothing and words add nothing."""
        cell = self.rows[row][column]
        found = cell.value if isinstance(cell, Sum) else cell
        return found if isinstance(found, int | Decimal) else 0
