"""``tthc audit verify``: whether anybody changed the audit log behind the program's back."""

from __future__ import annotations

import click

from tthc.cli import DONE, FAILED
from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command, Group

audit = Group(
    name="audit",
    help="Nhật ký kiểm tra của hệ thống.",
    lazy={"verify": (__name__, "verify", "Đối chiếu chuỗi mã của nhật ký từ mục đầu đến mục cuối.")},
)


@click.command(
    cls=Command,
    help="Đối chiếu chuỗi mã của nhật ký từ mục đầu đến mục cuối và nêu mục sai đầu tiên. Không ghi gì. Mã "
    "kết thúc 0: còn nguyên, 1: đã bị sửa, xóa hoặc chèn.",
)
@click.pass_obj
def verify(output: Output) -> int:
    """Check the chain of the unit."""
    from tthc.services import audit as service

    with office() as here:
        found = service.verify(here.session, here.actor.unit_id)
    output.answer(
        {"valid": not found.wrong, "entries": found.whole, "wrong": found.wrong},
        f"NHẬT KÝ KHÔNG CÒN NGUYÊN: {found.wrong}. Các mục trước đó ({found.whole} mục) còn nguyên."
        if found.wrong
        else f"Nhật ký còn nguyên: {found.whole} mục nối liền nhau.",
    )
    return FAILED if found.wrong else DONE
