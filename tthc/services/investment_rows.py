"""The rows of a file of investment certificates, checked as far as that goes without the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tthc.documents.sheets import SheetRow
from tthc.domain.amounts import decimal_sign_of, read_amount
from tthc.domain.investment import Certificate, CertificateKind, InvestmentOrigin, InvestmentRefused, checked
from tthc.domain.vocabulary import DomainError
from tthc.services.imported_files import RowError, RowReader, place_headings
from tthc.services.register_columns import key
from tthc.services.register_moments import plain, read_moment


class Column(StrEnum):
    """The columns, by the headings that are written, in the order of the file."""

    NUMBER = "Số giấy chứng nhận"
    ISSUED = "Ngày cấp"
    ORIGIN = "Nguồn vốn"
    KIND = "Loại"
    USD = "Vốn (triệu USD)"
    VND = "Vốn (tỷ đồng)"
    PROJECT = "Tên dự án"
    DOSSIER = "Mã hồ sơ"
    NOTE = "Ghi chú"


_NEEDED = (Column.NUMBER, Column.ISSUED, Column.ORIGIN, Column.KIND, Column.VND)
_ALIASES: Mapping[Column, Sequence[str]] = {
    Column.NUMBER: (
        "certificate_no",
        "Số GCN",
        "Số GCNĐKĐT",
        "Số giấy chứng nhận đăng ký đầu tư",
        "Mã số dự án",
    ),
    Column.ISSUED: ("issued_on", "Ngày cấp giấy chứng nhận", "Ngày GCN"),
    Column.ORIGIN: ("origin", "Loại vốn", "FDI/DDI"),
    Column.KIND: ("kind", "Loại giấy chứng nhận", "Hình thức", "Nội dung"),
    Column.USD: ("capital_usd_million", "Vốn đăng ký (triệu USD)", "Triệu USD"),
    Column.VND: ("capital_vnd_billion", "Vốn đăng ký (tỷ đồng)", "Tỷ đồng"),
    Column.PROJECT: ("project", "Dự án"),
    Column.DOSSIER: ("dossier_code", "MaHoSo", "Hồ sơ"),
    Column.NOTE: ("note", "GhiChu"),
}
_BY_HEADING: Mapping[str, Column] = {
    key(name): column for column in Column for name in (column.value, *_ALIASES[column])
}
_UNUSED = frozenset(map(key, ("STT", "TT", "Số thứ tự")))

_ORIGINS: Mapping[str, InvestmentOrigin] = {
    key(word): origin
    for origin, words in {
        InvestmentOrigin.FDI: ("FDI", "Nước ngoài", "Đầu tư nước ngoài", InvestmentOrigin.FDI.label),
        InvestmentOrigin.DDI: ("DDI", "Trong nước", "Đầu tư trong nước", InvestmentOrigin.DDI.label),
    }.items()
    for word in words
}
_KINDS: Mapping[str, CertificateKind] = {
    key(word): kind
    for kind, words in {
        CertificateKind.NEW: ("new", "Cấp mới", "Mới"),
        CertificateKind.CAPITAL_INCREASE: ("capital_increase", "Điều chỉnh tăng vốn", "Tăng vốn"),
        CertificateKind.OTHER_ADJUSTMENT: ("other_adjustment", "Điều chỉnh khác", "Khác"),
    }.items()
    for word in words
}

#: At which column a fault of a certificate is told.
COLUMN_OF: Mapping[str | None, Column] = {
    None: Column.NUMBER,
    "number": Column.NUMBER,
    "issued_on": Column.ISSUED,
    "usd": Column.USD,
    "vnd": Column.VND,
    "project": Column.PROJECT,
    "note": Column.NOTE,
    "dossier_code": Column.DOSSIER,
}


@dataclass(frozen=True)
class InvestmentRow:
    """One row with typed values; an empty cell is ``None`` or ""."""

    number: int
    certificate: Certificate
    dossier_code: str
    warnings: tuple[str, ...]


def known_headings(headings: Sequence[str]) -> int:
    """How many of the headings name a column."""
    return sum(key(heading) in _BY_HEADING for heading in headings)


def read_rows(
    heading: SheetRow, body: Sequence[SheetRow], today: date
) -> tuple[list[InvestmentRow], list[RowError]]:
    """Every row that can be read, and everything that is wrong with the others.

    With a heading that is wrong no row is read. Amounts whose single sign may part thousands or begin
    decimals are read as the rest of the file is written, and refused where it does not tell.
    """
    places, errors = place_headings(heading, _BY_HEADING, unused=_UNUSED, needed=_NEEDED)
    if errors:
        return [], errors
    readers = [_Reader(row, places) for row in body]
    sign = decimal_sign_of(
        value
        for reader in readers
        for column in (Column.USD, Column.VND)
        if isinstance(value := reader.cell(column), str)
    )
    rows = []
    for reader in readers:
        row = reader.parse(sign, today)
        reader.refuse_width(Column.NUMBER, len(heading.cells))
        if row is not None and not reader.errors:
            rows.append(row)
        errors += reader.errors
    return rows, errors


def as_headed(errors: Sequence[RowError], heading: SheetRow) -> list[RowError]:
    """The errors with the columns named as they are in the file."""
    names = {
        _BY_HEADING[key(str(cell))].value: str(cell)
        for cell in heading.cells
        if key(str(cell)) in _BY_HEADING
    }
    return [RowError(error.row, names.get(error.column, error.column), error.message) for error in errors]


class _Reader(RowReader[Column]):
    """One row under way."""

    def parse(self, decimal_sign: str | None, today: date) -> InvestmentRow | None:
        """The row with typed values; ``None`` where something is wrong, which is then in ``errors``."""
        issued_on = self._date()
        origin = self.word(Column.ORIGIN, _ORIGINS, "FDI hoặc DDI")
        kind = self.word(Column.KIND, _KINDS, "Cấp mới, Điều chỉnh tăng vốn hoặc Điều chỉnh khác")
        usd, vnd = (self._amount(column, decimal_sign) for column in (Column.USD, Column.VND))
        number = self.text(Column.NUMBER)
        if not number and not self.is_wrong(Column.NUMBER):
            self.error(Column.NUMBER, "Thiếu số Giấy chứng nhận.")
        texts = {column: self.text(column) for column in (Column.PROJECT, Column.DOSSIER)}
        note = plain(self.cell(Column.NOTE)).strip()
        # What is wrong in a cell of its own needs no second sentence about what it leads to.
        if issued_on is None or origin is None or kind is None or self.errors:
            return None
        try:
            one = checked(
                Certificate(number, kind, origin, issued_on, usd, vnd, texts[Column.PROJECT], note), today
            )
        except InvestmentRefused as refusal:
            for fault in refusal.faults:
                self.error(COLUMN_OF[fault.field], fault.message)
            return None
        if origin is InvestmentOrigin.FDI and kind is not CertificateKind.OTHER_ADJUSTMENT and usd is None:
            self.warnings.append("Giấy chứng nhận FDI không ghi vốn bằng USD.")
        return InvestmentRow(self.row.number, one, texts[Column.DOSSIER], tuple(self.warnings))

    def _date(self) -> date | None:
        cell = self.cell(Column.ISSUED)
        if cell == "":
            if not self.is_wrong(Column.ISSUED):
                self.error(Column.ISSUED, "Thiếu ngày cấp.")
            return None
        moment = read_moment(cell)
        if moment is None:
            self.error(
                Column.ISSUED, f"Không hiểu ngày “{plain(cell)[:40]}”; ghi dd/mm/yyyy hoặc yyyy-mm-dd."
            )
            return None
        return moment.on

    def _amount(self, column: Column, decimal_sign: str | None) -> Decimal | None:
        cell = self.cell(column)
        if cell == "":
            return None
        # A number of a sheet is what it is; only text can be read in two ways.
        typed = isinstance(cell, str)
        try:
            return read_amount(plain(cell), decimal_sign=decimal_sign if typed else ".")
        except DomainError as refusal:
            self.error(column, refusal.message)
            return None
