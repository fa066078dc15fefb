"""The internal workflow of dossiers: their steps, who handed them to whom, and the lists that were signed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Base, Hash, Key, Mapped, mapped_column, text_enum
from tthc.domain.vocabulary import LimitUnit, MoveKind, Role, TransferKind

_OPEN = text("started_at IS NOT NULL AND ended_at IS NULL")


class Step(Base):
    """A step of the internal workflow of one dossier; the open one says where the dossier is."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("dossier_id", "no"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", "ends_after_start"),
        CheckConstraint("started_at IS NULL OR due_on IS NOT NULL", "started_has_due"),
        # A dossier is in one place.
        Index("uq_step_open", "dossier_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_step_open_due", "unit_id", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_step_officer", "officer_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    no: Mapped[int]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(text_enum(Role))
    #: The time it may take, copied from the workflow that held at intake.
    amount: Mapped[int]
    unit: Mapped[LimitUnit] = mapped_column(text_enum(LimitUnit))
    #: What extensions of the dossier added while the step was open (domain/steps.py).
    extension: Mapped[int] = mapped_column(default=0)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    #: The date in force, beside the row in ``due_date`` that it comes from.
    due_at: Mapped[datetime | None]
    due_on: Mapped[date | None]


class StepMove(Base):
    """A hand-over of a dossier within the office (append-only): from which step and person to which."""

    __tablename__ = "step_move"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        CheckConstraint("kind <> 'sent_back' OR note <> ''", "sent_back_has_reason"),
        Index("ix_step_move_transfer", "transfer_id"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    seq: Mapped[int]
    kind: Mapped[MoveKind] = mapped_column(text_enum(MoveKind))
    from_no: Mapped[int | None]
    to_no: Mapped[int | None]
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    #: The date of the step that ended, so that the control sheet can say whether it was kept.
    due_on: Mapped[date | None]
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"))
    #: Moves of one action (all work of an absent person) share it.
    action_id: Mapped[str | None] = mapped_column(String(36))


class Transfer(Base):
    """A list of dossiers handed over between counter and board (danh sách bàn giao), as it was signed."""

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("unit_id", "kind", "year", "no"),
        Index("ix_transfer_made", "unit_id", "made_at"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[TransferKind] = mapped_column(text_enum(TransferKind))
    #: Numbered within the year.
    year: Mapped[int]
    no: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")
    #: What stands on the list, so that it prints again the same.
    data_json: Mapped[dict[str, Any]]
    sha256: Mapped[Hash]


class TransferItem(Base):
    """A dossier on such a list; from where one hand-over had brought it, it stands on one list only."""

    __tablename__ = "transfer_item"
    __table_args__ = (
        UniqueConstraint("move_id"),
        UniqueConstraint("transfer_id", "dossier_id"),
        Index("ix_transfer_item_dossier", "dossier_id", "kind"),
    )

    id: Mapped[Key]
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[TransferKind] = mapped_column(text_enum(TransferKind))
    #: The hand-over, or the receipt, by which it came to where it was taken from.
    move_id: Mapped[int] = mapped_column(ForeignKey("step_move.id"))
