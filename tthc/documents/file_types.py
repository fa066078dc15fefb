"""What a file is, read from its content, and whether it is sound: picture, PDF, Word, Excel or refused."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pypdf
from pypdf.errors import PyPdfError

from tthc.domain.attachments import TAKEN, FileType
from tthc.domain.vocabulary import DomainError

#: A picture of more points than this fills the memory of whoever looks at it; an A0 sheet at 300 dpi has 140.
MAX_PIXELS = 250_000_000
#: What an Office file may unpack to, and of how many parts it may be made.
MAX_UNPACKED = 300 * 1024 * 1024
MAX_PARTS = 2000
#: No part of a document written by people packs better than this.
_MAX_RATIO = 400
_SMALL = 1024 * 1024
_BLOCK = 64 * 1024

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_TIFF = {b"II*\x00": "<", b"MM\x00*": ">"}
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: A frame of a JPEG, with its size.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MAIN_PART = {FileType.DOCX: "word/document.xml", FileType.XLSX: "xl/workbook.xml"}


def type_of(file: BinaryIO) -> FileType:
    """The type of a file by its content alone; ``file`` can be read at any place.

    Refused with a sentence: an empty file, another type, a broken, locked or boobytrapped one. Reads in
    pieces, so that a large file needs no more memory than a small one.
    """
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise _refused("Tệp rỗng (0 byte): quét hoặc lưu lại rồi chọn lại tệp.")
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    for known, check in _CHECKS:
        if known(head):
            try:
                return check(file, size)
            except (struct.error, EOFError, OSError, zlib.error, zipfile.BadZipFile, ValueError, KeyError):
                raise _broken()
    raise _refused(f"Không nhận loại tệp này: chỉ nhận {TAKEN}.")


def _refused(sentence: str) -> DomainError:
    return DomainError(sentence, "files")


def _broken() -> DomainError:
    return _refused("Tệp bị hỏng hoặc chưa tải xong: mở thử tệp trên máy, quét hoặc lưu lại rồi chọn lại.")


def _pdf(file: BinaryIO, size: int) -> FileType:
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _refused("Tệp PDF có mật khẩu mở nên không ai xem lại được: bỏ mật khẩu rồi chọn lại tệp.")
        pages = len(reader.pages)
    except DomainError:
        raise
    except (PyPdfError, RecursionError, MemoryError, AttributeError, TypeError, LookupError, ArithmeticError):
        raise _broken()
    if not pages:
        raise _broken()
    return FileType.PDF


def _png(file: BinaryIO, size: int) -> FileType:
    file.seek(len(_PNG))
    first = True
    while True:
        length, name = struct.unpack(">I4s", _exactly(file, 8))
        if first != (name == b"IHDR"):
            raise _broken()
        if first:
            width, height = struct.unpack(">II", _exactly(file, 8))
            _sane(width, height)
            length, first = length - 8, False
        if name == b"IEND":
            return FileType.PNG
        if file.tell() + length + 4 > size:
            raise _broken()
        file.seek(length + 4, os.SEEK_CUR)


def _jpeg(file: BinaryIO, size: int) -> FileType:
    """Walk the segments up to the frame; the picture itself has to end with its mark."""
    file.seek(2)
    while True:
        fill, marker = _exactly(file, 2)
        if fill != 0xFF:
            raise _broken()
        while marker == 0xFF:
            marker = _exactly(file, 1)[0]
        (length,) = struct.unpack(">H", _exactly(file, 2))
        if length < 2:
            raise _broken()
        if marker in _FRAMES:
            _, height, width = struct.unpack(">BHH", _exactly(file, 5))
            _sane(width, height)
            break
        file.seek(length - 2, os.SEEK_CUR)
    # Cameras write notes of their own behind the end of the picture.
    file.seek(max(0, size - _BLOCK))
    if b"\xff\xd9" not in file.read():
        raise _broken()
    return FileType.JPEG


def _tiff(file: BinaryIO, size: int) -> FileType:
    """The first directory must lie within the file and tell a size."""
    order = _TIFF[_exactly(file, 4)]
    (place,) = struct.unpack(f"{order}I", _exactly(file, 4))
    if not 8 <= place < size:
        raise _broken()
    file.seek(place)
    (entries,) = struct.unpack(f"{order}H", _exactly(file, 2))
    found: dict[int, int] = {}
    for _ in range(entries):
        tag, kind, _count, value = struct.unpack(f"{order}HHI4s", _exactly(file, 12))
        if tag in (256, 257):
            found[tag] = struct.unpack(f"{order}H2x" if kind == 3 else f"{order}I", value)[0]
    _sane(found[256], found[257])
    return FileType.TIFF


def _office(file: BinaryIO, size: int) -> FileType:
    """Unpack every part once, to nowhere: what its heading says of its size may be a lie."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if len(parts) > MAX_PARTS:
            raise _bomb()
        kinds = [kind for kind, main in _MAIN_PART.items() if main in names]
        if "[Content_Types].xml" not in names or len(kinds) != 1:
            raise _refused(f"Tệp nén (ZIP) không được nhận: giải nén rồi gửi từng tệp {TAKEN}.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise _refused("Tệp có macro nên không được nhận: lưu thành .docx hoặc .xlsx thường, hoặc PDF.")
        if any(part.flag_bits & 1 for part in parts):
            raise _refused("Tệp có mật khẩu nên không ai xem lại được: bỏ mật khẩu rồi chọn lại tệp.")
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise _bomb()
        left = MAX_UNPACKED
        for part in parts:
            left = _unpack(archive, part, left)
    return kinds[0]


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    if part.file_size > _SMALL and part.file_size > _MAX_RATIO * max(part.compress_size, 1):
        raise _bomb()
    try:
        with archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise _bomb()
    except NotImplementedError:
        raise _broken()
    return left


def _old_office(file: BinaryIO, size: int) -> FileType:
    raise _refused(
        "Tệp Office kiểu cũ (.doc, .xls) hoặc có mật khẩu không được nhận: lưu thành .docx, .xlsx không mật "
        "khẩu, hoặc PDF."
    )


def _exactly(file: BinaryIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) < count:
        raise EOFError
    return content


def _sane(width: int, height: int) -> None:
    if not width or not height:
        raise _broken()
    if width * height > MAX_PIXELS:
        raise _refused(
            "Ảnh quá nhiều điểm ảnh, mở ra sẽ đầy bộ nhớ máy: quét lại với độ phân giải 200–300 dpi."
        )


def _bomb() -> DomainError:
    return _refused(
        "Tệp giải nén ra quá lớn (có dấu hiệu tệp phá hoại) nên không được nhận: lưu lại từ Word, Excel hoặc "
        "in ra PDF."
    )


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(heads)


_CHECKS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], FileType]], ...] = (
    # Some scanners write a line of their own before the heading.
    (lambda head: b"%PDF-" in head, _pdf),
    (_starts(_PNG), _png),
    (_starts(_JPEG), _jpeg),
    (_starts(*_TIFF), _tiff),
    (_starts(_ZIP), _office),
    (_starts(_OLD_OFFICE), _old_office),
)
