"""The tally: the official table on screen, the list behind each number, and the spreadsheet."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.tallies import CELLS, on_time_rate
from tthc.domain.vocabulary import DomainError
from tthc.services import tallies
from tthc.web import context
from tthc.web.forms.reports import CellForm, TallyForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("reports", __name__, url_prefix="/bao-cao")

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """Biểu II.06a of a period, every number a link to its list."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    tally = None
    if period is not None:
        try:
            tally = tallies.build_tally(
                context.session(), actor=context.actor(), today=context.today(), asked=form.asked(period)
            )
        except DomainError as error:
            form.refuse(error)
    rate = on_time_rate(tally.total.cells) if tally else None
    return render_template(
        "reports/index.html", form=form, period=period, tally=tally, rate=rate
    ), 200 if tally else 422


@pages.get("/danh-sach")
@requires(Action.VIEW_TALLIES)
def cell() -> ResponseReturnValue:
    """Exactly the dossiers that one number counts."""
    form = CellForm(request.args)
    if not form.validate():
        abort(404)
    page = tallies.list_cell(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        page=page_number(),
        **form.criteria(),
    )
    return render_template("reports/cell.html", form=form, page=page, cell=CELLS[form.cell.data])


@pages.get("/ii06a.xlsx")
@requires(Action.VIEW_TALLIES)
def ii06a() -> ResponseReturnValue:
    """The official form as a spreadsheet."""
    form = TallyForm(request.args)
    period = form.settle(context.today())
    if period is None:
        abort(404)
    content = tallies.export_ii06a(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        asked=form.asked(period),
    )
    name = f"bieu-ii06a-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return send_file(BytesIO(content), SPREADSHEET, as_attachment=True, download_name=name)
