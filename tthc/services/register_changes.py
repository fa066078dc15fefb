"""Bringing a dossier to the state that a row of the register file describes, event by event."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, PauseRow, ProcedureVersion, Supplement
from tthc.db.queries import dossiers as queries
from tthc.domain.lifecycle import TRANSITIONS
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import DomainError, DossierState, EventKind, Outcome, SupplementMode
from tthc.services import history
from tthc.services.dossiers import close_open
from tthc.services.history import Happening
from tthc.services.history_batch import Story
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

FROM_FILE = "Nhập từ tệp sổ hồ sơ; nội dung theo văn bản đã gửi người nộp."


class RowRefused(Exception):
    """A row cannot be taken over: which column says so, and why."""

    def __init__(self, field: Field, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Recorder:
    """Who imports, when, and the id that all events of one import share.

    ``versions``: those of procedures that the import has met, each read once.
    """

    session: Session
    now: datetime
    actor: Actor
    action_id: str
    versions: dict[int, ProcedureVersion] = field(default_factory=dict)

    def version_of(self, dossier: Dossier) -> ProcedureVersion:
        """The version under which a dossier was received."""
        found = self.versions.get(dossier.version_id)
        if found is None:
            found = self.session.get_one(ProcedureVersion, dossier.version_id)
            self.versions[dossier.version_id] = found
        return found

    def happening(
        self,
        kind: EventKind,
        at: datetime,
        payload: Mapping[str, Any],
        *,
        note: str = "",
        appointment: datetime | None = None,
    ) -> Happening:
        """An imported event."""
        return Happening(
            kind,
            at,
            payload,
            note=note,
            appointment=appointment,
            imported=True,
            action_id=self.action_id,
        )

    def record(self, dossier: Dossier, what: Happening, field: Field) -> EventRow:
        """Record an event; what the rules refuse is blamed on ``field``."""
        try:
            return history.record(self.session, now=self.now, actor=self.actor, dossier=dossier, what=what)
        except DomainError as refusal:
            raise RowRefused(field, refusal.message) from None


@dataclass(frozen=True)
class Planned:
    """An event that is to be recorded, the column that dates it, and whether that column does."""

    what: Happening
    field: Field
    dated: bool


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


def begin(recorder: Recorder, story: Story, row: RegisterRow) -> None:
    """Tell what followed the receipt of a new dossier; what has no date is dated like the receipt."""
    version = recorder.version_of(story.dossier)
    last = story.life.received_at
    for kind in _way(story.life.state, row):
        planned = _plan(recorder, version, row, kind, last=last, new=True)
        try:
            story.tell(planned.what, recorder.now)
        except DomainError as refusal:
            raise RowRefused(planned.field, refusal.message) from None
        last = planned.what.occurred_at


def advance(recorder: Recorder, dossier: Dossier, row: RegisterRow, *, due: datetime | None) -> None:
    """Record the events that lead to the row's state, and its appointment if that is another one.

    ``due`` is the moment of NgayHenTra. A change of it that comes with the end is dated like the end, so
    that the end is judged by it, else as of now.
    """
    way = _way(dossier.state, row)
    if way:
        last = history.life_of(queries.events_of(recorder.session, dossier.id)).last_at
        version = recorder.version_of(dossier)
    for kind in way:
        planned = _plan(recorder, version, row, kind, last=last, new=False)
        waited = dossier.state in (DossierState.AWAITING_SUPPLEMENT, DossierState.PAUSED)
        event = recorder.record(dossier, planned.what, planned.field)
        keep_beside(recorder.session, dossier, event)
        if kind in _ENDINGS:
            close_open(recorder.session, dossier, now=recorder.now)
        elif waited:
            _close_beside(recorder.session, dossier, event)
        last = planned.what.occurred_at if planned.dated else last
        if kind in _ENDINGS and due is not None:
            _appoint(recorder, dossier, due, last)
    if due is not None:
        _appoint(recorder, dossier, due, recorder.now)


def _way(state: DossierState, row: RegisterRow) -> tuple[EventKind, ...]:
    way = steps(state, row.target)
    if way is None:
        raise RowRefused(
            Field.STATUS,
            f"Hồ sơ đang ở trạng thái “{state.label}” nên không chuyển thành “{row.target.label}” "
            "bằng tệp nhập được; hãy kiểm tra tệp, hoặc ghi việc này trên trang hồ sơ.",
        )
    return way


def _plan(
    recorder: Recorder,
    version: ProcedureVersion,
    row: RegisterRow,
    kind: EventKind,
    *,
    last: datetime,
    new: bool,
) -> Planned:
    """The event of a kind with its date; no dated event may lie before ``last``."""
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
    if kind is _E.REQUEST_SUPPLEMENT:
        payload["mode"] = version.supplement_mode.value
    elif kind is _E.REQUEST_PAYMENT:
        payload["stops_clock"] = version.financial_stops_clock
    elif kind is _E.RESOLVE:
        outcome, returned = row.outcome or (Outcome.GRANTED, False)
        payload |= {"outcome": outcome.value, "returned": returned}
    return Planned(recorder.happening(kind, at, payload, note=note), field, given is not None)


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
    what = recorder.happening(
        _E.SET_APPOINTMENT, at, {"undated": True}, note="Ngày hẹn trả theo tệp nhập.", appointment=due
    )
    recorder.record(dossier, what, Field.DUE)


def keep_beside(session: Session, dossier: Dossier, event: EventRow) -> None:
    """The row of a supplement or pause that an event opens, as the pages write it; the caller flushes."""
    if event.kind is _E.REQUEST_SUPPLEMENT:
        session.add(
            Supplement(
                unit_id=dossier.unit_id,
                dossier_id=dossier.id,
                opened_event_id=event.id,
                mode=SupplementMode(event.payload_json["mode"]),
                missing=FROM_FILE,
            )
        )
    elif event.kind is _E.PAUSE:
        session.add(
            PauseRow(
                unit_id=dossier.unit_id,
                dossier_id=dossier.id,
                opened_event_id=event.id,
                legal_basis=FROM_FILE,
            )
        )


def _close_beside(session: Session, dossier: Dossier, event: EventRow) -> None:
    """What was open before an event that ends the waiting."""
    supplement = queries.open_supplement(session, dossier.id)
    pause = queries.open_pause(session, dossier.id)
    for opened in (supplement, pause):
        if opened is not None:
            opened.closed_event_id = event.id
            opened.version += 1
    if pause is not None:
        pause.due_date_id = dossier.due_date_id
    session.flush()
