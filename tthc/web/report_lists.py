"""The lists behind the numbers of a periodic report."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.tallies import Tally, TallyRow
from tthc.services import report_lists
from tthc.web.guards import requires
from tthc.web.members import members_file, members_page

pages = Blueprint("report_lists", __name__, url_prefix="/bao-cao/ky")


@pages.get("/<key:report_id>/ho-so")
@requires(Action.VIEW_TALLIES)
def show(report_id: int) -> ResponseReturnValue:
    """Exactly the dossiers that one number of a report counts."""
    return members_page(report_lists.open_cell, "periodic_reports/members.html", report_id=report_id)


@pages.get("/<key:report_id>/ho-so.<any(xlsx, csv):kind>")
@requires(Action.VIEW_TALLIES)
def export(report_id: int, kind: str) -> ResponseReturnValue:
    """The same list whole, as a file."""
    return members_file(report_lists.export_cell, kind, f"bao-cao-{report_id}", report_id=report_id)


def address_in(report_id: int) -> partial[str]:
    """Gives the page with the dossiers behind one number of a report."""
    return partial(_address, report_id)


def _address(report_id: int, tally: Tally, row: TallyRow, name: str) -> str:
    return url_for("report_lists.show", report_id=report_id, by=tally.by, row=row.key, cell=name)
