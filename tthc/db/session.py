"""The Flask-SQLAlchemy object and what every connection is told before its first statement."""

from __future__ import annotations

import sqlite3
from typing import Any
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, Executable, Pool, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tthc.db.base import Base
from tthc.db.prepared import prepared

#: Under which name a session keeps its connection.
CONNECTION = "tthc_connection"

#: How long a writer waits for another on SQLite, in milliseconds.
BUSY_TIMEOUT = 30_000

#: How much of an SQLite file a connection keeps in memory at most, in KiB; by itself it would be 2 MB, and a
#: page of a list of a large office would read the same parts of the file again and again.
CACHE_KIB = 32 * 1024

#: The text of a database error ends in the log, and must not carry what people typed.
_QUIET = {"hide_parameters": True}

#: The advisory lock of PostgreSQL that every write holds together with the others, and some alone.
_GATE = 0x74746863

#: With the connections of an engine goes what was kept: the next ones may lead to another database.
_kept: WeakKeyDictionary[Pool, dict[Any, Any]] = WeakKeyDictionary()

database = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": True})


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine that ``url`` needs."""
    if make_url(url).get_backend_name() == "sqlite":
        # The driver's own implicit BEGIN is switched off; prepare_engine() issues it.
        return {
            "connect_args": {"isolation_level": None, "timeout": BUSY_TIMEOUT / 1000},
            **_QUIET,
        }
    return {"pool_pre_ping": True, **_QUIET}


def prepare_engine(engine: Engine) -> None:
    """Make SQLite enforce foreign keys, wait for writers, and begin transactions when SQLAlchemy says so.

    The driver would begin one before the first write only. A listener for the beginning would do as well,
    but whoever listens to anything of an engine makes its every statement slower.
    """
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _pragmas):
        event.listen(engine, "connect", _pragmas)
        engine.dialect.do_begin = _begin  # type: ignore[assignment, method-assign]


def begin_writing(connection: Connection) -> None:
    """Take the write lock of SQLite for the transaction that has just begun; else it is taken row by row.

    A deferred transaction that reads and then writes can fail with "database is locked" at once,
    whatever the time-out; ``BEGIN IMMEDIATE`` queues instead.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def kept_for(session: Session) -> dict[Any, Any]:
    """What this process keeps of the database behind a session, by keys that stand for one content for ever.

    Only what was committed may be put there: in another process the same key must mean the same.
    """
    return _kept.setdefault(session.get_bind().engine.pool, {})


def read(session: Session, query: Executable, **values: Any) -> Any:
    """What a query finds that was built once for all, with what its parameters are now.

    Building a query takes several times as long as running a small one, so those that every page asks are
    built when the program starts. Entities come as plain rows. Whoever listens to the statements of an engine
    hears these as well.
    """
    if session.autoflush:
        session.flush()
    connection = connection_of(session)
    ready = prepared(query, connection.dialect, values)
    if ready is None or connection.dispatch.before_cursor_execute:
        return connection.execute(query, values)
    return ready.run(connection, values)


def read_once(session: Session, query: Executable) -> Any:
    """The same for a query that was built for this one time."""
    if session.autoflush:
        session.flush()
    return connection_of(session).execute(query)


def connection_of(session: Session) -> Connection:
    """The connection of a session; until its transaction ends it is one and the same, and kept at hand."""
    kept: Connection | None = session.info.get(CONNECTION)
    if kept is None or kept.closed:
        kept = session.info[CONNECTION] = session.connection()
    return kept


def pass_gate(session: Session, *, alone: bool) -> None:
    """Let writes pass together, or (``alone``) wait for all that have begun and hold back all others.

    Until the transaction ends. SQLite has one writer at a time by itself. Rows to lock instead would be
    locked in another order by each use-case, and two of them could wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(_GATE)))


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT}",
        f"cache_size=-{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    connection.execute("BEGIN")
