"""The audit chain: its end, locked for whoever appends, and its entries in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tthc.db.base import Base
from tthc.db.models import Account, AuditEntry, AuditHead
from tthc.db.queries.accounts import shown_name

_PORTION = 500
_NAME = shown_name()


def locked_head(session: Session, unit_id: int, first_hash: str) -> AuditHead:
    """The end of a unit's chain, locked until the transaction ends; made if this is the first entry."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = Base.metadata.tables["audit_head"]
    session.execute(
        dialect.insert(table).values(unit_id=unit_id, seq=0, hash=first_hash).on_conflict_do_nothing()
    )
    return session.scalars(
        select(AuditHead)
        .where(AuditHead.unit_id == unit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def details(session: Session, unit_id: int, action: str, subjects: Sequence[str]) -> dict[str, Any]:
    """What was noted of some subjects when ``action`` was done to them, by subject."""
    found = session.execute(
        select(AuditEntry.subject, AuditEntry.detail_json)
        .where(AuditEntry.unit_id == unit_id, AuditEntry.action == action)
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.seq)
    )
    return {row.subject: row.detail_json for row in found}


def latest(session: Session, unit_id: int, action: str, limit: int) -> Sequence[Any]:
    """The newest entries of an action, with the name of whoever did it."""
    return session.execute(
        select(AuditEntry, _NAME)
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
        .where(AuditEntry.unit_id == unit_id, AuditEntry.action == action)
        .order_by(AuditEntry.seq.desc())
        .limit(limit)
    ).all()


def about(session: Session, unit_id: int, subject: str) -> Sequence[tuple[AuditEntry, str | None]]:
    """Everything that was done to one subject with the name of whoever did it, oldest first."""
    rows = session.execute(
        select(AuditEntry, _NAME)
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
        .where(AuditEntry.unit_id == unit_id, AuditEntry.subject == subject)
        .order_by(AuditEntry.seq)
    )
    return [(entry, actor) for entry, actor in rows]


def extent(session: Session, unit_id: int) -> tuple[int, int, str | None]:
    """The last entry's number, the number at the chain's end and its hash, as of one and the same moment."""
    last, seq, closing = session.execute(
        select(
            select(func.max(AuditEntry.seq)).where(AuditEntry.unit_id == unit_id).scalar_subquery(),
            select(AuditHead.seq).where(AuditHead.unit_id == unit_id).scalar_subquery(),
            select(AuditHead.hash).where(AuditHead.unit_id == unit_id).scalar_subquery(),
        )
    ).one()
    return last or 0, seq or 0, closing


def entries(session: Session, unit_id: int, up_to: int) -> Iterator[AuditEntry]:
    """A unit's entries from the first to number ``up_to``, read in portions."""
    seq: int | None = None
    while True:
        portion = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.unit_id == unit_id, AuditEntry.seq <= up_to)
            .where(AuditEntry.seq > seq if seq is not None else true())
            .order_by(AuditEntry.seq)
            .limit(_PORTION)
            .execution_options(populate_existing=True)
        ).all()
        yield from portion
        if len(portion) < _PORTION:
            return
        seq = portion[-1].seq
