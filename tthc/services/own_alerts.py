"""The bell: alerts that concern whoever is signed in, and how many of them are new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Account
from tthc.db.queries import own_alerts as queries
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.timeliness import remaining_label
from tthc.domain.vocabulary import AlertStage, SubjectKind
from tthc.services import calendar, notices
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Page

#: So many new alerts are counted.
MOST_NEW = queries.MOST_NEW


@dataclass(frozen=True)
class OwnAlert:
    """An alert in one's list; ``new``: raised since one last looked."""

    id: int
    stage: AlertStage
    code: str
    petition_id: int | None
    procedure: str
    agency: str
    step: str
    #: Whether it is the applicant that is waited for.
    supplement: bool
    due_on: date
    raised_at: datetime
    remaining: str
    new: bool


def count_new(session: Session, *, actor: Actor, today: date) -> int:
    """How many alerts and notices were raised since the person last looked.

    Of alerts one more than :data:`MOST_NEW` at most. Those withdrawn since are gone.
    """
    whose = _whose(actor)
    found = notices.count_new(session, actor=actor)
    return found if whose is None else found + queries.count_new(session, whose, today, actor.account_id)


def look_at_own_alerts(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> Page[OwnAlert]:
    """One's alerts, newest first; from now on none of them is new."""
    actor.require(Action.VIEW_ALERTS)
    whose = _whose(actor)
    if whose is None:
        _look(session, actor, now, notices.count_new(session, actor=actor))
        return Page([], 0, 1)
    today = office_time(now).date()
    working = calendar.load_rules(session, actor.unit_id, today).calendar
    seen_at = _seen_at(session, actor)
    number = max(1, page)
    rows = [
        OwnAlert(
            id=alert.id,
            stage=alert.stage,
            code=code,
            petition_id=petition_id,
            procedure=procedure,
            agency=agency,
            step=step,
            supplement=alert.subject_kind is SubjectKind.SUPPLEMENT,
            due_on=due_on,
            raised_at=alert.raised_at,
            remaining=remaining_label(due_on, today, working),
            new=seen_at is None or alert.raised_at > seen_at,
        )
        for alert, code, due_on, procedure, agency, petition_id, step in queries.page(
            session, whose, today, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
    ]
    found = Page(rows, queries.count(session, whose, today), number)
    _look(session, actor, now, count_new(session, actor=actor, today=today))
    return found


def _look(session: Session, actor: Actor, now: datetime, new: int) -> None:
    if actor.account_id is not None and new:
        with transaction(session):
            queries.look(session, actor.account_id, now)


def _seen_at(session: Session, actor: Actor) -> datetime | None:
    account = session.get(Account, actor.account_id) if actor.account_id is not None else None
    return account.alerts_seen_at if account is not None else None


def _whose(actor: Actor) -> queries.Whose | None:
    """``None`` for those whom no alert concerns."""
    works, answers = actor.may(Action.PROCESS_DOSSIER), actor.may(Action.ACKNOWLEDGE_ALERT)
    if not works and not answers:
        return None
    return queries.Whose(actor.unit_id, actor.account_id if works else None, answers)
