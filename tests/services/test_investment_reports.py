"""What certificates add up to: periods, the standing total from opening balances, the plan of the year."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from tests.investment_files import (
    DDI,
    FDI,
    FROM,
    MORE,
    NOW,
    OTHER,
    TO,
    Taker,
    certificate,
    content_of,
    half_year,
)
from tests.services.test_investment import Book
from tthc.domain.investment import (
    CELLS,
    CertificateKind,
    Figures,
    InvestmentOrigin,
    InvestmentRefused,
    Measure,
    PlanScope,
    Stock,
    YearCut,
    count,
)
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, investment_balances, investment_entries, investment_files, investment_reports
from tthc.services.investment import CertificateFilter
from tthc.services.investment_views import InvestmentReport
from tthc.services.transaction import StaleVersion, transaction

EVE = date(2023, 12, 14)
#: The published standing total of June 2024 less what the half-year brought.
OPENING = {
    "fdi_projects": Decimal(83),
    "fdi_vnd": Decimal("52727.16"),
    "ddi_projects": Decimal(248),
    "ddi_vnd": Decimal("87607.64"),
}


def report(session: Session, actor: Actor, **more: Any) -> InvestmentReport:
    arguments: dict[str, Any] = {"today": TO, "from_on": FROM, "to_on": TO}
    return investment_reports.build_report(session, actor=actor, **{**arguments, **more})


def open_with(
    session: Session, actor: Actor, on: date = EVE, basis: str = "Báo cáo năm 2023", **figures: Decimal | None
) -> None:
    seen = investment_balances.draft_opening(session, actor=actor, on=on).seen
    wanted = {name: amount for name, amount in {**OPENING, **figures}.items() if amount is not None}
    investment_balances.save_opening(
        session, now=NOW, actor=actor, on=on, figures=wanted, basis=basis, seen=seen
    )


def plan_for(
    session: Session, actor: Actor, year: int = 2024, basis: str = "KH 01", **figures: Decimal
) -> None:
    seen = investment_balances.draft_plan(session, actor=actor, year=year).seen
    investment_balances.save_plan(
        session, now=NOW, actor=actor, year=year, figures=figures, basis=basis, seen=seen
    )


@pytest.fixture
def half(session: Session, reporter: Actor) -> Session:
    """The published half-year with its opening balance, on both databases."""
    Taker(session, reporter)(content=half_year())
    open_with(session, reporter)
    return session


# --- the period ---------------------------------------------------------------------------------------


def test_the_published_figures(half: Session, auditor: Actor) -> None:
    """30 certificates, 3,922.11 billion; June 2024: 344 projects, 144,256.91 = 88,055.17 + 56,201.74."""
    seen = report(half, auditor)
    assert seen.tally.of() == Figures(30, Decimal(151), Decimal("3922.11"))
    fdi, ddi, both = seen.standing.lines
    assert (fdi.origin, fdi.total) == (FDI, Stock(94, Decimal("56201.74")))
    assert (ddi.origin, ddi.total) == (DDI, Stock(250, Decimal("88055.17")))
    assert both.total == Stock(344, Decimal("144256.91"))
    assert both.added == Stock(13, Decimal("3922.11"), Decimal(151))
    assert seen.standing.opening_on == EVE
    assert (seen.missing, seen.unlinked) == (0, 30)


def test_every_number_is_the_size_of_its_list(half: Session, reporter: Actor) -> None:
    seen = report(half, reporter)
    book = Book(half, reporter)
    for origin in (None, *InvestmentOrigin):
        for kind in (None, *CertificateKind):
            listed = book.listed(from_on=FROM, to_on=TO, origin=origin, kind=kind)
            assert listed.total == seen.tally.of(origin, kind)
            assert listed.page.total == len(listed.page.rows) == seen.tally.of(origin, kind).count


def test_the_months_add_up_to_the_half_year(half: Session, reporter: Actor) -> None:
    cuts = [FROM, *(date(2024, month, 15) for month in range(1, 6)), TO + timedelta(days=1)]
    months = [
        report(half, reporter, from_on=first, to_on=after - timedelta(days=1)).tally
        for first, after in pairwise(cuts)
    ]
    whole = report(half, reporter).tally
    for cell in CELLS:
        assert sum((month.cells[cell] for month in months), Figures()) == whole.cells[cell]


def test_the_database_counts_as_the_domain_does(session: Session, reporter: Actor) -> None:
    """Any entries, cancelled ones left out: what is added up in SQL is what is added up by hand."""
    chance = random.Random(20240614)
    kept = []
    with transaction(session):
        for number in range(300):
            kind = chance.choice([*CertificateKind])
            amount = Decimal(chance.randint(1, 10**7)) / 10 ** chance.randint(0, 9)
            one = certificate(
                number,
                kind=kind,
                origin=chance.choice([*InvestmentOrigin]),
                issued_on=FROM + timedelta(days=chance.randint(-30, 200)),
                usd=chance.choice([None, amount]),
                vnd=None if kind is OTHER and number % 3 else -amount if kind is OTHER else amount,
            )
            row = investment_entries.enter(session, now=NOW, actor=reporter, certificate=one, dossier_id=None)
            if number % 7 == 0:
                investment_entries.cancel(session, now=NOW, actor=reporter, row=row, reason="thử")
            else:
                kept.append(one)
    for from_on, to_on in ((FROM, TO), (date(2023, 1, 1), date(2024, 12, 31)), (TO, TO)):
        tally = report(session, reporter, from_on=from_on, to_on=to_on, today=date(2025, 1, 1)).tally
        assert tally.cells == count(one for one in kept if from_on <= one.issued_on <= to_on)


def test_a_period_that_goes_on_counts_to_today(half: Session, reporter: Actor) -> None:
    on = date(2024, 2, 19)
    seen = report(half, reporter, today=on)
    assert (seen.tally.at_on, seen.standing.at_on) == (on, on)
    assert seen.tally.of().count == 11
    with pytest.raises(DomainError, match="chưa bắt đầu") as refusal:
        report(half, reporter, from_on=date(2024, 6, 15), to_on=date(2024, 12, 14))
    assert refusal.value.field == "from_on"


def test_a_report_takes_few_queries(half: Session, reporter: Actor, counting: Any) -> None:
    plan_for(half, reporter, fdi_vnd=Decimal(1))
    with counting(half) as first:
        report(half, reporter)
    for number in range(1, 20):
        Book(half, reporter).record(900 + number)
        open_with(half, reporter, on=EVE + timedelta(days=number))
    with counting(half) as later:
        report(half, reporter)
    assert len(later) == len(first) < 12


# --- opening balances ---------------------------------------------------------------------------------


def test_without_a_balance_there_is_no_standing_total(half: Session, reporter: Actor) -> None:
    before = report(half, reporter, from_on=date(2023, 11, 15), to_on=EVE - timedelta(days=1))
    assert (before.standing.opening_on, list(before.standing.lines)) == (None, [])
    on_the_day = report(half, reporter, from_on=EVE, to_on=EVE).standing.lines
    assert on_the_day[2].total == Stock(331, Decimal("140334.80"))


def test_a_newer_balance_goes_before_and_is_compared_with_the_older(half: Session, reporter: Actor) -> None:
    """Nine projects were closed: no certificate tells of that, so a new balance does."""
    closed = {"ddi_projects": Decimal(241), "fdi_usd": Decimal(3000), "ddi_usd": Decimal(0)}
    open_with(
        half, reporter, on=date(2024, 6, 7), fdi_projects=Decimal(94), fdi_vnd=Decimal("56201.74"), **closed
    )
    seen = report(half, reporter)
    assert seen.standing.opening_on == date(2024, 6, 7)
    assert seen.standing.lines[2].total == Stock(335, Decimal("143809.38"), Decimal(3000))
    newer, older = investment_balances.list_openings(half, actor=reporter)
    assert older.expected is None
    assert newer.expected is not None
    assert newer.expected[FDI] == Stock(94, Decimal("56201.74"))
    assert newer.expected[DDI] == Stock(250, Decimal("88055.17"))


def test_a_balance_is_changed_with_its_basis_and_the_chain_tells(half: Session, reporter: Actor) -> None:
    open_with(half, reporter, ddi_projects=Decimal(250), ddi_usd=Decimal(12), basis="Báo cáo đính chính")
    assert report(half, reporter).standing.lines[2].total.projects == 346
    changed, entered = investment_balances.opening_notes(half, actor=reporter)
    assert (changed.what, changed.by, changed.basis) == (
        "14/12/2023",
        "Cán bộ tổng hợp 01",
        "Báo cáo đính chính",
    )
    assert changed.differences == [
        ("DDI, số dự án", "248", "250"),
        ("DDI, vốn đăng ký (triệu USD)", "–", "12,00"),
    ]
    assert ("FDI, vốn đăng ký (tỷ đồng)", "–", "52.727,16") in entered.differences
    assert not audit.verify(half, 1).wrong


def test_a_balance_that_was_entered_for_the_wrong_day_is_taken_away(half: Session, reporter: Actor) -> None:
    draft = investment_balances.draft_opening(half, actor=reporter, on=EVE)
    assert draft.figures == OPENING
    investment_balances.save_opening(
        half, now=NOW, actor=reporter, on=EVE, figures={}, basis="Nhập nhầm ngày", seen=draft.seen
    )
    assert investment_balances.list_openings(half, actor=reporter) == []
    assert report(half, reporter).standing.lines == ()
    assert len(investment_balances.opening_notes(half, actor=reporter)) == 2


@pytest.mark.parametrize(
    ("figures", "fields"),
    [
        ({"fdi_projects": None}, {"fdi_projects"}),
        ({"fdi_vnd": None, "ddi_vnd": None}, {"fdi_vnd", "ddi_vnd"}),
        ({"fdi_projects": Decimal("1.5")}, {"fdi_projects"}),
        ({"ddi_vnd": Decimal(-1), "ddi_usd": Decimal(-1)}, {"ddi_vnd", "ddi_usd"}),
    ],
)
def test_figures_that_are_no_balance(
    sqlite_session: Session, reporter: Actor, figures: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(InvestmentRefused) as refusal:
        open_with(sqlite_session, reporter, **figures)
    assert {fault.field for fault in refusal.value.faults} == fields
    assert content_of(sqlite_session)["opening_balance"] == []


def test_what_a_balance_needs(sqlite_session: Session, reporter: Actor) -> None:
    for on in (TO + timedelta(days=1), date(1987, 1, 1)):
        with pytest.raises(DomainError) as refusal:
            open_with(sqlite_session, reporter, on=on)
        assert refusal.value.field == "on"
    for basis in (" ", "x" * 501):
        with pytest.raises(DomainError) as refusal:
            open_with(sqlite_session, reporter, basis=basis)
        assert refusal.value.field == "basis"
    open_with(sqlite_session, reporter)
    with pytest.raises(DomainError, match="Chưa có nội dung nào được sửa"):
        open_with(sqlite_session, reporter)
    blank = investment_balances.draft_opening(sqlite_session, actor=reporter, on=None).seen
    assert blank == investment_balances.BLANK
    for seen, refusal_kind in (("cũ", StaleVersion), (blank, DomainError)):
        with pytest.raises(refusal_kind):
            investment_balances.save_opening(
                sqlite_session, now=NOW, actor=reporter, on=EVE, figures=OPENING, basis="Khác", seen=seen
            )


# --- the plan -----------------------------------------------------------------------------------------


def test_the_plan_of_the_year_and_the_share_done(half: Session, reporter: Actor) -> None:
    plan_for(
        half,
        reporter,
        fdi_usd=Decimal(302),
        fdi_vnd=Decimal("6949.16"),
        ddi_vnd=Decimal("895.06"),
        all_projects=Decimal(26),
    )
    seen = report(half, reporter).plan
    assert (seen.year, seen.from_on, seen.at_on, seen.basis) == (2024, FROM, TO, "KH 01")
    lines = {(line.scope, line.measure): (line.done, line.share) for line in seen.lines}
    assert lines == {
        (PlanScope.ALL, Measure.PROJECTS): (13, 0.5),
        (PlanScope.FDI, Measure.USD): (151, 0.5),
        (PlanScope.FDI, Measure.VND): (Decimal("3474.58"), 0.5),
        (PlanScope.DDI, Measure.VND): (Decimal("447.53"), 0.5),
        (PlanScope.ALL, Measure.VND): (Decimal("3922.11"), 0.5),
    }


def test_the_year_is_cut_as_the_period_is(half: Session, reporter: Actor) -> None:
    plan_for(half, reporter, all_projects=Decimal(13))
    calendar = report(half, reporter, cut=YearCut.CALENDAR).plan
    assert (calendar.from_on, calendar.lines[0].done) == (date(2024, 1, 1), 13)
    last = report(half, reporter, from_on=FROM, to_on=date(2023, 12, 31), cut=YearCut.CALENDAR).plan
    assert (last.year, list(last.lines)) == (2023, [])


def test_a_plan_is_changed_and_taken_away(half: Session, reporter: Actor) -> None:
    plan_for(half, reporter, fdi_vnd=Decimal(10))
    plan_for(half, reporter, fdi_vnd=Decimal(12), basis="KH 02")
    assert investment_balances.draft_plan(half, actor=reporter, year=2024).figures == {"fdi_vnd": Decimal(12)}
    plan_for(half, reporter, basis="Bỏ chỉ tiêu")
    assert report(half, reporter).plan.lines == ()
    gone, changed, entered = investment_balances.plan_notes(half, actor=reporter)
    assert gone.differences == [("FDI, vốn đăng ký (tỷ đồng)", "12,00", "–")]
    assert changed.differences == [("FDI, vốn đăng ký (tỷ đồng)", "10,00", "12,00")]
    assert (entered.what, entered.basis) == ("năm 2024", "KH 01")


def test_what_a_plan_needs(sqlite_session: Session, reporter: Actor) -> None:
    for year, figures, field in (
        (2013, {"fdi_vnd": Decimal(1)}, "year"),
        (2030, {"fdi_vnd": Decimal(1)}, "year"),
        (2024, {}, "fdi_vnd"),
        (2024, {"all_vnd": Decimal(-1)}, "all_vnd"),
    ):
        with pytest.raises(DomainError) as refusal:
            plan_for(sqlite_session, reporter, year, **figures)
        assert refusal.value.field == field
    with pytest.raises(DomainError) as refusal:
        plan_for(sqlite_session, reporter, basis="", fdi_vnd=Decimal(1))
    assert refusal.value.field == "basis"
    assert content_of(sqlite_session)["investment_plan"] == []


@pytest.mark.parametrize("name", ["clerk", "officer", "supervisor", "auditor"])
def test_who_may_not_plan(sqlite_session: Session, actor: Callable[[str], Actor], name: str) -> None:
    with pytest.raises(NotAllowed):
        open_with(sqlite_session, actor(name))
    with pytest.raises(NotAllowed):
        plan_for(sqlite_session, actor(name), fdi_vnd=Decimal(1))
    assert report(sqlite_session, actor(name)).tally.of() == Figures()


# --- files --------------------------------------------------------------------------------------------


def sheet_of(content: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values).worksheets[0]


def test_the_table_of_the_half_year(half: Session, reporter: Actor) -> None:
    content = investment_reports.write_report(
        half, actor=reporter, today=TO, report=report(half, reporter, title="6 tháng đầu năm 2024")
    )
    values, formulas = (sheet_of(content, values=one) for one in (True, False))
    rows = {row[1].value: row for row in values.iter_rows() if isinstance(row[1].value, str)}
    assert [cell.value for cell in rows["Đầu tư nước ngoài (FDI)"]] == [
        "I",
        "Đầu tư nước ngoài (FDI)",
        24,
        151,
        3474.58,
    ]
    assert [cell.value for cell in rows["Đầu tư trong nước (DDI)"]][2:] == [6, 0, 447.53]
    total = rows["TỔNG CỘNG"]
    assert [cell.value for cell in total][2:] == [30, 151, 3922.11]
    fdi, ddi = (rows[label][2] for label in ("Đầu tư nước ngoài (FDI)", "Đầu tư trong nước (DDI)"))
    assert formulas[fdi.coordinate].value == f"=SUM(C{fdi.row + 1}:C{fdi.row + 3})"
    assert formulas[total[4].coordinate].value == f"=E{fdi.row}+E{ddi.row}"
    assert values[total[4].coordinate].number_format == "#,##0.00#######"
    texts = [cell.value for row in values.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến ngày 14/06/2024)" in texts
    assert (
        "Lũy kế đến hết ngày 14/06/2024: 344 dự án, 144.256,91 tỷ đồng (FDI: 94 dự án, 56.201,74 tỷ đồng; "
        "DDI: 250 dự án, 88.055,17 tỷ đồng)." in texts
    )


def test_the_list_as_a_sheet(half: Session, reporter: Actor) -> None:
    content = investment_files.export_list(
        half, actor=reporter, criteria=CertificateFilter(origin=FDI, from_on=FROM, to_on=TO), format="xlsx"
    )
    values, formulas = (sheet_of(content, values=one) for one in (True, False))
    [total] = [row for row in values.iter_rows() if row[1].value == "TỔNG CỘNG"]
    assert [total[5].value, total[6].value] == [151, 3474.58]
    assert formulas[total[6].coordinate].value == f"=SUM(G{total[0].row - 24}:G{total[0].row - 1})"
    assert values.cell(total[0].row - 1, 2).value == "GCN-017"


def test_lists_without_rows_and_other_formats(sqlite_session: Session, reporter: Actor) -> None:
    criteria = CertificateFilter(kind=MORE)
    for kind in ("csv", "xlsx"):
        assert investment_files.export_list(sqlite_session, actor=reporter, criteria=criteria, format=kind)
    with pytest.raises(DomainError):
        investment_files.export_list(sqlite_session, actor=reporter, criteria=criteria, format="pdf")
