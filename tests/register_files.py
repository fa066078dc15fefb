"""Register files for the tests, as CSV or XLSX, and what they leave in a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tthc.db.base import Base
from tthc.db.models import Dossier, DueDateRow, EventRow
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE, EventKind, SubjectKind
from tthc.services import register
from tthc.services.imported_files import ImportResult

#: The columns of the published half-year, in its order, and those that are not in every file.
NATIONAL = [
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "TenLinhVuc",
    "KenhThucHien",
    "ChuHoSo",
    "LoaiDoiTuong",
    "SoGiayToChuHoSo",
    "TrichYeuHoSo",
    "NgayNopHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NgayKetThucXuLy",
    "NgayTra",
    "NgayTuChoi",
    "GhiChu",
]
FURTHER = ["SoDienThoai", "Email", "DiaChi", "NgayYeuCauBoSung", "NgayTiepNhanBoSung", "KetQua"]

#: 07 working days, sector "Lao động".
RULES = "Đăng ký nội quy lao động của doanh nghiệp"
RULES_CODE = "2.001955"


def row(sequence: int, status: int | str = 2, **cells: Any) -> dict[str, Any]:
    """A row received online on Monday 03/06/2024 at 09:00 under "Đăng ký nội quy lao động".

    Its seven working days end on Wednesday 12/06/2024 at 17:00, which is its NgayHenTra.
    """
    return {
        "MaHoSo": f"000.00.99.H54-240603-{sequence:04}",
        "MaTTHC": RULES_CODE,
        "TenTTHC": RULES,
        "TenLinhVuc": "Lao động",
        "KenhThucHien": "2",
        "ChuHoSo": f"Công ty TNHH Số {sequence}",
        "LoaiDoiTuong": "2",
        "SoGiayToChuHoSo": f"10000{sequence:05}",
        "TrichYeuHoSo": "Đăng ký nội quy lao động",
        "NgayNopHoSo": "20240603083000",
        "NgayTiepNhan": "20240603090000",
        "NgayHenTra": "20240612170000",
        "TrangThaiHoSo": str(status),
        **cells,
    }


def csv_file(
    *rows: Mapping[str, Any],
    headings: Sequence[str] = (*NATIONAL, *FURTHER),
    titles: Sequence[str] | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
) -> bytes:
    """The rows as a CSV file; ``titles`` stand in the heading instead of the names of the fields."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(titles or headings)
    for one in rows:
        writer.writerow([one.get(name, "") for name in headings])
    return text.getvalue().encode(encoding)


def xlsx_file(*rows: Mapping[str, Any], headings: Sequence[str] = (*NATIONAL, *FURTHER)) -> bytes:
    """The rows as an XLSX file: numbers and dates as such, "=…" as a formula."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet()
    for place, values in enumerate([headings, *([one.get(name, "") for name in headings] for one in rows)]):
        for column, value in enumerate(values):
            if value != "":
                sheet.write(place, column, value)
    book.close()
    return content.getvalue()


def office(text: str) -> datetime:
    """ "03/06/2024 09:00[:00]" in the office."""
    form = "%d/%m/%Y %H:%M:%S" if text.count(":") == 2 else "%d/%m/%Y %H:%M"
    return datetime.strptime(text, form).replace(tzinfo=OFFICE_ZONE)


#: Friday 14/06/2024, closing time.
NOW = office("14/06/2024 17:00")


@dataclass
class Taker:
    """Imports rows, or the content of a file, into a database."""

    session: Session
    actor: Actor

    def __call__(
        self,
        *rows: Mapping[str, Any],
        content: bytes | None = None,
        now: datetime = NOW,
        filename: str = "so-ho-so.csv",
        dry_run: bool = False,
    ) -> ImportResult:
        """Import as the pages and the command line do."""
        return register.import_register(
            self.session,
            now=now,
            actor=self.actor,
            content=content if content is not None else csv_file(*rows),
            filename=filename,
            dry_run=dry_run,
        )


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    """Read, created, updated, unchanged, refused."""
    return result.read, result.created, result.updated, result.unchanged, result.refused


def everything(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in Base.metadata.tables.items()
    }


def content_of(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """Every row of the tables that an import writes, as text."""
    names = ("dossier", "filing", "applicant", "event", "due_date", "dossier_span", "search_entry", "counter")
    return {
        name: sorted(tuple(map(str, found)) for found in session.execute(text(f"SELECT * FROM {name}")))
        for name in names
    }


def dossier(session: Session, sequence: int) -> Dossier:
    """The dossier that :func:`row` makes."""
    return session.scalars(select(Dossier).where(Dossier.code == f"000.00.99.H54-240603-{sequence:04}")).one()


def events(session: Session, one: Dossier) -> list[EventRow]:
    """Its events, oldest first."""
    return list(session.scalars(select(EventRow).where(EventRow.dossier_id == one.id).order_by(EventRow.seq)))


def kinds(session: Session, one: Dossier) -> list[EventKind]:
    """Their kinds."""
    return [event.kind for event in events(session, one)]


def promises(session: Session, one: Dossier) -> list[DueDateRow]:
    """Its due dates, oldest first."""
    return list(
        session.scalars(
            select(DueDateRow)
            .where(DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == one.id)
            .order_by(DueDateRow.no)
        )
    )
