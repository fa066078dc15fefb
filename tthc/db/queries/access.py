"""Who looked at whose data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tthc.db.models import AccessLog, Account, Membership
from tthc.db.queries.accounts import shown_name


def add(session: Session, looks: Iterable[tuple[datetime, int, str]]) -> None:
    """Write looks: when, by which account, at what."""
    rows = [{"at": at, "account_id": account_id, "subject": subject} for at, account_id, subject in looks]
    session.execute(insert(AccessLog), rows)


def looks(
    session: Session,
    unit_id: int,
    *,
    subject: str = "",
    account_id: int | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> Sequence[Any]:
    """The newest looks of the unit's people, below an id; ``to_at`` is past the last moment."""
    name = shown_name()
    people = select(Membership.account_id).where(Membership.unit_id == unit_id)
    query = (
        select(AccessLog.id, AccessLog.at, AccessLog.subject, name.label("by"))
        .join(Account, Account.id == AccessLog.account_id)
        .where(AccessLog.account_id.in_(people))
    )
    if subject:
        query = query.where(AccessLog.subject == subject)
    if account_id is not None:
        query = query.where(AccessLog.account_id == account_id)
    if from_at is not None:
        query = query.where(AccessLog.at >= from_at)
    if to_at is not None:
        query = query.where(AccessLog.at < to_at)
    if before is not None:
        query = query.where(AccessLog.id < before)
    return session.execute(query.order_by(AccessLog.id.desc()).limit(limit)).all()


def people(session: Session, unit_id: int) -> Sequence[Any]:
    """Everybody who ever belonged to the unit: id and name."""
    name = shown_name()
    members = select(Membership.account_id).where(Membership.unit_id == unit_id)
    return session.execute(select(Account.id, name.label("name")).where(Account.id.in_(members))).all()
