"""Reads of petitions: one filter gives rows and count, the cells of a period are compiled from their data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from tthc.db.models import Alert, Applicant, DueDateRow, Petition, ProcedureVersion
from tthc.db.queries.tallies import compile_predicate
from tthc.db.session import read
from tthc.domain.petitions import COLUMNS, Numbers, PetitionCell
from tthc.domain.text import fold
from tthc.domain.vocabulary import PetitionHandling, PetitionKind, PetitionState, SubjectKind

#: Where the facts of a petition stand.
_FACTS = SimpleNamespace(
    kind=Petition.kind,
    received_on=Petition.received_on,
    handled=Petition.handled,
    ended_on=Petition.ended_on,
    due_on=DueDateRow.due_on,
    published_on=Petition.published_on,
)


@dataclass(frozen=True)
class CellOf:
    """A number of a period; ``at_on`` is the day on which pending is judged."""

    cell: PetitionCell
    from_on: date
    at_on: date


def by_id(session: Session, unit_id: int, petition_id: int, *, lock: bool = False) -> Petition | None:
    """One petition of the unit; ``lock`` holds it until the transaction ends."""
    query = select(Petition).where(Petition.unit_id == unit_id, Petition.id == petition_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def due_dates(session: Session, petition_id: int) -> Sequence[DueDateRow]:
    """Every due date that a petition was given, oldest first."""
    return session.scalars(
        select(DueDateRow)
        .where(DueDateRow.subject_kind == SubjectKind.PETITION, DueDateRow.subject_id == petition_id)
        .order_by(DueDateRow.no)
    ).all()


def withdraw_alerts(session: Session, petition: Petition, *, now: datetime) -> None:
    """Withdraw the open alerts that the petition as it stands no longer calls for."""
    stale = update(Alert).where(
        Alert.subject_kind == SubjectKind.PETITION,
        Alert.subject_id == petition.id,
        Alert.withdrawn_at.is_(None),
    )
    if petition.ended_on is None:
        stale = stale.where(Alert.due_date_id != petition.due_date_id)
    session.execute(stale.values(withdrawn_at=now))


def conditions(
    unit_id: int,
    *,
    q: str = "",
    state: PetitionState | None = None,
    kind: PetitionKind | None = None,
    cell: CellOf | None = None,
) -> list[ColumnElement[bool]]:
    """The conditions of a filter, to be used with what :func:`rows` and :func:`count` select from."""
    found: list[ColumnElement[bool]] = [Petition.unit_id == unit_id]
    found += [Petition.search_text.contains(word, autoescape=True) for word in fold(q).split()]
    if state is PetitionState.TRANSFERRED:
        found.append(Petition.handled == PetitionHandling.TRANSFERRED.value)
    elif state is not None:
        ended = (
            Petition.ended_on.is_(None) if state is PetitionState.PENDING else Petition.ended_on.is_not(None)
        )
        found += [Petition.handled == PetitionHandling.HERE.value, ended]
    if kind is not None:
        found.append(Petition.kind == kind.value)
    if cell is not None:
        found.append(
            compile_predicate(
                COLUMNS[cell.cell].predicate, from_on=cell.from_on, at_on=cell.at_on, facts=_FACTS
            )
        )
    return found


def _shown(on: date) -> Select[Any]:
    """(petition, due date, applicant, name of the procedure as it is called on a day)."""
    name = (
        select(ProcedureVersion.name)
        .where(
            ProcedureVersion.procedure_id == Petition.procedure_id,
            or_(ProcedureVersion.valid_from.is_(None), ProcedureVersion.valid_from <= on),
        )
        .order_by(ProcedureVersion.valid_from.desc().nulls_last())
        .limit(1)
        .correlate(Petition)
        .scalar_subquery()
    )
    return (
        select(Petition, DueDateRow, Applicant, name)
        .select_from(Petition)
        .outerjoin(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .outerjoin(Applicant, Applicant.id == Petition.applicant_id)
    )


def rows(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    *,
    on: date,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[Any]:
    """What :func:`_shown` says: pending ones first, the nearest date before the others; then the newest."""
    query = (
        _shown(on)
        .where(*where)
        .order_by(
            Petition.ended_on.is_not(None),
            case((Petition.ended_on.is_(None), DueDateRow.due_on)),
            Petition.received_on.desc(),
            Petition.id.desc(),
        )
    )
    return session.execute(query.offset(offset).limit(limit)).all()


def one(session: Session, unit_id: int, petition_id: int, *, on: date) -> Any:
    """One petition as :func:`rows` gives it, or ``None``."""
    query = _shown(on).where(Petition.unit_id == unit_id, Petition.id == petition_id)
    return session.execute(query).one_or_none()


def count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many petitions the conditions admit."""
    query = (
        select(func.count())
        .select_from(Petition)
        .outerjoin(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .where(*where)
    )
    return session.scalar(query) or 0


_PENDING = (
    select(func.count())
    .select_from(Petition)
    .where(Petition.unit_id == bindparam("unit_id"), Petition.ended_on.is_(None))
)


def count_pending(session: Session, unit_id: int) -> int:
    """How many petitions have neither an answer nor another body that deals with them."""
    return read(session, _PENDING, unit_id=unit_id).scalar() or 0


def count_cells(session: Session, unit_id: int, *, from_on: date, at_on: date) -> dict[PetitionKind, Numbers]:
    """Every number of every kind in one pass; a kind of which there is nothing may be missing."""
    sums = [
        func.sum(
            case(
                (compile_predicate(column.predicate, from_on=from_on, at_on=at_on, facts=_FACTS), 1), else_=0
            )
        )
        for column in COLUMNS.values()
    ]
    query = (
        select(Petition.kind, *sums)
        .select_from(Petition)
        .outerjoin(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .where(Petition.unit_id == unit_id)
        .group_by(Petition.kind)
    )
    return {
        PetitionKind(row[0]): {cell: int(value) for cell, value in zip(COLUMNS, row[1:], strict=True)}
        for row in session.execute(query)
    }
