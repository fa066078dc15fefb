"""What is done to applicants beside their own row: two of one person put together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index

from tthc.db.base import Base, Key, Mapped, Version, mapped_column


class ApplicantMerge(Base):
    """An applicant that was found to be another, with what moved, so that it can be taken back.

    ``moved_json`` holds ids by kind of row, and the names of the fields that the kept one took over; no
    personal data.
    """

    __tablename__ = "applicant_merge"
    __table_args__ = (
        Index("ix_applicant_merge_kept", "kept_id"),
        Index("ix_applicant_merge_merged", "merged_id"),
        CheckConstraint("kept_id <> merged_id", "two"),
    )

    id: Mapped[Key]
    kept_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    moved_json: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    version: Mapped[Version]
