"""Filings: with what they come from elsewhere, and how long the office has to answer those that wait."""

from __future__ import annotations

from datetime import datetime

from tthc.domain.calendar import WorkingCalendar
from tthc.domain.codes import parse_code
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import Channel, DomainError


def check_submitted(
    channel: Channel, submitted_at: datetime | None, *, received_at: datetime | None, now: datetime
) -> None:
    """Refuse a moment of filing that the channel does not know, or that lies after the receipt.

    Online it is the portal that says when something was filed, by post the postmark. At the counter what is
    filed is received. ``received_at``: ``None`` means now.
    """
    if submitted_at is None:
        return
    if channel is Channel.COUNTER:
        raise DomainError(
            "Hồ sơ nộp trực tiếp được tiếp nhận ngay khi nộp; xóa thời điểm nộp hoặc chọn lại kênh.",
            "submitted_at",
        )
    if submitted_at > now:
        raise DomainError("Thời điểm nộp không được sau hiện tại.", "submitted_at")
    if received_at is not None and submitted_at > received_at:
        raise DomainError("Thời điểm nộp không được sau thời điểm tiếp nhận.", "submitted_at")


def portal_code(channel: Channel, typed: str) -> str:
    """The code that the portal gave, in its one spelling; empty where nothing was typed.

    One dossier, one code: what was filed online keeps it.
    """
    if not squeeze(typed):
        return ""
    if channel is not Channel.ONLINE:
        raise DomainError(
            "Mã hồ sơ trên Cổng chỉ ghi cho hồ sơ nộp trực tuyến; xóa mã hoặc chọn lại kênh.",
            "given_code",
        )
    try:
        return str(parse_code(typed))
    except DomainError as error:
        raise DomainError(error.message, "given_code") from None


def answer_due(calendar: WorkingCalendar, filed_at: datetime, hours: int) -> datetime:
    """When a filing has to be answered: ``hours`` of working time after it came in.

    Filed Fri 14/06/2024 16:00, 8 hours, worked 07:30-11:30 and 13:30-17:00: one hour is left of Friday, so
    the answer is due Mon 17/06 16:30.
    """
    return calendar.add_working_minutes(filed_at, hours * 60)


def time_left(calendar: WorkingCalendar, now: datetime, due_at: datetime) -> str:
    """The working time to the answer in words: "còn 03 giờ 20 phút", "quá hạn 01 giờ làm việc"."""
    minutes = calendar.working_minutes_between(now, due_at)
    late = now > due_at
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours:02d} giờ"] if hours else []
    if rest or not hours:
        parts.append(f"{rest:02d} phút")
    return f"{'quá hạn' if late else 'còn'} {' '.join(parts)} làm việc"
