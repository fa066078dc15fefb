"""The tally on screen: periods, the ruled table, every number a link to exactly its dossiers."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from openpyxl import load_workbook

from tthc.domain.vocabulary import Channel, Outcome
from tthc.services import dossiers

HALF = "from_on=15/12/2023&to_on=14/06/2024"


@pytest.fixture
def half_year(received: Any, done_to: Any, now: Any) -> None:
    """Seven dossiers of three sectors: three resolved (one late), one withdrawn, three pending."""
    old = now - timedelta(days=60)
    codes = [received(number, old, channel=Channel.ONLINE) for number in (1, 2, 26, 27, 37)]
    received(38, now)
    received(41, now - timedelta(days=200))
    for code, days in zip(codes[:3], (3, 4, 59), strict=True):
        done_to(code, 1, dossiers.resolve_dossier, old + timedelta(days=days), outcome=Outcome.GRANTED)
    done_to(codes[3], 1, dossiers.withdraw_dossier, old + timedelta(days=1), reason="Rút")


def _total(reader: Any) -> list[int]:
    return [int(cell.get_text()) for cell in reader.soup.select(".official tfoot td a")]


def test_the_first_page_is_the_official_half_year_of_today(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get("/bao-cao")
    assert "từ 15/12/2023 đến 14/06/2024" in supervisor_reader.text("main h2")
    assert supervisor_reader.soup.select_one("#preset option[selected]")["value"] == "bc-6-thang-dau"
    #      (3) (4) (5) (6) (7) (8) (9) (10) (11) (12) (13)
    assert _total(supervisor_reader) == [7, 5, 1, 1, 4, 3, 0, 1, 3, 1, 2]
    assert "lệch" not in supervisor_reader.text(".checks")
    checks = supervisor_reader.soup.select(".checks li")
    assert len(checks) >= 6
    assert all("✓" in one.get_text() for one in checks)
    assert "75,0 %" in supervisor_reader.text("main")


def test_the_columns_are_numbered_as_in_the_form(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao")
    numbers = [one.get_text() for one in supervisor_reader.soup.select(".columns-no th")]
    assert [text.partition("=")[0] for text in numbers] == [f"({number})" for number in range(1, 14)]


@pytest.mark.parametrize("by", ["sector", "procedure"])
def test_every_number_opens_exactly_its_dossiers(supervisor_reader: Any, half_year: None, by: str) -> None:
    supervisor_reader.get(f"/bao-cao?{HALF}&by={by}")
    links = {
        link["href"]: int(link.get_text().replace(".", ""))
        for link in supervisor_reader.soup.select(".official a")
    }
    assert len(links) > 40
    for address, number in links.items():
        supervisor_reader.get(address)
        assert len(supervisor_reader.rows()) == number, address
        assert f": {number} hồ sơ" in supervisor_reader.text("h1")


def test_the_words_under_the_table_are_links_too(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao?{HALF}")
    links = {link["href"]: int(link.get_text()) for link in supervisor_reader.soup.select("section.box p a")}
    assert list(links.values()) == [3, 1, 0, 0]
    for address, number in links.items():
        supervisor_reader.get(address)
        assert len(supervisor_reader.rows()) == number


def test_nothing_ended_gives_a_dash_and_no_rate(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao")
    assert "((8) + (9)) / (7) = –" in supervisor_reader.text("main")


def test_a_preset_of_another_year(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao?preset=bc-quy-4&year=2023")
    assert "Quý IV năm 2023 từ 15/09/2023 đến 14/12/2023" in supervisor_reader.text("main h2")
    supervisor_reader.get("/bao-cao?preset=lich-thang-2&year=2024")
    assert "từ 01/02/2024 đến 29/02/2024" in supervisor_reader.text("main h2")


def test_a_period_that_is_not_over_says_until_when(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao?from_on=01/06/2024&to_on=30/06/2024")
    assert "tính đến Thứ Sáu, 14/06/2024" in supervisor_reader.text("main")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_on=abc&to_on=14/06/2024", "#from_on"),
        ("from_on=15/12/2023", "#to_on"),
        ("from_on=15/06/2024&to_on=14/06/2024", "#from_on"),
        ("from_on=01/01/0001&to_on=14/06/2024", "#from_on"),
        ("from_on=15/12/2023&to_on=31/12/9999", "#to_on"),
        ("preset=khong-co&year=2024", "#preset"),
        ("preset=bc-nam&year=99999", "#year"),
        ("from_on=01/07/2024&to_on=31/07/2024", "#from_on"),
    ],
)
def test_a_senseless_period_is_named(supervisor_reader: Any, query: str, field: str) -> None:
    supervisor_reader.get(f"/bao-cao?{query}", 422)
    assert field in [one["href"] for one in supervisor_reader.soup.select(".summary a")]
    assert supervisor_reader.soup.select_one(".official") is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        f"{HALF}&by=sector",
        f"{HALF}&by=sector&cell=khong_co",
        f"{HALF}&by=kho&cell=overdue",
        f"{HALF}&by=sector&cell=overdue&row=abc",
        "from_on=15/12/2023&to_on=x&by=sector&cell=overdue",
    ],
)
def test_a_senseless_number_is_no_page(supervisor_reader: Any, query: str) -> None:
    supervisor_reader.get(f"/bao-cao/danh-sach?{query}", 404)


def test_the_spreadsheet_holds_the_same_total(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get("/bao-cao")
    link = supervisor_reader.soup.select_one('a[href*="ii06a.xlsx"]')["href"]
    answer = supervisor_reader.client.get(link)
    assert answer.status_code == 200
    assert "bieu-ii06a-20231215-20240614.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.data), data_only=True).active
    total = next(row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row)
    assert [cell for cell in total if isinstance(cell, int)] == [7, 5, 1, 1, 4, 3, 0, 1, 3, 1, 2]
    title = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "6 tháng đầu năm 2024" in title


def test_the_form_on_paper_says_the_same(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao?{HALF}")
    link = supervisor_reader.soup.select_one('a[href*="ii06a.pdf"]')["href"]
    answer = supervisor_reader.client.get(link)
    assert answer.mimetype == "application/pdf"
    text = " ".join(pypdf.PdfReader(BytesIO(answer.data)).pages[0].extract_text().split())
    assert "TỔNG CỘNG 7 5 1 1 4 3 0 1 3 1 2" in unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("by", "head", "lines"),
    [
        ("sector", "Lĩnh vực", None),
        ("procedure", "Thủ tục hành chính", None),
        ("channel", "Kênh tiếp nhận", {"Trực tiếp", "Trực tuyến", "Bưu chính công ích"}),
        ("officer", "Người xử lý", {"Chưa phân công"}),
    ],
)
def test_each_grouping_names_its_lines_and_its_lists(
    supervisor_reader: Any, half_year: None, by: str, head: str, lines: set[str] | None
) -> None:
    supervisor_reader.get(f"/bao-cao?{HALF}&by={by}")
    assert supervisor_reader.soup.select(".official thead th")[1].get_text() == head
    rows = {
        row.select_one("th").get_text(strip=True): row.select("a")
        for row in supervisor_reader.soup.select(".official tbody tr")
    }
    assert lines is None or set(rows) == lines
    assert sum(int(links[0].get_text()) for links in rows.values()) == 7
    label, links = max(rows.items(), key=lambda row: int(row[1][0].get_text()))
    number = int(links[0].get_text())
    supervisor_reader.get(links[0]["href"])
    assert f"– {label}: {number} hồ sơ" in supervisor_reader.text("h1")
    assert len(supervisor_reader.rows()) == number


def test_the_months_of_a_period_and_the_whole(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao?{HALF}&by=month")
    rows = supervisor_reader.soup.select(".official tbody tr")
    labels = [row.select_one("th").get_text(" ", strip=True).partition(" 1")[0] for row in rows]
    assert labels == [f"Tháng {month:02d} năm 2024" for month in range(1, 7)]
    numbers = [[int(link.get_text()) for link in row.select("a")] for row in rows]
    total = _total(supervisor_reader)
    assert total == [7, 5, 1, 1, 4, 3, 0, 1, 3, 1, 2]
    for column in (1, 2, 4, 5, 6, 7):
        assert sum(row[column] for row in numbers) == total[column]
    assert [row[3] for row in numbers[1:]] == [row[8] for row in numbers[:-1]]
    for row, counted in zip(rows, numbers, strict=True):
        supervisor_reader.get(row.select("a")[0]["href"])
        assert len(supervisor_reader.rows()) == counted[0]


@pytest.mark.parametrize(
    ("query", "spans"),
    [
        ("from_on=01/04/2024&to_on=31/05/2024", ["01/04/2024 – 30/04/2024", "01/05/2024 – 31/05/2024"]),
        ("from_on=20/04/2024&to_on=20/05/2024", ["20/04/2024 – 14/05/2024", "15/05/2024 – 20/05/2024"]),
        ("from_on=15/05/2024&to_on=14/07/2024", ["15/05/2024 – 14/06/2024"]),
    ],
)
def test_months_are_cut_as_the_period_is_and_end_today(
    supervisor_reader: Any, query: str, spans: list[str]
) -> None:
    supervisor_reader.get(f"/bao-cao?{query}&by=month")
    heads = [one.get_text(" ", strip=True) for one in supervisor_reader.soup.select(".official tbody th")]
    assert [head[-23:] for head in heads] == spans


def test_too_many_months_are_refused(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao?from_on=01/01/2018&to_on=31/12/2023&by=month", 422)
    assert "#to_on" in [one["href"] for one in supervisor_reader.soup.select(".summary a")]
    assert "không quá 36 tháng" in supervisor_reader.text(".summary")


def test_numbers_as_known_on_a_date_and_their_lists(
    supervisor_reader: Any, received: Any, now: Any, clock: Any
) -> None:
    received(37, now - timedelta(days=20))
    query = "from_on=15/05/2024&to_on=14/06/2024"
    supervisor_reader.get(f"/bao-cao?{query}&known_on=13/06/2024")
    assert "Số liệu ghi nhận đến hết ngày 13/06/2024" in supervisor_reader.text("main .notice")
    assert _total(supervisor_reader)[0] == 0
    supervisor_reader.get(f"/bao-cao?{query}&known_on=14/06/2024")
    assert _total(supervisor_reader)[0] == 1
    link = supervisor_reader.soup.select_one(".official tfoot td a")["href"]
    assert "known_on=14/06/2024" in link
    supervisor_reader.get(link)
    assert "số liệu ghi nhận đến hết ngày 14/06/2024" in supervisor_reader.text("main .quiet")
    links = {one.get_text(): one["href"] for one in supervisor_reader.soup.select(".head-tools a")}
    assert all("known_on=14/06/2024" in address for address in links.values())
    supervisor_reader.get(link.replace("known_on=14/06/2024", "known_on=13/06/2024"))
    assert supervisor_reader.rows() == []
    for wrong in ("15/06/2024", "abc"):
        supervisor_reader.get(f"/bao-cao?{query}&known_on={wrong}", 422)
        assert "#known_on" in [one["href"] for one in supervisor_reader.soup.select(".summary a")]


def test_a_list_is_taken_along_as_a_file(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao/danh-sach?{HALF}&by=channel&row=online&cell=received_online&endpoint=x")
    shown = {row[0] for row in supervisor_reader.rows()}
    links = {one.get_text(): one["href"] for one in supervisor_reader.soup.select(".head-tools a")}
    answer = supervisor_reader.client.get(links["Tải XLSX"])
    assert "ho-so-received-online-20231215-20240614.xlsx" in answer.headers["Content-Disposition"]
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    words = " ".join(str(cell) for row in rows for cell in row if cell)
    assert "Tiếp nhận trong kỳ: trực tuyến – Trực tuyến" in words
    assert "6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến ngày 14/06/2024)" in words
    assert {row[1] for row in rows if isinstance(row[0], int)} == shown
    assert all("hẹn trả" in str(row[-1]) for row in rows if isinstance(row[0], int))
    answer = supervisor_reader.client.get(links["Tải CSV"])
    assert answer.mimetype == "text/csv"
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("STT,Mã hồ sơ,")
    assert len(lines) == len(shown) + 1
    for wrong in ("danh-sach.pdf", f"danh-sach.csv?{HALF}", f"danh-sach.csv?{HALF}&cell=overdue&row=999"):
        assert supervisor_reader.client.get(f"/bao-cao/{wrong}").status_code == 404
