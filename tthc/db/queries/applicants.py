"""Reads of applicants: the directory, whose rows refer to one, who may be the same, and merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Account, Applicant, ApplicantMerge, Dossier, Filing, Petition
from tthc.db.queries import search
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.filings import NOT_ACCEPTED
from tthc.db.queries.register import portions
from tthc.domain.vocabulary import ApplicantKind

#: Every column that refers to an applicant, by the name under which a merge keeps what it moved.
REFERENCES: Mapping[str, Any] = {
    "owned": Dossier.applicant_id,
    "brought": Dossier.submitter_id,
    "filed": Filing.applicant_id,
    "filings_brought": Filing.submitter_id,
    "petitions": Petition.applicant_id,
}

#: What two rows of one person may have in common, the surest first.
ALIKE: Mapping[str, Any] = {
    "id_number": Applicant.id_number,
    "phone": Applicant.phone,
    "name": Applicant.name_folded,
}


def present() -> list[ColumnElement[bool]]:
    """Those in use: neither merged into another nor blanked."""
    return [Applicant.merged_into_id.is_(None), Applicant.blanked_at.is_(None)]


def conditions(*, q: str = "", kind: ApplicantKind | None = None) -> list[ColumnElement[bool]]:
    """The conditions of a filter of the directory."""
    found = present()
    if q.strip():
        found.append(search.matches_applicant(q))
    if kind is not None:
        found.append(Applicant.kind == kind)
    return found


def rows(session: Session, where: Sequence[ColumnElement[bool]], *, offset: int, limit: int) -> Sequence[Any]:
    """One page of the directory in the Vietnamese order of names, with numbers of dossiers and filings."""
    return session.execute(
        select(
            Applicant.id,
            Applicant.name,
            Applicant.kind,
            Applicant.id_number,
            Applicant.phone,
            _dossiers().label("dossiers"),
            _filings().label("filings"),
        )
        .where(*where)
        .order_by(Applicant.name_key, Applicant.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many the conditions admit."""
    return session.scalar(select(func.count()).select_from(Applicant).where(*where)) or 0


def by_id(session: Session, applicant_id: int, *, lock: bool = False) -> Applicant | None:
    """One applicant, in use or not; ``lock`` holds the row until the transaction ends."""
    query = select(Applicant).where(Applicant.id == applicant_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def same_person(session: Session, applicant: Applicant) -> Applicant | None:
    """Another one in use with the same number and name."""
    if not applicant.id_number:
        return None
    return session.scalars(
        select(Applicant)
        .where(
            *present(),
            Applicant.id != applicant.id,
            Applicant.id_number == applicant.id_number,
            Applicant.name_folded == applicant.name_folded,
        )
        .limit(1)
    ).one_or_none()


def theirs(applicant_id: int) -> ColumnElement[bool]:
    """The dossiers that an applicant owns or has brought."""
    return or_(Dossier.applicant_id == applicant_id, Dossier.submitter_id == applicant_id)


def alike_groups(session: Session, what: str, *, limit: int) -> Sequence[str]:
    """The values that several applicants in use share, those of most first."""
    column = ALIKE[what]
    return session.scalars(
        select(column)
        .where(*present(), column != "")
        .group_by(column)
        .having(func.count() > 1)
        .order_by(func.count().desc(), column)
        .limit(limit)
    ).all()


def alike(session: Session, what: str, values: Sequence[str]) -> Sequence[Any]:
    """The applicants in use with one of the values, by value and from the oldest on."""
    column = ALIKE[what]
    return session.execute(
        select(
            column.label("value"),
            Applicant.id,
            Applicant.name,
            Applicant.kind,
            Applicant.id_number,
            Applicant.phone,
            _dossiers().label("dossiers"),
            _filings().label("filings"),
        )
        .where(*present(), column.in_(values))
        .order_by(column, Applicant.id)
    ).all()


def like_one(session: Session, applicant: Applicant, *, limit: int) -> Sequence[Applicant]:
    """Who may be the same as an applicant: by number, telephone or name."""
    shared = [column == value for name, column in ALIKE.items() if (value := _value(applicant, name))]
    return session.scalars(
        select(Applicant)
        .where(*present(), Applicant.id != applicant.id, or_(*shared))
        .order_by(Applicant.id)
        .limit(limit)
    ).all()


def referring(session: Session, applicant_id: int) -> dict[str, list[int]]:
    """The ids of all rows that refer to an applicant, by the names of :data:`REFERENCES`."""
    return {
        name: list(session.scalars(select(column.class_.id).where(column == applicant_id)))
        for name, column in REFERENCES.items()
    }


def codes(session: Session, dossier_ids: Sequence[int]) -> Sequence[str]:
    """The codes of dossiers, newest first."""
    return session.scalars(
        select(Dossier.code).where(Dossier.id.in_(dossier_ids)).order_by(Dossier.id.desc())
    ).all()


def refer(session: Session, name: str, ids: Sequence[int], *, before: int, after: int) -> int:
    """Make rows refer to another applicant, those that still refer to ``before``; how many did."""
    column = REFERENCES[name]
    number = 0
    for portion in portions(ids):
        done: Any = session.execute(
            update(column.class_)
            .where(column.class_.id.in_(portion), column == before)
            .values({column.key: after})
            .execution_options(synchronize_session="fetch")
        )
        number += int(done.rowcount)
    return number


def merges_of(session: Session, applicant_id: int) -> Sequence[Any]:
    """What was merged into an applicant and not taken back, newest first: id, other, when, who, version."""
    other = aliased(Applicant)
    name = func.coalesce(shown_name(), "")
    return session.execute(
        select(
            ApplicantMerge.id,
            ApplicantMerge.version,
            ApplicantMerge.at,
            ApplicantMerge.moved_json,
            name.label("by"),
            other.name,
            other.id_number,
        )
        .join(other, other.id == ApplicantMerge.merged_id)
        .outerjoin(Account, Account.id == ApplicantMerge.account_id)
        .where(ApplicantMerge.kept_id == applicant_id, ApplicantMerge.undone_at.is_(None))
        .order_by(ApplicantMerge.id.desc())
    ).all()


def merge(session: Session, merge_id: int) -> ApplicantMerge | None:
    """One merge, its row locked until the transaction ends."""
    return session.scalars(
        select(ApplicantMerge).where(ApplicantMerge.id == merge_id).with_for_update()
    ).one_or_none()


def _dossiers() -> Any:
    return (
        select(func.count())
        .select_from(Dossier)
        .where(Dossier.applicant_id == Applicant.id)
        .correlate(Applicant)
        .scalar_subquery()
    )


def _filings() -> Any:
    return (
        select(func.count())
        .select_from(Filing)
        .where(Filing.applicant_id == Applicant.id, Filing.state.in_(NOT_ACCEPTED))
        .correlate(Applicant)
        .scalar_subquery()
    )


def _value(applicant: Applicant, name: str) -> str:
    return applicant.name_folded if name == "name" else str(getattr(applicant, name))
