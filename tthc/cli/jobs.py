"""``tthc jobs``: the scheduler in a process of its own, or one run now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click

from tthc.cli import Failure
from tthc.cli.arguments import Moment
from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.stopping import StopSignals
from tthc.cli.vietnamese import Command, Group, Option
from tthc.domain.vocabulary import AlertStage, DomainError, ReportKind

#: How long a run asked for by hand waits for the scheduler's own.
_PATIENCE = 60.0

jobs = Group(
    name="jobs",
    help="Bộ lập lịch: quét hồ sơ sắp đến hạn, quá hạn và gửi cảnh báo tới trang Cảnh báo; lập dự thảo "
    "báo cáo của các kỳ đã kết thúc.",
    lazy={
        "run": (__name__, "run", "Chạy bộ lập lịch trong tiến trình riêng cho đến khi được dừng."),
        "once": (__name__, "once", "Chạy một lượt công việc rồi thoát."),
    },
)


@click.command(cls=Command, help="Chạy bộ lập lịch cho đến khi nhận SIGTERM hoặc Ctrl+C.")
@click.pass_obj
def run(output: Output) -> None:
    """Run the timetable without a web server."""
    stop = StopSignals().install()
    from tthc import jobs as timetable

    with office() as here:
        scheduler = timetable.start(here.app)
        output.say("Bộ lập lịch đang chạy; dừng bằng Ctrl+C.")
        stop.wait()
        scheduler.shutdown(wait=True)
        output.say("Bộ lập lịch đã dừng.")


@click.command(
    cls=Command,
    help="Chạy một lượt công việc TÊN rồi thoát: sweep (mặc định) quét cảnh báo, reports lập dự thảo báo cáo "
    "của các kỳ đã kết thúc. Chạy lại trong cùng ngày không sinh thêm cảnh báo, báo cáo.",
)
@click.argument("name", metavar="[TÊN]", required=False)
@click.option(
    "--at", cls=Option, type=Moment(), help="Đồng hồ của văn phòng đứng ở thời điểm này trong lượt chạy."
)
@click.pass_obj
def once(output: Output, name: str | None, at: datetime | None) -> None:
    """Run one job and answer with its counts."""
    from tthc import jobs as timetable

    name = name or timetable.SWEEP
    if name not in timetable.JOBS:
        names = ", ".join(timetable.JOBS)
        raise DomainError(f"Không có công việc “{name}”; các công việc: {names}.", "name")
    # For everything in this run, not only for the job's own argument.
    settings = {"CLOCK": lambda: at} if at is not None else None
    with office(settings) as here:
        try:
            done = timetable.run_job(here.app, name, now=here.now, wait=_PATIENCE)
        except timetable.Busy:
            raise Failure("Một tiến trình khác đang chạy công việc này; hãy thử lại sau ít phút.")
    output.answer(done, _TOLD[name](done))


def _swept(done: Mapping[str, Any]) -> str:
    raised = ", ".join(
        f"{AlertStage(stage).label.lower()} {count}" for stage, count in done["raised"].items()
    )
    asked = f", {done['consulting']} văn bản lấy ý kiến" if done["consulting"] else ""
    asked += f", {done['petitions']} phản ánh, kiến nghị" if done["petitions"] else ""
    return (
        f"Đã xem {done['examined']} hồ sơ{asked}; cảnh báo mới: {raised or 'không có'}; "
        f"thu hồi {done['withdrawn']}; lỗi {done['failed']}."
    )


def _drawn_up(done: Mapping[str, Any]) -> str:
    drawn = ", ".join(f"{ReportKind(kind).label.lower()} {count}" for kind, count in done["drawn"].items())
    return (
        f"Dự thảo mới: {drawn or 'không có'}; chốt số liệu {done['final']}; "
        f"đính chính {done['corrections']}; lỗi {done['failed']}."
    )


#: What a job has done, in words.
_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"sweep": _swept, "reports": _drawn_up}
