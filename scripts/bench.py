"""How fast the program is, as ratios against a floor that runs in the same minute on the same machine.

A floor is the least that any Flask program would have to do for the same: one durable insert behind a view,
or all that an intake leaves behind, a page of the same rows from the same query, one hand-written pass over
the same rows. Seconds differ from machine to machine and from minute to minute; ratios much less.

    .venv/bin/python scripts/bench.py [--dossiers 100000] [--rounds 20] [--json] [--keep FOLDER] [--only WORD]
    .venv/bin/python scripts/bench.py --open 100000

With ``--keep`` the office is built once (minutes) and copied for each run. With ``--open`` it is the sweep
alone that is measured, on an office with so many open dossiers: its time, its memory, and pages beside it.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import bench_served
import bench_sweep
from bench_build import database_of, office, open_app
from bench_floors import STEPS_SQL, SWEEP_SQL, Floors
from bench_office import NOW, PASSWORD
from flask import Flask
from sqlalchemy import event

from tthc.domain.permissions import system_actor
from tthc.domain.vocabulary import Role
from tthc.services import accounts, alerts, catalogue, closing, tallies, units
from tthc.services.vault import Vault

#: The half-year, the last month of which is open; that month; one that is closed.
HALF = ("2023-12-15", "2024-06-14")
OPEN_MONTH = ("2024-05-15", "2024-06-14")
CLOSED_MONTH = ("2024-02-15", "2024-03-14")
Call = Callable[[], object]
#: What is measured: its name, the call, its floor, and what puts things back after each call.
Case = tuple[str, Call, Call, Call | None]


def paired(first: Call, second: Call, rounds: int, undo: Call | None = None) -> dict[str, float]:
    """Medians in milliseconds of two calls taken in turns, and their ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, kept in zip((first, second), times, strict=True):
            begin = time.perf_counter()
            call()
            kept.append((time.perf_counter() - begin) * 1000)
        if undo is not None:
            undo()
    ours, theirs = (statistics.median(kept) for kept in times)
    return {"ms": round(ours, 2), "floor_ms": round(theirs, 2), "ratio": round(ours / theirs, 2)}


class Bench:
    """The application and its floors on one office."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.floors = Floors(database_of(folder))
        self.session: Any = app.extensions["sqlalchemy"].session
        self.name = f"do-toc-do-{time.time_ns()}"
        with app.app_context():
            self.actor = system_actor(units.first_unit_id(self.session))
            accounts.add_account(
                self.session,
                now=NOW,
                actor=self.actor,
                name=self.name,
                role=Role.SUPERVISOR,
                password=PASSWORD,
            )
        self.client = self._signed_in(app)
        # Whoever listens to an engine makes it slower for ever, so that is done beside what is measured.
        self.heard = open_app(folder)
        self.hearing = self._signed_in(self.heard)
        # Firms that no earlier run on the same office has received anything from.
        self.counter = iter(range(int(time.time()) % 10**8, 10**9))

    def _signed_in(self, app: Flask) -> Any:
        client = app.test_client()
        self._sign_in(client)
        return client

    def _sign_in(self, client: Any) -> None:
        page = self._expect(200, client.get("/dang-nhap")).get_data(as_text=True)
        data = {"csrf_token": token(page), "name": self.name, "password": PASSWORD}
        self._expect(302, client.post("/dang-nhap", data=data))

    def cases(self) -> Iterator[Case]:
        """Everything that is measured, in the order of the table."""
        yield from self._tallies()
        yield from self._pages()
        yield from self._intakes()
        yield (
            "quét hạn lặp lại / một lượt SQL viết tay",
            self._served(lambda: alerts.sweep(self.session, now=NOW, actor=self.actor)),
            lambda: [self.floors.all(one, {"t": "2024-06-19"}) for one in (SWEEP_SQL, STEPS_SQL)],
            None,
        )

    def _intakes(self) -> Iterator[Case]:
        """What a clerk waits for; through the server first, then the Python of the two programs alone."""
        with bench_served.servers(self.folder) as (ours, bare):
            self._sign_in(ours)
            for name, address in (
                ("một lệnh ghi bền", "/insert"),
                ("ghi bền các dòng ấy bằng SQL viết tay", "/receive"),
            ):
                yield (
                    f"tiếp nhận qua máy chủ / {name} qua máy chủ",
                    self.intake(ours),
                    lambda address=address: self._expect(200, bare.post(address)),  # type: ignore[misc]
                    lambda: self._follow(ours),
                )
        for name, floor in (
            ("một lệnh ghi bền", self.floors.insert),
            ("ghi bền các dòng ấy bằng SQL viết tay", self.floors.receive),
        ):
            yield (
                f"tiếp nhận không qua máy chủ / {name} không qua máy chủ",
                self.intake(self.client),
                floor,
                lambda: self._follow(self.client),
            )

    def _tallies(self) -> Iterator[Case]:
        for name, span in (("nửa năm", HALF), ("tháng đang mở", OPEN_MONTH)):
            yield (
                f"biểu II.06a {name} / một lượt SQL viết tay",
                self._served(lambda span=span: self._tally(span)),  # type: ignore[misc]
                lambda span=span: self.floors.tally({"f": span[0], "t": span[1]}),  # type: ignore[misc]
                None,
            )
            yield self._page(
                f"trang biểu II.06a {name}", f"/bao-cao?{_dates(span)}", f"/tally/{span[0]}/{span[1]}"
            )
        yield self._page(
            "trang kỳ đã chốt",
            f"/bao-cao?{_dates(CLOSED_MONTH)}",
            f"/closed/{CLOSED_MONTH[0]}/{CLOSED_MONTH[1]}",
        )
        for name, span in (("nửa năm", HALF), ("tháng đang mở", OPEN_MONTH)):
            yield self._page(
                f"danh sách của ô lớn nhất, {name}",
                f"/bao-cao/danh-sach?{_dates(span)}&by=sector&cell=received_total",
                f"/cell/{span[0]}/{span[1]}",
            )
        self._served(self._look)()
        yield (
            "chốt tháng / một lệnh INSERT … SELECT và đọc lại",
            self._served(self._close),
            lambda: self.floors.close(
                {"f": str(self.following.period.from_on), "t": str(self.following.period.to_on)}
            ),
            self._served(self._reopen),
        )

    def _pages(self) -> Iterator[Case]:
        code = self.floors.all("SELECT code FROM dossier WHERE ended_on IS NULL ORDER BY id LIMIT 1")[0][0]
        for name, address, floor in (
            ("danh sách 50 hồ sơ", "/ho-so", "/list"),
            ("trang một hồ sơ", f"/ho-so/{code}", f"/dossier/{code}"),
        ):
            yield self._page(name, address, self._same(address))
            yield self._page(name, address, floor, "trang trần viết tay")
        for name, address in (
            ("trang đầu", "/"),
            ("trang tiếp nhận", "/ho-so/tiep-nhan"),
            ("trang kết quả tìm kiếm", "/tim-kiem?q=doanh+nghiep+12"),
            ("gợi ý khi gõ tìm kiếm", "/tim-kiem/goi-y?q=doanh+nghiep+12"),
        ):
            yield self._page(name, address, self._same(address))

    def _served(self, call: Callable[[], object | None]) -> Call:
        """A call of a service, in a context of its own as a request has one."""

        def served() -> object:
            with self.app.app_context():
                return call()

        return served

    def _same(self, address: str) -> str:
        """A bare page that asks what a page of ours asks, by the statements that it sends."""
        self._expect(200, self.hearing.get(address))
        sent: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
            if statement.startswith("SELECT"):
                sent.append((statement, values))

        with self.heard.app_context():
            engine = self.heard.extensions["sqlalchemy"].engine
        event.listen(engine, "before_cursor_execute", note)
        self._expect(200, self.hearing.get(address))
        event.remove(engine, "before_cursor_execute", note)
        return self.floors.same(sent)

    def _page(self, name: str, address: str, floor: str, bare: str = "trang trần cùng truy vấn") -> Case:
        return (
            f"{name} / {bare}",
            lambda: self.get(address),
            lambda: self.floors.get(floor),
            None,
        )

    def get(self, address: str) -> str:
        """A page that must be there."""
        return str(self._expect(200, self.client.get(address)).get_data(as_text=True))

    @staticmethod
    def _expect(status: int, response: Any) -> Any:
        if response.status_code != status:
            raise RuntimeError(f"{status} was expected, the answer is {response.status_code}")
        return response

    def _tally(self, span: tuple[str, str]) -> object:
        asked = tallies.Asked(date.fromisoformat(span[0]), date.fromisoformat(span[1]))
        return tallies.build_tally(self.session, actor=self.actor, today=NOW.date(), asked=asked)

    def _look(self) -> None:
        """What whoever closes has seen; that is a page of its own."""
        following = closing.next_close(self.session, actor=self.actor, now=NOW)
        if following is None:
            raise RuntimeError("there is no month to close")
        self.following = following

    def _close(self) -> object:
        period = self.following.period
        self.closed = closing.close_period(
            self.session,
            now=NOW,
            actor=self.actor,
            from_on=period.from_on,
            to_on=period.to_on,
            figures=self.following.figures,
            vault=Vault(self.folder),
            reason="Đo tốc độ",
        )
        return self.closed

    def _reopen(self) -> None:
        closing.reopen_period(self.session, now=NOW, actor=self.actor, close_id=self.closed, reason="Đo lại")
        self._look()

    def intake(self, client: Any) -> Call:
        """A call by which a client receives one dossier more each time."""
        with self.app.app_context():
            procedure_id = next(
                row.id
                for row in catalogue.list_procedures(self.session, actor=self.actor, on=NOW.date())
                if row.limit_confirmed
            )
        form = {
            "csrf_token": token(self._expect(200, client.get("/ho-so/tiep-nhan")).get_data(as_text=True)),
            "step": "receive",
            "procedure_id": procedure_id,
            "channel": "counter",
            "applicant_kind": "enterprise",
            "sets": "1",
        }

        def receive() -> object:
            number = next(self.counter)
            data = {
                **form,
                "applicant_name": f"Doanh nghiệp {number:09d}",
                "id_number": f"2{number:09d}",
            }
            answer = self._expect(302, client.post("/ho-so/tiep-nhan", data=data))
            self.received = answer.location
            return answer

        return receive

    def _follow(self, client: Any) -> None:
        """Look at what was received, as a browser does next, outside of the time.

        Else what the page has to say would wait in the session, and every further one would carry it along.
        """
        self._expect(200, client.get(self.received))


def sweeping(folder: Path, dossiers: int, rounds: int) -> Iterator[tuple[str, dict[str, float]]]:
    """The sweep of very many open dossiers; the memory of a first one is in MB."""
    app = bench_sweep.build(folder, dossiers)
    bench = Bench(app, folder)
    yield "quét hạn lần đầu: bộ nhớ Python lớn nhất", bench_sweep.peak(app, folder)
    yield (
        "quét hạn lặp lại / một lượt SQL viết tay",
        paired(lambda: bench_sweep.sweep(app), lambda: bench_sweep.hand_written(folder), rounds),
    )
    calls: dict[str, Call] = {
        "danh sách 50 hồ sơ": lambda: bench.get("/ho-so"),
        "tiếp nhận": bench.intake(bench.client),
    }
    for name, call in calls.items():
        yield f"p95 {name}, khi đang quét / khi không", bench_sweep.responsiveness(folder, call, 5 * rounds)


def _dates(span: tuple[str, str]) -> str:
    first, last = (date.fromisoformat(day) for day in span)
    return f"from_on={first:%d/%m/%Y}&to_on={last:%d/%m/%Y}"


def token(page: str) -> str:
    """The CSRF token of a form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the page has no form")
    return found.group(1)


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dossiers", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="where the office is kept for further runs")
    parser.add_argument("--only", default="", help="only what has this word in its name")
    parser.add_argument("--open", type=int, default=0, help="measure the sweep of so many open dossiers")
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if options.open:
            for title, figure in sweeping(folder, options.open, options.rounds):
                print(f"  {title}: {figure}", flush=True)
            return 0
        app = office(folder, options.keep, options.dossiers)
        for title, call, floor, undo in Bench(app, folder).cases():
            if options.only in title:
                figure = figures[title] = paired(call, floor, options.rounds, undo)
                line = f"  {figure['ratio']:6.2f} ×  {title}  ({figure['ms']} ms / {figure['floor_ms']} ms)"
                print(line, file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps({"dossiers": options.dossiers, "figures": figures}, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
