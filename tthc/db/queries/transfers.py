"""Reads of what waits to be handed over between counter and board, and of the lists that were signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    ProcedureVersion,
    Sector,
    Step,
    Transfer,
)
from tthc.db.queries import steps as step_queries
from tthc.db.queries.accounts import shown_name
from tthc.domain.vocabulary import DossierState, Role, TransferKind

_OFFICER = shown_name()


def waiting(
    session: Session,
    unit_id: int,
    kind: TransferKind,
    *,
    limit: int | None = None,
    codes: Sequence[str] | None = None,
) -> Sequence[Any]:
    """What still has to be handed over, the oldest first; ``since``: when it came or was resolved."""
    since = Dossier.received_at if kind is TransferKind.TO_BOARD else Dossier.ended_at
    query = (
        select(
            Dossier.id,
            Dossier.code,
            Dossier.version,
            Applicant.name.label("applicant"),
            ProcedureVersion.name.label("procedure"),
            Sector.name.label("sector"),
            Dossier.channel,
            Dossier.sets,
            Dossier.papers_json,
            since.label("since"),
            Dossier.due_on,
            _OFFICER.label("officer"),
        )
        .select_from(Step)
        .join(Dossier, Dossier.id == Step.dossier_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Sector, Sector.id == Dossier.sector_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .order_by(since, Dossier.id)
        .limit(limit)
    )
    query = _waits(query, unit_id, kind)
    if codes is not None:
        query = query.where(Dossier.code.in_(codes))
    return session.execute(query).all()


def count_waiting(session: Session, unit_id: int, kind: TransferKind) -> int:
    """How many still have to be handed over."""
    query = select(func.count(Step.id)).select_from(Step).join(Dossier, Dossier.id == Step.dossier_id)
    return session.scalar(_waits(query, unit_id, kind)) or 0


def _waits(query: Select[Any], unit_id: int, kind: TransferKind) -> Select[Any]:
    """To the board goes what is in the counter's first step; back, a result that no clerk has in hand."""
    query = query.where(Step.unit_id == unit_id, *step_queries.OPEN, Step.role == Role.CLERK)
    if kind is TransferKind.TO_BOARD:
        return query.where(Step.no == 1, Dossier.ended_on.is_(None))
    return query.where(Step.no > 1, Step.officer_id.is_(None), Dossier.state == DossierState.RESOLVED)


def by_id(session: Session, unit_id: int, transfer_id: int) -> tuple[Transfer, str | None, str | None] | None:
    """A list with the names of who gave and who took."""
    row = session.execute(
        _named().where(Transfer.unit_id == unit_id, Transfer.id == transfer_id)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def page(session: Session, unit_id: int, *, offset: int, limit: int) -> Sequence[Any]:
    """(list, who gave, who took), the latest first."""
    return session.execute(
        _named()
        .where(Transfer.unit_id == unit_id)
        .order_by(Transfer.made_at.desc(), Transfer.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count(session: Session, unit_id: int) -> int:
    """How many lists there are."""
    return session.scalar(select(func.count(Transfer.id)).where(Transfer.unit_id == unit_id)) or 0


def _named() -> Any:
    giver, taker = aliased(Account), aliased(Account)
    return (
        select(
            Transfer,
            shown_name(giver),
            shown_name(taker),
        )
        .outerjoin(giver, giver.id == Transfer.made_by)
        .outerjoin(taker, taker.id == Transfer.taker_id)
    )
