"""The record of what the timetable has done: a row when a run begins, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import JobRun
from tthc.db.queries import job_runs as queries
from tthc.db.queries import leases as lease_queries
from tthc.domain.calendar import office_time
from tthc.domain.timetable import RETRY_AFTER
from tthc.services.transaction import transaction

#: The error of a run whose process ended before it did.
INTERRUPTED = "Interrupted"


class LostLease(Exception):
    """The lease ran out and another process took the job over; what was being written is rolled back."""


@dataclass(frozen=True)
class Run:
    """A run that is under way, and the lease under which it writes.

    ``give_way`` is called between two transactions: it lets those write who wait for the database.
    """

    id: int
    name: str
    holder: str
    token: int
    give_way: Callable[[], None] = field(default=lambda: None, compare=False)


def is_due(
    session: Session, name: str, *, now: datetime, since: datetime, retry_after: timedelta = RETRY_AFTER
) -> bool:
    """Whether a job has to run: not done since ``since``, and not failed within ``retry_after``.

    A run that counts as running is due as well: its lease tells whether its process still lives.
    """
    run = queries.last_run(session, name, now)
    if run is None or run.started_at < since:
        return True
    if run.state == "failed":
        return run.started_at <= now - retry_after
    return run.state == "running"


def begin(session: Session, *, now: datetime, name: str, holder: str, token: int) -> Run:
    """Put on record that a run begins under a lease, and that an older one was broken off."""
    with transaction(session):
        queries.interrupt(session, name, INTERRUPTED)
        row = JobRun(
            name=name, for_on=office_time(now).date(), started_at=now, state="running", counts_json={}
        )
        session.add(row)
        session.flush()
        return Run(row.id, name, holder, token)


def hold(session: Session, run: Run | None) -> None:
    """Make sure, until the transaction ends, that nobody takes the job over; raises :class:`LostLease`.

    A process that was held up for longer than its lease writes nothing beside the one that took over.
    ``None`` is a run that is under no lease.
    """
    if run is not None and not lease_queries.hold(session, run.name, run.holder, run.token):
        raise LostLease(run.name)


def record(
    session: Session,
    run: Run | None,
    *,
    name: str,
    for_on: date,
    now: datetime,
    state: str,
    counts: Mapping[str, Any],
) -> None:
    """Write what was done for a day, in the transaction that did it; ``run`` has a row for it already."""
    if run is not None:
        queries.close(session, run.id, ended_at=now, state=state, counts_json=dict(counts))
        return
    session.add(
        JobRun(name=name, for_on=for_on, started_at=now, ended_at=now, state=state, counts_json=dict(counts))
    )


def finish(
    session: Session, run: Run, *, ended_at: datetime, counts: Mapping[str, Any], fold: bool = False
) -> None:
    """A run came to its end; one that recorded nothing itself is done now.

    ``fold``: of runs one after the other in which there was nothing to do, only the newest stays on record.
    """
    with transaction(session):
        if fold and _is_idle(counts):
            queries.drop_previous(
                session, run.id, run.name, lambda row: row.state == "done" and _is_idle(row.counts_json)
            )
        queries.close(session, run.id, state="done", counts_json=dict(counts))
        queries.set_end(session, run.id, ended_at)


def fail(session: Session, run: Run, *, ended_at: datetime, error: str) -> None:
    """A run broke off with an error, of which only the kind is kept: its message may quote personal data."""
    with transaction(session):
        queries.close(session, run.id, ended_at=ended_at, state="failed", error=error)


def _is_idle(counts: Mapping[str, Any]) -> bool:
    return not any(counts.values())
