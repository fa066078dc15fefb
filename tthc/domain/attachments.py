"""Files of a dossier: how many, how large, under which name, and how far its papers are digitised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError, LabelledEnum

#: A dossier with more scans than this is a mistake, or somebody who fills the disk.
MAX_FILES = 200
#: Longer names are not shown whole anywhere, and not every file system takes them.
NAME_LENGTH = 120

#: Signs that cannot stand in a name on Windows, or that lead out of a folder.
_FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


class AttachmentKind(LabelledEnum):
    """What a file of a dossier is."""

    PAPER = "paper", "Giấy tờ trong hồ sơ"
    RESULT = "result", "Kết quả giải quyết"
    LETTER = "letter", "Văn bản"


class FileType(LabelledEnum):
    """The types of files that are taken, by their content; the label is what people call them."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "ảnh PNG"
    JPEG = "image/jpeg", "ảnh JPEG"
    TIFF = "image/tiff", "ảnh TIFF"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word (DOCX)"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel (XLSX)"


#: The endings of names that say the same as the content; the first is added where a name has none.
SUFFIXES: dict[FileType, tuple[str, ...]] = {
    FileType.PDF: (".pdf",),
    FileType.PNG: (".png",),
    FileType.JPEG: (".jpg", ".jpeg", ".jfif"),
    FileType.TIFF: (".tif", ".tiff"),
    FileType.DOCX: (".docx",),
    FileType.XLSX: (".xlsx",),
}
#: What a browser shows by itself.
SHOWN = frozenset({FileType.PDF, FileType.PNG, FileType.JPEG})
TAKEN = "PDF, ảnh PNG, JPEG, TIFF, Word (.docx) hoặc Excel (.xlsx)"


def clean_name(text: str) -> str:
    """The name of a file as it is kept and shown: one line in NFC without any path.

    "C:\\Scan\\..\\Đơn.pdf" -> "Đơn.pdf"; signs that turn the reading direction are gone, so that
    "gpj.exe" cannot be made to look like a picture.
    """
    last = re.split(r"[/\\]", nfc(text))[-1]
    bare = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    name = squeeze(_FORBIDDEN.sub("_", bare)).strip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > NAME_LENGTH:
        suffix = suffix_of(name)
        name = name[: NAME_LENGTH - len(suffix)].rstrip(". ") + suffix
    return name or "tep"


def suffix_of(name: str) -> str:
    """The ending of a name as it stands, ".PDF"; empty where there is none."""
    found = _SUFFIX.search(name)
    return found.group() if found else ""


def named_as(name: str, kind: FileType) -> str:
    """A clean name with an ending that says what the file is; refused where it says something else.

    "Don" is a PDF -> "Don.pdf"; "Don.docx" is a PDF -> refused.
    """
    suffix = suffix_of(name)
    if not suffix:
        return name + SUFFIXES[kind][0]
    if suffix.lower() not in SUFFIXES[kind]:
        raise DomainError(
            f"Tệp {name} có nội dung là {kind.label} nhưng đuôi tên là {suffix}: kiểm tra có chọn đúng tệp "
            f"không; nếu đúng, đổi đuôi thành {SUFFIXES[kind][0]} rồi gửi lại.",
            "files",
        )
    return name


def size_label(size: int) -> str:
    """A number of bytes as people read it: 1.300.000 -> "1,2 MB", 70 -> "1 KB"."""
    if size >= 1024 * 1024:
        return f"{size / (1024 * 1024):.1f} MB".replace(".", ",")
    return f"{max(1, round(size / 1024))} KB"


@dataclass(frozen=True)
class Copy:
    """A file that stands in a dossier, as far as counting needs it; ``paper`` is what it is a copy of."""

    kind: AttachmentKind
    paper: str
    digitised: bool


@dataclass(frozen=True)
class Digitisation:
    """How many papers handed in have an electronic copy, and whether the result has one.

    Sets of Decision 766/QĐ-TTg (group "Số hóa hồ sơ") count a dossier as soon as one of its papers has one.
    """

    papers: int
    of: int
    result: bool

    @property
    def sentence(self) -> str:
        """What the page says: "Giấy tờ đã số hóa: 2/5. Kết quả: chưa số hóa."."""
        result = "đã số hóa" if self.result else "chưa số hóa"
        return f"Giấy tờ đã số hóa: {self.papers}/{self.of}. Kết quả: {result}."


def digitisation(papers: Sequence[str], copies: Iterable[Copy]) -> Digitisation:
    """Count electronic copies; ``papers`` are the names of the papers handed in.

    Several copies of one paper count once. A copy that belongs to no paper of the list is one more paper:
    two papers, a copy of the first and a loose one -> 2/3.
    """
    done = [copy for copy in copies if copy.digitised]
    named = {copy.paper for copy in done if copy.kind is AttachmentKind.PAPER and copy.paper in papers}
    loose = sum(1 for copy in done if copy.kind is AttachmentKind.PAPER and copy.paper not in papers)
    return Digitisation(
        papers=len(named) + loose,
        of=len(set(papers)) + loose,
        result=any(copy.kind is AttachmentKind.RESULT for copy in done),
    )
