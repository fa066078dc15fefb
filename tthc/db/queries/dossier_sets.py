"""Sets of dossiers compiled to SQL from their predicates: indicators, what charts count, and their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import (
    Attachment,
    Dossier,
    DossierSpan,
    EventRow,
    ProcedureCase,
    ProcedureVersion,
    Supplement,
)
from tthc.db.queries.tallies import Source, compile_predicate
from tthc.domain.predicates import Predicate
from tthc.domain.vocabulary import OFFICE_ZONE

#: How a caller names its sets.
K = TypeVar("K")


@dataclass(frozen=True)
class SetQuery:
    """One set of a period, judged on ``at_on``; ``cases`` narrows it to dossiers handled under these."""

    source: Source
    from_on: date
    at_on: date
    predicate: Predicate
    cases: Sequence[int] | None = None

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The conditions on the source's rows."""
        facts = self.source.facts
        where = [*self.source.where, self.admits]
        if self.cases is not None:
            narrowed = select(Dossier.id).where(Dossier.case_id.in_(self.cases))
            where.append(facts.dossier_id.in_(narrowed))
        return where

    @property
    def admits(self) -> ColumnElement[bool]:
        """The predicate on the source's rows."""
        facts = _SetFacts(self.source.facts, self.at_on)
        return compile_predicate(self.predicate, from_on=self.from_on, at_on=self.at_on, facts=facts)


class _SetFacts:
    """The columns of a source, and beside them the facts of a set that are read from other tables.

    Requests count by the day on which they were made, copies by when they were put on record.
    """

    def __init__(self, facts: Any, at_on: date) -> None:
        self._facts, self._at_on = facts, at_on

    def __getattr__(self, name: str) -> Any:
        return getattr(self._facts, name)

    @property
    def asked_twice(self) -> ColumnElement[bool]:
        """A second request to supplement had been made."""
        requests = (
            select(func.count())
            .select_from(Supplement)
            .join(EventRow, EventRow.id == Supplement.opened_event_id)
            .where(Supplement.dossier_id == self._facts.dossier_id, EventRow.occurred_on <= self._at_on)
            .correlate(self._facts)
        )
        return requests.scalar_subquery() > 1

    @property
    def papers_digitised(self) -> ColumnElement[bool]:
        """There was an electronic copy of a paper."""
        return self._copy_of("paper")

    @property
    def result_digitised(self) -> ColumnElement[bool]:
        """There was an electronic copy of the result."""
        return self._copy_of("result")

    def _copy_of(self, kind: str) -> ColumnElement[bool]:
        tomorrow = datetime.combine(self._at_on + timedelta(days=1), time(), OFFICE_ZONE)
        return (
            select(Attachment.id)
            .where(
                Attachment.dossier_id == self._facts.dossier_id,
                Attachment.kind == kind,
                Attachment.digitised.is_(True),
                Attachment.recorded_at < tomorrow,
                or_(Attachment.removed_at.is_(None), Attachment.removed_at >= tomorrow),
            )
            .correlate(self._facts)
            .exists()
        )


def count_sets(
    session: Session, source: Source, *, from_on: date, at_on: date, predicates: Mapping[K, Predicate]
) -> dict[K, int]:
    """How many dossiers each set has, in one pass."""
    sums = [
        func.sum(case((SetQuery(source, from_on, at_on, one).admits, 1), else_=0))
        for one in predicates.values()
    ]
    row = session.execute(select(*sums).select_from(source.facts).where(*source.where)).one()
    return {key: int(number or 0) for key, number in zip(predicates, row, strict=True)}


@dataclass(frozen=True)
class Took:
    """So many dossiers of a case that began and ended on the same days."""

    case_id: int
    started_on: date
    ended_on: date
    number: int


@dataclass(frozen=True)
class Waited:
    """A span of dates in which the clock of one dossier stood still."""

    dossier_id: int
    case_id: int
    started_on: date
    ended_on: date
    since: date
    until: date | None


def times(session: Session, query: SetQuery) -> Sequence[Took]:
    """When the dossiers of a set began and ended, those of the same days together."""
    facts = query.source.facts
    columns = (Dossier.case_id, Dossier.clock_start_on, facts.ended_on)
    rows = session.execute(
        select(*columns, func.count())
        .join(Dossier, Dossier.id == facts.dossier_id)
        .where(*query.where)
        .group_by(*columns)
    )
    return [Took(*row) for row in rows]


def waits(session: Session, query: SetQuery) -> Sequence[Waited]:
    """When the clocks of the dossiers of a set stood still, dossier by dossier."""
    facts = query.source.facts
    span = aliased(DossierSpan)
    rows = session.execute(
        select(
            Dossier.id,
            Dossier.case_id,
            Dossier.clock_start_on,
            facts.ended_on,
            span.valid_from,
            span.valid_to,
        )
        .join(Dossier, Dossier.id == facts.dossier_id)
        .join(span, span.dossier_id == Dossier.id)
        .where(*query.where, span.known_to.is_(None), span.waiting.is_(True))
        .order_by(Dossier.id, span.valid_from)
    )
    return [Waited(*row) for row in rows]


def cases(session: Session, case_ids: Sequence[int]) -> Sequence[tuple[int, int, str, bool]]:
    """(case id, procedure id, name of the case, whether it is the usual one)."""
    rows = session.execute(
        select(ProcedureCase.id, ProcedureVersion.procedure_id, ProcedureCase.name, ProcedureCase.is_default)
        .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
        .where(ProcedureCase.id.in_(case_ids))
    )
    return [(case_id, procedure_id, name, usual) for case_id, procedure_id, name, usual in rows]


def cases_like(session: Session, case_id: int) -> Sequence[int]:
    """The cases of the same procedure and name in every version; empty if there is no such case."""
    of_procedure = (
        select(ProcedureVersion.procedure_id)
        .join(ProcedureCase, ProcedureCase.version_id == ProcedureVersion.id)
        .where(ProcedureCase.id == case_id)
        .scalar_subquery()
    )
    name = select(ProcedureCase.name).where(ProcedureCase.id == case_id).scalar_subquery()
    return session.scalars(
        select(ProcedureCase.id)
        .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
        .where(ProcedureVersion.procedure_id == of_procedure, ProcedureCase.name == name)
        .order_by(ProcedureCase.id)
    ).all()
