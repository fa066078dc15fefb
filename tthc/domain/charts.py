"""What charts count: pending dossiers by age, and how long resolving took in the unit of the limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tthc.domain.calendar import WorkingCalendar, day_after
from tthc.domain.predicates import Comparison, Condition, Predicate, both, when
from tthc.domain.tallies import CELLS, CellName
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import LimitUnit

_ONE_DAY = timedelta(days=1)
#: Where one band of working days ends and the next begins.
_NEAR, _FAR = 5, 10

_C = Condition
_OP = Comparison
_PENDING = CELLS[CellName.PENDING_TOTAL].predicate
_RUNNING = when(_C("waiting", _OP.EQ, False))


class Band(StrEnum):
    """How long before or after its due date a pending dossier is, by the names that addresses use."""

    OVERDUE_FAR = "overdue_far"
    OVERDUE = "overdue"
    OVERDUE_NEAR = "overdue_near"
    LEFT_NEAR = "left_near"
    LEFT = "left"
    LEFT_FAR = "left_far"
    WAITING = "waiting"

    @property
    def label(self) -> str:
        """The words of the band."""
        return _BANDS[self]

    @property
    def standing(self) -> str:
        """``overdue``, ``within`` or ``waiting``: its colour and its shape."""
        return {"o": "overdue", "l": "within", "w": "waiting"}[self.value[0]]


_BANDS: Mapping[Band, str] = {
    Band.OVERDUE_FAR: f"Quá hạn trên {_FAR} ngày làm việc",
    Band.OVERDUE: f"Quá hạn {_NEAR + 1:02d} đến {_FAR} ngày làm việc",
    Band.OVERDUE_NEAR: f"Quá hạn đến {_NEAR:02d} ngày làm việc",
    Band.LEFT_NEAR: f"Còn đến {_NEAR:02d} ngày làm việc",
    Band.LEFT: f"Còn {_NEAR + 1:02d} đến {_FAR} ngày làm việc",
    Band.LEFT_FAR: f"Còn trên {_FAR} ngày làm việc",
    Band.WAITING: "Đang dừng tính thời hạn",
}


def bands(on: date, working: WorkingCalendar) -> dict[Band, Predicate]:
    """The bands at the end of a date; every pending dossier is in exactly one.

    Working days are counted as ``working_days_between`` does: on Fri 14/06/2024 what was due on Fri 07/06 is
    5 working days late, what is due on that Friday itself or until Fri 21/06 has up to 5 left. Raises
    CalendarNotCovered where the calendar does not reach ten working days to both sides.
    """
    late_near, late_far = (working.add_working_days(day_after(on), -(days + 1)) for days in (_NEAR, _FAR))
    left_near, left_far = (working.add_working_days(on, days + 1) for days in (_NEAR, _FAR))
    edges: Mapping[Band, tuple[date | None, date | None]] = {
        Band.OVERDUE_FAR: (None, late_far),
        Band.OVERDUE: (late_far, late_near),
        Band.OVERDUE_NEAR: (late_near, on),
        Band.LEFT_NEAR: (on, left_near),
        Band.LEFT: (left_near, left_far),
        Band.LEFT_FAR: (left_far, None),
    }
    running = both(_PENDING, _RUNNING)
    found = {band: both(running, _due_between(*span)) for band, span in edges.items()}
    return {**found, Band.WAITING: both(_PENDING, when(_C("waiting", _OP.EQ, True)))}


def _due_between(first: date | None, end: date | None) -> Predicate:
    """Due on ``first`` or later, and before ``end``."""
    conditions = []
    if first is not None:
        conditions.append(_C("due_on", _OP.GE, first))
    if end is not None:
        conditions.append(_C("due_on", _OP.LT, end))
    return when(*conditions)


@dataclass(frozen=True)
class Measure:
    """In which unit a time is measured; ``most`` is the limit, if it is in this unit alone."""

    unit: LimitUnit
    most: int | None


def measure_of(limit: TimeLimit) -> Measure:
    """The unit of a limit and its sum.

    A limit in hours is measured in working days, one in months or in mixed units in days; against neither a
    time can be set, so that there is no ``most``. 25 days at one agency and 10 at another are 35 days.
    """
    units = {one.unit for one in limit.segments}
    if units in ({LimitUnit.WORKING_DAY}, {LimitUnit.DAY}):
        return Measure(units.pop(), sum(one.amount for one in limit.segments))
    return Measure(LimitUnit.WORKING_DAY if limit.in_hours else LimitUnit.DAY, None)


def time_taken(
    started_on: date,
    ended_on: date,
    unit: LimitUnit,
    working: WorkingCalendar,
    waits: Iterable[tuple[date, date | None]] = (),
) -> int:
    """Days of ``unit`` in (start, end] on which the clock ran; the day of the start is not counted.

    ``waits`` are half-open spans of dates at whose end the clock stood still lawfully; they do not overlap.
    Received Thu 28/05/2026, resolved Mon 08/06, waiting from Mon 01/06 to Wed 03/06: 7 − 2 = 5 working days.
    """
    taken = _days(started_on, ended_on, unit, working)
    for since, until in waits:
        last = ended_on if until is None else min(ended_on, until - _ONE_DAY)
        taken -= _days(max(started_on, since - _ONE_DAY), last, unit, working)
    return taken


def _days(after: date, last: date, unit: LimitUnit, working: WorkingCalendar) -> int:
    if last <= after:
        return 0
    return working.working_days_between(after, last) if unit is LimitUnit.WORKING_DAY else (last - after).days


def nearest_rank(numbers: Mapping[int, int], percent: int) -> int:
    """The percentile by the nearest rank of values that occur so often: the ⌈percent × n / 100⌉-th smallest.

    It is always a value that occurred. Of 3, 5, 8, 13 the median is 5 and the 90th percentile 13.
    """
    total = sum(numbers.values())
    if not total:
        raise ValueError("nothing has no percentile")
    rank = -(-percent * total // 100)
    passed = 0
    for value in sorted(numbers):
        passed += numbers[value]
        if passed >= rank:
            return value
    raise AssertionError("the last value has the last rank")


def scale_end(values: Sequence[float]) -> int:
    """Where an axis from 0 ends: the least of 4, 8, 12, 20 times a power of ten that no value exceeds.

    Its quarters are whole numbers: 130 gives 200, 7 gives 8, nothing gives 4.
    """
    most = max(values, default=0)
    power = 1
    while True:
        for step in (4, 8, 12, 20):
            if step * power >= most:
                return step * power
        power *= 10
