"""The timetable: what runs when, by which process, on which clock. A job itself is a call of one service.

The time of day of the daily jobs is ``SWEEP_AT``, by the machine's clock in the office's zone; what a job is
told is the office's clock, which stands still in a demonstration. Of several processes on one database a
lease lets one run a job at a time. It is renewed while the job runs, so that it can be short: after a process
was killed, another goes on within a minute (``LEASE_SECONDS`` and :data:`LOOK_EVERY` together).
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
import time as machine
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from tthc import __version__
from tthc.domain import alerts as alert_rules
from tthc.domain.backup import Cause
from tthc.domain.outbox import Way
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.timetable import RETRY_AFTER, last_due
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import (
    alert_mail,
    alerts,
    backup,
    calendar_watch,
    clean_up,
    job_runs,
    leases,
    notices,
    outbox,
    paper_store,
    reports,
    timetable,
    uncollected,
    units,
)
from tthc.services.job_runs import LostLease, Run
from tthc.services.timetable import Busy

SWEEP = alert_rules.SWEEP
REPORTS = reports.JOB
OUTBOX = outbox.JOB
CALENDAR = calendar_watch.JOB
BACKUP = backup.JOB
CLEAN_UP = clean_up.JOB
COLLECTION = uncollected.JOB
#: What a job has done, by name: numbers, or numbers by kind.
Counts = Mapping[str, Any]
#: How often a process looks whether a job is due: the machine may have slept through its time, or the
#: process that ran it may have died.
LOOK_EVERY = timedelta(seconds=15)
#: Of so many parts of its lease a job renews it after each.
_RENEWALS = 4
#: Who waits for SQLite asks again every 25 ms at first: a job that writes much lets them in that often.
_GIVE_WAY_SECONDS = 0.03

log = logging.getLogger(__name__)

#: One name a process, so that it never gives back another's lease.
_HOLDER = f"{platform.node()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class _Lease:
    """A job that this process may run."""

    name: str
    token: int


def sweep(app: Flask, now: datetime, run: Run) -> Counts:
    """Raise the alerts that hold on the office's day and were not raised yet."""
    session, machine_now = _session(app), app.config["MACHINE_CLOCK"]()
    alerts.drop_ahead(session, now=now, machine_now=machine_now, unit_id=units.first_unit_id(session))
    return alerts.sweep(session, now=now, actor=_system(app), run=run).counts()


def draw_up_reports(app: Flask, now: datetime, run: Run) -> Counts:
    """Draw up the reports of the periods that have ended and have none yet."""
    return reports.draw_up(_session(app), now=now, actor=_system(app), run=run).counts()


def remind_of_results(app: Flask, now: datetime, _run: Run) -> Counts:
    """Write to the applicants who are to be reminded to come for a result."""
    unit_id = units.first_unit_id(_session(app))
    return {"written": uncollected.remind_by_mail(_session(app), now=now, unit_id=unit_id)}


def send_messages(app: Flask, now: datetime, run: Run) -> Counts:
    """Write the digests of the day and send what waits; in a demonstration nothing leaves the machine."""
    session, unit_id, ways = _session(app), units.first_unit_id(_session(app)), outbox.ways_of(app.config)
    digests = alert_mail.write_digests(session, now=now, unit_id=unit_id) if Way.MAIL in ways else 0
    done = outbox.deliver(
        session,
        now=now,
        machine_now=app.config["MACHINE_CLOCK"](),
        unit_id=unit_id,
        server=app.config["MAIL_SERVER"] if Way.MAIL in ways else None,
        hook=app.config["WEBHOOK"] if Way.WEBHOOK in ways else None,
    )
    notices.tell_dead(session, now=now, unit_id=unit_id)
    waiting = outbox.backlog(session, now=now, unit_id=unit_id, ways=ways)
    notices.tell_waiting(session, now=now, unit_id=unit_id, late=waiting.late, moving=done.sent > 0)
    return {"digests": digests, **done.counts()}


def watch_calendar(app: Flask, now: datetime, run: Run) -> Counts:
    """Tell those who keep the calendar what has to be entered or confirmed."""
    session = _session(app)
    return calendar_watch.watch(session, now=now, unit_id=units.first_unit_id(session), run=run)


def back_up(app: Flask, now: datetime, run: Run) -> Counts:
    """Make the backup of the day and drop those that are old enough; a demonstration can be made again."""
    if app.config["DEMO"]:
        return {"file": "", "failed": 0}
    return backup.make_backup(
        backup.place_of(app.config, _session(app)),
        machine_now=app.config["MACHINE_CLOCK"](),
        cause=Cause.DAILY,
        program=__version__,
        keep=app.config["BACKUP_KEEP"],
    ).counts()


def clean_up_all(app: Flask, now: datetime, run: Run) -> Counts:
    """Forget what was put down for a while and nobody took up."""
    return clean_up.clean_up(
        _session(app),
        now=now,
        machine_now=app.config["MACHINE_CLOCK"](),
        unit_id=units.first_unit_id(_session(app)),
        places=clean_up.Places(paper_store.of(app.config), Path(app.config["INSTANCE_PATH"])),
    )


#: Every job by the name under which it is called, leased and recorded.
JOBS: Mapping[str, Callable[[Flask, datetime, Run], Counts]] = {
    SWEEP: sweep,
    REPORTS: draw_up_reports,
    OUTBOX: send_messages,
    CALENDAR: watch_calendar,
    BACKUP: back_up,
    CLEAN_UP: clean_up_all,
    COLLECTION: remind_of_results,
}


def run_job(app: Flask, name: str, *, now: datetime, wait: float = 0.0) -> Counts:
    """Run a job under its lease; waits ``wait`` seconds for another process, then raises :class:`Busy`."""
    deadline = machine.monotonic() + wait
    with app.app_context():
        while (token := _acquire(app, name)) is None:
            if machine.monotonic() >= deadline:
                raise Busy(name)
            machine.sleep(0.2)
        return _run(app, _Lease(name, token), now)


def start_job(app: Flask, name: str, *, now: datetime) -> threading.Thread:
    """Start a job in a thread of its own, for somebody who does not wait; raises :class:`Busy` at once."""
    with app.app_context():
        token = _acquire(app, name)
    if token is None:
        raise Busy(name)
    lease = _Lease(name, token)

    def work() -> None:
        with app.app_context():
            _run(app, lease, now)

    thread = threading.Thread(target=guarded(work), name=f"job-{name}")
    thread.start()
    return thread


def _run(app: Flask, lease: _Lease, now: datetime) -> Counts:
    """Run a job whose lease was taken, put on record that it ran, and give the lease back."""
    session = _session(app)
    began = machine.monotonic()

    def ended_at() -> datetime:
        # On the office's clock, which may stand still: as much later as the run took.
        return now + timedelta(seconds=machine.monotonic() - began)

    with _renewed(app, lease):
        run = replace(
            job_runs.begin(session, now=now, name=lease.name, holder=_HOLDER, token=lease.token),
            give_way=partial(machine.sleep, _GIVE_WAY_SECONDS),
        )
        try:
            counts = JOBS[lease.name](app, now, run)
        except BaseException as error:
            session.rollback()
            job_runs.fail(session, run, ended_at=ended_at(), error=type(error).__name__)
            if isinstance(error, Exception) and not isinstance(error, LostLease):
                _tell_run(app, lease.name, now, failed=True)
            raise
        often = timetable.JOBS[lease.name].every is not None
        job_runs.finish(session, run, ended_at=ended_at(), counts=counts, fold=often)
        # What a sweep could not read and what could not be sent are told by themselves.
        _tell_run(
            app, lease.name, now, failed=bool(counts.get("failed")) and lease.name not in (SWEEP, OUTBOX)
        )
    return counts


def _tell_run(app: Flask, name: str, now: datetime, *, failed: bool) -> None:
    """Let those who keep the system know of a job that failed; one of every minute writes no mail."""
    session, job = _session(app), timetable.JOBS[name]
    notices.tell_run(
        session,
        now=now,
        unit_id=units.first_unit_id(session),
        name=name,
        label=job.label,
        failed=failed,
        quiet=job.every is not None,
    )


@contextmanager
def _renewed(app: Flask, lease: _Lease) -> Iterator[None]:
    """Renew the lease until the block ends, then give it back."""
    seconds: float = app.config["LEASE_SECONDS"]
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(seconds / _RENEWALS):
            try:
                with app.app_context():
                    kept = leases.renew_lease(
                        _session(app),
                        machine_now=app.config["MACHINE_CLOCK"](),
                        name=lease.name,
                        holder=_HOLDER,
                        token=lease.token,
                        seconds=seconds,
                    )
            except Exception as error:  # noqa: BLE001 - the next renewal may succeed before the lease runs out
                log.warning("Chưa gia hạn được lượt chạy %s: %s.", lease.name, type(error).__name__)
                continue
            if not kept:
                return

    renewing = threading.Thread(target=renew, name=f"lease-{lease.name}", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        leases.release_lease(
            _session(app),
            machine_now=app.config["MACHINE_CLOCK"](),
            name=lease.name,
            holder=_HOLDER,
            token=lease.token,
        )


def catch_up(app: Flask, name: str) -> Counts | None:
    """Run a job unless that was done since it was due last; ``None`` if it was.

    Most are due at a time of day, some every so often. Called daily at that time, and every few seconds for a
    machine that was off or asleep then and for a process that died. The database remembers, so two processes
    do not run it twice, and days off in between are made up for by the service.
    """
    now = app.config["CLOCK"]()
    with app.app_context():
        every = timetable.JOBS[name].every
        since = last_due(now, app.config["SWEEP_AT"]) if every is None else now - every
        retry_after = RETRY_AFTER if every is None else every
        if not job_runs.is_due(_session(app), name, now=now, since=since, retry_after=retry_after):
            return None
    return run_job(app, name, now=now)


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
        # While one runs the job, another may look, and finds it leased.
        often = IntervalTrigger(seconds=int(LOOK_EVERY.total_seconds()), timezone=OFFICE_ZONE)
        scheduler.add_job(again, often, id=f"{name}-catch-up", max_instances=2)
    scheduler.start()
    return scheduler


def stop(scheduler: BackgroundScheduler) -> None:
    """End the timetable: nothing begins any more, and what runs is waited for.

    The library stumbles over a job that it hands out while it is being stopped, so none is left by then.
    """
    scheduler.pause()
    scheduler.remove_all_jobs()
    scheduler.shutdown(wait=True)


def _run_now(app: Flask, name: str) -> None:
    run_job(app, name, now=app.config["CLOCK"]())


def guarded(job: Callable[[], object]) -> Callable[[], None]:
    """The job as the scheduler calls it: an error is logged and the timetable goes on."""

    def run() -> None:
        try:
            job()
        except (Busy, LostLease) as elsewhere:
            log.info("%s is being run by another process", elsewhere)
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
        seconds=app.config["LEASE_SECONDS"],
    )


def _session(app: Flask) -> Any:
    return app.extensions["sqlalchemy"].session


def _system(app: Flask) -> Actor:
    return system_actor(units.first_unit_id(_session(app)))
