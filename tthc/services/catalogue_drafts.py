"""Versions before they are recorded: what a form begins with, and what a version would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Procedure, ProcedureVersion
from tthc.db.queries import catalogue as catalogue_queries
from tthc.db.queries import catalogue_versions as queries
from tthc.domain.catalogue import ContentRefused, VersionContent, faults_of, tidy
from tthc.domain.catalogue_comparison import Comparison, compare
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services.catalogue_contents import contents_of
from tthc.services.transaction import NotFound
from tthc.services.views import ReceivedRow, VersionFacts

#: How many dossiers a review shows; the page of the version lists them all.
_SHOWN = 20


@dataclass(frozen=True)
class Draft:
    """What the form begins with; ``seen`` is the count of changes that is handed back with it.

    ``base`` is the version that the content comes from, ``planned`` whether that one is to be changed.
    """

    procedure_id: int
    local_no: int
    national_code: str | None
    seen: int
    base: VersionFacts
    content: VersionContent
    planned: bool


@dataclass(frozen=True)
class Review:
    """What a version would change: against the one before it, and for dossiers received since.

    ``until`` is the last day on which it would hold, ``received`` the first of ``received_count`` dossiers.
    """

    before: VersionFacts | None
    until: date | None
    comparison: Comparison | None
    past: bool
    received: Sequence[ReceivedRow]
    received_count: int


def procedure_no(session: Session, local_no: int) -> Procedure:
    """The procedure of a local number; refused if there is none."""
    procedure = queries.by_no(session, local_no)
    if procedure is None:
        raise NotFound("Không tìm thấy thủ tục này trong danh mục; hãy chọn lại thủ tục.")
    return procedure


def version_facts(session: Session, procedure_id: int, today: date) -> list[VersionFacts]:
    """The versions of a procedure with their spans, the latest first; one query."""
    found: list[VersionFacts] = []
    until: date | None = None
    for row, name in queries.versions(session, procedure_id):
        found.append(
            VersionFacts(
                id=row.id,
                valid_from=row.valid_from,
                valid_until=until,
                decision=row.decision,
                reason=row.reason,
                by=name or "Hệ thống",
                at=row.recorded_at,
                planned=row.valid_from is not None and row.valid_from > today,
                in_force=(row.valid_from is None or row.valid_from <= today)
                and (until is None or until >= today),
            )
        )
        until = None if row.valid_from is None else date.fromordinal(row.valid_from.toordinal() - 1)
    return found


def draft_version(
    session: Session, *, actor: Actor, on: date, local_no: int, base_id: int | None = None
) -> Draft:
    """A new version, filled from the one in force (or ``base_id``); the first to come if none holds yet."""
    actor.require(Action.EDIT_CATALOGUE)
    procedure = procedure_no(session, local_no)
    facts = version_facts(session, procedure.id, on)
    if base_id is None:
        base = next((one for one in facts if one.in_force), facts[-1])
    else:
        base = one_of(facts, base_id)
    return _draft(session, procedure, base, planned=False)


def draft_planned(session: Session, *, actor: Actor, on: date, local_no: int, version_id: int) -> Draft:
    """A version that may still be changed, as it is."""
    actor.require(Action.EDIT_CATALOGUE)
    procedure = procedure_no(session, local_no)
    facts = one_of(version_facts(session, procedure.id, on), version_id)
    refuse_used(session, facts)
    return _draft(session, procedure, facts, planned=True)


def review_version(
    session: Session,
    *,
    actor: Actor,
    on: date,
    local_no: int,
    content: VersionContent,
    valid_from: date,
    version_id: int | None = None,
) -> Review:
    """What a version would change, nothing saved; ``version_id`` is the planned one that it would replace."""
    actor.require(Action.EDIT_CATALOGUE)
    procedure = procedure_no(session, local_no)
    wanted = tidy(content)
    if faults := faults_of(wanted):
        raise ContentRefused(faults)
    row = catalogue_queries.version_in_force(session, procedure.id, valid_from, without=version_id)
    facts = {one.id: one for one in version_facts(session, procedure.id, on)}
    following = queries.next_start(session, procedure.id, valid_from, without=version_id)
    where = queries.received_between(actor.unit_id, procedure.id, valid_from, following, version_id)
    count = queries.count_dossiers(session, where)
    return Review(
        before=facts[row.id] if row else None,
        until=date.fromordinal(following.toordinal() - 1) if following else None,
        comparison=compare(contents_of(session, [row])[row.id], wanted) if row else None,
        past=valid_from < on,
        received=received_rows(queries.dossiers(session, where, offset=0, limit=_SHOWN)) if count else (),
        received_count=count,
    )


def received_rows(rows: Sequence[Any]) -> list[ReceivedRow]:
    """Rows of a query as pages show them."""
    return [ReceivedRow(code, received, due, ended, since) for code, received, due, ended, since in rows]


def one_of(facts: Sequence[VersionFacts], version_id: int) -> VersionFacts:
    for one in facts:
        if one.id == version_id:
            return one
    raise NotFound("Không tìm thấy phiên bản này của thủ tục; xem danh sách phiên bản.")


def _draft(session: Session, procedure: Procedure, base: VersionFacts, *, planned: bool) -> Draft:
    row = session.get_one(ProcedureVersion, base.id)
    return Draft(
        procedure_id=procedure.id,
        local_no=procedure.local_no,
        national_code=procedure.national_code,
        seen=procedure.version,
        base=base,
        content=contents_of(session, [row])[row.id],
        planned=planned,
    )


def refuse_used(session: Session, facts: VersionFacts) -> None:
    if not facts.planned or queries.is_used(session, facts.id):
        raise DomainError(
            "Phiên bản này đã bắt đầu áp dụng hoặc đã có hồ sơ nên được giữ nguyên; "
            "hãy ghi phiên bản mới áp dụng từ hôm nay hoặc từ ngày của quyết định mới."
        )
