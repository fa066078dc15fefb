"""``tthc search rebuild``: the words of the search, made anew from what is stored."""

from __future__ import annotations

import click

from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command, Group

search = Group(
    name="search",
    help="Bảng từ khóa tìm kiếm.",
    lazy={"rebuild": (__name__, "rebuild", "Làm lại bảng từ khóa từ dữ liệu đang lưu.")},
)


@click.command(
    cls=Command,
    help="Làm lại bảng từ khóa tìm kiếm từ dữ liệu đang lưu. Bảng này được ghi cùng mỗi thay đổi; chỉ cần "
    "làm lại khi dữ liệu được chép vào từ ngoài chương trình. Chạy lại không thay đổi gì.",
)
@click.pass_obj
def rebuild(output: Output) -> None:
    """Write it anew, and say how much there is."""
    from tthc.services import search as service

    with office() as here:
        dossiers, applicants = service.rebuild(here.session, actor=here.actor)
    output.answer(
        {"dossiers": dossiers, "applicants": applicants},
        f"Đã làm lại từ khóa của {dossiers} hồ sơ và {applicants} chủ hồ sơ.",
    )
