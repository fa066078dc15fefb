"""The directory of applicants, the page of one, and two entries of one person put together."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import applicant_directory as directory
from tthc.services import applicant_merges as merges
from tthc.services.applicant_directory import ApplicantView
from tthc.web import context
from tthc.web.forms.applicants import ApplicantFilterForm, ApplicantForm, MergeForm
from tthc.web.forms.dossiers import SeenForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("applicants", __name__, url_prefix="/chu-ho-so")


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """The directory in the Vietnamese order of names."""
    form = ApplicantFilterForm(request.args)
    form.validate()
    page = directory.list_applicants(
        context.session(),
        actor=context.actor(),
        q=form.right("q") or "",
        kind=form.right("kind"),
        page=page_number(),
    )
    same = {name: request.args[name] for name in form._fields if request.args.get(name)}
    return render_template("applicants/index.html", form=form, page=page, same=same), (
        422 if form.summary() else 200
    )


@pages.get("/<key:applicant_id>")
@requires(Action.VIEW_DOSSIERS)
def show(applicant_id: int) -> ResponseReturnValue:
    """One applicant with their dossiers; a merged one leads to the entry that stayed."""
    view = _applicant(applicant_id)
    if view.merged_into is not None:
        return redirect(url_for("applicants.show", applicant_id=view.merged_into))
    return render_template("applicants/show.html", view=view)


@pages.get("/<key:applicant_id>/sua")
@requires(Action.EDIT_APPLICANT)
def edit(applicant_id: int) -> ResponseReturnValue:
    """The form with what is stored."""
    view = _applicant(applicant_id)
    form = ApplicantForm(formdata=None)
    form.show(view.data, view.version)
    return render_template("applicants/edit.html", view=view, form=form)


@pages.post("/<key:applicant_id>/sua")
@requires(Action.EDIT_APPLICANT)
def save(applicant_id: int) -> ResponseReturnValue:
    """Put the entry right."""
    form = ApplicantForm()
    if form.validate():
        try:
            directory.edit_applicant(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                applicant_id=applicant_id,
                version=form.seen_version(),
                data=form.typed(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã lưu thông tin chủ hồ sơ.", "done")
            return redirect(url_for("applicants.show", applicant_id=applicant_id))
    view = _applicant(applicant_id)
    form.version.data = view.version
    return render_template("applicants/edit.html", view=view, form=form), 422


@pages.get("/trung-lap")
@requires(Action.VIEW_DOSSIERS)
def duplicates() -> ResponseReturnValue:
    """Who may be the same person."""
    groups = merges.candidates(context.session(), actor=context.actor())
    return render_template("applicants/duplicates.html", groups=groups)


@pages.get("/<key:applicant_id>/gop/<key:other_id>")
@requires(Action.MERGE_APPLICANTS)
def look(applicant_id: int, other_id: int) -> ResponseReturnValue:
    """What merging the other entry into this one would do."""
    return _preview(applicant_id, other_id, MergeForm(formdata=None))


@pages.post("/<key:applicant_id>/gop/<key:other_id>")
@requires(Action.MERGE_APPLICANTS)
def merge(applicant_id: int, other_id: int) -> ResponseReturnValue:
    """Merge as it was looked at."""
    form = MergeForm()
    if form.validate():
        try:
            merges.merge(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                kept_id=applicant_id,
                kept_version=form.seen_version(),
                merged_id=other_id,
                merged_version=form.other(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã gộp. Lần gộp này có thể hoàn tác ở cuối trang.", "done")
            return redirect(url_for("applicants.show", applicant_id=applicant_id))
    return _preview(applicant_id, other_id, form, 422)


@pages.post("/gop/<key:merge_id>/hoan-tac")
@requires(Action.MERGE_APPLICANTS)
def undo(merge_id: int) -> ResponseReturnValue:
    """Take a merge back."""
    form = SeenForm()
    form.validate()
    kept_id = merges.undo(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        merge_id=merge_id,
        version=form.seen_version(),
    )
    flash("Đã hoàn tác lần gộp; các hồ sơ đã chuyển được trả về mục cũ.", "done")
    return redirect(url_for("applicants.show", applicant_id=kept_id))


def _applicant(applicant_id: int) -> ApplicantView:
    return directory.get_applicant(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        applicant_id=applicant_id,
        page=page_number(),
    )


def _preview(applicant_id: int, other_id: int, form: MergeForm, status: int = 200) -> ResponseReturnValue:
    view = merges.preview(context.session(), actor=context.actor(), kept_id=applicant_id, merged_id=other_id)
    form.version.data, form.other_version.data = view.kept_version, view.merged_version
    return render_template("applicants/merge.html", view=view, form=form), status
