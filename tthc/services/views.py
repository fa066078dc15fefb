"""What services hand to pages, commands and documents: plain, read-only values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from tthc.domain.catalogue import Reduction
from tthc.domain.due_dates import DueDate
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import (
    OUT_OF_HAND,
    Channel,
    DossierState,
    EndKind,
    FilingState,
    OnlineLevel,
    Standing,
    SupplementMode,
    Timeliness,
)

T = TypeVar("T")

#: Rows on one page of a list.
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: ``total`` counts all rows, ``number`` starts at 1."""

    rows: Sequence[T]
    total: int
    number: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Choice:
    """An entry of a select: ``value`` is what the form sends."""

    value: str
    label: str


@dataclass(frozen=True)
class CaseChoice:
    """A case of a procedure; ``limit_label`` is the limit that counts: committed if there is one."""

    id: int
    name: str
    limit_label: str
    channel: Channel | None
    is_default: bool
    statutory: Sequence[LimitSegment] = ()
    committed: Sequence[LimitSegment] = ()


@dataclass(frozen=True)
class RequirementView:
    """A required paper."""

    id: int
    name: str
    originals: int
    certified: int
    copies: int
    required: bool

    def short(self, got: tuple[int, int, int]) -> bool:
        """Whether a required paper was not handed in at all, or in too few pieces of a kind.

        ``got``: originals, certified copies, plain copies.
        """
        wanted = self.originals, self.certified, self.copies
        return self.required and (
            not any(got) or any(have < asked for have, asked in zip(got, wanted, strict=True))
        )

    def completed(self, had: Mapping[str, Any] | None) -> dict[str, Any]:
        """The paper as a dossier keeps it, in the numbers required, or more where it had more."""
        wanted = {"originals": self.originals, "certified": self.certified, "copies": self.copies}
        if not any(wanted.values()):
            wanted["originals"] = 1
        counts = {kind: max(number, had[kind] if had else 0) for kind, number in wanted.items()}
        return {"requirement_id": self.id, "name": self.name, **counts}


@dataclass(frozen=True)
class VersionFacts:
    """A version of a procedure: when it holds (``None``: without beginning or end), and who recorded it.

    ``valid_until`` is its last day; ``planned``: it begins in the future; ``in_force``: it holds today.
    """

    id: int
    valid_from: date | None
    valid_until: date | None
    decision: str
    reason: str
    by: str
    at: datetime
    planned: bool
    in_force: bool


@dataclass(frozen=True)
class ReceivedRow:
    """A dossier with the beginning of the version that governs it (``None``: the first one)."""

    code: str
    received_on: date
    due_on: date
    ended_on: date | None
    version_from: date | None


@dataclass(frozen=True)
class ProcedureRow:
    """A procedure as the catalogue lists it; ``next_from``: when a version in wait begins."""

    id: int
    local_no: int
    national_code: str | None
    name: str
    sector: str
    limit_label: str
    fee: int | None
    online_level: OnlineLevel
    code_confirmed: bool
    limit_confirmed: bool
    replaced_by: str | None
    declaration_reduced: bool
    withdrawn_on: date | None
    reduction: Reduction
    next_from: date | None = None


@dataclass(frozen=True)
class ProcedureView:
    """A procedure with the version that holds on a day, or the first to come where none holds yet.

    ``replacement_no``: the local number of the procedure that took its place, if the catalogue has it.
    """

    row: ProcedureRow
    version: VersionFacts
    legal_basis: Sequence[str]
    result: str
    supplement_mode: SupplementMode
    financial_stops_clock: bool
    due_soon_days: int
    cases: Sequence[CaseChoice]
    requirements: Sequence[RequirementView]
    open_dossiers: int
    note: str
    replacement_no: int | None


@dataclass(frozen=True)
class DuePreview:
    """The due date that an intake would get, before it is saved."""

    due: DueDate
    limit_label: str
    one_line: str
    warnings: Sequence[str]
    must_confirm: bool


@dataclass(frozen=True)
class DossierRow:
    """A dossier as lists show it; ``appointments`` says what other dates stand beside ``due_on``."""

    code: str
    procedure: str
    procedure_no: int
    sector: str
    applicant: str
    channel: Channel
    state: DossierState
    officer: str | None
    received_on: date
    due_on: date
    ended_on: date | None
    standing: Standing | None
    timeliness: Timeliness | None
    due_soon: bool
    waiting: bool
    remaining: str
    appointments: tuple[str, ...]
    #: Where several agencies share the limit: at whom it is late. Only the list of what is overdue says so.
    late_at: str = ""
    #: Where the dossier is: the open step of the workflow, who has it in hand, and until when.
    step: str = ""
    holder: str | None = None
    step_due_on: date | None = None
    #: As the row was read; a mark in a list carries it.
    version: int = 0

    @property
    def in_hands_of(self) -> str:
        """Who has it in hand; nobody has what was handed over, withdrawn or stopped."""
        if self.state in OUT_OF_HAND:
            return ""
        return self.holder or (not self.step and self.officer) or "Chưa phân công"


@dataclass(frozen=True)
class OpenDossier:
    """A dossier that has not ended, named where another like it would be received."""

    code: str
    received_on: date
    due_on: date


@dataclass(frozen=True)
class FilingRow:
    """A filing: online or not yet accepted; a refused one keeps its number."""

    id: int
    number: str
    channel: Channel
    submitted_at: datetime
    procedure: str
    applicant: str
    state: FilingState
    refused_at: datetime | None
    reason: str
    #: By when the office has to answer, the working time until then in words, and whether it has passed.
    answer_due_at: datetime | None
    left: str
    overdue: bool
    #: Since when the applicant is asked for more; while that is open, the office owes no answer.
    asked_at: datetime | None


@dataclass(frozen=True)
class FilingSupplementView:
    """What a filing was asked for before it could be accepted."""

    requested_at: datetime
    by: str
    missing: str
    reason: str
    received_at: datetime | None


@dataclass(frozen=True)
class FilingView:
    """A filing with what is needed to accept or refuse it."""

    row: FilingRow
    procedure_id: int
    subject: str
    phone: str
    email: str
    address: str
    id_number: str
    dossier_code: str | None
    cases: Sequence[CaseChoice]
    preview: DuePreview | None
    duplicates: Sequence[OpenDossier]
    supplements: Sequence[FilingSupplementView]
    missing: Sequence[str]
    version: int


@dataclass(frozen=True)
class HomeCount:
    """A number of the first page; ``bucket`` is the filter of the list that it opens."""

    bucket: str
    label: str
    count: int


@dataclass(frozen=True)
class HomeView:
    """The first page: numbers that are links, and what comes first."""

    today: date
    counts: Sequence[HomeCount]
    first: Sequence[DossierRow]
    waiting_filings: int
    open_petitions: int
    #: How many results wait to be handed over, and of how many the applicant is to be reminded.
    uncollected: tuple[int, int] | None
    #: The account has no dossier yet and has looked at none.
    first_day: bool


@dataclass(frozen=True)
class JobRunView:
    """A run of a scheduler job."""

    name: str
    for_on: date
    started_at: datetime
    ended_at: datetime | None
    state: str
    examined: int
    consulting: int
    petitions: int
    raised: int
    withdrawn: int
    failed: int
    error: str


@dataclass(frozen=True)
class CellRow:
    """A dossier of a tally's cell, with the dates for which it is counted there."""

    code: str
    procedure: str
    sector: str
    applicant: str
    channel: Channel
    received_on: date
    due_on: date
    ended_on: date | None
    end_kind: EndKind | None
    why: str
