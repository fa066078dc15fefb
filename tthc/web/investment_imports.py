"""Certificates of investment from a file: looked through first, saved on demand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import investment_import
from tthc.services.imported_files import ImportResult
from tthc.services.investment_import import PreviewRow
from tthc.services.investment_rows import Column
from tthc.web import context, uploads
from tthc.web.forms.investment import UploadForm
from tthc.web.forms.register import ConfirmForm
from tthc.web.guards import requires
from tthc.web.register import SHOWN

pages = Blueprint("imports", __name__, url_prefix="/nhap-tep")


@pages.get("")
@requires(Action.RECORD_INVESTMENT)
def upload() -> ResponseReturnValue:
    """Which file, and what it may look like."""
    return _page(UploadForm(formdata=None))


@pages.post("/kiem-tra")
@requires(Action.RECORD_INVESTMENT)
def check() -> ResponseReturnValue:
    """Look a file through without saving anything."""
    form = UploadForm()
    if form.validate():
        content, filename = form.file.data.read(), form.file.data.filename or ""
        try:
            result = _import(content, filename, dry_run=True)
        except DomainError as error:
            form.refuse(DomainError(error.message, "file"))
        else:
            confirm = ConfirmForm(formdata=None)
            if not result.errors:
                confirm.upload.data = uploads.keep(current_user.id, filename, content)
            return _checked(result, filename, confirm)
    return _page(form, 422)


@pages.post("/nhap")
@requires(Action.RECORD_INVESTMENT)
def save() -> ResponseReturnValue:
    """Import the file that was looked through."""
    token = ConfirmForm().upload.data or ""
    kept = uploads.find(current_user.id, token)
    if kept is None:
        flash("Tệp đã kiểm tra không còn trên máy chủ; chọn tệp và kiểm tra lại.", "warning")
        return redirect(url_for("investment.imports.upload"))
    filename, content = kept
    try:
        result = _import(content, filename, dry_run=False)
    except DomainError as error:
        flash(error.message, "warning")
        return redirect(url_for("investment.imports.upload"))
    if result.errors:
        return _checked(result, filename, ConfirmForm(formdata=None))
    uploads.drop(token)
    flash(
        f"Đã nhập từ tệp {filename}: {result.created} Giấy chứng nhận mới, {result.updated} dòng bổ sung, "
        f"{result.unchanged} dòng không đổi.",
        "done",
    )
    return redirect(url_for("investment.certificates"))


def _import(content: bytes, filename: str, *, dry_run: bool) -> ImportResult[PreviewRow]:
    return investment_import.import_certificates(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        content=content,
        filename=filename,
        dry_run=dry_run,
    )


def _checked(result: ImportResult[PreviewRow], filename: str, form: ConfirmForm) -> ResponseReturnValue:
    return render_template(
        "investment/check.html", result=result, filename=filename, form=form, shown=SHOWN
    ), 422 if result.errors else 200


def _page(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    return render_template("investment/upload.html", form=form, columns=[*Column]), status
