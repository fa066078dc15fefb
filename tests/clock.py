"""The office's clock of the tests, which stands still."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tthc.domain.vocabulary import OFFICE_ZONE

#: Friday 14/06/2024 09:30 in the office.
NOW = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)


class StandingClock:
    """A clock that moves only when a test says so."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """The moment at which it stands, aware, in UTC."""
        return self.moment

    def stand_at(self, year: int, month: int, day: int, hour: int = 9, minute: int = 30) -> datetime:
        """Move to a moment of the office's own time."""
        self.moment = datetime(year, month, day, hour, minute, tzinfo=OFFICE_ZONE).astimezone(UTC)
        return self.moment

    def pass_by(self, **span: float) -> datetime:
        """Move on by ``timedelta(**span)``."""
        self.moment += timedelta(**span)
        return self.moment

    @property
    def today(self) -> date:
        """The office's date."""
        return self.moment.astimezone(OFFICE_ZONE).date()


@pytest.fixture
def clock() -> StandingClock:
    """The office's clock, standing at :data:`NOW`."""
    return StandingClock(NOW)


@pytest.fixture
def now() -> datetime:
    """Friday 14/06/2024 09:30 in the office."""
    return NOW


@pytest.fixture
def today() -> date:
    """The office's date at ``now``."""
    return NOW.astimezone(OFFICE_ZONE).date()
