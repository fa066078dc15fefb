"""The steps on the page of a dossier, handed on without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.web.conftest import Reader


def test_a_dossier_is_handed_on_from_its_page(
    app: Flask, signed_in: Callable[[str], Reader], received: Callable[..., str], officer: Any
) -> None:
    code = received()
    clerk = signed_in("clerk")
    clerk.get(f"/ho-so/{code}")
    assert [row[0].split(" ")[0] for row in clerk.rows('section[aria-labelledby="steps"] tbody tr')] == [
        "1.",
        "2.",
        "3.",
        "4.",
    ]
    version = clerk.soup.select_one('input[name="hand_on-version"]')
    assert version is not None
    clerk.post(f"/ho-so/{code}/buoc/chuyen", {"hand_on-version": version["value"]}, status=422)
    assert clerk.named_errors() == ["#hand_on-taker_id"]
    clerk.post(
        f"/ho-so/{code}/buoc/chuyen",
        {
            "hand_on-version": version["value"],
            "hand_on-taker_id": str(officer.account_id),
            "hand_on-note": "Đủ giấy tờ",
        },
    )
    clerk.follow()
    assert "Đã chuyển bước tiếp." in clerk.soup.get_text()
    assert "Thẩm định" in clerk.text(".headline")
    clerk.get("/ho-so")
    assert "Thẩm định" in clerk.rows()[0][4]
    assert officer.name in clerk.rows()[0][4]
    theirs = signed_in("officer")
    theirs.get(f"/ho-so/{code}")
    version = theirs.soup.select_one('input[name="send_back-version"]')
    assert version is not None
    theirs.post(
        f"/ho-so/{code}/buoc/tra-lai",
        {"send_back-version": version["value"], "send_back-reason": "Thiếu trang"},
    )
    assert "Thiếu trang" in theirs.follow().get_text()
    auditor = signed_in("auditor")
    auditor.get(f"/ho-so/{code}")
    assert auditor.soup.select_one('form[action*="/buoc/"]') is None


def test_forms_open_as_pdf_and_print_again(clerk_reader: Reader, received: Callable[..., str]) -> None:
    code = received()
    clerk_reader.get(f"/ho-so/{code}/bieu-mau/phieu-kiem-soat.pdf")
    assert clerk_reader.answer.mimetype == "application/pdf"
    first = clerk_reader.answer.data
    clerk_reader.get(f"/ho-so/{code}")
    link = clerk_reader.soup.select_one('#papers ~ ul a[href*="/van-ban/"], a[href*="/van-ban/"]')
    assert link is not None
    clerk_reader.get(str(link["href"]))
    assert clerk_reader.answer.data == first
    clerk_reader.get(f"/ho-so/{code}/bieu-mau/khong-co.pdf", status=404)
    clerk_reader.get(f"/ho-so/{code}")
    clerk_reader.post("/ho-so/in-nhieu/giay-tiep-nhan.pdf", {"codes": [code]}, status=200)
    assert clerk_reader.answer.data.startswith(b"%PDF")


PAGES = (
    "/ban-giao",
    "/ban-giao/ket-qua",
    "/ban-giao/danh-sach",
    "/thu-tuc/1/phien-ban/1/quy-trinh",
    "/thiet-lap/van-ban-mau",
    "/thiet-lap/van-ban-mau/2018/03",
    "/thiet-lap/ky-thay",
)


def test_the_pages_are_whole_for_those_who_read_and_those_who_change(
    signed_in: Callable[[str], Reader], received: Callable[..., str]
) -> None:
    received()
    for name in ("admin", "supervisor"):
        reader = signed_in(name)
        for page in PAGES:
            reader.get(page)
    signed_in("supervisor").get("/ban-giao/vang-mat")
    signed_in("auditor").get("/thiet-lap/ky-thay")


def test_a_list_is_handed_over_and_printed(clerk_reader: Reader, received: Callable[..., str]) -> None:
    code = received()
    clerk_reader.get("/ban-giao")
    assert clerk_reader.soup.select_one("form[data-main] [data-row]"), "Ctrl+Enter and j find their way"
    box = clerk_reader.soup.select_one(f'input[name="codes"][value="{code}"]')
    assert box is not None
    assert box.has_attr("checked")
    assert clerk_reader.soup.select_one("table.stacked td[data-of='Hẹn trả']"), "read in rows on a telephone"
    clerk_reader.post("/ban-giao", {}, status=422)
    assert "Đánh dấu ít nhất một hồ sơ" in clerk_reader.soup.get_text()
    clerk_reader.post("/ban-giao", {"codes": code, "note": "Đủ"})
    clerk_reader.follow()
    assert clerk_reader.text("h1") == "Bàn giao hồ sơ số 01/2024"
    clerk_reader.get("/ban-giao/danh-sach/1.pdf")
    assert clerk_reader.answer.mimetype == "application/pdf"
    clerk_reader.get("/ban-giao")
    assert "Không có hồ sơ nào chờ chuyển" in clerk_reader.soup.get_text()


def test_work_goes_over_after_a_look_at_it(
    supervisor_reader: Reader, received: Callable[..., str], officer: Any, supervisor: Any
) -> None:
    code = received(officer_id=officer.account_id)
    supervisor_reader.get("/ban-giao/vang-mat")
    data = {
        "from_id": str(officer.account_id),
        "to_id": str(supervisor.account_id),
        "reason": "Nghỉ phép",
        "step": "look",
    }
    supervisor_reader.post("/ban-giao/vang-mat", data, status=200)
    assert code in supervisor_reader.rows()[0][0]
    assert "Bàn giao 1 hồ sơ" in supervisor_reader.soup.get_text()
    seen = supervisor_reader.soup.select_one('input[name="seen"]')
    assert seen is not None
    supervisor_reader.post("/ban-giao/vang-mat", {**data, "step": "save", "seen": "khac"}, status=422)
    assert "vừa được người khác cập nhật" in supervisor_reader.soup.get_text()
    supervisor_reader.post("/ban-giao/vang-mat", {**data, "step": "save", "seen": seen["value"]})
    assert "Đã bàn giao 1 hồ sơ." in supervisor_reader.follow().get_text()


def test_a_workflow_and_a_letter_are_entered(signed_in: Callable[[str], Reader]) -> None:
    admin = signed_in("admin")
    address = "/thu-tuc/1/phien-ban/1/quy-trinh"
    admin.get(address)
    seen = admin.soup.select_one('input[name="seen"]')
    assert seen is not None
    rows = {"seen": seen["value"]}
    for at, (name, role, amount) in enumerate((("Nhận", "clerk", "1"), ("Làm", "officer", ""))):
        rows |= {
            f"steps-{at}-name": name,
            f"steps-{at}-role": role,
            f"steps-{at}-amount": amount,
            f"steps-{at}-unit": "day",
        }
    admin.post(address, rows, status=422)
    assert admin.named_errors() == ["#steps-1-amount"]
    admin.post(address, {**rows, "steps-1-amount": "5"})
    assert "Đã lưu quy trình 2 bước." in admin.follow().get_text()
    address = "/thiet-lap/van-ban-mau/2025/stop"
    admin.get(address)
    body = "Dừng hồ sơ {ma_ho_so} vì {ly_do}."
    admin.post(address, {"body": body, "seen": "0", "step": "look"}, status=200)
    assert "000.00.99.H54-260105-0001 vì bản vẽ" in admin.text('section[aria-labelledby="preview"]')
    data = {"seen": "0", "step": "save", "valid_from": "14/06/2024", "reason": "Theo mẫu"}
    admin.post(address, {**data, "body": "Dừng {gi_do}: {ly_do}"}, status=422)
    assert admin.named_errors() == ["#body"]
    admin.post(address, {**data, "body": body})
    assert "Đã lưu bản 1 của văn bản mẫu." in admin.follow().get_text()


def test_a_supervisor_delegates_and_takes_it_back(
    supervisor_reader: Reader, officer: Any, supervisor: Any
) -> None:
    address = "/thiet-lap/ky-thay"
    supervisor_reader.get(address)
    data = {
        "from_id": str(supervisor.account_id),
        "to_id": str(officer.account_id),
        "valid_from": "14/06/2024",
        "valid_to": "20/06/2024",
        "capacity": "authorised",
        "title": "Trưởng phòng",
        "decision": "12/GUQ-BQL",
        "decision_on": "13/06/2024",
    }
    supervisor_reader.post(address, {**data, "title": "", "capacity": ""}, status=422)
    assert supervisor_reader.named_errors() == ["#capacity", "#title"]
    supervisor_reader.post(address, {**data, "decision_on": ""}, status=422)
    assert supervisor_reader.named_errors() == ["#decision_on"]
    supervisor_reader.post(address, data)
    listed = " ".join(supervisor_reader.follow().get_text().split())
    assert "đang áp dụng" in listed
    assert "12/GUQ-BQL, ngày 13/06/2024" in listed
    assert "TUQ. Trưởng phòng" in listed
    supervisor_reader.post("/thiet-lap/ky-thay/1/thu-hoi")
    assert "đã thu hồi ngày 14/06/2024" in supervisor_reader.follow().get_text()
