"""The tally's cells compiled to SQL: the same data that the domain evaluates for one dossier."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from tthc.db.models import Applicant, Dossier, DossierSpan, EventRow, Procedure, ProcedureVersion, Sector
from tthc.domain.tallies import CELLS, CellName, Comparison, Condition, FactRef, Parameter, Predicate
from tthc.domain.vocabulary import EventKind

_OPERATORS: Mapping[Comparison, Callable[[Any, Any], Any]] = {
    Comparison.EQ: operator.eq,
    Comparison.NE: operator.ne,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
}

_KEYS: Mapping[str, InstrumentedAttribute[int]] = {
    "sector": DossierSpan.sector_id,
    "procedure": DossierSpan.procedure_id,
}


def compile_predicate(
    predicate: Predicate, *, from_on: date, at_on: date, facts: object = DossierSpan
) -> ColumnElement[bool]:
    """``predicate`` as a condition on the columns of ``facts``, by default spans that hold on ``at_on``."""
    parameters = {Parameter.FROM: from_on, Parameter.AT: at_on}
    return or_(*[and_(*[_condition(one, parameters, facts) for one in every]) for every in predicate])


def _condition(
    condition: Condition, parameters: Mapping[Parameter, date], facts: object
) -> ColumnElement[bool]:
    column = getattr(facts, condition.field)
    if condition.comparison is Comparison.IS_NULL:
        return column.is_(None)  # type: ignore[no-any-return]
    value = condition.value
    if isinstance(value, bool):
        wanted = value if condition.comparison is Comparison.EQ else not value
        return column.is_(wanted)  # type: ignore[no-any-return]
    if isinstance(value, Parameter):
        right: Any = parameters[value]
    elif isinstance(value, FactRef):
        right = getattr(facts, value.name)
    else:
        right = value
    return _OPERATORS[condition.comparison](column, right)  # type: ignore[no-any-return]


def holding(unit_id: int, at_on: date) -> tuple[ColumnElement[bool], ...]:
    """The one span of each dossier that holds at the end of ``at_on``, as known now."""
    return (DossierSpan.unit_id == unit_id, *_holds(DossierSpan, at_on))


def count_cells(
    session: Session, *, unit_id: int, from_on: date, at_on: date, by: str
) -> dict[int, dict[CellName, int]]:
    """Every cell of every row in one pass: ``{sector or procedure id: {cell: number}}``."""
    key = _KEYS[by]
    sums = [
        func.sum(case((compile_predicate(cell.predicate, from_on=from_on, at_on=at_on), 1), else_=0))
        for cell in CELLS.values()
    ]
    query = select(key, *sums).where(*holding(unit_id, at_on)).group_by(key)
    return {
        row[0]: {name: int(value) for name, value in zip(CELLS, row[1:], strict=True)}
        for row in session.execute(query)
    }


def _cell(
    *, unit_id: int, from_on: date, at_on: date, by: str, row_key: int | None, name: CellName
) -> list[ColumnElement[bool]]:
    where = [
        *holding(unit_id, at_on),
        compile_predicate(CELLS[name].predicate, from_on=from_on, at_on=at_on),
    ]
    if row_key is not None:
        where.append(_KEYS[by] == row_key)
    return where


def count_cell(
    session: Session,
    *,
    unit_id: int,
    from_on: date,
    at_on: date,
    by: str,
    row_key: int | None,
    name: CellName,
) -> int:
    """One number."""
    where = _cell(unit_id=unit_id, from_on=from_on, at_on=at_on, by=by, row_key=row_key, name=name)
    return session.scalar(select(func.count()).select_from(DossierSpan).where(*where)) or 0


def list_cell(
    session: Session,
    *,
    unit_id: int,
    from_on: date,
    at_on: date,
    by: str,
    row_key: int | None,
    name: CellName,
    offset: int,
    limit: int,
) -> Sequence[Any]:
    """The dossiers behind one number: span, code, procedure, sector and applicant of each."""
    where = _cell(unit_id=unit_id, from_on=from_on, at_on=at_on, by=by, row_key=row_key, name=name)
    query = (
        select(DossierSpan, Dossier.code, ProcedureVersion.name, Sector.name, Applicant.name)
        .join(Dossier, Dossier.id == DossierSpan.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Sector, Sector.id == DossierSpan.sector_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(*where)
        .order_by(DossierSpan.received_on, DossierSpan.dossier_id)
    )
    return session.execute(query.offset(offset).limit(limit)).all()


def adjustments(
    session: Session, *, unit_id: int, from_on: date, at_on: date, by: str
) -> Sequence[tuple[int, int | None, int | None]]:
    """What stands between pending at the end of the day before and carried over, one row a dossier.

    ``(dossier id, row that lost it, row that gained it)``: a dossier that had ended and was reopened is gained,
    one whose sector or procedure was corrected after its period was closed is lost here and gained there. Only
    dossiers with such an event are asked, so that anything else that comes between shows up as an identity that
    does not hold.
    """
    eve = from_on - timedelta(days=1)
    before, now = aliased(DossierSpan), aliased(DossierSpan)
    lost, gained = getattr(before, _KEYS[by].key), getattr(now, _KEYS[by].key)
    changed = (
        select(EventRow.dossier_id)
        .where(
            EventRow.unit_id == unit_id,
            EventRow.kind.in_([EventKind.REOPEN, EventKind.CORRECT]),
            EventRow.counted_on >= from_on,
        )
        .distinct()
    )
    pending = before.ended_counted_on.is_(None)
    carried = and_(
        now.received_counted_on < from_on,
        or_(now.ended_counted_on.is_(None), now.ended_counted_on >= from_on),
    )
    query = (
        select(
            now.dossier_id,
            case((pending, lost)),
            case((carried, gained)),
        )
        .join(before, and_(before.dossier_id == now.dossier_id, *_holds(before, eve)))
        .where(now.dossier_id.in_(changed), now.unit_id == unit_id, *_holds(now, at_on))
        .order_by(now.dossier_id)
    )
    rows = session.execute(query)
    return [(dossier, out, into) for dossier, out, into in rows if out != into]


def _holds(span: type[DossierSpan], on: date) -> tuple[ColumnElement[bool], ...]:
    """The span holds at the end of a date, as known now."""
    return (
        span.known_to.is_(None),
        span.valid_from <= on,
        or_(span.valid_to.is_(None), span.valid_to > on),
    )


def sector_names(session: Session) -> Sequence[tuple[int, str]]:
    """All sectors in the order of the form."""
    rows = session.execute(select(Sector.id, Sector.name).order_by(Sector.position, Sector.id))
    return [(key, name) for key, name in rows]


def procedure_names(session: Session, ids: Sequence[int], on: date) -> Sequence[tuple[int, str | None, str]]:
    """Id, national code and name on a date of some procedures, by local number."""
    newest = (
        select(ProcedureVersion.name)
        .where(
            ProcedureVersion.procedure_id == Procedure.id,
            or_(ProcedureVersion.valid_from.is_(None), ProcedureVersion.valid_from <= on),
        )
        .order_by(ProcedureVersion.valid_from.desc().nulls_last())
        .limit(1)
        .correlate(Procedure)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Procedure.id, Procedure.national_code, newest)
        .where(Procedure.id.in_(ids))
        .order_by(Procedure.local_no)
    )
    return [(key, code, name) for key, code, name in rows]
