"""Closed periods, their members, reports, and opening balances."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Amount, Base, Hash, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.vocabulary import Channel, CloseState, EndKind, ReportKind, ReportState


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
    #: What the supervisor wrote on closing in spite of an open point of the readiness list.
    reason: Mapped[str] = mapped_column(default="")
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reopen_reason: Mapped[str] = mapped_column(default="", server_default="")


class PeriodMember(Base):
    """A dossier's place at the start and at the end of a closed period (append-only).

    The facts are those of its span at the end of the period, so that every cell can be counted and listed
    from here as from the spans; rows with an ``adjustment`` only say what moved and have no place.
    """

    __tablename__ = "period_member"
    __table_args__ = (
        UniqueConstraint("close_id", "dossier_id", "sector_id", "procedure_id", "adjustment"),
        CheckConstraint("(adjustment = 0) = (start_class IS NOT NULL)", "place_or_adjustment"),
        CheckConstraint("(start_class IS NULL) = (end_class IS NULL)", "both_ends"),
    )

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
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    received_on: Mapped[date]
    received_counted_on: Mapped[date]
    ended_on: Mapped[date | None]
    ended_counted_on: Mapped[date | None]
    end_kind: Mapped[EndKind | None] = mapped_column(text_enum(EndKind))
    returned: Mapped[bool]
    waiting: Mapped[bool]
    due_on: Mapped[date]
    first_due_on: Mapped[date]


class Report(Base):
    """A periodic report: drawn up by the scheduler or a person, final with its closed period, then sent.

    A report that was sent is never changed: what comes after is a correction with the next number.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("unit_id", "from_on", "to_on", "correction_no"),
        CheckConstraint("from_on <= to_on", "span"),
        CheckConstraint("correction_no >= 0", "correction_no"),
        CheckConstraint("(state = 'sent') = (sent_on IS NOT NULL)", "sent_has_date"),
        Index("ix_report_to", "unit_id", "to_on"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[ReportKind] = mapped_column(text_enum(ReportKind))
    from_on: Mapped[date]
    to_on: Mapped[date]
    #: 0: the report itself; 1, 2 …: báo cáo đính chính.
    correction_no: Mapped[int] = mapped_column(default=0)
    state: Mapped[ReportState] = mapped_column(text_enum(ReportState))
    figures_json: Mapped[dict[str, Any]]
    readiness_json: Mapped[list[Any]]
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    letter_no: Mapped[str] = mapped_column(String(64), default="")
    signer: Mapped[str] = mapped_column(default="")
    recipient: Mapped[str] = mapped_column(default="")
    send_by_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[Version]


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
