"""How Alembic runs here: one real transaction, foreign keys off around it, triggers kept.

Written by hand because the generated file resets logging, and because batch alteration on SQLite silently
drops a table's triggers and fails on a referenced table while foreign keys are enforced.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Enum, text

import tthc.db.models  # noqa: F401  (fills the metadata)
from tthc.db.base import Amount, Base, UtcDateTime
from tthc.db.session import begin_writing
from tthc.db.triggers import create_triggers, drop_triggers


def _include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (kind == "table" and (name or "").startswith("search_index"))


def _render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own types as the plain types beneath them, so that a migration needs none of our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Amount):
        return 'sa.Numeric(24, 9).with_variant(sa.BigInteger(), "sqlite")'
    if kind == "type" and isinstance(item, Enum):
        # Alembic's own rendering leaves the CHECK out.
        values = ", ".join(repr(value) for value in item.enums)
        return f"sa.Enum({values}, name={item.name!r}, native_enum=False, create_constraint=True, length={item.length})"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
        include_object=_include_object,
        render_item=_render_item,
    )
    drop_triggers(connection)
    context.run_migrations()
    create_triggers(connection)


def run() -> None:
    """Migrate the application's database inside one transaction."""
    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as plain:
        if engine.dialect.name != "sqlite":
            with plain.begin():
                # One upgrade at a time, whoever starts it.
                plain.execute(text("SELECT pg_advisory_xact_lock(7447100)"))
                _migrate(plain)
            return
        raw = plain.connection.dbapi_connection
        if raw is None:
            raise RuntimeError("the connection has no driver connection")
        # A pragma inside a transaction does nothing, so both stand outside of it.
        raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        try:
            with plain.begin():
                begin_writing(plain)
                _migrate(plain)
                broken = plain.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"foreign keys broken by the migration: {broken[:5]}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]


run()
