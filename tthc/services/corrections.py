"""Correction of what was mistyped at the receipt: procedure, case, channel, time (đính chính).

A further event with a reason; nothing that was recorded is edited. The due date is counted anew from what is
now known to have been received, step by step through everything that happened since (domain.md 4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow
from tthc.db.queries import documents as document_queries
from tthc.db.queries import dossier_page as page_queries
from tthc.db.queries import dossiers as queries
from tthc.domain.calendar import office_time
from tthc.domain.lifecycle import LifeState, retold
from tthc.domain.permissions import Action, Actor, NotAllowed
from tthc.domain.replay import replay
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, DomainError, DueCause, EventKind
from tthc.services import calendar, catalogue, history, receipts
from tthc.services.dossiers import Call, changing, needed_text
from tthc.services.history import Happening, Promise, Reckoning
from tthc.services.intake import Terms, confirm_terms, terms_of
from tthc.services.transaction import NotFound

_NOT_TODAY = "Hồ sơ không nhập trong hôm nay nên chỉ lãnh đạo được đính chính; đề nghị lãnh đạo thực hiện."


@dataclass(frozen=True)
class Correction:
    """What the receipt should have said. ``case_id`` ``None``: the case that is usual for the channel."""

    procedure_id: int
    case_id: int | None
    channel: Channel
    received_at: datetime
    confirm_unverified: bool = False


@dataclass(frozen=True)
class AsReceived:
    """What the receipt of a dossier says now, where a correction starts from.

    ``printed_at``: the newest receipt on paper, while the dossier is open; ``outdated``: it has to be printed
    again.
    """

    code: str
    version: int
    procedure_id: int
    case_id: int
    channel: Channel
    received_at: datetime
    due_at: datetime
    printed_at: datetime | None
    outdated: bool


@dataclass(frozen=True)
class CorrectionPreview:
    """What a correction would change: the date that counts before and after, and what to know beforehand."""

    old_due_on: date
    new_due_on: date
    due_at: datetime
    limit_label: str
    must_confirm: bool
    replaced_by: str | None


@dataclass(frozen=True)
class _Told:
    """The whole life of a dossier told again: after each event, and the moment at which it is due now."""

    lives: Sequence[LifeState]
    due_at: datetime
    reckoned: Reckoning


def as_received(session: Session, *, actor: Actor, now: datetime, code: str) -> AsReceived:
    """What the receipt says now; refused for whoever may not correct this dossier."""
    actor.require(Action.CORRECT_INTAKE)
    dossier = queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    if not may_correct(actor, dossier, now):
        raise NotAllowed(_NOT_TODAY)
    printed = document_queries.receipts_of(session, dossier.id)
    facts = page_queries.facts_of(session, actor.unit_id, code)
    return AsReceived(
        code=dossier.code,
        version=dossier.version,
        procedure_id=dossier.procedure_id,
        case_id=dossier.case_id,
        channel=dossier.channel,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        printed_at=printed[-1][0].printed_at if printed and dossier.ended_at is None else None,
        outdated=bool(printed)
        and receipts.outdated(facts, printed[-1][0], receipts.basis_of(session, facts)),
    )


def preview_correction(session: Session, *, call: Call, correction: Correction) -> CorrectionPreview:
    """What :func:`correct_dossier` would make of the due date; nothing is saved."""
    call.actor.require(Action.CORRECT_INTAKE)
    dossier = queries.by_code(session, call.actor.unit_id, call.code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {call.code}.")
    rows = queries.events_of(session, dossier.id)
    terms = _terms(session, call, dossier, rows, correction)
    told = _settle(session, dossier, rows, terms, correction)
    return CorrectionPreview(
        old_due_on=dossier.due_on,
        new_due_on=dossier.due_on if told is None else told.due_at.astimezone(OFFICE_ZONE).date(),
        due_at=dossier.due_at if told is None else told.due_at,
        limit_label=terms.limit.label,
        must_confirm=not terms.version.limit_confirmed,
        replaced_by=terms.procedure.replaced_by,
    )


def may_correct(actor: Actor, dossier: Dossier, now: datetime) -> bool:
    """Whether the actor may correct this dossier now: the desk what it entered today, a supervisor always."""
    same_day = office_time(now).date() == office_time(dossier.recorded_at).date()
    return actor.may(Action.CORRECT_DOSSIER) or (same_day and actor.may(Action.CORRECT_INTAKE))


def correct_dossier(session: Session, *, call: Call, correction: Correction, reason: str) -> None:
    """Record what the receipt should have said; due date, spans of the open period and receipt follow.

    The desk may do so on the day on which the dossier was entered, a supervisor at any time. The code and the
    register number stay. Refused when nothing differs, or when the receipt would lie after what followed it.
    """
    with changing(session, call, EventKind.CORRECT) as dossier:
        if not may_correct(call.actor, dossier, call.now):
            raise NotAllowed(_NOT_TODAY)
        why = needed_text(reason, "reason", "Nhập lý do đính chính.")
        rows = queries.events_of(session, dossier.id)
        terms = _terms(session, call, dossier, rows, correction)
        confirm_terms(terms, correction.confirm_unverified)
        told = _settle(session, dossier, rows, terms, correction)
        life = history.life_of(rows)
        happening = _happening(session, call, dossier, rows, terms, correction, told, why)
        history.record(session, now=call.now, actor=call.actor, dossier=dossier, what=happening)
        if told is None and life.clock_base_at == life.received_at:
            dossier.clock_start_on = terms.due.clock_start_on


def _terms(
    session: Session, call: Call, dossier: Dossier, rows: Sequence[EventRow], correction: Correction
) -> Terms:
    """Under which version and case the dossier should have been received; refuses what cannot be."""
    _refuse_impossible_time(call, dossier, rows, correction)
    terms = terms_of(
        session,
        dossier.unit_id,
        correction.procedure_id,
        correction.case_id,
        correction.channel,
        correction.received_at,
    )
    now = (dossier.version_id, dossier.case_id, dossier.channel, dossier.received_at)
    if now == (terms.version.id, terms.case_id, correction.channel, correction.received_at):
        raise DomainError(
            "Chưa có gì khác với hồ sơ; sửa thủ tục, trường hợp, kênh hoặc thời điểm tiếp nhận rồi lưu."
        )
    return terms


def _refuse_impossible_time(
    call: Call, dossier: Dossier, rows: Sequence[EventRow], correction: Correction
) -> None:
    """The receipt lies neither in the future, nor before the filing, nor after what followed it."""
    if correction.received_at > call.now:
        raise DomainError("Thời điểm tiếp nhận không được sau hiện tại.", "received_at")
    if dossier.submitted_at != dossier.received_at and correction.received_at < dossier.submitted_at:
        raise DomainError(
            f"Thời điểm tiếp nhận phải từ lúc nộp ({office_time(dossier.submitted_at):%H:%M ngày %d/%m/%Y}) "
            "trở đi.",
            "received_at",
        )
    for row in rows[1:]:
        undated = row.kind is EventKind.CORRECT or row.payload_json.get("undated", False)
        if not undated and row.occurred_at < correction.received_at:
            raise DomainError(
                f"Thời điểm tiếp nhận phải trước “{row.kind.label.lower()}” đã ghi lúc "
                f"{office_time(row.occurred_at):%H:%M ngày %d/%m/%Y}.",
                "received_at",
            )


def _settle(
    session: Session, dossier: Dossier, rows: Sequence[EventRow], terms: Terms, correction: Correction
) -> _Told | None:
    """The life as it would have been; ``None`` when the count gives the same dates throughout.

    Then every promise stays as it was made, also one that came from a file or was held by an older calendar.
    """
    events = [history.as_event(row) for row in rows]
    receipt, later = events[0], events[1:]
    facts = {**receipt.payload, **_facts(dossier, terms, correction)}
    should_be = replace(receipt, occurred_at=correction.received_at, payload=facts)
    rules = terms.reckoned.rules
    corrected = replay([should_be, *later], terms.limit, rules.calendar, rules.policy)
    promise = queries.due_date(session, dossier.due_date_id)
    old_rules = calendar.load_rules(
        session, dossier.unit_id, dossier.received_on, policy_id=promise.policy_id
    )
    was = replay(
        [replace(receipt, occurred_at=dossier.received_at), *later],
        catalogue.limit_of(session, dossier.case_id),
        old_rules.calendar,
        old_rules.policy,
    )
    dates = [[(life.due_on, life.first_due_on) for life in told.lives] for told in (corrected, was)]
    if dates[0] == dates[1]:
        return None
    return _Told(corrected.lives, corrected.due_at, Reckoning(corrected.due, rules, terms.limit))


def _facts(dossier: Dossier, terms: Terms, correction: Correction) -> dict[str, Any]:
    """The facts of the receipt, as the payload of an event keeps them."""
    filed_with_receipt = dossier.submitted_at == dossier.received_at
    submitted_at = correction.received_at if filed_with_receipt else dossier.submitted_at
    return {
        "version_id": terms.version.id,
        "case_id": terms.case_id,
        "procedure_id": terms.procedure.id,
        "sector_id": terms.version.sector_id,
        "channel": correction.channel.value,
        "submitted_at": submitted_at.isoformat(),
    }


def _happening(
    session: Session,
    call: Call,
    dossier: Dossier,
    rows: Sequence[EventRow],
    terms: Terms,
    correction: Correction,
    told: _Told | None,
    reason: str,
) -> Happening:
    """The event of a correction, with what :func:`~tthc.domain.lifecycle.corrected` reads."""
    known = retold([history.as_event(row) for row in rows])
    lives = known if told is None else told.lives
    last = lives[-1]
    base = correction.received_at if last.clock_base_at == dossier.received_at else last.clock_base_at
    close = queries.settled(session, dossier.unit_id)
    payload: dict[str, Any] = {
        **_facts(dossier, terms, correction),
        "received_at": correction.received_at.isoformat(),
        "clock_base_at": base.isoformat(),
        "pauses": [[pause.start.isoformat(), pause.end.isoformat()] for pause in last.pauses],
        "lawful": last.open_stop.lawful if last.open_stop else None,
        "extension": last.extension,
        "due_on": _iso(last.due_on),
        "first_due_on": _iso(last.first_due_on),
        "appointment_on": _iso(last.appointment_on),
        "told": [[_iso(life.due_on), _iso(life.first_due_on), life.waiting] for life in lives],
        "open_from": (close.to_on + timedelta(days=1)).isoformat() if close else None,
    }
    promise = None
    if told is not None:
        promise = Promise(told.due_at, DueCause.CORRECTION, told.reckoned)
    # Nothing happens to a dossier before it was received, its correction included.
    at = max(call.occurred_at or call.now, correction.received_at)
    return Happening(EventKind.CORRECT, at, payload, reason=reason, promise=promise)


def _iso(on: date | None) -> str:
    if on is None:
        raise RuntimeError("a dossier without a due date cannot be corrected")
    return on.isoformat()
