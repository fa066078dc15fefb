"""Files of a dossier: attached, looked at, downloaded, taken out."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import send_file as send
from flask.typing import ResponseReturnValue

from tthc.domain.attachments import FileType
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import attachments
from tthc.services.attachments import AttachmentView, FilesView, NewFile
from tthc.web import context, headers
from tthc.web.forms.attachments import AttachForm, DescriptionForm, RemovalForm
from tthc.web.forms.base import Unsent
from tthc.web.guards import requires

pages = Blueprint("attachments", __name__)

PREFIX = "file-"


@pages.get("/<code:code>/tep")
@requires(Action.VIEW_DOSSIERS)
def index(code: str) -> ResponseReturnValue:
    """The files of a dossier on a page of their own, with the form."""
    return _page(code)


@pages.post("/<code:code>/tep")
@requires(Action.KEEP_PAPERS)
def attach(code: str) -> ResponseReturnValue:
    """Keep the files that were chosen, each by itself; what is refused is said file by file."""
    form = AttachForm(prefix=PREFIX)
    form.offer(attachments.list_files(context.session(), actor=context.actor(), code=code).papers)
    kept: list[str] = []
    if form.validate():
        for one in form.chosen():
            try:
                kept.append(_attach(code, form, one))
            except DomainError as refusal:
                form.refuse(refusal)
        if not kept and not form.summary():
            form.refuse(DomainError("Chọn ít nhất một tệp.", "files"))
    refused = [text for _, text in form.summary()]
    if request.accept_mimetypes.best == "application/json":
        return jsonify(kept=kept, refused=refused), 422 if refused else 200
    if kept:
        flash(f"Đã đính kèm {len(kept)} tệp: {', '.join(kept)}.", "done")
    if refused:
        return _page(code, form, 422)
    return redirect(url_for("dossiers.show", code=code))


def _attach(code: str, form: AttachForm, one: object) -> str:
    upload = cast("BinaryIO", getattr(one, "stream", None))
    file = NewFile(
        name=str(getattr(one, "filename", "")),
        content=upload,
        kind=form.kind.data,
        paper=form.paper.data or "",
        digitised=bool(form.digitised.data),
    )
    kept = attachments.attach_file(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        store=context.papers(),
        code=code,
        file=file,
    )
    return kept.name


@pages.get("/<code:code>/tep/<key:attachment_id>")
@requires(Action.VIEW_DOSSIERS)
def show(code: str, attachment_id: int) -> ResponseReturnValue:
    """A file with what is known of it, and the file itself where a browser can show it."""
    return _file_page(code, attachment_id, RemovalForm(formdata=None))


@pages.get("/<code:code>/tep/<key:attachment_id>/xem")
@requires(Action.VIEW_DOSSIERS)
def view(code: str, attachment_id: int) -> ResponseReturnValue:
    """The content for the browser to show; what it cannot show is downloaded."""
    file = _file(code, attachment_id)
    return _content(file, download=not file.shown)


@pages.get("/<code:code>/tep/<key:attachment_id>/tai-ve")
@requires(Action.VIEW_DOSSIERS)
def download(code: str, attachment_id: int) -> ResponseReturnValue:
    """The content to be saved."""
    return _content(_file(code, attachment_id), download=True)


@pages.post("/<code:code>/tep/<key:attachment_id>/bo")
@requires(Action.KEEP_PAPERS)
def remove(code: str, attachment_id: int) -> ResponseReturnValue:
    """Take a file out of the dossier, or say what is wrong."""
    form = RemovalForm()
    if form.validate():
        try:
            name = attachments.remove_file(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=code,
                attachment_id=attachment_id,
                reason=form.reason.data or "",
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(f"Đã bỏ tệp {name} khỏi hồ sơ; tệp vẫn được lưu để tra cứu.", "done")
            return redirect(url_for("dossiers.show", code=code))
    return _file_page(code, attachment_id, form, 422)


@pages.post("/<code:code>/tep/<key:attachment_id>/thong-tin")
@requires(Action.KEEP_PAPERS)
def describe(code: str, attachment_id: int) -> ResponseReturnValue:
    """Put right what a file is a copy of, or say what is wrong."""
    form = DescriptionForm(prefix=PREFIX)
    files = attachments.list_files(context.session(), actor=context.actor(), code=code)
    form.offer(_papers_of(files, files.one(attachment_id)))
    if form.validate():
        try:
            name = attachments.describe_file(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=code,
                attachment_id=attachment_id,
                kind=form.kind.data,
                paper=form.paper.data or "",
                digitised=bool(form.digitised.data),
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(f"Đã lưu thông tin của tệp {name}.", "done")
            return redirect(url_for("dossiers.attachments.show", code=code, attachment_id=attachment_id))
    return _file_page(code, attachment_id, RemovalForm(formdata=None), 422, described=form)


def _file(code: str, attachment_id: int) -> AttachmentView:
    return attachments.get_file(
        context.session(), actor=context.actor(), code=code, attachment_id=attachment_id
    )


def _content(file: AttachmentView, *, download: bool) -> Response:
    """The bytes, under a type of our own finding and rules that let them do nothing."""
    content = attachments.open_file(context.papers(), file)
    answer = send(
        content,
        file.type.value,
        as_attachment=download,
        download_name=file.name,
        etag=False,
        conditional=False,
    )
    answer.content_length = file.size
    shown_pdf = file.type is FileType.PDF and not download
    answer.headers["Content-Security-Policy"] = headers.FOREIGN if shown_pdf else headers.SANDBOXED
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def form_for(files: FilesView) -> Unsent:
    """The form as it is before anything was chosen."""
    return Unsent(AttachForm, PREFIX, tuple(files.papers))


def _papers_of(files: FilesView, file: AttachmentView) -> list[str]:
    """What a file can be a copy of: also what it is said to be, where the dossier has no such paper now."""
    return [*files.papers, *({file.paper} - {"", *files.papers})]


def _page(code: str, form: AttachForm | None = None, status: int = 200) -> ResponseReturnValue:
    files = attachments.list_files(context.session(), actor=context.actor(), code=code)
    return render_template(
        "attachments/index.html",
        code=code,
        files=files,
        attach=form or form_for(files),
        errors=form.summary() if form else (),
    ), status


def _file_page(
    code: str,
    attachment_id: int,
    form: RemovalForm,
    status: int = 200,
    *,
    described: DescriptionForm | None = None,
) -> ResponseReturnValue:
    files = attachments.list_files(context.session(), actor=context.actor(), code=code)
    file = files.one(attachment_id)
    if described is None:
        described = DescriptionForm(
            formdata=None,
            prefix=PREFIX,
            data={"kind": file.kind, "paper": file.paper, "digitised": file.digitised},
        )
        described.offer(_papers_of(files, file))
    page = render_template("attachments/show.html", code=code, file=file, form=form, described=described)
    answer = make_response(page, status)
    answer.headers["Content-Security-Policy"] = headers.FRAMING
    return answer
