"""Changes of the calendar that somebody prepared, kept until they are applied or dropped.

Who may enter days but not move promises prepares a change here; a supervisor finds it, sees what it would do
on the day of looking, and applies it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Draft
from tthc.db.queries import calendar as queries
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DayKind, DomainError
from tthc.services import calendar_changes
from tthc.services.calendar_changes import ChangeResult, Choice, Intent, Preview, Recalculation, Undo
from tthc.services.transaction import NotFound, transaction

_FORM = "calendar:"
_TOKEN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Prepared:
    """A change that waits to be looked at and applied."""

    token: str
    title: str
    by: str
    at: datetime
    dates: Sequence[date]


def prepare_change(session: Session, *, now: datetime, actor: Actor, intent: Intent) -> str:
    """Keep a change that could be made and return the word under which it is found again."""
    if actor.account_id is None:
        raise DomainError("Đăng nhập bằng tài khoản của mình để chuẩn bị thay đổi lịch.")
    token = secrets.token_hex(8)
    with transaction(session):
        calendar_changes.check_change(session, actor=actor, intent=intent)
        session.add(
            Draft(
                account_id=actor.account_id,
                form=_FORM + token,
                body_json=as_json(intent),
                saved_at=now,
            )
        )
    return token


def list_prepared(session: Session, *, actor: Actor) -> list[Prepared]:
    """What waits, newest first; for those who may change the calendar."""
    actor.require(Action.CHANGE_CALENDAR)
    found = []
    for draft, name in queries.drafts(session, actor.unit_id, _FORM):
        intent = from_json(draft.body_json)
        dates: tuple[date, ...] = ()
        if isinstance(intent, CalendarChange):
            dates = tuple(sorted([*(day.date for day in intent.days), *intent.removed]))
        found.append(
            Prepared(
                draft.form.removeprefix(_FORM),
                calendar_changes.title_of(intent),
                name or "Hệ thống",
                draft.saved_at,
                dates,
            )
        )
    return found


def intent_of(session: Session, *, actor: Actor, token: str) -> Intent:
    """The wish that was kept under a word."""
    actor.require(Action.CHANGE_CALENDAR)
    return from_json(_draft(session, actor, token).body_json)


def preview_prepared(session: Session, *, now: datetime, actor: Actor, token: str) -> Preview:
    """What a prepared change would do today."""
    intent = intent_of(session, actor=actor, token=token)
    return calendar_changes.preview_change(session, now=now, actor=actor, intent=intent)


def apply_prepared(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    token: str,
    base_version_id: int,
    reason: str,
    choice: Choice,
) -> ChangeResult:
    """Make a prepared change; it is gone from the list in the same transaction."""
    with transaction(session):
        draft = _draft(session, actor, token)
        result = calendar_changes.make_change(
            session,
            now=now,
            actor=actor,
            intent=from_json(draft.body_json),
            base_version_id=base_version_id,
            reason=reason,
            choice=choice,
        )
        session.delete(draft)
    return replace(result, alerts=calendar_changes.sweep_after(session, now=now, actor=actor))


def drop_prepared(session: Session, *, actor: Actor, token: str) -> None:
    """Throw a prepared change away; nothing was changed by it."""
    actor.require(Action.CHANGE_CALENDAR)
    with transaction(session):
        session.delete(_draft(session, actor, token))


def _draft(session: Session, actor: Actor, token: str) -> Draft:
    found = queries.drafts(session, actor.unit_id, _FORM + token) if _TOKEN.fullmatch(token) else ()
    for draft, _ in found:
        row: Draft = draft
        return row
    raise NotFound("Thay đổi lịch này đã được áp dụng hoặc đã bỏ.")


def as_json(intent: Intent) -> dict[str, Any]:
    """An intent as plain values."""
    if isinstance(intent, Undo):
        return {"undo": intent.version_id}
    if isinstance(intent, Recalculation):
        return {"recalculate": True}
    return {
        "days": [
            [day.date.isoformat(), day.kind.value, day.name, day.decision, day.confirmed]
            for day in intent.days
        ],
        "removed": [on.isoformat() for on in intent.removed],
        "confirmed": [list(pair) for pair in intent.confirmed],
        "unconfirmed": list(intent.unconfirmed),
    }


def from_json(body: Mapping[str, Any]) -> Intent:
    """The intent that :func:`as_json` wrote down."""
    if "undo" in body:
        return Undo(body["undo"])
    if "recalculate" in body:
        return Recalculation()
    return CalendarChange(
        days=tuple(
            CalendarDay(date.fromisoformat(on), DayKind(kind), name, decision, confirmed)
            for on, kind, name, decision, confirmed in body["days"]
        ),
        removed=tuple(date.fromisoformat(on) for on in body["removed"]),
        confirmed=tuple((year, decision) for year, decision in body["confirmed"]),
        unconfirmed=tuple(body["unconfirmed"]),
    )
