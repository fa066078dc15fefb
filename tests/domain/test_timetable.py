"""When a daily job is due, and when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tthc.domain.timetable import is_late, last_due, next_due

AT = time(6, 30)


def office(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    """A moment of 2024 at the office, in UTC."""
    return (datetime(2024, month, day, hour, minute) - timedelta(hours=7)).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (office(14, 6, 30), office(14, 6, 30)),
        (office(14, 6, 30) - timedelta(seconds=1), office(13, 6, 30)),
        (office(14, 23, 59), office(14, 6, 30)),
        (office(1, 0), office(31, 6, 30, month=5)),
    ],
)
def test_when_a_job_was_due_last_and_is_next(now: datetime, due: datetime) -> None:
    assert last_due(now, AT) == due
    assert next_due(now, AT) == due + timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "now", "late"),
    [
        (None, office(14, 9), True),
        (office(13, 6, 30), office(14, 6, 29), False),
        # Due and on its way: the machine of the office may start at eight.
        (office(13, 6, 30), office(14, 8, 29), False),
        (office(13, 6, 30), office(14, 8, 30), True),
        (office(13, 23), office(14, 8, 30), True),
        (office(14, 6, 30), office(14, 8, 30), False),
        (office(14, 6, 30), office(15, 8, 29), False),
        (office(12, 6, 30), office(14, 7), True),
    ],
)
def test_when_a_job_is_late(last: datetime | None, now: datetime, late: bool) -> None:
    assert is_late(last, now, AT) == late
