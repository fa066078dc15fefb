"""Requests to supplement that nobody has answered for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Applicant, Dossier, EventRow, ProcedureVersion, Supplement
from tthc.db.queries.accounts import shown_name
from tthc.domain.vocabulary import DossierState


def _unanswered(unit_id: int, asked_before: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Dossier.unit_id == unit_id,
        Dossier.state == DossierState.AWAITING_SUPPLEMENT,
        Supplement.closed_event_id.is_(None),
        EventRow.occurred_on < asked_before,
    )


def unanswered(
    session: Session, unit_id: int, asked_before: date, *, offset: int, limit: int
) -> Sequence[Any]:
    """One page of the dossiers that wait for a supplement asked before a date, the oldest request first."""
    officer = shown_name()
    return session.execute(
        select(
            Dossier.id,
            Dossier.version,
            Dossier.code,
            ProcedureVersion.name.label("procedure"),
            Applicant.name.label("applicant"),
            officer.label("officer"),
            EventRow.occurred_on.label("asked_on"),
            Supplement.mode,
            Supplement.missing,
            Dossier.due_on,
            Dossier.waiting,
        )
        .join(Supplement, Supplement.dossier_id == Dossier.id)
        .join(EventRow, EventRow.id == Supplement.opened_event_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .where(*_unanswered(unit_id, asked_before))
        .order_by(EventRow.occurred_on, Dossier.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count_unanswered(session: Session, unit_id: int, asked_before: date) -> int:
    """How many such dossiers there are."""
    query = (
        select(func.count())
        .select_from(Dossier)
        .join(Supplement, Supplement.dossier_id == Dossier.id)
        .join(EventRow, EventRow.id == Supplement.opened_event_id)
    )
    return session.scalar(query.where(*_unanswered(unit_id, asked_before))) or 0


def lock_unanswered(
    session: Session, unit_id: int, asked_before: date, dossier_ids: Sequence[int]
) -> Sequence[Dossier]:
    """Of some dossiers those that wait so long, locked until the transaction ends, in one order for all."""
    waiting = (
        select(Supplement.dossier_id)
        .join(EventRow, EventRow.id == Supplement.opened_event_id)
        .where(Supplement.closed_event_id.is_(None), EventRow.occurred_on < asked_before)
    )
    return session.scalars(
        select(Dossier)
        .where(
            Dossier.unit_id == unit_id,
            Dossier.state == DossierState.AWAITING_SUPPLEMENT,
            Dossier.id.in_(dossier_ids),
            Dossier.id.in_(waiting),
        )
        .order_by(Dossier.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
