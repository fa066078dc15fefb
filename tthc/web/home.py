"""The first page: what is due, and what comes first."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import worklists
from tthc.web import context
from tthc.web.guards import requires

pages = Blueprint("home", __name__)


@pages.get("/")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """Numbers that are links, and the dossiers to be dealt with first."""
    mine = request.args.get("mine") == "1"
    view = worklists.home(context.session(), actor=context.actor(), now=context.now(), mine=mine)
    return render_template("home.html", view=view, mine=mine)
