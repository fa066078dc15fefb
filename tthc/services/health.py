"""Whether the server can do its work, and the numbers by which a machine watches it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tthc.db import schema
from tthc.db.queries import health as queries
from tthc.domain.calendar import office_time
from tthc.domain.outbox import Way
from tthc.domain.timetable import is_late
from tthc.services import outbox, timetable, units


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
        swept = timetable.last_sweep(session)
        waiting = outbox.backlog(session, now=now, unit_id=units.first_unit_id(session), ways=ways)
    except SQLAlchemyError:
        # What the error says may tell addresses and names: nothing of it goes out.
        session.rollback()
        return Readiness(("database",))
    late = (("sweep", is_late(swept, now, at)), ("outbox", waiting.late))
    return Readiness(tuple(name for name, so in late if so), swept, waiting.lag if ways else None)


def metrics(session: Session, *, now: datetime) -> str:
    """The text format of Prometheus: dossiers pending and overdue, age of the sweep, runs of every job."""
    pending, overdue = queries.dossiers(session, office_time(now).date())
    swept = timetable.last_sweep(session)
    lines = [
        *_gauge("tthc_dossiers_pending", "Dossiers that have not ended.", pending),
        *_gauge("tthc_dossiers_overdue", "Dossiers whose clock runs and whose due date has passed.", overdue),
    ]
    if swept is not None:
        age = f"{(now - swept).total_seconds():.0f}"
        lines += _gauge("tthc_last_sweep_age_seconds", "Seconds since the last complete sweep began.", age)
    lines += [
        "# HELP tthc_job_runs_total Recorded runs by job and state.",
        "# TYPE tthc_job_runs_total counter",
        *(
            f'tthc_job_runs_total{{job="{name}",state="{state}"}} {count}'
            for name, state, count in queries.runs(session)
        ),
    ]
    return "\n".join(lines) + "\n"


def _gauge(name: str, purpose: str, value: object) -> list[str]:
    return [f"# HELP {name} {purpose}", f"# TYPE {name} gauge", f"{name} {value}"]
