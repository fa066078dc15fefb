"""Certificates of investment: what they may say, and what they add up to."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.investment import (
    CELLS,
    FIGURES,
    Certificate,
    CertificateKind,
    Figures,
    InvestmentOrigin,
    InvestmentRefused,
    Measure,
    Opening,
    PlanScope,
    Stock,
    YearCut,
    add_up,
    brought,
    check_plan,
    checked,
    compare,
    count,
    figure_name,
    gives_certificate,
    planned,
    standing,
    usual_kind,
)
from tthc.resources import seeds_folder

FDI, DDI = InvestmentOrigin
NEW, MORE, OTHER = CertificateKind
TODAY = date(2024, 6, 14)
ONE = Certificate("GCN-001", NEW, FDI, date(2024, 1, 22), Decimal("9.22"), Decimal("244.59"))

amounts = st.none() | st.decimals(min_value=-10_000, max_value=1_000_000, places=4)
certificates = st.lists(
    st.builds(
        Certificate,
        number=st.text(min_size=1, max_size=8),
        kind=st.sampled_from(CertificateKind),
        origin=st.sampled_from(InvestmentOrigin),
        issued_on=st.dates(date(2020, 1, 1), TODAY),
        usd=amounts,
        vnd=amounts,
    ),
    max_size=40,
)


def half_year() -> list[Certificate]:
    """The published half-year, row by row."""
    with (seeds_folder() / "investment-2024-h1.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            Certificate(
                row["certificate_no"],
                CertificateKind(row["kind"]),
                InvestmentOrigin(row["origin"]),
                date.fromisoformat(row["issued_on"]),
                Decimal(row["capital_usd_million"]) if row["capital_usd_million"] else None,
                Decimal(row["capital_vnd_billion"]) if row["capital_vnd_billion"] else None,
            )
            for row in csv.DictReader(file)
        ]


# --- the published figures ----------------------------------------------------------------------------


def test_the_published_half_year() -> None:
    """30 = FDI 24 (11 + 4 + 9) + DDI 6 (2 + 2 + 2); 151 M USD; 3,474.58 + 447.53 = 3,922.11 billion đồng."""
    cells = count(half_year())
    assert [cells[cell].count for cell in CELLS] == [11, 4, 9, 2, 2, 2]
    assert (cells[FDI, NEW].usd, cells[FDI, MORE].usd, cells[FDI, OTHER].usd) == (107, 44, 0)
    assert add_up(cells, FDI) == Figures(24, Decimal(151), Decimal("3474.58"))
    assert add_up(cells, DDI) == Figures(6, Decimal(0), Decimal("447.53"))
    assert add_up(cells) == Figures(30, Decimal(151), Decimal("3922.11"))


def test_the_published_standing_total() -> None:
    """344 projects, 144,256.91 billion = 250 DDI 88,055.17 + 94 FDI 56,201.74."""
    opening = Opening(
        date(2023, 12, 14),
        {FDI: Stock(83, Decimal("52727.16")), DDI: Stock(248, Decimal("87607.64"))},
    )
    fdi, ddi, both = standing(opening, count(half_year()))
    assert (fdi.origin, fdi.total) == (FDI, Stock(94, Decimal("56201.74")))
    assert (ddi.origin, ddi.total) == (DDI, Stock(250, Decimal("88055.17")))
    assert (both.origin, both.total) == (None, Stock(344, Decimal("144256.91")))


# --- counting -----------------------------------------------------------------------------------------


@given(certificates)
def test_every_total_is_the_sum_of_its_parts(many: list[Certificate]) -> None:
    cells = count(many)
    assert set(cells) == set(CELLS)
    for origin in InvestmentOrigin:
        assert add_up(cells, origin) == sum((cells[origin, kind] for kind in CertificateKind), Figures())
    for kind in CertificateKind:
        assert add_up(cells, kind=kind) == cells[FDI, kind] + cells[DDI, kind]
    assert add_up(cells) == add_up(cells, FDI) + add_up(cells, DDI)
    assert add_up(cells).count == len(many)
    assert add_up(cells).vnd == sum((one.vnd for one in many if one.vnd is not None), Decimal(0))
    assert add_up(cells).usd == sum((one.usd for one in many if one.usd is not None), Decimal(0))


@given(certificates, st.dates(date(2020, 1, 1), TODAY))
def test_two_periods_that_meet_add_up_to_the_whole(many: list[Certificate], cut: date) -> None:
    before = count(one for one in many if one.issued_on <= cut)
    after = count(one for one in many if one.issued_on > cut)
    assert count(many) == {cell: before[cell] + after[cell] for cell in CELLS}


@given(certificates, st.permutations(range(40)))
def test_the_order_of_entries_does_not_matter(many: list[Certificate], order: list[int]) -> None:
    shuffled = [many[place] for place in order if place < len(many)]
    assert count(shuffled) == count(many)


@given(certificates, certificates)
def test_a_standing_total_goes_on_from_any_day(first: list[Certificate], second: list[Certificate]) -> None:
    """What a day stands at is an opening balance for what follows."""
    opening = Opening(date(2019, 12, 31), {FDI: Stock(3, Decimal(10), Decimal(1)), DDI: Stock(5, Decimal(7))})
    on_the_way = standing(opening, count(first))
    between = Opening(TODAY, {line.origin: line.total for line in on_the_way if line.origin})
    at_once = standing(opening, count([*first, *second]))
    assert [line.total for line in standing(between, count(second))] == [line.total for line in at_once]
    *parts, whole = at_once
    assert whole.total.projects == sum(line.total.projects for line in parts)
    assert whole.total.vnd == sum(line.total.vnd for line in parts)


def test_only_a_new_certificate_adds_a_project_and_every_kind_its_capital() -> None:
    cells = count(
        [
            ONE,
            replace(ONE, kind=MORE, vnd=Decimal(10), usd=None),
            replace(ONE, kind=OTHER, vnd=Decimal("-4.5"), usd=None),
        ]
    )
    assert brought(cells, FDI) == Stock(1, Decimal("250.09"), Decimal("9.22"))
    assert brought(cells, DDI) == Stock(0, Decimal(0), Decimal(0))


def test_capital_in_dollars_that_nobody_knows_stays_unknown() -> None:
    opening = Opening(TODAY, {FDI: Stock(1, Decimal(1), Decimal(5)), DDI: Stock(1, Decimal(1), None)})
    fdi, ddi, both = standing(opening, count([ONE]))
    assert fdi.total.usd == Decimal("14.22")
    assert ddi.total.usd is None
    assert both.total.usd is None
    assert (fdi.total - fdi.opening) == fdi.added


# --- one certificate ----------------------------------------------------------------------------------


def refused(one: Certificate) -> dict[str | None, str]:
    with pytest.raises(InvestmentRefused) as refusal:
        checked(one, TODAY)
    return {fault.field: fault.message for fault in refusal.value.faults}


def test_clean_text() -> None:
    untidy = replace(ONE, number="  GCN-001\u00a0 ", project="Nhà máy\n sợi  ", note=" ghi chú ")
    assert checked(untidy, TODAY) == replace(ONE, project="Nhà máy sợi", note="ghi chú")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = replace(ONE, number=" ", vnd=None, usd=Decimal(0), issued_on=TODAY + timedelta(days=1))
    assert refused(wrong).keys() == {"number", "vnd", "usd", "issued_on"}


@pytest.mark.parametrize("kind", [NEW, MORE])
def test_a_project_and_an_increase_bring_capital(kind: CertificateKind) -> None:
    assert "cấp mới" in refused(replace(ONE, vnd=None))["vnd"]
    for amount in (Decimal(0), Decimal(-1)):
        assert refused(replace(ONE, kind=kind, vnd=amount)).keys() == {"vnd"}
        assert refused(replace(ONE, kind=kind, usd=amount)).keys() == {"usd"}
    assert checked(replace(ONE, kind=kind, usd=None), TODAY).usd is None


def test_another_adjustment_may_bring_nothing_or_take_away() -> None:
    for vnd in (None, Decimal(0), Decimal(-250)):
        assert checked(replace(ONE, kind=OTHER, vnd=vnd, usd=None), TODAY).vnd == vnd


def test_the_day_of_issue() -> None:
    assert checked(replace(ONE, issued_on=TODAY), TODAY)
    assert "sau hôm nay" in refused(replace(ONE, issued_on=date(2024, 6, 15)))["issued_on"]
    assert "1988" in refused(replace(ONE, issued_on=date(1987, 12, 31)))["issued_on"]


def test_lengths() -> None:
    long = replace(ONE, number="1" * 33, project="x" * 301, note="y" * 2001)
    assert refused(long).keys() == {"number", "project", "note"}


# --- procedures ---------------------------------------------------------------------------------------


def test_which_seeded_procedures_always_give_a_certificate() -> None:
    with (seeds_folder() / "procedures.csv").open(encoding="utf-8", newline="") as file:
        rows = [(int(row["no"]), row["name"]) for row in csv.DictReader(file)]
    assert [(no, usual_kind(name)) for no, name in rows if gives_certificate(name)] == [
        (4, NEW),
        (7, None),
        (15, None),
        (19, OTHER),
        (20, OTHER),
    ]
    assert usual_kind("Đăng ký nội quy lao động của doanh nghiệp") is None


# --- the plan -----------------------------------------------------------------------------------------


def test_the_plan_beside_what_was_done() -> None:
    plan = {
        (PlanScope.FDI, Measure.USD): Decimal(302),
        (PlanScope.FDI, Measure.VND): Decimal(6000),
        (PlanScope.DDI, Measure.VND): Decimal(4000),
        (PlanScope.ALL, Measure.PROJECTS): Decimal(26),
        (PlanScope.DDI, Measure.USD): Decimal(0),
    }
    lines = {(line.scope, line.measure): line for line in compare(plan, count(half_year()))}
    assert lines[PlanScope.ALL, Measure.PROJECTS].share == 0.5
    assert lines[PlanScope.FDI, Measure.USD].share == 0.5
    assert lines[PlanScope.DDI, Measure.USD].share is None
    total = lines[PlanScope.ALL, Measure.VND]
    assert (total.planned, total.done) == (10_000, Decimal("3922.11"))
    assert total.share == pytest.approx(0.392211)
    assert (PlanScope.FDI, Measure.PROJECTS) not in lines


def test_a_total_of_the_plan_must_be_the_sum_of_its_parts() -> None:
    plan = {
        (PlanScope.FDI, Measure.VND): Decimal(6),
        (PlanScope.DDI, Measure.VND): Decimal(4),
        (PlanScope.ALL, Measure.VND): Decimal(11),
        (PlanScope.FDI, Measure.USD): Decimal(-1),
        (PlanScope.FDI, Measure.PROJECTS): Decimal("1.5"),
    }
    with pytest.raises(InvestmentRefused) as refusal:
        check_plan(plan)
    assert [fault.field for fault in refusal.value.faults] == ["fdi_usd", "fdi_projects", "all_vnd"]
    check_plan({(PlanScope.ALL, Measure.VND): Decimal(11), (PlanScope.FDI, Measure.VND): Decimal(6)})


def test_a_total_that_was_not_planned() -> None:
    plan = {(PlanScope.FDI, Measure.VND): Decimal(6), (PlanScope.DDI, Measure.VND): Decimal(4)}
    assert planned(plan, PlanScope.ALL, Measure.VND) == 10
    assert planned(plan, PlanScope.ALL, Measure.USD) is None
    assert planned(plan, PlanScope.FDI, Measure.USD) is None


def test_names_of_figures() -> None:
    assert figure_name(FDI, Measure.VND) == figure_name(PlanScope.FDI, Measure.VND) == "fdi_vnd"
    assert FIGURES["all_projects"] == (PlanScope.ALL, Measure.PROJECTS)
    assert len(FIGURES) == 9


@pytest.mark.parametrize(
    ("on", "official", "calendar"),
    [
        (date(2023, 12, 14), 2023, 2023),
        (date(2023, 12, 15), 2024, 2023),
        (date(2024, 6, 14), 2024, 2024),
        (date(2024, 12, 31), 2025, 2024),
    ],
)
def test_the_year_of_a_plan(on: date, official: int, calendar: int) -> None:
    assert YearCut.OFFICIAL.year_of(on) == official
    assert YearCut.CALENDAR.year_of(on) == calendar
    for cut in YearCut:
        period = cut.period(cut.year_of(on))
        assert period.from_on <= on <= period.to_on


def test_the_year_is_cut_like_the_period_that_was_chosen() -> None:
    assert YearCut.of_preset("lich-quy-1") is YearCut.CALENDAR
    assert YearCut.of_preset("bc-quy-1") is YearCut.OFFICIAL
    assert YearCut.of_preset(None) is YearCut.OFFICIAL
