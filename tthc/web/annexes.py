"""The annexes of a report: on screen and as a spreadsheet."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.tallies import ReportPeriod
from tthc.domain.vocabulary import DomainError
from tthc.services import annexes
from tthc.services.tallies import Asked
from tthc.web import context
from tthc.web.forms.reports import PeriodForm
from tthc.web.guards import requires
from tthc.web.paths import page_number
from tthc.web.reports import SPREADSHEET

pages = Blueprint("annexes", __name__, url_prefix="/bao-cao/phu-luc")

#: Quoted, as the converter takes a hyphen for the end of a word.
_NAMES = "'qua-han', 'bo-sung', 'cung-ky'"


@pages.get(f"/<any({_NAMES}):name>")
@requires(Action.VIEW_TALLIES)
def show(name: str) -> ResponseReturnValue:
    """An annex of the period that the address asks for."""
    form = PeriodForm(request.args)
    period = form.settle(context.today())
    found = None
    if period is not None:
        try:
            found = annexes.annex_page(
                context.session(),
                actor=context.actor(),
                today=context.today(),
                asked=_asked(period),
                name=name,
                page=page_number(),
            )
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "reports/annex.html",
        form=form,
        period=period,
        table=found.table if found else None,
        page=found.page if found else None,
        name=name,
        annexes={key: words for key, (words, _) in annexes.ANNEXES.items()},
    ), 200 if found else 422


@pages.get(f"/<any({_NAMES}):name>.xlsx")
@requires(Action.VIEW_TALLIES)
def export(name: str) -> ResponseReturnValue:
    """The annex whole, as a spreadsheet."""
    period = PeriodForm(request.args).settle(context.today())
    if period is None:
        abort(404)
    content = annexes.export_annex(
        context.session(), actor=context.actor(), today=context.today(), asked=_asked(period), name=name
    )
    file = f"phu-luc-{name}-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return send_file(BytesIO(content), SPREADSHEET, as_attachment=True, download_name=file)


def _asked(period: ReportPeriod) -> Asked:
    return Asked(period.from_on, period.to_on, title=period.title)
