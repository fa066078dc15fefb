"""Reads and writes of the closing chain: closed periods and their members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, literal, or_, select
from sqlalchemy.orm import Session, defer

from tthc.db.models import (
    Account,
    Document,
    Dossier,
    DossierSpan,
    EventRow,
    PeriodClose,
    PeriodMember,
    TakeOver,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.tallies import compile_predicate, in_period, living
from tthc.domain.tallies import CELLS, CellName
from tthc.domain.vocabulary import CloseState, EventKind, TakeOverState

#: Where a dossier of a period came from, and what became of it, by the cells of the form.
_STARTS = (CellName.CARRIED_OVER, CellName.RECEIVED_ONLINE, CellName.RECEIVED_COUNTER_POST)
_ENDS = (
    CellName.WITHDRAWN,
    CellName.STOPPED,
    CellName.EARLY,
    CellName.ON_TIME,
    CellName.LATE,
    CellName.WITHIN,
    CellName.OVERDUE,
)
#: The facts of a dossier at the end of a period, under the same names in spans and members.
FACTS = (
    "channel",
    "officer_id",
    "received_on",
    "received_counted_on",
    "ended_on",
    "ended_counted_on",
    "end_kind",
    "returned",
    "waiting",
    "due_on",
    "first_due_on",
)
_BATCH = 2000


_CLOSED_BETWEEN = (
    select(PeriodClose)
    .options(defer(PeriodClose.figures_json))
    .where(
        PeriodClose.unit_id == bindparam("unit_id"),
        PeriodClose.state == CloseState.CLOSED,
        PeriodClose.from_on >= bindparam("from_on"),
        PeriodClose.to_on <= bindparam("to_on"),
    )
    .order_by(PeriodClose.from_on)
)


def closed_between(session: Session, unit_id: int, from_on: date, to_on: date) -> Sequence[PeriodClose]:
    """The closed periods that lie within two dates, in order; the chain has no gap and no overlap.

    Their figures, much longer than all the rest, are read when they are asked for.
    """
    values = {"unit_id": unit_id, "from_on": from_on, "to_on": to_on}
    return session.scalars(_CLOSED_BETWEEN, values).all()


def close_of(session: Session, unit_id: int, close_id: int) -> PeriodClose | None:
    """A closing by its id."""
    return session.scalars(
        select(PeriodClose).where(PeriodClose.id == close_id, PeriodClose.unit_id == unit_id)
    ).one_or_none()


def closings(session: Session, unit_id: int, *, offset: int, limit: int) -> Sequence[PeriodClose]:
    """Closings and what was reopened, newest first."""
    return session.scalars(
        select(PeriodClose)
        .where(PeriodClose.unit_id == unit_id)
        .order_by(PeriodClose.from_on.desc(), PeriodClose.no.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count_closings(session: Session, unit_id: int) -> int:
    """How many there are."""
    query = select(func.count()).select_from(PeriodClose).where(PeriodClose.unit_id == unit_id)
    return session.scalar(query) or 0


def last_no(session: Session, unit_id: int, from_on: date) -> int:
    """How often the period that begins on a date was closed."""
    query = select(func.max(PeriodClose.no)).where(
        PeriodClose.unit_id == unit_id, PeriodClose.from_on == from_on
    )
    return session.scalar(query) or 0


def first_counted_on(session: Session, unit_id: int) -> date | None:
    """The first date on which anything is counted: where a chain of closings can begin."""
    return session.scalar(
        select(func.min(DossierSpan.valid_from)).where(
            DossierSpan.unit_id == unit_id, DossierSpan.known_to.is_(None)
        )
    )


def keep_members(session: Session, *, close: PeriodClose) -> int:
    """Write the place of every dossier of the period, in one statement; how many there are.

    A dossier's place is read from the same definitions as the cells, so the members of a place are the list
    behind its number.
    """
    at = {"from_on": close.from_on, "at_on": close.to_on}
    places = [
        case(*[(compile_predicate(CELLS[name].predicate, **at), literal(name.value)) for name in names])
        for names in (_STARTS, _ENDS)
    ]
    chosen = select(
        literal(close.id),
        DossierSpan.dossier_id,
        DossierSpan.sector_id,
        DossierSpan.procedure_id,
        *places,
        literal(0),
        literal(""),
        *[getattr(DossierSpan, name) for name in FACTS],
    ).where(in_period(living(close.unit_id, close.to_on), **at))
    columns = [
        "close_id",
        "dossier_id",
        "sector_id",
        "procedure_id",
        "start_class",
        "end_class",
        "adjustment",
        "reason",
        *FACTS,
    ]
    result: Any = session.execute(insert(PeriodMember).from_select(columns, chosen))
    return int(result.rowcount)


def add_members(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write further rows of a closing, all in one statement; as objects they would be one statement each."""
    if rows:
        session.execute(insert(PeriodMember), rows)


def members_in_order(session: Session, close_id: int) -> Iterator[tuple[Any, ...]]:
    """Every member of a closing with its dossier's code, as the checksum reads them."""
    query = (
        select(
            Dossier.code,
            PeriodMember.adjustment,
            PeriodMember.sector_id,
            PeriodMember.procedure_id,
            PeriodMember.start_class,
            PeriodMember.end_class,
            PeriodMember.reason,
            *[getattr(PeriodMember, name) for name in FACTS],
        )
        .join(Dossier, Dossier.id == PeriodMember.dossier_id)
        .where(PeriodMember.close_id == close_id)
        .order_by(PeriodMember.dossier_id, PeriodMember.adjustment, PeriodMember.id)
        .execution_options(yield_per=_BATCH)
    )
    for row in session.execute(query):
        yield tuple(row)


def reasons_of_adjustment(session: Session, dossier_ids: Sequence[int], from_on: date) -> dict[int, str]:
    """Why dossiers moved between two periods: what was written on reopening or correcting them last."""
    rows = session.execute(
        select(EventRow.dossier_id, EventRow.reason)
        .where(
            EventRow.dossier_id.in_(dossier_ids),
            EventRow.kind.in_([EventKind.REOPEN, EventKind.CORRECT]),
            EventRow.counted_on >= from_on,
        )
        .order_by(EventRow.seq)
    )
    return dict(rows.all())


def spans_at(session: Session, dossier_ids: Sequence[int], on: date) -> dict[int, DossierSpan]:
    """The span of each of some dossiers that holds at the end of a date, as known now."""
    rows = session.scalars(
        select(DossierSpan).where(
            DossierSpan.dossier_id.in_(dossier_ids),
            DossierSpan.known_to.is_(None),
            DossierSpan.valid_from <= on,
            or_(DossierSpan.valid_to.is_(None), DossierSpan.valid_to > on),
        )
    )
    return {span.dossier_id: span for span in rows}


def codes_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, str]:
    """The codes of some dossiers."""
    return dict(session.execute(select(Dossier.id, Dossier.code).where(Dossier.id.in_(dossier_ids))).all())


def earlier_closing(session: Session, close: PeriodClose) -> PeriodClose | None:
    """The closing of the same period before this one."""
    return session.scalars(
        select(PeriodClose)
        .where(
            PeriodClose.unit_id == close.unit_id,
            PeriodClose.from_on == close.from_on,
            PeriodClose.to_on == close.to_on,
            PeriodClose.no < close.no,
        )
        .order_by(PeriodClose.no.desc())
        .limit(1)
    ).one_or_none()


def kept_adjustments(
    session: Session, close_id: int, *, offset: int, limit: int
) -> Sequence[tuple[int, str, int, int, str]]:
    """What a closing kept as adjustments of a page of dossiers.

    ``(dossier id, code, procedure id, +1 or -1, reason)``, a dossier's rows side by side.
    """
    page = (
        select(PeriodMember.dossier_id)
        .where(PeriodMember.close_id == close_id, PeriodMember.adjustment != 0)
        .distinct()
        .order_by(PeriodMember.dossier_id)
        .offset(offset)
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(
            PeriodMember.dossier_id,
            Dossier.code,
            PeriodMember.procedure_id,
            PeriodMember.adjustment,
            PeriodMember.reason,
        )
        .join(page, page.c.dossier_id == PeriodMember.dossier_id)
        .join(Dossier, Dossier.id == PeriodMember.dossier_id)
        .where(PeriodMember.close_id == close_id, PeriodMember.adjustment != 0)
        .order_by(PeriodMember.dossier_id, PeriodMember.adjustment)
    )
    return [(dossier, code, procedure, sign, reason) for dossier, code, procedure, sign, reason in rows]


def count_kept_adjustments(session: Session, close_id: int) -> int:
    """How many dossiers a closing kept as moved."""
    query = select(func.count(PeriodMember.dossier_id.distinct())).where(
        PeriodMember.close_id == close_id, PeriodMember.adjustment != 0
    )
    return session.scalar(query) or 0


def _late(
    unit_id: int, from_on: date, to_on: date, recorded_until: datetime | None
) -> list[ColumnElement[bool]]:
    """Events entered late for a closed period that count in this one."""
    where = [
        EventRow.unit_id == unit_id,
        or_(EventRow.adjusts_close_id.is_not(None), _before_take_over(unit_id)),
        EventRow.counted_on.between(from_on, to_on),
    ]
    if recorded_until is not None:
        where.append(EventRow.recorded_at <= recorded_until)
    return where


def _before_take_over(unit_id: int) -> ColumnElement[bool]:
    """Events of before the first day that is counted here, entered after that was confirmed."""
    begins_on = (
        select(TakeOver.on)
        .where(TakeOver.unit_id == unit_id, TakeOver.state == TakeOverState.CONFIRMED)
        .scalar_subquery()
    )
    return and_(EventRow.occurred_on < begins_on, EventRow.counted_on == begins_on)


def late_entries(
    session: Session,
    unit_id: int,
    from_on: date,
    to_on: date,
    *,
    recorded_until: datetime | None,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[tuple[EventRow, str, str | None]]:
    """Event, code of its dossier, and who recorded it."""
    name = shown_name()
    rows = session.execute(
        select(EventRow, Dossier.code, name)
        .join(Dossier, Dossier.id == EventRow.dossier_id)
        .outerjoin(Account, Account.id == EventRow.actor_id)
        .where(*_late(unit_id, from_on, to_on, recorded_until))
        .order_by(EventRow.recorded_at, EventRow.id)
        .offset(offset)
        .limit(limit)
    )
    return [(event, code, actor) for event, code, actor in rows]


def count_late(
    session: Session, unit_id: int, from_on: date, to_on: date, recorded_until: datetime | None
) -> int:
    """How many there are."""
    where = _late(unit_id, from_on, to_on, recorded_until)
    return session.scalar(select(func.count()).select_from(EventRow).where(*where)) or 0


def papers_of(session: Session, close_id: int, form: str) -> Sequence[Document]:
    """The files on record of a closing."""
    return session.scalars(
        select(Document).where(Document.close_id == close_id, Document.form == form).order_by(Document.id)
    ).all()
