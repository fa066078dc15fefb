"""The working calendar, as it holds now and as it was in an earlier version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from tthc.db.models import Account, CalendarDayRow, CalendarVersion, CalendarYear, Draft, Membership
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import Confidence

#: Any number does, as long as nothing else in this database locks the same one.
_CALENDAR_LOCK = 7447102


def lock_calendar(session: Session) -> None:
    """Let one change of the calendar at a time through until the transaction ends.

    On SQLite the write lock of the transaction does that.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _CALENDAR_LOCK})


_NEWEST_VERSION = (
    select(CalendarVersion.id, CalendarVersion.checksum, CalendarVersion.recorded_at)
    .order_by(CalendarVersion.id.desc())
    .limit(1)
)


def newest_version(session: Session) -> Any:
    """Id, checksum and moment of the version in which the calendar was last changed; ``None`` before any."""
    return read(session, _NEWEST_VERSION).one_or_none()


def _holds(version_id: int | None) -> ColumnElement[bool]:
    """The rows that hold in a version; ``None``: now."""
    if version_id is None:
        return CalendarDayRow.removed_in.is_(None)
    return and_(
        CalendarDayRow.added_in <= version_id,
        or_(CalendarDayRow.removed_in.is_(None), CalendarDayRow.removed_in > version_id),
    )


def days_in_force(session: Session, version_id: int | None = None) -> Sequence[Any]:
    """The dates that differ from their weekday, in order: now, or as they were in a version.

    Without what nobody asks when days are counted: plain rows are read in a third of the time.
    """
    row = CalendarDayRow
    query = select(row.date, row.kind, row.name, row.decision, row.confidence)
    return session.execute(query.where(_holds(version_id)).order_by(row.date)).all()


def year_states(session: Session, version_id: int | None = None) -> dict[int, Confidence]:
    """Every year that was ever covered with its newest state, or the one that it had in a version."""
    query = select(CalendarYear.year, CalendarYear.status)
    if version_id is not None:
        query = query.where(CalendarYear.calendar_version_id <= version_id)
    rows = session.execute(query.order_by(CalendarYear.calendar_version_id, CalendarYear.id))
    return {row.year: row.status for row in rows}


def days_with_authors(session: Session, first: date, last: date) -> Sequence[Any]:
    """(row, version, name of the person who entered it) of the rows in force between two dates."""
    name = shown_name()
    return session.execute(
        select(CalendarDayRow, CalendarVersion, name)
        .join(CalendarVersion, CalendarVersion.id == CalendarDayRow.added_in)
        .outerjoin(Account, Account.id == CalendarVersion.recorded_by)
        .where(CalendarDayRow.removed_in.is_(None), CalendarDayRow.date.between(first, last))
        .order_by(CalendarDayRow.date)
    ).all()


def versions(session: Session) -> Sequence[Any]:
    """(version, who made it, days added, days removed) of every version, newest first."""
    name = shown_name()
    added = select(func.count()).where(CalendarDayRow.added_in == CalendarVersion.id).scalar_subquery()
    removed = select(func.count()).where(CalendarDayRow.removed_in == CalendarVersion.id).scalar_subquery()
    return session.execute(
        select(CalendarVersion, name, added, removed)
        .outerjoin(Account, Account.id == CalendarVersion.recorded_by)
        .order_by(CalendarVersion.id.desc())
    ).all()


def version(session: Session, version_id: int) -> Any | None:
    """(version, who made it) of one version."""
    name = shown_name()
    return session.execute(
        select(CalendarVersion, name)
        .outerjoin(Account, Account.id == CalendarVersion.recorded_by)
        .where(CalendarVersion.id == version_id)
    ).one_or_none()


def days_of_version(session: Session, version_id: int) -> Sequence[CalendarDayRow]:
    """The rows that a version added or removed, by date."""
    return session.scalars(
        select(CalendarDayRow)
        .where(or_(CalendarDayRow.added_in == version_id, CalendarDayRow.removed_in == version_id))
        .order_by(CalendarDayRow.date, CalendarDayRow.id)
    ).all()


def years_of_version(session: Session, version_id: int) -> dict[int, Confidence]:
    """The years whose state a version set."""
    rows = session.execute(
        select(CalendarYear.year, CalendarYear.status)
        .where(CalendarYear.calendar_version_id == version_id)
        .order_by(CalendarYear.year)
    )
    return {row.year: row.status for row in rows}


def remove_days(session: Session, dates: Sequence[date], version_id: int) -> None:
    """Let the rows of some dates hold until a version."""
    session.execute(
        update(CalendarDayRow)
        .where(CalendarDayRow.removed_in.is_(None), CalendarDayRow.date.in_(dates))
        .values(removed_in=version_id),
        execution_options={"synchronize_session": False},
    )


def drafts(session: Session, unit_id: int, form: str) -> Sequence[Any]:
    """(draft, who prepared it) of what people of the unit prepared under names that begin with ``form``."""
    name = shown_name()
    members = select(Membership.account_id).where(Membership.unit_id == unit_id)
    return session.execute(
        select(Draft, name)
        .join(Account, Account.id == Draft.account_id)
        .where(Draft.account_id.in_(members), Draft.form.startswith(form, autoescape=True))
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
    ).all()
