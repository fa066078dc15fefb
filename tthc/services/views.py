"""What services hand to pages, commands and documents: plain, read-only values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from tthc.domain.catalogue import Reduction
from tthc.domain.due_dates import DueDate, ExplainedDay, LimitSegment, timeliness
from tthc.domain.vocabulary import (
    AlertStage,
    ApplicantKind,
    Channel,
    DossierState,
    DueCause,
    EndKind,
    EventKind,
    FilingState,
    OnlineLevel,
    Outcome,
    Standing,
    SupplementMode,
    Timeliness,
)
from tthc.services.agency_views import ConsultationView, SegmentView

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
    appointments: Sequence[str]
    #: Where several agencies share the limit: at whom it is late. Only the list of what is overdue says so.
    late_at: str = ""


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
    version: int


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a dossier's history, oldest first."""

    seq: int
    kind: EventKind
    title: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str
    note: str
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PromiseView:
    """One due date that was computed for a dossier, in order; one is in force.

    ``late``: told by a letter that came too late, so that it never counted.
    """

    no: int
    due_at: datetime
    due_on: date
    cause: DueCause
    computed_due_on: date | None
    provisional: bool
    in_force: bool
    late: bool

    @property
    def standing(self) -> str:
        """What has become of it, in words."""
        if self.in_force:
            return "đang áp dụng"
        return "hẹn lại sau hạn, không tính đúng hạn" if self.late else "đã được thay thế"


@dataclass(frozen=True)
class ActionView:
    """Something that may be done to a dossier now, by this person; the likely one first."""

    kind: EventKind
    slug: str
    label: str
    final: bool


@dataclass(frozen=True)
class DossierView:
    """A dossier with everything its page shows."""

    row: DossierRow
    id: int
    version: int
    subject: str
    applicant_kind: ApplicantKind
    id_number: str
    phone: str
    email: str
    address: str
    submitter: str
    register_no: int
    register_volume: str
    register_year: int
    case_name: str
    limit_label: str
    limit_confirmed: bool
    national_code: str | None
    submitted_at: datetime
    received_at: datetime
    clock_start_on: date
    due_at: datetime
    first_due_on: date
    appointment_on: date
    provisional: bool
    ended_at: datetime | None
    end_kind: EndKind | None
    outcome: Outcome | None
    returned: bool
    handed_over_at: datetime | None
    officer_id: int | None
    papers: Sequence[RequirementView]
    sets: int
    fee: int | None
    explanation: Sequence[ExplainedDay]
    explanation_note: str
    promises: Sequence[PromiseView]
    timeline: Sequence[TimelineEntry]
    actions: Sequence[ActionView]
    officers: Sequence[Choice]
    supplement_mode: SupplementMode
    warnings: Sequence[str]
    receipts: Sequence[ReceiptView]
    supplement_paper: SupplementPaperView | None
    extensions: Sequence[ExtensionView]
    proposal: ProposalView | None
    may_correct: bool
    consultations: Sequence[ConsultationView]
    segments: Sequence[SegmentView]
    delays: Sequence[str]
    cautions: Mapping[EventKind, Sequence[str]]
    supplement_asked: bool

    @property
    def extended(self) -> Sequence[ExtensionView]:
        """The extensions that were approved."""
        return [one for one in self.extensions if one.letter_on]

    @property
    def first_answer(self) -> str:
        """How the end stands against the first appointment, where another one counts (domain.md 4.9)."""
        if self.row.ended_on is None or self.first_due_on == self.row.due_on:
            return ""
        answer = timeliness(self.row.ended_on, self.first_due_on)
        apology = ", có xin lỗi" if answer is Timeliness.LATE and self.extended else ""
        return f"so với hẹn đầu: {answer.label.lower()}{apology}"


@dataclass(frozen=True)
class ProposalView:
    """An extension that waits for a decision.

    ``own``: proposed by whoever looks. ``last_letter_on``: the last day on which a letter would count;
    ``in_time``: it is not past. ``obstacle``: why it cannot be approved as it stands; empty if it can.
    """

    new_due_on: date
    reason: str
    override_reason: str
    proposed_by: str
    proposed_at: datetime
    own: bool
    told_on: date
    last_letter_on: date
    in_time: bool
    obstacle: str


@dataclass(frozen=True)
class ExtensionView:
    """An extension: proposed, and once decided by whom; refused when it is neither open nor approved.

    ``in_time`` False: the letter came on the due date or later, so that the new date does not count.
    ``entered_on``: when the decision was put on record, which may be after the date of the letter.
    """

    new_due_on: date
    reason: str
    override_reason: str
    proposed_by: str
    approved_by: str | None
    open: bool
    former_due_on: date | None
    letter_on: date | None
    in_time: bool | None
    entered_on: date | None


@dataclass(frozen=True)
class ReceiptView:
    """A receipt that was printed; ``outdated``: the newest one, which no longer says what is so."""

    id: int
    printed_at: datetime
    due_on: date
    replaced: bool
    outdated: bool


@dataclass(frozen=True)
class SupplementPaperView:
    """Form 02 of the newest request to supplement; ``printed_at`` None: not issued yet."""

    printed_at: datetime | None


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


@dataclass(frozen=True)
class AlertRow:
    """An alert as the supervisor sees it, worst first; ``appointments`` as of :class:`DossierRow`.

    With an ``agency`` it is that agency's answer that is due, not the dossier.
    """

    id: int
    stage: AlertStage
    code: str
    agency: str
    procedure: str
    applicant: str
    officer: str | None
    due_on: date
    for_on: date
    raised_at: datetime
    remaining: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    reason_label: str
    reason: str
    promised_on: date | None
    appointments: Sequence[str]


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
    raised: int
    withdrawn: int
    failed: int
    error: str


@dataclass(frozen=True)
class AlertBoard:
    """The alerts page: open and answered alerts, and the proof that the scheduler ran."""

    page: Page[AlertRow]
    open_due_soon: int
    open_overdue: int
    answered: int
    last_run: JobRunView | None
    stale: bool


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
