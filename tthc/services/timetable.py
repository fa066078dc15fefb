"""The timetable as people see it: each job, when it ran, what came of it, when it runs next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import JobRun
from tthc.db.queries import job_runs as queries
from tthc.db.queries import leases as lease_queries
from tthc.domain.alerts import SWEEP
from tthc.domain.outbox import LONGEST_LAG, Way
from tthc.domain.permissions import Action, Actor
from tthc.domain.timetable import is_late, next_due
from tthc.domain.vocabulary import AlertStage, ReportKind, SubjectKind
from tthc.services import alert_mail, backup, calendar_watch, clean_up, outbox, reports, uncollected
from tthc.services.job_runs import INTERRUPTED
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, Page

#: What went wrong, in words that quote nothing of what people typed.
_ERRORS = {
    INTERRUPTED: "tiến trình bị dừng giữa chừng, lượt sau chạy lại",
    "BackupFailed": "không ghi được bản sao lưu; kiểm tra TTHC_BACKUP_DIR, dung lượng đĩa và TTHC_PG_BIN",
    "OperationalError": "không dùng được cơ sở dữ liệu",
    "ValueError": "dữ liệu ghi trong cơ sở dữ liệu không đọc được",
    "DataError": "dữ liệu ghi trong cơ sở dữ liệu không đọc được",
    "CalendarNotCovered": "chưa có lịch làm việc của năm cần tính",
}


class Busy(Exception):
    """Another process, or another thread of this one, is running the job."""


@dataclass(frozen=True)
class JobText:
    """A job in words: what it is called, what it does, and what a run did, from its counts."""

    name: str
    label: str
    purpose: str
    told: Callable[[Mapping[str, Any]], str]
    #: So often it runs; ``None``: daily.
    every: timedelta | None = None


@dataclass(frozen=True)
class FailedSubject:
    """What a sweep could not judge; ``code`` of a dossier, ``petition_id`` of a petition."""

    label: str
    code: str | None
    petition_id: int | None
    error: str


@dataclass(frozen=True)
class RunView:
    """One run; ``state`` is running, done, partial (done, but not with everything) or failed."""

    name: str
    label: str
    for_on: Any
    started_at: datetime
    ended_at: datetime | None
    duration: str
    state: str
    result: str
    failures: Sequence[FailedSubject] = ()

    @property
    def state_label(self) -> str:
        """The state in words."""
        return _STATES[self.state]


_STATES = {"running": "Đang chạy", "done": "Xong", "partial": "Xong, còn lỗi", "failed": "Lỗi"}


@dataclass(frozen=True)
class JobView:
    """A job with its last run, and the newest that failed if that is another."""

    job: JobText
    last: RunView | None
    last_failed: RunView | None
    next_at: datetime
    late: bool
    running: bool
    #: How things stand beside its runs, in words; empty where there is nothing to say.
    standing: str = ""


@dataclass(frozen=True)
class Timetable:
    """Every job, and the history of one or all."""

    jobs: Sequence[JobView]
    history: Page[RunView]
    only: JobText | None


def _swept(done: Mapping[str, Any]) -> str:
    raised = ", ".join(
        f"{AlertStage(stage).label.lower()} {count}" for stage, count in done["raised"].items()
    )
    asked = f", {done['consulting']} văn bản lấy ý kiến" if done.get("consulting") else ""
    asked += f", {done['petitions']} phản ánh, kiến nghị" if done.get("petitions") else ""
    aside = f", bước xử lý {done['steps']}" if done.get("steps") else ""
    aside += f", chờ bổ sung {done['supplements']}" if done.get("supplements") else ""
    seen = f"Đã quét {days} ngày; xem" if (days := done.get("days", 1)) > 1 else "Đã xem"
    return (
        f"{seen} {done['examined']} hồ sơ{asked}; cảnh báo mới: {raised or 'không có'}{aside}; "
        f"thu hồi {done['withdrawn']}; lỗi {done['failed']}."
    )


def _drawn_up(done: Mapping[str, Any]) -> str:
    drawn = ", ".join(f"{ReportKind(kind).label.lower()} {count}" for kind, count in done["drawn"].items())
    return (
        f"Dự thảo mới: {drawn or 'không có'}; chốt số liệu {done['final']}; "
        f"đính chính {done['corrections']}; lỗi {done['failed']}."
    )


def _sent(done: Mapping[str, Any]) -> str:
    return (
        f"Thư nhắc việc mới {done['digests']}; đã gửi {done['sent']}; chưa gửi được, sẽ gửi lại "
        f"{done['failed']}; "
        f"thôi gửi {done['dead']}."
    )


def _backed_up(done: Mapping[str, Any]) -> str:
    if not done["file"]:
        return "Bản dùng thử không sao lưu."
    size = f"{done['size'] / 1_000_000:.1f}".replace(".", ",")
    return (
        f"Đã tạo {done['file']} ({size} MB): {done['rows']} dòng dữ liệu, {done['papers']} tệp đính kèm; xóa "
        f"{done['dropped']} bản cũ; thiếu {done['failed']} tệp đính kèm."
    )


def _cleaned(done: Mapping[str, Any]) -> str:
    return (
        f"Đã xóa {done['drafts']} bản nháp, {done['papers']} tệp đính kèm không thuộc hồ sơ nào, "
        f"{done['files']} "
        f"tệp tạm, {done['lookups']} lượt đếm tra cứu, {done['runs']} lượt chạy cũ; lỗi {done['failed']}."
    )


def _reminded(done: Mapping[str, Any]) -> str:
    return f"Thư nhắc nhận kết quả: {done['written'] or 'không có'}."


def _watched(done: Mapping[str, Any]) -> str:
    return f"Việc cần làm với lịch {done['found']}: mới báo {done['raised']}, đã xong {done['withdrawn']}."


#: Every job, in the order in which they are shown.
JOBS: Mapping[str, JobText] = {
    job.name: job
    for job in (
        JobText(
            SWEEP,
            "Quét cảnh báo",
            "Nêu cảnh báo của hồ sơ, bước xử lý, yêu cầu bổ sung, văn bản lấy ý kiến, phản ánh, kiến nghị "
            "sắp đến hạn và quá hạn; bù những ngày chưa quét.",
            _swept,
        ),
        JobText(
            reports.JOB,
            "Lập dự thảo báo cáo",
            "Lập dự thảo báo cáo của các kỳ đã kết thúc; theo dõi báo cáo của kỳ đã chốt.",
            _drawn_up,
        ),
        JobText(
            outbox.JOB,
            "Gửi thư",
            "Viết thư nhắc việc hằng ngày và gửi những gì đang chờ, mỗi phút một lượt. Lượt không có gì để "
            "gửi chỉ "
            "giữ lại lượt mới nhất.",
            _sent,
            timedelta(minutes=1),
        ),
        JobText(
            calendar_watch.JOB,
            "Kiểm tra lịch làm việc",
            "Báo lãnh đạo và người quản trị, mỗi việc một lần, khi lịch năm chưa được xác nhận, ngày nghỉ "
            "dự kiến sắp "
            "đến hoặc lịch sắp hết.",
            _watched,
        ),
        JobText(
            backup.JOB,
            "Sao lưu",
            "Sao lưu cơ sở dữ liệu, tệp đính kèm, tệp kỳ đã chốt và khóa; bỏ những bản đã đủ cũ.",
            _backed_up,
        ),
        JobText(
            clean_up.JOB,
            "Dọn dữ liệu tạm",
            "Xóa bản nháp bỏ dở, tệp tạm, lượt đếm tra cứu và lượt chạy cũ theo thời gian giữ ở trang "
            "Thiết lập.",
            _cleaned,
        ),
        JobText(
            uncollected.JOB,
            "Nhắc nhận kết quả",
            "Gửi thư nhắc chủ hồ sơ có kết quả chưa nhận quá số ngày đã đặt, nếu đơn vị gửi thư cho họ.",
            _reminded,
        ),
    )
}

#: What jobs put on record beside their own runs: what it is called, and what was done, from its counts.
_RECORDS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    alert_mail.DIGESTS: ("Soạn thư nhắc việc", lambda done: f"Đã soạn {done['written']} thư."),
    **{job.name: (job.label, job.told) for job in JOBS.values()},
}


def last_sweep(session: Session, now: datetime) -> datetime | None:
    """When the last complete sweep began; one statement, asked on every page."""
    return queries.last_done(session, SWEEP, now)


def find_job(name: str) -> JobText:
    """The words of a job; raises :class:`NotFound` for one that there is not."""
    if name not in JOBS:
        raise NotFound("Không có công việc này trong bộ hẹn giờ.")
    return JOBS[name]


def last_run(session: Session, name: str, now: datetime) -> RunView | None:
    """The newest run of a job as it stands now, for whoever started it."""
    begin_snapshot(session)
    found = queries.last_run(session, name, now)
    return _view(found, {}) if found else None


def get_timetable(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    machine_now: datetime,
    at: time,
    ways: Collection[Way],
    name: str | None = None,
    page: int = 1,
) -> Timetable:
    """All jobs, most due daily at ``at``, and a page of the history of ``name`` or of all.

    ``ways``: by what messages can go out (:func:`tthc.services.outbox.ways_of`).
    """
    actor.require(Action.VIEW_SETTINGS)
    only = find_job(name) if name is not None else None
    alive = lease_queries.running(session, machine_now)
    jobs = []
    for job in JOBS.values():
        run = queries.last_run(session, job.name, now)
        failed = queries.last_failed(session, job.name)
        jobs.append(
            JobView(
                job,
                _view(run, _codes(session, actor, run)) if run else None,
                _view(failed, {}) if failed and failed is not run else None,
                _next(job, run, now, at),
                _late(job, queries.last_done(session, job.name, now), now, at),
                job.name in alive,
                _backlog(session, actor, now, ways) if job.name == outbox.JOB else "",
            )
        )
    return Timetable(jobs, list_runs(session, actor=actor, name=name, page=page), only)


def list_runs(session: Session, *, actor: Actor, name: str | None = None, page: int = 1) -> Page[RunView]:
    """What the timetable has done, the newest first."""
    actor.require(Action.VIEW_SETTINGS)
    number = max(1, page)
    rows = queries.page(session, name, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page([_view(row, {}) for row in rows], queries.count(session, name), number)


def _next(job: JobText, last: JobRun | None, now: datetime, at: time) -> datetime:
    if job.every is None:
        return next_due(now, at)
    return now if last is None else max(now, last.started_at + job.every)


def _late(job: JobText, last_done: datetime | None, now: datetime, at: time) -> bool:
    if job.every is None:
        return is_late(last_done, now, at)
    return last_done is None or last_done < now - LONGEST_LAG


def _backlog(session: Session, actor: Actor, now: datetime, ways: Collection[Way]) -> str:
    if not ways:
        return "Chưa đặt máy chủ thư, webhook: thư nằm chờ."
    waiting = outbox.backlog(session, now=now, unit_id=actor.unit_id, ways=ways)
    if not waiting.count:
        return "Không có thư nào đang chờ."
    return f"{waiting.count} thư đang chờ, lâu nhất {_duration(waiting.lag)}."


def _codes(session: Session, actor: Actor, run: JobRun) -> dict[int, str]:
    ids = [number for kind, number, _ in _failures(run) if kind == SubjectKind.DOSSIER.value]
    return queries.codes(session, actor.unit_id, ids) if ids else {}


def _failures(run: JobRun) -> Sequence[tuple[str, int, str]]:
    return [(kind, number, error) for kind, number, error in run.counts_json.get("failures", ())]


def _view(run: JobRun, codes: Mapping[int, str]) -> RunView:
    label, told = _RECORDS[run.name]
    state = "partial" if run.state == "done" and run.counts_json.get("failed") else run.state
    result = ""
    if run.error:
        result = _in_words(run.error)
    elif run.counts_json:
        result = told(run.counts_json)
    return RunView(
        name=run.name,
        label=label,
        for_on=run.for_on,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration=_duration(run.ended_at - run.started_at) if run.ended_at else "",
        state=state,
        result=result[:1].upper() + result[1:],
        failures=[
            FailedSubject(
                f"{SubjectKind(kind).label} số {number}",
                codes.get(number) if kind == SubjectKind.DOSSIER.value else None,
                number if kind == SubjectKind.PETITION.value else None,
                _in_words(error),
            )
            for kind, number, error in _failures(run)
        ],
    )


def _in_words(error: str) -> str:
    return _ERRORS.get(error, f"lỗi {error}")


def _duration(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} giây".replace(".", ",")
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} phút {rest} giây"
