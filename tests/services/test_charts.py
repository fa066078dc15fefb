"""Charts: their numbers are those of the tally and of their lists; times by hand; few statements."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from tests.services.conftest import Office, published_half_year
from tthc.domain.charts import Band
from tthc.domain.indicators import SetName
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import DomainError, LimitUnit
from tthc.services import charts, dossier_sets, tallies
from tthc.services.charts import ChartsPage
from tthc.services.dossier_sets import SetAsked
from tthc.services.transaction import NotFound

HALF = ReportPeriod(date(2023, 12, 15), date(2024, 6, 14), "6 tháng đầu năm 2024")
JUNE = ReportPeriod(date(2024, 6, 1), date(2024, 6, 30))


def built(office: Office, period: ReportPeriod) -> ChartsPage:
    return charts.build(office.session, actor=office.person("auditor"), today=office.today, period=period)


def size_of(office: Office, period: ReportPeriod, name: Any = None, case_id: int | None = None) -> int:
    found = dossier_sets.open_set(
        office.session,
        actor=office.person("auditor"),
        today=office.today,
        asked=SetAsked(period, name, case_id),
        size=None,
    )
    assert found.page.total == len(found.page.rows)
    return found.page.total


@pytest.fixture
def half_year(office: Office, prepared: Any) -> Office:
    """The published half-year."""
    prepared(office, published_half_year)
    return office


def test_the_numbers_of_the_published_half_year_are_those_of_their_lists(half_year: Office) -> None:
    office = half_year
    page = built(office, HALF)
    # 117 received, 119 ended, 11 pending; each month as the tally of that month counts it.
    assert sum(one.received for one in page.months) == 117
    assert sum(one.ended for one in page.months) == 119
    assert [one.period.to_on.month for one in page.months] == [1, 2, 3, 4, 5, 6]
    for one in page.months:
        asked = tallies.Asked(one.period.from_on, one.period.to_on)
        cells = tallies.build_tally(
            office.session, actor=office.person("auditor"), today=office.today, asked=asked
        ).total.cells
        assert one.ended == cells[CellName.ENDED_TOTAL]
        assert one.received == cells[CellName.RECEIVED_ONLINE] + cells[CellName.RECEIVED_COUNTER_POST]
        assert one.received == size_of(office, one.period, SetName.RECEIVED_NEW)
    assert page.sectors.total.cells[CellName.ENDED_TOTAL] == 119
    assert page.ages is not None
    assert sum(page.ages.values()) == page.sectors.total.cells[CellName.PENDING_TOTAL] == 11
    for band, number in page.ages.items():
        assert number == size_of(office, HALF, band)
    assert page.times is not None
    assert sum(one.number for one in page.times) == 119
    for time in page.times:
        assert time.number == size_of(office, HALF, case_id=time.case_id)
        assert 0 <= time.median <= time.ninetieth
        if time.measure.unit is LimitUnit.WORKING_DAY and time.measure.most is not None:
            # None of them was late.
            assert time.ninetieth <= time.measure.most
    # A month is shown among the twelve up to it, and of a month cut elsewhere as the office cuts them.
    months = built(office, ReportPeriod(date(2024, 5, 15), date(2024, 6, 14))).months
    assert (len(months), months[0].period.from_on) == (12, date(2023, 6, 15))
    assert months[-1].period == ReportPeriod(date(2024, 5, 15), date(2024, 6, 14), "Tháng 06 năm 2024")
    assert [one.received for one in months[-6:]] == [one.received for one in page.months]


@pytest.fixture
def june(sqlite_office: Office) -> Office:
    """Five dossiers of 05 working days, one of which waited, and one of 25 days."""
    office = sqlite_office
    office.stand("03/06")
    codes = [office.receive(37) for _ in range(5)]
    days = office.receive(2)
    for code, day in zip(codes, ("04/06", "05/06", "06/06", "07/06"), strict=False):
        office.stand(day)
        office.act("resolve", code)
    office.stand("05/06 16:00")
    office.act("pause", codes[4])
    office.stand("10/06 08:00")
    office.act("resume", codes[4])
    office.stand("13/06 15:00")
    office.act("resolve", codes[4])
    office.act("resolve", days)
    return office


def test_times_are_counted_in_the_unit_of_the_limit_without_what_was_waited(june: Office) -> None:
    page = built(june, JUNE)
    assert page.times is not None
    by_days, by_working_days = sorted(page.times, key=lambda one: one.number)
    assert (by_days.measure.unit, by_days.measure.most, by_days.limit) == (LimitUnit.DAY, 25, "25 ngày")
    assert (by_days.median, by_days.ninetieth, by_days.few) == (10, 10, True)
    # 1, 2, 3, 4, and eight less the three (05, 06 and 07/06) at whose end the clock stood still.
    assert by_working_days.measure.most == 5
    assert (by_working_days.number, by_working_days.median, by_working_days.ninetieth) == (5, 3, 5)


def test_more_dossiers_take_no_more_statements(june: Office, counting: Callable[[Session], Any]) -> None:
    def statements() -> int:
        with counting(june.session) as sent:
            built(june, JUNE)
        return len(sent)

    before = statements()
    june.stand("13/06 16:00")
    for _ in range(6):
        code = june.receive(37)
        june.act("pause", code)
        june.act("resume", code)
        june.act("resolve", code)
    assert statements() == before


def test_each_table_is_exported_with_its_numbers(june: Office) -> None:
    page = built(june, JUNE)
    for name, (title, columns, rows_of, _) in charts.TABLES.items():
        content = charts.export(
            june.session, actor=june.person("reporter"), today=june.today, period=JUNE, name=name
        )
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        lines = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
        assert [title] in lines
        assert [column.title for column in columns] in lines
        told = [[getattr(cell, "date", lambda cell=cell: cell)() for cell in line] for line in lines]
        for row in rows_of(page):
            assert [cell for cell in row if cell != ""] in told, (name, row)
    with pytest.raises(NotFound):
        charts.export(june.session, actor=june.person("reporter"), today=june.today, period=JUNE, name="x")


def test_where_the_calendar_ends_the_rest_is_still_shown(sqlite_office: Office) -> None:
    office = sqlite_office
    office.stand("31/12/2027")
    page = built(office, ReportPeriod(date(2027, 12, 1), date(2027, 12, 31)))
    assert page.ages is None
    assert page.times == []
    assert len(page.months) == 12


def test_an_empty_office_has_empty_charts(sqlite_office: Office) -> None:
    page = built(sqlite_office, JUNE)
    assert page.ages == dict.fromkeys(Band, 0)
    assert page.times == []
    assert {one.received for one in page.months} == {0}


def test_what_there_is_not_is_refused(sqlite_office: Office) -> None:
    office = sqlite_office
    for asked in (SetAsked(JUNE), SetAsked(JUNE, case_id=10**6)):
        with pytest.raises(NotFound):
            dossier_sets.open_set(
                office.session, actor=office.person("auditor"), today=office.today, asked=asked
            )
    with pytest.raises(DomainError, match="chưa bắt đầu"):
        built(office, ReportPeriod(date(2024, 7, 1), date(2024, 7, 31)))
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    for call in (
        lambda: charts.build(office.session, actor=nobody, today=office.today, period=JUNE),
        lambda: dossier_sets.open_set(
            office.session, actor=nobody, today=office.today, asked=SetAsked(JUNE, SetName.HANDLED)
        ),
    ):
        with pytest.raises(NotAllowed):
            call()
