"""Leases: one runner at a time, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from tthc.services import leases

NOW = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)


def acquire(session: Session, holder: str, *, after: int = 0, name: str = "sweep") -> int | None:
    return leases.acquire_lease(
        session, machine_now=NOW + timedelta(seconds=after), name=name, holder=holder, seconds=60
    )


def release(session: Session, holder: str, token: int, *, after: int = 0) -> None:
    leases.release_lease(
        session, machine_now=NOW + timedelta(seconds=after), name="sweep", holder=holder, token=token
    )


def test_who_holds_it_keeps_others_and_itself_out(session: Session) -> None:
    assert acquire(session, "a") == 1
    assert acquire(session, "b", after=59) is None
    assert acquire(session, "a", after=59) is None


def test_jobs_do_not_hinder_each_other(session: Session) -> None:
    assert acquire(session, "a") == 1
    assert acquire(session, "b", name="other") == 1


def test_an_expired_lease_is_taken_over(session: Session) -> None:
    assert acquire(session, "a") == 1
    assert acquire(session, "b", after=60) == 2
    assert acquire(session, "c", after=119) is None
    # Taken by a process that died while the clock was two hours ahead.
    assert acquire(session, "c", after=7200) == 3
    assert acquire(session, "d", after=120) == 4


def test_given_back_it_is_free_at_once(session: Session) -> None:
    token = acquire(session, "a")
    assert token is not None
    release(session, "a", token, after=1)
    assert acquire(session, "b", after=1) == token + 1


def test_giving_back_late_does_not_take_it_from_another(session: Session) -> None:
    token = acquire(session, "a")
    assert token is not None
    assert acquire(session, "b", after=60) == 2
    release(session, "a", token, after=61)
    release(session, "b", token, after=61)
    assert acquire(session, "c", after=61) is None


def test_of_many_at_once_one_gets_it(sessions: sessionmaker[Session]) -> None:
    at_once = 8
    start = threading.Barrier(at_once)
    tokens: list[int | None] = []
    errors: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            with sessions() as session:
                start.wait(30)
                tokens.append(acquire(session, f"holder {number}"))
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(tokens, key=str) == [1] + [None] * (at_once - 1)
