"""The page of a correction: a look before saving, what it says afterwards, and who may open it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from tests.web.conftest import request_of
from tthc.domain.permissions import Actor
from tthc.services import intake
from tthc.services.transaction import StaleVersion


@pytest.fixture
def mistaken(app: Flask, clock: Any, clerk: Actor) -> str:
    """Received on Friday 14/06/2024 09:30 under procedure 37 (05 working days), so due on 21/06."""
    clock.pass_by(seconds=17)
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        code: str = intake.receive_dossier(session, now=clock(), actor=clerk, request=request_of(37))
    clock.pass_by(minutes=20)
    return code


def opened(reader: Any, code: str) -> dict[str, str]:
    """What the form sends as it stands."""
    soup = reader.get(f"/ho-so/{code}/dinh-chinh")
    values = {one["name"]: one["value"] for one in soup.select("form.desk input[type=hidden]")}
    values |= {one["name"]: one["value"] for one in soup.select("form.desk input[checked]")}
    for one in soup.select("form.desk select"):
        chosen = one.select_one("option[selected]")
        values[one["name"]] = chosen["value"] if chosen else ""
    for one in soup.select("form.desk input.form-control"):
        values[one["name"]] = one.get("value", "")
    return {**values, "reason": "Chọn nhầm thủ tục", "step": "correct"}


def send(reader: Any, code: str, status: int = 302, **changes: str) -> None:
    form = opened(reader, code) | changes
    reader.post(f"/ho-so/{code}/dinh-chinh", form, status)
    if status == 302:
        reader.follow()


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def history(reader: Any) -> list[str]:
    return [one.get_text(" ", strip=True) for one in reader.soup.select(".events > li")]


def test_the_form_begins_with_what_was_received(clerk_reader: Any, mistaken: str) -> None:
    clerk_reader.get(f"/ho-so/{mistaken}")
    link = clerk_reader.soup.find("a", string="Đính chính")
    assert link["href"] == f"/ho-so/{mistaken}/dinh-chinh"
    form = opened(clerk_reader, mistaken)
    assert form["procedure_id"] == "37"
    assert form["channel"] == "counter"
    assert form["received_at"] == "14/06/2024 09:30"
    assert clerk_reader.text("#due-card").startswith("Hẹn trả hiện nay Thứ Sáu, 21/06/2024")
    assert "sau đính chính " not in clerk_reader.text("#due-card .quiet")


def test_a_look_changes_nothing_and_says_both_dates(clerk_reader: Any, mistaken: str) -> None:
    form = opened(clerk_reader, mistaken) | {"procedure_id": "41", "step": "preview", "reason": ""}
    clerk_reader.post(f"/ho-so/{mistaken}/dinh-chinh", form, 200)
    card = clerk_reader.text("#due-card")
    assert "Hẹn trả hiện nay Thứ Sáu, 21/06/2024" in card
    assert "Hẹn trả sau đính chính Thứ Ba, 25/06/2024 trước 17:00" in card
    assert "07 ngày làm việc" in card
    assert "Muộn hơn ngày đã hẹn." in card
    assert clerk_reader.soup.select_one(".summary") is None
    assert clerk_reader.soup.select_one("#procedure_id option[selected]")["value"] == "41"
    clerk_reader.get(f"/ho-so/{mistaken}")
    assert len(history(clerk_reader)) == 1


def test_the_card_follows_without_a_new_page(clerk_reader: Any, mistaken: str) -> None:
    form = opened(clerk_reader, mistaken) | {"procedure_id": "41"}
    answer = clerk_reader.client.post(
        f"/ho-so/{mistaken}/dinh-chinh/xem-truoc",
        data={**form, "csrf_token": clerk_reader.token()},
        headers={"HX-Request": "true", "HX-Trigger-Name": "procedure_id"},
    )
    assert answer.status_code == 200
    assert "25/06/2024" in answer.text
    assert "<html" not in answer.text
    assert 'id="case-place"' in answer.text


def test_a_corrected_procedure_tells_the_new_date_and_what_changed(clerk_reader: Any, mistaken: str) -> None:
    send(clerk_reader, mistaken, procedure_id="41")
    assert "Đã đính chính. Hẹn trả: Thứ Ba, 25/06/2024, 17:00." in clerk_reader.text(".notice-done")
    assert "in lại" not in clerk_reader.text(".notice-done"), "no receipt was printed yet"
    assert "Thứ Ba, 25/06/2024" in clerk_reader.text(".headline")
    last = history(clerk_reader)[-1]
    assert last.startswith("Đính chính 14/06/2024 09:50 · Cán bộ một cửa 01 Thủ tục:")
    assert "→" in last
    assert "Hẹn trả: 21/06/2024 → 25/06/2024" in last
    assert "Lý do: Chọn nhầm thủ tục" in last
    assert "Kênh" not in last
    assert "Tiếp nhận lúc" not in last, "a time that was left as shown keeps its seconds"
    assert "Đính chính, đang áp dụng" in clerk_reader.text('section[aria-labelledby="promises"]')


def test_a_corrected_channel_and_time_are_told_too(supervisor_reader: Any, mistaken: str, clock: Any) -> None:
    clock.stand_at(2024, 6, 17)
    send(supervisor_reader, mistaken, channel="online", received_at="13/06/2024 16:45")
    last = history(supervisor_reader)[-1]
    assert "Kênh: Trực tiếp → Trực tuyến" in last
    assert "Tiếp nhận lúc: 14/06/2024 09:30 → 13/06/2024 16:45" in last
    assert "Hẹn trả: 21/06/2024 → 20/06/2024" in last
    send(supervisor_reader, mistaken, received_at="13/06/2024 08:00")
    assert "Hẹn trả: 20/06/2024, không đổi" in history(supervisor_reader)[-1]


def test_the_printed_receipt_has_to_be_printed_again(clerk_reader: Any, mistaken: str) -> None:
    printed = f"/ho-so/{mistaken}/giay-tiep-nhan.pdf"
    clerk_reader.get(printed)
    clerk_reader.get(f"/ho-so/{mistaken}/dinh-chinh")
    assert "phải in lại sau khi đính chính" in clerk_reader.text("#due-card")
    send(clerk_reader, mistaken, procedure_id="41")
    notice = clerk_reader.text(".notice-done")
    assert "Giấy tiếp nhận đã in ngày 14/06/2024 cần in lại." in notice
    link = clerk_reader.soup.select_one(".notice-done a[autofocus]")
    assert link["href"] == printed
    papers = clerk_reader.text('section[aria-labelledby="papers"]')
    assert "hẹn trả 21/06/2024 cần in lại" in papers
    clerk_reader.get(link["href"])
    text = text_of(clerk_reader.answer.data)
    assert "Thay thế giấy tiếp nhận đã in ngày 14/06/2024." in text
    assert "07 ngày làm việc" in text
    assert "ngày 25/06/2024" in text
    clerk_reader.get(f"/ho-so/{mistaken}")
    papers = clerk_reader.text('section[aria-labelledby="papers"]')
    assert "21/06/2024 đã được thay thế" in papers
    assert "cần in lại" not in papers


def test_also_when_only_the_channel_was_wrong(clerk_reader: Any, mistaken: str) -> None:
    """The receipt does not name the channel, so it still says what is so."""
    clerk_reader.get(f"/ho-so/{mistaken}/giay-tiep-nhan.pdf")
    send(clerk_reader, mistaken, channel="post")
    assert "cần in lại" not in clerk_reader.text("main")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, None, "Chưa có gì khác"),
        ({"procedure_id": ""}, "procedure_id", "Chọn thủ tục hành chính."),
        ({"procedure_id": "9999"}, "procedure_id", "Chọn một mục có trong danh sách."),
        ({"procedure_id": "41", "reason": " "}, "reason", "Ghi lý do đính chính."),
        ({"received_at": ""}, "received_at", "Nhập thời điểm tiếp nhận theo dạng ngày/tháng/năm giờ:phút"),
        ({"received_at": "hôm qua"}, "received_at", "Nhập thời điểm tiếp nhận theo dạng"),
        ({"received_at": "15/06/2024 08:00"}, "received_at", "không được sau hiện tại"),
        ({"channel": "pigeon"}, "channel", "Chọn một mục có trong danh sách."),
        ({"procedure_id": "15"}, "confirm_unverified", "Thời hạn chưa xác minh"),
        ({"version": "0"}, None, "vừa được người khác cập nhật"),
        ({"version": "abc", "procedure_id": "41"}, None, "vừa được người khác cập nhật"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    clerk_reader: Any, mistaken: str, changes: dict[str, str], field: str | None, words: str
) -> None:
    send(clerk_reader, mistaken, 422, **changes)
    assert words in clerk_reader.text(".summary")
    if field is not None:
        links = [one["href"] for one in clerk_reader.soup.select(".summary a")]
        assert links == [f"#{field}"]
        assert clerk_reader.soup.select_one(f"#{field}") is not None
    assert clerk_reader.soup.select_one("#received_at")["value"] == changes.get(
        "received_at", "14/06/2024 09:30"
    )
    assert clerk_reader.text("#reason") == changes.get("reason", "Chọn nhầm thủ tục").strip()
    clerk_reader.get(f"/ho-so/{mistaken}")
    assert len(history(clerk_reader)) == 1


def test_what_stands_in_the_way_of_a_look_is_said_in_its_place(clerk_reader: Any, mistaken: str) -> None:
    for changes, words in (
        ({"received_at": "hôm qua"}, "nhập thời điểm tiếp nhận"),
        ({}, "Chưa có gì khác"),
        ({"received_at": "15/06/2024 08:00"}, "không được sau hiện tại"),
    ):
        form = opened(clerk_reader, mistaken) | changes | {"step": "preview"}
        clerk_reader.post(f"/ho-so/{mistaken}/dinh-chinh", form, 200)
        assert words in clerk_reader.text("#due-card [role=alert]")


def test_an_unverified_limit_is_confirmed(clerk_reader: Any, mistaken: str) -> None:
    form = opened(clerk_reader, mistaken)
    assert clerk_reader.soup.select_one("#confirm_unverified") is None
    clerk_reader.post(f"/ho-so/{mistaken}/dinh-chinh", form | {"procedure_id": "15", "step": "preview"}, 200)
    assert clerk_reader.soup.select_one("#confirm_unverified") is not None
    send(clerk_reader, mistaken, procedure_id="15", confirm_unverified="y")
    assert "Đã đính chính." in clerk_reader.text(".notice-done")


def test_the_desk_corrects_on_the_day_and_a_supervisor_later(
    signed_in: Callable[[str], Any], mistaken: str, clock: Any
) -> None:
    page = f"/ho-so/{mistaken}/dinh-chinh"
    for name in ("officer", "reporter", "admin", "auditor"):
        reader = signed_in(name)
        reader.get(f"/ho-so/{mistaken}")
        assert reader.soup.find("a", string="Đính chính") is None
        reader.get(page, 403)
    clock.stand_at(2024, 6, 15)
    clerk = signed_in("clerk")
    clerk.get(f"/ho-so/{mistaken}")
    assert clerk.soup.find("a", string="Đính chính") is None
    clerk.get(page, 403)
    assert "chỉ lãnh đạo được đính chính" in clerk.text("main")
    supervisor = signed_in("supervisor")
    send(supervisor, mistaken, procedure_id="41")
    assert "Thứ Ba, 25/06/2024" in supervisor.text(".headline")
    supervisor.get("/ho-so/000.00.99.H54-240614-9999/dinh-chinh", 404)


def test_an_older_page_is_told_and_can_be_sent_again(signed_in: Callable[[str], Any], mistaken: str) -> None:
    first, second = signed_in("clerk"), signed_in("clerk2")
    form = opened(second, mistaken) | {"procedure_id": "41"}
    first.get(f"/ho-so/{mistaken}")
    version = first.soup.select_one('input[name="start-version"]')["value"]
    first.post(f"/ho-so/{mistaken}/bat-dau", {"start-version": version})
    second.post(f"/ho-so/{mistaken}/dinh-chinh", form, 422)
    assert str(StaleVersion()) in second.text(".summary")
    form["version"] = second.soup.select_one('input[name="version"]')["value"]
    second.post(f"/ho-so/{mistaken}/dinh-chinh", form)
    second.follow()
    assert "Thứ Ba, 25/06/2024" in second.text(".headline")


def test_an_ended_dossier_needs_no_new_receipt(supervisor_reader: Any, mistaken: str) -> None:
    supervisor_reader.get(f"/ho-so/{mistaken}/giay-tiep-nhan.pdf")
    supervisor_reader.get(f"/ho-so/{mistaken}")
    version = supervisor_reader.soup.select_one('input[name="resolve-version"]')["value"]
    form = {"resolve-version": version, "resolve-outcome": "granted"}
    supervisor_reader.post(f"/ho-so/{mistaken}/ket-thuc", form)
    send(supervisor_reader, mistaken, procedure_id="41")
    assert "Đã đính chính." in supervisor_reader.text(".notice-done")
    assert "cần in lại" not in supervisor_reader.text("main")
