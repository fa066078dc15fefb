"""How many dossiers were overdue at the end of days gone by, from what was true then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from tthc.db.models import DossierSpan


def overdue_at_end(session: Session, unit_id: int, days: Sequence[date]) -> list[int]:
    """How many were overdue at the end of each day (column 13 of the tally), in one pass over the spans."""
    columns = (DossierSpan.valid_from, DossierSpan.valid_to, DossierSpan.due_on)
    running = (
        DossierSpan.unit_id == unit_id,
        DossierSpan.known_to.is_(None),
        DossierSpan.ended_counted_on.is_(None),
        DossierSpan.waiting.is_(False),
        DossierSpan.due_on < max(days),
    )
    # Two ranges of the index of the tally: what holds still, and what held until some day of these.
    spans = union_all(
        select(*columns).where(*running, DossierSpan.valid_to.is_(None)),
        select(*columns).where(*running, DossierSpan.valid_to > min(days)),
    ).subquery()
    counted = [
        func.count().filter(
            spans.c.valid_from <= day,
            or_(spans.c.valid_to.is_(None), spans.c.valid_to > day),
            spans.c.due_on < day,
        )
        for day in days
    ]
    return list(session.execute(select(*counted).select_from(spans)).one())
