"""``tthc jobs``, the timetable, and the election of one runner."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from tests.processes import Office
from tthc import jobs
from tthc.db.models import JobRun
from tthc.domain.permissions import system_actor
from tthc.services import alerts, job_runs, leases, notices, timetable, units
from tthc.services.job_runs import Run
from tthc.services.timetable import Busy

LONG = os.environ.get("TTHC_TEST_LONG") == "1"
KILLS, RUNNERS = (6, 3) if LONG else (1, 2)
SHAPE = {
    "examined",
    "consulting",
    "petitions",
    "raised",
    "steps",
    "supplements",
    "withdrawn",
    "failed",
    "days",
}


def test_once_answers_with_its_counts(office_on_both: Office) -> None:
    first = office_on_both.tthc("jobs", "once", "sweep", "--at", "2024-06-14T16:00", "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json.keys() == SHAPE
    second = office_on_both.tthc("--json", "jobs", "once", "--at", "14/06/2024 16:30")
    assert second.json["raised"] == {}
    assert second.json["withdrawn"] == 0


def test_once_speaks_to_people(office: Office) -> None:
    done = office.tthc("jobs", "once")
    assert done.out.startswith("Đã xem 0 hồ sơ; cảnh báo mới: không có")


def test_reports_are_a_job_of_their_own(office_on_both: Office) -> None:
    done = office_on_both.tthc("jobs", "once", "reports", "--at", "2024-06-15T07:00", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {"drawn": {}, "final": 0, "corrections": 0, "failed": 0}
    said = office_on_both.tthc("jobs", "once", "reports", "--at", "2024-06-15T08:00")
    assert said.out == "Dự thảo mới: không có; chốt số liệu 0; đính chính 0; lỗi 0.\n"


def test_the_jobs_and_their_history_are_listed(office: Office) -> None:
    assert "chưa chạy" in office.tthc("jobs", "list").out
    office.tthc("jobs", "once", "--at", "2024-06-14T07:00")
    office.tthc("jobs", "once", "reports", "--at", "2024-06-14T07:00")
    sweep, reports, outbox, *_ = office.tthc("jobs", "list", "--json").json
    assert outbox["standing"] == "Chưa đặt máy chủ thư, webhook: thư nằm chờ."
    assert (sweep["name"], sweep["running"], sweep["last"]["state"]) == ("sweep", False, "done")
    assert reports["last"]["result"].startswith("Dự thảo mới: không có")
    assert [run["name"] for run in office.tthc("--json", "jobs", "history").json] == ["reports", "sweep"]
    [run] = office.tthc("jobs", "history", "sweep", "--json").json
    assert (run["for_on"], run["started_at"]) == ("2024-06-14", "2024-06-14T07:00:00+07:00")
    assert "14/06/2024 07:00  sweep" in office.tthc("jobs", "history", "sweep").out
    # The machine's clock is years on, and the text says so.
    assert re.search(
        r"^sweep +14/06/2024 07:00 +Xong, đã quá cũ", office.tthc("jobs", "list").out, re.MULTILINE
    )
    assert timetable.JOBS.keys() <= {*office.tthc("jobs", "once", "--help").out.split()}


def test_a_job_that_there_is_not(office: Office) -> None:
    refused = office.tthc("jobs", "once", "khong-co")
    assert refused.code == 2
    assert "sweep, reports" in refused.err


def test_run_goes_on_until_it_is_asked_to_stop(office: Office) -> None:
    with office.start("jobs", "run", "--json") as running:
        running.wait_for("Bộ lập lịch đang chạy")
        assert running.stop() == 0
        assert running.lines == []
        assert running.errors[-1] == "Bộ lập lịch đã dừng."


def test_a_job_that_another_process_runs_is_not_run_twice(app_on_both: Flask, clock: Any) -> None:
    with app_on_both.app_context():
        session = app_on_both.extensions["sqlalchemy"].session
        token = leases.acquire_lease(
            session, machine_now=clock(), name=jobs.SWEEP, holder="another", seconds=600
        )
        assert token == 1
    with pytest.raises(Busy):
        jobs.run_job(app_on_both, jobs.SWEEP, now=clock())
    # The other one died: its lease runs out.
    clock.pass_by(seconds=600)
    assert jobs.run_job(app_on_both, jobs.SWEEP, now=clock())["failed"] == 0
    # And is free again at once.
    assert jobs.run_job(app_on_both, jobs.SWEEP, now=clock())["failed"] == 0


def test_a_job_that_fails_gives_its_lease_back(
    app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_app: Flask, _now: datetime, _run: Run) -> jobs.Counts:
        raise ZeroDivisionError("số điện thoại 0912 345 678")

    def told() -> list[str]:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session
            actor = system_actor(units.first_unit_id(session))
            return [one.text for one in notices.list_open(session, actor=actor)]

    monkeypatch.setattr(jobs, "JOBS", {jobs.SWEEP: fail})
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            jobs.run_job(app, jobs.SWEEP, now=clock())
    with app.app_context():
        shown = timetable.last_run(app.extensions["sqlalchemy"].session, jobs.SWEEP, clock())
    # Of the error only its kind: a message may quote personal data.
    assert shown is not None
    assert (shown.state, shown.result) == ("failed", "Lỗi ZeroDivisionError")
    assert told() == ["“Quét cảnh báo” gặp lỗi: mở bộ hẹn giờ để biết vì sao; hệ thống tự chạy lại sau."]
    # The timetable leaves it alone for an hour.
    monkeypatch.undo()
    assert jobs.catch_up(app, jobs.SWEEP) is None
    clock.pass_by(hours=1)
    assert jobs.catch_up(app, jobs.SWEEP) is not None
    assert told() == []
    # Run while the clock was a month ahead, it is due again on the next day of the right time, once.
    jobs.run_job(app, jobs.SWEEP, now=clock() + timedelta(days=30))
    clock.pass_by(days=1)
    assert jobs.catch_up(app, jobs.SWEEP) is not None
    assert jobs.catch_up(app, jobs.SWEEP) is None


def test_a_lease_is_renewed_while_the_job_runs(
    app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job longer than its lease: nobody takes it over, and a second start is refused."""
    app.config.update(LEASE_SECONDS=0.6, MACHINE_CLOCK=lambda: datetime.now(UTC))
    under_way, go_on = threading.Event(), threading.Event()

    def long(_app: Flask, _now: datetime, _run: Run) -> jobs.Counts:
        under_way.set()
        go_on.wait(60)
        return {"drawn": {}, "final": 0, "corrections": 0, "failed": 0}

    monkeypatch.setattr(jobs, "JOBS", {jobs.REPORTS: long})
    thread = jobs.start_job(app, jobs.REPORTS, now=clock())
    try:
        assert under_way.wait(30)
        with pytest.raises(Busy):
            jobs.run_job(app, jobs.REPORTS, now=clock(), wait=1.5)
    finally:
        go_on.set()
        thread.join(30)
    with app.app_context():
        shown = timetable.last_run(app.extensions["sqlalchemy"].session, jobs.REPORTS, clock())
    assert shown is not None
    assert shown.state == "done"


def test_who_lost_the_lease_writes_nothing_more(app: Flask, clock: Any) -> None:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session

        def take(holder: str) -> int:
            token = leases.acquire_lease(
                session, machine_now=clock(), name=jobs.SWEEP, holder=holder, seconds=60
            )
            assert token is not None
            return token

        actor = system_actor(units.first_unit_id(session))
        slow = job_runs.begin(session, now=clock(), name=jobs.SWEEP, holder="a", token=take("a"))
        clock.pass_by(seconds=60)
        job_runs.begin(session, now=clock(), name=jobs.SWEEP, holder="b", token=take("b"))
        with pytest.raises(job_runs.LostLease):
            alerts.sweep(session, now=clock(), actor=actor, run=slow)
        session.rollback()
        states = [(run.state, run.result) for run in timetable.list_runs(session, actor=actor).rows]
    assert states == [("running", ""), ("failed", "Tiến trình bị dừng giữa chừng, lượt sau chạy lại")]


def test_a_process_killed_in_the_middle_of_a_sweep_is_taken_over(tmp_path: Path, database_url: str) -> None:
    """Killed with SIGKILL between the days that it makes up for; of several that come then, one goes on."""
    first = date(2023, 12, 2) if LONG else date(2024, 5, 2)
    today = date(2024, 6, 14)
    office = Office(tmp_path, database_url, {"TTHC_LEASE_SECONDS": "2"})
    assert office.tthc("jobs", "once", "--at", f"{first}T07:00").code == 0
    engine = create_engine(database_url, poolclass=NullPool)

    def days() -> list[tuple[date, str]]:
        with engine.connect() as connection:
            query = select(JobRun.for_on, JobRun.state).order_by(JobRun.for_on, JobRun.id)
            return [(row.for_on, row.state) for row in connection.execute(query)]

    once = ("jobs", "once", "--at", f"{today}T07:00")
    for kill in range(1, KILLS + 1):
        done_before = len(days())
        running = office.start(*once)
        deadline = time.monotonic() + 60
        while len(days()) < done_before + 4:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.process.kill()
        running.end()
        assert days()[-1] == (today, "running")
        # Those that broke off before count as failed.
        assert [state for _, state in days()].count("failed") == kill - 1
    # Within their patience they wait for the lease to run out, then for each other.
    runners = [office.start(*once) for _ in range(RUNNERS)]
    assert [runner.end() for runner in runners] == [0] * RUNNERS
    done = [day for day, state in days() if state == "done"]
    every = [first + timedelta(days=offset) for offset in range((today - first).days + 1)]
    assert done == [*every, *[today] * (RUNNERS - 1)]
    assert [state for _, state in days() if state != "done"] == ["failed"] * KILLS


def test_an_error_is_logged_and_the_timetable_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("số điện thoại 0912 345 678")

    jobs.guarded(fail)()
    assert "ValueError" in caplog.text
    # A message may quote personal data.
    assert "0912" not in caplog.text


def test_every_job_is_told_in_words() -> None:
    assert [*timetable.JOBS] == [*jobs.JOBS]


@pytest.mark.parametrize("name", [name for name, job in timetable.JOBS.items() if job.every is None])
def test_a_machine_that_slept_goes_on_when_it_wakes_up_and_only_once(
    app: Flask, clock: Any, name: str
) -> None:
    clock.stand_at(2024, 6, 13, 6, 30)
    assert jobs.catch_up(app, name) is not None
    assert jobs.catch_up(app, name) is None
    clock.stand_at(2024, 6, 14, 6, 29)
    assert jobs.catch_up(app, name) is None
    clock.stand_at(2024, 6, 14, 11, 0)
    assert jobs.catch_up(app, name) is not None
    assert jobs.catch_up(app, name) is None


def test_the_timetable(app: Flask) -> None:
    scheduler = jobs.start(app)
    try:
        found = {job.id: job for job in scheduler.get_jobs()}
        lasting = {f"{name}-{when}" for name in jobs.JOBS for when in ("daily", "catch-up")}
        # Those at the start may be through already.
        assert lasting <= found.keys() <= lasting | {f"{name}-at-start" for name in jobs.JOBS}
        daily = found["sweep-daily"]
        assert daily.coalesce
        assert daily.max_instances == 1
        local = daily.next_run_time
        assert (local.hour, local.minute, local.utcoffset()) == (6, 30, timedelta(hours=7))
        # Every day, weekends too: the calendar decides.
        following = daily.trigger.get_next_fire_time(local, local + timedelta(seconds=1))
        assert following - local == timedelta(days=1)
    finally:
        jobs.stop(scheduler)
