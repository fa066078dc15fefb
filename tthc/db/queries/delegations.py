"""Reads of who acts for a supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Delegation, Membership
from tthc.db.queries.accounts import held_on
from tthc.db.session import read
from tthc.domain.vocabulary import Role

_NEWEST = (Delegation.valid_from.desc(), Delegation.id.desc())


def by_id(session: Session, unit_id: int, delegation_id: int) -> Delegation | None:
    """One delegation of the unit, held until the transaction ends."""
    query = select(Delegation).where(Delegation.unit_id == unit_id, Delegation.id == delegation_id)
    return session.scalars(query.with_for_update()).one_or_none()


def _standing(unit_id: int | BindParameter[int], on: date | BindParameter[date]) -> Select[Any]:
    supervisors = select(Membership.account_id).where(
        Membership.unit_id == unit_id, Membership.role == Role.SUPERVISOR, *held_on(on)
    )
    return select(Delegation).where(
        Delegation.unit_id == unit_id,
        Delegation.valid_from <= on,
        Delegation.valid_to >= on,
        Delegation.revoked_on.is_(None),
        Delegation.from_id.in_(supervisors),
    )


_ACTING = (
    _standing(bindparam("unit_id"), bindparam("on"))
    .where(Delegation.to_id == bindparam("account_id"))
    .order_by(*_NEWEST)
    .limit(1)
)


def acting(session: Session, unit_id: int, account_id: int, on: date) -> Delegation | None:
    """The delegation under which an account acts on a date; of several the one that began last.

    It holds as long as whoever delegated is a supervisor and the account still open.
    """
    values = {"unit_id": unit_id, "account_id": account_id, "on": on}
    return session.scalars(_ACTING, values).one_or_none()


def is_acting(session: Session, unit_id: int, account_id: int, on: date) -> bool:
    """Whether there is one; asked on every page of whoever is no supervisor."""
    return read(session, _ACTING, unit_id=unit_id, account_id=account_id, on=on).first() is not None


_DEPUTIES = (
    select(Account.id, Account.name, Account.full_name)
    .where(
        Account.active,
        Account.id.in_(_standing(bindparam("unit_id"), bindparam("on")).with_only_columns(Delegation.to_id)),
    )
    .order_by(Account.id)
)


def deputies(session: Session, unit_id: int, on: date) -> Sequence[Any]:
    """Id and names of the active accounts that act for a supervisor on a date."""
    found: Sequence[Any] = read(session, _DEPUTIES, unit_id=unit_id, on=on).all()
    return found


def overlapping(session: Session, unit_id: int, from_id: int, first: date, last: date) -> Delegation | None:
    """A delegation of the same supervisor that holds on one of these days."""
    return session.scalars(
        select(Delegation)
        .where(
            Delegation.unit_id == unit_id,
            Delegation.from_id == from_id,
            Delegation.revoked_on.is_(None),
            Delegation.valid_from <= last,
            Delegation.valid_to >= first,
        )
        .limit(1)
    ).one_or_none()


def page(session: Session, unit_id: int, *, offset: int, limit: int) -> Sequence[Delegation]:
    """Delegations, the latest first."""
    return session.scalars(
        select(Delegation).where(Delegation.unit_id == unit_id).order_by(*_NEWEST).offset(offset).limit(limit)
    ).all()


def count(session: Session, unit_id: int) -> int:
    """How many there are."""
    return session.scalar(select(func.count(Delegation.id)).where(Delegation.unit_id == unit_id)) or 0
