"""The catalogue of procedures."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import catalogue
from tthc.web import context
from tthc.web.guards import requires

pages = Blueprint("catalogue", __name__, url_prefix="/thu-tuc")


@pages.get("")
@requires(Action.VIEW_CATALOGUE)
def index() -> ResponseReturnValue:
    """All procedures in force today."""
    rows = catalogue.list_procedures(context.session(), actor=context.actor(), on=context.today())
    return render_template("catalogue/index.html", rows=rows)


@pages.get("/<key:local_no>")
@requires(Action.VIEW_CATALOGUE)
def show(local_no: int) -> ResponseReturnValue:
    """One procedure: limits by case, papers, legal basis."""
    view = catalogue.get_procedure(
        context.session(), actor=context.actor(), on=context.today(), local_no=local_no
    )
    return render_template("catalogue/show.html", view=view)
