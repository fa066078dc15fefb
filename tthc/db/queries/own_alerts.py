"""The alerts that concern one person: of what he has in hand; for a supervisor what is late or nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from tthc.db.base import UtcDateTime
from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Consultation,
    Dossier,
    DueDateRow,
    JobRun,
    Petition,
    ProcedureVersion,
    Step,
)
from tthc.db.queries import steps
from tthc.db.queries.accounts import shown_name
from tthc.db.queries.alerts import shown, standing, unanswered
from tthc.db.session import read
from tthc.domain.alerts import ANSWERED_FOR, LATE
from tthc.domain.vocabulary import SubjectKind

#: So many new alerts are counted.
MOST_NEW = 99
#: Before anything was raised.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Whose:
    """Whose alerts: of what an officer has in hand; with ``answers`` what is late or nobody has."""

    unit_id: int
    officer_id: int | None
    answers: bool


def _listed(whose: Whose, today: date) -> ColumnElement[bool]:
    """What stands in somebody's list: what waits for an answer, and of what he has in hand what has one."""
    officer_id = None if whose.officer_id is None else literal(whose.officer_id)
    answered = and_(~unanswered(today), Alert.stage.in_(LATE), _in_hand(officer_id))
    return and_(or_(and_(unanswered(today), _concern(officer_id, whose.answers)), answered), ~_told_above())


def _concern(officer_id: ColumnElement[int] | None, answers: bool) -> ColumnElement[bool]:
    """What is in the hands of ``officer_id``; to those who answer also what is late, and what nobody has."""
    in_hand = _in_hand(officer_id)
    if not answers:
        return in_hand
    late = and_(Alert.stage.in_(LATE), Alert.subject_kind.in_(ANSWERED_FOR))
    return or_(in_hand, late, _holder().is_(None))


def _in_hand(officer_id: ColumnElement[int] | None) -> ColumnElement[bool]:
    """What is assigned to somebody, and late dossiers of which he has the open step."""
    if officer_id is None:
        return false()
    step = aliased(Step)
    own_steps = select(step.dossier_id).where(step.officer_id == officer_id, *steps.is_open(step))
    late = (Alert.subject_kind == SubjectKind.DOSSIER, Alert.stage.in_(LATE))
    return or_(_assigned() == officer_id, and_(*late, Dossier.id.in_(own_steps)))


def _told_above() -> ColumnElement[bool]:
    """Whether it is a step of a dossier that is told of as late itself: the row of that one says both."""
    other = aliased(Alert)
    late = exists().where(
        other.subject_kind == SubjectKind.DOSSIER,
        other.subject_id == Dossier.id,
        other.due_date_id == Dossier.due_date_id,
        other.stage.in_(LATE),
        other.withdrawn_at.is_(None),
    )
    return and_(Alert.subject_kind == SubjectKind.STEP, late)


def _assigned() -> ColumnElement[int]:
    """A step is the business of whoever has it in hand, all else of the dossier's officer."""
    return case((Alert.subject_kind == SubjectKind.STEP, Step.officer_id), else_=Dossier.officer_id)


def _has_now() -> ColumnElement[int]:
    """Who has it now; as on the board that is, of a late dossier, whoever has its open step."""
    late = and_(Alert.subject_kind == SubjectKind.DOSSIER, Alert.stage.in_(LATE))
    return case((late, func.coalesce(steps.officer_of_open_step(), _assigned())), else_=_assigned())


def _holder() -> ScalarSelect[int]:
    """Who has it in hand, unless nobody was assigned or he has left: then it is the supervisors' business."""
    return _active(_assigned())


def _active(account_id: ColumnElement[int]) -> ScalarSelect[int]:
    """An account, if it is in use."""
    return select(Account.id).where(Account.id == account_id, Account.active).scalar_subquery()


def count(session: Session, whose: Whose, today: date) -> int:
    """How many alerts somebody's list has."""
    return session.scalar(shown(select(func.count()), whose.unit_id).where(_listed(whose, today))) or 0


@cache
def _new(works: bool, answers: bool) -> Any:
    """The count of what is new to an account of which each of these holds or does not."""
    account_id = bindparam("account_id", type_=Integer)
    seen_at = select(Account.alerts_seen_at).where(Account.id == account_id).scalar_subquery()
    found = standing(select(Alert.id), bindparam("unit_id"), bindparam("today")).where(
        _concern(account_id if works else None, answers),
        ~_told_above(),
        Alert.raised_at > func.coalesce(seen_at, literal(_NEVER, UtcDateTime())),
    )
    return select(func.count()).select_from(found.limit(MOST_NEW + 1).subquery())


def count_new(session: Session, whose: Whose, today: date, account_id: int | None) -> int:
    """How many were raised since an account last looked, at most one more than :data:`MOST_NEW`.

    Asked on every page, so it does not go on counting what nobody reads.
    """
    query = _new(whose.officer_id is not None, whose.answers)
    return read(session, query, unit_id=whose.unit_id, today=today, account_id=account_id).scalar() or 0


def page(session: Session, whose: Whose, today: date, *, offset: int, limit: int) -> Sequence[Any]:
    """Of somebody's list the alerts with what they are about, newest first.

    ``unanswered`` tells whether an answer is waited for, ``holder`` and ``holder_active`` who has it in hand,
    ``open_step`` and ``open_step_due_on`` where a dossier is.
    """
    holder = aliased(Account)
    columns = (
        *_subject(),
        Applicant.name.label("applicant"),
        holder.id.label("holder_id"),
        shown_name(holder).label("holder"),
        holder.active.label("holder_active"),
        unanswered(today).label("unanswered"),
        steps.name_of_open_step().label("open_step"),
        steps.due_of_open_step().label("open_step_due_on"),
    )
    query = (
        _with_procedure(shown(select(*columns), whose.unit_id))
        .outerjoin(Applicant, Applicant.id == func.coalesce(Dossier.applicant_id, Petition.applicant_id))
        .outerjoin(holder, holder.id == _has_now())
        .where(_listed(whose, today))
        .order_by(Alert.raised_at.desc(), DueDateRow.due_on, Alert.id.desc())
    )
    return session.execute(query.offset(offset).limit(limit)).all()


def to_tell(session: Session, unit_id: int, today: date, most: int) -> Sequence[Any]:
    """All unanswered ones of a unit, at the end of each row to whom it was given and who has it now.

    ``(alert, code, due on, procedure or subject, agency, petition id, step, assigned, holder)``,
    the longest overdue first. Of a step whose dossier is overdue as well one hears by the dossier.
    """
    return session.execute(_with_holder(unit_id, today).limit(most)).all()


def untold(session: Session, unit_id: int, today: date, most: int) -> Sequence[Any]:
    """As :func:`to_tell`: those of which somebody is to be told at once."""
    return session.execute(_with_holder(unit_id, today).where(Alert.untold).limit(most)).all()


def look(session: Session, account_id: int, at: datetime) -> None:
    """Put on record that somebody has looked at his alerts."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(alerts_seen_at=at)
        .execution_options(synchronize_session=False)
    )


def with_email(session: Session) -> set[int]:
    """The active accounts to which mail can go."""
    return {*session.scalars(select(Account.id).where(Account.active, Account.email != ""))}


def was_run(session: Session, name: str, on: date) -> bool:
    """Whether a job was done for a day."""
    query = select(exists().where(JobRun.name == name, JobRun.for_on == on, JobRun.state == "done"))
    return bool(session.scalar(query))


def _with_holder(unit_id: int, today: date) -> Any:
    said_by_dossier = and_(Alert.subject_kind == SubjectKind.STEP, Dossier.due_on < today)
    holder = func.coalesce(_active(_has_now()), _holder())
    query = _with_subject(unit_id, today).add_columns(_holder(), holder).where(~said_by_dossier)
    return query.order_by(DueDateRow.due_on, Alert.id)


def _with_subject(unit_id: int, today: date) -> Any:
    return _with_procedure(standing(select(*_subject()), unit_id, today))


def _with_procedure(query: Any) -> Any:
    return query.outerjoin(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)


def _subject() -> tuple[Any, ...]:
    return (
        Alert,
        func.coalesce(Dossier.code, Petition.number).label("code"),
        DueDateRow.due_on,
        func.coalesce(ProcedureVersion.name, "Phản ánh, kiến nghị").label("procedure"),
        func.coalesce(Consultation.agency, "").label("agency"),
        Petition.id.label("petition_id"),
        func.coalesce(Step.name, "").label("step"),
    )
