"""The working calendar: a year, its versions, and changes that are looked at before they are made."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.calendar_changes import CalendarChange, ChangeRefused
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import calendar_drafts, calendar_files, calendar_proposals, calendar_years
from tthc.services.calendar_changes import (
    ALL,
    ChangeResult,
    Choice,
    Intent,
    Preview,
    Recalculation,
    Undo,
)
from tthc.services.transaction import NotFound
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.calendar import (
    WHOM_ALL,
    WHOM_CHOSEN,
    ApplyForm,
    CalendarFileForm,
    ChangeForm,
    YearForm,
    read_year,
)
from tthc.web.guards import requires

pages = Blueprint("calendar", __name__, url_prefix="/lich-lam-viec")


@pages.get("")
@requires(Action.VIEW_CALENDAR)
def index() -> ResponseReturnValue:
    """A year: twelve months, and the same in words."""
    return _year_page(read_year(request.args.get("year", "")) or context.today().year)


@pages.get("/xuat.csv", defaults={"kind": "csv"})
@pages.get("/xuat.ics", defaults={"kind": "ics"})
@requires(Action.VIEW_CALENDAR)
def export(kind: str) -> ResponseReturnValue:
    """The rows of a year, or of all years, as a file."""
    year = read_year(request.args.get("year", ""))
    content = calendar_files.export_calendar(
        context.session(), actor=context.actor(), format=kind, years=[year] if year else []
    )
    name = f"lich-lam-viec-{year or 'tat-ca'}.{kind}"
    return download(content, name)


@pages.get("/thay-doi")
@requires(Action.CHANGE_CALENDAR)
def change() -> ResponseReturnValue:
    """The form, empty or filled with what is expected of a year."""
    year = read_year(request.args.get("propose", ""))
    if year is None:
        return render_template("calendar/change.html", form=ChangeForm(), proposed=None)
    days = calendar_proposals.propose_year(context.session(), actor=context.actor(), year=year)
    if not days:
        flash(f"Lịch năm {year} đã có đủ các ngày nghỉ dự kiến được; không có gì để thêm.", "info")
        return redirect(url_for("calendar.index", year=year))
    return render_template("calendar/change.html", form=ChangeForm(rows=days), proposed=year)


@pages.post("/thay-doi")
@requires(Action.CHANGE_CALENDAR)
def prepare() -> ResponseReturnValue:
    """One more row, or on to the look at what the change would do."""
    form = ChangeForm(request.form)
    proposed = read_year(request.args.get("propose", ""))
    if "more" in request.form:
        form.add_row()
        return render_template("calendar/change.html", form=form, proposed=proposed)
    if form.check():
        try:
            return _to_preview(form.change())
        except ChangeRefused as refusal:
            form.refuse_change(refusal)
    return render_template("calendar/change.html", form=form, proposed=proposed), 422


@pages.get("/nhap")
@requires(Action.CHANGE_CALENDAR)
def upload() -> ResponseReturnValue:
    """The form for a file."""
    return render_template("calendar/upload.html", form=CalendarFileForm(), read=None)


@pages.post("/nhap")
@requires(Action.CHANGE_CALENDAR)
def read_file() -> ResponseReturnValue:
    """Everything that is wrong in a file, or on to the look at what it would do."""
    form = CalendarFileForm()
    read = None
    if form.validate():
        try:
            read = calendar_files.read_calendar(
                context.session(),
                actor=context.actor(),
                content=form.file.data.read(),
                filename=form.file.data.filename or "",
                whole_years=form.whole_years.data,
            )
            if not read.bad:
                answer = _to_preview(read.change)
                if read.skipped:
                    flash(f"Bỏ qua {len(read.skipped)} ngày nghỉ rơi vào cuối tuần, vốn đã nghỉ.", "info")
                return answer
        except DomainError as error:
            form.refuse(DomainError(error.message, "file"))
    return render_template("calendar/upload.html", form=form, read=read), 422


@pages.post("/xac-nhan")
@requires(Action.CHANGE_CALENDAR)
def confirm() -> ResponseReturnValue:
    """On to the look at what confirming a year would do."""
    form = YearForm()
    year = form.chosen_year()
    if year is None:
        raise NotFound("Chọn năm cần xác nhận trên trang lịch làm việc.")
    if form.validate():
        try:
            return _to_preview(CalendarChange(confirmed=((year, form.decision.data or ""),)))
        except DomainError as error:
            form.refuse(error)
    return _year_page(year, form, 422)


@pages.post("/bo-xac-nhan")
@requires(Action.CHANGE_CALENDAR)
def unconfirm() -> ResponseReturnValue:
    """On to the look at what making a year an estimate again would do."""
    form = YearForm()
    year = form.chosen_year()
    if year is None:
        raise NotFound("Chọn năm cần bỏ xác nhận trên trang lịch làm việc.")
    try:
        return _to_preview(CalendarChange(unconfirmed=(year,)))
    except ChangeRefused as error:
        form.refuse(error)
    return _year_page(year, form, 422)


@pages.post("/tinh-lai")
@requires(Action.MOVE_PROMISES)
def recalculate() -> ResponseReturnValue:
    """On to the look at what earlier changes left behind."""
    return _to_preview(Recalculation())


@pages.get("/phien-ban")
@requires(Action.VIEW_CALENDAR)
def versions() -> ResponseReturnValue:
    """Every version of the calendar."""
    rows = calendar_years.list_versions(context.session(), actor=context.actor())
    return render_template("calendar/versions.html", rows=rows)


@pages.get("/phien-ban/<key:version_id>")
@requires(Action.VIEW_CALENDAR)
def version(version_id: int) -> ResponseReturnValue:
    """One version: what it changed, whom it moved, whose receipt has to be printed again."""
    return _version_page(version_id)


@pages.post("/phien-ban/<key:version_id>/hoan-tac")
@requires(Action.CHANGE_CALENDAR)
def undo(version_id: int) -> ResponseReturnValue:
    """On to the look at what taking a version back would do."""
    try:
        return _to_preview(Undo(version_id))
    except ChangeRefused as refusal:
        return _version_page(version_id, refusal.message, 422)


@pages.get("/xem-truoc/<token>")
@requires(Action.CHANGE_CALENDAR)
def preview(token: str) -> ResponseReturnValue:
    """What a prepared change would do today."""
    try:
        seen = _preview(token)
    except ChangeRefused as refusal:
        return render_template("calendar/refused.html", proposal=token, message=refusal.message), 422
    return _preview_page(token, seen, _apply_form(seen))


@pages.post("/xem-truoc/<token>")
@requires(Action.CHANGE_CALENDAR)
def apply(token: str) -> ResponseReturnValue:
    """Make the change, or show the look again with what stands against it."""
    form = ApplyForm()
    chosen = {
        int(text)
        for text in request.form.getlist("d")
        if text.isascii() and text.isdigit() and len(text) < 10
    }
    if form.validate():
        if form.whom.data == WHOM_CHOSEN and not chosen:
            error = "Đánh dấu ít nhất một hồ sơ trong bảng, hoặc chọn cách khác."
            form.refuse(DomainError(error, "whom"))
        else:
            wanted = chosen if form.whom.data == WHOM_CHOSEN else ()
            choice = ALL if form.whom.data == WHOM_ALL else Choice(everyone=False, chosen=wanted)
            try:
                result = calendar_drafts.apply_prepared(
                    context.session(),
                    now=context.now(),
                    actor=context.actor(),
                    token=token,
                    base_version_id=form.base_version(),
                    reason=form.reason.data,
                    choice=choice,
                )
            except NotFound:
                raise
            except DomainError as error:
                form.refuse(error)
            else:
                flash(_done(result), "done")
                return redirect(url_for("calendar.version", version_id=result.version_id))
    try:
        seen = _preview(token)
    except ChangeRefused as refusal:
        return render_template("calendar/refused.html", proposal=token, message=refusal.message), 422
    form.base.data = str(seen.base_version_id)
    return _preview_page(token, seen, form, chosen, 422)


@pages.post("/xem-truoc/<token>/bo")
@requires(Action.CHANGE_CALENDAR)
def drop(token: str) -> ResponseReturnValue:
    """Throw a prepared change away."""
    calendar_drafts.drop_prepared(context.session(), actor=context.actor(), token=token)
    flash("Đã bỏ thay đổi chưa áp dụng; lịch giữ nguyên.", "done")
    return redirect(url_for("calendar.index"))


def _to_preview(intent: Intent) -> ResponseReturnValue:
    token = calendar_drafts.prepare_change(
        context.session(), now=context.now(), actor=context.actor(), intent=intent
    )
    return redirect(url_for("calendar.preview", token=token))


def _preview(token: str) -> Preview:
    return calendar_drafts.preview_prepared(
        context.session(), now=context.now(), actor=context.actor(), token=token
    )


def _apply_form(seen: Preview) -> ApplyForm:
    form = ApplyForm(formdata=None)
    form.base.data = str(seen.base_version_id)
    return form


def _preview_page(
    token: str, seen: Preview, form: ApplyForm, chosen: set[int] | None = None, status: int = 200
) -> ResponseReturnValue:
    if chosen is None:
        chosen = {move.dossier_id for move in seen.what.moves}
    return render_template(
        "calendar/preview.html", proposal=token, seen=seen, form=form, chosen=chosen
    ), status


def _year_page(year: int, form: YearForm | None = None, status: int = 200) -> ResponseReturnValue:
    view = calendar_years.get_year(context.session(), actor=context.actor(), year=year)
    if form is None:
        form = YearForm(formdata=None)
    form.year.data = str(year)
    prepared = (
        calendar_drafts.list_prepared(context.session(), actor=context.actor())
        if context.actor().may(Action.CHANGE_CALENDAR)
        else []
    )
    return render_template(
        "calendar/index.html", view=view, form=form, prepared=prepared, today=context.today()
    ), status


def _version_page(version_id: int, refusal: str = "", status: int = 200) -> ResponseReturnValue:
    view = calendar_years.get_version(context.session(), actor=context.actor(), version_id=version_id)
    return render_template("calendar/version.html", view=view, refusal=refusal), status


def _done(result: ChangeResult) -> str:
    parts = [f"Đã lưu lịch, phiên bản {result.version_id}."]
    if result.moved:
        parts.append(f"Dời ngày hẹn của {result.moved} hồ sơ.")
    if result.marks:
        parts.append(f"Cập nhật dấu “tạm tính” của {result.marks} hồ sơ.")
    if result.skipped:
        parts.append(f"{result.skipped} hồ sơ đã chọn không còn phải dời.")
    if result.alerts is None:
        parts.append("Cảnh báo sẽ được nêu lại ở lần quét sau.")
    return " ".join(parts)
