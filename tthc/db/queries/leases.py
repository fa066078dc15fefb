"""Statements on ``job_lease``: each takes, gives back or looks at a lease in one step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from tthc.db.models import JobLease

#: No living runner's lease lasts longer than this beyond a new one.
_BEYOND = timedelta(hours=1)


def take(
    dialect: str, *, name: str, holder: str, machine_now: datetime, expires_at: datetime
) -> ReturningInsert[int]:
    """Insert the lease, or take it over once it has expired; gives its new token, or no row.

    One that lasts for much longer than anybody takes it was taken while the clock was ahead of the time.
    One statement, so that of two processes that ask at once the database lets exactly one through.
    """
    values = {"name": name, "holder": holder, "token": 1, "expires_at": expires_at}
    free = or_(JobLease.expires_at <= machine_now, JobLease.expires_at > expires_at + _BEYOND)
    changed = {"holder": holder, "token": JobLease.token + 1, "expires_at": expires_at}
    if dialect == "sqlite":
        return (
            sqlite.insert(JobLease)
            .values(values)
            .on_conflict_do_update(index_elements=[JobLease.name], set_=changed, where=free)
            .returning(JobLease.token)
        )
    return (
        postgresql.insert(JobLease)
        .values(values)
        .on_conflict_do_update(index_elements=[JobLease.name], set_=changed, where=free)
        .returning(JobLease.token)
    )


def give_back(*, name: str, holder: str, token: int, machine_now: datetime) -> Update:
    """Let the lease expire now, if it is still the one that was taken."""
    return _mine(name, holder, token).values(expires_at=machine_now)


def renew(session: Session, *, name: str, holder: str, token: int, expires_at: datetime) -> bool:
    """Let the lease last until ``expires_at``, if it is still the one that was taken; whether it is."""
    result: Any = session.execute(_mine(name, holder, token).values(expires_at=expires_at))
    return bool(result.rowcount)


def hold(session: Session, name: str, holder: str, token: int) -> bool:
    """Keep others from taking the lease until the transaction ends; whether it is still ours."""
    result: Any = session.execute(_mine(name, holder, token).values(token=JobLease.token))
    return bool(result.rowcount)


def running(session: Session, machine_now: datetime) -> set[str]:
    """The jobs that a living process runs."""
    return {*session.scalars(select(JobLease.name).where(JobLease.expires_at > machine_now))}


def _mine(name: str, holder: str, token: int) -> Update:
    return (
        update(JobLease)
        .where(JobLease.name == name, JobLease.holder == holder, JobLease.token == token)
        .execution_options(synchronize_session=False)
    )
