"""The spans that tallies read, carried from event to event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, DossierSpan, EventRow
from tthc.db.queries import dossiers as queries
from tthc.domain.lifecycle import LifeState
from tthc.domain.vocabulary import OFFICE_ZONE


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
            new.append(_shortened(old, row, known_at, row.counted_on))
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
    span = _span(dossier, life, row, known_at)
    span.received_counted_on, span.ended_counted_on = received_counted_on, ended_counted_on
    new.append(span)
    return new, replaced


def rewrite_spans(session: Session, *, dossier: Dossier, told: Sequence[tuple[EventRow, LifeState]]) -> None:
    """Write the spans anew after a correction, which is the last of the events in ``told``.

    Each event comes with the life as it is now known to have been after it. What lies in a closed period
    stays as it was counted there; from the first open day on everything is told anew, and what was known
    before stays readable on the known axis.
    """
    row = told[-1][0]
    open_from = _open_from(row)
    old = queries.known_spans(session, dossier.id)
    known_at = max(row.known_at, *(span.known_from for span in old))
    counted_on = old[0].received_counted_on
    if dossier.received_on != old[0].received_on and counted_on >= open_from:
        counted_on = max(dossier.received_on, open_from)
    for span in old:
        if span.valid_to is not None and span.valid_to <= open_from:
            continue
        in_closed = span.valid_from < open_from
        if span.known_from < known_at:
            span.known_to, span.closed_by = known_at, row.id
            if in_closed:
                session.add(_shortened(span, row, known_at, open_from))
        elif in_closed:
            span.valid_to, span.closed_by = open_from, row.id
        else:
            session.delete(span)
    session.add_all(retell(dossier, told, known_at=known_at, received_counted_on=counted_on))
    session.flush()


def retell(
    dossier: Dossier,
    told: Sequence[tuple[EventRow, LifeState]],
    *,
    known_at: datetime,
    received_counted_on: date,
) -> list[DossierSpan]:
    """The spans of a corrected dossier outside of closed periods, in order; the last is open."""
    correction = told[-1][0]
    open_from = _open_from(correction)
    spans: list[DossierSpan] = []
    ended_counted_on: date | None = None
    start = received_counted_on
    for row, life in told:
        start = max(start, row.counted_on) if spans else start
        if life.ended_on is None:
            ended_counted_on = None
        elif ended_counted_on is None:
            ended_counted_on = row.counted_on
        if spans and spans[-1].valid_from == start:
            spans.pop()
        elif spans:
            spans[-1].valid_to, spans[-1].closed_by = start, correction.id
        span = _span(dossier, life, correction, known_at)
        span.valid_from = start
        span.received_counted_on, span.ended_counted_on = received_counted_on, ended_counted_on
        spans.append(span)
    shown = [span for span in spans if span.valid_to is None or span.valid_to > open_from]
    shown[0].valid_from = max(shown[0].valid_from, open_from)
    return shown


def _open_from(correction: EventRow) -> date:
    """The first date that was in no closed period when the correction was recorded."""
    text = correction.payload_json["open_from"]
    return date.fromisoformat(text) if text else date.min


def _span(dossier: Dossier, life: LifeState, row: EventRow, known_at: datetime) -> DossierSpan:
    """What an event makes true from its counted date on; the two counted dates of the ends are left out."""
    return DossierSpan(
        unit_id=dossier.unit_id,
        dossier_id=dossier.id,
        valid_from=row.counted_on,
        valid_to=None,
        known_from=known_at,
        known_to=None,
        state=life.state,
        waiting=life.waiting,
        sector_id=life.sector_id,
        procedure_id=life.procedure_id,
        channel=life.channel,
        officer_id=life.officer_id,
        received_on=life.received_at.astimezone(OFFICE_ZONE).date(),
        ended_on=life.ended_on,
        end_kind=life.end_kind,
        returned=life.returned,
        due_on=life.due_on,
        first_due_on=life.first_due_on,
        due_date_id=dossier.due_date_id,
        opened_by=row.id,
        closed_by=None,
    )


def _shortened(old: DossierSpan, row: EventRow, known_at: datetime, valid_to: date) -> DossierSpan:
    """The same facts, as known from ``known_at`` on: they held until ``valid_to``."""
    same = {
        column.key: getattr(old, column.key)
        for column in DossierSpan.__mapper__.column_attrs
        if column.key not in {"id", "valid_to", "known_from", "known_to", "closed_by"}
    }
    return DossierSpan(**same, valid_to=valid_to, known_from=known_at, known_to=None, closed_by=row.id)
