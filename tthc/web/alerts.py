"""The alerts that the scheduler raised, and the supervisor's answers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import alerts
from tthc.web import context
from tthc.web.forms.alerts import AlertFilterForm, AnswerForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("alerts", __name__, url_prefix="/canh-bao")


@pages.get("")
@requires(Action.VIEW_ALERTS)
def index() -> ResponseReturnValue:
    """Open alerts, worst first, or the answered ones."""
    return _page(AnswerForm(formdata=None), None)


@pages.post("/<key:alert_id>")
@requires(Action.ACKNOWLEDGE_ALERT)
def answer(alert_id: int) -> ResponseReturnValue:
    """Answer one alert in its row."""
    form = AnswerForm()
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
    return _page(form, alert_id)


def _page(answer_form: AnswerForm, answering: int | None) -> ResponseReturnValue:
    form = AlertFilterForm(request.args)
    form.validate()
    board = alerts.board(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        stage=form.right("stage"),
        answered=form.answered.data,
        page=page_number(),
    )
    return render_template(
        "alerts/index.html", form=form, board=board, answer_form=answer_form, answering=answering
    ), 200 if answering is None and not form.summary() else 422
