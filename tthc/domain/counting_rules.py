"""The unit's own counting rule: what it says in words, what it must not say, and what it would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tthc.domain.calendar import (
    CalendarDay,
    CalendarNotCovered,
    WorkingCalendar,
    WorkingHours,
    office_time,
)
from tthc.domain.due_dates import DueDate, DuePolicy, compute_due_date
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, DayKind, DomainError, DueAtMode, LimitUnit

_FRIDAY, _SATURDAY = 4, 5
_ONE_DAY = timedelta(days=1)

#: The limits that a rule is tried on.
SAMPLE_LIMITS = (
    TimeLimit((LimitSegment(5, LimitUnit.WORKING_DAY),)),
    TimeLimit((LimitSegment(20, LimitUnit.DAY),)),
    TimeLimit((LimitSegment(8, LimitUnit.HOUR),)),
)

#: What each choice of a rule says.
SHIFT_WORDS = {True: "tính như nhận vào giờ làm việc tiếp theo", False: "tính từ chính ngày tiếp nhận"}
DUE_AT_WORDS = {DueAtMode.CLOSING: "giờ đóng cửa", DueAtMode.CLOCK_TIME: "giờ tiếp nhận của hồ sơ"}
SATURDAY_WORDS = {True: "tính là ngày làm việc", False: "không tính vào thời hạn"}


@dataclass(frozen=True)
class CountingRule:
    """Hours and settings under which what is received from some date on is counted (domain.md 4.1–4.3)."""

    hours: WorkingHours
    cutoff: time | None = None
    shift_after_hours: bool = True
    due_at_mode: DueAtMode = DueAtMode.CLOSING
    count_worked_saturday: bool = True

    @property
    def policy(self) -> DuePolicy:
        """The part of it that is not in the calendar."""
        return DuePolicy(self.shift_after_hours, self.cutoff, self.due_at_mode)

    def check(self) -> None:
        """Refuse a cut-off that would never take effect; not asked of rules that are already in force."""
        if self.cutoff is None:
            return
        worked = any(start < self.cutoff <= end for start, end in self.hours.spans)
        if not worked or self.cutoff == self.hours.closes:
            raise DomainError(
                "Giờ chốt phải nằm trong giờ làm việc và trước giờ đóng cửa "
                f"{self.hours.closes:%H:%M}; không dùng giờ chốt thì để trống.",
                "cutoff",
            )
        if not self.shift_after_hours:
            raise DomainError(
                "Giờ chốt chỉ có tác dụng khi hồ sơ nhận sau giờ được tính như nhận vào giờ làm việc tiếp "
                "theo; để trống giờ chốt hoặc chọn cách tính ấy.",
                "cutoff",
            )

    def told(self) -> tuple[tuple[str, str], ...]:
        """The rule in words: (what, how)."""
        return tuple((what, say(self)) for what, say in _PARTS)

    def differences(self, earlier: CountingRule) -> tuple[tuple[str, str, str], ...]:
        """What it says otherwise than an earlier one: (what, how then, how now)."""
        return tuple((what, say(earlier), say(self)) for what, say in _PARTS if say(earlier) != say(self))


_PARTS: tuple[tuple[str, Callable[[CountingRule], str]], ...] = (
    ("Giờ làm việc", lambda rule: ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in rule.hours.spans)),
    ("Giờ chốt tiếp nhận trong ngày", lambda rule: f"{rule.cutoff:%H:%M}" if rule.cutoff else "không có"),
    ("Hồ sơ nhận ngoài giờ hoặc sau giờ chốt", lambda rule: SHIFT_WORDS[rule.shift_after_hours]),
    ("Thời điểm hẹn trả trong ngày cuối", lambda rule: DUE_AT_WORDS[rule.due_at_mode]),
    ("Thứ Bảy làm bù", lambda rule: SATURDAY_WORDS[rule.count_worked_saturday]),
)


@dataclass(frozen=True)
class Sample:
    """A moment of receipt on which a rule is tried, and why it is worth trying."""

    received_at: datetime
    note: str


@dataclass(frozen=True)
class Trial:
    """What two rules make of one sample and limit; ``None`` where the calendar does not reach so far."""

    sample: Sample
    limit: TimeLimit
    old: DueDate | None
    new: DueDate | None

    @property
    def differs(self) -> bool:
        """Whether the promise would be another one."""
        return self.old is not None and self.new is not None and self.old.due_at != self.new.due_at


def sample_receipts(
    first: date, now: datetime, days: Iterable[CalendarDay], calendar: WorkingCalendar, cutoff: time | None
) -> list[Sample]:
    """Receipts from ``first`` on in which counting rules show their differences.

    ``calendar`` counts worked Saturdays, ``days`` are its rows. Raises :class:`CalendarNotCovered` where the
    calendar has no rows for those dates.
    """
    worked = {day.date for day in days if day.kind is DayKind.WORKED_SATURDAY}
    opening = calendar.next_working_day(first)
    friday = _next(first, lambda day: day.weekday() == _FRIDAY and calendar.is_working_day(day))
    saturday = _next(first, lambda day: day.weekday() == _SATURDAY and day not in worked)
    found = [
        Sample(_at(first, office_time(now).time()), "đúng giờ này của ngày đầu áp dụng"),
        Sample(_at(opening, time(11, 45)), "vào buổi trưa"),
        Sample(_at(friday, time(17, 40)), "sau giờ làm việc ngày thứ Sáu"),
        Sample(_at(saturday, time(9)), "vào thứ Bảy"),
    ]
    if cutoff is not None:
        late = datetime.combine(opening, cutoff, OFFICE_ZONE) + timedelta(minutes=1)
        found.insert(1, Sample(late, f"sau giờ chốt {cutoff:%H:%M}"))
    for day in sorted(day for day in worked if day > first):
        before = calendar.add_working_days(day, -1)
        if before >= first:
            found.append(Sample(_at(before, time(9, 30)), f"trước thứ Bảy làm bù {day:%d/%m/%Y}"))
            break
    # Of two reasons to try the same moment the later one says more.
    return list({sample.received_at: sample for sample in found}.values())


def try_rules(
    samples: Sequence[Sample], old: tuple[WorkingCalendar, DuePolicy], new: tuple[WorkingCalendar, DuePolicy]
) -> list[Trial]:
    """Every sample under every limit by two rules."""
    return [
        Trial(sample, limit, _due(sample, limit, *old), _due(sample, limit, *new))
        for sample in samples
        for limit in SAMPLE_LIMITS
    ]


def _due(sample: Sample, limit: TimeLimit, calendar: WorkingCalendar, policy: DuePolicy) -> DueDate | None:
    try:
        return compute_due_date(sample.received_at, limit, calendar, policy)
    except CalendarNotCovered:
        return None


def _next(day: date, wanted: Callable[[date], bool]) -> date:
    while not wanted(day):
        day += _ONE_DAY
    return day


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock.replace(second=0, microsecond=0), OFFICE_ZONE)
