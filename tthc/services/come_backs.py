"""The post brings an item back undelivered: the results in it wait again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, HandOver
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import hand_overs as queries
from tthc.db.queries import search
from tthc.domain.hand_overs import ComeBack, came_back
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import Channel, DomainError, EventKind
from tthc.services import selections
from tthc.services.dossiers import Call
from tthc.services.hand_over_views import way_of
from tthc.services.selections import Mark
from tthc.services.transaction import NotFound, transaction


@dataclass(frozen=True)
class ItemView:
    """A postal item under way; ``further`` are the codes and versions of other dossiers in it.

    ``name``, ``carrier`` and ``tracking_no`` are empty where nobody noted them.
    """

    code: str
    version: int
    sent_at: datetime
    name: str
    carrier: str
    tracking_no: str
    further: Sequence[Mark]


def find_item(session: Session, *, actor: Actor, code: str) -> ItemView | None:
    """The item in which the result of a dossier was sent; ``None``: it did not go by post, or came back."""
    actor.require(Action.HAND_OVER_DOSSIER)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    if dossier.handed_over_at is None:
        return None
    event, entry = queries.last_of(session, [dossier.id])[dossier.id]
    if way_of(entry, event.payload_json) is not Channel.POST:
        return None
    return ItemView(
        code=dossier.code,
        version=dossier.version,
        sent_at=event.occurred_at,
        name=entry.name if entry else "",
        carrier=entry.carrier if entry else "",
        tracking_no=entry.tracking_no if entry else "",
        further=_further(session, dossier, entry),
    )


def come_back(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    marks: Sequence[Mark],
    told: ComeBack,
    occurred_at: datetime | None = None,
) -> None:
    """The item with the results of all marked dossiers came back, all of them or none."""
    actor.require(Action.HAND_OVER_DOSSIER)
    with transaction(session):
        dossiers = selections.held(session, actor, marks, EventKind.COME_BACK)
        clean = _in_one_item(session, dossiers, told)
        selections.record_each(
            session,
            now=now,
            actor=actor,
            dossiers=dossiers,
            kind=EventKind.COME_BACK,
            payload={"cause": clean.reason.value},
            note=clean.note,
            occurred_at=occurred_at,
        )
        search.write_of_dossiers(session, [dossier.id for dossier in dossiers])


def come_back_dossier(session: Session, *, call: Call, told: ComeBack) -> None:
    """The same for one dossier."""
    marks = [Mark(call.code, call.version)]
    come_back(session, now=call.now, actor=call.actor, marks=marks, told=told, occurred_at=call.occurred_at)


def _in_one_item(session: Session, dossiers: Sequence[Dossier], told: ComeBack) -> ComeBack:
    """What was told, in clean text. Of a dossier that is not handed over the lifecycle says what it is."""
    sent = queries.last_of(session, [one.id for one in dossiers if one.handed_over_at is not None])
    clean = told
    for event, entry in sent.values():
        clean = came_back(told, way_of(entry, event.payload_json))
    if len({_number(event, entry) for event, entry in sent.values()}) > 1:
        raise DomainError("Các hồ sơ đã chọn không được gửi trong cùng một bưu gửi.")
    return clean


def _further(session: Session, dossier: Dossier, entry: HandOver | None) -> list[Mark]:
    if entry is None:
        return []
    found = queries.posted_to(session, dossier.unit_id, dossier.applicant_id, entry.tracking_no)
    last = queries.last_of(session, [one.id for one in found])
    return [
        Mark(one.code, one.version)
        for one in found
        if one.id != dossier.id and _number(*last[one.id]) == entry.tracking_no
    ]


def _number(event: EventRow, entry: HandOver | None) -> str:
    """The number of the item; of one without, what no other has."""
    return entry.tracking_no if entry else f"event:{event.id}"
