"""All that a procedure says in its versions, as plain columns: read once and kept by whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
    StepTemplate,
)
from tthc.db.session import read

_CHANGES = select(Procedure.version).where(Procedure.id == bindparam("procedure_id"))
_PROCEDURE = select(
    Procedure.id, Procedure.national_code, Procedure.withdrawn_on, Procedure.replaced_by
).where(Procedure.id == bindparam("procedure_id"))
_VERSIONS = (
    select(
        ProcedureVersion.id,
        ProcedureVersion.valid_from,
        ProcedureVersion.name,
        ProcedureVersion.sector_id,
        ProcedureVersion.fee,
        ProcedureVersion.limit_confirmed,
        ProcedureVersion.code_confirmed,
    )
    .where(ProcedureVersion.procedure_id == bindparam("procedure_id"))
    .order_by(ProcedureVersion.valid_from.nulls_first(), ProcedureVersion.id)
)


def _of_versions(kind: Any, *columns: Any) -> Any:
    return (
        select(*columns)
        .join(ProcedureVersion, ProcedureVersion.id == kind.version_id)
        .where(ProcedureVersion.procedure_id == bindparam("procedure_id"))
    )


_CASES = (
    _of_versions(
        ProcedureCase,
        ProcedureCase.version_id,
        ProcedureCase.id,
        ProcedureCase.name,
        ProcedureCase.channel,
        ProcedureCase.is_default,
        LimitSegmentRow.kind,
        LimitSegmentRow.amount,
        LimitSegmentRow.unit,
        LimitSegmentRow.agency,
    )
    .outerjoin(LimitSegmentRow, LimitSegmentRow.case_id == ProcedureCase.id)
    .order_by(ProcedureCase.is_default.desc(), ProcedureCase.id, LimitSegmentRow.kind, LimitSegmentRow.no)
)
_PAPERS = _of_versions(
    Requirement,
    Requirement.version_id,
    Requirement.id,
    Requirement.name,
    Requirement.originals,
    Requirement.certified,
    Requirement.copies,
    Requirement.required,
).order_by(Requirement.position)
_STEPS = _of_versions(
    StepTemplate,
    StepTemplate.version_id,
    StepTemplate.name,
    StepTemplate.role,
    StepTemplate.amount,
    StepTemplate.unit,
).order_by(StepTemplate.no)


def changes(session: Session, procedure_id: int) -> int | None:
    """How often a procedure and its versions were changed; ``None``: there is no such procedure."""
    counted: int | None = read(session, _CHANGES, procedure_id=procedure_id).scalar()
    return counted


def procedure(session: Session, procedure_id: int) -> Any:
    """Id, code, end and successor of a procedure."""
    return read(session, _PROCEDURE, procedure_id=procedure_id).one()


def versions(session: Session, procedure_id: int) -> Sequence[Any]:
    """Its versions in the order in which they begin to hold."""
    found: Sequence[Any] = read(session, _VERSIONS, procedure_id=procedure_id).all()
    return found


def cases(session: Session, procedure_id: int) -> Sequence[Any]:
    """(version, case, part of its limit): defaults first, parts in order, or one row without any."""
    found: Sequence[Any] = read(session, _CASES, procedure_id=procedure_id).all()
    return found


def papers(session: Session, procedure_id: int) -> Sequence[Any]:
    """(version, paper) in order."""
    found: Sequence[Any] = read(session, _PAPERS, procedure_id=procedure_id).all()
    return found


def steps(session: Session, procedure_id: int) -> Sequence[Any]:
    """(version, step of the workflow that was entered) in order."""
    found: Sequence[Any] = read(session, _STEPS, procedure_id=procedure_id).all()
    return found
