"""Closing periods: what speaks against it, the figures that are kept, the chain of what was closed."""

from __future__ import annotations

from functools import partial
from io import BytesIO

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.closing import Change
from tthc.domain.permissions import Action
from tthc.domain.tallies import CELLS, Tally, TallyRow
from tthc.domain.vocabulary import DomainError
from tthc.services import closing, closing_page, closing_papers, readiness
from tthc.web import context
from tthc.web.downloads import FILE_TYPES, download
from tthc.web.filters import date_vn
from tthc.web.forms.closing import CloseForm, FiguresForm, PointForm, ReopenForm
from tthc.web.guards import requires
from tthc.web.members import members_file, members_page
from tthc.web.paths import page_number
from tthc.web.reports import cell_address, ends_apart

pages = Blueprint("closing", __name__, url_prefix="/bao-cao/chot-ky")


@pages.get("")
@requires(Action.VIEW_TALLIES)
def index() -> ResponseReturnValue:
    """The period that comes next, and the chain."""
    return _chain(CloseForm(formdata=None))


@pages.post("")
@requires(Action.CLOSE_PERIOD)
def close() -> ResponseReturnValue:
    """Close the period with the figures that were shown, or show what stands against it."""
    form = CloseForm()
    if form.from_on.data is None or form.to_on.data is None:
        abort(400)
    if form.validate():
        try:
            close_id = closing.close_period(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                from_on=form.from_on.data,
                to_on=form.to_on.data,
                figures=form.figures.data or "",
                vault=context.vault(),
                reason=form.reason.data or "",
                demo=current_app.config["DEMO"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã chốt kỳ {_span(form.from_on.data, form.to_on.data)}.", "done")
            return redirect(url_for("closing.show", close_id=close_id))
    return _chain(form, 422)


def _chain(form: CloseForm, status: int = 200) -> ResponseReturnValue:
    found = closing_page.open_chain(
        context.session(), actor=context.actor(), now=context.now(), page=page_number()
    )
    if found.following is not None:
        # Always those that the page shows, also after a refusal.
        form.figures.data = found.following.figures
        for field, day in (
            (form.from_on, found.following.period.from_on),
            (form.to_on, found.following.period.to_on),
        ):
            field.data, field.raw_data = day, None
    return render_template(
        "closing/index.html",
        found=found,
        form=form,
        address=cell_address,
        apart=found.following is not None and ends_apart(found.following.period),
    ), status


@pages.get("/kiem-tra/<point>")
@requires(Action.VIEW_TALLIES)
def point(point: str) -> ResponseReturnValue:
    """The dossiers that a point of the readiness list names."""
    period = PointForm(request.args).period()
    if period is None:
        abort(404)
    label, page = readiness.list_point(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        period=period,
        key=point,
        page=page_number(),
    )
    query = {"point": point, "from_on": date_vn(period.from_on), "to_on": date_vn(period.to_on)}
    return render_template("closing/point.html", label=label, page=page, period=period, query=query)


@pages.get("/kiem-tra/<point>.xlsx")
@requires(Action.VIEW_TALLIES)
def export_point(point: str) -> ResponseReturnValue:
    """The same list whole, as a spreadsheet."""
    period = PointForm(request.args).period()
    if period is None:
        abort(404)
    content = readiness.export_point(
        context.session(), actor=context.actor(), now=context.now(), period=period, key=point
    )
    name = f"kiem-tra-{point.replace('_', '-')}-{period.from_on:%Y%m%d}-{period.to_on:%Y%m%d}.xlsx"
    return download(content, name)


@pages.get("/dieu-chinh")
@pages.get("/<key:close_id>/dieu-chinh")
@requires(Action.VIEW_TALLIES)
def adjustments(close_id: int | None = None) -> ResponseReturnValue:
    """The adjustments of a closing, or of the period that comes next."""
    period, page = closing_page.list_adjustments(
        context.session(), actor=context.actor(), close_id=close_id, page=page_number()
    )
    return render_template("closing/adjustments.html", period=period, page=page, close_id=close_id)


@pages.get("/nhap-muon")
@pages.get("/<key:close_id>/nhap-muon")
@requires(Action.VIEW_TALLIES)
def late_entries(close_id: int | None = None) -> ResponseReturnValue:
    """What was entered late for closed periods and counts in a closing, or in the period that comes next."""
    period, page = closing_page.list_late_entries(
        context.session(), actor=context.actor(), close_id=close_id, page=page_number()
    )
    return render_template("closing/late_entries.html", period=period, page=page, close_id=close_id)


@pages.get("/<key:close_id>")
@requires(Action.VIEW_TALLIES)
def show(close_id: int) -> ResponseReturnValue:
    """A closing with its figures."""
    return _closing(close_id, ReopenForm(formdata=None))


@pages.post("/<key:close_id>/mo-lai")
@requires(Action.CLOSE_PERIOD)
def reopen(close_id: int) -> ResponseReturnValue:
    """Open the newest closed period again."""
    form = ReopenForm()
    if form.validate():
        try:
            closing.reopen_period(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                close_id=close_id,
                reason=form.reason.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã mở lại kỳ. Số liệu lần chốt trước vẫn được giữ để đối chiếu.", "done")
            return redirect(url_for("closing.index"))
    return _closing(close_id, form, 422)


@pages.get("/<key:close_id>/doi-chieu")
@requires(Action.VIEW_TALLIES)
def recount(close_id: int) -> ResponseReturnValue:
    """A closing whose checksum was counted again."""
    whole = closing.is_whole(context.session(), actor=context.actor(), close_id=close_id)
    return _closing(close_id, ReopenForm(formdata=None), whole=whole)


def _closing(
    close_id: int, form: ReopenForm, status: int = 200, *, whole: bool | None = None
) -> ResponseReturnValue:
    figures = FiguresForm(request.args)
    figures.validate()
    view = closing_page.get_closing(
        context.session(), actor=context.actor(), close_id=close_id, by=figures.right("by") or "sector"
    )
    return render_template(
        "closing/show.html",
        view=view,
        form=form,
        whole=whole,
        address=partial(member_address, close_id),
        change_address=change_address,
        apart=ends_apart(view.tally.period),
        cells=CELLS,
    ), status


def member_address(close_id: int, tally: Tally, row: TallyRow, name: str) -> str:
    """The page with the dossiers behind one number of a closing."""
    return url_for("closing.members", close_id=close_id, by=tally.by, row=row.key, cell=name)


def change_address(close_id: int, by: str, change: Change) -> str:
    """The page with the dossiers behind one side of a number that two closings give differently."""
    return url_for("closing.members", close_id=close_id, by=by, row=change.key, cell=change.cell.value)


@pages.get("/<key:close_id>/ho-so")
@requires(Action.VIEW_TALLIES)
def members(close_id: int) -> ResponseReturnValue:
    """The dossiers behind one number of a closing, all of them by default."""
    return members_page(closing_page.list_members, "closing/members.html", close_id=close_id)


@pages.get("/<key:close_id>/ho-so.<any(xlsx, csv):kind>")
@requires(Action.VIEW_TALLIES)
def export_members(close_id: int, kind: str) -> ResponseReturnValue:
    """The same list whole, as a file."""
    return members_file(closing_page.export_members, kind, f"ky-chot-{close_id}", close_id=close_id)


@pages.get("/<key:close_id>/bieu-ii06a.<any(xlsx, pdf):kind>")
@requires(Action.VIEW_TALLIES)
def paper(close_id: int, kind: str) -> ResponseReturnValue:
    """The official form as it was signed when the period was closed."""
    return _signed(close_id, kind, signature=False)


@pages.get("/<key:close_id>/bieu-ii06a.<any(xlsx, pdf):kind>.sig")
@requires(Action.VIEW_TALLIES)
def signature(close_id: int, kind: str) -> ResponseReturnValue:
    """Its detached signature."""
    return _signed(close_id, kind, signature=True)


def _signed(close_id: int, kind: str, *, signature: bool) -> ResponseReturnValue:
    name, content = closing_papers.open_paper(
        context.session(),
        actor=context.actor(),
        vault=context.vault(),
        close_id=close_id,
        kind=kind,
        signature=signature,
    )
    media = "text/plain" if signature else FILE_TYPES[kind]
    return send_file(BytesIO(content), media, as_attachment=True, download_name=name)


@pages.get("/khoa-cong-khai.pem")
@requires(Action.VIEW_TALLIES)
def public_key() -> ResponseReturnValue:
    """The key with which anybody can check the signatures."""
    content = context.vault().public_key()
    return send_file(
        BytesIO(content), "application/x-pem-file", as_attachment=True, download_name="khoa-cong-khai.pem"
    )


def _span(from_on: object, to_on: object) -> str:
    return f"{from_on:%d/%m/%Y} – {to_on:%d/%m/%Y}"
