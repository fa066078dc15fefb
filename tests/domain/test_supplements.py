"""How soon a request to supplement must come, and when one has waited too long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, NOT_COUNTING, PROPERTIES, on
from tthc.domain.supplements import is_late_request, unanswered_since


@pytest.mark.parametrize(
    ("received", "asked", "late"),
    [
        ("2024-06-10", "2024-06-10", False),
        ("2024-06-10", "2024-06-13", False),
        ("2024-06-10", "2024-06-14", True),
        # A weekend lies between.
        ("2024-06-14", "2024-06-19", False),
        ("2024-06-14", "2024-06-20", True),
        # Received on the Friday before five days off: Thu 02/05, Fri 03/05 and the worked Saturday.
        ("2024-04-26", "2024-05-04", False),
        ("2024-04-26", "2024-05-06", True),
    ],
)
def test_three_working_days(received: str, asked: str, late: bool) -> None:
    assert is_late_request(on(received), on(asked), COUNTING) is late


def test_a_worked_saturday_counts_where_the_office_counts_it() -> None:
    assert not is_late_request(on("2024-04-26"), on("2024-05-06"), NOT_COUNTING)


@pytest.mark.parametrize(
    ("today", "days", "since"),
    [
        ("2024-06-14", 3, "2024-06-11"),
        ("2024-06-15", 3, "2024-06-11"),
        ("2024-06-16", 3, "2024-06-11"),
        ("2024-06-17", 3, "2024-06-12"),
        ("2024-06-17", 1, "2024-06-14"),
        # The last day of the calendar has no tomorrow.
        ("2027-12-31", 5, "2027-12-24"),
    ],
)
def test_since_when_a_request_waits_too_long(today: str, days: int, since: str) -> None:
    assert unanswered_since(on(today), COUNTING, days) == on(since)


@PROPERTIES
@given(
    today=st.dates(date(2022, 1, 1), date(2026, 12, 31)),
    days=st.integers(1, 250),
    ago=st.integers(0, 400),
)
def test_the_date_divides_what_the_count_divides(today: date, days: int, ago: int) -> None:
    asked_on = today - timedelta(days=ago)
    waited = COUNTING.working_days_between(asked_on, today)
    assert (asked_on < unanswered_since(today, COUNTING, days)) == (waited > days)
