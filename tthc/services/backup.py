"""Backups: database, files of dossiers, signed periods and keys in one archive that can be checked."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tthc.db import copies
from tthc.db.copies import CopyFailed
from tthc.domain.backup import (
    MANIFEST,
    BackupName,
    Cause,
    DatabaseKind,
    FileEntry,
    Keep,
    Manifest,
    read_manifest,
    read_name,
    to_drop,
)
from tthc.domain.vocabulary import DomainError
from tthc.services import vault

JOB = "backup"
#: Where the copy of the database lies in an archive.
DATABASE = {DatabaseKind.SQLITE: "database/tthc.db", DatabaseKind.POSTGRESQL: "database/tthc.pgdump"}
#: What an archive takes of the instance folder; everything else there is passing, or kept elsewhere in it.
INSTANCE = ("secret_key", "config.py", "keys", "periods")
#: What is being written lies under such a name until it is whole.
_PART = ".part-"
#: Left behind by a process that was killed; no backup takes so long.
_FORGOTTEN = timedelta(hours=12)
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """An office on this machine: its database, its folders, where its backups go.

    ``tools`` is the folder of PostgreSQL's programs, ``None``: as the system finds them.
    """

    engine: Engine
    instance: Path
    papers: Path
    folder: Path
    tools: Path | None = None


@dataclass(frozen=True)
class Made:
    """A backup that was made, and the older ones that were dropped for it."""

    path: Path
    size: int
    manifest: Manifest
    dropped: tuple[str, ...]

    def counts(self) -> dict[str, Any]:
        """By the names under which it is put on record; ``failed``: files of dossiers that were not there."""
        return {
            "file": self.path.name,
            "size": self.size,
            "rows": sum(self.manifest.tables.values()),
            "papers": self.manifest.papers,
            "dropped": len(self.dropped),
            "failed": len(self.manifest.missing),
        }


@dataclass(frozen=True)
class Kept:
    """A backup in the folder."""

    path: Path
    name: BackupName
    size: int


def place_of(settings: Mapping[str, Any], session: Session) -> Place:
    """The place of an application, from its settings and a session on its database."""
    tools = settings["PG_BIN"]
    return Place(
        session.get_bind().engine,
        Path(settings["INSTANCE_PATH"]),
        Path(settings["PAPERS"]),
        Path(settings["BACKUP_DIR"]),
        Path(tools) if tools else None,
    )


class BackupFailed(DomainError):
    """The disk or the database refused; nothing that looks like a backup was left."""


def make_backup(place: Place, *, machine_now: datetime, cause: Cause, program: str, keep: Keep) -> Made:
    """Copy the office into one archive while people go on working, then drop what is not kept any more.

    The database comes first: a file that was attached later is not asked for. The archive gets its name when
    it is whole and on the disk; a process that dies leaves nothing that looks like a backup. Raises
    :class:`BackupFailed`.
    """
    try:
        return _make(place, machine_now, cause, program, keep)
    except DomainError as error:
        raise BackupFailed(error.message, error.field)


def _make(place: Place, machine_now: datetime, cause: Cause, program: str, keep: Keep) -> Made:
    name = str(BackupName(machine_now, cause))
    target = place.folder / name
    with in_words(target):
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for top in (place.folder, place.instance):
            _sweep(top, machine_now)
        scratch = Path(tempfile.mkdtemp(dir=place.folder, prefix=_PART))
        try:
            kind = copies.kind_of(place.engine)
            copy = scratch / "database"
            contents = copies.copy_out(place.engine, copy, place.tools)
            part = scratch / name
            with part.open("xb") as file:
                part.chmod(0o600)
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                    files = {DATABASE[kind]: _add(archive, DATABASE[kind], copy, zipfile.ZIP_DEFLATED)}
                    copy.unlink()
                    for inner, path in _instance_files(place.instance):
                        files[inner] = _add(archive, inner, path, zipfile.ZIP_DEFLATED)
                    missing = []
                    for sha256 in sorted(contents.papers):
                        inner = f"papers/{sha256[:2]}/{sha256[2:4]}/{sha256}"
                        entry = _add_paper(archive, inner, place.papers / inner.removeprefix("papers/"))
                        if entry is None or entry.sha256 != sha256:
                            missing.append(sha256)
                        if entry is not None:
                            files[inner] = entry
                    manifest = Manifest(
                        made_at=machine_now,
                        cause=cause,
                        program=program,
                        schema=contents.schema,
                        database=kind,
                        tables=contents.tables,
                        files=files,
                        missing=tuple(missing),
                    )
                    archive.writestr(MANIFEST, manifest.as_bytes())
                vault.flush(file)
            part.replace(target)
            vault.settle(place.folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return Made(target, target.stat().st_size, manifest, _rotate(place.folder, keep))


def list_backups(folder: Path) -> list[Kept]:
    """The backups in a folder, newest first."""
    paths = folder.iterdir() if folder.is_dir() else ()
    found = [Kept(path, name, path.stat().st_size) for path in paths if (name := read_name(path.name))]
    return sorted(found, key=lambda one: (one.name.made_at, one.path.name), reverse=True)


def verify_backup(path: Path, *, place: Place) -> Manifest:
    """Check an archive from end to end: it is whole, every file is as it was written, the database opens."""
    with opened(path) as (archive, manifest), in_words(place.instance / "tệp"):
        scratch = Path(tempfile.mkdtemp(dir=place.instance, prefix=_PART))
        try:
            check_files(archive, manifest, place=place, scratch=scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return manifest


def check_files(archive: zipfile.ZipFile, manifest: Manifest, *, place: Place, scratch: Path) -> None:
    """The same for an archive that is open; the database is taken out into a passing folder."""
    for name in manifest.files:
        if name != DATABASE[manifest.database]:
            take_out(archive, manifest, name, None)
            continue
        copy = scratch / "database"
        with copy.open("xb") as out:
            take_out(archive, manifest, name, out)
        check_database(place, copy, manifest)
        copy.unlink()


def check_database(place: Place, copy: Path, manifest: Manifest) -> None:
    """Refuse a copy of the database that is broken or not what the manifest says."""
    if manifest.database is DatabaseKind.SQLITE:
        found = copies.check_sqlite(copy)
        if (found.schema, dict(found.tables)) != (manifest.schema, dict(manifest.tables)):
            raise DomainError("Cơ sở dữ liệu trong bản sao lưu không khớp với bản kê kèm theo.", "file")
    elif copies.kind_of(place.engine) is DatabaseKind.POSTGRESQL:
        copies.check_postgresql(copy, place.tools)


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An archive with its manifest, which names exactly what is in it."""
    with in_words(path), path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
            if archive.getinfo(MANIFEST).file_size > 1024 * 1024 * 1024:
                raise zipfile.BadZipFile
            manifest = read_manifest(archive.read(MANIFEST))
        except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError):
            raise DomainError("Tệp không phải là bản sao lưu, hoặc bị cắt cụt khi chép.", "file")
        names = [info.filename for info in archive.infolist() if info.filename != MANIFEST]
        if sorted(names) != sorted(manifest.files) or DATABASE[manifest.database] not in manifest.files:
            raise DomainError("Bản sao lưu thiếu tệp hoặc có tệp lạ so với bản kê kèm theo.", "file")
        yield archive, manifest


def take_out(archive: zipfile.ZipFile, manifest: Manifest, name: str, out: IO[bytes] | None) -> None:
    """Write a file of an archive to ``out`` if it is as the manifest says; ``None``: only look."""
    entry = manifest.files[name]
    try:
        with archive.open(name) as source:
            found = _copy(source, out, most=entry.size + 1)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error):
        found = None
    if found != entry:
        raise DomainError(
            f"Tệp {name} trong bản sao lưu đã bị thay đổi hoặc hỏng: dùng bản sao lưu khác.", "file"
        )


def _copy(source: IO[bytes], out: IO[bytes] | None, most: int | None = None) -> FileEntry:
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        size += len(block)
        digest.update(block)
        if out is not None:
            out.write(block)
        if most is not None and size >= most:
            break
    return FileEntry(digest.hexdigest(), size)


def _add(archive: zipfile.ZipFile, name: str, path: Path, compression: int) -> FileEntry:
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = compression
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
        return _copy(source, out)


def _add_paper(archive: zipfile.ZipFile, name: str, path: Path) -> FileEntry | None:
    # Scans are compressed already.
    try:
        return _add(archive, name, path, zipfile.ZIP_STORED)
    except FileNotFoundError:
        return None


def _instance_files(instance: Path) -> Iterator[tuple[str, Path]]:
    for name in INSTANCE:
        top = instance / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")) if top.is_dir() else []:
            # What begins with a dot is being written.
            if path.is_file() and not path.name.startswith("."):
                inner = PurePosixPath("instance", *path.relative_to(instance).parts)
                yield str(inner), path


def _rotate(folder: Path, keep: Keep) -> tuple[str, ...]:
    names = to_drop([one.path.name for one in list_backups(folder)], keep)
    for name in names:
        (folder / name).unlink(missing_ok=True)
    return tuple(names)


def _sweep(folder: Path, machine_now: datetime) -> None:
    limit = (machine_now - _FORGOTTEN).timestamp()
    for path in folder.glob(f"{_PART}*"):
        if path.is_dir() and path.stat().st_mtime < limit:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what the disk or the database refuses to do with ``path`` into a sentence."""
    try:
        with vault.writing(path):
            yield
    except CopyFailed as error:
        raise DomainError(str(error))
