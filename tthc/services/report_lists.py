"""The dossiers behind the numbers that a report keeps, whatever became of them since it was drawn up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.queries import tallies as queries
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.tallies import CELLS, Cell, CellName
from tthc.services import tallies, tally_cells, tally_lists
from tthc.services.report_chain import CLOSES, period_of
from tthc.services.reports import report_of
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, CellRow, Page


@dataclass(frozen=True)
class ReportCell:
    """One number's dossiers as the report counts them; ``line`` is empty for the total."""

    report_id: int
    period: ReportPeriod
    prepared_at: datetime
    closed: bool
    cell: Cell
    line: str
    page: Page[CellRow]

    @property
    def title(self) -> str:
        """What the number counts."""
        return f"{self.cell.label} – {self.line}" if self.line else self.cell.label


def open_cell(
    session: Session,
    *,
    actor: Actor,
    report_id: int,
    by: str,
    row_key: int | str | None,
    cell: CellName,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> ReportCell:
    """Read from the closings that the report was made of, also after these were opened again.

    One that was made of none is read as known when it was drawn up.
    """
    actor.require(Action.VIEW_TALLIES)
    if by not in tallies.GROUPS:
        raise NotFound("Bảng số liệu không có dòng này.")
    begin_snapshot(session)
    report = report_of(session, actor, report_id)
    closes = report.figures_json[CLOSES]
    wanted = tally_cells.number_of(
        queries.closed(closes)
        if closes
        else queries.living(report.unit_id, report.to_on, report.prepared_at),
        from_on=report.from_on,
        at_on=report.to_on,
        by=by,
        row_key=row_key,
        cell=cell,
    )
    return ReportCell(
        report_id=report.id,
        period=period_of(report),
        prepared_at=report.prepared_at,
        closed=bool(closes),
        cell=CELLS[cell],
        line=tally_lists.line_of(session, by, row_key, report.to_on),
        page=tally_cells.page_of(session, wanted, page=page, size=size),
    )


def export_cell(
    session: Session,
    *,
    actor: Actor,
    report_id: int,
    by: str,
    row_key: int | str | None,
    cell: CellName,
    format: str,  # noqa: A002
) -> bytes:
    """The same list whole as a file, "xlsx" or "csv"."""
    found = open_cell(session, actor=actor, report_id=report_id, by=by, row_key=row_key, cell=cell, size=None)
    period = found.period
    return tally_lists.write(
        session,
        actor=actor,
        title=found.title,
        subtitle=f"{period.title} (từ ngày {period.from_on:%d/%m/%Y} đến ngày {period.to_on:%d/%m/%Y}), "
        "theo báo cáo đã lập",
        on=period.to_on,
        rows=found.page.rows,
        format=format,
    )
