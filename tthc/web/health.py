"""Whether the program answers and its database does."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from tthc import __version__
from tthc.services import units
from tthc.web import context, guards

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@guards.public
def healthz() -> ResponseReturnValue:
    """``{"status": "ok"}`` once a read from the database worked."""
    units.header(context.session(), context.today())
    return jsonify(status="ok", version=__version__)
