"""The versions of a procedure: their history, new ones, and those that are still to come."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.catalogue import ContentRefused
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import catalogue, catalogue_drafts, catalogue_history, catalogue_versions
from tthc.services.catalogue_drafts import Draft, Review
from tthc.services.transaction import NotFound, StaleVersion
from tthc.web import context, paths
from tthc.web.forms.catalogue import ComparisonForm, RemovalForm, seen_of
from tthc.web.forms.catalogue_rows import PATTERN, CaseForm, PaperForm, SegmentForm
from tthc.web.forms.catalogue_versions import VersionForm
from tthc.web.guards import requires
from tthc.web.submissions import new_token, once

pages = Blueprint("versions", __name__)

#: What the script of the form makes new rows from.
PATTERNS = {
    "case": lambda: CaseForm(None, PATTERN),
    "segment": lambda: SegmentForm(None, prefix=f"{PATTERN}-"),
    "paper": lambda: PaperForm(None, PATTERN),
}


@pages.get("/<key:local_no>/phien-ban")
@requires(Action.VIEW_CATALOGUE)
def history(local_no: int) -> ResponseReturnValue:
    """All versions, and any two of them side by side."""
    told = catalogue_history.get_history(
        context.session(),
        actor=context.actor(),
        on=context.today(),
        local_no=local_no,
        page=paths.page_number(),
    )
    form = ComparisonForm(request.args)
    form.offer(told.versions)
    form.validate()
    pair = (form.right("tu"), form.right("den"))
    both = None
    if None not in pair and pair[0] != pair[1]:
        both = catalogue_history.compare_versions(
            context.session(),
            actor=context.actor(),
            on=context.today(),
            local_no=local_no,
            version_ids=[one for one in pair if one is not None],
        )
    return render_template("catalogue/history.html", told=told, form=form, both=both)


@pages.get("/<key:local_no>/phien-ban/<key:version_id>")
@requires(Action.VIEW_CATALOGUE)
def show(local_no: int, version_id: int) -> ResponseReturnValue:
    """One version: what it changed, and who was received while it holds under another one."""
    return _version_page(local_no, version_id, None)


@pages.get("/<key:local_no>/phien-ban/moi")
@requires(Action.EDIT_CATALOGUE)
def new(local_no: int) -> ResponseReturnValue:
    """A new version, filled from the one in force or from the one that ``tu`` names."""
    base = seen_of(request.args.get("tu")) or None
    return Editor(local_no, base_id=base).page()


@pages.post("/<key:local_no>/phien-ban/moi")
@requires(Action.EDIT_CATALOGUE)
def publish(local_no: int) -> ResponseReturnValue:
    """One more row, a look at what would change, or the new version."""
    base = seen_of(request.args.get("tu")) or None
    return Editor(local_no, base_id=base).answer()


@pages.get("/<key:local_no>/phien-ban/<key:version_id>/sua")
@requires(Action.EDIT_CATALOGUE)
def edit(local_no: int, version_id: int) -> ResponseReturnValue:
    """A version that is still to come, as it is."""
    return Editor(local_no, version_id=version_id).page()


@pages.post("/<key:local_no>/phien-ban/<key:version_id>/sua")
@requires(Action.EDIT_CATALOGUE)
def change(local_no: int, version_id: int) -> ResponseReturnValue:
    """One more row, a look at what would change, or the changed version."""
    return Editor(local_no, version_id=version_id).answer()


@pages.post("/<key:local_no>/phien-ban/<key:version_id>/bo")
@requires(Action.EDIT_CATALOGUE)
def remove(local_no: int, version_id: int) -> ResponseReturnValue:
    """A version that is still to come goes again."""
    form = RemovalForm()
    if form.validate():
        try:
            catalogue_versions.remove_planned(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                local_no=local_no,
                version_id=version_id,
                seen=seen_of(form.seen.data),
                reason=form.reason.data or "",
            )
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã bỏ phiên bản chưa áp dụng.", "done")
            return redirect(url_for("catalogue.versions.history", local_no=local_no))
    return _version_page(local_no, version_id, form, 422)


class Editor:
    """One rendering of the form of a version, new or still to come."""

    def __init__(self, local_no: int, *, base_id: int | None = None, version_id: int | None = None) -> None:
        self.local_no = local_no
        self.base_id = base_id
        self.version_id = version_id
        self.draft = self._draft()
        sectors = catalogue.sector_choices(context.session(), actor=context.actor())
        sent = request.form if request.method == "POST" else None
        self.form = VersionForm(sent, sectors)
        self.review: Review | None = None
        if sent is None:
            self.form.fill(self.draft.content)
            self.form.seen.data = str(self.draft.seen)
            if self.draft.planned:
                self.form.valid_from.data = self.draft.base.valid_from
                self.form.decision.data = self.draft.base.decision
        self.form.once.data = self.form.once.data or new_token()

    def _draft(self) -> Draft:
        place: dict[str, Any] = {
            "actor": context.actor(),
            "on": context.today(),
            "local_no": self.local_no,
        }
        if self.version_id is not None:
            return catalogue_drafts.draft_planned(context.session(), version_id=self.version_id, **place)
        return catalogue_drafts.draft_version(context.session(), base_id=self.base_id, **place)

    def answer(self) -> ResponseReturnValue:
        """What the pressed button asks for."""
        add, drop = request.form.get("add", ""), request.form.get("drop", "")
        if add or drop:
            self.form.change_rows(add, drop)
            return self.page()
        if not self.form.check():
            return self.page(422)
        try:
            if request.form.get("step") != "publish":
                self.look()
                return self.page()
            return redirect(once(self.form.once.data or "", self._save))
        except ContentRefused as refusal:
            self.form.refuse_content(refusal)
        except StaleVersion as error:
            # What the form says is set against what somebody else made of the procedure meanwhile.
            self.draft = self._draft()
            self.form.seen.data = str(self.draft.seen)
            self.form.refuse(error)
            self.look()
        except DomainError as error:
            self.form.refuse(error)
            self.look()
        return self.page(422)

    def look(self) -> None:
        """Find out what the version would change; what cannot be a version stands at its fields."""
        try:
            self.review = catalogue_drafts.review_version(
                context.session(),
                actor=context.actor(),
                on=context.today(),
                local_no=self.local_no,
                content=self.form.content(),
                valid_from=self.form.publication().valid_from,
                version_id=self.version_id,
            )
        except ContentRefused as refusal:
            self.form.refuse_content(refusal)

    def _save(self) -> str:
        common: dict[str, Any] = {
            "now": context.now(),
            "actor": context.actor(),
            "local_no": self.local_no,
            "seen": self.form.seen_count(),
            "content": self.form.content(),
            "publication": self.form.publication(),
        }
        version_id = self.version_id
        if version_id is None:
            version_id = catalogue_versions.publish_version(context.session(), **common)
        else:
            catalogue_versions.change_planned(context.session(), version_id=version_id, **common)
        flash(f"Đã ghi phiên bản áp dụng từ {self.form.valid_from.data:%d/%m/%Y}.", "done")
        return url_for("catalogue.versions.show", local_no=self.local_no, version_id=version_id)

    def page(self, status: int = 200) -> ResponseReturnValue:
        """The whole page."""
        if self.review is None and self.form.summary():
            status = 422
        return render_template(
            "catalogue/edit.html",
            draft=self.draft,
            form=self.form,
            review=self.review,
            patterns={name: make() for name, make in PATTERNS.items()},
        ), status


def _version_page(
    local_no: int, version_id: int, form: RemovalForm | None, status: int = 200
) -> ResponseReturnValue:
    view = catalogue_history.get_version(
        context.session(),
        actor=context.actor(),
        on=context.today(),
        local_no=local_no,
        version_id=version_id,
        page=paths.page_number(),
    )
    form = form or RemovalForm(formdata=None)
    form.seen.data = str(view.seen)
    return render_template("catalogue/version.html", view=view, form=form), status
