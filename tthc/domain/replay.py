"""A life told again from the receipt, with the due date that the count gives at each step.

What a correction needs: had the dossier been received under other terms, would this request have been in
time, that letter have counted, and which date would be in force today?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tthc.domain.calendar import WorkingCalendar
from tthc.domain.due_dates import DueDate, DuePolicy, compute_due_date, measure_extension
from tthc.domain.lifecycle import Event, LifeState, apply, fold, letter_in_time
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import EventKind

#: Events that tell a date by another rule than the count; a count that changes takes their place.
_TOLD = frozenset({EventKind.SET_APPOINTMENT, EventKind.RECALCULATE, EventKind.CORRECT})
_DATES = frozenset({"due_on", "first_due_on", "extension"})


@dataclass(frozen=True)
class Replay:
    """The life after each event, and the due moment in force after the last with the count that gave it.

    ``due_at`` may lie after that of ``due``: a stand of the clock never moves a promise earlier.
    """

    lives: Sequence[LifeState]
    due_at: datetime
    due: DueDate


def replay(events: Sequence[Event], limit: TimeLimit, calendar: WorkingCalendar, policy: DuePolicy) -> Replay:
    """Tell a life again under a limit; the first of ``events`` is the receipt as it should have been.

    Appointments that came from files, earlier corrections and dates held by another calendar are left out.
    """
    return _Teller(limit, calendar, policy).tell(events)


class _Teller:
    """A life as far as it has been told."""

    def __init__(self, limit: TimeLimit, calendar: WorkingCalendar, policy: DuePolicy) -> None:
        self._limit = limit
        self._calendar = calendar
        self._policy = policy

    def tell(self, events: Sequence[Event]) -> Replay:
        """All of it."""
        receipt = events[0]
        life = fold([replace(receipt, payload=_undated(receipt))])
        due = self._reckon(life, 0)
        due_at = due.due_at
        life = _promised(life, due.due_on, due.due_on)
        lives = [life]
        for event in events[1:]:
            before = life
            if event.kind in _TOLD:
                life = replace(life, seq=event.seq, last_at=max(life.last_at, event.occurred_at))
                lives.append(life)
                continue
            # An event without a date of its own was dated by the receipt, which may have moved.
            at = max(event.occurred_at, life.received_at)
            life = apply(life, replace(event, occurred_at=at, payload=_undated(event)))
            if event.kind is EventKind.EXTEND:
                life, extended = self._extend(before, life, event)
                if extended is not None:
                    due, due_at = extended, extended.due_at
            elif before.waiting and not life.waiting:
                due = self._reckon(life, life.extension)
                due_at = max(due_at, due.due_at)
                first_due_on = self._reckon(life, 0).due_on
                life = _promised(life, max(_date(before.due_on), due.due_on), first_due_on)
            lives.append(life)
        return Replay(lives, due_at, due)

    def _reckon(self, life: LifeState, extension: int) -> DueDate:
        return compute_due_date(
            life.clock_base_at, self._limit, self._calendar, self._policy, life.pauses, extension=extension
        )

    def _extend(self, before: LifeState, life: LifeState, event: Event) -> tuple[LifeState, DueDate | None]:
        """A letter that counts puts the date off; one that comes late, or tells no later date, does not."""
        # Whatever the letter said, nobody can be handed a result on a day off.
        new_on = self._calendar.next_working_day(date.fromisoformat(event.payload["appointment_on"]))
        due_on = _date(before.due_on)
        if new_on <= due_on or not letter_in_time(before, event.occurred_on):
            return replace(life, appointment_on=max(new_on, due_on)), None
        added = measure_extension(
            life.clock_base_at,
            self._limit,
            self._calendar,
            self._policy,
            life.pauses,
            new_due_on=new_on,
        )
        return replace(life, extension=added, due_on=new_on, appointment_on=new_on), self._reckon(life, added)


def _undated(event: Event) -> dict[str, object]:
    return {key: value for key, value in event.payload.items() if key not in _DATES}


def _promised(life: LifeState, due_on: date, first_due_on: date) -> LifeState:
    told = max(due_on, life.appointment_on) if life.appointment_on else due_on
    return replace(life, due_on=due_on, first_due_on=first_due_on, appointment_on=told)


def _date(on: date | None) -> date:
    if on is None:
        raise RuntimeError("a life that is told again has a date from its receipt on")
    return on
