"""The demonstration: the published half-year in a database of its own, on a clock that stands still."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthc import config
from tthc.cli import Failure, setup
from tthc.cli.locks import only_one
from tthc.cli.office import enter
from tthc.cli.output import Output
from tthc.domain.vocabulary import OFFICE_ZONE, Role
from tthc.resources import seeds_folder

if TYPE_CHECKING:
    from flask import Flask

#: Friday, the last day of the official half-year, after its last event (16:48) and before closing.
CLOCK_AT = datetime(2024, 6, 14, 16, 55, tzinfo=OFFICE_ZONE).astimezone(UTC)
REGISTER = "register-2024-h1.csv"
INVESTMENT = "investment-2024-h1.csv"
#: With what the half-year brought it makes the published total of June 2024: 344 projects, 144,256.91 billion
#: đồng, of them 94 with 56,201.74 foreign and 250 with 88,055.17 domestic.
OPENING_ON = date(2023, 12, 14)
OPENING: Mapping[str, Decimal] = {
    "fdi_projects": Decimal(83),
    "fdi_vnd": Decimal("52727.16"),
    "ddi_projects": Decimal(248),
    "ddi_vnd": Decimal("87607.64"),
}

#: One account a role: name, full name.
PEOPLE: Mapping[Role, tuple[str, str]] = {
    Role.CLERK: ("canbo", "Cán bộ một cửa 01"),
    Role.OFFICER: ("chuyenvien", "Chuyên viên 01"),
    Role.SUPERVISOR: ("lanhdao", "Lãnh đạo 01"),
    Role.REPORTER: ("tonghop", "Cán bộ tổng hợp 01"),
    Role.ADMIN: ("quantri", "Quản trị 01"),
    Role.AUDITOR: ("kiemtra", "Kiểm tra 01"),
}

#: The file that says that the demonstration is whole; written last, and with it the passwords.
_MARK = "demo.json"
_DATABASE = "tthc.db"


@dataclass(frozen=True)
class DemoAccount:
    """An account whose password may be known to everybody at the machine."""

    name: str
    role: Role
    password: str

    def as_json(self) -> dict[str, object]:
        """The shape of a line of ``tthc serve --demo --json``."""
        return {"account": {"name": self.name, "role": self.role.value, "password": self.password}}

    def as_text(self) -> str:
        """The line that people copy from."""
        return f"TÀI KHOẢN {self.name} {self.role.value} {self.password}"


def open_demo(output: Output) -> tuple[Flask, list[DemoAccount]]:
    """The application on the demonstration, made now if it is not there or was left half made."""
    folder = config.instance_path() / "demo"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Failure(f"Không tạo được thư mục {folder} ({error.strerror}): kiểm tra quyền ghi.")
    with only_one(
        folder / "demo.lock", lambda: output.say("Một tiến trình khác đang tạo bản dùng thử; đang chờ…")
    ):
        mark = _read_mark(folder)
        if mark is None:
            output.say("Đang tạo bản dùng thử…")
            return _make(folder, output)
        app = _open(folder, mark["secret_key"])
        setup.prepare(app, output, first_administrator=False)
        return app, _accounts(mark)


def _open(folder: Path, secret_key: str) -> Flask:
    from tthc.app import create_app

    return create_app(
        {
            "INSTANCE_PATH": str(folder),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / _DATABASE}",
            "SECRET_KEY": secret_key,
            "CLOCK": lambda: CLOCK_AT,
            "DEMO": True,
        }
    )


def _make(folder: Path, output: Output) -> tuple[Flask, list[DemoAccount]]:
    """Build from nothing; whatever an interrupted start left behind goes first, and the mark comes last."""
    for left in folder.glob(f"{_DATABASE}*"):
        left.unlink()
    mark = {
        "secret_key": secrets.token_hex(32),
        "accounts": [
            {"name": name, "role": role.value, "password": secrets.token_urlsafe(9)}
            for role, (name, _) in PEOPLE.items()
        ],
    }
    app = _open(folder, str(mark["secret_key"]))
    setup.prepare(app, output, first_administrator=False)
    made = _accounts(mark)
    with app.app_context():
        _fill(app, made)
    _write_mark(folder, mark)
    return app, made


def _fill(app: Flask, people: list[DemoAccount]) -> None:
    from tthc import jobs
    from tthc.services import accounts, investment_balances, investment_import, register

    here = enter(app)
    for person in people:
        accounts.add_account(
            here.session,
            now=here.now,
            actor=here.actor,
            name=person.name,
            role=person.role,
            password=person.password,
            full_name=PEOPLE[person.role][1],
        )
    for take, name in (
        (register.import_register, REGISTER),
        (investment_import.import_certificates, INVESTMENT),
    ):
        done = take(
            here.session,
            now=here.now,
            actor=here.actor,
            content=(seeds_folder() / name).read_bytes(),
            filename=name,
            dry_run=False,
        )
        if done.errors:
            first = done.errors[0]
            raise Failure(
                f"Không nạp được số liệu dùng thử: {name}, dòng {first.row}, cột {first.column}: "
                f"{first.message}"
            )
    investment_balances.save_opening(
        here.session,
        now=here.now,
        actor=here.actor,
        on=OPENING_ON,
        figures=OPENING,
        basis="Số liệu công bố tháng 6/2024 trừ kết quả 6 tháng đầu năm 2024",
        seen=investment_balances.draft_opening(here.session, actor=here.actor, on=OPENING_ON).seen,
    )
    for name in jobs.JOBS:
        jobs.run_job(app, name, now=here.now)


def _accounts(mark: Mapping[str, Any]) -> list[DemoAccount]:
    return [DemoAccount(one["name"], Role(one["role"]), one["password"]) for one in mark["accounts"]]


def _read_mark(folder: Path) -> dict[str, Any] | None:
    """What the last complete start wrote; ``None`` if there was none, or its database is gone."""
    try:
        mark = json.loads((folder / _MARK).read_text("utf-8"))
        _accounts(mark)
        whole = len(mark["secret_key"]) >= config.SECRET_KEY_LENGTH and (folder / _DATABASE).is_file()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return mark if whole else None


def _write_mark(folder: Path, mark: Mapping[str, Any]) -> None:
    beside = folder / f".{_MARK}.{os.getpid()}"
    # Made with its mode, not given it afterwards: there are passwords in it.
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(mark, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / _MARK)
