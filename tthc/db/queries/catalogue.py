"""Procedures with the version that holds on a date, their cases, limits and papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Executable,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Dossier,
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
    Sector,
)
from tthc.db.session import read
from tthc.domain.catalogue import CatalogueMark
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import PENDING_STATES

Day = date | BindParameter[date]


@dataclass(frozen=True)
class CatalogueEntry:
    """A procedure with the version that holds, that version's sector, and when the next one begins."""

    procedure: Procedure
    version: ProcedureVersion
    sector: Sector
    next_from: date | None


def entries(session: Session, on: date) -> list[CatalogueEntry]:
    """Every procedure that is in the catalogue on a date, by local number."""
    return _found(session, _ENTRIES, on=on)


def names(session: Session, on: date) -> Sequence[Any]:
    """Id, local number, code and name of the same procedures, in the same order."""
    found: Sequence[Any] = read(session, _NAMES, on=on).all()
    return found


def entry_of(session: Session, on: date, procedure_id: int) -> CatalogueEntry | None:
    """One procedure by its id, withdrawn or not; with its first version where none holds yet."""
    return next(iter(_found(session, _ENTRY_OF, on=on, procedure_id=procedure_id)), None)


def entry_no(session: Session, on: date, local_no: int) -> CatalogueEntry | None:
    """One procedure by its local number, withdrawn or not; with its first version where none holds yet."""
    return next(iter(_found(session, _ENTRY_NO, on=on, local_no=local_no)), None)


def conditions(
    on: date, *, q: str = "", sector_id: int | None = None, mark: CatalogueMark | None = None
) -> list[ColumnElement[bool]]:
    """The conditions of a filter; every word of ``q`` is in the name or begins the number or the code."""
    further = mark in {CatalogueMark.PLANNED, CatalogueMark.WITHDRAWN}
    found: list[ColumnElement[bool]] = [_shown(on) if further else _holding(on)]
    if mark is not CatalogueMark.WITHDRAWN:
        found.append(_present(on))
    for word in fold(q).split():
        written = [
            ProcedureVersion.name_folded.contains(word, autoescape=True),
            Procedure.national_code.startswith(word, autoescape=True),
        ]
        if word.isascii() and word.isdigit() and len(word) < 10:
            written.append(Procedure.local_no == int(word))
        found.append(or_(*written))
    if sector_id:
        found.append(ProcedureVersion.sector_id == sector_id)
    if mark is CatalogueMark.UNVERIFIED:
        found.append(or_(~ProcedureVersion.limit_confirmed, ~ProcedureVersion.code_confirmed))
    elif mark is CatalogueMark.REDUCED:
        found.append(ProcedureVersion.declaration_reduced.is_(True))
    elif mark is CatalogueMark.PLANNED:
        found.append(_next_from(on).is_not(None))
    elif mark is CatalogueMark.REPLACED:
        found.append(Procedure.replaced_by.is_not(None))
    elif mark is CatalogueMark.WITHDRAWN:
        found.append(Procedure.withdrawn_on.is_not(None))
    return found


def page(
    session: Session, on: date, where: Sequence[ColumnElement[bool]], *, offset: int, limit: int
) -> list[CatalogueEntry]:
    """One page of the procedures that the conditions admit, by local number."""
    return _found(session, _ENTRY.where(*where).offset(offset).limit(limit), on=on)


def count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many procedures the conditions admit."""
    query = (
        select(func.count())
        .select_from(Procedure)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .where(*where)
    )
    return session.scalar(query) or 0


def version_in_force(
    session: Session, procedure_id: int, on: date, *, without: int | None = None
) -> ProcedureVersion | None:
    """The version that holds on a date: the latest ``valid_from`` (``NULL``: from the beginning).

    ``without`` is passed over, as if that version did not exist.
    """
    if without is None:
        return session.scalars(_IN_FORCE, {"procedure_id": procedure_id, "on": on}).first()
    return session.scalars(
        select(ProcedureVersion)
        .where(ProcedureVersion.procedure_id == procedure_id)
        .where(ProcedureVersion.id.in_(_versions_in_force(on, without)))
    ).first()


_CASES = (
    select(ProcedureCase)
    .where(ProcedureCase.version_id.in_(bindparam("ids", expanding=True)))
    .order_by(ProcedureCase.version_id, ProcedureCase.is_default.desc(), ProcedureCase.id)
)
_SEGMENTS = (
    select(LimitSegmentRow)
    .where(LimitSegmentRow.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(LimitSegmentRow.case_id, LimitSegmentRow.kind, LimitSegmentRow.no)
)
_REQUIREMENTS = (
    select(Requirement)
    .where(Requirement.version_id.in_(bindparam("ids", expanding=True)))
    .order_by(Requirement.version_id, Requirement.position)
)


def cases_of(session: Session, version_ids: Sequence[int]) -> Sequence[ProcedureCase]:
    """The cases of versions; of each version the defaults come first, then as they were entered."""
    return session.scalars(_CASES, {"ids": list(version_ids)}).all()


def segments_of(session: Session, case_ids: Sequence[int]) -> Sequence[Any]:
    """The columns of the parts of the limits of cases, in order, statutory and committed."""
    found: Sequence[Any] = read(session, _SEGMENTS, ids=list(case_ids)).all()
    return found


def requirements_of(session: Session, version_ids: Sequence[int]) -> Sequence[Any]:
    """The columns of the papers that versions ask for, of each in order."""
    found: Sequence[Any] = read(session, _REQUIREMENTS, ids=list(version_ids)).all()
    return found


def find_procedures_by_name(session: Session, name: str) -> Sequence[tuple[Procedure, str]]:
    """Procedures that any version calls ``name`` once folded, with that version's own spelling."""
    rows = session.execute(
        select(Procedure, ProcedureVersion.name)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .where(ProcedureVersion.name_folded == fold(squeeze(name)))
        .order_by(Procedure.local_no, ProcedureVersion.id)
    )
    return [(procedure, spelling) for procedure, spelling in rows]


def procedure_by_code(session: Session, national_code: str) -> Procedure | None:
    """The procedure with a national code."""
    return session.scalars(select(Procedure).where(Procedure.national_code == national_code)).first()


_PENDING = (
    select(func.count())
    .select_from(Dossier)
    .where(Dossier.unit_id == bindparam("unit_id"), Dossier.procedure_id == bindparam("procedure_id"))
    .where(Dossier.state.in_(PENDING_STATES))
)


def count_pending(session: Session, unit_id: int, procedure_id: int) -> int:
    """How many of the unit's dossiers under a procedure are still to be resolved."""
    number: int = read(session, _PENDING, unit_id=unit_id, procedure_id=procedure_id).scalar_one()
    return number


def _started(on: Day) -> ColumnElement[bool]:
    return or_(ProcedureVersion.valid_from.is_(None), ProcedureVersion.valid_from <= on)


def _versions_in_force(on: Day, without: int | None = None) -> ScalarSelect[int]:
    """The ids of the versions that hold on a date, one per procedure."""
    query = _ranked(ProcedureVersion.valid_from.desc().nulls_last(), ProcedureVersion.id.desc())
    query = query.where(_started(on))
    if without is not None:
        query = query.where(ProcedureVersion.id != without)
    return _first(query)


def _ranked(*order: Any) -> Select[Any]:
    place = func.row_number().over(partition_by=ProcedureVersion.procedure_id, order_by=order)
    return select(ProcedureVersion.id, place.label("place"))


def _first(query: Select[Any]) -> ScalarSelect[int]:
    ranked = query.subquery()
    return select(ranked.c.id).where(ranked.c.place == 1).scalar_subquery()


def _holding(on: Day) -> ColumnElement[bool]:
    return ProcedureVersion.id.in_(_versions_in_force(on))


def _shown(on: Day) -> ColumnElement[bool]:
    """The version that holds on a date, else the first to come."""
    started = case((_started(on), 1), else_=0)
    latest_started = case((_started(on), ProcedureVersion.valid_from)).desc().nulls_last()
    query = _ranked(started.desc(), latest_started, ProcedureVersion.valid_from)
    return ProcedureVersion.id.in_(_first(query))


def _present(on: Day) -> ColumnElement[bool]:
    return or_(Procedure.withdrawn_on.is_(None), Procedure.withdrawn_on > on)


_Later = aliased(ProcedureVersion)


def _next_from(on: Day) -> ScalarSelect[date | None]:
    """When the first version of a procedure that begins after a date begins."""
    return (
        select(func.min(_Later.valid_from))
        .where(_Later.procedure_id == Procedure.id, _Later.valid_from > on)
        .correlate(Procedure)
        .scalar_subquery()
    )


def _found(session: Session, query: Executable, **values: Any) -> list[CatalogueEntry]:
    return [CatalogueEntry(*row) for row in session.execute(query, values)]


_ON: BindParameter[date] = bindparam("on", type_=Date())
_ENTRY = (
    select(Procedure, ProcedureVersion, Sector, _next_from(_ON))
    .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
    .join(Sector, Sector.id == ProcedureVersion.sector_id)
    .order_by(Procedure.local_no)
)
_ENTRIES = _ENTRY.where(_present(_ON), _holding(_ON))
_ENTRY_OF = _ENTRY.where(Procedure.id == bindparam("procedure_id"), _shown(_ON))
_ENTRY_NO = _ENTRY.where(Procedure.local_no == bindparam("local_no"), _shown(_ON))
_IN_FORCE = (
    select(ProcedureVersion)
    .where(ProcedureVersion.procedure_id == bindparam("procedure_id"))
    .where(ProcedureVersion.id.in_(_versions_in_force(_ON)))
)
_NAMES = (
    select(Procedure.id, Procedure.local_no, Procedure.national_code, ProcedureVersion.name)
    .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
    .where(_present(_ON), _holding(_ON))
    .order_by(Procedure.local_no)
)
