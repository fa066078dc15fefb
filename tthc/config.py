"""Process settings: environment over instance/config.py over defaults; nonsense is refused with a sentence.

Office rules that change by date (hours, limits, unit) are not here but in the database.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tthc.domain.backup import Keep
from tthc.domain.outbox import mail_server, webhook
from tthc.domain.vocabulary import DomainError

PACKAGE = Path(__file__).resolve().parent

#: A shorter key can be guessed, and with it every session can be forged.
SECRET_KEY_LENGTH = 16


class SettingsError(DomainError):
    """A setting has a value that the program cannot work with; ``field`` names the setting."""


def load(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All settings for :func:`tthc.app.create_app`.

    ``given`` (keys of ``app.config``) stands above ``environ`` (default: the process environment), which
    stands above ``instance/config.py``. Creates the instance folder and, if none is given, the secret key.
    """
    given = dict(given or {})
    environ = os.environ if environ is None else environ
    instance = instance_path(given, environ)
    known = _Sources(_read_file(instance / "config.py"), environ)
    url = given.get("SQLALCHEMY_DATABASE_URI") or known.text("TTHC_DATABASE_URL")
    values: dict[str, Any] = {
        "INSTANCE_PATH": str(instance),
        "SQLALCHEMY_DATABASE_URI": database_url(url or f"sqlite:///{instance / 'tthc.db'}"),
        "SECRET_KEY": given.get("SECRET_KEY") or known.text("TTHC_SECRET_KEY") or _kept_key(instance),
        "SECURE_COOKIES": known.choice("TTHC_SECURE_COOKIES", "auto", {"auto": None, "1": True, "0": False}),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=known.whole("TTHC_SESSION_HOURS", 10, 1, 24 * 7)),
        "MAX_CONTENT_LENGTH": known.whole("TTHC_UPLOAD_MB", 20, 1, 500) * 1024 * 1024,
        "PAPERS": str(Path(known.text("TTHC_PAPERS") or instance / "papers").expanduser().resolve()),
        "BACKUP_DIR": str(Path(known.text("TTHC_BACKUP_DIR") or instance / "backups").expanduser().resolve()),
        "BACKUP_KEEP": Keep(*known.wholes("TTHC_BACKUP_KEEP", "7,4,6", 3)),
        "PG_BIN": known.text("TTHC_PG_BIN") or None,
        "SCAN_COMMAND": known.command("TTHC_SCAN_COMMAND"),
        "TRUSTED_PROXIES": known.whole("TTHC_TRUSTED_PROXIES", 0, 0, 5),
        "TRUSTED_HOSTS": known.names("TTHC_ALLOWED_HOSTS"),
        "SIGNING_KEY": known.text("TTHC_SIGNING_KEY") or None,
        "ACCESS_LOG_SECONDS": known.whole("TTHC_ACCESS_LOG_SECONDS", 3, 0, 60),
        "METRICS_TOKEN": known.text("TTHC_METRICS_TOKEN") or None,
        "LEASE_SECONDS": known.whole("TTHC_LEASE_SECONDS", 40, 1, 600),
        "SWEEP_AT": known.clock("TTHC_SWEEP_AT", "06:30"),
        "MAIL_SERVER": known.outgoing(mail_server, "TTHC_SMTP_URL", "TTHC_MAIL_FROM"),
        "WEBHOOK": known.outgoing(webhook, "TTHC_WEBHOOK_URL", "TTHC_WEBHOOK_SECRET"),
        "CLOCK": _machine_clock,
        "MACHINE_CLOCK": _machine_clock,
        "DEMO": False,
    }
    values.update({key: value for key, value in given.items() if key not in values or value is not None})
    values["SQLALCHEMY_DATABASE_URI"] = database_url(values["SQLALCHEMY_DATABASE_URI"])
    values["INSTANCE_PATH"] = str(instance)
    if len(values["SECRET_KEY"]) < SECRET_KEY_LENGTH:
        raise SettingsError(
            f"TTHC_SECRET_KEY phải có ít nhất {SECRET_KEY_LENGTH} ký tự; bỏ trống để hệ thống tự tạo khóa.",
            "TTHC_SECRET_KEY",
        )
    return values


def database_url(text: str) -> str:
    """``text`` as SQLAlchemy needs it, PostgreSQL through psycopg 3; only the two databases are taken."""
    for short in ("postgres://", "postgresql://"):
        if text.startswith(short):
            text = "postgresql+psycopg://" + text.removeprefix(short)
    try:
        backend = make_url(text).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in {"sqlite", "postgresql"}:
        raise SettingsError(
            "TTHC_DATABASE_URL không dùng được: nhập dạng sqlite:////đường/dẫn/tthc.db "
            "hoặc postgresql://tài_khoản:mật_khẩu@máy_chủ/tên_cơ_sở_dữ_liệu.",
            "TTHC_DATABASE_URL",
        )
    return text


def _machine_clock() -> datetime:
    return datetime.now(UTC)


def instance_path(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The folder of databases, keys and config.py: beside pyproject.toml, or in the current folder."""
    environ = os.environ if environ is None else environ
    text = (given or {}).get("INSTANCE_PATH") or environ.get("TTHC_INSTANCE")
    root = PACKAGE.parent
    home = root if (root / "pyproject.toml").is_file() else Path.cwd()
    path = Path(text).expanduser().resolve() if text else home / "instance"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"Không tạo được thư mục {path} ({error.strerror}); đặt TTHC_INSTANCE là thư mục ghi được.",
            "TTHC_INSTANCE",
        )
    return path


def _read_file(path: Path) -> dict[str, Any]:
    """The capital names of instance/config.py, which is Python, as Flask reads it."""
    if not path.is_file():
        return {}
    names: dict[str, Any] = {}
    try:
        exec(compile(path.read_text("utf-8"), str(path), "exec"), names)  # noqa: S102 - the office's own file
    except Exception as error:  # noqa: BLE001 - whatever is wrong in it, the reader needs one sentence
        raise SettingsError(f"Tệp {path} có lỗi: {error}. Sửa tệp rồi chạy lại.", "TTHC_INSTANCE")
    return {name: value for name, value in names.items() if name.isupper()}


def _kept_key(instance: Path) -> str:
    """The secret key of this instance, made once; readable by its owner alone.

    The key is written to a file of its own and linked into place, so that of two processes that start at
    once both use the key of the first, and none ever reads half a key.
    """
    path = instance / "secret_key"
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=instance, prefix=".secret_key-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        Path(name).chmod(0o600)
        try:
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
        except OSError:  # a file system without links
            Path(name).replace(path)
        Path(name).unlink(missing_ok=True)
    return path.read_text("ascii").strip()


class _Sources:
    """Settings by name, from the environment or else from instance/config.py."""

    def __init__(self, file: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ

    def text(self, name: str) -> str:
        """The setting as text, empty if it is not there."""
        value = self._environ.get(name)
        if value is None:
            value = self._file.get(name, "")
        return ",".join(value) if isinstance(value, list | tuple) else str(value).strip()

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """The setting as a whole number within its bounds."""
        text = self.text(name) or str(default)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise SettingsError(f"{name} phải là số nguyên từ {least} đến {most}, không phải “{text}”.", name)
        return int(text)

    def wholes(self, name: str, default: str, most: int) -> list[int]:
        """The setting as up to ``most`` whole numbers parted by commas; what is left out is 0."""
        parts = [part.strip() for part in (self.text(name) or default).split(",")]
        if (
            len(parts) > most
            or not all(part.isascii() and part.isdigit() and int(part) <= 1000 for part in parts)
            or int(parts[0]) == 0
        ):
            raise SettingsError(
                f"{name} phải là các số nguyên cách nhau bằng dấu phẩy, dạng {default}.", name
            )
        return [int(part) for part in parts] + [0] * (most - len(parts))

    def choice(self, name: str, default: str, values: Mapping[str, Any]) -> Any:
        """The setting as one of a few words."""
        text = self.text(name) or default
        if text not in values:
            raise SettingsError(f"{name} chỉ nhận một trong các giá trị: {', '.join(values)}.", name)
        return values[text]

    def clock(self, name: str, default: str) -> time:
        """The setting as a time of day, ``06:30``."""
        text = self.text(name) or default
        try:
            return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).time()
        except ValueError:
            raise SettingsError(f"{name} phải là giờ và phút dạng 06:30, không phải “{text}”.", name)

    def command(self, name: str) -> list[str]:
        """The setting as a command with its arguments, quoted as in a shell; none if it is empty."""
        text = self.text(name)
        try:
            # On Windows a path has backslashes, which would be eaten.
            return [part.strip('"') for part in shlex.split(text, posix=os.name != "nt")]
        except ValueError:
            raise SettingsError(f"{name} thiếu dấu nháy đóng: “{text}”.", name)

    def outgoing(self, kind: Callable[[str, str], Any], where: str, whose: str) -> Any:
        """Where messages go, of two settings; ``None`` if they are empty."""
        try:
            return kind(self.text(where), self.text(whose))
        except DomainError as refusal:
            raise SettingsError(refusal.message, refusal.field)

    def names(self, name: str) -> list[str] | None:
        """The setting as a list of names parted by commas; ``None`` if it is empty."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or None
