"""The unit, its codes, and the people who work there."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint

from tthc.db.base import Base, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.signing import SigningCapacity
from tthc.domain.vocabulary import Role


class Unit(Base):
    """The office; what it is called is in :class:`UnitName`, dated."""

    __tablename__ = "unit"

    id: Mapped[Key]
    #: The unit above, where one database serves a whole province.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))


class UnitName(Base):
    """A unit's name, superior body and place, with the dates between which they hold (half-open)."""

    __tablename__ = "unit_name"
    __table_args__ = (
        UniqueConstraint("unit_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to", "span"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    superior: Mapped[str]
    place: Mapped[str]
    #: Where dossiers are received (bộ phận tiếp nhận và trả kết quả).
    reception_desk: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    #: False: seeded without an official source; pages say "chưa xác minh".
    confirmed: Mapped[bool]


class UnitCode(Base):
    """The first part of the dossier codes that the unit issues, with its dates."""

    __tablename__ = "unit_code"
    __table_args__ = (UniqueConstraint("unit_id", "valid_from"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    #: The number before the first of the day, so that a day can start elsewhere than at 1.
    sequence_start: Mapped[int] = mapped_column(default=0)


class Account(Base):
    """Someone who signs in."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("failed_count >= 0", "failed_count"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(default="")
    #: Where mail about one's work goes; empty: none is sent.
    email: Mapped[str] = mapped_column(default="", server_default="")
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    #: A one-time password has to be replaced at the first sign-in.
    must_change_password: Mapped[bool] = mapped_column(default=False)
    #: Failed sign-ins since the last good one, kept here so that every process sees them.
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    #: Raised with every change of password; sessions that carry an older one are signed out.
    session_epoch: Mapped[int] = mapped_column(default=0)
    #: When the owner last looked at the alerts; what was raised since rings the bell.
    alerts_seen_at: Mapped[datetime | None]
    #: SHA-256 of the secret in the address of the owner's calendar; the secret itself is not kept.
    feed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    version: Mapped[Version]


class Membership(Base):
    """The role of an account in a unit between two dates (half-open)."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("account_id", "unit_id", "role", "valid_from"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[Role] = mapped_column(text_enum(Role))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Delegation(Base):
    """A supervisor lets somebody sign and decide in his place between two dates, both included (ký thay)."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", "two_people"),
        CheckConstraint("valid_from <= valid_to", "span"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_on IS NULL)", "revoked"),
        CheckConstraint(
            "capacity <> 'authorised' OR (decision <> '' AND decision_on IS NOT NULL)",
            "authorised_in_writing",
        ),
        Index("ix_delegation_to", "to_id", "valid_to"),
        Index("ix_delegation_list", "unit_id", "valid_from"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    capacity: Mapped[SigningCapacity] = mapped_column(
        text_enum(SigningCapacity), default=SigningCapacity.DEPUTY, server_default="deputy"
    )
    #: The office that stands under "KT.", "TL." or "TUQ." on letters, such as "PHÓ TRƯỞNG BAN".
    title: Mapped[str]
    #: The paper by which it was delegated, and its day.
    decision: Mapped[str] = mapped_column(default="")
    decision_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: From this day on it holds no more.
    revoked_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
