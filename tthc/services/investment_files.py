"""The list of certificates as a file: CSV that can be imported again, XLSX for people."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tthc.db.queries import investment as queries
from tthc.documents import sheets, spreadsheet
from tthc.documents.tables import Column as TableColumn
from tthc.documents.tables import ReportTable, Sum
from tthc.domain.amounts import plain_amount
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services.investment import CertificateFilter, admitted, row_of
from tthc.services.investment_rows import Column
from tthc.services.investment_views import CertificateRow

TITLE = "DANH SÁCH GIẤY CHỨNG NHẬN ĐĂNG KÝ ĐẦU TƯ"


def export_list(
    session: Session,
    *,
    actor: Actor,
    criteria: CertificateFilter,
    format: str,  # noqa: A002
) -> bytes:
    """Everything that ``criteria`` admits, newest first; ``format`` is "csv" or "xlsx"."""
    actor.require(Action.VIEW_TALLIES)
    if format not in ("csv", "xlsx"):
        raise DomainError("Chỉ xuất được tệp CSV hoặc XLSX.", "format")
    rows = [row_of(*raw) for raw in queries.rows(session, admitted(actor, criteria))]
    if format == "csv":
        return sheets.write_csv([column.value for column in Column], [_texts(row) for row in rows])
    return spreadsheet.write_table(_table(rows, criteria))


def _texts(row: CertificateRow) -> list[str]:
    one = row.certificate
    texts = {
        Column.NUMBER: one.number,
        Column.ISSUED: f"{one.issued_on:%d/%m/%Y}",
        Column.ORIGIN: one.origin.value,
        Column.KIND: one.kind.label,
        Column.USD: "" if one.usd is None else plain_amount(one.usd),
        Column.VND: "" if one.vnd is None else plain_amount(one.vnd),
        Column.PROJECT: one.project,
        Column.DOSSIER: row.dossier_code,
        Column.NOTE: one.note,
    }
    return [texts[column] for column in Column]


def _table(rows: Sequence[CertificateRow], criteria: CertificateFilter) -> ReportTable:
    cells = [
        [
            number,
            row.certificate.number,
            row.certificate.issued_on,
            row.certificate.origin.value,
            row.certificate.kind.label,
            row.certificate.usd,
            row.certificate.vnd,
            row.certificate.project,
            row.dossier_code,
            row.applicant,
        ]
        for number, row in enumerate(rows, start=1)
    ]
    every = range(len(rows))
    usd = sum((row.certificate.usd or 0 for row in rows), start=0)
    vnd = sum((row.certificate.vnd or 0 for row in rows), start=0)
    return ReportTable(
        title=TITLE,
        subtitle=_span(criteria),
        columns=[
            TableColumn("no", "STT", "number", 6),
            TableColumn("number", "Số", width=16),
            TableColumn("issued", "Ngày cấp", "date", 12),
            TableColumn("origin", "Nguồn vốn", width=9),
            TableColumn("kind", "Loại", width=20),
            TableColumn("usd", "Triệu USD", "amount", 14, group="Vốn đăng ký"),
            TableColumn("vnd", "Tỷ đồng", "amount", 14, group="Vốn đăng ký"),
            TableColumn("project", "Tên dự án", width=34),
            TableColumn("dossier", "Mã hồ sơ", width=26),
            TableColumn("applicant", "Chủ hồ sơ", width=28),
        ],
        rows=cells,
        total=["", "TỔNG CỘNG", None, "", "", Sum(usd, every), Sum(vnd, every), "", "", ""],
        notes=["Các bản ghi đã hủy, không tính vào số liệu."] if criteria.cancelled else [],
    )


def _span(criteria: CertificateFilter) -> str:
    days = [
        f"{word} {on:%d/%m/%Y}"
        for word, on in (("từ ngày", criteria.from_on), ("đến ngày", criteria.to_on))
        if on is not None
    ]
    return f"Cấp {' '.join(days)}" if days else ""
