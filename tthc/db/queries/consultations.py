"""Reads of the questions to other agencies, and the withdrawal of their alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Alert, Consultation, DueDateRow, EventRow
from tthc.domain.vocabulary import SubjectKind


def open_of(session: Session, dossier_id: int) -> Sequence[Consultation]:
    """What has no answer yet, oldest first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.dossier_id == dossier_id, Consultation.closed_event_id.is_(None))
        .order_by(Consultation.id)
    ).all()


def told_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """(consultation, event that opened it, event that closed it or ``None``, due date), oldest first."""
    opened, closed = aliased(EventRow), aliased(EventRow)
    return session.execute(
        select(Consultation, opened, closed, DueDateRow)
        .join(opened, opened.id == Consultation.opened_event_id)
        .outerjoin(closed, closed.id == Consultation.closed_event_id)
        .join(DueDateRow, DueDateRow.id == Consultation.due_date_id)
        .where(Consultation.dossier_id == dossier_id)
        .order_by(Consultation.id)
    ).all()


def withdraw_alerts(session: Session, consultation_ids: Sequence[int], *, now: datetime) -> None:
    """Withdraw the open alerts of what is no longer waited for."""
    if not consultation_ids:
        return
    session.execute(
        update(Alert)
        .where(
            Alert.subject_kind == SubjectKind.CONSULTATION,
            Alert.subject_id.in_(consultation_ids),
            Alert.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
