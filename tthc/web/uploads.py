"""A file that was looked through waits on the server until its sender says that it shall be saved.

What nobody confirms is thrown away by :mod:`tthc.services.clean_up`.
"""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

from flask import current_app

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}")


def _folder() -> Path:
    folder = Path(current_app.config["INSTANCE_PATH"]) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def keep(owner: int, filename: str, content: bytes) -> str:
    """Put a file aside for ``owner`` (an account) and return the word under which it is found again."""
    token = secrets.token_urlsafe(24)
    path = _folder() / token
    path.touch(mode=0o600)
    path.write_bytes(json.dumps([owner, filename]).encode() + b"\n" + content)
    return token


def find(owner: int, token: str) -> tuple[str, bytes] | None:
    """Name and content of a file that ``owner`` put aside; ``None`` if it is gone or not theirs."""
    if not _TOKEN.fullmatch(token):
        return None
    path = _folder() / token
    if not path.is_file():
        return None
    head, _, content = path.read_bytes().partition(b"\n")
    whose, filename = json.loads(head)
    return (filename, content) if whose == owner else None


def drop(token: str) -> None:
    """Throw a file away."""
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)
