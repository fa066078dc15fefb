"""The application as a command sees it: opened, checked, with session, clock and the system as actor."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthc.cli import Failure
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session


class SchemaState(Enum):
    """How the database stands to the migrations of this program."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Office:
    """What a command needs to call a service."""

    app: Flask
    session: Session
    now: datetime
    actor: Actor

    @property
    def today(self) -> date:
        """The office's date."""
        return self.now.astimezone(OFFICE_ZONE).date()


@contextmanager
def office(settings: Mapping[str, Any] | None = None) -> Iterator[Office]:
    """The application on a database that is ready; otherwise a sentence that says what to run."""
    from tthc.app import create_office

    app = create_office(dict(settings or {}))
    with app.app_context():
        refuse_unready(app)
        yield enter(app)


def enter(app: Flask) -> Office:
    """The office of an application whose context is pushed and whose database is set up."""
    from tthc.services import units

    session = session_of(app)
    actor = system_actor(units.first_unit_id(session))
    return Office(app, session, app.config["CLOCK"](), actor)


def session_of(app: Flask) -> Any:
    """The session of the pushed application context; commands hand it to services."""
    return app.extensions["sqlalchemy"].session


def refuse_unready(app: Flask) -> None:
    """Raise :class:`Failure` unless the database has every migration and the first set-up."""
    from tthc.services import restore

    if restore.is_pending(Path(app.config["INSTANCE_PATH"])):
        raise Failure(PENDING)
    state = schema_state(app)
    if state is SchemaState.CURRENT:
        return
    if state is SchemaState.AHEAD:
        raise Failure(AHEAD)
    what = "chưa được khởi tạo" if state is SchemaState.ABSENT else "thuộc phiên bản cũ hơn chương trình"
    raise Failure(f"Cơ sở dữ liệu {what}: hãy chạy “tthc init” rồi thực hiện lại lệnh này.")


PENDING = "Lần khôi phục trước bị ngắt giữa chừng: chạy “tthc init” để hoàn tất rồi thực hiện lại lệnh này."
AHEAD = (
    "Cơ sở dữ liệu thuộc phiên bản mới hơn chương trình này: hãy dùng bản chương trình mới "
    "hoặc khôi phục bản sao lưu tương ứng."
)


def schema_state(app: Flask) -> SchemaState:
    """Compare the database's revision with the migrations that the program carries."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    engine = app.extensions["sqlalchemy"].engine
    # Connecting would create the file that is asked for.
    if engine.dialect.name == "sqlite" and not _sqlite_exists(engine.url.database):
        return SchemaState.ABSENT
    script = ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())
    with engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if not current:
        return SchemaState.ABSENT
    if current == set(script.get_heads()):
        return SchemaState.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState.BEHIND if current <= known else SchemaState.AHEAD


def _sqlite_exists(name: str | None) -> bool:
    return not name or name == ":memory:" or name.startswith("file:") or Path(name).is_file()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either the old one or the new one, never half of it."""
    from tthc.domain.vocabulary import DomainError

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise DomainError(
            f"Không ghi được tệp {path} ({error.strerror}): kiểm tra quyền ghi và tệp có đang mở không.",
            "output",
        )
