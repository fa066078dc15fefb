"""Changes of the working calendar: looked at first, then made in one transaction, and taken back.

Every change makes a version of the calendar. What it means for open promises is in :mod:`what_if`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import CalendarDayRow, CalendarVersion, CalendarYear
from tthc.db.queries import calendar as queries
from tthc.db.queries import what_if as what_if_queries
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import (
    CalendarChange,
    ChangeRefused,
    DayChange,
    Effect,
    between,
    day_changes,
    effect_of,
)
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, Confidence, DomainError
from tthc.services import alerts, audit, what_if
from tthc.services.alerts import SweepResult
from tthc.services.calendar import CalendarRows, as_day, load_rows
from tthc.services.recalculations import record_recalculations
from tthc.services.setup import calendar_checksum
from tthc.services.transaction import NotFound
from tthc.services.what_if import WhatIf

_REASON_LENGTH = 2000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undo:
    """The wish to take a version of the calendar back."""

    version_id: int


@dataclass(frozen=True)
class Recalculation:
    """The wish to move what earlier changes left behind, under the calendar as it is."""


#: What somebody wants.
Intent = CalendarChange | Undo | Recalculation


class StalePreview(DomainError):
    """The calendar was changed by somebody else after it was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Lịch làm việc vừa được người khác thay đổi sau khi bạn xem trước. "
            "Xem lại bảng dưới đây, lập theo lịch mới nhất, rồi áp dụng."
        )


@dataclass(frozen=True)
class Preview:
    """What an intent would do, judged on ``base_version_id`` of the calendar.

    ``may_apply`` is False for who may enter days but not move what was promised.
    """

    title: str
    base_version_id: int
    added: Sequence[CalendarDay]
    removed: Sequence[CalendarDay]
    years: Mapping[int, bool]
    what: WhatIf
    may_apply: bool

    @property
    def days(self) -> Sequence[DayChange]:
        """The dates that change."""
        return day_changes(self.added, self.removed)


@dataclass(frozen=True)
class Choice:
    """Which dossiers are moved: all that the change moves, or those in ``chosen`` (ids)."""

    everyone: bool = True
    chosen: Collection[int] = ()


ALL = Choice()


@dataclass(frozen=True)
class ChangeResult:
    """What was done. ``skipped`` were chosen but no longer move; ``alerts`` is the sweep made right after."""

    version_id: int
    moved: int
    restored: int
    marks: int
    skipped: int
    alerts: SweepResult | None


def preview_change(session: Session, *, now: datetime, actor: Actor, intent: Intent) -> Preview:
    """What the change would make of every open promise; nothing is saved."""
    _require(actor, intent)
    before = load_rows(session)
    effect = _effect(session, intent, before)
    what = _examine(session, now, actor, intent, before, _rows_after(effect, before.version_id))
    return Preview(
        title=title_of(intent),
        base_version_id=before.version_id,
        added=effect.added,
        removed=effect.removed,
        years=effect.years_set,
        what=what,
        may_apply=not what.moves or actor.may(Action.MOVE_PROMISES),
    )


def check_change(session: Session, *, actor: Actor, intent: Intent) -> None:
    """Refuse what could not be made, before it is prepared for a look."""
    _require(actor, intent)
    _effect(session, intent, load_rows(session))


def make_change(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    intent: Intent,
    base_version_id: int,
    reason: str,
    choice: Choice,
) -> ChangeResult:
    """Make a change and move the chosen dossiers in the caller's transaction; :func:`sweep_after` comes next.

    ``base_version_id`` is the version that the preview was made from.
    """
    _require(actor, intent)
    reason = _reason(reason)
    queries.lock_calendar(session)
    before = load_rows(session)
    if before.version_id != base_version_id:
        raise StalePreview
    effect = _effect(session, intent, before)
    version_id = before.version_id
    if not effect.empty:
        version_id = _write_version(session, now, actor, effect, _stored_reason(intent, reason))
    what_if_queries.lock_open(session, actor.unit_id)
    what = _examine(session, now, actor, intent, before, _rows_after(effect, version_id))
    if what.moves and not actor.may(Action.MOVE_PROMISES):
        raise DomainError(
            f"Thay đổi này làm dời ngày hẹn của {len(what.moves)} hồ sơ nên phải do lãnh đạo áp dụng."
        )
    movable = {move.dossier_id: move for move in (*what.moves, *what.left_behind)}
    wanted = {move.dossier_id for move in what.moves} if choice.everyone else set(choice.chosen)
    moving = [dossier_id for dossier_id in movable if dossier_id in wanted]
    if moving:
        actor.require(Action.MOVE_PROMISES)
    if effect.empty and not moving and not what.marks:
        raise DomainError("Không có hồ sơ nào được chọn để tính lại.")
    action_id = str(uuid.uuid4())
    record_recalculations(
        session,
        now=now,
        actor=actor,
        verdicts=[what.verdicts[dossier_id] for dossier_id in (*moving, *what.marks)],
        version_id=version_id,
        reason=reason,
        action_id=action_id,
    )
    restored = sum(movable[dossier_id].restored for dossier_id in moving)
    result = ChangeResult(
        version_id=version_id,
        moved=len(moving),
        restored=restored,
        marks=len(what.marks),
        skipped=len(wanted) - len(moving),
        alerts=None,
    )
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action="change_calendar",
        subject=f"calendar_version:{version_id}",
        detail={
            "intent": type(intent).__name__,
            "undone": intent.version_id if isinstance(intent, Undo) else None,
            "reason": reason,
            "added": [day.date.isoformat() for day in effect.added],
            "removed": [day.date.isoformat() for day in effect.removed],
            "years": {str(year): confirmed for year, confirmed in effect.years_set.items()},
            "would_move": len(what.moves),
            "moved": result.moved,
            "restored": restored,
            "marks": result.marks,
            "action_id": action_id,
        },
    )
    return result


def sweep_after(session: Session, *, now: datetime, actor: Actor) -> SweepResult | None:
    """The alerts of the new dates; the change stands even if they cannot be raised now."""
    try:
        return alerts.sweep(session, now=now, actor=actor)
    except DomainError as error:
        _log.error("sweep after a change of the calendar: %s", error.message)
        return None


def title_of(intent: Intent) -> str:
    """What a page calls the wish."""
    if isinstance(intent, Undo):
        return f"Hoàn tác phiên bản {intent.version_id} của lịch"
    if isinstance(intent, Recalculation):
        return "Tính lại các hồ sơ theo lịch hiện hành"
    return "Thay đổi lịch làm việc"


def _require(actor: Actor, intent: Intent) -> None:
    actor.require(Action.MOVE_PROMISES if isinstance(intent, Recalculation) else Action.CHANGE_CALENDAR)


def _reason(text: str) -> str:
    reason = nfc(text).strip()
    if not reason:
        raise DomainError("Nhập lý do thay đổi lịch; lý do được ghi vào lịch sử của từng hồ sơ.", "reason")
    if len(reason) > _REASON_LENGTH:
        raise DomainError("Lý do dài quá 2.000 ký tự; rút gọn lại.", "reason")
    return reason


def _stored_reason(intent: Intent, reason: str) -> str:
    return f"Hoàn tác phiên bản {intent.version_id}: {reason}" if isinstance(intent, Undo) else reason


def _effect(session: Session, intent: Intent, before: CalendarRows) -> Effect:
    days, years = {day.date: day for day in before.days}, dict(before.years)
    if isinstance(intent, CalendarChange):
        return effect_of(intent, days, years)
    if isinstance(intent, Undo):
        return _undoing(session, intent.version_id, days, years)
    return between(days, years, days, years)


def _undoing(
    session: Session, version_id: int, days: dict[date, CalendarDay], years: dict[int, bool]
) -> Effect:
    """The calendar without what a version did; refused where later versions built on it."""
    if queries.version(session, version_id) is None:
        raise NotFound(f"Không tìm thấy phiên bản {version_id} của lịch làm việc.")
    rows = queries.days_of_version(session, version_id)
    earlier = queries.year_states(session, version_id - 1)
    if not earlier:
        raise ChangeRefused("Phiên bản đầu tiên là lịch ban đầu, không hoàn tác được; hãy thay từng ngày.")
    put_in = {row.date: row for row in rows if row.added_in == version_id}
    taken_out = {row.date: row for row in rows if row.removed_in == version_id}
    for on in sorted(put_in.keys() | taken_out.keys()):
        mine = put_in.get(on)
        if days.get(on) != (as_day(mine) if mine else None) or (mine and mine.removed_in):
            raise ChangeRefused(
                f"Ngày {on:%d/%m/%Y} đã được thay đổi tiếp ở phiên bản sau; hoàn tác phiên bản sau trước."
            )
    after = {on: day for on, day in days.items() if on not in put_in}
    after.update((on, as_day(row)) for on, row in taken_out.items())
    years_after = dict(years)
    for year, status in queries.years_of_version(session, version_id).items():
        if years.get(year) is not (status is Confidence.CONFIRMED):
            raise ChangeRefused(
                f"Việc xác nhận năm {year} đã được đổi tiếp ở phiên bản sau; hoàn tác phiên bản sau trước."
            )
        if year in earlier:
            years_after[year] = earlier[year] is Confidence.CONFIRMED
    covered = {on.year for on in after}
    years_after = {year: confirmed for year, confirmed in years_after.items() if year in covered}
    return between(days, years, after, years_after)


def _rows_after(effect: Effect, version_id: int) -> CalendarRows:
    return CalendarRows(
        version_id,
        tuple(effect.days[on] for on in sorted(effect.days)),
        tuple(sorted(effect.years.items())),
    )


def _examine(
    session: Session, now: datetime, actor: Actor, intent: Intent, before: CalendarRows, after: CalendarRows
) -> WhatIf:
    what = what_if.examine(
        session,
        unit_id=actor.unit_id,
        today=now.astimezone(OFFICE_ZONE).date(),
        before=before,
        after=after,
        undone=intent.version_id if isinstance(intent, Undo) else None,
    )
    if isinstance(intent, Recalculation):
        what = replace(what, moves=what.left_behind, left_behind=())
    return what


def _write_version(session: Session, now: datetime, actor: Actor, effect: Effect, reason: str) -> int:
    version = CalendarVersion(
        unit_id=None,
        recorded_at=now,
        recorded_by=actor.account_id,
        reason=reason,
        checksum=calendar_checksum(effect.days.values()),
    )
    session.add(version)
    session.flush()
    if effect.removed:
        queries.remove_days(session, [day.date for day in effect.removed], version.id)
    session.add_all(
        CalendarDayRow(
            date=day.date,
            kind=day.kind,
            name=day.name,
            decision=day.decision,
            confidence=_confidence(day.confirmed),
            added_in=version.id,
        )
        for day in effect.added
    )
    session.add_all(
        CalendarYear(year=year, status=_confidence(confirmed), calendar_version_id=version.id)
        for year, confirmed in effect.years_set.items()
    )
    session.flush()
    return version.id


def _confidence(confirmed: bool) -> Confidence:
    return Confidence.CONFIRMED if confirmed else Confidence.ESTIMATED
