"""The first set-up: the unit, its rules, the calendar and the catalogue from the seed files."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import (
    CalendarDayRow,
    CalendarVersion,
    CalendarYear,
    DuePolicyRow,
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Sector,
    Unit,
    UnitCode,
    UnitName,
)
from tthc.db.queries import setup as queries
from tthc.db.queries import units
from tthc.domain.calendar import CalendarDay, WorkingHours, confirmed_years, parse_days
from tthc.domain.permissions import system_actor
from tthc.domain.text import fold, squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import (
    Confidence,
    DueAtMode,
    LimitKind,
    LimitUnit,
    OnlineLevel,
    SupplementMode,
)
from tthc.resources import seeds_folder
from tthc.services import audit
from tthc.services.transaction import transaction

DEFAULT_CASE = "Trường hợp chung"
_DUE_SOON_DAYS = 2


@dataclass(frozen=True)
class SetupResult:
    """How many rows a set-up made; all zero when everything was already there."""

    units: int = 0
    policies: int = 0
    calendar_days: int = 0
    calendar_years: int = 0
    sectors: int = 0
    procedures: int = 0
    cases: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return any(asdict(self).values())


def initialise(session: Session, *, now: datetime) -> SetupResult:
    """Fill what is still empty, in one transaction; of two at once the second finds everything done.

    Each part (unit, rules, calendar, catalogue) is seeded only while its table has no row at all, so that
    nothing an office changed or removed comes back at the next start.
    """
    with transaction(session):
        queries.lock_setup(session)
        made: dict[str, int] = {}
        if queries.is_empty(session, Unit):
            made |= _seed_unit(session)
        unit_id = units.first_unit_id(session)
        assert unit_id is not None  # noqa: S101 - written just above
        if queries.is_empty(session, DuePolicyRow):
            made |= _seed_policy(session, unit_id, now)
        if queries.is_empty(session, CalendarVersion):
            made |= _seed_calendar(session, now)
        if queries.is_empty(session, Procedure):
            made |= _seed_catalogue(session, now)
        result = SetupResult(**made)
        if result.changed:
            audit.record(
                session,
                unit_id=unit_id,
                now=now,
                actor=system_actor(unit_id),
                action="initialise",
                subject=f"unit:{unit_id}",
                detail=made,
            )
    return result


def calendar_checksum(days: Iterable[CalendarDay]) -> str:
    """SHA-256 over the days of a calendar version, whatever their order."""
    rows = sorted(
        [day.date.isoformat(), day.kind.value, day.name, day.decision, day.confirmed] for day in days
    )
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _seed_unit(session: Session) -> dict[str, int]:
    unit = Unit()
    session.add(unit)
    session.flush()
    session.add_all(
        UnitName(
            unit_id=unit.id,
            name=row["name"],
            superior=row["superior"],
            place=row["place"],
            reception_desk=row["reception_desk"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            confirmed=row["confirmed"] == "1",
        )
        for row in _rows("units.csv")
    )
    session.add_all(
        UnitCode(
            unit_id=unit.id,
            code=row["code"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            sequence_start=int(row["sequence_start"]),
        )
        for row in _rows("unit-codes.csv")
    )
    return {"units": 1}


def _seed_policy(session: Session, unit_id: int, now: datetime) -> dict[str, int]:
    session.add(
        DuePolicyRow(
            unit_id=unit_id,
            hours_json=[[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in WorkingHours().spans],
            cutoff=None,
            shift_after_hours=True,
            due_at_mode=DueAtMode.CLOSING,
            count_worked_saturday=True,
            valid_from=None,
            recorded_at=now,
            recorded_by=None,
        )
    )
    return {"policies": 1}


def _seed_calendar(session: Session, now: datetime) -> dict[str, int]:
    with (seeds_folder() / "calendar.csv").open(encoding="utf-8", newline="") as file:
        days = parse_days(file)
    version = CalendarVersion(
        unit_id=None,
        recorded_at=now,
        recorded_by=None,
        reason="Lịch làm việc ban đầu",
        checksum=calendar_checksum(days),
    )
    session.add(version)
    session.flush()
    session.add_all(
        CalendarDayRow(
            date=day.date,
            kind=day.kind,
            name=day.name,
            decision=day.decision,
            confidence=_confidence(day.confirmed),
            added_in=version.id,
        )
        for day in days
    )
    years = confirmed_years(days)
    session.add_all(
        CalendarYear(year=year, status=_confidence(confirmed), calendar_version_id=version.id)
        for year, confirmed in years.items()
    )
    return {"calendar_days": len(days), "calendar_years": len(years)}


def _seed_catalogue(session: Session, now: datetime) -> dict[str, int]:
    rows = _rows("procedures.csv")
    sectors: dict[str, Sector] = {}
    procedures = [
        Procedure(
            local_no=int(row["no"]), national_code=row["code"] or None, replaced_by=row["replaced_by"] or None
        )
        for row in rows
    ]
    for row in rows:
        position = len(sectors) + 1
        if row["sector"] not in sectors:
            sectors[row["sector"]] = Sector(code=f"LV{position:02d}", name=row["sector"], position=position)
    session.add_all([*sectors.values(), *procedures])
    session.flush()
    versions = [
        _version(row, procedure, sectors[row["sector"]], now)
        for row, procedure in zip(rows, procedures, strict=True)
    ]
    session.add_all(versions)
    session.flush()
    cases = _seed_cases(session, rows, versions)
    return {"sectors": len(sectors), "procedures": len(procedures), "cases": cases}


def _version(row: dict[str, str], procedure: Procedure, sector: Sector, now: datetime) -> ProcedureVersion:
    """The first version has no start: dossiers of earlier years find their limit in it."""
    name = squeeze(row["name"])
    return ProcedureVersion(
        procedure_id=procedure.id,
        name=name,
        name_folded=fold(name),
        sector_id=sector.id,
        valid_from=None,
        legal_basis=row["legal_basis"],
        online_level=OnlineLevel(row["online_level"]),
        supplement_mode=SupplementMode.RESTART,
        due_soon_days=_DUE_SOON_DAYS,
        fee=int(row["fee_vnd"]) if row["fee_vnd"] else None,
        declaration_reduced=row["declaration_reduced"] == "1",
        declared_cut_percent=int(row["declared_cut_percent"]) if row["declared_cut_percent"] else None,
        code_confirmed=row["code_confirmed"] == "1",
        limit_confirmed=row["limit_confirmed"] == "1",
        recorded_at=now,
    )


def _seed_cases(session: Session, rows: list[dict[str, str]], versions: list[ProcedureVersion]) -> int:
    """The default case of every version, then its further ones in the order of their file."""
    further: dict[str, dict[str, list[LimitSegment]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows("procedure-cases.csv"):
        further[row["code"]][row["case"]].append(_segment(row["amount"], row["unit"], row["agency"]))
    unknown = set(further) - {row["code"] for row in rows}
    if unknown:
        raise ValueError(f"procedure-cases.csv names procedures that do not exist: {sorted(unknown)}")
    cases: list[tuple[ProcedureCase, TimeLimit]] = []
    for row, version in zip(rows, versions, strict=True):
        limits = {DEFAULT_CASE: [_segment(row["limit_amount"], row["limit_unit"], "")]}
        if row["code"] in further:
            limits |= further[row["code"]]
        cases += [
            (
                ProcedureCase(version_id=version.id, name=name, is_default=name == DEFAULT_CASE),
                TimeLimit(tuple(segments)),
            )
            for name, segments in limits.items()
        ]
    session.add_all(case for case, _ in cases)
    session.flush()
    session.add_all(
        LimitSegmentRow(
            case_id=case.id,
            no=number,
            kind=LimitKind.STATUTORY,
            amount=segment.amount,
            unit=segment.unit,
            agency=segment.agency,
        )
        for case, limit in cases
        for number, segment in enumerate(limit.segments, start=1)
    )
    return len(cases)


def _segment(amount: str, unit: str, agency: str) -> LimitSegment:
    return LimitSegment(int(amount), LimitUnit(unit), agency)


def _rows(name: str) -> list[dict[str, str]]:
    with (seeds_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _confidence(confirmed: bool) -> Confidence:
    return Confidence.CONFIRMED if confirmed else Confidence.ESTIMATED
