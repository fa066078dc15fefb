"""``tthc import-register`` and ``tthc export-register``: the register book as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from tthc.cli.arguments import InputFile, OfficeDate, OutputFile
from tthc.cli.imports import answer_import, content_of
from tthc.cli.office import office, write_whole
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command, Option
from tthc.domain.vocabulary import DomainError


@click.command(
    cls=Command,
    help="Nhập sổ hồ sơ từ TỆP .csv (UTF-8) hoặc .xlsx. Chỉ một dòng bị từ chối là không ghi gì; mọi dòng "
    "sai đều được nêu. Nhập lại cùng một tệp không thay đổi gì.",
)
@click.argument("file", type=InputFile(), metavar="TỆP")
@click.option("--dry-run", cls=Option, is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@click.pass_obj
def import_register(output: Output, file: Path, dry_run: bool) -> int:
    """Import, and answer with what was read, made, changed and refused."""
    from tthc.services import register

    content = content_of(file)
    with office() as here:
        try:
            done = register.import_register(
                here.session,
                now=here.now,
                actor=here.actor,
                content=content,
                filename=file.name,
                dry_run=dry_run,
            )
        except DomainError as refusal:
            raise DomainError(refusal.message, "file")
    return answer_import(output, done, dry_run=dry_run)


@click.command(
    cls=Command,
    help="Xuất sổ hồ sơ (hồ sơ tiếp nhận trong kỳ hoặc còn giải quyết trong kỳ) ra tệp .xlsx hoặc .csv.",
)
@click.option("--from", "from_on", cls=Option, type=OfficeDate(), required=True, help="Ngày đầu.")
@click.option("--to", "to_on", cls=Option, type=OfficeDate(), required=True, help="Ngày cuối.")
@click.option(
    "-o",
    "--output",
    "path",
    cls=Option,
    type=OutputFile(".xlsx", ".csv"),
    required=True,
    help="Tệp để ghi ra.",
)
@click.pass_obj
def export_register(output: Output, from_on: date, to_on: date, path: Path) -> None:
    """Write the file."""
    from tthc.services import register_export

    if from_on > to_on:
        raise DomainError("Ngày đầu phải trước hoặc trùng ngày cuối.", "from")
    with office() as here:
        content = register_export.export_register(
            here.session,
            actor=here.actor,
            now=here.now,
            from_on=from_on,
            to_on=to_on,
            format=path.suffix.lower().removeprefix("."),
        )
    write_whole(path, content)
    output.answer(
        {"file": str(path), "from": from_on, "to": to_on, "bytes": len(content)},
        f"Đã xuất sổ hồ sơ {from_on:%d/%m/%Y} – {to_on:%d/%m/%Y} ra {path}.",
    )
