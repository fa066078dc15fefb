"""An office out of a backup: everything is laid beside what is there, checked, then put in its place.

What was there is kept under the same name with ``.before-`` and the moment. The moves are written down
before the first one is made; whoever starts the program after a kill finishes them, so that no office is half
old and half new. On PostgreSQL the decision is the commit of the one transaction that loads the dump.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tthc.db import copies, schema
from tthc.db.copies import CopyFailed, InUse
from tthc.domain.backup import DatabaseKind, Manifest, stamp
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, vault
from tthc.services.backup import DATABASE, Place, check_database, check_files, in_words, opened, take_out
from tthc.services.transaction import transaction

#: The moves that are under way, in the instance folder.
JOURNAL = "restore.json"
_KEYS = ("keys", "periods")
#: What was laid out and is in no place yet.
_SIDE = ".restoring-"


@dataclass(frozen=True)
class Restored:
    """What was restored, where what was there is kept now; ``skipped``: settings left as they are."""

    manifest: Manifest
    aside: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class _Move:
    """``new`` takes the place of ``target``, which goes to ``aside``; without ``new`` it only goes."""

    new: Path | None
    target: Path
    aside: Path


def is_pending(instance: Path) -> bool:
    """Whether a restore was broken off between its first move and its last."""
    return (instance / JOURNAL).exists()


def restore_backup(place: Place, *, path: Path, machine_now: datetime, replace: bool) -> Restored:
    """Put a backup in the place of the office that is there; nobody may use it meanwhile.

    The archive is checked from end to end first. Refused for an office that holds anything unless
    ``replace``, while a server or another program is connected, for the other kind of database, and for a
    newer schema.
    """
    finish(place)
    _sweep(place)
    with in_words(place.instance / "tệp"), opened(path) as (archive, manifest):
        _refuse_foreign(place, manifest)
        side = Path(tempfile.mkdtemp(dir=place.instance, prefix=_SIDE))
        try:
            check_files(archive, manifest, place=place, scratch=side)
            if not replace and not copies.is_empty(place.engine):
                raise DomainError(
                    "Ở đây đã có cơ sở dữ liệu. Thêm --replace để thay bằng bản sao lưu; dữ liệu đang có "
                    "được giữ lại bên cạnh dưới tên khác.",
                    "replace",
                )
            _refuse_use(place)
            mark = stamp(machine_now)
            database = _side_of(place, manifest, side)
            with database.open("wb") as out:
                take_out(archive, manifest, DATABASE[manifest.database], out)
                vault.flush(out)
            check_database(place, database, manifest)
            skipped = _lay_out(place, archive, manifest, side)
            _add_papers(place, archive, manifest)
            moves = _moves(place, manifest, database, side, mark)
            _refuse_use(place)
            return Restored(manifest, _swap(place, manifest, database, moves, mark), skipped)
        finally:
            # What is written down is finished later, and needs what was laid out.
            if not is_pending(place.instance):
                _sweep(place)


def put_on_record(session: Session, *, now: datetime, actor: Actor, file: str, restored: Restored) -> None:
    """Write into the chain of the restored office that it was restored, and from what."""
    with transaction(session):
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="restore_backup",
            subject="office",
            detail={"file": file, "made_at": restored.manifest.made_at.isoformat()},
        )


def finish(place: Place) -> bool:
    """Finish, or take back, what a killed process left behind; whether there was anything."""
    journal = place.instance / JOURNAL
    if not journal.exists():
        return False
    with in_words(journal):
        left = json.loads(journal.read_text("utf-8"))
        name = left["schema"]
        if name is None or copies.has_schema(place.engine, name):
            for new, target, aside in left["moves"]:
                _make(_Move(Path(new) if new else None, Path(target), Path(aside)))
            if name is not None:
                copies.drop_if_empty(place.engine, name)
        _close_journal(place)
        _sweep(place)
    place.engine.dispose()
    return True


def _refuse_foreign(place: Place, manifest: Manifest) -> None:
    if not schema.is_known(manifest.schema):
        raise DomainError(
            "Bản sao lưu thuộc phiên bản mới hơn chương trình này: hãy dùng phiên bản mới của chương trình "
            "để khôi "
            "phục.",
            "file",
        )
    if manifest.database is not copies.kind_of(place.engine):
        raise DomainError(
            f"Bản sao lưu là của {manifest.database.label}, còn TTHC_DATABASE_URL đang chỉ "
            f"{copies.kind_of(place.engine).label}: đặt lại rồi khôi phục.",
            "file",
        )


def _refuse_use(place: Place) -> None:
    place.engine.dispose()
    try:
        if copies.kind_of(place.engine) is DatabaseKind.SQLITE:
            copies.release_sqlite(copies.sqlite_path(place.engine))
        else:
            copies.refuse_others(place.engine)
    except InUse:
        raise DomainError(
            "Hệ thống đang chạy trên cơ sở dữ liệu này: dừng máy chủ và bộ hẹn giờ rồi khôi phục."
        )


def _side_of(place: Place, manifest: Manifest, side: Path) -> Path:
    """Where the database lies until it is put in its place: on the same disk, so that one move is enough."""
    if manifest.database is DatabaseKind.POSTGRESQL:
        return side / "database"
    path = copies.sqlite_path(place.engine)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{_SIDE}{path.name}")


def _sweep(place: Place) -> None:
    """Throw away what a restore laid out and did not put in its place."""
    for left in place.instance.glob(f"{_SIDE}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
    for left in place.instance.glob(f".{JOURNAL}-*"):
        left.unlink(missing_ok=True)
    if copies.kind_of(place.engine) is DatabaseKind.SQLITE:
        path = copies.sqlite_path(place.engine)
        path.with_name(f"{_SIDE}{path.name}").unlink(missing_ok=True)


def _lay_out(place: Place, archive: zipfile.ZipFile, manifest: Manifest, side: Path) -> tuple[str, ...]:
    """Write what belongs to the instance folder; a config.py that is there already is not replaced."""
    skipped = []
    for name in _KEYS:
        (side / name).mkdir(mode=0o700)
    for name in manifest.files:
        if not name.startswith("instance/"):
            continue
        inner = name.removeprefix("instance/")
        if inner == "config.py" and (place.instance / inner).exists():
            skipped.append(inner)
            continue
        target = side / inner
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as out:
            target.chmod(0o644 if inner.startswith("periods/") else 0o600)
            take_out(archive, manifest, name, out)
            vault.flush(out)
    return tuple(skipped)


def _add_papers(place: Place, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Put files that are missing or broken into the store; there a name is the checksum of its content."""
    for name in manifest.files:
        if not name.startswith("papers/"):
            continue
        sha256 = name.rpartition("/")[2]
        target = place.papers / name.removeprefix("papers/")
        if sha256 in manifest.missing or _checksum(target) == sha256:
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, passing = tempfile.mkstemp(dir=place.papers, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as out:
                take_out(archive, manifest, name, out)
                vault.flush(out)
            Path(passing).replace(target)
        finally:
            Path(passing).unlink(missing_ok=True)
        vault.settle(target.parent)


def _checksum(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _moves(place: Place, manifest: Manifest, database: Path, side: Path, mark: str) -> list[_Move]:
    def aside(path: Path) -> Path:
        return path.with_name(f"{path.name}.before-{mark}")

    found = []
    if manifest.database is DatabaseKind.SQLITE:
        path = copies.sqlite_path(place.engine)
        # A log of the old database must never be read into the new one.
        for ending in ("-wal", "-shm"):
            log = path.with_name(path.name + ending)
            if log.exists():
                found.append(_Move(None, log, path.with_name(f"{path.name}.before-{mark}{ending}")))
        found.append(_Move(database, path, aside(path)))
    names = [name for name in (*_KEYS, "secret_key", "config.py") if (side / name).exists()]
    return found + [_Move(side / name, place.instance / name, aside(place.instance / name)) for name in names]


def _swap(place: Place, manifest: Manifest, database: Path, moves: list[_Move], mark: str) -> tuple[str, ...]:
    name = f"before_{mark.replace('-', '_')}" if manifest.database is DatabaseKind.POSTGRESQL else None
    content: dict[str, Any] = {
        "schema": name,
        "moves": [[str(one.new) if one.new else None, str(one.target), str(one.aside)] for one in moves],
    }
    vault.put(place.instance / JOURNAL, json.dumps(content).encode())
    if name is not None:
        try:
            copies.load_postgresql(place.engine, database, name, manifest.tables, place.tools)
        except CopyFailed:
            # A connection may be lost behind the commit as well.
            if not copies.has_schema(place.engine, name):
                _close_journal(place)
                raise
    for move in moves:
        _make(move)
    kept = [str(one.aside) for one in moves if one.aside.exists()]
    if name is not None:
        copies.drop_if_empty(place.engine, name)
        if copies.has_schema(place.engine, name):
            kept.insert(0, f"schema {name}")
        place.engine.dispose()
    _close_journal(place)
    return tuple(kept)


def _make(move: _Move) -> None:
    """One move, made once however often it is asked for."""
    if move.new is not None and not move.new.exists():
        return
    if move.target.exists() and not move.aside.exists():
        move.target.rename(move.aside)
    if move.new is not None:
        move.new.replace(move.target)
    vault.settle(move.target.parent)


def _close_journal(place: Place) -> None:
    (place.instance / JOURNAL).unlink(missing_ok=True)
    vault.settle(place.instance)
