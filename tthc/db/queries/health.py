"""The numbers by which a machine watches the office's server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from tthc.db.models import Dossier, JobRun


def dossiers(session: Session, today: date) -> tuple[int, int]:
    """How many dossiers are pending, and how many of these are overdue."""
    late = and_(Dossier.waiting.is_(False), Dossier.due_on < today)
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(case((late, 1), else_=0)), 0)).where(
            Dossier.ended_on.is_(None)
        )
    ).one()
    return int(row[0]), int(row[1])


def runs(session: Session) -> Sequence[Any]:
    """(job, state, how many runs) of all that was recorded."""
    query = select(JobRun.name, JobRun.state, func.count()).group_by(JobRun.name, JobRun.state)
    return session.execute(query.order_by(JobRun.name, JobRun.state)).all()
