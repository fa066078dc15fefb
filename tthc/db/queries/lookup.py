"""What the public look-up reads, and how often it was asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Applicant, Dossier, LookupCount, Supplement


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


def by_code(session: Session, code: str) -> tuple[Dossier, str, str] | None:
    """The dossier with a code, with the telephones of its owner and of who brought it."""
    other = aliased(Applicant)
    row = session.execute(
        select(Dossier, Applicant.phone, func.coalesce(other.phone, ""))
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(other, other.id == Dossier.submitter_id)
        .where(Dossier.code.in_({code, code.upper()}))
        .order_by(Dossier.id)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1], row[2])


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
