"""Reads of the steps of dossiers: where each is, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Alert,
    Dossier,
    DueDateRow,
    Step,
    StepMove,
    StepTemplate,
)
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import SubjectKind

_BATCH = 5000


def is_open(step: Any = Step) -> tuple[ColumnElement[bool], ...]:
    """That a step, or an alias of it, is the one in which its dossier is."""
    return step.started_at.is_not(None), step.ended_at.is_(None)


#: The step in which a dossier is.
OPEN = is_open()


_STEPS = select(Step).where(Step.dossier_id == bindparam("dossier_id")).order_by(Step.no)
_MOVES = select(StepMove).where(StepMove.dossier_id == bindparam("dossier_id")).order_by(StepMove.seq)


def steps_of(session: Session, dossier_id: int) -> Sequence[Step]:
    """The steps of a dossier in their order; none for one that was imported and not handed on yet."""
    return session.scalars(_STEPS, {"dossier_id": dossier_id}).all()


def steps_told(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of the steps of a dossier in their order, for whoever only shows them."""
    found: Sequence[Any] = read(session, _STEPS, dossier_id=dossier_id).all()
    return found


def open_steps(session: Session, dossier_ids: Sequence[int]) -> dict[int, Step]:
    """The open step of dossiers, by dossier."""
    found: dict[int, Step] = {}
    for ids in batched(dossier_ids):
        rows = session.scalars(select(Step).where(Step.dossier_id.in_(ids), *OPEN))
        found.update((step.dossier_id, step) for step in rows)
    return found


def last_due_nos(session: Session, step_ids: Sequence[int]) -> dict[int, int]:
    """The number of the newest date of each step."""
    found: dict[int, int] = {}
    for ids in batched(step_ids):
        rows = session.execute(
            select(DueDateRow.subject_id, func.max(DueDateRow.no))
            .where(DueDateRow.subject_kind == SubjectKind.STEP, DueDateRow.subject_id.in_(ids))
            .group_by(DueDateRow.subject_id)
        )
        found.update((step_id, no) for step_id, no in rows)
    return found


def batched(ids: Sequence[int]) -> list[Sequence[int]]:
    """Ids in portions that a statement of either database can carry."""
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]


def withdraw_alerts(session: Session, dossier_id: int, *, now: datetime) -> None:
    """Withdraw the open alerts of a dossier's steps that it is not in, or that have another date by now."""
    steps_of_it = select(Step.id).where(Step.dossier_id == dossier_id)
    calls = exists().where(
        Step.id == Alert.subject_id,
        *OPEN,
        Step.due_date_id == Alert.due_date_id,
        Dossier.id == Step.dossier_id,
        Dossier.ended_on.is_(None),
        Dossier.waiting.is_(False),
    )
    session.execute(
        update(Alert)
        .where(
            Alert.subject_kind == SubjectKind.STEP,
            Alert.subject_id.in_(steps_of_it),
            Alert.withdrawn_at.is_(None),
            ~calls,
        )
        .values(withdrawn_at=now),
        execution_options={"synchronize_session": False},
    )


def moves_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of every hand-over of a dossier within the office, oldest first."""
    found: Sequence[Any] = read(session, _MOVES, dossier_id=dossier_id).all()
    return found


def last_move(session: Session, dossier_id: int) -> StepMove | None:
    """The newest hand-over."""
    return session.scalars(
        select(StepMove).where(StepMove.dossier_id == dossier_id).order_by(StepMove.seq.desc()).limit(1)
    ).one_or_none()


def last_due_no(session: Session, step_id: int) -> int:
    """The number of the newest date of a step, 0 when there is none."""
    query = select(func.max(DueDateRow.no)).where(
        DueDateRow.subject_kind == SubjectKind.STEP, DueDateRow.subject_id == step_id
    )
    return session.scalar(query) or 0


def in_hand_of(session: Session, unit_id: int, account_id: int) -> Sequence[Any]:
    """(dossier, open step or ``None``) of pending work of a person: dossiers assigned, and steps in hand."""
    step = aliased(Step)
    return session.execute(
        select(Dossier, step)
        .outerjoin(
            step,
            and_(step.dossier_id == Dossier.id, *is_open(step)),
        )
        .where(
            Dossier.unit_id == unit_id,
            or_(
                and_(Dossier.ended_on.is_(None), Dossier.officer_id == account_id),
                step.officer_id == account_id,
            ),
        )
        .order_by(Dossier.due_on, Dossier.id)
    ).all()


_TEMPLATES = (
    select(StepTemplate)
    .where(StepTemplate.version_id.in_(bindparam("ids", expanding=True)))
    .order_by(StepTemplate.version_id, StepTemplate.no)
)


def templates_of(session: Session, version_ids: Iterable[int]) -> Sequence[Any]:
    """The columns of the steps that were entered for versions of procedures, in their order."""
    found: Sequence[Any] = read(session, _TEMPLATES, ids=list(version_ids)).all()
    return found


def drop_templates(session: Session, version_id: int) -> None:
    """Delete the steps that were entered for a version; dossiers have copies of their own."""
    session.execute(
        delete(StepTemplate).where(StepTemplate.version_id == version_id),
        execution_options={"synchronize_session": False},
    )


def name_of_open_step() -> Any:
    """For lists of dossiers: the name of the open step."""
    return select(Step.name).where(Step.dossier_id == Dossier.id, *OPEN).correlate(Dossier).scalar_subquery()


def officer_of_open_step() -> Any:
    """For lists of dossiers: the account that has the open step in hand."""
    query = select(Step.officer_id).where(Step.dossier_id == Dossier.id, *OPEN)
    return query.correlate(Dossier).scalar_subquery()


def holder_of_open_step() -> Any:
    """For lists of dossiers: who has the open step in hand."""
    holder = aliased(Account)
    return (
        select(shown_name(holder))
        .join(Step, Step.officer_id == holder.id)
        .where(Step.dossier_id == Dossier.id, *OPEN)
        .correlate(Dossier)
        .scalar_subquery()
    )


def due_of_open_step() -> Any:
    """For lists of dossiers: until when the open step must be done."""
    return (
        select(Step.due_on).where(Step.dossier_id == Dossier.id, *OPEN).correlate(Dossier).scalar_subquery()
    )
