"""The lists behind the numbers of a periodic report."""

from __future__ import annotations

from functools import partial
from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.tallies import Tally, TallyRow
from tthc.services import report_lists
from tthc.web import context
from tthc.web.forms.closing import MemberForm
from tthc.web.guards import requires
from tthc.web.paths import page_number
from tthc.web.reports import FILE_TYPES

pages = Blueprint("report_lists", __name__, url_prefix="/bao-cao/ky")


@pages.get("/<key:report_id>/ho-so")
@requires(Action.VIEW_TALLIES)
def show(report_id: int) -> ResponseReturnValue:
    """Exactly the dossiers that one number of a report counts."""
    form = MemberForm(request.args)
    if not form.validate():
        abort(404)
    found = report_lists.open_cell(
        context.session(),
        actor=context.actor(),
        report_id=report_id,
        page=page_number(),
        **form.criteria(),
    )
    query = {"report_id": report_id, **form.query(request.args)}
    return render_template("periodic_reports/members.html", found=found, query=query)


@pages.get("/<key:report_id>/ho-so.<any(xlsx, csv):kind>")
@requires(Action.VIEW_TALLIES)
def export(report_id: int, kind: str) -> ResponseReturnValue:
    """The same list whole, as a file."""
    form = MemberForm(request.args)
    if not form.validate():
        abort(404)
    content = report_lists.export_cell(
        context.session(), actor=context.actor(), report_id=report_id, format=kind, **form.criteria()
    )
    name = f"bao-cao-{report_id}-{form.cell.data.value.replace('_', '-')}.{kind}"
    return send_file(BytesIO(content), FILE_TYPES[kind], as_attachment=True, download_name=name)


def address_in(report_id: int) -> partial[str]:
    """Gives the page with the dossiers behind one number of a report."""
    return partial(_address, report_id)


def _address(report_id: int, tally: Tally, row: TallyRow, name: str) -> str:
    return url_for("report_lists.show", report_id=report_id, by=tally.by, row=row.key, cell=name)
