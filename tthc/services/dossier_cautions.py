"""What the forms of a dossier say before they are sent: that it comes late, or once too often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tthc.db.models import Dossier
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.supplements import DAYS_TO_REQUEST, is_late_request
from tthc.domain.vocabulary import EventKind
from tthc.services.legal_bases import extension_rule, one_request_rule, supplement_rule

#: What begins a stand of the clock, and how the form calls it.
_STOPS = {
    EventKind.REQUEST_SUPPLEMENT: "yêu cầu bổ sung",
    EventKind.REQUEST_PAYMENT: "yêu cầu nghĩa vụ tài chính",
    EventKind.PAUSE: "tạm dừng",
}


def cautions_of(
    dossier: Dossier, *, requested_on: Sequence[date], today: date, working: WorkingCalendar
) -> dict[EventKind, list[str]]:
    """What to know before a form is sent, by what it records.

    ``requested_on``: the requests to supplement that were made already. Nothing cures a due date that has
    passed (domain.md 4.8): a clock that is stopped after it goes on.
    """
    found: dict[EventKind, list[str]] = {kind: [] for kind in (*_STOPS, EventKind.PROPOSE_EXTENSION)}
    if today >= dossier.due_on:
        found[EventKind.PROPOSE_EXTENSION].append(
            f"Văn bản xin lỗi không còn kịp trước ngày hẹn trả {dossier.due_on:%d/%m/%Y}: ngày hẹn mới được "
            f"báo cho người nộp nhưng không được tính đúng hạn ({extension_rule(dossier.received_on)})."
        )
    if requested_on:
        found[EventKind.REQUEST_SUPPLEMENT].append(again_sentence(dossier, requested_on[-1]))
    elif is_late_request(dossier.received_on, today, working):
        found[EventKind.REQUEST_SUPPLEMENT].append(
            f"Đã quá {DAYS_TO_REQUEST:02d} ngày làm việc kể từ ngày tiếp nhận "
            f"({dossier.received_on:%d/%m/%Y}): yêu cầu bổ sung gửi hôm nay là chậm "
            f"({supplement_rule(dossier.received_on)})."
        )
    if today > dossier.due_on:
        for kind, name in _STOPS.items():
            found[kind].append(
                f"Đã quá ngày hẹn trả {dossier.due_on:%d/%m/%Y}: {name} từ hôm nay không làm dừng thời hạn, "
                "hồ sơ vẫn quá hạn."
            )
    return found


def again_sentence(dossier: Dossier, last_on: date) -> str:
    """That a request to supplement has been made, and only one may be."""
    return (
        f"Đã yêu cầu bổ sung ngày {last_on:%d/%m/%Y}; việc bổ sung chỉ được yêu cầu một lần, đầy đủ, chính "
        f"xác ({one_request_rule(dossier.received_on)})."
    )
