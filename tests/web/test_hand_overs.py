"""The pages of the return desk: found, handed over, printed, reminded, corrected."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pypdf
import pytest

from tthc.domain.vocabulary import Outcome
from tthc.services import dossiers


@pytest.fixture
def ready(received: Any, done_to: Any) -> list[str]:
    """Two results of one applicant."""
    codes = [received(37), received(38)]
    for code in codes:
        done_to(code, 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    return codes


COUNTER = {"way": "counter", "receiver": "applicant", "name": "Người nhận 01", "identity_checked": "y"}
COUNTER |= {"receipt": "none"}


def test_a_result_is_found_handed_over_with_another_and_signed_for(
    clerk_reader: Any, ready: list[str], signed_in: Any, received: Any
) -> None:
    reader, (code, second) = clerk_reader, ready
    assert "Kết quả chưa nhận 2" in reader.text(".counts")
    reader.get("/tra-ket-qua?q=0912345678")
    assert [row[3] for row in reader.rows()] == [code, second]
    assert reader.rows()[0][5].startswith("0912345678")
    pending = received(41)
    reader.get("/tra-ket-qua?q=duong+do")
    assert pending in reader.text("#others ~ ul"), "what has no result yet is told apart"
    reader.answer = reader.client.get(f"/tra-ket-qua?q={code.lower()}")
    assert reader.answer.headers["Location"] == f"/tra-ket-qua/{code}"
    page = reader.follow()
    version = page.select_one("[name=version]")["value"]
    mark = page.select_one("[name=marks]")["value"]
    assert mark.endswith(second)

    address = f"/tra-ket-qua/{code}"
    typed = {**COUNTER, "version": version, "marks": mark}
    reader.post(address, {**typed, "identity_checked": "", "occurred_at": "mai"}, 422)
    assert reader.named_errors() == ["#occurred_at"]
    reader.post(address, {**typed, "receiver": "authorised", "name": "Người khác"}, 422)
    assert reader.named_errors() == ["#id_number", "#paper_kind", "#paper_no", "#paper_on"]
    assert reader.soup.select_one("[name=marks]").has_attr("checked"), "what was ticked stays ticked"
    assert reader.soup.select_one("#name")["value"] == "Người khác"
    reader.post(address, typed)
    done = reader.follow()
    assert reader.text("h1") == "Đã trả kết quả 2 hồ sơ"
    codes = [one["value"] for one in done.select("[name=codes]")]
    reader.post("/ho-so/in-nhieu/phieu-tra-ket-qua.pdf", {"codes": codes}, status=200)
    pages = pypdf.PdfReader(io.BytesIO(reader.answer.data)).pages
    assert ["Người nhận 01" in one.extract_text() for one in pages] == [True, True]

    reader.get(address)
    reader.get(reader.soup.select_one('a[href$="dinh-chinh"]')["href"])
    assert reader.soup.select_one("#name")["value"] == "Người nhận 01"
    entry = {**COUNTER, "version": reader.soup.select_one("[name=version]")["value"], "name": "Người nhận 02"}
    reader.post(f"{address}/dinh-chinh", entry, 422)
    assert reader.named_errors() == ["#reason"]
    reader.post(f"{address}/dinh-chinh", {**entry, "reason": "Ghi nhầm tên"})
    reader.follow()
    assert "Người nhận 02" in reader.text("#handed ~ dl")
    # The public look-up goes on telling the state and nothing of anybody.
    reader.get("/tra-cuu")
    reader.post("/tra-cuu", {"code": code, "digits": "5678"}, 200)
    assert "Đã trả kết quả" in reader.text("main")
    assert "Người nhận" not in reader.text("main")
    auditor = signed_in("auditor")
    auditor.get(address)
    assert "Người nhận 02" in auditor.text("#handed ~ dl")
    assert not auditor.soup.select("a[href$=dinh-chinh]")
    auditor.post(address, typed, status=403)


def test_marked_results_are_posted_each_under_its_number(clerk_reader: Any, ready: list[str]) -> None:
    reader = clerk_reader
    reader.get("/tra-ket-qua")
    marks = [box["value"] for box in reader.soup.select("input[name=marks]")]
    sent = {"marks": marks, "back": "/tra-ket-qua?only_due="}
    reader.post("/ho-so/nhieu/tra-ket-qua", sent, status=200)
    assert reader.soup.select_one("#name")["value"] == "", "a firm sends somebody"
    assert reader.soup.select_one(".head-tools a")["href"] == "/tra-ket-qua?only_due="
    post = {**sent, "step": "save", "way": "post", "name": "", "carrier": "Bưu điện tỉnh"}
    numbers = {f"tracking-{ready[0]}": "ra123456789vn"}
    reader.post("/ho-so/nhieu/tra-ket-qua", {**post, **numbers}, status=422)
    assert reader.named_errors() == ["#tracking_no"]
    assert reader.soup.find(id=f"tracking-{ready[0]}")["value"] == "ra123456789vn"
    reader.post("/ho-so/nhieu/tra-ket-qua", {**post, **numbers, f"tracking-{ready[1]}": "RB123456789VN"})
    reader.follow()
    assert ["RA123456789VN" in row[2] for row in reader.rows()] == [True, False]


def test_an_item_that_comes_back_is_put_on_record_and_its_results_wait_again(
    clerk_reader: Any, ready: list[str], signed_in: Any
) -> None:
    reader, (code, second) = clerk_reader, ready
    page = reader.get(f"/tra-ket-qua/{code}")
    mark = page.select_one("[name=marks]")["value"]
    sent = {"way": "post", "carrier": "Bưu điện tỉnh", "tracking_no": "RA123456789VN", "marks": mark}
    reader.post(f"/tra-ket-qua/{code}", {**sent, "version": page.select_one("[name=version]")["value"]})
    reader.get("/tra-ket-qua?q=ra123456789vn")
    assert {code, second} <= set(reader.text("#others ~ ul").split()), "found by the number of the item"
    link = reader.get(f"/ho-so/{code}").select_one(".deeds a")
    assert link.get_text(" ", strip=True) == "Bưu gửi chuyển hoàn"
    address = link["href"]
    assert reader.get(f"/tra-ket-qua/{code}").select_one(f'a[href="{address}"]')

    page = reader.get(address)
    assert "RA123456789VN" in reader.text("#item ~ dl")
    box = page.select_one("[name=marks]")
    assert box["value"].endswith(second)
    assert box.has_attr("checked")
    typed = {"version": page.select_one("[name=version]")["value"], "note": "Phát hai lần"}
    reader.post(address, {**typed, "occurred_at": "mai"}, 422)
    assert reader.named_errors() == ["#reason", "#occurred_at"]
    reader.post(address, {**typed, "reason": "other", "note": "", "marks": box["value"]}, 422)
    assert reader.named_errors() == ["#note"]
    assert reader.soup.select_one("[name=marks]").has_attr("checked")
    reader.post(address, {**typed, "reason": "refused", "occurred_at": "14/06/2024 07:00"}, 422)
    assert reader.named_errors() == ["#occurred_at"]
    assert reader.soup.select_one("#note")["value"] == "Phát hai lần"
    signed_in("auditor").post(address, {**typed, "reason": "refused"}, status=403)
    typed |= {"reason": "refused", "marks": box["value"]}
    reader.post(address, typed)
    reader.follow()
    assert "số bưu gửi RA123456789VN" in reader.text(".notice-warning")
    assert "người nhận từ chối nhận; Phát hai lần" in reader.text(".notice-warning")
    assert reader.soup.select_one("form.giving [name=way]"), "it can be handed over again"
    # Sent again from the same page: somebody has been faster.
    reader.post(address, typed, 422)
    assert reader.named_errors() == []
    assert "không thực hiện được" in reader.text(".summary")
    reader.answer = reader.client.get(address)
    assert reader.answer.headers["Location"] == f"/tra-ket-qua/{code}"
    reader.get("/tra-ket-qua?q=ra123456789vn")
    assert ["chuyển hoàn 14/06/2024" in row[1] for row in reader.rows()] == [True, True]
    assert "Bưu gửi chuyển hoàn" in reader.get(f"/ho-so/{code}").select_one(".facts").get_text()
    assert "Lý do chuyển hoàn: Người nhận từ chối nhận" in reader.text("#events")
    # The public look-up says that the result waits, and nothing of why.
    reader.get("/tra-cuu")
    reader.post("/tra-cuu", {"code": code, "digits": "5678"}, 200)
    assert "Đã xử lý xong" in reader.text("main")
    assert "Ngày trả kết quả" not in reader.text("main")
    assert "chuyển hoàn" not in reader.text("main")


def test_a_reminder_is_put_on_record_and_the_list_is_exported(clerk_reader: Any, ready: list[str]) -> None:
    reader, code = clerk_reader, ready[0]
    reader.get(f"/tra-ket-qua/{code}")
    reminder = {"remind-way": "phone", "remind-note": "Hẹn thứ Hai", "remind-version": "0"}
    reader.post(f"/tra-ket-qua/{code}/nhac", {**reminder, "remind-way": "mail"}, 422)
    assert reader.named_errors() == ["#remind-way"]
    reader.post(f"/tra-ket-qua/{code}/nhac", reminder)
    reader.follow()
    assert f"Đã ghi nhắc nhận kết quả hồ sơ {code}." in reader.text("main")
    assert "Hẹn thứ Hai" in reader.rows()[0][6]
    reader.post(f"/tra-ket-qua/{code}/nhac", reminder, 422)
    assert "vừa được người khác cập nhật" in reader.text(".summary")
    answer = reader.client.get(f"/tra-ket-qua?q={code[-11:]}")
    assert answer.headers["Location"] == f"/tra-ket-qua/{code}", "one alone has these words"
    answer = reader.client.get(reader.get("/tra-ket-qua").select_one('a[href*="xlsx"]')["href"])
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [row[1] for row in sheet.iter_rows(values_only=True) if row[1] in ready] == ready
