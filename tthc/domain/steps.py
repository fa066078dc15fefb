"""The internal workflow of a dossier: its steps, the time of each, and when papers go to the board.

Rule of the office's own dates (none of them is a promise to the applicant):

* A step runs from the moment at which it was handed over, on the same calendar, under the same rule of
  counting and with the same stands of the clock as the dossier; its first day is not counted.
* No step has a date after the dossier's: the dossier's date is the end of every step.
* A supplement that begins the dossier's time anew begins the open step's time anew; a pause puts the open
  step off by what it skipped; an extension gives the open step what it gave the dossier; a change of the
  calendar that moves the dossier's date has the open step counted again, and one that does not leaves the
  step alone.
* A step to which a dossier was sent back begins to run anew on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.due_dates import DuePolicy, Pause, compute_due_date
from tthc.domain.text import squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, LimitUnit, Role

#: Who can have a dossier in hand.
ROLES = (Role.CLERK, Role.OFFICER, Role.SUPERVISOR)
MOST_STEPS = 20
MOST_UNITS = 365
NAME_LENGTH = 200

#: Decree 61/2018/NĐ-CP art. 18.2, kept by 309/2026/NĐ-CP: received after 15:00, handed on the next morning.
LAST_HOUR = time(15, 0)


@dataclass(frozen=True)
class StepPlan:
    """A step of a workflow: what is done, by which role, in how much time."""

    name: str
    role: Role
    amount: int
    unit: LimitUnit

    @property
    def label(self) -> str:
        """Its time as papers write it: "01 ngày làm việc"."""
        return LimitSegment(self.amount, self.unit).label


@dataclass(frozen=True)
class StepDue:
    """The date of a step, never after that of the dossier."""

    due_at: datetime
    provisional: bool


class WorkflowRefused(DomainError):
    """Everything that is wrong with a workflow: (place from 0 or ``None``, name of the field, sentence)."""

    def __init__(self, faults: Sequence[tuple[int | None, str, str]]) -> None:
        super().__init__(faults[0][2])
        self.faults = tuple(faults)


def default_workflow(working_days: int) -> tuple[StepPlan, ...]:
    """The workflow of a procedure for which none was entered, for a limit of so many working days.

    A day each to take in, to sign and to give out, the rest to appraise, at least one: for 05 working days
    1 + 2 + 1 + 1. Where the limit is shorter than the steps, the dossier's date ends them all.
    """
    day = LimitUnit.WORKING_DAY
    return (
        StepPlan("Tiếp nhận", Role.CLERK, 1, day),
        StepPlan("Thẩm định", Role.OFFICER, max(1, working_days - 3), day),
        StepPlan("Trình ký", Role.SUPERVISOR, 1, day),
        StepPlan("Trả kết quả", Role.CLERK, 1, day),
    )


def checked_workflow(steps: Sequence[StepPlan]) -> tuple[StepPlan, ...]:
    """The steps as they are kept; refused with everything that is wrong with them."""
    faults: list[tuple[int | None, str, str]] = []
    kept = [StepPlan(squeeze(step.name), step.role, step.amount, step.unit) for step in steps]
    if len(kept) > MOST_STEPS:
        faults.append((None, "steps", f"Quy trình có nhiều nhất {MOST_STEPS} bước; gộp bớt các bước."))
    if len(kept) == 1:
        faults.append((None, "steps", "Quy trình có ít nhất hai bước; thêm bước, hoặc bỏ trống tất cả."))
    for place, step in enumerate(kept):
        if not step.name:
            faults.append((place, "name", "Nhập tên bước."))
        elif len(step.name) > NAME_LENGTH:
            faults.append((place, "name", f"Tên bước dài quá {NAME_LENGTH} ký tự; rút gọn lại."))
        if step.role not in ROLES:
            faults.append((place, "role", "Chọn cán bộ một cửa, chuyên viên hoặc lãnh đạo."))
        if not 1 <= step.amount <= MOST_UNITS:
            faults.append((place, "amount", f"Nhập số nguyên từ 1 đến {MOST_UNITS}."))
    if faults:
        raise WorkflowRefused(faults)
    return tuple(kept)


def step_due(
    began_at: datetime,
    step: StepPlan,
    calendar: WorkingCalendar,
    policy: DuePolicy,
    pauses: Sequence[Pause] = (),
    *,
    extension: int = 0,
    extension_in_hours: bool = False,
    dossier_due_at: datetime,
) -> StepDue:
    """When a step that began at an aware moment must be done (see the rule above).

    Handed over Mon 10/06/2024 10:00 with 2 working days: Wed 12/06 17:00; the dossier due on Tue 11/06: then
    Tue 11/06. ``extension``: what extensions of the dossier added meanwhile, working days (working minutes if
    ``extension_in_hours``); minutes mean nothing to a step of days, days move the end of a step of hours.
    """
    since = office_time(began_at)
    stands = [
        Pause(max(office_time(pause.start), since), office_time(pause.end))
        for pause in pauses
        if office_time(pause.end) > since
    ]
    of_hours = step.unit is LimitUnit.HOUR
    limit = TimeLimit((LimitSegment(step.amount, step.unit),))
    try:
        own = compute_due_date(
            began_at,
            limit,
            calendar,
            policy,
            stands,
            extension=extension if of_hours is extension_in_hours else 0,
        )
        due_at = own.due_at
        if of_hours and extension and not extension_in_hours:
            later = calendar.add_working_days(own.due_on, extension)
            due_at = datetime.combine(later, due_at.timetz())
    except CalendarNotCovered:
        # The dossier's own date is known and comes before that.
        return StepDue(office_time(dossier_due_at), provisional=True)
    return StepDue(min(due_at, office_time(dossier_due_at)), own.provisional)


def planned_dues(
    began_at: datetime,
    first_due_at: datetime,
    following: Sequence[StepPlan],
    calendar: WorkingCalendar,
    policy: DuePolicy,
    *,
    dossier_due_at: datetime,
) -> tuple[datetime, ...]:
    """When the steps after the open one would have to be done, if each were handed on on its last day."""
    found = []
    at = max(began_at, first_due_at)
    for step in following:
        due = step_due(at, step, calendar, policy, dossier_due_at=dossier_due_at)
        found.append(due.due_at)
        at = due.due_at
    return tuple(found)


def transfer_by(received_at: datetime, calendar: WorkingCalendar) -> datetime:
    """By when papers must be at the board (Decree 61/2018/NĐ-CP art. 18.2; 309/2026/NĐ-CP keeps it).

    The same working day, and what came after 15:00, or on a day off, at the start of the next working day:
    Fri 14/06/2024 15:00 → Fri 17:00; 15:01 → Mon 17/06/2024 07:30.
    """
    local = office_time(received_at)
    day = local.date()
    if calendar.is_working_day(day) and local.time() <= LAST_HOUR:
        return datetime.combine(day, calendar.hours.closes, OFFICE_ZONE)
    following = calendar.next_working_day(day + timedelta(days=1))
    return datetime.combine(following, calendar.hours.opens, OFFICE_ZONE)
