"""Many promises reckoned anew at once: the same rows as one event recorded after the other.

A statement for every row of every table would hold everybody else up for minutes when a change of the
calendar moves thousands of dossiers in its one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.queries import alerts as alert_queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import what_if as queries
from tthc.domain.lifecycle import Event, LifeState, apply
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE, DueCause, EventKind
from tthc.services import history, history_spans, step_following
from tthc.services.history import Happening
from tthc.services.step_following import Scene
from tthc.services.what_if import Verdict


def record_recalculations(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    verdicts: Sequence[Verdict],
    version_id: int,
    reason: str,
    action_id: str,
) -> None:
    """One event RECALCULATE for every verdict, with its promise, span and state, in the caller's transaction.

    The dossiers must be held by the caller. Alerts of the promises that are no longer in force are withdrawn.
    """
    ids = [verdict.dossier_id for verdict in verdicts]
    dossiers = queries.of_ids(session, ids)
    close = dossier_queries.settled(session, actor.unit_id)
    happening = Happening(
        EventKind.RECALCULATE, now, {"calendar_version_id": version_id}, reason=reason, action_id=action_id
    )
    rows, lives = [], []
    for verdict in verdicts:
        event, life = _next(verdict, happening)
        row = history.event_row(
            now=now,
            actor=actor,
            dossier=dossiers[verdict.dossier_id],
            event=event,
            what=happening,
            floor=verdict.counted_after,
            close=close,
        )
        rows.append(row)
        lives.append(life)
    session.add_all(rows)
    session.flush()
    promises = [
        history.due_date_row(
            dossiers[verdict.dossier_id],
            row,
            due_at=verdict.due_at,
            reckoned=verdict.reckoned,
            no=verdict.promise_no + 1,
            cause=verdict.cause,
        )
        for verdict, row in zip(verdicts, rows, strict=True)
    ]
    session.add_all(promises)
    session.flush()
    spans = queries.open_spans(session, ids)
    for verdict, row, promise, life in zip(verdicts, rows, promises, lives, strict=True):
        dossier = dossiers[verdict.dossier_id]
        history.take_promise(dossier, promise, verdict.reckoned.due)
        history.copy_state(dossier, life)
        dossier.version += 1
        old = spans.get(dossier.id)
        new, replaced = history_spans.carry(old, dossier=dossier, life=life, row=row)
        if old is not None and replaced:
            session.delete(old)
        session.add_all(new)
    session.flush()
    scenes = [
        Scene(
            session,
            actor,
            dossiers[verdict.dossier_id],
            life,
            at=now,
            recorded_at=now,
            event_id=row.id,
            rules=verdict.reckoned.rules,
        )
        for verdict, row, life in zip(verdicts, rows, lives, strict=True)
    ]
    step_following.count_many_again(scenes, DueCause.CALENDAR)
    alert_queries.withdraw_stale(session, unit_id=actor.unit_id, now=now)


def _next(verdict: Verdict, happening: Happening) -> tuple[Event, LifeState]:
    """The event with the date that it brings, and the life after it."""
    due_on = verdict.due_at.astimezone(OFFICE_ZONE).date()
    payload = {**happening.payload, "due_on": due_on.isoformat()}
    event = Event(verdict.life.seq + 1, happening.kind, happening.occurred_at, payload)
    return event, apply(verdict.life, event)
