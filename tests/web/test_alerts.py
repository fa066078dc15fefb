"""The alerts page: what the sweep raised, that it ran, and the answer in the row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import TimeUnit
from tthc.services import alert_board, alerts, tallies
from tthc.services.alert_board import BoardFilter


@pytest.fixture
def overdue(received: Any, in_session: Any, now: Any, supervisor: Any) -> str:
    """A dossier a month late, of which the sweep has told."""
    code = received(37, now - timedelta(days=40))
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    return str(code)


def listed(reader: Any) -> list[list[str]]:
    """The rows of the alerts; groups and numbers over time are tables of their own."""
    return reader.rows("tr[id^=canh-bao-]")  # type: ignore[no-any-return]


def _answer(reader: Any) -> tuple[str, str]:
    """(address, prefix of the fields) of the first row's form."""
    form = reader.soup.select_one("main table form")
    return form["action"], form.select_one("textarea")["name"].removesuffix("reason")


def test_before_the_first_sweep_the_page_says_so(supervisor_reader: Any) -> None:
    supervisor_reader.get("/canh-bao")
    assert "Chưa quét lần nào." in supervisor_reader.text(".notice-warning")


def test_the_last_run_is_visible(supervisor_reader: Any, overdue: str) -> None:
    supervisor_reader.get("/canh-bao")
    assert "Lần quét gần nhất: 14/06/2024 09:30" in supervisor_reader.text(".notice")
    assert supervisor_reader.soup.select_one(".notice-warning") is None
    assert overdue in listed(supervisor_reader)[0]
    # On paper the page says whose it is, what it was narrowed to, and when; nothing that one would press.
    unit, _, said = supervisor_reader.text(".print-only").partition(". ")
    assert unit.startswith("Ban Quản lý")
    assert said == (
        "Cảnh báo quá hạn chưa trả lời, quá hạn lâu nhất trước. "
        "Theo lượt quét 14/06/2024 09:30. In lúc 14/06/2024 09:30."
    )
    assert "screen-only" in supervisor_reader.soup.select_one("main table details")["class"]
    supervisor_reader.get("/canh-bao?stage=overdue&by=sector")
    assert "Cảnh báo quá hạn, chưa trả lời trước; Mức: Quá hạn. Theo" in supervisor_reader.text(".print-only")


def test_a_sweep_that_stays_away_is_a_warning(supervisor_reader: Any, overdue: str, clock: Any) -> None:
    clock.pass_by(days=5)
    supervisor_reader.get("/canh-bao")
    assert "Đã quá một ngày không quét." in supervisor_reader.text(".notice-warning")


def test_an_answer_in_the_row_closes_the_alert(supervisor_reader: Any, overdue: str) -> None:
    supervisor_reader.get("/canh-bao")
    address, prefix = _answer(supervisor_reader)
    form = {
        f"{prefix}reason_code": "a",
        f"{prefix}reason": "Thiếu người thẩm định",
        f"{prefix}promised_on": "20062024",
    }
    supervisor_reader.post(address, form)
    supervisor_reader.follow()
    assert "Đã trả lời cảnh báo." in supervisor_reader.text(".notice[autofocus]")
    assert listed(supervisor_reader) == []
    supervisor_reader.get("/canh-bao?answered=y")
    row = " ".join(listed(supervisor_reader)[0])
    assert "Thiếu người thẩm định" in row
    assert "Hẹn xong 20/06/2024" in row
    assert "Lãnh đạo 01" in row
    # The dossier's page says so as well.
    supervisor_reader.get(f"/ho-so/{overdue}")
    assert "hẹn xong 20/06/2024" in supervisor_reader.text(".headline")
    told = supervisor_reader.text("[aria-labelledby=promises] h3 + p")
    assert "Thiếu người thẩm định. Hẹn xong 20/06/2024. Lãnh đạo 01, 14/06/2024 09:30" in told


def test_an_answer_without_reason_stays_open_in_its_row(supervisor_reader: Any, overdue: str) -> None:
    supervisor_reader.get("/canh-bao")
    address, prefix = _answer(supervisor_reader)
    form = {f"{prefix}reason_code": "z", f"{prefix}reason": "", f"{prefix}promised_on": "13/06/24"}
    supervisor_reader.post(address, form, 422)
    errors = [one.get_text(strip=True) for one in supervisor_reader.soup.select(".summary a")]
    assert errors == [
        "Nhóm nguyên nhân: Chọn một mục có trong danh sách.",
        "Ghi nguyên nhân và hướng xử lý.",
        "Nhập ngày hẹn xong theo dạng ngày/tháng/năm, ví dụ 22/11/2026.",
    ]
    assert supervisor_reader.soup.select_one("details[open] form") is not None


def test_a_promise_in_the_past_is_refused_at_its_field(supervisor_reader: Any, overdue: str) -> None:
    supervisor_reader.get("/canh-bao")
    address, prefix = _answer(supervisor_reader)
    form = {
        f"{prefix}reason_code": "c",
        f"{prefix}reason": "Chờ ý kiến",
        f"{prefix}promised_on": "13/06/2024",
    }
    supervisor_reader.post(address, form, 422)
    assert supervisor_reader.soup.select_one(".summary a")["href"] == f"#{prefix}promised_on"


def test_who_has_it_in_hand_answers_too(signed_in: Callable[[str], Any], overdue: str) -> None:
    """The clerk who received it; its page alone has the form open, and keeps it so when it is refused."""
    for name in ("officer", "auditor", "clerk"):
        reader = signed_in(name)
        reader.get("/canh-bao")
        assert overdue in listed(reader)[0]
        assert len(reader.soup.select("main table form")) == (name == "clerk")
    address, prefix = _answer(reader)
    reader.get(address)
    assert reader.soup.select_one("details[open] form") is not None
    form = {f"{prefix}reason_code": "a", f"{prefix}reason": "Chờ họp", f"{prefix}promised_on": "15/06/2024"}
    reader.post(address, form, 422)
    assert "ngày làm việc tiếp theo là 17/06/2024" in reader.text(".summary")
    reader.post(address, form | {f"{prefix}promised_on": ""})
    reader.get("/canh-bao?stage=overdue")
    assert "Chờ họp. Cán bộ một cửa 01" in listed(reader)[0][3]
    assert reader.client.get("/canh-bao/999").status_code == 404


def test_the_board_by_officer_sector_and_procedure(
    supervisor_reader: Any, overdue: str, received: Any, in_session: Any, now: Any, supervisor: Any
) -> None:
    """One that is a month late with nobody, one that is due soon; the address narrows page and file alike."""
    soon = received(37, now - timedelta(days=4))
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    holder = "Cán bộ một cửa 01"
    for by, name in (("officer", holder), ("sector", "Thương mại quốc tế"), ("procedure", "")):
        supervisor_reader.get(f"/canh-bao?by={by}&answered=all")
        groups, rows, _ = supervisor_reader.soup.select("main table")
        [group] = [
            [cell.get_text(" ", strip=True) for cell in row("td")] for row in groups.select("tbody tr")
        ]
        assert group[0].startswith(name)
        assert group[1:5] == ["1", "1", "0", "1"], by
        assert [code in rows.get_text() for code in (overdue, soon)] == [True, True]
        for link in groups.select("td.number a"):
            supervisor_reader.get(link["href"])
            shown = supervisor_reader.soup.select("main table")[1].get_text()
            is_soon = link.parent["data-of"] == "Sắp đến hạn"
            assert [code in shown for code in (overdue, soon)] == [not is_soon, is_soon]
    tabs = [one.get_text() for one in supervisor_reader.soup.select(".tabs a")]
    assert tabs == [
        "Chưa trả lời (1)",
        "Quá hạn (1)",
        "Hôm nay (0)",
        "Sắp đến hạn (1)",
        "Đã trả lời (0)",
        "Tất cả (2)",
    ]
    # What is not to be answered can be looked at.
    supervisor_reader.get("/canh-bao?kind=step")
    assert "Bước xử lý" in listed(supervisor_reader)[0][3]
    assert not supervisor_reader.soup.select("main table form")
    supervisor_reader.get("/canh-bao?kind=petition")
    assert "Không có cảnh báo nào" in supervisor_reader.text("main")

    response = supervisor_reader.client.get("/canh-bao/bang.xlsx?stage=overdue")
    sheet = load_workbook(BytesIO(response.data)).active
    [head] = [row[0].row for row in sheet.iter_rows() if row[0].value == "Mức"]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=head + 1)]
    [row] = [line for line in lines if line[3] == overdue]
    assert (row[0], row[4], row[8]) == ("Quá hạn kéo dài", "Hồ sơ", holder)
    assert isinstance(row[1], int)
    assert row[1] < -15
    assert row[2].date() < now.date()
    assert soon not in str(lines)


def test_the_line_of_what_was_overdue_is_that_of_the_tally(
    supervisor_reader: Any, overdue: str, in_session: Any, now: Any, supervisor: Any
) -> None:
    for unit in ("day", "week"):
        supervisor_reader.get(f"/canh-bao?trend={unit}")
        assert supervisor_reader.soup.select_one("svg title").get_text() == "Hồ sơ quá hạn đến hết ngày"
    points = in_session(
        lambda session: (
            alert_board.get_board(
                session, actor=supervisor, now=now, chosen=BoardFilter(trend=TimeUnit.WEEK)
            ).trend
        )
    )
    assert len(points) == alert_board.TREND_POINTS
    assert points[-1] == alert_board.Overdue(now.date(), 1)
    for point in points:
        asked = tallies.Asked(point.on - timedelta(days=100), point.on)
        tally = in_session(
            lambda session, asked=asked: tallies.build_tally(
                session, actor=supervisor, today=now.date(), asked=asked
            )
        )
        assert tally.total.cells[CellName.OVERDUE] == point.number, point
    assert {point.number for point in points} == {0, 1}
