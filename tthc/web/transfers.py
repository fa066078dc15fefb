"""Handing over between counter and board, and all work of somebody who is absent."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError, TransferKind
from tthc.services import absences, transfers
from tthc.services.absences import AbsencePreview
from tthc.web import context
from tthc.web.forms.base import clean_line, options
from tthc.web.forms.transfers import AbsenceForm, TransferForm
from tthc.web.guards import requires
from tthc.web.papers import pdf
from tthc.web.paths import page_number

pages = Blueprint("transfers", __name__, url_prefix="/ban-giao")


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """What was received and has to go to the board."""
    return _page(TransferKind.TO_BOARD)


@pages.get("/ket-qua")
@requires(Action.VIEW_DOSSIERS)
def results() -> ResponseReturnValue:
    """What has a result and has to go to the counter."""
    return _page(TransferKind.TO_COUNTER)


@pages.post("")
@requires(Action.TRANSFER_DOSSIERS)
def hand_over() -> ResponseReturnValue:
    """Mark dossiers as handed to the board, and open the list for printing."""
    return _hand_over(TransferKind.TO_BOARD)


@pages.post("/ket-qua")
@requires(Action.TRANSFER_DOSSIERS)
def hand_over_results() -> ResponseReturnValue:
    """Mark results as handed to the counter, and open the list for printing."""
    return _hand_over(TransferKind.TO_COUNTER)


@pages.get("/danh-sach")
@requires(Action.VIEW_DOSSIERS)
def lists() -> ResponseReturnValue:
    """The lists that were signed."""
    page = transfers.list_transfers(context.session(), actor=context.actor(), page=page_number())
    return render_template("transfers/lists.html", page=page)


@pages.get("/danh-sach/<key:transfer_id>")
@requires(Action.VIEW_DOSSIERS)
def show(transfer_id: int) -> ResponseReturnValue:
    """One list that was signed."""
    view = transfers.get_transfer(context.session(), actor=context.actor(), transfer_id=transfer_id)
    return render_template("transfers/show.html", view=view)


@pages.get("/danh-sach/<key:transfer_id>.pdf")
@requires(Action.VIEW_DOSSIERS)
def paper(transfer_id: int) -> ResponseReturnValue:
    """The list for two signatures."""
    content = transfers.print_transfer(
        context.session(),
        actor=context.actor(),
        transfer_id=transfer_id,
        demo=current_app.config["DEMO"],
    )
    return pdf(content, str(transfer_id), "danh-sach-ban-giao")


@pages.get("/vang-mat")
@requires(Action.ASSIGN_DOSSIER)
def absence() -> ResponseReturnValue:
    """Whose work is to go to whom."""
    return _absence_page(_absence_form())


@pages.post("/vang-mat")
@requires(Action.ASSIGN_DOSSIER)
def hand_over_work() -> ResponseReturnValue:
    """A look at everything that would go over, and after that the act itself."""
    form = _absence_form()
    preview = None
    if form.validate():
        who = {"from_id": form.from_id.data, "to_id": form.to_id.data}
        now, actor = context.now(), context.actor()
        try:
            if request.form.get("step") == "save":
                count = absences.hand_over_work(
                    context.session(),
                    now=now,
                    actor=actor,
                    **who,
                    reason=form.reason.data or "",
                    seen=form.seen.data or "",
                )
                flash(f"Đã bàn giao {count} hồ sơ.", "done")
                return redirect(url_for("dossiers.index", officer_id=form.to_id.data))
        except DomainError as error:
            form.refuse(error)
        try:
            preview = absences.preview_absence(context.session(), actor=actor, now=now, **who)
            form.seen.data = preview.seen
        except DomainError as error:
            if not form.summary():
                form.refuse(error)
    return _absence_page(form, preview, 422 if form.summary() else 200)


def _page(kind: TransferKind, form: TransferForm | None = None, status: int = 200) -> ResponseReturnValue:
    waiting = transfers.waiting(context.session(), actor=context.actor(), now=context.now(), kind=kind)
    form = form or TransferForm(formdata=None)
    form.taker_id.choices = options(waiting.takers, "Chọn người nhận")
    marked = set(request.form.getlist("codes")) if request.method == "POST" else set(waiting.codes)
    return render_template("transfers/index.html", waiting=waiting, form=form, marked=marked), status


def _hand_over(kind: TransferKind) -> ResponseReturnValue:
    form = TransferForm()
    waiting = transfers.waiting(context.session(), actor=context.actor(), now=context.now(), kind=kind)
    form.taker_id.choices = options(waiting.takers, "Chọn người nhận")
    if form.validate():
        try:
            made = transfers.hand_over(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                kind=kind,
                codes=[clean_line(one) for one in request.form.getlist("codes")],
                taker_id=form.taker_id.data,
                note=form.note.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã ghi bàn giao; in danh sách để hai bên ký.", "done")
            return redirect(url_for("transfers.show", transfer_id=made))
    return _page(kind, form, 422)


def _absence_form() -> AbsenceForm:
    form = AbsenceForm() if request.method == "POST" else AbsenceForm(formdata=None)
    people = absences.people(context.session(), actor=context.actor(), now=context.now())
    form.from_id.choices = options(people, "Chọn người")
    form.to_id.choices = options(people, "Chọn người")
    return form


def _absence_page(
    form: AbsenceForm, preview: AbsencePreview | None = None, status: int = 200
) -> ResponseReturnValue:
    return render_template("transfers/absence.html", form=form, preview=preview), status
