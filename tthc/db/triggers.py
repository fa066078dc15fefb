"""Append-only tables and the search index, held by triggers on both databases.

Alembic's batch mode on SQLite drops a table's triggers without a word, so migrations drop and recreate them
all from this file (see ``migrations/env.py``).
"""

from __future__ import annotations

import re

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
    "fee_payment",
    "step_move",
    "transfer",
    "transfer_item",
    "letter_template",
    "register_volume",
    "register_lock",
    "collection_reminder",
)

#: Columns of calendar_day that never change; ``removed_in`` may be set once.
_DAY_FIXED = ("id", "date", "kind", "name", "decision", "confidence", "added_in")


#: What is searched: index, the table whose text it holds, that table's key and column.
SEARCHED = (
    ("search_index", "search_entry", "dossier_id", "folded"),
    ("search_index_applicant", "applicant", "id", "search_text"),
)


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


#: The words of a text as PostgreSQL keeps them: as they stand, for they are bare words already.
_WORDS = """
CREATE OR REPLACE FUNCTION tthc_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(word || ':' || least(no, 16383), ' '), '')::tsvector
  FROM regexp_split_to_table($1, ' ') WITH ORDINALITY AS split(word, no) WHERE word <> ''
$$
"""

_SQLITE_INDEX = {
    "insert": (
        "CREATE TRIGGER {source}_words_insert AFTER INSERT ON {source} "
        "BEGIN INSERT INTO {index} (rowid, {text}) VALUES (NEW.{key}, NEW.{text}); END"
    ),
    "update": (
        "CREATE TRIGGER {source}_words_update AFTER UPDATE OF {text} ON {source} "
        "WHEN OLD.{text} <> NEW.{text} BEGIN "
        "INSERT INTO {index} ({index}, rowid, {text}) VALUES ('delete', OLD.{key}, OLD.{text}); "
        "INSERT INTO {index} (rowid, {text}) VALUES (NEW.{key}, NEW.{text}); END"
    ),
    "delete": (
        "CREATE TRIGGER {source}_words_delete AFTER DELETE ON {source} "
        "BEGIN INSERT INTO {index} ({index}, rowid, {text}) VALUES ('delete', OLD.{key}, OLD.{text}); END"
    ),
}
_POSTGRESQL_INDEX = {
    "insert": "CREATE TRIGGER {source}_words_insert AFTER INSERT ON {source} FOR EACH ROW",
    "update": (
        "CREATE TRIGGER {source}_words_update AFTER UPDATE OF {text} ON {source} FOR EACH ROW "
        "WHEN (OLD.{text} <> NEW.{text})"
    ),
    "delete": "CREATE TRIGGER {source}_words_delete AFTER DELETE ON {source} FOR EACH ROW",
}
_POSTGRESQL_KEEP = """
CREATE OR REPLACE FUNCTION tthc_keep_{index}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM {index} WHERE row_id = OLD.{key};
  ELSE
    INSERT INTO {index} (row_id, words) VALUES (NEW.{key}, tthc_words(NEW.{text}))
      ON CONFLICT (row_id) DO UPDATE SET words = EXCLUDED.words;
  END IF;
  RETURN NULL;
END $$
"""


def trigger_names() -> tuple[str, ...]:
    """The names of all triggers, in the order in which they are made."""
    names = [f"{table}_no_{what}" for table in APPEND_ONLY for what in ("update", "delete")]
    kept = [f"{source}_words_{what}" for _, source, _, _ in SEARCHED for what in _SQLITE_INDEX]
    return (*names, "calendar_day_no_update", "calendar_day_no_delete", *kept)


def fill_search_indexes(connection: Connection) -> None:
    """Fill every index that there is anew from the texts for which it stands."""
    present = set(inspect(connection).get_table_names())
    for index, source, key, column in SEARCHED:
        if index not in present:
            continue
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608
        else:
            connection.exec_driver_sql(_WORDS)
            connection.exec_driver_sql(f"DELETE FROM {index}")  # noqa: S608 - all of it constants
            words = f"SELECT {key}, tthc_words({column}) FROM {source}"  # noqa: S608
            connection.exec_driver_sql(f"INSERT INTO {index} (row_id, words) {words}")


def _keep_search_indexes(connection: Connection, present: set[str]) -> None:
    sqlite = connection.dialect.name == "sqlite"
    for index, source, key, column in SEARCHED:
        if index not in present:
            continue
        names = {"index": index, "source": source, "key": key, "text": column}
        if not sqlite:
            connection.exec_driver_sql(_WORDS)
            connection.exec_driver_sql(_POSTGRESQL_KEEP.format(**names))
        for statement in (_SQLITE_INDEX if sqlite else _POSTGRESQL_INDEX).values():
            kept = "" if sqlite else f" EXECUTE FUNCTION tthc_keep_{index}()"
            connection.exec_driver_sql(statement.format(**names) + kept)


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
    _keep_search_indexes(connection, present)


def drop_triggers(connection: Connection) -> None:
    """Drop every trigger of this file that exists."""
    present = set(inspect(connection).get_table_names())
    for name in trigger_names():
        table = re.split("_(?:no|words)_", name)[0]
        if table not in present:
            continue
        suffix = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{suffix}")
