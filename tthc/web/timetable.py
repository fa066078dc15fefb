"""The timetable: that every job ran, what came of it, and a run right now."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tthc.domain.permissions import Action
from tthc.services import outbox, timetable
from tthc.web import context
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("timetable", __name__, url_prefix="/thiet-lap/bo-hen-gio")

#: Whoever starts a job waits so many seconds for its end; a longer one goes on by itself.
_PATIENCE = 5.0


@pages.get("")
@requires(Action.VIEW_SETTINGS)
def index() -> ResponseReturnValue:
    """Every job, and what was done."""
    view = timetable.get_timetable(
        context.session(),
        actor=context.actor(),
        now=context.now(),
        machine_now=context.machine_now(),
        at=current_app.config["SWEEP_AT"],
        ways=outbox.ways_of(current_app.config),
        name=request.args.get("viec") or None,
        page=page_number(),
    )
    return render_template("timetable/index.html", view=view)


@pages.post("/<job>/chay-ngay")
@requires(Action.RUN_JOBS)
def run(job: str) -> ResponseReturnValue:
    """Start a job; what it did is told if it ends soon."""
    label = timetable.find_job(job).label
    try:
        thread = context.start_job(job)
    except timetable.Busy:
        flash(f"“{label}” đang được chạy; không chạy thêm lượt nữa.", "warning")
        return redirect(url_for("timetable.index"))
    thread.join(_PATIENCE)
    done = timetable.last_run(context.session(), job, context.now())
    if thread.is_alive() or done is None or done.state == "running":
        flash(f"“{label}” đang chạy; mở lại trang này sau ít phút để xem kết quả.", "info")
    elif done.state == "failed":
        flash(f"“{label}” gặp lỗi: {done.result}.", "warning")
    else:
        flash(f"“{label}” đã chạy xong. {done.result}", "done")
    return redirect(url_for("timetable.index"))
