"""The timetable: what runs when, by which process, on which clock. A job itself is a call of one service.

The time of day of the daily jobs is ``SWEEP_AT``, by the machine's clock in the office's zone; what a job is
told is the office's clock, which stands still in a demonstration. Of several processes on one database a
lease lets one run a job at a time.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
import time as machine
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import alert_mail, alerts, job_runs, leases, outbox, reports, units

SWEEP = alerts.SWEEP
REPORTS = reports.JOB
#: What a job has done, by name: numbers, or numbers by kind.
Counts = Mapping[str, Any]
#: Longer than any job takes; a process that died holds the others up for so long at most.
LEASE_SECONDS = 600
#: A machine that slept through the timetable is late by this much at most, see :func:`catch_up`.
LOOK_EVERY = timedelta(hours=1)
#: How often messages are sent; each is leased by itself, so that several processes may send at once.
SEND_EVERY = timedelta(minutes=1)

log = logging.getLogger(__name__)

#: One name a process, so that it never gives back another's lease.
_HOLDER = f"{platform.node()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


class Busy(Exception):
    """Another process is running the job."""


def sweep(app: Flask, now: datetime) -> Counts:
    """Raise the alerts that hold on the office's day and were not raised yet."""
    return alerts.sweep(_session(app), now=now, actor=_system(app)).counts()


def draw_up_reports(app: Flask, now: datetime) -> Counts:
    """Draw up the reports of the periods that have ended and have none yet."""
    return reports.draw_up(_session(app), now=now, actor=_system(app)).counts()


#: Every job by the name under which it is called, leased and recorded.
JOBS: Mapping[str, Callable[[Flask, datetime], Counts]] = {SWEEP: sweep, REPORTS: draw_up_reports}


def send_messages(app: Flask) -> Counts:
    """Write the digests of the day and send what waits; in a demonstration nothing leaves the machine."""
    with app.app_context():
        now, unit_id = app.config["CLOCK"](), units.first_unit_id(_session(app))
        server = None if app.config["DEMO"] else app.config["MAIL_SERVER"]
        if server is not None:
            alert_mail.write_digests(_session(app), now=now, unit_id=unit_id)
        return outbox.deliver(
            _session(app),
            now=now,
            machine_now=app.config["MACHINE_CLOCK"](),
            unit_id=unit_id,
            server=server,
            hook=None if app.config["DEMO"] else app.config["WEBHOOK"],
        ).counts()


def run_job(app: Flask, name: str, *, now: datetime, wait: float = 0.0) -> Counts:
    """Run a job under its lease; waits ``wait`` seconds for another process, then raises :class:`Busy`."""
    deadline = machine.monotonic() + wait
    with app.app_context():
        while (token := _acquire(app, name)) is None:
            if machine.monotonic() >= deadline:
                raise Busy(name)
            machine.sleep(0.2)
        try:
            return JOBS[name](app, now)
        finally:
            leases.release_lease(
                _session(app),
                machine_now=app.config["MACHINE_CLOCK"](),
                name=name,
                holder=_HOLDER,
                token=token,
            )


def catch_up(app: Flask, name: str) -> Counts | None:
    """Run a job unless that was done since the last time of day at which it is due; ``None`` if it was.

    Called daily at that time, and every hour for a machine that was off or asleep then. The database
    remembers, so two processes do not run it twice, and days off in between are made up for by the service.
    """
    now = app.config["CLOCK"]()
    with app.app_context():
        if job_runs.done_since(_session(app), name, last_due(now, app.config["SWEEP_AT"])):
            return None
    return run_job(app, name, now=now)


def last_due(now: datetime, at: time) -> datetime:
    """The newest moment at or before ``now`` at which a daily job is due."""
    local = now.astimezone(OFFICE_ZONE)
    due = datetime.combine(local.date(), at, OFFICE_ZONE)
    return due if due <= local else due - timedelta(days=1)


def start(app: Flask) -> BackgroundScheduler:
    """Start the timetable in threads of its own, beginning with one run of every job now."""
    scheduler = BackgroundScheduler(
        timezone=OFFICE_ZONE,
        # In memory: a job store shared by processes runs jobs several times. The lease is what elects.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    at: time = app.config["SWEEP_AT"]
    for name in JOBS:
        once = guarded(partial(_run_now, app, name))
        again = guarded(partial(catch_up, app, name))
        scheduler.add_job(once, id=f"{name}-at-start", misfire_grace_time=None)
        # Every day: the calendar, not the weekday, decides what a day off means.
        daily = CronTrigger(hour=at.hour, minute=at.minute, timezone=OFFICE_ZONE)
        scheduler.add_job(again, daily, id=f"{name}-daily")
        hourly = IntervalTrigger(seconds=int(LOOK_EVERY.total_seconds()), timezone=OFFICE_ZONE)
        scheduler.add_job(again, hourly, id=f"{name}-catch-up")
    sending = IntervalTrigger(seconds=int(SEND_EVERY.total_seconds()), timezone=OFFICE_ZONE)
    scheduler.add_job(guarded(partial(send_messages, app)), sending, id="outbox")
    scheduler.start()
    return scheduler


def _run_now(app: Flask, name: str) -> None:
    run_job(app, name, now=app.config["CLOCK"]())


def guarded(job: Callable[[], object]) -> Callable[[], None]:
    """The job as the scheduler calls it: an error is logged and the timetable goes on."""

    def run() -> None:
        try:
            job()
        except Busy as busy:
            log.info("%s is being run by another process", busy)
        except Exception as error:
            # The message of a database error may quote personal data: its kind only.
            log.error(
                "Công việc định kỳ gặp lỗi %s; sẽ chạy lại sau.",
                type(error).__name__,
                exc_info=log.isEnabledFor(logging.DEBUG),
            )

    return run


def _acquire(app: Flask, name: str) -> int | None:
    return leases.acquire_lease(
        _session(app),
        machine_now=app.config["MACHINE_CLOCK"](),
        name=name,
        holder=_HOLDER,
        seconds=LEASE_SECONDS,
    )


def _session(app: Flask) -> Any:
    return app.extensions["sqlalchemy"].session


def _system(app: Flask) -> Actor:
    return system_actor(units.first_unit_id(_session(app)))
