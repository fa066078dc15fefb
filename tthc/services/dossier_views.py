"""What a dossier's page shows: plain, read-only values, like those of :mod:`tthc.services.views`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tthc.domain.due_dates import ExplainedDay
from tthc.domain.fees import FeeState
from tthc.domain.timeliness import timeliness
from tthc.domain.vocabulary import (
    ApplicantKind,
    DueCause,
    EndKind,
    EventKind,
    Outcome,
    SupplementMode,
    Timeliness,
)
from tthc.services.agency_views import ConsultationView, SegmentView
from tthc.services.alert_board import Answer
from tthc.services.attachments import FilesView
from tthc.services.dossier_papers import IssuedPaper, PaperChoice
from tthc.services.hand_over_views import HandOverView
from tthc.services.step_views import StepsView
from tthc.services.views import Choice, DossierRow, RequirementView


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a dossier's history, oldest first; without ``kind`` and ``seq`` not of its life."""

    seq: int | None
    kind: EventKind | None
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
    """A dossier with everything its page shows; ``answer``: the newest one about its being late."""

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
    handed_over: HandOverView | None
    came_back_at: datetime | None
    officer_id: int | None
    papers: Sequence[RequirementView]
    missing_papers: Sequence[str]
    sets: int
    fee: int | None
    fees: FeeState | None
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
    supplement_wait: SupplementWaitView | None
    answer: Answer | None
    steps: StepsView
    issued: Sequence[IssuedPaper]
    files: FilesView
    further_papers: Sequence[PaperChoice]

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
class SupplementWaitView:
    """Until when a supplement is waited for, and what to say once that day has passed (else empty)."""

    until: date
    late: str
