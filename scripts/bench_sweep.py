"""The sweep of an office with very many open dossiers: its time, its memory, and what pages feel of it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import bench_build
from bench_floors import STEPS_SQL, SWEEP_SQL
from bench_office import NOW, firm, open_office
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tthc import jobs
from tthc.db.models import Dossier
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE, Channel
from tthc.services import alerts, calendar, catalogue, dossiers, intake
from tthc.services.dossiers import Call

#: So many dossiers are received; all others are copies of these.
RECEIVED = 200
#: Of so many working days before the day of the sweep, so that some are overdue, some due soon, most neither.
_DAYS = 12
_SWEEPS = count()


def build(folder: Path, dossiers: int) -> Flask:
    """An application on an office in which so many dossiers are open and nothing was ever swept."""
    app = bench_build.open_app(folder)
    with app.app_context():
        upgrade()
        engine = app.extensions["sqlalchemy"].engine
        engine.dispose()
        event.listen(engine, "connect", bench_build.in_haste)
        session: Any = app.extensions["sqlalchemy"].session
        _receive(session, open_office(session))
        bench_build.multiply(session, max(1, dossiers // RECEIVED))
        session.remove()
        engine.dispose()
    with sqlite3.connect(bench_build.database_of(folder)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("ANALYZE")
    return bench_build.open_app(folder)


def _receive(session: Session, people: dict[str, Actor]) -> None:
    rows = catalogue.list_procedures(session, actor=people["lanh-dao"], on=NOW.date())
    procedures = [row.id for row in rows if row.withdrawn_on is None and row.limit_confirmed]
    officers = [actor for name, actor in people.items() if name.startswith("chuyen-vien")]
    working = calendar.load_rules(session, 1, NOW.date()).calendar
    for number in range(RECEIVED):
        day: date = working.add_working_days(NOW.date(), -(1 + number * _DAYS // RECEIVED))
        request = intake.IntakeRequest(
            procedure_id=procedures[number % len(procedures)],
            case_id=None,
            channel=Channel.COUNTER,
            applicant=firm(number + 1),
            officer_id=officers[number % len(officers)].account_id,
        )
        moment = datetime(day.year, day.month, day.day, 8, number % 60, tzinfo=OFFICE_ZONE)
        code = intake.receive_dossier(
            session, now=moment + timedelta(seconds=number), actor=people["can-bo"], request=request
        )
        # With the officer, as most of what is open in an office.
        officer = officers[number % len(officers)]
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        call = Call(moment + timedelta(hours=1, seconds=number), officer, code, dossier.version)
        dossiers.start_dossier(session, call=call)


def sweep(app: Flask) -> int:
    """One sweep, a second later than the one before; how many alerts it raised."""
    now = NOW + timedelta(seconds=next(_SWEEPS))
    with app.app_context():
        done = alerts.sweep(app.extensions["sqlalchemy"].session, now=now, actor=system_actor(1))
    return sum(done.raised.values()) + done.steps


def forget(folder: Path) -> None:
    """As if nothing had been swept."""
    with sqlite3.connect(bench_build.database_of(folder)) as raw:
        raw.execute("DELETE FROM alert")
        raw.execute("DELETE FROM job_run")


def hand_written(folder: Path) -> int:
    """The pass that a person would write by hand: what is due, and not told of."""
    with sqlite3.connect(bench_build.database_of(folder)) as raw:
        return sum(len(raw.execute(one, {"t": "2024-06-19"}).fetchall()) for one in (SWEEP_SQL, STEPS_SQL))


def peak(app: Flask, folder: Path) -> dict[str, float]:
    """The most that Python holds at a time during the first sweep of an office, in MB, and what it raised."""
    sweep(app)  # compiled statements are no part of it
    forget(folder)
    tracemalloc.start()
    raised = sweep(app)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"raised": raised, "mb": round(most / 1e6, 1)}


def responsiveness(folder: Path, call: Callable[[], object], rounds: int) -> dict[str, float]:
    """The 95th percentile of a call in milliseconds without and with a first sweep under way."""
    call()
    alone = _p95(call, rounds, lambda: True)
    with _sweeping(folder) as under_way:
        beside = _p95(call, rounds, under_way)
    return {"ms": round(beside, 2), "floor_ms": round(alone, 2), "ratio": round(beside / alone, 2)}


def _p95(call: Callable[[], object], rounds: int, holds: Callable[[], bool]) -> float:
    """Of the calls before and after which ``holds`` was true."""
    times: list[float] = []
    while len(times) < rounds:
        before = holds()
        begin = time.perf_counter()
        call()
        spent = (time.perf_counter() - begin) * 1000
        if before and holds():
            times.append(spent)
    return statistics.quantiles(times, n=20)[-1]


@contextmanager
def _sweeping(folder: Path) -> Iterator[Callable[[], bool]]:
    """First sweeps, one after another, as the timetable runs them, in a process of their own.

    Yields whether one is under way, and not what makes the next one a first one again.
    """
    context = multiprocessing.get_context("spawn")
    under_way = context.Event()
    process = context.Process(target=_sweep_again, args=(folder, under_way), daemon=True)
    process.start()
    under_way.wait()
    try:
        yield under_way.is_set
    finally:
        process.terminate()
        process.join()


def _sweep_again(folder: Path, under_way: Any) -> None:
    app = bench_build.open_app(folder)
    # Whoever was stopped before has left its lease to run out.
    jobs.run_job(app, jobs.SWEEP, now=NOW + timedelta(seconds=next(_SWEEPS)), wait=90)
    while True:
        forget(folder)
        under_way.set()
        jobs.run_job(app, jobs.SWEEP, now=NOW + timedelta(seconds=next(_SWEEPS)))
        under_way.clear()
