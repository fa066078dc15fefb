"""Where the files of dossiers lie: outside the database, each once under its checksum."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from tthc.documents import file_types
from tthc.domain.attachments import FileType
from tthc.domain.vocabulary import DomainError
from tthc.services import vault

_BLOCK = 256 * 1024
#: How a file is called until it is whole.
_NEW = ".new-"
#: A file that no row names is thrown away after this time; its row is written within seconds.
GRACE = timedelta(days=1)
SCAN_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Received:
    """A file that came in and was looked at, not yet in its place."""

    path: Path
    sha256: str
    size: int
    type: FileType


@dataclass(frozen=True)
class PaperStore:
    """The folder, the largest file in bytes, and the command that looks for viruses (empty: none).

    The command gets the path of the file as its last argument; an exit code other than 0 refuses the file, as
    does a command that cannot be run or takes longer than ``scan_seconds``.
    """

    folder: Path
    max_bytes: int
    scan: Sequence[str] = ()
    scan_seconds: float = SCAN_SECONDS

    def path_of(self, sha256: str) -> Path:
        """Where the content with a checksum lies: two levels of folders, so that none grows large."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO | None:
        """The content, open to be read; ``None`` if it is not there."""
        with contextlib.suppress(FileNotFoundError):
            return self.path_of(sha256).open("rb")
        return None

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""
        return self.path_of(sha256).is_file()

    @contextmanager
    def receiving(self, source: BinaryIO) -> Iterator[Received]:
        """Take a file in under a passing name, which is gone again when the block ends.

        Read in pieces and never further than ``max_bytes``. Raises :class:`DomainError` for what is not
        taken; what it is, is read from its content.
        """
        with vault.writing(self.folder / "tệp"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=_NEW)
        path = Path(name)
        try:
            with vault.writing(path), os.fdopen(handle, "w+b") as file:
                digest, size = self._copy(source, file)
                kind = file_types.type_of(file)
                vault.flush(file)
            self._scan(path)
            yield Received(path, digest, size, kind)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, received: Received) -> None:
        """Put a file in its place; content that is there already is as good, and young again."""
        target = self.path_of(received.sha256)
        with vault.writing(target):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if target.exists():
                os.utime(target)
            else:
                received.path.replace(target)
                vault.settle(target.parent)

    def forgotten(self, before: datetime) -> Iterator[Path]:
        """The files that were put here before a moment, whole or not."""
        if not self.folder.is_dir():
            return
        for pattern in (f"{_NEW}*", "??/??/*"):
            for path in self.folder.glob(pattern):
                if _older(path, before):
                    yield path

    def drop(self, path: Path, before: datetime) -> bool:
        """Throw a file away, unless somebody just brought it once more."""
        if not _older(path, before):
            return False
        path.unlink(missing_ok=True)
        return True

    def _copy(self, source: BinaryIO, file: BinaryIO) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        while block := source.read(_BLOCK):
            size += len(block)
            if size > self.max_bytes:
                raise DomainError(too_large(self.max_bytes), "files")
            digest.update(block)
            file.write(block)
        return digest.hexdigest(), size

    def _scan(self, path: Path) -> None:
        if not self.scan:
            return
        try:
            done = subprocess.run(  # noqa: S603 - the office's own setting
                [*self.scan, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self.scan_seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.error("The virus scan did not run: %s", type(error).__name__)
            raise DomainError(
                "Chưa quét được vi-rút nên chưa nhận tệp: thử lại sau ít phút; nếu vẫn vậy, báo người quản "
                "trị kiểm tra TTHC_SCAN_COMMAND.",
                "files",
            )
        if done.returncode:
            raise DomainError(
                "Chương trình quét vi-rút không cho nhận tệp này: không mở tệp, báo người quản trị.", "files"
            )


def of(settings: Mapping[str, Any]) -> PaperStore:
    """The store of an application, from its settings."""
    return PaperStore(Path(settings["PAPERS"]), settings["MAX_CONTENT_LENGTH"], settings["SCAN_COMMAND"])


def too_large(max_bytes: int) -> str:
    """What is said of a file over the limit."""
    return (
        f"Tệp lớn hơn {max_bytes // (1024 * 1024)} MB nên không được nhận: quét lại với độ phân giải thấp "
        "hơn (200–300 dpi) hoặc chia thành nhiều tệp."
    )


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
