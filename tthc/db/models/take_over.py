"""Taking over the numbers of an office that begins in mid-year (tiếp quản số liệu)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Base, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.vocabulary import TakeOverState

_LIVE = text("state <> 'undone'")


class TakeOver(Base):
    """The beginning of the closing chain; its figures are opening balances of the day before."""

    __tablename__ = "take_over"
    __table_args__ = (
        CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL AND undone_at IS NULL)", "confirmed"
        ),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", "undone"),
        CheckConstraint("undone_at IS NULL OR undo_reason <> ''", "undone_why"),
        # One at a time; what was undone stays on record.
        Index("uq_take_over_live", "unit_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: The first day that is counted here; the last paper report ends the day before.
    on: Mapped[date]
    report_no: Mapped[str] = mapped_column(String(120))
    state: Mapped[TakeOverState] = mapped_column(text_enum(TakeOverState))
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undo_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[Version]


class TakeOverItem(Base):
    """A dossier that the paper report counts as pending."""

    __tablename__ = "take_over_item"
    __table_args__ = (UniqueConstraint("take_over_id", "code"),)

    id: Mapped[Key]
    take_over_id: Mapped[int] = mapped_column(ForeignKey("take_over.id"))
    code: Mapped[str] = mapped_column(String(64))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    note: Mapped[str] = mapped_column(default="")
