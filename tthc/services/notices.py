"""Notices to supervisors and administrators: by the bell and by mail, once for each cause."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Notice
from tthc.db.queries import notices as queries
from tthc.db.queries import outbox as outbox_queries
from tthc.db.queries import own_alerts as people_queries
from tthc.domain.calendar import office_time
from tthc.domain.notices import UNMAILED, NoticeKind, sentence
from tthc.domain.outbox import MessageKind
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import Role
from tthc.services import accounts, outbox
from tthc.services.outbox import Message
from tthc.services.transaction import transaction

#: Who keeps the system going, in the words of the table of permissions.
CONCERNS = Action.RUN_JOBS
#: The key of messages that wait for too long.
_WAITING = "outbox:waiting"


@dataclass(frozen=True)
class Cause:
    """Something to be told: ``key`` stands for it, whenever it is found."""

    key: str
    kind: NoticeKind
    payload: Mapping[str, Any]
    #: Told by the bell alone.
    quiet: bool = False


@dataclass(frozen=True)
class NoticeView:
    """A notice as the bell's page shows it."""

    kind: NoticeKind
    text: str
    raised_at: datetime


def settle(
    session: Session, *, now: datetime, unit_id: int, kinds: Collection[NoticeKind], found: Collection[Cause]
) -> tuple[int, int]:
    """Make the open notices of some kinds those that were found, within the caller's transaction.

    Gives how many were raised and how many withdrawn. One that is open already is not told again, though its
    numbers are kept up to date.
    """
    raised = withdrawn = 0
    wanted = {cause.key: cause for cause in found}
    for row in queries.open_ones(session, unit_id, [*kinds]):
        cause = wanted.pop(row.key, None)
        if cause is None:
            row.withdrawn_at = now
            withdrawn += 1
        else:
            row.payload_json = dict(cause.payload)
    for cause in wanted.values():
        _raise(session, now, unit_id, cause)
        raised += 1
    session.flush()
    return raised, withdrawn


def tell_dead(session: Session, *, now: datetime, unit_id: int) -> None:
    """Tell of messages that were put aside, until somebody has sent the last of them again."""
    kind, count = NoticeKind.DEAD_MESSAGES, outbox_queries.count_dead(session, unit_id, now)
    standing = queries.open_ones(session, unit_id, [kind])
    if [row.payload_json["count"] for row in standing] == ([count] if count else []):
        return
    with transaction(session):
        # More of them are another cause: whoever looked at the first has not seen these.
        grew = bool(standing) and count > standing[0].payload_json["count"]
        if grew:
            settle(session, now=now, unit_id=unit_id, kinds=[kind], found=[])
        found = [Cause("outbox:dead", kind, {"count": count})] if count else []
        settle(session, now=now, unit_id=unit_id, kinds=[kind], found=found)


def tell_waiting(session: Session, *, now: datetime, unit_id: int, late: bool, moving: bool) -> None:
    """Tell by the bell alone of messages that cannot go out, until they do; ``moving``: some went out now."""
    row = queries.of_key(session, unit_id, _WAITING)
    stands = row is not None and row.withdrawn_at is None
    over = not late and (moving or not outbox_queries.waiting(session, unit_id))
    if late and not stands:
        with transaction(session):
            _raise(session, now, unit_id, Cause(_WAITING, NoticeKind.FAILED_JOB, {"waiting": True}, True))
    elif stands and over:
        with transaction(session):
            if (standing := queries.of_key(session, unit_id, _WAITING)) is not None:
                standing.withdrawn_at = now


def tell_run(
    session: Session, *, now: datetime, unit_id: int, name: str, label: str, failed: bool, quiet: bool
) -> None:
    """Tell that a job failed, once until it has run well again; ``quiet``: by the bell alone."""
    key = f"job:{name}"
    row = queries.of_key(session, unit_id, key)
    if (row is not None and row.withdrawn_at is None) == failed:
        return
    with transaction(session):
        if failed:
            _raise(session, now, unit_id, Cause(key, NoticeKind.FAILED_JOB, {"label": label}, quiet))
        elif (standing := queries.of_key(session, unit_id, key)) is not None:
            standing.withdrawn_at = now


def list_open(session: Session, *, actor: Actor) -> list[NoticeView]:
    """What is the matter now, newest first, for those whom it concerns."""
    if not actor.may(CONCERNS):
        return []
    return [
        NoticeView(row.kind, sentence(row.kind, row.payload_json), row.raised_at)
        for row in queries.open_ones(session, actor.unit_id)
    ]


def count_new(session: Session, *, actor: Actor) -> int:
    """How many were raised since the person last looked at the bell's page."""
    return queries.count_new(session, actor.unit_id, actor.account_id) if actor.may(CONCERNS) else 0


def _raise(session: Session, now: datetime, unit_id: int, cause: Cause) -> None:
    row = queries.of_key(session, unit_id, cause.key)
    if row is None:
        row = Notice(unit_id=unit_id, key=cause.key, kind=cause.kind)
        session.add(row)
    row.payload_json, row.raised_at, row.withdrawn_at = dict(cause.payload), now, None
    session.flush()
    if cause.quiet or cause.kind in UNMAILED:
        return
    today = office_time(now).date()
    people = {
        int(one.value)
        for role in (Role.SUPERVISOR, Role.ADMIN)
        for one in accounts.people_of(session, unit_id, today, role)
    }
    outbox.write(
        session,
        now=now,
        unit_id=unit_id,
        found=[
            Message(
                MessageKind.NOTICE,
                f"notice:{row.id}:{now.isoformat()}:{person}",
                f"account:{person}",
                {"kind": cause.kind.value, "about": dict(cause.payload)},
            )
            for person in sorted(people & people_queries.with_email(session))
        ],
    )
