"""What certificates of investment add up to: a period, the standing total and the plan of its year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from tthc.db.queries import investment as queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable, Sum
from tthc.domain.amounts import show_amount, show_count
from tthc.domain.investment import (
    CELLS,
    Cell,
    CertificateKind,
    Figures,
    InvestmentOrigin,
    InvestmentTally,
    YearCut,
    compare,
    standing,
)
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import written_date
from tthc.domain.vocabulary import DomainError
from tthc.services import units
from tthc.services.investment_balances import opening_for, plan_of
from tthc.services.investment_views import InvestmentReport, PlanComparison, Standing
from tthc.services.transaction import begin_snapshot

TITLE = "KẾT QUẢ CẤP, ĐIỀU CHỈNH GIẤY CHỨNG NHẬN ĐĂNG KÝ ĐẦU TƯ"


def build_report(
    session: Session,
    *,
    actor: Actor,
    today: date,
    from_on: date,
    to_on: date,
    title: str = "",
    cut: YearCut = YearCut.OFFICIAL,
) -> InvestmentReport:
    """The certificates of a period, the standing total at its end, and the plan of the year of its end.

    A period that goes on counts to ``today``. Raises :class:`DomainError` for one that has not begun.
    """
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    period = ReportPeriod(from_on, to_on, title)
    if from_on > today:
        raise DomainError("Kỳ báo cáo chưa bắt đầu; chọn kỳ có ngày bắt đầu không sau hôm nay.", "from_on")
    at_on = min(to_on, today)
    unlinked = queries.conditions(actor.unit_id, from_on=from_on, to_on=at_on, unlinked=True)
    return InvestmentReport(
        period=period,
        tally=tally_of(session, actor.unit_id, period, at_on=at_on),
        standing=_standing(session, actor, at_on),
        plan=_plan(session, actor, at_on, cut),
        missing=queries.count_missing(session, queries.missing(actor.unit_id, from_on, at_on)),
        unlinked=queries.total(session, unlinked).count,
    )


def tally_of(session: Session, unit_id: int, period: ReportPeriod, *, at_on: date) -> InvestmentTally:
    """The certificates of a period up to ``at_on``, within the caller's transaction: what a report keeps."""
    return InvestmentTally(period, at_on, _cells(session, unit_id, period.from_on, at_on))


def write_report(session: Session, *, actor: Actor, today: date, report: InvestmentReport) -> bytes:
    """The table of a report as an XLSX file."""
    return spreadsheet.write_table(report_table(session, actor=actor, today=today, report=report))


def report_table(session: Session, *, actor: Actor, today: date, report: InvestmentReport) -> ReportTable:
    """The certificates of a period by origin and kind, for a sheet of its own or as an annex of a report.

    The sums are sums of the lines above them, so that a sheet shows them as formulas.
    """
    actor.require(Action.VIEW_TALLIES)
    unit = units.header(session, report.period.to_on, actor.unit_id)
    rows: list[Sequence[object]] = []
    heads: list[int] = []
    for number, origin in zip(("I", "II"), InvestmentOrigin, strict=True):
        head = len(rows)
        heads.append(head)
        parts = [head + place for place, _ in enumerate(CertificateKind, start=1)]
        rows.append([number, origin.label, *_sums(report.tally.of(origin), parts)])
        for place, kind in enumerate(CertificateKind, start=1):
            one = report.tally.of(origin, kind)
            rows.append([f"{place}", kind.label, one.count, one.usd, one.vnd])
    period = report.period
    return ReportTable(
        title=TITLE,
        subtitle=(f"{period.title} " if period.title else "")
        + f"(từ ngày {period.from_on:%d/%m/%Y} đến ngày {period.to_on:%d/%m/%Y})",
        columns=[
            Column("no", "STT", width=6),
            Column("what", "Nội dung", width=44),
            Column("count", "Số Giấy chứng nhận", "number", 16),
            Column("usd", "Triệu USD", "amount", 18, group="Vốn đăng ký"),
            Column("vnd", "Tỷ đồng", "amount", 18, group="Vốn đăng ký"),
        ],
        rows=rows,
        total=["", "TỔNG CỘNG", *_sums(report.tally.of(), heads)],
        notes=_notes(report),
        header_left=[name for name in (unit.superior, unit.name) if name],
        header_right=[f"{unit.place}, {written_date(today)}"],
        signers=["Người lập biểu", "Thủ trưởng đơn vị"],
    )


def _sums(figures: Figures, rows: Sequence[int]) -> list[Sum]:
    return [Sum(figures.count, rows), Sum(figures.usd, rows), Sum(figures.vnd, rows)]


def _notes(report: InvestmentReport) -> list[str]:
    notes = []
    if report.tally.at_on < report.period.to_on:
        notes.append(f"Kỳ báo cáo chưa kết thúc; số liệu tính đến hết ngày {report.tally.at_on:%d/%m/%Y}.")
    if report.standing.lines:
        *parts, whole = report.standing.lines
        told = "; ".join(f"{one.origin}: {_told(one.total.projects, one.total.vnd)}" for one in parts)
        notes.append(
            f"Lũy kế đến hết ngày {report.standing.at_on:%d/%m/%Y}: "
            f"{_told(whole.total.projects, whole.total.vnd)} ({told})."
        )
    return notes


def _told(projects: int, vnd: Decimal) -> str:
    return f"{show_count(projects)} dự án, {show_amount(vnd)} tỷ đồng"


def _cells(session: Session, unit_id: int, from_on: date, to_on: date) -> dict[Cell, Figures]:
    where = queries.conditions(unit_id, from_on=from_on, to_on=to_on)
    return dict.fromkeys(CELLS, Figures()) | queries.cells(session, where)


def _standing(session: Session, actor: Actor, at_on: date) -> Standing:
    opening = opening_for(session, actor.unit_id, at_on)
    if opening is None:
        return Standing(at_on, None, ())
    since = _cells(session, actor.unit_id, opening.on + timedelta(days=1), at_on)
    return Standing(at_on, opening.on, standing(opening, since))


def _plan(session: Session, actor: Actor, at_on: date, cut: YearCut) -> PlanComparison:
    year = cut.year_of(at_on)
    from_on = cut.period(year).from_on
    plan, basis = plan_of(session, actor.unit_id, year)
    done = _cells(session, actor.unit_id, from_on, at_on)
    return PlanComparison(year, from_on, at_on, basis, compare(plan, done) if plan else ())
