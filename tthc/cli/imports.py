"""What the commands that take a file over have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tthc.cli import DONE, REFUSED
from tthc.cli.output import Output
from tthc.domain.vocabulary import DomainError


def content_of(file: Path) -> bytes:
    """The content of a file that the line names."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DomainError(f"Không đọc được tệp {file} ({error.strerror}).", "file")


def answer_import(output: Output, done: Any, *, dry_run: bool) -> int:
    """Answer with what was read, made, changed and refused; the exit code."""
    counts = {
        "read": done.read,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "refused": done.refused,
    }
    errors = [{"row": error.row, "column": error.column, "message": error.message} for error in done.errors]
    text = (
        f"Đã đọc {done.read} dòng: {done.created} mới, {done.updated} cập nhật, {done.unchanged} không đổi, "
        f"{done.refused} bị từ chối."
    )
    if errors:
        text += " Không ghi gì."
        text += "".join(f"\n  dòng {error.row}, cột {error.column}: {error.message}" for error in done.errors)
    elif dry_run:
        text += " Chỉ kiểm tra, chưa ghi gì."
    output.answer({**counts, "errors": errors}, text)
    return REFUSED if errors else DONE
