"""``tthc jobs``, the timetable, and the election of one runner."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.processes import Office
from tthc import jobs
from tthc.services import leases

SHAPE = {"examined", "consulting", "petitions", "raised", "withdrawn", "failed"}


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
    with pytest.raises(jobs.Busy):
        jobs.run_job(app_on_both, jobs.SWEEP, now=clock())
    # The other one died: its lease runs out.
    clock.pass_by(seconds=600)
    assert jobs.run_job(app_on_both, jobs.SWEEP, now=clock())["failed"] == 0
    # And is free again at once.
    assert jobs.run_job(app_on_both, jobs.SWEEP, now=clock())["failed"] == 0


def test_a_job_that_fails_gives_its_lease_back(
    app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_app: Flask, _now: datetime) -> jobs.Counts:
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "JOBS", {jobs.SWEEP: fail})
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            jobs.run_job(app, jobs.SWEEP, now=clock())


def test_an_error_is_logged_and_the_timetable_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("số điện thoại 0912 345 678")

    jobs.guarded(fail)()
    assert "ValueError" in caplog.text
    # A message may quote personal data.
    assert "0912" not in caplog.text


@pytest.mark.parametrize("name", [*jobs.JOBS])
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


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2024, 6, 14, 6, 30), datetime(2024, 6, 14, 6, 30)),
        (datetime(2024, 6, 14, 6, 29, 59), datetime(2024, 6, 13, 6, 30)),
        (datetime(2024, 6, 14, 23, 59), datetime(2024, 6, 14, 6, 30)),
        (datetime(2024, 1, 1, 0, 0), datetime(2023, 12, 31, 6, 30)),
    ],
)
def test_when_the_sweep_was_due_last(now: datetime, due: datetime) -> None:
    def office(moment: datetime) -> datetime:
        return (moment - timedelta(hours=7)).replace(tzinfo=UTC)

    assert jobs.last_due(office(now), time(6, 30)) == office(due)


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
        scheduler.shutdown(wait=True)
