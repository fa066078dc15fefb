"""Several dossiers marked in the list: a page that names them, then one action."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError, EventKind
from tthc.services import hand_overs, return_desk, selections, worklists
from tthc.services.selections import Selection
from tthc.web import context
from tthc.web.forms.base import VietnameseForm, options
from tthc.web.forms.hand_overs import HandOverForm
from tthc.web.forms.selections import AssignMarkedForm, PrintMarkedForm
from tthc.web.guards import requires
from tthc.web.hand_overs import read_marks, read_tracking
from tthc.web.paths import safe_target

pages = Blueprint("selections", __name__)


@pages.post("/nhieu/phan-cong")
@requires(Action.ASSIGN_DOSSIER)
def assign() -> ResponseReturnValue:
    """Hand the marked dossiers to one officer."""
    form = AssignMarkedForm()
    choices = worklists.filter_choices(context.session(), actor=context.actor(), now=context.now())
    form.officer_id.choices = options(
        [one for one in choices.officers if one.value != "0"], "Chọn người xử lý"
    )
    if _saving() and form.validate():
        try:
            count = selections.assign_marked(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                marks=read_marks(),
                officer_id=form.officer_id.data,
                note=form.note.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return _done(f"Đã phân công {count} hồ sơ.")
    return _page("assign", form, EventKind.ASSIGN)


@pages.post("/nhieu/tra-ket-qua")
@requires(Action.HAND_OVER_DOSSIER)
def hand_over() -> ResponseReturnValue:
    """Hand the results of the marked dossiers over: to one person, or each by post."""
    form = HandOverForm() if _saving() else HandOverForm(formdata=None)
    if _saving() and form.validate():
        try:
            done = hand_overs.hand_over(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                marks=read_marks(),
                delivery=form.delivery(read_tracking()),
                occurred_at=form.occurred_at.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("hand_overs.done", action_id=done))
    return _page("hand_over", form, EventKind.HAND_OVER)


@pages.post("/nhieu/in")
@requires(Action.PROCESS_DOSSIER)
def print_forms() -> ResponseReturnValue:
    """What the marked dossiers can be printed as; the forms themselves are made by the papers' page."""
    return _page("print_forms", PrintMarkedForm(), None)


def _page(deed: str, form: VietnameseForm, kind: EventKind | None) -> ResponseReturnValue:
    marks, session, actor = read_marks(), context.session(), context.actor()
    selection, papers = Selection([], []), []
    try:
        selection = selections.look(session, actor=actor, marks=marks, kind=kind)
        if kind is None:
            papers = selections.papers_for(session, actor=actor, marks=marks)
    except DomainError as error:
        form.refuse(error)
    codes = [row.code for row in selection.rows]
    handing = kind is EventKind.HAND_OVER and codes
    ready = return_desk.ready_rows(session, actor=actor, codes=codes) if handing else []
    if len({row.applicant for row in ready}) == 1 and not _saving():
        form["name"].data = "" if ready[0].firm else ready[0].applicant
    answer = render_template(
        "dossiers/selection.html",
        deed=deed,
        form=form,
        selection=selection,
        ready=ready,
        papers=papers,
        back=_back(),
    )
    return answer, 422 if form.summary() else 200


def _saving() -> bool:
    return request.form.get("step") == "save"


def _back() -> str:
    back = request.form.get("back", "")
    lists = (url_for("dossiers.index"), url_for("hand_overs.index"))
    return safe_target(back) if back.startswith(lists) else lists[0]


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(_back())
