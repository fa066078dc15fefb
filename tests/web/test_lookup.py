"""The public page: small, without sign-in, without script, and it tells nothing about anybody."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tthc.domain.vocabulary import ApplicantKind
from tthc.services.applicants import ApplicantInput
from tthc.services.lookup import PER_CODE

#: Bytes of the page with everything that it loads.
LIGHT = 50 * 1024


@pytest.fixture
def visitor(app: Flask, signed_in: Any) -> Any:
    """A reader who never signed in."""
    reader = signed_in("clerk")
    reader.post("/dang-xuat")
    return reader


def test_a_receipt_is_enough_to_see_where_it_stands(visitor: Any, received: Any) -> None:
    firm = ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 900", phone="0912000900", address="Lô 1")
    code = received(37, applicant=firm)
    page = visitor.get("/tra-cuu")
    assert [one["type"] for one in page.select("link, script") if one.get("type")] == ["image/svg+xml"]
    visitor.post("/tra-cuu", {"code": code, "digits": "0900"}, 200)
    assert visitor.text("#answer") == "Được tiếp nhận"
    told = visitor.soup.get_text(" ")
    assert "Thứ" in told
    for private in ("Doanh nghiệp 900", "0912000900", "Lô 1", "Cán bộ"):
        assert private not in told, private
    visitor.post("/tra-cuu", {"code": code, "digits": "0901"}, 422)
    assert visitor.soup.select_one("#answer") is None
    assert "Không có hồ sơ nào khớp" in visitor.text(".summary")
    visitor.post("/tra-cuu", {"code": " ", "digits": "01"}, 422)
    assert visitor.named_errors() == ["#code", "#digits"]
    for _ in range(PER_CODE - 1):
        visitor.post("/tra-cuu", {"code": code, "digits": "0901"}, 422)
    visitor.post("/tra-cuu", {"code": code, "digits": "0900"}, 429)
    assert "sau 60 phút" in visitor.text(".summary")
    assert visitor.soup.select_one("#code")["value"] == code


def test_the_page_is_light(visitor: Any, received: Any) -> None:
    page = visitor.get("/tra-cuu?code=TN-240614-0004")
    assert page.select_one("#code")["value"] == "TN-240614-0004", "as the QR code of form 02 brings it"
    assert not page.select("script")
    size = len(visitor.answer.data)
    for link in page.select("link[href]"):
        with visitor.client.get(link["href"]) as file:
            size += len(file.data)
    assert size < LIGHT


def test_a_token_that_leads_nowhere(visitor: Any) -> None:
    visitor.get("/tra-cuu/khong-co", 404)
    assert "không dẫn tới hồ sơ nào" in visitor.text(".summary")
    visitor.get("/tra-cuu?token=x")
