"""Reads and bulk writes of alerts and of the scheduler's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Consultation,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Petition,
    ProcedureVersion,
)
from tthc.db.queries.tallies import living
from tthc.domain.vocabulary import AlertStage, SubjectKind

#: What a dossier must be for an alert of it to stand: running, and under the very promise that it is about.
_DOSSIER_CALLS = (
    Alert.subject_kind == SubjectKind.DOSSIER,
    Dossier.ended_on.is_(None),
    Dossier.waiting.is_(False),
    Dossier.due_date_id == Alert.due_date_id,
)
#: What a question to another agency must be: without an answer, under the very deadline, its dossier running.
#: The other agency has its time whether the clock of the dossier stands still or not.
_CONSULTATION_CALLS = (
    Alert.subject_kind == SubjectKind.CONSULTATION,
    Consultation.closed_event_id.is_(None),
    Consultation.due_date_id == Alert.due_date_id,
    Dossier.ended_on.is_(None),
)
#: What a petition must be: with neither an answer nor another body that deals with it, under the very date.
_PETITION_CALLS = (
    Alert.subject_kind == SubjectKind.PETITION,
    Petition.ended_on.is_(None),
    Petition.due_date_id == Alert.due_date_id,
)


@dataclass(frozen=True)
class View:
    """A unit on a day, as it was known at an instant (``None``: as it is known now)."""

    unit_id: int
    on: date
    known_at: datetime | None


def _pending_now(view: View, *more: ColumnElement[bool]) -> CompoundSelect[Any]:
    """The ids of the spans of dossiers that are pending as known now, from the index of the tally."""
    parts = living(view.unit_id, view.on).parts(None)
    return union_all(*[select(DossierSpan.id).where(*part, *more) for part in parts])


def _open_on(view: View, *more: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    """The spans of dossiers that were pending, of which ``more`` holds.

    A dossier that came into this system later was not known then, whatever its own dates say.
    """
    if view.known_at is None:
        return (DossierSpan.id.in_(_pending_now(view, *more)),)
    return (
        *more,
        DossierSpan.unit_id == view.unit_id,
        DossierSpan.valid_from <= view.on,
        or_(DossierSpan.valid_to.is_(None), DossierSpan.valid_to > view.on),
        DossierSpan.ended_on.is_(None),
        DossierSpan.known_from <= view.known_at,
        or_(DossierSpan.known_to.is_(None), DossierSpan.known_to > view.known_at),
        Dossier.recorded_at <= view.known_at,
    )


def count_open(session: Session, view: View) -> int:
    """How many dossiers were pending."""
    if view.known_at is None:
        now = _pending_now(view).subquery()
        return session.scalar(select(func.count()).select_from(now)) or 0
    query = select(func.count()).select_from(DossierSpan).join(Dossier, Dossier.id == DossierSpan.dossier_id)
    return session.scalar(query.where(*_open_on(view))) or 0


def _raised(kind: SubjectKind, subject_id: Any, due_date_id: Any, due_on: Any, on: date) -> Any:
    """Whether the alert of the stage that something has reached on a day exists for its due date."""
    return exists().where(
        Alert.subject_kind == kind,
        Alert.subject_id == subject_id,
        Alert.due_date_id == due_date_id,
        Alert.stage == case((due_on < on, AlertStage.OVERDUE.value), else_=AlertStage.DUE_SOON.value),
    )


def candidates(session: Session, view: View, due_by: date) -> Sequence[Any]:
    """``(dossier id, due date id, due on, days' notice)`` of running dossiers due by a date, not yet alerted.

    A row is left out when the alert of the stage that it has reached exists for its due date.
    """
    raised = _raised(
        SubjectKind.DOSSIER, DossierSpan.dossier_id, DossierSpan.due_date_id, DossierSpan.due_on, view.on
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
            *_open_on(view, DossierSpan.waiting.is_(False), DossierSpan.due_on <= due_by),
            ~raised,
        )
        .order_by(DossierSpan.dossier_id)
    )
    return session.execute(query).all()


def _consulting_on(view: View) -> Select[Any]:
    """The ids of the questions that had no answer.

    What ends with the dossier is closed by the event that ended it.
    """
    opened, closed = aliased(EventRow), aliased(EventRow)
    waiting = or_(closed.id.is_(None), closed.occurred_on > view.on)
    if view.known_at is not None:
        waiting = and_(opened.known_at <= view.known_at, or_(waiting, closed.known_at > view.known_at))
    return (
        select(Consultation.id)
        .join(opened, opened.id == Consultation.opened_event_id)
        .outerjoin(closed, closed.id == Consultation.closed_event_id)
        .where(Consultation.unit_id == view.unit_id, opened.occurred_on <= view.on, waiting)
    )


def count_consulting(session: Session, view: View) -> int:
    """How many questions to other agencies had no answer."""
    waiting = _consulting_on(view).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def consultation_candidates(session: Session, view: View, due_by: date) -> Sequence[Any]:
    """``(consultation id, due date id, due on, days' notice)`` of what another agency owes by a date.

    As :func:`candidates`: without what was alerted already. The procedure says how early.
    """
    raised = _raised(
        SubjectKind.CONSULTATION, Consultation.id, Consultation.due_date_id, DueDateRow.due_on, view.on
    )
    query = (
        select(Consultation.id, Consultation.due_date_id, DueDateRow.due_on, ProcedureVersion.due_soon_days)
        .join(DueDateRow, DueDateRow.id == Consultation.due_date_id)
        .join(Dossier, Dossier.id == Consultation.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .where(Consultation.id.in_(_consulting_on(view)), DueDateRow.due_on <= due_by, ~raised)
        .order_by(Consultation.id)
    )
    return session.execute(query).all()


def _petitions_on(view: View) -> tuple[ColumnElement[bool], ...]:
    """The petitions that had neither an answer nor another body; one that was entered later was not known.

    An end counts from its own day, whenever it was entered: nothing says when it was.
    """
    pending = (
        Petition.unit_id == view.unit_id,
        Petition.received_on <= view.on,
        or_(Petition.ended_on.is_(None), Petition.ended_on > view.on),
    )
    return pending if view.known_at is None else (*pending, Petition.recorded_at <= view.known_at)


def count_petitions(session: Session, view: View) -> int:
    """How many petitions were pending."""
    query = select(func.count()).select_from(Petition)
    return session.scalar(query.where(*_petitions_on(view))) or 0


def petition_candidates(session: Session, view: View, due_by: date) -> Sequence[Any]:
    """``(petition id, due date id, due on)`` of what is due by a date, without what was alerted already."""
    raised = _raised(SubjectKind.PETITION, Petition.id, Petition.due_date_id, DueDateRow.due_on, view.on)
    query = (
        select(Petition.id, Petition.due_date_id, DueDateRow.due_on)
        .join(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .where(*_petitions_on(view), DueDateRow.due_on <= due_by, ~raised)
        .order_by(Petition.id)
    )
    return session.execute(query).all()


def add_alerts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many alerts at once."""
    for start in range(0, len(rows), 500):
        session.execute(insert(Alert), rows[start : start + 500])


def withdraw_stale(session: Session, *, unit_id: int, now: datetime) -> int:
    """Withdraw every open alert that is no longer called for.

    Its dossier ended, waits, or has another due date by now; its question to another agency was answered;
    its petition was answered, handed on or given another date.
    """
    dossier_calls = exists().where(Dossier.id == Alert.subject_id, *_DOSSIER_CALLS)
    consultation_calls = exists().where(
        Consultation.id == Alert.subject_id, Dossier.id == Consultation.dossier_id, *_CONSULTATION_CALLS
    )
    petition_calls = exists().where(Petition.id == Alert.subject_id, *_PETITION_CALLS)
    query = update(Alert).where(
        Alert.unit_id == unit_id,
        Alert.subject_kind.in_((SubjectKind.DOSSIER, SubjectKind.CONSULTATION, SubjectKind.PETITION)),
        Alert.withdrawn_at.is_(None),
        ~dossier_calls,
        ~consultation_calls,
        ~petition_calls,
    )
    result: Any = session.execute(
        query.values(withdrawn_at=now), execution_options={"synchronize_session": False}
    )
    return int(result.rowcount)


def by_id(session: Session, unit_id: int, alert_id: int) -> Alert | None:
    """One alert, locked until the transaction ends."""
    return session.scalars(
        select(Alert).where(Alert.unit_id == unit_id, Alert.id == alert_id).with_for_update()
    ).one_or_none()


def _shown(
    query: Any,
    unit_id: int | BindParameter[int],
    today: date | BindParameter[date],
    stage: AlertStage | None,
    answered: bool | None,
) -> Any:
    """Open alerts with what they are about; "due soon" gives way once the date has passed to "overdue".

    A sweep and an ending that run at once do not see each other's rows, so what it is about is asked too.
    """
    consulted = and_(Alert.subject_kind == SubjectKind.CONSULTATION, Consultation.id == Alert.subject_id)
    petitioned = and_(Alert.subject_kind == SubjectKind.PETITION, Petition.id == Alert.subject_id)
    of_dossier = and_(
        Alert.subject_kind != SubjectKind.PETITION,
        Dossier.id == func.coalesce(Consultation.dossier_id, Alert.subject_id),
    )
    query = (
        query.select_from(Alert)
        .outerjoin(Consultation, consulted)
        .outerjoin(Petition, petitioned)
        .outerjoin(Dossier, of_dossier)
        .join(DueDateRow, DueDateRow.id == Alert.due_date_id)
        .where(
            Alert.unit_id == unit_id,
            Alert.withdrawn_at.is_(None),
            or_(and_(*_DOSSIER_CALLS), and_(*_CONSULTATION_CALLS), and_(*_PETITION_CALLS)),
            or_(Alert.stage != AlertStage.DUE_SOON, DueDateRow.due_on >= today),
        )
    )
    if stage is not None:
        query = query.where(Alert.stage == stage)
    if answered is not None:
        given = Alert.acknowledged_at
        query = query.where(given.is_not(None) if answered else given.is_(None))
    return query


def standing(query: Any, unit_id: int | BindParameter[int], today: date | BindParameter[date]) -> Any:
    """A query of what alerts are about, limited to those that stand and that nobody has answered."""
    return _shown(query, unit_id, today, None, False)


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
        _shown(
            select(
                Alert,
                func.coalesce(Dossier.code, Petition.number),
                DueDateRow.due_on,
                Dossier.first_due_on,
                Dossier.appointment_on,
                func.coalesce(ProcedureVersion.name, Petition.subject),
                Applicant.name,
                func.coalesce(func.nullif(officer.c.full_name, ""), officer.c.name),
                func.coalesce(func.nullif(supervisor.c.full_name, ""), supervisor.c.name),
                func.coalesce(Consultation.agency, ""),
                Petition.id,
            ),
            unit_id,
            today,
            stage,
            answered,
        )
        .outerjoin(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Applicant, Applicant.id == func.coalesce(Dossier.applicant_id, Petition.applicant_id))
        .outerjoin(officer, officer.c.id == Dossier.officer_id)
        .outerjoin(supervisor, supervisor.c.id == Alert.acknowledged_by)
        .order_by(
            Alert.acknowledged_at.is_not(None),
            DueDateRow.due_on,
            Petition.id.is_not(None),
            Dossier.id,
            Alert.id,
        )
    )
    rows: Sequence[Any] = session.execute(query.offset(offset).limit(limit)).all()
    return rows


def count(
    session: Session, unit_id: int, today: date, *, stage: AlertStage | None, answered: bool | None
) -> int:
    """How many alerts a list has."""
    return session.scalar(_shown(select(func.count()), unit_id, today, stage, answered)) or 0
