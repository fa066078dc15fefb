"""Reads of periodic reports: the list, one by its key, which there are of a span of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Account, PeriodClose, Report
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import CloseState, ReportKind, ReportState


@dataclass(frozen=True)
class Criteria:
    """Which reports: of a kind, a state, the year of their last day; not sent yet; late by ``overdue_on``."""

    unit_id: int
    kind: ReportKind | None = None
    state: ReportState | None = None
    year: int | None = None
    unsent: bool = False
    overdue_on: date | None = None


def _where(criteria: Criteria) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Report.unit_id == criteria.unit_id]
    if criteria.kind is not None:
        where.append(Report.kind == criteria.kind)
    if criteria.state is not None:
        where.append(Report.state == criteria.state)
    if criteria.year is not None:
        where.append(Report.to_on.between(date(criteria.year, 1, 1), date(criteria.year, 12, 31)))
    if criteria.unsent or criteria.overdue_on is not None:
        where.append(Report.state != ReportState.SENT)
    if criteria.overdue_on is not None:
        where.append(Report.send_by_on < criteria.overdue_on)
    return where


def page(session: Session, criteria: Criteria, *, offset: int, limit: int) -> Sequence[Report]:
    """Reports, the newest period first, of one end the longest first, corrections after what they correct."""
    return session.scalars(
        select(Report)
        .where(*_where(criteria))
        .order_by(Report.to_on.desc(), Report.from_on, Report.correction_no, Report.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count(session: Session, criteria: Criteria) -> int:
    """How many reports a list has."""
    return session.scalar(select(func.count()).select_from(Report).where(*_where(criteria))) or 0


_UNSENT = select(func.count(), func.count().filter(Report.send_by_on < bindparam("today"))).where(
    Report.unit_id == bindparam("unit_id"), Report.state != ReportState.SENT
)


def count_unsent(session: Session, unit_id: int, today: date) -> tuple[int, int]:
    """How many reports have not been sent, and how many of these should have been; one small query."""
    count, overdue = read(session, _UNSENT, unit_id=unit_id, today=today).one()
    return count, overdue


def by_id(session: Session, unit_id: int, report_id: int, *, lock: bool = False) -> Report | None:
    """One report; with ``lock`` until the transaction ends."""
    query = select(Report).where(Report.unit_id == unit_id, Report.id == report_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def exists(session: Session, unit_id: int, from_on: date, to_on: date) -> bool:
    """Whether a period has its report."""
    query = select(Report.id).where(
        Report.unit_id == unit_id,
        Report.from_on == from_on,
        Report.to_on == to_on,
        Report.correction_no == 0,
    )
    return session.scalar(query) is not None


def last_to_on(session: Session, unit_id: int) -> date | None:
    """The last day of the newest period that has a report."""
    return session.scalar(select(func.max(Report.to_on)).where(Report.unit_id == unit_id))


def unsent(session: Session, unit_id: int) -> Sequence[Report]:
    """Every report that may still change, locked, the oldest first."""
    return session.scalars(
        select(Report)
        .where(Report.unit_id == unit_id, Report.state != ReportState.SENT)
        .order_by(Report.to_on, Report.id)
        .with_for_update()
    ).all()


def sent_last(session: Session, unit_id: int, from_on: date, to_on: date) -> Sequence[Report]:
    """What was sent last of every period that touches a span of dates, unless a correction is being made."""
    later = aliased(Report)
    followed = (
        select(later.id)
        .where(
            later.unit_id == Report.unit_id,
            later.from_on == Report.from_on,
            later.to_on == Report.to_on,
            later.correction_no > Report.correction_no,
        )
        .exists()
    )
    return session.scalars(
        select(Report)
        .where(
            Report.unit_id == unit_id,
            Report.state == ReportState.SENT,
            Report.from_on <= to_on,
            Report.to_on >= from_on,
            ~followed,
        )
        .order_by(Report.to_on, Report.id)
    ).all()


def closed_chain(session: Session, unit_id: int) -> Sequence[Any]:
    """(id, from_on, to_on, no) of every closed period, in order, without its figures."""
    return session.execute(
        select(PeriodClose.id, PeriodClose.from_on, PeriodClose.to_on, PeriodClose.no)
        .where(PeriodClose.unit_id == unit_id, PeriodClose.state == CloseState.CLOSED)
        .order_by(PeriodClose.from_on)
    ).all()


def people(session: Session, account_ids: Sequence[int | None]) -> dict[int, str]:
    """The names of some accounts."""
    name = shown_name()
    wanted = [one for one in account_ids if one is not None]
    return dict(session.execute(select(Account.id, name).where(Account.id.in_(wanted))).all())
