"""What those who keep the system are told once: why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tthc.domain.vocabulary import LabelledEnum

Payload = Mapping[str, Any]


class NoticeKind(LabelledEnum):
    """Why supervisors and administrators are told something."""

    CALENDAR_UNCONFIRMED = "calendar_unconfirmed", "Lịch làm việc chưa được xác nhận"
    CALENDAR_ENDS = "calendar_ends", "Lịch làm việc sắp hết"
    DAYS_EXPECTED = "days_expected", "Ngày nghỉ dự kiến sắp đến"
    UNREAD_SUBJECTS = "unread_subjects", "Lượt quét chưa xem được hết"
    DEAD_MESSAGES = "dead_messages", "Có thư không gửi được"
    FAILED_JOB = "failed_job", "Công việc định kỳ gặp lỗi"


#: Of these no mail is written: it would fare like the others.
UNMAILED = frozenset({NoticeKind.DEAD_MESSAGES})


def sentence(kind: NoticeKind, payload: Payload) -> str:
    """What is the matter and what to do about it."""
    if kind is NoticeKind.CALENDAR_UNCONFIRMED:
        return (
            f"Lịch làm việc năm {payload['year']} chưa được xác nhận: đối chiếu thông báo nghỉ lễ, sửa "
            f"ngày nghỉ rồi "
            "xác nhận."
        )
    if kind is NoticeKind.CALENDAR_ENDS:
        return (
            f"Lịch làm việc chỉ có đến hết ngày {_day(payload['on'])}: thêm lịch năm sau, nếu không hồ sơ "
            f"có hạn qua "
            "ngày ấy không tính được ngày hẹn trả."
        )
    if kind is NoticeKind.DAYS_EXPECTED:
        days = ", ".join(_day(text) for text in payload["days"])
        return f"Ngày nghỉ dự kiến {days} chưa có văn bản: nhập văn bản, hoặc bỏ ngày nghỉ nếu không có."
    if kind is NoticeKind.UNREAD_SUBJECTS:
        return (
            f"{payload['count']} hồ sơ, văn bản hoặc phản ánh chưa xem được trong lượt quét nên có thể "
            f"thiếu cảnh "
            "báo: mở bộ hẹn giờ để biết việc nào và vì sao."
        )
    if kind is NoticeKind.FAILED_JOB and payload.get("waiting"):
        return (
            "Có thư chờ quá 15 phút chưa gửi đi được: mở trang Thư gửi đi để biết vì sao; hệ thống tự gửi "
            "khi máy chủ thư hoặc webhook nhận lại."
        )
    if kind is NoticeKind.FAILED_JOB:
        return f"“{payload['label']}” gặp lỗi: mở bộ hẹn giờ để biết vì sao; hệ thống tự chạy lại sau."
    return (
        f"{payload['count']} thư không gửi được và đã thôi gửi: xem lý do của từng thư, sửa địa chỉ nếu sai "
        "rồi gửi lại."
    )


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"
