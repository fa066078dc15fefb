"""Single rows written at once: what a clerk waits for at the counter goes around the unit of work.

For one row the unit of work takes several times as long as the database itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, bindparam, insert, update
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from tthc.db.base import Base
from tthc.db.session import connection_of

#: Under which name a session keeps what was stored in the transaction that is open.
_STORED = "tthc_stored"

#: No column is called like this.
_KEY = "key_of_row"


def store(session: Session, rows: Sequence[Base], *, done: bool = False) -> None:
    """Insert new rows; afterwards they have their keys and belong to the session as if it had read them.

    What they refer to must be in the database already. Of many rows the unit of work makes few statements.
    ``done``: nobody changes them any more, and a single one need not belong to the session.
    """
    if len(rows) != 1:
        session.add_all(rows)
        session.flush()
        return
    row = rows[0]
    written = connection_of(session).execute(_insertion(type(row)), _values(row))
    set_committed_value(row, _primary_key(type(row)), (written.inserted_primary_key or (None,))[0])
    if done:
        return
    make_transient_to_detached(row)
    session.add(row)
    session.info.setdefault(_STORED, []).append(row)


def settle(session: Session, *, undone: bool) -> None:
    """End what :func:`store` began; rows that a rollback has undone leave the session.

    Their keys are given out again, and the session would meet two rows under one key.
    """
    rows = session.info.pop(_STORED, ())
    if undone:
        for row in rows:
            if row in session:
                session.expunge(row)


def append(session: Session, rows: Sequence[Base]) -> None:
    """Insert new rows of one kind that nobody looks at afterwards: they get no keys."""
    if rows:
        connection_of(session).execute(_insertion(type(rows[0])), [_values(row) for row in rows])


def amend(session: Session, rows: Sequence[Base], column: str, values: Sequence[Any]) -> None:
    """Change a column of rows of one kind that are in the database, each to a value of its own."""
    kind = type(rows[0])
    keys = [getattr(row, _primary_key(kind)) for row in rows]
    given = [{_KEY: key, column: value} for key, value in zip(keys, values, strict=True)]
    connection_of(session).execute(_change(kind), given[0] if len(given) == 1 else given)
    for row, value in zip(rows, values, strict=True):
        set_committed_value(row, column, value)


def _values(row: Base) -> dict[str, Any]:
    return {name: value for name, value in instance_dict(row).items() if name != "_sa_instance_state"}


@cache
def _table(kind: type[Base]) -> Table:
    return Base.metadata.tables[kind.__tablename__]


@cache
def _primary_key(kind: type[Base]) -> str:
    (column,) = _table(kind).primary_key
    return str(column.key)


@cache
def _insertion(kind: type[Base]) -> Executable:
    return insert(_table(kind))


@cache
def _change(kind: type[Base]) -> Executable:
    return update(_table(kind)).where(_table(kind).c[_primary_key(kind)] == bindparam(_KEY))
