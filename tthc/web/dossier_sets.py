"""The dossiers of a number that is none of the tally's: of an indicator, or beside a chart."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action
from tthc.services import dossier_sets
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.filters import date_vn
from tthc.web.forms.dossier_sets import SetForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("dossier_sets", __name__, url_prefix="/bao-cao/tap-ho-so")


def address(period: ReportPeriod, name: str | None = None, case: int | None = None) -> str:
    """The page of a set of a period."""
    dates: dict[str, Any] = {"from_on": date_vn(period.from_on), "to_on": date_vn(period.to_on)}
    return url_for("dossier_sets.show", **dates, name=name, case=case)


@pages.get("")
@requires(Action.VIEW_TALLIES)
def show() -> ResponseReturnValue:
    """Exactly the dossiers that one number counts."""
    form = SetForm(request.args)
    asked = form.asked()
    if asked is None:
        abort(404)
    found = dossier_sets.open_set(
        context.session(), actor=context.actor(), today=context.today(), asked=asked, page=page_number()
    )
    return render_template("reports/set.html", found=found, query=form.query(request.args))


@pages.get("/danh-sach.<any(xlsx, csv):kind>")
@requires(Action.VIEW_TALLIES)
def export(kind: str) -> ResponseReturnValue:
    """The same list whole, as a file."""
    asked = SetForm(request.args).asked()
    if asked is None:
        abort(404)
    content = dossier_sets.export_set(
        context.session(), actor=context.actor(), today=context.today(), asked=asked, format=kind
    )
    name = f"ho-so-{asked.period.from_on:%Y%m%d}-{asked.period.to_on:%Y%m%d}.{kind}"
    return download(content, name)
