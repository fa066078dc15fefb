"""Reads of printed documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from tthc.db.models import Document, DueDateRow
from tthc.db.session import read

#: The form number of the receipt in both sets (Mẫu 01).
RECEIPT = "01"
#: The form number of the request to supplement a dossier in both sets (Mẫu 02).
SUPPLEMENT = "02"
#: The form number of the apology with a new appointment in both sets (Mẫu 04), under two names.
EXTENSION = "04"
#: The refusal to receive, or of a dossier on the merits, or its return, in both sets (Mẫu 03).
REFUSAL = "03"
#: The notice of a stop: Mẫu 05 of the 2025 set, a letter before.
STOP = "stop"
#: The control sheet: Mẫu 05 of the 2018 set, Mẫu 06 of the 2025 set.
CONTROL = "control"
#: The slip with which a dossier goes to another agency; of neither set.
SLIP = "slip"
#: What whoever takes a result signs; of neither set.
HAND_OVER = "hand_over"


_RECEIPTS = (
    select(Document, DueDateRow.due_on)
    .join(DueDateRow, DueDateRow.id == Document.due_date_id)
    .where(Document.dossier_id == bindparam("dossier_id"), Document.form == RECEIPT)
    .order_by(Document.no)
)
_LAST_FOR_EVENT = (
    select(Document)
    .where(Document.form == bindparam("form"), Document.event_id == bindparam("event_id"))
    .order_by(Document.no.desc())
    .limit(1)
)
_OF_DOSSIER = (
    select(Document, DueDateRow.due_on)
    .outerjoin(DueDateRow, DueDateRow.id == Document.due_date_id)
    .where(Document.dossier_id == bindparam("dossier_id"))
    .order_by(Document.printed_at, Document.id)
)


def receipts_of(session: Session, dossier_id: int) -> Sequence[tuple[Document, date]]:
    """The receipts that were printed for a dossier with the date each promised, oldest first."""
    rows = session.execute(_RECEIPTS, {"dossier_id": dossier_id})
    return [(document, due_on) for document, due_on in rows]


def last_for_event(session: Session, form: str, event_id: int) -> Document | None:
    """The newest document of a form that was issued for an event."""
    return session.scalars(_LAST_FOR_EVENT, {"form": form, "event_id": event_id}).one_or_none()


def last_of(session: Session, dossier_id: int, form: str) -> Document | None:
    """The newest document of a form of a dossier."""
    query = select(Document).where(Document.dossier_id == dossier_id, Document.form == form)
    return session.scalars(query.order_by(Document.no.desc()).limit(1)).one_or_none()


def of_dossier(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of every document that was issued for a dossier, oldest first.

    With each that promised a date (``due_on``) that date.
    """
    found: Sequence[Any] = read(session, _OF_DOSSIER, dossier_id=dossier_id).all()
    return found


def by_id(session: Session, dossier_id: int, document_id: int) -> Document | None:
    """One document of a dossier."""
    query = select(Document).where(Document.dossier_id == dossier_id, Document.id == document_id)
    return session.scalars(query).one_or_none()


def last_of_filing(session: Session, form: str, filing_id: int) -> Document | None:
    """The newest document of a form that was issued for a filing."""
    query = select(Document).where(Document.form == form, Document.filing_id == filing_id)
    return session.scalars(query.order_by(Document.no.desc()).limit(1)).one_or_none()


def last_no(session: Session, form: str, *, dossier_id: int | None, filing_id: int | None) -> int:
    """The number of the newest document of a form for a dossier or a filing, 0 when there is none."""
    subject = Document.dossier_id == dossier_id if filing_id is None else Document.filing_id == filing_id
    return session.scalar(select(func.max(Document.no)).where(subject, Document.form == form)) or 0
