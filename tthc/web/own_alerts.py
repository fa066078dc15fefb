"""The bell's list: the alerts that concern whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import own_alerts
from tthc.web import context
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("own_alerts", __name__, url_prefix="/canh-bao/cua-toi")


@pages.get("")
@requires(Action.VIEW_ALERTS)
def index() -> ResponseReturnValue:
    """One's alerts, newest first; the bell is quiet afterwards."""
    found = own_alerts.look_at_own_alerts(
        context.session(), actor=context.actor(), now=context.now(), page=page_number()
    )
    return render_template("own_alerts/index.html", page=found)
