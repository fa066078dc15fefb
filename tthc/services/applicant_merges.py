"""Two entries of one person put together, looked at before, and taken apart again if that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, ApplicantMerge
from tthc.db.queries import applicants as queries
from tthc.db.queries import search
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.applicant_directory import ApplicantRow, data_of, in_use, row_of, subject_of
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import NotFound, StaleVersion, transaction

MERGE, UNDO = "merge_applicants", "undo_merge_applicants"

#: Groups of each kind that the list of candidates shows at once.
GROUPS = 30
#: Codes that the preview names; more are counted.
_NAMED = 200
_LABELS = {"id_number": "Cùng số giấy tờ", "phone": "Cùng số điện thoại", "name": "Cùng tên"}
#: What the kept entry takes over where it has nothing itself.
_FILLED = ("id_number", "phone", "email", "address")


@dataclass(frozen=True)
class Group:
    """Applicants that share something and may be one."""

    why: str
    value: str
    members: Sequence[ApplicantRow]


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do: which entry stays, what it takes over, which dossiers move."""

    kept_id: int
    kept: ApplicantInput
    kept_version: int
    merged_id: int
    merged: ApplicantInput
    merged_version: int
    result: ApplicantInput
    codes: Sequence[str]
    dossiers: int
    filings: int
    petitions: int


def candidates(session: Session, *, actor: Actor) -> list[Group]:
    """Applicants in use that share a number, a telephone or a name, the surest first, no pair twice."""
    actor.require(Action.VIEW_DOSSIERS)
    groups: list[Group] = []
    seen: set[frozenset[int]] = set()
    for what, label in _LABELS.items():
        values = queries.alike_groups(session, what, limit=GROUPS)
        rows = queries.alike(session, what, values) if values else []
        for value in values:
            members = [row_of(row) for row in rows if row.value == value]
            ids = frozenset(member.id for member in members)
            if not any(ids <= known for known in seen):
                seen.add(ids)
                shown = members[0].name if what == "name" else value
                groups.append(Group(label, shown, members))
    return groups


def preview(session: Session, *, actor: Actor, kept_id: int, merged_id: int) -> MergePreview:
    """What merging one into the other would do; nothing is written."""
    actor.require(Action.MERGE_APPLICANTS)
    kept, merged = _pair(session, kept_id, merged_id)
    moving = queries.referring(session, merged.id)
    dossiers = sorted({*moving["owned"], *moving["brought"]})
    return MergePreview(
        kept_id=kept.id,
        kept=data_of(kept),
        kept_version=kept.version,
        merged_id=merged.id,
        merged=data_of(merged),
        merged_version=merged.version,
        result=_result(kept, merged),
        codes=queries.codes(session, dossiers[:_NAMED]),
        dossiers=len(dossiers),
        filings=len({*moving["filed"], *moving["filings_brought"]}),
        petitions=len(moving["petitions"]),
    )


def merge(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    kept_id: int,
    kept_version: int,
    merged_id: int,
    merged_version: int,
) -> None:
    """Put one entry into another: all that refers to it moves, and empty details are filled from it."""
    actor.require(Action.MERGE_APPLICANTS)
    with transaction(session):
        kept, merged = _pair(session, kept_id, merged_id, kept_version, merged_version)
        moved = queries.referring(session, merged.id)
        for name, ids in moved.items():
            queries.refer(session, name, ids, before=merged.id, after=kept.id)
        result = _result(kept, merged)
        filled = [name for name in _FILLED if getattr(result, name) != getattr(kept, name)]
        for name in filled:
            setattr(kept, name, getattr(result, name))
        merged.merged_into_id = kept.id
        kept.version += 1
        merged.version += 1
        session.add(
            ApplicantMerge(
                kept_id=kept.id,
                merged_id=merged.id,
                at=now,
                account_id=actor.account_id,
                moved_json={**moved, "filled": filled},
            )
        )
        search.write_of_applicants(session, [kept.id])
        _note(session, now, actor, MERGE, kept.id, merged.id, moved)


def undo(session: Session, *, now: datetime, actor: Actor, merge_id: int, version: int) -> int:
    """Take a merge back: what moved and has not moved on since returns; the id of the kept entry."""
    actor.require(Action.MERGE_APPLICANTS)
    with transaction(session):
        done = queries.merge(session, merge_id)
        if done is None:
            raise NotFound("Không tìm thấy lần gộp này.")
        if done.version != version or done.undone_at is not None:
            raise StaleVersion("Lần gộp này")
        kept = in_use(session, done.kept_id)
        merged = queries.by_id(session, done.merged_id, lock=True)
        if merged is None or merged.merged_into_id != kept.id:
            raise StaleVersion("Lần gộp này")
        moved = {name: done.moved_json[name] for name in queries.REFERENCES}
        for name, ids in moved.items():
            queries.refer(session, name, ids, before=kept.id, after=merged.id)
        for name in done.moved_json["filled"]:
            # A detail that was typed anew since is the kept one's own.
            if getattr(kept, name) == getattr(merged, name):
                setattr(kept, name, "")
        merged.merged_into_id = None
        merged.version += 1
        kept.version += 1
        done.undone_at, done.undone_by = now, actor.account_id
        done.version += 1
        search.write_of_applicants(session, [kept.id, merged.id])
        _note(session, now, actor, UNDO, kept.id, merged.id, moved)
        return kept.id


def _pair(
    session: Session,
    kept_id: int,
    merged_id: int,
    kept_version: int | None = None,
    merged_version: int | None = None,
) -> tuple[Applicant, Applicant]:
    if kept_id == merged_id:
        raise DomainError("Chọn hai chủ hồ sơ khác nhau để gộp.")
    # Always in the same order, so that two merges never wait for each other.
    versions = {kept_id: kept_version, merged_id: merged_version}
    found = {key: in_use(session, key, versions[key]) for key in sorted(versions)}
    return found[kept_id], found[merged_id]


def _result(kept: Applicant, merged: Applicant) -> ApplicantInput:
    own, other = data_of(kept), data_of(merged)
    return ApplicantInput(
        own.kind, own.name, *(getattr(own, name) or getattr(other, name) for name in _FILLED)
    )


def _note(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    kept_id: int,
    merged_id: int,
    moved: dict[str, list[int]],
) -> None:
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=subject_of(kept_id),
        detail={"merged": merged_id, **{name: len(ids) for name, ids in moved.items()}},
    )
