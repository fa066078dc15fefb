"""The audit chain: its end, locked for whoever appends, and its entries in order."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tthc.db.base import Base
from tthc.db.models import AuditEntry, AuditHead


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


def head(session: Session, unit_id: int) -> AuditHead | None:
    """The end of a unit's chain; ``None`` before the first entry."""
    return session.scalars(
        select(AuditHead).where(AuditHead.unit_id == unit_id).execution_options(populate_existing=True)
    ).first()


def entries(session: Session, unit_id: int) -> Iterator[AuditEntry]:
    """A unit's entries from the first on, read in portions."""
    return iter(
        session.scalars(
            select(AuditEntry)
            .where(AuditEntry.unit_id == unit_id)
            .order_by(AuditEntry.seq)
            .execution_options(yield_per=500, populate_existing=True)
        )
    )
