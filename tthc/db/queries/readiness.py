"""What a supervisor should know before closing a period, each point a set of dossiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    Alert,
    Applicant,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Extension,
    Filing,
    PauseRow,
    ProcedureVersion,
    Supplement,
)
from tthc.db.queries.tallies import compile_predicate, in_period, living
from tthc.domain.alerts import LATE
from tthc.domain.tallies import CELLS, CellName
from tthc.domain.vocabulary import DossierState, SubjectKind

_WAITS = (DossierState.AWAITING_SUPPLEMENT, DossierState.PAUSED)


def conditions(*, from_on: date, at_on: date, asked_before: date, from_file: str) -> Mapping[str, Any]:
    """Each point as a condition on the spans of the period's dossiers at its end.

    ``asked_before``: a supplement asked for before this date is unanswered for too long; ``from_file``
    marks a request whose content is not known.
    """
    at = {"from_on": from_on, "at_on": at_on}
    late = or_(
        compile_predicate(CELLS[CellName.ENDED_LATE].predicate, **at),
        compile_predicate(CELLS[CellName.OVERDUE].predicate, **at),
    )
    pending = DossierSpan.ended_on.is_(None)
    stands = and_(pending, DossierSpan.state.in_(_WAITS))
    extension = Extension.dossier_id == DossierSpan.dossier_id
    told = exists().where(extension, Extension.approved_by.is_not(None))
    return {
        "no_due_date": ~exists().where(DueDateRow.id == Dossier.due_date_id),
        "duplicate_code": exists().where(
            Filing.unit_id == Dossier.unit_id,
            Filing.number == Dossier.code,
            or_(Filing.dossier_id.is_(None), Filing.dossier_id != Dossier.id),
        ),
        "ended_before_received": DossierSpan.ended_on < DossierSpan.received_on,
        "late_without_reason": and_(late, ~_answered(), ~told),
        "unanswered_supplement": and_(pending, _asked(asked_before)),
        "wait_without_request": and_(stands, _unfounded(from_file)),
        "stopped_too_late": and_(stands, DossierSpan.waiting.is_(False)),
        "letter_too_late": exists().where(
            extension, Extension.in_time.is_(False), Extension.letter_on.between(from_on, at_on)
        ),
        "undecided_extension": and_(pending, exists().where(extension, Extension.closed_event_id.is_(None))),
        "provisional_date": and_(pending, Dossier.provisional.is_(True)),
        "unverified_limit": ProcedureVersion.limit_confirmed.is_(False),
    }


def _asked(on: date) -> ColumnElement[bool]:
    return exists().where(
        Supplement.dossier_id == DossierSpan.dossier_id,
        Supplement.closed_event_id.is_(None),
        Supplement.opened_event_id == EventRow.id,
        EventRow.occurred_on < on,
    )


def _answered() -> ColumnElement[bool]:
    """A person has answered for the lateness; what was said while there was time is no answer for it."""
    return exists().where(
        Alert.subject_kind == SubjectKind.DOSSIER,
        Alert.stage.in_(LATE),
        Alert.subject_id == DossierSpan.dossier_id,
        Alert.acknowledged_at.is_not(None),
    )


def _unfounded(from_file: str) -> ColumnElement[bool]:
    """Neither a pause with its legal basis nor a request whose content is known stands behind the wait."""
    pause = exists().where(PauseRow.dossier_id == DossierSpan.dossier_id, PauseRow.legal_basis != from_file)
    request = exists().where(Supplement.dossier_id == DossierSpan.dossier_id, Supplement.missing != from_file)
    return and_(~pause, ~request)


def _period(unit_id: int, from_on: date, at_on: date) -> ColumnElement[bool]:
    return in_period(living(unit_id, at_on), from_on=from_on, at_on=at_on)


def count_points(
    session: Session, points: Mapping[str, Any], *, unit_id: int, from_on: date, at_on: date
) -> dict[str, int]:
    """How many dossiers each point names, in one pass."""
    query = (
        select(*[func.count().filter(condition) for condition in points.values()])
        .select_from(DossierSpan)
        .join(Dossier, Dossier.id == DossierSpan.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .where(_period(unit_id, from_on, at_on))
    )
    return dict(zip(points, session.execute(query).one(), strict=True))


def list_point(
    session: Session,
    condition: Any,
    *,
    unit_id: int,
    from_on: date,
    at_on: date,
    offset: int,
    limit: int,
) -> Sequence[Any]:
    """The dossiers of a point: span, code, procedure and applicant of each."""
    return session.execute(
        select(DossierSpan, Dossier.code, ProcedureVersion.name, Applicant.name)
        .join(Dossier, Dossier.id == DossierSpan.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(_period(unit_id, from_on, at_on), condition)
        .order_by(DossierSpan.received_on, DossierSpan.dossier_id)
        .offset(offset)
        .limit(limit)
    ).all()
