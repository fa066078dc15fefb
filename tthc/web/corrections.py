"""The correction of a receipt: what it should have said, the due date that follows, and the new receipt."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import catalogue, corrections
from tthc.services.corrections import CorrectionPreview
from tthc.services.dossiers import Call
from tthc.services.views import ProcedureView
from tthc.web import context
from tthc.web.filters import date_vn, local_date, time_vn, weekday
from tthc.web.forms.corrections import CorrectionForm
from tthc.web.forms.intake import offer_cases, procedure_choices
from tthc.web.guards import requires

pages = Blueprint("corrections", __name__, url_prefix="/<code:code>/dinh-chinh")


class Desk:
    """One rendering of the form, with what depends on the chosen procedure."""

    def __init__(self, code: str) -> None:
        self.known = corrections.as_received(
            context.session(), actor=context.actor(), now=context.now(), code=code
        )
        self.form = self._form()
        received_on = local_date(self.form.received_at.data or self.known.received_at)
        offered = catalogue.list_procedures(context.session(), actor=context.actor(), on=received_on)
        self.form.procedure_id.choices = procedure_choices(offered)
        chosen = self.form.procedure_id.data
        self.procedure: ProcedureView | None = None
        if chosen in {one.id for one in offered}:
            self.procedure = catalogue.get_procedure_by_id(
                context.session(), actor=context.actor(), on=received_on, procedure_id=chosen
            )
        cases = self.procedure.cases if self.procedure else ()
        offer_cases(self.form.case_id, cases, self.form.channel.data)
        self.preview_url = url_for("dossiers.corrections.preview", code=code)
        self.preview: CorrectionPreview | None = None
        self.obstacle = ""

    def _form(self) -> CorrectionForm:
        if request.method == "POST":
            return CorrectionForm()
        shown = ("version", "procedure_id", "case_id", "channel", "received_at")
        return CorrectionForm(formdata=None, data={name: getattr(self.known, name) for name in shown})

    def call(self) -> Call:
        """The use-case on the dossier as the person saw it."""
        return Call(context.now(), context.actor(), self.known.code, self.form.seen_version())

    def look_ahead(self) -> None:
        """Compute the due date that this correction would give, or say what stands in the way."""
        if not self.form.complete():
            self.obstacle = "Chọn thủ tục, kênh tiếp nhận và nhập thời điểm tiếp nhận để biết ngày hẹn trả."
            return
        try:
            self.preview = corrections.preview_correction(
                context.session(), call=self.call(), correction=self.form.correction(self.known)
            )
        except DomainError as error:
            self.obstacle = error.message

    def page(self, status: int = 200) -> ResponseReturnValue:
        """The whole page; a person who was late sends it again for what it shows now."""
        self.form.version.data = self.known.version
        return render_template("dossiers/correct.html", desk=self, form=self.form), status


@pages.get("")
@requires(Action.CORRECT_INTAKE)
def edit(code: str) -> ResponseReturnValue:
    """The form as the receipt stands."""
    return Desk(code).page()


@pages.post("/xem-truoc")
@requires(Action.CORRECT_INTAKE)
def preview(code: str) -> ResponseReturnValue:
    """The card with both due dates, and what else changes with the procedure; for htmx."""
    desk = Desk(code)
    desk.look_ahead()
    changed = request.headers.get("HX-Trigger-Name", "")
    return render_template("dossiers/_correction_changes.html", desk=desk, form=desk.form, changed=changed)


@pages.post("")
@requires(Action.CORRECT_INTAKE)
def save(code: str) -> ResponseReturnValue:
    """Look first, or correct: the button says which."""
    desk = Desk(code)
    if request.form.get("step") != "correct":
        desk.look_ahead()
        return desk.page()
    if not desk.form.validate():
        return desk.page(422)
    try:
        corrections.correct_dossier(
            context.session(),
            call=desk.call(),
            correction=desk.form.correction(desk.known),
            reason=desk.form.reason.data,
        )
    except DomainError as error:
        desk.form.refuse(error)
        return desk.page(422)
    _tell(code)
    return redirect(url_for("dossiers.show", code=code))


def _tell(code: str) -> None:
    """What the correction has made of the due date and of the receipt on paper."""
    now = corrections.as_received(context.session(), actor=context.actor(), now=context.now(), code=code)
    sentence = f"Đã đính chính. Hẹn trả: {weekday(now.due_at)}, {time_vn(now.due_at)}."
    if now.printed_at is None or not now.outdated:
        flash(sentence, "done")
        return
    flash(f"{sentence} Giấy tiếp nhận đã in ngày {date_vn(now.printed_at)} cần in lại.", "reissue")
