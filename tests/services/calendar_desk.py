"""What tests do with the calendar, as its page does it: a change is prepared, looked at and applied."""

from __future__ import annotations

from datetime import date

from tests.services.conftest import Office
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.vocabulary import DayKind
from tthc.services import calendar_changes, calendar_drafts
from tthc.services.calendar import load_rows
from tthc.services.calendar_changes import ALL, ChangeResult, Choice, Intent, Preview

#: Monday 23/11/2026 off in exchange for Saturday 28/11/2026; Tuesday 24/11 is off as an estimate.
SWAP = CalendarChange(
    days=(
        CalendarDay(date(2026, 11, 23), DayKind.SWAPPED_OFF, "Nghỉ hoán đổi", "1/TB-BNV"),
        CalendarDay(date(2026, 11, 28), DayKind.WORKED_SATURDAY, "Làm bù cho ngày 23/11/2026", "1/TB-BNV"),
    )
)
CULTURE_DAY_WORKED = CalendarChange(removed=(date(2026, 11, 24),))
#: The days are entered and no dossier is moved.
NOBODY = Choice(everyone=False)


def day_off(on: date, *, confirmed: bool = True) -> CalendarChange:
    return CalendarChange(days=(CalendarDay(on, DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB", confirmed),))


def moves(preview: Preview) -> list[tuple[str, str, str]]:
    return [(move.code, f"{move.old_on:%d/%m}", f"{move.new_on:%d/%m}") for move in preview.what.moves]


def look(office: Office, intent: Intent, by: str = "supervisor") -> Preview:
    return calendar_changes.preview_change(
        office.session, now=office.now, actor=office.person(by), intent=intent
    )


def change_calendar(
    office: Office,
    intent: Intent,
    by: str = "supervisor",
    *,
    base_version_id: int | None = None,
    reason: str = "Theo thông báo",
    choice: Choice = ALL,
) -> ChangeResult:
    """Judged on the newest version, unless another is named. What is refused is not kept for later."""
    actor = office.person(by)
    base = load_rows(office.session).version_id if base_version_id is None else base_version_id
    token = calendar_drafts.prepare_change(office.session, now=office.now, actor=actor, intent=intent)
    try:
        return calendar_drafts.apply_prepared(
            office.session,
            now=office.now,
            actor=actor,
            token=token,
            base_version_id=base,
            reason=reason,
            choice=choice,
        )
    except Exception:
        calendar_drafts.drop_prepared(office.session, actor=actor, token=token)
        raise
