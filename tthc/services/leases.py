"""Leases: of several processes on one database, one runs a job at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.queries import leases as queries
from tthc.services.transaction import transaction


def acquire_lease(
    session: Session, *, machine_now: datetime, name: str, holder: str, seconds: float
) -> int | None:
    """Take the lease ``name`` for ``seconds``; ``None`` while somebody holds it.

    ``machine_now`` is the machine's own clock: the office's may stand still. An expired lease is taken
    over, so that a process that died does not stop the job for ever. The token returned grows with
    every taking and is what :func:`release_lease` asks for.
    """
    with transaction(session):
        token: int | None = session.execute(
            queries.take(
                session.get_bind().dialect.name,
                name=name,
                holder=holder,
                machine_now=machine_now,
                expires_at=machine_now + timedelta(seconds=seconds),
            )
        ).scalar_one_or_none()
    return token


def release_lease(session: Session, *, machine_now: datetime, name: str, holder: str, token: int) -> None:
    """Give the lease back; nothing happens if it expired and another took it over meanwhile."""
    with transaction(session):
        session.execute(queries.give_back(name=name, holder=holder, token=token, machine_now=machine_now))


def renew_lease(
    session: Session, *, machine_now: datetime, name: str, holder: str, token: int, seconds: float
) -> bool:
    """Keep the lease for ``seconds`` more; false once another has taken it over."""
    with transaction(session):
        return queries.renew(
            session,
            name=name,
            holder=holder,
            token=token,
            expires_at=machine_now + timedelta(seconds=seconds),
        )
