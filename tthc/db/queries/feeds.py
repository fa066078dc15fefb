"""The due dates of one officer, for the calendar of his telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Dossier, DueDateRow, EventRow, ProcedureVersion


def account_of(session: Session, feed_hash: str) -> Account | None:
    """The active account whose feed has a secret of this hash."""
    return session.scalars(select(Account).where(Account.feed_hash == feed_hash, Account.active)).first()


def due_dates(session: Session, unit_id: int, officer_id: int, most: int) -> Sequence[Any]:
    """``(code, procedure, due on, when the date came)`` of running dossiers, the nearest first."""
    query = (
        select(Dossier.code, ProcedureVersion.name, Dossier.due_on, EventRow.recorded_at)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(DueDateRow, DueDateRow.id == Dossier.due_date_id)
        .join(EventRow, EventRow.id == DueDateRow.event_id)
        .where(
            Dossier.unit_id == unit_id,
            Dossier.officer_id == officer_id,
            Dossier.ended_on.is_(None),
            Dossier.waiting.is_(False),
        )
        .order_by(Dossier.due_on, Dossier.id)
        .limit(most)
    )
    return session.execute(query).all()
