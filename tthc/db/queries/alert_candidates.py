"""What the sweep of a day has to judge: what has reached a stage and was not told of at that stage yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Alert,
    Consultation,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Petition,
    ProcedureVersion,
    Step,
    StepMove,
    Supplement,
)
from tthc.db.queries.steps import OPEN as OPEN_STEP
from tthc.domain.alerts import Threshold
from tthc.domain.vocabulary import AlertStage, SubjectKind

_VERSION = (ProcedureVersion, ProcedureVersion.id == Dossier.version_id)


@dataclass(frozen=True)
class View:
    """A unit on a day, as it was known at an instant (``None``: as it is known now)."""

    unit_id: int
    on: date
    known_at: datetime | None


@dataclass(frozen=True)
class Source:
    """Where subjects of a kind come from: the columns that are asked, and which rows are there on the day."""

    kind: SubjectKind
    subject_id: Any
    due_date_id: Any
    due_on: Any
    notice: Any
    imported: Any
    rows: Select[Any]
    #: What to join for ``notice``; of what is late nobody asks.
    notices: tuple[Any, Any] | None = _VERSION


def dossiers(view: View) -> Source:
    """Running dossiers. One that came into this system later was not known, whatever its own dates say."""
    if view.known_at is None:
        return Source(
            SubjectKind.DOSSIER,
            Dossier.id,
            Dossier.due_date_id,
            Dossier.due_on,
            ProcedureVersion.due_soon_days,
            Dossier.imported,
            select().select_from(Dossier).where(*_pending(view), Dossier.waiting.is_(False)),
        )
    return Source(
        SubjectKind.DOSSIER,
        DossierSpan.dossier_id,
        DossierSpan.due_date_id,
        DossierSpan.due_on,
        ProcedureVersion.due_soon_days,
        Dossier.imported,
        select()
        .select_from(DossierSpan)
        .join(Dossier, Dossier.id == DossierSpan.dossier_id)
        .where(*_pending_then(view, view.known_at), DossierSpan.waiting.is_(False)),
    )


def consultations(view: View) -> Source:
    """Questions to other agencies that had no answer; the procedure says how early one asks for it."""
    return _waited_for(SubjectKind.CONSULTATION, Consultation, view)


def supplements(view: View) -> Source:
    """Requests to supplement that the applicant has not answered; the procedure says how early one asks."""
    return _waited_for(SubjectKind.SUPPLEMENT, Supplement, view)


def _waited_for(kind: SubjectKind, asked: type[Consultation | Supplement], view: View) -> Source:
    return Source(
        kind,
        asked.id,
        asked.due_date_id,
        DueDateRow.due_on,
        ProcedureVersion.due_soon_days,
        Dossier.imported,
        select()
        .select_from(asked)
        .join(DueDateRow, DueDateRow.id == asked.due_date_id)
        .join(Dossier, Dossier.id == asked.dossier_id)
        .where(asked.id.in_(_open_on(asked, view))),
    )


def petitions(view: View, notice: int) -> Source:
    """Petitions without an answer, announced so many working days before."""
    return Source(
        SubjectKind.PETITION,
        Petition.id,
        Petition.due_date_id,
        DueDateRow.due_on,
        literal(notice),
        false(),
        select()
        .select_from(Petition)
        .join(DueDateRow, DueDateRow.id == Petition.due_date_id)
        .where(*_petitions_on(view)),
        notices=None,
    )


def steps(view: View) -> Source:
    """The open steps of running dossiers, under the dates that they had."""
    if view.known_at is None:
        return Source(
            SubjectKind.STEP,
            Step.id,
            Step.due_date_id,
            Step.due_on,
            ProcedureVersion.due_soon_days,
            Dossier.imported,
            select()
            .select_from(Step)
            .join(Dossier, Dossier.id == Step.dossier_id)
            .where(
                Step.unit_id == view.unit_id,
                *OPEN_STEP,
                Dossier.ended_on.is_(None),
                Dossier.waiting.is_(False),
            ),
        )
    return Source(
        SubjectKind.STEP,
        Step.id,
        DueDateRow.id,
        DueDateRow.due_on,
        ProcedureVersion.due_soon_days,
        Dossier.imported,
        _steps_then(view, view.known_at),
    )


def find(
    session: Session,
    source: Source,
    thresholds: Sequence[Threshold],
    *,
    after: tuple[date, int] | None,
    limit: int,
    without: Collection[int] = (),
) -> Sequence[Any]:
    """``(subject id, due date id, due on, days' notice, quiet)`` of what has an alert to come.

    That is what has no alert of the heaviest threshold that it has reached. The earliest due first, behind
    ``after`` (due on, subject id). ``quiet``: it was imported and nothing was told of it yet.
    """
    found = _calling(source, thresholds, after, without)
    return session.execute(select(found).order_by(found.c.due_on, found.c.subject_id).limit(limit)).all()


def unreadable(
    session: Session,
    source: Source,
    thresholds: Sequence[Threshold],
    *,
    after: tuple[date, int] | None,
    limit: int,
    without: Collection[int],
) -> list[tuple[int, str]]:
    """Of what :func:`find` would give, subjects whose row the driver cannot read, and its word for why."""
    calling = _calling(source, thresholds, after, without)
    number = calling.c.subject_id
    found = []
    for subject_id in session.scalars(select(number).order_by(calling.c.due_on, number).limit(limit)).all():
        try:
            session.execute(select(calling).where(number == subject_id)).all()
        except (ValueError, DataError) as error:
            found.append((subject_id, type(error).__name__))
    return found


def _calling(
    source: Source,
    thresholds: Sequence[Threshold],
    after: tuple[date, int] | None,
    without: Collection[int],
) -> Subquery:
    ranges = []
    first: date | None = None
    for one in thresholds:
        if first is None or one.before > first:
            ranges.append(_in_range(source, one, first, after, without))
        if one.notice is None:
            first = one.before
    return union_all(*ranges).subquery()


def _in_range(
    source: Source,
    threshold: Threshold,
    first: date | None,
    after: tuple[date, int] | None,
    without: Collection[int],
) -> Select[Any]:
    """What a threshold is the heaviest of, as it is due from a date on, and was not told of.

    A range of an index for each costs half of what one statement does that finds the threshold of each row.
    """
    of_due_date = (
        Alert.subject_kind == source.kind,
        Alert.subject_id == source.subject_id,
        Alert.due_date_id == source.due_date_id,
    )
    any_alert: Select[Any] = select(literal_column("1")).select_from(Alert)
    raised = any_alert.where(
        *of_due_date, Alert.stage == threshold.stage, Alert.threshold == threshold.days
    ).exists()
    announced = threshold.stage is AlertStage.DUE_SOON
    query = (
        (source.rows.join(*source.notices) if announced and source.notices else source.rows)
        .add_columns(
            source.subject_id.label("subject_id"),
            source.due_date_id.label("due_date_id"),
            source.due_on.label("due_on"),
            (source.notice if announced else literal(0)).label("notice"),
            and_(source.imported, ~any_alert.where(*of_due_date).exists()).label("quiet"),
        )
        .where(source.due_on < threshold.before, ~raised)
    )
    if first is not None:
        query = query.where(source.due_on >= first)
    if threshold.notice is not None:
        query = query.where(source.notice == threshold.notice)
    elif threshold.least_notice:
        query = query.where(source.notice >= threshold.least_notice)
    if after is not None:
        on, subject_id = after
        query = query.where(
            source.due_on >= on,
            or_(source.due_on > on, and_(source.due_on == on, source.subject_id > subject_id)),
        )
    return query.where(source.subject_id.not_in(without)) if without else query


def count_open(session: Session, view: View) -> int:
    """How many dossiers were pending."""
    if view.known_at is None:
        return session.scalar(select(func.count()).select_from(Dossier).where(*_pending(view))) or 0
    query = select(func.count()).select_from(DossierSpan).join(Dossier, Dossier.id == DossierSpan.dossier_id)
    return session.scalar(query.where(*_pending_then(view, view.known_at))) or 0


def count_consulting(session: Session, view: View) -> int:
    """How many questions to other agencies had no answer."""
    waiting = _open_on(Consultation, view).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def count_petitions(session: Session, view: View) -> int:
    """How many petitions were pending."""
    query = select(func.count()).select_from(Petition)
    return session.scalar(query.where(*_petitions_on(view))) or 0


def _pending(view: View) -> tuple[ColumnElement[bool], ...]:
    return (Dossier.unit_id == view.unit_id, Dossier.ended_on.is_(None))


def _pending_then(view: View, known_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        DossierSpan.unit_id == view.unit_id,
        DossierSpan.valid_from <= view.on,
        or_(DossierSpan.valid_to.is_(None), DossierSpan.valid_to > view.on),
        DossierSpan.ended_on.is_(None),
        DossierSpan.known_from <= known_at,
        or_(DossierSpan.known_to.is_(None), DossierSpan.known_to > known_at),
        Dossier.recorded_at <= known_at,
    )


def _open_on(asked: type[Consultation | Supplement], view: View) -> Select[Any]:
    """The ids of the questions to other agencies, or of the requests to applicants, that had no answer.

    What ends with the dossier is closed by the event that ended it.
    """
    if view.known_at is None:
        return select(asked.id).where(asked.unit_id == view.unit_id, asked.closed_event_id.is_(None))
    opened, closed = aliased(EventRow), aliased(EventRow)
    waiting = or_(closed.id.is_(None), closed.occurred_on > view.on)
    return (
        select(asked.id)
        .join(opened, opened.id == asked.opened_event_id)
        .outerjoin(closed, closed.id == asked.closed_event_id)
        .where(
            asked.unit_id == view.unit_id,
            opened.occurred_on <= view.on,
            opened.known_at <= view.known_at,
            or_(waiting, closed.known_at > view.known_at),
        )
    )


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


def _steps_then(view: View, known_at: datetime) -> Select[Any]:
    """Where each running dossier was at an instant, by its hand-overs, and the newest date that step had."""
    last = (
        select(StepMove.dossier_id, func.max(StepMove.seq).label("seq"))
        .where(StepMove.unit_id == view.unit_id, StepMove.recorded_at <= known_at)
        .group_by(StepMove.dossier_id)
        .subquery()
    )
    newest = aliased(DueDateRow)
    of_step = (newest.subject_kind == SubjectKind.STEP, newest.subject_id == Step.id)
    # A date without it is older than the record of when dates of steps were entered.
    entered = or_(newest.recorded_at.is_(None), newest.recorded_at <= known_at)
    number = select(func.max(newest.no)).where(*of_step, entered).correlate(Step).scalar_subquery()
    return (
        select()
        .select_from(last)
        .join(StepMove, and_(StepMove.dossier_id == last.c.dossier_id, StepMove.seq == last.c.seq))
        .join(Step, and_(Step.dossier_id == StepMove.dossier_id, Step.no == StepMove.to_no))
        .join(
            DueDateRow,
            and_(
                DueDateRow.subject_kind == SubjectKind.STEP,
                DueDateRow.subject_id == Step.id,
                DueDateRow.no == number,
            ),
        )
        .join(Dossier, Dossier.id == StepMove.dossier_id)
        .join(DossierSpan, DossierSpan.dossier_id == Dossier.id)
        .where(*_pending_then(view, known_at), DossierSpan.waiting.is_(False))
    )
