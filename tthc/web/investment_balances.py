"""Opening balances and yearly plans of investment."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.investment import InvestmentOrigin, YearCut
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import investment_balances
from tthc.services.transaction import StaleVersion
from tthc.web import context
from tthc.web.forms.investment import BalanceChoice, BalanceForm, PlanChoice, PlanForm
from tthc.web.guards import requires

pages = Blueprint("balances", __name__)


@pages.get("/so-du-dau")
@requires(Action.VIEW_TALLIES)
def openings() -> ResponseReturnValue:
    """Every balance, compared with the one before; the form for those who enter them."""
    form = None
    if context.actor().may(Action.PLAN_INVESTMENT):
        choice = BalanceChoice(request.args)
        choice.validate()
        on = choice.right("ngay")
        form = BalanceForm(formdata=None)
        form.on.data = on
        form.fill(investment_balances.draft_opening(context.session(), actor=context.actor(), on=on))
    return _openings(form)


@pages.post("/so-du-dau")
@requires(Action.PLAN_INVESTMENT)
def save_opening() -> ResponseReturnValue:
    """A balance entered, changed or, without figures, taken away."""
    form = BalanceForm()
    if form.validate():
        figures = form.figures()
        try:
            investment_balances.save_opening(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                on=form.on.data,
                figures=figures,
                basis=form.basis.data,
                seen=form.seen.data or "",
            )
        except StaleVersion as error:
            form.refuse(error)
            form.seen.data = investment_balances.draft_opening(
                context.session(), actor=context.actor(), on=form.on.data
            ).seen
        except DomainError as error:
            form.refuse(error)
        else:
            done = "Đã lưu" if figures else "Đã bỏ"
            flash(f"{done} số dư ngày {form.on.data:%d/%m/%Y}.", "done")
            return redirect(url_for("investment.balances.openings"))
    return _openings(form, 422)


@pages.get("/ke-hoach")
@requires(Action.VIEW_TALLIES)
def plan() -> ResponseReturnValue:
    """The plan of a year, and what was entered so far."""
    choice = PlanChoice(request.args)
    choice.validate()
    year = choice.right("nam") or YearCut.OFFICIAL.year_of(context.today())
    form = None
    if context.actor().may(Action.PLAN_INVESTMENT):
        form = PlanForm(formdata=None)
        form.year.data = year
        form.fill(_draft(year))
    return _plan(choice, form, year, 422 if choice.summary() else 200)


@pages.post("/ke-hoach")
@requires(Action.PLAN_INVESTMENT)
def save_plan() -> ResponseReturnValue:
    """The plan of a year entered, changed or, without figures, taken away."""
    form = PlanForm()
    year = form.year.data or YearCut.OFFICIAL.year_of(context.today())
    if form.validate():
        figures = form.figures()
        try:
            investment_balances.save_plan(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                year=year,
                figures=figures,
                basis=form.basis.data,
                seen=form.seen.data or "",
            )
        except StaleVersion as error:
            form.refuse(error)
            form.seen.data = _draft(year).seen
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"{'Đã lưu' if figures else 'Đã bỏ'} kế hoạch năm {year}.", "done")
            return redirect(url_for("investment.balances.plan", nam=year))
    return _plan(PlanChoice(formdata=None), form, year, 422)


def _openings(form: BalanceForm | None, status: int = 200) -> ResponseReturnValue:
    return render_template(
        "investment/openings.html",
        form=form,
        openings=investment_balances.list_openings(context.session(), actor=context.actor()),
        notes=investment_balances.opening_notes(context.session(), actor=context.actor()),
        origins=[*InvestmentOrigin],
        editing=form is not None and form.seen.data != investment_balances.BLANK,
    ), status


def _draft(year: int) -> investment_balances.Draft:
    return investment_balances.draft_plan(context.session(), actor=context.actor(), year=year)


def _plan(choice: PlanChoice, form: PlanForm | None, year: int, status: int = 200) -> ResponseReturnValue:
    choice.nam.data = year
    return render_template(
        "investment/plan.html",
        choice=choice,
        form=form,
        year=year,
        draft=_draft(year),
        label_of=investment_balances.label_of,
        shown=investment_balances.shown,
        notes=investment_balances.plan_notes(context.session(), actor=context.actor()),
    ), status
