"""``tthc init``: the database made or upgraded, seeded, with its first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tthc.cli import Failure
from tthc.cli.backup import make
from tthc.cli.locks import only_one
from tthc.cli.office import AHEAD, SchemaState, schema_state, session_of
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command
from tthc.domain.backup import Cause

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True)
class Prepared:
    """What a set-up did; ``password`` is the first administrator's, there this once only."""

    created: bool
    upgraded: bool
    administrator: str | None
    password: str | None

    def as_json(self) -> dict[str, object]:
        """The shape of ``tthc init --json``."""
        return {"created": self.created, "administrator": self.administrator, "password": self.password}

    def as_text(self) -> str:
        """The same for people."""
        if self.created:
            done = "Đã tạo cơ sở dữ liệu, nạp danh mục thủ tục và lịch làm việc."
        elif self.upgraded:
            done = "Đã nâng cấp cơ sở dữ liệu."
        else:
            done = "Cơ sở dữ liệu đã sẵn sàng; không có gì thay đổi."
        if self.password is None:
            return done
        first = f"{self.administrator} mật khẩu dùng một lần: {self.password}"
        return f"{done}\nTài khoản quản trị đầu tiên: {first}"


@click.command(
    cls=Command,
    help="Tạo hoặc nâng cấp cơ sở dữ liệu, nạp danh mục và lịch, tạo tài khoản quản trị đầu tiên. "
    "Chạy lại không thay đổi gì.",
)
@click.pass_obj
def init(output: Output) -> None:
    """Set up, and say so."""
    from tthc.app import create_office

    done = prepare(create_office(), output)
    output.answer(done.as_json(), done.as_text())


def prepare(app: Flask, output: Output, *, first_administrator: bool = True) -> Prepared:
    """Bring the application's database up to this program; of two at once the second waits for the first."""
    lock = Path(app.config["INSTANCE_PATH"]) / "setup.lock"
    with only_one(lock, lambda: output.say("Một tiến trình khác đang khởi tạo dữ liệu; đang chờ…")):
        return _prepare(app, output, first_administrator=first_administrator)


def _prepare(app: Flask, output: Output, *, first_administrator: bool) -> Prepared:
    from alembic import command

    from tthc.services import accounts, backup, restore, setup

    with app.app_context():
        place = backup.place_of(app.config, session_of(app))
        if restore.finish(place):
            # The keys with which this process began may be the old ones.
            raise Failure("Đã hoàn tất lần khôi phục bị ngắt giữa chừng; hãy chạy lại lệnh này.")
        state = schema_state(app)
        if state is SchemaState.AHEAD:
            raise Failure(AHEAD)
        if state is SchemaState.BEHIND and not app.config["DEMO"]:
            made = make(app, Cause.UPGRADE)
            output.say(f"Đã sao lưu trước khi nâng cấp: {made.path}.")
        if state is not SchemaState.CURRENT:
            command.upgrade(app.extensions["migrate"].migrate.get_config(), "head")
        session = session_of(app)
        seeded = setup.initialise(session, now=app.config["CLOCK"]())
        password = None
        if first_administrator:
            password = accounts.create_first_administrator(session, now=app.config["CLOCK"]())
        return Prepared(
            created=seeded.units > 0,
            upgraded=state is SchemaState.BEHIND,
            administrator=accounts.FIRST_ADMINISTRATOR if password else None,
            password=password,
        )
