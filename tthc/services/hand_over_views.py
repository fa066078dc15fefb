"""How results were handed over, as pages and papers tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import EventRow, HandOver
from tthc.db.queries import hand_overs as queries
from tthc.domain.hand_overs import ComeBackReason, Receiver
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import fold
from tthc.domain.vocabulary import Channel, EventKind

#: What names a postal item, of the details of an entry.
ITEM = ("Đơn vị chuyển", "Số bưu gửi")
#: Whoever may not hand over sees so many of the last signs of somebody's number.
_SHOWN = 4
#: What the form asks to be written for an authorisation that has no number.
_NUMBERLESS = "không số"


@dataclass(frozen=True)
class HandOverView:
    """How a result was handed over, as pages tell it; ``details`` are names and texts of what was noted."""

    id: int
    event_id: int
    way: Channel
    name: str
    details: Sequence[tuple[str, str]]
    recorded_at: datetime
    by: str
    corrected: bool
    reason: str
    came_back: bool = False


@dataclass(frozen=True)
class ComeBackView:
    """An item that the post brought back, as pages tell it; ``item``: what names it, where that was noted."""

    at: datetime
    item: Sequence[tuple[str, str]]
    reason: str
    note: str


def views_of(session: Session, *, actor: Actor, dossier_id: int) -> list[HandOverView]:
    """Every entry of a dossier, oldest first."""
    found = queries.of_dossier(session, dossier_id)
    corrected = {row.corrects_id for row in found}
    return [view_of(row, row.by, actor, corrected=row.id in corrected) for row in found]


def way_of(entry: HandOver | HandOverView | None, payload: Mapping[str, Any]) -> Channel | None:
    """How a result was handed over: as its newest entry says, else its event; ``None``: nobody noted how."""
    if entry is not None:
        return entry.way
    method = payload.get("method")
    return Channel(method) if method else None


def of_event(found: Sequence[HandOverView], events: Mapping[int, EventRow]) -> HandOverView | None:
    """The newest entry of the last hand-over among ``events``, if there is one.

    What was handed over elsewhere and imported, or before such entries were kept, has none.
    """
    last = max((row.id for row in events.values() if row.kind is EventKind.HAND_OVER), default=None)
    return next((one for one in reversed(found) if one.event_id == last), None)


def item_before(found: Sequence[HandOverView], event_id: int) -> HandOverView | None:
    """The newest entry of the hand-over that came back with an event."""
    return next((one for one in reversed(found) if one.event_id < event_id), None)


def item_of(entry: HandOverView | None) -> list[tuple[str, str]]:
    """What names the postal item of an entry."""
    return [pair for pair in entry.details if pair[0] in ITEM] if entry else []


def come_back_of(row: EventRow, found: Sequence[HandOverView]) -> ComeBackView:
    """An item that came back, told with the entries of the dossier."""
    return ComeBackView(
        at=row.occurred_at,
        item=item_of(item_before(found, row.id)),
        reason=cause_of(row.payload_json),
        note=row.note,
    )


def cause_of(payload: Mapping[str, Any]) -> str:
    """Why an item came back."""
    return ComeBackReason(payload["cause"]).label


def taken_by(row: HandOver | None) -> str:
    """Who took a result, in one line: "Người nhận: Công dân 01 (theo giấy giới thiệu số 5, …)"."""
    if row is None:
        return ""
    if row.way is Channel.POST:
        return f"Gửi cho: {row.name}, {row.carrier}, số bưu gửi {row.tracking_no}"
    paper = f" (theo {_paper(row)})" if row.paper_kind else ""
    return f"Người nhận: {row.name}{paper}"


def details_of(row: HandOver, *, full: bool) -> list[tuple[str, str]]:
    """What was noted, by name; ``full``: with all of the receiver's number."""
    post = row.way is Channel.POST
    number = row.id_number if full else _masked(row.id_number)
    facts = (
        ("Nhận kết quả", row.way.label),
        ("Người nhận", row.name),
        ("Giấy tờ tùy thân", f"số {number}, đã đối chiếu" if number else ""),
        (
            "Đối chiếu",
            "đã đối chiếu giấy tờ tùy thân" if row.identity_checked and not number else "",
        ),
        ("Nhận thay theo", _paper(row) if row.receiver is Receiver.AUTHORISED else ""),
        ("Giấy tiếp nhận", _receipt(row) if row.way is Channel.COUNTER else ""),
        (ITEM[0], row.carrier if post else ""),
        (ITEM[1], row.tracking_no),
        ("Phí chưa thu", f"{row.fee_left:,} đồng".replace(",", ".") if row.fee_left else ""),
        ("Lý do trả khi chưa thu đủ", row.fee_reason),
    )
    return [(name, text) for name, text in facts if text]


def view_of(row: HandOver, by: str | None, actor: Actor, *, corrected: bool) -> HandOverView:
    """An entry as whoever looks may see it."""
    full = actor.may(Action.HAND_OVER_DOSSIER) or actor.may(Action.VIEW_ACCESS_LOG)
    return HandOverView(
        id=row.id,
        event_id=row.event_id,
        way=row.way,
        name=row.name,
        details=details_of(row, full=full),
        recorded_at=row.recorded_at,
        by=by or "Hệ thống",
        corrected=corrected,
        reason=row.reason,
    )


def _masked(number: str) -> str:
    return f"…{number[-_SHOWN:]}" if len(number) > _SHOWN else number


def _paper(row: HandOver) -> str:
    if row.paper_kind is None or row.paper_on is None:
        return ""
    number = _NUMBERLESS if fold(row.paper_no) == fold(_NUMBERLESS) else f"số {row.paper_no}"
    return f"{row.paper_kind.label.lower()} {number}, ngày {row.paper_on:%d/%m/%Y}"


def _receipt(row: HandOver) -> str:
    if row.loss_on is not None:
        return f"bị mất, văn bản khai ngày {row.loss_on:%d/%m/%Y}"
    return row.receipt.label.lower()
