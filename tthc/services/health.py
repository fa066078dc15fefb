"""Whether the server can do its work, and the numbers by which a machine watches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tthc.db import schema
from tthc.db.queries import health as queries
from tthc.domain.calendar import office_time
from tthc.domain.timetable import is_late
from tthc.services import timetable


@dataclass(frozen=True)
class Readiness:
    """What keeps the server from its work, each as one word: ``database``, ``migrations``, ``sweep``."""

    reasons: tuple[str, ...]
    last_sweep: datetime | None = None


def readiness(session: Session, *, now: datetime, at: time) -> Readiness:
    """Ask the database, its migrations and the record of the sweep, in this order."""
    try:
        if not schema.at_head(session):
            return Readiness(("migrations",))
        swept = timetable.last_sweep(session)
    except SQLAlchemyError:
        # What the error says may tell addresses and names: nothing of it goes out.
        session.rollback()
        return Readiness(("database",))
    return Readiness(("sweep",) if is_late(swept, now, at) else (), swept)


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
