"""New dossiers, one or many at once, each with all that is known of its life.

What would be a statement for every row of every table is a few for all of them: a register of thousands
of dossiers is imported in one transaction, for which others have to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, DossierSpan, EventRow
from tthc.db.queries import dossiers as queries
from tthc.db.queries import search
from tthc.db.writing import amend, store
from tthc.domain.lifecycle import Event, LifeState, apply, fold
from tthc.domain.permissions import Actor
from tthc.domain.steps import StepPlan
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, DueCause
from tthc.services import applicant_mail, history, history_spans, step_following
from tthc.services.history import Happening, Reckoning
from tthc.services.step_following import Scene


@dataclass
class Story:
    """A dossier that is not in the database yet, its receipt, and what followed.

    ``called``: name and national code of its procedure; ``steps``: what was entered for it, none: the usual
    ones. ``rows`` are the events once they are written.
    """

    dossier: Dossier
    reckoned: Reckoning
    called: tuple[str, str | None]
    steps: Sequence[StepPlan]
    told: list[tuple[Happening, Event, LifeState]] = field(default_factory=list)
    rows: list[EventRow] = field(default_factory=list)

    @property
    def life(self) -> LifeState:
        """What the events so far add up to."""
        return self.told[-1][2]

    @property
    def due_at(self) -> datetime:
        """The due moment that the dossier is received under: the one that came with it, else as reckoned."""
        return self._due_at(self.told[0][0])

    def _due_at(self, receipt: Happening) -> datetime:
        return receipt.appointment or self.reckoned.due.due_at

    def tell(self, what: Happening, now: datetime) -> None:
        """Add the next event; refuses what the lifecycle does not allow.

        Only the receipt brings a due date here: an event that sets the clock going again needs one more.
        """
        if what.occurred_at > now:
            raise DomainError("Thời điểm không được sau hiện tại.", "occurred_at")
        payload = dict(what.payload)
        if not self.told:
            payload["due_on"] = self._due_at(what).astimezone(OFFICE_ZONE).date().isoformat()
            event = Event(1, what.kind, what.occurred_at, payload)
            self.told.append((what, event, fold([event])))
            return
        event = Event(len(self.told) + 1, what.kind, what.occurred_at, payload)
        after = apply(self.life, event)
        if self.life.waiting and not after.waiting:
            raise RuntimeError("an event that moves the due date is recorded by history.record()")
        self.told.append((what, event, after))


def write(session: Session, *, now: datetime, actor: Actor, stories: Sequence[Story]) -> None:
    """Write dossiers, events, promises, spans and search texts, inside the caller's transaction."""
    if not stories:
        return
    for story in stories:
        history.copy_state(story.dossier, story.life)
        history.take_dates(story.dossier, story.due_at, story.reckoned.due)
        story.dossier.version = len(story.told)
    store(session, [story.dossier for story in stories])
    _write_events(session, now, actor, stories)
    _write_promises(session, stories)
    store(session, [span for story in stories for span in _spans(story)], done=True)
    search.add(session, [(story.dossier, story.called, story.rows) for story in stories])


def receive(session: Session, *, now: datetime, actor: Actor, story: Story) -> None:
    """Write a dossier with what its receipt sets going, inside the caller's transaction.

    One that an import brings is somewhere on its way already, and its applicant knows of it.
    """
    write(session, now=now, actor=actor, stories=[story])
    dossier, first = story.dossier, story.rows[0]
    if not dossier.imported:
        step_following.begin(
            Scene(
                session,
                actor,
                dossier,
                story.life,
                at=first.occurred_at,
                recorded_at=now,
                event_id=first.id,
                rules=story.reckoned.rules,
                limit=story.reckoned.limit,
                steps=story.steps,
            )
        )
        applicant_mail.tell_applicant(session, now=now, dossier=dossier, row=first, moved=False)


def _write_events(session: Session, now: datetime, actor: Actor, stories: Sequence[Story]) -> None:
    close = queries.settled(session, actor.unit_id)
    for story in stories:
        for what, event, _ in story.told:
            row = history.event_row(
                now=now,
                actor=actor,
                dossier=story.dossier,
                event=event,
                what=what,
                floor=story.rows[-1].counted_on if story.rows else None,
                close=close,
            )
            story.rows.append(row)
    store(session, [row for story in stories for row in story.rows], done=True)


def _write_promises(session: Session, stories: Sequence[Story]) -> None:
    promises = []
    for story in stories:
        receipt = story.told[0][0]
        due = history.due_date_row(
            story.dossier,
            story.rows[0],
            due_at=story.due_at,
            reckoned=story.reckoned,
            no=1,
            cause=DueCause.IMPORT if receipt.appointment is not None else DueCause.INTAKE,
        )
        promises.append(due)
    store(session, promises, done=True)
    amend(session, [story.dossier for story in stories], "due_date_id", [due.id for due in promises])


def _spans(story: Story) -> list[DossierSpan]:
    spans: list[DossierSpan] = []
    for (_, _, life), row in zip(story.told, story.rows, strict=True):
        old = spans[-1] if spans else None
        new, replaced = history_spans.carry(old, dossier=story.dossier, life=life, row=row)
        if replaced:
            spans.pop()
        spans += new
    return spans
