"""Reads of a take-over: what the paper says, what is here, and what is on one side only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    DossierSpan,
    OpeningBalance,
    ProcedureVersion,
    Sector,
    TakeOver,
    TakeOverItem,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.tallies import living
from tthc.domain.vocabulary import TakeOverState

#: How the pending figure of a sector is named among all opening balances of the unit.
_PREFIX = "pending."


def live(session: Session, unit_id: int, *, lock: bool = False) -> TakeOver | None:
    """The take-over of the unit that was not undone."""
    query = select(TakeOver).where(TakeOver.unit_id == unit_id, TakeOver.state != TakeOverState.UNDONE)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def confirmed_on(session: Session, unit_id: int) -> date | None:
    """The first day that is counted here, once that was confirmed."""
    return session.scalar(
        select(TakeOver.on).where(TakeOver.unit_id == unit_id, TakeOver.state == TakeOverState.CONFIRMED)
    )


def begins_on(session: Session, unit_id: int) -> date | None:
    """The first day that is or will be counted here, confirmed or still in preparation."""
    found = live(session, unit_id)
    return found.on if found else None


def undone(session: Session, unit_id: int) -> Sequence[tuple[TakeOver, str | None]]:
    """What was undone, newest first, and by whom."""
    name = shown_name()
    rows = session.execute(
        select(TakeOver, name)
        .outerjoin(Account, Account.id == TakeOver.undone_by)
        .where(TakeOver.unit_id == unit_id, TakeOver.state == TakeOverState.UNDONE)
        .order_by(TakeOver.id.desc())
        .limit(20)
    )
    return [(one, who) for one, who in rows]


def figures(session: Session, unit_id: int, on: date) -> dict[int, int]:
    """The pending figures of the day before ``on``, by sector."""
    rows = session.execute(
        select(OpeningBalance.what, OpeningBalance.amount).where(
            OpeningBalance.unit_id == unit_id,
            OpeningBalance.on == on - timedelta(days=1),
            OpeningBalance.what.startswith(_PREFIX, autoescape=True),
        )
    )
    return {int(what.removeprefix(_PREFIX)): int(amount) for what, amount in rows}


def keep_figures(session: Session, unit_id: int, on: date, kept: dict[int, int], note: str) -> None:
    """Put the figures in the place of whatever pending figures there were."""
    session.execute(
        delete(OpeningBalance).where(
            OpeningBalance.unit_id == unit_id, OpeningBalance.what.startswith(_PREFIX, autoescape=True)
        )
    )
    session.add_all(
        OpeningBalance(
            unit_id=unit_id,
            on=on - timedelta(days=1),
            what=f"{_PREFIX}{sector_id}",
            amount=Decimal(number),
            note=note,
        )
        for sector_id, number in kept.items()
    )
    session.flush()


def opening(session: Session, unit_id: int, from_on: date) -> dict[int, int] | None:
    """The confirmed figures with which a period begins, by sector; ``None`` where it begins otherwise."""
    if confirmed_on(session, unit_id) != from_on:
        return None
    return figures(session, unit_id, from_on)


# --- both sides ---------------------------------------------------------------------------------------


def _pending(unit_id: int, on: date) -> tuple[Any, ...]:
    """Dossiers that are pending here at the end of the day before ``on``."""
    return (*living(unit_id, on - timedelta(days=1)).where, DossierSpan.ended_counted_on.is_(None))


def count_here(session: Session, unit_id: int, on: date) -> dict[int, int]:
    """How many there are, by sector."""
    rows = session.execute(
        select(DossierSpan.sector_id, func.count())
        .where(*_pending(unit_id, on))
        .group_by(DossierSpan.sector_id)
    )
    return dict(rows.all())


def keep_items(session: Session, take_over_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Put a list in the place of the one there was."""
    session.execute(delete(TakeOverItem).where(TakeOverItem.take_over_id == take_over_id))
    if rows:
        session.execute(insert(TakeOverItem), [{"take_over_id": take_over_id, **row} for row in rows])


def _items(take_over_id: int, sector_id: int | None) -> list[Any]:
    where = [TakeOverItem.take_over_id == take_over_id]
    return where if sector_id is None else [*where, TakeOverItem.sector_id == sector_id]


def count_items(session: Session, take_over_id: int, sector_id: int | None = None) -> int:
    """How many dossiers the paper names."""
    query = select(func.count()).select_from(TakeOverItem).where(*_items(take_over_id, sector_id))
    return session.scalar(query) or 0


def items(
    session: Session, take_over_id: int, sector_id: int | None, *, offset: int, limit: int
) -> Sequence[tuple[TakeOverItem, str]]:
    """A page of what the paper names, with the sector."""
    rows = session.execute(
        select(TakeOverItem, Sector.name)
        .join(Sector, Sector.id == TakeOverItem.sector_id)
        .where(*_items(take_over_id, sector_id))
        .order_by(TakeOverItem.code)
        .offset(offset)
        .limit(limit)
    )
    return [(item, sector) for item, sector in rows]


def _only_paper(take_over: TakeOver) -> Any:
    """What the paper names and is not pending here in the same sector."""
    return (
        select(TakeOverItem)
        .outerjoin(Dossier, and_(Dossier.code == TakeOverItem.code, Dossier.unit_id == take_over.unit_id))
        .outerjoin(
            DossierSpan,
            and_(DossierSpan.dossier_id == Dossier.id, *_pending(take_over.unit_id, take_over.on)),
        )
        .where(
            TakeOverItem.take_over_id == take_over.id,
            or_(DossierSpan.id.is_(None), DossierSpan.sector_id != TakeOverItem.sector_id),
        )
    )


def count_only_paper(session: Session, take_over: TakeOver) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_only_paper(take_over).subquery())) or 0


def only_paper(session: Session, take_over: TakeOver, *, offset: int, limit: int) -> Sequence[Any]:
    """A page of them: item, its sector, the dossier (``None``: not here), the sector in which it is pending.

    The last is ``None`` too for one that is here and not pending on that day.
    """
    there = select(Sector.name).where(Sector.id == TakeOverItem.sector_id).scalar_subquery()
    here = select(Sector.name).where(Sector.id == DossierSpan.sector_id).scalar_subquery()
    query = _only_paper(take_over).add_columns(there, Dossier, here)
    return session.execute(query.order_by(TakeOverItem.code).offset(offset).limit(limit)).all()


def _only_here(take_over: TakeOver) -> Any:
    """What is pending here and not on paper in the same sector."""
    return (
        select(Dossier)
        .join(DossierSpan, DossierSpan.dossier_id == Dossier.id)
        .outerjoin(
            TakeOverItem,
            and_(
                TakeOverItem.take_over_id == take_over.id,
                TakeOverItem.code == Dossier.code,
                TakeOverItem.sector_id == DossierSpan.sector_id,
            ),
        )
        .where(*_pending(take_over.unit_id, take_over.on), TakeOverItem.id.is_(None))
    )


def count_only_here(session: Session, take_over: TakeOver) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_only_here(take_over).subquery())) or 0


def only_here(session: Session, take_over: TakeOver, *, offset: int, limit: int) -> Sequence[Any]:
    """A page of them: dossier, its sector, procedure, applicant."""
    query = (
        _only_here(take_over)
        .join(Sector, Sector.id == DossierSpan.sector_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .add_columns(Sector.name, ProcedureVersion.name, Applicant.name)
    )
    return session.execute(query.order_by(Dossier.code).offset(offset).limit(limit)).all()
