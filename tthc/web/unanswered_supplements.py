"""Supplements that nobody brings: the list, and stopping such dossiers after a look at them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import unanswered_supplements
from tthc.web import context
from tthc.web.forms.unanswered_supplements import StopForm, read_rows
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("unanswered_supplements", __name__, url_prefix="/bo-sung-qua-han")


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """Who waits for longer than the set time."""
    found = unanswered_supplements.list_unanswered(
        context.session(), actor=context.actor(), now=context.now(), page=page_number()
    )
    return render_template("unanswered_supplements/index.html", found=found)


@pages.get("/dung")
@requires(Action.STOP_DOSSIER)
def preview() -> ResponseReturnValue:
    """What would be stopped; nothing is yet."""
    return _preview_page(StopForm(formdata=None), set())


@pages.post("/dung")
@requires(Action.STOP_DOSSIER)
def stop() -> ResponseReturnValue:
    """Stop the chosen ones, or show the list again with what stands against it."""
    form = StopForm()
    if form.validate():
        try:
            done = unanswered_supplements.stop_unanswered(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                chosen=form.wanted(request.form),
                seen_basis=form.basis.data or "",
                reason=form.reason.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã dừng giải quyết {done:02d} hồ sơ.", "done")
            return redirect(url_for("unanswered_supplements.index"))
    return _preview_page(form, {dossier_id for dossier_id, _ in read_rows(request.form.getlist("d"))}, 422)


def _preview_page(form: StopForm, ticked: set[int], status: int = 200) -> ResponseReturnValue:
    try:
        found = unanswered_supplements.preview_stop(
            context.session(), actor=context.actor(), now=context.now(), page=page_number()
        )
    except unanswered_supplements.NoBasis as refusal:
        return render_template("unanswered_supplements/refused.html", message=refusal.message), 422
    form.basis.data = found.basis
    return render_template("unanswered_supplements/stop.html", found=found, form=form, ticked=ticked), status
