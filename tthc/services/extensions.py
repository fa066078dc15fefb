"""Extension and re-appointment: proposed by one person, decided by another (domain.md 4.7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Extension
from tthc.db.queries import dossiers as queries
from tthc.domain.calendar import office_time
from tthc.domain.due_dates import measure_extension
from tthc.domain.lifecycle import LifeState, allowed, letter_in_time
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, DueCause, EventKind
from tthc.services import catalogue, extension_papers, history
from tthc.services.dossier_views import ProposalView
from tthc.services.dossiers import Call, changing, needed_text, record
from tthc.services.history import Happening, Promise


def propose_extension(
    session: Session, *, call: Call, new_due_on: date, reason: str, override_reason: str = ""
) -> None:
    """Ask a supervisor for a later appointment; a second one needs a reason of its own.

    ``new_due_on`` is a working day after the appointment in force. Refused while another proposal waits.
    """
    with changing(session, call, EventKind.PROPOSE_EXTENSION) as dossier:
        if call.actor.account_id is None:
            raise DomainError("Đề xuất gia hạn phải do một người có tài khoản thực hiện.")
        why = needed_text(reason, "reason", "Nhập lý do đề nghị gia hạn để ghi trong văn bản xin lỗi.")
        life = history.life_of(queries.events_of(session, dossier.id))
        override = ""
        if life.extensions:
            override = needed_text(
                override_reason,
                "override_reason",
                "Hồ sơ đã được gia hạn; việc gia hạn chỉ được thực hiện một lần. Nhập lý do đặc biệt nếu vẫn "
                "đề xuất gia hạn lần nữa.",
            )
        _measure(session, dossier, life, new_due_on, on=office_time(call.occurred_at or call.now).date())
        row = record(session, call, dossier, EventKind.PROPOSE_EXTENSION, reason=why)
        session.add(
            Extension(
                unit_id=dossier.unit_id,
                dossier_id=dossier.id,
                opened_event_id=row.id,
                proposed_by=call.actor.account_id,
                new_due_on=new_due_on,
                reason=why,
                override_reason=override,
            )
        )


def approve_extension(session: Session, *, call: Call, note: str = "") -> None:
    """Put the proposed appointment on record, and the letter that tells it, dated the day of approval.

    Approved on the due date in force or later, the new date is told to the applicant but does not count:
    nothing cures a passed due date (domain.md 4.8, 4.9). Raises :class:`DomainError` for whoever proposed it.
    """
    with changing(session, call, EventKind.EXTEND) as dossier:
        extension = _waiting(session, dossier)
        if call.actor.account_id is None or call.actor.account_id == extension.proposed_by:
            raise DomainError(
                "Người đề xuất không được tự duyệt gia hạn của mình; cần một lãnh đạo khác duyệt."
            )
        at = call.occurred_at or call.now
        letter_on = office_time(at).date()
        life = history.life_of(queries.events_of(session, dossier.id))
        added = _measure(session, dossier, life, extension.new_due_on, on=letter_on)
        extension.former_due_on = dossier.due_on
        extension.letter_on = letter_on
        extension.in_time = letter_in_time(life, letter_on)
        promise = _promise_of(session, dossier, life, extension, added=added)
        happening = _approved(extension, promise, added=added, at=at, note=note)
        former_on, former_line = dossier.appointment_on, extension_papers.told_line(dossier)
        row = history.record(session, now=call.now, actor=call.actor, dossier=dossier, what=happening)
        extension.approved_by = call.actor.account_id
        extension.closed_event_id = row.id
        extension.due_date_id = queries.promises_of(session, dossier.id)[-1].id
        extension.version += 1
        working = promise.reckoned.rules.calendar
        extension_papers.issue_letter(
            session,
            at=at,
            actor=call.actor,
            dossier=dossier,
            extension=extension,
            former_line=former_line,
            new_at=promise.due_at,
            added_days=working.working_days_between(former_on, extension.new_due_on),
        )


def refuse_extension(session: Session, *, call: Call, reason: str) -> None:
    """Leave the appointment as it is; the officer reads why."""
    with changing(session, call, EventKind.REFUSE_EXTENSION) as dossier:
        extension = _waiting(session, dossier)
        why = needed_text(reason, "reason", "Nhập lý do không đồng ý gia hạn.")
        row = record(session, call, dossier, EventKind.REFUSE_EXTENSION, reason=why)
        extension.closed_event_id = row.id
        extension.version += 1


def proposal_of(
    dossier: Dossier,
    life: LifeState,
    extension: Extension,
    *,
    actor: Actor,
    today: date,
    proposed_at: datetime,
    proposed_by: str,
) -> ProposalView:
    """A proposal that waits, with what an approval today would make of it."""
    told_on = max(dossier.due_on, dossier.appointment_on)
    obstacle = ""
    if extension.new_due_on <= max(told_on, today):
        obstacle = (
            f"Ngày đề nghị {extension.new_due_on:%d/%m/%Y} không còn sau ngày hẹn đang áp dụng và sau hôm "
            "nay nên không duyệt được; không đồng ý đề xuất này rồi đề xuất ngày khác."
        )
    elif EventKind.EXTEND not in allowed(life):
        obstacle = f"Hồ sơ đang ở trạng thái “{life.state.label}” nên chưa duyệt được."
    return ProposalView(
        new_due_on=extension.new_due_on,
        reason=extension.reason,
        override_reason=extension.override_reason,
        proposed_by=proposed_by,
        proposed_at=proposed_at,
        own=extension.proposed_by == actor.account_id,
        told_on=told_on,
        last_letter_on=dossier.due_on - timedelta(days=1),
        in_time=letter_in_time(life, today),
        obstacle=obstacle,
    )


def _waiting(session: Session, dossier: Dossier) -> Extension:
    """The proposal that nobody has decided yet."""
    extension = queries.open_extension(session, dossier.id)
    if extension is None:
        raise DomainError("Không có đề xuất gia hạn nào đang chờ quyết định.")
    return extension


def _measure(session: Session, dossier: Dossier, life: LifeState, new_due_on: date, *, on: date) -> int:
    """What the new date adds to the limit; refused unless it lies after every date that was told."""
    told = max(dossier.due_on, dossier.appointment_on)
    if new_due_on <= told:
        raise DomainError(f"Ngày hẹn mới phải sau ngày hẹn đang áp dụng ({told:%d/%m/%Y}).", "new_due_on")
    if new_due_on <= on:
        raise DomainError("Ngày hẹn mới phải sau hôm nay.", "new_due_on")
    rules = history.reckon(session, dossier, life).rules
    return measure_extension(
        life.clock_base_at,
        catalogue.limit_of(session, dossier.case_id),
        rules.calendar,
        rules.policy,
        life.pauses,
        new_due_on=new_due_on,
    )


def _promise_of(
    session: Session, dossier: Dossier, life: LifeState, extension: Extension, *, added: int
) -> Promise:
    """The promise that an approval brings, which counts if its letter was in time."""
    reckoned = history.reckon(session, dossier, life, extension=added)
    # Never another date than the letter tells, should the clock have been started anew in between.
    due_at = reckoned.due.due_at
    if reckoned.due.due_on != extension.new_due_on:
        closes = reckoned.rules.calendar.hours.closes
        due_at = datetime.combine(extension.new_due_on, closes, OFFICE_ZONE)
    return Promise(due_at, DueCause.EXTENSION, reckoned, counts=bool(extension.in_time))


def _approved(extension: Extension, promise: Promise, *, added: int, at: datetime, note: str) -> Happening:
    """The event of an approval."""
    new_on = extension.new_due_on.isoformat()
    payload = {"appointment_on": new_on, "extension_id": extension.id}
    if promise.counts:
        payload |= {"extension": added, "due_on": new_on}
    return Happening(
        EventKind.EXTEND, at, payload, reason=extension.reason, note=note.strip(), promise=promise
    )
