"""What is done to a dossier after intake; every verb is one event, recorded in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, PauseRow, ProcedureVersion, Supplement
from tthc.db.queries import alerts, search
from tthc.db.queries import consultations as consultation_queries
from tthc.db.queries import dossiers as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError, EventKind, Outcome, SubjectKind, SupplementMode
from tthc.services import history, supplements
from tthc.services.dossier_cautions import again_sentence
from tthc.services.intake import officer_of
from tthc.services.transaction import NotFound, StaleVersion, transaction

#: The permission that each event needs.
NEEDS: Mapping[EventKind, Action] = {
    EventKind.ASSIGN: Action.ASSIGN_DOSSIER,
    EventKind.START: Action.PROCESS_DOSSIER,
    EventKind.REQUEST_SUPPLEMENT: Action.PROCESS_DOSSIER,
    EventKind.RECEIVE_SUPPLEMENT: Action.PROCESS_DOSSIER,
    EventKind.REQUEST_PAYMENT: Action.PROCESS_DOSSIER,
    EventKind.RECEIVE_PAYMENT: Action.PROCESS_DOSSIER,
    EventKind.PAUSE: Action.PROCESS_DOSSIER,
    EventKind.RESUME: Action.PROCESS_DOSSIER,
    EventKind.RESOLVE: Action.PROCESS_DOSSIER,
    EventKind.HAND_OVER: Action.HAND_OVER_DOSSIER,
    EventKind.COME_BACK: Action.HAND_OVER_DOSSIER,
    EventKind.WITHDRAW: Action.HAND_OVER_DOSSIER,
    EventKind.STOP: Action.STOP_DOSSIER,
    EventKind.REOPEN: Action.REOPEN_DOSSIER,
    EventKind.PROPOSE_EXTENSION: Action.PROCESS_DOSSIER,
    EventKind.EXTEND: Action.APPROVE_EXTENSION,
    EventKind.REFUSE_EXTENSION: Action.APPROVE_EXTENSION,
    EventKind.CORRECT: Action.CORRECT_INTAKE,
    EventKind.CONSULT: Action.PROCESS_DOSSIER,
    EventKind.RECEIVE_OPINION: Action.PROCESS_DOSSIER,
}


@dataclass(frozen=True)
class Call:
    """Which dossier, as it was shown (``version``), and when it happened (``None``: now)."""

    now: datetime
    actor: Actor
    code: str
    version: int
    occurred_at: datetime | None = None


def assign_dossier(session: Session, *, call: Call, officer_id: int | None, note: str = "") -> None:
    """Hand the dossier to an officer, or to nobody."""
    with changing(session, call, EventKind.ASSIGN) as dossier:
        officer = officer_of(session, call.actor, officer_id, call.now)
        if officer == dossier.officer_id:
            raise DomainError("Hồ sơ đang do người này xử lý; chọn người khác.", "officer_id")
        record(session, call, dossier, EventKind.ASSIGN, {"officer_id": officer}, note=note)


def start_dossier(session: Session, *, call: Call, note: str = "") -> None:
    """Work on the dossier begins."""
    with changing(session, call, EventKind.START) as dossier:
        record(session, call, dossier, EventKind.START, note=note)


def request_supplement(
    session: Session,
    *,
    call: Call,
    missing: str,
    reason: str,
    mode: SupplementMode | None = None,
    again: bool = False,
) -> None:
    """Ask the applicant for papers (form 02); ``mode`` defaults to the procedure's.

    The law knows one request only: a further one must be wanted as such (``again``).
    """
    with changing(session, call, EventKind.REQUEST_SUPPLEMENT) as dossier:
        if not again and (requests := queries.requested_on(session, dossier.id)):
            raise DomainError(
                f"{again_sentence(dossier, requests[-1])} Đánh dấu ô này nếu vẫn yêu cầu bổ sung lần nữa.",
                "again",
            )
        wanted = needed_text(
            missing, "missing", "Nhập giấy tờ, nội dung cần bổ sung để in trên phiếu mẫu 02."
        )
        chosen = mode or session.get_one(ProcedureVersion, dossier.version_id).supplement_mode
        payload = {"mode": chosen.value}
        row = record(
            session, call, dossier, EventKind.REQUEST_SUPPLEMENT, payload, reason=nfc(reason).strip()
        )
        supplement = Supplement(
            unit_id=dossier.unit_id,
            dossier_id=dossier.id,
            opened_event_id=row.id,
            mode=chosen,
            missing=wanted,
        )
        session.add(supplement)
        supplements.set_deadline(session, supplement, row)


def receive_supplement(session: Session, *, call: Call, note: str = "") -> None:
    """The applicant completed the dossier; the clock restarts or goes on."""
    with changing(session, call, EventKind.RECEIVE_SUPPLEMENT) as dossier:
        row = record(session, call, dossier, EventKind.RECEIVE_SUPPLEMENT, note=note)
        supplement = queries.open_supplement(session, dossier.id)
        if supplement is not None:
            supplement.closed_event_id = row.id
            supplement.version += 1
            alerts.withdraw_of(session, SubjectKind.SUPPLEMENT, [supplement.id], now=call.now)


def request_payment(session: Session, *, call: Call, note: str = "") -> None:
    """The applicant has a financial obligation; the clock stops only where the procedure says so."""
    with changing(session, call, EventKind.REQUEST_PAYMENT) as dossier:
        stops = session.get_one(ProcedureVersion, dossier.version_id).financial_stops_clock
        record(session, call, dossier, EventKind.REQUEST_PAYMENT, {"stops_clock": stops}, note=note)


def receive_payment(session: Session, *, call: Call, note: str = "") -> None:
    """The financial obligation is met."""
    with changing(session, call, EventKind.RECEIVE_PAYMENT) as dossier:
        record(session, call, dossier, EventKind.RECEIVE_PAYMENT, note=note)


def pause_dossier(session: Session, *, call: Call, reason: str, legal_basis: str) -> None:
    """Let the clock stand still; the law must allow it."""
    with changing(session, call, EventKind.PAUSE) as dossier:
        why = needed_text(reason, "reason", "Nhập lý do tạm dừng.")
        basis = needed_text(
            legal_basis, "legal_basis", "Nhập căn cứ pháp lý cho phép tạm dừng tính thời hạn."
        )
        row = record(session, call, dossier, EventKind.PAUSE, reason=why)
        session.add(
            PauseRow(
                unit_id=dossier.unit_id, dossier_id=dossier.id, opened_event_id=row.id, legal_basis=basis
            )
        )


def resume_dossier(session: Session, *, call: Call, note: str = "") -> None:
    """The clock goes on."""
    with changing(session, call, EventKind.RESUME) as dossier:
        row = record(session, call, dossier, EventKind.RESUME, note=note)
        pause = queries.open_pause(session, dossier.id)
        if pause is not None:
            pause.closed_event_id = row.id
            pause.due_date_id = dossier.due_date_id
            pause.version += 1


def resolve_dossier(
    session: Session,
    *,
    call: Call,
    outcome: Outcome,
    returned: bool = False,
    reason: str = "",
    note: str = "",
) -> None:
    """The result is ready: granted, or refused on the merits (``returned``: sent back with form 03)."""
    with changing(session, call, EventKind.RESOLVE) as dossier:
        if outcome is Outcome.REFUSED:
            reason = needed_text(
                reason, "reason", "Nhập lý do từ chối giải quyết để thông báo cho người nộp."
            )
        elif returned:
            raise DomainError("Chỉ hồ sơ bị từ chối mới được ghi là trả lại.", "returned")
        payload = {"outcome": outcome.value, "returned": returned}
        record(session, call, dossier, EventKind.RESOLVE, payload, reason=reason, note=note)
        close_open(session, dossier, now=call.now)


def withdraw_dossier(session: Session, *, call: Call, reason: str) -> None:
    """The applicant takes the dossier back."""
    with changing(session, call, EventKind.WITHDRAW) as dossier:
        why = needed_text(reason, "reason", "Nhập lý do rút hồ sơ theo đề nghị của người nộp.")
        record(session, call, dossier, EventKind.WITHDRAW, reason=why)
        close_open(session, dossier, now=call.now)


def stop_dossier(session: Session, *, call: Call, reason: str) -> None:
    """Stop for good, with a notice (form 05 of the 2025 set)."""
    with changing(session, call, EventKind.STOP) as dossier:
        why = needed_text(reason, "reason", "Nhập lý do và căn cứ dừng giải quyết hồ sơ.")
        record(session, call, dossier, EventKind.STOP, reason=why)
        close_open(session, dossier, now=call.now)


def reopen_dossier(session: Session, *, call: Call, reason: str) -> None:
    """Make an ended dossier pending again."""
    with changing(session, call, EventKind.REOPEN) as dossier:
        why = needed_text(reason, "reason", "Nhập lý do mở lại hồ sơ.")
        record(session, call, dossier, EventKind.REOPEN, reason=why)


@contextmanager
def changing(session: Session, call: Call, kind: EventKind) -> Iterator[Dossier]:
    """The dossier, locked, in its own transaction; refuses what is not allowed or out of date."""
    call.actor.require(NEEDS[kind])
    with transaction(session):
        dossier = queries.by_code(session, call.actor.unit_id, call.code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {call.code}.")
        if dossier.version != call.version:
            raise StaleVersion
        yield dossier
        search.write(session, dossier)


def record(
    session: Session,
    call: Call,
    dossier: Dossier,
    kind: EventKind,
    payload: Mapping[str, Any] | None = None,
    *,
    reason: str = "",
    note: str = "",
) -> EventRow:
    happening = history.Happening(
        kind, call.occurred_at or call.now, payload or {}, reason=nfc(reason).strip(), note=nfc(note).strip()
    )
    return history.record(session, now=call.now, actor=call.actor, dossier=dossier, what=happening)


def close_open(session: Session, dossier: Dossier, *, now: datetime) -> None:
    """A dossier that ended ends with it what was still open: a request, a pause, a proposal, a question."""
    last = queries.events_of(session, dossier.id)[-1]
    consultations = consultation_queries.open_of(session, dossier.id)
    supplement = queries.open_supplement(session, dossier.id)
    for open_row in (
        supplement,
        queries.open_pause(session, dossier.id),
        queries.open_extension(session, dossier.id),
        *consultations,
    ):
        if open_row is not None:
            open_row.closed_event_id = last.id
            open_row.version += 1
    alerts.withdraw_of(session, SubjectKind.CONSULTATION, [row.id for row in consultations], now=now)
    if supplement is not None:
        alerts.withdraw_of(session, SubjectKind.SUPPLEMENT, [supplement.id], now=now)


def needed_text(value: str, field: str, message: str) -> str:
    """What somebody had to write, in one Unicode form; refused with ``message`` when there is nothing."""
    text = nfc(value).strip()
    if not text:
        raise DomainError(message, field)
    if len(text) > 4000:
        raise DomainError("Nội dung dài quá 4.000 ký tự; rút gọn lại.", field)
    return text
