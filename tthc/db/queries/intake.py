"""Reads that help at the desk: what is received most, who filed before, what is open already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, EventRow
from tthc.db.queries import search
from tthc.db.session import read

#: A phone number with its 0 has more digits.
_DIALLED = 8

#: The newest receipts that are looked at, however many there are.
LATELY = 300


def received_lately(
    session: Session, unit_id: int, account_id: int | None, since: date
) -> Sequence[tuple[int, int, int]]:
    """(procedure, receipts by the account, receipts in all) among the newest ones since a date."""
    newest = (
        select(Dossier.id, Dossier.procedure_id)
        .where(Dossier.unit_id == unit_id, Dossier.received_on >= since)
        .order_by(Dossier.received_on.desc(), Dossier.id.desc())
        .limit(LATELY)
        .subquery()
    )
    own = func.sum(case((EventRow.actor_id == account_id, 1), else_=0))
    rows = session.execute(
        select(newest.c.procedure_id, own, func.count())
        .join(EventRow, (EventRow.dossier_id == newest.c.id) & (EventRow.seq == 1))
        .group_by(newest.c.procedure_id)
    )
    return [(procedure_id, int(by_them or 0), total) for procedure_id, by_them, total in rows]


_NUMBERED, _NAMED = (
    select(Applicant.id).where(column == bindparam("who"), Applicant.blanked_at.is_(None)).limit(50)
    for column in (Applicant.id_number, Applicant.name_folded)
)
_OPEN_ALIKE = (
    select(Dossier.code, Dossier.received_on, Dossier.due_on)
    .where(
        Dossier.applicant_id.in_(bindparam("owners", expanding=True)),
        Dossier.unit_id == bindparam("unit_id"),
        Dossier.procedure_id == bindparam("procedure_id"),
        Dossier.ended_on.is_(None),
    )
    .order_by(Dossier.received_on, Dossier.id)
    .limit(5)
)


def open_alike(
    session: Session, unit_id: int, procedure_id: int, *, id_number: str, name_folded: str
) -> Sequence[tuple[str, date, date]]:
    """(code, received, due) of open dossiers under a procedure of who has the number, else the name."""
    who = _NUMBERED if id_number else _NAMED
    owners = read(session, who, who=id_number or name_folded).scalars().all()
    if not owners:
        return []
    rows = read(session, _OPEN_ALIKE, owners=owners, unit_id=unit_id, procedure_id=procedure_id)
    return [(code, received_on, due_on) for code, received_on, due_on in rows]


def find_applicants(
    session: Session, *, number: str, words: Sequence[str], limit: int
) -> Sequence[tuple[Applicant, int]]:
    """Applicants with the count of their dossiers: by a number, or by words of the name.

    Of a number the beginning, of a phone also its last digits; one that stands in a name finds it as well.
    A name that begins with what was typed comes before one that merely holds the words.
    """
    # The index of words finds them; what stands beside it keeps to numbers and names.
    match = [search.matches_applicant(number or " ".join(words))]
    if number:
        # Of a phone that was kept with the code of the country all but the 0 is there.
        dialled = number[1:] if number.startswith("0") and len(number) > _DIALLED else number
        match += [
            Applicant.id_number.istartswith(number, autoescape=True)
            | Applicant.phone.startswith(number, autoescape=True)
            | Applicant.phone.endswith(dialled, autoescape=True)
            | Applicant.name_folded.contains(number, autoescape=True)
        ]
    else:
        match += [Applicant.name_folded.contains(word, autoescape=True) for word in words]
    leads = case((Applicant.name_folded.startswith(" ".join(words), autoescape=True), 0), else_=1)
    filed = (
        select(func.count())
        .select_from(Dossier)
        .where(Dossier.applicant_id == Applicant.id)
        .correlate(Applicant)
        .scalar_subquery()
    )
    order = (leads, Applicant.name_key, Applicant.id)
    # Dossiers are counted of those that are shown, not of all that answer.
    first = (
        select(Applicant.id)
        .where(*match, Applicant.merged_into_id.is_(None), Applicant.blanked_at.is_(None))
        .order_by(*order)
        .limit(limit)
        .subquery()
    )
    rows = session.execute(select(Applicant, filed).join(first, first.c.id == Applicant.id).order_by(*order))
    return [(applicant, count) for applicant, count in rows]
