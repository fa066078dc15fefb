"""The cells of Biểu II.06a for dossiers made by hand, and the identities between them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.predicates import FactRef, holds
from tthc.domain.tallies import (
    CELLS,
    ROW_CELLS,
    CellName,
    DossierFacts,
    TallyRow,
    add_up,
    check,
    on_time_rate,
)
from tthc.domain.vocabulary import Channel, EndKind

N = CellName
#: The month of June 2024 in official terms.
FROM, TO = date(2024, 5, 15), date(2024, 6, 14)


def day(text: str) -> date:
    """ "14/06" of 2024."""
    number, month = text.split("/")
    return date(2024, int(month), int(number))


def facts(
    received: str, due: str, ended: str = "", kind: EndKind | None = None, **more: object
) -> DossierFacts:
    ended_on = day(ended) if ended else None
    made = DossierFacts(
        received_on=day(received),
        received_counted_on=day(received),
        ended_on=ended_on,
        ended_counted_on=ended_on,
        end_kind=kind if kind or not ended else EndKind.RESOLVED,
        due_on=day(due),
        waiting=False,
        channel=Channel.ONLINE,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def cells_of(dossier: DossierFacts, from_on: date = FROM, at_on: date = TO) -> set[CellName]:
    return {
        name for name, cell in CELLS.items() if holds(cell.predicate, dossier, from_on=from_on, at_on=at_on)
    }


NEW_ONLINE = {N.RECEIVED_TOTAL, N.RECEIVED_ONLINE}
NEW_OFFLINE = {N.RECEIVED_TOTAL, N.RECEIVED_COUNTER_POST}
OLD = {N.RECEIVED_TOTAL, N.CARRIED_OVER}
RESOLVED = {N.RESOLVED_TOTAL, N.ENDED_TOTAL}
EARLY, ON_TIME, LATE = {N.EARLY, N.ENDED_EARLY}, {N.ON_TIME, N.ENDED_ON_TIME}, {N.LATE, N.ENDED_LATE}
WITHIN, OVERDUE = {N.PENDING_TOTAL, N.WITHIN}, {N.PENDING_TOTAL, N.OVERDUE}

CASES = [
    ("received on the first day, pending", facts("15/05", "20/06"), NEW_ONLINE | WITHIN),
    ("received the day before the period", facts("14/05", "20/06"), OLD | WITHIN),
    ("received on the last day", facts("14/06", "20/06"), NEW_ONLINE | WITHIN),
    ("at the counter", facts("20/05", "20/06", channel=Channel.COUNTER), NEW_OFFLINE | WITHIN),
    ("by post", facts("20/05", "20/06", channel=Channel.POST), NEW_OFFLINE | WITHIN),
    ("due on the last day, pending", facts("20/05", "14/06"), NEW_ONLINE | WITHIN),
    ("due the day before, pending", facts("20/05", "13/06"), NEW_ONLINE | OVERDUE),
    ("the same, waiting lawfully", facts("20/05", "13/06", waiting=True), NEW_ONLINE | WITHIN),
    ("early", facts("20/05", "28/05", "27/05"), NEW_ONLINE | RESOLVED | EARLY),
    ("on time", facts("20/05", "28/05", "28/05"), NEW_ONLINE | RESOLVED | ON_TIME),
    ("late", facts("20/05", "28/05", "29/05"), NEW_ONLINE | RESOLVED | LATE),
    ("ended on the first day", facts("02/05", "20/05", "15/05"), OLD | RESOLVED | EARLY),
    ("ended on the last day", facts("02/05", "14/06", "14/06"), OLD | RESOLVED | ON_TIME),
    ("ended the day before the period", facts("02/05", "20/05", "14/05"), set()),
    (
        "refused and sent back",
        facts("20/05", "28/05", "27/05", returned=True),
        NEW_ONLINE | RESOLVED | EARLY | {N.RETURNED},
    ),
    (
        "withdrawn early",
        facts("20/05", "28/05", "27/05", EndKind.WITHDRAWN),
        NEW_ONLINE | {N.WITHDRAWN, N.ENDED_TOTAL, N.ENDED_EARLY},
    ),
    (
        "stopped late",
        facts("02/05", "28/05", "29/05", EndKind.STOPPED),
        OLD | {N.STOPPED, N.ENDED_TOTAL, N.ENDED_LATE},
    ),
    (
        "received before, entered after that period was closed",
        facts("10/05", "20/06", received_counted_on=FROM),
        NEW_ONLINE | WITHIN,
    ),
    (
        "ended late before, entered after that period was closed: counted now, late by the true dates",
        facts("02/05", "08/05", "10/05", ended_counted_on=FROM),
        OLD | RESOLVED | LATE,
    ),
]


@pytest.mark.parametrize(
    ("dossier", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_cells_of_one_dossier(dossier: DossierFacts, expected: set[CellName]) -> None:
    assert cells_of(dossier) == expected


def test_pending_is_judged_on_the_day_that_is_given() -> None:
    dossier = facts("20/05", "05/06")
    assert cells_of(dossier, at_on=day("05/06")) == NEW_ONLINE | WITHIN
    assert cells_of(dossier, at_on=day("06/06")) == NEW_ONLINE | OVERDUE


def test_every_cell_is_reached_by_some_case() -> None:
    assert set().union(*[case[2] for case in CASES]) == set(CELLS) == set(CellName)


def test_every_condition_speaks_of_a_fact() -> None:
    known = {one.name for one in fields(DossierFacts)}
    for cell in CELLS.values():
        for every in cell.predicate:
            for condition in every:
                assert condition.field in known
                if isinstance(condition.value, FactRef):
                    assert condition.value.name in known


# --- identities ---------------------------------------------------------------------------------------

_days = st.dates(date(2024, 4, 20), TO)


@st.composite
def dossiers(draw: st.DrawFn) -> DossierFacts:
    """Anything that can have been received by the end of the period."""
    received_on = draw(_days)
    received_counted_on = draw(st.sampled_from([received_on, max(received_on, FROM)]))
    ended_on = draw(st.none() | st.dates(received_on, TO))
    counted = None
    if ended_on is not None:
        counted = max(draw(st.sampled_from([ended_on, max(ended_on, FROM)])), received_counted_on)
    return DossierFacts(
        received_on=received_on,
        received_counted_on=received_counted_on,
        ended_on=ended_on,
        ended_counted_on=counted,
        end_kind=draw(st.sampled_from(list(EndKind))) if ended_on else None,
        due_on=received_on + timedelta(days=draw(st.integers(0, 40))),
        waiting=ended_on is None and draw(st.booleans()),
        channel=draw(st.sampled_from(list(Channel))),
    )


def row_of(found: list[DossierFacts], key: int = 1) -> TallyRow:
    cells = {
        name: sum(holds(cell.predicate, one, from_on=FROM, at_on=TO) for one in found)
        for name, cell in CELLS.items()
    }
    return TallyRow(key, f"Lĩnh vực {key:02d}", cells)


@given(st.lists(dossiers(), max_size=30))
def test_the_identities_hold_for_whatever_was_received_by_the_end(found: list[DossierFacts]) -> None:
    row = row_of(found)
    failed = [one for one in check(row, pending_before=row.cells[N.CARRIED_OVER]) if not one.holds]
    assert not failed


@given(dossiers())
def test_the_classes_are_disjoint_and_complete(dossier: DossierFacts) -> None:
    inside = cells_of(dossier)
    for whole, parts in [
        (N.RECEIVED_TOTAL, {N.RECEIVED_ONLINE, N.RECEIVED_COUNTER_POST, N.CARRIED_OVER}),
        (N.RECEIVED_TOTAL, {N.RESOLVED_TOTAL, N.PENDING_TOTAL, N.WITHDRAWN, N.STOPPED}),
        (N.ENDED_TOTAL, {N.ENDED_EARLY, N.ENDED_ON_TIME, N.ENDED_LATE}),
        (N.ENDED_TOTAL, {N.RESOLVED_TOTAL, N.WITHDRAWN, N.STOPPED}),
        (N.RESOLVED_TOTAL, {N.EARLY, N.ON_TIME, N.LATE}),
        (N.PENDING_TOTAL, {N.WITHIN, N.OVERDUE}),
    ]:
        assert len(inside & parts) == (1 if whole in inside else 0), whole


@given(st.lists(dossiers(), max_size=10), st.lists(dossiers(), max_size=10))
def test_the_total_is_the_sum_of_the_rows(left: list[DossierFacts], right: list[DossierFacts]) -> None:
    total = add_up([row_of(left, 1), row_of(right, 2)])
    assert (total.key, total.label) == (None, "TỔNG CỘNG")
    assert total.cells == row_of([*left, *right]).cells


def test_no_rows_add_up_to_nothing() -> None:
    assert add_up([]).cells == dict.fromkeys(CELLS, 0)


@pytest.mark.parametrize("name", ROW_CELLS, ids=str)
def test_a_number_that_is_off_by_one_breaks_an_identity(name: CellName) -> None:
    row = row_of([case[1] for case in CASES])
    carried = row.cells[N.CARRIED_OVER]
    assert all(one.holds for one in check(row, pending_before=carried))
    wrong = replace(row, cells={**row.cells, name: row.cells[name] + 1})
    assert not all(one.holds for one in check(wrong, pending_before=carried)), name


def test_what_was_reopened_is_carried_over_as_an_adjustment() -> None:
    row = row_of([case[1] for case in CASES])
    carried = row.cells[N.CARRIED_OVER]
    missing = [one for one in check(row, pending_before=carried - 2) if not one.holds]
    assert [(one.left, one.right) for one in missing] == [(carried, carried - 2)]
    assert all(one.holds for one in check(row, pending_before=carried - 2, adjustments=2))


def test_the_rate_is_taken_from_sums() -> None:
    cells = dict.fromkeys(CELLS, 0)
    assert on_time_rate(cells) is None
    cells |= {N.ENDED_TOTAL: 8, N.ENDED_EARLY: 4, N.ENDED_ON_TIME: 2, N.ENDED_LATE: 2}
    assert on_time_rate(cells) == 0.75
