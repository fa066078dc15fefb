"""A lived office many times over: every dossier with all that hangs on it is written again as a further one.

What is copied keeps its dates, so that every due date stays the one that the rules give; ids, codes, register
numbers and applicants are its own. Counters go on after the last number that was given out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bench_office import firm
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from tthc.db.models import (
    Applicant,
    Consultation,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Extension,
    PauseRow,
    Step,
    Supplement,
)
from tthc.db.models import Counter as CounterRow
from tthc.db.queries import search
from tthc.services import applicants

#: Tables that are copied, in an order in which what a row refers to is there before it.
_TABLES: tuple[Any, ...] = (
    Applicant,
    Dossier,
    EventRow,
    DueDateRow,
    DossierSpan,
    Supplement,
    PauseRow,
    Extension,
    Consultation,
    Step,
)
#: Ids that are no foreign keys: column of a table, or key of an event's payload -> table.
_LOOSE = {("dossier", "due_date_id"): "due_date"}
_IN_PAYLOAD = {"extension_id": "extension", "consultation_id": "consultation"}


class Copier:
    """Reads a lived office once and writes it again as often as is asked."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows: dict[str, list[dict[str, Any]]] = {}
        for model in _TABLES:
            table = model.__table__
            self.rows[table.name] = [dict(row) for row in session.execute(select(table)).mappings()]
        self.step = {
            name: max((row["id"] for row in rows if "id" in row), default=0)
            for name, rows in self.rows.items()
        }
        self.shifts = {model.__table__.name: list(self._shifts(model.__table__)) for model in _TABLES}
        self.lived = len(self.rows["dossier"])
        self.of_day = Counter(
            code.rpartition("-")[0] for code in (row["code"] for row in self.rows["dossier"])
        )
        self.of_year = Counter(row["register_year"] for row in self.rows["dossier"])

    def _shifts(self, table: Any) -> Iterator[tuple[str, int]]:
        """The columns that hold an id of something copied, and by how much it grows from copy to copy."""
        for column in table.columns:
            keys = [key.column.table.name for key in column.foreign_keys]
            target = (
                table.name
                if column.name == "id"
                else _LOOSE.get((table.name, column.name), keys[0] if keys else "")
            )
            if target in self.step:
                yield column.name, self.step[target]

    def copy(self, number: int) -> None:
        """Write the ``number``-th copy, from 1."""
        for model in _TABLES:
            table = model.__table__
            made = [self._copied(table, row, number) for row in self.rows[table.name]]
            if made:
                self.session.execute(insert(table), made)
        first = self.step["dossier"] * number
        search.write_of_dossiers(self.session, [first + row["id"] for row in self.rows["dossier"]])
        self.session.expunge_all()

    def settle(self, times: int) -> None:
        """Move the counters to what was given out when the office is there ``times`` times."""
        for row in self.session.scalars(select(CounterRow)):
            if row.kind in ("dossier_code", "register"):
                row.value *= times
        self.session.flush()
        if self.session.get_bind().dialect.name == "postgresql":
            for name in [name for name, step in self.step.items() if step]:
                last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608
                self.session.execute(text(last))

    def _copied(self, table: Any, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        new = dict(row)
        for column, step in self.shifts[table.name]:
            if new[column] is not None:
                new[column] += step * number
        if table.name == "applicant":
            self._rename(new, number)
        elif table.name == "dossier":
            new["code"] = self._code(row["code"], number)
            new["register_no"] += number * self.of_year[row["register_year"]]
            new["lookup_token"] = f"{row['lookup_token']}-{number}"
        elif table.name == "due_date":
            new["subject_id"] += self.step[row["subject_kind"].value] * number
        elif table.name == "event":
            new["payload_json"] = {
                key: value + self.step[_IN_PAYLOAD[key]] * number if key in _IN_PAYLOAD else value
                for key, value in row["payload_json"].items()
            }
        return new

    def _code(self, code: str, number: int) -> str:
        day, _, sequence = code.rpartition("-")
        return f"{day}-{int(sequence) + number * self.of_day[day]:04d}"

    def _rename(self, new: dict[str, Any], number: int) -> None:
        made = applicants.compose(firm(int(new["name"].split()[-1]) + number * self.lived))
        for name in ("name", "name_folded", "name_key", "id_number", "phone"):
            new[name] = getattr(made, name)
        new["search_text"] = made.words()
