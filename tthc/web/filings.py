"""Filings: online ones and others that wait to be accepted or were refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import filing_papers, filing_supplements, filings
from tthc.services.views import CaseChoice, FilingView
from tthc.web import context
from tthc.web.forms.filings import AcceptForm, FilingFilterForm, RefuseForm, SupplementForm
from tthc.web.guards import requires
from tthc.web.paths import last_page, page_number

pages = Blueprint("filings", __name__, url_prefix="/cho-tiep-nhan")


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """The filings of one state, those that wait by default."""
    form = FilingFilterForm(request.args)
    form.validate()
    page = filings.list_filings(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        state=form.right("state"),
        page=page_number(),
    )
    if last := last_page(page):
        return redirect(last)
    return render_template("filings/index.html", form=form, page=page), 422 if form.summary() else 200


@pages.get("/<key:filing_id>")
@requires(Action.VIEW_DOSSIERS)
def show(filing_id: int) -> ResponseReturnValue:
    """One filing with what is needed to decide."""
    view = _filing(filing_id)
    return _page(view, _accept_form(view.cases), RefuseForm())


@pages.get("/<key:filing_id>/phieu-tu-choi.pdf")
@requires(Action.VIEW_DOSSIERS)
def refusal_paper(filing_id: int) -> ResponseReturnValue:
    """Why it was refused (mẫu 03) as a PDF that the browser shows."""
    return _paper(filing_papers.print_refusal, filing_id, "phieu-tu-choi")


@pages.get("/<key:filing_id>/phieu-bo-sung.pdf")
@requires(Action.VIEW_DOSSIERS)
def supplement_paper(filing_id: int) -> ResponseReturnValue:
    """What it lacks (mẫu 02) as a PDF that the browser shows."""
    return _paper(filing_papers.print_supplement, filing_id, "phieu-bo-sung")


def _paper(printing: Callable[..., bytes], filing_id: int, name: str) -> Response:
    content = printing(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        filing_id=filing_id,
        demo=current_app.config["DEMO"],
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{name}-{filing_id}.pdf")
    return answer


@pages.post("/<key:filing_id>/yeu-cau-bo-sung")
@requires(Action.RECEIVE_DOSSIER)
def request_supplement(filing_id: int) -> ResponseReturnValue:
    """Ask for what is missing before the filing is accepted."""
    form = SupplementForm()
    if form.validate():
        try:
            filing_supplements.request_supplement(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                filing_id=filing_id,
                missing=form.missing.data,
                reason=form.why.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã ghi yêu cầu bổ sung; in phiếu (mẫu 02) để gửi người nộp.", "done")
            return redirect(url_for("filings.show", filing_id=filing_id))
    view = _filing(filing_id)
    return _page(
        view, _accept_form(view.cases, sent=False), RefuseForm(formdata=None), 422, supplement_form=form
    )


@pages.post("/<key:filing_id>/nhan-bo-sung")
@requires(Action.RECEIVE_DOSSIER)
def receive_supplement(filing_id: int) -> ResponseReturnValue:
    """What was asked for has come."""
    form = RefuseForm(formdata=None)
    try:
        filing_supplements.receive_supplement(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            filing_id=filing_id,
            papers=request.form.getlist("papers"),
        )
    except DomainError as error:
        form.refuse(error)
        view = _filing(filing_id)
        return _page(view, _accept_form(view.cases, sent=False), form, 422)
    flash("Đã nhận bổ sung; thời hạn trả lời được tính lại.", "done")
    return redirect(url_for("filings.show", filing_id=filing_id))


@pages.post("/<key:filing_id>/tiep-nhan")
@requires(Action.RECEIVE_DOSSIER)
def accept(filing_id: int) -> ResponseReturnValue:
    """The filing becomes a dossier."""
    view = _filing(filing_id)
    form = _accept_form(view.cases)
    if form.validate():
        try:
            code = filings.accept_filing(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                filing_id=filing_id,
                case_id=form.case_id.data,
                confirm_unverified=form.confirm_unverified.data,
                check_papers=not form.confirm_missing.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã tiếp nhận hồ sơ {code}.", "receipt")
            return redirect(url_for("dossiers.show", code=code))
    return _page(view, form, RefuseForm(formdata=None), 422)


@pages.post("/<key:filing_id>/khong-tiep-nhan")
@requires(Action.RECEIVE_DOSSIER)
def refuse(filing_id: int) -> ResponseReturnValue:
    """The filing is refused with a reason, and keeps its number."""
    form = RefuseForm()
    if form.validate():
        try:
            filings.refuse_filing(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                filing_id=filing_id,
                reason=form.reason.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã ghi không tiếp nhận.", "done")
            return redirect(url_for("filings.show", filing_id=filing_id))
    view = _filing(filing_id)
    return _page(view, _accept_form(view.cases, sent=False), form, 422)


def _filing(filing_id: int) -> FilingView:
    return filings.get_filing(
        context.session(), actor=context.actor(), now=context.now(), filing_id=filing_id
    )


def _accept_form(cases: Sequence[CaseChoice], sent: bool = True) -> AcceptForm:
    form = AcceptForm() if sent else AcceptForm(formdata=None)
    form.case_id.choices = [
        ("", "Tự chọn theo kênh tiếp nhận"),
        *((str(one.id), f"{one.name} – {one.limit_label}") for one in cases),
    ]
    return form


def _page(
    view: FilingView,
    accept_form: AcceptForm,
    refuse_form: RefuseForm,
    status: int = 200,
    supplement_form: SupplementForm | None = None,
) -> ResponseReturnValue:
    return render_template(
        "filings/show.html",
        view=view,
        accept_form=accept_form,
        refuse_form=refuse_form,
        supplement_form=supplement_form or SupplementForm(formdata=None),
    ), status
