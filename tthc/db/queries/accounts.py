"""Accounts and the roles that they hold on a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session

from tthc.db.models import Account, Membership
from tthc.db.session import read
from tthc.domain.vocabulary import Role

#: Any number does, as long as nothing else in this database locks the same one.
_FIRST_ACCOUNT_LOCK = 7447102


def shown_name(account: Any = Account) -> Any:
    """What an account, or an alias of it, is called: its full name, else the name that signs in."""
    return func.coalesce(func.nullif(account.full_name, ""), account.name)


def lock_first_account(session: Session) -> None:
    """Let one creation of the first account at a time through; on SQLite its write lock does that."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _FIRST_ACCOUNT_LOCK})


def account_named(session: Session, name: str) -> Account | None:
    """The account with a sign-in name, as it is in the database now."""
    return session.scalars(
        select(Account).where(Account.name == name).execution_options(populate_existing=True)
    ).first()


def locked_account(session: Session, account_id: int) -> Account | None:
    """An account whose row is locked until the transaction ends."""
    return session.scalars(
        select(Account)
        .where(Account.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def memberships_on(session: Session, on: date, account_ids: Iterable[int]) -> Sequence[Membership]:
    """The roles that accounts hold on a date, the first unit first."""
    return session.scalars(
        select(Membership)
        .where(Membership.account_id.in_(list(account_ids)), *held_on(on))
        .order_by(Membership.account_id, Membership.unit_id, Membership.id)
    ).all()


def held_on(on: date | BindParameter[date]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The memberships that hold on a date."""
    return (
        or_(Membership.valid_from.is_(None), Membership.valid_from <= on),
        or_(Membership.valid_to.is_(None), Membership.valid_to > on),
    )


_PERSON = (
    select(
        Account.id,
        Account.name,
        Account.full_name,
        Account.must_change_password,
        Account.session_epoch,
        Membership.unit_id,
        Membership.role,
    )
    .join(Membership, Membership.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Account.active,
        *held_on(bindparam("on")),
    )
    .order_by(Membership.unit_id, Membership.id)
)


def person_on(session: Session, account_id: int, on: date) -> Sequence[Any]:
    """An active account with each role that it holds on a date, the first unit first; asked on every page."""
    found: Sequence[Any] = read(session, _PERSON, account_id=account_id, on=on).all()
    return found


_ACTIVE_WITH_ROLE = (
    select(Account.id, Account.name, Account.full_name)
    .where(
        Account.active,
        Account.id.in_(
            select(Membership.account_id).where(
                Membership.unit_id == bindparam("unit_id"),
                Membership.role.in_(bindparam("roles", expanding=True)),
                *held_on(bindparam("on")),
            )
        ),
    )
    .order_by(Account.id)
)


def active_with_role(session: Session, unit_id: int, on: date, roles: Iterable[Role]) -> Sequence[Any]:
    """Id and names of the active accounts that hold one of ``roles`` in a unit on a date, each once."""
    values = {"unit_id": unit_id, "on": on, "roles": list(roles)}
    found: Sequence[Any] = read(session, _ACTIVE_WITH_ROLE, **values).all()
    return found


def lock_until(session: Session, account_id: int, until: datetime | None, *, failed_count: int) -> None:
    """Set an account's count of failures and the moment until which it admits nobody."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(failed_count=failed_count, locked_until=until)
        .execution_options(synchronize_session=False)
    )
