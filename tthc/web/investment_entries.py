"""Certificates of investment: put on record, corrected, cancelled."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import investment
from tthc.services.investment_views import CertificateDraft, CertificateView
from tthc.web import context
from tthc.web.forms.base import clean_line
from tthc.web.forms.investment import CancelForm, CertificateForm, CorrectionForm
from tthc.web.guards import requires
from tthc.web.submissions import new_token, once

pages = Blueprint("entries", __name__)


@pages.get("/ghi")
@requires(Action.RECORD_INVESTMENT)
def new() -> ResponseReturnValue:
    """An empty form, or one for the dossier of the address."""
    code = _dossier_of_address()
    if not code:
        return _form(CertificateForm(formdata=None), None)
    try:
        draft = _draft(code)
    except DomainError as refusal:
        # The link stands on the page of the dossier; what came in between is told there.
        flash(refusal.message, "warning")
        return redirect(url_for("dossiers.show", code=code))
    form = CertificateForm(formdata=None)
    form.begin(draft)
    return _form(form, draft)


@pages.post("/ghi")
@requires(Action.RECORD_INVESTMENT)
def record() -> ResponseReturnValue:
    """Put it on record; back to the dossier where it came from there."""
    form = CertificateForm()
    code = _dossier_of_address()
    if form.validate():
        try:
            target = once(form.once.data, lambda: _record(form, code))
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(target)
    return _form(form, _draft_if_any(code), 422)


def _record(form: CertificateForm, code: str) -> str:
    certificate_id = investment.record_certificate(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        certificate=form.certificate(),
        dossier_code=form.dossier_code.data or "",
    )
    flash(f"Đã ghi Giấy chứng nhận số {form.number.data}.", "done")
    if code:
        return url_for("dossiers.show", code=code)
    return url_for("investment.show", certificate_id=certificate_id)


@pages.get("/<key:certificate_id>/dinh-chinh")
@requires(Action.RECORD_INVESTMENT)
def edit(certificate_id: int) -> ResponseReturnValue:
    """The form with what is on record; with a dossier in the address it is to be linked to that."""
    view = _view(certificate_id)
    if view.row.cancelled:
        return redirect(url_for("investment.show", certificate_id=certificate_id))
    form = CorrectionForm(formdata=None)
    form.fill(view, _dossier_of_address())
    return render_template("investment/correct.html", form=form, view=view)


@pages.post("/<key:certificate_id>/dinh-chinh")
@requires(Action.RECORD_INVESTMENT)
def correct(certificate_id: int) -> ResponseReturnValue:
    """The correction, with its reason."""
    form = CorrectionForm()
    if form.validate():
        try:
            investment.correct_certificate(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                certificate_id=certificate_id,
                version=form.seen(),
                certificate=form.certificate(),
                dossier_code=form.dossier_code.data or "",
                reason=form.reason.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã đính chính; nội dung trước đó còn trong lịch sử.", "done")
            return redirect(url_for("investment.show", certificate_id=certificate_id))
    view = _view(certificate_id)
    form.version.data = str(view.version)
    return render_template("investment/correct.html", form=form, view=view), 422


@pages.post("/<key:certificate_id>/huy")
@requires(Action.RECORD_INVESTMENT)
def cancel(certificate_id: int) -> ResponseReturnValue:
    """Out of the numbers, with a reason."""
    form = CancelForm(prefix="cancel-")
    if form.validate():
        try:
            investment.cancel_certificate(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                certificate_id=certificate_id,
                version=form.seen(),
                reason=form.reason.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã hủy bản ghi; Giấy chứng nhận này không còn tính vào số liệu.", "done")
            return redirect(url_for("investment.show", certificate_id=certificate_id))
    view = _view(certificate_id)
    form.version.data = str(view.version)
    return render_template("investment/show.html", view=view, form=form), 422


def _form(form: CertificateForm, draft: CertificateDraft | None, status: int = 200) -> ResponseReturnValue:
    if not form.once.data:
        form.once.data = new_token()
    return render_template("investment/record.html", form=form, draft=draft), status


def _dossier_of_address() -> str:
    """The dossier that the address names, if any."""
    return clean_line(request.args.get("ho-so"))[:64]


def _draft(code: str) -> CertificateDraft:
    return investment.draft_for_dossier(context.session(), actor=context.actor(), code=code)


def _draft_if_any(code: str) -> CertificateDraft | None:
    try:
        return _draft(code) if code else None
    except DomainError:
        return None


def _view(certificate_id: int) -> CertificateView:
    return investment.get_certificate(context.session(), actor=context.actor(), certificate_id=certificate_id)
