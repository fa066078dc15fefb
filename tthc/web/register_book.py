"""The yearly register book: on screen, as files, a further volume, the lock."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import register_book
from tthc.services.register_book import BookView, Part
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.register_book import BookForm, LockForm, VolumeForm
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("register_book", __name__, url_prefix="/so-theo-doi")


@pages.get("")
@requires(Action.VIEW_REGISTER)
def index() -> ResponseReturnValue:
    """A year's book, or a part of it."""
    form = BookForm(request.args)
    part = form.part()
    if part is not None:
        try:
            return _page(form, _view(part))
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
    return _page(form, _view(Part(form.right("year"))), status=422)


@pages.get("/so.<any(xlsx, pdf):kind>")
@requires(Action.VIEW_REGISTER)
def export(kind: str) -> ResponseReturnValue:
    """The same part whole, as a file."""
    form = BookForm(request.args)
    part = form.part()
    if part is None:
        abort(404)
    try:
        content = register_book.export_book(
            context.session(),
            actor=context.actor(),
            today=context.today(),
            part=part,
            format=kind,
            demo=current_app.config["DEMO"],
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error)
        return _page(form, _view(part), status=422)
    year = part.year or context.today().year
    name = f"so-theo-doi-{year}{f'-quyen-{part.volume}' if part.volume else ''}.{kind}"
    return download(content, name)


@pages.post("/quyen-moi")
@requires(Action.KEEP_REGISTER)
def add_volume() -> ResponseReturnValue:
    """Begin a further volume."""
    form = VolumeForm()
    year, last_no = _seen(form)
    try:
        name = register_book.open_volume(
            context.session(), now=context.now(), actor=context.actor(), year=year, last_no=last_no
        )
    except NotFound:
        raise
    except DomainError as error:
        form.refuse(error)
        return _page(BookForm(formdata=None), _view(Part(year)), refused=form, status=422)
    flash(f"Đã mở quyển số {name} năm {year}, bắt đầu từ số {last_no + 1}.", "done")
    return redirect(url_for("register_book.index", year=year))


@pages.post("/khoa-so")
@requires(Action.LOCK_REGISTER)
def lock() -> ResponseReturnValue:
    """Lock the book of a finished year."""
    form = LockForm()
    year, last_no = _seen(form)
    if form.validate():
        try:
            register_book.lock_book(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                year=year,
                last_no=last_no,
                note=form.note.data or "",
            )
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã khóa sổ năm {year}. Hồ sơ nhập muộn được ghi vào sổ năm hiện tại.", "done")
            return redirect(url_for("register_book.index", year=year))
    return _page(BookForm(formdata=None), _view(Part(year)), refused=form, status=422)


def _seen(form: VolumeForm) -> tuple[int, int]:
    seen = form.seen()
    if seen is None:
        abort(400)
    return seen


def _view(part: Part) -> BookView:
    return register_book.open_book(
        context.session(), actor=context.actor(), today=context.today(), part=part, page=page_number()
    )


def _page(
    form: BookForm, view: BookView, *, refused: VolumeForm | None = None, status: int = 200
) -> ResponseReturnValue:
    form.offer([one.name for one in view.volumes], view.year)
    query = {
        "year": view.year,
        "volume": view.volume,
        "from_no": form.right("from_no"),
        "to_no": form.right("to_no"),
    }
    lock_form = refused if isinstance(refused, LockForm) else LockForm(formdata=None)
    return render_template(
        "register_book/index.html",
        view=view,
        form=form,
        lock_form=lock_form,
        errors=form.summary() + (refused.summary() if refused else []),
        query={name: value for name, value in query.items() if value is not None},
    ), status
