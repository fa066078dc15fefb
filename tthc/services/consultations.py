"""Asking another agency: a question with a deadline of its own, and its answer; the clock does not stop.

Handing a dossier on to the agency of a segment of its limit is recorded in the same way: when it went and
when it came back is then on record, and with it at whom the dossier was late (domain/segments.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Consultation, Dossier
from tthc.db.queries import alerts
from tthc.db.queries import consultations as queries
from tthc.domain.calendar import office_time
from tthc.domain.due_dates import DueDate
from tthc.domain.segments import part_of, sub_deadline
from tthc.domain.text import squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, EventKind, LimitUnit, SubjectKind
from tthc.services import calendar, catalogue, deadlines
from tthc.services.calendar import OfficeRules
from tthc.services.dossiers import Call, changing, needed_text, record

#: The longest time that can be given by number; whoever wants more chooses a date.
MOST_DAYS = 90


@dataclass(frozen=True)
class _Deadline:
    """When the answer must be there, and how that was counted (``None``: the date was chosen)."""

    at: datetime
    counted: DueDate | None


def consult_agency(
    session: Session,
    *,
    call: Call,
    agency: str,
    question: str,
    working_days: int | None = None,
    due_on: date | None = None,
    segment_no: int | None = None,
) -> None:
    """Ask an agency, to answer within working days of the day of sending, or by a date.

    With ``segment_no`` the dossier is handed on to the agency of that segment of its limit, which has the
    segment's own time unless another is given. Several questions may be open at once; none stops the clock.
    """
    with changing(session, call, EventKind.CONSULT) as dossier:
        limit = None
        if segment_no is not None:
            whose, limit = part_of(catalogue.limit_of(session, dossier.case_id), segment_no)
            if squeeze(agency) not in ("", whose):
                raise DomainError(
                    f"Đoạn {segment_no} do {whose} giải quyết; bỏ trống ô cơ quan, hoặc bỏ chọn đoạn.",
                    "agency",
                )
            agency = whose
        name = needed_text(agency, "agency", "Nhập tên cơ quan được lấy ý kiến.")
        asked = needed_text(question, "question", "Nhập nội dung cần lấy ý kiến.")
        sent_at = call.occurred_at or call.now
        rules = calendar.load_rules(session, dossier.unit_id, dossier.received_on)
        deadline = _deadline(rules, sent_at, limit, working_days, due_on)
        payload: dict[str, Any] = {} if segment_no is None else {"segment": segment_no}
        event = record(session, call, dossier, EventKind.CONSULT, payload)
        consultation = Consultation(
            unit_id=dossier.unit_id,
            dossier_id=dossier.id,
            opened_event_id=event.id,
            agency=squeeze(name),
            question=asked,
        )
        session.add(consultation)
        session.flush()
        consultation.due_date_id = deadlines.keep(
            session,
            SubjectKind.CONSULTATION,
            consultation.id,
            deadline.at,
            rules,
            event_id=event.id,
            counted=deadline.counted,
        )


def receive_opinion(session: Session, *, call: Call, consultation_id: int | None, answer: str) -> None:
    """The agency answered, or sent the dossier back with its decision."""
    with changing(session, call, EventKind.RECEIVE_OPINION) as dossier:
        consultation = _waiting(session, dossier, consultation_id)
        text = needed_text(answer, "answer", "Nhập nội dung trả lời, số và ngày văn bản của cơ quan.")
        payload = {"consultation_id": consultation.id}
        event = record(session, call, dossier, EventKind.RECEIVE_OPINION, payload)
        consultation.answer = text
        consultation.closed_event_id = event.id
        consultation.version += 1
        alerts.withdraw_of(session, SubjectKind.CONSULTATION, [consultation.id], now=call.now)


def _waiting(session: Session, dossier: Dossier, consultation_id: int | None) -> Consultation:
    """The question that the answer is to; one of this dossier that has none yet."""
    waiting = {one.id: one for one in queries.open_of(session, dossier.id)}
    if not waiting:
        raise DomainError("Không có văn bản lấy ý kiến nào đang chờ trả lời.")
    if consultation_id in waiting:
        return waiting[consultation_id]
    raise DomainError("Chọn văn bản lấy ý kiến đang chờ trả lời.", "consultation_id")


def _deadline(
    rules: OfficeRules,
    sent_at: datetime,
    limit: TimeLimit | None,
    working_days: int | None,
    due_on: date | None,
) -> _Deadline:
    """The deadline as it was given, else that of the segment; refuses none, two, and a day off."""
    if working_days is not None and due_on is not None:
        raise DomainError("Đã nhập số ngày làm việc thì bỏ trống ngày hạn trả lời.", "due_on")
    if due_on is not None:
        return _Deadline(_closing(rules, sent_at, due_on), None)
    if working_days is not None:
        if not 1 <= working_days <= MOST_DAYS:
            raise DomainError(f"Nhập số nguyên từ 1 đến {MOST_DAYS}.", "working_days")
        limit = TimeLimit((LimitSegment(working_days, LimitUnit.WORKING_DAY),))
    if limit is None:
        raise DomainError("Nhập số ngày làm việc để trả lời, hoặc chọn ngày hạn trả lời.", "working_days")
    counted = sub_deadline(sent_at, limit, rules.calendar)
    return _Deadline(counted.due_at, counted)


def _closing(rules: OfficeRules, sent_at: datetime, due_on: date) -> datetime:
    """The end of a working day after that of sending."""
    sent_on = office_time(sent_at).date()
    if due_on <= sent_on:
        raise DomainError(f"Hạn trả lời phải sau ngày gửi ({sent_on:%d/%m/%Y}).", "due_on")
    if not rules.calendar.is_working_day(due_on):
        raise DomainError(
            f"Ngày {due_on:%d/%m/%Y} không phải ngày làm việc ({rules.calendar.day_note(due_on)}); chọn một "
            "ngày làm việc.",
            "due_on",
        )
    return datetime.combine(due_on, rules.calendar.hours.closes, OFFICE_ZONE)
