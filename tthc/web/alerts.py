"""The alerts that the scheduler raised, and the supervisor's answers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import alert_board, alerts
from tthc.services.alert_board import BoardFilter
from tthc.web import context
from tthc.web.forms.alerts import AlertFilterForm, AnswerForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("alerts", __name__, url_prefix="/canh-bao")


@pages.get("")
@requires(Action.VIEW_ALERTS)
def index() -> ResponseReturnValue:
    """Open alerts, worst first, or the answered ones."""
    return _page()


@pages.post("/<key:alert_id>")
@requires(Action.ACKNOWLEDGE_ALERT)
def answer(alert_id: int) -> ResponseReturnValue:
    """Answer one alert in its row."""
    form = _form(alert_id, sent=True)
    if form.validate():
        try:
            alerts.acknowledge_alert(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                alert_id=alert_id,
                reason_code=form.reason_code.data,
                reason=form.reason.data,
                promised_on=form.promised_on.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã trả lời cảnh báo.", "done")
            return redirect(url_for("alerts.index"))
    return _page(alert_id, form)


def _form(alert_id: int, sent: bool = False) -> AnswerForm:
    """The form of one row; its ids carry the alert, as every row has one."""
    prefix = f"alert-{alert_id}-"
    return AnswerForm(prefix=prefix) if sent else AnswerForm(formdata=None, prefix=prefix)


def _page(answering: int | None = None, refused: AnswerForm | None = None) -> ResponseReturnValue:
    form = AlertFilterForm(request.args)
    form.validate()
    board = alert_board.get_board(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        chosen=BoardFilter(stage=form.right("stage"), answered=form.answered.data, page=page_number()),
    )
    return render_template(
        "alerts/index.html",
        form=form,
        board=board,
        answering=answering,
        refused=refused,
        answer_forms=lambda alert_id: refused if refused and alert_id == answering else _form(alert_id),
    ), 422 if refused or form.summary() else 200
