"""What those who keep the system are told, once for each cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Base, Key, Mapped, mapped_column, text_enum
from tthc.domain.notices import NoticeKind

_OPEN = text("withdrawn_at IS NULL")


class Notice(Base):
    """A cause under its key; raised anew where it comes back after it was gone."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("unit_id", "key"),
        Index("ix_notice_open", "unit_id", "raised_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[NoticeKind] = mapped_column(text_enum(NoticeKind))
    #: Years, dates and numbers; nothing about a person.
    payload_json: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
