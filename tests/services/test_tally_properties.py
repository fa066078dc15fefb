"""Random histories through the real services: the tally's numbers against an independent reckoning.

The replay in this file reads only the event rows and knows nothing of the lifecycle or of the cells.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Membership,
    PeriodClose,
    Procedure,
)
from tthc.db.queries import tallies as tally_queries
from tthc.db.session import engine_options, prepare_engine
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CELLS, CellName, DossierFacts, Tally, holds
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    ApplicantKind,
    Channel,
    CloseState,
    DomainError,
    EventKind,
    Outcome,
    SupplementMode,
)
from tthc.services import applicants, dossiers, history, intake, tallies
from tthc.services.applicants import ApplicantInput
from tthc.services.dossiers import Call
from tthc.services.transaction import transaction

LONG = bool(os.environ.get("TTHC_TEST_LONG"))
#: How many random offices, and how many dossiers each.
SQLITE_SIZE = (8, 120) if LONG else (2, 30)
POSTGRESQL_SIZE = (2, 60) if LONG else (1, 14)
PERIODS = 12 if LONG else 5

FIRST_DAY, LAST_DAY = date(2024, 2, 1), date(2024, 6, 14)
#: Procedures of five sectors, with limits from 3 working days to 25 days.
PROCEDURES = (2, 15, 30, 36, 37, 38, 41, 42)
N = CellName


# --- an office of chance ------------------------------------------------------------------------------


class Chance:
    """Random days of an office: dossiers come in, are worked on, end, are reopened; some are entered late."""

    def __init__(self, session: Session, actor: Callable[[str], Actor], seed: int, size: int) -> None:
        self.session, self.actor, self.size = session, actor, size
        self.random = random.Random(seed)
        self.codes: list[str] = []
        self.refused = 0
        self.open_from = FIRST_DAY - timedelta(days=60)
        self.procedures = dict(session.execute(select(Procedure.local_no, Procedure.id)).all())
        session.rollback()

    def run(self) -> None:
        """Live through the days."""
        span = (LAST_DAY - FIRST_DAY).days
        days = sorted(self.random.choices(range(span + 1), k=self.size * 7))
        moments = sorted(self._some_time(FIRST_DAY + timedelta(days=day)) for day in days)
        closings = set(self.random.sample(range(len(moments) // 4, len(moments)), 3))
        for number, now in enumerate(moments):
            if number in closings:
                self._close_a_period(now)
            if len(self.codes) < self.size and (not self.codes or self.random.random() < 0.25):
                self._receive(now)
            else:
                self._happen(now)

    def _some_time(self, day: date) -> datetime:
        clock = self.random.choice(
            [time(0, 0), time(7, 30), time(11, 45), time(16, 59, 59), time(17, 1), time(23, 59, 59)]
        )
        return datetime.combine(day, clock, OFFICE_ZONE)

    def _receive(self, now: datetime) -> None:
        received = now - timedelta(days=self.random.choice([0, 0, 0, 0, 1, 9, 40]))
        channel = self.random.choice(list(Channel))
        procedure = self.procedures[self.random.choice(PROCEDURES)]
        firm = ApplicantInput(ApplicantKind.ENTERPRISE, f"Doanh nghiệp {900 + self.random.randrange(50)}")
        if self.random.random() < 0.25:
            self._import(now, received, channel, procedure, firm)
            return
        request = intake.IntakeRequest(
            procedure_id=procedure,
            case_id=None,
            channel=channel,
            applicant=firm,
            received_at=received,
            confirm_unverified=True,
        )
        self.codes.append(
            intake.receive_dossier(self.session, now=now, actor=self.actor("clerk"), request=request)
        )

    def _import(
        self, now: datetime, received: datetime, channel: Channel, procedure: int, firm: ApplicantInput
    ) -> None:
        """A dossier of another system, known from its own dates on, at times with its own appointment."""
        code = f"000.00.01.H54-{received:%y%m%d}-{len(self.codes) + 1:04d}"
        with transaction(self.session):
            terms = intake.terms_of(self.session, 1, procedure, None, channel, received)
            appointment = None
            if self.random.random() < 0.5:
                appointment = received + timedelta(days=self.random.randrange(2, 40))
            intake.add_dossier(
                self.session,
                now=now,
                actor=self.actor("clerk"),
                terms=terms,
                channel=channel,
                applicant_id=applicants.find_or_add(self.session, firm).id,
                submitter_id=None,
                subject="",
                note="",
                papers=[],
                sets=1,
                submitted_at=received,
                received_at=received,
                given_code=code,
                appointment=appointment,
                imported=True,
            )
        self.codes.append(code)

    def _happen(self, now: datetime) -> None:
        code = self.random.choice(self.codes)
        dossier = self.session.scalars(select(Dossier).where(Dossier.code == code)).one()
        known = (dossier.version, dossier.id)
        occurred = now - timedelta(hours=self.random.choice([0, 0, 0, 5, 30, 200, 500]))
        last = self.session.scalars(
            select(EventRow.occurred_at).where(EventRow.dossier_id == known[1]).order_by(EventRow.seq.desc())
        ).first()
        assert last is not None
        occurred = min(max(occurred, last), now)
        self.session.rollback()
        if self.random.random() < 0.2:
            self._imported_event(now, occurred, known[1])
            return
        call = Call(now, self.actor("supervisor"), code, known[0], occurred)
        verb, arguments = self.random.choice(self._verbs())
        try:
            verb(self.session, call=call, **arguments)
        except DomainError:
            self.refused += 1

    def _verbs(self) -> list[tuple[Callable[..., None], dict[str, Any]]]:
        officer = self.random.choice([3, 4, None])
        mode = self.random.choice([None, *SupplementMode])
        outcome = self.random.choice(list(Outcome))
        returned = outcome is Outcome.REFUSED and self.random.random() < 0.5
        return [
            (dossiers.assign_dossier, {"officer_id": officer}),
            (dossiers.start_dossier, {}),
            (dossiers.start_dossier, {}),
            (dossiers.request_supplement, {"missing": "Bản vẽ", "reason": "", "mode": mode}),
            (dossiers.receive_supplement, {}),
            (dossiers.receive_supplement, {}),
            (dossiers.pause_dossier, {"reason": "Chờ ý kiến", "legal_basis": "Văn bản thử nghiệm"}),
            (dossiers.resume_dossier, {}),
            (dossiers.resume_dossier, {}),
            (dossiers.request_payment, {}),
            (dossiers.receive_payment, {}),
            (
                dossiers.resolve_dossier,
                {"outcome": outcome, "returned": returned, "reason": "Chưa đủ điều kiện"},
            ),
            (dossiers.hand_over_dossier, {}),
            (dossiers.withdraw_dossier, {"reason": "Theo đề nghị"}),
            (dossiers.stop_dossier, {"reason": "Theo thông báo"}),
            (dossiers.reopen_dossier, {"reason": "Kết thúc nhầm"}),
        ]

    def _imported_event(self, now: datetime, occurred: datetime, dossier_id: int) -> None:
        kind = self.random.choice(
            [EventKind.START, EventKind.RESOLVE, EventKind.HAND_OVER, EventKind.SET_APPOINTMENT]
        )
        payload = {"outcome": Outcome.GRANTED.value} if kind is EventKind.RESOLVE else {}
        appointment = None
        if kind is EventKind.SET_APPOINTMENT:
            appointment = occurred + timedelta(days=self.random.randrange(0, 20))
        what = history.Happening(kind, occurred, payload, appointment=appointment, imported=True)
        try:
            with transaction(self.session):
                dossier = self.session.get_one(Dossier, dossier_id)
                history.record(self.session, now=now, actor=self.actor("clerk"), dossier=dossier, what=what)
        except DomainError:
            self.refused += 1

    def _close_a_period(self, now: datetime) -> None:
        """From here on, what is entered late for the days before counts from the first open day."""
        to_on = now.astimezone(OFFICE_ZONE).date() - timedelta(days=1)
        if to_on < self.open_from:
            return
        with transaction(self.session):
            self.session.add(
                PeriodClose(
                    unit_id=1,
                    from_on=self.open_from,
                    to_on=to_on,
                    no=1,
                    state=CloseState.CLOSED,
                    figures_json={},
                    checksum="0" * 64,
                    at=now,
                )
            )
        self.open_from = to_on + timedelta(days=1)


# --- the independent replay ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What a tally may see of a dossier from a counted date on."""

    state: str
    waiting: bool
    officer_id: int | None
    received_on: date
    received_counted_on: date
    ended_on: date | None
    ended_counted_on: date | None
    end_kind: str | None
    returned: bool
    due_on: date
    first_due_on: date


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
    "withdraw": "withdrawn",
    "stop": "stopped",
    "reopen": "processing",
}
_END = {"resolve": "resolved", "withdraw": "withdrawn", "stop": "stopped"}


def replay(events: Sequence[EventRow]) -> list[tuple[date, Standing]]:
    """``(from this counted date on, what was true)``; the last of a day is what the day ends with."""
    days: dict[date, Standing] = {}
    first = events[0]
    due = date.fromisoformat(first.payload_json["due_on"])
    now = Standing(
        state="received",
        waiting=False,
        officer_id=first.payload_json["officer_id"],
        received_on=first.occurred_on,
        received_counted_on=first.counted_on,
        ended_on=None,
        ended_counted_on=None,
        end_kind=None,
        returned=False,
        due_on=due,
        first_due_on=due,
    )
    days[first.counted_on] = now
    for row in events[1:]:
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
            now = replace(now, due_on=due)
            if kind != "set_appointment":
                now = replace(now, first_due_on=due)
        days[row.counted_on] = now
    return list(days.items())


def standing_of(span: DossierSpan) -> Standing:
    return Standing(
        state=span.state.value,
        waiting=span.waiting,
        officer_id=span.officer_id,
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


# --- the offices --------------------------------------------------------------------------------------


@dataclass
class Lived:
    """An office after its random days."""

    session: Session
    actor: Actor
    chance: Chance
    events: dict[int, list[EventRow]]
    spans: dict[int, list[DossierSpan]]
    dossiers: dict[int, Dossier]

    def tally(self, from_on: date, to_on: date, by: str = "sector", today: date = LAST_DAY) -> Tally:
        return tallies.build_tally(
            self.session, actor=self.actor, today=today, from_on=from_on, to_on=to_on, by=by
        )

    def holding(self, on: date) -> dict[int, DossierSpan]:
        """The span of each dossier that holds on a date, as known now; found in Python."""
        found: dict[int, DossierSpan] = {}
        for dossier_id, spans in self.spans.items():
            for span in spans:
                if (
                    span.known_to is None
                    and span.valid_from <= on
                    and (not span.valid_to or on < span.valid_to)
                ):
                    assert dossier_id not in found, "two spans hold on one day"
                    found[dossier_id] = span
        return found


def _people(session: Session) -> dict[str, Actor]:
    rows = session.execute(
        select(Account.name, Account.id, Membership.role).join(
            Membership, Membership.account_id == Account.id
        )
    )
    return {name: Actor(key, 1, name, frozenset({role})) for name, key, role in rows}


def _parameters() -> list[Any]:
    sqlite, postgresql = SQLITE_SIZE, POSTGRESQL_SIZE
    return [
        *[("sqlite", seed, sqlite[1]) for seed in range(sqlite[0])],
        *[
            pytest.param(("postgresql", 100 + seed, postgresql[1]), marks=pytest.mark.postgresql)
            for seed in range(postgresql[0])
        ],
    ]


@pytest.fixture(scope="module", params=_parameters(), ids=lambda one: f"{one[0]}-{one[1]}")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """An office after random days; the tests of this file only look at it."""
    backend, seed, size = request.param
    databases = request.getfixturevalue(f"{backend}_databases")
    url = databases.copy(tmp_path_factory.mktemp("lived")) if backend == "sqlite" else databases.copy()
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    try:
        with Session(engine) as session:
            people = _people(session)
            chance = Chance(session, people.__getitem__, seed, size)
            chance.run()
            events: dict[int, list[EventRow]] = {}
            for row in session.scalars(select(EventRow).order_by(EventRow.dossier_id, EventRow.seq)):
                events.setdefault(row.dossier_id, []).append(row)
            spans: dict[int, list[DossierSpan]] = {}
            for span in session.scalars(select(DossierSpan).order_by(DossierSpan.id)):
                spans.setdefault(span.dossier_id, []).append(span)
            found = {dossier.id: dossier for dossier in session.scalars(select(Dossier))}
            yield Lived(session, people["reporter"], chance, events, spans, found)
    finally:
        engine.dispose()
        if backend == "postgresql":
            databases.drop(url)


@pytest.fixture
def periods(lived: Lived, request: pytest.FixtureRequest) -> list[tuple[date, date]]:
    """Random periods, and some whose edges are days on which something happened."""
    chance = random.Random(request.node.name)
    days = sorted(
        {row.counted_on for rows in lived.events.values() for row in rows if row.counted_on <= LAST_DAY}
    )
    found = [(FIRST_DAY - timedelta(days=50), LAST_DAY), (LAST_DAY, LAST_DAY)]
    while len(found) < PERIODS:
        edges = sorted(chance.choices(days, k=2)) if chance.random() < 0.6 else None
        if edges is None:
            start = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days))
            edges = [start, min(LAST_DAY, start + timedelta(days=chance.randrange(45)))]
        found.append((edges[0], edges[1]))
    return found


# --- what must hold -----------------------------------------------------------------------------------


def test_the_random_days_were_lively(lived: Lived) -> None:
    kinds = {row.kind for rows in lived.events.values() for row in rows}
    assert {kind.value for kind in kinds} >= {
        "receive",
        "resolve",
        "request_supplement",
        "reopen",
        "withdraw",
    }
    assert len(lived.events) == lived.chance.size
    assert any(row.adjusts_close_id for rows in lived.events.values() for row in rows)
    assert any(row.known_at != row.recorded_at for rows in lived.events.values() for row in rows)
    assert lived.chance.refused > 0


def test_the_spans_are_what_a_replay_of_the_events_gives_at_every_instant(lived: Lived) -> None:
    for dossier_id, rows in lived.events.items():
        instants = known_instants(rows)
        for known_at in instants:
            seen = [row for row, at in zip(rows, instants, strict=True) if at <= known_at]
            held = [
                (span.valid_from, span.valid_to, standing_of(span))
                for span in sorted(lived.spans[dossier_id], key=lambda one: one.valid_from)
                if span.known_from <= known_at and (span.known_to is None or known_at < span.known_to)
            ]
            steps = replay(seen)
            ends = [start for start, _ in steps[1:]] + [None]
            wanted = [(start, end, what) for (start, what), end in zip(steps, ends, strict=True)]
            assert held == wanted, (rows[0].dossier_id, known_at)
        earliest = min(span.known_from for span in lived.spans[dossier_id])
        assert earliest == instants[0], "nothing was known before the first event was"


def test_the_dossier_beside_its_events_says_the_same(lived: Lived) -> None:
    for dossier_id, rows in lived.events.items():
        dossier, last = lived.dossiers[dossier_id], replay(rows)[-1][1]
        assert (dossier.state.value, dossier.waiting, dossier.officer_id) == (
            last.state,
            last.waiting,
            last.officer_id,
        )
        assert (dossier.due_on, dossier.first_due_on) == (last.due_on, last.first_due_on)
        assert (dossier.ended_on, dossier.returned) == (last.ended_on, last.returned)
        assert dossier.version == len(rows)
        due = lived.session.get_one(DueDateRow, dossier.due_date_id)
        assert (due.due_on, due.due_at, due.subject_id) == (dossier.due_on, dossier.due_at, dossier.id)


def test_no_stand_of_the_clock_moves_a_promise_earlier(lived: Lived) -> None:
    for rows in lived.events.values():
        due = date.fromisoformat(rows[0].payload_json["due_on"])
        for row in rows[1:]:
            told = row.payload_json.get("due_on")
            if told and row.kind is not EventKind.SET_APPOINTMENT:
                assert date.fromisoformat(told) >= due, (row.dossier_id, row.seq, row.kind)
            due = date.fromisoformat(told) if told else due


def test_a_number_is_what_the_domain_says_and_the_size_of_its_list(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        held = lived.holding(to_on)
        facts = {
            span.id: DossierFacts(
                received_on=span.received_on,
                received_counted_on=span.received_counted_on,
                ended_on=span.ended_on,
                ended_counted_on=span.ended_counted_on,
                end_kind=span.end_kind,
                due_on=span.due_on,
                waiting=span.waiting,
                channel=span.channel,
                returned=span.returned,
            )
            for span in held.values()
        }
        for by, key_of in (("sector", "sector_id"), ("procedure", "procedure_id")):
            tally = lived.tally(from_on, to_on, by)
            by_key = {row.key: row.cells for row in tally.rows}
            for name, cell in CELLS.items():
                inside = {
                    span.dossier_id: getattr(span, key_of)
                    for span in held.values()
                    if holds(cell.predicate, facts[span.id], from_on=from_on, at_on=to_on)
                }
                for key, cells in by_key.items():
                    members = {one for one, own in inside.items() if own == key}
                    assert cells[name] == len(members), (from_on, to_on, by, key, name)
                assert tally.total.cells[name] == len(inside)
            key = max(by_key, key=lambda one: by_key[one][N.RECEIVED_TOTAL], default=None)
            for name in CELLS:
                for row_key in (key, None):
                    wanted = (by_key[key] if row_key else tally.total.cells)[name] if by_key else 0
                    assert len(listed(lived, from_on, to_on, by, row_key, name)) == wanted


def listed(
    lived: Lived, from_on: date, to_on: date, by: str, row_key: int | None, cell: CellName
) -> list[str]:
    """The codes of a cell, gathered page by page."""
    codes: list[str] = []
    number = 1
    while True:
        page = tallies.list_cell(
            lived.session,
            actor=lived.actor,
            today=LAST_DAY,
            from_on=from_on,
            to_on=to_on,
            by=by,
            row_key=row_key,
            cell=cell,
            page=number,
            size=17,
        )
        codes += [row.code for row in page.rows]
        if number >= page.pages:
            break
        number += 1
    assert page.total == len(codes) == len(set(codes))
    return codes


def test_the_numbers_are_those_of_a_reckoning_that_knows_no_cells(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        counted: dict[CellName, int] = dict.fromkeys(CELLS, 0)
        for dossier_id, rows in lived.events.items():
            seen = [what for start, what in replay(rows) if start <= to_on]
            if not seen:
                continue
            for name in _cells_in_words(seen[-1], lived.dossiers[dossier_id].channel, from_on, to_on):
                counted[name] += 1
        assert lived.tally(from_on, to_on).total.cells == counted, (from_on, to_on)


def _cells_in_words(what: Standing, channel: Channel, from_on: date, to_on: date) -> Iterator[CellName]:
    """Circular 01/2020, Biểu II.06a, in plain conditions."""
    new = what.received_counted_on >= from_on
    if what.ended_counted_on is not None and what.ended_counted_on < from_on:
        return
    yield N.RECEIVED_TOTAL
    if not new:
        yield N.CARRIED_OVER
    elif channel is Channel.ONLINE:
        yield N.RECEIVED_ONLINE
    else:
        yield N.RECEIVED_COUNTER_POST
    if what.ended_on is None:
        yield N.PENDING_TOTAL
        yield N.WITHIN if what.waiting or what.due_on >= to_on else N.OVERDUE
        return
    days = (what.ended_on - what.due_on).days
    yield N.ENDED_TOTAL
    yield N.ENDED_EARLY if days < 0 else N.ENDED_LATE if days > 0 else N.ENDED_ON_TIME
    if what.end_kind == "resolved":
        yield N.RESOLVED_TOTAL
        yield N.EARLY if days < 0 else N.LATE if days > 0 else N.ON_TIME
        if what.returned:
            yield N.RETURNED
    else:
        yield N.WITHDRAWN if what.end_kind == "withdrawn" else N.STOPPED


def test_the_identities_hold_in_total_and_for_every_row(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        for by in ("sector", "procedure"):
            tally = lived.tally(from_on, to_on, by)
            failed = [one for one in tally.identities if not one.holds]
            assert not failed, (from_on, to_on, by)
            assert not tally.faulty_rows, (from_on, to_on, by)
            before = lived.holding(from_on - timedelta(days=1))
            key_of = f"{by}_id"
            for row in tally.rows:
                cells = row.cells
                assert cells[N.RECEIVED_TOTAL] == sum(
                    cells[name] for name in (N.RESOLVED_TOTAL, N.PENDING_TOTAL, N.WITHDRAWN, N.STOPPED)
                )
                pending = {
                    one
                    for one, span in before.items()
                    if getattr(span, key_of) == row.key and not span.ended_on
                }
                ended = {
                    one for one, span in before.items() if getattr(span, key_of) == row.key and span.ended_on
                }
                reopened = {
                    one
                    for one in ended
                    if any(
                        event.kind is EventKind.REOPEN and from_on <= event.counted_on <= to_on
                        for event in lived.events[one]
                    )
                }
                assert cells[N.CARRIED_OVER] == len(pending) + len(reopened), (from_on, to_on, by, row.key)


def test_pending_of_a_period_is_carried_over_into_the_next(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        if to_on >= LAST_DAY:
            continue
        this = lived.tally(from_on, to_on)
        following = lived.tally(to_on + timedelta(days=1), LAST_DAY)
        adjusted = tally_queries.reopened(
            lived.session, unit_id=1, from_on=to_on + timedelta(days=1), at_on=LAST_DAY, by="sector"
        )
        for one, next_one in zip(this.rows, following.rows, strict=True):
            assert one.key == next_one.key
            carried = one.cells[N.PENDING_TOTAL] + adjusted.get(one.key or 0, 0)
            assert next_one.cells[N.CARRIED_OVER] == carried, (from_on, to_on, one.label)


def test_the_lists_of_a_partition_are_disjoint_and_complete(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        lists = {name: set(listed(lived, from_on, to_on, "sector", None, name)) for name in CELLS}
        for whole, parts in [
            (N.RECEIVED_TOTAL, (N.RECEIVED_ONLINE, N.RECEIVED_COUNTER_POST, N.CARRIED_OVER)),
            (N.RECEIVED_TOTAL, (N.RESOLVED_TOTAL, N.PENDING_TOTAL, N.WITHDRAWN, N.STOPPED)),
            (N.ENDED_TOTAL, (N.ENDED_EARLY, N.ENDED_ON_TIME, N.ENDED_LATE)),
            (N.RESOLVED_TOTAL, (N.EARLY, N.ON_TIME, N.LATE)),
            (N.PENDING_TOTAL, (N.WITHIN, N.OVERDUE)),
        ]:
            assert set().union(*[lists[part] for part in parts]) == lists[whole]
            assert sum(len(lists[part]) for part in parts) == len(lists[whole])


def test_procedures_add_up_to_sectors(lived: Lived, periods: list[tuple[date, date]]) -> None:
    pairs = lived.session.execute(select(DossierSpan.procedure_id, DossierSpan.sector_id).distinct())
    sector_of = dict(pairs.all())
    for from_on, to_on in periods:
        by_sector = lived.tally(from_on, to_on)
        sums: dict[int, dict[CellName, int]] = {}
        for row in lived.tally(from_on, to_on, "procedure").rows:
            assert row.key is not None
            cells = sums.setdefault(sector_of[row.key], dict.fromkeys(CELLS, 0))
            for name in CELLS:
                cells[name] += row.cells[name]
        for row in by_sector.rows:
            assert row.key is not None
            assert sums.get(row.key, dict.fromkeys(CELLS, 0)) == row.cells


def test_a_past_period_is_the_same_on_any_later_day(lived: Lived, periods: list[tuple[date, date]]) -> None:
    for from_on, to_on in periods:
        then, later = lived.tally(from_on, to_on), lived.tally(from_on, to_on, today=date(2024, 12, 31))
        assert [row.cells for row in then.rows] == [row.cells for row in later.rows]
        assert then.at_on == later.at_on == to_on


def test_an_open_period_is_judged_today(lived: Lived) -> None:
    today = FIRST_DAY + timedelta(days=70)
    open_period = lived.tally(FIRST_DAY, LAST_DAY, today=today)
    assert open_period.at_on == today
    assert open_period.total.cells == lived.tally(FIRST_DAY, today).total.cells
