"""The register of dossiers: import with a look before, and export."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import register, register_export
from tthc.services.imported_files import ImportResult
from tthc.services.register_import import PreviewRow
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.register import ExportForm, UploadForm
from tthc.web.guards import requires
from tthc.web.imported_files import FileImport

pages = Blueprint("register", __name__, url_prefix="/so-ho-so")

_REGISTER = FileImport(register.import_register, "register/check.html", "register.index")


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
    found = _REGISTER.look_through(form)
    return _page(form, ExportForm(formdata=None), 422) if found is None else found


@pages.post("/nhap")
@requires(Action.IMPORT_REGISTER)
def save() -> ResponseReturnValue:
    """Import the file that was looked through."""
    return _REGISTER.save(_done, "register.index")


@pages.get("/xuat")
@requires(Action.EXPORT_REGISTER)
def export() -> ResponseReturnValue:
    """The dossiers received or pending in a span of days, as a file."""
    form = ExportForm(request.args)
    period = form.period()
    if period is None:
        return _page(UploadForm(formdata=None), form, 422)
    content = register_export.export_register(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        from_on=period[0],
        to_on=period[1],
        format=form.format.data,
    )
    name = f"so-ho-so-{period[0]:%Y%m%d}-{period[1]:%Y%m%d}.{form.format.data}"
    return download(content, name)


def _done(filename: str, result: ImportResult[PreviewRow]) -> str:
    return (
        f"Đã nhập sổ từ tệp {filename}: {result.created} dòng mới, {result.updated} dòng cập nhật, "
        f"{result.unchanged} dòng không đổi."
    )


def _page(upload: UploadForm, export_form: ExportForm, status: int = 200) -> ResponseReturnValue:
    return render_template("register/index.html", upload=upload, export_form=export_form), status
