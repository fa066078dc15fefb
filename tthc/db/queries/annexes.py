"""What the annexes of a report read beside the tally: answers for lateness, letters, requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Dossier,
    EventRow,
    Extension,
    ProcedureVersion,
    Supplement,
)
from tthc.db.queries.accounts import shown_name
from tthc.domain.alerts import LATE
from tthc.domain.vocabulary import SubjectKind

#: How many codes go into one statement.
_BATCH = 500


def _in_batches(session: Session, codes: Sequence[str], query: Any) -> dict[str, Any]:
    """The rows of a query by their first column, a dossier's code; of several the last."""
    found: dict[str, Any] = {}
    for start in range(0, len(codes), _BATCH):
        for row in session.execute(query.where(Dossier.code.in_(codes[start : start + _BATCH]))):
            found[row[0]] = row
    return found


def officers_of(session: Session, codes: Sequence[str]) -> dict[str, Any]:
    """Who has each dossier: ``(code, name)``; none for those that nobody has."""
    return _in_batches(
        session, codes, select(Dossier.code, shown_name()).join(Account, Account.id == Dossier.officer_id)
    )


def submitters_of(session: Session, codes: Sequence[str]) -> dict[str, Any]:
    """Who brought each dossier, where that is not its owner: ``(code, name)``."""
    return _in_batches(
        session,
        codes,
        select(Dossier.code, Applicant.name).join(Applicant, Applicant.id == Dossier.submitter_id),
    )


def answers_of(session: Session, codes: Sequence[str]) -> dict[str, Any]:
    """The newest answer for each dossier's lateness: ``(code, reason code, reason, promised on, who)``."""
    query = (
        select(Dossier.code, Alert.reason_code, Alert.reason, Alert.promised_on, shown_name())
        .join(Alert, Alert.subject_id == Dossier.id)
        .outerjoin(Account, Account.id == Alert.acknowledged_by)
        .where(
            Alert.subject_kind == SubjectKind.DOSSIER,
            # What was said while there was time is no cause of what came later.
            Alert.stage.in_(LATE),
            Alert.acknowledged_at.is_not(None),
        )
        .order_by(Alert.acknowledged_at, Alert.id)
    )
    return _in_batches(session, codes, query)


def letters_of(session: Session, codes: Sequence[str]) -> dict[str, Any]:
    """The newest letter of apology to each dossier's applicant: ``(code, on, new date, in time)``."""
    query = (
        select(Dossier.code, Extension.letter_on, Extension.new_due_on, Extension.in_time)
        .join(Extension, Extension.dossier_id == Dossier.id)
        .where(Extension.approved_by.is_not(None))
        .order_by(Extension.id)
    )
    return _in_batches(session, codes, query)


def requests_between(session: Session, unit_id: int, from_on: date, to_on: date) -> Sequence[Any]:
    """Requests to supplement that were made in a period, oldest first, each with its answer if there is one.

    ``(supplement, code, procedure, applicant, received on, asked on, answered on, how many before it)``.
    """
    opened, closed, before = aliased(EventRow), aliased(EventRow), aliased(Supplement)
    earlier = (
        select(func.count())
        .where(before.dossier_id == Supplement.dossier_id, before.id < Supplement.id)
        .scalar_subquery()
    )
    return session.execute(
        select(
            Supplement,
            Dossier.code,
            ProcedureVersion.name,
            Applicant.name,
            Dossier.received_on,
            opened.occurred_on,
            closed.occurred_on,
            earlier,
        )
        .join(opened, opened.id == Supplement.opened_event_id)
        .outerjoin(closed, closed.id == Supplement.closed_event_id)
        .join(Dossier, Dossier.id == Supplement.dossier_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(Supplement.unit_id == unit_id, opened.occurred_on >= from_on, opened.occurred_on <= to_on)
        .order_by(opened.occurred_at, Supplement.id)
    ).all()
