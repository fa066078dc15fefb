"""Results that nobody has come for: one predicate gives the rows, the count and what is to be reminded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from tthc.db.base import Base
from tthc.db.models import Account, Applicant, CollectionReminder, Dossier, ProcedureVersion
from tthc.db.queries import search
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import DossierState

#: From which day a result waits. One that came back in the post lay nowhere to be fetched before.
WAITS_SINCE = func.coalesce(Dossier.came_back_on, Dossier.ended_on)


def _reminded() -> Any:
    """The highest stage at which the applicant of a dossier was reminded of this result."""
    return (
        select(func.coalesce(func.max(CollectionReminder.stage), 0))
        .where(CollectionReminder.dossier_id == Dossier.id, CollectionReminder.ended_on == WAITS_SINCE)
        .correlate(Dossier)
        .scalar_subquery()
    )


def conditions(
    unit_id: int, *, q: str = "", stage_ends: Sequence[date] | None = None
) -> list[ColumnElement[bool]]:
    """The results that wait; with ``stage_ends`` those of which the applicant is still to be reminded.

    ``stage_ends`` are of :func:`tthc.domain.hand_overs.stage_ends`.
    """
    found: list[ColumnElement[bool]] = [Dossier.unit_id == unit_id, Dossier.state == DossierState.RESOLVED]
    if q.strip():
        found.append(search.matches(q))
    if stage_ends is not None:
        reminded = _reminded()
        due = [and_(last >= WAITS_SINCE, reminded < stage) for stage, last in enumerate(stage_ends, 1)]
        found.append(or_(false(), *due))
    return found


def rows(
    session: Session, where: Sequence[ColumnElement[bool]], *, offset: int = 0, limit: int | None = None
) -> Sequence[Any]:
    """One page of results that wait, the longest waiting first, as plain rows.

    ``where`` speaks of dossiers alone: those of the page are found before anything is read beside them.
    """
    submitter = aliased(Applicant)
    order = (WAITS_SINCE, Dossier.id)
    found = select(Dossier.id).where(*where).order_by(*order).offset(offset).limit(limit).subquery("waiting")
    return session.execute(
        select(
            Dossier.id,
            Dossier.code,
            Dossier.version,
            Dossier.ended_on,
            Dossier.came_back_on,
            WAITS_SINCE.label("since"),
            Dossier.outcome,
            ProcedureVersion.name.label("procedure"),
            Applicant.id.label("applicant_id"),
            Applicant.name.label("applicant"),
            func.coalesce(func.nullif(Applicant.phone, ""), submitter.phone, "").label("phone"),
            Applicant.email,
        )
        .select_from(found)
        .join(Dossier, Dossier.id == found.c.id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(submitter, submitter.id == Dossier.submitter_id)
        .order_by(*order)
    ).all()


def count(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many results the conditions admit."""
    return session.scalar(select(func.count()).select_from(Dossier).where(*where)) or 0


def to_mail(session: Session, unit_id: int, stage_ends: Sequence[date], *, limit: int) -> Sequence[Any]:
    """What :func:`rows` gives of those who have an address and were not imported."""
    where = conditions(unit_id, stage_ends=stage_ends)
    reachable = Dossier.applicant_id.in_(select(Applicant.id).where(Applicant.email != ""))
    return rows(session, [*where, reachable, Dossier.imported.is_(False)], limit=limit)


_REMINDERS = (
    select(CollectionReminder, shown_name().label("by"))
    .outerjoin(Account, Account.id == CollectionReminder.recorded_by)
    .where(CollectionReminder.dossier_id.in_(bindparam("ids", expanding=True)))
    .order_by(CollectionReminder.id)
)


def reminders_of(session: Session, dossier_ids: Collection[int]) -> Sequence[Any]:
    """The columns of the reminders about some dossiers, oldest first, each with who recorded it (``by``)."""
    found: Sequence[Any] = read(session, _REMINDERS, ids=list(dossier_ids)).all()
    return found


def add_mails(session: Session, found: Sequence[dict[str, Any]]) -> int:
    """Put reminders by mail on record; one that is there already is left out. How many were new."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = Base.metadata.tables["collection_reminder"]
    new = 0
    for start in range(0, len(found), 100):
        statement = dialect.insert(table).values(list(found[start : start + 100]))
        done = session.execute(statement.on_conflict_do_nothing().returning(table.c.id))
        new += len(done.all())
    return new
