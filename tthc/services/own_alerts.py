"""The bell: alerts that concern whoever is signed in, and how many of them are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Account
from tthc.db.queries import alert_board as board_queries
from tthc.db.queries import own_alerts as queries
from tthc.domain.alerts import ANSWERED_FOR, LATE, stage_on
from tthc.domain.calendar import WorkingCalendar, office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.timeliness import remaining_label, waiting_label
from tthc.domain.vocabulary import AlertStage, SubjectKind
from tthc.services import calendar, notices
from tthc.services.alert_board import Answer, answer_of
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Page

#: So many new alerts are counted.
MOST_NEW = queries.MOST_NEW


@dataclass(frozen=True)
class OwnAlert:
    """An alert in one's list; ``new``: raised since one last looked, and nobody has answered it.

    With an ``agency`` it is that agency's answer that is due, with a ``step`` that step, not the dossier.
    ``words`` say how far the date is. ``late_step`` is said of a late dossier whose open step is late as
    well, ``held_by`` where somebody else has it in hand or nobody. ``answer``: the newest one about its being
    late; ``answered``: none is waited for now.
    """

    id: int
    stage: AlertStage
    kind: SubjectKind
    code: str
    petition_id: int | None
    procedure: str
    applicant: str
    agency: str
    step: str
    due_on: date
    raised_at: datetime
    words: str
    late_step: str
    held_by: str
    answer: Answer | None
    answered: bool
    new: bool

    @property
    def to_answer(self) -> bool:
        """Whether somebody has to answer for it now."""
        return self.stage in LATE and self.kind in ANSWERED_FOR and not self.answered


@dataclass(frozen=True)
class _Telling:
    """To whom alerts are told, when he looked last, and on which day by which calendar."""

    actor: Actor
    seen_at: datetime | None
    today: date
    working: WorkingCalendar


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
    raws = queries.page(session, whose, today, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    given = board_queries.earlier_answers(session, [raw.Alert.due_date_id for raw in raws])
    told = _Telling(actor, seen_at, today, working)
    rows = [_row(raw, given.get(raw.Alert.due_date_id), told) for raw in raws]
    found = Page(rows, queries.count(session, whose, today), number)
    _look(session, actor, now, count_new(session, actor=actor, today=today))
    return found


def _row(raw: Any, given: Sequence[Any] | None, told: _Telling) -> OwnAlert:
    alert, today, working = raw.Alert, told.today, told.working
    late_step = ""
    of_late_dossier = alert.subject_kind is SubjectKind.DOSSIER and alert.stage in LATE
    if of_late_dossier and raw.open_step and raw.open_step_due_on < today:
        late_step = f"Bước {raw.open_step} {remaining_label(raw.open_step_due_on, today, working)}"
    return OwnAlert(
        id=alert.id,
        stage=stage_on(alert.stage, alert.threshold, raw.due_on, today),
        kind=alert.subject_kind,
        code=raw.code,
        petition_id=raw.petition_id,
        procedure=raw.procedure,
        applicant=raw.applicant or "",
        agency=raw.agency,
        step=raw.step,
        due_on=raw.due_on,
        raised_at=alert.raised_at,
        words=_words(alert.subject_kind, raw.due_on, today, working),
        late_step=late_step,
        held_by=_held_by(raw, told.actor),
        answer=answer_of(given[0], given[0].by) if given else None,
        answered=not raw.unanswered,
        new=bool(raw.unanswered) and (told.seen_at is None or alert.raised_at > told.seen_at),
    )


def _words(kind: SubjectKind, due_on: date, today: date, working: WorkingCalendar) -> str:
    if kind is SubjectKind.SUPPLEMENT:
        return waiting_label(due_on, today, working)
    left = remaining_label(due_on, today, working)
    return f"ý kiến {left}" if kind is SubjectKind.CONSULTATION else left


def _held_by(raw: Any, actor: Actor) -> str:
    """Who has it in hand; nothing where that is oneself, and of petitions, which nobody has."""
    if raw.petition_id is not None or (raw.holder_id is not None and raw.holder_id == actor.account_id):
        return ""
    if raw.holder is None:
        return "Chưa phân công"
    return f"{raw.holder}{'' if raw.holder_active else ' (thôi dùng tài khoản)'}"


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
