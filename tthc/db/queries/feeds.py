"""The due dates of one person, for the calendar of his telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, func, literal, select, union_all
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Consultation,
    Dossier,
    DueDateRow,
    EventRow,
    Petition,
    ProcedureVersion,
    Step,
    Supplement,
)
from tthc.db.queries.steps import OPEN as OPEN_STEP
from tthc.domain.vocabulary import SubjectKind


def account_of(session: Session, feed_hash: str) -> Account | None:
    """The active account whose feed has a secret of this hash."""
    return session.scalars(select(Account).where(Account.feed_hash == feed_hash, Account.active)).first()


def due_dates(
    session: Session, unit_id: int, *, officer_id: int | None, petitions: bool, most: int
) -> Sequence[Any]:
    """``(kind, code, number, name, procedure, due on, when the date came)``, the nearest first.

    What somebody has in hand: running dossiers, open steps, and what is waited for of his dossiers; with
    ``petitions`` those of the unit, which nobody has in hand. ``number`` tells apart what has one code;
    ``name`` is the step or the agency.
    """
    parts = [] if officer_id is None else _in_hand(unit_id, officer_id)
    if petitions:
        parts.append(_petitions(unit_id))
    if not parts:
        return []
    found = union_all(*parts).subquery()
    order = (found.c.due_on, found.c.code, found.c.kind, found.c.number)
    return session.execute(select(found).order_by(*order).limit(most)).all()


def _in_hand(unit_id: int, officer_id: int) -> list[Select[Any]]:
    """As alerts stand (``db/queries/alerts.py``), whatever the stage."""
    running = (Dossier.unit_id == unit_id, Dossier.ended_on.is_(None))
    own, counting = Dossier.officer_id == officer_id, Dossier.waiting.is_(False)
    return [
        _of_dossiers(SubjectKind.DOSSIER, Dossier).where(*running, own, counting),
        _of_dossiers(SubjectKind.STEP, Step, Step.no, Step.name).where(
            *running, counting, Step.officer_id == officer_id, *OPEN_STEP
        ),
        _of_dossiers(SubjectKind.SUPPLEMENT, Supplement).where(
            *running, own, Supplement.closed_event_id.is_(None)
        ),
        _of_dossiers(SubjectKind.CONSULTATION, Consultation, name=Consultation.agency).where(
            *running, own, Consultation.closed_event_id.is_(None)
        ),
    ]


def _of_dossiers(kind: SubjectKind, what: Any, number: Any = None, name: Any = None) -> Select[Any]:
    query = (
        _columns(kind, Dossier.code, what.id if number is None else number, name, ProcedureVersion.name)
        .add_columns(
            func.coalesce(DueDateRow.recorded_at, EventRow.recorded_at, Dossier.recorded_at).label("since")
        )
        .select_from(what)
    )
    if what is not Dossier:
        query = query.join(Dossier, Dossier.id == what.dossier_id)
    return (
        query.join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(DueDateRow, DueDateRow.id == what.due_date_id)
        .outerjoin(EventRow, EventRow.id == DueDateRow.event_id)
    )


def _petitions(unit_id: int) -> Select[Any]:
    return (
        _columns(SubjectKind.PETITION, Petition.number, Petition.id, None, literal("Phản ánh, kiến nghị"))
        .add_columns(Petition.recorded_at.label("since"))
        .select_from(Petition)
        .join(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .where(Petition.unit_id == unit_id, Petition.ended_on.is_(None))
    )


def _columns(kind: SubjectKind, code: Any, number: Any, name: Any, procedure: Any) -> Select[Any]:
    return select(
        literal(kind.value, String()).label("kind"),
        code.label("code"),
        number.label("number"),
        (literal("", String()) if name is None else name).label("name"),
        procedure.label("procedure"),
        DueDateRow.due_on.label("due_on"),
    )
