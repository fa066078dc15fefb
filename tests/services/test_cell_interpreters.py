"""The two interpreters of the cells, for one dossier in Python and for all in SQL, on random histories.

The histories are made of facts alone, wilder than an office gives: counted dates apart from true ones, ends
before receipts, edges of periods met on the day.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from tthc.db.models import Dossier, DossierSpan, Procedure, ProcedureVersion
from tthc.db.queries import tallies as queries
from tthc.domain.predicates import holds
from tthc.domain.tallies import CELLS, CellName, DossierFacts
from tthc.domain.vocabulary import Channel, DossierState, EndKind

LONG = bool(os.environ.get("TTHC_TEST_LONG"))
HISTORIES = 2_000 if LONG else 160
PERIODS = 24 if LONG else 8
FIRST = date(2024, 1, 1)
#: Few days, so that dates meet.
DAYS = 90


def _some_day(chance: random.Random, after: date = FIRST) -> date:
    return after + timedelta(days=min(chance.randrange(DAYS), chance.randrange(DAYS)))


def _history(chance: random.Random, same: dict[str, Any], sectors: Sequence[Any]) -> list[Any]:
    """The spans of one dossier, in order: it is worked on, waits, ends, is reopened, changes its sector."""
    start = received_counted_on = _some_day(chance)
    received_on = received_counted_on - timedelta(days=chance.choice([0, 0, 0, 3, 40]))
    due_on = _some_day(chance, received_on)
    procedure_id, sector_id = chance.choice(sectors)
    channel = chance.choice(list(Channel))
    spans: list[Any] = []
    for _ in range(chance.randrange(1, 5)):
        if chance.random() < 0.3:
            procedure_id, sector_id = chance.choice(sectors)
        if chance.random() < 0.3:
            due_on = _some_day(chance, received_on)
        ended = chance.random() < 0.5
        ended_on = chance.choice([start, due_on, start - timedelta(days=9)]) if ended else None
        end_kind = chance.choice(list(EndKind)) if ended else None
        spans.append(
            {
                **same,
                "valid_from": start,
                "valid_to": None,
                "known_to": None,
                "state": DossierState.PROCESSING,
                "waiting": chance.random() < 0.3,
                "sector_id": sector_id,
                "procedure_id": procedure_id,
                "channel": channel,
                "officer_id": chance.choice([None, 3, 4]),
                "received_on": received_on,
                "received_counted_on": received_counted_on,
                "ended_on": ended_on,
                "ended_counted_on": start if ended else None,
                "end_kind": end_kind,
                "returned": end_kind is EndKind.RESOLVED and chance.random() < 0.3,
                "due_on": due_on,
                "first_due_on": due_on,
                "closed_by": None,
            }
        )
        start += timedelta(days=chance.randrange(1, 30))
        spans[-1]["valid_to"] = start
    spans[-1]["valid_to"] = None
    return spans


def _fill(office: Any, chance: random.Random) -> dict[int, list[Any]]:
    """Copies of one dossier, each with a random history in the place of its own spans."""
    session = office.session
    code = office.receive(37)
    one = session.scalars(select(Dossier).where(Dossier.code == code)).one()
    model = {column.key: getattr(one, column.key) for column in Dossier.__mapper__.column_attrs}
    sectors = session.execute(
        select(ProcedureVersion.procedure_id, ProcedureVersion.sector_id)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .where(Procedure.local_no.in_([2, 15, 30, 37, 41]))
    ).all()
    known_from, due_date_id, opened_by = session.execute(
        select(DossierSpan.known_from, DossierSpan.due_date_id, DossierSpan.opened_by)
    ).one()
    copies = [
        {
            **{key: value for key, value in model.items() if key != "id"},
            "code": f"000.00.99.H54-240101-{number:04d}",
            "register_no": 1_000 + number,
            "lookup_token": f"{number:043d}",
        }
        for number in range(1, HISTORIES + 1)
    ]
    session.execute(insert(Dossier), copies)
    ids = session.scalars(select(Dossier.id).where(Dossier.id != model["id"]).order_by(Dossier.id)).all()
    same = {
        "unit_id": 1,
        "known_from": known_from,
        "due_date_id": due_date_id,
        "opened_by": opened_by,
    }
    told = {key: _history(chance, {**same, "dossier_id": key}, sectors) for key in ids}
    session.execute(insert(DossierSpan), [span for spans in told.values() for span in spans])
    session.commit()
    return told


def _facts(span: dict[str, Any]) -> DossierFacts:
    names = DossierFacts.__dataclass_fields__
    return DossierFacts(**{name: span[name] for name in names})


def test_both_interpreters_count_the_same_dossiers(office: Any) -> None:
    chance = random.Random(20_240_614)
    told = _fill(office, chance)
    reached: set[CellName] = set()
    for _ in range(PERIODS):
        from_on, at_on = sorted((_some_day(chance), _some_day(chance, FIRST + timedelta(days=20))))
        held = {
            key: span
            for key, spans in told.items()
            for span in spans
            if span["valid_from"] <= at_on and (span["valid_to"] is None or at_on < span["valid_to"])
        }
        inside = {
            name: {
                key
                for key, span in held.items()
                if holds(cell.predicate, _facts(span), from_on=from_on, at_on=at_on)
            }
            for name, cell in CELLS.items()
        }
        source = queries.living(1, at_on)
        columns = {"sector": "sector_id", "channel": "channel", "officer": "officer_id"}
        found = queries.count_groups(
            office.session, source, from_on=from_on, at_on=at_on, groups=tuple(columns)
        )
        for by, column in columns.items():
            counted = found[by]
            for row_key, cells in counted.items():
                for name, number in cells.items():
                    wanted = {key for key in inside[name] if held[key][column] == row_key}
                    assert number == len(wanted), (from_on, at_on, by, row_key, name)
            for name, keys in inside.items():
                assert sum(cells[name] for cells in counted.values()) == len(keys)
        for name, keys in inside.items():
            listed = queries.list_cell(
                office.session,
                queries.CellQuery(source, from_on, at_on, "sector", name),
                offset=0,
                limit=None,
            )
            assert {row[0].dossier_id for row in listed} == keys, (from_on, at_on, name)
            reached.update([name] if keys else [])
    assert reached == set(CELLS)
