"""The register in and out: looked through first, saved on demand, every bad row named."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tthc.resources import seeds_folder

HALF = "from_on=15/12/2023&to_on=14/06/2024"


@pytest.fixture
def register_file() -> bytes:
    """The published half-year."""
    return (seeds_folder() / "register-2024-h1.csv").read_bytes()


@pytest.fixture
def reporter_reader(signed_in: Callable[[str], Any], clock: Any) -> Any:
    """A cán bộ tổng hợp báo cáo at the register, when everything in the file has happened."""
    clock.stand_at(2024, 6, 14, 17, 0)
    reader = signed_in("reporter")
    reader.get("/so-ho-so")
    return reader


def _check(reader: Any, content: bytes, name: str = "so.csv", status: int = 200) -> None:
    reader.get("/so-ho-so")
    reader.post("/so-ho-so/kiem-tra", {"file": (BytesIO(content), name)}, status)


def _save(reader: Any, status: int = 302) -> None:
    token = reader.soup.select_one('input[name="upload"]')["value"]
    reader.post("/so-ho-so/nhap", {"upload": token}, status)


def test_a_file_is_looked_through_then_saved_and_can_be_repeated(
    reporter_reader: Any, register_file: bytes
) -> None:
    _check(reporter_reader, register_file)
    assert "Đọc 132 dòng: 132 dòng mới" in reporter_reader.text(".notice")
    reporter_reader.get("/ho-so")
    assert reporter_reader.rows() == []
    _check(reporter_reader, register_file)
    _save(reporter_reader)
    reporter_reader.follow()
    assert "132 dòng mới, 0 dòng cập nhật" in reporter_reader.text(".notice")
    _check(reporter_reader, register_file)
    assert "0 dòng mới, 0 dòng cập nhật, 132 dòng không đổi" in reporter_reader.text(".notice")


def test_the_published_half_year_on_screen(reporter_reader: Any, register_file: bytes) -> None:
    """130 = 110 + 7 + 13; 119 resolved, none late; 11 pending, none overdue, and 11 opens a list of 11."""
    _check(reporter_reader, register_file)
    _save(reporter_reader)
    reporter_reader.get(f"/bao-cao?{HALF}")
    total = reporter_reader.soup.select(".official tfoot td a")
    early, on_time = (int(total[place].get_text()) for place in (5, 6))
    assert [int(one.get_text()) for one in total] == [130, 110, 7, 13, 119, early, on_time, 0, 11, 11, 0]
    assert early + on_time == 119
    assert "lệch" not in reporter_reader.text(".checks")
    assert "100,0 %" in reporter_reader.text("main")
    reporter_reader.get(total[8]["href"])
    assert len(reporter_reader.rows()) == 11


def test_every_bad_row_is_named_and_nothing_saved(reporter_reader: Any, register_file: bytes) -> None:
    lines = register_file.decode("utf-8-sig").splitlines()
    lines[3] = lines[3].replace("20231130102836", "hôm kia")
    lines[7] = lines[7].replace(lines[7].split(",")[1], "9.999999", 1)
    _check(reporter_reader, "\n".join(lines).encode(), status=422)
    rows = reporter_reader.rows()
    assert {row[0] for row in rows} >= {"4", "8"}
    assert all(row[1] and row[2] for row in rows)
    assert reporter_reader.soup.select_one('input[name="upload"]') is None
    reporter_reader.get("/ho-so")
    assert reporter_reader.rows() == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "so.csv"),
        (b"\x00\xff\xfe\x01" * 50, "so.csv"),
        (b"khong phai so\n1,2,3\n", "so.csv"),
        (b"PK\x03\x04 not a workbook", "so.xlsx"),
        (b"%PDF-1.7", "so.pdf"),
        ("MaHoSo;Tên\n".encode("utf-16"), "so.csv"),
    ],
)
def test_what_is_no_register_is_refused_at_the_file(reporter_reader: Any, content: bytes, name: str) -> None:
    _check(reporter_reader, content, name, 422)
    assert reporter_reader.soup.select(".summary")
    assert reporter_reader.soup.select_one('input[name="upload"]') is None


def test_no_file_is_said_so(reporter_reader: Any) -> None:
    reporter_reader.post("/so-ho-so/kiem-tra", {}, 422)
    assert reporter_reader.text(".summary a") == "Chọn tệp CSV hoặc XLSX."


@pytest.mark.parametrize("token", ["", "../../tthc.db", "a" * 40, "/etc/passwd"])
def test_a_file_that_was_not_looked_through_is_not_saved(reporter_reader: Any, token: str) -> None:
    reporter_reader.post("/so-ho-so/nhap", {"upload": token})
    reporter_reader.follow()
    assert "chọn tệp và kiểm tra lại" in reporter_reader.text(".notice")


def test_nobody_saves_a_file_of_somebody_else(
    reporter_reader: Any, signed_in: Callable[[str], Any], register_file: bytes
) -> None:
    _check(reporter_reader, register_file)
    token = reporter_reader.soup.select_one('input[name="upload"]')["value"]
    clerk = signed_in("clerk")
    clerk.get("/so-ho-so")
    clerk.post("/so-ho-so/nhap", {"upload": token})
    clerk.follow()
    assert "chọn tệp và kiểm tra lại" in clerk.text(".notice")


def test_the_export_is_a_register_again(reporter_reader: Any, register_file: bytes) -> None:
    _check(reporter_reader, register_file)
    _save(reporter_reader)
    csv = reporter_reader.client.get(f"/so-ho-so/xuat?{HALF}&format=csv")
    assert csv.mimetype == "text/csv"
    assert "so-ho-so-20231215-20240614.csv" in csv.headers["Content-Disposition"]
    _check(reporter_reader, csv.data)
    assert "0 dòng mới, 0 dòng cập nhật" in reporter_reader.text(".notice")
    workbook = reporter_reader.client.get(f"/so-ho-so/xuat?{HALF}&format=xlsx")
    assert load_workbook(BytesIO(workbook.data)).active.max_row > 130


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "#from_on"),
        ("from_on=x&to_on=14/06/2024", "#from_on"),
        ("from_on=15/06/2024&to_on=14/06/2024", "#from_on"),
        (f"{HALF}&format=exe", "#format"),
    ],
)
def test_a_senseless_export_is_named(reporter_reader: Any, query: str, field: str) -> None:
    reporter_reader.get(f"/so-ho-so/xuat?{query}", 422)
    assert field in [one["href"] for one in reporter_reader.soup.select(".summary a")]


def test_who_sees_which_half(signed_in: Callable[[str], Any]) -> None:
    seen = {}
    for name in ("clerk", "reporter", "supervisor"):
        reader = signed_in(name)
        reader.get("/so-ho-so")
        seen[name] = [one.get_text() for one in reader.soup.select("main h2")]
    assert seen["clerk"] == ["Nhập sổ từ tệp"]
    assert seen["reporter"] == ["Nhập sổ từ tệp", "Xuất sổ ra tệp"]
    assert seen["supervisor"] == ["Xuất sổ ra tệp"]
