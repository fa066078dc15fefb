"""``tthc attach``: files into a dossier."""

from __future__ import annotations

from pathlib import Path

import click

from tthc.cli import DONE, REFUSED
from tthc.cli.arguments import InputFile, Member, typed_code
from tthc.cli.office import office
from tthc.cli.output import Output
from tthc.cli.vietnamese import Command, Option
from tthc.domain.attachments import AttachmentKind
from tthc.domain.vocabulary import DomainError


@click.command(
    cls=Command,
    help="Đính kèm các TỆP (PDF, ảnh, Word, Excel) vào hồ sơ có mã MÃ_HỒ_SƠ. Tệp nào bị từ chối thì nêu lý "
    "do, các tệp còn lại vẫn được lưu.",
)
@click.argument("code", metavar="MÃ_HỒ_SƠ")
@click.argument("files", type=InputFile(), metavar="TỆP…", nargs=-1, required=True)
@click.option(
    "--kind",
    cls=Option,
    type=Member(AttachmentKind),
    default="paper",
    help="Giấy tờ trong hồ sơ (mặc định), kết quả hoặc văn bản.",
)
@click.option("--paper", cls=Option, default="", metavar="TÊN", help="Tên giấy tờ mà tệp là bản quét.")
@click.option("--not-digitised", cls=Option, is_flag=True, help="Không tính là bản số hóa.")
@click.pass_obj
def attach(
    output: Output, code: str, files: tuple[Path, ...], kind: AttachmentKind, paper: str, not_digitised: bool
) -> int:
    """Attach one after the other, and answer with what was kept and what was refused."""
    from tthc.services import attachments, paper_store
    from tthc.services.attachments import NewFile
    from tthc.services.transaction import NotFound

    kept: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    with office() as here:
        store = paper_store.of(here.app.config)
        for path in files:
            try:
                with path.open("rb") as content:
                    done = attachments.attach_file(
                        here.session,
                        now=here.now,
                        actor=here.actor,
                        store=store,
                        code=typed_code(code),
                        file=NewFile(path.name, content, kind, paper, not not_digitised),
                    )
            except NotFound as refusal:
                raise DomainError(refusal.message, "code")
            except OSError as error:
                refused.append(
                    {"file": str(path), "message": f"Không đọc được tệp {path} ({error.strerror})."}
                )
            except DomainError as refusal:
                refused.append({"file": str(path), "message": refusal.message})
            else:
                kept.append({"file": str(path), "id": done.id, "name": done.name, "sha256": done.sha256})
    text = f"Đã đính kèm {len(kept)} tệp vào hồ sơ {code}."
    text += "".join(f"\n  không nhận: {one['message']}" for one in refused)
    output.answer({"kept": kept, "refused": refused}, text)
    return REFUSED if refused else DONE
