"""How long an applicant is waited for: the deadline of a request to supplement, of which alerts tell.

It binds nobody: by it the office looks again at a dossier that stands still (unanswered_supplements.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import DueDateRow, EventRow, Supplement
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.vocabulary import OFFICE_ZONE, DueCause, SubjectKind
from tthc.services import calendar, settings


def set_deadline(session: Session, supplement: Supplement, event: EventRow) -> None:
    """Give a new request the last day on which its answer is not long in coming; flushes.

    That is the set number of working days after the day of the request. Beyond the calendar there is none.
    """
    rules = calendar.load_rules(session, supplement.unit_id, event.occurred_on)
    days = settings.get(session, supplement.unit_id, settings.UNANSWERED_DAYS, event.occurred_on)
    try:
        on = rules.calendar.add_working_days(event.occurred_on, days)
    except CalendarNotCovered:
        return
    session.flush()
    due = DueDateRow(
        subject_kind=SubjectKind.SUPPLEMENT,
        subject_id=supplement.id,
        no=1,
        due_at=datetime.combine(on, rules.calendar.hours.closes, OFFICE_ZONE),
        due_on=on,
        # The first that there is of this subject, as that of a dossier comes with its receipt.
        cause=DueCause.INTAKE,
        event_id=event.id,
        computed_due_at=None,
        calendar_version_id=rules.calendar_version_id,
        policy_id=rules.policy_id,
        provisional=rules.calendar.is_provisional(on),
        explain_json=None,
    )
    session.add(due)
    session.flush()
    supplement.due_date_id = due.id
