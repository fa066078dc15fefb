"""The return desk: a result is handed over, by whom, to whom, on which papers; singly or several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, HandOver
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import hand_overs as queries
from tthc.db.queries import search
from tthc.domain.calendar import office_time
from tthc.domain.hand_overs import Delivery, ReceiptReturn, settled
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError, EventKind
from tthc.services import audit, fees, selections
from tthc.services.dossiers import Call, needed_text
from tthc.services.hand_over_views import HandOverView, view_of
from tthc.services.selections import Mark
from tthc.services.transaction import NotFound, StaleVersion, transaction


@dataclass(frozen=True)
class DoneView:
    """What was handed over in one act."""

    rows: Sequence[tuple[str, HandOverView]]

    @property
    def codes(self) -> list[str]:
        """The codes of the dossiers."""
        return [code for code, _ in self.rows]


def hand_over(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    marks: Sequence[Mark],
    delivery: Delivery,
    occurred_at: datetime | None = None,
) -> str:
    """The results of all marked dossiers are handed over, all of them or none; the id of the act.

    At the counter and online they are of one applicant; by post each goes under its own number, and items of
    several applicants never under the same.
    """
    actor.require(Action.HAND_OVER_DOSSIER)
    with transaction(session):
        dossiers = selections.held(session, actor, marks, EventKind.HAND_OVER)
        ids = [dossier.id for dossier in dossiers]
        left = fees.left_of(session, ids)
        told = _settled(session, dossiers, delivery, office_time(occurred_at or now).date(), bool(left))
        numbers = _numbers(dossiers, told)
        rows = selections.record_each(
            session,
            now=now,
            actor=actor,
            dossiers=dossiers,
            kind=EventKind.HAND_OVER,
            payload={"method": told.way.value},
            note=told.note,
            occurred_at=occurred_at,
        )
        names = dict(queries.names_of(session, ids)) if not told.name else {}
        for dossier, row in zip(dossiers, rows, strict=True):
            own = replace(told, name=names.get(dossier.id, told.name))
            number = numbers[dossier.code]
            session.add(_entry(now, actor, row, own, number=number, left=left.get(dossier.id, 0)))
        search.write_of_dossiers(session, ids)
        session.flush()
        return str(rows[0].action_id)


def hand_over_dossier(session: Session, *, call: Call, delivery: Delivery) -> str:
    """The same for one dossier."""
    return hand_over(
        session,
        now=call.now,
        actor=call.actor,
        marks=[Mark(call.code, call.version)],
        delivery=delivery,
        occurred_at=call.occurred_at,
    )


def get_entry(session: Session, *, actor: Actor, code: str) -> tuple[Delivery, int]:
    """The newest entry of a dossier as it would be typed, and its id."""
    actor.require(Action.HAND_OVER_DOSSIER)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    row = _correctable(session, dossier) if dossier else None
    if row is None:
        raise NotFound(f"Hồ sơ {code} chưa ghi việc trả kết quả để đính chính.")
    same = {field.name: getattr(row, field.name) for field in fields(Delivery) if field.name != "tracking"}
    return Delivery(**same), row.id


def correct_hand_over(
    session: Session, *, now: datetime, actor: Actor, code: str, seen: int, delivery: Delivery, reason: str
) -> None:
    """Put a further entry in the place of the newest one (``seen``); the wrong one stays on record.

    Who took the result and on which papers can be corrected; when it was handed over is the event's.
    """
    actor.require(Action.HAND_OVER_DOSSIER)
    why = needed_text(reason, "reason", "Ghi lý do đính chính.")
    with transaction(session):
        dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {code}.")
        wrong = _correctable(session, dossier)
        if wrong is None:
            raise DomainError("Hồ sơ chưa ghi việc trả kết quả để đính chính.")
        if wrong.id != seen:
            raise StaleVersion("Việc trả kết quả của hồ sơ")
        event = session.get_one(EventRow, wrong.event_id)
        told = _settled(session, [dossier], delivery, event.occurred_on, wrong.fee_left > 0)
        number = _numbers([dossier], told)[code]
        told = told if told.name else replace(told, name=wrong.name)
        entry = _entry(now, actor, event, told, number=number, left=wrong.fee_left)
        entry.corrects_id, entry.reason = wrong.id, why
        session.add(entry)
        session.flush()
        search.write(session, dossier)
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="correct_hand_over",
            subject=f"dossier:{code}",
            detail={"hand_over": entry.id, "corrects": wrong.id},
        )


def _correctable(session: Session, dossier: Dossier) -> HandOver | None:
    """What is written of the hand-over that stands; of an earlier one nothing can be corrected any more."""
    last = queries.last_of(session, [dossier.id]).get(dossier.id)
    return last[1] if last and dossier.handed_over_at is not None else None


def get_done(session: Session, *, actor: Actor, action_id: str) -> DoneView:
    """What was handed over in one act, as it reads now."""
    actor.require(Action.VIEW_DOSSIERS)
    found = queries.of_action(session, actor.unit_id, action_id)
    if not found:
        raise NotFound("Không tìm thấy lần trả kết quả này.")
    people = dossier_queries.people_named(session, [row.recorded_by for _, row in found])
    return DoneView(
        [
            (code, view_of(row, people.get(row.recorded_by or 0), actor, corrected=False))
            for code, row in found
        ]
    )


def _settled(
    session: Session, dossiers: Sequence[Dossier], delivery: Delivery, on: date, unpaid: bool
) -> Delivery:
    ids = [dossier.id for dossier in dossiers]
    owners = queries.applicants_of(session, ids)
    told = settled(
        delivery,
        on=on,
        printed=bool(queries.with_receipt(session, ids)),
        unpaid=unpaid,
        owners=[row.name for row in owners],
        firms=[row.name for row in owners if row.kind is not ApplicantKind.CITIZEN],
    )
    if told.way is not Channel.POST and len(owners) > 1:
        named = ", ".join(row.name for row in owners[:3]) + (", …" if len(owners) > 3 else "")
        raise DomainError(
            f"Các hồ sơ đã chọn là của {len(owners)} chủ hồ sơ ({named}); mỗi lần chỉ trả cho một chủ hồ sơ, "
            "hoặc chọn gửi bưu chính với số bưu gửi riêng."
        )
    return told


def _numbers(dossiers: Sequence[Dossier], told: Delivery) -> dict[str, str]:
    """The number of the item in which each result goes; empty for what is not sent by post."""
    if told.way is not Channel.POST:
        return {dossier.code: "" for dossier in dossiers}
    numbers = {dossier.code: told.tracking.get(dossier.code) or told.tracking_no for dossier in dossiers}
    missing = [code for code, number in numbers.items() if not number]
    if missing:
        raise DomainError(f"Nhập số bưu gửi của hồ sơ {', '.join(missing[:5])}.", "tracking_no")
    owners: dict[str, int] = {}
    for dossier in dossiers:
        number = numbers[dossier.code]
        if owners.setdefault(number, dossier.applicant_id) != dossier.applicant_id:
            raise DomainError(
                f"Số bưu gửi {number} được ghi cho hồ sơ của hai chủ hồ sơ; mỗi bưu gửi chỉ gửi cho một chủ "
                "hồ sơ.",
                "tracking_no",
            )
    return numbers


def _entry(
    now: datetime, actor: Actor, event: EventRow, told: Delivery, *, number: str, left: int
) -> HandOver:
    return HandOver(
        unit_id=event.unit_id,
        dossier_id=event.dossier_id,
        event_id=event.id,
        action_id=event.action_id or "",
        way=told.way,
        receiver=told.receiver,
        name=told.name,
        id_number=told.id_number,
        identity_checked=told.identity_checked,
        paper_kind=told.paper_kind,
        paper_no=told.paper_no,
        paper_on=told.paper_on,
        receipt=told.receipt or ReceiptReturn.NONE,
        loss_on=told.loss_on,
        carrier=told.carrier,
        tracking_no=number,
        fee_left=left,
        fee_reason=told.fee_reason if left else "",
        note=told.note,
        recorded_at=now,
        recorded_by=actor.account_id,
    )
