"""The supervisor's board: alerts that stand with what they are about, counted and grouped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
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
)
from tthc.db.queries import alerts, steps
from tthc.domain.alerts import AHEAD, ANSWERED_FOR, LATE
from tthc.domain.vocabulary import AlertStage, SubjectKind

#: What a filter by stage admits: what has stayed overdue is overdue, and what is due today is due soon.
_STAGES = {AlertStage.OVERDUE: LATE, AlertStage.DUE_SOON: AHEAD}
_OFFICER = func.coalesce(func.nullif(Account.full_name, ""), Account.name)


@dataclass(frozen=True)
class Criteria:
    """What a list of alerts is narrowed to; ``officer_id`` 0: of what nobody has."""

    stage: AlertStage | None = None
    answered: bool | None = None
    kind: SubjectKind | None = None
    officer_id: int | None = None
    sector_id: int | None = None
    procedure_id: int | None = None

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """The filter as conditions of :func:`tthc.db.queries.alerts.shown`."""
        found: list[ColumnElement[bool]] = [Alert.subject_kind.in_(ANSWERED_FOR)]
        if self.stage is not None:
            found.append(Alert.stage.in_(_STAGES.get(self.stage, (self.stage,))))
        if self.answered is not None:
            waits = alerts.unanswered(today)
            found.append(~waits if self.answered else waits)
        if self.kind is not None:
            found.append(Alert.subject_kind == self.kind)
        if self.officer_id is not None:
            found.append(Dossier.id.is_not(None))
            found.append(Dossier.officer_id == (self.officer_id or None))
        if self.sector_id is not None:
            found.append(Dossier.sector_id == self.sector_id)
        if self.procedure_id is not None:
            found.append(Dossier.procedure_id == self.procedure_id)
        return found


def count(session: Session, unit_id: int, today: date, criteria: Criteria) -> int:
    """How many alerts a list has."""
    query = alerts.shown(select(func.count()), unit_id).where(*criteria.conditions(today))
    return session.scalar(query) or 0


def sizes(session: Session, unit_id: int, today: date, criteria: Criteria) -> Any:
    """``(unanswered late ones, unanswered others, answered)`` of what a filter admits."""
    late, waits = Alert.stage.in_(LATE), alerts.unanswered(today)
    counted = select(
        func.count().filter(late, waits), func.count().filter(~late, waits), func.count().filter(~waits)
    )
    return session.execute(alerts.shown(counted, unit_id).where(*criteria.conditions(today))).one()


def page(
    session: Session, unit_id: int, today: date, criteria: Criteria, *, offset: int, limit: int | None
) -> Sequence[Any]:
    """Alerts with what they are about: what nobody answered first, longest overdue first."""
    supervisor = aliased(Account)
    query = (
        alerts.shown(
            select(
                Alert,
                func.coalesce(Dossier.code, Petition.number).label("code"),
                DueDateRow.due_on,
                Dossier.first_due_on,
                Dossier.appointment_on,
                func.coalesce(ProcedureVersion.name, Petition.subject).label("procedure"),
                Applicant.name.label("applicant"),
                Sector.name.label("sector"),
                _OFFICER.label("officer"),
                func.coalesce(func.nullif(supervisor.full_name, ""), supervisor.name).label("supervisor"),
                func.coalesce(Consultation.agency, "").label("agency"),
                Petition.id.label("petition_id"),
                Dossier.state,
                steps.name_of_open_step().label("step"),
                steps.holder_of_open_step().label("holder"),
                _asked().label("asked"),
                _proposed().label("proposed_on"),
                _since().label("since"),
                alerts.unanswered(today).label("unanswered"),
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
            case((alerts.unanswered(today), 0), else_=1),
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
            _OFFICER.label("by"),
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

    ``by`` is one of "officer", "sector" and "procedure"; petitions are in none.
    """
    key, name = {
        "officer": (Dossier.officer_id, _OFFICER),
        "sector": (Dossier.sector_id, Sector.name),
        "procedure": (Dossier.procedure_id, ProcedureVersion.name),
    }[by]
    late = Alert.stage.in_(LATE)
    query = (
        alerts.shown(
            select(
                key,
                func.max(name),
                func.count().filter(late),
                func.count().filter(late, alerts.unanswered(today)),
                func.count().filter(Alert.stage == AlertStage.DUE_TODAY),
                func.count().filter(Alert.stage == AlertStage.DUE_SOON),
                func.min(DueDateRow.due_on),
            ),
            unit_id,
        )
        .outerjoin(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Sector, Sector.id == Dossier.sector_id)
        .outerjoin(Account, Account.id == Dossier.officer_id)
        .where(*criteria.conditions(today), Dossier.id.is_not(None))
        .group_by(key)
    )
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
