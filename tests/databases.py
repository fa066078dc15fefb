"""Databases for the tests: real SQLite files and a real PostgreSQL, each test with a copy of its own.

A template is migrated and seeded once per test process; a test gets a copy of it.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

import tthc.db
from tests import postgresql
from tests.clock import NOW
from tests.people import add_people
from tthc.db.session import database, engine_options, prepare_engine
from tthc.services import setup

BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


class Databases(Protocol):
    """Copies of named templates, in either kind of database."""

    def lend(self, kind: str = "seeded", folder: Path | None = None, /) -> str:
        """The URL of a copy of one's own."""

    def blank(self, folder: Path | None = None, /) -> str:
        """The URL of a database without any table."""

    def take_back(self, url: str) -> None:
        """Who was lent a database is done with it."""

    def keep(self, kind: str, url: str) -> None:
        """Make a template of a database, to which nobody is connected and which is gone afterwards."""

    def become(self, url: str, kind: str) -> None:
        """Put a copy of a template where a database is or was, to which nobody is connected."""

    def has(self, kind: str) -> bool:
        """Whether there is a template of that name."""


class SqliteDatabases:
    """Files copied from template files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, Path] = {}

    def lend(self, kind: str = "seeded", folder: Path | None = None) -> str:
        """The URL of a copy of one's own in ``folder``."""
        url = self.blank(folder)
        shutil.copyfile(self._templates[kind], self._path(url))
        return url

    def blank(self, folder: Path | None = None) -> str:
        """The URL of a file that is not there yet."""
        return f"sqlite:///{(folder or self._folder) / uuid.uuid4().hex}.db"

    def take_back(self, url: str) -> None:
        """Leave the file to pytest, which removes its folder."""

    def keep(self, kind: str, url: str) -> None:
        """Make a template of a file, to which nobody is connected and which is gone afterwards."""
        path = self._path(url)
        assert not path.with_name(f"{path.name}-wal").exists()
        self._templates[kind] = Path(shutil.move(path, self._folder / f"template-{len(self._templates)}.db"))

    def become(self, url: str, kind: str) -> None:
        """Put a copy of a template where a file is or was, to which nobody is connected."""
        shutil.copyfile(self._templates[kind], self._path(url))

    def has(self, kind: str) -> bool:
        """Whether there is a template of that name."""
        return kind in self._templates

    @staticmethod
    def _path(url: str) -> Path:
        return Path(make_url(url).database or "")


def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest revision, as the program itself does."""
    app = Flask("tthc")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database.init_app(app)
    Migrate(app, database, directory=str(Path(tthc.db.__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(database.engine)
        try:
            upgrade()
        finally:
            database.engine.dispose()


@pytest.fixture(scope="session")
def migrated() -> Callable[[str], None]:
    """The function that migrates the database at a URL."""
    return migrate


def open_engine(url: str) -> Engine:
    """An engine as the application makes it."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def seed(url: str) -> None:
    """The first set-up, and the people of the tests."""
    engine = open_engine(url)
    try:
        with Session(engine, expire_on_commit=True) as session:
            setup.initialise(session, now=NOW)
            add_people(session)
            session.commit()
    finally:
        engine.dispose()


def make_templates(databases: Databases) -> None:
    """One that is only migrated, one that is seeded as well."""
    empty = databases.blank()
    migrate(empty)
    databases.keep("empty", empty)
    seeded = databases.lend("empty")
    seed(seeded)
    databases.keep("seeded", seeded)


@contextmanager
def lent(databases: Databases, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a copy, for a while."""
    url = databases.lend(kind, folder)
    try:
        yield url
    finally:
        databases.take_back(url)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """The SQLite templates of this test process."""
    databases = SqliteDatabases(tmp_path_factory.mktemp("sqlite"))
    make_templates(databases)
    return databases


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[postgresql.PostgresqlDatabases]:
    """The PostgreSQL server of this test process with its templates."""
    with postgresql.server() as url:
        databases = postgresql.PostgresqlDatabases(url)
        make_templates(databases)
        yield databases
        databases.close()


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases, tmp_path: Path) -> str:
    """A seeded SQLite database of the test's own."""
    return sqlite_databases.lend("seeded", tmp_path)


@pytest.fixture
def postgresql_url(postgresql_databases: postgresql.PostgresqlDatabases, tmp_path: Path) -> Iterator[str]:
    """A seeded PostgreSQL database of the test's own."""
    with lent(postgresql_databases, "seeded", tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH_DATABASES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """The databases of this test process, once on SQLite and once on PostgreSQL."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A seeded database of the test's own, once on SQLite and once on PostgreSQL."""
    with lent(databases, "seeded", tmp_path) as url:
        yield url


@pytest.fixture
def empty_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database that is migrated and otherwise empty, once on SQLite and once on PostgreSQL."""
    with lent(databases, "empty", tmp_path) as url:
        yield url


@pytest.fixture
def blank_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    url = databases.blank(tmp_path)
    yield url
    databases.take_back(url)
