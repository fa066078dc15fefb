"""Append-only tables refuse every change, on both databases and whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    Numeric,
    Table,
    Time,
    create_engine,
    text,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tthc.db.base import Base, UtcDateTime
from tthc.db.models import CalendarVersion
from tthc.db.triggers import APPEND_ONLY

#: What the checks of a table ask of a row beyond the types of its columns.
CHECKED: dict[str, dict[str, Any]] = {"fee_payment": {"paid": 0, "reason": ""}}


def sample(column: Column[Any]) -> Any:
    """Some value that a column admits."""
    kind = column.type
    if isinstance(kind, SqlEnum):
        return kind.enum_class[kind.enums[0].upper()] if kind.enum_class else kind.enums[0]
    for known, value in (
        (Boolean, True),
        (Integer, 1),
        (Numeric, Decimal(1)),
        (UtcDateTime, datetime(2024, 6, 14, 2, 30, tzinfo=UTC)),
        (Date, date(2024, 6, 14)),
        (Time, time(7, 30)),
        (JSON, {}),
    ):
        if isinstance(kind, known):
            return value
    return "x"


def put(connection: Connection, table: Table) -> int:
    """A row of ``table``; what it refers to need not exist."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    values = {
        column.name: sample(column)
        for column in table.columns
        if not column.primary_key and not column.nullable
    } | CHECKED.get(table.name, {})
    row_id = connection.execute(table.insert().values(**values)).inserted_primary_key[0]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = origin"))
    return row_id


@pytest.fixture
def connection(empty_url: str) -> Iterator[Connection]:
    """A plain connection in a transaction; SQLite does not look at foreign keys on it."""
    engine = create_engine(empty_url)
    with engine.connect() as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("what", ["update", "delete"])
def test_an_append_only_row_stays(connection: Connection, table: str, what: str) -> None:
    row_id = put(connection, Base.metadata.tables[table])
    statement = f"UPDATE {table} SET id = id" if what == "update" else f"DELETE FROM {table}"
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        connection.execute(text(f"{statement} WHERE id = {row_id}"))


def test_a_calendar_day_can_be_removed_once_and_nothing_else(session: Session, now: datetime) -> None:
    later = [CalendarVersion(recorded_at=now, reason="thử", checksum="x") for _ in range(2)]
    session.add_all(later)
    session.commit()
    second, third = (version.id for version in later)

    def refused(statement: str) -> None:
        with pytest.raises(DBAPIError, match="calendar_day is append-only"), session.begin_nested():
            session.execute(text(f"{statement} WHERE date = '2024-05-04'"))

    for fixed in ("name = 'khác'", "date = '2024-06-15'", "kind = 'holiday'", "decision = 'x'"):
        refused(f"UPDATE calendar_day SET {fixed}")
    refused("UPDATE calendar_day SET confidence = 'estimated'")
    refused("UPDATE calendar_day SET added_in = added_in + 1")
    refused("DELETE FROM calendar_day")
    session.execute(text(f"UPDATE calendar_day SET removed_in = {second} WHERE date = '2024-05-04'"))
    refused(f"UPDATE calendar_day SET removed_in = {third}")
    refused("UPDATE calendar_day SET removed_in = NULL")


def test_two_days_in_force_cannot_have_one_date(connection: Connection) -> None:
    put(connection, Base.metadata.tables["calendar_day"])
    with pytest.raises(IntegrityError):
        put(connection, Base.metadata.tables["calendar_day"])
