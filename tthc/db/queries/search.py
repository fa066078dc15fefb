"""Finding dossiers by words, without diacritics and in any order; the same on both databases."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, ProcedureVersion, SearchEntry
from tthc.domain.text import fold


def matches(q: str) -> ColumnElement[bool]:
    """Dossiers whose search text has every word of ``q`` somewhere."""
    words = fold(q).split()
    text = select(SearchEntry.dossier_id)
    for word in words:
        text = text.where(SearchEntry.folded.contains(word, autoescape=True))
    return Dossier.id.in_(text)


def write(session: Session, dossier: Dossier) -> None:
    """Write the search text of a dossier, in the transaction that changed it."""
    entry = session.get(SearchEntry, dossier.id)
    if entry is None:
        add(session, dossier)
    else:
        entry.folded = _text(session, dossier)
    session.flush()


def add(session: Session, dossier: Dossier) -> None:
    """Add the search text of a dossier that has none yet; the caller flushes."""
    session.add(SearchEntry(dossier_id=dossier.id, folded=_text(session, dossier)))


def _text(session: Session, dossier: Dossier) -> str:
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get(Applicant, dossier.submitter_id) if dossier.submitter_id else None
    version = session.get_one(ProcedureVersion, dossier.version_id)
    parts = [dossier.code, owner.name, owner.id_number, owner.phone, owner.email]
    if submitter is not None:
        parts += [submitter.name, submitter.phone]
    parts += [version.name, dossier.subject, dossier.note]
    return fold(" ".join(part for part in parts if part))
