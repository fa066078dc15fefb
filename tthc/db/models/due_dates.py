"""Due dates as computed, and what moves them: supplements, pauses, extensions, consultations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint

from tthc.db.base import Base, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.vocabulary import DueCause, SubjectKind, SupplementMode


class DueDateRow(Base):
    """A due date as it was computed once (append-only); every earlier promise stays on record."""

    __tablename__ = "due_date"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "no"),)

    id: Mapped[Key]
    subject_kind: Mapped[SubjectKind] = mapped_column(text_enum(SubjectKind))
    subject_id: Mapped[int]
    no: Mapped[int]
    due_at: Mapped[datetime]
    due_on: Mapped[date]
    cause: Mapped[DueCause] = mapped_column(text_enum(DueCause))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    #: What the rules give; differs from ``due_at`` only for an imported appointment.
    computed_due_at: Mapped[datetime | None]
    calendar_version_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_version.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("due_policy.id"))
    provisional: Mapped[bool]
    #: Kept only where the explanation cannot be computed again from the rows above.
    explain_json: Mapped[list[Any] | None]
    #: When it was entered, of the date of a step: no event of the dossier need stand behind it.
    recorded_at: Mapped[datetime | None]


class Supplement(Base):
    """A request to supplement a dossier and its answer."""

    __tablename__ = "supplement"
    __table_args__ = (Index("ix_supplement_dossier", "dossier_id"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    opened_event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    closed_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    mode: Mapped[SupplementMode] = mapped_column(text_enum(SupplementMode))
    #: What is missing, one paper a line; printed on form 02.
    missing: Mapped[str]
    #: Until when its answer is waited for before somebody looks again; none where a file brought the request.
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    version: Mapped[Version]


class PauseRow(Base):
    """A pause with its legal basis."""

    __tablename__ = "pause"
    __table_args__ = (Index("ix_pause_dossier", "dossier_id"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    opened_event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    closed_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    legal_basis: Mapped[str]
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    version: Mapped[Version]


class Extension(Base):
    """A new appointment, proposed by one person and approved by another."""

    __tablename__ = "extension"
    __table_args__ = (
        Index("ix_extension_dossier", "dossier_id"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", "four_eyes"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    opened_event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    closed_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    new_due_on: Mapped[date]
    reason: Mapped[str]
    #: Why a second extension was asked for, which the law does not provide; empty for the first.
    override_reason: Mapped[str] = mapped_column(default="", server_default="")
    #: The date that was in force when the extension was approved.
    former_due_on: Mapped[date | None]
    letter_on: Mapped[date | None]
    #: Whether the letter was issued before the due date in force; NULL while nobody has decided.
    in_time: Mapped[bool | None]
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    version: Mapped[Version]


class Consultation(Base):
    """A question to another agency with a deadline of its own; it does not stop the clock."""

    __tablename__ = "consultation"
    __table_args__ = (Index("ix_consultation_dossier", "dossier_id"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    opened_event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    closed_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    agency: Mapped[str]
    question: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    version: Mapped[Version]


class Petition(Base):
    """A reflection or recommendation about a procedure or a person's conduct (phản ánh, kiến nghị)."""

    __tablename__ = "petition"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        Index("ix_petition_received", "unit_id", "received_on"),
        CheckConstraint("kind IN ('conduct', 'regulation')", "kind"),
        CheckConstraint("handled IN ('here', 'transferred')", "handled"),
        CheckConstraint("handled = 'here' OR ended_on IS NOT NULL", "transferred_ended"),
        CheckConstraint("(transferred_to = '') = (handled = 'here')", "transferred_to"),
        CheckConstraint("(answer = '') = (handled <> 'here' OR ended_on IS NULL)", "answered"),
        CheckConstraint("ended_on IS NULL OR ended_on >= received_on", "ends_after_receipt"),
        CheckConstraint("(published_in = '') = (published_on IS NULL)", "published_in"),
        CheckConstraint(
            "published_on IS NULL OR (handled = 'here' AND published_on >= ended_on)", "published_answer"
        ),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str]
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id"))
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id"))
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    handled: Mapped[str] = mapped_column(String(16), default="here")
    transferred_to: Mapped[str] = mapped_column(default="")
    legal_basis: Mapped[str] = mapped_column(default="")
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    #: The day on which it was answered or handed on.
    ended_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
    published_on: Mapped[date | None]
    #: Where the answer is open to everybody.
    published_in: Mapped[str] = mapped_column(default="", server_default="")
    #: What a search by words looks into, without diacritics.
    search_text: Mapped[str] = mapped_column(default="", server_default="")
    recorded_at: Mapped[datetime]
    version: Mapped[Version]
