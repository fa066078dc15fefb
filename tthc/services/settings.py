"""The rules that an office has set, each with the date from which it holds: read, changed, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Setting
from tthc.db.queries import audit as audit_queries
from tthc.db.queries import rules
from tthc.domain import dated
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import KNOWN, KnownSetting, T
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, Page

_ACTION = "change_setting"


@dataclass(frozen=True)
class SettingEntry:
    """A value as it was entered, in words, beside the one that held on its date until then."""

    id: int
    setting: KnownSetting[Any]
    before: str
    after: str
    valid_from: date | None
    recorded_at: datetime
    by: str
    standing: str
    reason: str


@dataclass(frozen=True)
class SettingView:
    """A setting with its value of today and what is coming; ``may_change``: by whoever looks."""

    setting: KnownSetting[Any]
    value: Any
    told: str
    coming: Sequence[SettingEntry]
    may_change: bool


@dataclass(frozen=True)
class SettingsView:
    """All known settings, and their changes, newest first."""

    settings: Sequence[SettingView]
    history: Page[SettingEntry]


def get(session: Session, unit_id: int, setting: KnownSetting[T], on: date) -> T:
    """What holds for a unit on a date: its rows first, then those for all units, else the default.

    The row keeps ``{"value": …}``. A value of another type than the default is an error of the program that
    wrote it, not of whoever reads.
    """
    return _value(setting, rules.setting_on(session, unit_id, setting.key, on))


def get_all(session: Session, unit_id: int, wanted: Sequence[KnownSetting[T]], on: date) -> list[T]:
    """The same for several settings, in their order, with one question to the database."""
    kept = rules.settings_on(session, unit_id, tuple(one.key for one in wanted), on)
    return [_value(one, kept.get(one.key)) for one in wanted]


def _value(setting: KnownSetting[T], kept: Mapping[str, Any] | None) -> T:
    if kept is None:
        return setting.default
    value: T = kept["value"]
    if type(value) is not type(setting.default):
        raise TypeError(
            f"setting {setting.key} holds {type(value).__name__}, not {type(setting.default).__name__}"
        )
    return value


def known(slug: str) -> KnownSetting[Any]:
    """The setting behind a part of an address."""
    for one in KNOWN:
        if one.slug == slug:
            return one
    raise NotFound("Không có thiết lập này.")


def get_settings(session: Session, *, actor: Actor, today: date, page: int = 1) -> SettingsView:
    """Every setting that there is, whether the unit has set it or not."""
    actor.require(Action.VIEW_SETTINGS)
    found = rules.settings_with_authors(session, actor.unit_id, [one.key for one in KNOWN])
    reasons = audit_queries.details(session, actor.unit_id, _ACTION, [_subject(row.id) for row, _ in found])
    rows = {one.key: [row for row, _ in found if row.key == one.key] for one in KNOWN}
    settings = {one.key: one for one in KNOWN}
    entries = {
        row.id: _entry(settings[row.key], row, rows[row.key], name, today, reasons) for row, name in found
    }
    number = max(1, page)
    newest_first = sorted(entries.values(), key=lambda entry: entry.id, reverse=True)
    return SettingsView(
        settings=[
            _view(session, actor, one, today, [entries[row.id] for row in dated.coming(rows[one.key], today)])
            for one in KNOWN
        ],
        history=Page(newest_first[(number - 1) * PAGE_SIZE :][:PAGE_SIZE], len(entries), number),
    )


def change_setting(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    setting: KnownSetting[T],
    value: T,
    valid_from: date,
    reason: str,
) -> int:
    """Set a rule from a date on, not before today: what was reported before must come out the same again."""
    actor.require(setting.change)
    kept = setting.check(value)
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Nhập lý do thay đổi.", "reason")
    today = office_time(now).date()
    if valid_from < today:
        raise DomainError(
            f"Số liệu trước hôm nay được giữ theo thiết lập cũ; chọn ngày từ {today:%d/%m/%Y} trở đi.",
            "valid_from",
        )
    with transaction(session):
        rules.lock_rules(session, actor.unit_id)
        before = get(session, actor.unit_id, setting, valid_from)
        if before == kept:
            raise DomainError(f"Từ ngày {valid_from:%d/%m/%Y} đã áp dụng đúng giá trị này.", "value")
        row = Setting(
            unit_id=actor.unit_id,
            key=setting.key,
            value_json={"value": kept},
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
                "key": setting.key,
                "valid_from": valid_from.isoformat(),
                "before": before,
                "after": kept,
                "reason": because,
            },
        )
        return row.id


def _view(
    session: Session, actor: Actor, setting: KnownSetting[Any], today: date, coming: Sequence[SettingEntry]
) -> SettingView:
    value = get(session, actor.unit_id, setting, today)
    return SettingView(setting, value, setting.told(value), coming, actor.may(setting.change))


def _entry(
    setting: KnownSetting[Any],
    row: Setting,
    rows: Sequence[Setting],
    name: str | None,
    today: date,
    reasons: Mapping[str, Any],
) -> SettingEntry:
    earlier = dated.replaced(rows, row)
    return SettingEntry(
        id=row.id,
        setting=setting,
        before=setting.told(earlier.value_json["value"] if earlier else setting.default),
        after=setting.told(row.value_json["value"]),
        valid_from=row.valid_from,
        recorded_at=row.recorded_at,
        by=name or "Hệ thống",
        standing=dated.standing(rows, row, today),
        reason=reasons.get(_subject(row.id), {}).get("reason", ""),
    )


def _subject(setting_id: int) -> str:
    return f"setting:{setting_id}"
