"""The alerts that the scheduler raised, and the supervisor's answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import alert_board, alert_export, alerts, worklists
from tthc.services.alert_board import BoardFilter
from tthc.web import context, lists
from tthc.web.downloads import download
from tthc.web.forms.alerts import AlertFilterForm, AnswerForm
from tthc.web.forms.base import options
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("alerts", __name__, url_prefix="/canh-bao")

#: What stays as it is when one goes from unanswered to overdue to answered alerts.
_NARROWING = ("kind", "officer_id", "sector_id", "procedure_id", "by", "trend")


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
            return redirect(url_for("alerts.index", **_state()))
    return _page(alert_id, form)


@pages.get("/bang.xlsx")
@requires(Action.VIEW_ALERTS)
def export() -> ResponseReturnValue:
    """Every alert that the address narrows the board to, as a spreadsheet."""
    content = alert_export.export(
        context.session(), actor=context.actor(), now=context.now(), chosen=_chosen(_filter())
    )
    return download(content, "canh-bao.xlsx")


def _state() -> dict[str, Any]:
    """What the address says."""
    return request.args.to_dict()


def _filter() -> AlertFilterForm:
    form = AlertFilterForm(request.args)
    choices = worklists.filter_choices(context.session(), actor=context.actor(), now=context.now())
    form.sector_id.choices = options(choices.sectors, "Mọi lĩnh vực")
    form.procedure_id.choices = options(choices.procedures, "Mọi thủ tục")
    form.officer_id.choices = options(choices.officers, "Mọi người")
    form.validate()
    return form


def _chosen(form: AlertFilterForm) -> BoardFilter:
    wanted = {name: form.right(name) for name in form._fields}
    return BoardFilter(
        **{name: value for name, value in wanted.items() if value is not None}, page=page_number()
    )


def _form(alert_id: int, sent: bool = False) -> AnswerForm:
    """The form of one row; its ids carry the alert, as every row has one."""
    prefix = f"alert-{alert_id}-"
    return AnswerForm(prefix=prefix) if sent else AnswerForm(formdata=None, prefix=prefix)


def _page(answering: int | None = None, refused: AnswerForm | None = None) -> ResponseReturnValue:
    form, state = _filter(), _state()
    board = alert_board.get_board(
        context.session(), actor=context.actor(), now=context.now(), chosen=_chosen(form)
    )
    return render_template(
        "alerts/index.html",
        form=form,
        state=state,
        told=lists.in_words(form, without=("answered", "by", "trend")),
        narrowed={name: value for name, value in state.items() if name in _NARROWING},
        board=board,
        figure=alert_export.draw_trend(board.trend),
        answering=answering,
        refused=refused,
        answer_forms=lambda alert_id: refused if refused and alert_id == answering else _form(alert_id),
    ), 422 if refused or form.summary() else 200
