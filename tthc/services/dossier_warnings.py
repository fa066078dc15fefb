"""What the page of a dossier warns of: nothing is refused for it, but it will be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tthc.domain.calendar import WorkingCalendar
from tthc.domain.supplements import DAYS_TO_REQUEST, is_late_request
from tthc.services.dossier_views import ExtensionView, ProposalView
from tthc.services.legal_bases import extension_rule, one_request_rule, supplement_rule


def warnings_of(dossier: Any, *, requested_on: Sequence[date], working: WorkingCalendar) -> list[str]:
    """The warnings of a dossier as sentences; ``requested_on``: its requests to supplement, oldest first.

    ``dossier``: its facts, of :func:`tthc.db.queries.dossier_page.facts_of`.
    """
    warnings = []
    if not dossier.limit_confirmed:
        warnings.append("Thời hạn của thủ tục chưa xác minh – đối chiếu quyết định công bố TTHC.")
    if dossier.replaced_by:
        warnings.append(f"Thủ tục đã được thay thế bởi {dossier.replaced_by}.")
    if dossier.provisional:
        warnings.append("Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận.")
    # A later request is one too many in any case, whenever it comes.
    if requested_on and is_late_request(dossier.received_on, requested_on[0], working):
        warnings.append(
            f"Yêu cầu bổ sung ngày {requested_on[0]:%d/%m/%Y} quá {DAYS_TO_REQUEST:02d} ngày làm việc kể từ "
            f"ngày tiếp nhận ({supplement_rule(dossier.received_on)})."
        )
    if len(requested_on) > 1:
        warnings.append(
            f"Đã yêu cầu bổ sung {len(requested_on)} lần; việc bổ sung chỉ được yêu cầu một lần, đầy đủ, "
            f"chính xác ({one_request_rule(dossier.received_on)})."
        )
    return warnings


def extension_warnings(
    dossier: Any,
    extensions: Sequence[ExtensionView],
    proposal: ProposalView | None,
    *,
    today: date,
    working: WorkingCalendar,
) -> list[str]:
    """What an extension, or one that waits for a decision, will be asked about."""
    rule = extension_rule(dossier.received_on)
    letters = [one for one in extensions if one.letter_on]
    warnings = []
    if letters and dossier.appointment_on > dossier.due_on:
        warnings.append(
            f"Văn bản xin lỗi ngày {letters[-1].letter_on:%d/%m/%Y} không kịp trước ngày hẹn trả "
            f"{dossier.due_on:%d/%m/%Y} ({rule}): ngày {dossier.appointment_on:%d/%m/%Y} đã hẹn lại với "
            "người nộp nhưng không được tính đúng hạn."
        )
    if len(letters) > 1:
        warnings.append(
            f"Đã hẹn lại {len(letters)} lần; việc hẹn lại ngày trả kết quả chỉ được thực hiện không quá một "
            f"lần ({rule})."
        )
    warnings += [
        f"Văn bản xin lỗi đề ngày {one.letter_on:%d/%m/%Y} được ghi vào hệ thống ngày "
        f"{one.entered_on:%d/%m/%Y}, khi đã đến hạn trả {one.former_due_on:%d/%m/%Y}; lưu văn bản đã ký để "
        "đối chiếu."
        for one in letters
        if one.in_time and one.entered_on and one.former_due_on and one.entered_on >= one.former_due_on
    ]
    if proposal is not None and not dossier.waiting:
        if not proposal.in_time:
            reached = "đã quá hạn" if today > dossier.due_on else "đến hạn hôm nay"
            warnings.append(
                f"Đề xuất gia hạn đang chờ duyệt nhưng hồ sơ {reached}: duyệt từ hôm nay thì ngày hẹn mới "
                f"không được tính đúng hạn ({rule})."
            )
        elif working.next_working_day(today + timedelta(days=1)) >= dossier.due_on:
            warnings.append(
                "Đề xuất gia hạn đang chờ duyệt; hôm nay là ngày làm việc cuối cùng để văn bản xin lỗi kịp "
                f"trước ngày hẹn trả {dossier.due_on:%d/%m/%Y} ({rule})."
            )
    return warnings
