"""Reads of the questions to other agencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Consultation, DueDateRow, EventRow


def open_of(session: Session, dossier_id: int) -> Sequence[Consultation]:
    """What has no answer yet, oldest first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.dossier_id == dossier_id, Consultation.closed_event_id.is_(None))
        .order_by(Consultation.id)
    ).all()


_Opened, _Closed = aliased(EventRow), aliased(EventRow)
_TOLD_OF = (
    select(Consultation, _Opened, _Closed, DueDateRow)
    .join(_Opened, _Opened.id == Consultation.opened_event_id)
    .outerjoin(_Closed, _Closed.id == Consultation.closed_event_id)
    .join(DueDateRow, DueDateRow.id == Consultation.due_date_id)
    .where(Consultation.dossier_id == bindparam("dossier_id"))
    .order_by(Consultation.id)
)


def told_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """(consultation, event that opened it, event that closed it or ``None``, due date), oldest first."""
    return session.execute(_TOLD_OF, {"dossier_id": dossier_id}).all()
