"""The working calendar as a cited record with versions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text

from tthc.db.base import Base, Hash, Key, Mapped, mapped_column, text_enum
from tthc.domain.vocabulary import Confidence, DayKind


class CalendarVersion(Base):
    """One change of the calendar (append-only); due dates remember the version they used."""

    __tablename__ = "calendar_version"

    id: Mapped[Key]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    #: SHA-256 over the days that hold in this version.
    checksum: Mapped[Hash]


class CalendarDayRow(Base):
    """A date that differs from its weekday, from the version that added it to the one that removed it."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        Index(
            "uq_calendar_day_in_force",
            "date",
            unique=True,
            sqlite_where=text("removed_in IS NULL"),
            postgresql_where=text("removed_in IS NULL"),
        ),
        CheckConstraint("removed_in IS NULL OR removed_in > added_in", "order"),
    )

    id: Mapped[Key]
    date: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(text_enum(DayKind))
    name: Mapped[str]
    decision: Mapped[str | None]
    confidence: Mapped[Confidence] = mapped_column(text_enum(Confidence))
    added_in: Mapped[int] = mapped_column(ForeignKey("calendar_version.id"))
    removed_in: Mapped[int | None] = mapped_column(ForeignKey("calendar_version.id"))


class CalendarYear(Base):
    """Whether a whole year of the calendar is confirmed; a year without a row is not covered."""

    __tablename__ = "calendar_year"
    __table_args__ = (UniqueConstraint("year", "calendar_version_id"),)

    id: Mapped[Key]
    year: Mapped[int]
    status: Mapped[Confidence] = mapped_column(text_enum(Confidence))
    calendar_version_id: Mapped[int] = mapped_column(ForeignKey("calendar_version.id"))
