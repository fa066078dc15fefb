"""The public look-up: how often was asked lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String

from tthc.db.base import Base, Mapped, mapped_column


class LookupCount(Base):
    """How often one address, or about one code, was asked since ``since``; keys are hashes only."""

    __tablename__ = "lookup_count"
    __table_args__ = (Index("ix_lookup_count_since", "since"),)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[datetime]
    number: Mapped[int]
