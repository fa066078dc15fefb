"""Which alerts a due date calls for on a day, which of them weighs most, and to whom an unanswered one goes.

A threshold is reached on a day by whatever is due before some date. So one list of thresholds a day serves
the rule in Python and the statement that finds what it holds for (``db/queries/alerts.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, day_after
from tthc.domain.timeliness import last_day_of_notice
from tthc.domain.vocabulary import AlertStage, DomainError, SubjectKind

_ONE_DAY = timedelta(days=1)

#: The job that raises alerts, by the name under which it is put on record.
SWEEP = "sweep"

#: The stages at which a supervisor has to answer.
LATE = (AlertStage.OVERDUE, AlertStage.ESCALATED)
#: Those at which there is still time.
AHEAD = (AlertStage.DUE_SOON, AlertStage.DUE_TODAY)

#: What somebody answers for when it is late. The time of a step is between those who work on it, and that of
#: a supplement is the applicant's: whoever has them in hand is told, again and again, and nobody above.
ANSWERED_FOR = (SubjectKind.DOSSIER, SubjectKind.CONSULTATION, SubjectKind.PETITION)

#: What an alert weighs: a number of its stage, and so much more for each day of its threshold.
WEIGHTS: dict[AlertStage, tuple[int, int]] = {
    AlertStage.DUE_SOON: (-1, -1),
    AlertStage.DUE_TODAY: (0, 0),
    AlertStage.OVERDUE: (1, 0),
    AlertStage.ESCALATED: (1, 1),
}

#: So many working days after a due date an alert may be raised again at the most, and so many times.
MOST_DAYS, MOST_TIMES = 250, 10


class Level(IntEnum):
    """Who has to answer an alert of lateness; each is told when the one before has not answered."""

    HOLDER = 0
    SUPERVISORS = 1
    ABOVE = 2

    @property
    def label(self) -> str:
        """Whose it is now."""
        return ("người đang xử lý", "lãnh đạo đơn vị", "lãnh đạo cấp trên")[self]


@dataclass(frozen=True)
class Threshold:
    """A stage with its working days before or after the due date, and what has reached it on a day.

    Reached by what is due before ``before``; of that, what is due from ``crossed_from`` on reached it on this
    very day. ``notice``: only of what is announced exactly so many working days before, ``least_notice``: at
    least so many.
    """

    stage: AlertStage
    days: int
    before: date
    crossed_from: date
    notice: int | None = None
    least_notice: int = 0

    def holds(self, due_on: date, notice: int) -> bool:
        """Whether a due date has reached it, of something announced ``notice`` working days before."""
        return (
            due_on < self.before
            and notice >= self.least_notice
            and (self.notice is None or self.notice == notice)
        )


@dataclass(frozen=True)
class Reached:
    """A stage that a due date has reached; ``crossed``: on this very day."""

    stage: AlertStage
    days: int
    crossed: bool


def weight(stage: AlertStage, threshold: int) -> int:
    """What an alert weighs: of several about one due date only the heaviest is shown."""
    base, each = WEIGHTS[stage]
    return base + each * threshold


def stage_on(stage: AlertStage, threshold: int, due_on: date, today: date) -> AlertStage:
    """As what an alert is shown: by its date, where a sweep has not yet raised what follows.

    "Due soon" for Fri 14/06 is due today on 14/06, and overdue on 15/06. What is one working day late has
    only become so, although it has been told of again on that very day.
    """
    if stage is AlertStage.ESCALATED and threshold > 1:
        return stage
    if stage in LATE or due_on < today:
        return AlertStage.OVERDUE
    return AlertStage.DUE_TODAY if due_on == today else AlertStage.DUE_SOON


def promise_passed(promised_on: date | None, today: date) -> bool:
    """Whether the date of an answer is over: what still runs waits for a new one, from the next day on."""
    return promised_on is not None and promised_on < today


def parse_days(text: str) -> tuple[int, ...]:
    """The numbers of a list such as "1, 3, 5", rising; refuses anything else. Empty: none."""
    words = [word for word in re.split(r"[,;\s]+", text.strip()) if word]
    if not all(re.fullmatch(r"[0-9]{1,3}", word) and 1 <= int(word) <= MOST_DAYS for word in words):
        raise DomainError(
            f"Nhập các số ngày từ 1 đến {MOST_DAYS}, cách nhau bằng dấu phẩy, ví dụ 1, 3, 5.", "value"
        )
    found = tuple(sorted({int(word) for word in words}))
    if len(found) > MOST_TIMES:
        raise DomainError(f"Nhập nhiều nhất {MOST_TIMES} mức.", "value")
    return found


def show_days(days: Iterable[int]) -> str:
    """The list as :func:`parse_days` reads it."""
    return ", ".join(str(one) for one in days)


def thresholds(
    on: date, working: WorkingCalendar, *, notices: Iterable[int], escalations: Iterable[int] = ()
) -> tuple[Threshold, ...]:
    """The thresholds of a day, the heaviest first.

    ``notices``: how many working days before its due date anything at all is announced; what is announced two
    or more days before is announced once more on the last working day before. Seen on Tue 18/06/2024, due on
    Mon 17/06 is overdue and one working day late; due on Fri 14/06 is two late. Near the edges of the
    calendar "soon" reaches to its last day, and lateness that it cannot count is left out.
    """
    yesterday = on - _ONE_DAY
    found = []
    for days in sorted(set(escalations), reverse=True):
        try:
            before, earlier = _late_before(on, days, working), _late_before(yesterday, days, working)
        except CalendarNotCovered:
            continue
        found.append(Threshold(AlertStage.ESCALATED, days, before, earlier))
    found.append(Threshold(AlertStage.OVERDUE, 0, on, yesterday))
    found.append(Threshold(AlertStage.DUE_TODAY, 0, day_after(on), on))
    wanted = sorted({one for one in notices if one > 1})
    if any(one > 0 for one in notices):
        found.append(_soon(on, 1, working, notice=None, least_notice=1))
    found += [_soon(on, days, working, notice=days, least_notice=days) for days in wanted]
    return tuple(found)


def reached(steps: Sequence[Threshold], due_on: date, notice: int) -> list[Reached]:
    """What is to be raised on a day: the heaviest threshold that holds, and lighter ones reached on this day.

    Whatever was swept every day has the ones before already; what comes into the program late, or is given a
    date in the past, is told of once, at the stage that holds, and not once for every stage it has missed.
    """
    held = [step for step in steps if step.holds(due_on, notice)]
    return [
        Reached(step.stage, step.days, crossed)
        for place, step in enumerate(held)
        if (crossed := step.crossed_from <= due_on) or place == 0
    ]


def unanswered_before(today: date, days: int, level: Level, working: WorkingCalendar) -> date:
    """What was raised before this date goes up to a level: unanswered for ``days`` working days for each.

    With 2 days, on Thu 20/06/2024: what was raised on Tue 18/06 or earlier goes to the supervisors.
    """
    return _late_before(today, days * level, working)


def _late_before(on: date, days: int, working: WorkingCalendar) -> date:
    """What is due before this date is at least ``days`` working days late at the end of a day."""
    return working.add_working_days(on, int(working.is_working_day(on)) - days)


def _soon(
    on: date, days: int, working: WorkingCalendar, *, notice: int | None, least_notice: int
) -> Threshold:
    last = last_day_of_notice(on, working, days)
    try:
        earlier = last_day_of_notice(on - _ONE_DAY, working, days)
    except CalendarNotCovered:
        earlier = last
    return Threshold(
        AlertStage.DUE_SOON,
        days,
        day_after(last),
        day_after(earlier),
        notice=notice,
        least_notice=least_notice,
    )
