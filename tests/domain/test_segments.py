"""Limits in parts at several agencies: where each part ends, who has the dossier, and who was late."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, DAY, HOUR, MONTH, PROPERTIES, WORKING_DAY, at, on, stands
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.due_dates import compute_due_date
from tthc.domain.segments import (
    Delay,
    HandOver,
    agencies,
    delays,
    elsewhere,
    part_of,
    segment_ends,
    segment_on,
    stages,
    sub_deadline,
)
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import DomainError

BOARD, COMMITTEE = "Ban Quản lý", "UBND cấp tỉnh"
#: The case of the catalogue: 25 days at the board, then 7 working days at the provincial committee.
TWO = TimeLimit((LimitSegment(25, DAY, BOARD), LimitSegment(7, WORKING_DAY, COMMITTEE)))
#: Mon 01/06/2026: the board's part ends on Fri 26/06, the whole on Tue 07/07.
RECEIVED = at("2026-06-01T09:00")


def moment(text: str) -> datetime:
    """ "30/06" in the middle of a morning of 2026."""
    day, month = text.split("/")
    return at(f"2026-{month}-{day}T10:00")


def day(text: str) -> date:
    return moment(text).date()


def chain(*parts: tuple[int, str]) -> TimeLimit:
    """Working days at agencies in order."""
    return TimeLimit(tuple(LimitSegment(amount, WORKING_DAY, agency) for amount, agency in parts))


# --- where each segment ends --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "pauses", "ends"),
    [
        # Nothing is rolled between: 27/06 is a Saturday, and the first working day after it is counted.
        ("2026-06-01T09:00", [], ["26/06", "07/07"]),
        ("2026-06-02T09:00", [], ["27/06", "07/07"]),
        ("2026-06-03T09:00", [], ["28/06", "07/07"]),
        ("2026-06-04T09:00", [], ["29/06", "08/07"]),
        # A stand moves the part in which it lies and all that follow.
        ("2026-06-01T09:00", [("2026-06-10T10:00", "2026-06-12T10:00")], ["28/06", "07/07"]),
        ("2026-06-01T09:00", [("2026-06-29T10:00", "2026-07-01T10:00")], ["26/06", "09/07"]),
        # After hours the whole begins on the next working day.
        ("2026-06-05T17:40", [], ["03/07", "14/07"]),
    ],
)
def test_each_segment_ends_where_the_count_says(
    received: str, pauses: list[tuple[str, str]], ends: list[str]
) -> None:
    found = segment_ends(at(received), TWO, COUNTING, None, stands(pauses))
    assert [(end.no, end.segment, f"{end.last_on:%d/%m}") for end in found] == [
        (1, TWO.segments[0], ends[0]),
        (2, TWO.segments[1], ends[1]),
    ]


def test_the_last_day_of_the_whole_is_not_rolled_either() -> None:
    limit = TimeLimit((LimitSegment(3, WORKING_DAY, COMMITTEE), LimitSegment(16, DAY, BOARD)))
    found = segment_ends(RECEIVED, limit, COUNTING)
    assert [end.last_on for end in found] == [on("2026-06-04"), on("2026-06-20")]
    assert compute_due_date(RECEIVED, limit, COUNTING).due_on == on("2026-06-22"), "a Saturday, so rolled"


def test_hours_and_months_end_on_their_days_too() -> None:
    hours = TimeLimit((LimitSegment(8, HOUR, BOARD), LimitSegment(10, HOUR, COMMITTEE)))
    assert [f"{end.last_on:%d/%m}" for end in segment_ends(RECEIVED, hours, COUNTING)] == ["02/06", "03/06"]
    months = TimeLimit((LimitSegment(1, MONTH, BOARD), LimitSegment(1, WORKING_DAY, COMMITTEE)))
    found = segment_ends(at("2026-01-30T09:00"), months, COUNTING)
    assert [f"{end.last_on:%d/%m}" for end in found] == ["28/02", "02/03"]


segments_of_days = st.lists(
    st.builds(
        LimitSegment,
        amount=st.integers(1, 40),
        unit=st.sampled_from([WORKING_DAY, DAY]),
        agency=st.sampled_from(["", BOARD, COMMITTEE]),
    ),
    min_size=1,
    max_size=4,
)


@PROPERTIES
@given(
    segments=segments_of_days,
    received=st.datetimes(datetime(2024, 1, 2), datetime(2025, 6, 30)),
)
def test_the_ends_are_the_days_that_the_explanation_marks(
    segments: list[LimitSegment], received: datetime
) -> None:
    limit = TimeLimit(tuple(segments))
    received = at(received.isoformat())
    due = compute_due_date(received, limit, COUNTING)
    ends = segment_ends(received, limit, COUNTING)
    assert [end.last_on for end in ends[:-1]] == [row.date for row in due.days if "hết đoạn" in row.reason]
    assert due.due_on == COUNTING.next_working_day(ends[-1].last_on)
    assert [end.last_on for end in ends] == sorted(end.last_on for end in ends)


@pytest.mark.parametrize(
    ("today", "due_on", "no"),
    [
        ("01/06", "07/07", 1),
        ("26/06", "07/07", 1),
        ("27/06", "07/07", 2),
        ("07/07", "07/07", 2),
        ("08/07", "07/07", None),
        # Extended to the 10th: the last part goes on.
        ("08/07", "10/07", 2),
        ("13/07", "10/07", None),
    ],
)
def test_which_segment_runs(today: str, due_on: str, no: int | None) -> None:
    running = segment_on(segment_ends(RECEIVED, TWO, COUNTING), day(today), day(due_on))
    assert (running.no if running else None) == no


# --- whose segments they are --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "whose", "away"),
    [
        (("",), ("",), ()),
        (("Ban Quản lý",), ("Ban Quản lý",), ()),
        (("Ban Quản lý", "UBND cấp tỉnh"), ("Ban Quản lý", "UBND cấp tỉnh"), (2,)),
        # Without a name it is the office's own; a name is the same however it was typed.
        (("", "UBND cấp tỉnh", ""), ("", "UBND cấp tỉnh", ""), (2,)),
        (("Ban Quản lý", "", "UBND cấp tỉnh"), ("Ban Quản lý", "UBND cấp tỉnh"), (3,)),
        (("Ban Quản lý", "ban  quản lý"), ("Ban Quản lý",), ()),
        (("A", "B", "b", "A", "C"), ("A", "B", "A", "C"), (2, 5)),
    ],
)
def test_segments_on_end_at_one_agency_are_one(
    names: tuple[str, ...], whose: tuple[str, ...], away: tuple[int, ...]
) -> None:
    limit = chain(*((1, name) for name in names))
    assert (agencies(limit), elsewhere(limit)) == (whose, away)


def test_the_time_of_an_agency_is_that_of_its_segments_on_end() -> None:
    limit = chain((1, "A"), (2, "B"), (3, "b"), (4, "A"))
    assert part_of(limit, 2) == (
        "B",
        TimeLimit((LimitSegment(2, WORKING_DAY, "B"), LimitSegment(3, WORKING_DAY, "b"))),
    )
    for no in (1, 3, 4, 5, 0):
        with pytest.raises(DomainError) as refusal:
            part_of(limit, no)
        assert refusal.value.field == "segment_no"


def test_another_agency_has_its_time_from_the_day_of_sending() -> None:
    due = sub_deadline(at("2024-06-14T17:40"), chain((3, "")), COUNTING)
    assert (due.due_at, due.clock_start_on) == (at("2024-06-19T17:00"), on("2024-06-14"))


# --- who had the dossier, and who was late ------------------------------------------------------------


def over(no: int, sent: str, returned: str | None = None) -> HandOver:
    return HandOver(no, moment(sent), moment(returned) if returned else None)


def late(
    hand_overs: list[HandOver],
    until: str,
    *,
    due_on: str = "07/07",
    limit: TimeLimit = TWO,
    base: str = "01/06",
) -> list[tuple[str, str, str, bool]]:
    passed = stages(moment(base), limit, COUNTING, due_on=day(due_on), hand_overs=hand_overs)
    found = delays(passed, COUNTING, due_on=day(due_on), until=day(until))
    return [(one.agency, f"{one.due_on:%d/%m}", f"{one.until:%d/%m}", one.still_there) for one in found]


@pytest.mark.parametrize(
    ("hand_overs", "until", "who"),
    [
        # In time: nobody, although the committee took longer than its own part.
        ([over(2, "19/06", "03/07")], "07/07", []),
        # Nothing recorded: the office has it.
        ([], "10/07", [(BOARD, "26/06", "10/07", True)]),
        # Sent on in time and not answered.
        ([over(2, "26/06")], "09/07", [(COMMITTEE, "07/07", "09/07", True)]),
        # Sent on two working days late; the committee's time counts from then: until 09/07.
        ([over(2, "30/06")], "09/07", [(BOARD, "26/06", "30/06", False)]),
        ([over(2, "30/06", "09/07")], "09/07", [(BOARD, "26/06", "30/06", False)]),
        (
            [over(2, "30/06", "13/07")],
            "13/07",
            [(BOARD, "26/06", "30/06", False), (COMMITTEE, "09/07", "13/07", False)],
        ),
        # Sent early, answered late by its own part (01/07), then left lying past the whole.
        (
            [over(2, "22/06", "03/07")],
            "09/07",
            [(COMMITTEE, "01/07", "03/07", False), (BOARD, "07/07", "09/07", True)],
        ),
        # Answered in time, and left lying.
        ([over(2, "26/06", "06/07")], "09/07", [(BOARD, "07/07", "09/07", True)]),
        # Answered late, and left lying after that.
        (
            [over(2, "26/06", "09/07")],
            "13/07",
            [(COMMITTEE, "07/07", "09/07", False), (BOARD, "09/07", "13/07", True)],
        ),
        # Sent twice: with the committee from the first time to the last answer.
        (
            [over(2, "26/06", "01/07"), over(2, "03/07", "09/07")],
            "09/07",
            [(COMMITTEE, "07/07", "09/07", False)],
        ),
        ([over(2, "26/06", "01/07"), over(2, "03/07")], "09/07", [(COMMITTEE, "07/07", "09/07", True)]),
    ],
)
def test_who_was_late(hand_overs: list[HandOver], until: str, who: list[tuple[str, str, str, bool]]) -> None:
    assert late(hand_overs, until) == who


def test_the_own_part_ends_unrolled() -> None:
    """Received Tue 02/06: 25 days end on Sat 27/06, and on Monday a day of the committee's is gone."""
    assert late([over(2, "29/06", "08/07")], "08/07", base="02/06") == [(BOARD, "27/06", "29/06", False)]
    assert late([over(2, "26/06", "06/07")], "07/07", base="02/06") == []


def test_what_was_put_off_is_given_to_the_last_agency() -> None:
    assert late([over(2, "26/06")], "10/07", due_on="10/07") == []
    assert late([over(2, "26/06")], "14/07", due_on="10/07") == [(COMMITTEE, "10/07", "14/07", True)]


def test_a_date_that_nobody_counted_is_missed_by_who_has_the_dossier() -> None:
    assert late([over(2, "26/06")], "03/07", due_on="01/07") == [(COMMITTEE, "01/07", "03/07", True)]
    assert late([over(2, "26/06", "03/07")], "03/07", due_on="01/07") == [
        (COMMITTEE, "01/07", "03/07", False)
    ]
    assert late([over(2, "26/06", "02/07")], "03/07", due_on="01/07") == [(BOARD, "02/07", "03/07", True)]
    assert late([], "13/06", due_on="12/06") == [(BOARD, "12/06", "13/06", True)], "a Saturday"


def test_what_was_sent_before_the_count_began_anew_does_not_count() -> None:
    assert late([over(2, "29/05", "10/07")], "10/07") == [(BOARD, "26/06", "10/07", True)]


def test_a_stand_of_the_clock_is_nobodys_delay() -> None:
    passed = stages(
        RECEIVED,
        TWO,
        COUNTING,
        None,
        stands([("2026-06-29T10:00", "2026-07-01T10:00")]),
        due_on=on("2026-07-09"),
        hand_overs=[over(2, "26/06")],
    )
    assert [stage.due_on for stage in passed] == [on("2026-06-26"), on("2026-07-09")]


def test_back_at_the_office_for_a_part_of_its_own() -> None:
    """02 working days here until 03/06, 03 there, 02 here again: in all until 10/06."""
    limit = chain((2, "A"), (3, "B"), (2, "a"))
    there = [over(2, "03/06", "09/06")]
    assert late(there, "11/06", due_on="10/06", limit=limit) == [("B", "08/06", "09/06", False)]
    assert late(there, "12/06", due_on="10/06", limit=limit) == [
        ("B", "08/06", "09/06", False),
        ("a", "11/06", "12/06", True),
    ]


def test_between_two_other_agencies_the_office_has_no_time_of_its_own() -> None:
    limit = chain((2, "A"), (3, "B"), (2, "C"))
    assert late([over(2, "03/06", "08/06")], "11/06", due_on="10/06", limit=limit) == [
        ("A", "08/06", "11/06", True)
    ]
    both = [over(2, "03/06", "08/06"), over(3, "10/06", "12/06")]
    assert late(both, "12/06", due_on="10/06", limit=limit) == [("A", "08/06", "10/06", False)]
    assert late(both, "15/06", due_on="10/06", limit=limit) == [
        ("A", "08/06", "10/06", False),
        ("A", "12/06", "15/06", True),
    ]


def test_where_the_calendar_ends_days_still_pass() -> None:
    short = WorkingCalendar((), {2026: True})
    passed = stages(RECEIVED, chain((2, "A"), (3, "B")), short, due_on=on("2026-06-08"))
    assert delays(passed, short, due_on=on("2026-06-08"), until=on("2027-01-04")) == (
        Delay("A", on("2026-06-03"), on("2027-01-04"), True),
    )


@PROPERTIES
@given(
    sent=st.integers(0, 60),
    took=st.one_of(st.none(), st.integers(0, 60)),
    rest=st.integers(0, 20),
)
def test_somebody_is_late_exactly_when_the_whole_is(sent: int, took: int | None, rest: int) -> None:
    """Who keeps to its own part, counted from the day on which it had the dossier, delays nothing."""
    start = RECEIVED.date().toordinal()
    sent_on = date.fromordinal(start + sent)
    returned_on = None if took is None else date.fromordinal(sent_on.toordinal() + took)
    until = date.fromordinal((returned_on or sent_on).toordinal() + rest)
    sent_at = at(f"{sent_on}T10:00")
    hand_over = HandOver(2, sent_at, at(f"{returned_on}T10:00") if returned_on else None)
    due_on = compute_due_date(RECEIVED, TWO, COUNTING).due_on
    passed = stages(RECEIVED, TWO, COUNTING, due_on=due_on, hand_overs=[hand_over])
    found = delays(passed, COUNTING, due_on=due_on, until=until)
    assert bool(found) == (until > due_on)
    if COUNTING.working_days_between(due_on, until) > 0:
        left = [until if stage.left_at is None else stage.left_at.date() for stage in passed]
        assert any(on > stage.due_on for stage, on in zip(passed, left, strict=True)), "not only who has it"
