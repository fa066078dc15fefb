"""Taking over the numbers of an office that begins in mid-year, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import take_over, take_over_views
from tthc.services.imported_files import RowError
from tthc.services.take_over_views import TakeOverView
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.forms.take_over import PaperForm, SeenForm, UndoForm, paper_form
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("take_over", __name__, url_prefix="/bao-cao/tiep-quan")


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """How far it has come, and the next step."""
    return _page(_view())


@pages.post("/bao-cao-giay")
@requires(Action.PREPARE_REPORT)
def save_paper() -> ResponseReturnValue:
    """Step 1: the figures of the last paper report, typed or from a list."""
    view = _view()
    form = paper_form(view.sectors)
    if form.validate():
        assert form.on.data is not None  # noqa: S101 - the form refuses an empty day
        common: dict[str, Any] = {
            "now": context.now(),
            "actor": context.actor(),
            "version": form.seen(),
            "on": form.on.data,
            "report_no": form.report_no.data or "",
        }
        errors: Sequence[RowError] = ()
        try:
            if form.file.data:
                content = form.file.data.read()
                errors = take_over.save_list(context.session(), content=content, **common)
            else:
                take_over.save_paper(
                    context.session(), figures=form.figures(), total=form.total.data or 0, **common
                )
        except DomainError as error:
            form.refuse(error)
        else:
            if errors:
                return render_template("take_over/errors.html", errors=errors), 422
            flash("Đã lưu số liệu của báo cáo giấy.", "done")
            return redirect(url_for("take_over.index"))
    return _page(_view(), paper=form, status=422)


@pages.post("/trinh")
@requires(Action.PREPARE_REPORT)
def submit() -> ResponseReturnValue:
    """Step 3: both sides agree."""
    return _act(SeenForm(), take_over.submit, "Đã trình lãnh đạo xác nhận số liệu tiếp quản.")


@pages.post("/xac-nhan")
@requires(Action.CLOSE_PERIOD)
def confirm() -> ResponseReturnValue:
    """Step 4: the chain begins with these figures."""
    return _act(SeenForm(), take_over.confirm, "Đã xác nhận số liệu tiếp quản.")


@pages.post("/huy")
@requires(Action.CLOSE_PERIOD)
def undo() -> ResponseReturnValue:
    """Take it back, with a reason."""
    form = UndoForm()
    return _act(form, take_over.undo, "Đã hủy việc tiếp quản số liệu.", reason=form.reason.data or "")


@pages.get("/danh-sach-giay")
@requires(Action.VIEW_TALLIES)
def paper_list() -> ResponseReturnValue:
    """The dossiers that the paper names, of one sector or of all."""
    text = request.args.get("sector", "")
    sector_id = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
    view, page = take_over_views.list_paper(
        context.session(), actor=context.actor(), sector_id=sector_id, page=page_number()
    )
    title = dict(view.sectors).get(sector_id or 0, "")
    query = {"sector": sector_id} if sector_id else {}
    return render_template("take_over/paper.html", view=view, page=page, title=title, query=query)


@pages.get("/chi-tren-giay")
@requires(Action.VIEW_TALLIES)
def only_paper() -> ResponseReturnValue:
    """What the paper names and is not pending here."""
    view, page = take_over_views.list_only_paper(context.session(), actor=context.actor(), page=page_number())
    return render_template("take_over/only_paper.html", view=view, page=page)


@pages.get("/chi-tren-he-thong")
@requires(Action.VIEW_TALLIES)
def only_here() -> ResponseReturnValue:
    """What is pending here and not on paper."""
    view, page = take_over_views.list_only_here(context.session(), actor=context.actor(), page=page_number())
    return render_template("take_over/only_here.html", view=view, page=page)


def _act(form: SeenForm, act: Callable[..., None], done: str, **more: Any) -> ResponseReturnValue:
    """Carry a step out, or show the page as it is now with what stands against it."""
    if form.validate():
        try:
            act(context.session(), now=context.now(), actor=context.actor(), version=form.seen(), **more)
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash(done, "done")
            return redirect(url_for("take_over.index"))
    return _page(_view(), refused=form, status=422)


def _view() -> TakeOverView:
    return take_over_views.get_take_over(context.session(), actor=context.actor())


def _page(
    view: TakeOverView,
    *,
    paper: PaperForm | None = None,
    refused: SeenForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    form = paper
    if form is None:
        form = paper_form(view.sectors, formdata=None)
        form.show(view)
    form.version.data = str(view.version)
    shown = paper or refused
    return render_template(
        "take_over/index.html",
        view=view,
        form=form,
        editing=paper is not None,
        undo_form=refused if isinstance(refused, UndoForm) else UndoForm(formdata=None),
        errors=shown.summary() if shown else [],
    ), status
