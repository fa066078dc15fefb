"""The program as other people run it: processes on a database of their own, spoken to over pipes and HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.forked import FORKS, Forked, Source

PROGRAM = [sys.executable, "-m", "tthc.cli"]
#: The machine of a test run is busy; whoever waits longer than this waits for ever.
PATIENCE = 90.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value and nothing else."""
        return json.loads(self.out)


@dataclass
class Office:
    """A place with an instance folder and a database, where commands are run."""

    folder: Path
    url: str | None = None
    environ: dict[str, str] = field(default_factory=dict)
    #: Whether commands start an interpreter as a terminal does, and not from one that has read the program.
    cold: bool = False

    @property
    def instance(self) -> Path:
        """The folder of TTHC_INSTANCE."""
        return self.folder / "instance"

    def environment(self) -> dict[str, str]:
        """The caller's environment without what would bend the program."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTHC_", "FLASK_"))}
        kept["TTHC_INSTANCE"] = str(self.instance)
        if self.url is not None:
            kept["TTHC_DATABASE_URL"] = self.url
        return kept | self.environ

    def tthc(self, *arguments: str, stdin: str | bytes = b"") -> Done:
        """Run a command to its end, in a process of its own."""
        environ = self.environment()
        given = stdin.encode() if isinstance(stdin, str) else stdin
        if self._forks:
            return forked(_program, arguments, self.folder, environ, given)
        done = subprocess.run(
            [*PROGRAM, *arguments],
            input=given,
            capture_output=True,
            cwd=self.folder,
            env=environ,
            timeout=PATIENCE,
        )
        return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def start(self, *arguments: str) -> Running:
        """Start a command that goes on."""
        if self._forks:
            return Running(Forked(_program, arguments, self.folder, self.environment()))
        return Running(
            subprocess.Popen(
                [*PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=self.environment(),
            )
        )

    def serve(self, *arguments: str) -> Running:
        """Start the server on a free port and wait until it is ready."""
        running = self.start("serve", "--port", "0", *arguments)
        running.wait_for("SẴN SÀNG http")
        return running

    @property
    def _forks(self) -> bool:
        # What Python itself is told counts only when an interpreter starts.
        told = any(name.startswith(("PYTHON", "LC_")) for name in self.environ)
        return FORKS and not told and not self.cold


def run_source(source: str, *arguments: str) -> Done:
    """Run a program in a process of its own, from the folder of the project, to its end."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    if FORKS:
        return forked(Source(source), arguments, ROOT, environ, b"")
    done = subprocess.run(
        [sys.executable, "-c", source, *arguments],
        capture_output=True,
        cwd=ROOT,
        env=environ,
        timeout=PATIENCE,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def start_source(source: str, *arguments: str) -> Forked | subprocess.Popen[bytes]:
    """Start a program in the same way; it is spoken to over its standard input and output."""
    if FORKS:
        return Forked(Source(source), arguments, ROOT, os.environ, spoken_to=True)
    command = [sys.executable, "-c", source, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)


def _program() -> int:
    from tthc.cli import main

    return main()


def forked(
    run: Callable[[], Any], arguments: Sequence[str], folder: Path, environ: Mapping[str, str], stdin: bytes
) -> Done:
    """Run a program to its end in a process forked from one that has read the program's modules."""
    with ExitStack() as opened:
        streams = [opened.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(stdin)
        streams[0].seek(0)
        process = Forked(run, arguments, folder, environ, streams)
        try:
            code = process.wait(PATIENCE)
        except TimeoutError:
            process.kill()
            raise
        for stream in streams[1:]:
            stream.seek(0)
        out, err = (stream.read().decode("utf-8") for stream in streams[1:])
        return Done(code, out, err)


class Running:
    """A process whose output is read as it comes."""

    def __init__(self, process: subprocess.Popen[bytes] | Forked) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        with stream:
            lines.extend(iter(lambda: stream.readline().decode("utf-8").rstrip("\r\n"), ""))

    @property
    def url(self) -> str:
        """The address that the server printed."""
        ready = [line for line in self.lines if line.startswith("SẴN SÀNG ")]
        assert len(ready) == 1, self.lines
        return ready[0].removeprefix("SẴN SÀNG ")

    @property
    def trouble(self) -> list[str]:
        """Standard error without the warnings of the log, which depend on the day of the run."""
        return [line for line in self.errors if " WARNING tthc." not in line]

    def wait_for(self, beginning: str) -> None:
        """Wait for a line on either stream."""
        deadline = time.monotonic() + PATIENCE
        while not any(line.startswith(beginning) for line in [*self.lines, *self.errors]):
            ended = self.process.poll() is not None
            assert not ended, f"ended with {self.process.returncode}: {self.lines} {self.errors}"
            assert time.monotonic() < deadline, f"no “{beginning}” in {self.lines} {self.errors}"
            time.sleep(0.02)

    def ask_to_stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def stop(self) -> int:
        """Ask to stop, and wait."""
        self.ask_to_stop()
        return self.end()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        self.end()


class Browser:
    """As much of a browser as forms need: cookies, hidden fields, no redirects followed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, Location and body of a page."""
        return self._send("GET", path, None)

    def post(self, path: str, values: dict[str, str]) -> tuple[int, str, str]:
        """Send a form; its hidden token comes from the page at the same path."""
        return self._send("POST", path, urlencode(values))

    def sign_in(self, name: str, password: str) -> None:
        """Sign in through the form."""
        _, _, page = self.get("/dang-nhap")
        fields = hidden_fields(page) | {"name": name, "password": password}
        status, location, body = self.post("/dang-nhap", fields)
        assert status in {302, 303}, body[-2000:]
        assert "dang-nhap" not in location

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8")
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), text


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page, the token against forged requests among them."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden" and "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    return found
