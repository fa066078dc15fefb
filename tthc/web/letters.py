"""The words of letters, and who signs in whose place: pages of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import delegations, letters
from tthc.services.letters import LetterView
from tthc.web import context
from tthc.web.forms.base import options
from tthc.web.forms.letters import DelegationForm, LetterForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("letters", __name__)


@pages.get("/van-ban-mau")
@requires(Action.VIEW_SETTINGS)
def index() -> ResponseReturnValue:
    """Every letter of both sets."""
    found = letters.list_letters(context.session(), actor=context.actor(), on=context.today())
    return render_template("settings/letters.html", letters=found)


@pages.get("/van-ban-mau/<form_set>/<letter>")
@requires(Action.VIEW_SETTINGS)
def show(form_set: str, letter: str) -> ResponseReturnValue:
    """One letter: its words, those that it had, and for an administrator the form."""
    view = _letter(form_set, letter)
    form = LetterForm(formdata=None)
    form.body.data, form.seen.data = view.text.body, str(view.newest)
    form.valid_from.data = context.today()
    return _letter_page(view, form)


@pages.post("/van-ban-mau/<form_set>/<letter>")
@requires(Action.EDIT_LETTERS)
def change(form_set: str, letter: str) -> ResponseReturnValue:
    """A look at what the words give, or their entry."""
    view = _letter(form_set, letter)
    form = LetterForm()
    preview: Sequence[str] = ()
    only_look = request.form.get("step") == "look"
    if only_look:
        del form.reason, form.valid_from
    if form.validate():
        body = form.body.data or ""
        try:
            preview = letters.preview_letter(actor=context.actor(), kind=letter, form_set=form_set, body=body)
            if not only_look:
                version = letters.change_letter(
                    context.session(),
                    now=context.now(),
                    actor=context.actor(),
                    kind=letter,
                    form_set=form_set,
                    seen=form.seen_version(),
                    body=body,
                    valid_from=form.valid_from.data or context.today(),
                    reason=form.reason.data or "",
                )
                flash(f"Đã lưu bản {version} của văn bản mẫu.", "done")
                return redirect(url_for("settings.letters.show", form_set=form_set, letter=letter))
        except DomainError as error:
            form.refuse(error)
            view = _letter(form_set, letter)
    wrong = bool(form.summary())
    if only_look:
        looked, form = form, LetterForm()
        form.body.errors = looked.body.errors
        form.form_errors.extend(looked.form_errors)
    return _letter_page(view, form, preview, 422 if wrong else 200)


@pages.get("/ky-thay")
@requires(Action.VIEW_SETTINGS)
def deputies() -> ResponseReturnValue:
    """Who acts for whom, and for those who may the form."""
    return _deputies_page(DelegationForm(formdata=None))


@pages.post("/ky-thay")
@requires(Action.DELEGATE)
def delegate() -> ResponseReturnValue:
    """Let somebody act for a supervisor."""
    form = DelegationForm()
    _offer(form)
    if form.validate():
        assert form.valid_from.data is not None  # noqa: S101 - checked before
        assert form.valid_to.data is not None  # noqa: S101 - checked before
        assert form.capacity.data is not None  # noqa: S101 - checked before
        wanted = delegations.DelegationInput(
            from_id=form.from_id.data,
            to_id=form.to_id.data,
            valid_from=form.valid_from.data,
            valid_to=form.valid_to.data,
            title=form.title.data or "",
            decision=form.decision.data or "",
            reason=form.reason.data or "",
            capacity=form.capacity.data,
            decision_on=form.decision_on.data,
        )
        try:
            delegations.delegate(context.session(), now=context.now(), actor=context.actor(), wanted=wanted)
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã ghi ủy quyền.", "done")
            return redirect(url_for("settings.letters.deputies"))
    return _deputies_page(form, 422)


@pages.post("/ky-thay/<key:delegation_id>/thu-hoi")
@requires(Action.DELEGATE)
def revoke(delegation_id: int) -> ResponseReturnValue:
    """End a delegation now."""
    delegations.revoke(
        context.session(), now=context.now(), actor=context.actor(), delegation_id=delegation_id
    )
    flash("Đã thu hồi ủy quyền.", "done")
    return redirect(url_for("settings.letters.deputies"))


def _letter(form_set: str, letter: str) -> LetterView:
    return letters.get_letter(
        context.session(), actor=context.actor(), on=context.today(), kind=letter, form_set=form_set
    )


def _letter_page(
    view: LetterView, form: LetterForm, preview: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    return render_template("settings/letter.html", view=view, form=form, preview=preview), status


def _offer(form: DelegationForm) -> None:
    offered = delegations.choices(context.session(), actor=context.actor(), on=context.today())
    form.from_id.choices = options(offered.supervisors, "Chọn người")
    form.to_id.choices = options(offered.deputies, "Chọn người")


def _deputies_page(form: DelegationForm, status: int = 200) -> ResponseReturnValue:
    if context.actor().may(Action.DELEGATE):
        _offer(form)
    page = delegations.list_delegations(
        context.session(), actor=context.actor(), now=context.now(), page=page_number()
    )
    return render_template("settings/deputies.html", page=page, form=form), status
