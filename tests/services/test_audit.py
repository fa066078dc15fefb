"""The audit chain shows any tampering, even by whoever can drop a trigger."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from tthc.db.models import AuditEntry
from tthc.db.triggers import drop_triggers
from tthc.domain.permissions import Actor
from tthc.services import audit
from tthc.services.transaction import transaction


def write(session: Session, now: datetime, actor: Actor, subject: str) -> None:
    with transaction(session):
        audit.record(
            session,
            unit_id=1,
            now=now,
            actor=actor,
            action="try",
            subject=subject,
            detail={"số": 1, "list": [1, 2.5, None], "nested": {"b": True, "a": "đ"}},
        )


@pytest.fixture
def chain(session: Session, now: datetime, admin: Actor) -> Session:
    """A session on a chain of five: the set-up's entry and four more."""
    for number in range(4):
        write(session, now, admin, f"subject:{number}")
    return session


def tamper(session: Session, *statements: str) -> None:
    drop_triggers(session.connection())
    for statement in statements:
        session.execute(text(statement))
    session.commit()


def test_an_untouched_chain_is_whole(chain: Session, admin: Actor) -> None:
    rows = chain.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].prev_hash == audit.FIRST_HASH
    assert [row.prev_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert rows[-1].actor_id == admin.account_id
    assert not audit.verify(chain, 1).wrong


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET subject = 'other' WHERE seq = 3",
        "UPDATE audit SET actor_id = NULL WHERE seq = 3",
        "UPDATE audit SET at = '2024-06-15 02:30:00' WHERE seq = 3",
        "UPDATE audit SET detail_json = '{}' WHERE seq = 3",
        "UPDATE audit SET action = 'x' WHERE seq = 1",
        "UPDATE audit SET hash = prev_hash WHERE seq = 5",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 5",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit",
        "UPDATE audit_head SET seq = 4",
        "DELETE FROM audit_head",
    ],
)
def test_tampering_shows(chain: Session, statement: str) -> None:
    tamper(chain, statement)
    assert audit.verify(chain, 1).wrong


def test_an_entry_that_was_swapped_with_another_shows(chain: Session) -> None:
    tamper(
        chain,
        "UPDATE audit SET seq = 99 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 99",
    )
    assert audit.verify(chain, 1).wrong


def test_a_long_chain_is_read_in_portions(chain: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthc.db.queries.audit._PORTION", 2)
    assert not audit.verify(chain, 1).wrong
    tamper(chain, "UPDATE audit SET subject = 'other' WHERE seq = 5")
    assert audit.verify(chain, 1).wrong


def test_a_chain_without_entries_is_whole(session: Session) -> None:
    assert not audit.verify(session, 4711).wrong


def test_an_entry_lives_and_dies_with_its_transaction(
    chain: Session, now: datetime, admin: Actor, clock: Callable[[], datetime]
) -> None:
    def broken_use_case() -> None:
        with transaction(chain):
            audit.record(chain, unit_id=1, now=clock(), actor=admin, action="x", subject="x", detail={})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        broken_use_case()
    assert not audit.verify(chain, 1).wrong
    write(chain, now, admin, "next")
    assert chain.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq.desc())).first() == 6


def test_writers_at_once_make_one_chain(sessions: sessionmaker[Session], now: datetime, admin: Actor) -> None:
    together = Barrier(5)

    def append(worker: int) -> None:
        with sessions() as session:
            together.wait()
            for number in range(10):
                write(session, now, admin, f"subject:{worker}:{number}")

    with ThreadPoolExecutor(4) as pool:
        at_work = [pool.submit(append, worker) for worker in range(4)]
        with sessions() as session:
            together.wait()
            # A chain that is being written is not mistaken for a broken one.
            while not all(work.done() for work in at_work):
                assert not audit.verify(session, 1).wrong
                session.rollback()
        for work in at_work:
            work.result()
    with sessions() as session:
        assert not audit.verify(session, 1).wrong
        assert len(session.scalars(select(AuditEntry.seq)).all()) == 41
