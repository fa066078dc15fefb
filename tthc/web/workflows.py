"""The internal workflow of a version of a procedure."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.steps import WorkflowRefused
from tthc.domain.vocabulary import DomainError
from tthc.services import workflows
from tthc.services.workflows import WorkflowView
from tthc.web import context
from tthc.web.forms.catalogue import seen_of
from tthc.web.forms.workflows import WorkflowForm
from tthc.web.guards import requires

pages = Blueprint("workflows", __name__)


@pages.get("/<key:local_no>/phien-ban/<key:version_id>/quy-trinh")
@requires(Action.VIEW_CATALOGUE)
def show(local_no: int, version_id: int) -> ResponseReturnValue:
    """The steps, and for an administrator the form."""
    view = _view(local_no, version_id)
    form = WorkflowForm()
    form.fill(view.steps)
    form.seen.data = str(view.seen)
    return _page(view, form)


@pages.post("/<key:local_no>/phien-ban/<key:version_id>/quy-trinh")
@requires(Action.EDIT_CATALOGUE)
def change(local_no: int, version_id: int) -> ResponseReturnValue:
    """Other steps for what is received from now on."""
    form = WorkflowForm(request.form)
    if form.check():
        try:
            count = workflows.change_workflow(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                local_no=local_no,
                version_id=version_id,
                seen=seen_of(form.seen.data),
                steps=form.plans(),
            )
        except WorkflowRefused as refusal:
            form.refuse_steps(refusal)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(
                f"Đã lưu quy trình {count} bước."
                if count
                else "Đã bỏ quy trình riêng; dùng quy trình chung.",
                "done",
            )
            return redirect(url_for("catalogue.workflows.show", local_no=local_no, version_id=version_id))
    view = _view(local_no, version_id)
    form.seen.data = str(view.seen)
    return _page(view, form, 422)


def _view(local_no: int, version_id: int) -> WorkflowView:
    return workflows.get_workflow(
        context.session(),
        actor=context.actor(),
        on=context.today(),
        local_no=local_no,
        version_id=version_id,
    )


def _page(view: WorkflowView, form: WorkflowForm, status: int = 200) -> ResponseReturnValue:
    form.pad()
    return render_template("catalogue/workflow.html", view=view, form=form), status
