"""Reads for the register as a file: what an import meets, and what an export lists; in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from tthc.db.models import (
    Applicant,
    Dossier,
    EventRow,
    Filing,
    Procedure,
    ProcedureVersion,
    Sector,
)
from tthc.domain.vocabulary import DossierState, EventKind, FilingState

K = TypeVar("K")

_PORTION = 500
#: Any number does, as long as nothing else in this database locks the same one.
_IMPORT_LOCK = 7447102

#: The event that began each kind of waiting.
_BEGAN_BY: Mapping[DossierState, EventKind] = {
    DossierState.AWAITING_SUPPLEMENT: EventKind.REQUEST_SUPPLEMENT,
    DossierState.AWAITING_PAYMENT: EventKind.REQUEST_PAYMENT,
    DossierState.PAUSED: EventKind.PAUSE,
}


def lock_imports(session: Session) -> None:
    """Let one import at a time through until the transaction ends; on SQLite its write lock does that."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _IMPORT_LOCK})


def dossiers_by_code(session: Session, codes: Iterable[str]) -> dict[str, Dossier]:
    """The dossiers that carry these codes, of whatever unit, locked until the transaction ends."""
    found: dict[str, Dossier] = {}
    for portion in portions(codes):
        query = select(Dossier).where(Dossier.code.in_(portion)).order_by(Dossier.id).with_for_update()
        found |= {dossier.code: dossier for dossier in session.scalars(query)}
    return found


def filings_by_number(session: Session, unit_id: int, numbers: Iterable[str]) -> dict[str, Filing]:
    """The unit's filings that carry these numbers, locked until the transaction ends."""
    found: dict[str, Filing] = {}
    for portion in portions(numbers):
        query = select(Filing).where(Filing.unit_id == unit_id, Filing.number.in_(portion))
        rows = session.scalars(query.order_by(Filing.id).with_for_update())
        found |= {filing.number: filing for filing in rows}
    return found


def dossiers_by_id(session: Session, ids: Iterable[int]) -> dict[int, Dossier]:
    """Dossiers by id, locked until the transaction ends."""
    found: dict[int, Dossier] = {}
    for portion in portions(ids):
        query = select(Dossier).where(Dossier.id.in_(portion)).order_by(Dossier.id).with_for_update()
        found |= {dossier.id: dossier for dossier in session.scalars(query)}
    return found


def applicants_by_id(session: Session, ids: Iterable[int]) -> dict[int, Applicant]:
    """Applicants by id."""
    found: dict[int, Applicant] = {}
    for portion in portions(ids):
        rows = session.scalars(select(Applicant).where(Applicant.id.in_(portion)))
        found |= {applicant.id: applicant for applicant in rows}
    return found


def applicants_by_name(session: Session, folded: Iterable[str]) -> list[Applicant]:
    """The applicants with these folded names that can be taken for a new dossier, the oldest first."""
    found: list[Applicant] = []
    for portion in portions(folded):
        found += session.scalars(
            select(Applicant).where(
                Applicant.name_folded.in_(portion),
                Applicant.blanked_at.is_(None),
            )
        )
    return sorted(found, key=lambda applicant: (applicant.merged_into_id is not None, applicant.id))


def dossiers_in(
    session: Session, unit_id: int, from_on: date, to_on: date
) -> Sequence[tuple[Dossier, Applicant, str | None, str, str]]:
    """Dossiers received in a period or pending in it, by date of receipt.

    With applicant, national code, name of the procedure at receipt, and sector.
    """
    rows = session.execute(
        select(Dossier, Applicant, Procedure.national_code, ProcedureVersion.name, Sector.name)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Sector, Sector.id == Dossier.sector_id)
        .where(
            Dossier.unit_id == unit_id,
            Dossier.received_on <= to_on,
            or_(
                Dossier.received_on >= from_on,
                Dossier.ended_on.is_(None),
                Dossier.ended_on >= from_on,
            ),
        )
        .order_by(Dossier.received_at, Dossier.id)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def filings_in(
    session: Session, unit_id: int, since: datetime, before: datetime
) -> Sequence[tuple[Filing, Applicant, str | None]]:
    """Filings that are no dossiers, submitted between two instants, with applicant and national code."""
    rows = session.execute(
        select(Filing, Applicant, Procedure.national_code)
        .join(Applicant, Applicant.id == Filing.applicant_id)
        .join(Procedure, Procedure.id == Filing.procedure_id)
        .where(
            Filing.unit_id == unit_id,
            Filing.state != FilingState.ACCEPTED,
            and_(Filing.submitted_at >= since, Filing.submitted_at < before),
        )
        .order_by(Filing.submitted_at, Filing.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def waiting_since(session: Session, dossiers: Iterable[Dossier]) -> dict[int, datetime]:
    """When the waiting began of those dossiers that wait for a supplement, a payment or a resumption."""
    kinds = {dossier.id: _BEGAN_BY[dossier.state] for dossier in dossiers if dossier.state in _BEGAN_BY}
    since: dict[int, datetime] = {}
    for portion in portions(kinds):
        rows = session.execute(
            select(EventRow.dossier_id, EventRow.kind, EventRow.occurred_at)
            .where(EventRow.dossier_id.in_(portion), EventRow.kind.in_(set(kinds.values())))
            .order_by(EventRow.dossier_id, EventRow.seq)
        )
        since |= {row.dossier_id: row.occurred_at for row in rows if kinds[row.dossier_id] is row.kind}
    return since


def portions(keys: Iterable[K]) -> Iterator[list[K]]:
    """The keys without doubles, so many at a time as every database takes in one statement."""
    ordered = list(dict.fromkeys(keys))
    for start in range(0, len(ordered), _PORTION):
        yield ordered[start : start + _PORTION]
