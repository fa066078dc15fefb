"""Certificates of investment: lists, sums by cell, their history, and dossiers that still lack theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    InvestmentCertificate,
    InvestmentChange,
    InvestmentPlan,
    OpeningBalance,
    ProcedureVersion,
    Sector,
)
from tthc.db.queries import search
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.register import portions
from tthc.db.session import read
from tthc.domain.investment import CERTIFICATE_WORDS, ZERO, Cell, CertificateKind, Figures, InvestmentOrigin
from tthc.domain.text import fold
from tthc.domain.vocabulary import EndKind, Outcome

_NAME = shown_name()


@dataclass(frozen=True)
class NamedDossier:
    """A dossier with the names of its procedure, its sector and its owner."""

    dossier: Dossier
    procedure: str
    sector: str
    applicant: str


def conditions(
    unit_id: int,
    *,
    q: str = "",
    from_on: date | None = None,
    to_on: date | None = None,
    origin: InvestmentOrigin | None = None,
    kind: CertificateKind | None = None,
    unlinked: bool = False,
    cancelled: bool = False,
) -> list[ColumnElement[bool]]:
    """The entries that a filter admits: counted ones, or with ``cancelled`` those that count no longer.

    ``unlinked``: only those that name no dossier.
    Every word of ``q`` is in the entry, or every word is in the search text of its dossier.
    """
    one = InvestmentCertificate
    found = [
        one.unit_id == unit_id,
        one.cancelled_at.is_not(None) if cancelled else one.cancelled_at.is_(None),
    ]
    words = fold(q).split()
    if words:
        in_entry = and_(*[one.folded.contains(word, autoescape=True) for word in words])
        of_dossier = one.dossier_id.in_(select(Dossier.id).where(search.matches(q)))
        found.append(or_(in_entry, of_dossier))
    if from_on is not None:
        found.append(one.issued_on >= from_on)
    if to_on is not None:
        found.append(one.issued_on <= to_on)
    if origin is not None:
        found.append(one.origin == origin)
    if kind is not None:
        found.append(one.kind == kind)
    if unlinked:
        found.append(one.dossier_id.is_(None))
    return found


def total(session: Session, where: Sequence[ColumnElement[bool]]) -> Figures:
    """How many entries the conditions admit, and their capital."""
    one = InvestmentCertificate
    number, usd, vnd = session.execute(
        select(func.count(), func.sum(one.capital_usd), func.sum(one.capital_vnd)).where(*where)
    ).one()
    return Figures(number, usd or ZERO, vnd or ZERO)


def cells(session: Session, where: Sequence[ColumnElement[bool]]) -> dict[Cell, Figures]:
    """The same by origin and kind; a cell that nothing is in is left out."""
    one = InvestmentCertificate
    rows = session.execute(
        select(one.origin, one.kind, func.count(), func.sum(one.capital_usd), func.sum(one.capital_vnd))
        .where(*where)
        .group_by(one.origin, one.kind)
    )
    return {(of, kind): Figures(number, usd or ZERO, vnd or ZERO) for of, kind, number, usd, vnd in rows}


_LISTED = (
    select(InvestmentCertificate, Dossier.code.label("code"), Applicant.name.label("applicant"))
    .outerjoin(Dossier, Dossier.id == InvestmentCertificate.dossier_id)
    .outerjoin(Applicant, Applicant.id == Dossier.applicant_id)
    .order_by(InvestmentCertificate.issued_on.desc(), InvestmentCertificate.id.desc())
)


_OF_DOSSIER = _LISTED.where(
    InvestmentCertificate.dossier_id == bindparam("dossier_id"), InvestmentCertificate.cancelled_at.is_(None)
)


def of_dossier(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of the counted entries of a dossier, newest first."""
    found: Sequence[Any] = read(session, _OF_DOSSIER, dossier_id=dossier_id).all()
    return found


def rows(
    session: Session, where: Sequence[ColumnElement[bool]], *, offset: int = 0, limit: int | None = None
) -> Sequence[Any]:
    """The entries that the conditions admit, newest first: certificate, code and owner of its dossier."""
    return session.execute(_LISTED.where(*where).offset(offset).limit(limit)).all()


def the_one(unit_id: int, certificate_id: int) -> list[ColumnElement[bool]]:
    """One entry, counted or not."""
    return [InvestmentCertificate.unit_id == unit_id, InvestmentCertificate.id == certificate_id]


def by_id(session: Session, unit_id: int, certificate_id: int) -> InvestmentCertificate | None:
    """One entry, held until the transaction ends."""
    return session.scalars(
        select(InvestmentCertificate)
        .where(InvestmentCertificate.id == certificate_id, InvestmentCertificate.unit_id == unit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def numbered(session: Session, unit_id: int, number: str) -> Sequence[InvestmentCertificate]:
    """The counted entries of one number, oldest first."""
    return session.scalars(
        select(InvestmentCertificate)
        .where(*conditions(unit_id), InvestmentCertificate.number == number)
        .order_by(InvestmentCertificate.issued_on, InvestmentCertificate.id)
    ).all()


def changes(session: Session, certificate_id: int) -> Sequence[Any]:
    """The states of an entry, oldest first: state, who recorded it, code of its dossier."""
    return session.execute(
        select(InvestmentChange, _NAME, Dossier.code)
        .outerjoin(Account, Account.id == InvestmentChange.recorded_by)
        .outerjoin(Dossier, Dossier.id == InvestmentChange.dossier_id)
        .where(InvestmentChange.certificate_id == certificate_id)
        .order_by(InvestmentChange.no)
    ).all()


def states_of(session: Session, unit_id: int, numbers: Iterable[str]) -> Iterator[Any]:
    """Every state that ever bore one of the numbers, with its entry as it is now, in the order of time."""
    for portion in portions(numbers):
        yield from session.execute(
            select(InvestmentChange, InvestmentCertificate)
            .join(InvestmentCertificate, InvestmentCertificate.id == InvestmentChange.certificate_id)
            .where(InvestmentChange.unit_id == unit_id, InvestmentChange.number.in_(portion))
            .order_by(InvestmentChange.id)
        )


_DOSSIERS_NAMED = (
    select(Dossier, ProcedureVersion.name, Sector.name, Applicant.name)
    .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
    .join(Sector, Sector.id == Dossier.sector_id)
    .join(Applicant, Applicant.id == Dossier.applicant_id)
    .where(Dossier.unit_id == bindparam("unit_id"), Dossier.code.in_(bindparam("codes", expanding=True)))
)


def dossiers_named(session: Session, unit_id: int, codes: Iterable[str]) -> dict[str, NamedDossier]:
    """Dossiers by their codes."""
    found: dict[str, NamedDossier] = {}
    for portion in portions(codes):
        rows = session.execute(_DOSSIERS_NAMED, {"unit_id": unit_id, "codes": list(portion)})
        found |= {row[0].code: NamedDossier(*row) for row in rows}
    return found


def missing(unit_id: int, from_on: date, to_on: date) -> list[ColumnElement[bool]]:
    """Dossiers granted in a span of days whose procedure gives a certificate, and none is on record."""
    one = InvestmentCertificate
    recorded = exists().where(one.dossier_id == Dossier.id, one.cancelled_at.is_(None))
    return [
        Dossier.unit_id == unit_id,
        Dossier.end_kind == EndKind.RESOLVED,
        Dossier.outcome == Outcome.GRANTED,
        Dossier.ended_on.between(from_on, to_on),
        ProcedureVersion.name_folded.contains(CERTIFICATE_WORDS, autoescape=True),
        ~recorded,
    ]


def count_missing(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many there are."""
    query = select(func.count()).select_from(Dossier).join(ProcedureVersion).where(*where)
    return session.scalar(query) or 0


def list_missing(
    session: Session, where: Sequence[ColumnElement[bool]], *, offset: int, limit: int
) -> Sequence[Any]:
    """Code, procedure, owner and end of each, the oldest first."""
    return session.execute(
        select(Dossier.code, ProcedureVersion.name, Applicant.name, Dossier.ended_on)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(*where)
        .order_by(Dossier.ended_on, Dossier.id)
        .offset(offset)
        .limit(limit)
    ).all()


def openings(
    session: Session, unit_id: int, prefix: str, *, on: date | None = None
) -> Sequence[OpeningBalance]:
    """The figures of opening balances whose name begins with ``prefix``, newest day first."""
    query = select(OpeningBalance).where(
        OpeningBalance.unit_id == unit_id, OpeningBalance.what.startswith(prefix, autoescape=True)
    )
    if on is not None:
        query = query.where(OpeningBalance.on == on)
    return session.scalars(query.order_by(OpeningBalance.on.desc(), OpeningBalance.what)).all()


def cells_since(session: Session, unit_id: int, prefix: str) -> dict[date, dict[Cell, Figures]]:
    """What was issued after each balance, up to the day of the next one, by the day of the balance."""
    one = InvestmentCertificate
    since = (
        select(func.max(OpeningBalance.on))
        .where(OpeningBalance.unit_id == unit_id, OpeningBalance.what.startswith(prefix, autoescape=True))
        .where(OpeningBalance.on < one.issued_on)
        .correlate(one)
        .scalar_subquery()
    )
    shared = (
        select(since.label("since"), one.origin, one.kind, one.capital_usd, one.capital_vnd)
        .where(*conditions(unit_id))
        .subquery()
    )
    columns = shared.c
    rows = session.execute(
        select(
            columns.since,
            columns.origin,
            columns.kind,
            func.count(),
            func.sum(columns.capital_usd),
            func.sum(columns.capital_vnd),
        )
        .where(columns.since.is_not(None))
        .group_by(columns.since, columns.origin, columns.kind)
    )
    found: dict[date, dict[Cell, Figures]] = {}
    for on, origin, kind, number, usd, vnd in rows:
        found.setdefault(on, {})[origin, kind] = Figures(number, usd or ZERO, vnd or ZERO)
    return found


def plan(session: Session, unit_id: int, year: int) -> Sequence[InvestmentPlan]:
    """The figures of the plan of a year."""
    return session.scalars(
        select(InvestmentPlan).where(InvestmentPlan.unit_id == unit_id, InvestmentPlan.year == year)
    ).all()
