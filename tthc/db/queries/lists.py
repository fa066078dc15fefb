"""Reads of saved filters and chosen columns."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, ChosenColumns, SavedFilter
from tthc.db.queries.accounts import shown_name


def filters_of(session: Session, unit_id: int, account_id: int) -> Sequence[tuple[SavedFilter, str]]:
    """An account's own filters and those that others share with the unit, each with its owner's name."""
    name = shown_name()
    rows = session.execute(
        select(SavedFilter, name)
        .join(Account, Account.id == SavedFilter.account_id)
        .where(
            or_(
                SavedFilter.account_id == account_id,
                and_(SavedFilter.unit_id == unit_id, SavedFilter.shared, Account.active),
            )
        )
        .order_by(SavedFilter.id)
    )
    return [(row, owner) for row, owner in rows]


def own_filter(session: Session, account_id: int, filter_id: int) -> SavedFilter | None:
    """One filter of an account, locked until the transaction ends."""
    query = select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.account_id == account_id)
    return session.scalars(query.with_for_update()).one_or_none()


def columns_of(session: Session, account_id: int) -> ChosenColumns | None:
    """The columns that an account has chosen; ``None``: it has not."""
    return session.get(ChosenColumns, account_id)
