"""New procedures, their codes and their end, and the thresholds of all of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.catalogue import ContentRefused, faults_of, tidy
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import catalogue, catalogue_changes, catalogue_thresholds
from tthc.services.transaction import NotFound, StaleVersion
from tthc.web import context, paths
from tthc.web.catalogue_versions import PATTERNS
from tthc.web.forms.catalogue import StatusForm, ThresholdsForm, seen_of
from tthc.web.forms.catalogue_versions import ProcedureForm
from tthc.web.guards import requires
from tthc.web.submissions import new_token, once

pages = Blueprint("changes", __name__)

#: What the first case of a new procedure is called until somebody calls it otherwise.
_FIRST_CASE = "Trường hợp chung"


@pages.get("/them")
@requires(Action.EDIT_CATALOGUE)
def new() -> ResponseReturnValue:
    """An empty form with the next number and one case."""
    form = _procedure_form(None)
    form.local_no.data = catalogue_changes.suggest_local_no(context.session(), actor=context.actor())
    form.change_rows("cases", "")
    form.cases[0].name.data, form.cases[0].is_default.data = _FIRST_CASE, True
    form.added = None
    return _procedure_page(form)


@pages.post("/them")
@requires(Action.EDIT_CATALOGUE)
def add() -> ResponseReturnValue:
    """One more row, a check, or the new procedure."""
    form = _procedure_form(request.form)
    added, dropped = request.form.get("add", ""), request.form.get("drop", "")
    if added or dropped:
        form.change_rows(added, dropped)
        return _procedure_page(form)
    if form.check():
        try:
            if request.form.get("step") != "publish":
                if faults := faults_of(tidy(form.content())):
                    raise ContentRefused(faults)
                return _procedure_page(form, checked=True)
            return redirect(once(form.once.data or "", lambda: _save(form)))
        except ContentRefused as refusal:
            form.refuse_content(refusal)
        except DomainError as error:
            form.refuse(error)
    return _procedure_page(form, status=422)


@pages.get("/<key:local_no>/tinh-trang")
@requires(Action.EDIT_CATALOGUE)
def status(local_no: int) -> ResponseReturnValue:
    """National code, end and successor of a procedure."""
    draft = catalogue_changes.draft_status(
        context.session(), actor=context.actor(), on=context.today(), local_no=local_no
    )
    form = StatusForm(formdata=None)
    form.fill(draft.status, draft.seen)
    return render_template("catalogue/status.html", draft=draft, form=form)


@pages.post("/<key:local_no>/tinh-trang")
@requires(Action.EDIT_CATALOGUE)
def change_status(local_no: int) -> ResponseReturnValue:
    """Keep what changed, or say what stands against it."""
    form = StatusForm()
    if form.validate():
        try:
            changed = catalogue_changes.change_status(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                local_no=local_no,
                seen=seen_of(form.seen.data),
                status=form.status(),
                reason=form.reason.data or "",
                decision=form.decision.data or "",
                confirm_received=bool(form.confirm_received.data),
            )
        except NotFound:
            raise
        except ContentRefused as refusal:
            form.refuse_all(refusal)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã ghi: {', '.join(kind.label.lower() for kind in changed)}.", "done")
            return redirect(url_for("catalogue.show", local_no=local_no))
    draft = catalogue_changes.draft_status(
        context.session(), actor=context.actor(), on=context.today(), local_no=local_no
    )
    form.seen.data = str(draft.seen)
    return render_template("catalogue/status.html", draft=draft, form=form), 422


@pages.get("/nguong-bao")
@requires(Action.EDIT_CATALOGUE)
def thresholds() -> ResponseReturnValue:
    """The due-soon thresholds of all procedures."""
    return _thresholds_page(None)


@pages.post("/nguong-bao")
@requires(Action.EDIT_CATALOGUE)
def change_thresholds() -> ResponseReturnValue:
    """New versions for what changed."""
    form = _thresholds_form(request.form)
    if form.check():
        try:
            changed = catalogue_thresholds.change_thresholds(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                wanted=[line.threshold() for line in form.lines],
                valid_from=form.since(),
                reason=form.reason.data or "",
                decision=form.decision.data or "",
            )
        except ContentRefused as refusal:
            form.refuse_rows(refusal)
        except StaleVersion as error:
            for line in form.lines:
                line.seen = line.row.seen
            form.refuse(error)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                f"Đã ghi ngưỡng mới của {len(changed)} thủ tục, áp dụng từ {form.since():%d/%m/%Y}.",
                "done",
            )
            return redirect(url_for("catalogue.changes.thresholds"))
    return _thresholds_page(form, 422)


def _procedure_form(sent: object) -> ProcedureForm:
    sectors = catalogue.sector_choices(context.session(), actor=context.actor())
    form = ProcedureForm(sent, sectors)
    form.once.data = form.once.data or new_token()
    return form


def _procedure_page(form: ProcedureForm, *, checked: bool = False, status: int = 200) -> ResponseReturnValue:
    return render_template(
        "catalogue/add.html",
        form=form,
        checked=checked,
        patterns={name: make() for name, make in PATTERNS.items()},
    ), status


def _save(form: ProcedureForm) -> str:
    number = form.local_no.data or 0
    catalogue_changes.add_procedure(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        local_no=number,
        code=form.national_code.data or "",
        content=form.content(),
        publication=form.publication(),
    )
    flash(f"Đã thêm thủ tục số {number}, áp dụng từ {form.valid_from.data:%d/%m/%Y}.", "done")
    return url_for("catalogue.show", local_no=number)


def _thresholds_form(sent: object) -> ThresholdsForm:
    page = catalogue_thresholds.list_thresholds(
        context.session(), actor=context.actor(), on=context.today(), page=paths.page_number()
    )
    return ThresholdsForm(sent, page)


def _thresholds_page(form: ThresholdsForm | None, status: int = 200) -> ResponseReturnValue:
    return render_template("catalogue/thresholds.html", form=form or _thresholds_form(None)), status
