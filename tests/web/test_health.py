"""For machines that watch the server: that it can do its work, and numbers behind a token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text

from tests.clock import StandingClock
from tthc import jobs


def test_ready_after_a_sweep_and_not_when_it_stays_away(app: Flask, clock: StandingClock) -> None:
    client = app.test_client()

    def asked() -> tuple[int, str, list[str], int | None]:
        answer = client.get("/readyz")
        found = answer.json
        assert found is not None
        return answer.status_code, found["status"], found["reasons"], found["last_sweep_age_seconds"]

    assert asked() == (503, "unavailable", ["sweep"], None)
    jobs.run_job(app, jobs.SWEEP, now=clock())
    clock.pass_by(minutes=2)
    assert asked() == (200, "ready", [], 120)
    clock.pass_by(days=2)
    assert asked()[:3] == (503, "unavailable", ["sweep"])
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.commit()
    assert asked() == (503, "unavailable", ["migrations"], None)


def test_a_database_that_is_not_there_is_a_word_and_no_secret(app: Flask) -> None:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        session.execute(text("ALTER TABLE job_run RENAME TO elsewhere"))
        session.commit()
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json and answer.json["reasons"]) == (503, ["database"])
    assert "job_run" not in answer.text
    assert "sqlite" not in answer.text


def test_numbers_are_for_whoever_knows_the_token(app: Flask, received: Any, clock: StandingClock) -> None:
    client = app.test_client()
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    app.config["METRICS_TOKEN"] = "mot-ma-thu-nghiem"
    for given in ({}, {"Authorization": "Bearer sai"}, {"Authorization": "Bearer mã"}):
        assert client.get("/metrics", headers=given).status_code == 401
    received(37, clock() - timedelta(days=40))
    received(37)
    jobs.run_job(app, jobs.SWEEP, now=clock())
    jobs.run_job(app, jobs.BACKUP, now=clock() - timedelta(hours=3))
    answer = client.get("/metrics", headers={"Authorization": "Bearer mot-ma-thu-nghiem"})
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    numbers = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert numbers == {
        "tthc_dossiers_pending": "2",
        "tthc_dossiers_overdue": "1",
        "tthc_outbox_waiting": "0",
        "tthc_outbox_lag_seconds": "0",
        "tthc_last_sweep_age_seconds": "0",
        "tthc_last_backup_age_seconds": "10800",
        'tthc_job_runs_total{job="backup",state="done"}': "1",
        'tthc_job_runs_total{job="sweep",state="done"}': "1",
    }
