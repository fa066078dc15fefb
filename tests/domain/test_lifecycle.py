"""The life of a dossier: the table of transitions, what stops the clock, and the fold of random histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.due_dates import Pause
from tthc.domain.lifecycle import (
    TRANSITIONS,
    Event,
    LifeState,
    TransitionRefused,
    allowed,
    apply,
    fold,
    letter_in_time,
    retold,
)
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    PENDING_STATES,
    Channel,
    DossierState,
    EndKind,
    EventKind,
    Outcome,
    SupplementMode,
)

S, K = DossierState, EventKind

#: Row: what happens. Column: the state before. Cell: the state after, "=" unchanged, "·" refused.
TABLE = """
                    received processing awaiting_supplement awaiting_payment paused resolved handed_over withdrawn stopped
receive             ·        ·          ·                   ·                ·      ·        ·           ·         ·
assign              =        =          =                   =                =      ·        ·           ·         ·
start               processing ·        ·                   ·                ·      ·        ·           ·         ·
request_supplement  awaiting_supplement awaiting_supplement · ·              ·      ·        ·           ·         ·
receive_supplement  ·        ·          processing          ·                ·      ·        ·           ·         ·
request_payment     awaiting_payment awaiting_payment ·     ·                ·      ·        ·           ·         ·
receive_payment     ·        ·          ·                   processing       ·      ·        ·           ·         ·
pause               paused   paused     ·                   ·                ·      ·        ·           ·         ·
resume              ·        ·          ·                   ·       processing      ·        ·           ·         ·
resolve             resolved resolved   ·                   resolved         ·      ·        ·           ·         ·
hand_over           ·        ·          ·                   ·                ·  handed_over  ·           ·         ·
come_back           ·        ·          ·                   ·                ·      ·     resolved       ·         ·
withdraw            withdrawn withdrawn withdrawn           withdrawn   withdrawn   ·        ·           ·         ·
stop                stopped  stopped    stopped             stopped     stopped     ·        ·           ·         ·
reopen              ·        ·          ·                   ·           · processing processing processing processing
set_appointment     =        =          =                   =                =      =        =           =         =
propose_extension   =        =          ·                   ·                ·      ·        ·           ·         ·
extend              =        =          ·                   ·                ·      ·        ·           ·         ·
refuse_extension    =        =          =                   =                =      ·        ·           ·         ·
correct             =        =          =                   =                =      =        =           =         =
recalculate         =        =          =                   =                =      ·        ·           ·         ·
consult             =        =          ·                   =                ·      ·        ·           ·         ·
receive_opinion     =        =          =                   =                =      ·        ·           ·         ·
"""  # noqa: E501

#: How to get into each state from the receipt.
WAY_TO: dict[DossierState, tuple[EventKind, ...]] = {
    S.RECEIVED: (),
    S.PROCESSING: (K.START,),
    S.AWAITING_SUPPLEMENT: (K.REQUEST_SUPPLEMENT,),
    S.AWAITING_PAYMENT: (K.REQUEST_PAYMENT,),
    S.PAUSED: (K.PAUSE,),
    S.RESOLVED: (K.RESOLVE,),
    S.HANDED_OVER: (K.RESOLVE, K.HAND_OVER),
    S.WITHDRAWN: (K.WITHDRAW,),
    S.STOPPED: (K.STOP,),
}

DUE = date(2024, 6, 10)

#: What an event has to say besides its kind.
PAYLOADS: dict[EventKind, dict[str, Any]] = {
    K.EXTEND: {"appointment_on": "2024-06-20", "due_on": "2024-06-20", "extension": 8},
    K.CORRECT: {
        "version_id": 13,
        "case_id": 14,
        "procedure_id": 15,
        "sector_id": 16,
        "channel": "counter",
        "submitted_at": "2024-06-03T08:00:00+07:00",
        "received_at": "2024-06-03T08:00:00+07:00",
        "clock_base_at": "2024-06-03T08:00:00+07:00",
        "pauses": [],
        "lawful": True,
        "extension": 0,
        "due_on": "2024-06-12",
        "first_due_on": "2024-06-12",
        "appointment_on": "2024-06-12",
        "told": [["2024-06-12", "2024-06-12", False]],
        "open_from": None,
    },
}


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of June 2024, office time."""
    return datetime(2024, 6, day, hour, minute, second, tzinfo=OFFICE_ZONE)


def received(when: datetime | None = None, due_on: date | None = DUE, **more: Any) -> Event:
    payload: dict[str, Any] = {
        "version_id": 3,
        "case_id": 4,
        "procedure_id": 5,
        "sector_id": 6,
        "channel": "online",
        "officer_id": 7,
        **more,
    }
    if due_on is not None:
        payload["due_on"] = due_on.isoformat()
    return Event(1, K.RECEIVE, when or at(3), payload)


def history(*steps: tuple[EventKind, datetime, Mapping[str, Any]] | tuple[EventKind, datetime]) -> LifeState:
    """Received on 03/06/2024 09:00 and due on 10/06, then the steps."""
    events = [received()]
    for number, step in enumerate(steps, start=2):
        events.append(Event(number, step[0], step[1], step[2] if len(step) == 3 else {}))
    return fold(events)


# --- the table ----------------------------------------------------------------------------------------


def test_the_table_of_transitions() -> None:
    lines = [line.split() for line in TABLE.strip().splitlines()]
    states = [S(name) for name in lines[0]]
    assert set(states) == set(S)
    assert {K(line[0]) for line in lines[1:]} == set(K)
    expected = {
        (state, K(line[0])): state if cell == "=" else S(cell)
        for line in lines[1:]
        for state, cell in zip(states, line[1:], strict=True)
        if cell != "·"
    }
    assert dict(TRANSITIONS) == expected


@pytest.mark.parametrize("state", list(S), ids=str)
@pytest.mark.parametrize("kind", list(K), ids=str)
def test_what_the_table_allows_is_applied_and_the_rest_refused(state: DossierState, kind: EventKind) -> None:
    life = history(*[(step, at(4)) for step in WAY_TO[state]])
    assert life.state is state
    # Two kinds answer a proposal, one a consultation: there has to be one.
    answers = kind in (K.EXTEND, K.REFUSE_EXTENSION)
    life = replace(life, proposal_open=answers, consultations_open=1)
    event = Event(life.seq + 1, kind, at(5), PAYLOADS.get(kind, {}))
    target = TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(TransitionRefused) as refusal:
            apply(life, event)
        assert state.label in refusal.value.message
        assert kind.label in refusal.value.message
        assert kind not in allowed(life)
    else:
        assert apply(life, event).state is target
        assert kind in allowed(life)


def test_a_dossier_begins_with_its_receipt() -> None:
    with pytest.raises(TransitionRefused, match="Sự kiện đầu tiên"):
        fold([Event(1, K.START, at(3))])
    with pytest.raises(TransitionRefused, match="chưa có sự kiện"):
        fold([])


def test_the_receipt_fixes_what_the_dossier_is() -> None:
    submitted = datetime(2024, 6, 1, 20, tzinfo=OFFICE_ZONE)
    life = fold([received(submitted_at=submitted.isoformat())])
    assert (life.version_id, life.case_id, life.procedure_id, life.sector_id) == (3, 4, 5, 6)
    assert (life.channel, life.officer_id) == (Channel.ONLINE, 7)
    assert (life.submitted_at, life.received_at, life.clock_base_at) == (submitted, at(3), at(3))
    assert (life.due_on, life.first_due_on, life.waiting, life.supplements) == (DUE, DUE, False, 0)
    assert fold([received()]).submitted_at == at(3), "without a filing, filed when received"


def test_events_keep_their_order_in_time() -> None:
    life = history((K.START, at(5)))
    with pytest.raises(TransitionRefused, match="09:00 ngày 05/06/2024") as refusal:
        apply(life, Event(3, K.RESOLVE, at(5) - timedelta(seconds=1), {"outcome": "granted"}))
    assert refusal.value.field == "occurred_at"
    assert apply(life, Event(3, K.RESOLVE, at(5), {"outcome": "granted"})).ended_at == at(5)


@pytest.mark.parametrize(
    ("moment", "local_date"),
    [
        (at(14, 0), date(2024, 6, 14)),
        (at(14, 23, 59, 59), date(2024, 6, 14)),
        (datetime(2024, 6, 13, 17, tzinfo=UTC), date(2024, 6, 14)),
        (datetime(2024, 6, 13, 16, 59, 59, tzinfo=UTC), date(2024, 6, 13)),
    ],
)
def test_the_date_of_an_event_is_the_office_s_own(moment: datetime, local_date: date) -> None:
    assert Event(2, K.START, moment).occurred_on == local_date
    assert history((K.WITHDRAW, moment)).ended_on == local_date


# --- what stops the clock -----------------------------------------------------------------------------

PAUSE, RESTART = {"mode": "pause"}, {"mode": "restart"}
STOPS = [
    pytest.param(K.REQUEST_SUPPLEMENT, PAUSE, K.RECEIVE_SUPPLEMENT, id="supplement"),
    pytest.param(K.PAUSE, {}, K.RESUME, id="pause"),
    pytest.param(K.REQUEST_PAYMENT, {"stops_clock": True}, K.RECEIVE_PAYMENT, id="payment"),
]


@pytest.mark.parametrize(("begin", "payload", "end"), STOPS)
def test_a_stop_in_time_waits_and_leaves_a_pause(
    begin: EventKind, payload: dict[str, Any], end: EventKind
) -> None:
    waiting = history((begin, at(5), payload))
    assert waiting.waiting
    running = apply(waiting, Event(3, end, at(7, 15)))
    assert not running.waiting
    assert running.open_stop is None
    assert running.pauses == (Pause(at(5), at(7, 15)),)
    assert running.clock_base_at == at(3)


@pytest.mark.parametrize(("begin", "payload", "end"), STOPS)
@pytest.mark.parametrize(
    ("moment", "in_time"), [(at(10, 0), True), (at(10, 23, 59, 59), True), (at(11, 0), False)]
)
def test_a_stop_begun_after_the_due_date_cures_nothing(
    begin: EventKind, payload: dict[str, Any], end: EventKind, moment: datetime, in_time: bool
) -> None:
    waiting = history((begin, moment, payload))
    assert waiting.waiting is in_time
    running = apply(waiting, Event(3, end, at(20)))
    assert bool(running.pauses) is in_time
    assert (running.clock_base_at, running.due_on) == (at(3), DUE)


def test_a_completed_supplement_restarts_the_clock_from_zero() -> None:
    life = history(
        (K.PAUSE, at(4)),
        (K.RESUME, at(5), {"due_on": "2024-06-11"}),
        (K.REQUEST_SUPPLEMENT, at(6), RESTART),
        (K.RECEIVE_SUPPLEMENT, at(12), {"due_on": "2024-06-19"}),
    )
    assert life.clock_base_at == at(12)
    assert life.pauses == (), "what stood still before the restart no longer counts"
    assert life.due_on == life.first_due_on == date(2024, 6, 19)
    later = apply(
        apply(life, Event(6, K.PAUSE, at(13))), Event(7, K.RESUME, at(14), {"due_on": "2024-06-20"})
    )
    assert (later.clock_base_at, later.pauses) == (at(12), (Pause(at(13), at(14)),))


def test_a_late_request_does_not_restart_the_clock() -> None:
    life = history((K.REQUEST_SUPPLEMENT, at(11), RESTART), (K.RECEIVE_SUPPLEMENT, at(12)))
    assert (life.clock_base_at, life.pauses, life.due_on) == (at(3), (), DUE)
    assert life.supplements == 1


def test_lateness_is_judged_by_the_date_then_in_force() -> None:
    moved = history((K.PAUSE, at(5)), (K.RESUME, at(6), {"due_on": "2024-06-11"}), (K.PAUSE, at(11)))
    assert moved.waiting, "the due date had moved to the 11th"
    assert not history((K.PAUSE, at(5)), (K.RESUME, at(6)), (K.PAUSE, at(11))).waiting


def test_a_payment_stops_the_clock_only_where_the_procedure_says_so() -> None:
    life = history((K.REQUEST_PAYMENT, at(5), {"stops_clock": False}))
    assert (life.state, life.waiting) == (S.AWAITING_PAYMENT, False)
    life = apply(life, Event(3, K.RECEIVE_PAYMENT, at(6)))
    assert (life.state, life.pauses) == (S.PROCESSING, ())


def test_supplements_are_counted() -> None:
    life = history(
        (K.REQUEST_SUPPLEMENT, at(4), PAUSE),
        (K.RECEIVE_SUPPLEMENT, at(5)),
        (K.REQUEST_SUPPLEMENT, at(6), PAUSE),
    )
    assert life.supplements == 2


# --- endings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "end"), [(K.WITHDRAW, EndKind.WITHDRAWN), (K.STOP, EndKind.STOPPED)])
@pytest.mark.parametrize("mode", list(SupplementMode), ids=str)
def test_an_ending_while_waiting_closes_the_stop_without_completing_it(
    kind: EventKind, end: EndKind, mode: SupplementMode
) -> None:
    life = history((K.REQUEST_SUPPLEMENT, at(5), {"mode": mode.value}), (kind, at(20)))
    assert (life.end_kind, life.ended_on) == (end, date(2024, 6, 20))
    assert (life.open_stop, life.waiting) == (None, False)
    assert life.pauses == (Pause(at(5), at(20)),)
    assert life.clock_base_at == at(3), "nobody completed the dossier, so nothing restarts"


def test_an_ending_during_a_late_stop_leaves_no_pause() -> None:
    life = history((K.PAUSE, at(11)), (K.WITHDRAW, at(20)))
    assert (life.pauses, life.due_on, life.waiting) == ((), DUE, False)


def test_a_result_during_a_payment_closes_the_stop() -> None:
    life = history(
        (K.REQUEST_PAYMENT, at(5), {"stops_clock": True}), (K.RESOLVE, at(6), {"outcome": "granted"})
    )
    assert (life.outcome, life.pauses) == (Outcome.GRANTED, (Pause(at(5), at(6)),))


def test_a_refusal_can_send_the_dossier_back() -> None:
    life = history((K.RESOLVE, at(6), {"outcome": "refused", "returned": True}), (K.HAND_OVER, at(7)))
    assert (life.state, life.outcome, life.returned) == (S.HANDED_OVER, Outcome.REFUSED, True)
    assert (life.ended_at, life.handed_over_at) == (at(6), at(7))


def test_what_the_post_brings_back_waits_again_and_ends_no_later() -> None:
    refused = {"outcome": "refused", "returned": True}
    sent = ((K.RESOLVE, at(6), refused), (K.HAND_OVER, at(7), {"method": "post"}))
    life = history(*sent, (K.COME_BACK, at(12), {"cause": "absent"}))
    assert (life.state, life.ended_at, life.end_kind) == (S.RESOLVED, at(6), EndKind.RESOLVED)
    assert (life.outcome, life.returned) == (Outcome.REFUSED, True), "the outcome stays what it was"
    assert (life.handed_over_at, life.came_back_at) == (None, at(12))
    again = apply(life, Event(5, K.HAND_OVER, at(13)))
    assert (again.state, again.handed_over_at, again.came_back_at) == (S.HANDED_OVER, at(13), None)
    assert apply(life, Event(5, K.REOPEN, at(13))).came_back_at is None
    with pytest.raises(TransitionRefused) as early:
        history(*sent, (K.COME_BACK, at(7) - timedelta(minutes=1), {}))
    assert early.value.field == "occurred_at"


@pytest.mark.parametrize("state", [S.RESOLVED, S.HANDED_OVER, S.WITHDRAWN, S.STOPPED], ids=str)
def test_reopening_forgets_the_end_and_keeps_the_promise(state: DossierState) -> None:
    life = history(*[(step, at(6), {"outcome": "granted"}) for step in WAY_TO[state]], (K.REOPEN, at(12)))
    assert life.state is S.PROCESSING
    assert (life.ended_at, life.ended_on, life.end_kind, life.outcome) == (None, None, None, None)
    assert (life.returned, life.handed_over_at) == (False, None)
    assert (life.due_on, life.clock_base_at) == (DUE, at(3))


# --- the first promise --------------------------------------------------------------------------------


def test_the_first_due_date_moves_with_lawful_stops_but_not_with_an_appointment() -> None:
    life = history((K.SET_APPOINTMENT, at(4), {"due_on": "2024-06-14"}))
    assert (life.due_on, life.first_due_on) == (date(2024, 6, 14), DUE)
    life = history((K.PAUSE, at(4)), (K.RESUME, at(5), {"due_on": "2024-06-11"}))
    assert (life.due_on, life.first_due_on) == (date(2024, 6, 11), date(2024, 6, 11))
    assert history((K.ASSIGN, at(4), {"officer_id": 8})).first_due_on == DUE


def test_an_assignment_changes_the_officer_only() -> None:
    before, after = history(), history((K.ASSIGN, at(4), {"officer_id": 8}))
    assert (before.officer_id, after.officer_id, after.state) == (7, 8, S.RECEIVED)
    assert history((K.ASSIGN, at(4), {"officer_id": None})).officer_id is None


# --- random histories ---------------------------------------------------------------------------------

_payloads = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["pause", "restart"]),
        "stops_clock": st.booleans(),
        "officer_id": st.none() | st.integers(1, 9),
        "due_on": st.dates(date(2024, 6, 3), date(2024, 7, 30)).map(date.isoformat),
    },
)
_steps = st.lists(st.tuples(st.sampled_from(list(K)), st.integers(-30, 60 * 24 * 4), _payloads), max_size=40)


@given(_steps)
def test_folding_is_applying_step_by_step_and_a_refusal_leaves_nothing(
    steps: list[tuple[EventKind, int, dict[str, Any]]],
) -> None:
    events = [received()]
    life = fold(events)
    for kind, minutes, payload in steps:
        if kind is K.RESOLVE:
            payload = {**payload, "outcome": "granted"}
        elif kind is K.EXTEND:
            payload = {**payload, "appointment_on": "2024-07-30"}
        elif kind is K.CORRECT:
            payload = correction_of(life)
        event = Event(life.seq + 1, kind, life.last_at + timedelta(minutes=minutes), payload)
        fits = kind in allowed(life) and minutes >= 0
        before = life
        if not fits:
            with pytest.raises(TransitionRefused):
                apply(life, event)
            with pytest.raises(TransitionRefused):
                fold([*events, event])
            assert life == before == fold(events)
            continue
        life = apply(life, event)
        events.append(event)
        assert life == fold(events) == retold(events)[-1]
        _holds_together(life)


def correction_of(life: LifeState) -> dict[str, Any]:
    """A correction that changes the procedure and leaves the clock alone."""
    dates = {
        name: (getattr(life, name) or DUE).isoformat()
        for name in ("due_on", "first_due_on", "appointment_on")
    }
    return {
        **PAYLOADS[K.CORRECT],
        **dates,
        "received_at": life.received_at.isoformat(),
        "clock_base_at": life.clock_base_at.isoformat(),
        "pauses": [[pause.start.isoformat(), pause.end.isoformat()] for pause in life.pauses],
        "lawful": life.waiting,
        "extension": life.extension,
        "told": [[dates["due_on"], dates["first_due_on"], False]] * life.seq,
    }


def _holds_together(life: LifeState) -> None:
    ended = life.state not in PENDING_STATES
    assert (life.ended_at is not None) is (life.end_kind is not None) is ended
    assert (life.handed_over_at is not None) is (life.state is S.HANDED_OVER)
    assert life.outcome is None or life.end_kind is EndKind.RESOLVED
    stands = {S.AWAITING_SUPPLEMENT, S.AWAITING_PAYMENT, S.PAUSED}
    assert life.open_stop is None or life.state in stands
    assert not life.waiting or life.open_stop is not None
    assert life.received_at <= life.clock_base_at <= life.last_at
    moments = [life.clock_base_at, *[end for pause in life.pauses for end in (pause.start, pause.end)]]
    assert moments == sorted(moments), "closed stands follow each other, all of them since the clock's base"


# --- extension ----------------------------------------------------------------------------------------


def test_an_extension_in_time_moves_the_date_that_counts_and_keeps_the_first() -> None:
    life = history((K.PROPOSE_EXTENSION, at(5)), (K.EXTEND, at(7), PAYLOADS[K.EXTEND]))
    assert (life.due_on, life.first_due_on, life.appointment_on) == (
        date(2024, 6, 20),
        DUE,
        date(2024, 6, 20),
    )
    assert (life.extension, life.extensions, life.proposal_open) == (8, 1, False)


def test_a_letter_on_the_due_date_is_told_but_does_not_count() -> None:
    late = {"appointment_on": "2024-06-20"}
    life = history((K.PROPOSE_EXTENSION, at(5)), (K.EXTEND, at(10), late))
    assert (life.due_on, life.first_due_on, life.appointment_on) == (DUE, DUE, date(2024, 6, 20))
    assert (life.extension, life.extensions) == (0, 1)


def test_another_calendar_does_not_take_back_what_a_late_letter_told() -> None:
    late = (K.PROPOSE_EXTENSION, at(5)), (K.EXTEND, at(10), {"appointment_on": "2024-06-20"})
    moved = history(*late, (K.RECALCULATE, at(11), {"due_on": "2024-06-11"}))
    assert (moved.due_on, moved.appointment_on) == (date(2024, 6, 11), date(2024, 6, 20))
    beyond = history(*late, (K.RECALCULATE, at(11), {"due_on": "2024-06-24"}))
    assert (beyond.due_on, beyond.appointment_on) == (date(2024, 6, 24), date(2024, 6, 24))
    put_back = history(
        (K.RECALCULATE, at(4), {"due_on": "2024-06-14"}), (K.RECALCULATE, at(5), {"due_on": "2024-06-10"})
    )
    assert (put_back.due_on, put_back.appointment_on) == (DUE, DUE), "where no letter stands, both go back"


@pytest.mark.parametrize(("day", "in_time"), [(9, True), (10, False), (11, False)])
def test_a_letter_counts_at_the_latest_the_day_before_due(day: int, in_time: bool) -> None:
    assert letter_in_time(history(), date(2024, 6, day)) is in_time


def test_a_second_proposal_waits_for_the_first_to_be_decided() -> None:
    with pytest.raises(TransitionRefused, match="đang chờ quyết định"):
        history((K.PROPOSE_EXTENSION, at(5)), (K.PROPOSE_EXTENSION, at(6)))
    again = history((K.PROPOSE_EXTENSION, at(5)), (K.REFUSE_EXTENSION, at(6)), (K.PROPOSE_EXTENSION, at(6)))
    assert again.proposal_open
    assert again.extensions == 0


def test_nothing_is_decided_that_was_not_proposed() -> None:
    for kind in (K.EXTEND, K.REFUSE_EXTENSION):
        with pytest.raises(TransitionRefused, match="Không có đề xuất"):
            history((kind, at(5), PAYLOADS.get(kind, {})))


def test_a_restart_begins_the_whole_limit_and_forgets_the_extension() -> None:
    life = history(
        (K.PROPOSE_EXTENSION, at(5)),
        (K.EXTEND, at(6), PAYLOADS[K.EXTEND]),
        (K.REQUEST_SUPPLEMENT, at(7), {"mode": "restart"}),
        (K.RECEIVE_SUPPLEMENT, at(11), {"due_on": "2024-06-21"}),
    )
    assert (life.extension, life.extensions) == (0, 1)
    assert (life.due_on, life.first_due_on) == (date(2024, 6, 21), date(2024, 6, 21))


def test_a_pause_after_an_extension_moves_both_dates() -> None:
    life = history(
        (K.PROPOSE_EXTENSION, at(5)),
        (K.EXTEND, at(6), PAYLOADS[K.EXTEND]),
        (K.PAUSE, at(7)),
        (K.RESUME, at(11), {"due_on": "2024-06-24", "first_due_on": "2024-06-12"}),
    )
    assert (life.due_on, life.first_due_on, life.extension) == (date(2024, 6, 24), date(2024, 6, 12), 8)


def test_a_new_calendar_leaves_the_date_before_the_extension() -> None:
    life = history(
        (K.PROPOSE_EXTENSION, at(5)),
        (K.EXTEND, at(6), PAYLOADS[K.EXTEND]),
        (K.RECALCULATE, at(7), {"due_on": "2024-06-21"}),
    )
    assert (life.due_on, life.first_due_on) == (date(2024, 6, 21), DUE)


def test_what_is_open_ends_with_the_dossier() -> None:
    life = history((K.PROPOSE_EXTENSION, at(5)), (K.CONSULT, at(5)), (K.WITHDRAW, at(6)), (K.REOPEN, at(7)))
    assert (life.proposal_open, life.consultations_open) == (False, 0)


def test_an_opinion_answers_a_consultation() -> None:
    life = history((K.CONSULT, at(4)), (K.CONSULT, at(4)), (K.RECEIVE_OPINION, at(5)))
    assert life.consultations_open == 1
    with pytest.raises(TransitionRefused, match="lấy ý kiến"):
        history((K.RECEIVE_OPINION, at(5)))


# --- correction ---------------------------------------------------------------------------------------


def test_a_correction_tells_the_lives_before_it_anew() -> None:
    events = [
        received(),
        Event(2, K.REQUEST_SUPPLEMENT, at(11), {"mode": "restart"}),
        Event(
            3,
            K.CORRECT,
            at(12),
            {
                **PAYLOADS[K.CORRECT],
                "told": [["2024-06-12", "2024-06-12", False], ["2024-06-12", "2024-06-12", True]],
            },
        ),
    ]
    # Begun a day after the date that was in force, the request cured nothing.
    assert not fold(events[:2]).waiting
    lives = retold(events)
    assert [life.due_on for life in lives] == [date(2024, 6, 12)] * 3
    assert [life.waiting for life in lives] == [False, True, True]
    assert {(life.procedure_id, life.channel, life.received_at) for life in lives} == {
        (15, Channel.COUNTER, at(3, 8))
    }
    assert lives[-1] == fold(events)
