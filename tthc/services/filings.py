"""Filings: what was filed and is not, or not yet, a dossier; kept, accepted or refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, Filing, FilingSupplement
from tthc.db.queries import filings as queries
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.filings import answer_due, check_submitted, portal_code, time_left
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import ANSWER_HOURS
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, CodeSource, DomainError, FilingState
from tthc.services import (
    applicants,
    calendar,
    catalogue,
    drafts,
    duplicates,
    intake,
    numbers,
    procedure_terms,
    settings,
)
from tthc.services.procedure_terms import VersionTerms
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, DuePreview, FilingRow, FilingSupplementView, FilingView, Page


def save_filing(session: Session, *, now: datetime, actor: Actor, request: intake.IntakeRequest) -> int:
    """Keep what was filed until it is accepted or refused; returns the filing's id."""
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        filing = _file(session, now=now, actor=actor, request=request)
        drafts.forget(session, actor, request.draft)
        return filing.id


def refuse_intake(
    session: Session, *, now: datetime, actor: Actor, request: intake.IntakeRequest, reason: str
) -> int:
    """Refuse at the counter: a filing is kept with its number and reason, and is in no tally."""
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        filing = _file(session, now=now, actor=actor, request=request)
        _refuse(filing, now=now, actor=actor, reason=reason)
        drafts.forget(session, actor, request.draft)
        session.flush()
        return filing.id


def refuse_filing(session: Session, *, now: datetime, actor: Actor, filing_id: int, reason: str) -> None:
    """Refuse a filing that waits."""
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        _refuse(waiting(session, actor, filing_id), now=now, actor=actor, reason=reason)


def accept_filing(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    filing_id: int,
    case_id: int | None = None,
    confirm_unverified: bool = False,
    check_papers: bool = False,
) -> str:
    """Accept a filing now; it becomes a dossier under its own code if it came with one.

    ``check_papers``: a required paper that did not come with it stands in the way.
    """
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        filing = waiting(session, actor, filing_id)
        missing = _missing(session, filing) if check_papers else ()
        if missing:
            raise DomainError(
                f"Khi nộp còn thiếu giấy tờ: {'; '.join(missing)}. Đánh dấu xác nhận nếu đã nhận đủ hoặc vẫn "
                "tiếp nhận; nếu không, yêu cầu bổ sung (mẫu số 02).",
                "confirm_missing",
            )
        return accept(
            session,
            now=now,
            actor=actor,
            filing=filing,
            received_at=now,
            case_id=case_id or filing.case_id,
            confirm_unverified=confirm_unverified,
        ).code


def accept(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    filing: Filing,
    received_at: datetime,
    case_id: int | None,
    confirm_unverified: bool,
    appointment: datetime | None = None,
    imported: bool = False,
    action_id: str | None = None,
) -> Dossier:
    """Turn a waiting filing into a dossier, inside the caller's transaction."""
    terms = intake.terms_of(session, actor.unit_id, filing.procedure_id, case_id, filing.channel, received_at)
    intake.confirm_terms(terms, confirm_unverified)
    given = filing.number if filing.number_source is CodeSource.GIVEN else None
    dossier = intake.add_dossier(
        session,
        now=now,
        actor=actor,
        terms=terms,
        channel=filing.channel,
        applicant_id=filing.applicant_id,
        submitter_id=filing.submitter_id,
        subject=filing.subject,
        note=filing.note,
        papers=filing.papers_json,
        sets=filing.sets,
        submitted_at=filing.submitted_at,
        received_at=received_at,
        given_code=given,
        appointment=appointment,
        imported=imported,
        action_id=action_id,
    )
    filing.state, filing.dossier_id = FilingState.ACCEPTED, dossier.id
    filing.version += 1
    session.flush()
    return dossier


def list_filings(
    session: Session, *, actor: Actor, now: datetime, state: FilingState | None = None, page: int = 1
) -> Page[FilingRow]:
    """Filings in ``state`` (``None``: all), longest waiting first, with the time left to answer."""
    actor.require(Action.VIEW_DOSSIERS)
    number = max(1, page)
    rows = queries.page(session, actor.unit_id, state, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    asked = _asked(session, [filing.id for filing, _, _ in rows])
    working = calendar.load_rules(session, actor.unit_id, now.astimezone(OFFICE_ZONE).date()).calendar
    return Page(
        [
            _row(filing, applicant, name, now, working, asked.get(filing.id))
            for filing, applicant, name in rows
        ],
        queries.count(session, actor.unit_id, state),
        number,
    )


def get_filing(session: Session, *, actor: Actor, now: datetime, filing_id: int) -> FilingView:
    """One filing; while it waits, with the due date that accepting it now would give."""
    actor.require(Action.VIEW_DOSSIERS)
    found = queries.one(session, actor.unit_id, filing_id)
    if found is None:
        raise NotFound("Không tìm thấy hồ sơ chờ tiếp nhận này.")
    filing, applicant, name = found
    on = now.astimezone(OFFICE_ZONE).date()
    view = catalogue.get_procedure_by_id(session, actor=actor, on=on, procedure_id=filing.procedure_id)
    preview: DuePreview | None = None
    if filing.state is FilingState.WAITING and actor.may(Action.RECEIVE_DOSSIER):
        # What can no longer be accepted as it stands must still open, to be refused or given another case.
        with suppress(DomainError):
            preview = intake.preview_due(
                session,
                now=now,
                actor=actor,
                procedure_id=filing.procedure_id,
                case_id=filing.case_id,
                channel=filing.channel,
            )
    dossier = session.get(Dossier, filing.dossier_id) if filing.dossier_id else None
    supplements = queries.supplements_of(session, [filing.id])
    alike = duplicates.find_duplicates(
        session,
        actor=actor,
        procedure_id=filing.procedure_id,
        applicant=applicants.ApplicantInput(applicant.kind, applicant.name, applicant.id_number),
    )
    working = calendar.load_rules(session, actor.unit_id, on).calendar
    return FilingView(
        row=_row(filing, applicant, name, now, working, _open_since(supplements)),
        procedure_id=filing.procedure_id,
        subject=filing.subject,
        phone=applicant.phone,
        email=applicant.email,
        address=applicant.address,
        id_number=applicant.id_number,
        dossier_code=dossier.code if dossier else None,
        cases=[case for case in view.cases if case.channel in (None, filing.channel)],
        preview=preview,
        duplicates=alike if filing.state is FilingState.WAITING else (),
        supplements=[
            FilingSupplementView(row.requested_at, by, row.missing, row.reason, row.received_at)
            for row, by in supplements
        ],
        missing=_missing(session, filing),
        version=filing.version,
    )


def _missing(session: Session, filing: Filing) -> list[str]:
    """Names of the required papers that did not come with it; of an imported filing they are not known."""
    if not filing.papers_json and filing.number_source is CodeSource.GIVEN:
        return []
    version = _filed_under(session, filing)
    return version.missing(filing.papers_json) if version else []


def _filed_under(session: Session, filing: Filing) -> VersionTerms | None:
    on = filing.submitted_at.astimezone(OFFICE_ZONE).date()
    return procedure_terms.get_terms(session, filing.procedure_id).in_force(on)


def completed(session: Session, filing: Filing, names: Collection[str]) -> list[dict[str, Any]]:
    """The papers of a filing once some that it lacked have come, in the numbers that are required."""
    if not set(names) <= set(_missing(session, filing)):
        raise DomainError("Giấy tờ đánh dấu không còn thiếu; xem lại danh sách rồi nhận bổ sung.")
    version = _filed_under(session, filing)
    return version.completed(filing.papers_json, names) if version else list(filing.papers_json)


def _file(session: Session, *, now: datetime, actor: Actor, request: intake.IntakeRequest) -> Filing:
    check_submitted(request.channel, request.submitted_at, received_at=None, now=now)
    code = portal_code(request.channel, request.given_code)
    submitted_at = request.submitted_at or request.received_at or now
    if submitted_at > now:
        raise DomainError("Thời điểm nộp không được sau hiện tại.", "received_at")
    submitted_on = submitted_at.astimezone(OFFICE_ZONE).date()
    intake.terms_of(
        session, actor.unit_id, request.procedure_id, request.case_id, request.channel, submitted_at
    )
    filing = Filing(
        unit_id=actor.unit_id,
        number=(
            numbers.take_given_code(session, unit_id=actor.unit_id, code=code)
            if code
            else numbers.next_filing_number(session, unit_id=actor.unit_id, submitted_on=submitted_on)
        ),
        number_source=CodeSource.GIVEN if code else CodeSource.ISSUED,
        channel=request.channel,
        submitted_at=submitted_at,
        recorded_at=now,
        answer_due_at=answer_due_at(session, actor.unit_id, submitted_at),
        procedure_id=request.procedure_id,
        case_id=request.case_id,
        applicant_id=applicants.find_or_add(session, request.applicant).id,
        submitter_id=intake.submitter_of(session, request),
        subject=intake.subject_text(request.subject),
        note=nfc(request.note).strip(),
        papers_json=intake.papers_kept(request.papers),
        sets=intake.set_count(request.sets),
        state=FilingState.WAITING,
        refusal_reason="",
    )
    session.add(filing)
    session.flush()
    return filing


def answer_due_at(session: Session, unit_id: int, filed_at: datetime) -> datetime:
    """When something that came in at ``filed_at`` has to be answered, by the rules of that day."""
    on = filed_at.astimezone(OFFICE_ZONE).date()
    hours = settings.get(session, unit_id, ANSWER_HOURS, on)
    return answer_due(calendar.load_rules(session, unit_id, on).calendar, filed_at, hours)


def _refuse(filing: Filing, *, now: datetime, actor: Actor, reason: str) -> None:
    text = nfc(reason).strip()
    if not text:
        raise DomainError("Nhập lý do không tiếp nhận; lý do được in trên phiếu từ chối (mẫu 03).", "reason")
    filing.state = FilingState.REFUSED
    filing.refused_at = now
    filing.refused_by = actor.account_id
    filing.refusal_reason = text
    filing.version += 1


def waiting(session: Session, actor: Actor, filing_id: int) -> Filing:
    """The filing, locked; refused when it has been accepted or refused already."""
    filing = queries.by_id(session, actor.unit_id, filing_id, lock=True)
    if filing is None:
        raise NotFound("Không tìm thấy hồ sơ chờ tiếp nhận này.")
    if filing.state is not FilingState.WAITING:
        raise DomainError(f"Hồ sơ {filing.number} đã được xử lý: {filing.state.label.lower()}.")
    return filing


def _asked(session: Session, filing_ids: Sequence[int]) -> dict[int, datetime]:
    """Filing -> since when it waits for what it was asked for."""
    return {
        row.filing_id: row.requested_at
        for row, _ in queries.supplements_of(session, filing_ids)
        if row.received_at is None
    }


def _open_since(supplements: Sequence[tuple[FilingSupplement, str]]) -> datetime | None:
    return next((row.requested_at for row, _ in supplements if row.received_at is None), None)


def _row(
    filing: Filing,
    applicant: Applicant,
    procedure: str,
    now: datetime,
    working: WorkingCalendar,
    asked_at: datetime | None,
) -> FilingRow:
    owed = filing.answer_due_at if filing.state is FilingState.WAITING and asked_at is None else None
    return FilingRow(
        id=filing.id,
        number=filing.number,
        channel=filing.channel,
        submitted_at=filing.submitted_at,
        procedure=procedure,
        applicant=applicant.name,
        state=filing.state,
        refused_at=filing.refused_at,
        reason=filing.refusal_reason,
        answer_due_at=owed,
        left=time_left(working, now, owed) if owed else "",
        overdue=owed is not None and now > owed,
        asked_at=asked_at if filing.state is FilingState.WAITING else None,
    )
