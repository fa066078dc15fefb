"""What somebody sets for himself: where mail about his work goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Account
from tthc.db.queries import accounts as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import is_email
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.transaction import NotFound, transaction

#: The longest address that SMTP takes (RFC 5321).
_LONGEST = 254


@dataclass(frozen=True)
class OwnAccount:
    """One's own account as its page shows it."""

    name: str
    full_name: str
    email: str
    has_feed: bool


def get_own_account(session: Session, *, actor: Actor) -> OwnAccount:
    """The account of whoever is signed in."""
    actor.require(Action.OWN_ACCOUNT)
    account = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None:
        raise NotFound("Tài khoản không còn tồn tại; hãy đăng nhập lại.")
    return OwnAccount(account.name, account.full_name, account.email, account.feed_hash is not None)


def set_own_email(session: Session, *, now: datetime, actor: Actor, email: str) -> None:
    """Where mail about one's work goes; empty: none is sent."""
    actor.require(Action.OWN_ACCOUNT)
    address = _checked(email)
    with transaction(session):
        account = queries.locked_account(session, actor.account_id or 0)
        _change(session, now, actor, account, address)


def set_email(session: Session, *, now: datetime, actor: Actor, name: str, email: str) -> None:
    """Where mail to the account of this name goes."""
    actor.require(Action.MANAGE_ACCOUNTS)
    address = _checked(email)
    with transaction(session):
        found = queries.account_named(session, name.strip().casefold())
        account = queries.locked_account(session, found.id) if found else None
        _change(session, now, actor, account, address)


def _checked(email: str) -> str:
    address = email.strip()
    if address and (not is_email(address) or not address.isascii() or len(address) > _LONGEST):
        raise DomainError("Thư điện tử chưa đúng dạng, ví dụ ten@bqlkkt.gov.vn.", "email")
    return address


def _change(session: Session, now: datetime, actor: Actor, account: Account | None, address: str) -> None:
    if account is None:
        raise NotFound("Không có tài khoản này; hãy kiểm tra tên đăng nhập.", "name")
    account.email = address
    account.version += 1
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action="set_email",
        subject=f"account:{account.id}",
        # The address itself is personal data and has no place in a chain that is never blanked.
        detail={"given": bool(address)},
    )
