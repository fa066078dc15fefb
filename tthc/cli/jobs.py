"""``tthc jobs``: the scheduler in a process of its own, or one run now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tthc.cli import Failure
from tthc.cli.arguments import Moment
from tthc.cli.office import office
from tthc.cli.output import Output, shown_moment, table
from tthc.cli.stopping import StopSignals
from tthc.cli.vietnamese import Command, Group, Option
from tthc.domain.vocabulary import DomainError

if TYPE_CHECKING:
    from tthc.services.timetable import JobView, RunView

#: How long a run asked for by hand waits for the scheduler's own.
_PATIENCE = 60.0

jobs = Group(
    name="jobs",
    help="Bộ lập lịch: quét hồ sơ sắp đến hạn, quá hạn và gửi cảnh báo tới trang Cảnh báo; lập dự thảo "
    "báo cáo của các kỳ đã kết thúc; gửi thư; kiểm tra lịch làm việc; sao lưu; dọn dữ liệu tạm; nhắc nhận "
    "kết quả.",
    lazy={
        "run": (__name__, "run", "Chạy bộ lập lịch trong tiến trình riêng cho đến khi được dừng."),
        "once": (__name__, "once", "Chạy một lượt công việc rồi thoát."),
        "list": (__name__, "list_jobs", "Liệt kê các công việc, lượt gần nhất và lượt sau."),
        "history": (__name__, "history", "Liệt kê các lượt đã chạy, mới nhất trước."),
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
        timetable.stop(scheduler)
        output.say("Bộ lập lịch đã dừng.")


@click.command(
    cls=Command,
    help="Chạy một lượt công việc TÊN rồi thoát: sweep (mặc định) quét cảnh báo, reports lập dự thảo báo cáo "
    "của các kỳ đã kết thúc, outbox gửi thư, calendar kiểm tra lịch làm việc, backup sao lưu, cleanup dọn "
    "dữ liệu tạm, collection nhắc nhận kết quả. Chạy lại trong cùng ngày không sinh thêm cảnh báo, báo cáo.",
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
    _refuse_unknown(name)
    # For everything in this run, not only for the job's own argument.
    settings = {"CLOCK": lambda: at} if at is not None else None
    with office(settings) as here:
        try:
            done = runner.run_job(here.app, name, now=here.now, wait=_PATIENCE)
        except timetable.Busy:
            raise Failure("Một tiến trình khác đang chạy công việc này; hãy thử lại sau ít phút.")
    output.answer(done, timetable.JOBS[name].told(done))


@click.command(cls=Command, help="Liệt kê các công việc: lượt gần nhất, kết quả, lượt sau.")
@click.pass_obj
def list_jobs(output: Output) -> None:
    """Every job with its last and its next run."""
    from tthc.services import outbox, timetable

    with office() as here:
        view = timetable.get_timetable(
            here.session,
            actor=here.actor,
            now=here.now,
            machine_now=here.app.config["MACHINE_CLOCK"](),
            at=here.app.config["SWEEP_AT"],
            ways=outbox.ways_of(here.app.config),
        )
    output.answer(
        [
            {
                "name": one.job.name,
                "label": one.job.label,
                "running": one.running,
                "late": one.late,
                "last": _as_json(one.last) if one.last else None,
                "next_at": one.next_at,
                "standing": one.standing,
            }
            for one in view.jobs
        ],
        table(
            ("Công việc", "Lượt gần nhất", "Tình trạng", "Lượt sau"),
            [
                (
                    one.job.name,
                    shown_moment(one.last.started_at) if one.last else "chưa chạy",
                    _state(one),
                    shown_moment(one.next_at),
                )
                for one in view.jobs
            ],
        ),
    )


@click.command(cls=Command, help="Liệt kê các lượt đã chạy của công việc TÊN, hoặc của mọi công việc.")
@click.argument("name", metavar="[TÊN]", required=False)
@click.option("--page", cls=Option, type=click.IntRange(1, 100_000), default=1, help="Trang; mặc định 1.")
@click.pass_obj
def history(output: Output, name: str | None, page: int) -> None:
    """What the timetable has done, the newest first."""
    from tthc.services import timetable

    if name is not None:
        _refuse_unknown(name)
    with office() as here:
        runs = timetable.list_runs(here.session, actor=here.actor, name=name, page=page).rows
    output.answer(
        [_as_json(run) for run in runs],
        table(
            ("Bắt đầu", "Công việc", "Cho ngày", "Tình trạng", "Kết quả"),
            [
                (
                    shown_moment(run.started_at),
                    run.name,
                    f"{run.for_on:%d/%m/%Y}",
                    run.state_label,
                    run.result or "–",
                )
                for run in runs
            ],
        ),
    )


def _state(one: JobView) -> str:
    """How the last run went, and that the next is overdue."""
    if one.last is None:
        return "–"
    return f"{one.last.state_label}, đã quá cũ" if one.late and not one.running else one.last.state_label


def _refuse_unknown(name: str) -> None:
    from tthc.services import timetable

    if name not in timetable.JOBS:
        names = ", ".join(timetable.JOBS)
        raise DomainError(f"Không có công việc “{name}”; các công việc: {names}.", "name")


def _as_json(run: RunView) -> dict[str, Any]:
    return {
        "name": run.name,
        "for_on": run.for_on,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "state": run.state,
        "result": run.result,
    }
