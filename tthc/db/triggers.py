"""Append-only tables, held by triggers on both databases.

Alembic's batch mode on SQLite drops a table's triggers without a word, so migrations drop and recreate them
all from this file (see ``migrations/env.py``).
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect

#: Tables whose rows are never changed or deleted.
APPEND_ONLY = (
    "event",
    "due_date",
    "setting",
    "due_policy",
    "calendar_version",
    "calendar_year",
    "period_member",
    "audit",
    "procedure_change",
    "investment_change",
    "step_move",
    "transfer",
    "transfer_item",
    "letter_template",
)

#: Columns of calendar_day that never change; ``removed_in`` may be set once.
_DAY_FIXED = ("id", "date", "kind", "name", "decision", "confidence", "added_in")


def _sqlite(table: str, when: str, name: str, condition: str = "") -> str:
    clause = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON {table}{clause} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _postgresql(table: str, when: str, name: str, condition: str = "") -> str:
    clause = f" WHEN ({condition})" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW{clause} "
        "EXECUTE FUNCTION tthc_refuse_change()"
    )


_FUNCTION = """
CREATE OR REPLACE FUNCTION tthc_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME;
END $$
"""


def trigger_names() -> tuple[str, ...]:
    """The names of all triggers, in the order in which they are made."""
    names = [f"{table}_no_{what}" for table in APPEND_ONLY for what in ("update", "delete")]
    return (*names, "calendar_day_no_update", "calendar_day_no_delete")


def create_triggers(connection: Connection) -> None:
    """Make every trigger whose table exists; the connection is inside a transaction."""
    dialect = connection.dialect.name
    make = _postgresql if dialect == "postgresql" else _sqlite
    present = set(inspect(connection).get_table_names())
    if dialect == "postgresql":
        connection.exec_driver_sql(_FUNCTION)
    for table in APPEND_ONLY:
        if table in present:
            connection.exec_driver_sql(make(table, "UPDATE", f"{table}_no_update"))
            connection.exec_driver_sql(make(table, "DELETE", f"{table}_no_delete"))
    if "calendar_day" in present:
        differs = "IS DISTINCT FROM" if dialect == "postgresql" else "IS NOT"
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in _DAY_FIXED)
        condition = f"OLD.removed_in IS NOT NULL OR {changed}"
        connection.exec_driver_sql(make("calendar_day", "UPDATE", "calendar_day_no_update", condition))
        connection.exec_driver_sql(make("calendar_day", "DELETE", "calendar_day_no_delete"))


def drop_triggers(connection: Connection) -> None:
    """Drop every trigger of this file that exists."""
    present = set(inspect(connection).get_table_names())
    for name in trigger_names():
        table = name.rsplit("_no_", 1)[0]
        if table not in present:
            continue
        suffix = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{suffix}")
