"""Moments as files write them: 24 hours a day, in the office's time."""

from __future__ import annotations

from datetime import datetime

import pytest

from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services.register_moments import read_moment


@pytest.mark.parametrize(
    ("hour", "minute"), [(0, 30), (7, 30), (11, 59), (12, 0), (12, 30), (13, 30), (23, 59)]
)
def test_half_past_twelve_is_after_noon(hour: int, minute: int) -> None:
    moment = datetime(2026, 6, 2, hour, minute, tzinfo=OFFICE_ZONE)
    for text in (
        f"20260602{hour:02}{minute:02}00",
        f"20260602{hour:02}{minute:02}",
        f"02/06/2026 {hour:02}:{minute:02}",
        f"02/06/2026 {hour:02}:{minute:02}:00",
        f"02/06/2026 {hour}h{minute:02}",
        f"2026-06-02T{hour:02}:{minute:02}",
        f"2026-06-02 {hour:02}:{minute:02}:00",
    ):
        found = read_moment(text)
        assert found is not None
        assert (found.at, found.timed) == (moment, True), text
    assert read_moment(f"02/06/2026 {hour:02}:{minute:02} PM") is None
