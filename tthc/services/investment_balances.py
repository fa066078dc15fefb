"""Opening balances and yearly plans of investment: entered from papers, changed with a basis, all audited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import InvestmentPlan, OpeningBalance
from tthc.db.queries import audit as audit_queries
from tthc.db.queries import investment as queries
from tthc.db.queries import rules
from tthc.domain.amounts import plain_amount, show_amount, show_count
from tthc.domain.investment import (
    FIGURES,
    FIRST_DAY,
    Cell,
    InvestmentOrigin,
    InvestmentRefused,
    Measure,
    Opening,
    Plan,
    PlanScope,
    Stock,
    brought,
    check_plan,
    figure_name,
)
from tthc.domain.investment import Figures as Sums
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.transaction import StaleVersion, transaction
from tthc.services.views import PAGE_SIZE
from tthc.services.worklists import office_day

#: How the figures of our balances are named among all opening balances of the unit.
_PREFIX = "investment."
_SET_OPENING, _SET_PLAN = "set_investment_opening", "set_investment_plan"
_BASIS_LENGTH = 500
#: The years for which a plan may be made, before and after the present one.
_YEARS_BACK, _YEARS_AHEAD = 10, 5

#: A figure by its name, such as ``fdi_vnd``: so forms and the audit chain call it as well.
Figures = Mapping[str, Decimal]


@dataclass(frozen=True)
class OpeningView:
    """A balance; ``expected``: what the one before and the certificates in between add up to."""

    opening: Opening
    expected: Mapping[InvestmentOrigin, Stock] | None


@dataclass(frozen=True)
class EntryNote:
    """An entry as the audit chain has it; ``differences`` are (what, before, after)."""

    what: str
    at: datetime
    by: str
    basis: str
    differences: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Draft:
    """With what a form begins; ``seen`` stands for what is on record and is handed back."""

    figures: Figures
    basis: str
    seen: str


# --- opening balances ---------------------------------------------------------------------------------


def list_openings(session: Session, *, actor: Actor) -> Sequence[OpeningView]:
    """Every balance, newest first, beside what it should be by the one before it."""
    actor.require(Action.VIEW_TALLIES)
    found = _openings(session, actor.unit_id)
    since = queries.cells_since(session, actor.unit_id, _PREFIX)
    return [
        OpeningView(opening, _expected(before, since.get(before.on, {})) if before else None)
        for opening, before in zip(found, [*found[1:], None], strict=False)
    ]


def _expected(before: Opening, since: Mapping[Cell, Sums]) -> dict[InvestmentOrigin, Stock]:
    return {origin: before.stocks[origin] + brought(since, origin) for origin in InvestmentOrigin}


def opening_for(session: Session, unit_id: int, on: date) -> Opening | None:
    """The newest balance of a day or of one before it."""
    return next((one for one in _openings(session, unit_id) if one.on <= on), None)


def draft_opening(session: Session, *, actor: Actor, on: date | None) -> Draft:
    """The balance of a day, or the beginning of a new one."""
    actor.require(Action.VIEW_TALLIES)
    rows = queries.openings(session, actor.unit_id, _PREFIX, on=on) if on else []
    return _draft({_name(row): row.amount for row in rows}, rows[0].note if rows else "")


def save_opening(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    on: date,
    figures: Figures,
    basis: str,
    seen: str,
) -> None:
    """Enter or change the balance at the end of ``on``; without any figure it is taken away.

    Projects and capital in đồng are needed for both origins; capital in dollars may be unknown.
    """
    actor.require(Action.PLAN_INVESTMENT)
    with transaction(session):
        rules.lock_rules(session, actor.unit_id)
        rows = queries.openings(session, actor.unit_id, _PREFIX, on=on)
        before = {_name(row): row.amount for row in rows}
        because = _basis(basis)
        _check_day(on, office_day(now))
        if rows and seen == BLANK:
            raise DomainError(f"Đã có số dư ngày {on:%d/%m/%Y}; mở số dư ấy để sửa.", "on")
        if figures or not rows:
            _check_opening(figures)
        _refuse_unseen(_draft(before, rows[0].note if rows else ""), figures, because, seen, "Số dư đầu")
        for row in rows:
            session.delete(row)
        session.flush()
        session.add_all(
            OpeningBalance(unit_id=actor.unit_id, on=on, what=f"{_PREFIX}{name}", amount=amount, note=because)
            for name, amount in figures.items()
        )
        _record(session, now, actor, _SET_OPENING, on.isoformat(), before, figures, because)


# --- plans --------------------------------------------------------------------------------------------


def draft_plan(session: Session, *, actor: Actor, year: int) -> Draft:
    """The plan of a year, or the beginning of a new one."""
    actor.require(Action.VIEW_TALLIES)
    plan, basis = plan_of(session, actor.unit_id, year)
    return _draft(_named(plan), basis)


def plan_of(session: Session, unit_id: int, year: int) -> tuple[Plan, str]:
    """The plan of a year and the decision that set it; empty if there is none."""
    rows = queries.plan(session, unit_id, year)
    return {(row.origin, row.what): row.amount for row in rows}, rows[0].basis if rows else ""


def save_plan(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    year: int,
    figures: Figures,
    basis: str,
    seen: str,
) -> None:
    """Enter or change the plan of a year; without any figure it is taken away."""
    actor.require(Action.PLAN_INVESTMENT)
    this = office_day(now).year
    if not this - _YEARS_BACK <= year <= this + _YEARS_AHEAD:
        raise DomainError(f"Nhập năm từ {this - _YEARS_BACK} đến {this + _YEARS_AHEAD}.", "year")
    with transaction(session):
        rules.lock_rules(session, actor.unit_id)
        rows = queries.plan(session, actor.unit_id, year)
        before = _named({(row.origin, row.what): row.amount for row in rows})
        because = _basis(basis)
        plan = _plan(figures)
        if not figures and not rows:
            raise DomainError("Nhập ít nhất một chỉ tiêu kế hoạch.", figure_name(PlanScope.FDI, Measure.VND))
        check_plan(plan)
        _refuse_unseen(_draft(before, rows[0].basis if rows else ""), figures, because, seen, "Kế hoạch")
        for row in rows:
            session.delete(row)
        session.flush()
        session.add_all(
            InvestmentPlan(
                unit_id=actor.unit_id, year=year, origin=scope, what=measure, amount=amount, basis=because
            )
            for (scope, measure), amount in plan.items()
        )
        _record(session, now, actor, _SET_PLAN, str(year), before, figures, because)


# --- both ---------------------------------------------------------------------------------------------


def opening_notes(session: Session, *, actor: Actor) -> Sequence[EntryNote]:
    """The newest entries of balances."""
    return _notes(session, actor, _SET_OPENING)


def plan_notes(session: Session, *, actor: Actor) -> Sequence[EntryNote]:
    """The newest entries of plans."""
    return _notes(session, actor, _SET_PLAN)


def label_of(name: str) -> str:
    """A figure's name in words: ``fdi_vnd`` → "FDI, vốn đăng ký (tỷ đồng)"."""
    scope, measure = FIGURES[name]
    whose = PlanScope.ALL.label if scope is PlanScope.ALL else scope.value
    return f"{whose}, {measure.label[0].lower()}{measure.label[1:]}"


def shown(name: str, amount: Decimal | None) -> str:
    """A figure as people read it: projects without decimals."""
    if amount is not None and FIGURES[name][1] is Measure.PROJECTS:
        return show_count(int(amount))
    return show_amount(amount)


def _notes(session: Session, actor: Actor, action: str) -> list[EntryNote]:
    actor.require(Action.VIEW_TALLIES)
    notes = []
    for entry, name in audit_queries.latest(session, actor.unit_id, action, PAGE_SIZE):
        detail: dict[str, Any] = entry.detail_json
        before, after = (
            {key: Decimal(text) for key, text in detail[when].items()} for when in ("before", "after")
        )
        what = detail["of"]
        notes.append(
            EntryNote(
                what=f"{date.fromisoformat(what):%d/%m/%Y}" if action == _SET_OPENING else f"năm {what}",
                at=entry.at,
                by=name or "Hệ thống",
                basis=detail["basis"],
                differences=[
                    (label_of(key), shown(key, before.get(key)), shown(key, after.get(key)))
                    for key in FIGURES
                    if before.get(key) != after.get(key)
                ],
            )
        )
    return notes


def _openings(session: Session, unit_id: int) -> list[Opening]:
    """All balances, newest first."""
    by_day: dict[date, list[OpeningBalance]] = {}
    for row in queries.openings(session, unit_id, _PREFIX):
        by_day.setdefault(row.on, []).append(row)
    return [
        Opening(on, _stocks({_name(row): row.amount for row in rows}), rows[0].note)
        for on, rows in by_day.items()
    ]


def _stocks(figures: Figures) -> dict[InvestmentOrigin, Stock]:
    return {
        origin: Stock(
            projects=int(figures[figure_name(origin, Measure.PROJECTS)]),
            vnd=figures[figure_name(origin, Measure.VND)],
            usd=figures.get(figure_name(origin, Measure.USD)),
        )
        for origin in InvestmentOrigin
    }


def _name(row: OpeningBalance) -> str:
    return row.what.removeprefix(_PREFIX)


def _named(plan: Plan) -> dict[str, Decimal]:
    return {figure_name(scope, measure): amount for (scope, measure), amount in plan.items()}


def _plan(figures: Figures) -> dict[tuple[PlanScope, Measure], Decimal]:
    return {FIGURES[name]: amount for name, amount in figures.items()}


def _check_day(on: date, today: date) -> None:
    if not FIRST_DAY <= on <= today:
        raise DomainError("Nhập ngày số dư không sau hôm nay.", "on")


def _check_opening(figures: Figures) -> None:
    faults = []
    for origin in InvestmentOrigin:
        for measure in Measure:
            name = figure_name(origin, measure)
            amount = figures.get(name)
            if amount is None:
                if measure is not Measure.USD:
                    faults.append(DomainError(f"Nhập {measure.label.lower()} của {origin.value}.", name))
            elif amount < 0:
                faults.append(DomainError("Số dư không được âm.", name))
            elif measure is Measure.PROJECTS and amount % 1:
                faults.append(DomainError("Số dự án phải là số nguyên.", name))
    if faults:
        raise InvestmentRefused(faults)


def _basis(basis: str) -> str:
    because = nfc(basis).strip()
    if not because:
        raise DomainError("Ghi căn cứ: số, ngày của báo cáo hoặc quyết định.", "basis")
    if len(because) > _BASIS_LENGTH:
        raise DomainError(f"Viết ngắn hơn: tối đa {_BASIS_LENGTH} ký tự.", "basis")
    return because


def _draft(figures: Figures, basis: str) -> Draft:
    ordered = {name: figures[name] for name in FIGURES if name in figures}
    said = [sorted((name, plain_amount(amount)) for name, amount in figures.items()), basis]
    return Draft(ordered, basis, hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16])


#: What a form brings back that began with nothing on record.
BLANK = _draft({}, "").seen


def _refuse_unseen(stored: Draft, figures: Figures, basis: str, seen: str, what: str) -> None:
    """Raise where somebody entered something since, or where nothing would change."""
    if stored.seen != seen:
        raise StaleVersion(what)
    if (dict(stored.figures), stored.basis) == (dict(figures), basis):
        raise DomainError("Chưa có nội dung nào được sửa.")


def _record(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    of: str,
    before: Figures,
    after: Figures,
    basis: str,
) -> None:
    session.flush()
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"{'opening_balance' if action == _SET_OPENING else 'investment_plan'}:{of}",
        detail={
            "of": of,
            "before": {name: plain_amount(amount) for name, amount in before.items()},
            "after": {name: plain_amount(amount) for name, amount in after.items()},
            "basis": basis,
        },
    )
