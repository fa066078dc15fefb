"""Accounts: signing in, being locked out, passwords, and roles by date."""

from __future__ import annotations

import logging
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from tthc.db.models import Account, AuditEntry, Membership
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import DomainError, Role
from tthc.services import accounts, audit, setup
from tthc.services.transaction import NotFound

TODAY = date(2024, 6, 14)
NEW = "một-mật-khẩu-mới"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def sign_in(session: Session, now: datetime, name: str, password: str) -> accounts.SignedIn:
    return accounts.authenticate(session, now=now, name=name, password=password)


def fail(session: Session, now: datetime, times: int, name: str = "clerk") -> list[str]:
    """Sign in with a wrong password so many times; gives the refusals."""
    sentences = []
    for _ in range(times):
        with pytest.raises(DomainError) as refusal:
            sign_in(session, now, name, "sai-mật-khẩu-rồi")
        sentences.append(refusal.value.message)
    return sentences


def test_signing_in(session: Session, now: datetime, password: str, clerk: Actor) -> None:
    signed_in = sign_in(session, now, "clerk", password)
    assert signed_in == accounts.SignedIn(account_id=1, actor=clerk, must_change_password=False, epoch=0)
    assert clerk.name == "Cán bộ một cửa 01"
    assert sign_in(session, now, "  CLERK ", password).account_id == 1


@pytest.mark.parametrize("name", ["clerk", "nobody", "", "clerk'; --", "a" * 10_000])
def test_a_refusal_does_not_tell_whether_the_name_exists(session: Session, now: datetime, name: str) -> None:
    with pytest.raises(DomainError) as refusal:
        sign_in(session, now, name, "sai-mật-khẩu-rồi")
    assert refusal.value.message == WRONG


def test_an_unknown_name_costs_the_same_hashing(
    session: Session, now: datetime, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    real = PasswordHasher.verify

    def counting(self, kept, given):
        verified.append(kept)
        return real(self, kept, given)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for name in ("clerk", "nobody"):
        with pytest.raises(DomainError):
            sign_in(session, now, name, "sai-mật-khẩu-rồi")
    session.execute(text("UPDATE account SET active = false WHERE name = 'clerk'"))
    session.commit()
    with pytest.raises(DomainError):
        sign_in(session, now, "clerk", password)
    assert len(verified) == 3
    assert len({kept.rsplit("$", 2)[0] for kept in verified}) == 1  # the same parameters


def test_a_closed_account_is_refused_like_a_wrong_password(
    session: Session, now: datetime, password: str
) -> None:
    session.execute(text("UPDATE account SET active = false WHERE name = 'clerk'"))
    session.commit()
    with pytest.raises(DomainError) as refusal:
        sign_in(session, now, "clerk", password)
    assert refusal.value.message == WRONG
    assert accounts.load_actor(session, 1, on=TODAY) is None


def test_five_failures_lock_for_fifteen_minutes(session: Session, now: datetime, password: str) -> None:
    sentences = fail(session, now, 5)
    assert sentences[:4] == [WRONG] * 4
    assert sentences[4] == (
        "Tài khoản tạm khóa 15 phút do nhập sai mật khẩu 5 lần liên tiếp. "
        "Hãy đăng nhập lại sau 09 giờ 45 phút ngày 14/06/2024."
    )
    # While it is locked, a right password and a wrong one get the same answer.
    almost = now + timedelta(minutes=14, seconds=59)
    with pytest.raises(DomainError) as right:
        sign_in(session, almost, "clerk", password)
    assert [right.value.message] == fail(session, almost, 1) == sentences[4:]
    # Trying while it is locked does not lengthen the lock.
    assert sign_in(session, now + timedelta(minutes=15), "clerk", password).account_id == 1


def test_after_a_lock_there_are_five_attempts_again(session: Session, now: datetime, password: str) -> None:
    fail(session, now, 5)
    later = now + timedelta(minutes=16)
    assert fail(session, later, 4) == [WRONG] * 4
    assert sign_in(session, later, "clerk", password).account_id == 1


def test_a_good_sign_in_clears_the_count(session: Session, now: datetime, password: str) -> None:
    for _ in range(3):
        assert fail(session, now, 4) == [WRONG] * 4
        sign_in(session, now, "clerk", password)
    account = session.get_one(Account, 1)
    assert (account.failed_count, account.locked_until) == (0, None)


def test_a_lock_is_seen_by_every_process_and_by_nobody_else(
    sessions: sessionmaker[Session], now: datetime, password: str
) -> None:
    with sessions() as one:
        fail(one, now, 5)
    with sessions() as other:
        with pytest.raises(DomainError, match="tạm khóa"):
            sign_in(other, now, "clerk", password)
        assert sign_in(other, now, "officer", password).actor.roles == {Role.OFFICER}
        entry = other.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("lock_account", "account:1")


def test_guesses_at_once_do_not_pass_the_limit(sessions: sessionmaker[Session], now: datetime) -> None:
    together = Barrier(8)

    def guess(number: int) -> str:
        with sessions() as session:
            together.wait()
            with pytest.raises(DomainError) as refusal:
                sign_in(session, now, "clerk", f"sai-mật-khẩu-{number}")
            return refusal.value.message

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(8)))
    # Four were told "wrong", the fifth and all later ones that the account is locked.
    assert answers.count(WRONG) == 4
    with sessions() as session:
        assert session.get_one(Account, 1).failed_count == 5
        assert audit.verify(session, 1)


def test_one_account_may_sign_in_many_times_at_once(
    sessions: sessionmaker[Session], now: datetime, password: str
) -> None:
    together = Barrier(8)

    def enter(_: int) -> int:
        with sessions() as session:
            together.wait()
            return sign_in(session, now, "clerk", password).account_id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(enter, range(8))) == [1] * 8


def test_lock_outs_run_on_the_machines_clock(session: Session, now: datetime, password: str) -> None:
    machine = now + timedelta(days=900)

    def attempt(given: str, moment: datetime) -> accounts.SignedIn:
        return accounts.authenticate(session, now=now, machine_now=moment, name="clerk", password=given)

    for _ in range(5):
        with pytest.raises(DomainError):
            attempt("sai-mật-khẩu-rồi", machine)
    with pytest.raises(DomainError, match="tạm khóa"):
        attempt(password, machine + timedelta(minutes=14))
    assert attempt(password, machine + timedelta(minutes=15)).account_id == 1


def test_weaker_hashes_are_replaced_at_sign_in(
    session: Session, now: datetime, password: str, full_cost: PasswordHasher
) -> None:
    assert full_cost.time_cost >= PasswordHasher().time_cost
    assert full_cost.memory_cost >= PasswordHasher().memory_cost
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)
    session.get_one(Account, 1).password_hash = weak
    session.commit()
    fail(session, now, 1)
    assert session.get_one(Account, 1).password_hash == weak
    sign_in(session, now, "clerk", password)
    kept = session.get_one(Account, 1).password_hash
    assert kept != weak
    assert not PasswordHasher().check_needs_rehash(kept)
    assert sign_in(session, now, "clerk", password).epoch == 0


def test_a_password_is_the_same_however_the_keyboard_composes_it(
    session: Session, now: datetime, admin: Actor
) -> None:
    accounts.set_password(
        session, now=now, actor=admin, name="clerk", password=unicodedata.normalize("NFD", NEW)
    )
    assert sign_in(session, now, "clerk", unicodedata.normalize("NFC", NEW)).account_id == 1


def test_adding_an_account(session: Session, now: datetime, admin: Actor) -> None:
    account_id = accounts.add_account(
        session,
        now=now,
        actor=admin,
        name=" Lan.Anh ",
        role=Role.OFFICER,
        password=NEW,
        full_name="  Nguyễn  Lan Anh ",
        must_change=True,
    )
    signed_in = sign_in(session, now, "lan.anh", NEW)
    assert signed_in.account_id == account_id
    assert signed_in.actor.name == "Nguyễn Lan Anh"
    assert signed_in.actor.roles == {Role.OFFICER}
    assert signed_in.must_change_password
    assert accounts.load_actor(session, account_id, on=TODAY - timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("moi", "ngắn-quá9", "password"),
        ("moi", "", "password"),
        ("moi", "x" * 257, "password"),
        ("mot-ten-dai", "mot-ten-dai", "password"),
        ("mot-ten-dai", "MOT-TEN-DAI", "password"),
        ("clerk", NEW, "name"),
        ("CLERK", NEW, "name"),
        ("", NEW, "name"),
        ("tên có dấu", NEW, "name"),
        ("x" * 65, NEW, "name"),
    ],
)
def test_what_an_account_must_not_be(
    session: Session, now: datetime, admin: Actor, name: str, given: str, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        accounts.add_account(session, now=now, actor=admin, name=name, role=Role.CLERK, password=given)
    assert refusal.value.field == field
    assert len(session.scalars(select(Account.id)).all()) == 9


def test_only_an_administrator_keeps_accounts(session: Session, now: datetime, supervisor: Actor) -> None:
    with pytest.raises(NotAllowed):
        accounts.add_account(session, now=now, actor=supervisor, name="moi", role=Role.ADMIN, password=NEW)
    with pytest.raises(NotAllowed):
        accounts.set_password(session, now=now, actor=supervisor, name="admin", password=NEW)


def test_setting_a_password_ends_sessions_and_lifts_a_lock(
    session: Session, now: datetime, password: str, admin: Actor
) -> None:
    fail(session, now, 5)
    accounts.set_password(session, now=now, actor=admin, name="Clerk", password=NEW, must_change=True)
    signed_in = sign_in(session, now, "clerk", NEW)
    assert signed_in.must_change_password
    assert signed_in.epoch == accounts.session_epoch(session, 1) == 1
    assert fail(session, now, 1) == [WRONG]
    with pytest.raises(DomainError):
        sign_in(session, now, "clerk", password)
    with pytest.raises(NotFound) as refusal:
        accounts.set_password(session, now=now, actor=admin, name="nobody", password=NEW)
    assert refusal.value.field == "name"


def test_changing_ones_own_password(
    session: Session, now: datetime, password: str, clerk: Actor, admin: Actor
) -> None:
    accounts.set_password(session, now=now, actor=admin, name="clerk", password=password, must_change=True)

    def change(current: str, new: str) -> None:
        accounts.change_password(session, now=now, actor=clerk, current=current, new=new)

    for current, new, field in (
        ("sai-mật-khẩu-rồi", NEW, "current"),
        (password, "ngắn", "password"),
        (password, password, "password"),
    ):
        with pytest.raises(DomainError) as refusal:
            change(current, new)
        assert refusal.value.field == field
    change(password, NEW)
    signed_in = sign_in(session, now, "clerk", NEW)
    assert not signed_in.must_change_password
    assert signed_in.epoch == 2


def test_an_open_session_is_no_place_to_try_out_passwords(
    session: Session, now: datetime, password: str, clerk: Actor
) -> None:
    for _ in range(5):
        with pytest.raises(DomainError):
            accounts.change_password(session, now=now, actor=clerk, current="thử-một-mật-khẩu", new=NEW)
    with pytest.raises(DomainError, match="tạm khóa"):
        accounts.change_password(session, now=now, actor=clerk, current=password, new=NEW)


def test_roles_hold_between_their_dates(session: Session, now: datetime, password: str) -> None:
    session.add_all(
        [
            Membership(account_id=1, unit_id=1, role=Role.SUPERVISOR, valid_from=date(2025, 1, 1)),
            Membership(account_id=2, unit_id=1, role=Role.ADMIN, valid_from=date(2023, 1, 1), valid_to=TODAY),
        ]
    )
    session.execute(
        text("UPDATE membership SET valid_to = '2025-02-01' WHERE account_id = 1 AND role = 'clerk'")
    )
    session.commit()

    def roles(account_id: int, on: date) -> frozenset[Role] | None:
        actor = accounts.load_actor(session, account_id, on=on)
        return actor.roles if actor else None

    assert roles(1, date(2024, 12, 31)) == {Role.CLERK}
    assert roles(1, date(2025, 1, 1)) == {Role.CLERK, Role.SUPERVISOR}
    assert roles(1, date(2025, 2, 1)) == {Role.SUPERVISOR}
    assert roles(2, TODAY - timedelta(days=1)) == {Role.CLERK, Role.ADMIN}
    assert roles(2, TODAY) == {Role.CLERK}
    assert roles(4711, TODAY) is None
    assert accounts.session_epoch(session, 4711) == -1

    session.execute(text("UPDATE membership SET valid_to = '2024-06-14' WHERE account_id = 3"))
    session.commit()
    with pytest.raises(DomainError, match="chưa được phân quyền"):
        sign_in(session, now, "officer", password)


def test_officers_are_those_who_may_process_in_the_order_of_names(session: Session) -> None:
    found = accounts.officers(session, 1, TODAY)
    assert [choice.label for choice in found] == [
        "Cán bộ một cửa 01",
        "Chuyên viên 01",
        "Lãnh đạo 01",
        "Cán bộ một cửa 02",
        "Chuyên viên 02",
        "Lãnh đạo 02",
    ]
    assert found[1].value == "3"
    session.execute(text("UPDATE account SET active = false WHERE id = 3"))
    session.execute(text("UPDATE membership SET valid_to = '2024-06-14' WHERE account_id = 1"))
    session.add(Membership(account_id=2, unit_id=1, role=Role.SUPERVISOR))
    session.commit()
    labels = [choice.label for choice in accounts.officers(session, 1, TODAY)]
    assert labels == ["Lãnh đạo 01", "Cán bộ một cửa 02", "Chuyên viên 02", "Lãnh đạo 02"]
    assert accounts.officers(session, 2, TODAY) == []


def test_the_first_administrator_is_made_once(empty_session: Session, now: datetime) -> None:
    setup.initialise(empty_session, now=now)
    given = accounts.create_first_administrator(empty_session, now=now)
    assert given is not None
    assert len(given) >= 16
    signed_in = sign_in(empty_session, now, "admin", given)
    assert signed_in.must_change_password
    assert signed_in.actor.roles == {Role.ADMIN}
    assert accounts.create_first_administrator(empty_session, now=now) is None
    assert len(empty_session.scalars(select(Account.id)).all()) == 1


def test_of_two_starts_at_once_one_makes_the_administrator(
    empty_sessions: sessionmaker[Session], now: datetime
) -> None:
    with empty_sessions() as session:
        setup.initialise(session, now=now)
    together = Barrier(2)

    def start(_: int) -> str | None:
        with empty_sessions() as session:
            together.wait()
            return accounts.create_first_administrator(session, now=now)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(start, range(2)))
    assert made.count(None) == 1


def test_no_password_is_written_down_anywhere(
    session: Session,
    now: datetime,
    admin: Actor,
    clerk: Actor,
    password: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    other = "một-mật-khẩu-khác"
    accounts.add_account(session, now=now, actor=admin, name="moi", role=Role.CLERK, password=NEW)
    accounts.set_password(session, now=now, actor=admin, name="moi", password=other)
    accounts.change_password(session, now=now, actor=clerk, current=password, new=NEW)
    written = [
        f"{entry.action} {entry.subject} {entry.detail_json}" for entry in session.scalars(select(AuditEntry))
    ]
    assert len(written) == 4
    for secret in (NEW, other, password):
        assert secret not in "\n".join(written) + caplog.text
    assert audit.verify(session, 1)
