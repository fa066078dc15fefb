"""What a command writes: sentences for people, or nothing but JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import TextIOWrapper
from typing import Any

from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE


@dataclass(frozen=True)
class Output:
    """Where answers go: ``answer`` and ``lines`` to standard output, ``say`` to standard error."""

    as_json: bool

    def answer(self, value: Any, text: str) -> None:
        """The command's result: ``value`` with ``--json``, else ``text``."""
        _write(sys.stdout, dump(value) if self.as_json else text)

    def say(self, text: str) -> None:
        """A message beside the result, for people in either mode."""
        _write(sys.stderr, text)

    def fail(self, message: str, field: str | None) -> None:
        """Why nothing was done, in the shape that the mode asks for."""
        if self.as_json:
            _write(sys.stdout, dump({"error": {"field": field, "message": nfc(message)}}))
        else:
            self.say(message)


def dump(value: Any) -> str:
    """JSON on one line; dates as ISO text, moments with the office's offset."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def office_moment(moment: datetime) -> str:
    """An aware moment as exports give it: ``2025-04-29T17:00:00+07:00``."""
    return moment.astimezone(OFFICE_ZONE).isoformat(timespec="seconds")


def shown_moment(moment: datetime) -> str:
    """An aware moment as people read it: ``29/04/2025 17:00``."""
    return f"{moment.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M}"


def table(
    heads: Sequence[str], rows: Sequence[Sequence[object]], *, right: frozenset[int] = frozenset()
) -> str:
    """Columns under heads, parted by two spaces; ``right`` names the columns of numbers."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; a letter that cannot be written never stops a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return office_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON output")


def _write(stream: Any, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()
