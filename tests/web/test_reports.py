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
