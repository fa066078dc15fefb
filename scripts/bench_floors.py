"""The least that any Flask program, or a person who writes SQL by hand, would have to do for the same."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from tthc.db.session import CACHE_KIB

#: The very cells that the page of the tally shows, for each sector, in one pass over the spans; sums of other
#: cells are left out. Its index has every column that it reads, in an order that serves it.
TALLY_INDEX = """
CREATE INDEX IF NOT EXISTS bench_tally ON dossier_span
 (unit_id, known_to, valid_to, valid_from, ended_counted_on, received_counted_on,
 sector_id, channel, end_kind, returned, ended_on, due_on, waiting)
"""
TALLY_SQL = """
SELECT sector_id,
 sum(received_counted_on >= :f AND channel = 'online'),
 sum(received_counted_on >= :f AND channel <> 'online'),
 sum(received_counted_on < :f),
 sum(ended_counted_on >= :f AND ended_on < due_on),
 sum(ended_counted_on >= :f AND ended_on = due_on),
 sum(ended_counted_on >= :f AND ended_on > due_on),
 sum(ended_counted_on IS NULL AND (waiting OR due_on >= :t)),
 sum(ended_counted_on IS NULL AND NOT waiting AND due_on < :t),
 sum(ended_counted_on >= :f AND end_kind = 'resolved'),
 sum(ended_counted_on >= :f AND end_kind = 'withdrawn'),
 sum(ended_counted_on >= :f AND end_kind = 'stopped'),
 sum(ended_counted_on >= :f AND end_kind = 'resolved' AND returned)
FROM dossier_span INDEXED BY {index}
WHERE unit_id = 1 AND known_to IS NULL AND valid_from <= :t AND (valid_to IS NULL OR valid_to > :t)
AND (ended_counted_on IS NULL OR ended_counted_on >= :f) GROUP BY sector_id
"""
LIST_SQL = """
SELECT d.code, v.name, a.name, d.channel, d.state, d.received_on, d.due_on, s.name
FROM dossier d JOIN procedure_version v ON v.id = d.version_id JOIN applicant a ON a.id = d.applicant_id
JOIN sector s ON s.id = d.sector_id WHERE d.unit_id = 1 ORDER BY d.due_on, d.id LIMIT 50
"""
COUNT_SQL = "SELECT count(*) FROM dossier WHERE unit_id = 1"
_RECEIVED = """
FROM dossier_span p WHERE p.unit_id = 1 AND p.known_to IS NULL AND p.valid_from <= :t
AND (p.valid_to IS NULL OR p.valid_to > :t) AND (p.ended_counted_on IS NULL OR p.ended_counted_on >= :f)
"""
CELL_SQL = f"""
SELECT d.code, v.name, a.name, s.name, p.channel, p.received_on, p.due_on, p.ended_on, p.end_kind
FROM (SELECT p.id {_RECEIVED} ORDER BY p.received_on, p.dossier_id LIMIT 50) chosen
JOIN dossier_span p ON p.id = chosen.id JOIN dossier d ON d.id = p.dossier_id
JOIN procedure_version v ON v.id = d.version_id JOIN applicant a ON a.id = d.applicant_id
JOIN sector s ON s.id = p.sector_id ORDER BY p.received_on, p.dossier_id
"""  # noqa: S608 - a constant
CELL_COUNT_SQL = f"SELECT count(*) {_RECEIVED}"
CLOSED_SQL = """
SELECT figures_json FROM period_close WHERE unit_id = 1 AND from_on = ? AND to_on = ? AND state = 'closed'
"""
DOSSIER_SQL = (
    """
SELECT d.*, v.name, a.name, a.id_number, a.phone, s.name FROM dossier d
JOIN procedure_version v ON v.id = d.version_id JOIN applicant a ON a.id = d.applicant_id
JOIN sector s ON s.id = d.sector_id WHERE d.unit_id = 1 AND d.code = ?
""",
    """
SELECT e.kind, e.occurred_at, e.note, e.reason, c.name FROM event e LEFT JOIN account c ON c.id = e.actor_id
WHERE e.dossier_id = (SELECT id FROM dossier WHERE code = ?) ORDER BY e.seq
""",
    """
SELECT no, due_at, cause FROM due_date WHERE subject_kind = 'dossier'
AND subject_id = (SELECT id FROM dossier WHERE code = ?) ORDER BY no
""",
)
SWEEP_SQL = """
SELECT d.id, d.due_date_id FROM dossier d WHERE d.unit_id = 1 AND d.ended_on IS NULL AND NOT d.waiting
AND d.due_on <= :t AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.subject_kind = 'dossier'
AND a.subject_id = d.id AND a.due_date_id = d.due_date_id)
"""
STEPS_SQL = """
SELECT s.id, s.due_date_id FROM step s JOIN dossier d ON d.id = s.dossier_id WHERE s.unit_id = 1
AND s.started_at IS NOT NULL AND s.ended_at IS NULL AND d.ended_on IS NULL AND NOT d.waiting
AND s.due_on <= :t AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.subject_kind = 'step'
AND a.subject_id = s.id AND a.due_date_id = s.due_date_id)
"""
MEMBERS_SQL = (
    """
INSERT INTO bench_member SELECT :f, p.dossier_id, p.sector_id, p.procedure_id, p.channel, p.officer_id,
 p.received_on, p.received_counted_on, p.ended_on, p.ended_counted_on, p.end_kind, p.returned, p.waiting,
 p.due_on, p.first_due_on,
 CASE WHEN p.received_counted_on < :f THEN 'carried_over' ELSE p.channel END,
 CASE WHEN p.ended_on IS NULL THEN 'pending' WHEN p.ended_on < p.due_on THEN 'early' ELSE 'late' END
"""
    + _RECEIVED
)
MEMBERS_TABLE = """
CREATE TABLE IF NOT EXISTS bench_member (from_on, dossier_id, sector_id, procedure_id, channel, officer_id,
 received_on, received_counted_on, ended_on, ended_counted_on, end_kind, returned, waiting, due_on,
 first_due_on, start_class, end_class, UNIQUE (from_on, dossier_id))
"""
#: What the receipt of a dossier leaves behind: the rows of which table, and which of them.
RECEIPT = (
    ("applicant", "id = (SELECT applicant_id FROM dossier WHERE id = :d)"),
    ("dossier", "id = :d"),
    ("event", "dossier_id = :d AND seq = 1"),
    ("due_date", "subject_kind = 'dossier' AND subject_id = :d AND no = 1"),
    ("dossier_span", "dossier_id = :d AND known_to IS NULL"),
    ("search_entry", "dossier_id = :d"),
    ("step", "dossier_id = :d"),
    ("due_date", "subject_kind = 'step' AND subject_id IN (SELECT id FROM step WHERE dossier_id = :d)"),
    ("step_move", "dossier_id = :d AND seq = 1"),
)
#: As much of the file in memory as the program keeps, so that no ratio comes from a setting.
CACHE = f"PRAGMA cache_size=-{CACHE_KIB}"
ROWS_PAGE = (
    "<!doctype html><html lang=vi><title>Sàn</title><p>{{ total }}</p><table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table></html>"
)
LINKED_PAGE = (
    "<!doctype html><html lang=vi><title>Sàn</title><table>{% for row in rows %}<tr>{% for cell in row %}"
    "<td><a href=\"{{ url_for('cell', f=f, t=t, row=row[0], cell=loop.index) }}\">{{ cell }}</a></td>"
    "{% endfor %}</tr>{% endfor %}</table></html>"
)


class Floors:
    """A bare Flask program on the same database, with a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.store = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.store.execute("PRAGMA journal_mode=WAL")
        self.store.execute("PRAGMA synchronous=FULL")
        self.store.execute(CACHE)
        self.store.execute(
            "CREATE TABLE IF NOT EXISTS bench_floor (id INTEGER PRIMARY KEY, at TEXT, text TEXT)"
        )
        self.store.execute(TALLY_INDEX)
        self.store.execute(MEMBERS_TABLE)
        self.asked: list[Sequence[tuple[str, Any]]] = []
        self.receipt: list[tuple[str, dict[str, Any]]] = []
        self.app = self._app()
        self.client = self.app.test_client()

    def all(self, query: str, values: Any = ()) -> list[Any]:
        """The rows of a query."""
        return self.store.execute(query, values).fetchall()

    def tally(self, span: dict[str, str]) -> list[Any]:
        """The tally by the quicker of two indexes: its own, and the one that the program has for it."""
        return self.all(TALLY_SQL.format(index="bench_tally"), span)

    def close(self, span: dict[str, str]) -> int:
        """The members of a month in one statement, and each of them read."""
        self.store.execute("BEGIN IMMEDIATE")
        self.store.execute("DELETE FROM bench_member")
        self.store.execute(MEMBERS_SQL, span)
        read = len(self.all("SELECT * FROM bench_member ORDER BY dossier_id"))
        self.store.execute("COMMIT")
        return read

    def get(self, address: str) -> bytes:
        """A page."""
        return self.client.get(address).get_data()

    def same(self, statements: Sequence[tuple[str, Any]]) -> str:
        """The address of a bare page that asks these very statements and prints every row that they find."""
        self.asked.append(statements)
        return f"/same/{len(self.asked) - 1}"

    def insert(self) -> bytes:
        """A row that outlives a power cut, through a view."""
        return self.client.post("/insert").get_data()

    def receive(self) -> bytes:
        """Every row that the receipt of a dossier leaves behind, written by hand behind a view, to stay."""
        return self.client.post("/receive").get_data()

    def _written(self) -> int:
        """The rows of the newest dossier once more, as those of another; gives how many."""
        if not self.receipt:
            newest = self.all("SELECT max(id) FROM dossier")[0][0]
            for table, which in RECEIPT:
                found = self.store.execute(f"SELECT * FROM {table} WHERE {which}", {"d": newest})  # noqa: S608
                names = [column[0] for column in found.description]
                marks = ", ".join(f":{name}" for name in names)
                text = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
                self.receipt += [(text, dict(zip(names, row, strict=True))) for row in found.fetchall()]
        number = time.time_ns()
        keys: dict[str, Any] = {}
        self.store.execute("BEGIN IMMEDIATE")
        for text, row in self.receipt:
            table = text.split()[2]
            given = {**row, **keys}
            if "id" in row:
                given["id"] = None
            if table == "applicant":
                given["id_number"] = str(number)
            elif table == "dossier":
                given.update(code=f"san-{number}", lookup_token=str(number), register_no=number)
            elif table == "due_date":
                given["subject_id"] = keys["step_id" if row["subject_kind"] == "step" else "dossier_id"]
            key = self.store.execute(text, given).lastrowid
            if table != "step" or row["started_at"] is not None:
                keys[f"{table}_id"] = key
        self.store.execute("COMMIT")
        return len(self.receipt)

    def _app(self) -> Flask:
        app = Flask("floor")
        rows_page = app.jinja_env.from_string(ROWS_PAGE)
        linked_page = app.jinja_env.from_string(LINKED_PAGE)

        @app.post("/insert")
        def insert() -> str:
            self.store.execute("BEGIN IMMEDIATE")
            self.store.execute("INSERT INTO bench_floor (at, text) VALUES (?, ?)", ("2024-06-17", "x" * 200))
            self.store.execute("COMMIT")
            return "ok"

        @app.post("/receive")
        def receive() -> str:
            return str(self._written())

        @app.get("/list")
        def rows() -> str:
            total = self.all(COUNT_SQL)[0][0]
            return rows_page.render(rows=self.all(LIST_SQL), total=total)

        @app.get("/same/<int:number>")
        def same(number: int) -> str:
            found = [row for query, values in self.asked[number] for row in self.all(query, values)]
            return rows_page.render(rows=found, total=len(found))

        @app.get("/dossier/<code>")
        def dossier(code: str) -> str:
            found = [row for query in DOSSIER_SQL for row in self.all(query, (code,))]
            return rows_page.render(rows=found, total=len(found))

        @app.get("/tally/<f>/<t>")
        def tally(f: str, t: str) -> str:
            return linked_page.render(rows=self.tally({"f": f, "t": t}), f=f, t=t)

        @app.get("/closed/<f>/<t>")
        def closed(f: str, t: str) -> str:
            kept = json.loads(self.all(CLOSED_SQL, (f, t))[0][0])["sector"]
            rows = [[row["label"], *list(row["cells"].values())[:11]] for row in kept["rows"]]
            return linked_page.render(rows=rows, f=f, t=t)

        @app.get("/cell/<f>/<t>")
        def cell(f: str, t: str) -> str:
            span = {"f": f, "t": t}
            total = self.all(CELL_COUNT_SQL, span)[0][0]
            return rows_page.render(rows=self.all(CELL_SQL, span), total=total)

        return app
