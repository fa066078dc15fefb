"""Periodic reports: drawn up when a period has ended, refreshed while it is open, numbered and sent."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import PeriodClose, Report
from tthc.db.queries import closes as close_queries
from tthc.db.queries import job_runs as run_queries
from tthc.db.queries import reports as queries
from tthc.db.queries import take_over as take_over_queries
from tthc.domain import closing
from tthc.domain.calendar import CalendarNotCovered, office_time
from tthc.domain.closing import DueReport
from tthc.domain.investment import InvestmentTally
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.petitions import PetitionTally
from tthc.domain.settings import REPORT_CUTOFFS, SEND_WITHIN
from tthc.domain.tallies import Tally
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DomainError, PeriodCutoff, ReportCutoffs, ReportKind, ReportState
from tthc.services import calendar, job_runs, report_annexed, report_chain, settings, tallies, units
from tthc.services.closing import cutoff_on
from tthc.services.readiness import Point
from tthc.services.report_chain import period_of
from tthc.services.transaction import NotFound, StaleVersion, begin_snapshot, transaction
from tthc.services.views import PAGE_SIZE, Page

JOB = "reports"
_WHAT = "Báo cáo"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DrawnUp:
    """What a run of the job did: new drafts by kind, then what followed the closing chain."""

    drawn: Mapping[str, int] = field(default_factory=dict)
    final: int = 0
    corrections: int = 0
    failed: int = 0

    def counts(self) -> dict[str, Any]:
        """What was done, by the names under which it is put on record."""
        return {
            "drawn": dict(self.drawn),
            "final": self.final,
            "corrections": self.corrections,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class ReportFilter:
    """Which reports a list shows; ``sending``: ``unsent``, ``overdue`` or all."""

    kind: ReportKind | None = None
    state: ReportState | None = None
    year: int | None = None
    sending: str | None = None


@dataclass(frozen=True)
class ReportRow:
    """A report in a list; ``open_points`` counts the points of its readiness list that name anything."""

    id: int
    name: str
    period: ReportPeriod
    state: ReportState
    open_points: int
    send_by_on: date | None
    sent_on: date | None
    overdue: bool
    letter_no: str


@dataclass(frozen=True)
class ReportView:
    """A report with everything that its page shows.

    ``outdated``: the numbers of one that is not sent are no longer those of its period. ``sendable``: its
    numbers will not change any more, or no closing will ever settle them. ``tallies``: as kept, by sector and
    by procedure; petitions and certificates as kept, ``None`` if it was drawn up before reports kept them.
    """

    row: ReportRow
    version: int
    tallies: Mapping[str, Tally]
    petitions: PetitionTally | None
    investment: InvestmentTally | None
    points: Sequence[Point]
    prepared_at: datetime
    prepared_by: str
    signer: str
    recipient: str
    note: str
    sent_by: str
    of_chain: bool
    outdated: bool
    sendable: bool


@dataclass(frozen=True)
class Unfinished:
    """How many reports have not been sent, and how many of these are late."""

    count: int
    overdue: int


@dataclass(frozen=True)
class Letter:
    """What is known of the letter with which a report is sent."""

    letter_no: str = ""
    signer: str = ""
    recipient: str = ""
    send_by_on: date | None = None
    note: str = ""


def draw_up(session: Session, *, now: datetime, actor: Actor, run: job_runs.Run | None = None) -> DrawnUp:
    """Draw up every report whose period has ended and that is not there yet; each exactly once.

    Missed days are made up for: from the first dossier's month, or from the last complete run on. Each
    report is a transaction of its own, while nobody else writes; the run with its row in ``job_run`` is the
    last.
    """
    today = office_time(now).date()
    drawn: Counter[str] = Counter()
    failed = 0
    for due in _due_reports(session, actor.unit_id, now, today):
        try:
            drawn[due.kind.value] += _draw(session, now, actor, due)
        except DomainError as error:
            # One that cannot be drawn up must not hold the others up; the next run tries again.
            _log.error(
                "Chưa lập được %s đến ngày %s: %s",
                due.kind.label.lower(),
                f"{due.period.to_on:%d/%m/%Y}",
                error,
            )
            failed += 1
    with transaction(session, alone=True):
        done = report_chain.follow(session, now=now, actor=actor)
        result = DrawnUp(dict(+drawn), done.final, done.corrections, failed)
        job_runs.hold(session, run)
        job_runs.record(
            session,
            run,
            name=JOB,
            for_on=today,
            now=now,
            state="failed" if failed else "done",
            counts=result.counts(),
        )
    return result


def list_reports(
    session: Session, *, actor: Actor, today: date, wanted: ReportFilter, page: int = 1
) -> Page[ReportRow]:
    """Reports, the newest period first."""
    actor.require(Action.VIEW_TALLIES)
    criteria = queries.Criteria(
        actor.unit_id,
        kind=wanted.kind,
        state=wanted.state,
        year=wanted.year,
        unsent=wanted.sending == "unsent",
        overdue_on=today if wanted.sending == "overdue" else None,
    )
    number = max(1, page)
    found = queries.page(session, criteria, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page([_row(one, today) for one in found], queries.count(session, criteria), number)


def unfinished(session: Session, *, actor: Actor, today: date) -> Unfinished:
    """What whoever prepares reports still has to do."""
    actor.require(Action.PREPARE_REPORT)
    return Unfinished(*queries.count_unsent(session, actor.unit_id, today))


def get_report(session: Session, *, actor: Actor, today: date, report_id: int) -> ReportView:
    """One report as it was drawn up, and whether its numbers still hold."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    report = report_of(session, actor, report_id)
    period = period_of(report)
    names = queries.people(session, [report.prepared_by, report.sent_by])
    kept = {
        by: tallies.kept_tally(report.figures_json[by], by=by, period=period)
        for by in ("sector", "procedure")
    }
    of_chain = _of_chain(session, report)
    return ReportView(
        row=_row(report, today),
        version=report.version,
        tallies=kept,
        petitions=report_annexed.kept_petitions(report.figures_json, period),
        investment=report_annexed.kept_investment(report.figures_json, period),
        points=[Point(**one) for one in report.readiness_json],
        prepared_at=report.prepared_at,
        prepared_by=names.get(report.prepared_by or 0, "Hệ thống"),
        signer=report.signer,
        recipient=report.recipient,
        note=report.note,
        sent_by=names.get(report.sent_by or 0, "Hệ thống") if report.sent_on else "",
        of_chain=of_chain,
        outdated=_outdated(session, actor, report),
        sendable=_sendable(report, of_chain),
    )


def refresh_report(session: Session, *, now: datetime, actor: Actor, report_id: int, version: int) -> None:
    """Draw a report up again with the numbers of now; whatever was typed about its letter stays.

    Of a final one only petitions and certificates can have changed; its tally is that of its closed months.
    """
    actor.require(Action.PREPARE_REPORT)
    with transaction(session, alone=True):
        report = _locked(session, actor, report_id, version)
        closes: Sequence[PeriodClose] = ()
        if report.state is not ReportState.DRAFT:
            if not report_chain.annexed_changed(session, report):
                raise DomainError("Chỉ lập lại được báo cáo còn là dự thảo; số liệu của báo cáo này đã chốt.")
            closes = tallies.closes_of(session, report.unit_id, report.from_on, report.to_on)
        report_chain.fill(session, now=now, actor=actor, report=report, closes=closes)
        report.version += 1
        report_chain.note(session, now, actor, "refresh_report", report)


def record_letter(
    session: Session, *, now: datetime, actor: Actor, report_id: int, version: int, letter: Letter
) -> None:
    """Note number, signer, recipient and deadline of the letter; until it is sent they may change."""
    actor.require(Action.PREPARE_REPORT)
    with transaction(session):
        report = _locked(session, actor, report_id, version)
        if letter.send_by_on is not None and letter.send_by_on <= report.to_on:
            raise DomainError(
                f"Hạn gửi phải sau ngày cuối kỳ báo cáo ({report.to_on:%d/%m/%Y}).", "send_by_on"
            )
        report.letter_no = squeeze(letter.letter_no)
        report.signer = squeeze(letter.signer)
        report.recipient = squeeze(letter.recipient)
        report.send_by_on = letter.send_by_on
        report.note = letter.note
        report.version += 1
        report_chain.note(session, now, actor, "record_report_letter", report, letter_no=report.letter_no)


def mark_sent(
    session: Session, *, now: datetime, actor: Actor, report_id: int, version: int, sent_on: date
) -> None:
    """The report has gone out; from now on nothing of it changes."""
    actor.require(Action.PREPARE_REPORT)
    with transaction(session):
        report = _locked(session, actor, report_id, version)
        if not _sendable(report, _of_chain(session, report)):
            raise DomainError("Chốt các tháng của kỳ báo cáo trước khi gửi: số liệu còn là dự thảo.")
        missing = [
            words
            for words, text in (
                ("số văn bản", report.letter_no),
                ("người ký", report.signer),
                ("nơi nhận", report.recipient),
            )
            if not text
        ]
        if missing:
            raise DomainError(f"Ghi {', '.join(missing)} của công văn trước khi đánh dấu đã gửi.")
        if not report.to_on < sent_on <= office_time(now).date():
            raise DomainError("Ngày gửi phải sau ngày cuối kỳ báo cáo và không sau hôm nay.", "sent_on")
        report.state = ReportState.SENT
        report.sent_on, report.sent_by = sent_on, actor.account_id
        report.version += 1
        report_chain.note(session, now, actor, "send_report", report, sent_on=sent_on.isoformat())


def _due_reports(session: Session, unit_id: int, now: datetime, today: date) -> Iterator[DueReport]:
    """The reports that there should be since the last complete run, in the order of their last day."""
    first = close_queries.first_counted_on(session, unit_id)
    if first is None:
        return
    begins_on = take_over_queries.begins_on(session, unit_id)
    first = max(first, begins_on or first)
    start = first
    if queries.last_to_on(session, unit_id) is not None:
        start = run_queries.last_complete_day(session, JOB, now) or first
    for offset in range((today - start).days):
        day = start + timedelta(days=offset)
        for cutoff in _cutoffs(session, unit_id, day):
            for due in closing.reports_ending_on(day, cutoff):
                # Of a period that began before the office used the system the figures are not whole.
                whole = begins_on is None or due.period.from_on >= begins_on
                if whole and report_chain.starts_within(first, due.period):
                    yield due


def _cutoffs(session: Session, unit_id: int, day: date) -> Sequence[PeriodCutoff]:
    """The cut-offs at which reports that end on a day are drawn up; most days are none."""
    found = [cutoff for cutoff in PeriodCutoff if closing.month_end(day, cutoff) == day]
    if not found or settings.get(session, unit_id, REPORT_CUTOFFS, day) == ReportCutoffs.BOTH:
        return found
    return [cutoff for cutoff in found if cutoff is cutoff_on(session, unit_id, day)]


def _draw(session: Session, now: datetime, actor: Actor, due: DueReport) -> bool:
    """Draw one report up; ``False`` if another runner was faster."""
    with transaction(session, alone=True):
        if queries.exists(session, actor.unit_id, due.period.from_on, due.period.to_on):
            return False
        report = Report(
            unit_id=actor.unit_id,
            kind=due.kind,
            from_on=due.period.from_on,
            to_on=due.period.to_on,
            correction_no=0,
            recipient=units.header(session, due.period.to_on, actor.unit_id).superior,
            send_by_on=_send_by(session, actor.unit_id, due.period.to_on),
        )
        report_chain.fill(session, now=now, actor=actor, report=report, closes=())
        session.add(report)
        report_chain.note(session, now, actor, "draw_up_report", report)
    return True


def _send_by(session: Session, unit_id: int, to_on: date) -> date | None:
    days = settings.get(session, unit_id, SEND_WITHIN, to_on)
    if not days:
        return None
    try:
        return calendar.load_rules(session, unit_id, to_on).calendar.add_working_days(to_on, days)
    except CalendarNotCovered:
        # Whoever sends it types the date; a report is not held up by next year's calendar.
        return None


def report_of(session: Session, actor: Actor, report_id: int, *, lock: bool = False) -> Report:
    """A report of the unit by its id; refuses one that there is not."""
    report = queries.by_id(session, actor.unit_id, report_id, lock=lock)
    if report is None:
        raise NotFound("Không tìm thấy báo cáo này.")
    return report


def _locked(session: Session, actor: Actor, report_id: int, version: int) -> Report:
    """The report as it was shown, if it may still be changed."""
    report = report_of(session, actor, report_id, lock=True)
    if report.version != version:
        raise StaleVersion(_WHAT)
    if report.state is ReportState.SENT:
        raise DomainError("Báo cáo đã gửi không sửa được; số liệu thay đổi thì lập báo cáo đính chính.")
    return report


def _of_chain(session: Session, report: Report) -> bool:
    """Whether closing months will ever settle the report: its period is cut as the office closes."""
    return closing.cutoff_of(period_of(report)) is cutoff_on(session, report.unit_id, report.to_on)


def _sendable(report: Report, of_chain: bool) -> bool:
    return report.state is ReportState.FINAL or (report.state is ReportState.DRAFT and not of_chain)


def _outdated(session: Session, actor: Actor, report: Report) -> bool:
    """Whether the numbers of one that is not sent have changed since it was drawn up."""
    if report.state is ReportState.SENT:
        return False
    if report_chain.annexed_changed(session, report):
        return True
    if report.state is ReportState.FINAL:
        return False
    groups = ("sector", "procedure")
    now = tallies.figures_of(session, actor=actor, period=period_of(report), groups=groups)
    return any(
        report_chain.numbers(now[by]) != report_chain.numbers(report.figures_json[by]) for by in groups
    )


def _row(report: Report, today: date) -> ReportRow:
    correction = report.correction_no
    unsent = report.state is not ReportState.SENT
    return ReportRow(
        id=report.id,
        name=f"{report.kind.label}, đính chính số {correction}" if correction else report.kind.label,
        period=period_of(report),
        state=report.state,
        open_points=sum(1 for one in report.readiness_json if one["count"]),
        send_by_on=report.send_by_on,
        sent_on=report.sent_on,
        overdue=unsent and report.send_by_on is not None and report.send_by_on < today,
        letter_no=report.letter_no,
    )
