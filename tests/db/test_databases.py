"""The databases of the tests themselves: what one test leaves behind is nothing to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tthc.db.base import Base

pytestmark = pytest.mark.postgresql


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def contents(url: str) -> dict[str, Any]:
    """Every row in its place, and where every sequence stands."""
    with connected(url) as connection:
        found: dict[str, Any] = {
            name: connection.execute(text(f"SELECT * FROM {name}")).all() for name in Base.metadata.tables
        }
        sequences = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        return found | {"sequences": connection.execute(text(sequences)).all()}


def rows_come_and_go(connection: Connection) -> None:
    connection.execute(text("SET session_replication_role = replica"))
    connection.execute(text("INSERT INTO sector (code, name, position) VALUES ('moi', 'Lĩnh vực mới', 8)"))
    connection.execute(text("UPDATE account SET full_name = full_name || '!' WHERE id > 1"))
    connection.execute(text("DELETE FROM procedure WHERE id % 2 = 0"))


def a_column_is_added(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE sector ADD colour text"))


def a_trigger_is_taken_away(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


def a_table_is_emptied(connection: Connection) -> None:
    connection.execute(text("TRUNCATE audit CASCADE"))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (rows_come_and_go, True),
        (a_column_is_added, False),
        (a_trigger_is_taken_away, False),
        (a_table_is_emptied, False),
    ],
)
def test_a_database_that_came_back_is_as_new(postgresql_databases: Any, change: Any, kept: bool) -> None:
    template = postgresql_databases.lend()
    before = contents(template)
    assert before["procedure"]
    postgresql_databases.keep(change.__name__, template)
    first = postgresql_databases.lend(change.__name__)
    with connected(first) as connection:
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        change(connection)
    assert change is not rows_come_and_go or contents(first) != before
    postgresql_databases.take_back(first)
    second = postgresql_databases.lend(change.__name__)
    assert second != first
    assert contents(second) == before
    with connected(second) as connection:
        again = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        off = "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"
        assert connection.scalar(text(off)) == 0
    assert (again == number) is kept
    postgresql_databases.take_back(second)


def test_a_database_is_not_lent_to_two(postgresql_databases: Any) -> None:
    url = postgresql_databases.lend()
    engine = create_engine(url)
    with engine.connect():
        # Who is still connected when his database goes would see what the next one does.
        postgresql_databases.take_back(url)
        other = postgresql_databases.lend()
        with connected(other) as connection:
            count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            assert connection.scalar(text(count)) == 1
        postgresql_databases.take_back(other)
    engine.dispose()
