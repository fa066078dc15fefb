"""``tthc user``: accounts added and passwords reset by whoever has the machine."""

from __future__ import annotations

import sys

import click

from tthc.cli.arguments import Member
from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command, Group, Option
from tthc.domain.vocabulary import DomainError, Role

#: More than any password may have; whatever else is piped in is not read to its end.
_MOST_BYTES = 4096

user = Group(
    name="user",
    help="Thêm tài khoản, đặt lại mật khẩu, đặt địa chỉ thư điện tử.",
    lazy={
        "add": (__name__, "add", "Thêm tài khoản với một vai trò."),
        "password": (__name__, "password", "Đặt lại mật khẩu (mật khẩu dùng một lần)."),
        "email": (__name__, "email", "Đặt địa chỉ thư điện tử nhận thư về công việc."),
    },
)


@click.command(
    cls=Command,
    help="Thêm tài khoản TÊN với một vai trò: clerk cán bộ một cửa, officer chuyên viên, supervisor "
    "lãnh đạo, reporter cán bộ tổng hợp báo cáo, admin quản trị, auditor kiểm tra.",
)
@click.argument("name", metavar="TÊN")
@click.option("--role", cls=Option, type=Member(Role), required=True, help="Vai trò.")
@click.option("--full-name", cls=Option, default="", metavar="HỌ TÊN", help="Họ và tên.")
@click.option("--password-stdin", cls=Option, is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn.")
@click.pass_obj
def add(output: Output, name: str, role: Role, full_name: str, password_stdin: bool) -> None:
    """Add an account with the password that its owner chose or was told."""
    from tthc.services import accounts

    with office() as here:
        accounts.add_account(
            here.session,
            now=here.now,
            actor=here.actor,
            name=name,
            role=role,
            password=_password(password_stdin),
            full_name=full_name,
        )
    output.answer(
        {"name": name, "role": role.value, "created": True},
        f"Đã thêm tài khoản {name} ({role.label}).",
    )


@click.command(cls=Command, help="Đặt lại mật khẩu của tài khoản TÊN.")
@click.argument("name", metavar="TÊN")
@click.option("--password-stdin", cls=Option, is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn.")
@click.pass_obj
def password(output: Output, name: str, password_stdin: bool) -> None:
    """Replace a password; open sessions of the account end."""
    from tthc.services import accounts

    with office() as here:
        accounts.set_password(
            here.session,
            now=here.now,
            actor=here.actor,
            name=name,
            password=_password(password_stdin),
        )
    output.answer(
        {"name": name, "changed": True},
        f"Đã đặt lại mật khẩu của {name}.",
    )


@click.command(cls=Command, help='Đặt ĐỊA CHỈ nhận thư của tài khoản TÊN; bỏ trống ("") là không nhận thư.')
@click.argument("name", metavar="TÊN")
@click.argument("address", metavar="ĐỊA_CHỈ")
@click.pass_obj
def email(output: Output, name: str, address: str) -> None:
    """Set where mail to an account goes."""
    from tthc.services import own_account

    with office() as here:
        own_account.set_email(here.session, now=here.now, actor=here.actor, name=name, email=address)
    output.answer(
        {"name": name, "changed": True},
        f"Đã đặt địa chỉ thư của {name}." if address else f"{name} không nhận thư nữa.",
    )


def _password(from_stdin: bool) -> str:
    """The password without the line end of a pipe; never from the command line, where others see it."""
    if not from_stdin:
        raise DomainError(
            "Thêm --password-stdin và đưa mật khẩu qua đầu vào chuẩn, ví dụ: "
            "tthc user password admin --password-stdin < tệp-mật-khẩu",
            "password-stdin",
        )
    try:
        text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DomainError("Mật khẩu không phải văn bản UTF-8; hãy nhập lại.", "password")
    return text.removesuffix("\n").removesuffix("\r")
