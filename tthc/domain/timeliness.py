"""An end or a day beside a due date: the class that it is counted in, what is due soon, the time left."""

from __future__ import annotations

from datetime import date, timedelta

from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.vocabulary import LimitUnit, Standing, Timeliness

_ONE_DAY = timedelta(days=1)


def timeliness(ended_on: date, due_on: date) -> Timeliness:
    """The class of an ended dossier, by date alone (domain.md 4.9)."""
    if ended_on < due_on:
        return Timeliness.EARLY
    return Timeliness.ON_TIME if ended_on == due_on else Timeliness.LATE


def standing(due_on: date, on: date, *, waiting: bool) -> Standing:
    """The class of a pending dossier on a day; lawfully waiting or paused is within (domain.md 4.9)."""
    return Standing.WITHIN if waiting or due_on >= on else Standing.OVERDUE


def last_day_of_notice(on: date, calendar: WorkingCalendar, due_soon_days: int) -> date:
    """The last date of what is due soon on a day: at most so many working days in (on, due_on].

    Seen on Wed 12/06/2024 with 2 days' notice: Sun 16/06/2024. Near the end of the calendar its last day,
    so that lists and alerts stay possible while the next year has no rows.
    """
    try:
        return calendar.add_working_days(on, due_soon_days + 1) - _ONE_DAY
    except CalendarNotCovered:
        return calendar.last_covered_day(on)


def remaining_label(due_on: date, on: date, calendar: WorkingCalendar) -> str:
    """How far the due date is, in working days: "còn 02 ngày làm việc", "hôm nay", "quá hạn …".

    In plain days where working days would say nothing: none lies between (due on a Friday, seen on
    Saturday: "quá hạn 01 ngày"), or the calendar does not reach that far.
    """
    if on == due_on:
        return "hôm nay"
    return f"{'còn' if on < due_on else 'quá hạn'} {_distance(due_on, on, calendar)}"


def waiting_label(due_on: date, on: date, calendar: WorkingCalendar) -> str:
    """The same for what an applicant is waited for; nothing of the office's is overdue meanwhile.

    Waited for until Mon 17/06/2024 and seen on Thu 20/06: "quá 03 ngày làm việc".
    """
    if on == due_on:
        return "đến hết hôm nay"
    return f"{'còn' if on < due_on else 'quá'} {_distance(due_on, on, calendar)}"


def _distance(due_on: date, on: date, calendar: WorkingCalendar) -> str:
    first, last = sorted((on, due_on))
    try:
        amount, unit = calendar.working_days_between(first, last), LimitUnit.WORKING_DAY
    except CalendarNotCovered:
        amount, unit = 0, LimitUnit.DAY
    if amount == 0:
        amount, unit = (last - first).days, LimitUnit.DAY
    return f"{amount:02d} {unit.label}"
