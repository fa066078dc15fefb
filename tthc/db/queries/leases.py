"""Statements on ``job_lease``: each takes, gives back or looks at a lease in one step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Update, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from tthc.db.models import JobLease


def take(
    dialect: str, *, name: str, holder: str, machine_now: datetime, expires_at: datetime
) -> ReturningInsert[int]:
    """Insert the lease, or take it over once it has expired; gives its new token, or no row.

    One statement, so that of two processes that ask at once the database lets exactly one through.
    """
    values = {"name": name, "holder": holder, "token": 1, "expires_at": expires_at}
    free = JobLease.expires_at <= machine_now
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
    return (
        update(JobLease)
        .where(JobLease.name == name, JobLease.holder == holder, JobLease.token == token)
        .values(expires_at=machine_now)
    )
