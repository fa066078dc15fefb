"""The tally's cells compiled to SQL: the same data that the domain evaluates for one dossier."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    DossierSpan,
    EventRow,
    PeriodMember,
    Procedure,
    ProcedureVersion,
    Sector,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.predicates import Comparison, Condition, FactRef, Parameter, Predicate
from tthc.domain.tallies import CELLS, CellName
from tthc.domain.vocabulary import EventKind

_OPERATORS: Mapping[Comparison, Callable[[Any, Any], Any]] = {
    Comparison.EQ: operator.eq,
    Comparison.NE: operator.ne,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
}

#: What the rows of a tally may be, and the column that tells a dossier's row.
_KEYS: Mapping[str, str] = {
    "sector": "sector_id",
    "procedure": "procedure_id",
    "channel": "channel",
    "officer": "officer_id",
}

#: The key of a row: an id, a channel, or ``None`` for dossiers that nobody has.
RowKey = int | str | None


@dataclass(frozen=True)
class Source:
    """Where the facts of each dossier at the end of a period are read: one row a dossier.

    ``facts`` is :class:`~tthc.db.models.DossierSpan` or :class:`~tthc.db.models.PeriodMember`; both carry the
    facts under the same names.
    """

    facts: Any
    where: tuple[ColumnElement[bool], ...]
    #: The day on which they hold, if it is as known now: there is an index for just that; see :meth:`parts`.
    at_on: date | None = None

    def key(self, by: str) -> Any:
        """The column by which the rows are told apart."""
        return getattr(self.facts, _KEYS[by])

    def parts(self, from_on: date | None) -> list[tuple[ColumnElement[bool], ...]]:
        """The rows of whatever counts in a period from a date on, in parts without a row in common.

        What ended before the period is in no cell and is most of what there ever was; written as one
        condition, no database leaves it aside. ``None``: only what had not ended.
        """
        if self.at_on is None:
            return [self.where]
        ended, valid_to = self.facts.ended_counted_on, self.facts.valid_to
        pending = [
            (*self.where, ended.is_(None), valid_to.is_(None)),
            (*self.where, ended.is_(None), valid_to > self.at_on),
        ]
        return pending if from_on is None else [*pending, (*self.where, ended >= from_on)]


def living(unit_id: int, at_on: date, known_at: datetime | None = None) -> Source:
    """The spans that hold at the end of a date, as known now or at an instant."""
    where = (DossierSpan.unit_id == unit_id, *_holds(DossierSpan, at_on, known_at))
    return Source(DossierSpan, where, at_on if known_at is None else None)


def closed(close_ids: Sequence[int]) -> Source:
    """What a chain of closed periods kept; of a dossier in several of them its last place.

    The ids grow along the chain: a period can only be closed again when those after it are open.
    """
    member, later = PeriodMember, aliased(PeriodMember)
    where: tuple[ColumnElement[bool], ...] = (member.close_id.in_(close_ids), member.adjustment == 0)
    if len(close_ids) > 1:
        followed = exists().where(
            later.dossier_id == member.dossier_id,
            later.close_id.in_(close_ids),
            later.close_id > member.close_id,
            later.adjustment == 0,
        )
        where = (*where, ~followed)
    return Source(member, where)


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


#: Every comparison that the cells make, once, each with a bit of its own.
_BITS: Mapping[Condition, int] = {
    condition: 1 << number
    for number, condition in enumerate(
        dict.fromkeys(one for cell in CELLS.values() for every in cell.predicate for one in every)
    )
}


@lru_cache(maxsize=4096)
def _cells_of(marks: int) -> tuple[CellName, ...]:
    """The cells of whatever the comparisons in ``marks`` hold of, and no others."""
    wanted = {
        name: [sum(_BITS[one] for one in every) for every in cell.predicate] for name, cell in CELLS.items()
    }
    return tuple(name for name, unions in wanted.items() if any(marks & bits == bits for bits in unions))


def count_groups(
    session: Session, source: Source, *, from_on: date, at_on: date, groups: Sequence[str]
) -> dict[str, dict[RowKey, dict[CellName, int]]]:
    """Every cell of the rows of several tables in one pass: ``{what the rows are: {key: {cell: number}}}``.

    The database says of each dossier which comparisons hold and counts those of which the same do; there are
    a few hundred kinds at most. Cells made of the same comparisons are then added up from the kinds.
    """
    parameters = {Parameter.FROM: from_on, Parameter.AT: at_on}
    marks = reduce(
        operator.add,
        [case((_condition(one, parameters, source.facts), bit), else_=0) for one, bit in _BITS.items()],
    ).label("marks")
    keys = [source.key(by).label(by) for by in groups]
    kinds = union_all(*[select(*keys, marks).where(*part) for part in source.parts(from_on)]).subquery()
    found: dict[str, dict[RowKey, dict[CellName, int]]] = {by: {} for by in groups}
    for *row, held, number in session.execute(select(*kinds.c, func.count()).group_by(*kinds.c)):
        cells = _cells_of(held)
        for by, key in zip(groups, row, strict=True):
            line = found[by].setdefault(key, dict.fromkeys(CELLS, 0))
            for name in cells:
                line[name] += number
    return found


def count_pending(session: Session, source: Source, *, groups: Sequence[str]) -> dict[str, dict[RowKey, int]]:
    """How many had not ended, by the rows of several tables, in one pass."""
    keys = [source.key(by).label(by) for by in groups]
    pending = source.facts.ended_counted_on.is_(None)
    rows = union_all(*[select(*keys).where(*part, pending) for part in source.parts(None)]).subquery()
    found: dict[str, Counter[RowKey]] = {by: Counter() for by in groups}
    for *row, number in session.execute(select(*rows.c, func.count()).group_by(*rows.c)):
        for by, key in zip(groups, row, strict=True):
            found[by][key] += number
    return {by: dict(numbers) for by, numbers in found.items()}


class ListedQuery(Protocol):
    """What counts and lists dossiers: conditions on the rows of a source, and the days they speak of."""

    @property
    def source(self) -> Source:
        """Where the facts are read."""

    @property
    def from_on(self) -> date:
        """The first day of the period."""

    @property
    def at_on(self) -> date:
        """The day on which pending is judged."""

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The conditions."""


@dataclass(frozen=True)
class CellQuery:
    """One number: of a row (``whole``: of all rows), judged on ``at_on``."""

    source: Source
    from_on: date
    at_on: date
    by: str
    name: CellName
    row_key: RowKey = None
    whole: bool = True

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The conditions on the source's rows."""
        predicate = CELLS[self.name].predicate
        facts = self.source.facts
        where = [
            *self.source.where,
            compile_predicate(predicate, from_on=self.from_on, at_on=self.at_on, facts=facts),
        ]
        if not self.whole:
            key = self.source.key(self.by)
            where.append(key.is_(None) if self.row_key is None else key == self.row_key)
        return where


def _rows(listed: ListedQuery) -> Any:
    """The id, receipt and dossier of each row that is counted and listed."""
    facts = listed.source.facts
    # Whatever a cell counts lies in the parts of its period; other sets are free to look further.
    parts = listed.source.parts(listed.from_on) if isinstance(listed, CellQuery) else [()]
    columns = (facts.id, facts.received_on, facts.dossier_id)
    return union_all(*[select(*columns).where(*part, *listed.where) for part in parts]).subquery()


def in_period(source: Source, *, from_on: date, at_on: date) -> ColumnElement[bool]:
    """The rows of the source that a period has: received in it, or carried over."""
    everything = CellQuery(source, from_on, at_on, "sector", CellName.RECEIVED_TOTAL)
    return source.facts.id.in_(select(_rows(everything).c.id))  # type: ignore[no-any-return]


def count_cell(session: Session, cell: ListedQuery) -> int:
    """One number."""
    return session.scalar(select(func.count()).select_from(_rows(cell))) or 0


def list_cell(session: Session, cell: ListedQuery, *, offset: int, limit: int | None) -> Sequence[Any]:
    """The dossiers behind one number: facts, code, procedure, sector and applicant of each.

    The procedure is called as the version calls it under which the dossier is handled now.
    """
    facts, rows = cell.source.facts, _rows(cell)
    page = select(rows).order_by(rows.c.received_on, rows.c.dossier_id).offset(offset).limit(limit).subquery()
    return session.execute(
        select(facts, Dossier.code, ProcedureVersion.name, Sector.name, Applicant.name)
        .join(page, page.c.id == facts.id)
        .join(Dossier, Dossier.id == facts.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Sector, Sector.id == facts.sector_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .order_by(facts.received_on, facts.dossier_id)
    ).all()


def adjustments(
    session: Session,
    *,
    unit_id: int,
    from_on: date,
    at_on: date,
    by: str,
    known_at: datetime | None = None,
) -> Sequence[tuple[int, RowKey, RowKey]]:
    """What stands between pending at the end of the day before and carried over, one row a dossier.

    ``(dossier id, row that lost it, row that gained it)``: a dossier that had ended and was reopened is
    gained, one whose sector or procedure was corrected after its period was closed is lost here and gained
    there. Only dossiers with such an event are asked, so that anything else that comes between shows up as
    an identity that does not hold.
    """
    rows = read(
        session,
        _adjusting(by, known_at is not None),
        unit_id=unit_id,
        from_on=from_on,
        at_on=at_on,
        eve=from_on - timedelta(days=1),
        **({} if known_at is None else {"known_at": known_at}),
    )
    return [(dossier, out, into) for dossier, out, into in rows if out != into]


@lru_cache
def _adjusting(by: str, at_an_instant: bool) -> Select[Any]:
    dates: tuple[Any, ...] = bindparam("from_on"), bindparam("at_on"), bindparam("eve")
    from_on, at_on, eve = dates
    known_at: Any = bindparam("known_at") if at_an_instant else None
    before, now = aliased(DossierSpan), aliased(DossierSpan)
    lost, gained = getattr(before, _KEYS[by]), getattr(now, _KEYS[by])
    changed = (
        select(EventRow.dossier_id)
        .where(
            EventRow.unit_id == bindparam("unit_id"),
            EventRow.kind.in_([EventKind.REOPEN, EventKind.CORRECT]),
            EventRow.counted_on >= from_on,
        )
        .distinct()
        .subquery()
    )
    pending = before.ended_counted_on.is_(None)
    carried = and_(
        now.received_counted_on < from_on,
        or_(now.ended_counted_on.is_(None), now.ended_counted_on >= from_on),
    )
    return (
        select(
            now.dossier_id,
            case((pending, lost)),
            case((carried, gained)),
        )
        .select_from(changed)
        .join(now, and_(now.dossier_id == changed.c.dossier_id, *_holds(now, at_on, known_at)))
        .join(before, and_(before.dossier_id == changed.c.dossier_id, *_holds(before, eve, known_at)))
        .order_by(now.dossier_id)
    )


def _holds(span: type[DossierSpan], on: Any, known_at: Any = None) -> tuple[ColumnElement[bool], ...]:
    """The span holds at the end of a date, as known now or at an instant."""
    known: tuple[ColumnElement[bool], ...] = (span.known_to.is_(None),)
    if known_at is not None:
        known = (span.known_from <= known_at, or_(span.known_to.is_(None), span.known_to > known_at))
    return (
        *known,
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


def officer_names(session: Session, ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """Id and name of people, by name."""
    name = shown_name()
    rows = session.execute(select(Account.id, name).where(Account.id.in_(ids)).order_by(name, Account.id))
    return [(key, word) for key, word in rows]
