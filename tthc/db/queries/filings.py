"""Reads of filings: what waits to be accepted, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Applicant, Filing, FilingSupplement, ProcedureVersion
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import FilingState


def by_id(session: Session, unit_id: int, filing_id: int, *, lock: bool = False) -> Filing | None:
    """One filing of the unit."""
    query = select(Filing).where(Filing.unit_id == unit_id, Filing.id == filing_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _listed(unit_id: int, state: FilingState | None) -> Select[Any]:
    newest = (
        select(ProcedureVersion.name)
        .where(ProcedureVersion.procedure_id == Filing.procedure_id)
        .order_by(ProcedureVersion.valid_from.desc().nulls_last(), ProcedureVersion.id.desc())
        .limit(1)
        .correlate(Filing)
        .scalar_subquery()
    )
    query = (
        select(Filing, Applicant, newest)
        .join(Applicant, Applicant.id == Filing.applicant_id)
        .where(Filing.unit_id == unit_id)
    )
    return query if state is None else query.where(Filing.state == state)


def page(
    session: Session, unit_id: int, state: FilingState | None, *, offset: int, limit: int
) -> Sequence[tuple[Filing, Applicant, str]]:
    """Filings with applicant and procedure name, the longest waiting first."""
    rows = session.execute(
        _listed(unit_id, state).order_by(Filing.submitted_at, Filing.id).offset(offset).limit(limit)
    )
    return [(filing, applicant, name) for filing, applicant, name in rows]


#: Those that are no dossiers.
NOT_ACCEPTED = (FilingState.WAITING, FilingState.REFUSED)


def of_applicant(
    session: Session, unit_id: int, applicant_id: int, *, limit: int
) -> tuple[Sequence[tuple[Filing, str]], int]:
    """What an applicant filed or brought that is no dossier, newest first, with the procedure; how many."""
    theirs = (
        Filing.state.in_(NOT_ACCEPTED),
        or_(Filing.applicant_id == applicant_id, Filing.submitter_id == applicant_id),
    )
    rows = session.execute(
        _listed(unit_id, None)
        .where(*theirs)
        .order_by(Filing.submitted_at.desc(), Filing.id.desc())
        .limit(limit)
    )
    number = session.scalar(
        select(func.count()).select_from(Filing).where(Filing.unit_id == unit_id, *theirs)
    )
    return [(filing, name) for filing, _, name in rows], number or 0


def one(session: Session, unit_id: int, filing_id: int) -> tuple[Filing, Applicant, str] | None:
    """One filing as the list gives it."""
    row = session.execute(_listed(unit_id, None).where(Filing.id == filing_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


_COUNT = select(func.count()).select_from(Filing).where(Filing.unit_id == bindparam("unit_id"))
_COUNT_IN_STATE = _COUNT.where(Filing.state == bindparam("state"))


def count(session: Session, unit_id: int, state: FilingState | None) -> int:
    """How many filings are in ``state``."""
    query = _COUNT if state is None else _COUNT_IN_STATE
    return read(session, query, unit_id=unit_id, state=state).scalar() or 0


def supplements_of(session: Session, filing_ids: Sequence[int]) -> Sequence[tuple[FilingSupplement, str]]:
    """What filings were asked for, oldest first, each with the name of who asked."""
    name = func.coalesce(shown_name(), "")
    rows = session.execute(
        select(FilingSupplement, name)
        .outerjoin(Account, Account.id == FilingSupplement.requested_by)
        .where(FilingSupplement.filing_id.in_(filing_ids))
        .order_by(FilingSupplement.id)
    )
    return [(row, by or "") for row, by in rows]


def name_of(session: Session, account_id: int | None) -> str:
    """The name of an account, empty for the system itself."""
    name = shown_name()
    return session.scalar(select(name).where(Account.id == account_id)) or ""


def submitter_of(session: Session, filing: Filing) -> Applicant | None:
    """Who brought a filing, where it was not the applicant."""
    return session.get(Applicant, filing.submitter_id) if filing.submitter_id else None
