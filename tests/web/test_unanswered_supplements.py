"""The list of supplements that nobody brings, and stopping such dossiers after a look at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tthc.domain.settings import STOP_BASIS, KnownSetting
from tthc.services import dossiers, settings

LIST, STOP = "/bo-sung-qua-han", "/bo-sung-qua-han/dung"
BASIS = "khoản 2 Điều 5 Quy chế thử nghiệm"


@pytest.fixture
def set_to(
    in_session: Any, now: Any, today: Any, supervisor: Any
) -> Callable[[KnownSetting[Any], Any], None]:
    """``set_to(setting, value)``: a setting from today on."""

    def change(setting: KnownSetting[Any], value: Any) -> None:
        in_session(
            lambda session: settings.change_setting(
                session,
                now=now,
                actor=supervisor,
                setting=setting,
                value=value,
                valid_from=today,
                reason="Thử",
            )
        )

    return change


@pytest.fixture
def waiting(received: Any, done_to: Any, now: Any) -> list[str]:
    """Three that wait: 51, 50 and 49 days."""
    codes = []
    for days in (51, 50, 49):
        at = now - timedelta(days=days)
        code = received(37, at)
        done_to(code, 1, dossiers.request_supplement, at, missing=f"Bản vẽ {days}", reason="Thiếu")
        codes.append(code)
    return codes


def _codes(reader: Any, column: int) -> list[str]:
    return [row[column] for row in reader.rows()]


def _shown(reader: Any) -> dict[str, Any]:
    """What the page sends along: its basis and the rows on it."""
    return {
        "basis": reader.soup.select_one('main input[name="basis"]')["value"],
        "shown": [one["value"] for one in reader.soup.select('main input[name="shown"]')],
    }


def test_the_list_says_since_when_and_for_what(signed_in: Callable[[str], Any], waiting: list[str]) -> None:
    reader = signed_in("auditor")
    reader.get("/ho-so")
    assert reader.soup.select_one(f'main a[href="{LIST}"]') is not None
    reader.get(LIST)
    assert _codes(reader, 2) == waiting
    first = reader.rows()[0]
    assert first[0].startswith("24/04/2024")
    assert first[1] == "35 ngày làm việc"
    assert "Bản vẽ 51" in first[3]
    assert "chưa nhập căn cứ" in reader.text("main")
    assert reader.soup.select("main input, main form") == []
    assert reader.soup.select_one(f'main a[href="{STOP}"]') is None
    reader.get(STOP, 403)


def test_nobody_waits_too_long_yet(supervisor_reader: Any, received: Any, done_to: Any) -> None:
    code = received(37)
    done_to(code, 1, dossiers.request_supplement, missing="Bản vẽ", reason="Thiếu")
    supervisor_reader.get(LIST)
    assert "Không có hồ sơ nào chờ bổ sung quá lâu" in supervisor_reader.text("main .empty")


def test_without_a_basis_there_is_nothing_to_stop(supervisor_reader: Any, waiting: list[str]) -> None:
    supervisor_reader.get(LIST)
    assert supervisor_reader.soup.select_one('main a[href="/thiet-lap/quy-dinh-khac"]') is not None
    supervisor_reader.get(STOP, 422)
    assert "chưa nhập căn cứ" in supervisor_reader.text(".notice-warning")
    supervisor_reader.get(f"/ho-so/{waiting[0]}")
    data = {"basis": "", "whom": "all", "shown": ["1-2"], "reason": "Thử"}
    supervisor_reader.post(STOP, data, 422)
    supervisor_reader.get(f"/ho-so/{waiting[0]}")
    assert supervisor_reader.text(".headline dd") == "Chờ bổ sung"


def test_a_look_first_then_the_ticked_ones(supervisor_reader: Any, waiting: list[str], set_to: Any) -> None:
    set_to(STOP_BASIS, BASIS)
    supervisor_reader.get(LIST)
    supervisor_reader.get(supervisor_reader.soup.select_one(".head-tools a")["href"])
    assert supervisor_reader.text("main p b") == "3 hồ sơ"
    assert BASIS in supervisor_reader.text(".head")
    assert _codes(supervisor_reader, 3) == waiting
    ticks = supervisor_reader.soup.select('main input[name="d"]')
    assert [tick.has_attr("checked") for tick in ticks] == [False] * 3, "nothing is chosen for anybody"
    data = {
        **_shown(supervisor_reader),
        "whom": "chosen",
        "d": [ticks[1]["value"]],
        "reason": "Không bổ sung",
    }
    supervisor_reader.post(STOP, data)
    supervisor_reader.follow()
    assert "Đã dừng giải quyết 01 hồ sơ." in supervisor_reader.text(".notice[autofocus]")
    assert _codes(supervisor_reader, 2) == [waiting[0], waiting[2]]
    supervisor_reader.get(f"/ho-so/{waiting[1]}")
    assert supervisor_reader.text(".headline dd") == "Dừng giải quyết"
    last = supervisor_reader.soup.select(".events li")[-1].get_text(" ", strip=True)
    assert "Không bổ sung" in last
    assert f"Căn cứ: {BASIS}" in last


def test_all_that_the_page_shows(supervisor_reader: Any, waiting: list[str], set_to: Any) -> None:
    set_to(STOP_BASIS, BASIS)
    supervisor_reader.get(STOP)
    supervisor_reader.post(STOP, {**_shown(supervisor_reader), "whom": "all", "reason": "Không bổ sung"})
    supervisor_reader.follow()
    assert "Đã dừng giải quyết 03 hồ sơ." in supervisor_reader.text(".notice[autofocus]")
    assert supervisor_reader.rows() == []


def test_rows_of_another_page_stay(
    supervisor_reader: Any, received: Any, done_to: Any, now: Any, set_to: Any
) -> None:
    set_to(STOP_BASIS, BASIS)
    at = now - timedelta(days=60)
    for _ in range(51):
        done_to(received(37, at), 1, dossiers.request_supplement, at, missing="Bản vẽ", reason="Thiếu")
    supervisor_reader.get(STOP)
    assert "trang này có 50 hồ sơ" in supervisor_reader.text("main")
    supervisor_reader.post(STOP, {**_shown(supervisor_reader), "whom": "all", "reason": "Không bổ sung"})
    supervisor_reader.follow()
    assert len(supervisor_reader.rows()) == 1


def test_what_is_missing_is_said_and_the_ticks_stay(
    supervisor_reader: Any, waiting: list[str], set_to: Any
) -> None:
    set_to(STOP_BASIS, BASIS)
    supervisor_reader.get(STOP)
    sent = _shown(supervisor_reader)
    supervisor_reader.post(STOP, {**sent, "whom": "chosen", "reason": "Không bổ sung"}, 422)
    assert supervisor_reader.soup.select_one(".summary a")["href"] == "#whom"
    assert supervisor_reader.text("#reason") == "Không bổ sung"
    supervisor_reader.post(STOP, {**sent, "whom": "chosen", "d": [sent["shown"][2]], "reason": " "}, 422)
    assert supervisor_reader.soup.select_one(".summary a")["href"] == "#reason"
    ticks = supervisor_reader.soup.select('main input[name="d"]')
    assert [tick.has_attr("checked") for tick in ticks] == [False, False, True]
    supervisor_reader.post(STOP, {**sent, "whom": "khac", "reason": "Không bổ sung"}, 422)
    for nonsense in ("", "1", "a-b", "1-2-3", "-1-2", "9" * 12 + "-1", "٣-1"):
        supervisor_reader.post(STOP, {**sent, "whom": "chosen", "d": [nonsense], "reason": "Thử"}, 422)
    assert len(supervisor_reader.rows()) == 3


def test_one_that_changed_meanwhile_stops_none(
    supervisor_reader: Any, signed_in: Callable[[str], Any], waiting: list[str], set_to: Any, done_to: Any
) -> None:
    set_to(STOP_BASIS, BASIS)
    supervisor_reader.get(STOP)
    sent = _shown(supervisor_reader)
    done_to(waiting[0], 2, dossiers.receive_supplement)
    supervisor_reader.post(STOP, {**sent, "whom": "all", "reason": "Không bổ sung"}, 422)
    assert "01 hồ sơ đã chọn vừa được cập nhật" in supervisor_reader.text(".summary")
    assert _codes(supervisor_reader, 3) == waiting[1:], "what is there now"
    set_to(STOP_BASIS, "căn cứ khác")
    sent = _shown(supervisor_reader)
    supervisor_reader.post(STOP, {**sent, "whom": "all", "reason": "Không bổ sung"}, 422)
    assert "vừa thay đổi" in supervisor_reader.text(".summary")
    assert "căn cứ khác" in supervisor_reader.text(".head")
    supervisor_reader.post(STOP, {**_shown(supervisor_reader), "whom": "all", "reason": "Không bổ sung"})
