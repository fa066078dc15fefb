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
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from tthc.db.base import Base
from tthc.db.prepared import change
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
    kind, connection, values = type(row), connection_of(session), _values(row)
    if _primary_key(kind) in values:
        change(connection, _insertion(kind), [values])
    elif connection.dialect.name == "sqlite":
        set_committed_value(row, _primary_key(kind), change(connection, _insertion(kind), [values]))
    else:
        key = change(connection, _insertion_with_key(kind), [values], returns=True)
        set_committed_value(row, _primary_key(kind), key)
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
        change(connection_of(session), _insertion(type(rows[0])), [_values(row) for row in rows])


def amend(session: Session, rows: Sequence[Base], column: str, values: Sequence[Any]) -> None:
    """Change a column of rows of one kind that are in the database, each to a value of its own."""
    kind = type(rows[0])
    keys = [getattr(row, _primary_key(kind)) for row in rows]
    given = [{_KEY: key, column: value} for key, value in zip(keys, values, strict=True)]
    change(connection_of(session), _update(kind), given)
    for row, value in zip(rows, values, strict=True):
        set_committed_value(row, column, value)


def _values(row: Base) -> dict[str, Any]:
    """What a row says, with the defaults of what it leaves open."""
    said = {name: value for name, value in instance_dict(row).items() if name != "_sa_instance_state"}
    return {**_defaults(type(row)), **said}


@cache
def _table(kind: type[Base]) -> Table:
    return Base.metadata.tables[kind.__tablename__]


@cache
def _defaults(kind: type[Base]) -> dict[str, Any]:
    found = ((column.key, column.default) for column in _table(kind).columns)
    return {name: default.arg for name, default in found if isinstance(default, ScalarElementColumnDefault)}


@cache
def _primary_key(kind: type[Base]) -> str:
    (column,) = _table(kind).primary_key
    return str(column.key)


@cache
def _insertion(kind: type[Base]) -> Executable:
    return insert(_table(kind))


@cache
def _insertion_with_key(kind: type[Base]) -> Executable:
    return insert(_table(kind)).returning(_table(kind).c[_primary_key(kind)])


@cache
def _update(kind: type[Base]) -> Executable:
    return update(_table(kind)).where(_table(kind).c[_primary_key(kind)] == bindparam(_KEY))
