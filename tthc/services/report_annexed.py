"""What a report keeps beside the tally of dossiers: petitions and certificates of investment of its period.

Neither is part of a closing, so a report keeps what was on record when it was drawn up; whatever is corrected
later shows in the next draft or, once the report was sent, in a correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tthc.domain.investment import CELLS, CertificateKind, Figures, InvestmentOrigin, InvestmentTally
from tthc.domain.periods import ReportPeriod
from tthc.domain.petitions import COLUMNS, PetitionCell, PetitionTally, lay_out
from tthc.domain.vocabulary import PetitionKind
from tthc.services import investment_reports, petitions

#: Under which names they are kept; reports of before do not have them.
PETITIONS, INVESTMENT = "petitions", "investment"


def figures_of(session: Session, *, unit_id: int, period: ReportPeriod) -> dict[str, Any]:
    """The figures of a period that has ended, as a report keeps them, within the caller's transaction."""
    asked = petitions.tally_of(session, unit_id, period, today=period.to_on)
    certificates = investment_reports.tally_of(session, unit_id, period, at_on=period.to_on)
    return {
        PETITIONS: {
            "rows": {
                row.kind.value: {cell.value: number for cell, number in row.cells.items()}
                for row in asked.rows
                if row.kind is not None
            },
            "pending_before": {kind.value: asked.pending_before.get(kind, 0) for kind in PetitionKind},
        },
        INVESTMENT: [
            [origin.value, kind.value, one.count, str(one.usd), str(one.vnd)]
            for (origin, kind), one in certificates.cells.items()
        ],
    }


def kept_petitions(figures: Mapping[str, Any], period: ReportPeriod) -> PetitionTally | None:
    """The petitions that a report keeps; ``None`` where it was drawn up before reports kept them."""
    kept = figures.get(PETITIONS)
    if kept is None:
        return None
    return lay_out(
        period,
        period.to_on,
        {PetitionKind(kind): _numbers(cells) for kind, cells in kept["rows"].items()},
        {PetitionKind(kind): number for kind, number in kept["pending_before"].items()},
    )


def _numbers(cells: Mapping[str, int]) -> dict[PetitionCell, int]:
    return {cell: cells[cell.value] for cell in COLUMNS}


def kept_investment(figures: Mapping[str, Any], period: ReportPeriod) -> InvestmentTally | None:
    """The certificates that a report keeps; ``None`` where it was drawn up before reports kept them."""
    kept = figures.get(INVESTMENT)
    if kept is None:
        return None
    cells = dict.fromkeys(CELLS, Figures())
    for origin, kind, count, usd, vnd in kept:
        cells[InvestmentOrigin(origin), CertificateKind(kind)] = Figures(count, Decimal(usd), Decimal(vnd))
    return InvestmentTally(period, period.to_on, cells)


def same(one: Mapping[str, Any], other: Mapping[str, Any], period: ReportPeriod) -> bool:
    """Whether two drawings of a report keep the same; what one of them never kept does not differ."""
    for read in (kept_petitions, kept_investment):
        left, right = read(one, period), read(other, period)
        if left is not None and right is not None and left != right:
            return False
    return True
