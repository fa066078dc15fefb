"""Rows of which each holds from its date on until another does, and none is ever overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

_ONE_DAY = timedelta(days=1)


class Dated(Protocol):
    """``valid_from`` ``None``: from the beginning."""

    @property
    def valid_from(self) -> date | None:
        """The first date for which the row holds."""


D = TypeVar("D", bound=Dated)


def held(rows: Sequence[D]) -> list[D]:
    """The rows that hold from some date on, by date.

    All functions here take the rows as they were entered: of one date the last one holds.
    """
    return sorted({row.valid_from: row for row in rows}.values(), key=_first_day)


def in_force(rows: Sequence[D], on: date) -> D | None:
    """The row that holds on a date."""
    found = [row for row in held(rows) if _first_day(row) <= on]
    return found[-1] if found else None


def coming(rows: Sequence[D], today: date) -> list[D]:
    """The rows that will hold after today, by date."""
    return [row for row in held(rows) if _first_day(row) > today]


def replaced(rows: Sequence[D], row: D) -> D | None:
    """What held on the date of a row until that was entered."""
    return in_force(rows[: rows.index(row)], _first_day(row))


def until(rows: Sequence[D], on: date) -> date | None:
    """The last date for which what is entered for a date holds; ``None``: no later row ends it."""
    later = [_first_day(row) for row in rows if _first_day(row) > on]
    return min(later) - _ONE_DAY if later else None


def standing(rows: Sequence[D], row: D, today: date) -> str:
    """What has become of a row, in words."""
    if row not in held(rows):
        return "được thay bằng lần ghi sau cho cùng ngày áp dụng"
    if row is in_force(rows, today):
        return "đang áp dụng"
    if _first_day(row) > today:
        return "sắp áp dụng"
    return f"áp dụng đến hết {until(rows, _first_day(row)):%d/%m/%Y}"


def _first_day(row: Dated) -> date:
    return row.valid_from or date.min
