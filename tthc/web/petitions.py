"""Petitions: the register, the entry, the page of one with what can be done to it, and the tally."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action, NotAllowed
from tthc.domain.petitions import complaint_word
from tthc.domain.vocabulary import DomainError
from tthc.services import catalogue, petition_changes, petition_export, petitions
from tthc.services.petition_changes import PetitionCall
from tthc.services.petition_views import PetitionView
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.dossiers import SeenForm
from tthc.web.forms.petitions import (
    AnswerForm,
    CorrectionForm,
    PetitionFilterForm,
    PetitionForm,
    PublishForm,
    TransferForm,
)
from tthc.web.forms.reports import PeriodForm
from tthc.web.guards import requires
from tthc.web.paths import page_number
from tthc.web.submissions import new_token, once

pages = Blueprint("petitions", __name__, url_prefix="/phan-anh")


@dataclass(frozen=True)
class Deed:
    """Something that ends a petition or follows its end; ``day``: the input that left out means today."""

    slug: str
    label: str
    form: type[SeenForm]
    use_case: Callable[..., None]
    done: str
    day: str = "ended_on"


ANSWER = Deed("tra-loi", "Ghi trả lời", AnswerForm, petition_changes.answer_petition, "Đã ghi trả lời.")
TRANSFER = Deed(
    "chuyen",
    "Chuyển cơ quan khác",
    TransferForm,
    petition_changes.transfer_petition,
    "Đã ghi việc chuyển cơ quan khác.",
)
PUBLISH = Deed(
    "dang-tai",
    "Ghi đăng tải công khai",
    PublishForm,
    petition_changes.publish_petition,
    "Đã ghi việc đăng tải công khai.",
    "published_on",
)
DEEDS: Mapping[str, Deed] = {deed.slug: deed for deed in (ANSWER, TRANSFER, PUBLISH)}


@pages.get("")
@requires(Action.VIEW_PETITIONS)
def index() -> ResponseReturnValue:
    """The register, narrowed down by what the address says; every number of the tally leads here."""
    form = PetitionFilterForm(request.args)
    form.validate()
    page = None
    if not form.summary():
        try:
            page = petitions.list_petitions(
                context.session(),
                actor=context.actor(),
                today=context.today(),
                criteria=form.criteria(page_number()),
            )
        except DomainError as error:
            form.refuse(error)
    counted = form.criteria(1) if page else None
    return render_template(
        "petitions/index.html",
        form=form,
        page=page,
        same=form.address(request.args),
        # Of a number of a period each row says why it is counted there.
        judged=(counted.from_on, min(counted.to_on, context.today()))
        if counted and counted.cell and counted.from_on and counted.to_on
        else None,
    ), 200 if page else 422


@pages.get("/xuat.csv", defaults={"suffix": "csv"})
@pages.get("/xuat.xlsx", defaults={"suffix": "xlsx"})
@requires(Action.EXPORT_REGISTER)
def export(suffix: str) -> ResponseReturnValue:
    """The same list as a file."""
    form = PetitionFilterForm(request.args)
    if not form.validate():
        abort(404)
    content = petition_export.export_list(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        criteria=form.criteria(),
        format=suffix,
    )
    name = f"so-phan-anh-kien-nghi-{context.today():%Y%m%d}.{suffix}"
    return download(content, name)


@pages.get("/tong-hop")
@requires(Action.VIEW_TALLIES)
def tally() -> ResponseReturnValue:
    """The numbers of a period by kind, every one a link to its list."""
    form = PeriodForm(request.args)
    period = form.settle(context.today())
    table = None
    if period is not None:
        try:
            table = petitions.tally(
                context.session(),
                actor=context.actor(),
                today=context.today(),
                from_on=period.from_on,
                to_on=period.to_on,
                title=period.title,
            )
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "petitions/tally.html", form=form, period=period, table=table
    ), 200 if table else 422


@pages.get("/tong-hop.xlsx")
@requires(Action.VIEW_TALLIES)
def tally_sheet() -> ResponseReturnValue:
    """The same table as a spreadsheet."""
    form = PeriodForm(request.args)
    period = form.settle(context.today())
    if period is None:
        abort(404)
    content = petition_export.export_tally(
        context.session(),
        actor=context.actor(),
        today=context.today(),
        from_on=period.from_on,
        to_on=period.to_on,
        title=period.title,
    )
    name = f"phan-anh-kien-nghi-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return download(content, name)


@pages.get("/moi")
@requires(Action.RECORD_PETITION)
def new() -> ResponseReturnValue:
    """An empty form."""
    form = _entry()
    form.once.data = new_token()
    return _entry_page(form)


@pages.post("/moi")
@requires(Action.RECORD_PETITION)
def save() -> ResponseReturnValue:
    """The petition entered, once."""
    form = _entry()
    if form.validate():
        try:
            return redirect(once(form.once.data, lambda: _record(form)))
        except DomainError as error:
            form.refuse(error)
    return _entry_page(form, 422)


@pages.get("/<key:petition_id>")
@requires(Action.VIEW_PETITIONS)
def show(petition_id: int) -> ResponseReturnValue:
    """Everything about one petition."""
    return _page(_petition(petition_id))


@pages.post("/<key:petition_id>/<any('tra-loi', 'chuyen', 'dang-tai'):deed>")
@requires(Action.RECORD_PETITION)
def perform(petition_id: int, deed: str) -> ResponseReturnValue:
    """Carry out one deed, or show the petition with the deed's form open and what is wrong in it."""
    wanted = DEEDS[deed]
    form = _deed_form(wanted, sent=True)
    if form.validate():
        typed = {field.short_name: field.data for field in form if field.short_name not in _OURS}
        typed[wanted.day] = typed[wanted.day] or context.today()
        try:
            wanted.use_case(context.session(), call=_call(petition_id, form), **typed)
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash(wanted.done, "done")
            return redirect(url_for("petitions.show", petition_id=petition_id))
    return _page(_petition(petition_id), wanted, form, 422)


@pages.get("/<key:petition_id>/dinh-chinh")
@requires(Action.CORRECT_PETITION)
def edit(petition_id: int) -> ResponseReturnValue:
    """The form as the petition is on record."""
    view = _petition(petition_id)
    form = CorrectionForm(formdata=None)
    form.fill(view.content)
    return _correction_page(view, form)


@pages.post("/<key:petition_id>/dinh-chinh")
@requires(Action.CORRECT_PETITION)
def correct(petition_id: int) -> ResponseReturnValue:
    """The petition corrected."""
    form = CorrectionForm()
    _offer(form)
    if form.validate():
        try:
            petition_changes.correct_petition(
                context.session(),
                call=_call(petition_id, form),
                content=form.content(now=context.now()),
                reason=form.reason.data,
                not_complaint=form.not_complaint.data,
            )
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã đính chính.", "done")
            return redirect(url_for("petitions.show", petition_id=petition_id))
    return _correction_page(_petition(petition_id), form, 422)


#: What a form carries for the page itself.
_OURS = {"csrf_token", "version"}


def _record(form: PetitionForm) -> str:
    petition_id = petition_changes.record_petition(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        content=form.content(now=context.now()),
        not_complaint=form.not_complaint.data,
    )
    flash("Đã ghi phản ánh, kiến nghị vào sổ.", "done")
    return url_for("petitions.show", petition_id=petition_id)


def _petition(petition_id: int) -> PetitionView:
    return petitions.get_petition(
        context.session(), actor=context.actor(), today=context.today(), petition_id=petition_id
    )


def _call(petition_id: int, form: SeenForm) -> PetitionCall:
    return PetitionCall(context.now(), context.actor(), petition_id, form.seen_version())


def _offer(form: PetitionForm) -> None:
    form.offer(catalogue.procedure_choices(context.session(), actor=context.actor(), on=context.today()))


def _entry() -> PetitionForm:
    form = PetitionForm()
    _offer(form)
    return form


def _asks(form: PetitionForm) -> bool:
    """Whether the form asks to confirm that the petition is neither complaint nor denunciation."""
    return bool(form.not_complaint.errors or complaint_word(form.subject.data or ""))


def _entry_page(form: PetitionForm, status: int = 200) -> ResponseReturnValue:
    return render_template("petitions/new.html", form=form, asks=_asks(form)), status


def _correction_page(view: PetitionView, form: CorrectionForm, status: int = 200) -> ResponseReturnValue:
    _offer(form)
    form.version.data = view.version
    return render_template("petitions/correct.html", view=view, form=form, asks=_asks(form)), status


def _deed_form(deed: Deed, sent: bool = False) -> SeenForm:
    """The form of a deed; ids carry the deed, as several forms stand on one page."""
    prefix = f"{deed.slug}-"
    return deed.form(prefix=prefix) if sent else deed.form(formdata=None, prefix=prefix)


def _page(
    view: PetitionView, opened: Deed | None = None, refused: SeenForm | None = None, status: int = 200
) -> ResponseReturnValue:
    offered = [ANSWER, TRANSFER] if view.may_end else [PUBLISH] if view.may_publish else []
    forms = [(deed, refused if refused and deed is opened else _deed_form(deed)) for deed in offered]
    for _, form in forms:
        form.version.data = view.version
    return render_template(
        "petitions/show.html", view=view, forms=forms, opened=opened, refused=refused
    ), status
