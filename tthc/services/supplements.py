"""How long an applicant is waited for: the deadline of a request to supplement, of which alerts tell.

It binds nobody: by it the office looks again at a dossier that stands still (unanswered_supplements.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import EventRow, Supplement
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.settings import UNANSWERED_DAYS
from tthc.domain.vocabulary import OFFICE_ZONE, SubjectKind
from tthc.services import calendar, deadlines, settings


def set_deadline(session: Session, supplement: Supplement, event: EventRow) -> None:
    """Give a new request the last day on which its answer is not long in coming; flushes.

    That is the set number of working days after the day of the request. Beyond the calendar there is none.
    """
    rules = calendar.load_rules(session, supplement.unit_id, event.occurred_on)
    days = settings.get(session, supplement.unit_id, UNANSWERED_DAYS, event.occurred_on)
    try:
        on = rules.calendar.add_working_days(event.occurred_on, days)
    except CalendarNotCovered:
        return
    due_at = datetime.combine(on, rules.calendar.hours.closes, OFFICE_ZONE)
    session.flush()
    supplement.due_date_id = deadlines.keep(
        session, SubjectKind.SUPPLEMENT, supplement.id, due_at, rules, event_id=event.id
    )
