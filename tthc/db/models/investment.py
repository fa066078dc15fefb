"""Results of investment procedures: certificates, every state that they were in, and the yearly plan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text

from tthc.db.base import Amount, Base, Key, Mapped, Version, mapped_column, text_enum
from tthc.domain.investment import (
    NUMBER_LENGTH,
    CertificateChangeKind,
    CertificateKind,
    InvestmentOrigin,
    Measure,
    PlanScope,
)

_COUNTED = "cancelled_at IS NULL"
_ONE_PROJECT = f"{_COUNTED} AND kind = 'new'"


class InvestmentCertificate(Base):
    """A certificate that an investment procedure gave, as it is on record now; may stand without a dossier.

    One that was cancelled here stays, uncounted. Adjustments bear the number of their project, so a number is
    unique together with kind and date only; but a project is new once.
    """

    __tablename__ = "investment_certificate"
    __table_args__ = (
        Index(
            "uq_investment_certificate_counted",
            "unit_id",
            "number",
            "kind",
            "issued_on",
            unique=True,
            sqlite_where=text(_COUNTED),
            postgresql_where=text(_COUNTED),
        ),
        Index(
            "uq_investment_certificate_project",
            "unit_id",
            "number",
            unique=True,
            sqlite_where=text(_ONE_PROJECT),
            postgresql_where=text(_ONE_PROJECT),
        ),
        Index("ix_investment_certificate_issued", "unit_id", "issued_on"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    kind: Mapped[CertificateKind] = mapped_column(text_enum(CertificateKind))
    origin: Mapped[InvestmentOrigin] = mapped_column(text_enum(InvestmentOrigin))
    #: Billion đồng and million US dollars, as the certificates and reports state them.
    capital_vnd: Mapped[Decimal | None] = mapped_column(Amount())
    capital_usd: Mapped[Decimal | None] = mapped_column(Amount())
    issued_on: Mapped[date]
    project: Mapped[str]
    note: Mapped[str]
    #: Number, project and note as searches compare them.
    folded: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    version: Mapped[Version]


class InvestmentChange(Base):
    """The state of a certificate from ``recorded_at`` on, and why it was changed (append-only).

    ``no`` is the version of the certificate that the change made; 1 is its entry.
    """

    __tablename__ = "investment_change"
    __table_args__ = (
        UniqueConstraint("certificate_id", "no"),
        # A file is imported again by what its rows said once, whatever was corrected since.
        Index("ix_investment_change_identity", "unit_id", "number", "issued_on"),
    )

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("investment_certificate.id"))
    no: Mapped[int]
    what: Mapped[CertificateChangeKind] = mapped_column(text_enum(CertificateChangeKind))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    kind: Mapped[CertificateKind] = mapped_column(text_enum(CertificateKind))
    origin: Mapped[InvestmentOrigin] = mapped_column(text_enum(InvestmentOrigin))
    capital_vnd: Mapped[Decimal | None] = mapped_column(Amount())
    capital_usd: Mapped[Decimal | None] = mapped_column(Amount())
    issued_on: Mapped[date]
    project: Mapped[str]
    note: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class InvestmentPlan(Base):
    """A figure of the plan of a year; its changes are in the audit chain."""

    __tablename__ = "investment_plan"
    __table_args__ = (UniqueConstraint("unit_id", "year", "origin", "what"),)

    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    origin: Mapped[PlanScope] = mapped_column(text_enum(PlanScope))
    what: Mapped[Measure] = mapped_column(text_enum(Measure))
    amount: Mapped[Decimal] = mapped_column(Amount())
    #: The decision that set the plan; the same for all figures of a year.
    basis: Mapped[str]
