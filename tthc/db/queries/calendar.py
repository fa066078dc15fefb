"""The working calendar that holds now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tthc.db.models import CalendarDayRow, CalendarVersion, CalendarYear
from tthc.domain.vocabulary import Confidence


def newest_version_id(session: Session) -> int | None:
    """The version in which the calendar was last changed; ``None`` before there is any."""
    return session.scalars(select(func.max(CalendarVersion.id))).one()


def days_in_force(session: Session) -> Sequence[CalendarDayRow]:
    """The dates that differ from their weekday and were not removed, in order."""
    return session.scalars(
        select(CalendarDayRow).where(CalendarDayRow.removed_in.is_(None)).order_by(CalendarDayRow.date)
    ).all()


def year_states(session: Session) -> dict[int, Confidence]:
    """Every covered year with its newest state."""
    rows = session.execute(
        select(CalendarYear.year, CalendarYear.status).order_by(
            CalendarYear.calendar_version_id, CalendarYear.id
        )
    )
    return {row.year: row.status for row in rows}
