"""The bell's list: the alerts that concern whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tthc.domain.notices import NoticeKind
from tthc.domain.permissions import Action
from tthc.services import notices, own_alerts
from tthc.web import context
from tthc.web.guards import requires
from tthc.web.paths import page_number

pages = Blueprint("own_alerts", __name__, url_prefix="/canh-bao/cua-toi")

#: Where somebody does something about a notice.
_WHERE = {
    NoticeKind.CALENDAR_UNCONFIRMED: ("calendar.index", "Mở lịch làm việc"),
    NoticeKind.CALENDAR_ENDS: ("calendar.index", "Mở lịch làm việc"),
    NoticeKind.DAYS_EXPECTED: ("calendar.index", "Mở lịch làm việc"),
    NoticeKind.UNREAD_SUBJECTS: ("timetable.index", "Mở bộ hẹn giờ"),
    NoticeKind.FAILED_JOB: ("timetable.index", "Mở bộ hẹn giờ"),
    NoticeKind.DEAD_MESSAGES: ("outbox.index", "Mở thư gửi đi"),
}


@pages.get("")
@requires(Action.VIEW_ALERTS)
def index() -> ResponseReturnValue:
    """What keeps the system from its work, and one's alerts; the bell is quiet afterwards."""
    told = notices.list_open(context.session(), actor=context.actor())
    found = own_alerts.look_at_own_alerts(
        context.session(), actor=context.actor(), now=context.now(), page=page_number()
    )
    return render_template("own_alerts/index.html", page=found, told=told, where=_WHERE)
