"""The numbers of charts as figures to draw, each with the sentence that says them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthc.documents.charts import BarChart, ColumnChart, Group, Row, bars, columns
from tthc.domain.amounts import show_count
from tthc.domain.tallies import CellName, on_time_rate
from tthc.domain.vocabulary import LimitUnit
from tthc.services.charts import ChartsPage, MonthCount, Resolving

_MONTH_KINDS = (("received", "Mới tiếp nhận"), ("ended", "Đã giải quyết"))
_TIME_LEGEND = (
    ("median", "trung vị (một nửa số hồ sơ xong trong thời gian này)"),
    ("ninetieth", "mức 90 %"),
    ("most", "thời hạn"),
)


@dataclass(frozen=True)
class Figures:
    """The charts of a page; times are drawn apart by unit, as days and working days share no axis."""

    months: ColumnChart
    rates: BarChart
    ages: BarChart | None
    times: Sequence[tuple[LimitUnit, BarChart]]


def draw(page: ChartsPage) -> Figures:
    """The figures of a page."""
    return Figures(
        months=columns("Hồ sơ tiếp nhận và giải quyết theo tháng", _groups(page.months), _MONTH_KINDS),
        rates=_rates(page),
        ages=_ages(page),
        times=[
            (unit, _times(unit, [one for one in page.times or () if one.measure.unit is unit]))
            for unit in (LimitUnit.WORKING_DAY, LimitUnit.DAY)
            if any(one.measure.unit is unit for one in page.times or ())
        ],
    )


def _groups(months: Sequence[MonthCount]) -> list[Group]:
    """Each by the number of the month in which it ends; the year where it is another than before."""
    found: list[Group] = []
    year = 0
    for one in months:
        last = one.period.to_on
        name = one.period.title or f"{one.period.from_on:%d/%m/%Y} – {last:%d/%m/%Y}"
        under = f"{last.year}" if last.year != year else ""
        found.append(Group(f"T{last.month}", under, name, (one.received, one.ended)))
        year = last.year
    return found


def _rates(page: ChartsPage) -> BarChart:
    rows = []
    for row in page.sectors.rows:
        rate, ended = on_time_rate(row.cells), row.cells[CellName.ENDED_TOTAL]
        if rate is not None:
            rows.append(Row(row.label, rate, f"{_percent(rate)} (n = {show_count(ended)})", "rate"))
    whole = on_time_rate(page.sectors.total.cells)
    told = f"Toàn đơn vị {_percent(whole)}" if whole is not None else "Chưa có hồ sơ nào kết thúc"
    lowest = min(rows, key=lambda row: row.value, default=None)
    if lowest is not None:
        told += f"; thấp nhất: {lowest.label}, {lowest.words}"
    return bars("Tỷ lệ giải quyết trước hạn và đúng hạn theo lĩnh vực", f"{told}.", rows, end=1.0)


def _ages(page: ChartsPage) -> BarChart | None:
    if page.ages is None:
        return None
    rows = [Row(band.label, number, show_count(number), band.standing) for band, number in page.ages.items()]
    told = "; ".join(f"{row.label.lower()}: {row.words}" for row in rows)
    return bars("Hồ sơ đang giải quyết theo thời gian so với hạn", f"Số hồ sơ {told}.", rows)


def _times(unit: LimitUnit, times: Sequence[Resolving]) -> BarChart:
    rows = []
    for one in times:
        marks = [("ninetieth", float(one.ninetieth))]
        if one.measure.most is not None:
            marks.insert(0, ("most", float(one.measure.most)))
        words = (
            f"Trung vị {one.median}, mức 90 % {one.ninetieth}, hạn {one.limit}, n = {show_count(one.number)}"
        )
        rows.append(Row(one.name, one.median, words, "median", marks))
    beyond = sum(one.measure.most is not None and one.ninetieth > one.measure.most for one in times)
    return bars(
        f"Thời gian giải quyết theo thủ tục, tính bằng {unit.label}",
        f"{len(times)} thủ tục; {beyond} thủ tục có mức 90 % dài hơn thời hạn.",
        rows,
        legend=_TIME_LEGEND,
        words_above=True,
    )


def _percent(rate: float) -> str:
    return f"{rate * 100:.1f} %".replace(".", ",")
