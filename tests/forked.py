"""Processes that are forked from one which has read the program's modules: reading them takes seconds."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import reduction
from pathlib import Path
from typing import Any

#: Whether this system has such processes.
FORKS = "forkserver" in multiprocessing.get_all_start_methods()

#: What commands import when they run.
_COMMANDS = [
    "tthc.app",
    "tthc.web",
    "tthc.jobs",
    "tthc.services.what_if",
    "tthc.cli.serving",
    "tthc.cli.demo",
]


class Forked:
    """A program that runs in such a process; as much of ``subprocess.Popen`` as the tests need."""

    def __init__(
        self,
        run: Callable[[], Any],
        arguments: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        streams: Sequence[Any] = (),
        *,
        spoken_to: bool = False,
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        # Only before the server starts; later calls change nothing.
        context.set_forkserver_preload(["tests.processes", *_COMMANDS])
        self.stdin: Any = None
        self.stdout: Any = None
        self.stderr: Any = None
        with ExitStack() as theirs:
            if not streams:
                self.stdout, out = _pipe()
                if spoken_to:
                    # What goes wrong is said where the tests say it.
                    (given, self.stdin), err = _pipe(), open(2, "wb", closefd=False)  # noqa: SIM115
                else:
                    given, (self.stderr, err) = Path(os.devnull).open("rb"), _pipe()  # noqa: SIM115
                streams = [theirs.enter_context(stream) for stream in (given, out, err)]
            self._process = context.Process(
                target=_command,
                args=(run, list(arguments), str(folder), dict(environ), [_Sent(one) for one in streams]),
                daemon=True,
            )
            self._process.start()

    @property
    def returncode(self) -> int | None:
        """How it ended; ``None`` while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end."""
        self._process.join(timeout)
        if self.returncode is None:
            raise TimeoutError(self._process.name)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self._process.join()


class _Sent:
    """An open file on its way to another process."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __reduce__(self) -> Any:
        return _received, (reduction.DupFd(self._stream.fileno()),)


def _received(sent: Any) -> int:
    number: int = sent.detach()
    return number


def _pipe() -> tuple[Any, Any]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), os.fdopen(writing, "wb")


def _command(
    run: Callable[[], Any], arguments: list[str], folder: str, environ: dict[str, str], streams: list[int]
) -> None:
    """Do what an interpreter does that was just started for a command."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for number, opened in enumerate(streams):
        os.dup2(opened, number)
        os.close(opened)
    # multiprocessing gives its processes an empty standard input of their own.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["", *arguments]
    sys.exit(run())


@dataclass(frozen=True)
class Source:
    """A program as its text."""

    text: str

    def __call__(self) -> None:
        """Run it as Python runs what follows ``-c``."""
        exec(compile(self.text, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
