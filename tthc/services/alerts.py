"""Alerts: the daily sweep that raises them and lets them go up, and the answer that a person gives."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from tthc.db.models import Alert
from tthc.db.queries import alert_board as board_queries
from tthc.db.queries import alert_candidates as candidates
from tthc.db.queries import alerts as queries
from tthc.db.queries import job_runs as run_queries
from tthc.db.queries import worklists as worklist_queries
from tthc.domain.alerts import (
    ANSWERED_FOR,
    SWEEP,
    Level,
    Threshold,
    parse_days,
    promise_passed,
    reached,
    thresholds,
    unanswered_before,
)
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.notices import NoticeKind
from tthc.domain.permissions import Action, Actor, NotAllowed
from tthc.domain.settings import ALERT_ANSWER_DAYS, ESCALATION_DAYS, PETITION_NOTICE
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, AlertStage, DomainError, OverdueReason, SubjectKind
from tthc.services import alert_mail, audit, calendar, calendar_years, job_runs, notices, settings
from tthc.services.transaction import NotFound, transaction

#: So many of the subjects that could not be judged are named in the record of a run.
FAILURES_KEPT = 50

#: So many subjects are judged at a time: what a sweep holds in memory does not grow with their number.
CHUNK = 1000
#: So many alerts are written at a time: others write between two of these transactions.
PORTION = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SweepResult:
    """What a sweep did, over all the ``days`` that it made up for.

    ``examined`` counts dossiers pending on the last of them, ``consulting`` questions that other agencies
    have not answered, ``petitions`` petitions that wait for an answer; ``raised`` alerts of these by stage,
    ``steps`` those of the steps of dossiers, ``supplements`` those of requests that applicants have not
    answered.
    ``calendar_unconfirmed`` is the year whose calendar should be confirmed by now and is not.
    """

    examined: int = 0
    consulting: int = 0
    petitions: int = 0
    raised: dict[str, int] = field(default_factory=dict)
    steps: int = 0
    supplements: int = 0
    withdrawn: int = 0
    failed: int = 0
    calendar_unconfirmed: int | None = None
    days: int = 1

    def counts(self) -> dict[str, Any]:
        """What was done, by the names under which it is put on record."""
        return {
            "examined": self.examined,
            "consulting": self.consulting,
            "petitions": self.petitions,
            "raised": self.raised,
            "steps": self.steps,
            "supplements": self.supplements,
            "withdrawn": self.withdrawn,
            "failed": self.failed,
            "days": self.days,
        }


#: What is added up over the days that a sweep makes up for.
_SUMMED = ("steps", "supplements", "withdrawn", "failed")


def sweep(session: Session, *, now: datetime, actor: Actor, run: job_runs.Run | None = None) -> SweepResult:
    """Raise what is due soon or overdue today, and make up for every day since the last complete sweep.

    Each missed day is swept on the state that was recorded by its end, in order; its row in ``job_run`` is
    written when all of it was judged. Alerts are of dossiers, their steps, questions to other agencies,
    requests to supplement and petitions, unique per stage, threshold and due date, so that a second run, or
    one that goes on where another was broken off, changes nothing. ``run`` is what the timetable has on
    record of this sweep, and the lease without which nothing is written.
    """
    today = now.astimezone(OFFICE_ZONE).date()
    last = run_queries.last_complete_day(session, SWEEP, now)
    day = today if last is None else min(last + timedelta(days=1), today)
    days, done = 0, SweepResult()
    sums: Counter[str] = Counter()
    raised: Counter[str] = Counter()
    while day <= today:
        done = _sweep_day(session, now=now, actor=actor, on=day, today=today, run=run)
        raised.update(done.raised)
        sums.update({name: getattr(done, name) for name in _SUMMED})
        day += timedelta(days=1)
        days += 1
    return replace(done, raised=dict(raised), days=days, **sums)


def drop_ahead(session: Session, *, now: datetime, machine_now: datetime, unit_id: int) -> None:
    """Drop what was raised while the clock was ahead of the time, and is raised again when its day comes.

    By both clocks, as the office's may stand still and a run may be asked for on an earlier day. The clocks
    of two machines may differ by less than an hour.
    """
    with transaction(session):
        if dropped := queries.drop_ahead(session, unit_id, max(now, machine_now) + timedelta(hours=1)):
            _log.warning("Bỏ %s cảnh báo nêu khi đồng hồ máy chạy trước.", dropped)


def acknowledge_alert(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    alert_id: int,
    reason_code: OverdueReason,
    reason: str,
    promised_on: date | None,
) -> None:
    """A person answers for an alert: why, and by when the result will be there.

    Whoever has it in hand does, or a supervisor in his place.
    It is an answer to the lighter ones about the same due date as well. Once the promised date has passed
    and the alert still stands, it waits for another answer; the one before is kept in the audit.
    """
    actor.require(Action.ANSWER_OWN_ALERT)
    today = now.astimezone(OFFICE_ZONE).date()
    text = nfc(reason).strip()
    if not text:
        raise DomainError("Nhập lý do; lý do được dùng trong phụ lục nguyên nhân quá hạn.", "reason")
    if len(text) > 2000:
        raise DomainError("Lý do dài quá 2.000 ký tự; rút gọn lại.", "reason")
    with transaction(session):
        _check_promise(session, actor, promised_on, today)
        alert = queries.by_id(session, actor.unit_id, alert_id)
        if alert is None:
            raise NotFound("Không tìm thấy cảnh báo này.")
        if not may_answer(actor, board_queries.in_hand_of(session, actor.unit_id, alert_id)):
            raise NotAllowed("Chỉ người đang xử lý hoặc lãnh đạo trả lời được cảnh báo này.")
        if alert.subject_kind not in ANSWERED_FOR:
            raise DomainError("Cảnh báo này là để người đang xử lý biết, không cần trả lời.")
        if alert.withdrawn_at is not None:
            raise DomainError(
                "Cảnh báo đã tự rút vì hồ sơ hoặc phản ánh, kiến nghị đã kết thúc, hạn đã thay đổi hoặc đã "
                "có ý kiến trả lời."
            )
        if alert.acknowledged_at is not None:
            if not promise_passed(alert.promised_on, today):
                raise DomainError("Cảnh báo đã được người khác xác nhận.")
            _keep_answer(session, now, actor, alert)
        queries.acknowledge(
            session,
            alert,
            {
                "acknowledged_at": now,
                "acknowledged_by": actor.account_id,
                "reason_code": reason_code,
                "reason": text,
                "promised_on": promised_on,
            },
        )


def may_answer(actor: Actor, in_hand_of: Collection[int | None]) -> bool:
    """Whether somebody may answer: a supervisor for all of the unit, others for what they have in hand."""
    if actor.may(Action.ACKNOWLEDGE_ALERT):
        return True
    own = actor.account_id is not None and actor.account_id in in_hand_of
    return own and actor.may(Action.ANSWER_OWN_ALERT)


def _check_promise(session: Session, actor: Actor, promised_on: date | None, today: date) -> None:
    """Refuse a promise for a day that is over, or on which nobody works."""
    if promised_on is None:
        return
    if promised_on < today:
        raise DomainError("Ngày cam kết có kết quả phải từ hôm nay trở đi.", "promised_on")
    working = calendar.load_rules(session, actor.unit_id, today).calendar
    try:
        if working.is_working_day(promised_on):
            return
        following = working.next_working_day(promised_on)
    except CalendarNotCovered as error:
        raise DomainError(str(error), "promised_on") from error
    raise DomainError(
        f"Ngày {promised_on:%d/%m/%Y} không làm việc; ngày làm việc tiếp theo là {following:%d/%m/%Y}.",
        "promised_on",
    )


def _keep_answer(session: Session, now: datetime, actor: Actor, alert: Alert) -> None:
    """Put on record what was promised before a new answer takes its place."""
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action="answer_alert_anew",
        subject=f"alert:{alert.id}",
        detail={
            "at": alert.acknowledged_at.isoformat() if alert.acknowledged_at else None,
            "by": alert.acknowledged_by,
            "reason_code": alert.reason_code,
            "reason": alert.reason,
            "promised_on": alert.promised_on.isoformat() if alert.promised_on else None,
        },
    )


@dataclass
class _Day:
    """What the sweep of a day does, and what came of it so far."""

    session: Session
    actor: Actor
    view: candidates.View
    now: datetime
    run: job_runs.Run | None
    raised: Counter[AlertStage] = field(default_factory=Counter)
    aside: Counter[SubjectKind] = field(default_factory=Counter)
    failures: list[tuple[str, int, str]] = field(default_factory=list)
    failed: int = 0

    def judge(self, source: candidates.Source, steps: Sequence[Threshold]) -> None:
        """Raise what a source calls for, in portions: reading and writing are transactions of their own.

        What changed between the two is found by the end of the sweep, which withdraws what is not called for.
        """
        after = None
        unread: set[int] = set()
        while True:
            self.session.rollback()
            asked: dict[str, Any] = {"after": after, "limit": CHUNK, "without": unread}
            try:
                found = candidates.find(self.session, source, steps, **asked)
            except (ValueError, DataError):
                # What cannot be read hides no others: it is named, and the portion read without it.
                broken = candidates.unreadable(self.session, source, steps, **asked)
                if not broken:
                    raise
                for subject_id, error in broken:
                    self._fail(source.kind, subject_id, error)
                    unread.add(subject_id)
                continue
            rows = [row for one in found for row in self._rows(source, steps, *one)]
            for start in range(0, len(rows), PORTION):
                self._write(rows[start : start + PORTION])
                if self.run is not None:
                    self.run.give_way()
            if len(found) < CHUNK:
                return
            last = found[-1]
            after = (last[2], last[0])

    def _rows(
        self,
        source: candidates.Source,
        steps: Sequence[Threshold],
        subject_id: int,
        due_date_id: int,
        due_on: date,
        notice: int,
        quiet: bool,
    ) -> list[dict[str, Any]]:
        return [
            {
                "unit_id": self.view.unit_id,
                "subject_kind": source.kind,
                "subject_id": subject_id,
                "stage": one.stage,
                "threshold": one.days,
                "due_date_id": due_date_id,
                "for_on": self.view.on,
                "raised_at": self.now,
                "untold": one.stage is AlertStage.ESCALATED and one.crossed and not quiet,
            }
            for one in reached(steps, due_on, notice)
        ]

    def _write(self, rows: list[dict[str, Any]]) -> None:
        """Write a portion; where the database refuses it, row by row, so that one hides no others."""
        try:
            with transaction(self.session):
                job_runs.hold(self.session, self.run)
                raised = queries.add_alerts(self.session, rows)
        except (IntegrityError, DataError) as error:
            if len(rows) == 1:
                self._fail(rows[0]["subject_kind"], rows[0]["subject_id"], type(error).__name__)
                return
            for row in rows:
                self._write([row])
        else:
            if (kind := rows[0]["subject_kind"]) in ANSWERED_FOR:
                self.raised.update(raised)
            else:
                self.aside[kind] += len(raised)

    def _fail(self, kind: SubjectKind, subject_id: int, error: str) -> None:
        if (kind.value, subject_id) in {failure[:2] for failure in self.failures}:
            return
        _log.error(
            "Quét ngày %s: bỏ qua %s số %s: %s",
            f"{self.view.on:%d/%m/%Y}",
            kind.label.lower(),
            subject_id,
            error,
        )
        self.failed += 1
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append((kind.value, subject_id, error))


def _sweep_day(
    session: Session, *, now: datetime, actor: Actor, on: date, today: date, run: job_runs.Run | None
) -> SweepResult:
    # Today is swept on what is known now, also where the office's clock was set back to look at it; a
    # missed day on what was known at its end.
    view = candidates.View(actor.unit_id, on, None if on == today else _end_of(on))
    day = _Day(session, actor, view, now, run)
    begun_at = run_queries.last_done(session, SWEEP, now)
    working = calendar.load_rules(session, actor.unit_id, on).calendar
    petition_notice = settings.get(session, actor.unit_id, PETITION_NOTICE, on)
    escalations = parse_days(settings.get(session, actor.unit_id, ESCALATION_DAYS, on))
    notice_days = worklist_queries.notice_days(session)
    for source, at in (
        (candidates.dossiers(view), notice_days),
        (candidates.steps(view), notice_days),
        (candidates.consultations(view), notice_days),
        (candidates.supplements(view), notice_days),
        (candidates.petitions(view, petition_notice), [petition_notice]),
    ):
        day.judge(source, thresholds(on, working, notices=at, escalations=escalations))
    examined, consulting, pending = (
        count(session, view)
        for count in (candidates.count_open, candidates.count_consulting, candidates.count_petitions)
    )
    # Alone, as those who work on dossiers write their alerts too, in whatever order.
    with transaction(session, alone=True):
        job_runs.hold(session, run)
        withdrawn = queries.withdraw_stale(session, unit_id=actor.unit_id, now=now, since=begun_at)
        if on == today:
            _go_up(session, unit_id=actor.unit_id, on=on, working=working, since=begun_at)
            alert_mail.write_escalations(session, now=now, unit_id=actor.unit_id)
            _tell_unread(session, now=now, unit_id=actor.unit_id, count=day.failed)
        result = SweepResult(
            examined=examined,
            consulting=consulting,
            petitions=pending,
            raised={stage.value: day.raised[stage] for stage in AlertStage if day.raised[stage]},
            steps=day.aside[SubjectKind.STEP],
            supplements=day.aside[SubjectKind.SUPPLEMENT],
            withdrawn=withdrawn,
            failed=day.failed,
            calendar_unconfirmed=calendar_years.unconfirmed_year(session, on),
        )
        if result.calendar_unconfirmed is not None:
            _log.warning(
                "Lịch nghỉ năm %s chưa được xác nhận (quét ngày %s).",
                result.calendar_unconfirmed,
                f"{on:%d/%m/%Y}",
            )
        job_runs.record(
            session,
            run if on == today else None,
            name=SWEEP,
            for_on=on,
            now=now,
            state="done",
            counts={
                **result.counts(),
                "calendar_unconfirmed": result.calendar_unconfirmed,
                "failures": day.failures,
            },
        )
    return result


def _tell_unread(session: Session, *, now: datetime, unit_id: int, count: int) -> None:
    """Let those who keep the system know that something could not be judged, while that is so."""
    kind = NoticeKind.UNREAD_SUBJECTS
    found = [notices.Cause("sweep:unread", kind, {"count": count})] if count else []
    notices.settle(session, now=now, unit_id=unit_id, kinds=[kind], found=found)


def _go_up(
    session: Session, *, unit_id: int, on: date, working: WorkingCalendar, since: datetime | None
) -> None:
    """Let alerts of lateness that nobody has answered in time go to the next one up."""
    days = settings.get(session, unit_id, ALERT_ANSWER_DAYS, on)
    if not days:
        return
    for level in (Level.ABOVE, Level.SUPERVISORS):
        try:
            before = unanswered_before(on, days, level, working)
        except CalendarNotCovered:
            continue
        at = datetime.combine(before, time.min, OFFICE_ZONE)
        queries.raise_levels(session, unit_id=unit_id, level=level, before=at, since=since)


def _end_of(day: date) -> datetime:
    """The last instant of a local date; midnight belongs to the next."""
    return datetime.combine(day, time.max, OFFICE_ZONE)
