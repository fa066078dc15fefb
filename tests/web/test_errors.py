"""Refusals and breakdowns: a sentence in Vietnamese, and nothing typed is lost."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

SAME_SITE = {"Origin": "http://localhost"}
TYPED = {
    "step": "receive",
    "procedure_id": "37",
    "channel": "counter",
    "applicant_kind": "enterprise",
    "applicant_name": "Công ty gõ dở",
}


def _kept(reader: Any, prefix: str = "") -> dict[str, str]:
    return {
        one["name"].removeprefix(prefix): one["value"]
        for one in reader.soup.select("main form input[type=hidden]")
        if one["name"].startswith(prefix) and one["name"] != "csrf_token"
    }


def test_a_page_that_is_not_there(clerk_reader: Any, reader: Any) -> None:
    clerk_reader.get("/khong-co", 404)
    assert clerk_reader.text("h1") == "Không tìm thấy trang"
    assert clerk_reader.soup.select_one(".side") is not None
    reader.get("/khong-co", 404)
    assert reader.soup.select_one(".side") is None


def test_a_page_that_takes_no_reading(clerk_reader: Any) -> None:
    clerk_reader.get("/dang-xuat", 405)


def test_a_breakdown_says_that_nothing_was_saved(app: Flask, signed_in: Any, caplog: Any) -> None:
    from tthc.web import guards

    @app.get("/hong")
    @guards.public
    def broken() -> str:
        raise RuntimeError("secret detail")

    reader = signed_in("clerk")
    app.testing = False
    reader.get("/hong", 500)
    assert reader.text("h1") == "Hệ thống gặp lỗi"
    assert "secret detail" not in reader.answer.text
    assert "secret detail" in caplog.text


def test_an_expired_token_keeps_the_input_for_the_next_try(clerk_reader: Any) -> None:
    clerk_reader.get("/ho-so/tiep-nhan")
    answer = clerk_reader.client.post(
        "/ho-so/tiep-nhan", data={**TYPED, "csrf_token": "cũ"}, headers=SAME_SITE
    )
    assert answer.status_code == 400
    clerk_reader.soup = BeautifulSoup(answer.text, "html5lib")
    assert clerk_reader.text("h1") == "Phiên làm việc đã hết hạn"
    assert _kept(clerk_reader) == TYPED
    clerk_reader.post("/ho-so/tiep-nhan", _kept(clerk_reader))
    clerk_reader.follow()
    assert "Công ty gõ dở" in clerk_reader.text("main")


def test_an_expired_session_keeps_the_input_across_the_sign_in(reader: Any, password: str) -> None:
    reader.get("/dang-nhap")
    answer = reader.client.post("/ho-so/tiep-nhan", data=TYPED, headers=SAME_SITE)
    assert answer.status_code == 400
    reader.soup = BeautifulSoup(answer.text, "html5lib")
    kept = _kept(reader, "kept:")
    assert TYPED.items() <= kept.items()
    form = {f"kept:{name}": text for name, text in TYPED.items()}
    reader.post(
        "/dang-nhap",
        {"name": "clerk", "password": "sai-mat-khau-roi", "next": "/ho-so/tiep-nhan", **form},
        422,
    )
    assert TYPED.items() <= _kept(reader, "kept:").items()
    reader.post(
        "/dang-nhap", {"name": "clerk", "password": password, "next": "/ho-so/tiep-nhan", **form}, 200
    )
    assert reader.text("main button") == "Gửi lại"
    reader.post("/ho-so/tiep-nhan", _kept(reader))
    reader.follow()
    assert "Công ty gõ dở" in reader.text("main")


@pytest.mark.parametrize(
    "origin", [{"Origin": "https://xau.example"}, {"Referer": "https://xau.example/a"}, {}]
)
def test_what_another_site_sends_is_never_offered_again(clerk_reader: Any, origin: dict[str, str]) -> None:
    answer = clerk_reader.client.post("/ho-so/tiep-nhan", data=TYPED, headers=origin)
    assert answer.status_code == 400
    assert "Công ty gõ dở" not in answer.text


def test_passwords_are_never_sent_back(clerk_reader: Any) -> None:
    data = {"current": "bi-mat-cu", "new": "bi-mat-moi", "again": "bi-mat-moi"}
    answer = clerk_reader.client.post("/doi-mat-khau", data=data, headers=SAME_SITE)
    assert answer.status_code == 400
    assert "bi-mat" not in answer.text


def test_htmx_gets_a_sentence_and_no_page(clerk_reader: Any) -> None:
    answer = clerk_reader.client.post(
        "/ho-so/tiep-nhan/xem-truoc", data=TYPED, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 400
    assert "Phiên làm việc đã hết hạn" in answer.text
    assert "<html" not in answer.text


def test_too_large_a_file(app: Flask, signed_in: Any) -> None:
    reader = signed_in("reporter")
    reader.get("/so-ho-so")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = reader.client.post(
        "/so-ho-so/kiem-tra", data={"file": (BytesIO(b"x" * 5000), "so.csv"), "csrf_token": reader.token()}
    )
    assert answer.status_code == 413
