"""Procedures with the version that holds on a date, their cases, limits and papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Dossier,
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
    Sector,
)
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import PENDING_STATES, Channel


@dataclass(frozen=True)
class CatalogueEntry:
    """A procedure with the version that holds and that version's sector."""

    procedure: Procedure
    version: ProcedureVersion
    sector: Sector


def entries(session: Session, on: date) -> list[CatalogueEntry]:
    """Every procedure that is in the catalogue on a date, by local number."""
    return _read(session, on, or_(Procedure.withdrawn_on.is_(None), Procedure.withdrawn_on > on))


def entry_of(session: Session, on: date, procedure_id: int) -> CatalogueEntry | None:
    """One procedure by its id, withdrawn or not."""
    return next(iter(_read(session, on, Procedure.id == procedure_id)), None)


def entry_no(session: Session, on: date, local_no: int) -> CatalogueEntry | None:
    """One procedure by its local number, withdrawn or not."""
    return next(iter(_read(session, on, Procedure.local_no == local_no)), None)


def version_in_force(session: Session, procedure_id: int, on: date) -> ProcedureVersion | None:
    """The version that holds on a date: the latest ``valid_from`` (``NULL``: from the beginning)."""
    return session.scalars(
        select(ProcedureVersion)
        .where(ProcedureVersion.procedure_id == procedure_id)
        .where(ProcedureVersion.id.in_(_versions_in_force(on)))
    ).first()


def cases_of(session: Session, version_ids: Sequence[int]) -> Sequence[ProcedureCase]:
    """The cases of versions; of each version the defaults come first, then as they were entered."""
    return session.scalars(
        select(ProcedureCase)
        .where(ProcedureCase.version_id.in_(version_ids))
        .order_by(ProcedureCase.version_id, ProcedureCase.is_default.desc(), ProcedureCase.id)
    ).all()


def default_case(session: Session, version_id: int, channel: Channel) -> ProcedureCase | None:
    """The default case for a channel: one made for that channel first, else the general one."""
    return session.scalars(
        select(ProcedureCase)
        .where(ProcedureCase.version_id == version_id, ProcedureCase.is_default)
        .where(or_(ProcedureCase.channel.is_(None), ProcedureCase.channel == channel))
        .order_by(ProcedureCase.channel.is_(None), ProcedureCase.id)
        .limit(1)
    ).first()


def segments_of(session: Session, case_ids: Sequence[int]) -> Sequence[LimitSegmentRow]:
    """The parts of the limits of cases, in order, statutory and committed."""
    return session.scalars(
        select(LimitSegmentRow)
        .where(LimitSegmentRow.case_id.in_(case_ids))
        .order_by(LimitSegmentRow.case_id, LimitSegmentRow.kind, LimitSegmentRow.no)
    ).all()


def requirements_of(session: Session, version_id: int) -> Sequence[Requirement]:
    """The papers that a version asks for, in order."""
    return session.scalars(
        select(Requirement).where(Requirement.version_id == version_id).order_by(Requirement.position)
    ).all()


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


def count_pending(session: Session, unit_id: int, procedure_id: int) -> int:
    """How many of the unit's dossiers under a procedure are still to be resolved."""
    return session.scalars(
        select(func.count())
        .select_from(Dossier)
        .where(Dossier.unit_id == unit_id, Dossier.procedure_id == procedure_id)
        .where(Dossier.state.in_(PENDING_STATES))
    ).one()


def _versions_in_force(on: date) -> ScalarSelect[int]:
    """The ids of the versions that hold on a date, one per procedure."""
    ranked = (
        select(
            ProcedureVersion.id,
            func.row_number()
            .over(
                partition_by=ProcedureVersion.procedure_id,
                order_by=(ProcedureVersion.valid_from.desc().nulls_last(), ProcedureVersion.id.desc()),
            )
            .label("place"),
        )
        .where(or_(ProcedureVersion.valid_from.is_(None), ProcedureVersion.valid_from <= on))
        .subquery()
    )
    return select(ranked.c.id).where(ranked.c.place == 1).scalar_subquery()


def _read(session: Session, on: date, *criteria: ColumnElement[bool]) -> list[CatalogueEntry]:
    rows = session.execute(
        select(Procedure, ProcedureVersion, Sector)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .join(Sector, Sector.id == ProcedureVersion.sector_id)
        .where(ProcedureVersion.id.in_(_versions_in_force(on)), *criteria)
        .order_by(Procedure.local_no)
    )
    return [CatalogueEntry(procedure, version, sector) for procedure, version, sector in rows]
