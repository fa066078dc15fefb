"""The catalogue: sectors, procedures, their versions, cases, limits and required papers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Base, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.vocabulary import (
    Channel,
    LimitKind,
    LimitUnit,
    OnlineLevel,
    ProcedureChangeKind,
    Role,
    SupplementMode,
)


class Sector(Base):
    """A field of work (lĩnh vực), one row of the tally."""

    __tablename__ = "sector"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: The order in which the tally prints its rows.
    position: Mapped[int]


class Procedure(Base):
    """An administrative procedure; what changes over time is in its versions."""

    __tablename__ = "procedure"

    id: Mapped[Key]
    local_no: Mapped[int] = mapped_column(unique=True)
    #: The national code; several real procedures have none that is known.
    national_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    withdrawn_on: Mapped[date | None]
    #: The national code of the procedure that took its place.
    replaced_by: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(default="")
    #: Counts every change of the row and of its versions; two who edit at once meet here.
    version: Mapped[Version] = mapped_column(server_default="1")


class ProcedureChange(Base):
    """A change of what is not dated by versions, with its reason (append-only)."""

    __tablename__ = "procedure_change"

    id: Mapped[Key]
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"), index=True)
    kind: Mapped[ProcedureChangeKind] = mapped_column(text_enum(ProcedureChangeKind))
    #: As people read them; empty where there was or is nothing.
    old_value: Mapped[str]
    new_value: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ProcedureVersion(Base):
    """A procedure from ``valid_from`` on (``NULL``: from the beginning)."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        UniqueConstraint("procedure_id", "valid_from"),
        Index(
            "uq_procedure_version_first",
            "procedure_id",
            unique=True,
            sqlite_where=text("valid_from IS NULL"),
            postgresql_where=text("valid_from IS NULL"),
        ),
        CheckConstraint("due_soon_days >= 0", "due_soon_days"),
        CheckConstraint(
            "(fields_before IS NULL) = (fields_after IS NULL) "
            "AND fields_before > 0 AND fields_after >= 0 AND fields_after <= fields_before",
            "declared_fields",
        ),
        CheckConstraint("declared_cut_percent BETWEEN 1 AND 100", "declared_cut"),
    )

    id: Mapped[Key]
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    name: Mapped[str]
    name_folded: Mapped[str]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    valid_from: Mapped[date | None]
    legal_basis: Mapped[str]
    result: Mapped[str] = mapped_column(default="")
    online_level: Mapped[OnlineLevel] = mapped_column(text_enum(OnlineLevel))
    supplement_mode: Mapped[SupplementMode] = mapped_column(text_enum(SupplementMode))
    #: Whether status 6 (financial obligation) stops the clock.
    financial_stops_clock: Mapped[bool] = mapped_column(default=False)
    #: Working days before the due date from which a dossier is "sắp đến hạn".
    due_soon_days: Mapped[int] = mapped_column(default=2)
    #: In đồng; NULL: set elsewhere or unknown.
    fee: Mapped[int | None]
    declaration_reduced: Mapped[bool]
    #: The published cut in per cent, which may be known where the numbers of fields are not.
    declared_cut_percent: Mapped[int | None]
    #: How many fields an applicant had to declare before the review, and has to since.
    fields_before: Mapped[int | None]
    fields_after: Mapped[int | None]
    code_confirmed: Mapped[bool]
    limit_confirmed: Mapped[bool]
    #: The decision that published this version (quyết định công bố), where one is known.
    decision: Mapped[str] = mapped_column(default="", server_default="")
    #: Why it was recorded; empty for the seeded ones.
    reason: Mapped[str] = mapped_column(default="", server_default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ProcedureCase(Base):
    """A case of a version (trường hợp), for one channel or for all."""

    __tablename__ = "procedure_case"
    __table_args__ = (UniqueConstraint("version_id", "name", "channel"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    name: Mapped[str]
    channel: Mapped[Channel | None] = mapped_column(text_enum(Channel))
    is_default: Mapped[bool]


class LimitSegmentRow(Base):
    """A part of a case's limit; parts follow each other in order of ``no``."""

    __tablename__ = "limit_segment"
    __table_args__ = (UniqueConstraint("case_id", "kind", "no"), CheckConstraint("amount > 0", "amount"))

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("procedure_case.id"))
    no: Mapped[int]
    kind: Mapped[LimitKind] = mapped_column(text_enum(LimitKind))
    amount: Mapped[int]
    unit: Mapped[LimitUnit] = mapped_column(text_enum(LimitUnit))
    agency: Mapped[str] = mapped_column(default="")


class Requirement(Base):
    """A paper that a procedure asks for, with the number of each kind of copy."""

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint("originals >= 0 AND certified >= 0 AND copies >= 0", "counts"),
        UniqueConstraint("version_id", "position"),
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    position: Mapped[int]
    name: Mapped[str]
    originals: Mapped[int]
    certified: Mapped[int]
    copies: Mapped[int]
    required: Mapped[bool]


class StepTemplate(Base):
    """A step of a procedure's internal workflow, with the days it may take."""

    __tablename__ = "step_template"
    __table_args__ = (UniqueConstraint("version_id", "no"), CheckConstraint("amount > 0", "amount"))

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    no: Mapped[int]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(text_enum(Role))
    amount: Mapped[int]
    unit: Mapped[LimitUnit] = mapped_column(text_enum(LimitUnit))
