"""Biểu số II.06a/VPCP/KSTT (Circular 01/2020/TT-VPCP): the official tally, on a spreadsheet and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tthc.documents import printing
from tthc.documents.workbooks import WHOLE, Sheet, reference
from tthc.domain.text import written_date

FORM_NUMBER = "Biểu số II.06a/VPCP/KSTT"
ISSUED_UNDER = "Ban hành theo Thông tư số 01/2020/TT-VPCP ngày 21/10/2020"
TITLE = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC"
ROW_HEAD = "Lĩnh vực, công việc giải quyết theo cấp"
UNIT_LINE = "Đơn vị tính: Số hồ sơ TTHC"
AGREES, DIFFERS = "Khớp", "Lệch"

_HEAD_ROW = 4
_FIRST_ROW = 8


@dataclass(frozen=True)
class Ii06aRow:
    """One sector: numbers of dossiers in columns (4)–(6), (8)–(10), (12), (13).

    ``withdrawn`` and ``stopped`` are columns (14), (15) of a form with separate ends; in the official form
    they are contained in (8)–(10) and not read here.
    """

    label: str
    online: int
    counter_post: int
    carried_over: int
    early: int
    on_time: int
    late: int
    within: int
    overdue: int
    withdrawn: int = 0
    stopped: int = 0

    @property
    def received(self) -> int:
        """Column (3) = (4)+(5)+(6)."""
        return self.online + self.counter_post + self.carried_over

    @property
    def resolved(self) -> int:
        """Column (7) = (8)+(9)+(10)."""
        return self.early + self.on_time + self.late

    @property
    def pending(self) -> int:
        """Column (11) = (12)+(13)."""
        return self.within + self.overdue


@dataclass(frozen=True)
class Ii06aForm:
    """A filled-in form. ``from_on`` and ``to_on`` are the first and the last day of the period, inclusive.

    ``separate_ends`` adds the columns (14) withdrawn and (15) stopped, which then stand outside (7).
    ``notes`` are printed after the standing footnotes, one line each. ``whole``: the last row, where it is no
    sum of the others, as for the months of a period. The words at the end are those of the form itself; an
    annex in the same columns has its own.
    """

    unit_name: str
    superior_name: str
    recipient_name: str
    place: str
    period_title: str
    from_on: date
    to_on: date
    rows: Sequence[Ii06aRow]
    separate_ends: bool
    issued_on: date
    notes: Sequence[str] = field(default=())
    whole: Ii06aRow | None = None
    form_number: str = FORM_NUMBER
    issued_under: str = ISSUED_UNDER
    title: str = TITLE
    row_head: str = ROW_HEAD

    @property
    def last_label(self) -> str:
        """What the last row is called."""
        return "CẢ KỲ" if self.whole else "TỔNG CỘNG"

    def last(self, key: str) -> int:
        """A number of the last row by its column."""
        if self.whole is not None:
            return int(getattr(self.whole, key))
        return sum(int(getattr(entry, key)) for entry in self.rows)


@dataclass(frozen=True)
class _Column:
    """A numeric column: the field of the row it shows, the keys it sums, its heads from the top down."""

    key: str
    label: str
    heads: tuple[str, ...]
    width: int = 11
    sums: tuple[str, ...] = ()


_RECEIVED = "Số hồ sơ nhận giải quyết"
_RESOLVED = "Số lượng hồ sơ đã giải quyết"
_PENDING = "Số lượng hồ sơ đang giải quyết"
_OTHER = "Số hồ sơ kết thúc khác"

_COLUMNS = (
    _Column(
        "received", "(3)=(4)+(5)+(6)", (_RECEIVED, "Tổng số"), 16, ("online", "counter_post", "carried_over")
    ),
    _Column("online", "(4)", (_RECEIVED, "Trong kỳ", "Trực tuyến")),
    _Column("counter_post", "(5)", (_RECEIVED, "Trong kỳ", "Trực tiếp, dịch vụ bưu chính"), 14),
    _Column("carried_over", "(6)", (_RECEIVED, "Từ kỳ trước")),
    _Column("resolved", "(7)=(8)+(9)+(10)", (_RESOLVED, "Tổng số"), 16, ("early", "on_time", "late")),
    _Column("early", "(8)", (_RESOLVED, "Trước hạn")),
    _Column("on_time", "(9)", (_RESOLVED, "Đúng hạn")),
    _Column("late", "(10)", (_RESOLVED, "Quá hạn")),
    _Column("pending", "(11)=(12)+(13)", (_PENDING, "Tổng số"), 16, ("within", "overdue")),
    _Column("within", "(12)", (_PENDING, "Trong hạn")),
    _Column("overdue", "(13)", (_PENDING, "Quá hạn")),
)
_SEPARATE_ENDS = (
    _Column("withdrawn", "(14)", (_OTHER, "Rút hồ sơ")),
    _Column("stopped", "(15)", (_OTHER, "Dừng giải quyết")),
)

_FOLDED_NOTE = (
    "Hồ sơ rút theo yêu cầu của cá nhân, tổ chức và hồ sơ dừng giải quyết được tính vào các cột (8), (9), "
    "(10) theo ngày kết thúc so với ngày hẹn trả."
)
_SEPARATE_NOTE = (
    "Hồ sơ rút theo yêu cầu của cá nhân, tổ chức và hồ sơ dừng giải quyết được ghi riêng tại cột (14), (15), "
    "không tính vào cột (7)."
)
_WAITING_NOTE = (
    "Hồ sơ đang chờ bổ sung hoặc tạm dừng theo quy định được tính vào cột (12); hồ sơ đã quá hạn trước khi "
    "yêu cầu bổ sung hoặc tạm dừng được tính vào cột (13)."
)
_REFUSED_NOTE = "Hồ sơ không được tiếp nhận không tính vào biểu này."

_RULED = {"border": 1, "align": "center"}
_HEAD = {"border": 1, "align": "center", "bold": True}


def write_ii06a(form: Ii06aForm) -> bytes:
    """The form as an XLSX file on A4 landscape.

    Columns (3), (7), (11) and the last row are formulas stored with their values; a strip under the table
    checks (3) = (7)+(11), and + (14)+(15) where these stand apart, in every row.
    """
    columns = _COLUMNS + (_SEPARATE_ENDS if form.separate_ends else ())
    author = " - ".join(name for name in (form.superior_name, form.unit_name) if name)
    sheet = Sheet("II.06a", [6, 34, *(column.width for column in columns)], title=form.title, author=author)
    # Index of the column on the sheet by its key: no formula knows a letter.
    at = {column.key: index for index, column in enumerate(columns, start=2)}
    _caption(sheet, form)
    _head(sheet, columns, form.row_head)
    last = _body(sheet, form, columns, at)
    row = _check(sheet, form, at, last)
    row = _notes(sheet, form, row)
    row = _signatures(sheet, form, row)
    sheet.sheet.repeat_rows(_HEAD_ROW, _FIRST_ROW - 1)
    sheet.sheet.freeze_panes(_FIRST_ROW, 2)
    sheet.sheet.print_area(0, 0, row, sheet.last_column)
    return sheet.save()


def print_ii06a(form: Ii06aForm, *, demo_note: str = "") -> bytes:
    """The same form as a PDF on A4 landscape, its heads repeated on every page; equal forms give equal bytes.

    The line of checks says what the spreadsheet computes.
    """
    columns = _COLUMNS + (_SEPARATE_ENDS if form.separate_ends else ())
    agrees = AGREES if _agrees(form) else DIFFERS
    day = form.issued_on
    return printing.render_pdf(
        "ii06a",
        {
            "form_number": form.form_number,
            "issued_under": form.issued_under,
            "title": form.title,
            "row_head": form.row_head,
            "last_label": form.last_label,
            "period_title": form.period_title,
            "period_line": f"(Từ ngày {_day(form.from_on)} đến ngày {_day(form.to_on)})",
            "unit": form.unit_name,
            "recipient": form.recipient_name,
            "unit_line": UNIT_LINE,
            "heads": [list(column.heads) for column in columns],
            "numbers": [column.label for column in columns],
            "sums": [bool(column.sums) for column in columns],
            "rows": [
                [entry.label, *(_number(int(getattr(entry, column.key))) for column in columns)]
                for entry in form.rows
            ],
            "total": [_number(form.last(column.key)) for column in columns],
            "check": f"{_identity(form)}: {agrees}",
            "notes": [*_standing_notes(form), *form.notes],
            "place_line": f"{form.place}, {written_date(day)}",
            "demo_note": demo_note,
        },
    )


def _agrees(form: Ii06aForm) -> bool:
    rows = [*form.rows, form.whole] if form.whole else form.rows
    return all(entry.received == sum(int(getattr(entry, key)) for key in _ends(form)) for entry in rows)


def _ends(form: Ii06aForm) -> list[str]:
    """The columns that together are all of column (3)."""
    return ["resolved", "pending"] + (["withdrawn", "stopped"] if form.separate_ends else [])


def _identity(form: Ii06aForm) -> str:
    identity = "(3) = (7) + (11)" + (" + (14) + (15)" if form.separate_ends else "")
    return f"Kiểm tra số liệu: {identity} tại từng dòng và dòng {form.last_label.lower()}"


def _standing_notes(form: Ii06aForm) -> tuple[str, ...]:
    return (_SEPARATE_NOTE if form.separate_ends else _FOLDED_NOTE, _WAITING_NOTE, _REFUSED_NOTE)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _caption(sheet: Sheet, form: Ii06aForm) -> None:
    right = sheet.last_column - 3
    sheet.block(0, 0, 0, 2, form.form_number, bold=True, valign="top")
    sheet.block(1, 0, 2, 2, form.issued_under, valign="top")
    sheet.block(0, 3, 0, right - 1, form.title, bold=True, font_size=13, align="center", valign="top")
    period = f"Kỳ báo cáo: {form.period_title}\n(Từ ngày {_day(form.from_on)} đến ngày {_day(form.to_on)})"
    sheet.block(1, 3, 2, right - 1, period, align="center", valign="top")
    parties = f"- Đơn vị báo cáo: {form.unit_name}\n- Đơn vị nhận báo cáo: {form.recipient_name}"
    upper = sheet.height(form.title, 3, right - 1, 13)
    lower = sheet.height(parties, right, sheet.last_column, 11) - upper
    sheet.block(0, right, 2, sheet.last_column, parties, valign="top")
    sheet.raise_row(0, upper)
    for row in (1, 2):
        sheet.raise_row(row, max(16.0, lower / 2))
    sheet.line(3, UNIT_LINE, align="right", italic=True)


def _head(sheet: Sheet, columns: Sequence[_Column], row_head: str) -> None:
    """Three rows of heads, equal neighbours merged and short ones drawn down, and the row of numbers."""
    bottom = _HEAD_ROW + 2
    for index, text in enumerate(("STT", row_head)):
        sheet.block(_HEAD_ROW, index, bottom, index, text, **_HEAD)
        sheet.block(bottom + 1, index, bottom + 1, index, f"({index + 1})", **_RULED, font_size=9)
    for level in range(3):
        start = 0
        while start < len(columns):
            heads = columns[start].heads
            end = start
            if level < len(heads):
                above = heads[: level + 1]
                while end + 1 < len(columns) and columns[end + 1].heads[: level + 1] == above:
                    end += 1
                lowest = bottom if level == len(heads) - 1 else _HEAD_ROW + level
                sheet.block(_HEAD_ROW + level, start + 2, lowest, end + 2, heads[level], **_HEAD)
            start = end + 1
    sheet.raise_row(_HEAD_ROW, 20)
    sheet.raise_row(_HEAD_ROW + 1, 20)
    sheet.raise_row(bottom, 48)
    for index, column in enumerate(columns, start=2):
        sheet.block(bottom + 1, index, bottom + 1, index, column.label, **_RULED, font_size=9)


def _body(sheet: Sheet, form: Ii06aForm, columns: Sequence[_Column], at: dict[str, int]) -> int:
    """The rows and TỔNG CỘNG; return the row of the latter."""
    row = _FIRST_ROW
    for number, entry in enumerate(form.rows, start=1):
        sheet.cell(row, 0, "number", number, **_RULED)
        sheet.cell(row, 1, "text", entry.label, border=1, align="left", indent=1)
        for column in columns:
            value = int(getattr(entry, column.key))
            if column.sums:
                formula = _sum_of(column, row, at)
                sheet.formula(row, at[column.key], formula, value, **_RULED, num_format=WHOLE, bold=True)
            else:
                sheet.cell(row, at[column.key], "number", value, **_RULED)
        row += 1
    if not form.rows:
        # A row there must be, for the sums to have something to add.
        sheet.cell(row, 0, "text", None, **_RULED)
        sheet.cell(row, 1, "text", "Không phát sinh hồ sơ trong kỳ", border=1, align="left", indent=1)
        for column in columns:
            sheet.cell(row, at[column.key], "number", 0, **_RULED)
        row += 1
    sheet.block(row, 0, row, 1, form.last_label, **_HEAD)
    sheet.raise_row(row, 20)
    for column in columns:
        index, total = at[column.key], form.last(column.key)
        if form.whole is None:
            formula = f"=SUM({reference(_FIRST_ROW, index)}:{reference(row - 1, index)})"
        elif column.sums:
            formula = _sum_of(column, row, at)
        else:
            sheet.cell(row, index, "number", total, **_HEAD)
            continue
        sheet.formula(row, index, formula, total, **_HEAD, num_format=WHOLE)
    return row


def _sum_of(column: _Column, row: int, at: dict[str, int]) -> str:
    return "=" + "+".join(reference(row, at[key]) for key in column.sums)


def _check(sheet: Sheet, form: Ii06aForm, at: dict[str, int], last: int) -> int:
    """The strip that says whether the identity holds in every row, total included; return the next row."""
    parts = _ends(form)
    ranges = {
        key: f"{reference(_FIRST_ROW, at[key])}:{reference(last, at[key])}" for key in ("received", *parts)
    }
    formula = (
        f"=IF(SUMPRODUCT(--({ranges['received']}<>{'+'.join(ranges[key] for key in parts)}))=0,"
        f'"{AGREES}","{DIFFERS}")'
    )
    sheet.line(last + 1, f"{_identity(form)}:", columns=(0, 3), font_size=10, italic=True)
    sheet.formula(last + 1, 4, formula, AGREES if _agrees(form) else DIFFERS, font_size=10, bold=True)
    return last + 2


def _notes(sheet: Sheet, form: Ii06aForm, row: int) -> int:
    sheet.line(row, "Ghi chú:", font_size=10, bold=True)
    for note in (*_standing_notes(form), *form.notes):
        row += 1
        sheet.line(row, f"- {note}", font_size=10, valign="top")
    return row + 1


def _signatures(sheet: Sheet, form: Ii06aForm, row: int) -> int:
    """Place and date, the two who sign and room for them; return the last row."""
    left, right = (0, 2), (sheet.last_column - 4, sheet.last_column)
    day = form.issued_on
    place = f"{form.place}, {written_date(day)}"
    sheet.line(row + 1, place, columns=right, italic=True, align="center")
    sheet.line(row + 2, "Người làm báo cáo", columns=left, bold=True, align="center")
    sheet.line(row + 2, "Thủ trưởng đơn vị", columns=right, bold=True, align="center")
    sheet.line(row + 3, "(Ký, ghi rõ họ tên)", columns=left, italic=True, align="center")
    sheet.line(row + 3, "(Ký, ghi rõ họ tên, đóng dấu)", columns=right, italic=True, align="center")
    return row + 8


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
