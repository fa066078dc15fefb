"""What the public look-up reads, and how often it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Applicant, Dossier, Filing, FilingSupplement, LookupCount, Supplement, Unit


def count(session: Session, key: str, *, now: datetime, opened_after: datetime) -> int:
    """Count one more question under a key and return how many there are since the window opened.

    A window that was opened at or before ``opened_after`` is over and begins anew. One statement, so that
    questions at the same moment are all counted.
    """
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(LookupCount).values(key=key, since=now, number=1)
    over = LookupCount.since <= opened_after
    statement = row.on_conflict_do_update(
        index_elements=[LookupCount.key],
        set_={
            "since": case((over, now), else_=LookupCount.since),
            "number": case((over, 1), else_=LookupCount.number + 1),
        },
    ).returning(LookupCount.number)
    return int(session.scalar(statement) or 0)


def forget(session: Session, before: datetime) -> int:
    """Drop windows that are long over; how many they were."""
    result: Any = session.execute(delete(LookupCount).where(LookupCount.since <= before))
    return int(result.rowcount)


def give_back(session: Session, keys: Iterable[str]) -> None:
    """Take the question that was just counted back from some keys."""
    session.execute(
        update(LookupCount).where(LookupCount.key.in_(list(keys))).values(number=LookupCount.number - 1)
    )


def by_codes(session: Session, codes: Sequence[str]) -> Sequence[tuple[Dossier | Filing, str, str]]:
    """What has one of the codes, dossiers first, with the telephones of its owner and of who brought it."""
    # The units are named for the index; numbers of filings are a unit's own.
    filings = and_(Filing.unit_id.in_(select(Unit.id)), Filing.number.in_(codes))
    return [*_told(session, Dossier, Dossier.code.in_(codes)), *_told(session, Filing, filings)]


def _told(session: Session, model: Any, where: ColumnElement[bool]) -> list[tuple[Any, str, str]]:
    other = aliased(Applicant)
    rows = session.execute(
        select(model, Applicant.phone, func.coalesce(other.phone, ""))
        .join(Applicant, Applicant.id == model.applicant_id)
        .outerjoin(other, other.id == model.submitter_id)
        .where(where)
        .order_by(model.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def by_token(session: Session, token: str) -> Dossier | None:
    """The dossier whose receipt carries the token."""
    return session.scalars(select(Dossier).where(Dossier.lookup_token == token)).one_or_none()


def missing(session: Session, dossier_id: int) -> str:
    """What the open request to supplement asks for; empty where there is none."""
    return (
        session.scalar(
            select(Supplement.missing)
            .where(Supplement.dossier_id == dossier_id, Supplement.closed_event_id.is_(None))
            .order_by(Supplement.id.desc())
            .limit(1)
        )
        or ""
    )


def asked_of_filing(session: Session, filing_id: int) -> FilingSupplement | None:
    """The open request to supplement a filing."""
    return session.scalars(
        select(FilingSupplement)
        .where(FilingSupplement.filing_id == filing_id, FilingSupplement.received_at.is_(None))
        .order_by(FilingSupplement.id.desc())
        .limit(1)
    ).one_or_none()
