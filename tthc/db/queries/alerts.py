"""Which alerts stand, and their bulk writes: raised, withdrawn, answered, gone up a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from tthc.db.base import Base
from tthc.db.models import Alert, Consultation, Dossier, DueDateRow, Petition, Step, Supplement
from tthc.db.queries.steps import OPEN as OPEN_STEP
from tthc.domain.alerts import ANSWERED_FOR, LATE, WEIGHTS, Level, weight
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
#: What a request to supplement must be: without an answer, under the very deadline, its dossier running.
_SUPPLEMENT_CALLS = (
    Alert.subject_kind == SubjectKind.SUPPLEMENT,
    Supplement.closed_event_id.is_(None),
    Supplement.due_date_id == Alert.due_date_id,
    Dossier.ended_on.is_(None),
)
#: What a petition must be: with neither an answer nor another body that deals with it, under the very date.
_PETITION_CALLS = (
    Alert.subject_kind == SubjectKind.PETITION,
    Petition.ended_on.is_(None),
    Petition.due_date_id == Alert.due_date_id,
)
#: What a step must be: the one in which a running dossier is, under the very date.
_STEP_CALLS = (
    Alert.subject_kind == SubjectKind.STEP,
    *OPEN_STEP,
    Step.due_date_id == Alert.due_date_id,
    Dossier.ended_on.is_(None),
    Dossier.waiting.is_(False),
)
_UNANSWERED = (Alert.acknowledged_at.is_(None), Alert.withdrawn_at.is_(None))


def add_alerts(session: Session, rows: Sequence[Mapping[str, Any]]) -> Sequence[AlertStage]:
    """Insert many alerts at once; the stages of those that were not there yet."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = Base.metadata.tables["alert"]
    statement = dialect.insert(table).on_conflict_do_nothing().returning(table.c.stage)
    return list(session.execute(statement, list(rows)).scalars()) if rows else []


def withdraw_stale(session: Session, *, unit_id: int, now: datetime, since: datetime | None = None) -> int:
    """Withdraw every open alert that is no longer called for; ``since``: of those raised from then on.

    Its dossier ended, waits, or has another due date by now; its question to another agency or its request
    to supplement was answered; its petition was answered, handed on or given another date; its step was
    handed on or has another date.
    """
    query = update(Alert).where(Alert.unit_id == unit_id, Alert.withdrawn_at.is_(None), ~or_(*_called_for()))
    if since is not None:
        query = query.where(Alert.raised_at >= since)
    return _run(session, query.values(withdrawn_at=now, untold=False))


def raise_levels(
    session: Session, *, unit_id: int, level: Level, before: datetime, since: datetime | None
) -> int:
    """Let what was raised before a moment and nobody has answered go up to a level, or beyond it.

    What was raised ``since`` about the same due date goes with it: one answer is due for all.
    """
    earlier = aliased(Alert)
    follows = exists().where(
        earlier.subject_kind == Alert.subject_kind,
        earlier.subject_id == Alert.subject_id,
        earlier.due_date_id == Alert.due_date_id,
        earlier.stage.in_(LATE),
        earlier.acknowledged_at.is_(None),
        earlier.withdrawn_at.is_(None),
        or_(earlier.level >= level, earlier.raised_at < before),
    )
    fresh = true() if since is None else Alert.raised_at >= since
    query = update(Alert).where(
        Alert.unit_id == unit_id,
        Alert.stage.in_(LATE),
        *_UNANSWERED,
        Alert.level < level,
        Alert.subject_kind.in_(ANSWERED_FOR),
        or_(Alert.raised_at < before, and_(fresh, follows)),
    )
    return _run(session, query.values(level=level, untold=True))


def drop_ahead(session: Session, unit_id: int, after: datetime) -> int:
    """Drop what was raised after a moment and nobody has answered."""
    query = delete(Alert).where(
        Alert.unit_id == unit_id,
        Alert.raised_at > after,
        Alert.withdrawn_at.is_(None),
        Alert.acknowledged_at.is_(None),
    )
    return _run(session, query)


def count_as_told(session: Session, unit_id: int) -> None:
    """Nobody is to be told at once any more of what was raised so far."""
    _run(session, update(Alert).where(Alert.unit_id == unit_id, Alert.untold).values(untold=False))


def acknowledge(session: Session, alert: Alert, values: Mapping[str, Any]) -> None:
    """Write an answer to an alert and to all lighter ones about the same due date that have none.

    Lighter ones that were answered before keep what was said then.
    """
    lighter = _weight(Alert) <= weight(alert.stage, alert.threshold)
    session.execute(
        update(Alert)
        .where(
            Alert.subject_kind == alert.subject_kind,
            Alert.subject_id == alert.subject_id,
            Alert.due_date_id == alert.due_date_id,
            or_(Alert.id == alert.id, and_(lighter, Alert.acknowledged_at.is_(None))),
            Alert.withdrawn_at.is_(None),
        )
        .values(**values)
    )


def withdraw_of(session: Session, kind: SubjectKind, subject_ids: Sequence[int], *, now: datetime) -> None:
    """Withdraw every open alert of some subjects of a kind: nothing is waited for any longer."""
    if subject_ids:
        session.execute(
            update(Alert)
            .where(
                Alert.subject_kind == kind, Alert.subject_id.in_(subject_ids), Alert.withdrawn_at.is_(None)
            )
            .values(withdrawn_at=now)
        )


def by_id(session: Session, unit_id: int, alert_id: int) -> Alert | None:
    """One alert, locked until the transaction ends."""
    return session.scalars(
        select(Alert).where(Alert.unit_id == unit_id, Alert.id == alert_id).with_for_update()
    ).one_or_none()


def _run(session: Session, query: Any) -> int:
    result: Any = session.execute(query, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def _called_for() -> tuple[ColumnElement[bool], ...]:
    """By kind, whether what an alert is about still calls for it."""
    return (
        exists().where(Dossier.id == Alert.subject_id, *_DOSSIER_CALLS),
        exists().where(
            Consultation.id == Alert.subject_id, Dossier.id == Consultation.dossier_id, *_CONSULTATION_CALLS
        ),
        exists().where(
            Supplement.id == Alert.subject_id, Dossier.id == Supplement.dossier_id, *_SUPPLEMENT_CALLS
        ),
        exists().where(Petition.id == Alert.subject_id, *_PETITION_CALLS),
        exists().where(Step.id == Alert.subject_id, Dossier.id == Step.dossier_id, *_STEP_CALLS),
    )


def _weight(alert: Any) -> Any:
    """:func:`tthc.domain.alerts.weight` as an expression."""
    return case(
        *[(alert.stage == stage, base + each * alert.threshold) for stage, (base, each) in WEIGHTS.items()]
    )


def heaviest() -> ColumnElement[bool]:
    """Whether no other open alert about the same due date weighs more."""
    other = aliased(Alert)
    return ~exists().where(
        other.subject_kind == Alert.subject_kind,
        other.subject_id == Alert.subject_id,
        other.due_date_id == Alert.due_date_id,
        other.withdrawn_at.is_(None),
        _weight(other) > _weight(Alert),
    )


def shown(query: Any, unit_id: int | BindParameter[int]) -> Any:
    """Open alerts with what they are about: of each due date the heaviest.

    What announced a date stands until a sweep has raised what follows, and is then to be shown by
    :func:`tthc.domain.alerts.stage_on`. A sweep and an ending that run at once do not see each other's rows,
    so what it is about is asked too.
    """
    consulted = and_(Alert.subject_kind == SubjectKind.CONSULTATION, Consultation.id == Alert.subject_id)
    supplemented = and_(Alert.subject_kind == SubjectKind.SUPPLEMENT, Supplement.id == Alert.subject_id)
    petitioned = and_(Alert.subject_kind == SubjectKind.PETITION, Petition.id == Alert.subject_id)
    stepped = and_(Alert.subject_kind == SubjectKind.STEP, Step.id == Alert.subject_id)
    of_dossier = and_(
        Alert.subject_kind != SubjectKind.PETITION,
        Dossier.id
        == func.coalesce(Consultation.dossier_id, Supplement.dossier_id, Step.dossier_id, Alert.subject_id),
    )
    return (
        query.select_from(Alert)
        .outerjoin(Consultation, consulted)
        .outerjoin(Supplement, supplemented)
        .outerjoin(Petition, petitioned)
        .outerjoin(Step, stepped)
        .outerjoin(Dossier, of_dossier)
        .join(DueDateRow, DueDateRow.id == Alert.due_date_id)
        .where(
            Alert.unit_id == unit_id,
            Alert.withdrawn_at.is_(None),
            or_(
                and_(*_DOSSIER_CALLS),
                and_(*_CONSULTATION_CALLS),
                and_(*_SUPPLEMENT_CALLS),
                and_(*_PETITION_CALLS),
                and_(*_STEP_CALLS),
            ),
            heaviest(),
        )
    )


def unanswered(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """Whether an alert waits for an answer on a day: it has none, or what was promised has not come true.

    Never unknown, so that its negation is "answered".
    """
    return or_(
        Alert.acknowledged_at.is_(None), and_(Alert.promised_on.is_not(None), Alert.promised_on < today)
    )


def standing(query: Any, unit_id: int | BindParameter[int], today: date | BindParameter[date]) -> Any:
    """A query of what alerts are about, limited to those that stand and are :func:`unanswered`."""
    return shown(query, unit_id).where(unanswered(today))
