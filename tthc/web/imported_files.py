"""The pages of importing a file: it is looked through first, and saved as it was looked through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import Field

from tthc.domain.vocabulary import DomainError
from tthc.services.imported_files import ImportResult
from tthc.web import context, uploads
from tthc.web.forms.register import ConfirmForm

#: How many rows of a file are shown before it is imported; errors are shown all.
SHOWN = 200


class UploadForm(Protocol):
    """A form with a file."""

    file: Field

    def validate(self) -> bool:
        """Whether there is one."""

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at its field."""


@dataclass(frozen=True)
class FileImport:
    """What files of one kind hold: who reads them, the template of what was found, where files are chosen."""

    read: Callable[..., ImportResult[Any]]
    template: str
    endpoint: str

    def look_through(self, form: UploadForm) -> ResponseReturnValue | None:
        """What saving the file of a form would do; nothing is saved. ``None``: the form says why not."""
        if not form.validate():
            return None
        content, filename = form.file.data.read(), form.file.data.filename or ""
        try:
            result = self._run(content, filename, dry_run=True)
        except DomainError as error:
            form.refuse(DomainError(error.message, "file"))
            return None
        confirm = ConfirmForm(formdata=None)
        if not result.errors:
            confirm.upload.data = uploads.keep(current_user.id, filename, content)
        return self._found(result, filename, confirm)

    def save(self, done: Callable[[str, ImportResult[Any]], str], endpoint: str) -> ResponseReturnValue:
        """Import the file that was looked through, say ``done`` and go to ``endpoint``."""
        token = ConfirmForm().upload.data or ""
        kept = uploads.find(current_user.id, token)
        if kept is None:
            return self._again("Tệp đã kiểm tra không còn trên máy chủ; chọn tệp và kiểm tra lại.")
        filename, content = kept
        try:
            result = self._run(content, filename, dry_run=False)
        except DomainError as error:
            return self._again(error.message)
        if result.errors:
            return self._found(result, filename, ConfirmForm(formdata=None))
        uploads.drop(token)
        flash(done(filename, result), "done")
        return redirect(url_for(endpoint))

    def _run(self, content: bytes, filename: str, *, dry_run: bool) -> ImportResult[Any]:
        return self.read(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            content=content,
            filename=filename,
            dry_run=dry_run,
        )

    def _again(self, message: str) -> ResponseReturnValue:
        flash(message, "warning")
        return redirect(url_for(self.endpoint))

    def _found(self, result: ImportResult[Any], filename: str, form: ConfirmForm) -> ResponseReturnValue:
        page = render_template(self.template, result=result, filename=filename, form=form, shown=SHOWN)
        return page, 422 if result.errors else 200
