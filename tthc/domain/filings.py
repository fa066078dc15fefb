"""Filings that wait: how long the office has to answer them."""

from __future__ import annotations

from datetime import datetime

from tthc.domain.calendar import WorkingCalendar


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
