"""Queries that were built once find what the library finds for them, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import JSON, Integer, bindparam, column, event, inspect, select, table
from sqlalchemy.exc import (
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.orm import Session

from tthc.db.models import (
    CalendarVersion,
    DuePolicyRow,
    LimitSegmentRow,
    Procedure,
    ProcedureVersion,
    Requirement,
    Sector,
    UnitName,
)
from tthc.db.session import read, read_once
from tthc.db.writing import append, settle, store
from tthc.domain.vocabulary import DueAtMode, LimitKind

_ON = date(2024, 6, 14)
_AT = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)
_NOBODY = select(UnitName).where(UnitName.id == bindparam("id"))
#: Enumerations, dates, times, moments, JSON, nothing; two columns of one name; a limit; a list typed into the
#: query and one that is given.
CASES: tuple[tuple[Any, dict[str, Any]], ...] = (
    (select(DuePolicyRow), {}),
    (select(CalendarVersion).order_by(CalendarVersion.id.desc()).limit(1), {}),
    (
        select(UnitName).where(
            UnitName.valid_from.is_(None) | (UnitName.valid_from <= bindparam("on")), UnitName.id > 0
        ),
        {"on": _ON},
    ),
    (
        select(ProcedureVersion.name, Procedure.local_no, Sector.name)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .join(Sector, Sector.id == ProcedureVersion.sector_id)
        .where(Procedure.local_no < bindparam("most"))
        .order_by(Procedure.local_no),
        {"most": 5},
    ),
    (
        select(LimitSegmentRow)
        .where(
            LimitSegmentRow.kind.in_([LimitKind.STATUTORY, LimitKind.COMMITTED]),
            LimitSegmentRow.case_id.in_(bindparam("ids", expanding=True)),
        )
        .order_by(LimitSegmentRow.id),
        {"ids": [3, 1, 2]},
    ),
    (select(Sector.name).where(Sector.id.in_(bindparam("ids", expanding=True))), {"ids": []}),
    (select(Sector.id).where(Sector.id.in_(bindparam("ids", expanding=True))), {"ids": [*range(200)]}),
    (_NOBODY, {"id": None}),
)


def test_the_rows_are_the_same(session: Session) -> None:
    for query, values in CASES:
        expected = session.connection().execute(query, values).all()
        assert expected or query is _NOBODY or not values["ids"]
        # The second time it is ready.
        for _ in range(2):
            found = read(session, query, **values).all()
            assert [tuple(row) for row in found] == [tuple(row) for row in expected]
            for row, other in zip(found, expected, strict=True):
                assert [type(value) for value in row] == [type(value) for value in other]
        for name in ("id", "kind", "hours_json", "local_no", "recorded_at"):
            if expected and name in expected[0]._fields:
                assert getattr(found[0], name) == getattr(expected[0], name)
    one = select(Sector.id).order_by(Sector.id).limit(1)
    assert read_once(session, one).all() == read(session, one).all()


def test_what_is_written_is_what_the_library_writes(session: Session) -> None:
    engine = session.get_bind()
    written = []
    for listened in (False, True, None):
        rows = [
            CalendarVersion(recorded_at=_AT, reason="Đợt 1", checksum="0" * 64),
            DuePolicyRow(
                unit_id=1,
                hours_json=[["07:30", "11:30"]],
                cutoff=time(16, 0),
                shift_after_hours=True,
                due_at_mode=DueAtMode.CLOSING,
                count_worked_saturday=False,
                valid_from=None,
                recorded_at=_AT,
            ),
            Requirement(
                version_id=1, position=90, name="Đơn", originals=1, certified=0, copies=0, required=True
            ),
        ]
        if listened:
            event.listen(engine, "before_cursor_execute", _hear)
        try:
            for row in rows:
                if listened is None:
                    session.add(row)
                    session.flush()
                else:
                    store(session, [row])
                    assert inspect(row).persistent
        finally:
            if listened:
                event.remove(engine, "before_cursor_execute", _hear)
        keys = [row.id for row in rows]
        session.expire_all()
        found = [session.get_one(type(row), key) for row, key in zip(rows, keys, strict=True)]
        written.append([_without_key(row) for row in found])
        session.rollback()
        settle(session, undone=True)
        assert not any(row in session for row in rows)
    assert written[0] == written[1] == written[2]
    with pytest.raises(IntegrityError, match="requirement"):
        append(session, [Requirement(version_id=1, position=None, name="Đơn", originals=1, required=True)])
    session.rollback()


def _hear(*_told: Any) -> None:
    """Listen and do nothing."""


def _without_key(row: Any) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key) for column in inspect(row).mapper.columns if column.key != "id"
    }


def test_one_is_one(session: Session) -> None:
    nobody, sectors = read(session, _NOBODY, id=-1), read(session, select(Sector.id).order_by(Sector.id))
    assert (nobody.first(), nobody.one_or_none(), nobody.scalar(), nobody.all()) == (None, None, None, [])
    assert sectors.scalar() == sectors.scalars().first() == next(iter(sectors))[0]
    with pytest.raises(NoResultFound):
        nobody.one()
    with pytest.raises(MultipleResultsFound):
        sectors.scalar_one()


def test_what_fails_fails_as_with_the_library(session: Session) -> None:
    nowhere = table("nowhere", column("id", Integer), column("data", JSON))
    with pytest.raises((OperationalError, ProgrammingError)) as raised:
        read(session, select(nowhere).where(nowhere.c.id == bindparam("id")), id=1)
    assert "nowhere" in str(raised.value)
    session.rollback()
    assert read(session, _NOBODY, id=-1).first() is None


def test_whoever_listens_to_statements_hears_them(sqlite_session: Session) -> None:
    heard: list[str] = []

    def hear(*told: Any) -> None:
        heard.append(told[2])

    engine = sqlite_session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        read(sqlite_session, _NOBODY, id=-1)
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    read(sqlite_session, _NOBODY, id=-1)
    assert len([statement for statement in heard if "unit_name" in statement]) == 1
