"""Migrations: they make what the models say, whole or not at all, with every trigger."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text

import tthc.db
from tests.processes import Done, run_source
from tthc.db.base import Base
from tthc.db.session import database, engine_options, prepare_engine
from tthc.db.triggers import trigger_names

RUN = Path(__file__).with_name("migration_run.py")


def run(url: str, *arguments: str) -> Done:
    return run_source(RUN.read_text("utf-8"), url, *arguments)


def names(url: str, statement: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = set(connection.execute(text(statement)).scalars())
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    # The index of words is no table of the models, and on SQLite several tables.
    return {name for name in found if not name.startswith("search_index")}


def triggers(url: str) -> set[str]:
    if url.startswith("sqlite"):
        return names(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return names(url, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")


def in_app(url: str, what: Callable[[], object]) -> None:
    """Run a Flask-Migrate command against the database at ``url``."""
    app = Flask("tthc")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database.init_app(app)
    flask_migrate.Migrate(app, database, directory=str(Path(tthc.db.__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(database.engine)
        try:
            what()
        finally:
            database.engine.dispose()


def test_a_blank_database_gets_every_table_and_trigger(blank_url: str, migrated: Callable) -> None:
    migrated(blank_url)
    assert tables(blank_url) == {*Base.metadata.tables, "alembic_version"}
    assert triggers(blank_url) == set(trigger_names())


def test_a_second_upgrade_changes_nothing(database_url: str, migrated: Callable) -> None:
    before = (
        tables(database_url),
        triggers(database_url),
        names(database_url, "SELECT name FROM procedure_version"),
    )
    migrated(database_url)
    after = (
        tables(database_url),
        triggers(database_url),
        names(database_url, "SELECT name FROM procedure_version"),
    )
    assert after == before
    assert len(after[2]) == 42


def test_the_models_say_what_the_migrations_made(empty_url: str) -> None:
    # Exits with an error where autogenerate would write anything.
    in_app(empty_url, flask_migrate.check)


def test_the_checks_of_the_models_are_in_the_migrated_tables(empty_url: str, tmp_path: Path) -> None:
    """Autogenerate does not compare CHECK constraints, so they are compared with fresh tables here."""
    migrated_engine = create_engine(empty_url)
    if empty_url.startswith("sqlite"):
        fresh_engine, schema = create_engine(f"sqlite:///{tmp_path / 'fresh.db'}"), None
        Base.metadata.create_all(fresh_engine)
    else:
        fresh_engine, schema = migrated_engine, "fresh"
        with fresh_engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA fresh"))
            Base.metadata.create_all(connection.execution_options(schema_translate_map={None: schema}))

    def checks(engine, schema) -> dict[str, dict[str, str]]:
        inspector = inspect(engine)
        return {
            name: {
                check["name"]: "".join(check["sqltext"].split())
                for check in inspector.get_check_constraints(name, schema=schema)
            }
            for name in Base.metadata.tables
        }

    wanted = checks(fresh_engine, schema)
    assert checks(migrated_engine, None) == wanted
    assert sum(len(of_table) for of_table in wanted.values()) > 50
    fresh_engine.dispose()
    migrated_engine.dispose()


def test_down_to_nothing_and_up_again(empty_url: str, migrated: Callable) -> None:
    in_app(empty_url, lambda: flask_migrate.downgrade(revision="base"))
    assert tables(empty_url) == {"alembic_version"}
    assert triggers(empty_url) == set()
    migrated(empty_url)
    assert triggers(empty_url) == set(trigger_names())


@pytest.mark.parametrize("operation", ["1", "20", "0"])
def test_a_killed_migration_leaves_nothing_and_can_be_run_again(blank_url: str, operation: str) -> None:
    killed = run(blank_url, operation)
    assert killed.code != 0
    assert "killed" in killed.out, killed.err
    assert tables(blank_url) <= {"alembic_version"}
    if "alembic_version" in tables(blank_url):
        assert names(blank_url, "SELECT version_num FROM alembic_version") == set()

    again = run(blank_url)
    assert again.code == 0, again.err
    assert tables(blank_url) == {*Base.metadata.tables, "alembic_version"}
    assert triggers(blank_url) == set(trigger_names())


def test_two_upgrades_at_once_both_end_well(blank_url: str) -> None:
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(run, [blank_url, blank_url]))
    for process in both:
        assert process.code == 0, process.err
        assert "migrated" in process.out
    assert triggers(blank_url) == set(trigger_names())
