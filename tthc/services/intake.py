"""Intake: receiving dossiers, keeping filings, accepting and refusing them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier
from tthc.domain.due_dates import DueDate, compute_due_date
from tthc.domain.fees import FeeInput
from tthc.domain.filings import check_submitted, portal_code
from tthc.domain.permissions import Action, Actor
from tthc.domain.refusals import check_all
from tthc.domain.text import nfc, squeeze
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    ApplicantKind,
    Channel,
    CodeSource,
    DomainError,
    DossierState,
    EventKind,
)
from tthc.services import (
    accounts,
    applicants,
    calendar,
    drafts,
    duplicates,
    fees,
    history,
    history_batch,
    numbers,
    procedure_terms,
)
from tthc.services.applicants import ApplicantInput
from tthc.services.history import Reckoning
from tthc.services.history_batch import Story
from tthc.services.numbers import RegisterBooks
from tthc.services.procedure_terms import ProcedureTerms, VersionTerms
from tthc.services.transaction import transaction
from tthc.services.views import DuePreview


@dataclass(frozen=True)
class PaperInput:
    """A paper handed in, with the number of each kind of copy."""

    requirement_id: int | None
    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0


@dataclass(frozen=True)
class IntakeRequest:
    """What the clerk typed. ``received_at`` is an aware instant; ``None`` means now.

    ``submitted_at`` and ``given_code``: when it was filed and the code that it has, where it came online or
    by post. ``check_duplicates``: an open dossier of the same applicant under the same procedure stands in
    the way. ``check_papers``: so does a required paper that is missing. ``draft``: the form whose draft is
    done with once this is saved. ``fee``: what is due and paid with it.
    """

    procedure_id: int
    case_id: int | None
    channel: Channel
    applicant: ApplicantInput
    submitter_name: str = ""
    subject: str = ""
    papers: Sequence[PaperInput] = ()
    sets: int = 1
    received_at: datetime | None = None
    submitted_at: datetime | None = None
    given_code: str = ""
    officer_id: int | None = None
    note: str = ""
    confirm_unverified: bool = False
    check_duplicates: bool = False
    check_papers: bool = False
    draft: str = ""
    fee: FeeInput | None = None


@dataclass(frozen=True)
class Terms:
    """Under which version and case a dossier is received, and what that makes its due date."""

    procedure: ProcedureTerms
    version: VersionTerms
    case_id: int
    reckoned: Reckoning

    @property
    def due(self) -> DueDate:
        """The due date, day by day."""
        return self.reckoned.due

    @property
    def limit(self) -> TimeLimit:
        """The limit that counts for the case."""
        return self.reckoned.limit

    def story(self, dossier: Dossier) -> Story:
        """A dossier that is received on these terms."""
        called = self.version.name, self.procedure.national_code
        return Story(dossier, self.reckoned, called, self.version.steps)


def preview_due(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    procedure_id: int,
    case_id: int | None,
    channel: Channel,
    received_at: datetime | None = None,
) -> DuePreview:
    """The due date that an intake would get, and what the clerk should know before saving."""
    actor.require(Action.RECEIVE_DOSSIER)
    moment = received_at or now
    terms = terms_of(session, actor.unit_id, procedure_id, case_id, channel, moment)
    warnings = warnings_of(terms)
    due_local = terms.due.due_at.astimezone(OFFICE_ZONE)
    one_line = f"{terms.limit.label}, tính từ ngày {terms.due.clock_start_on:%d/%m/%Y}"
    if terms.due.clock_start_on != moment.astimezone(OFFICE_ZONE).date():
        one_line += " (tiếp nhận ngoài giờ làm việc)"
    return DuePreview(
        due=terms.due,
        limit_label=terms.limit.label,
        one_line=f"{one_line}; hạn lúc {due_local:%H:%M}.",
        warnings=warnings,
        must_confirm=not terms.version.limit_confirmed,
    )


def receive_dossier(session: Session, *, now: datetime, actor: Actor, request: IntakeRequest) -> str:
    """Receive a dossier and return its code."""
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        dossier = _receive(session, now=now, actor=actor, request=request)
        if request.fee is not None and not request.fee.empty:
            fees.add_fee(session, now=now, actor=actor, dossier=dossier, fee=request.fee)
        if request.draft:
            drafts.forget(session, actor, request.draft)
        return dossier.code


@dataclass(frozen=True)
class Admission:
    """What makes up a dossier at its receipt. ``given_code``: the code that it came with."""

    terms: Terms
    channel: Channel
    applicant_id: int
    submitter_id: int | None
    subject: str
    note: str
    papers: Sequence[dict[str, Any]]
    sets: int
    submitted_at: datetime
    received_at: datetime
    officer_id: int | None = None
    given_code: str | None = None
    appointment: datetime | None = None
    imported: bool = False
    action_id: str | None = None


def add_dossier(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    terms: Terms,
    channel: Channel,
    applicant_id: int,
    submitter_id: int | None,
    subject: str,
    note: str,
    papers: Sequence[dict[str, Any]],
    sets: int,
    submitted_at: datetime,
    received_at: datetime,
    officer_id: int | None = None,
    given_code: str | None = None,
    appointment: datetime | None = None,
    imported: bool = False,
    action_id: str | None = None,
) -> Dossier:
    """Add a dossier with its first event, numbers and search text, inside the caller's transaction."""
    admission = Admission(
        terms=terms,
        channel=channel,
        applicant_id=applicant_id,
        submitter_id=submitter_id,
        subject=subject,
        note=note,
        papers=papers,
        sets=sets,
        submitted_at=submitted_at,
        received_at=received_at,
        officer_id=officer_id,
        given_code=given_code,
        appointment=appointment,
        imported=imported,
        action_id=action_id,
    )
    dossier, receipt = compose_dossier(session, now=now, actor=actor, admission=admission)
    story = terms.story(dossier)
    story.tell(receipt, now)
    history_batch.receive(session, now=now, actor=actor, story=story)
    return dossier


def compose_dossier(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    admission: Admission,
    books: RegisterBooks | None = None,
) -> tuple[Dossier, history.Happening]:
    """A dossier with its numbers, not added yet, and the event of its receipt.

    ``books`` are those of the transaction, for whoever composes many.
    """
    terms, received_at = admission.terms, admission.received_at
    received_on = received_at.astimezone(OFFICE_ZONE).date()
    if admission.given_code is None:
        code, source = (
            numbers.next_code(session, unit_id=actor.unit_id, received_on=received_on),
            CodeSource.ISSUED,
        )
    else:
        code, source = admission.given_code, CodeSource.GIVEN
        numbers.note_given_code(session, unit_id=actor.unit_id, code=code)
    place = (books or RegisterBooks(session, actor.unit_id)).enter(
        received_on, now.astimezone(OFFICE_ZONE).date()
    )
    dossier = Dossier(
        unit_id=actor.unit_id,
        code=code,
        code_source=source,
        register_year=place.year,
        register_volume=place.volume,
        register_no=place.no,
        applicant_id=admission.applicant_id,
        submitter_id=admission.submitter_id,
        subject=admission.subject,
        note=admission.note,
        papers_json=list(admission.papers),
        sets=admission.sets,
        lookup_token=secrets.token_urlsafe(24),
        state=DossierState.RECEIVED,
        waiting=False,
        procedure_id=terms.procedure.id,
        version_id=terms.version.id,
        case_id=terms.case_id,
        channel=admission.channel,
        sector_id=terms.version.sector_id,
        officer_id=admission.officer_id,
        submitted_at=admission.submitted_at,
        received_at=received_at,
        received_on=received_on,
        clock_start_on=terms.due.clock_start_on,
        due_date_id=0,
        due_at=terms.due.due_at,
        due_on=terms.due.due_on,
        appointment_on=terms.due.due_on,
        first_due_on=terms.due.due_on,
        provisional=terms.due.provisional,
        recorded_at=now,
        imported=admission.imported,
        version=1,
    )
    payload = {
        "version_id": dossier.version_id,
        "case_id": dossier.case_id,
        "procedure_id": dossier.procedure_id,
        "sector_id": dossier.sector_id,
        "channel": admission.channel.value,
        "officer_id": admission.officer_id,
        "submitted_at": admission.submitted_at.isoformat(),
    }
    happening = history.Happening(
        EventKind.RECEIVE,
        received_at,
        payload,
        appointment=admission.appointment,
        imported=admission.imported,
        action_id=admission.action_id,
    )
    return dossier, happening


def _receive(session: Session, *, now: datetime, actor: Actor, request: IntakeRequest) -> Dossier:
    received_at = request.received_at or now
    refuse_future(received_at, now)
    check_submitted(request.channel, request.submitted_at, received_at=received_at, now=now)
    code = portal_code(request.channel, request.given_code)
    papers = papers_kept(request.papers)
    terms = terms_of(
        session, actor.unit_id, request.procedure_id, request.case_id, request.channel, received_at
    )
    check_all(
        lambda: confirm_terms(terms, request.confirm_unverified),
        lambda: _confirm_duplicates(session, actor, request),
        lambda: _confirm_papers(terms, papers, request),
    )
    owner = applicants.find_or_add(session, request.applicant)
    return add_dossier(
        session,
        now=now,
        actor=actor,
        terms=terms,
        channel=request.channel,
        applicant_id=owner.id,
        submitter_id=submitter_of(session, request),
        subject=subject_text(request.subject),
        note=nfc(request.note).strip(),
        papers=papers,
        sets=set_count(request.sets),
        submitted_at=request.submitted_at or received_at,
        received_at=received_at,
        officer_id=officer_of(session, actor, request.officer_id, now),
        given_code=numbers.take_given_code(session, unit_id=actor.unit_id, code=code) if code else None,
    )


def refuse_future(received_at: datetime | None, now: datetime) -> None:
    """Refuse a receipt that is still to come."""
    if received_at is not None and received_at > now:
        raise DomainError("Thời điểm tiếp nhận không được sau hiện tại.", "received_at")


def _confirm_duplicates(session: Session, actor: Actor, request: IntakeRequest) -> None:
    if request.check_duplicates:
        duplicates.refuse_duplicates(
            session, actor=actor, procedure_id=request.procedure_id, applicant=request.applicant
        )


def _confirm_papers(terms: Terms, papers: Sequence[dict[str, Any]], request: IntakeRequest) -> None:
    missing = terms.version.missing(papers)
    if missing and request.check_papers:
        raise DomainError(
            f"Hồ sơ còn thiếu giấy tờ: {'; '.join(missing)}. Đánh dấu xác nhận nếu vẫn tiếp nhận, hoặc chọn "
            "“Lưu chờ tiếp nhận” rồi yêu cầu bổ sung (mẫu số 02).",
            "confirm_missing",
        )


def terms_of(
    session: Session,
    unit_id: int,
    procedure_id: int,
    case_id: int | None,
    channel: Channel,
    received_at: datetime,
) -> Terms:
    received_on: date = received_at.astimezone(OFFICE_ZONE).date()
    procedure = procedure_terms.get_terms(session, procedure_id)
    version = procedure.received_under(received_on)
    case = (
        version.default_case(channel)
        if case_id is None
        else next((one for one in version.cases if one.id == case_id), None)
    )
    if case is None or case.channel not in (None, channel):
        raise DomainError("Trường hợp không thuộc thủ tục hoặc kênh tiếp nhận đã chọn; chọn lại.", "case_id")
    limit = procedure_terms.needed_limit(case.limit)
    rules = calendar.load_rules(session, unit_id, received_on)
    due = compute_due_date(received_at, limit, rules.calendar, rules.policy)
    return Terms(procedure, version, case.id, Reckoning(due, rules, limit))


def warnings_of(terms: Terms) -> list[str]:
    warnings = []
    if not terms.version.limit_confirmed:
        warnings.append("Thời hạn chưa xác minh – đối chiếu quyết định công bố TTHC.")
    if not terms.version.code_confirmed:
        warnings.append("Mã thủ tục chưa xác minh.")
    if terms.procedure.replaced_by:
        warnings.append(f"Thủ tục đã được thay thế bởi {terms.procedure.replaced_by}.")
    if terms.due.provisional:
        warnings.append("Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận.")
    return warnings


def confirm_terms(terms: Terms, confirmed: bool) -> None:
    if not terms.version.limit_confirmed and not confirmed:
        raise DomainError(
            "Thời hạn chưa xác minh – đối chiếu quyết định công bố TTHC rồi đánh dấu xác nhận.",
            "confirm_unverified",
        )


def submitter_of(session: Session, request: IntakeRequest) -> int | None:
    """The person at the counter, when it is not the applicant."""
    name = squeeze(request.submitter_name)
    if not name or name == squeeze(request.applicant.name):
        return None
    if len(name) > 300:
        raise DomainError("Tên người nộp dài quá 300 ký tự; rút gọn lại.", "submitter_name")
    person = replace(
        request.applicant, kind=ApplicantKind.CITIZEN, name=name, id_number="", email="", address=""
    )
    return applicants.find_or_add(session, person).id


def officer_of(session: Session, actor: Actor, officer_id: int | None, at: datetime) -> int | None:
    """``officer_id`` if that person may work on dossiers of the unit, else a refusal."""
    if officer_id is None:
        return None
    on = at.astimezone(OFFICE_ZONE).date()
    if str(officer_id) not in {choice.value for choice in accounts.officers(session, actor.unit_id, on)}:
        raise DomainError("Chọn người xử lý trong danh sách.", "officer_id")
    return officer_id


def subject_text(text: str) -> str:
    subject = squeeze(text)
    if len(subject) > 1000:
        raise DomainError("Trích yếu dài quá 1.000 ký tự; rút gọn lại.", "subject")
    return subject


def set_count(sets: int) -> int:
    if not 1 <= sets <= 99:
        raise DomainError("Số bộ hồ sơ từ 1 đến 99.", "sets")
    return sets


def papers_kept(papers: Sequence[PaperInput]) -> list[dict[str, Any]]:
    kept = []
    for paper in papers:
        name = squeeze(paper.name)
        if not name:
            continue
        counts = (paper.originals, paper.certified, paper.copies)
        if any(not 0 <= number <= 999 for number in counts):
            raise DomainError("Số lượng giấy tờ từ 0 đến 999.", "papers")
        if not any(counts):
            continue
        kept.append(
            {
                "requirement_id": paper.requirement_id,
                "name": name,
                "originals": paper.originals,
                "certified": paper.certified,
                "copies": paper.copies,
            }
        )
    return kept
