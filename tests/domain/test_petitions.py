"""The numbers of petitions: cases counted by hand, and identities that hold whatever the petitions are."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.periods import ReportPeriod
from tthc.domain.petitions import (
    COLUMNS,
    PetitionCell,
    PetitionFacts,
    complaint_word,
    count,
    is_in,
    lay_out,
    state_of,
)
from tthc.domain.vocabulary import PetitionHandling, PetitionKind, PetitionState

N = PetitionCell
HERE, AWAY = PetitionHandling
CONDUCT, REGULATION = PetitionKind
#: The month of June 2024 in official terms.
FROM, TO = date(2024, 5, 15), date(2024, 6, 14)


def day(text: str) -> date:
    """ "14/06" of 2024."""
    number, month = text.split("/")
    return date(2024, int(month), int(number))


def facts(
    received: str, due: str = "", ended: str = "", away: bool = False, published: str = ""
) -> PetitionFacts:
    return PetitionFacts(
        kind=CONDUCT,
        received_on=day(received),
        handled=AWAY if away else HERE,
        ended_on=day(ended) if ended else None,
        due_on=day(due) if due else None,
        published_on=day(published) if published else None,
    )


NEW, OLD = {N.RECEIVED_TOTAL, N.RECEIVED_NEW}, {N.RECEIVED_TOTAL, N.CARRIED_OVER}
ON_TIME, LATE = {N.ANSWERED, N.ANSWERED_ON_TIME}, {N.ANSWERED, N.ANSWERED_LATE}
WITHIN, OVERDUE = {N.PENDING, N.PENDING_WITHIN}, {N.PENDING, N.PENDING_OVERDUE}

CASES = [
    ("received on the first day", facts("15/05", "20/06"), NEW | WITHIN),
    ("received the day before the period", facts("14/05", "20/06"), OLD | WITHIN),
    ("received on the last day", facts("14/06", "20/06"), NEW | WITHIN),
    ("received the day after", facts("15/06", "20/06"), set()),
    ("due on the last day", facts("20/05", "14/06"), NEW | WITHIN),
    ("due the day before", facts("20/05", "13/06"), NEW | OVERDUE),
    ("answered before its date", facts("20/05", "28/05", "27/05"), NEW | ON_TIME),
    ("answered on its date", facts("20/05", "28/05", "28/05"), NEW | ON_TIME),
    ("answered after it", facts("20/05", "28/05", "29/05"), NEW | LATE),
    ("answered on the day of receipt", facts("20/05", "28/05", "20/05"), NEW | ON_TIME),
    ("answered on the first day", facts("10/05", "14/05", "15/05"), OLD | LATE),
    ("answered on the last day", facts("10/05", "14/06", "14/06"), OLD | ON_TIME),
    ("answered the day before the period", facts("10/05", "20/05", "14/05"), set()),
    ("answered after the period", facts("20/05", "28/05", "15/06"), NEW | OVERDUE),
    ("handed on", facts("20/05", "28/05", "29/05", away=True), NEW | {N.TRANSFERRED}),
    ("handed on at once, without a date", facts("20/05", "", "20/05", away=True), NEW | {N.TRANSFERRED}),
    ("handed on after the period, without a date", facts("20/05", "", "20/06", away=True), NEW | WITHIN),
    (
        "published in the period",
        facts("20/05", "28/05", "27/05", published="14/06"),
        NEW | ON_TIME | {N.PUBLISHED},
    ),
    ("published after it", facts("20/05", "28/05", "27/05", published="15/06"), NEW | ON_TIME),
    (
        "answered before the period, published in it",
        facts("02/05", "20/05", "14/05", published="15/05"),
        {N.PUBLISHED},
    ),
]


@pytest.mark.parametrize(
    ("petition", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_where_a_petition_is_counted(petition: PetitionFacts, wanted: set[PetitionCell]) -> None:
    assert {cell for cell in COLUMNS if is_in(cell, petition, from_on=FROM, at_on=TO)} == wanted


def test_the_table_adds_up_by_kind() -> None:
    petitions = [petition for _, petition, _ in CASES]
    petitions += [PetitionFacts(REGULATION, day("20/05"), HERE, None, day("13/06"))]
    eve = FROM - timedelta(days=1)
    before = {kind: cells[N.PENDING] for kind, cells in count(petitions, from_on=eve, at_on=eve).items()}
    table = lay_out(ReportPeriod(FROM, TO), TO, count(petitions, from_on=FROM, at_on=TO), before)
    assert [(row.kind, row.label) for row in table.rows] == [
        (CONDUCT, "Hành vi hành chính"),
        (REGULATION, "Quy định hành chính"),
    ]
    wanted = {
        N.RECEIVED_TOTAL: 18,
        N.CARRIED_OVER: 3,
        N.RECEIVED_NEW: 15,
        N.ANSWERED: 8,
        N.ANSWERED_ON_TIME: 6,
        N.ANSWERED_LATE: 2,
        N.TRANSFERRED: 2,
        N.PENDING: 8,
        N.PENDING_WITHIN: 5,
        N.PENDING_OVERDUE: 3,
        N.PUBLISHED: 2,
    }
    assert table.total.cells == wanted
    assert table.rows[1].cells[N.PENDING_OVERDUE] == 1
    assert [one.text for one in table.identities if not one.holds] == []
    assert not table.faulty_rows
    assert not table.none


def test_a_wrong_number_breaks_an_identity() -> None:
    right = {CONDUCT: {cell: 2 if cell is N.RECEIVED_TOTAL else 1 for cell in COLUMNS}}
    table = lay_out(ReportPeriod(FROM, TO), TO, right, {CONDUCT: 1})
    assert [one.text for one in table.identities if not one.holds] == [
        "(6) = (7) + (8)",
        "(10) = (11) + (12)",
        "(3) = (6) + (9) + (10)",
    ]
    assert table.faulty_rows == ["Hành vi hành chính"]
    table = lay_out(ReportPeriod(FROM, TO), TO, right, {CONDUCT: 2})
    assert not table.identities[-1].holds


def test_an_empty_period_says_that_there_was_none() -> None:
    assert lay_out(ReportPeriod(FROM, TO), TO, {}, {}).none


def test_the_state_follows_from_who_has_it_and_whether_it_ended() -> None:
    assert state_of(HERE, None) is PetitionState.PENDING
    assert state_of(HERE, TO) is PetitionState.ANSWERED
    assert state_of(AWAY, TO) is PetitionState.TRANSFERRED


# --- whatever the petitions are -----------------------------------------------------------------------

DAYS = st.dates(date(2024, 5, 1), date(2024, 6, 30))


@st.composite
def anything(draw: st.DrawFn) -> PetitionFacts:
    """A petition as the office may have it: nothing ends or is published before it came."""
    received = draw(DAYS)
    later = st.integers(0, 30).map(lambda days: received + timedelta(days=days))
    handled = draw(st.sampled_from(PetitionHandling))
    ended = draw(later if handled is AWAY else st.none() | later)
    due = draw(st.none() | later if handled is AWAY else later)
    published = (
        draw(st.none() | st.integers(0, 9).map(lambda days: ended + timedelta(days=days))) if ended else None
    )
    return PetitionFacts(draw(st.sampled_from(PetitionKind)), received, handled, ended, due, published)


@given(st.lists(anything(), max_size=12), st.lists(DAYS, min_size=3, max_size=3, unique=True))
def test_the_identities_hold_and_nothing_is_lost_between_periods(
    petitions: list[PetitionFacts], days: list[date]
) -> None:
    first, second, third = sorted(days)
    periods = [(first, second - timedelta(days=1)), (second, third)]
    tables = []
    for from_on, to_on in periods:
        eve = from_on - timedelta(days=1)
        before = {kind: cells[N.PENDING] for kind, cells in count(petitions, from_on=eve, at_on=eve).items()}
        tables.append(
            lay_out(
                ReportPeriod(from_on, to_on), to_on, count(petitions, from_on=from_on, at_on=to_on), before
            )
        )
    for table in tables:
        for row in (*table.rows, table.total):
            assert row.cells[N.RECEIVED_TOTAL] == (
                row.cells[N.ANSWERED] + row.cells[N.TRANSFERRED] + row.cells[N.PENDING]
            )
        assert all(one.holds for one in table.identities), table.identities
        assert not table.faulty_rows
    for earlier, later in pairwise(tables):
        assert later.total.cells[N.CARRIED_OVER] == earlier.total.cells[N.PENDING]
    both = count(petitions, from_on=first, at_on=third)
    for cell in (N.RECEIVED_NEW, N.ANSWERED, N.ANSWERED_LATE, N.TRANSFERRED, N.PUBLISHED):
        assert sum(table.total.cells[cell] for table in tables) == sum(row[cell] for row in both.values())


@given(anything(), DAYS, st.integers(0, 40))
def test_every_petition_is_in_exactly_one_place(petition: PetitionFacts, from_on: date, length: int) -> None:
    at_on = from_on + timedelta(days=length)

    def inside(*cells: PetitionCell) -> int:
        return sum(is_in(cell, petition, from_on=from_on, at_on=at_on) for cell in cells)

    total = inside(N.RECEIVED_TOTAL)
    assert inside(N.CARRIED_OVER, N.RECEIVED_NEW) == total
    assert (
        inside(N.ANSWERED_ON_TIME, N.ANSWERED_LATE, N.TRANSFERRED, N.PENDING_WITHIN, N.PENDING_OVERDUE)
        == total
    )


# --- what is no petition ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Khiếu nại quyết định từ chối cấp giấy phép", "khiếu nại"),
        ("đơn KHIẾU NẠI", "khiếu nại"),
        ("khieu nai quyet dinh so 5", "khiếu nại"),
        ("khie\u0302\u0301u na\u0323i", "khiếu nại"),
        ("Tố cáo cán bộ nhận tiền", "tố cáo"),
        ("Phản ánh tòa nhà to cao che biển chỉ dẫn", ""),
        ("Phản ánh việc trả kết quả chậm so với giấy hẹn", ""),
        ("", ""),
    ],
)
def test_what_looks_like_a_complaint(text: str, word: str) -> None:
    assert complaint_word(text) == word
