"""The supervisor's board: alerts that stand with what they are about, counted and grouped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Consultation,
    Dossier,
    DueDateRow,
    Extension,
    Petition,
    ProcedureVersion,
    Sector,
    Step,
)
from tthc.db.queries import alerts
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.steps import is_open
from tthc.domain.alerts import AHEAD, ANSWERED_FOR, LATE
from tthc.domain.vocabulary import AlertStage, SubjectKind

#: What the groups call the petitions, which nobody has in hand.
PETITIONS = -1
_OPEN_STEP, _HOLDER = aliased(Step), aliased(Account)
#: Who has a dossier now: whoever has its open step, else the officer that it was given to.
_HOLDER_ID = func.coalesce(_OPEN_STEP.officer_id, Dossier.officer_id)


def _shown(query: Any, unit_id: int) -> Any:
    """:func:`tthc.db.queries.alerts.shown` with where each dossier is and who has it."""
    return (
        alerts.shown(query, unit_id)
        .outerjoin(_OPEN_STEP, and_(_OPEN_STEP.dossier_id == Dossier.id, *is_open(_OPEN_STEP)))
        .outerjoin(_HOLDER, _HOLDER.id == _HOLDER_ID)
    )


def _at(stage: AlertStage, today: date) -> ColumnElement[bool]:
    """What is shown at a stage (:func:`tthc.domain.alerts.stage_on`); what stays overdue is overdue."""
    if stage is AlertStage.OVERDUE:
        return or_(Alert.stage.in_(LATE), DueDateRow.due_on < today)
    if stage is AlertStage.DUE_TODAY:
        return and_(Alert.stage.in_(AHEAD), DueDateRow.due_on == today)
    if stage is AlertStage.DUE_SOON:
        return and_(Alert.stage.in_(AHEAD), DueDateRow.due_on > today)
    return Alert.stage == stage


def _waits(today: date) -> ColumnElement[bool]:
    return and_(Alert.subject_kind.in_(ANSWERED_FOR), alerts.unanswered(today))


def _told(today: date) -> ColumnElement[bool]:
    return and_(Alert.subject_kind.in_(ANSWERED_FOR), ~alerts.unanswered(today))


@dataclass(frozen=True)
class Criteria:
    """What a list of alerts is narrowed to; ``officer_id`` 0: of what nobody has; without a ``kind`` of what
    somebody has to answer for."""

    stage: AlertStage | None = None
    answered: bool | None = None
    kind: SubjectKind | None = None
    officer_id: int | None = None
    sector_id: int | None = None
    procedure_id: int | None = None
    alert_id: int | None = None

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """The filter as conditions of what this module shows."""
        found: list[ColumnElement[bool]] = [
            Alert.subject_kind.in_(ANSWERED_FOR) if self.kind is None else Alert.subject_kind == self.kind
        ]
        if self.stage is not None:
            found.append(_at(self.stage, today))
        if self.answered is not None:
            found.append(_told(today) if self.answered else _waits(today))
        if self.officer_id is not None:
            found.append(Dossier.id.is_not(None))
            found.append(_HOLDER_ID.is_not_distinct_from(self.officer_id or None))
        if self.sector_id is not None:
            found.append(Dossier.sector_id == self.sector_id)
        if self.procedure_id is not None:
            found.append(Dossier.procedure_id == self.procedure_id)
        if self.alert_id is not None:
            found.append(Alert.id == self.alert_id)
        return found


def count(session: Session, unit_id: int, today: date, criteria: Criteria) -> int:
    """How many alerts a list has."""
    query = _shown(select(func.count()), unit_id).where(*criteria.conditions(today))
    return session.scalar(query) or 0


def sizes(session: Session, unit_id: int, today: date, criteria: Criteria) -> Any:
    """``(late and unanswered, late, due today, due soon, answered, all)`` of what a filter admits."""
    late = _at(AlertStage.OVERDUE, today)
    counted = select(
        func.count().filter(late, _waits(today)),
        func.count().filter(late),
        func.count().filter(_at(AlertStage.DUE_TODAY, today)),
        func.count().filter(_at(AlertStage.DUE_SOON, today)),
        func.count().filter(_told(today)),
        func.count(),
    )
    return session.execute(_shown(counted, unit_id).where(*criteria.conditions(today))).one()


def holders(session: Session, unit_id: int) -> Sequence[Any]:
    """``(id, name)`` of everybody who has something in hand of which an alert stands."""
    query = _shown(select(_HOLDER.id, shown_name(_HOLDER)).distinct(), unit_id).where(_HOLDER.id.is_not(None))
    rows: Sequence[Any] = session.execute(query).all()
    return rows


def in_hand_of(session: Session, unit_id: int, alert_id: int) -> set[int]:
    """Who has in hand what an alert is about: the holder of the open step, and the dossier's officer."""
    query = _shown(select(_HOLDER_ID, Dossier.officer_id), unit_id).where(Alert.id == alert_id)
    return {one for row in session.execute(query) for one in row if one is not None}


def page(
    session: Session, unit_id: int, today: date, criteria: Criteria, *, offset: int, limit: int | None
) -> Sequence[Any]:
    """Alerts with what they are about: what waits for an answer first, longest overdue first."""
    supervisor = aliased(Account)
    query = (
        _shown(
            select(
                Alert,
                func.coalesce(Dossier.code, Petition.number).label("code"),
                DueDateRow.due_on,
                Dossier.first_due_on,
                Dossier.appointment_on,
                func.coalesce(ProcedureVersion.name, Petition.subject).label("procedure"),
                Applicant.name.label("applicant"),
                Sector.name.label("sector"),
                Dossier.officer_id,
                shown_name().label("officer"),
                _HOLDER_ID.label("holder_id"),
                shown_name(_HOLDER).label("holder"),
                shown_name(supervisor).label("supervisor"),
                func.coalesce(Consultation.agency, "").label("agency"),
                Petition.id.label("petition_id"),
                Dossier.state,
                _OPEN_STEP.name.label("step"),
                _asked().label("asked"),
                _proposed().label("proposed_on"),
                _since().label("since"),
                _waits(today).label("unanswered"),
            ),
            unit_id,
        )
        .outerjoin(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Sector, Sector.id == Dossier.sector_id)
        .outerjoin(Applicant, Applicant.id == func.coalesce(Dossier.applicant_id, Petition.applicant_id))
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .outerjoin(supervisor, supervisor.id == Alert.acknowledged_by)
        .where(*criteria.conditions(today))
        .order_by(
            ~alerts.unanswered(today),
            DueDateRow.due_on,
            Petition.id.is_not(None),
            Dossier.id,
            Alert.id,
        )
    )
    rows: Sequence[Any] = session.execute(query.offset(offset).limit(limit)).all()
    return rows


def earlier_answers(session: Session, due_date_ids: Sequence[int]) -> dict[int, list[Any]]:
    """By due date the answers to alerts of lateness, the newest first."""
    query = (
        select(
            Alert.due_date_id,
            Alert.reason_code,
            Alert.reason,
            Alert.promised_on,
            Alert.acknowledged_at,
            shown_name().label("by"),
        )
        .outerjoin(Account, Account.id == Alert.acknowledged_by)
        .where(Alert.due_date_id.in_(due_date_ids), Alert.stage.in_(LATE), Alert.acknowledged_at.is_not(None))
        .order_by(Alert.acknowledged_at.desc(), Alert.id.desc())
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.due_date_id, []).append(row)
    return found


def groups(session: Session, unit_id: int, today: date, criteria: Criteria, by: str) -> Sequence[Any]:
    """``(id, name, late, late and unanswered, due today, due soon, earliest date)`` of each group.

    ``by`` is one of "officer" (who has it now), "sector" and "procedure"; :data:`PETITIONS` are a group.
    """
    key, name = {
        "officer": (_HOLDER_ID, shown_name(_HOLDER)),
        "sector": (Dossier.sector_id, Sector.name),
        "procedure": (Dossier.procedure_id, ProcedureVersion.name),
    }[by]
    late = _at(AlertStage.OVERDUE, today)
    one = (
        _shown(
            select(
                case((Petition.id.is_not(None), PETITIONS), else_=key).label("key"),
                name.label("name"),
                late.label("late"),
                and_(late, _waits(today)).label("unanswered"),
                _at(AlertStage.DUE_TODAY, today).label("today"),
                _at(AlertStage.DUE_SOON, today).label("soon"),
                DueDateRow.due_on,
            ),
            unit_id,
        )
        .outerjoin(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Sector, Sector.id == Dossier.sector_id)
        .where(*criteria.conditions(today))
        .subquery()
        .c
    )
    numbers = [func.count().filter(part) for part in (one.late, one.unanswered, one.today, one.soon)]
    query = select(one.key, func.max(one.name), *numbers, func.min(one.due_on)).group_by(one.key)
    rows: Sequence[Any] = session.execute(query).all()
    return rows


def _asked() -> Any:
    """An agency that the dossier waits for."""
    asked = aliased(Consultation)
    return (
        select(func.min(asked.agency))
        .where(asked.dossier_id == Dossier.id, asked.closed_event_id.is_(None))
        .correlate(Dossier)
        .scalar_subquery()
    )


def _proposed() -> Any:
    """The date until which an extension of the dossier is proposed."""
    return (
        select(Extension.new_due_on)
        .where(Extension.dossier_id == Dossier.id, Extension.closed_event_id.is_(None))
        .correlate(Dossier)
        .scalar_subquery()
    )


def _since() -> Any:
    """Since when an answer about the lateness of this due date is waited for."""
    first = aliased(Alert)
    return (
        select(func.min(first.raised_at))
        .where(
            first.subject_kind == Alert.subject_kind,
            first.subject_id == Alert.subject_id,
            first.due_date_id == Alert.due_date_id,
            first.stage.in_(LATE),
            first.acknowledged_at.is_(None),
            first.withdrawn_at.is_(None),
        )
        .correlate(Alert)
        .scalar_subquery()
    )
