"""Office rules by key, each with the date from which it holds."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from tthc.db.queries import rules

T = TypeVar("T")


def get(session: Session, unit_id: int, key: str, on: date, default: T) -> T:
    """The rule ``key`` of a unit on a date, or ``default`` where none was ever set.

    The row keeps ``{"value": …}``. A value of another type than the default is an error of the program that
    wrote it, not of whoever reads.
    """
    kept = rules.setting_on(session, unit_id, key, on)
    if kept is None:
        return default
    value = kept["value"]
    if default is not None and not isinstance(value, type(default)):
        raise TypeError(f"setting {key} holds {type(value).__name__}, not {type(default).__name__}")
    kept_value: T = value
    return kept_value
