"""Periods of reports: what belongs to one, and those that a year has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from tthc.domain.vocabulary import DomainError


@dataclass(frozen=True)
class ReportPeriod:
    """A span of local dates, both ends inside, with the words that a report prints for it."""

    from_on: date
    to_on: date
    title: str = ""

    def __post_init__(self) -> None:
        if self.from_on > self.to_on:
            raise DomainError("Ngày bắt đầu kỳ phải trước hoặc trùng ngày kết thúc kỳ.", "from_on")

    def judged_on(self, today: date) -> date:
        """The day of which pending is judged: the earlier of its end and today; not before it has begun."""
        if self.from_on > today:
            raise DomainError(
                "Kỳ báo cáo chưa bắt đầu; chọn kỳ có ngày bắt đầu không sau hôm nay.", "from_on"
            )
        return min(self.to_on, today)


@dataclass(frozen=True)
class PeriodPreset:
    """A named period that the reports page offers."""

    key: str
    period: ReportPeriod


def _month_start(year: int, month: int) -> date:
    """First day of a month; ``month`` may run past 12 or below 1."""
    index = year * 12 + month - 1
    return date(index // 12, index % 12 + 1, 1)


def calendar_period(year: int, first_month: int, months: int, title: str) -> ReportPeriod:
    """Whole calendar months."""
    end = _month_start(year, first_month + months) - timedelta(days=1)
    return ReportPeriod(date(year, first_month, 1), end, title)


def official_period(year: int, first_month: int, months: int, title: str) -> ReportPeriod:
    """Months cut on the 14th: from the 15th of the month before (Decree 09/2019 article 12)."""
    return ReportPeriod(
        _month_start(year, first_month - 1).replace(day=15),
        _month_start(year, first_month + months - 1).replace(day=14),
        title,
    )


@lru_cache(maxsize=20)
def presets(year: int) -> tuple[PeriodPreset, ...]:
    """Official and calendar periods of a year: months, quarters, half-years, nine months, year."""
    spans = [(f"thang-{m}", m, 1, f"Tháng {m:02d} năm {year}") for m in range(1, 13)]
    spans += [(f"quy-{q}", 3 * q - 2, 3, f"Quý {'I' * q if q < 4 else 'IV'} năm {year}") for q in range(1, 5)]
    spans += [
        ("6-thang-dau", 1, 6, f"6 tháng đầu năm {year}"),
        ("6-thang-cuoi", 7, 6, f"6 tháng cuối năm {year}"),
        ("9-thang", 1, 9, f"9 tháng đầu năm {year}"),
        ("nam", 1, 12, f"Năm {year}"),
    ]
    official = [PeriodPreset(f"bc-{key}", official_period(year, m, n, title)) for key, m, n, title in spans]
    plain = [
        PeriodPreset(f"lich-{key}", calendar_period(year, m, n, f"{title} (theo tháng dương lịch)"))
        for key, m, n, title in spans
    ]
    return (*official, *plain)
