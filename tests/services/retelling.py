"""What the events of a dossier make true on each counted date, read from the event rows alone.

Independent of the program: it knows nothing of the lifecycle, of the spans or of the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tthc.db.models import DossierSpan, EventRow
from tthc.domain.vocabulary import OFFICE_ZONE


@dataclass(frozen=True)
class Standing:
    """What a tally may see of a dossier from a counted date on."""

    state: str
    waiting: bool
    officer_id: int | None
    sector_id: int
    procedure_id: int
    channel: str
    received_on: date
    received_counted_on: date
    ended_on: date | None
    ended_counted_on: date | None
    end_kind: str | None
    returned: bool
    due_on: date
    first_due_on: date


#: From this counted date on, until that one (``None``: still), this was true.
Piece = tuple[date, date | None, Standing]

_STATE_AFTER = {
    "start": "processing",
    "request_supplement": "awaiting_supplement",
    "receive_supplement": "processing",
    "request_payment": "awaiting_payment",
    "receive_payment": "processing",
    "pause": "paused",
    "resume": "processing",
    "resolve": "resolved",
    "hand_over": "handed_over",
    "come_back": "resolved",
    "withdraw": "withdrawn",
    "stop": "stopped",
    "reopen": "processing",
}
_END = {"resolve": "resolved", "withdraw": "withdrawn", "stop": "stopped"}
_WITHOUT_REBASING = {"set_appointment", "extend"}


def replay(events: Sequence[EventRow]) -> list[Piece]:
    """The pieces of a dossier's life on the counted axis, in order; the last of a day is how it ends."""
    first = events[0]
    due = date.fromisoformat(first.payload_json["due_on"])
    now = Standing(
        state="received",
        waiting=False,
        officer_id=first.payload_json["officer_id"],
        sector_id=first.payload_json["sector_id"],
        procedure_id=first.payload_json["procedure_id"],
        channel=first.payload_json["channel"],
        received_on=first.occurred_on,
        received_counted_on=first.counted_on,
        ended_on=None,
        ended_counted_on=None,
        end_kind=None,
        returned=False,
        due_on=due,
        first_due_on=due,
    )
    steps = [(first.counted_on, now)]
    settled: list[Piece] = []
    for row in events[1:]:
        now = _after(now, row)
        if row.kind.value == "correct":
            settled, steps, now = _retold(settled, steps, now, row)
        steps.append((max(row.counted_on, steps[-1][0]), now))
    return _pieces(settled, steps)


def _after(now: Standing, row: EventRow) -> Standing:
    kind, data = row.kind.value, row.payload_json
    in_time = row.occurred_on <= now.due_on
    now = replace(now, state=_STATE_AFTER.get(kind, now.state))
    if kind in ("request_supplement", "pause"):
        now = replace(now, waiting=in_time)
    elif kind == "request_payment":
        now = replace(now, waiting=in_time and data["stops_clock"])
    elif kind in ("receive_supplement", "resume", "receive_payment", *_END):
        now = replace(now, waiting=False)
    if kind in _END:
        now = replace(
            now,
            ended_on=row.occurred_on,
            ended_counted_on=row.counted_on,
            end_kind=_END[kind],
            returned=bool(data.get("returned")),
        )
    if kind == "reopen":
        now = replace(now, ended_on=None, ended_counted_on=None, end_kind=None, returned=False)
    if kind == "assign":
        now = replace(now, officer_id=data["officer_id"])
    if "due_on" in data:
        due = date.fromisoformat(data["due_on"])
        if "first_due_on" in data:
            now = replace(now, first_due_on=date.fromisoformat(data["first_due_on"]))
        elif kind not in _WITHOUT_REBASING:
            now = replace(now, first_due_on=due)
        now = replace(now, due_on=due)
    if kind == "correct" and data["lawful"] is not None:
        now = replace(now, waiting=data["lawful"])
    return now


def _retold(
    settled: list[Piece], steps: list[tuple[date, Standing]], now: Standing, row: EventRow
) -> tuple[list[Piece], list[tuple[date, Standing]], Standing]:
    """What a correction makes of everything before it: closed days stay, open ones are told anew."""
    data = row.payload_json
    open_from = date.fromisoformat(data["open_from"]) if data["open_from"] else date.min
    before = _pieces(settled, steps)
    kept = [
        (start, open_from if end is None or end > open_from else end, what)
        for start, end, what in before
        if start < open_from
    ]
    received_on = datetime.fromisoformat(data["received_at"]).astimezone(OFFICE_ZONE).date()
    counted_on = now.received_counted_on
    if received_on != now.received_on and counted_on >= open_from:
        counted_on = max(received_on, open_from)
    facts = {
        "sector_id": data["sector_id"],
        "procedure_id": data["procedure_id"],
        "channel": data["channel"],
        "received_on": received_on,
        "received_counted_on": counted_on,
    }
    told: list[tuple[date, Standing]] = []
    for (day, what), (due, first_due, waiting) in zip(steps, data["told"], strict=True):
        what = replace(
            what,
            **facts,
            due_on=date.fromisoformat(due),
            first_due_on=date.fromisoformat(first_due),
            waiting=waiting,
        )
        told.append((max(day, told[-1][0]) if told else counted_on, what))
    return kept, told, replace(now, **facts)


def _pieces(settled: list[Piece], steps: list[tuple[date, Standing]]) -> list[Piece]:
    days = dict(steps)
    ends: list[date | None] = [*list(days)[1:], None]
    # What was settled ends where the first open day begins.
    edge = settled[-1][1] if settled else None
    shown: list[Piece] = []
    for (start, what), end in zip(days.items(), ends, strict=True):
        if edge is None or end is None or end > edge:
            shown.append((max(start, edge) if edge else start, end, what))
    return [*settled, *shown]


def standing_of(span: DossierSpan) -> Standing:
    """The same of a stored span."""
    return Standing(
        state=span.state.value,
        waiting=span.waiting,
        officer_id=span.officer_id,
        sector_id=span.sector_id,
        procedure_id=span.procedure_id,
        channel=span.channel.value,
        received_on=span.received_on,
        received_counted_on=span.received_counted_on,
        ended_on=span.ended_on,
        ended_counted_on=span.ended_counted_on,
        end_kind=span.end_kind.value if span.end_kind else None,
        returned=span.returned,
        due_on=span.due_on,
        first_due_on=span.first_due_on,
    )


def known_instants(events: Sequence[EventRow]) -> list[datetime]:
    """When each event became known: never before the one that precedes it."""
    found: list[datetime] = []
    for row in events:
        found.append(max(row.known_at, found[-1]) if found else row.known_at)
    return found


def assert_retold(events: Sequence[EventRow], spans: Sequence[DossierSpan]) -> None:
    """The stored spans of a dossier are what its events give, at every instant at which one became known."""
    instants = known_instants(events)
    for known_at in instants:
        seen = [row for row, at in zip(events, instants, strict=True) if at <= known_at]
        held = [
            (span.valid_from, span.valid_to, standing_of(span))
            for span in sorted(spans, key=lambda one: one.valid_from)
            if span.known_from <= known_at and (span.known_to is None or known_at < span.known_to)
        ]
        assert held == replay(seen), (events[0].dossier_id, known_at)
    assert min(span.known_from for span in spans) == instants[0], "known before the first event was"
