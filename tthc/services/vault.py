"""What is kept beside the database: the files of closed periods, and the key that signs them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tthc.documents import signatures
from tthc.domain.vocabulary import DomainError

#: Ends the name of a detached signature.
SIGNATURE = ".sig"


@dataclass(frozen=True)
class Vault:
    """The instance folder; ``key_path`` is where the private key lies if it is not below it."""

    folder: Path
    key_path: Path | None = None

    @property
    def key(self) -> Path:
        """The file of the private key."""
        return self.key_path or self.folder / "keys" / "signing.pem"

    @property
    def public(self) -> Path:
        """The file of the public key, beside the private one."""
        return self.key.with_suffix(".pub.pem")

    def private_key(self) -> bytes:
        """The key, made on first use and readable by its owner alone, with its public half beside it."""
        with writing(self.key):
            if not self.key.exists():
                self.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                put(self.key, signatures.new_key(), mode=0o600, over=False)
            private = self.key.read_bytes()
            if not self.public.exists():
                put(self.public, signatures.public_key(private), mode=0o644)
        return private

    def public_key(self) -> bytes:
        """What anybody may have to check a signature."""
        return signatures.public_key(self.private_key())

    def keep(self, path: str, content: bytes) -> None:
        """Write a file and its signature, each whole or not at all, and not before they are on the disk."""
        target = self.folder / path
        signature = signatures.sign(self.private_key(), content)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            put(target, content)
            put(target.with_name(target.name + SIGNATURE), signature)

    def find(self, path: str) -> bytes | None:
        """The content of a file, ``None`` if it is not there."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / path).read_bytes()
        return None


def check_signature(*, content: bytes, signature: bytes, public: bytes) -> tuple[bool, str]:
    """Whether a file is as it was signed, and the fingerprint of the key by which this was found."""
    return signatures.is_signed(public, content, signature), signatures.fingerprint(public)


def put(path: Path, content: bytes, *, mode: int = 0o644, over: bool = True) -> None:
    """Write under another name, then put in place; ``over`` False: whoever came first stays."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            flush(file)
        beside.chmod(mode)
        if over:
            beside.replace(path)
        else:
            try:
                with contextlib.suppress(FileExistsError):
                    os.link(beside, path)
            except OSError:  # a file system without links
                beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    settle(path.parent)


def flush(file: IO[bytes]) -> None:
    """Bring what was written to a file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows does so by itself and has no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk refuses to do with ``path`` into a sentence."""
    try:
        yield
    except OSError as error:
        raise DomainError(
            f"Không ghi được {path.name} vào {path.parent} ({error.strerror}): kiểm tra quyền ghi và dung "
            "lượng đĩa."
        )
