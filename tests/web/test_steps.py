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
    assert "Thẩm định" in clerk.rows()[0][3]
    assert officer.name in clerk.rows()[0][3]
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
