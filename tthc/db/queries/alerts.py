"""Reads and bulk writes of alerts and of the scheduler's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Dossier,
    DossierSpan,
    JobRun,
    ProcedureVersion,
)
from tthc.domain.vocabulary import AlertStage, SubjectKind

#: What a dossier must be for an alert of it to stand: running, and under the very promise that it is about.
_CALLED_FOR = (
    Dossier.ended_on.is_(None),
    Dossier.waiting.is_(False),
    Dossier.due_date_id == Alert.due_date_id,
)


def _open_on(unit_id: int, on: date, known_at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """The spans of dossiers that were pending on ``on``, as known at ``known_at`` (``None``: as known now).

    A dossier that came into this system later was not known then, whatever its own dates say.
    """
    pending = (
        DossierSpan.unit_id == unit_id,
        DossierSpan.valid_from <= on,
        or_(DossierSpan.valid_to.is_(None), DossierSpan.valid_to > on),
        DossierSpan.ended_on.is_(None),
    )
    if known_at is None:
        return (*pending, DossierSpan.known_to.is_(None))
    return (
        *pending,
        DossierSpan.known_from <= known_at,
        or_(DossierSpan.known_to.is_(None), DossierSpan.known_to > known_at),
        Dossier.recorded_at <= known_at,
    )


def count_open(session: Session, *, unit_id: int, on: date, known_at: datetime | None) -> int:
    """How many dossiers were pending on a day."""
    query = select(func.count()).select_from(DossierSpan).join(Dossier, Dossier.id == DossierSpan.dossier_id)
    return session.scalar(query.where(*_open_on(unit_id, on, known_at))) or 0


def candidates(
    session: Session, *, unit_id: int, on: date, known_at: datetime | None, due_by: date
) -> Sequence[Any]:
    """``(dossier id, due date id, due on, days' notice)`` of running dossiers due by a date, not yet alerted.

    A row is left out when the alert of the stage that it has reached exists for its due date.
    """
    raised = exists().where(
        Alert.subject_kind == SubjectKind.DOSSIER,
        Alert.subject_id == DossierSpan.dossier_id,
        Alert.due_date_id == DossierSpan.due_date_id,
        Alert.stage
        == case((DossierSpan.due_on < on, AlertStage.OVERDUE.value), else_=AlertStage.DUE_SOON.value),
    )
    query = (
        select(
            DossierSpan.dossier_id,
            DossierSpan.due_date_id,
            DossierSpan.due_on,
            ProcedureVersion.due_soon_days,
        )
        .join(Dossier, Dossier.id == DossierSpan.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .where(
            *_open_on(unit_id, on, known_at),
            DossierSpan.waiting.is_(False),
            DossierSpan.due_on <= due_by,
            ~raised,
        )
        .order_by(DossierSpan.dossier_id)
    )
    return session.execute(query).all()


def add_alerts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many alerts at once."""
    for start in range(0, len(rows), 500):
        session.execute(insert(Alert), rows[start : start + 500])


def withdraw_stale(session: Session, *, unit_id: int, now: datetime) -> int:
    """Withdraw every open alert whose dossier ended, waits, or has another due date by now."""
    still = exists().where(Dossier.id == Alert.subject_id, *_CALLED_FOR)
    query = update(Alert).where(
        Alert.unit_id == unit_id,
        Alert.subject_kind == SubjectKind.DOSSIER,
        Alert.withdrawn_at.is_(None),
        ~still,
    )
    result: Any = session.execute(
        query.values(withdrawn_at=now), execution_options={"synchronize_session": False}
    )
    return int(result.rowcount)


def last_complete_day(session: Session, name: str) -> date | None:
    """The newest day that a job has done."""
    return session.scalar(select(func.max(JobRun.for_on)).where(JobRun.name == name, JobRun.state == "done"))


def last_run(session: Session, name: str) -> JobRun | None:
    """The newest run of a job, whatever came of it."""
    return session.scalars(
        select(JobRun).where(JobRun.name == name).order_by(JobRun.id.desc()).limit(1)
    ).one_or_none()


def by_id(session: Session, unit_id: int, alert_id: int) -> Alert | None:
    """One alert, locked until the transaction ends."""
    return session.scalars(
        select(Alert).where(Alert.unit_id == unit_id, Alert.id == alert_id).with_for_update()
    ).one_or_none()


def _shown(
    unit_id: int, today: date, *, stage: AlertStage | None, answered: bool | None
) -> list[ColumnElement[bool]]:
    """Open alerts; "due soon" gives way once the date has passed and "overdue" stands in its place.

    A sweep and an ending that run at once do not see each other's rows, so the dossier itself is asked too.
    """
    where: list[ColumnElement[bool]] = [
        Alert.unit_id == unit_id,
        Alert.subject_kind == SubjectKind.DOSSIER,
        Alert.withdrawn_at.is_(None),
        *_CALLED_FOR,
        or_(Alert.stage != AlertStage.DUE_SOON, Dossier.due_on >= today),
    ]
    if stage is not None:
        where.append(Alert.stage == stage)
    if answered is not None:
        where.append(Alert.acknowledged_at.is_not(None) if answered else Alert.acknowledged_at.is_(None))
    return where


def page(
    session: Session,
    unit_id: int,
    today: date,
    *,
    stage: AlertStage | None,
    answered: bool | None,
    offset: int,
    limit: int,
) -> Sequence[Any]:
    """Alerts with what they are about, unanswered and longest overdue first."""
    officer, supervisor = Account.__table__.alias("officer"), Account.__table__.alias("supervisor")
    query = (
        select(
            Alert,
            Dossier.code,
            Dossier.due_on,
            ProcedureVersion.name,
            Applicant.name,
            func.coalesce(func.nullif(officer.c.full_name, ""), officer.c.name),
            func.coalesce(func.nullif(supervisor.c.full_name, ""), supervisor.c.name),
        )
        .join(Dossier, and_(Dossier.id == Alert.subject_id))
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .outerjoin(officer, officer.c.id == Dossier.officer_id)
        .outerjoin(supervisor, supervisor.c.id == Alert.acknowledged_by)
        .where(*_shown(unit_id, today, stage=stage, answered=answered))
        .order_by(Alert.acknowledged_at.is_not(None), Dossier.due_on, Dossier.id)
    )
    return session.execute(query.offset(offset).limit(limit)).all()


def count(
    session: Session, unit_id: int, today: date, *, stage: AlertStage | None, answered: bool | None
) -> int:
    """How many alerts a list has."""
    query = (
        select(func.count())
        .select_from(Alert)
        .join(Dossier, Dossier.id == Alert.subject_id)
        .where(*_shown(unit_id, today, stage=stage, answered=answered))
    )
    return session.scalar(query) or 0
