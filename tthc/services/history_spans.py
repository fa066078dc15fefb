"""The spans that tallies read, carried from event to event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, DossierSpan, EventRow
from tthc.db.queries import dossiers as queries
from tthc.domain.lifecycle import LifeState


def write_span(session: Session, *, dossier: Dossier, life: LifeState, row: EventRow) -> None:
    """Carry an event that has its id into the spans of a dossier that has its due date."""
    old = queries.open_span(session, dossier.id)
    new, replaced = carry(old, dossier=dossier, life=life, row=row)
    if old is not None and replaced:
        session.delete(old)
    session.add_all(new)
    session.flush()


def carry(
    old: DossierSpan | None, *, dossier: Dossier, life: LifeState, row: EventRow
) -> tuple[list[DossierSpan], bool]:
    """The spans that an event adds, the open one last, and whether it takes the place of ``old`` altogether.

    What was known before stays readable: a span that was known at an earlier instant is closed on the
    known axis and written anew; one that came to be known at this very instant is changed in place.
    """
    new: list[DossierSpan] = []
    replaced = False
    known_at = max(row.known_at, old.known_from) if old else row.known_at
    if old is not None and old.known_from < known_at:
        old.known_to, old.closed_by = known_at, row.id
        if old.valid_from < row.counted_on:
            new.append(_shortened(old, row, known_at))
    elif old is not None:
        if old.valid_from < row.counted_on:
            old.valid_to, old.closed_by = row.counted_on, row.id
        else:
            replaced = True
    received_counted_on = old.received_counted_on if old else row.counted_on
    if life.ended_on is None:
        ended_counted_on = None
    elif old is not None and old.ended_on is not None:
        ended_counted_on = old.ended_counted_on
    else:
        ended_counted_on = row.counted_on
    new.append(
        DossierSpan(
            unit_id=dossier.unit_id,
            dossier_id=dossier.id,
            valid_from=row.counted_on,
            valid_to=None,
            known_from=known_at,
            known_to=None,
            state=life.state,
            waiting=life.waiting,
            sector_id=dossier.sector_id,
            procedure_id=dossier.procedure_id,
            channel=dossier.channel,
            officer_id=life.officer_id,
            received_on=dossier.received_on,
            received_counted_on=received_counted_on,
            ended_on=life.ended_on,
            ended_counted_on=ended_counted_on,
            end_kind=life.end_kind,
            returned=life.returned,
            due_on=life.due_on,
            first_due_on=life.first_due_on,
            due_date_id=dossier.due_date_id,
            opened_by=row.id,
            closed_by=None,
        )
    )
    return new, replaced


def _shortened(old: DossierSpan, row: EventRow, known_at: datetime) -> DossierSpan:
    """The same facts, as known from ``known_at`` on: they held until the event's counted date."""
    same = {
        column.key: getattr(old, column.key)
        for column in DossierSpan.__mapper__.column_attrs
        if column.key not in {"id", "valid_to", "known_from", "known_to", "closed_by"}
    }
    return DossierSpan(**same, valid_to=row.counted_on, known_from=known_at, known_to=None, closed_by=row.id)
