"""Accounts: who signs in, with which password, and what they may do on a date."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy.orm import Session

from tthc.db.models import Account, Membership
from tthc.db.queries import accounts as queries
from tthc.db.queries import delegations
from tthc.db.queries import setup as emptiness
from tthc.domain.permissions import ALLOWED, Action, Actor, system_actor
from tthc.domain.text import nfc, squeeze, vietnamese_name_key
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, Role
from tthc.services import audit
from tthc.services.transaction import NotFound, transaction
from tthc.services.units import first_unit_id
from tthc.services.views import Choice

PASSWORD_LENGTH = 10
#: Hashing text without bound would let a stranger keep the machine busy.
_LONGEST_PASSWORD = 256
#: After so many failures in a row an account admits nobody for a while.
FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
FIRST_ADMINISTRATOR = "admin"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."

_hasher = PasswordHasher()


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in; a session that carries an older ``epoch`` is signed out."""

    account_id: int
    actor: Actor
    must_change_password: bool
    epoch: int


def hash_password(password: str) -> str:
    """The argon2id hash that is kept of a password; keyboards that compose Vietnamese differently agree."""
    return _hasher.hash(nfc(password))


def add_account(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    name: str,
    role: Role,
    password: str,
    full_name: str = "",
    must_change: bool = False,
) -> int:
    """Add an account with one role from today on; gives its id."""
    actor.require(Action.MANAGE_ACCOUNTS)
    sign_in_name = _checked_name(name)
    hashed = hash_password(_checked_password(password, sign_in_name))
    with transaction(session):
        if queries.account_named(session, sign_in_name) is not None:
            raise DomainError(f"Đã có tài khoản “{sign_in_name}”; hãy chọn tên đăng nhập khác.", "name")
        account = Account(
            name=sign_in_name,
            full_name=squeeze(full_name),
            password_hash=hashed,
            must_change_password=must_change,
        )
        session.add(account)
        session.flush()
        since = now.astimezone(OFFICE_ZONE).date()
        session.add(Membership(account_id=account.id, unit_id=actor.unit_id, role=role, valid_from=since))
        _record(session, now, actor, "add_account", account.id, {"role": role.value})
        return account.id


def set_password(
    session: Session, *, now: datetime, actor: Actor, name: str, password: str, must_change: bool = False
) -> None:
    """Give somebody a new password, end their sessions and lift a lock-out."""
    actor.require(Action.MANAGE_ACCOUNTS)
    sign_in_name = _normal_name(name)
    hashed = hash_password(_checked_password(password, sign_in_name))
    with transaction(session):
        found = queries.account_named(session, sign_in_name)
        account = queries.locked_account(session, found.id) if found else None
        if account is None:
            raise NotFound(f"Không có tài khoản “{sign_in_name}”; hãy kiểm tra tên đăng nhập.", "name")
        _replace_password(account, hashed, must_change=must_change)
        account.failed_count = 0
        account.locked_until = None
        _record(session, now, actor, "set_password", account.id, {"must_change": must_change})


def change_password(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    current: str,
    new: str,
    machine_now: datetime | None = None,
) -> None:
    """Replace one's own password; every other session of the account is signed out.

    A wrong current password counts like a failed sign-in: whoever finds a session open must not be able to
    try out passwords there.
    """
    actor.require(Action.OWN_ACCOUNT)
    account = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None:
        raise NotFound("Tài khoản không còn tồn tại; hãy đăng nhập lại.")
    account_id, name = account.id, account.name
    if not _verified(session, account, current, machine_now or now):
        raise DomainError("Mật khẩu hiện tại không đúng.", "current")
    if nfc(new) == nfc(current):
        raise DomainError("Mật khẩu mới phải khác mật khẩu hiện tại.", "password")
    hashed = hash_password(_checked_password(new, name))
    with transaction(session):
        locked = queries.locked_account(session, account_id)
        if locked is None:
            raise NotFound("Tài khoản không còn tồn tại; hãy đăng nhập lại.")
        _replace_password(locked, hashed, must_change=False)
        _record(session, now, actor, "change_password", account_id, {})


def authenticate(
    session: Session, *, now: datetime, name: str, password: str, machine_now: datetime | None = None
) -> SignedIn:
    """Sign in. ``now`` dates the roles; lock-outs run on ``machine_now``, which never stands still.

    An unknown name, a closed account and a wrong password give the same answer after the same work. Five
    failures in a row lock an account for 15 minutes; while it is locked the password is not even looked at.
    """
    account = queries.account_named(session, _normal_name(name))
    if account is None or not account.active:
        _verify(_absent_hash(), password)
        raise DomainError(_WRONG)
    account_id = account.id
    if not _verified(session, account, password, machine_now or now):
        raise DomainError(_WRONG)
    person = signed_in(session, account_id, on=now.astimezone(OFFICE_ZONE).date())
    if person is None:
        raise DomainError("Tài khoản chưa được phân quyền hoặc đã hết hiệu lực; hãy liên hệ quản trị viên.")
    return person


def load_actor(session: Session, account_id: int, *, on: date) -> Actor | None:
    """Who acts under an account on a date; ``None`` once it is closed or holds no role that day.

    The roles are those of one unit: the first in which the account holds any. Whoever acts for a supervisor
    that day has his rights beside them.
    """
    person = signed_in(session, account_id, on=on)
    return None if person is None else person.actor


def session_epoch(session: Session, account_id: int) -> int:
    """The number that a session must carry; -1, which none carries, for an unknown account."""
    account = session.get(Account, account_id)
    return account.session_epoch if account is not None else -1


def officers(session: Session, unit_id: int, on: date) -> list[Choice]:
    """Whom a dossier can be given to: those who may process one, in the Vietnamese order of names."""
    return holders_of(session, unit_id, on, ALLOWED[Action.PROCESS_DOSSIER])


def holders_of(session: Session, unit_id: int, on: date, roles: Iterable[Role]) -> list[Choice]:
    """Those who hold one of ``roles`` themselves, in the Vietnamese order of names."""
    return _named(queries.active_with_role(session, unit_id, on, roles))


def people_of(session: Session, unit_id: int, on: date, role: Role) -> list[Choice]:
    """Those who hold a role, or act for a supervisor, in the Vietnamese order of names."""
    people = {one.id: one for one in queries.active_with_role(session, unit_id, on, [role])}
    if role is Role.SUPERVISOR:
        people.update((one.id, one) for one in delegations.deputies(session, unit_id, on))
    return _named(people.values())


def _named(people: Iterable[Any]) -> list[Choice]:
    named = [(account.full_name or account.name, account.id) for account in people]
    return [
        Choice(str(account_id), name)
        for name, account_id in sorted(named, key=lambda one: (vietnamese_name_key(one[0]), one[1]))
    ]


def create_first_administrator(session: Session, *, now: datetime) -> str | None:
    """The one-time password of a new administrator; ``None`` as soon as there is any account."""
    if not emptiness.is_empty(session, Account):
        return None
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    with transaction(session):
        queries.lock_first_account(session)
        if not emptiness.is_empty(session, Account):
            return None
        unit_id = first_unit_id(session)
        account = Account(
            name=FIRST_ADMINISTRATOR,
            full_name="Quản trị hệ thống",
            password_hash=hashed,
            must_change_password=True,
        )
        session.add(account)
        session.flush()
        session.add(Membership(account_id=account.id, unit_id=unit_id, role=Role.ADMIN))
        _record(session, now, system_actor(unit_id), "add_account", account.id, {"role": Role.ADMIN.value})
    return password


def _verified(session: Session, account: Account, password: str, now: datetime) -> bool:
    """Whether the password is right, counted against guessing; raises while the account is locked.

    The slow hashing holds no lock, and only what turned out wrong is counted: several people at one account
    may sign in at the same moment. Guesses that arrive all at once gain nothing by it, because a password
    that is right is still refused once the wrong ones beside it have locked the account. What is counted
    stays committed although the caller refuses.
    """
    account_id = account.id
    _refuse_locked(account.locked_until, now)
    kept = account.password_hash
    session.rollback()
    right = _verify(kept, password)
    with transaction(session):
        locked = queries.locked_account(session, account_id)
        if locked is None or not locked.active or locked.password_hash != kept:
            return False
        _refuse_locked(locked.locked_until, now)
        if right:
            queries.lock_until(session, account_id, None, failed_count=0)
            if _hasher.check_needs_rehash(kept):
                locked.password_hash = hash_password(password)
            return True
        before = 0 if locked.locked_until is not None else locked.failed_count
        failures = before + 1
        until = now + LOCKED_FOR if failures >= FAILURES else None
        queries.lock_until(session, account_id, until, failed_count=failures)
        if until is not None:
            actor = system_actor(first_unit_id(session))
            _record(session, now, actor, "lock_account", account_id, {"failures": failures})
    if until is not None:
        raise DomainError(_locked_sentence(until))
    return False


def _refuse_locked(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        raise DomainError(_locked_sentence(until))


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, nfc(password)[:_LONGEST_PASSWORD])
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


@cache
def _absent_hash() -> str:
    """What is verified for a name that does not exist, so that the time taken tells nothing."""
    return _hasher.hash(secrets.token_urlsafe(12))


def signed_in(session: Session, account_id: int, *, on: date) -> SignedIn | None:
    """What a session is checked against with every page; ``None`` where :func:`load_actor` has none."""
    held = queries.person_on(session, account_id, on)
    if not held:
        return None
    person = held[0]
    unit_id = person.unit_id
    roles = frozenset(one.role for one in held if one.unit_id == unit_id)
    if Role.SUPERVISOR not in roles and delegations.is_acting(session, unit_id, account_id, on):
        roles |= {Role.SUPERVISOR}
    return SignedIn(
        account_id=account_id,
        actor=Actor(account_id, unit_id, person.full_name or person.name, roles),
        must_change_password=person.must_change_password,
        epoch=person.session_epoch,
    )


def _replace_password(account: Account, hashed: str, *, must_change: bool) -> None:
    account.password_hash = hashed
    account.must_change_password = must_change
    account.session_epoch += 1
    account.version += 1


def _normal_name(name: str) -> str:
    return squeeze(name).casefold()


def _checked_name(name: str) -> str:
    normal = _normal_name(name)
    if _NAME.fullmatch(normal) is None:
        raise DomainError(
            "Tên đăng nhập gồm từ 2 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang hoặc gạch dưới, "
            "bắt đầu bằng chữ cái hoặc chữ số.",
            "name",
        )
    return normal


def _checked_password(password: str, name: str) -> str:
    if len(nfc(password)) < PASSWORD_LENGTH:
        raise DomainError(f"Mật khẩu phải có ít nhất {PASSWORD_LENGTH} ký tự.", "password")
    if len(nfc(password)) > _LONGEST_PASSWORD:
        raise DomainError(f"Mật khẩu dài nhất {_LONGEST_PASSWORD} ký tự.", "password")
    if _normal_name(password) == name:
        raise DomainError("Mật khẩu không được trùng với tên đăng nhập.", "password")
    return password


def _locked_sentence(until: datetime) -> str:
    clock = until.astimezone(OFFICE_ZONE)
    minutes = int(LOCKED_FOR.total_seconds() // 60)
    return (
        f"Tài khoản tạm khóa {minutes} phút do nhập sai mật khẩu {FAILURES} lần liên tiếp. "
        f"Hãy đăng nhập lại sau {clock:%H} giờ {clock:%M} phút ngày {clock:%d/%m/%Y}."
    )


def _record(
    session: Session, now: datetime, actor: Actor, action: str, account_id: int, detail: dict[str, object]
) -> None:
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"account:{account_id}",
        detail=detail,
    )
