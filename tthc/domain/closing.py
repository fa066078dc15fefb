"""The closing chain: which period is to be closed next, and which reports end on a day (domain.md 5).

Monthly, without gap or overlap; quarter, half, nine months and year are unions of closed months.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tthc.domain.periods import ReportPeriod, presets
from tthc.domain.tallies import CELLS, CellName, Tally
from tthc.domain.vocabulary import DomainError, PeriodCutoff, ReportKind, TimeUnit

_ONE_DAY = timedelta(days=1)
#: The last day of an official month (Decree 09/2019 article 12).
_OFFICIAL_LAST_DAY = 14
_KINDS = {1: ReportKind.MONTH, 3: ReportKind.QUARTER, 6: ReportKind.HALF, 9: ReportKind.NINE_MONTHS}


@dataclass(frozen=True)
class DueReport:
    """A report that is due for a period."""

    kind: ReportKind
    period: ReportPeriod


@dataclass(frozen=True)
class Change:
    """A number that differs between two closings of the same period; ``key`` is that of its line."""

    key: int | str | None
    line: str
    cell: CellName
    before: int
    after: int


def changes(before: Tally, after: Tally) -> list[Change]:
    """What a period that was closed again says otherwise, line by line, the total last.

    A line that one of the two does not have counts nothing there.
    """
    nothing = dict.fromkeys(CELLS, 0)
    old = {row.key: row for row in before.rows}
    new = {row.key: row for row in after.rows}
    pairs = [(old.get(key), new.get(key)) for key in {**new, **old}]
    found = []
    for left, right in [*pairs, (before.total, after.total)]:
        named = right or left
        assert named is not None  # noqa: S101 - the key is from one of the two
        was, now = left.cells if left else nothing, right.cells if right else nothing
        found += [
            Change(named.key, named.label, name, was[name], now[name])
            for name in CELLS
            if was[name] != now[name]
        ]
    return found


def month_from(start: date, cutoff: PeriodCutoff) -> ReportPeriod:
    """The period that begins on a date and ends with the month: 15/05 → 14/06, or 01/05 → 31/05.

    A start within a month gives what is left of it, so that a chain may begin anywhere and may change its
    cut-off without a gap.
    """
    end = month_end(start, cutoff)
    return ReportPeriod(start, end, title(start, end))


def month_end(day: date, cutoff: PeriodCutoff) -> date:
    """The last day of the month, by its cut-off, in which a date lies."""
    if cutoff is PeriodCutoff.CALENDAR:
        return _first_of_next_month(day) - _ONE_DAY
    if day.day <= _OFFICIAL_LAST_DAY:
        return day.replace(day=_OFFICIAL_LAST_DAY)
    return _first_of_next_month(day).replace(day=_OFFICIAL_LAST_DAY)


def month_start(day: date, cutoff: PeriodCutoff) -> date:
    """The first day of that month."""
    if cutoff is PeriodCutoff.CALENDAR:
        return day.replace(day=1)
    if day.day > _OFFICIAL_LAST_DAY:
        return day.replace(day=_OFFICIAL_LAST_DAY + 1)
    return (day.replace(day=1) - _ONE_DAY).replace(day=_OFFICIAL_LAST_DAY + 1)


def unit_end(day: date, unit: TimeUnit, cutoff: PeriodCutoff) -> date:
    """The last day of the day, week, month, quarter or year, by its cut-off, in which a date lies.

    A week ends on Sunday. Official quarters end on 14/3, 14/6, 14/9 and 14/12, the official year on 14/12.
    """
    if unit is TimeUnit.DAY:
        return day
    if unit is TimeUnit.WEEK:
        return day + timedelta(days=6 - day.weekday())
    end = month_end(day, cutoff)
    months = {TimeUnit.QUARTER: 3, TimeUnit.YEAR: 12}.get(unit, 1)
    while end.month % months:
        end = month_end(end + _ONE_DAY, cutoff)
    return end


def cutoff_of(period: ReportPeriod) -> PeriodCutoff | None:
    """The cut-off at which a period begins and ends as whole months do; ``None`` where neither is it."""
    for cutoff in PeriodCutoff:
        if (
            month_start(period.from_on, cutoff) == period.from_on
            and month_end(period.to_on, cutoff) == period.to_on
        ):
            return cutoff
    return None


def title(from_on: date, to_on: date) -> str:
    """What a period is called: the name of the preset with these dates, else empty."""
    for preset in presets(to_on.year):
        if (preset.period.from_on, preset.period.to_on) == (from_on, to_on):
            return preset.period.title
    return ""


def reports_ending_on(day: date, cutoff: PeriodCutoff) -> tuple[DueReport, ...]:
    """The reports whose period ends with a day, the month first: on 14/06 month, quarter and half-year."""
    prefix = "bc-" if cutoff is PeriodCutoff.OFFICIAL else "lich-"
    return tuple(
        DueReport(_KINDS.get(_months(preset.period), ReportKind.YEAR), preset.period)
        for preset in presets(day.year)
        if preset.period.to_on == day and preset.key.startswith(prefix)
    )


def must_follow(previous_to_on: date | None, period: ReportPeriod, today: date) -> None:
    """Refuse a period that does not continue the chain, or has not ended."""
    if previous_to_on is not None and period.from_on != previous_to_on + _ONE_DAY:
        raise DomainError(
            f"Các kỳ được chốt nối tiếp nhau: kỳ tiếp theo bắt đầu từ {previous_to_on + _ONE_DAY:%d/%m/%Y}.",
            "from_on",
        )
    if period.to_on >= today:
        raise DomainError(f"Kỳ chưa kết thúc: chốt được từ ngày {period.to_on + _ONE_DAY:%d/%m/%Y}.", "to_on")


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _months(period: ReportPeriod) -> int:
    return round(((period.to_on - period.from_on).days + 1) / 30.4)
