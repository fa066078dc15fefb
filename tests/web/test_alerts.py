"""The alerts page: what the sweep raised, that it ran, and the answer in the row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tthc.services import alerts


@pytest.fixture
def overdue(received: Any, in_session: Any, now: Any, supervisor: Any) -> str:
    """A dossier a month late, of which the sweep has told."""
    code = received(37, now - timedelta(days=40))
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    return str(code)


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
    assert overdue in supervisor_reader.rows()[0]


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
    assert supervisor_reader.rows() == []
    supervisor_reader.get("/canh-bao?answered=y")
    row = " ".join(supervisor_reader.rows()[0])
    assert "Thiếu người thẩm định" in row
    assert "Hẹn xong 20/06/2024" in row
    assert "Lãnh đạo 01" in row


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


def test_only_a_supervisor_answers(signed_in: Callable[[str], Any], overdue: str) -> None:
    for name in ("clerk", "officer", "auditor"):
        reader = signed_in(name)
        reader.get("/canh-bao")
        assert overdue in reader.rows()[0]
        assert not reader.soup.select("main table form")
