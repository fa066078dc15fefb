"""Somebody's due dates as an iCalendar file, one all-day event for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tthc.documents.calendar_files import escaped, folded


@dataclass(frozen=True)
class DueEvent:
    """A date in the calendar: what stands for it for ever, what is due, more about it, and since when so."""

    key: str
    summary: str
    description: str
    due_on: date
    changed_at: datetime


def write_due_dates(events: Iterable[DueEvent], *, name: str) -> bytes:
    """The calendar; the same bytes as long as nothing has changed."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tthc//Han ho so//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for one in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.key}@tthc",
            f"DTSTAMP:{one.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.due_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.due_on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(one.summary)}",
            *([f"DESCRIPTION:{escaped(one.description)}"] if one.description else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)
