"""The alerts that the scheduler raised, and the supervisor's answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import AlertStage, DomainError
from tthc.services import alert_board, alert_export, alerts, worklists
from tthc.services.alert_board import BoardFilter
from tthc.services.transaction import NotFound
from tthc.web import context, lists
from tthc.web.downloads import download
from tthc.web.forms.alerts import AlertFilterForm, AnswerForm
from tthc.web.forms.base import options
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("alerts", __name__, url_prefix="/canh-bao")

#: What stays as it is when one goes from one part of the board to another.
_NARROWING = ("kind", "officer_id", "sector_id", "procedure_id", "by", "trend")


@pages.get("")
@requires(Action.VIEW_ALERTS)
def index() -> ResponseReturnValue:
    """What is late and unanswered, longest first, or another part of the board."""
    return _page()


@pages.get("/<key:alert_id>")
@requires(Action.VIEW_ALERTS)
def show(alert_id: int) -> ResponseReturnValue:
    """One alert alone, ready to be answered."""
    return _page(alert_id)


@pages.post("/<key:alert_id>")
@requires(Action.ANSWER_OWN_ALERT)
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
    people = alert_board.holder_choices(context.session(), actor=context.actor(), now=context.now())
    form.officer_id.choices = options(people, "Mọi người")
    form.validate()
    return form


def _chosen(form: AlertFilterForm) -> BoardFilter:
    wanted = {name: form.right(name) for name in form._fields if name != "answered"}
    wanted["answered"] = {"y": True, "n": False}.get(form.right("answered"))
    if not _part(form):
        wanted |= {"stage": AlertStage.OVERDUE, "answered": False}
    return BoardFilter(
        **{name: value for name, value in wanted.items() if value is not None}, page=page_number()
    )


def _part(form: AlertFilterForm) -> str:
    """The part of the board: a stage; "y", "n" or "all" answered; or "", what is late and unanswered."""
    stage: AlertStage | None = form.right("stage")
    if stage is not None:
        return stage.value
    answered: str = form.right("answered") or ""
    return answered or ("all" if form.told_only else "")


def _form(alert_id: int, sent: bool = False) -> AnswerForm:
    """The form of one row; its ids carry the alert, as every row has one."""
    prefix = f"alert-{alert_id}-"
    return AnswerForm(prefix=prefix) if sent else AnswerForm(formdata=None, prefix=prefix)


def _page(alone: int | None = None, refused: AnswerForm | None = None) -> ResponseReturnValue:
    """The board; with one alert ``alone`` in its list, and what was ``refused`` about it."""
    form, state = _filter(), _state()
    chosen = _chosen(form) if alone is None else BoardFilter(alert_id=alone)
    board = alert_board.get_board(context.session(), actor=context.actor(), now=context.now(), chosen=chosen)
    if alone is not None and not board.page.rows:
        raise NotFound("Không tìm thấy cảnh báo này, hoặc cảnh báo đã tự rút.")
    return render_template(
        "alerts/index.html",
        form=form,
        state=state,
        part=_part(form) if alone is None else None,
        told=lists.in_words(form, without=("answered", "by", "trend")),
        narrowed={name: value for name, value in state.items() if name in _NARROWING},
        board=board,
        figure=alert_export.draw_trend(board.trend),
        alone=alone,
        refused=refused,
        answer_forms=lambda alert_id: refused or _form(alert_id),
    ), 422 if refused or form.summary() else 200
