"""Files of investment certificates for the tests, and the published half-year in a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import text
from sqlalchemy.orm import Session

from tthc.domain.investment import Certificate, CertificateKind, InvestmentOrigin
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.resources import seeds_folder
from tthc.services import investment_import
from tthc.services.imported_files import ImportResult

FDI, DDI = InvestmentOrigin
NEW, MORE, OTHER = CertificateKind
FROM, TO = date(2023, 12, 15), date(2024, 6, 14)
#: Friday 14/06/2024, closing time.
NOW = datetime(2024, 6, 14, 17, 0, tzinfo=OFFICE_ZONE)

HEADINGS = [
    "certificate_no",
    "issued_on",
    "origin",
    "kind",
    "capital_usd_million",
    "capital_vnd_billion",
    "project",
    "dossier_code",
    "note",
]


def half_year() -> bytes:
    """The published half-year as it is delivered."""
    return (seeds_folder() / "investment-2024-h1.csv").read_bytes()


def row(number: int = 1, **cells: Any) -> dict[str, Any]:
    """A new foreign project of 03/06/2024: 10.5 million dollars, 250.25 billion đồng."""
    return {
        "certificate_no": f"GCN-{number:03}",
        "issued_on": "2024-06-03",
        "origin": "FDI",
        "kind": "new",
        "capital_usd_million": "10.5",
        "capital_vnd_billion": "250.25",
        **cells,
    }


def certificate(number: int = 1, **more: Any) -> Certificate:
    """What :func:`row` says, as the services take it."""
    values: dict[str, Any] = {
        "number": f"GCN-{number:03}",
        "kind": NEW,
        "origin": FDI,
        "issued_on": date(2024, 6, 3),
        "usd": Decimal("10.5"),
        "vnd": Decimal("250.25"),
    }
    return Certificate(**{**values, **more})


def csv_file(
    *rows: Mapping[str, Any], headings: Sequence[str] = HEADINGS, titles: Sequence[str] | None = None
) -> bytes:
    """The rows as a CSV file; ``titles`` stand in the heading instead of the names."""
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(titles or headings)
    for one in rows:
        writer.writerow([one.get(name, "") for name in headings])
    return content.getvalue().encode("utf-8-sig")


def xlsx_file(*rows: Mapping[str, Any], headings: Sequence[str] = HEADINGS) -> bytes:
    """The rows as an XLSX file: numbers and dates as such, "=…" as a formula."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    for place, values in enumerate([headings, *([one.get(name, "") for name in headings] for one in rows)]):
        for column, value in enumerate(values):
            if value != "":
                sheet.write(place, column, value)
    book.close()
    return content.getvalue()


@dataclass
class Taker:
    """Imports rows, or the content of a file, into a database."""

    session: Session
    actor: Actor

    def __call__(
        self, *rows: Mapping[str, Any], content: bytes | None = None, dry_run: bool = False
    ) -> ImportResult[investment_import.PreviewRow]:
        """Import as the pages and the command line do."""
        return investment_import.import_certificates(
            self.session,
            now=NOW,
            actor=self.actor,
            content=content if content is not None else csv_file(*rows),
            filename="dau-tu.csv",
            dry_run=dry_run,
        )


def counts(result: ImportResult[Any]) -> tuple[int, int, int, int, int]:
    """Read, created, updated, unchanged, refused."""
    return result.read, result.created, result.updated, result.unchanged, result.refused


def content_of(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """Every row of the tables that entries are in, as text."""
    session.rollback()
    return {
        name: sorted(tuple(map(str, found)) for found in session.execute(text(f"SELECT * FROM {name}")))
        for name in (
            "investment_certificate",
            "investment_change",
            "opening_balance",
            "investment_plan",
            "audit",
        )
    }
