"""Which stages a due date reaches on which day, and when an unanswered alert goes up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, PROPERTIES, on
from tthc.domain.alerts import (
    Level,
    Reached,
    parse_days,
    reached,
    show_days,
    thresholds,
    unanswered_before,
    weight,
)
from tthc.domain.vocabulary import AlertStage, DomainError

SOON, TODAY, OVERDUE, ESCALATED = AlertStage
AGAIN = (1, 3, 5)


def called_for(due_on: str, day: str, notice: int = 2, again: tuple[int, ...] = AGAIN) -> list[str]:
    """What is raised on a day, the heaviest first; "*" where it was reached on that very day."""
    steps = thresholds(on(day), COUNTING, notices={0, 2, notice}, escalations=again)
    return [
        f"{one.stage.value} {one.days}{'*' if one.crossed else ''}"
        for one in reached(steps, on(due_on), notice)
    ]


@pytest.mark.parametrize(
    ("due_on", "day", "notice", "told"),
    [
        # Due on Mon 17/06/2024, announced two working days before.
        ("2024-06-17", "2024-06-12", 2, []),
        ("2024-06-17", "2024-06-13", 2, ["due_soon 2*"]),
        ("2024-06-17", "2024-06-14", 2, ["due_soon 1*"]),
        ("2024-06-17", "2024-06-15", 2, ["due_soon 1"]),
        ("2024-06-17", "2024-06-17", 2, ["due_today 0*"]),
        ("2024-06-17", "2024-06-18", 2, ["escalated 1*", "overdue 0*"]),
        ("2024-06-17", "2024-06-19", 2, ["escalated 1"]),
        ("2024-06-17", "2024-06-20", 2, ["escalated 3*"]),
        ("2024-06-17", "2024-06-24", 2, ["escalated 5*"]),
        ("2024-06-17", "2024-07-31", 2, ["escalated 5"]),
        # Not announced before, or earlier than others.
        ("2024-06-17", "2024-06-14", 0, []),
        ("2024-06-17", "2024-06-17", 0, ["due_today 0*"]),
        ("2024-06-17", "2024-06-14", 1, ["due_soon 1*"]),
        ("2024-06-17", "2024-06-10", 5, ["due_soon 5*"]),
        ("2024-06-17", "2024-06-13", 5, ["due_soon 5"]),
        # Due on Fri 14/06: overdue on Saturday, one working day late on Monday.
        ("2024-06-14", "2024-06-15", 2, ["overdue 0*"]),
        ("2024-06-14", "2024-06-16", 2, ["overdue 0"]),
        ("2024-06-14", "2024-06-17", 2, ["escalated 1*"]),
        # Sat 04/05/2024 was worked in exchange.
        ("2024-05-03", "2024-05-04", 2, ["escalated 1*", "overdue 0*"]),
        # The last days of the calendar, and dates past it.
        ("2027-12-31", "2027-12-31", 2, ["due_today 0*"]),
        ("2027-12-30", "2027-12-31", 2, ["escalated 1*", "overdue 0*"]),
        ("2028-01-04", "2027-12-31", 2, []),
        ("2015-12-31", "2026-06-01", 2, ["escalated 5"]),
    ],
)
def test_what_a_day_calls_for(due_on: str, day: str, notice: int, told: list[str]) -> None:
    assert called_for(due_on, day, notice) == told


def test_an_office_may_do_without_being_told_again() -> None:
    assert called_for("2024-06-17", "2024-06-18", again=()) == ["overdue 0*"]
    assert called_for("2024-06-17", "2024-06-28", again=()) == ["overdue 0"]


@PROPERTIES
@given(
    due_on=st.dates(date(2016, 3, 1), date(2027, 10, 1)),
    notice=st.integers(0, 6),
    again=st.frozensets(st.integers(1, 12), max_size=4),
)
def test_day_by_day_each_stage_is_reached_once_as_counted_by_hand(
    due_on: date, notice: int, again: frozenset[int]
) -> None:
    """The walk tells of a stage on the first day on which so many working days are left, or have passed."""
    told: dict[tuple[AlertStage, int], date] = {}
    days = [due_on + timedelta(days=offset) for offset in range(-25, 40)]
    for day in days:
        steps = thresholds(day, COUNTING, notices=[0, 3, notice], escalations=again)
        for one in reached(steps, due_on, notice):
            assert one.crossed == ((one.stage, one.days) not in told)
            told.setdefault((one.stage, one.days), day)
    left = {day: COUNTING.working_days_between(day, due_on) for day in days}
    expected = {
        (SOON, number): next(day for day in days if left[day] <= number) for number in {1, notice} if notice
    }
    expected[TODAY, 0] = due_on
    expected[OVERDUE, 0] = due_on + timedelta(days=1)
    for number in again:
        expected[ESCALATED, number] = next(day for day in days if day > due_on and -left[day] >= number)
    assert told == expected


def test_of_several_the_later_weighs_more() -> None:
    order = [(SOON, 5), (SOON, 2), (SOON, 1), (TODAY, 0), (OVERDUE, 0), (ESCALATED, 1), (ESCALATED, 20)]
    weights = [weight(*one) for one in order]
    assert weights == sorted(set(weights))
    assert reached(thresholds(on("2024-06-18"), COUNTING, notices=[2]), on("2024-06-17"), 2) == [
        Reached(OVERDUE, 0, crossed=True)
    ]


@pytest.mark.parametrize(
    ("today", "days", "level", "before"),
    [
        # Raised on Tue 18/06/2024: two working days later, on Thu 20/06, it is with the supervisors.
        ("2024-06-20", 2, Level.SUPERVISORS, "2024-06-19"),
        ("2024-06-24", 2, Level.ABOVE, "2024-06-19"),
        ("2024-06-16", 1, Level.SUPERVISORS, "2024-06-14"),
    ],
)
def test_when_an_unanswered_alert_goes_up(today: str, days: int, level: Level, before: str) -> None:
    assert unanswered_before(on(today), days, level, COUNTING) == on(before)


def test_the_days_of_a_list() -> None:
    assert parse_days("5, 1;3  3") == (1, 3, 5)
    assert parse_days(" ") == ()
    assert show_days((1, 3, 5)) == "1, 3, 5"
    for wrong in ("0", "251", "1.5", "-1", "một", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"):
        with pytest.raises(DomainError):
            parse_days(wrong)
