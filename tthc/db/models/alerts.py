"""Alerts, the scheduler's own record, and messages that wait to be sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text

from tthc.db.base import Base, Key, Mapped, mapped_column, text_enum
from tthc.domain.vocabulary import AlertStage, OverdueReason, SubjectKind


class Alert(Base):
    """One alert per object, stage, threshold and computed due date."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "stage", "threshold", "due_date_id"),
        CheckConstraint("(acknowledged_at IS NULL) = (reason_code IS NULL)", "answer_has_reason"),
        Index(
            "ix_alert_open",
            "unit_id",
            "stage",
            "for_on",
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_alert_subject", "subject_kind", "subject_id"),
        Index(
            "ix_alert_news",
            "unit_id",
            "raised_at",
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_alert_untold", "unit_id", sqlite_where=text("untold = 1"), postgresql_where=text("untold")),
        Index(
            "ix_alert_unanswered",
            "unit_id",
            "stage",
            "level",
            sqlite_where=text("acknowledged_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    subject_kind: Mapped[SubjectKind] = mapped_column(text_enum(SubjectKind))
    subject_id: Mapped[int]
    stage: Mapped[AlertStage] = mapped_column(text_enum(AlertStage))
    #: Working days before (due soon) or after (overdue) the due date at which it was raised for.
    threshold: Mapped[int]
    due_date_id: Mapped[int] = mapped_column(ForeignKey("due_date.id"))
    #: The day whose sweep found it.
    for_on: Mapped[date]
    raised_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason_code: Mapped[OverdueReason | None] = mapped_column(text_enum(OverdueReason))
    reason: Mapped[str] = mapped_column(default="")
    promised_on: Mapped[date | None]
    #: Who has to answer it: :class:`tthc.domain.alerts.Level`.
    level: Mapped[int] = mapped_column(default=0)
    #: Somebody is to be told of it at once, and no message was written yet.
    untold: Mapped[bool] = mapped_column(default=False, server_default=false())


class JobLease(Base):
    """Which process runs a job now; an expired lease may be taken over."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    token: Mapped[int]
    expires_at: Mapped[datetime]


class JobRun(Base):
    """A run of a job for a day: the proof that the scheduler ran."""

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed')", "state"),
        Index("ix_job_run_name", "name", "for_on", "state"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    for_on: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    counts_json: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(default="")


class OutboxMessage(Base):
    """A message written in the transaction and sent after it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "not_before",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_outbox_dead",
            "unit_id",
            "dead_at",
            sqlite_where=text("dead_at IS NOT NULL"),
            postgresql_where=text("dead_at IS NOT NULL"),
        ),
        Index("ix_outbox_sent", "unit_id", "sent_at"),
        CheckConstraint("sent_at IS NULL OR dead_at IS NULL", "one_end"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: At most one message of this key is ever written: what it is about, and for whom.
    key: Mapped[str] = mapped_column(String(128), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    #: Who gets it, by number ("account:5"): the address is looked up when it is sent.
    recipient_ref: Mapped[str] = mapped_column(String(64))
    #: Codes, names of procedures and dates; nothing about a person.
    payload_json: Mapped[dict[str, Any]]
    #: What stands before the @ of the Message-ID.
    message_id: Mapped[str] = mapped_column(String(128))
    written_at: Mapped[datetime]
    #: Sent outside working hours as well.
    urgent: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime]
    #: Of no use to anybody afterwards.
    not_after: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class Draft(Base):
    """What somebody typed and has not saved yet."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("account_id", "form"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    form: Mapped[str] = mapped_column(String(32))
    body_json: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
