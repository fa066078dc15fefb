"""On which terms something is received under a procedure: version, cases, limits, papers, steps.

Every receipt asks this several times, and it changes a few times a year: a process reads it once, and again
when the count of the procedure's changes has moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import procedure_terms as queries
from tthc.db.session import kept_for
from tthc.domain.steps import StepPlan
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import Channel, DomainError, LimitKind
from tthc.services.transaction import NotFound, is_writing
from tthc.services.views import RequirementView


@dataclass(frozen=True)
class CaseTerms:
    """A case of a version with the limit that counts for it, ``None`` where none was entered."""

    id: int
    name: str
    channel: Channel | None
    is_default: bool
    limit: TimeLimit | None

    @property
    def limit_label(self) -> str:
        """The limit in words; empty where none was entered."""
        return self.limit.label if self.limit else ""


@dataclass(frozen=True)
class VersionTerms:
    """What a version says to whoever receives under it. ``steps``: none where the usual ones hold."""

    id: int
    valid_from: date | None
    name: str
    sector_id: int
    fee: int | None
    limit_confirmed: bool
    code_confirmed: bool
    cases: Sequence[CaseTerms]
    requirements: Sequence[RequirementView]
    steps: Sequence[StepPlan]

    def missing(self, papers: Sequence[Mapping[str, Any]]) -> list[str]:
        """Names of the required papers that are not among ``papers`` as a dossier keeps them, or too few."""
        return [need.name for need, _ in self._short(papers)]

    def completed(self, papers: Sequence[Mapping[str, Any]], names: Collection[str]) -> list[Any]:
        """The papers once those of ``names`` that were missing are there in the numbers that are required."""
        whole = list(papers)
        for need, had in self._short(papers):
            if need.name in names:
                whole = [one for one in whole if one is not had] + [need.completed(had)]
        return whole

    def _short(
        self, papers: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[RequirementView, Mapping[str, Any] | None]]:
        """The requirements that are not met, each with what there is of it."""
        by_id = {paper["requirement_id"]: paper for paper in papers}
        by_name = {paper["name"]: paper for paper in papers}
        for need in self.requirements:
            had = by_id.get(need.id) or by_name.get(need.name)
            paper = had or {}
            got = paper.get("originals", 0), paper.get("certified", 0), paper.get("copies", 0)
            if need.short(got):
                yield need, had

    def default_case(self, channel: Channel) -> CaseTerms:
        """The case that applies when nobody chose one: the channel's own default first, else the general."""
        fitting = [case for case in self.cases if case.is_default and case.channel in (None, channel)]
        case = min(fitting, key=lambda one: (one.channel is None, one.id), default=None)
        if case is None:
            raise DomainError(
                "Thủ tục chưa khai trường hợp chung nên không xác định được thời hạn; hãy chọn trường hợp "
                "cụ thể hoặc bổ sung danh mục.",
                "case_id",
            )
        return case


@dataclass(frozen=True)
class ProcedureTerms:
    """A procedure with its versions in the order in which they begin to hold."""

    id: int
    national_code: str | None
    withdrawn_on: date | None
    replaced_by: str | None
    versions: Sequence[VersionTerms]

    def in_force(self, on: date) -> VersionTerms | None:
        """The version that holds on a date; ``None`` before the first."""
        begun = [one for one in self.versions if one.valid_from is None or one.valid_from <= on]
        return begun[-1] if begun else None

    def shown(self, on: date) -> VersionTerms:
        """The same, or the first one to come."""
        return self.in_force(on) or self.versions[0]

    def offered(self, on: date) -> bool:
        """Whether it is in the catalogue on a date."""
        return (self.withdrawn_on is None or self.withdrawn_on > on) and self.in_force(on) is not None

    def received_under(self, on: date) -> VersionTerms:
        """The version under which something received on a date is handled; else a refusal."""
        if self.withdrawn_on is not None and self.withdrawn_on <= on:
            raise DomainError(
                f"Thủ tục đã bị bãi bỏ từ ngày {self.withdrawn_on:%d/%m/%Y}; chọn thủ tục khác.",
                "procedure_id",
            )
        version = self.in_force(on)
        if version is None:
            raise not_in_force(on)
        return version


def not_in_force(on: date) -> NotFound:
    """The refusal of a procedure that has no version yet."""
    return NotFound(
        f"Thủ tục này không có phiên bản áp dụng cho ngày {on:%d/%m/%Y}; hãy kiểm tra danh mục thủ tục."
    )


def needed_limit(limit: TimeLimit | None) -> TimeLimit:
    """The limit of a case; refused where none was entered."""
    if limit is None:
        raise DomainError(
            "Trường hợp này chưa khai thời hạn giải quyết; hãy bổ sung thời hạn trong danh mục thủ tục.",
            "case_id",
        )
    return limit


def find_terms(session: Session, procedure_id: int) -> ProcedureTerms | None:
    """All versions of a procedure; ``None``: there is no such procedure."""
    changes = queries.changes(session, procedure_id)
    if changes is None:
        return None
    key = ("procedure", procedure_id, changes)
    kept = kept_for(session)
    found: ProcedureTerms | None = kept.get(key)
    if found is None:
        found = _read(session, procedure_id)
        # What is read while somebody writes may be rolled back, and the count of changes with it.
        if not is_writing(session):
            kept[key] = found
    return found


def get_terms(session: Session, procedure_id: int) -> ProcedureTerms:
    """The same; refused where there is no such procedure."""
    found = find_terms(session, procedure_id)
    if found is None:
        raise DomainError("Chọn thủ tục hành chính trong danh mục.", "procedure_id")
    return found


def counting(kinds: dict[LimitKind, list[LimitSegment]]) -> TimeLimit:
    """What the board promises counts, else what the law allows."""
    return TimeLimit(tuple(kinds.get(LimitKind.COMMITTED) or kinds[LimitKind.STATUTORY]))


def _read(session: Session, procedure_id: int) -> ProcedureTerms:
    row = queries.procedure(session, procedure_id)
    cases = _cases(queries.cases(session, procedure_id))
    papers: dict[int, list[RequirementView]] = defaultdict(list)
    for version_id, *columns in queries.papers(session, procedure_id):
        papers[version_id].append(RequirementView(*columns))
    steps: dict[int, list[StepPlan]] = defaultdict(list)
    for version_id, *columns in queries.steps(session, procedure_id):
        steps[version_id].append(StepPlan(*columns))
    versions = [
        VersionTerms(
            id=one.id,
            valid_from=one.valid_from,
            name=one.name,
            sector_id=one.sector_id,
            fee=one.fee,
            limit_confirmed=one.limit_confirmed,
            code_confirmed=one.code_confirmed,
            cases=cases[one.id],
            requirements=papers[one.id],
            steps=steps[one.id],
        )
        for one in queries.versions(session, procedure_id)
    ]
    return ProcedureTerms(row.id, row.national_code, row.withdrawn_on, row.replaced_by, versions)


def _cases(rows: Iterable[Any]) -> dict[int, list[CaseTerms]]:
    """The cases by version, as the rows have them in order."""
    firsts: dict[int, Any] = {}
    limits: dict[int, dict[LimitKind, list[LimitSegment]]] = {}
    for row in rows:
        firsts.setdefault(row.id, row)
        kinds = limits.setdefault(row.id, defaultdict(list))
        if row.kind is not None:
            kinds[row.kind].append(LimitSegment(row.amount, row.unit, row.agency))
    found: dict[int, list[CaseTerms]] = defaultdict(list)
    for case_id, row in firsts.items():
        limit = counting(limits[case_id]) if limits[case_id] else None
        found[row.version_id].append(CaseTerms(case_id, row.name, row.channel, row.is_default, limit))
    return found
