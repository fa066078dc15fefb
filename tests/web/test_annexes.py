"""The annexes of a report on their pages: period, rows, file, bad input."""

from __future__ import annotations

import io
import unicodedata
from datetime import timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

PERIOD = "from_on=15/12/2023&to_on=14/06/2024"
NAMES = ("qua-han", "danh-sach-qua-han", "nguyen-nhan", "bo-sung", "cung-ky", "dieu-chinh")


def test_what_is_late_is_listed_and_opens_its_dossier(
    supervisor_reader: Any, received: Any, now: Any
) -> None:
    code = received(37, now - timedelta(days=60))
    supervisor_reader.get(f"/bao-cao/phu-luc/qua-han?{PERIOD}")
    (link,) = supervisor_reader.soup.select("tbody a")
    assert (link.get_text(), link["href"]) == (code, f"/ho-so/{code}")
    assert "chưa nêu" in supervisor_reader.text("table.dense tbody")
    assert "Tổng số: 1 hồ sơ; có văn bản xin lỗi: 0; không có: 1." in supervisor_reader.text("main")


@pytest.mark.parametrize("name", ["nguyen-nhan", "cung-ky"])
def test_every_number_opens_its_list(supervisor_reader: Any, received: Any, now: Any, name: str) -> None:
    received(37, now - timedelta(days=60))
    received(41, now - timedelta(days=2))
    supervisor_reader.get(f"/bao-cao/phu-luc/{name}?{PERIOD}")
    links = {
        link["href"]: int(link.get_text())
        for link in supervisor_reader.soup.select("table a")
        if "phu-luc/qua-han" in link["href"] or "danh-sach" in link["href"]
    }
    assert sum(map(bool, links.values())) >= 6
    for address, number in links.items():
        supervisor_reader.get(address)
        assert len(supervisor_reader.rows()) == number, address
    supervisor_reader.get(f"/bao-cao/phu-luc/qua-han?{PERIOD}&reason=none&letter=n")
    assert len(supervisor_reader.rows()) == 1
    file = supervisor_reader.soup.select_one(".head-tools .btn-primary")["href"]
    assert "reason=none" in file


@pytest.mark.parametrize("name", NAMES)
def test_each_leads_to_the_others_and_to_its_file(supervisor_reader: Any, name: str) -> None:
    supervisor_reader.get(f"/bao-cao/phu-luc/{name}?{PERIOD}")
    tabs = supervisor_reader.soup.select(".tabs a")
    assert len(tabs) == len(NAMES)
    (here,) = [tab for tab in tabs if tab.get("aria-current") == "page"]
    assert f"/phu-luc/{name}?" in here["href"]
    (file,) = [
        link["href"] for link in supervisor_reader.soup.select(".head-tools a") if ".xlsx" in link["href"]
    ]
    answer = supervisor_reader.client.get(file)
    assert answer.status_code == 200
    assert f"phu-luc-{name}-20231215-20240614.xlsx" in answer.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).active is not None
    paper = supervisor_reader.client.get(file.replace(".xlsx", ".pdf"))
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    words = unicodedata.normalize("NFC", pypdf.PdfReader(io.BytesIO(paper.data)).pages[0].extract_text())
    assert "THỦ TRƯỞNG ĐƠN VỊ" in words


def test_an_empty_annex_says_so(supervisor_reader: Any) -> None:
    supervisor_reader.get(f"/bao-cao/phu-luc/qua-han?{PERIOD}")
    assert "Không có dòng nào trong kỳ này." in supervisor_reader.text("main")


def test_a_bad_period_is_refused_at_its_field(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao/phu-luc/bo-sung?from_on=31/02/2024&to_on=14/06/2024", 422)
    assert supervisor_reader.soup.select_one("#from_on[aria-invalid]") is not None
    assert supervisor_reader.client.get("/bao-cao/phu-luc/bo-sung.xlsx?from_on=31/02/2024").status_code == 404
    assert supervisor_reader.client.get(f"/bao-cao/phu-luc/khac?{PERIOD}").status_code == 404
