"""Certificates of investment from a file: looked through first, saved on demand."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import investment_import
from tthc.services.imported_files import ImportResult
from tthc.services.investment_import import PreviewRow
from tthc.services.investment_rows import Column
from tthc.web.forms.investment import UploadForm
from tthc.web.guards import requires
from tthc.web.imported_files import FileImport

pages = Blueprint("imports", __name__, url_prefix="/nhap-tep")

_CERTIFICATES = FileImport(
    investment_import.import_certificates, "investment/check.html", "investment.imports.upload"
)


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
    found = _CERTIFICATES.look_through(form)
    return _page(form, 422) if found is None else found


@pages.post("/nhap")
@requires(Action.RECORD_INVESTMENT)
def save() -> ResponseReturnValue:
    """Import the file that was looked through."""
    return _CERTIFICATES.save(_done, "investment.certificates")


def _done(filename: str, result: ImportResult[PreviewRow]) -> str:
    return (
        f"Đã nhập từ tệp {filename}: {result.created} Giấy chứng nhận mới, {result.updated} dòng bổ sung, "
        f"{result.unchanged} dòng không đổi."
    )


def _page(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    return render_template("investment/upload.html", form=form, columns=[*Column]), status
