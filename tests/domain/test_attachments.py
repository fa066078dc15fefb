"""Names, sizes and what counts as digitised, as tables of cases."""

from __future__ import annotations

import pytest

from tthc.domain.attachments import (
    NAME_LENGTH,
    AttachmentKind,
    Copy,
    FileType,
    clean_name,
    digitisation,
    named_as,
    size_label,
)
from tthc.domain.vocabulary import DomainError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Đơn đề nghị.pdf", "Đơn đề nghị.pdf"),
        ("D\u031bo\u031bn.pdf", "D\u031bơn.pdf"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\Scan\\..\\Đơn.pdf", "Đơn.pdf"),
        ("..", "tep"),
        ("", "tep"),
        ("  .ẩn.pdf ", "ẩn.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("gpj.\u202eexe", "gpj.exe"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("con.pdf", "_con.pdf"),
        ("LPT1", "_LPT1"),
        ("contract.pdf", "contract.pdf"),
        ("a" * 300 + ".pdf", "a" * (NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_a_name_is_a_name_and_no_path(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("a.PDF", FileType.PDF, "a.PDF"),
        ("a", FileType.PDF, "a.pdf"),
        ("số 12. ngày 3", FileType.PNG, "số 12. ngày 3.png"),
        ("a.jpeg", FileType.JPEG, "a.jpeg"),
        ("a.pdf", FileType.PNG, None),
        ("a.docx", FileType.XLSX, None),
        ("a.pdf.exe", FileType.PDF, None),
    ],
)
def test_the_ending_says_what_the_content_is(name: str, kind: FileType, kept: str | None) -> None:
    if kept is not None:
        assert named_as(name, kind) == kept
        return
    with pytest.raises(DomainError, match=r"đổi đuôi thành \.\w+"):
        named_as(name, kind)


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 KB"), (70_000, "68 KB"), (1_048_576, "1,0 MB"), (1_300_000, "1,2 MB")]
)
def test_sizes_are_read_by_people(size: int, words: str) -> None:
    assert size_label(size) == words


_P, _R, _L = AttachmentKind.PAPER, AttachmentKind.RESULT, AttachmentKind.LETTER


@pytest.mark.parametrize(
    ("copies", "sentence"),
    [
        ([], "Giấy tờ đã số hóa: 0/2. Kết quả: chưa số hóa."),
        ([(_P, "A", True)], "Giấy tờ đã số hóa: 1/2. Kết quả: chưa số hóa."),
        ([(_P, "A", True), (_P, "A", True)], "Giấy tờ đã số hóa: 1/2. Kết quả: chưa số hóa."),
        ([(_P, "A", True), (_P, "B", True), (_R, "", True)], "Giấy tờ đã số hóa: 2/2. Kết quả: đã số hóa."),
        ([(_P, "A", True), (_P, "", True)], "Giấy tờ đã số hóa: 2/3. Kết quả: chưa số hóa."),
        (
            [(_P, "A", False), (_R, "", False), (_L, "B", True)],
            "Giấy tờ đã số hóa: 0/2. Kết quả: chưa số hóa.",
        ),
    ],
)
def test_papers_with_a_copy_count_once(copies: list[tuple[AttachmentKind, str, bool]], sentence: str) -> None:
    assert digitisation(["A", "B"], [Copy(*copy) for copy in copies]).sentence == sentence
