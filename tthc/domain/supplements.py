"""Requests to supplement a dossier: how soon they must come, and when one has waited too long."""

from __future__ import annotations

from datetime import date

from tthc.domain.calendar import WorkingCalendar

#: A request to supplement has to come within so many working days of the receipt (Decree 61/2018 art. 19.4).
DAYS_TO_REQUEST = 3


def is_late_request(received_on: date, on: date, calendar: WorkingCalendar) -> bool:
    """Whether a request on a day comes after the three working days.

    Received Mon 10/06/2024: in time until Thu 13/06, late from Fri 14/06 on.
    """
    return calendar.working_days_between(received_on, on) > DAYS_TO_REQUEST


def unanswered_since(on: date, calendar: WorkingCalendar, days: int) -> date:
    """Of requests sent before this date, more than ``days`` working days have passed on a day.

    Seen on Fri 14/06/2024 with 3 days: sent on Mon 10/06 four have passed, on Tue 11/06 three; so 11/06. Seen
    on the Saturday after, nothing has changed.
    """
    return calendar.add_working_days(on, -days if calendar.is_working_day(on) else -days - 1)
