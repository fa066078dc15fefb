"""Alerts: the daily sweep that raises them, the board that shows them, the answer that a person gives."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import JobRun
from tthc.db.queries import alerts as queries
from tthc.db.queries import job_runs as run_queries
from tthc.db.queries import worklists as worklist_queries
from tthc.domain.due_dates import alert_stage, last_day_of_notice, remaining_label
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, AlertStage, DomainError, OverdueReason, SubjectKind
from tthc.services import alert_mail, calendar, calendar_years, job_runs, settings, worklists
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, AlertBoard, AlertRow, JobRunView, Page

SWEEP = "sweep"

#: A board without a completed sweep for this day or the one before is stale.
_STALE_AFTER = timedelta(days=1)

#: So many of the subjects that could not be judged are named in the record of a run.
FAILURES_KEPT = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SweepResult:
    """What a sweep did, over all the days that it made up for.

    ``examined`` counts pending dossiers, ``consulting`` questions that other agencies have not answered,
    ``petitions`` petitions that wait for an answer.
    ``calendar_unconfirmed`` is the year whose calendar should be confirmed by now and is not.
    """

    examined: int = 0
    consulting: int = 0
    petitions: int = 0
    raised: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    failed: int = 0
    calendar_unconfirmed: int | None = None

    def counts(self) -> dict[str, Any]:
        """What was done, by the names under which it is put on record."""
        return {
            "examined": self.examined,
            "consulting": self.consulting,
            "petitions": self.petitions,
            "raised": self.raised,
            "withdrawn": self.withdrawn,
            "failed": self.failed,
        }


def sweep(session: Session, *, now: datetime, actor: Actor, run: job_runs.Run | None = None) -> SweepResult:
    """Raise what is due soon or overdue today, and make up for every day since the last complete sweep.

    Each missed day is swept on the state that was recorded by its end, in order, in a transaction of its
    own with its row in ``job_run``. Alerts are of dossiers, questions to other agencies and petitions,
    unique per stage and due date, so a second run changes nothing. ``run`` is what the timetable has on
    record of this sweep, and the lease without which nothing is written.
    """
    today = now.astimezone(OFFICE_ZONE).date()
    last = run_queries.last_complete_day(session, SWEEP)
    day = today if last is None else min(last + timedelta(days=1), today)
    examined, consulting, petitions, withdrawn, failed = 0, 0, 0, 0, 0
    raised: Counter[str] = Counter()
    while day <= today:
        done = _sweep_day(session, now=now, actor=actor, on=day, today=today, run=run)
        examined += done.examined
        consulting += done.consulting
        petitions += done.petitions
        withdrawn += done.withdrawn
        failed += done.failed
        raised.update(done.raised)
        day += timedelta(days=1)
    return SweepResult(
        examined, consulting, petitions, dict(raised), withdrawn, failed, done.calendar_unconfirmed
    )


def board(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    stage: AlertStage | None = None,
    answered: bool | None = None,
    page: int = 1,
) -> AlertBoard:
    """The alerts that are open, worst first, and when the sweep last ran."""
    actor.require(Action.VIEW_ALERTS)
    today = now.astimezone(OFFICE_ZONE).date()
    rules = calendar.load_rules(session, actor.unit_id, today)
    number = max(1, page)
    found = queries.page(
        session,
        actor.unit_id,
        today,
        stage=stage,
        answered=answered,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    total = queries.count(session, actor.unit_id, today, stage=stage, answered=answered)

    def unanswered(of: AlertStage) -> int:
        return queries.count(session, actor.unit_id, today, stage=of, answered=False)

    last_day = run_queries.last_complete_day(session, SWEEP)
    run = run_queries.last_run(session, SWEEP, ended=True)
    return AlertBoard(
        page=Page([_row(raw, today, rules.calendar) for raw in found], total, number),
        open_due_soon=unanswered(AlertStage.DUE_SOON),
        open_overdue=unanswered(AlertStage.OVERDUE),
        answered=queries.count(session, actor.unit_id, today, stage=None, answered=True),
        last_run=_run(run) if run else None,
        stale=last_day is None or last_day < today - _STALE_AFTER,
    )


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
    """A person answers for an alert: why, and by when the result will be there."""
    actor.require(Action.ACKNOWLEDGE_ALERT)
    text = nfc(reason).strip()
    if not text:
        raise DomainError("Nhập lý do; lý do được dùng trong phụ lục nguyên nhân quá hạn.", "reason")
    if len(text) > 2000:
        raise DomainError("Lý do dài quá 2.000 ký tự; rút gọn lại.", "reason")
    if promised_on is not None and promised_on < now.astimezone(OFFICE_ZONE).date():
        raise DomainError("Ngày cam kết có kết quả phải từ hôm nay trở đi.", "promised_on")
    with transaction(session):
        alert = queries.by_id(session, actor.unit_id, alert_id)
        if alert is None:
            raise NotFound("Không tìm thấy cảnh báo này.")
        if alert.withdrawn_at is not None:
            raise DomainError(
                "Cảnh báo đã tự rút vì hồ sơ hoặc phản ánh, kiến nghị đã kết thúc, hạn đã thay đổi hoặc đã "
                "có ý kiến trả lời."
            )
        if alert.acknowledged_at is not None:
            raise DomainError("Cảnh báo đã được người khác xác nhận.")
        alert.acknowledged_at = now
        alert.acknowledged_by = actor.account_id
        alert.reason_code = reason_code
        alert.reason = text
        alert.promised_on = promised_on


def _sweep_day(
    session: Session, *, now: datetime, actor: Actor, on: date, today: date, run: job_runs.Run | None
) -> SweepResult:
    # Today is swept on what is known now, also where the office's clock was set back to look at it; a
    # missed day on what was known at its end.
    known_at = None if on == today else _end_of(on)
    with transaction(session):
        job_runs.hold(session, run)
        rules = calendar.load_rules(session, actor.unit_id, on)
        petition_notice = settings.get(session, actor.unit_id, settings.PETITION_NOTICE, on)
        notice = max(petition_notice, *worklist_queries.notice_days(session))
        due_by = last_day_of_notice(on, rules.calendar, notice)
        view = queries.View(actor.unit_id, on, known_at)
        found = [(SubjectKind.DOSSIER, row) for row in queries.candidates(session, view, due_by)]
        found += [
            (SubjectKind.CONSULTATION, row) for row in queries.consultation_candidates(session, view, due_by)
        ]
        found += [
            (SubjectKind.PETITION, (*row, petition_notice))
            for row in queries.petition_candidates(session, view, due_by)
        ]
        rows: list[dict[str, Any]] = []
        failures: list[tuple[str, int, str]] = []
        for kind, (subject_id, due_date_id, due_on, due_soon_days) in found:
            try:
                stage = alert_stage(due_on, on, rules.calendar, due_soon_days)
            except Exception as error:  # noqa: BLE001 - one that cannot be judged must not hide the others
                _log.error(
                    "Quét ngày %s: bỏ qua %s số %s: %s",
                    f"{on:%d/%m/%Y}",
                    kind.label.lower(),
                    subject_id,
                    error if isinstance(error, DomainError) else type(error).__name__,
                )
                failures.append((kind.value, subject_id, type(error).__name__))
                continue
            if stage is not None:
                rows.append(
                    {
                        "unit_id": actor.unit_id,
                        "subject_kind": kind,
                        "subject_id": subject_id,
                        "stage": stage,
                        "threshold": due_soon_days if stage is AlertStage.DUE_SOON else 0,
                        "due_date_id": due_date_id,
                        "for_on": on,
                        "raised_at": now,
                    }
                )
        queries.add_alerts(session, rows)
        if on == today:
            alert_mail.write_escalations(session, now=now, unit_id=actor.unit_id)
        result = SweepResult(
            examined=queries.count_open(session, view),
            consulting=queries.count_consulting(session, view),
            petitions=queries.count_petitions(session, view),
            raised=dict(Counter(row["stage"].value for row in rows)),
            withdrawn=queries.withdraw_stale(session, unit_id=actor.unit_id, now=now),
            failed=len(failures),
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
                "failures": failures[:FAILURES_KEPT],
            },
        )
    return result


def _end_of(day: date) -> datetime:
    """The last instant of a local date; midnight belongs to the next."""
    return datetime.combine(day, time.max, OFFICE_ZONE)


def _row(raw: Any, today: date, working: Any) -> AlertRow:
    (
        alert,
        code,
        due_on,
        first_due_on,
        told_on,
        procedure,
        applicant,
        officer,
        supervisor,
        agency,
        petition_id,
    ) = raw
    of_dossier = not agency and petition_id is None
    return AlertRow(
        id=alert.id,
        stage=alert.stage,
        code=code,
        agency=agency,
        petition_id=petition_id,
        procedure=procedure,
        applicant=applicant or "Không nêu tên",
        officer=officer,
        due_on=due_on,
        for_on=alert.for_on,
        raised_at=alert.raised_at,
        remaining=remaining_label(due_on, today, working),
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=supervisor,
        reason_label=alert.reason_code.label if alert.reason_code else "",
        reason=alert.reason,
        promised_on=alert.promised_on,
        appointments=worklists.appointments(due_on, first_due_on, told_on) if of_dossier else [],
    )


def _run(run: JobRun) -> JobRunView:
    counts = run.counts_json
    return JobRunView(
        name=run.name,
        for_on=run.for_on,
        started_at=run.started_at,
        ended_at=run.ended_at,
        state=run.state,
        examined=counts.get("examined", 0),
        consulting=counts.get("consulting", 0),
        petitions=counts.get("petitions", 0),
        raised=sum(counts.get("raised", {}).values()),
        withdrawn=counts.get("withdrawn", 0),
        failed=counts.get("failed", 0),
        error=run.error,
    )
