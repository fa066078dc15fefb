"""What is done to petitions: recorded, answered, handed on, published, corrected; each is one transaction.

The row says how a petition stands; who did what and when is in the audit chain. That keeps no text of a
citizen: of subject and answer it says only that they were changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, DueDateRow, Petition, Procedure
from tthc.db.queries import petitions as queries
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.petitions import state_of
from tthc.domain.text import fold
from tthc.domain.vocabulary import DomainError, DueCause, PetitionHandling, PetitionState, SubjectKind
from tthc.services import applicants, audit, calendar, deadlines, numbers, petition_contents
from tthc.services.dossiers import needed_text
from tthc.services.petition_contents import PetitionContent
from tthc.services.transaction import NotFound, StaleVersion, transaction

RECORD, ANSWER, TRANSFER = "record_petition", "answer_petition", "transfer_petition"
PUBLISH, CORRECT = "publish_petition", "correct_petition"

_THIS = "Phản ánh, kiến nghị này"


@dataclass(frozen=True)
class PetitionCall:
    """Which petition, as it was shown (``version``)."""

    now: datetime
    actor: Actor
    petition_id: int
    version: int

    @property
    def today(self) -> date:
        """The office's date."""
        return office_time(self.now).date()


def subject_of(petition_id: int) -> str:
    """How the audit chain names a petition."""
    return f"petition:{petition_id}"


def record_petition(
    session: Session, *, now: datetime, actor: Actor, content: PetitionContent, not_complaint: bool = False
) -> int:
    """Enter a petition under the next number of the year of its receipt; returns its id.

    One that was handed on at once needs no due date.
    """
    actor.require(Action.RECORD_PETITION)
    with transaction(session):
        kept = petition_contents.settled(session, content, now=now, not_complaint=not_complaint)
        due_at = petition_contents.due_moment(session, actor.unit_id, kept)
        petition = Petition(
            unit_id=actor.unit_id,
            number=numbers.next_petition_number(session, unit_id=actor.unit_id, year=kept.received_on.year),
            recorded_at=now,
        )
        _write(session, petition, kept, _applicant(session, kept))
        session.add(petition)
        session.flush()
        if due_at is not None:
            _promise(session, petition, due_at, DueCause.INTAKE)
        _note(session, now, actor, RECORD, petition, _facts(session, petition))
        return petition.id


def answer_petition(session: Session, *, call: PetitionCall, answer: str, ended_on: date) -> None:
    """The office has answered."""
    with _changing(session, call, Action.RECORD_PETITION) as petition:
        _require_pending(petition)
        petition.answer = petition_contents.answer_text(answer)
        petition.ended_on = _ending_day(call, petition, PetitionState.ANSWERED, ended_on)
        _done(session, call, ANSWER, petition, ("ended_on",))


def transfer_petition(session: Session, *, call: PetitionCall, transferred_to: str, ended_on: date) -> None:
    """Hand a petition on to the body that has to deal with it; here it ends with that."""
    with _changing(session, call, Action.RECORD_PETITION) as petition:
        _require_pending(petition)
        petition.handled = PetitionHandling.TRANSFERRED.value
        petition.transferred_to = petition_contents.receiving_body(transferred_to)
        petition.ended_on = _ending_day(call, petition, PetitionState.TRANSFERRED, ended_on)
        petition.search_text = _search_text(session, petition)
        _done(session, call, TRANSFER, petition, ("ended_on", "transferred_to"))


def publish_petition(session: Session, *, call: PetitionCall, published_on: date, published_in: str) -> None:
    """The answer is open to everybody."""
    with _changing(session, call, Action.RECORD_PETITION) as petition:
        if _state(petition) is not PetitionState.ANSWERED:
            raise DomainError("Chỉ đăng tải công khai kết quả của phản ánh, kiến nghị đã trả lời.")
        if petition.published_on is not None:
            raise DomainError(
                f"Kết quả đã được đăng tải ngày {petition.published_on:%d/%m/%Y}; nếu ghi sai thì lãnh đạo "
                "đính chính."
            )
        petition.published_on, petition.published_in = petition_contents.publication(
            published_on, published_in, ended_on=petition.ended_on, today=call.today
        )
        _done(session, call, PUBLISH, petition, ("published_on", "published_in"))


def correct_petition(
    session: Session,
    *,
    call: PetitionCall,
    content: PetitionContent,
    reason: str,
    not_complaint: bool = False,
) -> None:
    """Put right what was entered wrongly, whatever it is; the number stays.

    A petition that is pending again gets its due date anew, as alerts are raised once for a due date.
    """
    because = needed_text(reason, "reason", "Nhập lý do đính chính.")
    with _changing(session, call, Action.CORRECT_PETITION) as petition:
        before, texts = _facts(session, petition), _texts(session, petition)
        if content.received_at == petition.received_at.replace(second=0, microsecond=0):
            # A form shows it to the minute.
            content = replace(content, received_at=petition.received_at)
        known = not_complaint or petition_contents.subject_text(content.subject) == petition.subject
        kept = petition_contents.settled(session, content, now=call.now, not_complaint=known)
        due_at = petition_contents.due_moment(session, call.actor.unit_id, kept)
        reopened = kept.ended_on is None and petition.ended_on is not None
        _write(session, petition, kept, _applicant(session, kept))
        session.flush()
        if due_at is None:
            petition.due_date_id = None
        elif reopened or before["due_on"] != str(kept.due_on):
            _promise(session, petition, due_at, DueCause.CORRECTION)
        after = _facts(session, petition)
        moved = [name for name in after if before[name] != after[name]]
        reworded = [name for name, text in _texts(session, petition).items() if texts[name] != text]
        if not moved and not reworded:
            raise DomainError("Chưa có gì được sửa.")
        detail = {
            "reason": because,
            "before": {name: before[name] for name in moved},
            "after": {name: after[name] for name in moved},
            "texts": reworded,
        }
        _settle(session, call, petition)
        _note(session, call.now, call.actor, CORRECT, petition, detail)


@contextmanager
def _changing(session: Session, call: PetitionCall, action: Action) -> Iterator[Petition]:
    """The petition, locked, in its own transaction; refuses what is not allowed or out of date."""
    call.actor.require(action)
    with transaction(session):
        petition = queries.by_id(session, call.actor.unit_id, call.petition_id, lock=True)
        if petition is None:
            raise NotFound("Không tìm thấy phản ánh, kiến nghị này.")
        if petition.version != call.version:
            raise StaleVersion(_THIS)
        yield petition


def _state(petition: Petition) -> PetitionState:
    return state_of(PetitionHandling(petition.handled), petition.ended_on)


def _require_pending(petition: Petition) -> None:
    state = _state(petition)
    if state is not PetitionState.PENDING:
        raise DomainError(f"{_THIS} {state.label.lower()} ngày {petition.ended_on:%d/%m/%Y}.")


def _ending_day(call: PetitionCall, petition: Petition, state: PetitionState, on: date) -> date:
    return petition_contents.ending_day(on, state, received_on=petition.received_on, today=call.today)


def _applicant(session: Session, content: PetitionContent) -> int | None:
    """Who brought the petition, found in the directory or added to it."""
    return applicants.find_or_add(session, content.applicant).id if content.applicant else None


def _write(session: Session, petition: Petition, content: PetitionContent, applicant_id: int | None) -> None:
    """Put settled content into a row, all but its due date."""
    away = content.state is PetitionState.TRANSFERRED
    petition.kind = content.kind.value
    petition.subject = content.subject
    petition.applicant_id = applicant_id
    petition.procedure_id = content.procedure_id
    petition.received_at = content.received_at
    petition.received_on = content.received_on
    petition.handled = (PetitionHandling.TRANSFERRED if away else PetitionHandling.HERE).value
    petition.transferred_to = content.transferred_to
    petition.legal_basis = content.legal_basis
    petition.ended_on = content.ended_on
    petition.answer = content.answer
    petition.published_on = content.published_on
    petition.published_in = content.published_in
    petition.search_text = _search_text(session, petition)


def _search_text(session: Session, petition: Petition) -> str:
    owner = session.get_one(Applicant, petition.applicant_id) if petition.applicant_id else None
    parts = [petition.number, petition.subject, petition.transferred_to]
    if owner is not None:
        parts += [owner.name, owner.id_number, owner.phone, owner.email]
    return fold(" ".join(part for part in parts if part))


def _promise(session: Session, petition: Petition, due_at: datetime, cause: DueCause) -> None:
    """Put a due date on record and in force."""
    rules = calendar.load_rules(session, petition.unit_id, petition.received_on)
    no = len(queries.due_dates(session, petition.id)) + 1
    petition.due_date_id = deadlines.keep(
        session, SubjectKind.PETITION, petition.id, due_at, rules, no=no, cause=cause
    )


def _facts(session: Session, petition: Petition) -> dict[str, Any]:
    """What the audit chain keeps of a petition; it can be shown without looking anything up."""
    due = session.get(DueDateRow, petition.due_date_id) if petition.due_date_id else None
    procedure = session.get(Procedure, petition.procedure_id) if petition.procedure_id else None
    return {
        "number": petition.number,
        "kind": petition.kind,
        "state": _state(petition).value,
        "applicant_id": petition.applicant_id,
        "procedure_no": procedure.local_no if procedure else None,
        "received_at": office_time(petition.received_at).isoformat(timespec="minutes"),
        "due_on": str(due.due_on) if due else None,
        "legal_basis": petition.legal_basis,
        "ended_on": str(petition.ended_on) if petition.ended_on else None,
        "transferred_to": petition.transferred_to,
        "published_on": str(petition.published_on) if petition.published_on else None,
        "published_in": petition.published_in,
    }


def _texts(session: Session, petition: Petition) -> dict[str, Any]:
    """What the audit chain does not keep, to see whether it was changed."""
    owner = session.get(Applicant, petition.applicant_id) if petition.applicant_id else None
    contact = (owner.phone, owner.email, owner.address) if owner else None
    return {"subject": petition.subject, "answer": petition.answer, "contact": contact}


def _settle(session: Session, call: PetitionCall, petition: Petition) -> None:
    """What every change ends with: the next version, and no alert that is no longer called for."""
    petition.version += 1
    session.flush()
    queries.withdraw_alerts(session, petition, now=call.now)


def _done(
    session: Session, call: PetitionCall, action: str, petition: Petition, told: tuple[str, ...]
) -> None:
    _settle(session, call, petition)
    facts = _facts(session, petition)
    _note(session, call.now, call.actor, action, petition, {name: facts[name] for name in told})


def _note(
    session: Session, now: datetime, actor: Actor, action: str, petition: Petition, detail: Mapping[str, Any]
) -> None:
    audit.record(
        session,
        unit_id=petition.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=subject_of(petition.id),
        detail=detail,
    )
