"""Reads of fees: those of a dossier, and what a day took in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Account, Applicant, Dossier, FeePayment
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read

_Corrected = aliased(FeePayment)
_NAME: Any = func.coalesce(shown_name(), "")


@dataclass(frozen=True)
class DayRow:
    """An entry that moved money, or put another receipt's number on it.

    ``amount`` is what it took in, of a correction the difference: 0 where only the number was wrong.
    """

    at: datetime
    code: str
    applicant: str
    receipt_no: str
    amount: int
    by: str
    reason: str


_OF_DOSSIER = (
    select(FeePayment, _NAME.label("by"))
    .outerjoin(Account, Account.id == FeePayment.recorded_by)
    .where(FeePayment.dossier_id == bindparam("dossier_id"))
    .order_by(FeePayment.id)
)


def of_dossier(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of the entries of a dossier, oldest first, each with who recorded it (``by``)."""
    found: Sequence[Any] = read(session, _OF_DOSSIER, dossier_id=dossier_id).all()
    return found


_SameReceipt = aliased(FeePayment)
_FIRST_USE = (
    select(Dossier.code)
    .join(FeePayment, FeePayment.dossier_id == Dossier.id)
    .outerjoin(_SameReceipt, _SameReceipt.corrects_id == FeePayment.id)
    .where(
        FeePayment.unit_id == bindparam("unit_id"),
        FeePayment.at >= bindparam("since"),
        FeePayment.receipt_no == bindparam("receipt_no"),
        FeePayment.id < bindparam("before"),
        _SameReceipt.id.is_(None),
    )
    .order_by(FeePayment.id)
    .limit(1)
)


def first_use(session: Session, unit_id: int, receipt_no: str, *, since: datetime, before: int) -> str | None:
    """The code of the dossier where a receipt's number was first written, in an entry that counts.

    Looked for among the entries from ``since`` on that are older than that with the id ``before``.
    """
    found = read(session, _FIRST_USE, unit_id=unit_id, receipt_no=receipt_no, since=since, before=before)
    code: str | None = found.scalars().first()
    return code


def of_dossiers(session: Session, dossier_ids: Sequence[int]) -> Sequence[FeePayment]:
    """The entries of several dossiers, oldest first."""
    query = select(FeePayment).where(FeePayment.dossier_id.in_(dossier_ids))
    return session.scalars(query.order_by(FeePayment.id)).all()


def _amount() -> ColumnElement[Any]:
    return FeePayment.paid - func.coalesce(_Corrected.paid, 0)


def _moved(
    query: Select[Any], unit_id: int, start: datetime, end: datetime, account_id: int | None
) -> Select[Any]:
    # Money under another receipt's number: without this entry the day would go on naming the wrong one.
    renumbered = and_(FeePayment.paid > 0, FeePayment.receipt_no != _Corrected.receipt_no)
    moved = query.outerjoin(_Corrected, _Corrected.id == FeePayment.corrects_id).where(
        FeePayment.unit_id == unit_id,
        FeePayment.at >= start,
        FeePayment.at < end,
        or_(_amount() != 0, renumbered),
    )
    return moved if account_id is None else moved.where(FeePayment.recorded_by == account_id)


def day(
    session: Session,
    unit_id: int,
    start: datetime,
    end: datetime,
    *,
    account_id: int | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[DayRow]:
    """What was taken in between two moments, in the order of entry."""
    query = (
        select(
            FeePayment.at,
            Dossier.code,
            Applicant.name,
            FeePayment.receipt_no,
            _amount(),
            _NAME,
            FeePayment.reason,
        )
        .select_from(FeePayment)
        .join(Dossier, Dossier.id == FeePayment.dossier_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(Account, Account.id == FeePayment.recorded_by)
    )
    rows = session.execute(
        _moved(query, unit_id, start, end, account_id).order_by(FeePayment.id).offset(offset).limit(limit)
    )
    return [
        DayRow(at, code, name, no, int(amount), by or "", why) for at, code, name, no, amount, by, why in rows
    ]


def totals(
    session: Session, unit_id: int, start: datetime, end: datetime, *, account_id: int | None = None
) -> Sequence[tuple[int | None, str, int, int]]:
    """(account, name, entries, amount) of everybody who took money between two moments, by account."""
    query = (
        select(FeePayment.recorded_by, func.max(_NAME), func.count(), func.sum(_amount()))
        .select_from(FeePayment)
        .outerjoin(Account, Account.id == FeePayment.recorded_by)
    )
    rows = session.execute(
        _moved(query, unit_id, start, end, account_id)
        .group_by(FeePayment.recorded_by)
        .order_by(FeePayment.recorded_by)
    )
    return [(who, name or "", int(count), int(amount)) for who, name, count, amount in rows]
