"""The office's working calendar: which dates and hours are worked, and why the others are not."""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tthc.domain.vocabulary import OFFICE_ZONE, Confidence, DayKind, DomainError

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_WEEKDAY_NAMES = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


class CalendarNotCovered(DomainError):
    """Counting would pass a year for which the calendar has no rows; nothing is guessed for it."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"Lịch làm việc chưa có dữ liệu năm {year} nên không tính được thời hạn đi qua năm này. "
            f"Hãy nhập lịch nghỉ năm {year} vào lịch làm việc (có thể ghi là dự kiến) rồi thực hiện lại."
        )
        self.year = year


@dataclass(frozen=True)
class CalendarDay:
    """One date that differs from its weekday, with the decision that says so.

    ``confirmed`` is False for an estimated row ("dự kiến").
    """

    date: date
    kind: DayKind
    name: str
    decision: str | None = None
    confirmed: bool = True


@dataclass(frozen=True)
class WorkingHours:
    """The spans of local time that are worked on every working day, in order and disjoint.

    A refusal names the span by its number: ``hours-2``; ``hours`` where there is none at all.
    """

    spans: tuple[tuple[time, time], ...] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))

    def __post_init__(self) -> None:
        if not self.spans:
            raise DomainError("Chưa khai giờ làm việc: cần ít nhất một khoảng giờ trong ngày.", "hours")
        closed = time.min
        for number, (start, end) in enumerate(self.spans, start=1):
            if start >= end:
                raise DomainError(
                    f"Khoảng giờ {number}: giờ bắt đầu phải trước giờ kết thúc.", f"hours-{number}"
                )
            if start < closed:
                raise DomainError(
                    f"Khoảng giờ {number} bắt đầu trước khi khoảng giờ {number - 1} kết thúc; "
                    "ghi các khoảng theo thứ tự, không chồng nhau.",
                    f"hours-{number}",
                )
            closed = end

    @property
    def opens(self) -> time:
        """The first moment of a working day."""
        return self.spans[0][0]

    @property
    def closes(self) -> time:
        """The last moment of a working day."""
        return self.spans[-1][1]

    def at_or_after(self, clock: time) -> time | None:
        """The first working moment of a day at or after ``clock``; ``None`` when the day is over.

        The closing moment itself still belongs to its span: at 17:00:00 the office is just closing.
        """
        for start, end in self.spans:
            if clock <= end:
                return max(clock, start)
        return None

    def on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spans of one date as aware moments."""
        return tuple(
            (datetime.combine(day, start, OFFICE_ZONE), datetime.combine(day, end, OFFICE_ZONE))
            for start, end in self.spans
        )


class WorkingCalendar:
    """Working days and hours of the years that it has rows for.

    A working day is Monday to Friday not off, or a Saturday worked in exchange; with
    ``count_worked_saturday`` False such a Saturday is no working day for limits (domain.md 4.3).
    ``confirmed_years`` maps every year that has rows to whether the whole year is confirmed. A date in
    any other year raises :class:`CalendarNotCovered`; a count asks only for the years that it passes.
    """

    def __init__(
        self,
        days: Iterable[CalendarDay],
        confirmed_years: Mapping[int, bool],
        *,
        hours: WorkingHours | None = None,
        count_worked_saturday: bool = True,
    ) -> None:
        self.hours = hours if hours is not None else WorkingHours()
        self.count_worked_saturday = count_worked_saturday
        self._confirmed_years = dict(confirmed_years)
        self._days: dict[date, CalendarDay] = {}
        for day in days:
            if day.date in self._days:
                raise DomainError(f"Ngày {day.date:%d/%m/%Y} được khai hai lần trong lịch làm việc.", "date")
            if day.kind is DayKind.WORKED_SATURDAY and day.date.weekday() != _SATURDAY:
                raise DomainError(
                    f"Ngày làm bù {day.date:%d/%m/%Y} không phải là Thứ Bảy; hãy sửa trong lịch làm việc.",
                    "date",
                )
            self._days[day.date] = day
        # One sorted list of working ordinals per unbroken run of covered years: counting is then a
        # bisection, and can never step over a year without rows.
        differing = {day.toordinal(): self._is_working(day) for day in self._days}
        self._run_of_year: dict[int, _Run] = {}
        run: _Run | None = None
        for year in sorted(self._confirmed_years):
            if run is None or year != run.last_year + 1:
                run = _Run(year)
            run.last_year = year
            run.ordinals.extend(self._working_ordinals(year, differing))
            self._run_of_year[year] = run

    def is_working_day(self, day: date) -> bool:
        """Whether limits count this date as a working day."""
        self._require(day.year)
        return self._is_working(day)

    def day_note(self, day: date) -> str:
        """Why the date is worked or not, in the words of the explanation."""
        self._require(day.year)
        row = self._days.get(day)
        if row is None:
            return weekday_name(day) if day.weekday() >= _SATURDAY else "Ngày làm việc"
        note = _row_note(row)
        if row.kind is DayKind.WORKED_SATURDAY and not self.count_worked_saturday:
            note += " – theo quy chế của đơn vị, không tính vào thời hạn"
        return note

    def is_provisional(self, day: date) -> bool:
        """Whether the date rests on an estimate: its row is estimated, or its year is unconfirmed."""
        self._require(day.year)
        row = self._days.get(day)
        return not self._confirmed_years[day.year] or (row is not None and not row.confirmed)

    def next_working_day(self, day: date) -> date:
        """The first working day on or after ``day``."""
        run = self._require(day.year)
        return run.at(bisect_left(run.ordinals, day.toordinal()))

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after ``day`` (before it for negative ``n``); ``day`` itself for 0.

        Thu 25/04/2024 + 5 is Mon 06/05/2024: Sat 04/05/2024 was worked in exchange.
        """
        run = self._require(day.year)
        if n == 0:
            return day
        if n > 0:
            return run.at(bisect_right(run.ordinals, day.toordinal()) + n - 1)
        return run.at(bisect_left(run.ordinals, day.toordinal()) + n)

    def working_days_between(self, a: date, b: date) -> int:
        """The number of working days in (a, b]; the negative of (b, a] when ``b`` is before ``a``."""
        if b < a:
            return -self.working_days_between(b, a)
        run = self._require(a.year)
        if b.year > run.last_year:
            raise CalendarNotCovered(run.last_year + 1)
        return bisect_right(run.ordinals, b.toordinal()) - bisect_right(run.ordinals, a.toordinal())

    def last_covered_day(self, day: date) -> date:
        """The end of the unbroken run of covered years in which ``day`` lies."""
        return date(self._require(day.year).last_year, 12, 31)

    def first_working_moment(self, local: datetime, cutoff: time | None = None) -> datetime:
        """The first working moment at or after an aware moment, in the office's zone.

        A moment later than ``cutoff`` on a working day moves to the opening of the next one; the cut-off
        and the closing moment themselves are still in time. Fri 14/06/2024 17:40 gives Mon 17/06 07:30.
        """
        moment = office_time(local)
        day = moment.date()
        if self.is_working_day(day) and (cutoff is None or moment.time() <= cutoff):
            clock = self.hours.at_or_after(moment.time())
            if clock is not None:
                return datetime.combine(day, clock, OFFICE_ZONE)
        opening_day = self.next_working_day(day_after(day))
        return datetime.combine(opening_day, self.hours.opens, OFFICE_ZONE)

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole minutes of working time from ``a`` to ``b``, both aware; negative when b is before a."""
        if b < a:
            return -self.working_minutes_between(b, a)
        start, end = office_time(a), office_time(b)
        worked = self._worked_since_opening(end) - self._worked_since_opening(start)
        # Whole dates from the first (included) to the last (excluded): what the openings lie apart.
        whole_days = self.working_days_between(start.date(), end.date())
        whole_days += self.is_working_day(start.date()) - self.is_working_day(end.date())
        return (worked + whole_days * self._length_of_day()) // timedelta(minutes=1)

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        """The moment at which ``minutes`` of working time since an aware ``start`` have passed.

        Time that ends exactly with a working day ends at its closing, not at the next opening.
        """
        if minutes < 0:
            raise ValueError("minutes must not be negative")
        moment = self.first_working_moment(start)
        left = timedelta(minutes=minutes)
        while True:
            for span_start, span_end in self.hours.on(moment.date()):
                begin = max(moment, span_start)
                if begin > span_end:
                    continue
                if left <= span_end - begin:
                    return begin + left
                left -= span_end - begin
            opening_day = self.next_working_day(day_after(moment.date()))
            moment = datetime.combine(opening_day, self.hours.opens, OFFICE_ZONE)

    def _require(self, year: int) -> _Run:
        try:
            return self._run_of_year[year]
        except KeyError:
            raise CalendarNotCovered(year) from None

    def _is_working(self, day: date) -> bool:
        row = self._days.get(day)
        if row is None:
            return day.weekday() < _SATURDAY
        return row.kind is DayKind.WORKED_SATURDAY and self.count_worked_saturday

    @staticmethod
    def _working_ordinals(year: int, differing: Mapping[int, bool]) -> list[int]:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        # Few days have a row, and a date made of every other one takes ten times as long. Day 1 was a Monday.
        return [n for n in range(first, last + 1) if differing.get(n, (n - 1) % 7 < _SATURDAY)]

    def _worked_since_opening(self, moment: datetime) -> timedelta:
        """Working time of the moment's own date that has passed at that moment."""
        passed = timedelta()
        if self.is_working_day(moment.date()):
            for start, end in self.hours.on(moment.date()):
                passed += max(min(moment, end) - start, timedelta())
        return passed

    def _length_of_day(self) -> timedelta:
        return sum((end - start for start, end in self.hours.on(date.min)), timedelta())


class _Run:
    """An unbroken run of covered years with the ordinals of its working days, ascending."""

    def __init__(self, first_year: int) -> None:
        self.first_year = first_year
        self.last_year = first_year
        self.ordinals: list[int] = []

    def at(self, index: int) -> date:
        if index < 0:
            raise CalendarNotCovered(self.first_year - 1)
        if index >= len(self.ordinals):
            raise CalendarNotCovered(self.last_year + 1)
        return date.fromordinal(self.ordinals[index])


def parse_days(lines: Iterable[str]) -> tuple[CalendarDay, ...]:
    """Calendar rows from CSV lines with the columns date, kind, name, decision, confidence.

    Dates are ISO; kind and confidence are the values of :class:`DayKind` and :class:`Confidence`.
    A line that cannot be read is refused with its number.
    """
    days = []
    reader = csv.DictReader(lines)
    for row in reader:
        try:
            days.append(
                CalendarDay(
                    date=date.fromisoformat(row["date"]),
                    kind=DayKind(row["kind"]),
                    name=row["name"],
                    decision=row["decision"] or None,
                    confirmed=Confidence(row["confidence"]) is Confidence.CONFIRMED,
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DomainError(
                f"Dòng {reader.line_num} của tệp lịch làm việc không đọc được; hãy kiểm tra các cột "
                "date, kind, name, decision, confidence."
            ) from error
    return tuple(days)


def confirmed_years(days: Iterable[CalendarDay]) -> dict[int, bool]:
    """Every year that has rows, and whether it is confirmed: a year of estimates alone is not."""
    years: dict[int, bool] = {}
    for day in days:
        years[day.date.year] = years.get(day.date.year, False) or day.confirmed
    return years


def weekday_name(day: date) -> str:
    """The Vietnamese name of the weekday ("Thứ Hai" … "Chủ nhật")."""
    return _WEEKDAY_NAMES[day.weekday()]


def office_time(moment: datetime) -> datetime:
    """An aware moment in the office's zone; a naive one is an error of the program."""
    if moment.tzinfo is None:
        raise ValueError("a moment must carry its time zone")
    return moment.astimezone(OFFICE_ZONE)


def day_after(day: date) -> date:
    """The date that follows; after the last one that there is, no calendar goes on."""
    if day == date.max:
        raise CalendarNotCovered(day.year + 1)
    return day + _ONE_DAY


def _row_note(row: CalendarDay) -> str:
    label = row.kind.label
    # Names of the source often repeat the kind ("Quốc khánh (nghỉ bù)", "Làm bù cho ngày …").
    name = row.name.strip()
    tail = f"({label.lower()})"
    if name.lower().endswith(tail):
        name = name[: -len(tail)].rstrip()
    if name.lower().startswith(label.lower()):
        note = name
    else:
        note = f"{label}: {name}" if name else label
    if not row.decision:
        return note
    return f"{note} – {row.decision}" if "(" in row.decision else f"{note} ({row.decision})"
