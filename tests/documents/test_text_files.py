"""A few paragraphs as DOCX: read again as an archive of XML, without the library that wrote them."""

from __future__ import annotations

import io
import time
import zipfile
from xml.etree import ElementTree as ET

import pytest

from tthc.documents.text_files import write_docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TITLE = ("TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", "6 tháng đầu năm 2024")
SENTENCE = "Trong kỳ, đơn vị <b>tiếp nhận</b> & giải quyết “07 hồ sơ”; không có hồ sơ quá hạn."


@pytest.fixture(scope="module")
def written() -> bytes:
    return write_docx(TITLE, (SENTENCE,), author="Ban Quản lý")


def part(content: bytes, name: str) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return ET.fromstring(archive.read(name))  # noqa: S314 - written by ourselves


def test_the_words_come_back_as_they_were(written: bytes) -> None:
    paragraphs = part(written, "word/document.xml").iter(f"{W}p")
    texts = ["".join(node.text or "" for node in one.iter(f"{W}t")) for one in paragraphs]
    assert texts == [*TITLE, SENTENCE]


def test_it_is_a4_in_the_type_of_official_papers(written: bytes) -> None:
    body = part(written, "word/document.xml")
    size, margin = body.find(f".//{W}pgSz"), body.find(f".//{W}pgMar")
    assert size is not None
    assert margin is not None
    # Twentieths of a point: 210 × 297 mm, 30 mm on the left.
    assert [round(int(size.attrib[f"{W}{side}"]) / 56.69) for side in ("w", "h")] == [210, 297]
    assert round(int(margin.attrib[f"{W}left"]) / 56.69) == 30
    normal = next(
        one
        for one in part(written, "word/styles.xml").iter(f"{W}style")
        if one.attrib[f"{W}styleId"] == "Normal"
    )
    fonts, height = normal.find(f".//{W}rFonts"), normal.find(f".//{W}sz")
    assert fonts is not None
    assert height is not None
    assert {fonts.attrib[f"{W}{script}"] for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {
        "Times New Roman"
    }
    # Half points.
    assert height.attrib[f"{W}val"] == "28"
    alignments = [one.attrib[f"{W}val"] for one in body.iter(f"{W}jc")]
    assert alignments == ["center", "center", "both"]


def test_the_file_says_who_and_not_when(written: bytes) -> None:
    about = {node.tag.partition("}")[2]: node.text for node in part(written, "docProps/core.xml")}
    assert about["creator"] == about["lastModifiedBy"] == "Ban Quản lý"
    assert about["title"] == " ".join(TITLE)
    assert about["created"] == about["modified"] == "2020-01-01T00:00:00Z"
    # The library's own template says otherwise.
    assert "python-docx" not in " ".join(text or "" for text in about.values())


def test_the_same_words_give_the_same_bytes(written: bytes) -> None:
    # Archives count in steps of two seconds.
    time.sleep(2.1)
    assert write_docx(TITLE, (SENTENCE,), author="Ban Quản lý") == written
    assert write_docx(TITLE, (f"{SENTENCE} ",), author="Ban Quản lý") != written
