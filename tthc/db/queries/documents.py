"""Reads of printed documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tthc.db.models import Document, DueDateRow

#: The form number of the receipt in both sets (Mẫu 01).
RECEIPT = "01"
#: The form number of the request to supplement a dossier in both sets (Mẫu 02).
SUPPLEMENT = "02"
#: The form number of the apology with a new appointment in both sets (Mẫu 04), under two names.
EXTENSION = "04"


def receipts_of(session: Session, dossier_id: int) -> Sequence[tuple[Document, date]]:
    """The receipts that were printed for a dossier with the date each promised, oldest first."""
    rows = session.execute(
        select(Document, DueDateRow.due_on)
        .join(DueDateRow, DueDateRow.id == Document.due_date_id)
        .where(Document.dossier_id == dossier_id, Document.form == RECEIPT)
        .order_by(Document.no)
    )
    return [(document, due_on) for document, due_on in rows]


def last_for_event(session: Session, form: str, event_id: int) -> Document | None:
    """The newest document of a form that was issued for an event."""
    query = select(Document).where(Document.form == form, Document.event_id == event_id)
    return session.scalars(query.order_by(Document.no.desc()).limit(1)).one_or_none()


def last_no(session: Session, dossier_id: int, form: str) -> int:
    """The number of the newest document of a form, 0 when there is none."""
    query = select(func.max(Document.no)).where(Document.dossier_id == dossier_id, Document.form == form)
    return session.scalar(query) or 0
