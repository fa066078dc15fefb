"""Due dates: a limit counted on the working calendar, explained day by day (domain.md 4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from tthc.domain.calendar import WorkingCalendar, day_after, office_time, weekday_name
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    DayMark,
    DomainError,
    DueAtMode,
    LimitUnit,
)

_ONE_MINUTE = timedelta(minutes=1)
_START_REASON = "Ngày bắt đầu tính thời hạn – không tính (khoản 1 Điều 147 Bộ luật Dân sự 2015)"
_ROLL_SOURCE = "khoản 5 Điều 148 Bộ luật Dân sự 2015"
#: More hours, and more days, than lie between the first and the last date there is: no calendar reaches it.
_BEYOND_ANY_CALENDAR = 10_000 * 366 * 24


@dataclass(frozen=True)
class DuePolicy:
    """The unit's own dated rules; its working hours live in the calendar."""

    shift_after_hours: bool = True
    cutoff: time | None = None
    due_at_mode: DueAtMode = DueAtMode.CLOSING


@dataclass(frozen=True)
class Pause:
    """A finished stand of the clock between two aware moments."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if office_time(self.end) < office_time(self.start):
            raise DomainError("Thời điểm tiếp tục phải sau thời điểm tạm dừng.", "end")


@dataclass(frozen=True)
class ExplainedDay:
    """One date of an explanation; ``amount`` is 1 for a counted day, minutes for a limit in hours.

    ``mark`` is ``None`` where a count was kept in words only.
    """

    date: date
    counted: bool
    amount: int
    reason: str
    mark: DayMark | None = None


@dataclass(frozen=True)
class DueDate:
    """When a limit ends and how that was counted: one row per date, in order, the last is ``due_on``.

    ``due_at`` is aware, in the office's zone. ``provisional`` ("tạm tính"): the count passes an
    estimated row or an unconfirmed year.
    """

    due_at: datetime
    due_on: date
    clock_start_on: date
    provisional: bool
    days: tuple[ExplainedDay, ...]


def compute_due_date(
    received_at: datetime,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    policy: DuePolicy | None = None,
    pauses: Sequence[Pause] = (),
    *,
    extension: int = 0,
) -> DueDate:
    """The due date of ``limit`` for what was received at an aware moment (domain.md 4.1–4.5).

    ``extension``: working days (working minutes for a limit in hours) that follow the limit's last day,
    as :func:`measure_extension` gives them.

    Received Fri 27/10/2023 09:32 + 5 working days is Fri 03/11/2023 17:00. The start day is not counted
    (Civil Code 147.1), a last day off moves to the next working day once, at the end (148.5), months end
    on the last day of a shorter month. Raises :class:`CalendarNotCovered` when the count passes a year
    without rows.
    """
    policy = policy if policy is not None else DuePolicy()
    count = _Count(office_time(received_at), calendar, policy, _merge(pauses), limit.in_hours)
    if limit.in_hours:
        due_at = count.hours(sum(segment.amount for segment in limit.segments), extension)
    else:
        due_at = count.days(limit.segments, extension)
    rows = tuple(count.rows)
    return DueDate(
        due_at=due_at,
        due_on=due_at.date(),
        clock_start_on=count.start.date(),
        provisional=any(calendar.is_provisional(row.date) for row in rows),
        days=rows,
    )


def measure_extension(
    received_at: datetime,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    policy: DuePolicy | None = None,
    pauses: Sequence[Pause] = (),
    *,
    new_due_on: date,
) -> int:
    """The extension with which the count ends on ``new_due_on``, in the unit of :func:`compute_due_date`.

    A limit in hours then ends at closing time. Raises :class:`DomainError` unless ``new_due_on`` is a working
    day after the date that the limit alone gives, on which the clock runs.
    """
    due = compute_due_date(received_at, limit, calendar, policy, pauses)
    if new_due_on <= due.due_on:
        raise DomainError(
            f"Ngày hẹn mới phải sau ngày {due.due_on:%d/%m/%Y} là ngày hết thời hạn giải quyết.", "new_due_on"
        )
    if not calendar.is_working_day(new_due_on):
        raise DomainError(
            f"{_day_label(new_due_on)} không phải ngày làm việc ({calendar.day_note(new_due_on)}); "
            "chọn một ngày làm việc.",
            "new_due_on",
        )

    def with_extension(extension: int) -> DueDate:
        return compute_due_date(received_at, limit, calendar, policy, pauses, extension=extension)

    # A pause may stand between the last day of the limit and the new date. What is counted on the calendar
    # alone is then too much, and taken back until the date is reached.
    if limit.in_hours:
        closing = datetime.combine(new_due_on, calendar.hours.closes, OFFICE_ZONE)
        extension = calendar.working_minutes_between(due.due_at, closing)
        while (ends_at := with_extension(extension).due_at) > closing:
            extension -= max(calendar.working_minutes_between(closing, ends_at), 1)
    else:
        # From the last day of the limit itself, which may be a day off before the roll.
        last = max(row.date for row in due.days if row.counted)
        extension = calendar.working_days_between(last, new_due_on)
        while with_extension(extension).due_on > new_due_on:
            extension -= 1
    if with_extension(extension).due_on != new_due_on:
        raise DomainError(
            f"Ngày {new_due_on:%d/%m/%Y} nằm trong thời gian tạm dừng tính thời hạn; chọn một ngày khác.",
            "new_due_on",
        )
    return extension


class _Count:
    """One count under way: the moment it starts from and the rows explained so far."""

    def __init__(
        self,
        received: datetime,
        calendar: WorkingCalendar,
        policy: DuePolicy,
        pauses: Sequence[Pause],
        in_hours: bool,
    ) -> None:
        self.received = received
        self.calendar = calendar
        self.policy = policy
        self.pauses = pauses
        self.rows: list[ExplainedDay] = []
        if policy.shift_after_hours:
            self.start = calendar.first_working_moment(received, policy.cutoff)
        elif in_hours:
            self.start = calendar.first_working_moment(received)
        else:
            self.start = received
        self._explain_shift()

    def days(self, segments: Sequence[LimitSegment], extension: int) -> datetime:
        """Count segments in days and months, then the extension; the rows end with the due date."""
        day = self.start.date()
        self._add(day, False, 0, _START_REASON)
        for number, segment in enumerate(segments, start=1):
            day = self._count_segment(day, segment)
            if number < len(segments):
                self._close_segment(number, segment)
        if extension:
            self._note_last("hết thời hạn, phần gia hạn tính từ ngày kế tiếp")
            day = self._count_segment(day, LimitSegment(extension, LimitUnit.WORKING_DAY), " – gia hạn")
        return datetime.combine(self._roll(day), self._due_clock(), OFFICE_ZONE)

    def hours(self, hours: int, extension: int) -> datetime:
        """Consume working time outside pauses; the rows' minutes add up to the limit and its extension."""
        limit = timedelta(hours=min(hours, _BEYOND_ANY_CALENDAR), minutes=extension)
        used = timedelta()
        day = self.start.date()
        while True:
            used_before = used
            if self.calendar.is_working_day(day):
                for begin, end in self._open_spans(day):
                    if limit - used <= end - begin:
                        due_at = begin + (limit - used)
                        self._add_hours(day, used_before, limit, due_at)
                        if extension:
                            self._mark_extension(hours * 60)
                        return due_at
                    used += end - begin
            self._add_hours(day, used_before, used)
            day = day_after(day)

    def _count_segment(self, day: date, segment: LimitSegment, remark: str = "") -> date:
        """Count one segment from its uncounted start day; its last counted day."""
        working_days_only = segment.unit is LimitUnit.WORKING_DAY
        left = segment.amount
        if segment.unit is LimitUnit.MONTH:
            # Resolved to its date, then moved by the skipped days: the same as that many days.
            left = _days_of_months(day, segment.amount)
        while left:
            day = day_after(day)
            working = self.calendar.is_working_day(day)
            note = self.calendar.day_note(day)
            pause = self._pause_at_closing(day)
            if working_days_only and not working:
                self._add(day, False, 0, note)
            elif pause is not None:
                self._add(day, False, 0, _pause_reason(pause), paused=True)
            else:
                left -= 1
                reason = note if working else f"{note} – thời hạn theo {segment.unit.label} tính cả ngày nghỉ"
                self._add(day, True, 1, reason + remark)
        return day

    def _close_segment(self, number: int, segment: LimitSegment) -> None:
        """Say on the last row that this day ends one segment and begins the next."""
        agency = f" – {segment.agency}" if segment.agency else ""
        self._note_last(
            f"hết đoạn {number} ({segment.label}{agency}), "
            f"là ngày bắt đầu của đoạn {number + 1} nên không tính vào đoạn {number + 1}"
        )

    def _note_last(self, remark: str) -> None:
        last = self.rows.pop()
        self.rows.append(replace(last, reason=f"{last.reason}; {remark}"))

    def _mark_extension(self, minutes: int) -> None:
        """Say in which row a limit in hours ends, and which minutes are its extension."""
        passed = 0
        for number, row in enumerate(self.rows):
            remark = ""
            if passed < minutes <= passed + row.amount:
                remark = "; hết thời hạn, phần sau là gia hạn"
            elif passed >= minutes and row.counted:
                remark = " – gia hạn"
            self.rows[number] = replace(row, reason=row.reason + remark)
            passed += row.amount

    def _roll(self, last: date) -> date:
        """Move a last day off to the next working day on which the clock runs (Civil Code 148.5)."""
        if self.calendar.is_working_day(last):
            return last
        fell_on = f"Ngày cuối rơi vào {_day_label(last)}, chuyển sang ngày làm việc tiếp theo"
        day = last
        while True:
            day = day_after(day)
            if not self.calendar.is_working_day(day):
                self._add(day, False, 0, f"{self.calendar.day_note(day)} – chưa phải ngày làm việc tiếp theo")
            elif (pause := self._pause_at_closing(day)) is not None:
                self._add(day, False, 0, _pause_reason(pause), paused=True)
            else:
                self._add(day, False, 0, f"{fell_on} – {_ROLL_SOURCE}")
                return day

    def _due_clock(self) -> time:
        """The time of day at which a limit in days ends."""
        hours = self.calendar.hours
        if self.policy.due_at_mode is DueAtMode.CLOSING:
            return hours.closes
        return hours.at_or_after(self.start.time()) or hours.closes

    def _open_spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working time of a date from the start of the count on, without the pauses."""
        spans = [(max(begin, self.start), end) for begin, end in self.calendar.hours.on(day)]
        for pause in self.pauses:
            spans = [
                part
                for begin, end in spans
                for part in ((begin, min(end, pause.start)), (max(begin, pause.end), end))
                if part[0] < part[1]
            ]
        return [span for span in spans if span[0] < span[1]]

    def _pause_at_closing(self, day: date) -> Pause | None:
        """The pause in which the clock stands at the closing time of a date.

        One that begins or ends at that very moment leaves the date alone: begun then, the whole day has
        been worked; ended then, a stop and its end on one date change nothing.
        """
        closing = datetime.combine(day, self.calendar.hours.closes, OFFICE_ZONE)
        for pause in self.pauses:
            if pause.start < closing < pause.end:
                return pause
        return None

    def _explain_shift(self) -> None:
        """Rows from the receipt to the day on which counting starts: the unit's own rule, so named."""
        day, start_on = self.received.date(), self.start.date()
        if day == start_on:
            return
        if not self.calendar.is_working_day(day):
            why = f"Tiếp nhận vào ngày không làm việc ({self.calendar.day_note(day)})"
        elif self.policy.cutoff is not None and self.received.time() <= self.calendar.hours.closes:
            why = f"Tiếp nhận sau {self.policy.cutoff:%H:%M}"
        else:
            why = "Tiếp nhận sau giờ làm việc"
        if self.policy.shift_after_hours:
            rule = "theo quy chế của đơn vị, thời hạn tính như nhận vào"
        else:
            rule = "giờ làm việc tính từ"
        self._add(day, False, 0, f"{why}: {rule} {_day_label(start_on)}")
        while (day := day_after(day)) < start_on:
            self._add(day, False, 0, self.calendar.day_note(day))

    def _add_hours(
        self, day: date, used_before: timedelta, used: timedelta, due_at: datetime | None = None
    ) -> None:
        """The row of one date of a limit in hours, in whole minutes that add up without loss."""
        minutes = used // _ONE_MINUTE - used_before // _ONE_MINUTE
        reason = self.calendar.day_note(day)
        pause = None
        if self.calendar.is_working_day(day):
            pause = self._pause_in_hours(day, due_at)
            if minutes and day == self.start.date():
                reason += f", tính từ {self.start:%H:%M}"
            if minutes and pause is not None:
                reason += ", đã trừ thời gian tạm dừng"
            elif pause is not None:
                reason = _pause_reason(pause)
            elif not minutes:
                reason += ", không còn giờ làm việc để tính"
        self._add(day, minutes > 0, minutes, reason, paused=pause is not None)

    def _pause_in_hours(self, day: date, due_at: datetime | None) -> Pause | None:
        """The first pause that takes working time from a date, from the start of the count to its end."""
        for begin, end in self.calendar.hours.on(day):
            begin = max(begin, self.start)
            end = min(end, due_at) if due_at is not None else end
            for pause in self.pauses:
                if max(begin, pause.start) < min(end, pause.end):
                    return pause
        return None

    def _add(self, day: date, counted: bool, amount: int, reason: str, *, paused: bool = False) -> None:
        if counted:
            mark = DayMark.COUNTED
        elif paused:
            mark = DayMark.PAUSED
        else:
            mark = DayMark.UNCOUNTED if self.calendar.is_working_day(day) else DayMark.OFF
        self.rows.append(ExplainedDay(day, counted, amount, reason, mark))


def _merge(pauses: Sequence[Pause]) -> list[Pause]:
    """The same stands in order, in the office's zone, those that overlap or touch joined into one."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        start, end = office_time(pause.start), office_time(pause.end)
        if merged and start <= merged[-1].end:
            merged[-1] = Pause(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Pause(start, end))
    return merged


def _days_of_months(day: date, months: int) -> int:
    """The days to the same day so many months on, or to the last of a shorter month: 31/01/2026 + 1 is 28.

    To a date that there is not, more days than any calendar has: the count is refused where its own ends.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return _BEYOND_ANY_CALENDAR
    return (date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) - day).days


def _day_label(day: date) -> str:
    return f"{weekday_name(day)} {day:%d/%m/%Y}"


def _pause_reason(pause: Pause) -> str:
    return f"Tạm dừng tính thời hạn từ {pause.start:%H:%M %d/%m/%Y} đến {pause.end:%H:%M %d/%m/%Y}"
