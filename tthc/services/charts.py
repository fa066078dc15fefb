"""What the charts of a period show, number by number, and the same tables as spreadsheets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from tthc.db.queries import dossier_sets as queries
from tthc.db.queries import tallies as tally_queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain import closing
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.charts import Band, Measure, measure_of, nearest_rank, time_taken
from tthc.domain.indicators import SETS, SetName
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import TALLY_CUTOFF
from tthc.domain.tallies import CELLS, CellName, Tally, on_time_rate
from tthc.domain.vocabulary import PeriodCutoff, TimeUnit
from tthc.services import calendar, catalogue, dossier_sets, settings, tallies, tally_lists, units
from tthc.services.dossier_sets import Reading
from tthc.services.transaction import NotFound, begin_snapshot

#: A period of no more days than the longest month is shown among the twelve months up to it.
_MONTH_DAYS = 31
_MONTHS = 12
#: Of fewer dossiers a percentile says little.
FEW = 10


@dataclass(frozen=True)
class MonthCount:
    """What came in and what ended in a month."""

    period: ReportPeriod
    received: int
    ended: int


@dataclass(frozen=True)
class Resolving:
    """How long the dossiers of a case took that were resolved in the period, in days of its measure.

    ``case_id`` is one of the cases of the line; with it the line's list is asked for.
    """

    case_id: int
    code: str | None
    name: str
    limit: str
    measure: Measure
    number: int
    median: int
    ninetieth: int

    @property
    def few(self) -> bool:
        """Whether there are so few that the percentiles say little."""
        return self.number < FEW


@dataclass(frozen=True)
class ChartsPage:
    """The numbers of all charts; ages and times are ``None`` where the calendar does not reach."""

    period: ReportPeriod
    at_on: date
    months: Sequence[MonthCount]
    sectors: Tally
    ages: Mapping[Band, int] | None
    times: Sequence[Resolving] | None


def build(session: Session, *, actor: Actor, today: date, period: ReportPeriod) -> ChartsPage:
    """The charts of a period, all from one state of the database."""
    actor.require(Action.VIEW_TALLIES)
    asked = tallies.Asked(period.from_on, period.to_on, title=period.title)
    begin_snapshot(session)
    reading = dossier_sets.read(session, actor.unit_id, period, today)
    return ChartsPage(
        period=period,
        at_on=reading.at_on,
        months=_months(session, actor.unit_id, period, today),
        sectors=tallies.tally_of(session, actor, today, asked),
        ages=_ages(session, actor.unit_id, reading),
        times=_times(session, actor.unit_id, reading),
    )


def _months(session: Session, unit_id: int, period: ReportPeriod, today: date) -> list[MonthCount]:
    """The months of the period; those of the twelve up to its end if it is no longer than one."""
    span = period
    if (period.to_on - period.from_on).days < _MONTH_DAYS:
        cutoff = closing.cutoff_of(period) or PeriodCutoff(
            settings.get(session, unit_id, TALLY_CUTOFF, period.to_on)
        )
        start = closing.month_start(period.to_on, cutoff)
        for _ in range(_MONTHS - 1):
            start = closing.month_start(start - timedelta(days=1), cutoff)
        span = ReportPeriod(start, period.to_on)
    found = []
    for month in tallies.parts_of(session, unit_id, span, span.judged_on(today), TimeUnit.MONTH):
        counted = dossier_sets.read(session, unit_id, month, today).count(
            session,
            {
                "received": SETS[SetName.RECEIVED_NEW].predicate,
                "ended": CELLS[CellName.ENDED_TOTAL].predicate,
            },
        )
        found.append(MonthCount(month, counted["received"], counted["ended"]))
    return found


def _ages(session: Session, unit_id: int, reading: Reading) -> dict[Band, int] | None:
    try:
        bands = dossier_sets.bands_on(session, unit_id, reading.at_on)
    except CalendarNotCovered:
        return None
    return reading.count(session, bands)


@dataclass(frozen=True)
class _Line:
    """A line of the times: the cases that it puts together, by any of them."""

    procedure_id: int
    case_id: int
    name: str
    usual: bool
    limit: str
    measure: Measure


def _times(session: Session, unit_id: int, reading: Reading) -> list[Resolving] | None:
    """Median and 90th percentile of every case by the nearest rank, in three reads whatever their number."""
    query = reading.query(CELLS[CellName.RESOLVED_TOTAL].predicate)
    took = queries.times(session, query)
    lines = _lines(session, {one.case_id for one in took})
    try:
        working = calendar.load_rules(session, unit_id, reading.at_on).calendar
        numbers = _counted(took, queries.waits(session, query), lines, working)
    except CalendarNotCovered:
        return None
    names = tally_queries.procedure_names(
        session, sorted({line.procedure_id for line in numbers}), reading.at_on
    )
    order = {key: (place, code, name) for place, (key, code, name) in enumerate(names)}
    found = []
    for line, days in sorted(
        numbers.items(), key=lambda one: (order[one[0].procedure_id][0], not one[0].usual, one[0].case_id)
    ):
        _, code, name = order[line.procedure_id]
        found.append(
            Resolving(
                case_id=line.case_id,
                code=code,
                name=name if line.usual else f"{name} – {line.name}",
                limit=line.limit,
                measure=line.measure,
                number=days.total(),
                median=nearest_rank(days, 50),
                ninetieth=nearest_rank(days, 90),
            )
        )
    return found


def _lines(session: Session, case_ids: set[int]) -> dict[int, _Line]:
    """The line of each case: those of one procedure, name and limit share it, whatever their version."""
    limits = catalogue.limits_of(session, sorted(case_ids))
    first: dict[tuple[int, str, str], _Line] = {}
    found = {}
    for case_id, procedure_id, name, usual in sorted(queries.cases(session, sorted(case_ids))):
        limit = limits[case_id]
        key = (procedure_id, name, limit.label)
        line = first.setdefault(
            key, _Line(procedure_id, case_id, name, usual, limit.label, measure_of(limit))
        )
        found[case_id] = line
    return found


def _counted(
    took: Sequence[queries.Took],
    waits: Sequence[queries.Waited],
    lines: Mapping[int, _Line],
    working: WorkingCalendar,
) -> dict[_Line, Counter[int]]:
    """How many dossiers of each line took how many days; what waited is moved to its own number of days."""
    found: defaultdict[_Line, Counter[int]] = defaultdict(Counter)

    def days_of(one: queries.Took | queries.Waited, waited: Sequence[tuple[date, date | None]] = ()) -> int:
        unit = lines[one.case_id].measure.unit
        return time_taken(one.started_on, one.ended_on, unit, working, waited)

    for one in took:
        found[lines[one.case_id]][days_of(one)] += one.number
    for _, spans in groupby(waits, key=lambda one: one.dossier_id):
        stood = list(spans)
        numbers = found[lines[stood[0].case_id]]
        numbers[days_of(stood[0])] -= 1
        numbers[days_of(stood[0], [(one.since, one.until) for one in stood])] += 1
    return dict(found)


# --- tables -------------------------------------------------------------------------------------------


def export(session: Session, *, actor: Actor, today: date, period: ReportPeriod, name: str) -> bytes:
    """The table below one chart, one of :data:`TABLES`, as an XLSX file."""
    if name not in TABLES:
        raise NotFound("Không có biểu đồ này.")
    page = build(session, actor=actor, today=today, period=period)
    unit = units.header(session, period.to_on, actor.unit_id)
    title, columns, rows_of, notes = TABLES[name]
    return spreadsheet.write_table(
        ReportTable(
            title=title,
            subtitle=tally_lists.subtitle(tallies.Asked(period.from_on, period.to_on, title=period.title)),
            columns=columns,
            rows=rows_of(page),
            notes=[*notes, f"Số liệu tính đến hết ngày {page.at_on:%d/%m/%Y}."],
            header_left=[line for line in (unit.superior, unit.name) if line],
        )
    )


def _month_rows(page: ChartsPage) -> list[list[object]]:
    return [
        [one.period.title, one.period.from_on, one.period.to_on, one.received, one.ended]
        for one in page.months
    ]


def _sector_rows(page: ChartsPage) -> list[list[object]]:
    cells = (CellName.ENDED_EARLY, CellName.ENDED_ON_TIME, CellName.ENDED_LATE, CellName.ENDED_TOTAL)
    rows: list[list[object]] = []
    for row in (*page.sectors.rows, page.sectors.total):
        rate = on_time_rate(row.cells)
        rows.append([row.label, *(row.cells[name] for name in cells), "–" if rate is None else rate])
    return rows


def _age_rows(page: ChartsPage) -> list[list[object]]:
    return [[band.label, number] for band, number in (page.ages or {}).items()]


def _time_rows(page: ChartsPage) -> list[list[object]]:
    return [
        [
            one.code or "–",
            one.name,
            one.limit,
            one.number,
            one.median,
            one.ninetieth,
            one.measure.unit.label,
        ]
        for one in page.times or ()
    ]


#: What percentiles are, as it stands under their table.
TIME_NOTES = (
    "Thời gian tính từ ngày bắt đầu tính thời hạn (không tính ngày đó) đến ngày có kết quả, trừ ngày dừng.",
    "Hồ sơ tính lại thời hạn từ đầu sau khi bổ sung vẫn tính cả thời gian xử lý trước khi bổ sung.",
    "Trung vị: một nửa số hồ sơ xong trong thời gian này; mức 90 %: chín phần mười (thứ hạng gần nhất).",
    "Hạn cuối rơi vào ngày nghỉ được lùi đến ngày làm việc tiếp theo: dài hơn thời hạn chưa hẳn là quá hạn.",
    f"Dưới {FEW} hồ sơ thì hai mức này ít ý nghĩa.",
)
_Rows = Callable[[ChartsPage], list[list[object]]]
#: Every table by the part of the address that names it: title, columns, rows and notes.
TABLES: Mapping[str, tuple[str, Sequence[Column], _Rows, Sequence[str]]] = {
    "theo-thang": (
        "Hồ sơ tiếp nhận và giải quyết theo tháng",
        (
            Column("month", "Tháng", width=26),
            Column("from_on", "Từ ngày", "date", 12),
            Column("to_on", "Đến ngày", "date", 12),
            Column("received", "Mới tiếp nhận", "number", 12),
            Column("ended", "Đã giải quyết (gồm rút, dừng)", "number", 16),
        ),
        _month_rows,
        (),
    ),
    "linh-vuc": (
        "Tỷ lệ giải quyết trước hạn, đúng hạn theo lĩnh vực",
        (
            Column("sector", "Lĩnh vực", width=40),
            Column("early", "Trước hạn", "number", 10),
            Column("on_time", "Đúng hạn", "number", 10),
            Column("late", "Quá hạn", "number", 10),
            Column("ended", "Đã giải quyết", "number", 10),
            Column("rate", "Tỷ lệ", "percent", 10),
        ),
        _sector_rows,
        ("Tỷ lệ = (trước hạn + đúng hạn) / đã giải quyết, gồm cả hồ sơ rút và dừng; “–”: không có hồ sơ.",),
    ),
    "dang-giai-quyet": (
        "Hồ sơ đang giải quyết theo thời gian so với hạn",
        (Column("band", "So với hạn", width=40), Column("number", "Số hồ sơ", "number", 12)),
        _age_rows,
        (),
    ),
    "thoi-gian": (
        "Thời gian giải quyết theo thủ tục so với thời hạn",
        (
            Column("code", "Mã TTHC", width=12),
            Column("name", "Thủ tục", width=60),
            Column("limit", "Thời hạn", width=22),
            Column("number", "Số hồ sơ (n)", "number", 9),
            Column("median", "Trung vị", "number", 9),
            Column("ninetieth", "Mức 90 %", "number", 9),
            Column("unit", "Đơn vị tính", width=16),
        ),
        _time_rows,
        TIME_NOTES,
    ),
}
