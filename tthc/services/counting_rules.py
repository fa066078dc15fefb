"""The unit's counting rules from date to date: their history, a look at a new one, and its entry.

A rule holds for dossiers received from its date on. What was promised stays: a promise keeps the row that it
was counted by, and no rule is entered for dates on which dossiers were already received.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import DuePolicyRow
from tthc.db.queries import audit as audit_queries
from tthc.db.queries import rules as queries
from tthc.domain import dated
from tthc.domain.calendar import CalendarNotCovered, office_time
from tthc.domain.counting_rules import CountingRule, Trial, sample_receipts, try_rules
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.calendar import CalendarRows, calendar_under, load_rows, rule_of
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Page

_ACTION = "change_counting_rule"
_ONE_DAY = timedelta(days=1)


class RulesMoved(DomainError):
    """Somebody else entered a rule after this change was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Quy tắc tính thời hạn vừa được người khác thay đổi. Xem lại phần so sánh bên dưới rồi lưu lại."
        )


@dataclass(frozen=True)
class RuleEntry:
    """A rule as it was entered, and what became of it.

    ``changes`` is what it says otherwise than the one whose place it took: (what, how then, how now).
    ``valid_from`` ``None``: from the beginning. ``standing`` says in words whether it holds.
    """

    id: int
    valid_from: date | None
    recorded_at: datetime
    by: str
    rule: CountingRule
    changes: Sequence[tuple[str, str, str]]
    standing: str
    reason: str


@dataclass(frozen=True)
class RulesView:
    """The rule of today, those that are coming, and all that were ever entered, newest first.

    A new rule is proposed from ``proposed_from`` on, and can be entered from ``first_free`` on (``None``:
    from any date).
    """

    today: RuleEntry
    coming: Sequence[RuleEntry]
    history: Page[RuleEntry]
    proposed_from: date
    first_free: date | None


@dataclass(frozen=True)
class RulePreview:
    """A new rule beside the one that would hold without it, tried on sample receipts.

    ``until`` is the last date for which it would hold, where a later rule is already entered. ``obstacle``
    says why nothing could be tried. ``newest_id`` is the row that was entered last when this was looked at.
    """

    rule: CountingRule
    valid_from: date
    changes: Sequence[tuple[str, str, str]]
    until: date | None
    trials: Sequence[Trial]
    obstacle: str
    newest_id: int


def get_rules(session: Session, *, actor: Actor, today: date, page: int = 1) -> RulesView:
    """The unit's rules with their history."""
    actor.require(Action.VIEW_SETTINGS)
    now = queries.policy_on(session, actor.unit_id, today)
    found = queries.policies_with_authors(session, actor.unit_id)
    rows = [row for row, _ in found]
    coming = dated.coming(rows, today)
    first_free = _first_free(session, actor.unit_id)
    number = max(1, page)
    shown = rows[::-1][(number - 1) * PAGE_SIZE :][:PAGE_SIZE]
    wanted = {row.id for row in (now, *coming, *shown)}
    subjects = [_subject(row_id) for row_id in sorted(wanted)]
    reasons = audit_queries.details(session, actor.unit_id, _ACTION, subjects)
    entries = {row.id: _entry(row, rows, name, today, reasons) for row, name in found if row.id in wanted}
    return RulesView(
        today=entries[now.id],
        coming=[entries[row.id] for row in coming],
        history=Page([entries[row.id] for row in shown], len(rows), number),
        proposed_from=max(today + _ONE_DAY, first_free or today),
        first_free=first_free,
    )


def preview_rule(
    session: Session, *, now: datetime, actor: Actor, rule: CountingRule, valid_from: date
) -> RulePreview:
    """What a rule would do, before it is entered; refuses what :func:`change_rule` would refuse."""
    actor.require(Action.CHANGE_SETTINGS)
    old = _check(session, actor.unit_id, rule, valid_from)
    rows = [row for row, _ in queries.policies_with_authors(session, actor.unit_id)]
    first = max(valid_from, office_time(now).date())
    trials: Sequence[Trial] = ()
    obstacle = ""
    try:
        trials = _trials(load_rows(session), old, rule, first, now)
    except CalendarNotCovered as refusal:
        obstacle = refusal.message
    return RulePreview(
        rule=rule,
        valid_from=valid_from,
        changes=rule.differences(old),
        until=dated.until(rows, valid_from),
        trials=trials,
        obstacle=obstacle,
        newest_id=rows[-1].id,
    )


def change_rule(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    rule: CountingRule,
    valid_from: date,
    reason: str,
    newest_id: int,
) -> int:
    """Enter a rule for what is received from ``valid_from`` on, and return the number of its row.

    ``newest_id`` is the row that was the newest when the change was looked at.
    """
    actor.require(Action.CHANGE_SETTINGS)
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Nhập lý do hoặc văn bản quy định cách tính mới.", "reason")
    with transaction(session):
        queries.lock_rules(session, actor.unit_id)
        if newest_id != queries.newest_policy_id(session, actor.unit_id):
            raise RulesMoved
        old = _check(session, actor.unit_id, rule, valid_from)
        row = DuePolicyRow(
            unit_id=actor.unit_id,
            hours_json=[[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in rule.hours.spans],
            cutoff=rule.cutoff,
            shift_after_hours=rule.shift_after_hours,
            due_at_mode=rule.due_at_mode,
            count_worked_saturday=rule.count_worked_saturday,
            valid_from=valid_from,
            recorded_at=now,
            recorded_by=actor.account_id,
        )
        session.add(row)
        session.flush()
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action=_ACTION,
            subject=_subject(row.id),
            detail={
                "valid_from": valid_from.isoformat(),
                "changes": rule.differences(old),
                "reason": because,
            },
        )
        return row.id


def _check(session: Session, unit_id: int, rule: CountingRule, valid_from: date) -> CountingRule:
    """Refuse a rule that must not be entered; the one that holds on its date without it."""
    rule.check()
    first_free = _first_free(session, unit_id)
    if first_free is not None and valid_from < first_free:
        raise DomainError(
            f"Hồ sơ tiếp nhận đến ngày {first_free - _ONE_DAY:%d/%m/%Y} đã được hẹn trả theo quy tắc cũ và "
            f"giữ nguyên ngày hẹn; chọn ngày áp dụng từ {first_free:%d/%m/%Y} trở đi.",
            "valid_from",
        )
    old = rule_of(queries.policy_on(session, unit_id, valid_from))
    if old == rule:
        raise DomainError(
            f"Từ ngày {valid_from:%d/%m/%Y} đã áp dụng đúng quy tắc này; sửa ít nhất một mục rồi lưu."
        )
    return old


def _first_free(session: Session, unit_id: int) -> date | None:
    last = queries.last_receipt_on(session, unit_id)
    return last + _ONE_DAY if last else None


def _trials(
    rows: CalendarRows, old: CountingRule, new: CountingRule, first: date, now: datetime
) -> list[Trial]:
    # The receipts are chosen by the calendar alone: whether worked Saturdays count is what is being tried.
    plain = calendar_under(rows, CountingRule(new.hours))
    samples = sample_receipts(first, now, rows.days, plain, new.cutoff or old.cutoff)
    return try_rules(
        samples, (calendar_under(rows, old), old.policy), (calendar_under(rows, new), new.policy)
    )


def _entry(
    row: DuePolicyRow,
    rows: Sequence[DuePolicyRow],
    name: str | None,
    today: date,
    reasons: Mapping[str, Any],
) -> RuleEntry:
    rule = rule_of(row)
    earlier = dated.replaced(rows, row)
    return RuleEntry(
        id=row.id,
        valid_from=row.valid_from,
        recorded_at=row.recorded_at,
        by=name or "Hệ thống",
        rule=rule,
        changes=rule.differences(rule_of(earlier)) if earlier else (),
        standing=dated.standing(rows, row, today),
        reason=reasons.get(_subject(row.id), {}).get("reason", ""),
    )


def _subject(policy_id: int) -> str:
    return f"due_policy:{policy_id}"
