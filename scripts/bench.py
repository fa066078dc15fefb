"""How fast the program is, as ratios against a floor that runs in the same minute on the same machine.

A floor is the least that any Flask program would have to do for the same: one durable insert behind a view,
a page of the same rows from the same query, one hand-written pass over the same rows. Seconds differ
from machine to machine and from minute to minute; ratios much less.

    .venv/bin/python scripts/bench.py [--dossiers 5000] [--rounds 60] [--json]
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string

from tthc import create_app
from tthc.domain.permissions import system_actor
from tthc.domain.vocabulary import ApplicantKind, Channel, Role
from tthc.services import accounts, alerts, catalogue, intake, setup, tallies, units
from tthc.services.applicants import ApplicantInput

NOW = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)
PASSWORD = "mat-khau-do-toc-do"  # noqa: S105 - of a database that is thrown away
FLOOR_PAGE = (
    "<!doctype html><html lang=vi><title>Sàn</title><table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table></html>"
)
LIST_SQL = """
SELECT d.code, v.name, a.name, d.channel, d.state, d.received_on, d.due_on, s.name
FROM dossier d JOIN procedure_version v ON v.id = d.version_id JOIN applicant a ON a.id = d.applicant_id
JOIN sector s ON s.id = d.sector_id WHERE d.unit_id = 1 ORDER BY d.due_on, d.id LIMIT 50
"""
TALLY_SQL = """
SELECT sector_id, count(*), sum(received_counted_on >= :f), sum(ended_counted_on IS NULL),
       sum(ended_on < due_on), sum(ended_on = due_on), sum(ended_on > due_on)
FROM dossier_span WHERE unit_id = 1 AND known_to IS NULL AND valid_from <= :t
AND (valid_to IS NULL OR valid_to > :t) GROUP BY sector_id
"""
SWEEP_SQL = """
SELECT d.id, d.due_date_id FROM dossier d WHERE d.unit_id = 1 AND d.ended_on IS NULL AND NOT d.waiting
AND d.due_on <= :t AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.subject_kind = 'dossier'
AND a.subject_id = d.id AND a.due_date_id = d.due_date_id)
"""


def build(folder: Path, dossiers: int) -> tuple[Flask, Path]:
    """An application on a database with ``dossiers`` dossiers, spread over the days of a half-year."""
    path = folder / "bench.db"
    app = create_app(
        {
            "INSTANCE_PATH": str(folder),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
            "SECRET_KEY": "khoa-do-toc-do-khong-bi-mat",
            "CLOCK": lambda: NOW,
        }
    )
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()
        session: Any = app.extensions["sqlalchemy"].session
        setup.initialise(session, now=NOW)
        actor = system_actor(units.first_unit_id(session))
        accounts.add_account(
            session, now=NOW, actor=actor, name="do-toc-do", role=Role.CLERK, password=PASSWORD
        )
        procedures = [row.id for row in catalogue.list_procedures(session, actor=actor, on=date(2024, 6, 14))]
        for number in range(dossiers):
            received_at = NOW - timedelta(days=number * 180 // dossiers, minutes=number % 240)
            intake.receive_dossier(
                session,
                now=NOW,
                actor=actor,
                request=intake.IntakeRequest(
                    procedure_id=procedures[number % len(procedures)],
                    case_id=None,
                    channel=list(Channel)[number % 3],
                    applicant=ApplicantInput(
                        ApplicantKind.ENTERPRISE, f"Doanh nghiệp {number:05d}", f"{number:010d}"
                    ),
                    received_at=received_at,
                    confirm_unverified=True,
                ),
            )
            if number % 500 == 499:
                session.remove()
        session.remove()
    return app, path


def floor(path: Path) -> Flask:
    """The least program: a durable insert behind a view, and a bare page of the same rows."""
    app = Flask("floor")
    store = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE IF NOT EXISTS bench_floor (id INTEGER PRIMARY KEY, at TEXT, text TEXT)")

    @app.post("/insert")
    def insert() -> str:
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO bench_floor (at, text) VALUES (?, ?)", (NOW.isoformat(), "x" * 200))
        store.execute("COMMIT")
        return "ok"

    @app.get("/rows")
    def rows() -> str:
        return render_template_string(FLOOR_PAGE, rows=store.execute(LIST_SQL).fetchall())

    return app


def paired(first: Callable[[], object], second: Callable[[], object], rounds: int) -> dict[str, float]:
    """Medians in milliseconds of two calls taken in turns, and their ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, kept in zip((first, second), times, strict=True):
            begin = time.perf_counter()
            call()
            kept.append((time.perf_counter() - begin) * 1000)
    ours, theirs = (statistics.median(kept) for kept in times)
    return {"ms": round(ours, 2), "floor_ms": round(theirs, 2), "ratio": round(ours / theirs, 2)}


def token(page: str) -> str:
    """The CSRF token of a form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the page has no form")
    return found.group(1)


def measure(app: Flask, path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Every figure."""
    least = floor(path).test_client()
    client = app.test_client()
    page = client.get("/dang-nhap").get_data(as_text=True)
    answer = client.post(
        "/dang-nhap", data={"csrf_token": token(page), "name": "do-toc-do", "password": PASSWORD}
    )
    if answer.status_code != 302:
        raise RuntimeError(f"sign-in answered {answer.status_code}")

    def ok(address: str) -> Callable[[], object]:
        def call() -> object:
            response = client.get(address)
            if response.status_code != 200:
                raise RuntimeError(f"{address} answered {response.status_code}")
            return response.get_data()

        return call

    code = sqlite3.connect(path).execute("SELECT code FROM dossier ORDER BY id LIMIT 1").fetchone()[0]
    bare = lambda: least.get("/rows").get_data()  # noqa: E731 - a call without a name of its own
    figures = {
        "danh sách 50 hồ sơ / trang trần cùng truy vấn": paired(ok("/ho-so"), bare, rounds),
        "trang một hồ sơ / trang trần": paired(ok(f"/ho-so/{code}"), bare, rounds),
        "trang đầu / trang trần": paired(ok("/"), bare, rounds),
    }
    with app.app_context():
        session: Any = app.extensions["sqlalchemy"].session
        actor = system_actor(units.first_unit_id(session))
        raw = sqlite3.connect(path, isolation_level=None)
        counter = iter(range(10**9))
        procedure_id = next(
            row.id
            for row in catalogue.list_procedures(session, actor=actor, on=date(2024, 6, 14))
            if row.limit_confirmed
        )

        def receive() -> object:
            request = intake.IntakeRequest(
                procedure_id=procedure_id,
                case_id=None,
                channel=Channel.COUNTER,
                applicant=ApplicantInput(
                    ApplicantKind.ENTERPRISE, "Doanh nghiệp đo tốc độ", f"9{next(counter):09d}"
                ),
            )
            return intake.receive_dossier(session, now=NOW, actor=actor, request=request)

        figures["tiếp nhận / một lệnh ghi bền qua Flask"] = paired(
            receive, lambda: least.post("/insert").get_data(), rounds
        )
        span = {"f": "2023-12-15", "t": "2024-06-14"}

        def tally() -> object:
            return tallies.build_tally(
                session,
                actor=actor,
                today=date(2024, 6, 14),
                asked=tallies.Asked(date(2023, 12, 15), date(2024, 6, 14)),
            )

        figures["biểu II.06a / một lượt SQL viết tay"] = paired(
            tally, lambda: raw.execute(TALLY_SQL, span).fetchall(), max(5, rounds // 4)
        )
        alerts.sweep(session, now=NOW, actor=actor)
        figures["quét hạn lặp lại / một lượt SQL viết tay"] = paired(
            lambda: alerts.sweep(session, now=NOW, actor=actor),
            lambda: raw.execute(SWEEP_SQL, {"t": "2024-06-18"}).fetchall(),
            max(5, rounds // 4),
        )
        session.remove()
    return figures


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dossiers", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app, path = build(Path(folder), options.dossiers)
        figures = measure(app, path, options.rounds)
    if options.json:
        print(json.dumps({"dossiers": options.dossiers, "figures": figures}, ensure_ascii=False, indent=1))
        return 0
    print(f"{options.dossiers} hồ sơ, {options.rounds} lượt, trung vị")
    for name, figure in figures.items():
        print(f"  {figure['ratio']:6.2f} ×  {name}  ({figure['ms']} ms / {figure['floor_ms']} ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
