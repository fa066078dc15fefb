"""Reads of results that were handed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Applicant, Document, Dossier, EventRow, HandOver, ProcedureVersion
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.documents import RECEIPT
from tthc.db.queries.register import portions
from tthc.db.queries.uncollected import WAITS_SINCE
from tthc.db.session import read
from tthc.domain.vocabulary import DossierState, EventKind

_NAME = shown_name()


_OF_DOSSIER = (
    select(HandOver, _NAME.label("by"))
    .outerjoin(Account, Account.id == HandOver.recorded_by)
    .where(HandOver.dossier_id == bindparam("dossier_id"))
    .order_by(HandOver.id)
)


def of_dossier(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of the entries of a dossier, oldest first, each with who recorded it (``by``)."""
    found: Sequence[Any] = read(session, _OF_DOSSIER, dossier_id=dossier_id).all()
    return found


def newest_of(session: Session, dossier_ids: Iterable[int]) -> dict[int, HandOver]:
    """By dossier the newest entry; a correction is newer than what it corrects."""
    found: dict[int, HandOver] = {}
    for portion in portions(dossier_ids):
        rows = session.scalars(select(HandOver).where(HandOver.dossier_id.in_(portion)).order_by(HandOver.id))
        found |= {row.dossier_id: row for row in rows}
    return found


def last_of(session: Session, dossier_ids: Iterable[int]) -> dict[int, tuple[EventRow, HandOver | None]]:
    """By dossier its last hand-over and the newest entry of it.

    What was handed over elsewhere and imported, or before such entries were kept, has no entry.
    """
    found: dict[int, tuple[EventRow, HandOver | None]] = {}
    ids = list(dossier_ids)
    entries = newest_of(session, ids)
    for portion in portions(ids):
        rows = session.scalars(
            select(EventRow)
            .where(EventRow.dossier_id.in_(portion), EventRow.kind == EventKind.HAND_OVER)
            .order_by(EventRow.dossier_id, EventRow.seq)
        )
        for row in rows:
            entry = entries.get(row.dossier_id)
            found[row.dossier_id] = (row, entry if entry and entry.event_id == row.id else None)
    return found


def posted_to(session: Session, unit_id: int, applicant_id: int, tracking_no: str) -> Sequence[Dossier]:
    """An applicant's dossiers of a unit that are handed over, and of which a result once went in an item."""
    posted = exists().where(HandOver.dossier_id == Dossier.id, HandOver.tracking_no == tracking_no)
    theirs = (Dossier.unit_id == unit_id, Dossier.applicant_id == applicant_id)
    handed_over = Dossier.state == DossierState.HANDED_OVER
    return session.scalars(select(Dossier).where(*theirs, handed_over, posted).order_by(Dossier.id)).all()


def come_backs_of(session: Session, dossier_id: int) -> Sequence[EventRow]:
    """Every time that the post brought the result of a dossier back, oldest first."""
    return session.scalars(
        select(EventRow)
        .where(EventRow.dossier_id == dossier_id, EventRow.kind == EventKind.COME_BACK)
        .order_by(EventRow.seq)
    ).all()


def of_action(session: Session, unit_id: int, action_id: str) -> Sequence[tuple[str, HandOver]]:
    """The dossiers that were handed over in one act, by code, each with the newest entry of this act."""
    rows = session.execute(
        select(Dossier.code, HandOver)
        .join(Dossier, Dossier.id == HandOver.dossier_id)
        .where(Dossier.unit_id == unit_id, HandOver.action_id == action_id)
        .order_by(Dossier.code, HandOver.id)
    )
    return list({code: (code, row) for code, row in rows}.values())


def with_receipt(session: Session, dossier_ids: Sequence[int]) -> set[int]:
    """Of some dossiers those for which a receipt was printed here."""
    query = select(Document.dossier_id).where(Document.form == RECEIPT, Document.dossier_id.in_(dossier_ids))
    return {one for one in session.scalars(query) if one is not None}


def ready(session: Session, where: Sequence[ColumnElement[bool]], *, limit: int) -> Sequence[Any]:
    """Results that wait, as plain rows, the longest waiting first."""
    return session.execute(
        select(
            Dossier.id,
            Dossier.code,
            Dossier.version,
            Dossier.outcome,
            Dossier.returned,
            Dossier.ended_on,
            ProcedureVersion.name.label("procedure"),
            Applicant.name.label("applicant"),
            Applicant.kind,
        )
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(Dossier.state == DossierState.RESOLVED, *where)
        .order_by(WAITS_SINCE, Dossier.id)
        .limit(limit)
    ).all()


def applicants_of(session: Session, dossier_ids: Sequence[int]) -> Sequence[Any]:
    """The different applicants of some dossiers: id, name and kind."""
    return session.execute(
        select(Applicant.id, Applicant.name, Applicant.kind)
        .where(Applicant.id.in_(select(Dossier.applicant_id).where(Dossier.id.in_(dossier_ids))))
        .order_by(Applicant.id)
    ).all()


def names_of(session: Session, dossier_ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """The name of the applicant of each of some dossiers, by the dossier's id."""
    rows = session.execute(
        select(Dossier.id, Applicant.name)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(Dossier.id.in_(dossier_ids))
    )
    return [(dossier_id, name) for dossier_id, name in rows]


def code_of_token(session: Session, unit_id: int, token: str) -> str | None:
    """The code of the dossier whose receipt carries a token."""
    return session.scalar(
        select(Dossier.code).where(Dossier.unit_id == unit_id, Dossier.lookup_token == token)
    )
