"""Lists of dossiers: one filter gives the rows and the count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from tthc.db.models import (
    AccessLog,
    Account,
    Applicant,
    Consultation,
    Dossier,
    Extension,
    Procedure,
    ProcedureVersion,
    Sector,
    Step,
)
from tthc.db.queries import search, steps
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read, read_once
from tthc.domain.vocabulary import Channel, DossierState

#: Columns that every list row has, in the order of :class:`tthc.services.worklists.RawRow`.
COLUMNS = (
    Dossier.id,
    Dossier.code,
    ProcedureVersion.name,
    Procedure.local_no,
    Sector.name,
    Applicant.name,
    Dossier.channel,
    Dossier.state,
    shown_name(),
    Dossier.received_on,
    Dossier.due_on,
    Dossier.ended_on,
    Dossier.waiting,
    ProcedureVersion.due_soon_days,
    Dossier.first_due_on,
    Dossier.appointment_on,
    # One proposal at most waits at a time.
    select(Extension.new_due_on)
    .where(Extension.dossier_id == Dossier.id, Extension.closed_event_id.is_(None))
    .correlate(Dossier)
    .scalar_subquery(),
    # A dossier is in one step at most.
    steps.name_of_open_step(),
    steps.holder_of_open_step(),
    steps.due_of_open_step(),
    Dossier.version,
)

_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "due": (Dossier.due_on, Dossier.id),
    "-due": (Dossier.due_on.desc(), Dossier.id.desc()),
    "received": (Dossier.received_on, Dossier.id),
    "-received": (Dossier.received_on.desc(), Dossier.id.desc()),
    "code": (Dossier.code,),
    "applicant": (Applicant.name_key, Dossier.id),
}

SORTS = tuple(_ORDERS)


@dataclass(frozen=True)
class Days:
    """The dates that the buckets compare with: today, and the last "due soon" date by days' notice."""

    today: date | BindParameter[date]
    soon: Mapping[int, date | BindParameter[date]]


def bucket(name: str, days: Days, account_id: int | BindParameter[int] | None) -> ColumnElement[bool]:
    """The dossiers of a named bucket; the same predicate counts and lists them."""
    pending = Dossier.ended_on.is_(None)
    running = and_(pending, Dossier.waiting.is_(False))
    if name == "pending":
        return pending
    if name == "unassigned":
        return and_(pending, Dossier.officer_id.is_(None))
    if name == "overdue":
        return and_(running, Dossier.due_on < days.today)
    if name == "today":
        return and_(running, Dossier.due_on == days.today)
    if name == "due_soon":
        notice = [
            and_(
                Dossier.version_id.in_(
                    select(ProcedureVersion.id).where(ProcedureVersion.due_soon_days == amount)
                ),
                Dossier.due_on <= last,
            )
            for amount, last in days.soon.items()
        ]
        return and_(running, Dossier.due_on > days.today, or_(false(), *notice))
    if name == "awaiting_supplement":
        return Dossier.state == DossierState.AWAITING_SUPPLEMENT
    if name == "extension_proposed":
        waiting = select(Extension.dossier_id).where(Extension.closed_event_id.is_(None))
        return and_(pending, Dossier.id.in_(waiting))
    if name == "awaiting_opinion":
        asked = select(Consultation.dossier_id).where(Consultation.closed_event_id.is_(None))
        return and_(pending, Dossier.id.in_(asked))
    if name == "to_hand_over":
        return Dossier.state == DossierState.RESOLVED
    if name == "mine":
        if account_id is None:
            return false()
        in_hand = select(Step.dossier_id).where(Step.officer_id == account_id, *steps.OPEN)
        return and_(pending, or_(Dossier.officer_id == account_id, Dossier.id.in_(in_hand)))
    raise KeyError(name)


def conditions(
    *,
    unit_id: int,
    days: Days,
    account_id: int | None,
    q: str = "",
    in_bucket: str | None = None,
    state: DossierState | None = None,
    sector_id: int | None = None,
    procedure_id: int | None = None,
    channel: Channel | None = None,
    officer_id: int | None = None,
    received_from: date | None = None,
    received_to: date | None = None,
    due_from: date | None = None,
    due_to: date | None = None,
    mine: bool = False,
) -> list[ColumnElement[bool]]:
    """The conditions of a filter; ``officer_id`` 0 means unassigned, ``mine``: in charge or in hand."""
    found: list[ColumnElement[bool]] = [Dossier.unit_id == unit_id]
    if q.strip():
        found.append(search.matches(q))
    if in_bucket:
        found.append(bucket(in_bucket, days, account_id))
    if mine:
        found.append(bucket("mine", days, account_id))
    if state:
        found.append(Dossier.state == state)
    if sector_id:
        found.append(Dossier.sector_id == sector_id)
    if procedure_id:
        found.append(Dossier.procedure_id == procedure_id)
    if channel:
        found.append(Dossier.channel == channel)
    if officer_id is not None:
        found.append(Dossier.officer_id == officer_id if officer_id else Dossier.officer_id.is_(None))
    if received_from:
        found.append(Dossier.received_on >= received_from)
    if received_to:
        found.append(Dossier.received_on <= received_to)
    if due_from:
        found.append(Dossier.due_on >= due_from)
    if due_to:
        found.append(Dossier.due_on <= due_to)
    return found


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .join(Sector, Sector.id == Dossier.sector_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
    )


#: Every dossier as a row of a list.
LISTED = _joined(select(*COLUMNS).select_from(Dossier))


def rows(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    *,
    sort: str,
    offset: int,
    limit: int,
) -> Sequence[Any]:
    """One page of rows as plain tuples."""
    query = LISTED.where(*where).order_by(*_ORDERS[sort]).offset(offset).limit(limit)
    found: Sequence[Any] = read_once(session, query).all()
    return found


def count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many dossiers the conditions admit."""
    return read_once(session, select(func.count()).select_from(Dossier).where(*where)).scalar() or 0


def bucket_counts(
    session: Session,
    *,
    unit_id: int,
    days: Days,
    account_id: int | None,
    names: Sequence[str],
    mine: bool = False,
) -> dict[str, int]:
    """The sizes of several buckets in one pass over the pending dossiers; what has ended is counted apart."""
    query = _sizes(tuple(names), tuple(sorted(days.soon)), account_id is not None, mine)
    soon = {_soon(amount): last for amount, last in days.soon.items()}
    values = {"unit_id": unit_id, "account_id": account_id, "today": days.today, **soon}
    found = read(session, query, **values).one()
    return dict(zip(names, (int(value) for value in found), strict=True))


@cache
def _sizes(names: tuple[str, ...], notice: tuple[int, ...], somebody: bool, mine: bool) -> Select[Any]:
    """The query of :func:`bucket_counts`, built once for its buckets."""
    unit_id = bindparam("unit_id", type_=Integer)
    account_id = bindparam("account_id", type_=Integer) if somebody else None
    days = Days(
        bindparam("today", type_=Date), {amount: bindparam(_soon(amount), type_=Date) for amount in notice}
    )
    sums = [
        _size(unit_id, bucket(name, days, account_id))
        if name in _ENDED
        else func.coalesce(func.sum(case((bucket(name, days, account_id), 1), else_=0)), 0)
        for name in names
    ]
    query = select(*sums).select_from(Dossier).where(Dossier.unit_id == unit_id, Dossier.ended_on.is_(None))
    return query.where(bucket("mine", days, account_id)) if mine else query


def _soon(amount: int) -> str:
    return f"soon_{amount}"


#: Buckets of dossiers that are not pending any more.
_ENDED = frozenset({"to_hand_over"})


def _size(unit_id: BindParameter[int], condition: ColumnElement[bool]) -> Any:
    """The size of a bucket as a subquery of its own."""
    query = select(func.count()).select_from(Dossier).where(Dossier.unit_id == unit_id, condition)
    return query.correlate(None).scalar_subquery()


_HAS_WORKED = select(
    or_(
        select(Dossier.id)
        .where(Dossier.unit_id == bindparam("unit_id"), Dossier.officer_id == bindparam("account_id"))
        .exists(),
        select(AccessLog.id).where(AccessLog.account_id == bindparam("account_id")).exists(),
    )
)


def has_worked(session: Session, unit_id: int, account_id: int | None) -> bool:
    """Whether an account was ever in charge of a dossier, or looked at one."""
    return bool(read(session, _HAS_WORKED, unit_id=unit_id, account_id=account_id).scalar())


_NOTICE_DAYS = select(ProcedureVersion.due_soon_days).distinct()


def notice_days(session: Session) -> Sequence[int]:
    """The different numbers of days' notice that procedures ask for."""
    found: Sequence[int] = read(session, _NOTICE_DAYS).scalars().all()
    return found


_SECTORS = select(Sector).order_by(Sector.position, Sector.id)


def sectors(session: Session) -> Sequence[Any]:
    """The columns of all sectors in the order of the tally."""
    found: Sequence[Any] = read(session, _SECTORS).all()
    return found
