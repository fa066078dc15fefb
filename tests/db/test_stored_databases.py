"""A database as an earlier release left it is brought to the newest revision with everything in it."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Engine, MetaData, create_engine, event, inspect, select, text
from sqlalchemy.orm import Session

import tthc.db
from tests.processes import run_source
from tthc.db.base import Base
from tthc.db.models import Applicant, Dossier, DossierSpan, EventRow
from tthc.db.session import database, engine_options, prepare_engine
from tthc.db.triggers import trigger_names
from tthc.services import applicants, history

STORED = sorted((Path(__file__).parent / "stored").glob("revision-*.sql.gz"))
RUN = Path(__file__).with_name("migration_run.py")


@pytest.fixture(params=STORED, ids=lambda path: path.name.removesuffix(".sql.gz"))
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A SQLite file with the stored database."""
    path = tmp_path / "stored.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(gzip.decompress(request.param.read_bytes()).decode())
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def old_url(request: pytest.FixtureRequest, stored: Path) -> Iterator[str]:
    """The same rows in either database, at the stored revision."""
    if request.param == "sqlite":
        yield f"sqlite:///{stored}"
        return
    databases = request.getfixturevalue("postgresql_databases")
    url: str = databases.blank()
    source = create_engine(f"sqlite:///{stored}")
    with source.connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    upgrade_to(url, revision)
    copy_rows(source, url)
    source.dispose()
    yield url
    databases.take_back(url)


def upgrade_to(url: str, revision: str) -> None:
    """Migrate up to a revision, which need not be the newest."""
    app = Flask("tthc")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database.init_app(app)
    flask_migrate.Migrate(app, database, directory=str(Path(tthc.db.__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(database.engine)
        try:
            flask_migrate.upgrade(revision=revision)
        finally:
            database.engine.dispose()


def copy_rows(source: Engine, url: str) -> None:
    """Every row of every table, whatever refers to what."""
    tables = MetaData()
    tables.reflect(source)
    target = create_engine(url)
    # SQLite hands out UTC without a zone.
    event.listen(
        target,
        "connect",
        lambda raw, _: raw.execute("SET TIME ZONE 'UTC'; SET session_replication_role = replica"),
    )
    with source.connect() as old, target.begin() as new:
        for table in tables.tables.values():
            rows = [dict(row) for row in old.execute(select(table)).mappings()]
            if rows and table.name != "alembic_version":
                new.execute(table.insert(), rows)
    target.dispose()


def table_names(engine: Engine) -> list[str]:
    """Every table but those of the search index, which holds what others say."""
    return sorted(name for name in inspect(engine).get_table_names() if not name.startswith("search_index"))


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as text, in order, with the columns that the table has."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {}
        for name in table_names(engine):
            columns = sorted(column["name"] for column in inspect(engine).get_columns(name))
            listed = ", ".join(f'"{column}"' for column in columns)
            rows = connection.execute(text(f'SELECT {listed} FROM "{name}"'))
            found[name] = sorted(tuple(zip(columns, map(str, row), strict=True)) for row in rows)
    engine.dispose()
    return found


def test_nothing_that_was_stored_changes(old_url: str, migrated: Callable[[str], None]) -> None:
    before = contents(old_url)
    assert len(before["dossier"]) == 130
    migrated(old_url)
    after = contents(old_url)
    for name, rows in before.items():
        if name in {"alembic_version", "search_entry"}:
            # The words of the search are derived; a later revision takes them from more.
            continue
        # So is the order of names.
        kept = {column for row in rows for column, _ in row} - {"name_key"}
        then, now = (
            sorted(tuple(field for field in row if field[0] in kept) for row in table)
            for table in (rows, after[name])
        )
        assert now == then, name
    engine = create_engine(old_url)
    assert set(table_names(engine)) == {*Base.metadata.tables, "alembic_version"}
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if old_url.startswith("sqlite")
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        assert set(connection.execute(text(statement)).scalars()) == set(trigger_names())
    engine.dispose()


def test_the_history_still_folds_into_the_stored_state(old_url: str, migrated: Callable[[str], None]) -> None:
    migrated(old_url)
    engine = create_engine(old_url)
    with Session(engine) as session:
        fold_all(session)
        for applicant in session.scalars(select(Applicant)):
            assert applicant.search_text == applicant.words()
            assert applicant.name_key == applicants.order_key(applicant.kind, applicant.name)
    engine.dispose()


def fold_all(session: Session) -> None:
    """Compare the state and the span of every dossier with what its events add up to."""
    dossiers = session.scalars(select(Dossier)).all()
    assert len(dossiers) == 130
    for dossier in dossiers:
        rows = session.scalars(
            select(EventRow).where(EventRow.dossier_id == dossier.id).order_by(EventRow.seq)
        ).all()
        life = history.life_of(rows)
        assert (life.state, life.due_on, life.first_due_on) == (
            dossier.state,
            dossier.due_on,
            dossier.first_due_on,
        )
        span = session.scalars(
            select(DossierSpan).where(
                DossierSpan.dossier_id == dossier.id,
                DossierSpan.valid_to.is_(None),
                DossierSpan.known_to.is_(None),
            )
        ).one()
        assert (span.state, span.due_on, span.sector_id) == (life.state, life.due_on, life.sector_id)


def test_an_upgrade_that_is_killed_leaves_the_old_database_whole(
    old_url: str, migrated: Callable[[str], None]
) -> None:
    before = contents(old_url)
    killed = run_source(RUN.read_text("utf-8"), old_url, "0")
    assert killed.code != 0
    assert "killed" in killed.out, killed.err
    assert contents(old_url) == before
    migrated(old_url)
