"""Sessions on the databases of the tests, on engines that pass from test to test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

from tthc.db.session import engine_options, kept_for, prepare_engine
from tthc.services import calendar


class Engines:
    """Engines as the application makes them, which pass from test to test and from database to database.

    What an engine has learnt outlives the test: the statements compiled once, what its server can do.
    Its connections do not. ``engine.url`` names the first database that it was made for.
    """

    def __init__(self) -> None:
        self._idle: dict[str, list[Engine]] = {}
        self._goals: dict[Engine, URL] = {}
        self._calendar: dict[Any, Any] = {}

    @contextmanager
    def lent(self, url: str) -> Iterator[Engine]:
        """An engine on the database at ``url``, whose connections are closed in the end."""
        goal = make_url(url)
        idle = self._idle.setdefault(goal.get_backend_name(), [])
        engine = idle.pop() if idle else self._made(url)
        self._goals[engine] = goal
        self._remember_calendar(engine)
        try:
            yield engine
        finally:
            engine.dispose()
            idle.append(engine)

    @contextmanager
    def without_connections(self, engine: Engine) -> Iterator[str]:
        """The URL of the database that an engine is on, with which anything may be done meanwhile."""
        engine.dispose()
        yield self._goals[engine].render_as_string(hide_password=False)
        self._remember_calendar(engine)

    def _remember_calendar(self, engine: Engine) -> None:
        """Begin as a process that has read the calendar of the first set-up, which all databases share."""
        with Session(engine) as session:
            if not self._calendar and calendar.newest_rows(session):
                self._calendar.update(kept_for(session))
            kept_for(session).update(self._calendar)

    def _made(self, url: str) -> Engine:
        engine = create_engine(url, query_cache_size=3000, **engine_options(url))
        prepare_engine(engine)

        def connect(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
            goal = self._goals[engine]
            if dialect.name == "sqlite":
                return dialect.connect(goal.database, *arguments[1:], **options)
            return dialect.connect(*arguments, **{**options, "dbname": goal.database})

        event.listen(engine, "do_connect", connect)
        if engine.dialect.name == "sqlite":
            # Waiting for the disk is for the day on which the power fails, which is none in one process.
            event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        return engine


ENGINES = Engines()


def _sessions(url: str) -> Iterator[sessionmaker[Session]]:
    with ENGINES.lent(url) as engine:
        yield sessionmaker(engine, expire_on_commit=True)


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Makes sessions of their own connection on the seeded database; for what happens at once."""
    yield from _sessions(database_url)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session on a seeded database; the test runs on both."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def empty_sessions(empty_url: str) -> Iterator[sessionmaker[Session]]:
    """Makes sessions on a migrated, empty database."""
    yield from _sessions(empty_url)


@pytest.fixture
def empty_session(empty_sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session on a migrated, empty database; the test runs on both."""
    with empty_sessions() as opened:
        yield opened


@pytest.fixture
def sqlite_session(sqlite_url: str) -> Iterator[Session]:
    """A session on a seeded SQLite database only: for what cannot differ between the two."""
    for maker in _sessions(sqlite_url):
        with maker() as opened:
            yield opened
