"""The yearly register book: its volumes, and the years that are locked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint

from tthc.db.base import Base, Key, Mapped, mapped_column


class RegisterVolume(Base):
    """A further volume of a year's book (append-only); the first one needs no row."""

    __tablename__ = "register_volume"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "no"),
        CheckConstraint("no > 0 AND first_no > 0", "positive"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    no: Mapped[int]
    #: The number with which it begins: numbers run on from volume to volume.
    first_no: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class RegisterLock(Base):
    """A year whose book takes no further dossier (append-only)."""

    __tablename__ = "register_lock"
    __table_args__ = (
        UniqueConstraint("unit_id", "year"),
        CheckConstraint("last_no >= 0", "last_no"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    #: The last number of the year; 0 where the book stayed empty.
    last_no: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    locked_at: Mapped[datetime]
    locked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
