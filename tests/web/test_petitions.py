"""Petitions on screen: the register, the tally, and where they are found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tthc.domain.vocabulary import PetitionKind, PetitionState

# --- the register -------------------------------------------------------------------------------------


def test_the_register_is_narrowed_down_by_its_address(
    supervisor_reader: Any, recorded: Callable[..., int], now: Any
) -> None:
    recorded(subject="Phản ánh trả kết quả chậm")
    recorded(kind=PetitionKind.REGULATION, subject="Kiến nghị bỏ giấy tờ")
    recorded(received_at=now - timedelta(days=40), due_on=date(2024, 5, 20))
    for query, numbers in {
        "": ["0003", "0001", "0002"],
        "q=giay+to": ["0002"],
        "kind=regulation": ["0002"],
        "state=answered": [],
        "from_on=15/05/2024&to_on=14/06/2024": ["0002", "0001"],
        "from_on=15/05/2024&to_on=14/06/2024&cell=carried_over": ["0003"],
        "from_on=15/05/2024&to_on=14/06/2024&cell=pending_overdue": ["0003"],
    }.items():
        supervisor_reader.get(f"/phan-anh?{query}")
        found = [row[1][-4:] for row in supervisor_reader.rows()]
        assert sorted(found) == sorted(numbers), query
        assert found[:1] == (["0003"] if "0003" in numbers else found[:1]), "the overdue one first"


def test_a_number_says_why_it_counts_each(
    supervisor_reader: Any, recorded: Callable[..., int], now: Any
) -> None:
    recorded(received_at=now - timedelta(days=40), due_on=date(2024, 5, 20))
    number = "from_on=15/05/2024&to_on=14/06/2024&cell=pending_overdue"
    supervisor_reader.get(f"/phan-anh?{number}")
    why = (
        "Tiếp nhận 05/05/2024; kỳ trước chuyển sang; chưa trả lời, chưa chuyển đến hết 14/06/2024; "
        "hạn 20/05/2024"
    )
    [row] = supervisor_reader.rows()
    assert row[-1] == why
    answer = supervisor_reader.client.get(f"/phan-anh/xuat.xlsx?{number}")
    rows = load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)
    assert why in [cell for cells in rows for cell in cells]


def test_a_long_register_has_pages_that_keep_the_filter(
    supervisor_reader: Any, recorded: Callable[..., int]
) -> None:
    for _ in range(51):
        recorded()
    supervisor_reader.get("/phan-anh?q=ghi&endpoint=x&_external=1&suffix=y")
    assert len(supervisor_reader.rows()) == 50
    following = supervisor_reader.soup.select_one(".pager [rel=next]")["href"]
    assert following == "/phan-anh?q=ghi&page=2"
    supervisor_reader.get(following)
    assert len(supervisor_reader.rows()) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_on=15/05/2024", "#to_on"),
        ("to_on=15/05/2024", "#from_on"),
        ("cell=answered", "#from_on"),
        ("from_on=15/06/2024&to_on=14/05/2024", "#from_on"),
        ("from_on=15/06/2024&to_on=30/06/2024", "#from_on"),
        ("from_on=abc&to_on=30/06/2024", "#from_on"),
        ("state=khac", "#state"),
        ("kind=khac", "#kind"),
        ("from_on=15/05/2024&to_on=14/06/2024&cell=khac", "#cell"),
    ],
)
def test_a_senseless_filter_is_named(supervisor_reader: Any, query: str, field: str) -> None:
    supervisor_reader.get(f"/phan-anh?{query}", 422)
    assert supervisor_reader.named_errors() == [field]
    status = supervisor_reader.client.get(f"/phan-anh/xuat.xlsx?{query}").status_code
    assert status in {404, 422}


def test_the_register_is_exported_as_it_is_shown(
    signed_in: Callable[[str], Any], recorded: Callable[..., int]
) -> None:
    recorded(subject="Phản ánh trả kết quả chậm")
    recorded(subject="Kiến nghị bỏ giấy tờ")
    reader = signed_in("reporter")
    reader.get("/phan-anh?q=giay+to&page=1")
    links = {one.get_text(): one["href"] for one in reader.soup.select(".head-tools a")}
    answer = reader.client.get(links["Xuất CSV"])
    assert answer.mimetype == "text/csv"
    assert "so-phan-anh-kien-nghi-20240614.csv" in answer.headers["Content-Disposition"]
    assert [line.split(",")[0] for line in answer.data.decode("utf-8-sig").splitlines()][1:] == [
        "PAKN-2024-0002"
    ]
    sheet = load_workbook(BytesIO(reader.client.get(links["Xuất XLSX"]).data)).active
    texts = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "Kiến nghị bỏ giấy tờ" in texts
    assert "Phản ánh trả kết quả chậm" not in texts
    clerk = signed_in("clerk")
    clerk.get("/phan-anh")
    assert [one.get_text() for one in clerk.soup.select(".head-tools a")] == ["Ghi phản ánh, kiến nghị"]
    assert clerk.client.get(links["Xuất CSV"]).status_code == 403


# --- the tally ----------------------------------------------------------------------------------------


@pytest.fixture
def a_month(recorded: Callable[..., int], now: Any) -> None:
    """One carried over and overdue, two new (one about a regulation), one answered late, one handed on."""
    old = now - timedelta(days=40)
    recorded(received_at=old, due_on=date(2024, 5, 20))
    recorded()
    recorded(kind=PetitionKind.REGULATION)
    recorded(
        received_at=old,
        due_on=date(2024, 5, 20),
        state=PetitionState.ANSWERED,
        ended_on=date(2024, 5, 21),
        answer="Đã trả lời",
        published_on=date(2024, 5, 22),
        published_in="Trang tin",
    )
    recorded(
        state=PetitionState.TRANSFERRED,
        ended_on=date(2024, 6, 14),
        transferred_to="Sở Công Thương",
        due_on=None,
        legal_basis="",
    )


def test_every_number_opens_exactly_its_petitions(supervisor_reader: Any, a_month: None) -> None:
    supervisor_reader.get("/phan-anh/tong-hop?preset=bc-thang-6&year=2024")
    assert "Tháng 06 năm 2024 từ 15/05/2024 đến 14/06/2024" in supervisor_reader.text("main h2")
    total = [int(cell.get_text()) for cell in supervisor_reader.soup.select(".official tfoot td a")]
    #        (3) (4) (5) (6) (7) (8) (9) (10) (11) (12) (13)
    assert total == [5, 2, 3, 1, 0, 1, 1, 3, 2, 1, 1]
    assert "lệch" not in supervisor_reader.text(".checks")
    assert len(supervisor_reader.soup.select(".checks li")) == 6
    links = {one["href"]: int(one.get_text()) for one in supervisor_reader.soup.select(".official a")}
    assert len(links) == 33
    for address, number in links.items():
        supervisor_reader.get(address)
        assert len(supervisor_reader.rows()) == number, address


def test_a_period_without_any_says_so(supervisor_reader: Any) -> None:
    supervisor_reader.get("/phan-anh/tong-hop")
    assert "Trong kỳ không có phản ánh, kiến nghị." in supervisor_reader.text("main")
    assert supervisor_reader.soup.select_one("#preset option[selected]")["value"] == "bc-6-thang-dau"
    assert supervisor_reader.soup.select_one("#by") is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_on=abc&to_on=14/06/2024", "#from_on"),
        ("from_on=15/12/2023", "#to_on"),
        ("from_on=01/07/2024&to_on=31/07/2024", "#from_on"),
        ("preset=khong-co&year=2024", "#preset"),
        ("preset=bc-nam&year=99999", "#year"),
    ],
)
def test_a_senseless_period_is_named(supervisor_reader: Any, query: str, field: str) -> None:
    supervisor_reader.get(f"/phan-anh/tong-hop?{query}", 422)
    assert field in supervisor_reader.named_errors()
    assert supervisor_reader.soup.select_one(".official") is None
    assert supervisor_reader.client.get(f"/phan-anh/tong-hop.xlsx?{query}").status_code in {404, 422}


def test_the_spreadsheet_holds_the_same_total(supervisor_reader: Any, a_month: None) -> None:
    supervisor_reader.get("/phan-anh/tong-hop?preset=bc-thang-6&year=2024")
    link = supervisor_reader.soup.select_one('a[href*="tong-hop.xlsx"]')["href"]
    answer = supervisor_reader.client.get(link)
    assert "phan-anh-kien-nghi-20240515-20240614.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.data), data_only=True).active
    total = next(row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row)
    assert [cell for cell in total if isinstance(cell, int)] == [5, 2, 3, 1, 0, 1, 1, 3, 2, 1, 1]


# --- its place ----------------------------------------------------------------------------------------


def test_it_stands_under_reports_and_on_the_first_page_only_when_one_is_open(
    supervisor_reader: Any, recorded: Callable[..., int]
) -> None:
    assert "Phản ánh" not in supervisor_reader.text(".counts")
    assert "Phản ánh" not in supervisor_reader.text(".side")
    supervisor_reader.get("/bao-cao")
    links = {one.get_text(): one["href"] for one in supervisor_reader.soup.select(".head-tools a")}
    supervisor_reader.get(links["Phản ánh, kiến nghị"])
    assert supervisor_reader.text(".side [aria-current]") == "Báo cáo"
    assert supervisor_reader.text(".tabs [aria-current]") == "Sổ phản ánh, kiến nghị"
    petition_id = recorded()
    supervisor_reader.get("/")
    link = supervisor_reader.soup.select_one(".counts a[href*=phan-anh]")
    assert link.get_text(" ", strip=True) == "Phản ánh, kiến nghị 1"
    supervisor_reader.get(link["href"])
    assert len(supervisor_reader.rows()) == 1
    supervisor_reader.get(f"/phan-anh/{petition_id}")
    sent = {
        "tra-loi-version": str(supervisor_reader.soup.select_one("main input[name$=version]")["value"]),
        "tra-loi-answer": "Đã trả lời",
    }
    supervisor_reader.post(f"/phan-anh/{petition_id}/tra-loi", sent)
    supervisor_reader.get("/")
    assert supervisor_reader.soup.select_one(".counts a[href*=phan-anh]") is None
