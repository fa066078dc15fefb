"""Limits in parts at several agencies: the last day of each part, and at whom a late dossier was late.

The law gives each agency its own time within the whole limit (Decree 61/2018/NĐ-CP art. 19.6–7): the last day
of one part is the uncounted start day of the next, and only the very last day is rolled onto a working day
(domain.md 2). Who had the dossier when is known from hand-overs that people recorded; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.due_dates import DueDate, DuePolicy, Pause, compute_due_date
from tthc.domain.text import fold, squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import DomainError

#: What is sent on is with the other agency on that day, whatever the office does with late receipts.
_AS_SENT = DuePolicy(shift_after_hours=False)


@dataclass(frozen=True)
class SegmentEnd:
    """A part of a limit by its number from 1, and the last day of it, not rolled onto a working day."""

    no: int
    segment: LimitSegment
    last_on: date


@dataclass(frozen=True)
class HandOver:
    """A dossier sent on to the agency of a segment, and when it came back (``None``: it is still there)."""

    no: int
    sent_at: datetime
    returned_at: datetime | None = None


@dataclass(frozen=True)
class Stage:
    """The time of one agency, which may be several segments on end.

    ``due_on``: the last day of its own time, counted from the day on which it had the dossier. ``left_at`` is
    ``None`` while it has it. ``numbers`` is empty for what is left to do once the last agency answered.
    """

    numbers: tuple[int, ...]
    agency: str
    began_at: datetime
    due_on: date
    left_at: datetime | None


@dataclass(frozen=True)
class Delay:
    """How long an agency had a dossier beyond its time: past ``due_on``, until ``until``."""

    agency: str
    due_on: date
    until: date
    still_there: bool


def segment_ends(
    received_at: datetime,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    policy: DuePolicy | None = None,
    pauses: Sequence[Pause] = (),
) -> tuple[SegmentEnd, ...]:
    """The last day of every segment, counted as :func:`~tthc.domain.due_dates.compute_due_date` does.

    Received Mon 01/06/2026 09:00, 25 days and 7 working days: Fri 26/06 and Tue 07/07/2026.
    """
    ends = []
    for no, segment in enumerate(limit.segments, start=1):
        so_far = TimeLimit(limit.segments[:no])
        due = compute_due_date(received_at, so_far, calendar, policy, pauses)
        ends.append(SegmentEnd(no, segment, _last_counted(due)))
    return tuple(ends)


def segment_on(ends: Sequence[SegmentEnd], on: date, due_on: date) -> SegmentEnd | None:
    """The segment that runs on a day by the limit alone; ``None`` once ``due_on`` has passed.

    A segment's last day is still its own. The last one runs on to the due date: rolled, or extended.
    """
    if on > due_on:
        return None
    return next((end for end in ends if on <= end.last_on), ends[-1])


def agencies(limit: TimeLimit) -> tuple[str, ...]:
    """The agencies of a limit in order, each once for all its segments on end; one: nothing is handed over.

    A segment without a name is the office's own, as is whoever has the first one.
    """
    return tuple(agency for agency, _ in _by_agency(limit))


def elsewhere(limit: TimeLimit) -> tuple[int, ...]:
    """The numbers of the segments to whose agency a dossier is handed over."""
    groups = _by_agency(limit)
    home = _key(groups[0][0])
    return tuple(numbers[0] for agency, numbers in groups if _key(agency) != home)


def part_of(limit: TimeLimit, no: int) -> tuple[str, TimeLimit]:
    """The agency to which a dossier is handed over for a segment, and the time that it has there.

    ``no`` is one of :func:`elsewhere`; any other is refused.
    """
    if no not in elsewhere(limit):
        raise DomainError("Thời hạn của hồ sơ không có đoạn này ở cơ quan khác; chọn lại đoạn.", "segment_no")
    agency, numbers = next(group for group in _by_agency(limit) if no in group[1])
    return agency, TimeLimit(tuple(limit.segments[number - 1] for number in numbers))


def sub_deadline(sent_at: datetime, limit: TimeLimit, calendar: WorkingCalendar) -> DueDate:
    """When another agency must have answered: counted from the day of sending, whatever the hour.

    Sent Fri 14/06/2024 17:40 with 3 working days: Wed 19/06/2024. The clock of the dossier goes on meanwhile.
    """
    return compute_due_date(sent_at, limit, calendar, _AS_SENT)


def stages(
    base_at: datetime,
    limit: TimeLimit,
    calendar: WorkingCalendar,
    policy: DuePolicy | None = None,
    pauses: Sequence[Pause] = (),
    *,
    due_on: date,
    hand_overs: Sequence[HandOver] = (),
) -> tuple[Stage, ...]:
    """Which agency had the dossier when, as far as it was recorded; the last has it still, or had to the end.

    Hand-overs before ``base_at`` belong to a count that a supplement began anew. Of several to one agency the
    first begins its time and the last return ends it. ``due_on`` is the date in force of the whole: where it
    was put off, the last agency has as long.
    """
    whole = compute_due_date(base_at, limit, calendar, policy, pauses)
    groups = _by_agency(limit)
    home = groups[0][0]
    began_at = base_at
    found: list[Stage] = []
    for place, (agency, numbers) in enumerate(groups):
        part = TimeLimit(tuple(limit.segments[no - 1] for no in numbers))
        due = compute_due_date(began_at, part, calendar, _AS_SENT if place else policy, pauses)
        following = groups[place + 1][1] if place + 1 < len(groups) else ()
        away = _key(agency) != _key(home)
        # What another agency is told is a working day; the office's own part is not rolled.
        last_on = _last_counted(due) if following and not away else due.due_on
        if not following and due_on > whole.due_on:
            last_on = max(last_on, due_on)
        left_at = _returned(hand_overs, numbers, began_at) if away else _sent(hand_overs, following, began_at)
        found.append(Stage(numbers, agency, began_at, last_on, left_at))
        if left_at is not None and away and (not following or _key(groups[place + 1][0]) != _key(home)):
            # It is back at the office, which has no time of its own left: only what the whole has left.
            back_on = office_time(left_at).date()
            sent_at = _sent(hand_overs, following, left_at)
            found.append(Stage((), home, left_at, back_on if following else max(due_on, back_on), sent_at))
            left_at = sent_at
        if left_at is None:
            break
        began_at = left_at
    return tuple(found)


def delays(
    passed: Sequence[Stage], calendar: WorkingCalendar, *, due_on: date, until: date
) -> tuple[Delay, ...]:
    """At whom a dossier was late that ended, or is still under way, on ``until``; none if that is in time.

    Where nobody exceeded its own time, as with a date that was promised by hand, it is who has it.
    """
    if until <= due_on or not passed:
        return ()
    found = []
    for stage in passed:
        left_on = until if stage.left_at is None else min(office_time(stage.left_at).date(), until)
        if _worked_between(stage.due_on, left_on, calendar):
            found.append(Delay(stage.agency, stage.due_on, left_on, stage.left_at is None))
    # What came back on the very last day was still with the other agency.
    before = [stage for stage in passed if office_time(stage.began_at).date() < until]
    holder = (before or passed)[-1]
    return tuple(found) or (Delay(holder.agency, due_on, until, holder.left_at is None),)


def _sent(hand_overs: Sequence[HandOver], numbers: Sequence[int], since: datetime) -> datetime | None:
    """When a dossier first went to the agency of these segments, as far as it was recorded."""
    return min(
        (one.sent_at for one in hand_overs if one.no in numbers and one.sent_at >= since), default=None
    )


def _returned(hand_overs: Sequence[HandOver], numbers: Sequence[int], since: datetime) -> datetime | None:
    """When the last of these hand-overs came back; ``None`` while one has not."""
    back = [one.returned_at for one in hand_overs if one.no in numbers and one.sent_at >= since]
    known = [at for at in back if at is not None]
    return max(known) if len(known) == len(back) else None


def _worked_between(first: date, last: date, calendar: WorkingCalendar) -> bool:
    """Whether a working day lies after ``first`` and up to ``last``; any day, where the calendar ends."""
    try:
        return calendar.working_days_between(first, last) > 0
    except CalendarNotCovered:
        return last > first


def _by_agency(limit: TimeLimit) -> list[tuple[str, tuple[int, ...]]]:
    """The segments' numbers by agency, those on end together."""
    first = limit.segments[0].agency
    named = [replace(one, agency=squeeze(one.agency) or squeeze(first)) for one in limit.segments]
    groups = groupby(enumerate(named, start=1), key=lambda pair: _key(pair[1].agency))
    together = [list(group) for _, group in groups]
    return [(group[0][1].agency, tuple(no for no, _ in group)) for group in together]


def _key(agency: str) -> str:
    """The same for one name however it was typed."""
    return fold(squeeze(agency))


def _last_counted(due: DueDate) -> date:
    return max(row.date for row in due.days if row.counted)
