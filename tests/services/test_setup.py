"""The first set-up: what it makes, that it makes it once, and that two at once do no harm."""

from __future__ import annotations

import csv
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from tthc.db.base import Base
from tthc.db.models import (
    AuditEntry,
    CalendarDayRow,
    CalendarVersion,
    CalendarYear,
    DuePolicyRow,
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Sector,
)
from tthc.domain.vocabulary import Confidence, LimitKind, LimitUnit, SupplementMode
from tthc.resources import seeds_folder
from tthc.services import audit, setup


def seed_rows(name: str) -> list[dict[str, str]]:
    with (seeds_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def count(session: Session, model: type[Base]) -> int:
    return session.scalars(select(func.count()).select_from(model)).one()


def everything(session: Session) -> dict[str, int]:
    return {
        name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in Base.metadata.tables.items()
    }


def test_setup_makes_what_the_seed_files_hold(empty_session: Session, now: datetime) -> None:
    result = setup.initialise(empty_session, now=now)
    assert result.changed
    assert result.procedures == count(empty_session, Procedure) == 42
    assert count(empty_session, ProcedureVersion) == 42
    assert result.sectors == count(empty_session, Sector) == 7
    calendar = seed_rows("calendar.csv")
    assert result.calendar_days == count(empty_session, CalendarDayRow) == len(calendar) == 141
    assert result.calendar_years == count(empty_session, CalendarYear) == 12
    assert result.policies == count(empty_session, DuePolicyRow) == 1
    # 42 default cases of one segment each, and 14 further cases of 20 segments.
    assert result.cases == count(empty_session, ProcedureCase) == 42 + 14
    assert count(empty_session, LimitSegmentRow) == 42 + len(seed_rows("procedure-cases.csv")) == 62
    assert not audit.verify(empty_session, 1).wrong
    assert empty_session.scalars(select(AuditEntry.action)).all() == ["initialise"]


def test_a_second_setup_changes_nothing(session: Session, now: datetime) -> None:
    before = everything(session)
    assert not setup.initialise(session, now=now).changed
    assert everything(session) == before


def test_a_setup_does_not_bring_back_what_the_office_removed(session: Session, now: datetime) -> None:
    session.execute(text("DELETE FROM unit_code"))
    session.commit()
    assert not setup.initialise(session, now=now).changed
    assert everything(session)["unit_code"] == 0


def test_a_setup_fills_the_part_that_is_missing(session: Session, now: datetime) -> None:
    for table in ("limit_segment", "procedure_case", "procedure_version", "procedure", "sector"):
        session.execute(text(f"DELETE FROM {table}"))
    session.commit()
    result = setup.initialise(session, now=now)
    assert (result.procedures, result.units, result.calendar_days) == (42, 0, 0)


def test_of_two_setups_at_once_one_does_the_work(
    empty_sessions: sessionmaker[Session], now: datetime
) -> None:
    together = Barrier(2)

    def start(_: int) -> bool:
        with empty_sessions() as session:
            together.wait()
            return setup.initialise(session, now=now).changed

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, range(2))) == [False, True]
    with empty_sessions() as session:
        assert count(session, Procedure) == 42


def test_each_procedure_is_as_its_file_says(session: Session) -> None:
    found = session.execute(
        select(Procedure, ProcedureVersion, Sector, LimitSegmentRow)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .join(Sector, Sector.id == ProcedureVersion.sector_id)
        .join(ProcedureCase, ProcedureCase.version_id == ProcedureVersion.id)
        .join(LimitSegmentRow, LimitSegmentRow.case_id == ProcedureCase.id)
        .where(ProcedureCase.is_default)
        .order_by(Procedure.local_no)
    ).all()
    for row, (procedure, version, sector, segment) in zip(seed_rows("procedures.csv"), found, strict=True):
        assert str(procedure.local_no) == row["no"]
        assert (procedure.national_code or "") == row["code"]
        assert (procedure.replaced_by or "") == row["replaced_by"]
        assert version.name == row["name"]
        assert version.valid_from is None
        assert version.supplement_mode is SupplementMode.RESTART
        assert version.due_soon_days == 2
        assert ("" if version.fee is None else str(version.fee)) == row["fee_vnd"]
        assert version.code_confirmed == (row["code_confirmed"] == "1")
        assert version.limit_confirmed == (row["limit_confirmed"] == "1")
        assert version.declaration_reduced == (row["declaration_reduced"] == "1")
        assert sector.name == row["sector"]
        assert (str(segment.amount), segment.unit.value) == (row["limit_amount"], row["limit_unit"])
        assert segment.kind is LimitKind.STATUTORY
        assert procedure.note == ""


def test_what_the_catalogue_is_known_to_hold(session: Session) -> None:
    versions = session.scalars(select(ProcedureVersion)).all()
    reduced = [version for version in versions if version.declaration_reduced]
    assert {(one.declared_cut_percent, one.fields_before, one.fields_after) for one in reduced} == {
        (15, None, None)
    }
    assert {one.declared_cut_percent for one in versions if not one.declaration_reduced} == {None}
    assert len(reduced) == 9  # six of construction, three of public assets
    without_code = session.scalars(select(Procedure).where(Procedure.national_code.is_(None))).all()
    assert [procedure.local_no for procedure in without_code] == [33, 34, 35]
    sectors = session.scalars(select(Sector.name).order_by(Sector.position)).all()
    assert sectors == list(dict.fromkeys(row["sector"] for row in seed_rows("procedures.csv")))


def test_a_limit_of_two_agencies_keeps_its_segments_in_order(session: Session) -> None:
    segments = session.execute(
        select(LimitSegmentRow.amount, LimitSegmentRow.unit, LimitSegmentRow.agency)
        .join(ProcedureCase, ProcedureCase.id == LimitSegmentRow.case_id)
        .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .where(Procedure.national_code == "1.009762", ProcedureCase.name == "UBND cấp tỉnh quyết định")
        .order_by(LimitSegmentRow.no)
    ).all()
    assert [tuple(segment) for segment in segments] == [
        (25, LimitUnit.DAY, "Ban Quản lý"),
        (7, LimitUnit.WORKING_DAY, "UBND cấp tỉnh"),
    ]


def test_the_calendar_has_one_version_and_an_honest_state_per_year(session: Session) -> None:
    version = session.scalars(select(CalendarVersion)).one()
    assert len(version.checksum) == 64
    years = {row.year: row.status for row in session.scalars(select(CalendarYear))}
    assert sorted(years) == list(range(2016, 2028))
    assert [year for year, status in years.items() if status is Confidence.ESTIMATED] == [2027]
    days = {day.date: day for day in session.scalars(select(CalendarDayRow))}
    assert days[date(2026, 11, 24)].confidence is Confidence.ESTIMATED
    assert {day.added_in for day in days.values()} == {version.id}


def test_seed_files_are_in_one_normal_form_and_carry_no_working_notes() -> None:
    for path in seeds_folder().glob("*.csv"):
        content = path.read_text("utf-8")
        assert unicodedata.is_normalized("NFC", content), path.name
        assert "\r" not in path.read_bytes().decode("utf-8"), path.name
    assert "note" not in seed_rows("procedures.csv")[0]
