"""``tthc backup``: the office into one archive, what there is, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tthc import __version__
from tthc.cli.arguments import InputFile
from tthc.cli.office import office, session_of
from tthc.cli.output import Output, shown_moment, table
from tthc.cli.vietnamese import Command, Group
from tthc.domain.backup import Cause

if TYPE_CHECKING:
    from flask import Flask

    from tthc.services.backup import Made


@click.pass_context
def _make_now(ctx: click.Context, /) -> None:
    """Make a backup where no sub-command is given."""
    if ctx.invoked_subcommand is not None:
        return
    output: Output = ctx.obj
    with office() as here:
        made = make(here.app, Cause.MANUAL)
    output.answer(
        {"path": str(made.path), **made.counts()},
        f"Đã sao lưu vào {made.path}: {made.counts()['rows']} dòng dữ liệu, {made.manifest.papers} tệp "
        f"đính kèm."
        + (
            f"\nThiếu {len(made.manifest.missing)} tệp đính kèm trong kho tệp."
            if made.manifest.missing
            else ""
        ),
    )


backup = Group(
    name="backup",
    help="Sao lưu cơ sở dữ liệu, tệp đính kèm, tệp kỳ đã chốt và khóa vào một tệp trong TTHC_BACKUP_DIR, "
    "cả khi hệ "
    "thống đang chạy.",
    callback=_make_now,
    lazy={
        "list": (__name__, "list_backups", "Liệt kê các bản sao lưu, mới nhất trước."),
        "verify": (__name__, "verify", "Kiểm tra một bản sao lưu từ đầu đến cuối."),
    },
)


def make(app: Flask, cause: Cause) -> Made:
    """Back up the office of an application whose context is pushed."""
    from tthc.services import backup as service

    return service.make_backup(
        service.place_of(app.config, session_of(app)),
        machine_now=app.config["MACHINE_CLOCK"](),
        cause=cause,
        program=__version__,
        keep=app.config["BACKUP_KEEP"],
    )


@click.command(cls=Command, help="Liệt kê các bản sao lưu trong TTHC_BACKUP_DIR, mới nhất trước.")
@click.pass_obj
def list_backups(output: Output) -> None:
    """Every backup in the folder; no database is needed."""
    from tthc import config
    from tthc.services import backup as service

    found = service.list_backups(Path(config.load()["BACKUP_DIR"]))
    output.answer(
        [
            {
                "path": str(one.path),
                "made_at": one.name.made_at,
                "cause": one.name.cause.value,
                "size": one.size,
            }
            for one in found
        ],
        table(
            ("Lúc", "Loại", "Dung lượng", "Tệp"),
            [
                (shown_moment(one.name.made_at), one.name.cause.label, f"{one.size} byte", str(one.path))
                for one in found
            ],
        )
        if found
        else "Chưa có bản sao lưu nào.",
    )


@click.command(
    cls=Command,
    help="Kiểm tra bản sao lưu TỆP từ đầu đến cuối: đủ tệp, đúng mã SHA-256, cơ sở dữ liệu mở được. Không "
    "ghi gì.",
)
@click.argument("file", type=InputFile(), metavar="TỆP")
@click.pass_obj
def verify(output: Output, file: Path) -> None:
    """Check one backup."""
    from tthc.app import create_app
    from tthc.services import backup as service

    app = create_app()
    with app.app_context():
        found = service.verify_backup(file, place=service.place_of(app.config, session_of(app)))
    output.answer(
        {
            "valid": True,
            "made_at": found.made_at,
            "program": found.program,
            "schema": found.schema,
            "database": found.database.value,
            "tables": dict(found.tables),
            "papers": found.papers,
            "missing": list(found.missing),
        },
        f"{file}: còn nguyên; sao lưu lúc {shown_moment(found.made_at)}, {sum(found.tables.values())} "
        f"dòng dữ liệu, "
        f"{found.papers} tệp đính kèm ({found.database.label}).",
    )
