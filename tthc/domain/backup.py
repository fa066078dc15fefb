"""Copies of the whole office: how they are called, what they say of themselves, which are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, LabelledEnum

#: The file in a backup that says what else is in it; written last, so that without it a backup is not whole.
MANIFEST = "manifest.json"
#: Raised when an older program could no longer read what a newer one writes.
FORMAT = 1
#: So many backups made before an upgrade are kept.
KEPT_UPGRADES = 3

_NAME = re.compile(r"tthc-(\d{8}-\d{6})-(daily|manual|upgrade)\.zip", re.ASCII)
_STAMP = "%Y%m%d-%H%M%S"
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TABLE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
#: The only places from which a backup takes files and to which it gives them back.
_PLACES = ("database/", "instance/", "papers/")

_BROKEN = "Tệp không phải là bản sao lưu của hệ thống này, hoặc đã hỏng."


class Cause(LabelledEnum):
    """Why a backup was made."""

    DAILY = "daily", "hằng ngày"
    MANUAL = "manual", "theo lệnh"
    UPGRADE = "upgrade", "trước khi nâng cấp"


class DatabaseKind(LabelledEnum):
    """Which database a backup holds."""

    SQLITE = "sqlite", "SQLite"
    POSTGRESQL = "postgresql", "PostgreSQL"


@dataclass(frozen=True)
class BackupName:
    """What the name of a backup tells."""

    made_at: datetime
    cause: Cause

    def __str__(self) -> str:
        return f"tthc-{stamp(self.made_at)}-{self.cause.value}.zip"


@dataclass(frozen=True)
class Keep:
    """Of the daily backups, for how many days, weeks and months the newest of each is kept."""

    days: int = 7
    weeks: int = 4
    months: int = 6


@dataclass(frozen=True)
class FileEntry:
    """A file in a backup."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; ``missing`` are files of dossiers that the store no longer had."""

    made_at: datetime
    cause: Cause
    program: str
    schema: str
    database: DatabaseKind
    tables: Mapping[str, int]
    files: Mapping[str, FileEntry]
    missing: Sequence[str] = ()

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(file.size for file in self.files.values())

    @property
    def papers(self) -> int:
        """How many files of dossiers there are."""
        return sum(name.startswith("papers/") for name in self.files)

    def as_bytes(self) -> bytes:
        """The content of :data:`MANIFEST`."""
        content = {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "cause": self.cause.value,
            "program": self.program,
            "schema": self.schema,
            "database": self.database.value,
            "tables": dict(self.tables),
            "files": {name: asdict(file) for name, file in self.files.items()},
            "missing": list(self.missing),
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def stamp(moment: datetime) -> str:
    """A moment as names carry it, on the office's clock: ``20240614-093000``."""
    return moment.astimezone(OFFICE_ZONE).strftime(_STAMP)


def read_name(name: str) -> BackupName | None:
    """What the name of a file tells; ``None`` if it is not that of a backup."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        made_at = datetime.strptime(found[1], _STAMP).replace(tzinfo=OFFICE_ZONE)
    except ValueError:
        return None
    return BackupName(made_at.astimezone(UTC), Cause(found[2]))


def read_manifest(content: bytes) -> Manifest:
    """The manifest of a backup; refuses one that is damaged, newer than we are, or names other places."""
    try:
        raw: dict[str, Any] = json.loads(content)
        written = int(raw["format"])
    except (ValueError, KeyError, TypeError):
        raise DomainError(_BROKEN, "file")
    if written > FORMAT:
        raise DomainError(
            "Bản sao lưu do phiên bản mới hơn của chương trình tạo: hãy dùng phiên bản ấy để khôi phục.",
            "file",
        )
    try:
        made = Manifest(
            made_at=datetime.fromisoformat(raw["made_at"]),
            cause=Cause(raw["cause"]),
            program=str(raw["program"]),
            schema=str(raw["schema"]),
            database=DatabaseKind(raw["database"]),
            tables={str(name): int(count) for name, count in raw["tables"].items()},
            files={
                str(name): FileEntry(str(file["sha256"]), int(file["size"]))
                for name, file in raw["files"].items()
            },
            missing=tuple(str(one) for one in raw["missing"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DomainError(_BROKEN, "file")
    if not all(_TABLE.fullmatch(name) for name in made.tables):
        raise DomainError(_BROKEN, "file")
    if not all(_is_ours(name) and _SHA256.fullmatch(file.sha256) for name, file in made.files.items()):
        raise DomainError(_BROKEN, "file")
    return made


def to_drop(names: Iterable[str], keep: Keep) -> list[str]:
    """The backups that are not kept any more; whoever asked for one by hand removes it by hand.

    Of the daily ones the newest of each of the last ``keep.days`` days that have one stays, and likewise of
    weeks (Monday to Sunday) and months. Of those made before an upgrade the newest :data:`KEPT_UPGRADES`.
    """
    found = sorted(
        ((read, name) for name in names if (read := read_name(name))),
        key=lambda pair: (pair[0].made_at, pair[1]),
        reverse=True,
    )
    daily = [
        (read.made_at.astimezone(OFFICE_ZONE), name) for read, name in found if read.cause is Cause.DAILY
    ]
    upgrades = [name for read, name in found if read.cause is Cause.UPGRADE]
    spans: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keep.days, lambda at: at.date()),
        (keep.weeks, lambda at: at.isocalendar()[:2]),
        (keep.months, lambda at: (at.year, at.month)),
    )
    kept: set[str] = set(upgrades[:KEPT_UPGRADES])
    for most, span_of in spans:
        newest: dict[object, str] = {}
        for at, name in daily:
            newest.setdefault(span_of(at), name)
        kept.update([*newest.values()][:most])
    return sorted(name for name in [*(name for _, name in daily), *upgrades] if name not in kept)


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        name.startswith(_PLACES)
        and str(path) == name
        and not path.is_absolute()
        and not {"..", "."} & set(path.parts)
        and not set("\\:\0") & set(name)
    )
