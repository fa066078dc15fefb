"""The one box: a page of results, and the same in short while somebody types."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.search import LONGEST_QUESTION
from tthc.services import search
from tthc.web import context
from tthc.web.guards import requires

pages = Blueprint("search", __name__, url_prefix="/tim-kiem")


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """All that has the words; the whole code of a dossier leads straight to it."""
    q = _typed()
    before = _before()
    if before is None and (code := search.find_code(context.session(), actor=context.actor(), q=q)):
        return redirect(url_for("dossiers.show", code=code))
    found = search.search(context.session(), actor=context.actor(), q=q, before=before)
    return render_template("search/index.html", q=q, found=found, before=before)


@pages.get("/goi-y")
@requires(Action.VIEW_DOSSIERS)
def hints() -> ResponseReturnValue:
    """The first few answers, for the list below the box."""
    q = _typed()
    found = search.search(context.session(), actor=context.actor(), q=q, results=8, beside=3)
    return render_template("search/_hints.html", q=q, found=found)


def _typed() -> str:
    return request.args.get("q", "").replace("\x00", "")[:LONGEST_QUESTION]


def _before() -> int | None:
    text = request.args.get("truoc", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
