"""``tthc closings`` and ``tthc verify``: the chain of closed periods, and the signatures of its files."""

from __future__ import annotations

from pathlib import Path

import click

from tthc.cli import DONE, FAILED, Failure
from tthc.cli.arguments import InputFile
from tthc.cli.office import office
from tthc.cli.output import Output, table
from tthc.cli.vietnamese import Command, Option
from tthc.domain.vocabulary import DomainError

#: The signature lies beside its file under this ending.
_SIGNATURE = ".sig"


@click.command(
    cls=Command,
    help="Liệt kê các kỳ đã chốt, mới nhất trước, và đối chiếu lại mã kiểm tra của từng kỳ. Mã kết thúc 1: "
    "có kỳ không còn như lúc chốt.",
)
@click.pass_obj
def closings(output: Output) -> int:
    """List the chain, each closing counted again."""
    from tthc.services import closing, closing_page

    with office() as here:
        rows = closing_page.list_closings(here.session, actor=here.actor, size=None).rows
        whole = {row.id: closing.is_whole(here.session, actor=here.actor, close_id=row.id) for row in rows}
    lines = [
        (
            f"{row.period.from_on:%d/%m/%Y} – {row.period.to_on:%d/%m/%Y}",
            row.no,
            row.state.label,
            row.checksum,
            "còn nguyên" if whole[row.id] else "KHÔNG CÒN NGUYÊN",
        )
        for row in rows
    ]
    output.answer(
        {
            "closings": [
                {
                    "from": row.period.from_on,
                    "to": row.period.to_on,
                    "no": row.no,
                    "state": row.state.value,
                    "closed_at": row.at,
                    "closed_by": row.by,
                    "checksum": row.checksum,
                    "whole": whole[row.id],
                }
                for row in rows
            ]
        },
        table(("Kỳ", "Lần", "Trạng thái", "Mã kiểm tra", "Đối chiếu"), lines, right=frozenset({1}))
        if rows
        else "Chưa chốt kỳ nào.",
    )
    return DONE if all(whole.values()) else FAILED


@click.command(
    cls=Command,
    help="Kiểm tra chữ ký số của một TỆP kỳ báo cáo đã chốt; chữ ký là tệp cùng tên thêm đuôi .sig. Mã kết "
    "thúc 0: đúng, 1: tệp hoặc chữ ký đã bị thay đổi.",
)
@click.argument("file", type=InputFile(), metavar="TỆP")
@click.option(
    "--key",
    cls=Option,
    type=InputFile(),
    help="Khóa công khai dạng PEM; mặc định là khóa của hệ thống trên máy này.",
)
@click.pass_obj
def verify(output: Output, file: Path, key: Path | None) -> int:
    """Check a file against its detached signature; no database is needed."""
    from tthc import config
    from tthc.services.vault import Vault, check_signature

    signature = file.with_name(file.name + _SIGNATURE)
    if not signature.is_file():
        raise DomainError(f"Không có tệp chữ ký {signature}: để tệp chữ ký cạnh tệp cần kiểm tra.", "file")
    if key is None:
        settings = config.load()
        own = settings["SIGNING_KEY"]
        key = Vault(Path(settings["INSTANCE_PATH"]), Path(own) if own else None).public
        if not key.is_file():
            raise DomainError("Máy này chưa có khóa ký; chỉ ra khóa công khai bằng --key.", "key")
    try:
        whole, fingerprint = check_signature(
            content=file.read_bytes(), signature=signature.read_bytes(), public=key.read_bytes()
        )
    except OSError as error:
        raise Failure(f"Không đọc được tệp ({error.strerror}): kiểm tra quyền đọc.")
    verdict = (
        "chữ ký đúng, tệp không thay đổi từ lúc ký" if whole else "CHỮ KÝ KHÔNG ĐÚNG với tệp hoặc khóa này"
    )
    output.answer(
        {"file": str(file), "valid": whole, "key_sha256": fingerprint},
        f"{file}: {verdict}.\nKhóa: SHA-256 {fingerprint}",
    )
    return DONE if whole else FAILED
