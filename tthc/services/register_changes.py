"""Bringing a dossier to the state that a row of the register file describes, event by event."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, PauseRow, ProcedureVersion, Supplement
from tthc.db.queries import dossiers as queries
from tthc.domain.lifecycle import TRANSITIONS
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import DomainError, DossierState, EventKind, Outcome
from tthc.services import history
from tthc.services.register_columns import Field
from tthc.services.register_moments import Moment
from tthc.services.register_rows import RegisterRow

_E = EventKind

#: What an import records. Assignments and re-openings are decided by people of the office.
_KINDS = (
    _E.START,
    _E.REQUEST_SUPPLEMENT,
    _E.RECEIVE_SUPPLEMENT,
    _E.REQUEST_PAYMENT,
    _E.RECEIVE_PAYMENT,
    _E.PAUSE,
    _E.RESUME,
    _E.RESOLVE,
    _E.HAND_OVER,
    _E.WITHDRAW,
    _E.STOP,
)
#: The states that a dossier may have passed through unseen between two files.
_THROUGH = frozenset({DossierState.PROCESSING, DossierState.RESOLVED})

_REQUESTS = frozenset({_E.REQUEST_SUPPLEMENT, _E.REQUEST_PAYMENT, _E.PAUSE})
_ANSWERS = frozenset({_E.RECEIVE_SUPPLEMENT, _E.RECEIVE_PAYMENT, _E.RESUME})
_ENDINGS = frozenset({_E.RESOLVE, _E.WITHDRAW, _E.STOP})

_FROM_FILE = "Nhập từ tệp sổ hồ sơ; nội dung theo văn bản đã gửi người nộp."


class RowRefused(Exception):
    """A row cannot be taken over: which column says so, and why."""

    def __init__(self, field: Field, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Recorder:
    """Who imports, when, and the id that all events of one import share."""

    session: Session
    now: datetime
    actor: Actor
    action_id: str

    def record(
        self,
        dossier: Dossier,
        kind: EventKind,
        at: datetime,
        *,
        field: Field,
        payload: Mapping[str, Any] | None = None,
        note: str = "",
        appointment: datetime | None = None,
    ) -> EventRow:
        """One imported event; what the rules refuse is blamed on ``field``."""
        what = history.Happening(
            kind,
            at,
            payload or {},
            note=note,
            appointment=appointment,
            imported=True,
            action_id=self.action_id,
        )
        try:
            return history.record(self.session, now=self.now, actor=self.actor, dossier=dossier, what=what)
        except DomainError as refusal:
            raise RowRefused(field, refusal.message) from None


def steps(state: DossierState, target: DossierState) -> tuple[EventKind, ...] | None:
    """The shortest way from one state to another by events that a file can tell of; ``None``: there is none.

    5 to 9 is the receipt of the supplement and the end; 9 to 4 is none, as only a supervisor re-opens.
    """
    ways: deque[tuple[DossierState, tuple[EventKind, ...]]] = deque([(state, ())])
    seen = {state}
    while ways:
        at, taken = ways.popleft()
        if at is target:
            return taken
        if taken and at not in _THROUGH:
            continue
        for kind in _KINDS:
            after = TRANSITIONS.get((at, kind))
            if after is not None and after not in seen:
                seen.add(after)
                ways.append((after, (*taken, kind)))
    return None


def advance(
    recorder: Recorder, dossier: Dossier, row: RegisterRow, *, due: datetime | None, new: bool
) -> None:
    """Record the events that lead to the row's state, and its appointment if that is another one.

    ``new``: the dossier was received by this very row. ``due`` is the moment of NgayHenTra. A change of it
    that comes with the end is dated like the end, so that the end is judged by it, else as of now.
    """
    way = steps(dossier.state, row.target)
    if way is None:
        raise RowRefused(
            Field.STATUS,
            f"Hồ sơ đang ở trạng thái “{dossier.state.label}” nên không chuyển thành “{row.target.label}” "
            "bằng tệp nhập được; hãy kiểm tra tệp, hoặc ghi việc này trên trang hồ sơ.",
        )
    last = dossier.received_at
    if way and not new:
        last = history.life_of(queries.events_of(recorder.session, dossier.id)).last_at
    for kind in way:
        last = _step(recorder, dossier, row, kind, last=last, new=new)
        if kind in _ENDINGS and due is not None:
            _appoint(recorder, dossier, due, last)
    if due is not None:
        _appoint(recorder, dossier, due, recorder.now)


def _step(
    recorder: Recorder, dossier: Dossier, row: RegisterRow, kind: EventKind, *, last: datetime, new: bool
) -> datetime:
    """Record one event; returns the moment before which no dated event may lie."""
    field, given = _told(kind, row)
    payload: dict[str, Any] = {}
    note = ""
    if given is not None:
        at = given.after(last)
    elif new:
        at, note = last, f"Tệp nhập không ghi {_WHAT[kind]}; lấy thời điểm tiếp nhận."
    elif row.ended is not None:
        at, note = row.ended.after(last), f"Tệp nhập không ghi {_WHAT[kind]}; lấy thời điểm kết thúc xử lý."
    else:
        at, note = recorder.now, f"Tệp nhập không ghi {_WHAT[kind]}; lấy thời điểm nhập tệp."
    if given is None:
        payload["undated"] = True
    version = recorder.session.get_one(ProcedureVersion, dossier.version_id)
    if kind is _E.REQUEST_SUPPLEMENT:
        payload["mode"] = version.supplement_mode.value
    elif kind is _E.REQUEST_PAYMENT:
        payload["stops_clock"] = version.financial_stops_clock
    elif kind is _E.RESOLVE:
        outcome, returned = row.outcome or (Outcome.GRANTED, False)
        payload |= {"outcome": outcome.value, "returned": returned}
    waited = dossier.state in (DossierState.AWAITING_SUPPLEMENT, DossierState.PAUSED)
    event = recorder.record(dossier, kind, at, field=field, payload=payload, note=note)
    _keep_beside(recorder.session, dossier, version, event, waited=waited)
    return last if given is None else at


#: How a note calls the date that a file does not have.
_WHAT: Mapping[EventKind, str] = {
    _E.START: "ngày bắt đầu xử lý",
    _E.REQUEST_SUPPLEMENT: "ngày yêu cầu bổ sung",
    _E.REQUEST_PAYMENT: "ngày yêu cầu nghĩa vụ tài chính",
    _E.PAUSE: "ngày tạm dừng",
    _E.RECEIVE_SUPPLEMENT: "ngày nhận bổ sung",
    _E.RECEIVE_PAYMENT: "ngày thực hiện nghĩa vụ tài chính",
    _E.RESUME: "ngày tiếp tục xử lý",
}


def _told(kind: EventKind, row: RegisterRow) -> tuple[Field, Moment | None]:
    """The column that dates an event, and what the row has there."""
    if kind in _REQUESTS:
        return Field.REQUESTED, row.requested
    if kind in _ANSWERS:
        return Field.ANSWERED, row.answered
    if kind in _ENDINGS:
        return Field.ENDED, row.ended
    if kind is _E.HAND_OVER:
        return Field.HANDED_OVER, row.handed_over
    return Field.STATUS, None


def _appoint(recorder: Recorder, dossier: Dossier, due: datetime, at: datetime) -> None:
    if dossier.due_at.replace(microsecond=0) == due:
        return
    recorder.record(
        dossier,
        _E.SET_APPOINTMENT,
        at,
        field=Field.DUE,
        payload={"undated": True},
        note="Ngày hẹn trả theo tệp nhập.",
        appointment=due,
    )


def _keep_beside(
    session: Session, dossier: Dossier, version: ProcedureVersion, event: EventRow, *, waited: bool
) -> None:
    """The rows of supplements and pauses that belong to an event, as the pages write them."""
    if event.kind is _E.REQUEST_SUPPLEMENT:
        session.add(
            Supplement(
                unit_id=dossier.unit_id,
                dossier_id=dossier.id,
                opened_event_id=event.id,
                mode=version.supplement_mode,
                missing=_FROM_FILE,
            )
        )
    elif event.kind is _E.PAUSE:
        session.add(
            PauseRow(
                unit_id=dossier.unit_id,
                dossier_id=dossier.id,
                opened_event_id=event.id,
                legal_basis=_FROM_FILE,
            )
        )
    elif waited:
        supplement = queries.open_supplement(session, dossier.id)
        pause = queries.open_pause(session, dossier.id)
        for opened in (supplement, pause):
            if opened is not None:
                opened.closed_event_id = event.id
                opened.version += 1
                if event.kind in _ANSWERS:
                    opened.due_date_id = dossier.due_date_id
    session.flush()
