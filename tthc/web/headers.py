"""What every answer tells the browser: nothing from elsewhere, nothing inline, nothing kept in a cache."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)

#: A page that shows a file of ours in a frame.
FRAMING = f"{POLICY}; frame-src 'self'"
#: A file that came from outside, shown as it is: it runs nothing, loads nothing, and only we may frame it.
#: A PDF cannot be shown by Chromium in a sandbox; its viewer is one of its own.
FOREIGN = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
SANDBOXED = f"{FOREIGN}; sandbox"

#: A year; a changed file gets another address.
_STATIC_AGE = 365 * 24 * 3600

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


def over_open_network() -> bool:
    """Whether this request came unencrypted from something else than this machine."""
    # Not request.host, which raises for a host that is not trusted.
    host = str(request.environ.get("HTTP_HOST", ""))
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    return not request.is_secure and name not in _LOOPBACK


class CarefulSessions(SecureCookieSessionInterface):
    """Session cookies that travel encrypted only, save on this very machine (setting TTHC_SECURE_COOKIES)."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """The setting, or by default: everywhere but on plain http to this machine."""
        chosen: bool | None = app.config["SECURE_COOKIES"]
        return (request.is_secure or over_open_network()) if chosen is None else chosen


def register(app: Flask) -> None:
    """Set the headers and the cookie rules of ``app``."""
    app.session_interface = CarefulSessions()
    app.config.update(
        SESSION_COOKIE_NAME="tthc_demo" if app.config["DEMO"] else "tthc",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=_STATIC_AGE,
    )
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", _fingerprint(folder / values["filename"]))

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers.setdefault("X-Frame-Options", "DENY")
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = f"max-age={_STATIC_AGE}"
        # Calendar programs ask again and again; theirs says itself how long it may be kept.
        if request.endpoint not in {"static", "feeds.calendar"} or answer.status_code >= 400:
            answer.headers["Cache-Control"] = "no-store"
        return answer


@lru_cache(maxsize=256)
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"
