"""The daily look at the calendar: what somebody has to enter or confirm before dates go wrong."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.domain.calendar import office_time
from tthc.domain.notices import NoticeKind
from tthc.domain.settings import CALENDAR_AHEAD, DAYS_AHEAD
from tthc.services import calendar_years, job_runs, notices, settings
from tthc.services.calendar import CalendarRows, newest_rows
from tthc.services.notices import Cause
from tthc.services.transaction import transaction

JOB = "calendar"
_KINDS = (NoticeKind.CALENDAR_UNCONFIRMED, NoticeKind.CALENDAR_ENDS, NoticeKind.DAYS_EXPECTED)


def watch(
    session: Session, *, now: datetime, unit_id: int, run: job_runs.Run | None = None
) -> dict[str, Any]:
    """Tell supervisors and administrators of each cause once, and withdraw what was put right."""
    with transaction(session):
        job_runs.hold(session, run)
        found = _causes(session, unit_id, office_time(now).date())
        raised, withdrawn = notices.settle(session, now=now, unit_id=unit_id, kinds=_KINDS, found=found)
    return {"found": len(found), "raised": raised, "withdrawn": withdrawn, "failed": 0}


def _causes(session: Session, unit_id: int, today: date) -> list[Cause]:
    found = []
    year = calendar_years.unconfirmed_year(session, today)
    if year is not None:
        found.append(Cause(f"calendar:unconfirmed:{year}", NoticeKind.CALENDAR_UNCONFIRMED, {"year": year}))
    rows = newest_rows(session)
    if rows is None:
        return found
    ends = _covered_until(rows, today)
    months = settings.get(session, unit_id, CALENDAR_AHEAD, today)
    if ends < _months_later(today, months):
        payload = {"on": ends.isoformat()}
        found.append(Cause(f"calendar:ends:{ends.year}", NoticeKind.CALENDAR_ENDS, payload))
    until = today + timedelta(days=settings.get(session, unit_id, DAYS_AHEAD, today))
    return found + _expected(rows, today, until)


def _expected(rows: CalendarRows, today: date, until: date) -> list[Cause]:
    """Days that nothing announced yet and that are near, one cause for a month."""
    months: dict[str, list[str]] = defaultdict(list)
    for day in sorted(rows.days, key=lambda one: one.date):
        if not day.confirmed and today <= day.date <= until:
            months[f"{day.date:%Y-%m}"].append(day.date.isoformat())
    return [
        Cause(f"calendar:days:{month}", NoticeKind.DAYS_EXPECTED, {"days": days})
        for month, days in months.items()
    ]


def _covered_until(rows: CalendarRows, today: date) -> date:
    """The last day of the years that follow on today's without a gap; where today has none, last year's."""
    years = {year for year, _ in rows.years}
    last = today.year - 1
    while last + 1 in years:
        last += 1
    return date(last, 12, 31)


def _months_later(day: date, months: int) -> date:
    """The first day of the month that comes so many months after."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
