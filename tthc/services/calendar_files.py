"""The calendar out to a file and in from one; what comes in is a change like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.documents import calendar_files
from tthc.documents.calendar_files import CSV, ICS, BadRow
from tthc.domain.calendar import CalendarDay, weekday_name
from tthc.domain.calendar_changes import CalendarChange, ChangeRefused, effect_of
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DayKind, DomainError
from tthc.services import calendar_years
from tthc.services.calendar import load_rows

_SATURDAY = 5


@dataclass(frozen=True)
class ReadCalendar:
    """What a file would change; ``skipped`` says which days off were left out as they fall on weekends."""

    change: CalendarChange
    read: int
    unchanged: int
    skipped: Sequence[str]
    bad: Sequence[BadRow]


def export_calendar(session: Session, *, actor: Actor, format: str, years: Sequence[int] = ()) -> bytes:  # noqa: A002
    """The rows in force, of some years or of all, as CSV or iCalendar."""
    days = calendar_years.list_days(session, actor=actor, years=years)
    if format == CSV:
        return calendar_files.write_csv(days)
    if format != ICS:
        raise DomainError("Chọn loại tệp CSV hoặc ICS.", "format")
    newest = calendar_years.list_versions(session, actor=actor)[0]
    return calendar_files.write_ics(days, stamped_at=newest.at, name="Lịch làm việc")


def read_calendar(
    session: Session, *, actor: Actor, content: bytes, filename: str, whole_years: bool = False
) -> ReadCalendar:
    """The change that a file asks for, or everything that is wrong in it; nothing is saved.

    Rows as they stand in the calendar already change nothing. With ``whole_years`` the years of the file
    hold afterwards what the file says and nothing else. Days off on weekends are left out: those days
    are off anyway.
    """
    actor.require(Action.CHANGE_CALENDAR)
    suffix = filename.rpartition(".")[2].lower()
    if suffix not in calendar_files.READERS:
        raise DomainError("Chọn tệp .csv hoặc .ics.", "file")
    found = calendar_files.READERS[suffix](content)
    if not found.rows and not found.bad:
        raise DomainError("Tệp không có ngày nào.", "file")
    rows = [(line, day) for line, day in found.rows if not _idle(day)]
    skipped = [
        f"{weekday_name(day.date)} {day.date:%d/%m/%Y}: {day.name}" for _, day in found.rows if _idle(day)
    ]
    present = {day.date: day for day in load_rows(session).days}
    new = [(line, day) for line, day in rows if present.get(day.date) != day]
    change = CalendarChange(
        days=tuple(day for _, day in new),
        removed=_left_out([day for _, day in rows], present) if whole_years else (),
    )
    bad = [*found.bad, *_repeated(rows)]
    if not bad and (change.days or change.removed):
        bad = _refusals(session, change, [line for line, _ in new])
    return ReadCalendar(change, len(found.rows), len(rows) - len(new), skipped, bad)


def _idle(day: CalendarDay) -> bool:
    return day.kind is not DayKind.WORKED_SATURDAY and day.date.weekday() >= _SATURDAY


def _left_out(days: Sequence[CalendarDay], present: dict[date, CalendarDay]) -> tuple[date, ...]:
    """The dates that the calendar has in the years of a file and the file has not."""
    years = {day.date.year for day in days}
    held = {day.date for day in days}
    return tuple(on for on in sorted(present) if on.year in years and on not in held)


def _repeated(rows: Sequence[tuple[int, CalendarDay]]) -> list[BadRow]:
    seen: dict[date, int] = {}
    bad = []
    for line, day in rows:
        if day.date in seen:
            message = f"Ngày {day.date:%d/%m/%Y} đã có ở dòng {seen[day.date]}."
            bad.append(BadRow(line, "date", message))
        seen.setdefault(day.date, line)
    return bad


def _refusals(session: Session, change: CalendarChange, lines: Sequence[int]) -> list[BadRow]:
    """What the calendar itself has against the rows, each at its line."""
    rows = load_rows(session)
    try:
        effect_of(change, {day.date: day for day in rows.days}, dict(rows.years))
    except ChangeRefused as refusal:
        if not refusal.rows:
            return [BadRow(1, "", refusal.message)]
        return [BadRow(lines[one.index], one.field, one.message) for one in refusal.rows]
    return []
