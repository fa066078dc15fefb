"""The record of what the timetable has done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.queries import alerts as queries


def done_since(session: Session, name: str, since: datetime) -> bool:
    """Whether the newest run of a job began at ``since`` or later and was complete."""
    run = queries.last_run(session, name)
    return run is not None and run.state == "done" and run.started_at >= since
