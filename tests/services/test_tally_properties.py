"""Random histories through the real services: the tally's numbers against an independent reckoning.

The retelling reads only the event rows and knows nothing of the lifecycle or of the cells.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.services.random_office import FIRST_DAY, LAST_DAY, Chance
from tests.services.retelling import Standing, assert_retold, replay
from tthc.db.models import (
    Account,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Membership,
    PeriodClose,
    PeriodMember,
)
from tthc.db.queries import tallies as tally_queries
from tthc.db.session import engine_options, prepare_engine
from tthc.domain import replay as replays
from tthc.domain.lifecycle import fold
from tthc.domain.permissions import Actor
from tthc.domain.predicates import holds
from tthc.domain.tallies import CELLS, CellName, DossierFacts, Tally
from tthc.domain.vocabulary import (
    CloseState,
    DueCause,
    EventKind,
    SubjectKind,
)
from tthc.services import catalogue, closing, history, tallies
from tthc.services.calendar import load_rules

LONG = bool(os.environ.get("TTHC_TEST_LONG"))
#: How many random offices, and how many dossiers each.
SQLITE_SIZE = (8, 120) if LONG else (2, 36)
POSTGRESQL_SIZE = (2, 60) if LONG else (1, 26)
PERIODS = 12 if LONG else 5

N = CellName


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
    promises: dict[int, list[DueDateRow]]

    def tally(self, from_on: date, to_on: date, by: str = "sector", today: date = LAST_DAY) -> Tally:
        return tallies.build_tally(
            self.session, actor=self.actor, today=today, asked=tallies.Asked(from_on, to_on, by)
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
    url = databases.lend("seeded", tmp_path_factory.mktemp("lived"))
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    try:
        with Session(engine) as session:
            people = _people(session)
            chance = Chance(session, people.__getitem__, seed, size, tmp_path_factory.mktemp("vault"))
            chance.run()
            events: dict[int, list[EventRow]] = {}
            for row in session.scalars(select(EventRow).order_by(EventRow.dossier_id, EventRow.seq)):
                events.setdefault(row.dossier_id, []).append(row)
            spans: dict[int, list[DossierSpan]] = {}
            for span in session.scalars(select(DossierSpan).order_by(DossierSpan.id)):
                spans.setdefault(span.dossier_id, []).append(span)
            found = {dossier.id: dossier for dossier in session.scalars(select(Dossier))}
            promises: dict[int, list[DueDateRow]] = {}
            for promise in session.scalars(
                select(DueDateRow)
                .where(DueDateRow.subject_kind == SubjectKind.DOSSIER)
                .order_by(DueDateRow.no)
            ):
                promises.setdefault(promise.subject_id, []).append(promise)
            yield Lived(session, people["reporter"], chance, events, spans, found, promises)
    finally:
        engine.dispose()
        databases.take_back(url)


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
        "extend",
        "correct",
        "come_back",
    }
    assert len(lived.events) == lived.chance.size
    assert any(row.adjusts_close_id for rows in lived.events.values() for row in rows)
    assert any(row.known_at != row.recorded_at for rows in lived.events.values() for row in rows)
    assert lived.chance.refused > 0


def test_the_spans_are_what_a_replay_of_the_events_gives_at_every_instant(lived: Lived) -> None:
    for dossier_id, rows in lived.events.items():
        assert_retold(rows, lived.spans[dossier_id])


def test_the_dossier_beside_its_events_says_the_same(lived: Lived) -> None:
    for dossier_id, rows in lived.events.items():
        dossier, last = lived.dossiers[dossier_id], replay(rows)[-1][2]
        assert (dossier.state.value, dossier.waiting, dossier.officer_id) == (
            last.state,
            last.waiting,
            last.officer_id,
        )
        assert (dossier.due_on, dossier.first_due_on) == (last.due_on, last.first_due_on)
        assert (dossier.ended_on, dossier.returned) == (last.ended_on, last.returned)
        assert dossier.version == len(rows)
        moved = [
            row for row in rows if row.kind in (EventKind.HAND_OVER, EventKind.COME_BACK, EventKind.REOPEN)
        ]
        back = moved[-1] if moved and moved[-1].kind is EventKind.COME_BACK else None
        assert dossier.came_back_on == (back and back.occurred_on)
        due = lived.session.get_one(DueDateRow, dossier.due_date_id)
        assert (due.due_on, due.due_at, due.subject_id) == (dossier.due_on, dossier.due_at, dossier.id)


def test_no_stand_of_the_clock_moves_a_promise_earlier(lived: Lived) -> None:
    for rows in lived.events.values():
        due = date.fromisoformat(rows[0].payload_json["due_on"])
        for row in rows[1:]:
            told = row.payload_json.get("due_on")
            if told and row.kind not in (EventKind.SET_APPOINTMENT, EventKind.CORRECT):
                assert date.fromisoformat(told) >= due, (row.dossier_id, row.seq, row.kind)
            due = date.fromisoformat(told) if told else due


def test_a_counted_date_is_a_working_day_after_the_receipt(lived: Lived) -> None:
    """What a file gives is taken as it is; what is counted, put off or corrected never falls on a day off."""
    rules = load_rules(lived.session, 1, FIRST_DAY)
    counted = 0
    for dossier_id, rows in lived.events.items():
        for promise in lived.promises[dossier_id]:
            if promise.cause is DueCause.IMPORT:
                break
            counted += 1
            assert rules.calendar.is_working_day(promise.due_on), (dossier_id, promise.no)
            received = [row for row in rows if row.id <= (promise.event_id or 0)]
            assert promise.due_on >= replay(received)[-1][2].received_on
    assert counted > len(lived.events) // 2


def test_the_life_told_again_under_its_own_terms_is_the_same(lived: Lived) -> None:
    """What a correction counts is what the events counted one by one."""
    told = 0
    for dossier_id, rows in lived.events.items():
        kinds = {row.kind for row in rows}
        if {DueCause.IMPORT} & {promise.cause for promise in lived.promises[dossier_id]} or (
            EventKind.CORRECT in kinds
        ):
            continue
        dossier = lived.dossiers[dossier_id]
        rules = load_rules(lived.session, 1, dossier.received_on)
        events = [history.as_event(row) for row in rows]
        limit = catalogue.limit_of(lived.session, dossier.case_id)
        again = replays.replay(events, limit, rules.calendar, rules.policy)
        folds = [fold(events[:number]) for number in range(1, len(events) + 1)]
        assert list(again.lives) == folds
        assert again.due_at == dossier.due_at
        told += len(events) > 3
    assert told


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
            asked=tallies.Asked(from_on, to_on, by),
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
        for rows in lived.events.values():
            seen = [what for start, _, what in replay(rows) if start <= to_on]
            if not seen:
                continue
            for name in _cells_in_words(seen[-1], from_on, to_on):
                counted[name] += 1
        assert lived.tally(from_on, to_on).total.cells == counted, (from_on, to_on)


def _cells_in_words(what: Standing, from_on: date, to_on: date) -> Iterator[CellName]:
    """Circular 01/2020, Biểu II.06a, in plain conditions."""
    new = what.received_counted_on >= from_on
    if what.ended_counted_on is not None and what.ended_counted_on < from_on:
        return
    yield N.RECEIVED_TOTAL
    if not new:
        yield N.CARRIED_OVER
    elif what.channel == "online":
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
            after = lived.holding(min(to_on, LAST_DAY))
            key_of = f"{by}_id"
            for row in tally.rows:
                cells = row.cells
                assert cells[N.RECEIVED_TOTAL] == sum(
                    cells[name] for name in (N.RESOLVED_TOTAL, N.PENDING_TOTAL, N.WITHDRAWN, N.STOPPED)
                )
                # Not ended before, or reopened; in the row to which it belongs at the end of the period.
                carried = {
                    one
                    for one, span in before.items()
                    if getattr(after[one], key_of) == row.key
                    and (
                        not span.ended_on
                        or any(
                            event.kind is EventKind.REOPEN and from_on <= event.counted_on <= to_on
                            for event in lived.events[one]
                        )
                    )
                }
                assert cells[N.CARRIED_OVER] == len(carried), (from_on, to_on, by, row.key)
                moved = {one for one in carried if getattr(before[one], key_of) != row.key}
                for one in moved:
                    assert EventKind.CORRECT in {event.kind for event in lived.events[one]}


def test_pending_of_a_period_is_carried_over_into_the_next(
    lived: Lived, periods: list[tuple[date, date]]
) -> None:
    for from_on, to_on in periods:
        if to_on >= LAST_DAY:
            continue
        this = lived.tally(from_on, to_on)
        following = lived.tally(to_on + timedelta(days=1), LAST_DAY)
        adjusted: Counter[int | None] = Counter()
        for _, lost, gained in tally_queries.adjustments(
            lived.session, unit_id=1, from_on=to_on + timedelta(days=1), at_on=LAST_DAY, by="sector"
        ):
            adjusted.update({gained: 1})
            adjusted.subtract({lost: 1})
        for one, next_one in zip(this.rows, following.rows, strict=True):
            assert one.key == next_one.key
            carried = one.cells[N.PENDING_TOTAL] + adjusted[one.key]
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


# --- closed months ------------------------------------------------------------------------------------


def closes(lived: Lived) -> list[PeriodClose]:
    """The closed months of the chain, in order."""
    query = select(PeriodClose).where(PeriodClose.state == CloseState.CLOSED).order_by(PeriodClose.from_on)
    return list(lived.session.scalars(query))


def test_the_chain_has_no_gap_and_no_overlap(lived: Lived) -> None:
    chain = closes(lived)
    assert len(chain) >= 2
    assert [close.id for close in chain] == sorted(lived.chance.closed)
    for one, following in pairwise(chain):
        assert following.from_on == one.to_on + timedelta(days=1)
        assert following.id > one.id


def test_a_closed_month_is_still_what_was_closed(lived: Lived) -> None:
    """Whatever was entered, corrected or reopened since: its figures, members and checksum are the same."""
    for close in closes(lived):
        assert closing.is_whole(lived.session, actor=lived.actor, close_id=close.id)
        for by in ("sector", "procedure"):
            asked = tallies.Asked(close.from_on, close.to_on, by)
            kept = tallies.build_tally(lived.session, actor=lived.actor, today=LAST_DAY, asked=asked)
            assert kept.closed_at == close.at
            # The spans of a closed period do not change either, and as known then they were these.
            figures = tallies.figures_of(
                lived.session, actor=lived.actor, period=kept.period, groups=("channel", by)
            )
            now = tallies.kept_tally(figures[by], period=kept.period, by=by)
            assert [(row.key, row.cells) for row in kept.rows] == [(row.key, row.cells) for row in now.rows]
            assert all(one.holds for one in kept.identities)
            assert not kept.faulty_rows
            then = tally_queries.count_groups(
                lived.session,
                tally_queries.living(1, close.to_on, close.at),
                from_on=close.from_on,
                at_on=close.to_on,
                groups=(by,),
            )[by]
            counted = {row.key: row.cells for row in kept.rows if row.cells[N.RECEIVED_TOTAL]}
            assert {key: cells for key, cells in then.items() if cells[N.RECEIVED_TOTAL]} == counted


def test_the_members_of_a_closed_month_are_the_lists_of_its_numbers(lived: Lived) -> None:
    for close in closes(lived)[-2:]:
        at = {"from_on": close.from_on, "at_on": close.to_on, "by": "sector"}
        for name in CELLS:
            kept, living = (
                tally_queries.list_cell(
                    lived.session,
                    tally_queries.CellQuery(source=source, name=name, **at),  # type: ignore[arg-type]
                    offset=0,
                    limit=None,
                )
                for source in (tally_queries.closed([close.id]), tally_queries.living(1, close.to_on))
            )
            assert [row[1] for row in kept] == [row[1] for row in living], (close.from_on, name)


def test_pending_of_a_closed_month_is_carried_over_with_what_was_adjusted(lived: Lived) -> None:
    for one, following in pairwise(closes(lived)):
        before, after = (
            {row["key"]: row["cells"] for row in close.figures_json["procedure"]["rows"]}
            for close in (one, following)
        )
        printed: Counter[int] = Counter()
        adjusted = select(PeriodMember.procedure_id, PeriodMember.adjustment).where(
            PeriodMember.close_id == following.id, PeriodMember.adjustment != 0
        )
        for key, sign in lived.session.execute(adjusted):
            printed[key] += sign
        for key in before.keys() | after.keys():
            pending = before[key]["pending_total"] if key in before else 0
            carried = after[key]["carried_over"] if key in after else 0
            assert carried == pending + printed[key], (following.from_on, key)


def test_a_union_of_closed_months_is_read_from_what_they_kept(lived: Lived) -> None:
    """A dossier of several months has its last place; each was received once."""
    chain = closes(lived)
    for first in range(len(chain) - 1):
        months = chain[first:]
        last_place: dict[int, PeriodMember] = {}
        received = 0
        for close in months:
            for member in lived.session.scalars(
                select(PeriodMember).filter_by(close_id=close.id, adjustment=0)
            ):
                last_place[member.dossier_id] = member
                received += member.start_class != N.CARRIED_OVER
        asked = tallies.Asked(months[0].from_on, months[-1].to_on, "sector")
        kept = tallies.build_tally(lived.session, actor=lived.actor, today=LAST_DAY, asked=asked)
        assert kept.closed_at == months[-1].at
        for row in kept.rows:
            for name, number in row.cells.items():
                counted = sum(
                    holds(CELLS[name].predicate, member, from_on=asked.from_on, at_on=asked.to_on)
                    for member in last_place.values()
                    if member.sector_id == row.key
                )
                assert number == counted, (asked, row.label, name)
        cells = kept.total.cells
        assert cells[N.RECEIVED_ONLINE] + cells[N.RECEIVED_COUNTER_POST] == received
        within = [one for one in kept.identities if "kỳ trước" not in one.text]
        assert all(one.holds for one in within)
