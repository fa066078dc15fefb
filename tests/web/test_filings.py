"""Filings that wait: accept or refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_filing_is_accepted_and_becomes_a_dossier(clerk_reader: Any, filed: Any) -> None:
    number = filed(37)
    clerk_reader.get(f"/cho-tiep-nhan/{number}")
    assert "Thứ Sáu, 21/06/2024" in clerk_reader.text(".card-due")
    clerk_reader.post(f"/cho-tiep-nhan/{number}/tiep-nhan")
    clerk_reader.follow()
    assert clerk_reader.text(".headline dd") == "Được tiếp nhận"
    assert clerk_reader.soup.select_one(".notice a[autofocus]") is not None
    code = clerk_reader.text("h1")
    clerk_reader.get(f"/cho-tiep-nhan/{number}")
    assert clerk_reader.soup.select_one(f'a[href="/ho-so/{code}"]') is not None
    assert not clerk_reader.soup.select("main form")


def test_an_unverified_limit_is_confirmed_first(clerk_reader: Any, filed: Any) -> None:
    number = filed(20)
    clerk_reader.get(f"/cho-tiep-nhan/{number}")
    clerk_reader.post(f"/cho-tiep-nhan/{number}/tiep-nhan", status=422)
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#confirm_unverified"
    clerk_reader.post(f"/cho-tiep-nhan/{number}/tiep-nhan", {"confirm_unverified": "y"})


def test_a_refusal_keeps_number_and_reason(clerk_reader: Any, filed: Any) -> None:
    number = filed(37)
    clerk_reader.get(f"/cho-tiep-nhan/{number}")
    name = clerk_reader.text("h1")
    clerk_reader.post(f"/cho-tiep-nhan/{number}/khong-tiep-nhan", {"reason": " "}, 422)
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#reason"
    clerk_reader.post(f"/cho-tiep-nhan/{number}/khong-tiep-nhan", {"reason": "Sai thẩm quyền"})
    clerk_reader.follow()
    assert clerk_reader.text("h1") == name
    assert "Sai thẩm quyền" in clerk_reader.text(".facts")
    clerk_reader.get("/cho-tiep-nhan")
    assert clerk_reader.rows() == []
    clerk_reader.get("/cho-tiep-nhan?state=refused")
    assert len(clerk_reader.rows()) == 1


def test_what_was_decided_is_not_decided_again(signed_in: Callable[[str], Any], filed: Any) -> None:
    number = filed(37)
    first, second = signed_in("clerk"), signed_in("clerk2")
    for reader in (first, second):
        reader.get(f"/cho-tiep-nhan/{number}")
    first.post(f"/cho-tiep-nhan/{number}/tiep-nhan")
    second.post(f"/cho-tiep-nhan/{number}/khong-tiep-nhan", {"reason": "Chậm một bước"}, 422)
    assert "đã được xử lý" in second.text(".summary")


def test_an_officer_reads_and_decides_nothing(signed_in: Callable[[str], Any], filed: Any) -> None:
    number = filed(37)
    officer = signed_in("officer")
    officer.get(f"/cho-tiep-nhan/{number}")
    assert not officer.soup.select("main form")


def test_a_senseless_state_or_number(clerk_reader: Any) -> None:
    clerk_reader.get("/cho-tiep-nhan?state=xyz", 422)
    for number in ("0", "99999999999999999999", "abc", "-1"):
        clerk_reader.get(f"/cho-tiep-nhan/{number}", 404)


def test_a_filing_is_asked_for_more_and_refused_with_its_papers(clerk_reader: Any, filed: Any) -> None:
    number = filed(37)
    address = f"/cho-tiep-nhan/{number}"
    clerk_reader.get("/cho-tiep-nhan")
    assert clerk_reader.rows()[0][5] == "● còn 08 giờ làm việc 17/06/2024 10:00"
    clerk_reader.get(address)
    clerk_reader.post(f"{address}/yeu-cau-bo-sung", {"missing": " "}, 422)
    assert clerk_reader.named_errors() == ["#missing", "#why"]
    clerk_reader.post(f"{address}/yeu-cau-bo-sung", {"missing": "Bản vẽ", "why": "Thiếu"})
    clerk_reader.follow()
    assert "chờ bổ sung" in clerk_reader.text(".head")
    for name in ("phieu-bo-sung", "phieu-tu-choi"):
        clerk_reader.get(f"{address}/{name}.pdf", 200 if name == "phieu-bo-sung" else 404)
        clerk_reader.get(address)
    clerk_reader.post(f"{address}/nhan-bo-sung")
    clerk_reader.post(f"{address}/nhan-bo-sung", status=422)
    assert "không chờ bổ sung" in clerk_reader.text(".summary")
    clerk_reader.post(f"{address}/khong-tiep-nhan", {"reason": "Sai thẩm quyền"})
    clerk_reader.follow()
    links = [one["href"] for one in clerk_reader.soup.select(".head-tools a")]
    assert links == [f"{address}/phieu-bo-sung.pdf", f"{address}/phieu-tu-choi.pdf"]
    clerk_reader.get(links[1])
    assert clerk_reader.answer.data.startswith(b"%PDF-")
