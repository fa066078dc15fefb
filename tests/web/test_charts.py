"""Charts and indicators on screen: titled drawings without styles, numbers that open their dossiers."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from tthc.domain.vocabulary import Channel, Outcome
from tthc.services import dossiers

HALF = "from_on=15/12/2023&to_on=14/06/2024"
PAGES = ("/bao-cao/bieu-do", "/bao-cao/chi-so-766")


@pytest.fixture
def half_year(received: Any, done_to: Any, now: Any) -> None:
    """Six dossiers: three resolved (one late), three pending, one of them overdue."""
    old = now - timedelta(days=60)
    codes = [received(number, old, channel=Channel.ONLINE) for number in (2, 37, 37)]
    received(38, now)
    received(41, now - timedelta(days=90))
    received(2, now - timedelta(days=20))
    for code, days in zip(codes, (10, 4, 30), strict=True):
        done_to(code, 1, dossiers.resolve_dossier, old + timedelta(days=days), outcome=Outcome.GRANTED)


def _number(link: Any) -> int:
    return int(link.get_text(" ").split()[0].replace(".", ""))


@pytest.mark.parametrize("page", PAGES)
def test_every_number_opens_exactly_its_dossiers(supervisor_reader: Any, half_year: None, page: str) -> None:
    supervisor_reader.get(f"{page}?{HALF}")
    links = {link["href"]: _number(link) for link in supervisor_reader.soup.select("main td.number a")}
    assert len(links) >= 10
    assert sum(links.values()) >= 20
    for address, number in links.items():
        if number:
            supervisor_reader.get(address)
            assert f": {number} hồ sơ" in supervisor_reader.text("h1")
            assert len(supervisor_reader.rows()) == number


def test_a_list_is_exported_whole(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao/tap-ho-so?{HALF}&name=handled")
    codes = [row[0] for row in supervisor_reader.rows()]
    tools = [link["href"] for link in supervisor_reader.soup.select(".head-tools a")]
    book = openpyxl.load_workbook(io.BytesIO(supervisor_reader.client.get(tools[0]).data))
    found = [value for row in book.active.iter_rows(values_only=True) for value in row]
    assert set(codes) <= set(found)
    assert all(code in supervisor_reader.client.get(tools[1]).text for code in codes)


def test_every_chart_is_told_in_words_and_has_no_style(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao/bieu-do?{HALF}")
    charts = supervisor_reader.soup.select("figure.chart > svg")
    assert len(charts) == 5
    for svg in charts:
        title, told = svg.find("title", recursive=False), svg.find("desc", recursive=False)
        assert svg["role"] == "img"
        assert svg["aria-labelledby"].split() == [title["id"], told["id"]]
        assert title.get_text()
        assert re.search(r"\d", told.get_text())
        assert svg.find_parent("section").find("table") is not None
    assert not supervisor_reader.soup.select("svg [style], svg style")
    # Received and ended: one plain, one hatched.
    fills = {one.get("fill") for one in charts[0].select("rect.chart-bar")}
    assert fills == {None, "url(#chart-months-hatch)"}
    lines = {row[0]: row[1:] for row in supervisor_reader.rows('section[aria-labelledby="times"] tbody tr')}
    assert any("05 ngày làm việc" in cells and "ngày làm việc ít hồ sơ" in cells for cells in lines.values())


def test_each_table_is_exported(supervisor_reader: Any, half_year: None) -> None:
    supervisor_reader.get(f"/bao-cao/bieu-do?{HALF}")
    files = [link["href"] for link in supervisor_reader.soup.select('a[href*=".xlsx"]')]
    supervisor_reader.get(f"/bao-cao/chi-so-766?{HALF}")
    files += [link["href"] for link in supervisor_reader.soup.select('a[href*=".xlsx"]')]
    assert len(files) == 5
    for file in files:
        answer = supervisor_reader.client.get(file)
        assert answer.status_code == 200
        assert "-20231215-20240614.xlsx" in answer.headers["Content-Disposition"]
        assert openpyxl.load_workbook(io.BytesIO(answer.data)).active is not None


def test_an_empty_period_has_dashes_and_says_what_is_not_there(supervisor_reader: Any) -> None:
    supervisor_reader.get(f"/bao-cao/bieu-do?{HALF}")
    assert "Chưa có hồ sơ nào được giải quyết trong kỳ này." in supervisor_reader.text("main")
    supervisor_reader.get(f"/bao-cao/chi-so-766?{HALF}")
    assert {row[4] for row in supervisor_reader.rows()} == {"–"}
    assert "chưa cho biết hồ sơ nào đã đồng bộ" in supervisor_reader.text("main")


@pytest.mark.parametrize("page", PAGES)
def test_a_bad_period_is_refused_at_its_field(supervisor_reader: Any, page: str) -> None:
    supervisor_reader.get(f"{page}?from_on=31/02/2024&to_on=14/06/2024", 422)
    assert supervisor_reader.soup.select_one("#from_on[aria-invalid]") is not None
    supervisor_reader.get(f"{page}?from_on=01/07/2024&to_on=31/07/2024", 422)
    assert "chưa bắt đầu" in supervisor_reader.text(".summary")


@pytest.mark.parametrize(
    "query",
    [
        "",
        HALF,
        f"{HALF}&name=khac",
        f"{HALF}&case=0",
        f"{HALF}&case=999999",
        "from_on=02/01/2024&to_on=01/01/2024&name=handled",
    ],
)
def test_an_address_of_no_set_leads_nowhere(supervisor_reader: Any, query: str) -> None:
    for path in ("/bao-cao/tap-ho-so", "/bao-cao/tap-ho-so/danh-sach.csv"):
        assert supervisor_reader.client.get(f"{path}?{query}").status_code == 404
