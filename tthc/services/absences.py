"""All work of an absent person handed to another at once, after a look at what it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Step
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import steps as queries
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError, EventKind, Role
from tthc.services import accounts, history, step_following, steps
from tthc.services.dossiers import needed_text
from tthc.services.transaction import StaleVersion, transaction
from tthc.services.views import Choice

#: What one act moves; more than that is no absence.
MOST = 500


@dataclass(frozen=True)
class WorkRow:
    """A dossier that somebody has to do with: in charge of it, or its step in hand."""

    code: str
    due_on: str
    in_charge: bool
    step: str


@dataclass(frozen=True)
class AbsencePreview:
    """What would go from one person to another; ``seen`` is handed back, so that nothing else goes."""

    from_name: str
    to_name: str
    rows: Sequence[WorkRow]
    seen: str


def people(session: Session, *, actor: Actor, now: datetime) -> list[Choice]:
    """Whose work can be handed over, and to whom."""
    actor.require(Action.ASSIGN_DOSSIER)
    return accounts.officers(session, actor.unit_id, office_time(now).date())


def preview_absence(
    session: Session, *, actor: Actor, now: datetime, from_id: int | None, to_id: int | None
) -> AbsencePreview:
    """Everything that would go over, by its codes; nothing is saved. Refuses what could not be done."""
    actor.require(Action.ASSIGN_DOSSIER)
    names = _named(session, actor, now, from_id, to_id)
    found = _found(session, actor, from_id or 0)
    _refuse_roles(session, actor, now, from_id or 0, to_id or 0, found)
    rows = [
        WorkRow(
            code=dossier.code,
            due_on=f"{dossier.due_on:%d/%m/%Y}",
            in_charge=dossier.officer_id == from_id and dossier.ended_at is None,
            step=step.name if step is not None and step.officer_id == from_id else "",
        )
        for dossier, step in found
    ]
    return AbsencePreview(names[0], names[1], rows, _seal(found))


def hand_over_work(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    from_id: int | None,
    to_id: int | None,
    reason: str,
    seen: str,
) -> int:
    """Give everything that was seen to the other person, in one transaction; how many dossiers.

    Each dossier keeps an event or a hand-over of its own, all under one action.
    """
    actor.require(Action.ASSIGN_DOSSIER)
    why = needed_text(reason, "reason", "Nhập lý do, ví dụ nghỉ phép từ ngày … đến ngày …")
    with transaction(session):
        _named(session, actor, now, from_id, to_id)
        found = _found(session, actor, from_id or 0)
        if _seal(found) != seen:
            raise StaleVersion("Danh sách công việc")
        _refuse_roles(session, actor, now, from_id or 0, to_id or 0, found)
        action = str(uuid4())
        for dossier, step in found:
            _give(session, now, actor, dossier, step, from_id or 0, to_id or 0, why, action)
        return len(found)


def _give(
    session: Session,
    now: datetime,
    actor: Actor,
    dossier: Dossier,
    step: Step | None,
    from_id: int,
    to_id: int,
    reason: str,
    action: str,
) -> None:
    if dossier.officer_id == from_id and dossier.ended_at is None:
        happening = history.Happening(
            EventKind.ASSIGN, now, {"officer_id": to_id}, note=reason, action_id=action
        )
        history.record(session, now=now, actor=actor, dossier=dossier, what=happening)
    if step is not None and step.officer_id == from_id:
        scene = steps.scene_of(session, actor, dossier, now)
        step_following.give(scene, step, to_id, reason, action)
        dossier.version += 1


def _named(
    session: Session, actor: Actor, now: datetime, from_id: int | None, to_id: int | None
) -> tuple[str, str]:
    """The names of both; refused where they are not two people who work on dossiers.

    Somebody whose account was closed may leave work behind, so only the one who takes it must be there.
    """
    if from_id is None:
        raise DomainError("Chọn người vắng mặt.", "from_id")
    offered = {choice.value: choice.label for choice in people(session, actor=actor, now=now)}
    if str(to_id) not in offered:
        raise DomainError("Chọn người nhận việc trong danh sách.", "to_id")
    if from_id == to_id:
        raise DomainError("Người nhận việc phải khác người vắng mặt.", "to_id")
    name = dossier_queries.people_named(session, [from_id]).get(from_id, "")
    if not name:
        raise DomainError("Chọn người vắng mặt trong danh sách.", "from_id")
    return name, offered[str(to_id)]


def _found(session: Session, actor: Actor, from_id: int) -> Sequence[tuple[Dossier, Step | None]]:
    found = [(dossier, step) for dossier, step in queries.in_hand_of(session, actor.unit_id, from_id)]
    if not found:
        raise DomainError("Người này không có hồ sơ nào đang xử lý.", "from_id")
    if len(found) > MOST:
        raise DomainError(
            f"Có {len(found)} hồ sơ, nhiều hơn {MOST} hồ sơ một lần; phân công bớt từ danh sách hồ sơ trước.",
            "from_id",
        )
    return found


def _refuse_roles(
    session: Session,
    actor: Actor,
    now: datetime,
    from_id: int,
    to_id: int,
    found: Sequence[tuple[Dossier, Step | None]],
) -> None:
    """Whoever takes a step must hold its role: a clerk does not sign."""
    on = office_time(now).date()
    holders: dict[Role, set[str]] = {}
    wrong = []
    for dossier, step in found:
        if step is None or step.officer_id != from_id:
            continue
        if step.role not in holders:
            people_of_role = accounts.people_of(session, actor.unit_id, on, step.role)
            holders[step.role] = {one.value for one in people_of_role}
        if str(to_id) not in holders[step.role]:
            wrong.append((step.role, dossier.code))
    if wrong:
        codes = ", ".join(code for _, code in wrong[:5]) + (", …" if len(wrong) > 5 else "")
        raise DomainError(
            f"Người nhận không phải {wrong[0][0].label.lower()} nên không nhận được bước của {len(wrong)} hồ "
            f"sơ ({codes}); chọn người khác.",
            "to_id",
        )


def _seal(found: Sequence[tuple[Dossier, Step | None]]) -> str:
    """What was seen, in short: the same only for the same dossiers in the same state."""
    text = ";".join(f"{dossier.id}:{dossier.version}" for dossier, _ in found)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
