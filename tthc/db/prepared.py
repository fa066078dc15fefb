"""Statements that were built once for all, run in a fraction of the time that the library takes for any.

Most of that time it finds out what it did for the same statement before.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound

_Turn = Callable[[Any], Any]


class Found:
    """The rows that a query found, each with its columns by place and by name; read like a ``Result``."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any | None:
        """The first row, if there is one."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any | None:
        """The only row, if there is one; there must not be several."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("several rows where one was asked for")
        return self.first()

    def one(self) -> Any:
        """The only row."""
        if not self._rows:
            raise NoResultFound("no row where one was asked for")
        return self.one_or_none()

    def scalar(self) -> Any | None:
        """The first column of the first row, if there is one."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalars(self) -> Found:
        """The first column of every row."""
        return Found([row[0] for row in self._rows])


@dataclass(frozen=True)
class _Asked:
    """Stands for a value that is given with every run, or for one of a list."""

    name: str
    place: int | None = None


class Prepared:
    """A query in the words of one kind of database, with what turns values into its own and back.

    ``lists``: how many values each list has that it compares with, which its text depends on.
    """

    def __init__(self, query: Any, dialect: Dialect, asked: Iterable[str], lists: Mapping[str, int]) -> None:
        marks = {
            name: [_Asked(name, place) for place in range(lists[name])] if name in lists else _Asked(name)
            for name in asked
        }
        compiled: Any = query.compile(dialect=dialect)
        state = compiled.construct_expanded_state(marks)
        self._text = state.statement
        self._types = [column.type for column in query.selected_columns]
        by_place = state.positiontup
        #: The values as the driver takes them, by place or by name, with those that are always the same.
        self._fixed: Any = {} if by_place is None else [None] * len(by_place)
        self._asked: list[tuple[Any, str, int | None, _Turn | None]] = []
        for number, name in enumerate(state.parameters if by_place is None else by_place):
            slot = name if by_place is None else number
            # Each value of a list has the name of the list with its number.
            bind = compiled.binds[name if name in compiled.binds else name.rpartition("_")[0]]
            turn = bind.type.dialect_impl(dialect).bind_processor(dialect)
            value = state.parameters[name]
            if isinstance(value, _Asked):
                self._asked.append((slot, value.name, value.place, turn))
            else:
                self._fixed[slot] = value if turn is None else turn(value)
        self._turns: list[tuple[int, _Turn]] = []
        self._row: Any = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Found:
        """What it finds now; raises what the library would."""
        given = self._fixed.copy()
        for slot, name, place, turn in self._asked:
            value = values[name] if place is None else values[name][place]
            given[slot] = value if turn is None else turn(value)
        dialect = connection.dialect
        driver = dialect.loaded_dbapi
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, given)
            rows = cursor.fetchall()
            if self._row is None:
                self._look(cursor.description, dialect)
        except driver.Error as error:
            raise _told(error, connection, cursor, self._text)
        finally:
            cursor.close()
        return Found([self._made(row) for row in rows])

    def _look(self, columns: Sequence[Any], dialect: Dialect) -> None:
        """What the driver calls the columns, and how it gives them."""
        turns = [
            kind.dialect_impl(dialect).result_processor(dialect, column[1])
            for kind, column in zip(self._types, columns, strict=True)
        ]
        self._turns = [(place, turn) for place, turn in enumerate(turns) if turn is not None]
        self._row = namedtuple("Row", [column[0] for column in columns], rename=True)  # type: ignore[misc]

    def _made(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, turn in self._turns:
            values[place] = turn(values[place])
        return self._row._make(values)


class Change:
    """An INSERT, UPDATE or DELETE with given values in the words of one kind of database.

    ``returns``: it gives back the first column of what it says under RETURNING.
    """

    def __init__(self, statement: Any, dialect: Dialect, given: Collection[str], returns: bool) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(given))
        self._text, self._by_name, self._returns = compiled.string, not dialect.positional, returns
        self._turns: list[tuple[str, _Turn | None]] = []
        #: What is the same for every row, as the driver takes it.
        self._fixed: dict[str, Any] = {}
        for name in compiled.binds if self._by_name else compiled.positiontup:
            bind = compiled.binds[name]
            turn = bind.type.dialect_impl(dialect).bind_processor(dialect)
            self._turns.append((name, None if name not in given else turn))
            if name not in given:
                self._fixed[name] = bind.value if turn is None else turn(bind.value)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Write the rows; what it returns, else the key that SQLite gave; raises what the library would."""
        given = [self._bound(row) for row in rows]
        cursor = connection.connection.cursor()
        try:
            if len(given) == 1:
                cursor.execute(self._text, given[0])
            else:
                cursor.executemany(self._text, given)
            if self._returns:
                return cursor.fetchone()[0]  # type: ignore[index]
            return getattr(cursor, "lastrowid", None)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(error, connection, cursor, self._text)
        finally:
            cursor.close()

    def _bound(self, row: Mapping[str, Any]) -> Any:
        if self._fixed:
            row = {**row, **self._fixed}
        if self._by_name:
            return {name: row[name] if turn is None else turn(row[name]) for name, turn in self._turns}
        return [row[name] if turn is None else turn(row[name]) for name, turn in self._turns]


def change(
    connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]], *, returns: bool = False
) -> Any:
    """Run a change that was built once for all, for each of the rows; see :class:`Change`.

    Every row gives the same columns, all that have no value of the database's own. Whoever listens to the
    statements of an engine hears these as well.
    """
    if connection.dispatch.before_cursor_execute:
        result = connection.execute(statement, rows if len(rows) > 1 else rows[0])
        if returns:
            return result.scalar_one()
        return result.lastrowid if connection.dialect.name == "sqlite" else None
    key = (connection.dialect.name, statement, *rows[0])
    ready = _changes.get(key)
    if ready is None:
        ready = _changes[key] = Change(statement, connection.dialect, rows[0].keys(), returns)
    return ready.run(connection, rows)


def _told(error: Any, connection: Connection, cursor: Any, text: str) -> BaseException:
    """An error of the driver as the library tells it."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, cursor)
    if gone:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=dialect,
    )
    return told


#: A longer list is served as any query is.
_LONGEST = 50
_prepared: dict[Hashable, Prepared] = {}
_changes: dict[Hashable, Change] = {}


def prepared(query: Executable, dialect: Dialect, values: Mapping[str, Any]) -> Prepared | None:
    """A query that was built once for all, as this process has prepared it for its kind of database.

    ``None`` for what is no query, and where a list has no values or very many.
    """
    if not query.is_select:
        return None
    lists = {name: len(value) for name, value in values.items() if isinstance(value, (list, tuple))}
    if any(not 0 < number <= _LONGEST for number in lists.values()):
        return None
    key = (dialect.name, query, *lists.items())
    found = _prepared.get(key)
    if found is None:
        found = _prepared[key] = Prepared(query, dialect, values, lists)
    return found
