"""The return desk: results that wait, one of them handed over, what was handed over, reminders."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.hand_overs import ReceiptReturn
from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import come_backs, hand_overs, return_desk, search, uncollected
from tthc.services.return_desk import DeskView
from tthc.services.selections import Mark
from tthc.web import context
from tthc.web.downloads import download
from tthc.web.forms.base import clean_line
from tthc.web.forms.hand_overs import (
    TRACKING,
    ComeBackForm,
    CorrectHandOverForm,
    HandOverForm,
    RemindForm,
    UncollectedForm,
)
from tthc.web.guards import requires
from tthc.web.paths import last_page, page_number

pages = Blueprint("hand_overs", __name__, url_prefix="/tra-ket-qua")

#: Other dossiers that have the words, beside the results that wait.
_OTHERS = 8


@pages.get("")
@requires(Action.VIEW_DOSSIERS)
def index() -> ResponseReturnValue:
    """The results that wait; the QR code of a receipt, or words that one dossier has, lead straight to it."""
    form = _narrowed()
    q = form.right("q") or ""
    session, actor = context.session(), context.actor()
    if q and (code := return_desk.find_code(session, actor=actor, q=q)):
        return redirect(url_for("hand_overs.show", code=code))
    found = uncollected.list_uncollected(
        session,
        actor=actor,
        now=context.now(),
        q=q,
        only_due=bool(form.only_due.data),
        page=page_number(),
    )
    if last := last_page(found.page):
        return redirect(last)
    others = search.search(session, actor=actor, q=q, results=_OTHERS, beside=1).dossiers if q else []
    shown = {row.code for row in found.page.rows}
    others = [hit for hit in others if hit.code not in shown]
    if q and not form.summary() and found.page.total == len(shown) == 1 and not others:
        return redirect(url_for("hand_overs.show", code=shown.pop()))
    return render_template(
        "hand_overs/index.html",
        form=form,
        found=found,
        others=others,
    ), 422 if form.summary() else 200


@pages.get("/chua-nhan.xlsx")
@requires(Action.VIEW_DOSSIERS)
def export() -> ResponseReturnValue:
    """The same list, whole, as a spreadsheet."""
    form = _narrowed()
    content = uncollected.export_uncollected(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        q=form.right("q") or "",
        only_due=bool(form.only_due.data),
    )
    name = f"ket-qua-chua-nhan-{context.today():%Y%m%d}.xlsx"
    return download(content, name)


@pages.get("/<code:code>")
@requires(Action.VIEW_DOSSIERS)
def show(code: str) -> ResponseReturnValue:
    """One dossier at the desk."""
    return _page(_desk(code))


@pages.post("/<code:code>")
@requires(Action.HAND_OVER_DOSSIER)
def hand_over(code: str) -> ResponseReturnValue:
    """Hand its result over, with those of the same applicant that were ticked."""
    form = HandOverForm()
    if form.validate():
        try:
            done = hand_overs.hand_over(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                marks=[Mark(code, form.seen_version()), *read_marks()],
                delivery=form.delivery(read_tracking()),
                occurred_at=form.occurred_at.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("hand_overs.done", action_id=done))
    view = _desk(code)
    form.version.data = view.row.version
    return _page(view, form=form, status=422)


@pages.get("/lan/<uuid:action_id>")
@requires(Action.VIEW_DOSSIERS)
def done(action_id: UUID) -> ResponseReturnValue:
    """What was handed over in one act, to be printed and signed."""
    view = hand_overs.get_done(context.session(), actor=context.actor(), action_id=str(action_id))
    return render_template("hand_overs/done.html", view=view)


@pages.post("/<code:code>/nhac")
@requires(Action.HAND_OVER_DOSSIER)
def remind(code: str) -> ResponseReturnValue:
    """Put on record that the applicant was reminded, or write to them."""
    form = RemindForm(prefix="remind-")
    if form.validate():
        try:
            uncollected.remind(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=code,
                way=form.way.data,
                note=form.note.data or "",
                seen=form.seen_version(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(f"Đã ghi nhắc nhận kết quả hồ sơ {code}.", "done")
            return redirect(url_for("hand_overs.index"))
    view = _desk(code)
    form.version.data = view.waiting.seen if view.waiting else 0
    return _page(view, reminder=form, status=422)


@pages.get("/<code:code>/dinh-chinh")
@requires(Action.HAND_OVER_DOSSIER)
def edit(code: str) -> ResponseReturnValue:
    """The newest entry, to be corrected."""
    delivery, seen = hand_overs.get_entry(context.session(), actor=context.actor(), code=code)
    form = CorrectHandOverForm(formdata=None, obj=delivery)
    form.version.data = seen
    return render_template("hand_overs/correct.html", code=code, form=form)


@pages.post("/<code:code>/dinh-chinh")
@requires(Action.HAND_OVER_DOSSIER)
def correct(code: str) -> ResponseReturnValue:
    """Put a further entry in its place."""
    form = CorrectHandOverForm()
    if form.validate():
        try:
            hand_overs.correct_hand_over(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                code=code,
                seen=form.seen_version(),
                delivery=form.delivery(),
                reason=form.reason.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã đính chính việc trả kết quả.", "done")
            return redirect(url_for("hand_overs.show", code=code))
    return render_template("hand_overs/correct.html", code=code, form=form), 422


@pages.get("/<code:code>/chuyen-hoan")
@requires(Action.HAND_OVER_DOSSIER)
def item(code: str) -> ResponseReturnValue:
    """The item in which its result went, to be put on record as come back."""
    view = come_backs.find_item(context.session(), actor=context.actor(), code=code)
    if view is None:
        return redirect(url_for("hand_overs.show", code=code))
    form = ComeBackForm(formdata=None)
    form.version.data = view.version
    marks = [f"{one.version}:{one.code}" for one in view.further]
    return render_template("hand_overs/come_back.html", code=code, view=view, form=form, marks=marks)


@pages.post("/<code:code>/chuyen-hoan")
@requires(Action.HAND_OVER_DOSSIER)
def come_back(code: str) -> ResponseReturnValue:
    """It came back, with those of the same item that are ticked."""
    form = ComeBackForm()
    if form.validate():
        try:
            come_backs.come_back(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                marks=[Mark(code, form.seen_version()), *read_marks()],
                told=form.told(),
                occurred_at=form.occurred_at.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash("Đã ghi bưu gửi chuyển hoàn; kết quả chờ trả lại.", "done")
            return redirect(url_for("hand_overs.show", code=code))
    view = come_backs.find_item(context.session(), actor=context.actor(), code=code)
    form.version.data = view.version if view else form.version.data
    marks = request.form.getlist("marks")
    return render_template("hand_overs/come_back.html", code=code, view=view, form=form, marks=marks), 422


def read_marks() -> list[Mark]:
    """The boxes that were ticked, each ``version:code``; what cannot be read names no dossier."""
    found = []
    for text in request.form.getlist("marks"):
        version, _, code = text.partition(":")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        found.append(Mark(clean_line(code), number))
    return found


def read_tracking() -> dict[str, str]:
    """The number of the item of each dossier, where one was typed."""
    return {
        name.removeprefix(TRACKING): text
        for name, text in request.form.items()
        if name.startswith(TRACKING) and text.strip()
    }


def _narrowed() -> UncollectedForm:
    form = UncollectedForm(request.args)
    form.validate()
    return form


def _desk(code: str) -> DeskView:
    return return_desk.get_desk(context.session(), actor=context.actor(), now=context.now(), code=code)


def _page(
    view: DeskView, form: HandOverForm | None = None, reminder: RemindForm | None = None, status: int = 200
) -> ResponseReturnValue:
    if form is None:
        form = HandOverForm(formdata=None)
        form.version.data = view.row.version
        form["name"].data = view.submitter or ("" if view.firm else view.row.applicant)
        form.receipt.data = ReceiptReturn.TAKEN_BACK if view.receipt_on else ReceiptReturn.NONE
    if reminder is None:
        reminder = RemindForm(formdata=None, prefix="remind-")
        reminder.version.data = view.waiting.seen if view.waiting else 0
    return render_template("hand_overs/show.html", view=view, form=form, reminder=reminder), status
