"""The life of a dossier: events, the table of allowed transitions, and the fold into the present state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from tthc.domain.due_dates import Pause
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    PENDING_STATES,
    Channel,
    DomainError,
    DossierState,
    EndKind,
    EventKind,
    Outcome,
    SupplementMode,
)

_S = DossierState
_E = EventKind


def _from(
    states: Iterable[DossierState], kind: EventKind, to: DossierState
) -> dict[tuple[DossierState, EventKind], DossierState]:
    return {(state, kind): to for state in states}


def _staying(
    states: Iterable[DossierState], *kinds: EventKind
) -> dict[tuple[DossierState, EventKind], DossierState]:
    return {(state, kind): state for state in states for kind in kinds}


_WORKING = (_S.RECEIVED, _S.PROCESSING)
_ENDED = (_S.RESOLVED, _S.HANDED_OVER, _S.WITHDRAWN, _S.STOPPED)

#: (state, event) -> next state. What is not in the table is refused. An assignment, an extension, a
#: consultation, a correction, a new reckoning after a change of the calendar and an imported appointment
#: leave the state as it is (domain.md 3).
TRANSITIONS: Mapping[tuple[DossierState, EventKind], DossierState] = MappingProxyType(
    {
        (_S.RECEIVED, _E.START): _S.PROCESSING,
        **_from(_WORKING, _E.REQUEST_SUPPLEMENT, _S.AWAITING_SUPPLEMENT),
        (_S.AWAITING_SUPPLEMENT, _E.RECEIVE_SUPPLEMENT): _S.PROCESSING,
        **_from(_WORKING, _E.REQUEST_PAYMENT, _S.AWAITING_PAYMENT),
        (_S.AWAITING_PAYMENT, _E.RECEIVE_PAYMENT): _S.PROCESSING,
        **_from(_WORKING, _E.PAUSE, _S.PAUSED),
        (_S.PAUSED, _E.RESUME): _S.PROCESSING,
        **_from((*_WORKING, _S.AWAITING_PAYMENT), _E.RESOLVE, _S.RESOLVED),
        (_S.RESOLVED, _E.HAND_OVER): _S.HANDED_OVER,
        # Whether it went by post is known beside the events: tthc.domain.hand_overs.came_back.
        (_S.HANDED_OVER, _E.COME_BACK): _S.RESOLVED,
        **_from(PENDING_STATES, _E.WITHDRAW, _S.WITHDRAWN),
        **_from(PENDING_STATES, _E.STOP, _S.STOPPED),
        **_from(_ENDED, _E.REOPEN, _S.PROCESSING),
        # While the clock stands still there is no date to put off.
        **_staying(_WORKING, _E.PROPOSE_EXTENSION, _E.EXTEND),
        **_staying((*_WORKING, _S.AWAITING_PAYMENT), _E.CONSULT),
        **_staying(PENDING_STATES, _E.ASSIGN, _E.RECALCULATE, _E.REFUSE_EXTENSION, _E.RECEIVE_OPINION),
        **_staying(_S, _E.SET_APPOINTMENT, _E.CORRECT),
    }
)

#: The events that begin a stand of the clock, and the one that ends each.
_STOPS = {
    _E.REQUEST_SUPPLEMENT: _E.RECEIVE_SUPPLEMENT,
    _E.REQUEST_PAYMENT: _E.RECEIVE_PAYMENT,
    _E.PAUSE: _E.RESUME,
}

_ENDINGS = {_E.RESOLVE: EndKind.RESOLVED, _E.WITHDRAW: EndKind.WITHDRAWN, _E.STOP: EndKind.STOPPED}


class TransitionRefused(DomainError):
    """The event does not fit the state that the dossier is in."""


@dataclass(frozen=True)
class Event:
    """One dated event, as the lifecycle reads it.

    ``occurred_at`` is an aware instant. The payload keys that the fold reads: ``version_id``,
    ``case_id``, ``procedure_id``, ``sector_id``, ``channel``, ``officer_id``, ``submitted_at`` (ISO)
    on RECEIVE; ``officer_id`` on ASSIGN; ``mode`` on REQUEST_SUPPLEMENT; ``stops_clock`` on
    REQUEST_PAYMENT; ``outcome``, ``returned`` on RESOLVE; ``appointment_on`` (ISO) on EXTEND, with
    ``extension`` if the letter was in time; on CORRECT what :func:`corrected` lists; ``due_on`` (ISO) on
    every event after which a new due date is in force, and beside it ``first_due_on`` where the clock
    was set going again; ``undated`` on an event that an import knows of without its date:
    ``occurred_at`` is then the latest that it can be, and a later event may be dated before it.
    """

    seq: int
    kind: EventKind
    occurred_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def occurred_on(self) -> date:
        """The office's local date of the event."""
        return self.occurred_at.astimezone(OFFICE_ZONE).date()


@dataclass(frozen=True)
class OpenStop:
    """A stand of the clock that has not ended: why, since when, and whether it was begun in time."""

    kind: EventKind
    since: datetime
    lawful: bool
    mode: SupplementMode


@dataclass(frozen=True)
class LifeState:
    """What the events of one dossier add up to.

    ``clock_base_at`` is the moment from which the limit counts: the receipt, or the completion of a
    supplement that restarted the clock. ``pauses`` are the closed lawful stands since then, ``extension`` is
    what was added to the limit (:func:`~tthc.domain.due_dates.compute_due_date`). ``due_on`` is the date that
    counts (domain.md 4.9), ``appointment_on`` the one that the applicant was told last, ``first_due_on`` the
    one before any extension. ``came_back_at``: the result was posted, came back, and waits again since then.
    """

    state: DossierState
    seq: int
    version_id: int
    case_id: int
    procedure_id: int
    sector_id: int
    channel: Channel
    officer_id: int | None
    submitted_at: datetime
    received_at: datetime
    clock_base_at: datetime
    last_at: datetime
    due_on: date | None = None
    first_due_on: date | None = None
    appointment_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    open_stop: OpenStop | None = None
    supplements: int = 0
    extension: int = 0
    extensions: int = 0
    proposal_open: bool = False
    consultations_open: int = 0
    ended_at: datetime | None = None
    end_kind: EndKind | None = None
    outcome: Outcome | None = None
    returned: bool = False
    handed_over_at: datetime | None = None
    came_back_at: datetime | None = None

    @property
    def waiting(self) -> bool:
        """Whether the clock stands still lawfully (domain.md 4.8: a stop begun late cures nothing)."""
        return self.open_stop is not None and self.open_stop.lawful

    @property
    def ended_on(self) -> date | None:
        """The local date on which the dossier ended."""
        return self.ended_at.astimezone(OFFICE_ZONE).date() if self.ended_at else None


def allowed(life: LifeState) -> tuple[EventKind, ...]:
    """The events that may follow, in the order of the enum."""
    return tuple(
        kind for kind in EventKind if (life.state, kind) in TRANSITIONS and not _out_of_turn(life, kind)
    )


def _out_of_turn(life: LifeState, kind: EventKind) -> str:
    """Why an event does not fit what else is under way, beside the state; empty when it does."""
    if kind is _E.PROPOSE_EXTENSION and life.proposal_open:
        return "Đã có một đề xuất gia hạn đang chờ quyết định; quyết định đề xuất đó trước."
    if kind in (_E.EXTEND, _E.REFUSE_EXTENSION) and not life.proposal_open:
        return "Không có đề xuất gia hạn nào đang chờ quyết định."
    if kind is _E.RECEIVE_OPINION and not life.consultations_open:
        return "Không có văn bản lấy ý kiến nào đang chờ trả lời."
    return ""


def fold(events: Sequence[Event]) -> LifeState:
    """The present state of a dossier from its events in order of ``seq``.

    Raises :class:`TransitionRefused` when an event does not fit the state before it, or is dated
    before the event that precedes it.
    """
    if not events:
        raise TransitionRefused("Hồ sơ chưa có sự kiện nào.")
    life = _begin(events[0])
    for event in events[1:]:
        life = apply(life, event)
    return life


def retold(events: Sequence[Event]) -> list[LifeState]:
    """The life after each event, as it is known after the last one to have been.

    A correction tells the life before it anew: the facts of the receipt, and what its payload says under
    ``told`` of each earlier event, in their order: ``[due_on, first_due_on, waiting]``.
    """
    lives: list[LifeState] = []
    for event in events:
        after = apply(lives[-1], event) if lives else _begin(event)
        if event.kind is _E.CORRECT:
            lives = [
                _retell(life, after, *said) for life, said in zip(lives, event.payload["told"], strict=True)
            ]
        lives.append(after)
    return lives


def _retell(life: LifeState, known: LifeState, due_on: str, first_due_on: str, waiting: bool) -> LifeState:
    """An earlier life with the facts of the receipt that are known now, and the dates that they give."""
    return replace(
        life,
        version_id=known.version_id,
        case_id=known.case_id,
        procedure_id=known.procedure_id,
        sector_id=known.sector_id,
        channel=known.channel,
        submitted_at=known.submitted_at,
        received_at=known.received_at,
        due_on=date.fromisoformat(due_on),
        first_due_on=date.fromisoformat(first_due_on),
        open_stop=replace(life.open_stop, lawful=waiting) if life.open_stop else None,
    )


def _begin(event: Event) -> LifeState:
    if event.kind is not _E.RECEIVE:
        raise TransitionRefused("Sự kiện đầu tiên của hồ sơ phải là tiếp nhận.")
    data = event.payload
    submitted = data.get("submitted_at")
    life = LifeState(
        state=_S.RECEIVED,
        seq=event.seq,
        version_id=data["version_id"],
        case_id=data["case_id"],
        procedure_id=data["procedure_id"],
        sector_id=data["sector_id"],
        channel=Channel(data["channel"]),
        officer_id=data.get("officer_id"),
        submitted_at=datetime.fromisoformat(submitted) if submitted else event.occurred_at,
        received_at=event.occurred_at,
        clock_base_at=event.occurred_at,
        last_at=event.occurred_at,
    )
    return _with_due(life, event)


def apply(life: LifeState, event: Event) -> LifeState:
    """The state after one more event; refuses what the table does not allow."""
    target = TRANSITIONS.get((life.state, event.kind))
    if target is None:
        raise TransitionRefused(
            f"Hồ sơ đang ở trạng thái “{life.state.label}” nên không thể ghi “{event.kind.label}”."
        )
    if event.occurred_at < life.last_at:
        raise TransitionRefused(
            f"Thời điểm phải từ {life.last_at.astimezone(OFFICE_ZONE):%H:%M ngày %d/%m/%Y} trở đi, "
            "vì sự kiện trước đó đã ghi vào lúc ấy.",
            "occurred_at",
        )
    if refusal := _out_of_turn(life, event.kind):
        raise TransitionRefused(refusal)
    last_at = life.last_at if event.payload.get("undated", False) else event.occurred_at
    life = replace(life, state=target, seq=event.seq, last_at=last_at)
    if event.kind in _STOPS:
        life = _stop_clock(life, event)
    elif life.open_stop is not None and (event.kind is _STOPS[life.open_stop.kind] or event.kind in _ENDINGS):
        life = _release_clock(life, event.occurred_at, completed=event.kind not in _ENDINGS)
    if event.kind in _ENDINGS:
        outcome = event.payload.get("outcome")
        life = replace(
            life,
            ended_at=event.occurred_at,
            end_kind=_ENDINGS[event.kind],
            outcome=Outcome(outcome) if outcome else None,
            returned=bool(event.payload.get("returned", False)),
            proposal_open=False,
            consultations_open=0,
        )
    elif event.kind is _E.HAND_OVER:
        life = replace(life, handed_over_at=event.occurred_at, came_back_at=None)
    elif event.kind is _E.COME_BACK:
        # The result is as it was: only the applicant has nothing yet.
        life = replace(life, handed_over_at=None, came_back_at=event.occurred_at)
    elif event.kind is _E.REOPEN:
        life = replace(
            life,
            ended_at=None,
            end_kind=None,
            outcome=None,
            returned=False,
            handed_over_at=None,
            came_back_at=None,
        )
    elif event.kind is _E.ASSIGN:
        life = replace(life, officer_id=event.payload.get("officer_id"))
    elif event.kind is _E.CORRECT:
        return corrected(life, event.payload)
    elif event.kind in (_E.PROPOSE_EXTENSION, _E.EXTEND, _E.REFUSE_EXTENSION):
        life = _extended(life, event)
    elif event.kind in (_E.CONSULT, _E.RECEIVE_OPINION):
        more = 1 if event.kind is _E.CONSULT else -1
        life = replace(life, consultations_open=life.consultations_open + more)
    return _with_due(life, event)


def letter_in_time(life: LifeState, on: date) -> bool:
    """Whether a letter of extension issued on a date counts: at the latest the day before due (4.7)."""
    return life.due_on is not None and on < life.due_on


def _extended(life: LifeState, event: Event) -> LifeState:
    """A proposal, or the answer to it; a letter that comes late is told but does not count (4.9)."""
    if event.kind is not _E.EXTEND:
        return replace(life, proposal_open=event.kind is _E.PROPOSE_EXTENSION)
    return replace(
        life,
        proposal_open=False,
        extensions=life.extensions + 1,
        extension=event.payload.get("extension", life.extension),
        appointment_on=date.fromisoformat(event.payload["appointment_on"]),
    )


def corrected(life: LifeState, facts: Mapping[str, Any]) -> LifeState:
    """The life with other facts of the receipt, and what they make of the clock.

    ``facts``: ``version_id``, ``case_id``, ``procedure_id``, ``sector_id``, ``channel``; ``submitted_at``,
    ``received_at``, ``clock_base_at`` (ISO); ``pauses`` (pairs of ISO); ``lawful`` of a stand of the clock
    that has not ended, else ``None``; ``extension``; ``due_on``, ``first_due_on``, ``appointment_on`` (ISO);
    ``told`` and ``open_from`` (ISO or ``None``: the first date outside of closed periods) for the spans.
    """
    stop = life.open_stop
    return replace(
        life,
        version_id=facts["version_id"],
        case_id=facts["case_id"],
        procedure_id=facts["procedure_id"],
        sector_id=facts["sector_id"],
        channel=Channel(facts["channel"]),
        submitted_at=datetime.fromisoformat(facts["submitted_at"]),
        received_at=datetime.fromisoformat(facts["received_at"]),
        clock_base_at=datetime.fromisoformat(facts["clock_base_at"]),
        pauses=tuple(
            Pause(datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in facts["pauses"]
        ),
        open_stop=replace(stop, lawful=facts["lawful"]) if stop else None,
        extension=facts["extension"],
        due_on=date.fromisoformat(facts["due_on"]),
        first_due_on=date.fromisoformat(facts["first_due_on"]),
        appointment_on=date.fromisoformat(facts["appointment_on"]),
    )


def _stop_clock(life: LifeState, event: Event) -> LifeState:
    """Begin a stand of the clock; one begun after the due date in force cures nothing (4.8)."""
    in_time = life.due_on is None or event.occurred_on <= life.due_on
    mode = SupplementMode(event.payload.get("mode", SupplementMode.PAUSE))
    if event.kind is _E.REQUEST_SUPPLEMENT:
        life = replace(life, supplements=life.supplements + 1)
    if event.kind is _E.REQUEST_PAYMENT and not event.payload.get("stops_clock", False):
        return life
    return replace(
        life, open_stop=OpenStop(kind=event.kind, since=event.occurred_at, lawful=in_time, mode=mode)
    )


def _release_clock(life: LifeState, at: datetime, *, completed: bool) -> LifeState:
    """End a stand of the clock; only a completed supplement restarts it, an ending closes it like a pause."""
    stop = life.open_stop
    life = replace(life, open_stop=None)
    if stop is None or not stop.lawful:
        return life
    if completed and stop.kind is _E.REQUEST_SUPPLEMENT and stop.mode is SupplementMode.RESTART:
        # The whole limit begins anew, so there is nothing left that was put off.
        return replace(life, clock_base_at=at, pauses=(), extension=0)
    # Only a stop without a date of its own can seem to begin after its end; then it lasted no time.
    return replace(life, pauses=(*life.pauses, Pause(start=min(stop.since, at), end=at)))


def _with_due(life: LifeState, event: Event) -> LifeState:
    """Take over the due date that came into force with ``event``.

    ``first_due_on`` is the date before any extension, re-based by a lawful restart or pause
    (domain.md 4.7), so it moves with every cause but a new appointment. Reckoned anew to the same date, as
    when an estimated day off was confirmed, nothing was re-based.
    """
    text = event.payload.get("due_on")
    if text is None:
        return life
    due_on = date.fromisoformat(text)
    repeated = event.kind is _E.RECALCULATE and due_on == life.due_on
    if first := event.payload.get("first_due_on"):
        first_due_on: date | None = date.fromisoformat(first)
    elif repeated or event.kind in (_E.SET_APPOINTMENT, _E.EXTEND):
        first_due_on = life.first_due_on
    elif event.kind is _E.RECALCULATE and life.extension:
        # What moved is the date of the letter; the one before it was put off already.
        first_due_on = life.first_due_on
    else:
        first_due_on = due_on
    return replace(life, due_on=due_on, first_due_on=first_due_on, appointment_on=_told(life, event, due_on))


def _told(life: LifeState, event: Event, due_on: date) -> date:
    """The appointment after an event: one that a late letter told is not taken back by an earlier date.

    Neither by a stand of the clock, nor by another calendar; where no letter stands, both go together.
    """
    ends_stop = event.kind in _STOPS.values() or event.kind in _ENDINGS
    told_later = event.kind is _E.RECALCULATE and life.appointment_on != life.due_on
    if (ends_stop or told_later) and life.appointment_on is not None:
        return max(due_on, life.appointment_on)
    return due_on
