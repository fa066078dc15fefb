"""Other agencies in the life of a dossier: what they were asked, their part of the limit, and who is late.

The delay of each side is derived from what people recorded (domain/segments.py); it is no event of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier
from tthc.db.queries import consultations as consultation_queries
from tthc.db.queries import segments as queries
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time
from tthc.domain.due_dates import ExplainedDay
from tthc.domain.lifecycle import LifeState
from tthc.domain.segments import (
    Delay,
    HandOver,
    Stage,
    agencies,
    delays,
    elsewhere,
    segment_ends,
    segment_on,
    stages,
)
from tthc.domain.time_limits import TimeLimit
from tthc.domain.timeliness import last_day_of_notice, remaining_label, standing, timeliness
from tthc.domain.vocabulary import EventKind
from tthc.services import calendar, catalogue, history
from tthc.services.agency_views import ConsultationView, SegmentView
from tthc.services.calendar import OfficeRules

#: How a segment without an agency is called: it is the office's own.
_HOME = "Đơn vị tiếp nhận"


@dataclass(frozen=True)
class Whereabouts:
    """The parts of a dossier's limit, and the sentences that say at whom it is or was late."""

    segments: Sequence[SegmentView]
    delays: Sequence[str]


def consultations_of(
    session: Session, dossier: Dossier, *, today: date, working: WorkingCalendar, due_soon_days: int
) -> list[ConsultationView]:
    """Every question to another agency with its state on a day, oldest first."""
    views = []
    for row, opened, closed, due in consultation_queries.told_of(session, dossier.id):
        answered = closed is not None and closed.kind is EventKind.RECEIVE_OPINION
        soon = closed is None and _is_soon(due.due_on, today, working, due_soon_days)
        views.append(
            ConsultationView(
                id=row.id,
                asked_by=opened.id,
                answered_by=closed.id if answered else None,
                agency=row.agency,
                question=row.question,
                answer=row.answer,
                segment_no=opened.payload_json.get("segment"),
                sent_at=opened.occurred_at,
                due_on=due.due_on,
                provisional=due.provisional,
                past_dossier=due.due_on > dossier.due_on,
                open=closed is None,
                ended_on=closed.occurred_on if answered else None,
                standing=standing(due.due_on, today, waiting=False) if closed is None else None,
                timeliness=timeliness(closed.occurred_on, due.due_on) if answered else None,
                due_soon=soon,
                waiting=False,
                remaining=remaining_label(due.due_on, today, working) if closed is None else "",
                closed_by="" if closed is None or answered else closed.kind.label,
                days=[
                    ExplainedDay(date.fromisoformat(on), counted, amount, reason)
                    for on, counted, amount, reason in due.explain_json or ()
                ],
            )
        )
    return views


def whereabouts_of(
    session: Session, dossier: Dossier, life: LifeState, limit: TimeLimit, rules: OfficeRules, *, today: date
) -> Whereabouts:
    """The parts of a limit that has several; nothing of one that has not."""
    if len(limit.segments) == 1:
        return Whereabouts([], [])
    ends = segment_ends(life.clock_base_at, limit, rules.calendar, rules.policy, life.pauses)
    running = None
    if dossier.ended_on is None:
        stop = life.open_stop
        on = office_time(stop.since).date() if stop is not None and stop.lawful else today
        running = segment_on(ends, on, dossier.due_on)
    rows = queries.hand_overs_of(session, [dossier.id])
    until = dossier.ended_on or today
    passed = _stages(life, limit, rules, dossier.due_on, _hand_overs(rows))
    by_number = {stage.numbers[0]: stage for stage in passed if stage.numbers} if _is_shared(limit) else {}
    away = elsewhere(limit)
    views = []
    for end in ends:
        stage = by_number.get(end.no)
        views.append(
            SegmentView(
                no=end.no,
                label=end.segment.label,
                agency=end.segment.agency or _HOME,
                last_on=end.last_on,
                running=running is not None and running.no == end.no,
                elsewhere=end.no in away,
                held=_held(stage) if stage else "",
                late=_late(stage, until, rules.calendar) if stage else "",
            )
        )
    late = []
    if _is_shared(limit) and _counts_as_late(dossier.waiting, dossier.ended_on):
        late = [
            _sentence(delay, rules.calendar, ended=dossier.ended_on is not None)
            for delay in delays(passed, rules.calendar, due_on=dossier.due_on, until=until)
        ]
        if late and len(passed) == 1:
            late.append(f"Chưa ghi việc chuyển hồ sơ cho {agencies(limit)[1]}.")
    return Whereabouts(views, late)


def late_at(session: Session, unit_id: int, codes: Sequence[str], *, today: date) -> dict[str, str]:
    """Of listed dossiers that are late and whose limit several agencies share: at whom, in a few words.

    The number of queries does not grow with the dossiers, only with the calendars that they were promised by.
    """
    rows = queries.in_parts(session, codes)
    limits = catalogue.limits_of(session, sorted({row.case_id for row in rows})) if rows else {}
    shared = {row.id: row for row in rows if row.case_id in limits and _is_shared(limits[row.case_id])}
    if not shared:
        return {}
    hand_overs: dict[int, list[Any]] = defaultdict(list)
    for row in queries.hand_overs_of(session, list(shared)):
        hand_overs[row[0]].append(row)
    rules: dict[Any, OfficeRules] = {}
    found = {}
    events = groupby(queries.events_of(session, list(shared)), key=lambda event: event.dossier_id)
    for dossier_id, group in events:
        row, life = shared[dossier_id], history.life_of(list(group))
        if not _counts_as_late(life.waiting, row.ended_on):
            continue
        key = (row.policy_id or row.received_on, row.calendar_version_id)
        if key not in rules:
            rules[key] = calendar.load_rules(
                session,
                unit_id,
                row.received_on,
                calendar_version_id=row.calendar_version_id,
                policy_id=row.policy_id,
            )
        under = rules[key]
        passed = _stages(life, limits[row.case_id], under, row.due_on, _hand_overs(hand_overs[dossier_id]))
        late = delays(passed, under.calendar, due_on=row.due_on, until=row.ended_on or today)
        if late:
            found[row.code] = "; ".join(_in_short(delay, under.calendar) for delay in late)
    return found


def _is_shared(limit: TimeLimit) -> bool:
    """Whether several agencies share a limit."""
    return len(agencies(limit)) > 1


def _counts_as_late(waiting: bool, ended_on: date | None) -> bool:
    """Whether a date that has passed makes it late: a clock that stands still lawfully cannot."""
    return ended_on is not None or not waiting


def _is_soon(due_on: date, today: date, working: WorkingCalendar, due_soon_days: int) -> bool:
    return today <= due_on <= last_day_of_notice(today, working, due_soon_days)


def _hand_overs(rows: Iterable[Any]) -> list[HandOver]:
    """Of the questions those by which the dossier itself went to the agency of a segment."""
    return [
        HandOver(payload["segment"], sent_at, returned_at)
        for _, payload, sent_at, returned_at in rows
        if "segment" in payload
    ]


def _stages(
    life: LifeState, limit: TimeLimit, rules: OfficeRules, due_on: date, hand_overs: Sequence[HandOver]
) -> tuple[Stage, ...]:
    """Who had the dossier when; nothing where the calendar does not reach the time of the last one."""
    try:
        return stages(
            life.clock_base_at,
            limit,
            rules.calendar,
            rules.policy,
            life.pauses,
            due_on=due_on,
            hand_overs=hand_overs,
        )
    except CalendarNotCovered:
        return ()


def _held(stage: Stage) -> str:
    began_on = office_time(stage.began_at).date()
    if stage.left_at is None:
        return f"từ {began_on:%d/%m/%Y}, hạn {stage.due_on:%d/%m/%Y}"
    left_on = office_time(stage.left_at).date()
    return f"từ {began_on:%d/%m/%Y} đến {left_on:%d/%m/%Y}, hạn {stage.due_on:%d/%m/%Y}"


def _late(stage: Stage, until: date, working: WorkingCalendar) -> str:
    """How far an agency exceeded its own time; empty when it did not."""
    left_on = until if stage.left_at is None else min(office_time(stage.left_at).date(), until)
    return remaining_label(stage.due_on, left_on, working) if left_on > stage.due_on else ""


def _in_short(delay: Delay, working: WorkingCalendar) -> str:
    return f"{delay.agency or _HOME} ({remaining_label(delay.due_on, delay.until, working)})"


def _sentence(delay: Delay, working: WorkingCalendar, *, ended: bool) -> str:
    """ "UBND cấp tỉnh: quá hạn 02 ngày làm việc (hạn 07/07/2026, xong 09/07/2026)." """
    done = "chưa xong" if delay.still_there and not ended else f"xong {delay.until:%d/%m/%Y}"
    label = remaining_label(delay.due_on, delay.until, working)
    return f"{delay.agency or _HOME}: {label} (hạn {delay.due_on:%d/%m/%Y}, {done})."
