"""The intake form: what is asked, the due date that would be promised, and the three ways to end it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import catalogue, filings, intake, worklists
from tthc.services.intake import PaperInput
from tthc.services.views import DuePreview, ProcedureView
from tthc.web import context
from tthc.web.filters import local_date
from tthc.web.forms.intake import IntakeForm, PaperLine, paper_lines
from tthc.web.guards import requires
from tthc.web.submissions import new_token, once

pages = Blueprint("intake", __name__, url_prefix="/ho-so/tiep-nhan")


class Desk:
    """One rendering of the intake form, with what depends on the chosen procedure."""

    def __init__(self) -> None:
        person, day = context.actor(), context.today()
        self.form = IntakeForm()
        officers = worklists.filter_choices(context.session(), actor=person, now=context.now()).officers
        self.form.offer(
            catalogue.list_procedures(context.session(), actor=person, on=day),
            [(one.value, one.label) for one in officers if one.value != "0"],
        )
        self.procedure = self._procedure()
        self.form.offer_cases(self.procedure.cases if self.procedure else ())
        needed = self.procedure.requirements if self.procedure else ()
        self.papers: list[PaperLine] = paper_lines(needed, request.form)
        self.preview_url = url_for("intake.preview")
        self.preview: DuePreview | None = None
        self.obstacle = ""
        if not self.form.once.data:
            self.form.once.data = new_token()

    def _procedure(self) -> ProcedureView | None:
        chosen = self.form.procedure_id.data
        if chosen is None or str(chosen) not in {value for value, _ in self.form.procedure_id.choices}:
            return None
        at = self.form.received_at.data
        return catalogue.get_procedure_by_id(
            context.session(),
            actor=context.actor(),
            on=local_date(at) if at else context.today(),
            procedure_id=chosen,
        )

    def look_ahead(self) -> None:
        """Compute the due date that this form would get; what stands in the way is said in its place."""
        if self.procedure is None or self.form.channel.data is None:
            return
        try:
            self.preview = intake.preview_due(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                procedure_id=self.procedure.row.id,
                case_id=self.form.case_id.data,
                channel=self.form.channel.data,
                received_at=self.form.received_at.data,
            )
        except DomainError as error:
            self.obstacle = error.message

    def valid(self) -> bool:
        """Whether form and paper lines have the right shape."""
        return all([self.form.validate(), *(line.form.validate() for line in self.papers)])

    def handed_in(self) -> list[PaperInput]:
        """The papers as the service takes them."""
        return [paper for paper in (line.paper() for line in self.papers) if paper is not None]

    def summary(self) -> list[tuple[str | None, str]]:
        """All errors, those of the papers last."""
        found = list(self.form.summary())
        for line in self.papers:
            for field in line.form:
                found += [(field.id, f"{field.label.text}: {text}") for text in field.errors]
        return found

    def page(self, status: int = 200) -> ResponseReturnValue:
        """The whole page."""
        self.look_ahead()
        return render_template("dossiers/intake.html", desk=self, form=self.form), status


@pages.get("")
@requires(Action.RECEIVE_DOSSIER)
def new() -> ResponseReturnValue:
    """An empty form."""
    return Desk().page()


@pages.post("/xem-truoc")
@requires(Action.RECEIVE_DOSSIER)
def preview() -> ResponseReturnValue:
    """The card with the due date, and what else changes with the procedure; for htmx."""
    desk = Desk()
    desk.look_ahead()
    changed = request.headers.get("HX-Trigger-Name", "")
    return render_template("dossiers/_intake_changes.html", desk=desk, form=desk.form, changed=changed)


@pages.post("")
@requires(Action.RECEIVE_DOSSIER)
def save() -> ResponseReturnValue:
    """Receive, keep for later, or refuse: the button says which."""
    desk = Desk()
    step = request.form.get("step", "preview")
    if step not in STEPS:
        return desk.page()
    if not desk.valid():
        return desk.page(422)
    try:
        target = once(desk.form.once.data, lambda: STEPS[step](desk))
    except DomainError as error:
        desk.form.refuse(error)
        return desk.page(422)
    return redirect(target)


def _receive(desk: Desk) -> str:
    code = intake.receive_dossier(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.form.request(desk.handed_in()),
    )
    flash(f"Đã tiếp nhận hồ sơ {code}.", "receipt")
    return url_for("dossiers.show", code=code)


def _keep(desk: Desk) -> str:
    filing_id = filings.save_filing(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.form.request(desk.handed_in()),
    )
    flash("Đã lưu vào danh sách chờ tiếp nhận.", "done")
    return url_for("filings.show", filing_id=filing_id)


def _refuse(desk: Desk) -> str:
    filing_id = filings.refuse_intake(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.form.request(desk.handed_in()),
        reason=desk.form.reason.data,
    )
    flash("Đã ghi không tiếp nhận.", "done")
    return url_for("filings.show", filing_id=filing_id)


#: What the buttons of the form do; each returns the address to go on to.
STEPS = {"receive": _receive, "save": _keep, "refuse": _refuse}
