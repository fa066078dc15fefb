"""The directory of applicants: who they are, what they filed, and a corrected entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant
from tthc.db.queries import applicants as queries
from tthc.db.queries import filings as filing_queries
from tthc.db.queries import search
from tthc.db.queries import worklists as dossier_queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import fold
from tthc.domain.vocabulary import ApplicantKind, DomainError, FilingState
from tthc.services import applicants, audit, calendar, worklists
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import PAGE_SIZE, DossierRow, Page

EDIT = "edit_applicant"
#: Filings that the page of an applicant shows.
FILED = 50
_WHO = "Chủ hồ sơ"


@dataclass(frozen=True)
class ApplicantRow:
    """An applicant as lists show it; how many ``dossiers`` are theirs, and ``filings`` that are none."""

    id: int
    name: str
    kind: ApplicantKind
    id_number: str
    phone: str
    dossiers: int
    filings: int


@dataclass(frozen=True)
class FiledRow:
    """What an applicant filed that was not, or not yet, accepted."""

    id: int
    number: str
    submitted_at: datetime
    procedure: str
    state: FilingState


@dataclass(frozen=True)
class MergeRow:
    """Another entry that was merged into this one and can be taken out again."""

    id: int
    version: int
    name: str
    id_number: str
    at: datetime
    by: str
    dossiers: int


@dataclass(frozen=True)
class ApplicantView:
    """An applicant with their dossiers, newest first, and who may be the same person.

    ``filed`` are the newest of :attr:`filings` filings that wait or were refused.
    ``merged_into`` is where a merged entry is found now; it has no dossiers of its own.
    """

    id: int
    data: ApplicantInput
    version: int
    merged_into: int | None
    blanked: bool
    dossiers: Page[DossierRow]
    filed: Sequence[FiledRow]
    filings: int
    alike: Sequence[ApplicantRow]
    merges: Sequence[MergeRow]


def subject_of(applicant_id: int) -> str:
    """How audit chain and access log name an applicant."""
    return f"applicant:{applicant_id}"


def list_applicants(
    session: Session, *, actor: Actor, q: str = "", kind: ApplicantKind | None = None, page: int = 1
) -> Page[ApplicantRow]:
    """One page of the directory, in the Vietnamese order of names; merged ones are found at the kept one."""
    actor.require(Action.VIEW_DOSSIERS)
    where = queries.conditions(q=q, kind=kind)
    number = max(1, page)
    found = queries.rows(session, where, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page([row_of(row) for row in found], queries.count(session, where), number)


def get_applicant(
    session: Session, *, actor: Actor, now: datetime, applicant_id: int, page: int = 1
) -> ApplicantView:
    """One applicant with one page of the dossiers of the actor's unit that they own or have brought."""
    actor.require(Action.VIEW_DOSSIERS)
    one = queries.by_id(session, applicant_id)
    if one is None:
        raise NotFound("Không tìm thấy chủ hồ sơ này.")
    today = worklists.office_day(now)
    rules = calendar.load_rules(session, actor.unit_id, today)
    days = dossier_queries.Days(today, {})
    where = [
        *dossier_queries.conditions(unit_id=actor.unit_id, days=days, account_id=actor.account_id),
        queries.theirs(applicant_id),
    ]
    number = max(1, page)
    found = dossier_queries.rows(
        session, where, sort="-received", offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    rows = [worklists.row_of(raw, today, rules.calendar) for raw in found]
    filed, filings = filing_queries.of_applicant(session, actor.unit_id, one.id, limit=FILED)
    in_use = one.merged_into_id is None and one.blanked_at is None
    return ApplicantView(
        id=one.id,
        data=data_of(one),
        version=one.version,
        merged_into=one.merged_into_id,
        blanked=one.blanked_at is not None,
        dossiers=Page(rows, dossier_queries.count(session, where), number),
        filed=[
            FiledRow(filing.id, filing.number, filing.submitted_at, name, filing.state)
            for filing, name in filed
        ],
        filings=filings,
        alike=[_bare_row(other) for other in queries.like_one(session, one, limit=10)] if in_use else [],
        merges=[
            MergeRow(
                row.id, row.version, row.name, row.id_number, row.at, row.by, len(row.moved_json["owned"])
            )
            for row in queries.merges_of(session, one.id)
        ],
    )


def edit_applicant(
    session: Session, *, now: datetime, actor: Actor, applicant_id: int, version: int, data: ApplicantInput
) -> None:
    """Put the entry of an applicant right; every dossier of theirs shows it and is found by it at once.

    Refused where another entry has the same number and name: these are to be merged.
    """
    actor.require(Action.EDIT_APPLICANT)
    data = applicants.clean(data)
    with transaction(session):
        one = in_use(session, applicant_id, version)
        changed = [
            field.name for field in fields(data) if getattr(one, field.name) != getattr(data, field.name)
        ]
        if not changed:
            raise DomainError("Chưa có gì khác với thông tin đang lưu; sửa rồi lưu.")
        for name in changed:
            setattr(one, name, getattr(data, name))
        one.name_folded, one.name_key = fold(one.name), applicants.order_key(one.kind, one.name)
        twin = queries.same_person(session, one)
        if twin is not None:
            raise DomainError(
                f"Đã có chủ hồ sơ khác cùng số giấy tờ và tên (“{twin.name}”); hãy gộp hai mục này.",
                "id_number",
            )
        one.version += 1
        search.write_of_applicants(session, [one.id])
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action=EDIT,
            subject=subject_of(one.id),
            detail={"fields": changed},
        )


def in_use(session: Session, applicant_id: int, version: int | None = None) -> Applicant:
    """The applicant, locked, as it was shown; refuses one that was merged, blanked or changed since."""
    one = queries.by_id(session, applicant_id, lock=True)
    if one is None:
        raise NotFound("Không tìm thấy chủ hồ sơ này.")
    if one.merged_into_id is not None:
        raise DomainError("Mục này đã được gộp vào một chủ hồ sơ khác; mở chủ hồ sơ đó.")
    if one.blanked_at is not None:
        raise DomainError("Thông tin của chủ hồ sơ này đã được xóa theo thời hạn lưu.")
    if version is not None and one.version != version:
        raise StaleVersion(_WHO)
    return one


def data_of(one: Applicant) -> ApplicantInput:
    """What is stored of an applicant, as it is typed."""
    return ApplicantInput(one.kind, one.name, one.id_number, one.phone, one.email, one.address)


def row_of(row: Any) -> ApplicantRow:
    """A row of the queries as lists show it."""
    return ApplicantRow(row.id, row.name, row.kind, row.id_number, row.phone, row.dossiers, row.filings)


def _bare_row(one: Applicant) -> ApplicantRow:
    return ApplicantRow(one.id, one.name, one.kind, one.id_number, one.phone, 0, 0)
