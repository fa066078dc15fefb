"""A change of the working calendar: days put in or taken out, years confirmed, and what it makes of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tthc.domain.calendar import CalendarDay, weekday_name
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DayKind, DomainError

_SATURDAY = 5
#: Years outside are slips of the keyboard.
FIRST_YEAR, LAST_YEAR = 2000, 2100
_LONGEST = 300
#: A spreadsheet would read such a text as a formula.
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class BadDay:
    """What is wrong with one row of a change; ``index`` counts the rows from 0, ``field`` names its part.

    The parts are ``date``, ``kind``, ``name``, ``decision``.
    """

    index: int
    field: str
    message: str


class ChangeRefused(DomainError):
    """A change that cannot be made; :attr:`rows` says what is wrong with which row."""

    def __init__(self, message: str, field: str | None = None, rows: Sequence[BadDay] = ()) -> None:
        super().__init__(message, field)
        self.rows = tuple(rows)


@dataclass(frozen=True)
class CalendarChange:
    """What somebody wants to change.

    ``days`` are put in, in place of the row of their date if there is one. ``removed`` dates lose their row.
    ``confirmed`` years (year, decision) become confirmed with every row in them that was an estimate;
    ``unconfirmed`` years become estimates again, their rows stay as they are.
    """

    days: tuple[CalendarDay, ...] = ()
    removed: tuple[date, ...] = ()
    confirmed: tuple[tuple[int, str], ...] = ()
    unconfirmed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Effect:
    """What a change makes of a calendar.

    ``days`` and ``years`` (year -> confirmed) are the calendar afterwards; ``added`` and ``removed`` the rows
    that differ, ``years_set`` the years whose state is written anew.
    """

    days: Mapping[date, CalendarDay]
    years: Mapping[int, bool]
    added: tuple[CalendarDay, ...]
    removed: tuple[CalendarDay, ...]
    years_set: Mapping[int, bool]

    @property
    def dates(self) -> frozenset[date]:
        """Every date that a count may now read otherwise."""
        return frozenset(day.date for day in (*self.added, *self.removed))

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.years_set)


@dataclass(frozen=True)
class DayChange:
    """A date whose row differs: before and after, ``None`` where there is no row."""

    date: date
    before: CalendarDay | None
    after: CalendarDay | None


def day_changes(added: Sequence[CalendarDay], removed: Sequence[CalendarDay]) -> list[DayChange]:
    """The rows of a change by date, each beside the one that it replaces."""
    new, old = ({day.date: day for day in days} for days in (added, removed))
    return [DayChange(on, old.get(on), new.get(on)) for on in sorted(new.keys() | old.keys())]


def tidy(day: CalendarDay) -> CalendarDay:
    """The row with its texts in NFC and without superfluous blanks."""
    return replace(day, name=squeeze(day.name), decision=squeeze(day.decision or "") or None)


def effect_of(change: CalendarChange, days: Mapping[date, CalendarDay], years: Mapping[int, bool]) -> Effect:
    """What ``change`` makes of the calendar of ``days`` and ``years`` (year -> confirmed).

    Raises :class:`ChangeRefused` with all that is wrong; a change without any effect is refused too.
    """
    wanted = tuple(tidy(day) for day in change.days)
    bad = _bad_days(wanted, change.removed, days)
    if bad:
        raise ChangeRefused(bad[0].message, bad[0].field, bad)
    after = dict(days)
    for gone in change.removed:
        del after[gone]
    after.update((day.date, day) for day in wanted)
    _confirm(change, after)
    effect = between(days, years, after, _years_after(change, years, after))
    _refuse_emptied_years(years, after)
    if effect.empty:
        raise ChangeRefused("Thay đổi này không làm lịch khác đi: các ngày đã có sẵn trong lịch như vậy.")
    return effect


def between(
    days: Mapping[date, CalendarDay],
    years: Mapping[int, bool],
    after: Mapping[date, CalendarDay],
    years_after: Mapping[int, bool],
) -> Effect:
    """The effect that leads from one calendar to another."""
    return Effect(
        days=after,
        years=years_after,
        added=tuple(after[on] for on in sorted(after) if after[on] != days.get(on)),
        removed=tuple(days[on] for on in sorted(days) if days[on] != after.get(on)),
        years_set={year: state for year, state in years_after.items() if years.get(year) != state},
    )


def _bad_days(
    wanted: Sequence[CalendarDay], removed: Sequence[date], days: Mapping[date, CalendarDay]
) -> list[BadDay]:
    """All that is wrong with the rows; removed dates are numbered after the rows that are put in."""
    bad: list[BadDay] = []
    seen: set[date] = set()
    for index, day in enumerate(wanted):
        bad += [BadDay(index, field, message) for field, message in _wrong(day, days.get(day.date))]
        if day.date in seen:
            bad.append(BadDay(index, "date", f"Ngày {day.date:%d/%m/%Y} được khai hai lần."))
        seen.add(day.date)
    for index, gone in enumerate(removed, start=len(wanted)):
        if gone in seen:
            bad.append(BadDay(index, "date", f"Ngày {gone:%d/%m/%Y} được khai hai lần."))
        elif gone not in days:
            message = f"Lịch không có dòng nào cho ngày {gone:%d/%m/%Y} để bỏ."
            bad.append(BadDay(index, "date", message))
        seen.add(gone)
    return bad


def _wrong(day: CalendarDay, present: CalendarDay | None) -> Iterable[tuple[str, str]]:
    """(field, sentence) of everything wrong with one row on its own."""
    if not FIRST_YEAR <= day.date.year <= LAST_YEAR:
        yield "date", f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}; kiểm tra lại ngày {day.date:%d/%m/%Y}."
    weekday = weekday_name(day.date)
    if day.kind is DayKind.WORKED_SATURDAY and day.date.weekday() != _SATURDAY:
        yield "date", f"{day.date:%d/%m/%Y} là {weekday}; ngày làm bù phải là Thứ Bảy."
    if day.kind is not DayKind.WORKED_SATURDAY and day.date.weekday() >= _SATURDAY:
        yield "date", f"{day.date:%d/%m/%Y} là {weekday}, vốn đã nghỉ; không phải khai vào lịch."
    if not day.name:
        yield "name", "Nhập tên ngày, ví dụ “Nghỉ hoán đổi” hoặc “Làm bù cho ngày 23/11/2026”."
    for field, text in (("name", day.name), ("decision", day.decision or "")):
        if len(text) > _LONGEST:
            yield field, f"Viết ngắn hơn: tối đa {_LONGEST} ký tự."
        if text.startswith(_FORMULA):
            yield field, "Không bắt đầu bằng dấu =, +, - hoặc @."
    if day.confirmed and not day.decision and day != present:
        yield "decision", "Nhập số văn bản của ngày đã xác nhận, hoặc ghi ngày này là dự kiến."


def _confirm(change: CalendarChange, after: dict[date, CalendarDay]) -> None:
    for year, text in change.confirmed:
        decision = squeeze(text)
        if not decision:
            raise ChangeRefused(f"Nhập số văn bản xác nhận lịch năm {year}.", "decision")
        if len(decision) > _LONGEST or decision.startswith(_FORMULA):
            raise ChangeRefused(
                f"Số văn bản tối đa {_LONGEST} ký tự và không bắt đầu bằng dấu =, +, - hoặc @.", "decision"
            )
        rows = [day for day in after.values() if day.date.year == year]
        if not rows:
            raise ChangeRefused(
                f"Lịch năm {year} chưa có ngày nghỉ nào nên chưa xác nhận được; nhập các ngày nghỉ trước.",
                "year",
            )
        after.update(
            (day.date, replace(day, confirmed=True, decision=decision)) for day in rows if not day.confirmed
        )


def _years_after(
    change: CalendarChange, years: Mapping[int, bool], after: Mapping[date, CalendarDay]
) -> dict[int, bool]:
    """A year is covered while it has rows; one that gets its first rows begins as an estimate."""
    states = {year: years.get(year, False) for year in sorted({on.year for on in after})}
    for year in change.unconfirmed:
        if year not in states:
            raise ChangeRefused(f"Lịch chưa có năm {year}.", "year")
        states[year] = False
    states.update((year, True) for year, _ in change.confirmed)
    return states


def _refuse_emptied_years(years: Mapping[int, bool], after: Mapping[date, CalendarDay]) -> None:
    left = {on.year for on in after}
    for year in years:
        if year not in left:
            raise ChangeRefused(
                f"Không bỏ hết các ngày của năm {year}: năm không còn dòng nào thì không tính được thời hạn. "
                "Hãy thay từng ngày.",
                "date",
            )
