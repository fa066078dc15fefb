"""Reads and writes of the record of the timetable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from tthc.db.base import UtcDateTime
from tthc.db.models import Dossier, JobRun
from tthc.db.session import read


def last_run(session: Session, name: str, now: datetime, *, ended: bool = False) -> JobRun | None:
    """The newest run of a job for the newest day, whatever came of it; ``ended``: not one under way.

    Here and below, what began after ``now`` is none: it was run while the clock was ahead of the time.
    """
    query = select(JobRun).where(JobRun.name == name, JobRun.started_at <= now)
    if ended:
        query = query.where(JobRun.state != "running")
    return session.scalars(query.order_by(JobRun.for_on.desc(), JobRun.id.desc()).limit(1)).one_or_none()


def last_failed(session: Session, name: str) -> JobRun | None:
    """The newest run of a job that broke off."""
    return session.scalars(
        select(JobRun)
        .where(JobRun.name == name, JobRun.state == "failed")
        .order_by(JobRun.for_on.desc(), JobRun.id.desc())
        .limit(1)
    ).one_or_none()


_LAST_DONE = (
    select(JobRun.started_at)
    .where(
        JobRun.name == bindparam("name"),
        JobRun.state == "done",
        JobRun.started_at <= bindparam("now", type_=UtcDateTime()),
    )
    .order_by(JobRun.for_on.desc(), JobRun.id.desc())
    .limit(1)
)


def last_done(session: Session, name: str, now: datetime) -> datetime | None:
    """When the newest complete run for the newest day began; asked on every page."""
    found: datetime | None = read(session, _LAST_DONE, name=name, now=now).scalar()
    return found


def last_complete_day(session: Session, name: str, now: datetime) -> date | None:
    """The newest day that a job has done."""
    return session.scalar(
        select(func.max(JobRun.for_on)).where(
            JobRun.name == name, JobRun.state == "done", JobRun.started_at <= now
        )
    )


def interrupt(session: Session, name: str, error: str) -> None:
    """Whatever still counts as running was broken off: only one runs, and that one begins now."""
    session.execute(
        update(JobRun)
        .where(JobRun.name == name, JobRun.state == "running")
        .values(state="failed", error=error),
        execution_options={"synchronize_session": False},
    )


def close(session: Session, run_id: int, **values: Any) -> None:
    """Write the end of a run that still counts as running; nothing if it does not."""
    session.execute(
        update(JobRun).where(JobRun.id == run_id, JobRun.state == "running").values(values),
        execution_options={"synchronize_session": False},
    )


def set_end(session: Session, run_id: int, ended_at: datetime) -> None:
    """Write when a run ended."""
    session.execute(
        update(JobRun).where(JobRun.id == run_id).values(ended_at=ended_at),
        execution_options={"synchronize_session": False},
    )


def forget(session: Session, before: date) -> int:
    """Drop runs for days before one, except the newest of each job, from which the next goes on."""
    newest = select(func.max(JobRun.for_on)).where(JobRun.state == "done").group_by(JobRun.name)
    result: Any = session.execute(
        delete(JobRun).where(JobRun.for_on < before, JobRun.for_on.not_in(newest)),
        execution_options={"synchronize_session": False},
    )
    return int(result.rowcount)


def drop_previous(session: Session, run_id: int, name: str, is_idle: Callable[[JobRun], bool]) -> None:
    """Drop the run before one if nothing came of it; a job of every minute would fill the history."""
    previous = session.scalars(
        select(JobRun).where(JobRun.name == name, JobRun.id < run_id).order_by(JobRun.id.desc()).limit(1)
    ).one_or_none()
    if previous is not None and is_idle(previous):
        session.delete(previous)


def page(session: Session, name: str | None, *, offset: int, limit: int) -> Sequence[JobRun]:
    """Runs of one job or all, the newest first."""
    query = select(JobRun).order_by(JobRun.id.desc()).offset(offset).limit(limit)
    return session.scalars(query if name is None else query.where(JobRun.name == name)).all()


def count(session: Session, name: str | None) -> int:
    """How many runs of one job or all there are."""
    query = select(func.count()).select_from(JobRun)
    return session.scalar(query if name is None else query.where(JobRun.name == name)) or 0


def codes(session: Session, unit_id: int, ids: Sequence[int]) -> dict[int, str]:
    """The codes of dossiers of a unit by their ids."""
    query = select(Dossier.id, Dossier.code).where(Dossier.unit_id == unit_id, Dossier.id.in_(ids))
    return {row.id: row.code for row in session.execute(query)}
