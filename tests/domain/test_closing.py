"""The closing chain by hand: months and their cut-offs, what is due on a day, what two closings differ in."""

from __future__ import annotations

from datetime import date

import pytest

from tthc.domain import closing
from tthc.domain.periods import ReportPeriod
from tthc.domain.tallies import CELLS, CellName, Tally, TallyRow, add_up
from tthc.domain.vocabulary import DomainError, PeriodCutoff, ReportKind

OFFICIAL, CALENDAR = PeriodCutoff.OFFICIAL, PeriodCutoff.CALENDAR


def on(text: str) -> date:
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


@pytest.mark.parametrize(
    ("start", "cutoff", "end", "title"),
    [
        ("15/05/2024", OFFICIAL, "14/06/2024", "Tháng 06 năm 2024"),
        ("15/12/2023", OFFICIAL, "14/01/2024", "Tháng 01 năm 2024"),
        ("01/06/2024", OFFICIAL, "14/06/2024", ""),
        ("14/06/2024", OFFICIAL, "14/06/2024", ""),
        ("01/02/2024", CALENDAR, "29/02/2024", "Tháng 02 năm 2024 (theo tháng dương lịch)"),
        ("15/06/2024", CALENDAR, "30/06/2024", ""),
        ("31/12/2024", CALENDAR, "31/12/2024", ""),
    ],
)
def test_what_is_left_of_a_month(start: str, cutoff: PeriodCutoff, end: str, title: str) -> None:
    assert closing.month_from(on(start), cutoff) == ReportPeriod(on(start), on(end), title)


@pytest.mark.parametrize(
    ("day", "cutoff", "start"),
    [
        ("14/01/2024", OFFICIAL, "15/12/2023"),
        ("15/01/2024", OFFICIAL, "15/01/2024"),
        ("31/03/2024", OFFICIAL, "15/03/2024"),
        ("31/03/2024", CALENDAR, "01/03/2024"),
    ],
)
def test_the_first_day_of_a_month(day: str, cutoff: PeriodCutoff, start: str) -> None:
    assert closing.month_start(on(day), cutoff) == on(start)


@pytest.mark.parametrize(
    ("start", "end", "cutoff"),
    [
        ("15/12/2023", "14/06/2024", OFFICIAL),
        ("01/01/2024", "31/03/2024", CALENDAR),
        ("01/01/2024", "14/06/2024", None),
        ("15/12/2023", "30/06/2024", None),
        ("20/04/2024", "20/05/2024", None),
    ],
)
def test_how_a_period_is_cut(start: str, end: str, cutoff: PeriodCutoff | None) -> None:
    assert closing.cutoff_of(ReportPeriod(on(start), on(end))) is cutoff


@pytest.mark.parametrize(
    ("day", "cutoff", "kinds"),
    [
        ("14/06/2024", OFFICIAL, [ReportKind.MONTH, ReportKind.QUARTER, ReportKind.HALF]),
        ("14/09/2024", OFFICIAL, [ReportKind.MONTH, ReportKind.QUARTER, ReportKind.NINE_MONTHS]),
        ("14/12/2024", OFFICIAL, [ReportKind.MONTH, ReportKind.QUARTER, ReportKind.HALF, ReportKind.YEAR]),
        ("14/05/2024", OFFICIAL, [ReportKind.MONTH]),
        ("31/05/2024", OFFICIAL, []),
        ("31/05/2024", CALENDAR, [ReportKind.MONTH]),
    ],
)
def test_what_is_due_on_a_day(day: str, cutoff: PeriodCutoff, kinds: list[ReportKind]) -> None:
    assert [one.kind for one in closing.reports_ending_on(on(day), cutoff)] == kinds


def test_a_period_follows_the_one_before_and_has_ended() -> None:
    june = ReportPeriod(on("15/05/2024"), on("14/06/2024"))
    closing.must_follow(None, june, on("15/06/2024"))
    closing.must_follow(on("14/05/2024"), june, on("15/06/2024"))
    for previous in ("13/05/2024", "15/05/2024"):
        with pytest.raises(DomainError):
            closing.must_follow(on(previous), june, on("15/06/2024"))
    with pytest.raises(DomainError, match="chốt được từ ngày 15/06/2024"):
        closing.must_follow(None, june, on("14/06/2024"))


def line(key: int, label: str, **cells: int) -> TallyRow:
    return TallyRow(key, label, {name: cells.get(name.value, 0) for name in CELLS})


def tally(*rows: TallyRow) -> Tally:
    period = ReportPeriod(on("15/05/2024"), on("14/06/2024"))
    return Tally(period, period.to_on, "sector", rows, add_up(rows), ())


def test_what_two_closings_of_a_period_differ_in() -> None:
    before = tally(line(1, "Đầu tư", pending_total=3, ended_total=1), line(2, "Lao động", pending_total=1))
    after = tally(line(1, "Đầu tư", pending_total=2, ended_total=2), line(3, "Xây dựng", pending_total=1))
    found = {(one.line, one.cell): (one.before, one.after) for one in closing.changes(before, after)}
    assert found == {
        ("Đầu tư", CellName.PENDING_TOTAL): (3, 2),
        ("Đầu tư", CellName.ENDED_TOTAL): (1, 2),
        ("Lao động", CellName.PENDING_TOTAL): (1, 0),
        ("Xây dựng", CellName.PENDING_TOTAL): (0, 1),
        ("TỔNG CỘNG", CellName.PENDING_TOTAL): (4, 3),
        ("TỔNG CỘNG", CellName.ENDED_TOTAL): (1, 2),
    }
    assert closing.changes(after, after) == []
