"""The readiness list of a period: what should be put right, or answered for, before it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import readiness as queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import UNANSWERED_DAYS
from tthc.domain.supplements import unanswered_since
from tthc.domain.tallies import CellName, TallyRow, check
from tthc.services import calendar, settings, units
from tthc.services.register_changes import FROM_FILE
from tthc.services.transaction import NotFound
from tthc.services.views import PAGE_SIZE, Page

#: Each point: its words, and whether it has to be put right first.
_POINTS: Mapping[str, tuple[str, bool]] = {
    "no_due_date": ("Chưa có hạn giải quyết", True),
    "ended_before_received": ("Kết thúc trước ngày tiếp nhận", True),
    "duplicate_code": ("Mã hồ sơ trùng với một hồ sơ đang chờ hoặc không được tiếp nhận", False),
    "late_without_reason": ("Quá hạn chưa có văn bản xin lỗi và chưa nêu lý do", False),
    "unanswered_supplement": ("Chờ bổ sung quá lâu chưa được trả lời", False),
    "wait_without_request": ("Tạm dừng hoặc chờ bổ sung mà không có văn bản yêu cầu trên hệ thống", False),
    "stopped_too_late": ("Yêu cầu bổ sung, tạm dừng sau khi đã quá hạn", False),
    "letter_too_late": ("Văn bản xin lỗi, hẹn lại ban hành không kịp trước ngày hẹn", False),
    "undecided_extension": ("Đề xuất gia hạn chưa được quyết định", False),
    "provisional_date": ("Ngày hẹn trả còn tạm tính do lịch nghỉ chưa xác nhận", False),
    "unverified_limit": ("Thủ tục có thời hạn chưa xác minh", False),
}
#: Names days of the calendar, which has pages of its own.
CALENDAR = "estimated_days"
_CALENDAR_LABEL = "Ngày trong kỳ theo lịch nghỉ chưa xác nhận"
_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Mã hồ sơ", width=28),
    Column("procedure", "Thủ tục", width=44),
    Column("applicant", "Chủ hồ sơ", width=28),
    Column("received_on", "Tiếp nhận", "date", 12),
    Column("due_on", "Hạn", "date", 12),
    Column("ended_on", "Kết thúc", "date", 12),
)
_IDENTITY = "identity"
_IDENTITY_LABEL = "Dòng số liệu không khớp đẳng thức đối chiếu"


@dataclass(frozen=True)
class Point:
    """A point of the list and how many dossiers it names.

    For ``identity`` it counts rows, for :data:`CALENDAR` days; these are not ``listed``.

    ``blocks``: nothing is closed while it names any.
    """

    key: str
    label: str
    count: int
    blocks: bool
    listed: bool = True


@dataclass(frozen=True)
class PointRow:
    """A dossier that a point names."""

    code: str
    procedure: str
    applicant: str
    received_on: date
    due_on: date
    ended_on: date | None


def points(
    session: Session, *, actor: Actor, now: datetime, period: ReportPeriod, figures: Mapping[str, Any]
) -> list[Point]:
    """Every point of a period, also those that name nothing: what was checked is part of the answer."""
    at_on = min(period.to_on, office_time(now).date())
    found = queries.count_points(
        session,
        _conditions(session, actor, period, at_on),
        unit_id=actor.unit_id,
        from_on=period.from_on,
        at_on=at_on,
    )
    wrong = sum(_faulty(kept) for kept in figures.values())
    return [
        Point(_IDENTITY, _IDENTITY_LABEL, wrong, blocks=True, listed=False),
        *(Point(key, label, found[key], blocks) for key, (label, blocks) in _POINTS.items()),
        Point(CALENDAR, _CALENDAR_LABEL, _estimated(session, actor, period), blocks=False, listed=False),
    ]


def list_point(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    period: ReportPeriod,
    key: str,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> tuple[str, Page[PointRow]]:
    """The words of a point and the dossiers that it names; ``size`` ``None``: all of them."""
    actor.require(Action.VIEW_TALLIES)
    if key not in _POINTS:
        raise NotFound("Không có điểm kiểm tra này.")
    at_on = min(period.to_on, office_time(now).date())
    within: dict[str, Any] = {"unit_id": actor.unit_id, "from_on": period.from_on, "at_on": at_on}
    condition = _conditions(session, actor, period, at_on)[key]
    total = queries.count_points(session, {key: condition}, **within)[key]
    number, limit = max(1, page), size or max(1, total)
    rows = queries.list_point(session, condition, **within, offset=(number - 1) * limit, limit=limit)
    listed = [
        PointRow(code, procedure, applicant, span.received_on, span.due_on, span.ended_on)
        for span, code, procedure, applicant in rows
    ]
    return _POINTS[key][0], Page(listed, total, number, limit)


def export_point(session: Session, *, actor: Actor, now: datetime, period: ReportPeriod, key: str) -> bytes:
    """The same list whole as an XLSX file."""
    label, page = list_point(session, actor=actor, now=now, period=period, key=key, size=None)
    unit = units.header(session, period.to_on, actor.unit_id)
    return spreadsheet.write_table(
        ReportTable(
            title=label,
            subtitle=f"Kiểm tra trước khi chốt kỳ từ ngày {period.from_on:%d/%m/%Y} đến ngày "
            f"{period.to_on:%d/%m/%Y}",
            columns=_COLUMNS,
            rows=[[number, *astuple(row)] for number, row in enumerate(page.rows, start=1)],
            header_left=[name for name in (unit.superior, unit.name) if name],
            notes=[f"Tổng số: {page.total} hồ sơ."],
        )
    )


def _conditions(session: Session, actor: Actor, period: ReportPeriod, at_on: date) -> Mapping[str, Any]:
    working = calendar.load_rules(session, actor.unit_id, at_on).calendar
    days = settings.get(session, actor.unit_id, UNANSWERED_DAYS, at_on)
    return queries.conditions(
        from_on=period.from_on,
        at_on=at_on,
        asked_before=unanswered_since(at_on, working, days),
        from_file=FROM_FILE,
    )


def _estimated(session: Session, actor: Actor, period: ReportPeriod) -> int:
    """How many days of the period rest on an estimate, by which a due date may still move."""
    working = calendar.load_rules(session, actor.unit_id, period.to_on).calendar
    days = (period.from_on + timedelta(days=one) for one in range((period.to_on - period.from_on).days + 1))
    return sum(_is_estimated(working, day) for day in days)


def _is_estimated(working: WorkingCalendar, day: date) -> bool:
    try:
        return working.is_provisional(day)
    except CalendarNotCovered:
        return True


def _faulty(kept: Mapping[str, Any]) -> int:
    """How many rows of the kept figures fail an identity."""
    return sum(
        not all(
            one.holds
            for one in check(
                TallyRow(row["key"], row["label"], {CellName(key): n for key, n in row["cells"].items()}),
                pending_before=row["pending_before"],
                adjustments=row["adjustments"],
                opening=row.get("opening"),
            )
        )
        for row in kept["rows"]
    )
