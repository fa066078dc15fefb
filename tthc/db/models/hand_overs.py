"""Results that were handed over, and reminders to come for one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text

from tthc.db.base import Base, Key, Mapped, mapped_column, text_enum
from tthc.domain.hand_overs import Authorisation, ReceiptReturn, Receiver, ReminderWay
from tthc.domain.vocabulary import Channel


class HandOver(Base):
    """Who took a result and how, beside its event, which holds no personal data.

    A wrong entry stays; a further one corrects it. No trigger refuses changes: retention may blank it.
    """

    __tablename__ = "hand_over"
    __table_args__ = (
        Index("ix_hand_over_dossier", "dossier_id"),
        Index("ix_hand_over_action", "action_id"),
        CheckConstraint("(receiver = 'authorised') = (paper_kind IS NOT NULL)", "authorised_by_paper"),
        CheckConstraint("way <> 'counter' OR identity_checked", "identity"),
        CheckConstraint("(way = 'post') = (tracking_no <> '')", "tracked"),
        CheckConstraint("(receipt = 'lost') = (loss_on IS NOT NULL)", "lost_since"),
        CheckConstraint("fee_left >= 0 AND (fee_left > 0) = (fee_reason <> '')", "fee_left"),
        CheckConstraint("(corrects_id IS NULL) = (reason = '')", "corrected"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    #: Of one act on several dossiers; the same as of their events.
    action_id: Mapped[str] = mapped_column(String(36))
    way: Mapped[Channel] = mapped_column(text_enum(Channel))
    receiver: Mapped[Receiver] = mapped_column(text_enum(Receiver))
    name: Mapped[str]
    id_number: Mapped[str] = mapped_column(String(32))
    identity_checked: Mapped[bool]
    paper_kind: Mapped[Authorisation | None] = mapped_column(text_enum(Authorisation))
    paper_no: Mapped[str] = mapped_column(String(64))
    paper_on: Mapped[date | None]
    receipt: Mapped[ReceiptReturn] = mapped_column(text_enum(ReceiptReturn))
    #: The day of the written declaration.
    loss_on: Mapped[date | None]
    carrier: Mapped[str]
    tracking_no: Mapped[str] = mapped_column(String(40))
    #: What was still to be paid, in đồng, and why the result was handed over all the same.
    fee_left: Mapped[int]
    fee_reason: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("hand_over.id"), unique=True)
    #: Why the entry before was wrong; only of a correction.
    reason: Mapped[str] = mapped_column(default="", server_default="")


class CollectionReminder(Base):
    """An applicant was reminded to come for a result (append-only)."""

    __tablename__ = "collection_reminder"
    __table_args__ = (
        Index("ix_collection_reminder_dossier", "dossier_id", "ended_on"),
        # No mail is sent twice about the same.
        Index(
            "uq_collection_reminder_mail",
            "dossier_id",
            "ended_on",
            "stage",
            unique=True,
            sqlite_where=text("way = 'mail'"),
            postgresql_where=text("way = 'mail'"),
        ),
        CheckConstraint("stage >= 0", "stage"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    #: The day from which the result waits: reopened and ended anew it is another result, and one that the
    #: post brought back waits anew.
    ended_on: Mapped[date]
    #: After how many times the set number of working days; 0: before it.
    stage: Mapped[int]
    way: Mapped[ReminderWay] = mapped_column(text_enum(ReminderWay))
    at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
