"""``tthc jobs``: the scheduler in a process of its own, or one run now."""

from __future__ import annotations

from datetime import datetime

import click

from tthc.cli import Failure
from tthc.cli.arguments import Moment
from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.stopping import StopSignals
from tthc.cli.vietnamese import Command, Group, Option
from tthc.domain.vocabulary import DomainError

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
    from tthc import jobs as runner
    from tthc.services import timetable

    name = name or runner.SWEEP
    if name not in timetable.JOBS:
        names = ", ".join(timetable.JOBS)
        raise DomainError(f"Không có công việc “{name}”; các công việc: {names}.", "name")
    # For everything in this run, not only for the job's own argument.
    settings = {"CLOCK": lambda: at} if at is not None else None
    with office(settings) as here:
        try:
            done = runner.run_job(here.app, name, now=here.now, wait=_PATIENCE)
        except timetable.Busy:
            raise Failure("Một tiến trình khác đang chạy công việc này; hãy thử lại sau ít phút.")
    output.answer(done, timetable.JOBS[name].told(done))
