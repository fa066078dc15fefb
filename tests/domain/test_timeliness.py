"""How an end or a day stands to a due date."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.domain.seeded_office import (
    COUNTING,
    on,
)
from tthc.domain.timeliness import last_day_of_notice, remaining_label, standing, timeliness, waiting_label
from tthc.domain.vocabulary import (
    Standing,
    Timeliness,
)


@pytest.mark.parametrize(
    ("ended_on", "expected"),
    [
        ("2026-06-04", Timeliness.EARLY),
        ("2026-06-05", Timeliness.ON_TIME),
        ("2026-06-06", Timeliness.LATE),
    ],
)
def test_timeliness_compares_dates(ended_on: str, expected: Timeliness) -> None:
    assert timeliness(on(ended_on), on("2026-06-05")) is expected


@pytest.mark.parametrize(
    ("day", "waiting", "expected"),
    [
        ("2026-06-05", False, Standing.WITHIN),
        ("2026-06-06", False, Standing.OVERDUE),
        ("2026-06-06", True, Standing.WITHIN),
    ],
)
def test_standing_on_a_day(day: str, waiting: bool, expected: Standing) -> None:
    assert standing(on("2026-06-05"), on(day), waiting=waiting) is expected


@pytest.mark.parametrize(
    ("due_on", "day", "label"),
    [
        ("2026-06-10", "2026-06-05", "còn 03 ngày làm việc"),
        ("2026-06-10", "2026-06-07", "còn 03 ngày làm việc"),
        ("2026-06-10", "2026-06-08", "còn 02 ngày làm việc"),
        ("2026-06-10", "2026-06-09", "còn 01 ngày làm việc"),
        ("2026-06-10", "2026-06-10", "hôm nay"),
        ("2026-06-10", "2026-06-11", "quá hạn 01 ngày làm việc"),
        ("2026-06-05", "2026-06-06", "quá hạn 01 ngày"),
        ("2026-06-05", "2026-06-07", "quá hạn 02 ngày"),
        ("2026-06-05", "2026-06-08", "quá hạn 01 ngày làm việc"),
        ("2024-05-06", "2024-05-03", "còn 02 ngày làm việc"),
        # imported due dates past the calendar
        ("2028-03-01", "2027-12-01", "còn 91 ngày"),
        ("2015-12-31", "2026-06-01", "quá hạn 3805 ngày"),
    ],
)
def test_what_is_left(due_on: str, day: str, label: str) -> None:
    assert remaining_label(on(due_on), on(day), COUNTING) == label


@pytest.mark.parametrize(
    ("day", "label"),
    [
        ("2026-06-08", "còn 02 ngày làm việc"),
        ("2026-06-10", "đến hết hôm nay"),
        ("2026-06-15", "quá 03 ngày làm việc"),
    ],
)
def test_how_long_a_supplement_is_waited_for(day: str, label: str) -> None:
    assert waiting_label(on("2026-06-10"), on(day), COUNTING) == label


@pytest.mark.parametrize(
    ("day", "soon", "last"),
    [
        ("2024-06-12", 2, "2024-06-16"),  # Friday 14/06 and the weekend after it
        ("2024-06-12", 0, "2024-06-12"),
        ("2024-06-14", 0, "2024-06-16"),
        ("2027-12-28", 2, "2027-12-30"),
        # the next year has no rows: all that are covered
        ("2027-12-29", 2, "2027-12-31"),
        ("2027-12-31", 0, "2027-12-31"),
    ],
)
def test_the_last_day_of_notice(day: str, soon: int, last: str) -> None:
    found = last_day_of_notice(on(day), COUNTING, soon)
    assert found == on(last)
    if found < on("2027-12-31"):
        assert COUNTING.working_days_between(on(day), found) <= soon
        assert COUNTING.working_days_between(on(day), found + timedelta(days=1)) > soon
