"""The one way in which a dossier changes: an event, and with it state, promise, spans and alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, DueDateRow, EventRow
from tthc.db.queries import dossiers as queries
from tthc.db.queries import steps as step_queries
from tthc.db.queries.dossiers import Settled
from tthc.domain.due_dates import DueDate, compute_due_date
from tthc.domain.lifecycle import Event, LifeState, apply, fold, retold
from tthc.domain.permissions import Actor
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    DomainError,
    DueCause,
    EventKind,
    SubjectKind,
)
from tthc.services import applicant_mail, calendar, catalogue, history_spans, step_following
from tthc.services.calendar import OfficeRules


@dataclass(frozen=True)
class Reckoning:
    """A due date as the rules give it, with the rules and the limit that gave it."""

    due: DueDate
    rules: OfficeRules
    limit: TimeLimit


@dataclass(frozen=True)
class Promise:
    """A due moment that an extension or a correction brings; ``counts``: it comes into force with it."""

    due_at: datetime
    cause: DueCause
    reckoned: Reckoning
    counts: bool = True


@dataclass(frozen=True)
class Happening:
    """What is about to be recorded.

    ``appointment`` is a due moment that came with the dossier (an import) and stands above the
    computed one. ``imported`` makes the event known from the day on which it happened. Where the dates of an
    event are settled by whoever records it, the payload has them, and ``promise`` the moment if it is new.
    """

    kind: EventKind
    occurred_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    appointment: datetime | None = None
    imported: bool = False
    action_id: str | None = None
    promise: Promise | None = None


def as_event(row: EventRow) -> Event:
    """The stored event as the lifecycle reads it."""
    return Event(seq=row.seq, kind=row.kind, occurred_at=row.occurred_at, payload=row.payload_json)


def life_of(rows: Sequence[EventRow]) -> LifeState:
    """The state that stored events fold into."""
    return fold([as_event(row) for row in rows])


def reckon(session: Session, dossier: Dossier, life: LifeState, *, extension: int | None = None) -> Reckoning:
    """The due date as the rules give it for a dossier in this state of life, day by day.

    By the newest calendar, under the rule of counting that the promise in force was made under; with the
    extension that the life has, or another.
    """
    promise = session.get_one(DueDateRow, dossier.due_date_id)
    rules = calendar.load_rules(session, dossier.unit_id, dossier.received_on, policy_id=promise.policy_id)
    limit = catalogue.limit_of(session, dossier.case_id)
    added = life.extension if extension is None else extension
    due = compute_due_date(
        life.clock_base_at, limit, rules.calendar, rules.policy, life.pauses, extension=added
    )
    return Reckoning(due, rules, limit)


def record(session: Session, *, now: datetime, actor: Actor, dossier: Dossier, what: Happening) -> EventRow:
    """Record one more event of a dossier; refuses what the lifecycle does not allow.

    The first one is written with the dossier itself (:mod:`tthc.services.history_batch`).
    """
    rows = queries.events_of(session, dossier.id)
    before = life_of(rows)
    if what.occurred_at > now:
        raise DomainError("Thời điểm không được sau hiện tại.", "occurred_at")
    event = Event(before.seq + 1, what.kind, what.occurred_at, dict(what.payload))
    after = apply(before, event)
    promise = what.promise
    if promise is None and _moves_clock(before, after, what):
        reckoned = reckon(session, dossier, after)
        promise = Promise(_due_at(dossier, what, reckoned.due), _cause(what, before), reckoned)
        released = before.waiting and not after.waiting
        dates = _dates(session, dossier, after, promise, released=released)
        event = Event(event.seq, what.kind, what.occurred_at, {**what.payload, **dates})
        after = apply(before, event)
    row = event_row(
        now=now,
        actor=actor,
        dossier=dossier,
        event=event,
        what=what,
        floor=rows[-1].counted_on,
        close=queries.settled(session, dossier.unit_id),
    )
    session.add(row)
    session.flush()
    if promise is not None:
        no = queries.last_promise_no(session, dossier.id) + 1
        due = due_date_row(
            dossier, row, due_at=promise.due_at, reckoned=promise.reckoned, no=no, cause=promise.cause
        )
        session.add(due)
        session.flush()
        if promise.counts:
            take_promise(dossier, due, promise.reckoned.due)
    elif what.kind is EventKind.REOPEN:
        _promise_again(session, dossier=dossier, row=row)
    copy_state(dossier, after)
    if what.kind is EventKind.CORRECT:
        rows = queries.events_of(session, dossier.id)
        told = zip(rows, retold([as_event(each) for each in rows]), strict=True)
        history_spans.rewrite_spans(session, dossier=dossier, told=list(told))
    else:
        history_spans.write_span(session, dossier=dossier, life=after, row=row)
    queries.withdraw_alerts(session, dossier, now=now)
    dossier.version += 1
    session.flush()
    scene = step_following.Scene(
        session,
        actor,
        dossier,
        after,
        at=row.occurred_at,
        recorded_at=now,
        event_id=row.id,
        rules=promise.reckoned.rules if promise is not None else None,
        limit=promise.reckoned.limit if promise is not None else None,
    )
    step_following.follow(scene, before, row)
    step_queries.withdraw_alerts(session, dossier.id, now=now)
    if not what.imported:
        moved = before.due_on is not None and dossier.due_on != before.due_on
        applicant_mail.tell_applicant(session, now=now, dossier=dossier, row=row, moved=moved)
    return row


def _dates(
    session: Session, dossier: Dossier, after: LifeState, promise: Promise, *, released: bool
) -> dict[str, str]:
    """What the event's payload says of the due date: the one that counts, and the one before an extension."""
    dates = {"due_on": promise.due_at.astimezone(OFFICE_ZONE).date().isoformat()}
    if released:
        # The stand of the clock moves the date before any extension as well.
        plain = reckon(session, dossier, after, extension=0) if after.extension else promise.reckoned
        first = plain.due.due_on
        dates["first_due_on"] = max(first, dossier.first_due_on).isoformat()
    return dates


def _due_at(dossier: Dossier, what: Happening, computed: DueDate) -> datetime:
    """The due moment that comes into force with an event.

    A stand of the clock never moves a promise earlier, as the reckoning could where an imported appointment
    or an older calendar stands behind it (domain.md 4.4).
    """
    if what.appointment is not None:
        return what.appointment
    if what.kind in (EventKind.SET_APPOINTMENT, EventKind.RECALCULATE):
        return computed.due_at
    return max(computed.due_at, dossier.due_at)


def _moves_clock(before: LifeState, after: LifeState, what: Happening) -> bool:
    """Whether a new due date comes into force with the event; otherwise the old one stays."""
    if what.kind in (EventKind.SET_APPOINTMENT, EventKind.RECALCULATE):
        return True
    return before.waiting and not after.waiting


def event_row(
    *,
    now: datetime,
    actor: Actor,
    dossier: Dossier,
    event: Event,
    what: Happening,
    floor: date | None,
    close: Settled | None,
) -> EventRow:
    """The row of an event, not yet added; ``floor`` is the counted date of the event before it.

    ``close`` says up to which day nothing is counted any more.
    """
    counted_on, close_id = event.occurred_on, None
    if close is not None and counted_on <= close.to_on:
        counted_on, close_id = close.to_on + timedelta(days=1), close.id
    if floor is not None:
        # A dossier's events count in the order in which they happened, also after a period was reopened.
        counted_on = max(counted_on, floor)
    return EventRow(
        unit_id=dossier.unit_id,
        dossier_id=dossier.id,
        seq=event.seq,
        kind=event.kind,
        occurred_at=event.occurred_at,
        occurred_on=event.occurred_on,
        recorded_at=now,
        known_at=event.occurred_at if what.imported else now,
        counted_on=counted_on,
        actor_id=actor.account_id,
        reason=what.reason,
        note=what.note,
        payload_json=dict(event.payload),
        schema_no=1,
        adjusts_close_id=close_id,
        action_id=what.action_id,
    )


def _cause(what: Happening, before: LifeState) -> DueCause:
    if what.appointment is not None:
        return DueCause.IMPORT
    if what.kind is EventKind.RECALCULATE:
        return DueCause.CALENDAR
    restarted = before.open_stop is not None and before.open_stop.kind is EventKind.REQUEST_SUPPLEMENT
    return DueCause.SUPPLEMENT if restarted else DueCause.PAUSE


def due_date_row(
    dossier: Dossier, row: EventRow, *, due_at: datetime, reckoned: Reckoning, no: int, cause: DueCause
) -> DueDateRow:
    """The row of a promise that an event (with its id) brings, not yet added."""
    return DueDateRow(
        subject_kind=SubjectKind.DOSSIER,
        subject_id=dossier.id,
        no=no,
        due_at=due_at,
        due_on=due_at.astimezone(OFFICE_ZONE).date(),
        cause=cause,
        event_id=row.id,
        computed_due_at=reckoned.due.due_at,
        calendar_version_id=reckoned.rules.calendar_version_id,
        policy_id=reckoned.rules.policy_id,
        provisional=reckoned.due.provisional,
        explain_json=None,
    )


def take_promise(dossier: Dossier, due: DueDateRow, computed: DueDate) -> None:
    """Put a promise (with its id) in force."""
    dossier.due_date_id = due.id
    take_dates(dossier, due.due_at, computed)


def take_dates(dossier: Dossier, due_at: datetime, computed: DueDate) -> None:
    """Show a due moment beside the events, with what the reckoning says of it."""
    dossier.due_at, dossier.due_on = due_at, due_at.astimezone(OFFICE_ZONE).date()
    dossier.provisional = computed.provisional
    dossier.clock_start_on = computed.clock_start_on


def _promise_again(session: Session, *, dossier: Dossier, row: EventRow) -> None:
    """The date in force as a promise of its own.

    Alerts are unique per promise and those of an ended dossier are withdrawn: without a new one, a reopened
    dossier could pass its date and nobody would be told.
    """
    last = session.get_one(DueDateRow, dossier.due_date_id)
    due = DueDateRow(
        subject_kind=SubjectKind.DOSSIER,
        subject_id=dossier.id,
        no=queries.last_promise_no(session, dossier.id) + 1,
        due_at=last.due_at,
        due_on=last.due_on,
        cause=DueCause.CORRECTION,
        event_id=row.id,
        computed_due_at=last.computed_due_at,
        calendar_version_id=last.calendar_version_id,
        policy_id=last.policy_id,
        provisional=last.provisional,
        explain_json=last.explain_json,
    )
    session.add(due)
    session.flush()
    dossier.due_date_id = due.id


def copy_state(dossier: Dossier, life: LifeState) -> None:
    """Store the fold beside the events, in their transaction."""
    if life.due_on is None or life.first_due_on is None or life.appointment_on is None:
        raise RuntimeError("a dossier without a due date cannot be stored")
    dossier.version_id, dossier.case_id = life.version_id, life.case_id
    dossier.procedure_id, dossier.sector_id = life.procedure_id, life.sector_id
    dossier.channel, dossier.submitted_at = life.channel, life.submitted_at
    dossier.received_at = life.received_at
    dossier.received_on = life.received_at.astimezone(OFFICE_ZONE).date()
    dossier.state = life.state
    dossier.waiting = life.waiting
    dossier.officer_id = life.officer_id
    dossier.first_due_on, dossier.appointment_on = life.first_due_on, life.appointment_on
    dossier.ended_at, dossier.ended_on, dossier.end_kind = life.ended_at, life.ended_on, life.end_kind
    dossier.outcome, dossier.returned = life.outcome, life.returned
    dossier.handed_over_at = life.handed_over_at
    dossier.handed_over_on = (
        life.handed_over_at.astimezone(OFFICE_ZONE).date() if life.handed_over_at else None
    )
    dossier.came_back_on = life.came_back_at.astimezone(OFFICE_ZONE).date() if life.came_back_at else None
