"""A table that knows nothing of its medium: the screen, the spreadsheet and the page show the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: What the cells of a column hold: ``date`` a date, ``datetime`` an aware datetime, ``number`` an int, float
#: or Decimal, ``percent`` a ratio (0.992 is shown as 99,2 %). ``None`` is an empty cell in every kind, and a
#: text is allowed in every kind, for "–" where a number cannot be given.
ColumnKind = Literal["text", "number", "date", "datetime", "percent"]


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
    Every row, and the total, has one cell for each column; anything else raises ValueError.
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
