"""Plain sheets, CSV and XLSX: bytes in, rows of typed cells out, and back again."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl

from tthc.documents.workbooks import Sheet
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
#: What an XLSX file of that size may unpack to; more is a file made to fill the memory.
_MAX_UNPACKED = 40 * MAX_BYTES
_MAX_CELL = 32_767

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_TYPES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DELIMITERS = ",;\t"

_SAVE_AS_UTF_8 = (
    "Trong Excel: Tệp > Lưu thành (Save As) > chọn “CSV UTF-8 (Comma delimited)”, hoặc lưu thành .xlsx, "
    "rồi chọn lại tệp."
)


@dataclass(frozen=True)
class Unreadable:
    """A cell whose content cannot be taken over, and why."""

    reason: str


#: What a cell holds: text in normal form without blanks around it ("" = empty), a number, a naive moment or
#: date as the sheet shows it, or something that cannot be taken over.
Cell = str | int | float | datetime | date | Unreadable


@dataclass(frozen=True)
class SheetRow:
    """One row without the empty cells at its end; ``number`` counts from 1 as Excel shows it."""

    number: int
    cells: tuple[Cell, ...]


def read_sheet(content: bytes, score: Callable[[Sequence[str]], int]) -> list[SheetRow]:
    """The rows of a CSV file (UTF-8) or of the first sheet of an XLSX file that are not empty.

    The content decides which of the two it is, not the name. ``score`` says how many of the headings in a
    row it knows: the delimiter of a CSV file is the one with which it knows most. Raises
    :class:`DomainError` with field "file" for what is no such file.
    """
    if len(content) > MAX_BYTES:
        raise _refused(
            f"Tệp lớn hơn {MAX_BYTES // (1024 * 1024)} MB; hãy chia thành nhiều tệp rồi nhập lần lượt."
        )
    if not content.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise _refused("Tệp rỗng: không có dòng tên cột và không có dữ liệu.")
    if content.startswith(_ZIP):
        rows = _xlsx_rows(content)
    else:
        rows = _csv_rows(_decode(content), score)
    found: list[SheetRow] = []
    for number, cells in rows:
        if all(cell == "" for cell in cells):
            continue
        if len(found) > MAX_ROWS:
            raise _refused(
                f"Tệp có hơn {MAX_ROWS:,} dòng dữ liệu; hãy chia thành nhiều tệp.".replace(",", ".", 1)
            )
        while cells[-1] == "":
            cells = cells[:-1]
        found.append(SheetRow(number, cells))
    if not found:
        raise _refused("Tệp rỗng: không có dòng tên cột và không có dữ liệu.")
    return found


def write_csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with BOM, so that Excel reads the letters; values are written unaltered, quoted where needed.

    No value is changed to keep a spreadsheet from taking it for a formula: the file is for other programs
    and must come back as it went. People open the XLSX file, in which text is text.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(
    title: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[str | datetime | None]],
) -> bytes:
    """One sheet with the headings in its first row; moments are real dates in office time, text is text."""
    sheet = Sheet(title, widths, title=title)
    for column, heading in enumerate(headings):
        sheet.block(0, column, 0, column, heading, bold=True, border=1, bg_color="#EEF1F5", align="center")
    for number, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            kind: Any = "datetime" if isinstance(value, datetime) else "text"
            sheet.cell(number, column, kind, value, valign="top")
    sheet.sheet.freeze_panes(1, 1)
    sheet.sheet.repeat_rows(0)
    sheet.sheet.autofilter(0, 0, max(1, len(rows)), sheet.last_column)
    return sheet.save()


def _refused(message: str) -> DomainError:
    return DomainError(message, "file")


def _decode(content: bytes) -> str:
    """The text of a CSV file; refuses other types of files and other encodings by name."""
    if content.startswith(_OLD_EXCEL):
        raise _refused(
            "Đây là tệp Office kiểu cũ (.xls, .doc) hoặc tệp có mật khẩu; hãy mở bằng Excel, lưu thành .xlsx "
            "không đặt mật khẩu rồi chọn lại tệp."
        )
    if content.startswith(_OTHER_TYPES):
        raise _refused("Tệp không phải bảng tính; hãy chọn tệp CSV (UTF-8) hoặc XLSX.")
    if content.startswith(_UTF_16):
        raise _refused(f"Tệp được lưu ở bảng mã UTF-16 (Unicode Text), cần UTF-8. {_SAVE_AS_UTF_8}")
    if b"\0" in content:
        raise _refused("Tệp không phải bảng tính; hãy chọn tệp CSV (UTF-8) hoặc XLSX.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(f"Tệp không ở bảng mã UTF-8 nên không đọc được chữ có dấu. {_SAVE_AS_UTF_8}") from None


def _csv_rows(text: str, score: Callable[[Sequence[str]], int]) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    delimiter = max(_DELIMITERS, key=lambda sign: score(_first_record(text, sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            yield number, tuple(_text(value) for value in record)
    except csv.Error:
        raise _refused(
            f"Không đọc được tệp CSV sau dòng {number}: dấu ngoặc kép không khép hoặc ô quá dài. "
            "Hãy mở tệp, kiểm tra dòng tiếp theo rồi lưu lại."
        ) from None


def _first_record(text: str, delimiter: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return next((record for record in reader if any(map(str.strip, record))), [])
    except csv.Error:
        return []


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    _check_container(content)
    try:
        with warnings.catch_warnings():
            # Styles and extensions that openpyxl does not know say nothing about the values.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(), start=1):
                yield number, tuple(_value(cell) for cell in row)
    except DomainError:
        raise
    except Exception:  # noqa: BLE001 - whatever a broken file makes the reader stumble over
        raise _refused(
            "Tệp XLSX bị hỏng hoặc không đúng định dạng; hãy mở bằng Excel, lưu lại thành .xlsx rồi chọn lại."
        ) from None


def _check_container(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            members = container.infolist()
    except zipfile.BadZipFile:
        raise _refused("Tệp XLSX bị hỏng hoặc tải lên chưa trọn vẹn; hãy chọn lại tệp.") from None
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise _refused("Tệp nén này không phải bảng tính XLSX; hãy chọn tệp CSV (UTF-8) hoặc XLSX.")
    if sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise _refused("Nội dung tệp XLSX quá lớn; hãy chia thành nhiều tệp nhỏ hơn.")


def _value(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Unreadable("ô chứa công thức; hãy dán giá trị thay cho công thức")
    if cell.data_type == "e":
        return Unreadable(f"ô báo lỗi {value}; hãy sửa trong bảng tính")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, time | timedelta):
        return Unreadable("ô chỉ có giờ, không có ngày")
    if isinstance(value, datetime):
        # Excel counts in fractions of a day; the second is what was meant.
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(value, int | float | date):
        return value
    return _text(str(value))


def _text(value: str) -> Cell:
    if len(value) > _MAX_CELL:
        return Unreadable("nội dung ô quá dài")
    text = nfc(value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub(" ", text).strip()


def office_text(moment: datetime) -> str:
    """The national form of a moment: ``yyyyMMddHHmmss`` in office time."""
    return moment.astimezone(OFFICE_ZONE).strftime("%Y%m%d%H%M%S")
