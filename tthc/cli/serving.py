"""``tthc serve``: web server and scheduler in one process, on a database brought up to date first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tthc.cli import DONE, FAILED
from tthc.cli.arguments import Port
from tthc.cli.output import Output
from tthc.cli.stopping import StopSignals
from tthc.cli.vietnamese import Command, Option

if TYPE_CHECKING:
    from flask import Flask


@click.command(
    cls=Command,
    help="Chạy máy chủ web và bộ lập lịch. Tạo hoặc nâng cấp cơ sở dữ liệu trước; in “SẴN SÀNG” kèm địa chỉ "
    "khi trang đã mở được. Dừng bằng Ctrl+C hoặc SIGTERM.",
)
@click.option("--host", cls=Option, default="127.0.0.1", metavar="ĐỊA CHỈ", help="Mặc định 127.0.0.1.")
@click.option(
    "--port", cls=Option, type=Port(), default="8000", help="Mặc định 8000; 0 là một cổng còn trống."
)
@click.option(
    "--demo",
    cls=Option,
    is_flag=True,
    help="Bản dùng thử trong cơ sở dữ liệu riêng: số liệu nửa đầu năm 2024, đồng hồ đứng ở thứ Sáu, "
    "14/06/2024.",
)
@click.pass_obj
def serve(output: Output, host: str, port: int, demo: bool) -> int:
    """Bind, prepare, serve, stop; with ``--json`` one object a line."""
    stop = StopSignals().install()
    from tthc.cli import server

    listener = server.bind(host, port)
    try:
        try:
            app = _prepared(output, demo)
        except BaseException:
            # A request to stop cuts the set-up short wherever it is, and the libraries in between may turn it
            # into an error of theirs. What was being written is rolled back all the same.
            if stop.asked:
                return DONE
            raise
        from tthc import jobs

        url = server.url_of(listener)
        running = server.Server(app, listener, stop)
        scheduler = jobs.start(app)
        try:
            served = running.run(lambda: output.answer({"ready": url}, f"SẴN SÀNG {url}"))
        finally:
            jobs.stop(scheduler)
    finally:
        listener.close()
    return DONE if served else FAILED


def _prepared(output: Output, demo: bool) -> Flask:
    """The application on a database that is up to date; tells what was made."""
    if demo:
        from tthc.cli.demo import open_demo

        app, accounts = open_demo(output)
        for account in accounts:
            output.answer(account.as_json(), account.as_text())
        return app
    from tthc.app import create_app
    from tthc.cli.setup import prepare

    app = create_app()
    done = prepare(app, output)
    if done.created or done.upgraded or done.password:
        output.answer(done.as_json(), done.as_text())
    return app
