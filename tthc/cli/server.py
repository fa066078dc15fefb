"""The web server: waitress on a port bound first, ready when it answers, stopped without losing a request."""

from __future__ import annotations

import errno
import http.client
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from waitress import create_server, wasyncore

from tthc.cli import Failure
from tthc.cli.refusals import Channel
from tthc.cli.stopping import StopSignals
from tthc.domain.vocabulary import DomainError

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
#: Running requests are given this many seconds to finish.
GRACE = 20.0
#: A server that does not answer for so long, although it runs, is a failure.
READY_WITHIN = 60.0

_BACKLOG = 1024
# select() on Windows takes 512 sockets.
_CONNECTIONS = 400 if os.name == "nt" else 1000
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound by default

log = logging.getLogger(__name__)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; a busy port is one sentence and nothing else has been touched by then.

    Listening at once, not only binding, is what keeps a second program away from the port on Linux.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise DomainError(f"Không có địa chỉ “{host}”: dùng 127.0.0.1 hoặc địa chỉ của máy này.", "host")
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "nt":
            # There, SO_REUSEADDR would let two servers share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise DomainError(
                f"Máy này không có địa chỉ {host}: dùng 127.0.0.1 hoặc địa chỉ của máy.", "host"
            )
        if error.errno == errno.EADDRINUSE or os.name == "nt":
            raise Failure(f"Cổng {port} đang có chương trình khác dùng: chọn cổng khác bằng --port.")
        raise Failure(f"Không mở được cổng {port} ({error.strerror}): chọn cổng khác bằng --port.")
    return listener


def address_of(listener: socket.socket) -> tuple[str, int]:
    """Host and port under which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    return _WILDCARDS.get(host, host), port


def url_of(listener: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = address_of(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server:
    """Waitress with a loop of our own, because its own one drops running requests when stopped."""

    def __init__(self, app: Flask, listener: socket.socket, stop: StopSignals) -> None:
        # Its warnings about a queue of requests are no news for an office.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, object] = {}
        self._stop = stop
        self._failed = False
        self._address = address_of(listener)
        self._host_header = _host_header(app.config.get("TRUSTED_HOSTS"), *self._address)
        self._server = create_server(
            app,
            map=self._map,
            sockets=[listener],
            threads=THREADS,
            backlog=_BACKLOG,
            connection_limit=_CONNECTIONS,
            # The application answers what is a little too large; what is far beyond is not even kept.
            max_request_body_size=2 * int(app.config["MAX_CONTENT_LENGTH"]) + 1_048_576,
            # With a proxy in front the application itself reads its headers.
            clear_untrusted_proxy_headers=not app.config.get("TRUSTED_PROXIES"),
            ident="",
        )
        self._server.channel_class = Channel

    def run(self, on_ready: Callable[[], None]) -> bool:
        """Serve until asked to stop; ``on_ready`` is called once /healthz answers. False: it never did."""
        self._stop.running(self._server.pull_trigger)
        threading.Thread(target=self._watch, args=(on_ready,), name="readiness", daemon=True).start()
        while not self._stop.asked and not self._failed:
            self._turn(1.0)
        self._finish()
        return not self._failed

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _watch(self, on_ready: Callable[[], None]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._stop.asked:
            if self._answers():
                on_ready()
                return
            if time.monotonic() > deadline:
                log.error("Máy chủ không trả lời /healthz trong %d giây nên dừng lại.", READY_WITHIN)
                self._failed = True
                self._server.pull_trigger()
                return
            time.sleep(0.1)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        try:
            connection.request("GET", "/healthz", headers={"Host": self._host_header})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _finish(self) -> None:
        """Stop accepting, answer what was sent, bounded by :data:`GRACE`."""
        server = self._server
        # Whoever was connected before the request to stop is still served.
        waiting = -1
        while waiting != len(server.active_channels):
            waiting = len(server.active_channels)
            server.handle_accept()
        wasyncore.dispatcher.close(server)
        deadline = time.monotonic() + GRACE
        for _ in range(2):
            self._turn(0)
        while server.active_channels and time.monotonic() < deadline and not self._stop.insisted:
            for channel in list(server.active_channels.values()):
                if not (channel.requests or channel.request or channel.total_outbufs_len):
                    channel.handle_close()
            self._turn(0.05)
        left = 0.0 if self._stop.insisted else max(0.0, deadline - time.monotonic())
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=left)
        server.trigger.close()
        wasyncore.close_all(self._map)


def _host_header(trusted: list[str] | None, host: str, port: int) -> str:
    """The name under which the server may ask itself: with a list of names, the first of them."""
    if trusted:
        return trusted[0].lstrip(".")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
