"""Dates and cells of a register file as people and systems write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from tthc.documents.sheets import Cell
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?")


@dataclass(frozen=True)
class Moment:
    """A moment of a file; without a time it is the beginning of a local day, and ``timed`` is false.

    Midnight to the second counts as "no time": so sheets and other systems write a bare date.
    """

    at: datetime
    timed: bool

    @property
    def on(self) -> date:
        """The office's date."""
        return self.at.astimezone(OFFICE_ZONE).date()

    def later_than(self, other: Moment) -> bool:
        """Whether this is after ``other``; by date alone where one of them has no time."""
        return self.at > other.at if self.timed and other.timed else self.on > other.on

    def after(self, floor: datetime) -> datetime:
        """The instant to record: a bare date on the day of ``floor`` is taken to be at ``floor``."""
        return max(self.at, floor) if not self.timed and self.on == _office_date(floor) else self.at

    def is_same(self, stored: datetime) -> bool:
        """Whether a stored instant is this moment, to the second or, for a bare date, to the day."""
        if not self.timed:
            return _office_date(stored) == self.on
        return stored.replace(microsecond=0) == self.at

    @property
    def label(self) -> str:
        """As people read it."""
        return f"{self.at.astimezone(OFFICE_ZONE):{'%d/%m/%Y %H:%M:%S' if self.timed else '%d/%m/%Y'}}"


def read_moment(cell: Cell) -> Moment | None:
    """A moment as files write it, in office time unless it names a zone; ``None`` if it is none.

    ``yyyyMMddHHmmss``, ``yyyyMMdd``, ``dd/mm/yyyy[ HH:MM[:SS]]``, ISO 8601, or a real date of a sheet.
    """
    try:
        if isinstance(cell, datetime):
            return _moment(cell)
        if isinstance(cell, date):
            return _moment(datetime.combine(cell, time()))
        text = squeeze(plain(cell))
        if re.fullmatch(r"\d{14}|\d{12}|\d{8}", text):
            padded = text.ljust(14, "0")
            numbers = [int(padded[:4]), *(int(padded[i : i + 2]) for i in range(4, 14, 2))]
            return _moment(datetime(*numbers))  # type: ignore[arg-type]  # noqa: DTZ001
        if match := _DAY_FIRST.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            return _moment(datetime(year, month, day, hour, minute, second))  # noqa: DTZ001
        if _ISO.fullmatch(text):
            return _moment(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
    return None


def _moment(value: datetime) -> Moment:
    aware = value.replace(tzinfo=OFFICE_ZONE) if value.tzinfo is None else value.astimezone(OFFICE_ZONE)
    aware = aware.replace(microsecond=0)
    return Moment(aware, timed=aware.time() != time())


def _office_date(moment: datetime) -> date:
    return moment.astimezone(OFFICE_ZONE).date()


def plain(cell: Cell) -> str:
    """A cell as text: a number as its digits, a moment as people read it."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.10f}".rstrip("0")
    return str(cell) if not isinstance(cell, datetime) else f"{cell:%d/%m/%Y %H:%M:%S}"
