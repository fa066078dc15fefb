"""The versions of a procedure: who recorded them, what they say, and which dossiers they govern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Dossier,
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureChange,
    ProcedureVersion,
    Requirement,
    Sector,
)
from tthc.db.queries.accounts import shown_name

#: Any number does, as long as nothing else in this database locks the same one.
_CATALOGUE_LOCK = 7447103

_NAME = shown_name()


def by_no(session: Session, local_no: int) -> Procedure | None:
    """A procedure by its local number, in the catalogue or not."""
    return session.scalars(
        select(Procedure).where(Procedure.local_no == local_no).execution_options(populate_existing=True)
    ).one_or_none()


def lock_catalogue(session: Session) -> None:
    """Let one change of numbers and codes at a time through until the transaction ends.

    On SQLite the write lock of the transaction does that.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CATALOGUE_LOCK})


def take(session: Session, procedure_id: int, seen: int) -> bool:
    """Count a change of a procedure that was seen at count ``seen``; False where somebody was faster.

    The row stays locked until the transaction ends, so that changes of one procedure follow each other.
    """
    result: Any = session.execute(
        update(Procedure)
        .where(Procedure.id == procedure_id, Procedure.version == seen)
        .values(version=Procedure.version + 1),
        execution_options={"synchronize_session": False},
    )
    return bool(result.rowcount == 1)


def last_local_no(session: Session) -> int:
    """The highest local number; 0 in an empty catalogue."""
    return session.scalar(select(func.max(Procedure.local_no))) or 0


def replacements(session: Session) -> dict[str, str]:
    """National code -> code of the procedure that took its place, of all that were replaced."""
    rows = session.execute(
        select(Procedure.national_code, Procedure.replaced_by).where(
            Procedure.national_code.is_not(None), Procedure.replaced_by.is_not(None)
        )
    )
    return {str(code): str(successor) for code, successor in rows}


_VERSIONS = (
    select(ProcedureVersion, _NAME)
    .outerjoin(Account, Account.id == ProcedureVersion.recorded_by)
    .where(ProcedureVersion.procedure_id == bindparam("procedure_id"))
    .order_by(ProcedureVersion.valid_from.desc().nulls_last())
)


def versions(session: Session, procedure_id: int) -> Sequence[tuple[ProcedureVersion, str | None]]:
    """(version, who recorded it) of a procedure, the latest date first."""
    rows = session.execute(_VERSIONS, {"procedure_id": procedure_id})
    return [(version, name) for version, name in rows]


def next_start(session: Session, procedure_id: int, after: date, without: int | None = None) -> date | None:
    """When the first version that begins after a date begins; ``without`` is left out."""
    query = select(func.min(ProcedureVersion.valid_from)).where(
        ProcedureVersion.procedure_id == procedure_id, ProcedureVersion.valid_from > after
    )
    return session.scalar(query if without is None else query.where(ProcedureVersion.id != without))


def sectors_of(session: Session, sector_ids: Sequence[int]) -> dict[int, str]:
    """The names of sectors by id."""
    rows = session.execute(select(Sector.id, Sector.name).where(Sector.id.in_(sector_ids)))
    return {row.id: row.name for row in rows}


def drop_parts(session: Session, version_id: int) -> None:
    """Delete the cases, limits and papers of a version that nothing refers to."""
    cases = select(ProcedureCase.id).where(ProcedureCase.version_id == version_id)
    for statement in (
        delete(LimitSegmentRow).where(LimitSegmentRow.case_id.in_(cases)),
        delete(ProcedureCase).where(ProcedureCase.version_id == version_id),
        delete(Requirement).where(Requirement.version_id == version_id),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()


def changes(session: Session, procedure_id: int, limit: int) -> Sequence[tuple[ProcedureChange, str | None]]:
    """(change, who made it) of what versions do not date, newest first."""
    rows = session.execute(
        select(ProcedureChange, _NAME)
        .outerjoin(Account, Account.id == ProcedureChange.recorded_by)
        .where(ProcedureChange.procedure_id == procedure_id)
        .order_by(ProcedureChange.id.desc())
        .limit(limit)
    )
    return [(change, name) for change, name in rows]


def usage(session: Session, unit_id: int, procedure_id: int) -> dict[int, int]:
    """How many of the unit's dossiers each version governs."""
    rows = session.execute(
        select(Dossier.version_id, func.count().label("number"))
        .where(Dossier.unit_id == unit_id, Dossier.procedure_id == procedure_id)
        .group_by(Dossier.version_id)
    )
    return {row.version_id: row.number for row in rows}


def is_used(session: Session, version_id: int) -> bool:
    """Whether any dossier at all is under a version."""
    return session.scalar(select(Dossier.id).where(Dossier.version_id == version_id).limit(1)) is not None


def received_between(
    unit_id: int, procedure_id: int, since: date, until: date | None, version_id: int | None
) -> list[ColumnElement[bool]]:
    """Dossiers received while a version holds (``until`` excluded) that are under another one."""
    found: list[ColumnElement[bool]] = [
        Dossier.unit_id == unit_id,
        Dossier.procedure_id == procedure_id,
        Dossier.received_on >= since,
    ]
    if until is not None:
        found.append(Dossier.received_on < until)
    if version_id is not None:
        found.append(Dossier.version_id != version_id)
    return found


def count_dossiers(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many dossiers the conditions admit."""
    return session.scalar(select(func.count()).select_from(Dossier).where(*where)) or 0


def dossiers(
    session: Session, where: Sequence[ColumnElement[bool]], *, offset: int, limit: int
) -> Sequence[Any]:
    """(code, received on, due on, ended on, start of their version) in the order of receipt."""
    return session.execute(
        select(
            Dossier.code,
            Dossier.received_on,
            Dossier.due_on,
            Dossier.ended_on,
            ProcedureVersion.valid_from,
        )
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .where(*where)
        .order_by(Dossier.received_at, Dossier.id)
        .offset(offset)
        .limit(limit)
    ).all()


def under_another(session: Session, unit_id: int, procedure_id: int) -> dict[int, int]:
    """Version -> how many dossiers were received while it holds but are under another one."""
    spans = (
        select(
            ProcedureVersion.id,
            ProcedureVersion.valid_from,
            func.lead(ProcedureVersion.valid_from).over(order_by=ProcedureVersion.valid_from).label("until"),
        )
        .where(ProcedureVersion.procedure_id == procedure_id, ProcedureVersion.valid_from.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(spans.c.id, func.count(Dossier.id).label("number"))
        .join(
            Dossier,
            (Dossier.received_on >= spans.c.valid_from)
            & (spans.c.until.is_(None) | (Dossier.received_on < spans.c.until))
            & (Dossier.version_id != spans.c.id),
        )
        .where(Dossier.unit_id == unit_id, Dossier.procedure_id == procedure_id)
        .group_by(spans.c.id)
    )
    return {row.id: row.number for row in rows}
