"""What a file is, by its content alone."""

from __future__ import annotations

import io

import pytest

from tests.attachment_files import GOOD, jpeg, pdf
from tthc.documents.file_types import type_of
from tthc.domain.attachments import FileType


@pytest.mark.parametrize("kind", GOOD)
def test_good_files_are_known_by_their_content(kind: FileType) -> None:
    assert type_of(io.BytesIO(GOOD[kind][1])) is kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x00" * 20 + b"\r\n" + pdf(), FileType.PDF),
        (pdf(owner="chu"), FileType.PDF),
        (jpeg() + b"notes of the camera", FileType.JPEG),
    ],
    ids=["line before", "open to read", "notes behind"],
)
def test_what_programs_really_write_is_taken(content: bytes, kind: FileType) -> None:
    assert type_of(io.BytesIO(content)) is kind
