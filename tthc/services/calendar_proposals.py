"""“Dự kiến lịch nghỉ năm sau”: days off of a year as estimates, for people to check against the decision.

The package only proposes; it is late with swaps and knows no decision number, so nothing of it is ever
confirmed by itself.
"""

from __future__ import annotations

import re
from datetime import date

import holidays
from sqlalchemy.orm import Session

from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import FIRST_YEAR, LAST_YEAR
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DayKind, DomainError
from tthc.services.calendar import load_rows

SOURCE = "dự kiến, chưa có thông báo chính thức"

_SATURDAY = 5
#: Resolution 28/2026/QH16: 24 November is off from 2026 on. It is not among the holidays of Labour Code
#: 112.1, so one that falls on a weekend is not made up for (111.3).
_CULTURE_DAY_FROM = 2026
_CULTURE_DAY = "Ngày Văn hóa Việt Nam"
_MADE_UP = "(nghỉ bù)"
_SWAPPED = re.compile(r"thay cho ngày (\d{2})/(\d{2})/(\d{4})")


def propose_year(session: Session, *, actor: Actor, year: int) -> list[CalendarDay]:
    """The days off of a year that the calendar does not hold yet, all of them estimates.

    Weekdays only: a holiday on a weekend shows as the compensatory day that it gives (Labour Code 111.3).
    """
    actor.require(Action.CHANGE_CALENDAR)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(f"Chọn năm từ {FIRST_YEAR} đến {LAST_YEAR}.", "year")
    present = {day.date for day in load_rows(session).days}
    return [day for day in estimated_days(year) if day.date not in present]


def estimated_days(year: int) -> list[CalendarDay]:
    """What the package and the law give for a year, in order."""
    known = holidays.country_holidays("VN", years=year, language="vi")
    found: dict[date, CalendarDay] = {}
    for on, name in sorted(known.items()):
        if on.year != year or on.weekday() >= _SATURDAY or _CULTURE_DAY in name:
            continue
        found[on] = CalendarDay(on, _kind(name), _own_name(name), SOURCE, confirmed=False)
        if (match := _SWAPPED.search(name)) is not None:
            worked = date(int(match[3]), int(match[2]), int(match[1]))
            if worked.weekday() == _SATURDAY and worked.year == year:
                text = f"Làm bù cho ngày {on:%d/%m/%Y}"
                found[worked] = CalendarDay(worked, DayKind.WORKED_SATURDAY, text, SOURCE, confirmed=False)
    culture_day = date(year, 11, 24)
    if year >= _CULTURE_DAY_FROM and culture_day.weekday() < _SATURDAY:
        found.setdefault(
            culture_day,
            CalendarDay(culture_day, DayKind.HOLIDAY, _CULTURE_DAY, SOURCE, confirmed=False),
        )
    return [found[on] for on in sorted(found)]


def _kind(name: str) -> DayKind:
    if _SWAPPED.search(name):
        return DayKind.SWAPPED_OFF
    return DayKind.COMPENSATORY if _MADE_UP in name else DayKind.HOLIDAY


def _own_name(name: str) -> str:
    return "Nghỉ hoán đổi" if _SWAPPED.search(name) else name
