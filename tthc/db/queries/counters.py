"""Series of numbers without gap or duplicate, whoever asks at the same time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import tthc.db.models  # noqa: F401  (fills the metadata)
from tthc.db.base import Base

_COUNTER = Base.metadata.tables["counter"]
_KEY = ("unit_id", "kind", "period_key")


def take_next(session: Session, unit_id: int, kind: str, period_key: str, start: int = 0) -> int:
    """The next number of a series; none is below ``start + 1``, also where :func:`raise_to` came first.

    One statement locks the counter's row until the caller's transaction ends, so that a number that is
    rolled back is given out again.
    """
    insert = _insert(session, unit_id, kind, period_key, start + 1)
    last = case((_COUNTER.c.value < start, start), else_=_COUNTER.c.value)
    statement = insert.on_conflict_do_update(index_elements=_KEY, set_={"value": last + 1}).returning(
        _COUNTER.c.value
    )
    number: int = session.execute(statement).scalar_one()
    return number


def raise_to(session: Session, unit_id: int, kind: str, period_key: str, value: int) -> None:
    """Let the series go on after ``value``; a counter that is already there or beyond stays."""
    insert = _insert(session, unit_id, kind, period_key, value)
    higher = case((_COUNTER.c.value < value, value), else_=_COUNTER.c.value)
    session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_={"value": higher}))


def _insert(session: Session, unit_id: int, kind: str, period_key: str, value: int) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(_COUNTER).values(unit_id=unit_id, kind=kind, period_key=period_key, value=value)
