"""What a what-if over all open dossiers reads, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Document,
    Dossier,
    DossierSpan,
    DueDateRow,
    DuePolicyRow,
    EventRow,
    Extension,
    ProcedureVersion,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.documents import RECEIPT
from tthc.domain.vocabulary import DueCause, SubjectKind

#: How many ids go into one statement.
_BATCH = 500


def policies(session: Session, unit_id: int) -> Sequence[DuePolicyRow]:
    """All counting rules of the unit, in the order in which :func:`tthc.db.queries.rules.policy_on` looks."""
    return session.scalars(
        select(DuePolicyRow)
        .where(DuePolicyRow.unit_id == unit_id)
        .order_by(DuePolicyRow.valid_from.desc().nulls_last(), DuePolicyRow.id.desc())
    ).all()


def _open(unit_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Dossier.unit_id == unit_id, Dossier.ended_on.is_(None))


def open_dossiers(session: Session, unit_id: int) -> Sequence[Any]:
    """What a list says of every dossier that has not ended, in the order of its due date."""
    officer = shown_name()
    return session.execute(
        select(
            Dossier.id,
            Dossier.code,
            ProcedureVersion.name.label("procedure"),
            officer.label("officer"),
            Dossier.case_id,
            Dossier.received_on,
            Dossier.due_at,
            Dossier.due_on,
            Dossier.waiting,
            Dossier.provisional,
            DueDateRow.policy_id,
        )
        .join(DueDateRow, DueDateRow.id == Dossier.due_date_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .where(*_open(unit_id))
        .order_by(Dossier.due_on, Dossier.id)
    ).all()


def open_events(session: Session, unit_id: int) -> Sequence[Any]:
    """The events of every open dossier, each dossier's in order."""
    return session.execute(
        select(
            EventRow.dossier_id,
            EventRow.seq,
            EventRow.kind,
            EventRow.occurred_at,
            EventRow.payload_json,
            EventRow.counted_on,
        )
        .join(Dossier, Dossier.id == EventRow.dossier_id)
        .where(*_open(unit_id))
        .order_by(EventRow.dossier_id, EventRow.seq)
    ).all()


def open_promises(session: Session, unit_id: int) -> Sequence[Any]:
    """Every due date that was computed for an open dossier, each dossier's in order.

    ``late``: told by a letter that came too late to count, so that it never was in force.
    """
    return session.execute(
        select(
            DueDateRow.subject_id,
            DueDateRow.no,
            DueDateRow.due_at,
            DueDateRow.cause,
            DueDateRow.calendar_version_id,
            Extension.id.is_not(None).label("late"),
        )
        .outerjoin(Extension, and_(Extension.due_date_id == DueDateRow.id, Extension.in_time.is_(False)))
        .join(
            Dossier,
            and_(DueDateRow.subject_kind == SubjectKind.DOSSIER, Dossier.id == DueDateRow.subject_id),
        )
        .where(*_open(unit_id))
        .order_by(DueDateRow.subject_id, DueDateRow.no)
    ).all()


def open_receipts(session: Session, unit_id: int) -> Sequence[Any]:
    """(dossier id, number of the promise that it printed, date that it printed) of the valid receipts."""
    return session.execute(
        select(Document.dossier_id, DueDateRow.no, DueDateRow.due_on)
        .join(Dossier, Dossier.id == Document.dossier_id)
        .join(DueDateRow, DueDateRow.id == Document.due_date_id)
        .where(*_open(unit_id), Document.form == RECEIPT, Document.replaced_by_id.is_(None))
    ).all()


def lock_open(session: Session, unit_id: int) -> None:
    """Hold every open dossier until the transaction ends, so that none moves while all are judged."""
    session.execute(select(Dossier.id).where(*_open(unit_id)).order_by(Dossier.id).with_for_update())


def of_ids(session: Session, dossier_ids: Sequence[int]) -> dict[int, Dossier]:
    """Dossiers by id."""
    found: dict[int, Dossier] = {}
    for start in range(0, len(dossier_ids), _BATCH):
        batch = dossier_ids[start : start + _BATCH]
        query = select(Dossier).where(Dossier.id.in_(batch))
        found.update((row.id, row) for row in session.scalars(query))
    return found


def open_spans(session: Session, dossier_ids: Sequence[int]) -> dict[int, DossierSpan]:
    """The span that is open on both axes, by dossier."""
    found: dict[int, DossierSpan] = {}
    for start in range(0, len(dossier_ids), _BATCH):
        query = select(DossierSpan).where(
            DossierSpan.dossier_id.in_(dossier_ids[start : start + _BATCH]),
            DossierSpan.valid_to.is_(None),
            DossierSpan.known_to.is_(None),
        )
        found.update((row.dossier_id, row) for row in session.scalars(query))
    return found


def moved_by(session: Session, unit_id: int, version_id: int) -> Sequence[Any]:
    """The promises that a version of the calendar moved, with the one before each and what holds now."""
    before, earlier = aliased(DueDateRow), aliased(DueDateRow)
    printed = aliased(DueDateRow)
    # Not the number just before: that may be of a letter which came late, and so never was in force.
    last_in_force = (
        select(func.max(earlier.no))
        .outerjoin(Extension, and_(Extension.due_date_id == earlier.id, Extension.in_time.is_(False)))
        .where(
            earlier.subject_kind == SubjectKind.DOSSIER,
            earlier.subject_id == DueDateRow.subject_id,
            earlier.no < DueDateRow.no,
            Extension.id.is_(None),
        )
        .correlate(DueDateRow)
        .scalar_subquery()
    )
    officer = shown_name()
    return session.execute(
        select(
            Dossier.code,
            ProcedureVersion.name.label("procedure"),
            officer.label("officer"),
            before.due_at.label("old_at"),
            DueDateRow.due_at.label("new_at"),
            Dossier.due_at.label("now_at"),
            Dossier.ended_on,
            printed.due_at.label("printed_at"),
        )
        .join(Dossier, Dossier.id == DueDateRow.subject_id)
        .join(
            before,
            and_(
                before.subject_kind == SubjectKind.DOSSIER,
                before.subject_id == DueDateRow.subject_id,
                before.no == last_in_force,
            ),
        )
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .outerjoin(
            Document,
            and_(
                Document.dossier_id == Dossier.id,
                Document.form == RECEIPT,
                Document.replaced_by_id.is_(None),
            ),
        )
        .outerjoin(printed, printed.id == Document.due_date_id)
        .where(
            Dossier.unit_id == unit_id,
            DueDateRow.subject_kind == SubjectKind.DOSSIER,
            DueDateRow.calendar_version_id == version_id,
            DueDateRow.cause == DueCause.CALENDAR,
            or_(before.due_at < DueDateRow.due_at, before.due_at > DueDateRow.due_at),
        )
        .order_by(DueDateRow.due_on, Dossier.id)
    ).all()
