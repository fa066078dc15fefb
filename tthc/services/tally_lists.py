"""The dossiers behind one number of a tally, as a page and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.db.queries import tallies as queries
from tthc.documents import sheets, spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain import closing
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CELLS, Cell, CellName
from tthc.domain.vocabulary import Channel, DomainError
from tthc.services import tallies, units
from tthc.services.tallies import Asked
from tthc.services.tally_cells import NOBODY
from tthc.services.transaction import NotFound
from tthc.services.views import PAGE_SIZE, CellRow, Page

_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Mã hồ sơ", width=28),
    Column("procedure", "Thủ tục", width=44),
    Column("sector", "Lĩnh vực", width=22),
    Column("applicant", "Chủ hồ sơ", width=28),
    Column("channel", "Kênh tiếp nhận", width=18),
    Column("received_on", "Tiếp nhận", "date", 12),
    Column("due_on", "Hạn", "date", 12),
    Column("ended_on", "Kết thúc", "date", 12),
    Column("end_kind", "Kết quả", width=16),
    Column("why", "Vì sao được tính", width=48),
)


@dataclass(frozen=True)
class CellList:
    """One number's dossiers; ``row`` is the line of the tally, empty where it is the last."""

    asked: Asked
    cell: Cell
    row: str
    page: Page[CellRow]

    @property
    def title(self) -> str:
        """What the number counts."""
        return f"{self.cell.label} – {self.row}" if self.row else self.cell.label


def open_cell(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    row_key: int | str | None,
    cell: CellName,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> CellList:
    """The list behind a number with the words of its line; ``size`` ``None``: all of it."""
    found = tallies.list_cell(
        session, actor=actor, today=today, asked=asked, row_key=row_key, cell=cell, page=page, size=size
    )
    return CellList(asked, CELLS[cell], line_of(session, asked.by, row_key, asked.to_on), found)


def export_cell(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    row_key: int | str | None,
    cell: CellName,
    format: str,  # noqa: A002
) -> bytes:
    """The same list whole: ``format`` is "xlsx" with a head, or "csv" with the names of the columns only."""
    found = open_cell(session, actor=actor, today=today, asked=asked, row_key=row_key, cell=cell, size=None)
    return write(
        session,
        actor=actor,
        title=found.title,
        subtitle=subtitle(asked),
        on=asked.to_on,
        rows=found.page.rows,
        format=format,
    )


def write(
    session: Session,
    *,
    actor: Actor,
    title: str,
    subtitle: str,
    on: date,
    rows: Sequence[CellRow],
    format: str,  # noqa: A002
) -> bytes:
    """Dossiers of a number as a file; ``on`` is the day by which the unit is named."""
    if format not in ("csv", "xlsx"):
        raise DomainError("Chỉ xuất được tệp CSV hoặc XLSX.", "format")
    lines = [_cells(number, row) for number, row in enumerate(rows, start=1)]
    if format == "csv":
        return sheets.write_csv([column.title for column in _COLUMNS], [_texts(line) for line in lines])
    unit = units.header(session, on, actor.unit_id)
    return spreadsheet.write_table(
        ReportTable(
            title=title,
            subtitle=subtitle,
            columns=_COLUMNS,
            rows=lines,
            header_left=[name for name in (unit.superior, unit.name) if name],
            notes=[f"Tổng số: {len(rows)} hồ sơ."],
        )
    )


def line_of(session: Session, by: str, key: int | str | None, on: date) -> str:
    """What a line of a tally is called; refuses one that there is not."""
    if key is None:
        return ""
    names: dict[int | str, str]
    if by == "channel":
        names = {one.value: one.label for one in Channel}
    elif by == "sector":
        names = {found: name for found, name in queries.sector_names(session)}  # noqa: C416 - wider keys
    elif not isinstance(key, int):
        names = {}
    elif by == "procedure":
        names = {found: name for found, _, name in queries.procedure_names(session, [key], on)}
    else:
        names = {NOBODY: tallies.UNASSIGNED, **dict(queries.officer_names(session, [key]))}
    if key not in names:
        raise NotFound("Bảng số liệu không có dòng này.")
    return names[key]


def subtitle(asked: Asked) -> str:
    """The period in words, as it stands under a title."""
    title = asked.title or closing.title(asked.from_on, asked.to_on)
    span = f"từ ngày {asked.from_on:%d/%m/%Y} đến ngày {asked.to_on:%d/%m/%Y}"
    known = f"; số liệu ghi nhận đến hết ngày {asked.known_on:%d/%m/%Y}" if asked.known_on else ""
    return f"{title} ({span}){known}" if title else f"Kỳ {span}{known}"


def _cells(number: int, row: CellRow) -> list[object]:
    return [
        number,
        row.code,
        row.procedure,
        row.sector,
        row.applicant,
        row.channel.label,
        row.received_on,
        row.due_on,
        row.ended_on,
        row.end_kind.label if row.end_kind else None,
        row.why,
    ]


def _texts(line: Sequence[object]) -> list[str]:
    return [
        "" if cell is None else f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell) for cell in line
    ]
