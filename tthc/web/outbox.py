"""Messages: what waits to go out, and what could not be sent."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action, NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import outbox
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("outbox", __name__, url_prefix="/thiet-lap/thu-gui-di")


@pages.get("")
@requires(Action.VIEW_SETTINGS)
def index() -> ResponseReturnValue:
    """Whether mail goes out, what waits, and what was put aside."""
    view = outbox.get_outbox(context.session(), actor=context.actor(), now=context.now(), page=page_number())
    return render_template("outbox/index.html", view=view, server=current_app.config["MAIL_SERVER"])


@pages.post("/<key:message_id>/gui-lai")
@requires(Action.RESEND_MESSAGE)
def resend(message_id: int) -> ResponseReturnValue:
    """One message once more."""
    try:
        outbox.resend(context.session(), now=context.now(), actor=context.actor(), message=message_id)
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        flash(error.message, "warning")
    else:
        flash("Thư được gửi lại trong ít phút.", "done")
    return redirect(url_for("outbox.index"))


@pages.post("/thu-thu")
@requires(Action.RESEND_MESSAGE)
def send_trial() -> ResponseReturnValue:
    """A mail to oneself."""
    try:
        outbox.send_trial(context.session(), now=context.now(), actor=context.actor())
    except NotAllowed:
        raise
    except DomainError as error:
        flash(error.message, "warning")
    else:
        flash("Đã ghi thư thử gửi tới địa chỉ của bạn; thư được gửi trong một phút.", "done")
    return redirect(url_for("outbox.index"))
