"""The office's own rules, each change dated and none ever overwritten."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, String, Time

from tthc.db.base import Base, Key, Mapped, mapped_column, text_enum
from tthc.domain.vocabulary import DueAtMode


class Setting(Base):
    """An office rule from a date on (append-only); the newest row at or before a date holds."""

    __tablename__ = "setting"

    id: Mapped[Key]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str] = mapped_column(String(64), index=True)
    value_json: Mapped[dict[str, Any]]
    valid_from: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class DuePolicyRow(Base):
    """Working hours and counting settings for dossiers received from a date on (append-only)."""

    __tablename__ = "due_policy"

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    #: ``[["07:30", "11:30"], ["13:30", "17:00"]]``
    hours_json: Mapped[list[Any]]
    cutoff: Mapped[time | None] = mapped_column(Time())
    shift_after_hours: Mapped[bool]
    due_at_mode: Mapped[DueAtMode] = mapped_column(text_enum(DueAtMode))
    count_worked_saturday: Mapped[bool]
    valid_from: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
