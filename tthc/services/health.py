"""Whether the server can do its work, and the numbers by which a machine watches it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tthc.db import schema
from tthc.db.queries import health as queries
from tthc.db.queries import job_runs as run_queries
from tthc.domain.calendar import office_time
from tthc.domain.outbox import Way
from tthc.domain.timetable import is_late
from tthc.services import backup, outbox, timetable, units


@dataclass(frozen=True)
class Readiness:
    """What keeps the server from its work: ``database``, ``migrations``, ``sweep``, ``outbox``."""

    reasons: tuple[str, ...]
    last_sweep: datetime | None = None
    outbox_lag: timedelta | None = None


def readiness(session: Session, *, now: datetime, at: time, ways: Collection[Way]) -> Readiness:
    """Ask the database, its migrations, the record of the sweep and the outbox, in this order."""
    try:
        if not schema.at_head(session):
            return Readiness(("migrations",))
        swept = timetable.last_sweep(session, now)
        waiting = outbox.backlog(session, now=now, unit_id=units.first_unit_id(session), ways=ways)
    except SQLAlchemyError:
        # What the error says may tell addresses and names: nothing of it goes out.
        session.rollback()
        return Readiness(("database",))
    late = (("sweep", is_late(swept, now, at)), ("outbox", waiting.late))
    return Readiness(tuple(name for name, so in late if so), swept, waiting.lag if ways else None)


def metrics(session: Session, *, now: datetime, ways: Collection[Way]) -> str:
    """The text format of Prometheus: dossiers, messages, ages of sweep and backup, runs."""
    pending, overdue = queries.dossiers(session, office_time(now).date())
    waiting = outbox.backlog(session, now=now, unit_id=units.first_unit_id(session), ways=ways)
    lines = [
        *_gauge("tthc_dossiers_pending", "Dossiers that have not ended.", pending),
        *_gauge("tthc_dossiers_overdue", "Dossiers whose clock runs and whose due date has passed.", overdue),
        *_gauge("tthc_outbox_waiting", "Messages that could go out and have not.", waiting.count),
        *_gauge("tthc_outbox_lag_seconds", "How long the first of them has waited.", _seconds(waiting.lag)),
    ]
    for job, at in (
        ("sweep", timetable.last_sweep(session, now)),
        (backup.JOB, run_queries.last_done(session, backup.JOB, now)),
    ):
        if at is not None:
            purpose = f"Seconds since the last complete {job} began."
            lines += _gauge(f"tthc_last_{job}_age_seconds", purpose, _seconds(now - at))
    lines += [
        "# HELP tthc_job_runs_total Recorded runs by job and state.",
        "# TYPE tthc_job_runs_total counter",
        *(
            f'tthc_job_runs_total{{job="{name}",state="{state}"}} {count}'
            for name, state, count in queries.runs(session)
        ),
    ]
    return "\n".join(lines) + "\n"


def _seconds(time_span: timedelta) -> str:
    return f"{time_span.total_seconds():.0f}"


def _gauge(name: str, purpose: str, value: object) -> list[str]:
    return [f"# HELP {name} {purpose}", f"# TYPE {name} gauge", f"{name} {value}"]
