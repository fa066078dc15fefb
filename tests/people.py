"""The people of the tests: one account per role, whose passwords are hashed at no cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from tthc.db.models import Account, Membership
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import Role
from tthc.services import accounts, units

PASSWORD = "mat-khau-thu-nghiem"
#: One account per role, and a second one of those who must not act on their own work.
PEOPLE = {
    "clerk": (Role.CLERK, "Cán bộ một cửa 01"),
    "clerk2": (Role.CLERK, "Cán bộ một cửa 02"),
    "officer": (Role.OFFICER, "Chuyên viên 01"),
    "officer2": (Role.OFFICER, "Chuyên viên 02"),
    "supervisor": (Role.SUPERVISOR, "Lãnh đạo 01"),
    "supervisor2": (Role.SUPERVISOR, "Lãnh đạo 02"),
    "reporter": (Role.REPORTER, "Cán bộ tổng hợp 01"),
    "admin": (Role.ADMIN, "Quản trị 01"),
    "auditor": (Role.AUDITOR, "Kiểm tra 01"),
}


def add_people(session: Session) -> None:
    """Give the accounts of :data:`PEOPLE` to the first unit."""
    unit_id = units.first_unit_id(session)
    hashed = accounts.hash_password(PASSWORD)
    for name, (role, full_name) in PEOPLE.items():
        account = Account(name=name, full_name=full_name, password_hash=hashed)
        session.add(account)
        session.flush()
        session.add(Membership(account_id=account.id, unit_id=unit_id, role=role))


def person(name: str) -> Actor:
    """The actor behind an account of :data:`PEOPLE`; every template numbers them alike."""
    role, full_name = PEOPLE[name]
    return Actor(account_id=[*PEOPLE].index(name) + 1, unit_id=1, name=full_name, roles=frozenset({role}))


@pytest.fixture
def actor() -> Callable[[str], Actor]:
    """``actor("clerk")``: who signs in under a name of :data:`PEOPLE`."""
    return person


#: What the program hashes with outside of the tests.
FULL_COST = accounts._hasher
#: The same algorithm at its smallest cost: hashing slowly is the purpose of a password hash, not of a test.
accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def full_cost(monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """What the program hashes with outside of the tests, in force."""
    monkeypatch.setattr(accounts, "_hasher", FULL_COST)
    return FULL_COST


@pytest.fixture
def password() -> str:
    """What every account of :data:`PEOPLE` signs in with."""
    return PASSWORD


@pytest.fixture
def clerk() -> Actor:
    """A cán bộ một cửa."""
    return person("clerk")


@pytest.fixture
def officer() -> Actor:
    """A chuyên viên."""
    return person("officer")


@pytest.fixture
def officer2() -> Actor:
    """Another chuyên viên."""
    return person("officer2")


@pytest.fixture
def supervisor() -> Actor:
    """A lãnh đạo."""
    return person("supervisor")


@pytest.fixture
def reporter() -> Actor:
    """A cán bộ tổng hợp báo cáo."""
    return person("reporter")


@pytest.fixture
def admin() -> Actor:
    """An administrator."""
    return person("admin")


@pytest.fixture
def auditor() -> Actor:
    """Who reads everything and changes nothing."""
    return person("auditor")
