"""``tthc restore``: an office out of a backup."""

from __future__ import annotations

from pathlib import Path

import click

from tthc.cli.arguments import InputFile
from tthc.cli.locks import only_one
from tthc.cli.office import SchemaState, enter, schema_state, session_of
from tthc.cli.output import Output, shown_moment
from tthc.cli.vietnamese import Command, Option


@click.command(
    cls=Command,
    help="Khôi phục cơ sở dữ liệu, tệp đính kèm, tệp kỳ đã chốt và khóa từ bản sao lưu TỆP, sau khi kiểm "
    "tra nó. Dừng "
    "hệ thống trước. Dữ liệu đang có được giữ lại bên cạnh dưới tên .before-….",
)
@click.argument("file", type=InputFile(), metavar="TỆP")
@click.option("--replace", cls=Option, is_flag=True, help="Thay cơ sở dữ liệu đang có.")
@click.pass_obj
def restore(output: Output, file: Path, *, replace: bool) -> None:
    """Restore, and say what was there before."""
    from tthc.app import create_app
    from tthc.services import backup
    from tthc.services import restore as service

    app = create_app()
    lock = Path(app.config["INSTANCE_PATH"]) / "setup.lock"
    with (
        app.app_context(),
        only_one(lock, lambda: output.say("Một tiến trình khác đang khởi tạo dữ liệu; đang chờ…")),
    ):
        done = service.restore_backup(
            backup.place_of(app.config, session_of(app)),
            path=file,
            machine_now=app.config["MACHINE_CLOCK"](),
            replace=replace,
        )
        if schema_state(app) is SchemaState.CURRENT:
            here = enter(app)
            service.put_on_record(here.session, now=here.now, actor=here.actor, file=file.name, restored=done)
    told = [f"Đã khôi phục dữ liệu sao lưu lúc {shown_moment(done.manifest.made_at)}."]
    if done.aside:
        told.append("Dữ liệu trước đó được giữ tại: " + ", ".join(done.aside) + ".")
    if done.skipped:
        told.append("Giữ nguyên " + ", ".join(done.skipped) + " đang có.")
    if done.manifest.missing:
        told.append(f"Bản sao lưu thiếu {len(done.manifest.missing)} tệp đính kèm ngay từ lúc tạo.")
    output.answer(
        {
            "made_at": done.manifest.made_at,
            "aside": list(done.aside),
            "skipped": list(done.skipped),
            "missing": list(done.manifest.missing),
        },
        "\n".join(told),
    )
