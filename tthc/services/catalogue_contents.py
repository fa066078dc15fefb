"""What versions of procedures say, read from their rows and written to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from tthc.db.models import (
    LimitSegmentRow,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
    Sector,
    StepTemplate,
)
from tthc.db.queries import catalogue as queries
from tthc.db.queries import catalogue_versions as version_queries
from tthc.db.queries import steps as step_queries
from tthc.db.queries import worklists
from tthc.domain.catalogue import CaseContent, PaperContent, VersionContent
from tthc.domain.steps import StepPlan
from tthc.domain.text import fold
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import LimitKind


def contents_of(session: Session, versions: Iterable[ProcedureVersion]) -> dict[int, VersionContent]:
    """What some versions say, by their ids; four queries however many they are."""
    rows = {version.id: version for version in versions}
    sectors = version_queries.sectors_of(session, [row.sector_id for row in rows.values()])
    cases: dict[int, list[ProcedureCase]] = defaultdict(list)
    for case in queries.cases_of(session, list(rows)):
        cases[case.version_id].append(case)
    limits: dict[tuple[int, LimitKind], list[LimitSegment]] = defaultdict(list)
    for segment in queries.segments_of(session, [case.id for group in cases.values() for case in group]):
        limits[segment.case_id, segment.kind].append(
            LimitSegment(segment.amount, segment.unit, segment.agency)
        )
    papers: dict[int, list[PaperContent]] = defaultdict(list)
    for paper in queries.requirements_of(session, list(rows)):
        papers[paper.version_id].append(
            PaperContent(paper.name, paper.originals, paper.certified, paper.copies, paper.required)
        )
    return {
        version_id: VersionContent(
            name=row.name,
            sector=sectors[row.sector_id],
            legal_basis=row.legal_basis,
            result=row.result,
            online_level=row.online_level,
            supplement_mode=row.supplement_mode,
            financial_stops_clock=row.financial_stops_clock,
            due_soon_days=row.due_soon_days,
            fee=row.fee,
            declaration_reduced=row.declaration_reduced,
            declared_cut_percent=row.declared_cut_percent,
            fields_before=row.fields_before,
            fields_after=row.fields_after,
            code_confirmed=row.code_confirmed,
            limit_confirmed=row.limit_confirmed,
            cases=tuple(
                CaseContent(
                    name=case.name,
                    channel=case.channel,
                    is_default=case.is_default,
                    statutory=tuple(limits[case.id, LimitKind.STATUTORY]),
                    committed=tuple(limits[case.id, LimitKind.COMMITTED]),
                )
                for case in cases[version_id]
            ),
            papers=tuple(papers[version_id]),
        )
        for version_id, row in rows.items()
    }


def write_general(session: Session, row: ProcedureVersion, content: VersionContent) -> None:
    """Let a version's row say what ``content`` says; a sector of an unknown name is added."""
    row.name = content.name
    row.name_folded = fold(content.name)
    row.sector_id = _sector_id(session, content.sector)
    row.legal_basis = content.legal_basis
    row.result = content.result
    row.online_level = content.online_level
    row.supplement_mode = content.supplement_mode
    row.financial_stops_clock = content.financial_stops_clock
    row.due_soon_days = content.due_soon_days
    row.fee = content.fee
    row.declaration_reduced = content.declaration_reduced
    row.declared_cut_percent = content.declared_cut_percent
    row.fields_before = content.fields_before
    row.fields_after = content.fields_after
    row.code_confirmed = content.code_confirmed
    row.limit_confirmed = content.limit_confirmed


def write_parts(session: Session, version_id: int, content: VersionContent) -> None:
    """Add the cases, limits and papers of a version that has none."""
    cases = [
        ProcedureCase(version_id=version_id, name=case.name, channel=case.channel, is_default=case.is_default)
        for case in content.cases
    ]
    session.add_all(cases)
    session.flush()
    for row, case in zip(cases, content.cases, strict=True):
        session.add_all(_segments(row.id, LimitKind.STATUTORY, case.statutory))
        session.add_all(_segments(row.id, LimitKind.COMMITTED, case.committed))
    session.add_all(
        Requirement(
            version_id=version_id,
            position=position,
            name=paper.name,
            originals=paper.originals,
            certified=paper.certified,
            copies=paper.copies,
            required=paper.required,
        )
        for position, paper in enumerate(content.papers, start=1)
    )
    session.flush()


def workflow_of(session: Session, version_id: int) -> tuple[StepPlan, ...]:
    """The steps of the internal workflow that were entered for a version; none where the usual ones hold."""
    rows = step_queries.templates_of(session, [version_id])
    return tuple(StepPlan(row.name, row.role, row.amount, row.unit) for row in rows)


def write_workflow(session: Session, version_id: int, steps: Sequence[StepPlan]) -> None:
    """Enter the steps of a version that has none."""
    session.add_all(
        StepTemplate(
            version_id=version_id, no=no, name=step.name, role=step.role, amount=step.amount, unit=step.unit
        )
        for no, step in enumerate(steps, start=1)
    )
    session.flush()


def _segments(case_id: int, kind: LimitKind, segments: Sequence[LimitSegment]) -> list[LimitSegmentRow]:
    return [
        LimitSegmentRow(
            case_id=case_id,
            no=number,
            kind=kind,
            amount=segment.amount,
            unit=segment.unit,
            agency=segment.agency,
        )
        for number, segment in enumerate(segments, start=1)
    ]


def _sector_id(session: Session, name: str) -> int:
    """The sector of a name, whatever its capitals and tone marks; a new one comes last in the tally."""
    known = worklists.sectors(session)
    for one in known:
        if fold(one.name) == fold(name):
            number: int = one.id
            return number
    numbers = [int(one.code[2:]) for one in known if one.code.startswith("LV") and one.code[2:].isdigit()]
    sector = Sector(
        code=f"LV{max(numbers, default=0) + 1:02d}",
        name=name,
        position=max((one.position for one in known), default=0) + 1,
    )
    session.add(sector)
    session.flush()
    return sector.id
