"""Messages: written once per key, taken by one sender at a time, counted and listed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tthc.db.base import Base
from tthc.db.models import Account, Applicant, OutboxMessage

_WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None))


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write messages within the caller's transaction; one whose key is there already is left out."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = Base.metadata.tables["outbox"]
    for start in range(0, len(rows), 200):
        statement = dialect.insert(table).values(list(rows[start : start + 200]))
        session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def claim(
    session: Session,
    *,
    channels: Collection[str],
    now: datetime,
    machine_now: datetime,
    leased_until: datetime,
    urgent_only: bool,
) -> OutboxMessage | None:
    """Take the message that has waited longest, so that nobody else sends it until ``leased_until``.

    ``now`` is the office's clock, by which attempts are spaced; ``machine_now`` that of leases. A message
    whose sender died is taken again once its lease has run out.
    """
    query = (
        select(OutboxMessage)
        .where(
            *_WAITING,
            OutboxMessage.channel.in_(list(channels)),
            OutboxMessage.not_before <= now,
            or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= machine_now),
        )
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if urgent_only:
        query = query.where(OutboxMessage.urgent)
    row = session.scalars(query).first()
    if row is not None:
        row.attempts += 1
        row.leased_until = leased_until
        session.flush()
    return row


def finish(session: Session, message: int, attempt: int, **values: Any) -> bool:
    """Put on record how an attempt ended, unless another one has begun since; whether it was ours."""
    result: Any = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message, OutboxMessage.attempts == attempt, *_WAITING)
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)


def expire(session: Session, now: datetime) -> int:
    """Put aside what is of no use any more."""
    result: Any = session.execute(
        update(OutboxMessage)
        .where(*_WAITING, OutboxMessage.not_after < now, OutboxMessage.leased_until.is_(None))
        .values(dead_at=now, error="Quá thời gian mà thư còn có ích nên không gửi nữa.")
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def by_id(session: Session, unit_id: int, message: int) -> OutboxMessage | None:
    """One message, locked until the transaction ends."""
    return session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.unit_id == unit_id, OutboxMessage.id == message)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def dead(session: Session, unit_id: int, *, offset: int, limit: int) -> Sequence[OutboxMessage]:
    """What was put aside, newest first."""
    query = select(OutboxMessage).where(*_dead(unit_id))
    query = query.order_by(OutboxMessage.dead_at.desc(), OutboxMessage.id.desc())
    return session.scalars(query.offset(offset).limit(limit)).all()


def names(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """What accounts are called, by their number."""
    rows = session.scalars(select(Account).where(Account.id.in_(list(account_ids))))
    return {row.id: row.full_name or row.name for row in rows}


def count_dead(session: Session, unit_id: int, useful_at: datetime | None = None) -> int:
    """How many messages were put aside; ``useful_at``: of those that are still of use at a moment."""
    query = select(func.count()).select_from(OutboxMessage).where(*_dead(unit_id))
    if useful_at is not None:
        query = query.where(or_(OutboxMessage.not_after.is_(None), OutboxMessage.not_after >= useful_at))
    return session.scalar(query) or 0


def waiting(session: Session, unit_id: int) -> dict[str, tuple[int, datetime, str]]:
    """By channel: how many wait, since when the oldest does, and an error of the last attempts if any."""
    rows = session.execute(
        select(
            OutboxMessage.channel,
            func.count(),
            func.min(OutboxMessage.written_at),
            func.max(OutboxMessage.error),
        )
        .where(*_WAITING, OutboxMessage.unit_id == unit_id)
        .group_by(OutboxMessage.channel)
    )
    return {channel: (count, since, error) for channel, count, since, error in rows}


def oldest_ready(
    session: Session, unit_id: int, *, channels: Collection[str], now: datetime, urgent_only: bool
) -> tuple[int, datetime | None]:
    """How many messages could go out now, and since when the one that waits longest could."""
    query = select(func.count(), func.min(OutboxMessage.not_before)).where(
        *_WAITING,
        OutboxMessage.unit_id == unit_id,
        OutboxMessage.channel.in_(list(channels)),
        OutboxMessage.not_before <= now,
    )
    if urgent_only:
        query = query.where(OutboxMessage.urgent)
    number, since = session.execute(query).one()
    return number, since


def count_sent_since(session: Session, unit_id: int, since: datetime) -> int:
    """How many went out since a moment."""
    query = select(func.count()).select_from(OutboxMessage)
    return session.scalar(query.where(OutboxMessage.unit_id == unit_id, OutboxMessage.sent_at >= since)) or 0


def account_email(session: Session, account_id: int) -> str:
    """The address of an account; empty where it has none or is closed."""
    return session.scalar(select(Account.email).where(Account.id == account_id, Account.active)) or ""


def applicant_email(session: Session, applicant_id: int) -> str:
    """The address of an applicant, or of the row into which it was merged; empty where there is none."""
    row = session.get(Applicant, applicant_id)
    while row is not None and row.merged_into_id is not None:
        row = session.get(Applicant, row.merged_into_id)
    return row.email if row is not None else ""


def _dead(unit_id: int) -> tuple[ColumnElement[bool], ...]:
    return (OutboxMessage.unit_id == unit_id, OutboxMessage.dead_at.is_not(None))
