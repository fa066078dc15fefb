"""What the first set-up asks of a database before it writes."""

from __future__ import annotations

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from tthc.db.base import Base

#: Any number does, as long as nothing else in this database locks the same one.
_SETUP_LOCK = 7447101


def lock_setup(session: Session) -> None:
    """Let one set-up at a time through until the transaction ends; on SQLite its write lock does that."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SETUP_LOCK})


def is_empty(session: Session, model: type[Base]) -> bool:
    """Whether a table has no row yet."""
    return not session.scalars(select(exists(select(1).select_from(model)))).one()
