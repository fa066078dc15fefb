"""Dossiers whose limit has parts at several agencies: what a list must know to say where they are late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Consultation, Dossier, DueDateRow, EventRow, LimitSegmentRow


def in_parts(session: Session, codes: Sequence[str]) -> Sequence[Any]:
    """``(id, code, case, received on, due on, ended on, counting rule, calendar version)`` of such dossiers.

    The last two are those of the promise in force.
    """
    further = exists().where(LimitSegmentRow.case_id == Dossier.case_id, LimitSegmentRow.no > 1)
    return session.execute(
        select(
            Dossier.id,
            Dossier.code,
            Dossier.case_id,
            Dossier.received_on,
            Dossier.due_on,
            Dossier.ended_on,
            DueDateRow.policy_id,
            DueDateRow.calendar_version_id,
        )
        .join(DueDateRow, DueDateRow.id == Dossier.due_date_id)
        .where(Dossier.code.in_(codes), further)
    ).all()


def events_of(session: Session, dossier_ids: Sequence[int]) -> Sequence[EventRow]:
    """The events of several dossiers, each dossier's in order."""
    return session.scalars(
        select(EventRow)
        .where(EventRow.dossier_id.in_(dossier_ids))
        .order_by(EventRow.dossier_id, EventRow.seq)
    ).all()


def hand_overs_of(session: Session, dossier_ids: Sequence[int]) -> Sequence[Any]:
    """(dossier id, payload of the sending, when it went, when it came back or ``None``), oldest first.

    Also the questions for which nothing was handed on: the payload says.
    """
    opened, closed = aliased(EventRow), aliased(EventRow)
    return session.execute(
        select(Consultation.dossier_id, opened.payload_json, opened.occurred_at, closed.occurred_at)
        .join(opened, opened.id == Consultation.opened_event_id)
        .outerjoin(closed, closed.id == Consultation.closed_event_id)
        .where(Consultation.dossier_id.in_(dossier_ids))
        .order_by(Consultation.id)
    ).all()
