"""The whole database into a file and back: SQLite by its online backup, PostgreSQL by its own programs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from tthc.domain.backup import DatabaseKind

#: The words of the search index lie in tables of SQLite's own, which are copied but not counted.
_UNCOUNTED = "search_index"
_CHUNK = 1024 * 1024


class CopyFailed(Exception):
    """The database cannot be copied out or in; the message is one Vietnamese sentence."""


class InUse(Exception):
    """Somebody else is connected to the database."""


@dataclass(frozen=True)
class Contents:
    """What a copy holds: its revision, the rows of each table, the checksums of the files that it names."""

    schema: str
    tables: Mapping[str, int]
    papers: frozenset[str]


def kind_of(engine: Engine) -> DatabaseKind:
    """Which of the two databases an engine leads to."""
    return DatabaseKind.SQLITE if engine.dialect.name == "sqlite" else DatabaseKind.POSTGRESQL


def sqlite_path(engine: Engine) -> Path:
    """The file of an SQLite database."""
    return Path(engine.url.database or "")


def is_empty(engine: Engine) -> bool:
    """Whether there is no table; a file that cannot be read holds something."""
    if kind_of(engine) is DatabaseKind.SQLITE:
        path = sqlite_path(engine)
        if not path.exists() or path.stat().st_size == 0:
            return True
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()
    except DatabaseError:
        if kind_of(engine) is DatabaseKind.SQLITE:
            return False
        raise


def copy_out(engine: Engine, target: Path, tools: Path | None) -> Contents:
    """Copy the database into ``target`` while others go on writing; all of the copy is of one moment."""
    if kind_of(engine) is DatabaseKind.SQLITE:
        return _copy_sqlite(sqlite_path(engine), target)
    # What is counted is what is dumped: both read from one snapshot.
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
    ):
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        contents = _contents(connection)
        options = ["--format=custom", "--schema=public", f"--snapshot={snapshot}", f"--file={target}"]
        _run([_program("pg_dump", tools), *_where(engine), *options], _environment(engine))
    return contents


def check_sqlite(path: Path) -> Contents:
    """What a copy holds; refuses one that SQLite finds broken."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            verdict = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
            if verdict != "ok":
                raise CopyFailed("Cơ sở dữ liệu trong bản sao đã hỏng (integrity_check).")
            return _contents(connection)
    except DatabaseError:
        raise CopyFailed("Cơ sở dữ liệu trong bản sao không mở được.")


def check_postgresql(dump: Path, tools: Path | None) -> bytes:
    """The table of contents of a dump; refuses one that ``pg_restore`` cannot read."""
    return _run([_program("pg_restore", tools), "--list", str(dump)], dict(os.environ))


def release_sqlite(path: Path) -> None:
    """Bring all that was written into the one file; raises :class:`InUse` while anybody else has it open.

    Leaving write-ahead logging takes the whole database, so it fails beside the idlest server.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InUse
    except sqlite3.DatabaseError:
        # What is no database any more may be the reason why it is replaced.
        return


def refuse_others(engine: Engine) -> None:
    """Raise :class:`InUse` while anybody else is connected to a PostgreSQL database."""
    with engine.connect() as connection:
        others = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
    engine.dispose()
    if others:
        raise InUse


def load_postgresql(
    engine: Engine, dump: Path, aside: str, tables: Mapping[str, int], tools: Path | None
) -> None:
    """Put a dump in the place of what is there, which is kept as the schema ``aside``; all of it or nothing.

    One transaction renames the schema, loads the dump and counts the rows. ``aside`` and the names of tables
    are the program's own words.
    """
    listed = dump.with_name(f"{dump.name}.list")
    listed.write_bytes(_without_schema(check_postgresql(dump, tools)))
    restore = [
        _program("pg_restore", tools),
        "--no-owner",
        "--no-privileges",
        f"--use-list={listed}",
        "--file=-",
        str(dump),
    ]
    psql = [_program("psql", tools), *_where(engine), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    environment = _environment(engine)
    with _started(psql, environment, takes=True) as loading, _started(restore, environment) as reading:
        assert loading.stdin is not None  # noqa: S101 - a pipe was asked for
        assert reading.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            loading.stdin.write(_before(aside).encode())
            shutil.copyfileobj(reading.stdout, loading.stdin, _CHUNK)
        reading.stdout.close()
        if reading.wait() == 0:
            with contextlib.suppress(BrokenPipeError):
                loading.stdin.write(_after(tables).encode())
        # Without the COMMIT at the end everything is rolled back.
        with contextlib.suppress(BrokenPipeError):
            loading.stdin.close()
        errors = [_stderr(reading), _stderr(loading)]
        if loading.wait() or reading.returncode:
            raise CopyFailed(f"Không nạp được cơ sở dữ liệu PostgreSQL ({next(filter(None, errors), '')}).")


def has_schema(engine: Engine, name: str) -> bool:
    """Whether a PostgreSQL database has a schema."""
    with engine.connect() as connection:
        return name in inspect(connection).get_schema_names()


def drop_if_empty(engine: Engine, name: str) -> None:
    """Drop a schema that holds no table."""
    with engine.begin() as connection:
        if not inspect(connection).get_table_names(schema=name):
            connection.execute(text(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'))


def _copy_sqlite(path: Path, target: Path) -> Contents:
    try:
        with closing(sqlite3.connect(path, timeout=30.0)) as source, closing(sqlite3.connect(target)) as copy:
            # In one step: readers hold up no writer, and begun anew after every write it might never end.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise CopyFailed(f"Không sao chép được cơ sở dữ liệu ({error}): kiểm tra dung lượng đĩa.")
    return check_sqlite(target)


def _contents(connection: Connection) -> Contents:
    names = sorted(inspect(connection).get_table_names())
    quote = connection.dialect.identifier_preparer.quote
    tables = {
        name: connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0  # noqa: S608 - a table's name
        for name in names
        if not name.startswith(_UNCOUNTED)
    }
    schema = (
        connection.scalar(text("SELECT version_num FROM alembic_version"))
        if "alembic_version" in names
        else ""
    )
    papers = (
        connection.scalars(text("SELECT DISTINCT sha256 FROM attachment")).all()
        if "attachment" in names
        else []
    )
    return Contents(schema or "", tables, frozenset(papers))


def _before(aside: str) -> str:
    return f'BEGIN;\nALTER SCHEMA public RENAME TO "{aside}";\nCREATE SCHEMA public;\n'


def _after(tables: Mapping[str, int]) -> str:
    count = "IF (SELECT count(*) FROM public.{0}) <> {1} THEN RAISE EXCEPTION '{0}'; END IF;"
    checks = "\n".join(count.format(name, rows) for name, rows in tables.items())
    return f"\nDO $$ BEGIN\n{checks}\nEND $$;\nCOMMIT;\n"


def _program(name: str, tools: Path | None) -> str:
    found = shutil.which(name, path=str(tools) if tools else None)
    if found is None:
        raise CopyFailed(
            f"Không tìm thấy chương trình {name} của PostgreSQL: cài gói postgresql-client cùng phiên bản "
            f"với máy "
            "chủ, hoặc đặt TTHC_PG_BIN là thư mục chứa nó."
        )
    return found


def _where(engine: Engine) -> list[str]:
    """Where PostgreSQL's programs connect to, except for the password."""
    url = engine.url
    where = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **url.query}
    conninfo = " ".join(f"{key}='{_escaped(str(value))}'" for key, value in where.items() if value)
    return [f"--dbname={conninfo}", "--no-password"]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("'", r"\'")


@contextmanager
def _started(
    command: list[str], environment: dict[str, str], *, takes: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is spoken to (``takes``) or listened to, and gone in the end."""
    process = subprocess.Popen(  # noqa: S603 - found by its name
        command,
        stdin=subprocess.PIPE if takes else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if takes else subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _without_schema(listed: bytes) -> bytes:
    """A table of contents without the schema, which is made before: some versions name it, some not."""
    return b"\n".join(line for line in listed.splitlines() if b" SCHEMA - public" not in line)


def _run(command: list[str], environment: dict[str, str]) -> bytes:
    done = subprocess.run(  # noqa: S603 - found by its name
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        name = Path(command[0]).name
        if b"version mismatch" in done.stderr:
            raise CopyFailed(
                f"{name} cũ hơn máy chủ PostgreSQL: đặt TTHC_PG_BIN là thư mục của bản cùng phiên bản."
            )
        raise CopyFailed(f"{name} báo lỗi ({_first_line(done.stderr)}).")
    return done.stdout


def _environment(engine: Engine) -> dict[str, str]:
    """The password goes this way: what stands on a command line is seen by everybody on the machine."""
    environment = {**os.environ, "PGCLIENTENCODING": "UTF8", "LC_MESSAGES": "C"}
    if engine.url.password is not None:
        environment["PGPASSWORD"] = str(engine.url.password)
    return environment


def _stderr(process: subprocess.Popen[bytes]) -> str:
    stream: IO[bytes] | None = process.stderr
    return _first_line(stream.read()) if stream is not None else ""


def _first_line(output: bytes) -> str:
    return next(iter(output.decode("utf-8", "replace").splitlines()), "")
