"""What the services of investment certificates hand to pages, commands and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tthc.domain.investment import (
    Certificate,
    CertificateChangeKind,
    CertificateKind,
    Figures,
    InvestmentTally,
    PlanLine,
    StandingLine,
)
from tthc.domain.periods import ReportPeriod
from tthc.services.views import Page


@dataclass(frozen=True)
class CertificateRow:
    """An entry as lists show it; without a dossier its code and applicant are empty."""

    id: int
    certificate: Certificate
    dossier_code: str
    applicant: str
    cancelled: bool
    corrected: bool


@dataclass(frozen=True)
class CertificateList:
    """One page of entries, and what all that the filter admits add up to."""

    page: Page[CertificateRow]
    total: Figures


@dataclass(frozen=True)
class CertificateChange:
    """What was done to an entry; ``differences`` are (what, before, after), empty for the first."""

    no: int
    what: CertificateChangeKind
    at: datetime
    by: str
    reason: str
    differences: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class CertificateView:
    """An entry with its history, oldest first."""

    row: CertificateRow
    version: int
    history: Sequence[CertificateChange]


@dataclass(frozen=True)
class CertificateDraft:
    """With what the form for the certificate of a dossier begins, and entries that may be its own already."""

    dossier_code: str
    procedure: str
    applicant: str
    issued_on: date | None
    kind: CertificateKind | None
    candidates: Sequence[CertificateRow]


@dataclass(frozen=True)
class DossierCertificates:
    """The certificates of a dossier: ``offered``: one may be recorded; ``expected``: one is missing.

    ``unsettled``: there is one although the dossier is not, or no longer, granted.
    """

    rows: Sequence[CertificateRow]
    offered: bool
    expected: bool
    unsettled: bool


@dataclass(frozen=True)
class MissingCertificate:
    """A granted dossier whose certificate is not on record."""

    code: str
    procedure: str
    applicant: str
    ended_on: date


@dataclass(frozen=True)
class Standing:
    """The standing total at the end of ``at_on``; no lines: no balance was entered for that day or before."""

    at_on: date
    opening_on: date | None
    lines: Sequence[StandingLine]


@dataclass(frozen=True)
class PlanComparison:
    """The plan of a year beside what was done from its first day to ``at_on``."""

    year: int
    from_on: date
    at_on: date
    basis: str
    lines: Sequence[PlanLine]


@dataclass(frozen=True)
class InvestmentReport:
    """Everything that the page of a period shows.

    ``missing`` counts granted dossiers without their certificate, ``unlinked`` certificates without dossier.
    """

    period: ReportPeriod
    tally: InvestmentTally
    standing: Standing
    plan: PlanComparison
    missing: int
    unlinked: int
