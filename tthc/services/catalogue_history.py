"""The history of a procedure: its versions side by side, and what was changed beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import ProcedureVersion
from tthc.db.queries import catalogue_versions as queries
from tthc.domain.catalogue_comparison import Comparison, compare
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import ProcedureChangeKind
from tthc.services.catalogue_contents import contents_of
from tthc.services.catalogue_drafts import one_of, procedure_no, received_rows, version_facts
from tthc.services.views import PAGE_SIZE, Page, ReceivedRow, VersionFacts


@dataclass(frozen=True)
class VersionRow:
    """A version in the list of all.

    ``used``: dossiers that it governs; ``under_another``: received while it holds, under another version.
    """

    facts: VersionFacts
    name: str
    used: int
    under_another: int


@dataclass(frozen=True)
class ChangeRow:
    """A change of what versions do not date."""

    kind: ProcedureChangeKind
    old: str
    new: str
    decision: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class History:
    """The versions of a procedure, the latest date first, and the newest changes beside them."""

    local_no: int
    name: str
    national_code: str | None
    page: Page[VersionRow]
    versions: Sequence[VersionFacts]
    changes: Sequence[ChangeRow]
    more_changes: bool


@dataclass(frozen=True)
class SideBySide:
    """Two versions and how they differ; ``old`` begins first."""

    old: VersionFacts
    new: VersionFacts
    comparison: Comparison


@dataclass(frozen=True)
class VersionPage:
    """A version: against the one before it, and the dossiers received while it holds under another one."""

    local_no: int
    name: str
    seen: int
    facts: VersionFacts
    before: VersionFacts | None
    comparison: Comparison | None
    used: int
    changeable: bool
    page: Page[ReceivedRow]


def get_history(session: Session, *, actor: Actor, on: date, local_no: int, page: int = 1) -> History:
    """All versions and changes of a procedure; a fixed number of queries."""
    actor.require(Action.VIEW_CATALOGUE)
    procedure = procedure_no(session, local_no)
    facts = version_facts(session, procedure.id, on)
    names = {row.id: row.name for row, _ in queries.versions(session, procedure.id)}
    used = queries.usage(session, actor.unit_id, procedure.id)
    others = queries.under_another(session, actor.unit_id, procedure.id)
    changes = queries.changes(session, procedure.id, PAGE_SIZE + 1)
    shown = facts[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return History(
        local_no=local_no,
        name=names[_current(facts).id],
        national_code=procedure.national_code,
        page=Page(
            [VersionRow(one, names[one.id], used.get(one.id, 0), others.get(one.id, 0)) for one in shown],
            total=len(facts),
            number=page,
        ),
        versions=facts,
        changes=[
            ChangeRow(
                change.kind,
                change.old_value,
                change.new_value,
                change.decision,
                change.reason,
                name or "Hệ thống",
                change.recorded_at,
            )
            for change, name in changes[:PAGE_SIZE]
        ],
        more_changes=len(changes) > PAGE_SIZE,
    )


def compare_versions(
    session: Session, *, actor: Actor, on: date, local_no: int, version_ids: Sequence[int]
) -> SideBySide:
    """Two versions of a procedure side by side, whichever was named first."""
    actor.require(Action.VIEW_CATALOGUE)
    facts = version_facts(session, procedure_no(session, local_no).id, on)
    one, other = (one_of(facts, version_id) for version_id in version_ids)
    new, old = sorted((one, other), key=facts.index)
    return SideBySide(old, new, _comparison(session, old, new))


def get_version(
    session: Session, *, actor: Actor, on: date, local_no: int, version_id: int, page: int = 1
) -> VersionPage:
    """One version of a procedure."""
    actor.require(Action.VIEW_CATALOGUE)
    procedure = procedure_no(session, local_no)
    all_facts = version_facts(session, procedure.id, on)
    facts = one_of(all_facts, version_id)
    before = next(iter(all_facts[all_facts.index(facts) + 1 :]), None)
    used = queries.usage(session, actor.unit_id, procedure.id).get(version_id, 0)
    found: Page[ReceivedRow] = Page((), 0, page)
    if facts.valid_from is not None:
        following = queries.next_start(session, procedure.id, facts.valid_from, without=version_id)
        where = queries.received_between(actor.unit_id, procedure.id, facts.valid_from, following, version_id)
        rows = queries.dossiers(session, where, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        found = Page(received_rows(rows), queries.count_dossiers(session, where), page)
    return VersionPage(
        local_no=local_no,
        name=session.get_one(ProcedureVersion, version_id).name,
        seen=procedure.version,
        facts=facts,
        before=before,
        comparison=_comparison(session, before, facts) if before else None,
        used=used,
        changeable=facts.planned and not queries.is_used(session, version_id),
        page=found,
    )


def _current(facts: Sequence[VersionFacts]) -> VersionFacts:
    """The version in force, else the first to come."""
    return next((one for one in facts if one.in_force), facts[-1])


def _comparison(session: Session, old: VersionFacts, new: VersionFacts) -> Comparison:
    rows = [session.get_one(ProcedureVersion, one.id) for one in (old, new)]
    contents = contents_of(session, rows)
    return compare(contents[old.id], contents[new.id])
