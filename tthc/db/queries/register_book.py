"""Reads of the yearly register book: years, volumes, locks, entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    EventRow,
    ProcedureVersion,
    RegisterLock,
    RegisterVolume,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import EventKind


@dataclass(frozen=True)
class Extent:
    """Which entries of a year's book: of a volume, or of all; from one number to another, or all."""

    unit_id: int
    year: int
    volume: str | None = None
    from_no: int | None = None
    to_no: int | None = None

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The conditions on dossiers."""
        found = [Dossier.unit_id == self.unit_id, Dossier.register_year == self.year]
        if self.volume is not None:
            found.append(Dossier.register_volume == self.volume)
        if self.from_no is not None:
            found.append(Dossier.register_no >= self.from_no)
        if self.to_no is not None:
            found.append(Dossier.register_no <= self.to_no)
        return found


def is_locked(session: Session, unit_id: int, year: int) -> bool:
    """Whether a year's book takes no further dossier."""
    query = select(RegisterLock.id).where(RegisterLock.unit_id == unit_id, RegisterLock.year == year)
    return session.scalar(query) is not None


_LOCKS = (
    select(RegisterLock, shown_name())
    .outerjoin(Account, Account.id == RegisterLock.locked_by)
    .where(RegisterLock.unit_id == bindparam("unit_id"))
)
_NEXT_YEAR = select(func.min(Dossier.register_year)).where(
    Dossier.unit_id == bindparam("unit_id"), Dossier.register_year > bindparam("year")
)


def locks(session: Session, unit_id: int) -> dict[int, tuple[RegisterLock, str | None]]:
    """Every locked year, and who locked it."""
    rows = session.execute(_LOCKS, {"unit_id": unit_id})
    return {lock.year: (lock, who) for lock, who in rows}


_LAST_VOLUME = select(func.max(RegisterVolume.no)).where(
    RegisterVolume.unit_id == bindparam("unit_id"), RegisterVolume.year == bindparam("year")
)


def last_volume(session: Session, unit_id: int, year: int) -> int | None:
    """The newest further volume of a year."""
    no: int | None = read(session, _LAST_VOLUME, unit_id=unit_id, year=year).scalar()
    return no


def volumes(session: Session, unit_id: int, year: int) -> Sequence[RegisterVolume]:
    """The further volumes of a year, in order."""
    return session.scalars(
        select(RegisterVolume)
        .where(RegisterVolume.unit_id == unit_id, RegisterVolume.year == year)
        .order_by(RegisterVolume.no)
    ).all()


def years(session: Session, unit_id: int) -> Sequence[int]:
    """The years that have a book, oldest first; each is one step in the index, however many its entries."""
    found: list[int] = []
    year: int | None = 0
    while year is not None:
        year = read(session, _NEXT_YEAR, unit_id=unit_id, year=year).scalar()
        if year is not None:
            found.append(year)
    return found


def last_no(session: Session, unit_id: int, year: int) -> int:
    """The last number of a year, 0 when there is none."""
    query = select(func.max(Dossier.register_no)).where(
        Dossier.unit_id == unit_id, Dossier.register_year == year
    )
    return session.scalar(query) or 0


def summary(session: Session, extent: Extent) -> tuple[int, int | None, int | None, Any, Any]:
    """How many entries, their first and last number, and the first and last day of receipt."""
    row = session.execute(
        select(
            func.count(),
            func.min(Dossier.register_no),
            func.max(Dossier.register_no),
            func.min(Dossier.received_on),
            func.max(Dossier.received_on),
        ).where(*extent.where)
    ).one()
    return row[0], row[1], row[2], row[3], row[4]


def entries(
    session: Session, extent: Extent, *, offset: int = 0, limit: int | None = None
) -> Sequence[tuple[Dossier, str, Applicant]]:
    """Entries by number: the dossier, its procedure as called at receipt, its applicant."""
    rows = session.execute(
        select(Dossier, ProcedureVersion.name, Applicant)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(*extent.where)
        .order_by(Dossier.register_no)
        .offset(offset)
        .limit(limit)
    )
    return [(dossier, procedure, applicant) for dossier, procedure, applicant in rows]


def hand_overs(
    session: Session, extent: Extent, from_no: int, to_no: int
) -> dict[int, tuple[int, dict[str, Any], str]]:
    """The event by which a result was handed over, how, and its note, by dossier; of several the last."""
    rows = session.execute(
        select(EventRow.dossier_id, EventRow.id, EventRow.payload_json, EventRow.note)
        .join(Dossier, Dossier.id == EventRow.dossier_id)
        .where(
            *extent.where,
            Dossier.register_no.between(from_no, to_no),
            Dossier.handed_over_at.is_not(None),
            EventRow.kind == EventKind.HAND_OVER,
        )
        .order_by(EventRow.dossier_id, EventRow.seq)
    )
    return {dossier: (event, payload, note) for dossier, event, payload, note in rows}
