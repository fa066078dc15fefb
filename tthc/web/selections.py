"""Several dossiers marked in the list: a page that names them, then one action."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError, EventKind
from tthc.services import selections, worklists
from tthc.services.selections import Mark, Selection
from tthc.web import context
from tthc.web.forms.base import VietnameseForm, options
from tthc.web.forms.selections import AssignMarkedForm, HandOverMarkedForm, PrintMarkedForm
from tthc.web.guards import requires
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
                marks=_marks(),
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
    """Give the results of the marked dossiers to one person."""
    form = HandOverMarkedForm()
    if _saving() and form.validate():
        try:
            count = selections.hand_over_marked(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                marks=_marks(),
                recipient=form.recipient.data or "",
                method=form.method.data,
                note=form.note.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return _done(f"Đã trả kết quả {count} hồ sơ.")
    return _page("hand_over", form, EventKind.HAND_OVER)


@pages.post("/nhieu/in")
@requires(Action.PROCESS_DOSSIER)
def print_forms() -> ResponseReturnValue:
    """What the marked dossiers can be printed as; the forms themselves are made by the papers' page."""
    return _page("print_forms", PrintMarkedForm(), None)


def _page(deed: str, form: VietnameseForm, kind: EventKind | None) -> ResponseReturnValue:
    marks, session, actor = _marks(), context.session(), context.actor()
    selection, papers = Selection([], []), []
    try:
        selection = selections.look(session, actor=actor, marks=marks, kind=kind)
        if kind is None:
            papers = selections.papers_for(session, actor=actor, marks=marks)
    except DomainError as error:
        form.refuse(error)
    answer = render_template(
        "dossiers/selection.html", deed=deed, form=form, selection=selection, papers=papers, back=_back()
    )
    return answer, 422 if form.summary() else 200


def _saving() -> bool:
    return request.form.get("step") == "save"


def _marks() -> list[Mark]:
    """The boxes that were ticked, each ``version:code``; what cannot be read names no dossier."""
    found = []
    for text in request.form.getlist("marks"):
        version, _, code = text.partition(":")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        found.append(Mark(code, number))
    return found


def _back() -> str:
    back = request.form.get("back", "")
    return safe_target(back) if back.startswith(url_for("dossiers.index")) else url_for("dossiers.index")


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(_back())
