"""The indicators of Decision 766/QĐ-TTg: on screen and as a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import indicators
from tthc.web import context
from tthc.web.dossier_sets import address
from tthc.web.downloads import download
from tthc.web.forms.reports import PeriodForm
from tthc.web.guards import requires

pages = Blueprint("indicators", __name__, url_prefix="/bao-cao/chi-so-766")


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """The indicators of a period, every number a link to its list."""
    form = PeriodForm(request.args)
    period = form.settle(context.today())
    table = None
    if period is not None:
        try:
            table = indicators.build(
                context.session(), actor=context.actor(), today=context.today(), period=period
            )
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "reports/indicators.html",
        form=form,
        period=period,
        table=table,
        notes=indicators.NOTES,
        address=address,
    ), 200 if table else 422


@pages.get("/chi-so-766.xlsx")
@requires(Action.VIEW_TALLIES)
def export() -> ResponseReturnValue:
    """The same as a spreadsheet."""
    period = PeriodForm(request.args).settle(context.today())
    if period is None:
        abort(404)
    content = indicators.export(
        context.session(), actor=context.actor(), today=context.today(), period=period
    )
    name = f"chi-so-766-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return download(content, name)
