"""The same through the server that an office runs: a request over TCP, in a process of its own."""

from __future__ import annotations

import http.client
import multiprocessing
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import waitress
from bench_build import database_of, open_app
from bench_floors import Floors
from flask import Flask

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What a server answered, to be asked as the answer of a test client is."""

    status_code: int
    location: str
    body: bytes

    def get_data(self, *, as_text: bool) -> str | bytes:
        """The page."""
        return self.body.decode() if as_text else self.body


class Visitor:
    """A browser without a window: one connection that stays open, and the cookies that it was given."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path)

    def post(self, path: str, data: Mapping[str, object] | None = None) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(data or {}))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {} if body is None else {"Content-Type": _FORM}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        for line in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, answer.headers.get("Location", ""), answer.read())


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Visitor, Visitor]]:
    """A visitor of the program on an office, and one of the bare program beside it, until the block ends."""
    context = multiprocessing.get_context("spawn")
    processes, visitors = [], []
    for make in (open_app, _bare):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            process = context.Process(target=_serve, args=(make, folder, listener), daemon=True)
            process.start()
            processes.append(process)
            visitors.append(Visitor(listener.getsockname()[1]))
    try:
        yield visitors[0], visitors[1]
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _bare(folder: Path) -> Flask:
    return Floors(database_of(folder)).app


def _serve(make: Callable[[Path], Flask], folder: Path, listener: socket.socket) -> None:
    waitress.serve(make(folder), sockets=[listener], threads=4)
