"""Papers: attachments, printed documents, letter templates, fees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Base, Hash, Key, Mapped, mapped_column


class Attachment(Base):
    """A file kept outside the database under its checksum; taken out of the dossier it is kept all the same.

    Not an event of the dossier's life: what is done to a dossier may be entered after its papers were
    scanned, and dated before.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_dossier", "dossier_id"),
        Index("ix_attachment_sha256", "sha256"),
        Index(
            "uq_attachment_content",
            "dossier_id",
            "sha256",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        CheckConstraint("kind IN ('paper', 'result', 'letter')", "kind"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint("(removed_at IS NULL) = (removal_reason = '')", "removed_why"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id"))
    #: The name of the paper that it is a copy of, as the receipt or the catalogue has it; empty: of none.
    paper: Mapped[str] = mapped_column(default="", server_default="")
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[Hash]
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str]
    digitised: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    removal_reason: Mapped[str] = mapped_column(default="", server_default="")


class Document(Base):
    """A form that was issued, with what stood on it, so that it prints again the same."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_dossier", "dossier_id", "form"),
        Index("ix_document_filing", "filing_id", "form"),
        CheckConstraint(
            "dossier_id IS NOT NULL OR close_id IS NOT NULL OR filing_id IS NOT NULL", "has_subject"
        ),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    close_id: Mapped[int | None] = mapped_column(ForeignKey("period_close.id"))
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filing.id"))
    form: Mapped[str] = mapped_column(String(16))
    #: "2018" or "2025": chosen by the date of issue.
    form_set: Mapped[str] = mapped_column(String(8))
    no: Mapped[int]
    template_version: Mapped[str] = mapped_column(String(16))
    #: The data that was printed.
    data_json: Mapped[dict[str, Any]]
    sha256: Mapped[Hash]
    path: Mapped[str | None]
    printed_at: Mapped[datetime]
    due_date_id: Mapped[int | None] = mapped_column(ForeignKey("due_date.id"))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))


class LetterTemplate(Base):
    """The editable text of a letter from a date on."""

    __tablename__ = "letter_template"
    __table_args__ = (UniqueConstraint("form", "form_set", "version"),)

    id: Mapped[Key]
    form: Mapped[str] = mapped_column(String(16))
    form_set: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    body: Mapped[str]
    valid_from: Mapped[date | None]
    recorded_at: Mapped[datetime | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(default="", server_default="")


class FeePayment(Base):
    """A fee that fell due, was paid or was waived (append-only); a further entry corrects a wrong one."""

    __tablename__ = "fee_payment"
    __table_args__ = (
        Index("ix_fee_payment_dossier", "dossier_id"),
        Index("ix_fee_payment_day", "unit_id", "at"),
        CheckConstraint("due >= 0 AND paid >= 0", "amounts"),
        CheckConstraint("paid <= due", "paid_due"),
        CheckConstraint("exempt_reason = '' OR paid = 0", "exempt"),
        CheckConstraint("(corrects_id IS NULL) = (reason = '')", "corrected"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    due: Mapped[int]
    paid: Mapped[int]
    receipt_no: Mapped[str] = mapped_column(String(32), default="")
    exempt_reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("fee_payment.id"), unique=True)
    #: Why the entry before was wrong; only of a correction.
    reason: Mapped[str] = mapped_column(default="", server_default="")
