"""Closed periods, their members, and opening balances."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Amount, Base, Hash, Key, Mapped, mapped_column, text_enum
from tthc.domain.vocabulary import CloseState


class PeriodClose(Base):
    """A closing of a period; a reopened one keeps its figures and is followed by the next ``no``."""

    __tablename__ = "period_close"
    __table_args__ = (
        UniqueConstraint("unit_id", "from_on", "no"),
        CheckConstraint("from_on <= to_on", "span"),
        Index(
            "uq_period_close_closed",
            "unit_id",
            "from_on",
            unique=True,
            sqlite_where=text("state = 'closed'"),
            postgresql_where=text("state = 'closed'"),
        ),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    no: Mapped[int]
    state: Mapped[CloseState] = mapped_column(text_enum(CloseState))
    figures_json: Mapped[dict[str, Any]]
    checksum: Mapped[Hash]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(default="")


class PeriodMember(Base):
    """A dossier's place at the start and at the end of a closed period (append-only)."""

    __tablename__ = "period_member"
    __table_args__ = (UniqueConstraint("close_id", "dossier_id", "sector_id", "procedure_id", "adjustment"),)

    id: Mapped[Key]
    close_id: Mapped[int] = mapped_column(ForeignKey("period_close.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    start_class: Mapped[str | None] = mapped_column(String(32))
    end_class: Mapped[str | None] = mapped_column(String(32))
    #: +1 or -1 where the dossier entered or left a row by an adjustment, else 0.
    adjustment: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")


class OpeningBalance(Base):
    """A figure with which the unit began to use the system."""

    __tablename__ = "opening_balance"
    __table_args__ = (UniqueConstraint("unit_id", "on", "what"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    on: Mapped[date]
    what: Mapped[str] = mapped_column(String(64))
    amount: Mapped[Decimal] = mapped_column(Amount())
    note: Mapped[str] = mapped_column(default="")


class Counter(Base):
    """The last number given out of a series; taken with ``UPDATE … RETURNING``."""

    __tablename__ = "counter"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    period_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int]
