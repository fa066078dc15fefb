"""Several dossiers marked in a list: looked at by their codes, then changed as one action, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow
from tthc.db.queries import dossiers as queries
from tthc.db.queries import search
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError, DossierState, EndKind, EventKind, Outcome
from tthc.services import history
from tthc.services.dossier_papers import HAND_OVER_SLUG, READY
from tthc.services.dossiers import NEEDS
from tthc.services.intake import officer_of
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import Choice

#: As many dossiers as one action changes.
MOST = 100


@dataclass(frozen=True)
class Mark:
    """A dossier as its row was shown: its code and its version."""

    code: str
    version: int


@dataclass(frozen=True)
class Left:
    """A dossier that was marked and does not take part, with the reason."""

    code: str
    reason: str


@dataclass(frozen=True)
class MarkedRow:
    """A dossier that takes part."""

    code: str
    version: int
    procedure: str
    applicant: str
    due_on: date
    state: DossierState


@dataclass(frozen=True)
class Selection:
    """What would be done: the dossiers that take part, and those that do not."""

    rows: Sequence[MarkedRow]
    left: Sequence[Left]


def look(
    session: Session, *, actor: Actor, marks: Sequence[Mark], kind: EventKind | None = None
) -> Selection:
    """Which of the marked dossiers take part in an action (``None``: in printing); nothing is saved."""
    actor.require(NEEDS[kind] if kind else Action.PROCESS_DOSSIER)
    found = queries.by_codes(session, actor.unit_id, [mark.code for mark in _distinct(marks)])
    titles = queries.titles_of(session, [dossier.id for dossier in found.values()])
    rows, left = [], []
    for mark in _distinct(marks):
        dossier = found.get(mark.code)
        reason = _hindrance(dossier, mark, kind)
        if dossier is None or reason:
            left.append(Left(mark.code, reason))
        else:
            rows.append(
                MarkedRow(dossier.code, dossier.version, *titles[dossier.id], dossier.due_on, dossier.state)
            )
    return Selection(rows, left)


def papers_for(session: Session, *, actor: Actor, marks: Sequence[Mark]) -> list[Choice]:
    """The forms that every one of the marked dossiers calls for: key in addresses, and name."""
    actor.require(Action.PROCESS_DOSSIER)
    found = queries.by_codes(session, actor.unit_id, [mark.code for mark in _distinct(marks)]).values()
    offered = [
        ("giay-tiep-nhan", "Giấy tiếp nhận và hẹn trả"),
        ("phieu-kiem-soat", "Phiếu kiểm soát"),
    ]
    if found and all(dossier.outcome is Outcome.REFUSED for dossier in found):
        offered.append(("phieu-tu-choi", "Phiếu từ chối"))
    if found and all(dossier.end_kind is EndKind.STOPPED for dossier in found):
        offered.append(("thong-bao-dung", "Thông báo dừng giải quyết"))
    if found and all(dossier.state in READY for dossier in found):
        offered.append((HAND_OVER_SLUG, "Phiếu trả kết quả"))
    return [Choice(slug, title) for slug, title in offered]


def assign_marked(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    marks: Sequence[Mark],
    officer_id: int | None,
    note: str = "",
) -> int:
    """Hand all marked dossiers to one officer; how many. Refuses all of them where one cannot go."""
    actor.require(Action.ASSIGN_DOSSIER)
    if officer_id is None:
        raise DomainError("Chọn người xử lý trong danh sách.", "officer_id")
    with transaction(session):
        officer = officer_of(session, actor, officer_id, now)
        dossiers = locked(session, actor, marks, EventKind.ASSIGN)
        same = [Left(one.code, "đang do người này xử lý") for one in dossiers if one.officer_id == officer]
        _refuse(same)
        record_each(
            session,
            now=now,
            actor=actor,
            dossiers=dossiers,
            kind=EventKind.ASSIGN,
            payload={"officer_id": officer},
            note=nfc(note).strip(),
        )
        search.write_of_dossiers(session, [dossier.id for dossier in dossiers])
        return len(dossiers)


def record_each(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    dossiers: Sequence[Dossier],
    kind: EventKind,
    payload: dict[str, Any],
    note: str,
    occurred_at: datetime | None = None,
) -> list[EventRow]:
    """The same event for each dossier, all under one action, within the caller's transaction."""
    action = str(uuid4())
    rows = []
    for dossier in dossiers:
        what = history.Happening(kind, occurred_at or now, payload, note=note, action_id=action)
        try:
            rows.append(history.record(session, now=now, actor=actor, dossier=dossier, what=what))
        except DomainError as error:
            said = f"Hồ sơ {dossier.code}: {error.message} Chưa hồ sơ nào được ghi."
            raise DomainError(said, error.field) from error
    return rows


def locked(session: Session, actor: Actor, marks: Sequence[Mark], kind: EventKind) -> list[Dossier]:
    """The marked dossiers in their order, held; refuses all where one is not as it was shown."""
    distinct = _distinct(marks)
    found = queries.by_codes(session, actor.unit_id, [mark.code for mark in distinct], lock=True)
    hindered = [Left(mark.code, _hindrance(found.get(mark.code), mark, kind)) for mark in distinct]
    _refuse([one for one in hindered if one.reason])
    return [found[mark.code] for mark in distinct]


def held(session: Session, actor: Actor, marks: Sequence[Mark], kind: EventKind) -> list[Dossier]:
    """The same; but of one alone the lifecycle says what has happened to it."""
    if len(marks) != 1:
        return locked(session, actor, marks, kind)
    dossier = queries.by_code(session, actor.unit_id, marks[0].code, lock=True)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {marks[0].code}.")
    if dossier.version != marks[0].version:
        raise StaleVersion
    return [dossier]


def _refuse(left: Sequence[Left]) -> None:
    if left:
        named = "; ".join(f"{one.code} ({one.reason})" for one in left)
        raise DomainError(f"Chưa hồ sơ nào được ghi, vì {len(left)} hồ sơ không thực hiện được: {named}.")


def _distinct(marks: Sequence[Mark]) -> list[Mark]:
    found = list({mark.code: mark for mark in marks}.values())
    if not found:
        raise DomainError("Đánh dấu ít nhất một hồ sơ trong danh sách.", "marks")
    if len(found) > MOST:
        raise DomainError(f"Mỗi lần nhiều nhất {MOST} hồ sơ; đánh dấu ít hơn.", "marks")
    return found


def _hindrance(dossier: Dossier | None, mark: Mark, kind: EventKind | None) -> str:
    """Why a marked dossier cannot take part, in words that follow its code; nothing if it can."""
    if dossier is None:
        return "không tìm thấy"
    if dossier.version != mark.version:
        return "đã thay đổi sau khi danh sách được mở"
    if kind is EventKind.ASSIGN and dossier.ended_on is not None:
        return f"{dossier.state.label.lower()}, không còn phân công"
    if kind is EventKind.HAND_OVER and dossier.state is not DossierState.RESOLVED:
        return f"{dossier.state.label.lower()}, không có kết quả chờ trả"
    if kind is EventKind.COME_BACK and dossier.state is not DossierState.HANDED_OVER:
        return f"{dossier.state.label.lower()}, không có bưu gửi nào đang gửi"
    return ""
