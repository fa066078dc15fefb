"""Series of numbers without gap or duplicate, whoever asks at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import tthc.db.models  # noqa: F401  (fills the metadata)
from tthc.db.base import Base
from tthc.db.prepared import change
from tthc.db.session import connection_of

_COUNTER = Base.metadata.tables["counter"]
_KEY = ("unit_id", "kind", "period_key")


def take_next(session: Session, unit_id: int, kind: str, period_key: str, start: int = 0) -> int:
    """The next number of a series; none is below ``start + 1``, also where :func:`raise_to` came first.

    One statement locks the counter's row until the caller's transaction ends, so that a number that is
    rolled back is given out again.
    """
    number: int = _count(session, _NEXT, unit_id, kind, period_key, start + 1, returns=True)
    return number


def raise_to(session: Session, unit_id: int, kind: str, period_key: str, value: int) -> None:
    """Let the series go on after ``value``; a counter that is already there or beyond stays."""
    _count(session, _HIGHER, unit_id, kind, period_key, value)


def _count(
    session: Session,
    by_dialect: Mapping[str, Any],
    unit_id: int,
    kind: str,
    period_key: str,
    value: int,
    *,
    returns: bool = False,
) -> Any:
    connection = connection_of(session)
    row = {"unit_id": unit_id, "kind": kind, "period_key": period_key, "value": value}
    return change(connection, by_dialect[connection.dialect.name], [row], returns=returns)


def _next(dialect: Any) -> Any:
    insert = dialect.insert(_COUNTER)
    first = insert.excluded.value
    following = case((_COUNTER.c.value < first, first), else_=_COUNTER.c.value + 1)
    return insert.on_conflict_do_update(index_elements=_KEY, set_={"value": following}).returning(
        _COUNTER.c.value
    )


def _higher(dialect: Any) -> Any:
    insert = dialect.insert(_COUNTER)
    higher = case((_COUNTER.c.value < insert.excluded.value, insert.excluded.value), else_=_COUNTER.c.value)
    return insert.on_conflict_do_update(index_elements=_KEY, set_={"value": higher})


_NEXT, _HIGHER = ({"sqlite": upsert(sqlite), "postgresql": upsert(postgresql)} for upsert in (_next, _higher))
