"""What charts count: bands of age at their edges, times taken, percentiles, axes; counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.domain.seeded_office import COUNTING as CALENDAR
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.charts import Band, bands, measure_of, nearest_rank, scale_end, time_taken
from tthc.domain.predicates import holds
from tthc.domain.tallies import DossierFacts
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import Channel, LimitUnit

#: Friday; the calendar around it has no days off but weekends.
ON = date(2024, 6, 14)
PENDING = DossierFacts(
    received_on=date(2024, 5, 2),
    received_counted_on=date(2024, 5, 2),
    ended_on=None,
    ended_counted_on=None,
    end_kind=None,
    due_on=ON,
    waiting=False,
    channel=Channel.COUNTER,
)


def band_of(facts: DossierFacts) -> list[Band]:
    return [
        band
        for band, predicate in bands(ON, CALENDAR).items()
        if holds(predicate, facts, from_on=date(2023, 12, 15), at_on=ON)
    ]


@pytest.mark.parametrize(
    ("due_on", "band"),
    [
        ("2024-05-30", Band.OVERDUE_FAR),  # 11 working days before
        ("2024-05-31", Band.OVERDUE),  # 10
        ("2024-06-06", Band.OVERDUE),  # 6
        ("2024-06-07", Band.OVERDUE_NEAR),  # 5
        ("2024-06-13", Band.OVERDUE_NEAR),  # 1
        ("2024-06-14", Band.LEFT_NEAR),  # today
        ("2024-06-21", Band.LEFT_NEAR),  # 5
        ("2024-06-23", Band.LEFT_NEAR),  # a Sunday: still 5
        ("2024-06-24", Band.LEFT),  # 6
        ("2024-06-28", Band.LEFT),  # 10
        ("2024-07-01", Band.LEFT_FAR),  # 11
    ],
)
def test_a_pending_dossier_is_in_the_band_of_its_working_days(due_on: str, band: Band) -> None:
    assert band_of(replace(PENDING, due_on=date.fromisoformat(due_on))) == [band]


def test_every_pending_dossier_is_in_exactly_one_band_and_no_other_in_any() -> None:
    for days in range(-40, 41):
        due_on = ON + timedelta(days=days)
        (band,) = band_of(replace(PENDING, due_on=due_on))
        assert (band.standing == "overdue") == (due_on < ON)
        apart = CALENDAR.working_days_between(ON, due_on)
        assert ("near" in band.value, "far" in band.value) == (abs(apart) <= 5, abs(apart) > 10)
        assert band_of(replace(PENDING, due_on=due_on, waiting=True)) == [Band.WAITING]
        assert band_of(replace(PENDING, due_on=due_on, ended_on=ON, ended_counted_on=ON)) == []


def test_where_the_calendar_ends_there_are_no_bands() -> None:
    with pytest.raises(CalendarNotCovered):
        bands(CALENDAR.last_covered_day(ON), CALENDAR)


def limit(*segments: tuple[int, LimitUnit]) -> TimeLimit:
    return TimeLimit(tuple(LimitSegment(amount, unit) for amount, unit in segments))


WORKING, DAY, MONTH, HOUR = LimitUnit.WORKING_DAY, LimitUnit.DAY, LimitUnit.MONTH, LimitUnit.HOUR


@pytest.mark.parametrize(
    ("segments", "unit", "most"),
    [
        ([(5, WORKING)], WORKING, 5),
        ([(25, DAY), (10, DAY)], DAY, 35),
        ([(25, DAY), (7, WORKING)], DAY, None),
        ([(1, MONTH)], DAY, None),
        ([(4, HOUR)], WORKING, None),
    ],
)
def test_a_time_is_measured_in_the_unit_of_its_limit(
    segments: list[tuple[int, LimitUnit]], unit: LimitUnit, most: int | None
) -> None:
    measure = measure_of(limit(*segments))
    assert (measure.unit, measure.most) == (unit, most)


def d(text: str) -> date:
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


@pytest.mark.parametrize(
    ("start", "end", "unit", "waits", "taken"),
    [
        ("27/10/2023", "03/11/2023", WORKING, [], 5),
        ("27/10/2023", "03/11/2023", DAY, [], 7),
        ("27/10/2023", "27/10/2023", WORKING, [], 0),
        # Accepted after hours and resolved before the clock began.
        ("17/06/2024", "14/06/2024", WORKING, [], 0),
        ("28/05/2026", "08/06/2026", WORKING, [("01/06/2026", "03/06/2026")], 5),
        ("01/06/2026", "24/06/2026", DAY, [("05/06/2026", "08/06/2026")], 20),
        # Stopped on the first day, stopped over a weekend, and never resumed.
        ("03/06/2024", "10/06/2024", WORKING, [("03/06/2024", "05/06/2024")], 4),
        ("03/06/2024", "10/06/2024", WORKING, [("08/06/2024", "10/06/2024")], 5),
        ("03/06/2024", "10/06/2024", WORKING, [("06/06/2024", None)], 2),
        ("03/06/2024", "10/06/2024", DAY, [("04/06/2024", "05/06/2024"), ("06/06/2024", "07/06/2024")], 5),
    ],
)
def test_the_time_taken_is_that_in_which_the_clock_ran(
    start: str, end: str, unit: LimitUnit, waits: list[tuple[str, str | None]], taken: int
) -> None:
    stood = [(d(since), d(until) if until else None) for since, until in waits]
    assert time_taken(d(start), d(end), unit, CALENDAR, stood) == taken


@pytest.mark.parametrize(
    ("values", "percent", "rank"),
    [
        ([7], 50, 7),
        ([7], 90, 7),
        ([3, 5, 8, 13], 50, 5),
        ([3, 5, 8, 13], 90, 13),
        ([0, 0, 0, 9], 50, 0),
        (list(range(1, 11)), 50, 5),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
        ([4] * 9 + [20], 90, 4),
    ],
)
def test_a_percentile_is_the_nearest_rank(values: list[int], percent: int, rank: int) -> None:
    counted = {value: values.count(value) for value in values}
    assert nearest_rank({**counted, 99: 0}, percent) == rank
    with pytest.raises(ValueError, match="percentile"):
        nearest_rank({99: 0}, percent)


@pytest.mark.parametrize(
    ("most", "end"), [(0, 4), (4, 4), (5, 8), (9, 12), (26, 40), (130, 200), (1201, 2000)]
)
def test_an_axis_ends_where_its_quarters_are_whole(most: int, end: int) -> None:
    assert scale_end([most, 0]) == end
    assert end % 4 == 0
