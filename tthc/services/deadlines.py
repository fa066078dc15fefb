"""Deadlines of what hangs on a dossier or stands beside it: put on record, each with how it was counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import DueDateRow
from tthc.domain.calendar import office_time
from tthc.domain.due_dates import DueDate
from tthc.domain.vocabulary import DueCause, SubjectKind
from tthc.services.calendar import OfficeRules


def keep(
    session: Session,
    kind: SubjectKind,
    subject_id: int,
    due_at: datetime,
    rules: OfficeRules,
    *,
    no: int = 1,
    cause: DueCause = DueCause.INTAKE,
    event_id: int | None = None,
    counted: DueDate | None = None,
) -> int:
    """The id of a new due date of a subject; flushes.

    The first that there is of a subject has the cause of a receipt, as that of a dossier comes with it.
    ``counted``: how it came about is kept, as no other row says how much time was given; ``None``: it was
    chosen, or typed with its legal basis.
    """
    on = office_time(due_at).date()
    days = None
    if counted is not None:
        days = [[day.date.isoformat(), day.counted, day.amount, day.reason] for day in counted.days]
    due = DueDateRow(
        subject_kind=kind,
        subject_id=subject_id,
        no=no,
        due_at=due_at,
        due_on=on,
        cause=cause,
        event_id=event_id,
        computed_due_at=counted.due_at if counted else None,
        calendar_version_id=rules.calendar_version_id,
        policy_id=rules.policy_id,
        provisional=counted.provisional if counted else rules.calendar.is_provisional(on),
        explain_json=days,
    )
    session.add(due)
    session.flush()
    return due.id
