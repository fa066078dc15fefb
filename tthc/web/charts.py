"""The charts of a period, each with its table below it, and the tables as spreadsheets."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.tallies import on_time_rate
from tthc.domain.vocabulary import DomainError
from tthc.services import chart_figures, charts
from tthc.web import context
from tthc.web.dossier_sets import address
from tthc.web.downloads import download
from tthc.web.forms.reports import PeriodForm
from tthc.web.guards import requires
from tthc.web.reports import cell_address

pages = Blueprint("charts", __name__, url_prefix="/bao-cao/bieu-do")

#: Quoted, as the converter takes a hyphen for the end of a word.
_NAMES = "'theo-thang', 'linh-vuc', 'dang-giai-quyet', 'thoi-gian'"


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """All charts of a period."""
    form = PeriodForm(request.args)
    period = form.settle(context.today())
    shown: dict[str, Any] = {"page": None, "figures": None}
    if period is not None:
        try:
            page = charts.build(
                context.session(), actor=context.actor(), today=context.today(), period=period
            )
            shown = {"page": page, "figures": chart_figures.draw(page)}
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "charts/index.html",
        form=form,
        period=period,
        **shown,
        notes=charts.TIME_NOTES,
        rate=on_time_rate,
        address=address,
        cell_address=cell_address,
    ), 200 if shown["page"] else 422


@pages.get(f"/<any({_NAMES}):chart>.xlsx")
@requires(Action.VIEW_TALLIES)
def export(chart: str) -> ResponseReturnValue:
    """The table below one chart."""
    period = PeriodForm(request.args).settle(context.today())
    if period is None:
        abort(404)
    content = charts.export(
        context.session(), actor=context.actor(), today=context.today(), period=period, name=chart
    )
    file = f"bieu-do-{chart}-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return download(content, file)
