"""Any table on paper: A4 landscape, heads repeated, pages numbered; with a cover it is a book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tthc.documents.printing import render_pdf
from tthc.documents.tables import Column, ReportTable, Sum
from tthc.domain.amounts import show_count
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError

#: More rows than this are no paper that anybody prints at once, and take the compiler many seconds.
MOST_ROWS = 2000


@dataclass(frozen=True)
class Cover:
    """The first page of a book: its name, and the lines below."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Signature:
    """Who signs at the end: title, hint, name."""

    role: str
    hint: str
    name: str = ""


def print_table(
    table: ReportTable,
    *,
    cover: Cover | None = None,
    signatures: Sequence[Signature] = (),
    place_line: str = "",
    demo_note: str = "",
) -> bytes:
    """The table as a PDF; ``place_line`` ("Thái Bình, ngày …") stands above the last signature.

    Refused with more than :data:`MOST_ROWS` rows.
    """
    if len(table.rows) > MOST_ROWS:
        raise DomainError(
            f"Bảng có {show_count(len(table.rows))} dòng; mỗi lần in không quá {show_count(MOST_ROWS)} dòng. "
            "Thu hẹp phạm vi rồi in lại, hoặc tải XLSX."
        )
    return render_pdf(
        "table",
        {
            "title": table.title,
            "subtitle": table.subtitle,
            "unit": table.header_left[-1] if table.header_left else "",
            "header_left": list(table.header_left),
            "header_right": list(table.header_right),
            "unit_line": table.unit_line or "",
            "columns": [
                {
                    "title": column.title,
                    "group": column.group or "",
                    "width": column.width,
                    "align": _align(column),
                }
                for column in table.columns
            ],
            "rows": [[_shown(column, cell) for column, cell in _pairs(table, row)] for row in table.rows],
            "total": (
                [_shown(column, cell) for column, cell in _pairs(table, table.total)] if table.total else []
            ),
            "notes": list(table.notes),
            "cover": {"title": cover.title, "lines": list(cover.lines)} if cover else None,
            "signatures": [[one.role, one.hint, one.name] for one in signatures],
            "place_line": place_line,
            "demo_note": demo_note,
        },
    )


def _pairs(table: ReportTable, row: Sequence[object]) -> list[tuple[Column, object]]:
    return list(zip(table.columns, row, strict=True))


def _align(column: Column) -> str:
    if column.kind == "text":
        return "left"
    return "center" if column.kind in ("date", "datetime") else "right"


def _shown(column: Column, value: object) -> str:
    """A cell in the office's own writing: 1.234; 99,2 %; 22/11/2026."""
    found = value.value if isinstance(value, Sum) else value
    if found is None:
        return ""
    if isinstance(found, str):
        return found
    if isinstance(found, datetime):
        return f"{found.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M}"
    if isinstance(found, date):
        return f"{found:%d/%m/%Y}"
    if not isinstance(found, int | float | Decimal):
        raise TypeError(f"{type(found).__name__} in a column of {column.kind}")
    if column.kind == "percent":
        return f"{found * 100:.1f} %".replace(".", ",")
    text = f"{found:,}" if column.kind != "amount" else f"{found:,.2f}"
    return text.translate(str.maketrans(",.", ".,"))
