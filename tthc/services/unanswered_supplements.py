"""Dossiers that wait for a supplement past the set time: a list, and stopping them once the law allows it.

Nothing is stopped by itself. Without a legal basis entered by the office it cannot be done this way at all;
with one, a supervisor looks at what would be stopped first, and each dossier gets an event of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.queries import search
from tthc.db.queries import supplements as queries
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import STOP_BASIS, UNANSWERED_DAYS
from tthc.domain.supplements import unanswered_since
from tthc.domain.vocabulary import DomainError, EventKind, SupplementMode
from tthc.services import calendar, history, settings, worklists
from tthc.services.dossiers import close_open, needed_text
from tthc.services.history import Happening
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Page


class NoBasis(DomainError):
    """The office has entered no legal basis for stopping dossiers in this way."""


@dataclass(frozen=True)
class UnansweredRow:
    """A dossier that waits: since when, how many working days, and for what.

    ``version`` is what it must still be when it is stopped. ``lawful``: the clock stands still meanwhile.
    """

    dossier_id: int
    version: int
    code: str
    procedure: str
    applicant: str
    officer: str | None
    asked_on: date
    waited_days: int
    mode: SupplementMode
    missing: str
    due_on: date
    lawful: bool


@dataclass(frozen=True)
class UnansweredList:
    """What waits longer than ``days`` working days, and the legal basis for stopping it (empty: none)."""

    page: Page[UnansweredRow]
    days: int
    basis: str


def list_unanswered(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> UnansweredList:
    """One page of the dossiers whose request to supplement has had no answer past the set time.

    The time and the basis are those in force today: it is today that somebody looks, or stops.
    """
    actor.require(Action.VIEW_DOSSIERS)
    today = worklists.office_day(now)
    working, days, asked_before = _threshold(session, actor.unit_id, today)
    number = max(1, page)
    found = queries.unanswered(
        session, actor.unit_id, asked_before, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    rows = [
        UnansweredRow(
            dossier_id=row.id,
            version=row.version,
            code=row.code,
            procedure=row.procedure,
            applicant=row.applicant,
            officer=row.officer,
            asked_on=row.asked_on,
            waited_days=working.working_days_between(row.asked_on, today),
            mode=row.mode,
            missing=row.missing,
            due_on=row.due_on,
            lawful=row.waiting,
        )
        for row in found
    ]
    return UnansweredList(
        page=Page(rows, queries.count_unanswered(session, actor.unit_id, asked_before), number),
        days=days,
        basis=_basis(session, actor.unit_id, today),
    )


def preview_stop(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> UnansweredList:
    """What :func:`stop_unanswered` would stop; nothing is saved. Refused without a legal basis."""
    actor.require(Action.STOP_DOSSIER)
    found = list_unanswered(session, actor=actor, now=now, page=page)
    _require_basis(found.basis)
    return found


def stop_unanswered(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    chosen: Iterable[tuple[int, int]],
    seen_basis: str,
    reason: str,
) -> int:
    """Stop the chosen dossiers for good, each by an event of its own, all or none; how many.

    ``chosen`` holds (dossier id, version) as they were looked at, ``seen_basis`` the legal basis that was
    shown; it is written into every reason. Refused when one of them has changed or no longer waits.
    """
    actor.require(Action.STOP_DOSSIER)
    versions = dict(chosen)
    if not versions:
        raise DomainError("Đánh dấu ít nhất một hồ sơ trong bảng, hoặc chọn cách khác.", "whom")
    why = needed_text(reason, "reason", "Nhập lý do dừng giải quyết.")
    today = worklists.office_day(now)
    with transaction(session):
        basis = _basis(session, actor.unit_id, today)
        _require_basis(basis)
        if basis != seen_basis:
            raise DomainError("Căn cứ dừng giải quyết vừa thay đổi; xem lại rồi xác nhận.")
        _, _, asked_before = _threshold(session, actor.unit_id, today)
        dossiers = queries.lock_unanswered(session, actor.unit_id, asked_before, sorted(versions))
        fresh = [dossier for dossier in dossiers if dossier.version == versions[dossier.id]]
        if len(fresh) < len(versions):
            raise DomainError(
                f"{len(versions) - len(fresh):02d} hồ sơ đã chọn vừa được cập nhật hoặc không còn chờ bổ "
                "sung quá hạn; chưa dừng hồ sơ nào. Xem lại danh sách rồi xác nhận."
            )
        action_id = str(uuid.uuid4())
        for dossier in fresh:
            what = Happening(EventKind.STOP, now, reason=f"{why}\nCăn cứ: {basis}", action_id=action_id)
            try:
                history.record(session, now=now, actor=actor, dossier=dossier, what=what)
            except DomainError as refusal:
                raise DomainError(f"Hồ sơ {dossier.code}: {refusal.message} Chưa dừng hồ sơ nào.")
            close_open(session, dossier, now=now)
        search.write_of_dossiers(session, [dossier.id for dossier in fresh])
    return len(fresh)


def _threshold(session: Session, unit_id: int, today: date) -> tuple[WorkingCalendar, int, date]:
    """The calendar, the set number of working days, and the date before which a request is that old."""
    working = calendar.load_rules(session, unit_id, today).calendar
    days = settings.get(session, unit_id, UNANSWERED_DAYS, today)
    return working, days, unanswered_since(today, working, days)


def _basis(session: Session, unit_id: int, today: date) -> str:
    return settings.get(session, unit_id, STOP_BASIS, today)


def _require_basis(basis: str) -> None:
    if not basis:
        raise NoBasis(
            "Đơn vị chưa nhập căn cứ dừng giải quyết hồ sơ không bổ sung; lãnh đạo nhập tại trang Thiết lập "
            "rồi thực hiện lại."
        )
