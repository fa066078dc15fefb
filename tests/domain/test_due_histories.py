"""Random lives of a dossier: pauses, supplements, extensions, corrections, against a ledger of its own.

The ledger keeps the dates by hand, counts with the naive counter and knows nothing of lifecycle or replay.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.naive_counter import Case, Rules, count
from tests.domain.seeded_office import COUNTING, PROPERTIES
from tthc.domain.calendar import office_time
from tthc.domain.due_dates import DuePolicy
from tthc.domain.lifecycle import Event, fold, retold
from tthc.domain.replay import replay
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, EventKind, LimitUnit

K = EventKind
RULES = Rules()


@dataclass
class Ledger:
    """What a careful clerk would write down."""

    received: datetime
    segments: tuple[tuple[int, str], ...]
    events: list[tuple[EventKind, datetime, dict[str, Any]]] = field(default_factory=list)
    lines: list[tuple[date, date, date, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.base, self.stands, self.extension = self.received, (), 0
        self.stop: tuple[EventKind, datetime, bool, str] | None = None
        self.due = self.first = self.told = self._count(0)
        self._write()

    def _count(self, extension: int) -> date:
        return count(Case(self.base, self.segments, RULES, self.stands, extension)).due.date()

    def _write(self) -> None:
        waiting = self.stop is not None and self.stop[2]
        self.lines.append((self.due, self.first, self.told, waiting))

    def happen(self, kind: EventKind, at: datetime, data: dict[str, Any]) -> None:
        """One event; what does not fit is left out by the caller."""
        on = at.date()
        if kind in (K.PAUSE, K.REQUEST_SUPPLEMENT):
            self.stop = (kind, at, on <= self.due, data.get("mode", "pause"))
        elif kind in (K.RESUME, K.RECEIVE_SUPPLEMENT):
            self._release(at, anew=kind is K.RECEIVE_SUPPLEMENT)
        elif kind is K.EXTEND:
            self._extend(on, date.fromisoformat(data["appointment_on"]))
        self.events.append((kind, at, data))
        self._write()

    def _release(self, at: datetime, *, anew: bool) -> None:
        assert self.stop is not None
        _, since, lawful, mode = self.stop
        self.stop = None
        if not lawful:
            return
        if anew and mode == "restart":
            self.base, self.stands, self.extension = at, (), 0
        else:
            self.stands = (*self.stands, (since, at))
        self.due = max(self.due, self._count(self.extension))
        self.first = max(self.first, self._count(0))
        self.told = max(self.told, self.due)

    def _extend(self, on: date, new: date) -> None:
        if on < self.due and new > self.due:
            extension = 1
            while self._count(extension) < new:
                extension += 1
            self.extension = extension
            self.due = self.told = new
        else:
            self.told = max(new, self.due)


_FOLLOWING = {
    None: (K.PAUSE, K.REQUEST_SUPPLEMENT, K.EXTEND, K.START),
    K.PAUSE: (K.RESUME,),
    K.REQUEST_SUPPLEMENT: (K.RECEIVE_SUPPLEMENT,),
}

#: Half the moments lie around the closing time of a working day.
_moments = st.builds(
    lambda day, minute: datetime(2025, 1, 2, tzinfo=OFFICE_ZONE) + timedelta(days=day, minutes=minute),
    st.integers(0, 500),
    st.integers(0, 1439) | st.sampled_from([449, 450, 690, 810, 1019, 1020, 1021]),
)
_limits = st.sampled_from(
    [
        ((3, "working_day"),),
        ((5, "working_day"),),
        ((15, "working_day"),),
        ((20, "day"),),
        ((1, "month"),),
        ((25, "day"), (7, "working_day")),
    ]
)
_steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 60 * 24 * 9),
        st.sampled_from(["pause", "restart"]),
        st.integers(1, 30),
    ),
    max_size=9,
)


def live(received: datetime, segments: tuple[tuple[int, str], ...], steps: list[Any]) -> Ledger:
    """A random life, written down."""
    ledger, at = Ledger(received, segments), received
    for choice, minutes, mode, days in steps:
        at += timedelta(minutes=minutes)
        following = _FOLLOWING[ledger.stop[0] if ledger.stop else None]
        kind = following[choice % len(following)]
        if kind is K.EXTEND:
            new = max(ledger.told, at.date()) + timedelta(days=days)
            while not RULES.worked(new):
                new += timedelta(days=1)
            ledger.happen(K.PROPOSE_EXTENSION, at, {})
            ledger.happen(kind, at, {"appointment_on": new.isoformat()})
        elif kind is not K.START or not ledger.events:
            # Only a dossier to which nothing has happened yet can be begun.
            ledger.happen(kind, at, {"mode": mode} if kind is K.REQUEST_SUPPLEMENT else {})
    return ledger


def events_of(ledger: Ledger, received: datetime) -> list[Event]:
    facts = {"version_id": 1, "case_id": 2, "procedure_id": 3, "sector_id": 4, "channel": "counter"}
    told = [Event(1, K.RECEIVE, received, facts)]
    return told + [
        Event(number, kind, at, data) for number, (kind, at, data) in enumerate(ledger.events, start=2)
    ]


def limit_of(segments: tuple[tuple[int, str], ...]) -> TimeLimit:
    return TimeLimit(tuple(LimitSegment(amount, LimitUnit(unit)) for amount, unit in segments))


def lines_of(events: list[Event], segments: tuple[tuple[int, str], ...]) -> list[tuple[Any, ...]]:
    told = replay(events, limit_of(segments), COUNTING, DuePolicy())
    return [(life.due_on, life.first_due_on, life.appointment_on, life.waiting) for life in told.lives]


@PROPERTIES
@given(_moments, _limits, _steps)
def test_a_life_is_told_as_a_careful_clerk_wrote_it_down(
    received: datetime, segments: tuple[tuple[int, str], ...], steps: list[Any]
) -> None:
    ledger = live(received, segments, steps)
    assert lines_of(events_of(ledger, received), segments) == ledger.lines


@PROPERTIES
@given(_moments, _limits, _steps)
def test_no_date_lies_before_the_receipt_or_on_a_day_off(
    received: datetime, segments: tuple[tuple[int, str], ...], steps: list[Any]
) -> None:
    events = events_of(live(received, segments, steps), received)
    told = replay(events, limit_of(segments), COUNTING, DuePolicy())
    for life in told.lives:
        for on in (life.due_on, life.first_due_on, life.appointment_on):
            assert on is not None
            assert on > office_time(received).date()
            assert COUNTING.is_working_day(on)
        assert life.first_due_on <= life.due_on <= life.appointment_on  # type: ignore[operator]
    assert told.due_at >= told.due.due_at


@PROPERTIES
@given(_moments, _limits, _steps, _limits, st.integers(0, 60 * 24 * 12))
def test_a_correction_gives_the_life_that_would_have_been(
    received: datetime,
    segments: tuple[tuple[int, str], ...],
    steps: list[Any],
    other: tuple[tuple[int, str], ...],
    earlier: int,
) -> None:
    """The same events from another receipt under another limit; what was in time then decides what counts."""
    written = live(received, segments, steps)
    should_be = received - timedelta(minutes=earlier)
    again = Ledger(should_be, other)
    for event in written.events:
        again.happen(*event)
    assert lines_of(events_of(written, should_be), other) == again.lines


@PROPERTIES
@given(_moments, _limits, _steps, _limits)
def test_folded_again_a_corrected_life_is_the_same(
    received: datetime,
    segments: tuple[tuple[int, str], ...],
    steps: list[Any],
    other: tuple[tuple[int, str], ...],
) -> None:
    """The event of a correction holds all that the fold needs; the lives before it are told anew."""
    events = events_of(live(received, segments, steps), received)
    corrected = replay(events, limit_of(other), COUNTING, DuePolicy())
    last = corrected.lives[-1]
    payload = {
        "version_id": 11,
        "case_id": 12,
        "procedure_id": 13,
        "sector_id": 14,
        "channel": "online",
        "submitted_at": received.isoformat(),
        "received_at": received.isoformat(),
        "clock_base_at": last.clock_base_at.isoformat(),
        "pauses": [[pause.start.isoformat(), pause.end.isoformat()] for pause in last.pauses],
        "lawful": last.open_stop.lawful if last.open_stop else None,
        "extension": last.extension,
        "due_on": f"{last.due_on}",
        "first_due_on": f"{last.first_due_on}",
        "appointment_on": f"{last.appointment_on}",
        "told": [[f"{life.due_on}", f"{life.first_due_on}", life.waiting] for life in corrected.lives],
        "open_from": None,
    }
    dated = [
        replace(
            event,
            payload={**event.payload, "due_on": f"{life.due_on}", "first_due_on": f"{life.first_due_on}"},
        )
        for event, life in zip(
            events, replay(events, limit_of(segments), COUNTING, DuePolicy()).lives, strict=True
        )
    ]
    whole = [*dated, Event(len(events) + 1, K.CORRECT, last.last_at, payload)]
    life = fold(whole)
    lives = retold(whole)
    assert lives[-1] == life == fold(whole)
    assert (life.due_on, life.first_due_on, life.pauses, life.waiting) == (
        last.due_on,
        last.first_due_on,
        last.pauses,
        last.waiting,
    )
    assert [(one.due_on, one.waiting, one.procedure_id) for one in lives[:-1]] == [
        (one.due_on, one.waiting, 13) for one in corrected.lives
    ]
