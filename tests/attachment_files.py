"""Files that clerks attach, good ones and bad ones, made as small as they can be."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pypdf

from tthc.domain.attachments import FileType

DOCX_MAIN, XLSX_MAIN = "word/document.xml", "xl/workbook.xml"


def pdf(text: str = "", *, password: str | None = None, owner: str | None = None) -> bytes:
    """One empty page; ``text`` makes contents differ."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": text})
    if password is not None or owner is not None:
        writer.encrypt(password or "", owner, algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey picture; what it says of its size need not be true."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    rows = zlib.compress(b"\0\0\0" * 2)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 8, height: int = 8) -> bytes:
    """The segments of a picture without one."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xda\x00\x02\x00\xff\xd9"
    )


def tiff(width: int = 8, height: int = 8) -> bytes:
    """One directory with its size."""
    entries = [struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in ((256, width), (257, height))]
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + b"".join(entries) + b"\0\0\0\0"


def archive(*names: str, content: bytes = b"<x/>") -> bytes:
    """A ZIP file of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in names:
            zipped.writestr(name, content)
    return file.getvalue()


def office(main: str = DOCX_MAIN, *extra: str, content: bytes = b"<x/>") -> bytes:
    """A Word or Excel file without anything in it."""
    return archive("[Content_Types].xml", main, *extra, content=content)


def lying(content: bytes) -> bytes:
    """An archive whose headings say that every part is tiny."""
    data = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(mark)
        while at >= 0:
            data[at + place : at + place + 4] = struct.pack("<I", 4)
            at = data.find(mark, at + 4)
    return bytes(data)


def locked_zip(content: bytes) -> bytes:
    """An archive whose parts are marked as encrypted."""
    data = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def bomb() -> bytes:
    """Twice 32 MB of zeros in a few kilobytes, under the names of a Word file."""
    return office(content=b"\0" * (32 * 1024 * 1024))


GOOD: dict[FileType, tuple[str, bytes]] = {
    FileType.PDF: ("Đơn đề nghị.pdf", pdf()),
    FileType.PNG: ("ảnh.png", png()),
    FileType.JPEG: ("ảnh.JPG", jpeg()),
    FileType.TIFF: ("quét.tif", tiff()),
    FileType.DOCX: ("tờ trình.docx", office()),
    FileType.XLSX: ("bảng kê.xlsx", office(XLSX_MAIN)),
}

#: Name, content and words of the sentence; nothing of them is kept.
BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("đơn.pdf", b"", "rỗng"),
    "program": ("setup.exe", b"MZ\x90\x00" + b"\0" * 60, "Không nhận loại tệp"),
    "script page": ("trang.html", b"<html><script>alert(1)</script></html>", "Không nhận loại tệp"),
    "vector picture": ("ảnh.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Không nhận loại tệp"),
    "plain text": ("ghi chú.txt", "Ghi chú".encode(), "Không nhận loại tệp"),
    "program named as PDF": ("đơn.pdf", b"MZ\x90\x00" + b"\0" * 60, "Không nhận loại tệp"),
    "picture named as PDF": ("đơn.pdf", png(), "nội dung là ảnh PNG"),
    "PDF named as program": ("đơn.pdf.exe", pdf(), "đuôi tên là .exe"),
    "PDF cut off": ("đơn.pdf", pdf()[:40], "bị hỏng"),
    "PDF with password": ("đơn.pdf", pdf(password="mat-khau"), "mật khẩu"),
    "picture cut off": ("ảnh.png", png()[:50], "bị hỏng"),
    "picture of a hundred thousand points a side": ("ảnh.png", png(100_000, 100_000), "quá nhiều điểm ảnh"),
    "photograph cut off": ("ảnh.jpg", jpeg()[:30], "bị hỏng"),
    "scan cut off": ("quét.tif", tiff()[:12], "bị hỏng"),
    "any archive": ("hồ sơ.zip", archive("a.pdf"), "giải nén"),
    "archive named as Word": ("đơn.docx", archive("a.pdf"), "giải nén"),
    "zip bomb": ("đơn.docx", bomb(), "giải nén ra quá lớn"),
    "zip bomb that lies": ("đơn.docx", lying(bomb()), "bị hỏng"),
    "archive of too many parts": ("đơn.docx", office(DOCX_MAIN, *map(str, range(2001))), "quá lớn"),
    "Word with macro": ("đơn.docx", office(DOCX_MAIN, "word/vbaProject.bin"), "macro"),
    "Word with password": ("đơn.docx", locked_zip(office()), "mật khẩu"),
    "old Word": ("đơn.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "kiểu cũ"),
    "archive cut off": ("đơn.docx", office()[:-30], "bị hỏng"),
}
