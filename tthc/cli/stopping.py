"""What a running program does when it is asked to stop: SIGTERM, Ctrl+C, and Ctrl+Break on Windows."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType


class StopSignals:
    """Counts the requests to stop.

    Until :meth:`running` is called the program is still setting up and ends at once, with code 0: what was
    being written is rolled back. From then on the request is only noted, and the program ends in order.
    """

    def __init__(self) -> None:
        self.count = 0
        self._wake: Callable[[], None] | None = None

    @property
    def asked(self) -> bool:
        """Whether the program should stop."""
        return self.count > 0

    @property
    def insisted(self) -> bool:
        """Whether it was asked again while it was stopping."""
        return self.count > 1

    def install(self) -> StopSignals:
        """Take over the signals; only the main thread may."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._note)
        return self

    def running(self, wake: Callable[[], None]) -> None:
        """From now on note the request and call ``wake``, which must be safe in a signal handler."""
        self._wake = wake

    def wait(self, seconds_between_looks: float = 0.25) -> None:
        """Sleep until asked to stop."""
        self.running(lambda: None)
        # Waiting on an Event could deadlock with its own setting from a signal handler.
        while not self.asked:
            time.sleep(seconds_between_looks)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self._wake is None:
            raise SystemExit(0)
        self._wake()
