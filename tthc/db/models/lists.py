"""How somebody likes to see the list of dossiers: filters under a name, and chosen columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from tthc.db.base import Base, Key, Mapped, Version, mapped_column


class SavedFilter(Base):
    """The filter of the list of dossiers under a name of one's own, perhaps shown to the whole unit."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index("ix_saved_filter_shared", "unit_id", "shared"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(64))
    #: What stands behind the ? of the list's address.
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    version: Mapped[Version]


class ChosenColumns(Base):
    """The columns that an account sees in the list of dossiers, in their order."""

    __tablename__ = "chosen_columns"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    columns_json: Mapped[list[Any]]
