"""The catalogue of procedures, as it holds on a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.db.models import Procedure, ProcedureCase, ProcedureVersion
from tthc.db.queries import catalogue as queries
from tthc.db.queries import worklists
from tthc.db.queries.catalogue import CatalogueEntry
from tthc.domain.catalogue import CatalogueMark, Reduction
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import LimitKind
from tthc.services.catalogue_drafts import one_of, version_facts
from tthc.services.procedure_terms import counting, needed_limit, not_in_force
from tthc.services.transaction import NotFound
from tthc.services.views import (
    PAGE_SIZE,
    CaseChoice,
    Choice,
    Page,
    ProcedureRow,
    ProcedureView,
    RequirementView,
)

_Segments = dict[LimitKind, list[LimitSegment]]

_UNKNOWN = "Không tìm thấy thủ tục này trong danh mục; hãy chọn lại thủ tục."


@dataclass(frozen=True)
class CatalogueFilter:
    """What narrows the catalogue down, as its address holds it."""

    q: str = ""
    sector_id: int | None = None
    mark: CatalogueMark | None = None
    page: int = 1


def list_procedures(session: Session, *, actor: Actor, on: date) -> list[ProcedureRow]:
    """Every procedure that is in the catalogue on a date, by local number; three queries in all."""
    actor.require(Action.VIEW_CATALOGUE)
    return _rows(session, queries.entries(session, on))


def search_procedures(
    session: Session, *, actor: Actor, on: date, criteria: CatalogueFilter
) -> Page[ProcedureRow]:
    """One page of the procedures that a filter admits, by local number; four queries in all."""
    actor.require(Action.VIEW_CATALOGUE)
    where = queries.conditions(on, q=criteria.q, sector_id=criteria.sector_id, mark=criteria.mark)
    offset = (criteria.page - 1) * PAGE_SIZE
    return Page(
        rows=_rows(session, queries.page(session, on, where, offset=offset, limit=PAGE_SIZE)),
        total=queries.count(session, where),
        number=criteria.page,
    )


def procedure_choices(session: Session, *, actor: Actor, on: date) -> list[Choice]:
    """The procedures as the intake form offers them, found by number, code or name."""
    actor.require(Action.VIEW_CATALOGUE)
    return [
        Choice(str(number), f"{local_no}. {code or '(chưa có mã)'} {name}")
        for number, local_no, code, name in queries.names(session, on)
    ]


def sector_choices(session: Session, *, actor: Actor) -> list[Choice]:
    """The sectors in the order of the tally."""
    actor.require(Action.VIEW_CATALOGUE)
    return [Choice(str(sector.id), sector.name) for sector in worklists.sectors(session)]


def get_procedure(
    session: Session, *, actor: Actor, on: date, local_no: int, today: date | None = None
) -> ProcedureView:
    """A procedure by its local number, with the version that holds on a date.

    ``today``, if that is another date, decides which versions are still to come.
    """
    actor.require(Action.VIEW_CATALOGUE)
    return _view(session, actor, queries.entry_no(session, on, local_no), today or on)


def get_procedure_by_id(session: Session, *, actor: Actor, on: date, procedure_id: int) -> ProcedureView:
    """A procedure by its id, with the version that holds on a date."""
    actor.require(Action.VIEW_CATALOGUE)
    return _view(session, actor, queries.entry_of(session, on, procedure_id), on)


def version_in_force(session: Session, procedure_id: int, on: date) -> ProcedureVersion:
    """The version under which something received on a date is handled; refused where none holds yet."""
    version = queries.version_in_force(session, procedure_id, on)
    if version is None:
        raise not_in_force(on)
    return version


def cases_of(session: Session, version_id: int) -> list[ProcedureCase]:
    """The cases of a version, its defaults first."""
    return list(queries.cases_of(session, [version_id]))


def limit_of(session: Session, case_id: int) -> TimeLimit:
    """The limit that counts for a case: what the board promises, else what the law allows."""
    return needed_limit(limits_of(session, [case_id]).get(case_id))


def limits_of(session: Session, case_ids: Sequence[int]) -> dict[int, TimeLimit]:
    """The limits of cases that count, in one query; a case without any is left out."""
    return {case_id: counting(kinds) for case_id, kinds in _segments_of(session, case_ids).items()}


def _segments_of(session: Session, case_ids: Sequence[int]) -> dict[int, _Segments]:
    """Case -> kind -> parts in order; a case without any is left out."""
    found: dict[int, _Segments] = defaultdict(lambda: defaultdict(list))
    for row in queries.segments_of(session, case_ids):
        found[row.case_id][row.kind].append(LimitSegment(row.amount, row.unit, row.agency))
    return found


def find_procedure_by_code(session: Session, national_code: str) -> Procedure | None:
    """The procedure with a national code."""
    return queries.procedure_by_code(session, squeeze(national_code))


def find_procedure_by_name(session: Session, name: str) -> Procedure | None:
    """The one procedure that any of its versions calls ``name``; ``None`` if there is none, or several.

    Unicode form, blanks, capitals and diacritics do not tell names apart ("Uỷ ban" is "Ủy ban"), unless
    two procedures are the same but for them: then the exact spelling decides.
    """
    found = queries.find_procedures_by_name(session, name)
    procedures = {procedure.id: procedure for procedure, _ in found}
    if len(procedures) > 1:
        exact = squeeze(name)
        procedures = {procedure.id: procedure for procedure, own in found if squeeze(own) == exact}
    return next(iter(procedures.values())) if len(procedures) == 1 else None


def _cases_by_version(session: Session, version_ids: Sequence[int]) -> dict[int, list[ProcedureCase]]:
    cases: dict[int, list[ProcedureCase]] = {version_id: [] for version_id in version_ids}
    for case in queries.cases_of(session, version_ids):
        cases[case.version_id].append(case)
    return cases


def _rows(session: Session, found: Sequence[CatalogueEntry]) -> list[ProcedureRow]:
    cases = _cases_by_version(session, [entry.version.id for entry in found])
    limits = limits_of(session, [case.id for group in cases.values() for case in group])
    return [_row(entry, cases[entry.version.id], limits) for entry in found]


def _row(
    entry: CatalogueEntry, cases: Sequence[ProcedureCase], limits: Mapping[int, TimeLimit]
) -> ProcedureRow:
    procedure, version = entry.procedure, entry.version
    # The general default leads; a default for one channel only stands in where there is no general one.
    defaults = sorted((case for case in cases if case.is_default), key=lambda case: case.channel is not None)
    limit = limits.get(defaults[0].id) if defaults else None
    return ProcedureRow(
        id=procedure.id,
        local_no=procedure.local_no,
        national_code=procedure.national_code,
        name=version.name,
        sector=entry.sector.name,
        limit_label=limit.label if limit else "",
        fee=version.fee,
        online_level=version.online_level,
        code_confirmed=version.code_confirmed,
        limit_confirmed=version.limit_confirmed,
        replaced_by=procedure.replaced_by,
        declaration_reduced=version.declaration_reduced,
        withdrawn_on=procedure.withdrawn_on,
        reduction=Reduction(
            version.declared_cut_percent,
            version.fields_before,
            version.fields_after,
        ),
        next_from=entry.next_from,
    )


def _view(session: Session, actor: Actor, entry: CatalogueEntry | None, today: date) -> ProcedureView:
    if entry is None:
        raise NotFound(_UNKNOWN, "procedure_id")
    procedure, version = entry.procedure, entry.version
    cases = cases_of(session, version.id)
    segments = _segments_of(session, [case.id for case in cases])
    limits = {case_id: counting(kinds) for case_id, kinds in segments.items()}
    successor = find_procedure_by_code(session, procedure.replaced_by) if procedure.replaced_by else None
    return ProcedureView(
        row=_row(entry, cases, limits),
        version=one_of(version_facts(session, procedure.id, today), version.id),
        legal_basis=tuple(part.strip() for part in version.legal_basis.split(";") if part.strip()),
        result=version.result,
        supplement_mode=version.supplement_mode,
        financial_stops_clock=version.financial_stops_clock,
        due_soon_days=version.due_soon_days,
        cases=tuple(
            CaseChoice(
                id=case.id,
                name=case.name,
                limit_label=limits[case.id].label if case.id in limits else "",
                channel=case.channel,
                is_default=case.is_default,
                statutory=tuple(segments[case.id][LimitKind.STATUTORY]) if case.id in segments else (),
                committed=tuple(segments[case.id][LimitKind.COMMITTED]) if case.id in segments else (),
            )
            for case in cases
        ),
        requirements=tuple(
            RequirementView(
                id=paper.id,
                name=paper.name,
                originals=paper.originals,
                certified=paper.certified,
                copies=paper.copies,
                required=paper.required,
            )
            for paper in queries.requirements_of(session, [version.id])
        ),
        open_dossiers=queries.count_pending(session, actor.unit_id, procedure.id),
        note=procedure.note,
        replacement_no=successor.local_no if successor else None,
    )
