"""The register of dossiers: import with a look before, and export."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import register
from tthc.web import context, uploads
from tthc.web.forms.register import ConfirmForm, ExportForm, UploadForm
from tthc.web.guards import requires
from tthc.web.reports import SPREADSHEET

pages = Blueprint("register", __name__, url_prefix="/so-ho-so")

#: How many rows of a file are shown before it is imported; errors are shown all.
SHOWN = 200

_TYPES = {"xlsx": SPREADSHEET, "csv": "text/csv; charset=utf-8"}


@pages.get("")
@requires(Action.EXPORT_REGISTER, Action.IMPORT_REGISTER)
def index() -> ResponseReturnValue:
    """Both forms, as far as the person may use them."""
    return _page(UploadForm(), ExportForm(formdata=None))


@pages.post("/kiem-tra")
@requires(Action.IMPORT_REGISTER)
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
    return _page(form, ExportForm(formdata=None), 422)


@pages.post("/nhap")
@requires(Action.IMPORT_REGISTER)
def save() -> ResponseReturnValue:
    """Import the file that was looked through."""
    token = ConfirmForm().upload.data or ""
    kept = uploads.find(current_user.id, token)
    if kept is None:
        flash("Tệp đã kiểm tra không còn trên máy chủ; chọn tệp và kiểm tra lại.", "warning")
        return redirect(url_for("register.index"))
    filename, content = kept
    try:
        result = _import(content, filename, dry_run=False)
    except DomainError as error:
        flash(error.message, "warning")
        return redirect(url_for("register.index"))
    if result.errors:
        return _checked(result, filename, ConfirmForm(formdata=None))
    uploads.drop(token)
    flash(
        f"Đã nhập sổ từ tệp {filename}: {result.created} dòng mới, {result.updated} dòng cập nhật, "
        f"{result.unchanged} dòng không đổi.",
        "done",
    )
    return redirect(url_for("register.index"))


@pages.get("/xuat")
@requires(Action.EXPORT_REGISTER)
def export() -> ResponseReturnValue:
    """The dossiers received or pending in a span of days, as a file."""
    form = ExportForm(request.args)
    period = form.period()
    if period is None:
        return _page(UploadForm(formdata=None), form, 422)
    content = register.export_register(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        from_on=period[0],
        to_on=period[1],
        format=form.format.data,
    )
    name = f"so-ho-so-{period[0]:%Y%m%d}-{period[1]:%Y%m%d}.{form.format.data}"
    return send_file(BytesIO(content), _TYPES[form.format.data], as_attachment=True, download_name=name)


def _import(content: bytes, filename: str, *, dry_run: bool) -> register.ImportResult:
    return register.import_register(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        content=content,
        filename=filename,
        dry_run=dry_run,
    )


def _checked(result: register.ImportResult, filename: str, form: ConfirmForm) -> ResponseReturnValue:
    return render_template(
        "register/check.html", result=result, filename=filename, form=form, shown=SHOWN
    ), 422 if result.errors else 200


def _page(upload: UploadForm, export_form: ExportForm, status: int = 200) -> ResponseReturnValue:
    return render_template("register/index.html", upload=upload, export_form=export_form), status
