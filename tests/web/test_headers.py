"""What every answer tells the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


@pytest.mark.parametrize(
    "path", ["/dang-nhap", "/healthz", "/ho-so", "/khong-co", "/static/css/tthc.css", "/static/khong-co.js"]
)
def test_nothing_from_elsewhere_and_nothing_inline(reader: Any, path: str) -> None:
    with reader.client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_and_files_are(clerk_reader: Any) -> None:
    assert clerk_reader.answer.headers["Cache-Control"] == "no-store"
    sheet = clerk_reader.soup.select_one('link[href*="tthc.css"]')["href"]
    with clerk_reader.client.get(sheet) as answer:
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_changed_file_gets_another_address(app: Flask, clerk_reader: Any) -> None:
    from tthc.web import headers

    path = Path(str(app.static_folder)) / "css" / "tthc.css"
    address = clerk_reader.soup.select_one('link[href*="tthc.css"]')["href"]
    assert address.endswith(f"?v={headers._fingerprint(path)}")


def test_every_file_that_a_page_names_is_there_and_ours(clerk_reader: Any) -> None:
    for page in ("/", "/ho-so/tiep-nhan", "/dang-nhap"):
        clerk_reader.get(page, 302 if page == "/dang-nhap" else 200)
        named = [
            one.get("href") or one.get("src") for one in clerk_reader.soup.select("link[href], script[src]")
        ]
        assert named
        for address in named:
            assert address.startswith("/static/")
            with clerk_reader.client.get(address) as answer:
                assert answer.status_code == 200


@pytest.mark.parametrize(
    ("base", "setting", "secure"),
    [
        ("http://localhost/", None, False),
        ("http://127.0.0.1:8000/", None, False),
        ("http://tthc.example/", None, True),
        ("https://tthc.example/", None, True),
        ("https://localhost/", None, True),
        ("http://tthc.example/", False, False),
        ("http://localhost/", True, True),
    ],
)
def test_the_cookie_travels_encrypted_but_on_this_machine(
    app: Flask, base: str, setting: bool | None, secure: bool
) -> None:
    app.config["SECURE_COOKIES"] = setting
    cookie = app.test_client().get("/dang-nhap", base_url=base).headers["Set-Cookie"]
    assert ("Secure" in cookie) == secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_open_network_is_warned_of(reader: Any) -> None:
    reader.get("/dang-nhap")
    assert reader.soup.select_one(".notice-warning") is None
    reader.get("/dang-nhap", base_url="http://tthc.example/")
    assert "không được mã hóa" in reader.text(".notice-warning")
    reader.get("/dang-nhap", base_url="https://tthc.example/")
    assert reader.soup.select_one(".notice-warning") is None
    assert "max-age" in reader.answer.headers["Strict-Transport-Security"]


def test_health_needs_no_account(reader: Any) -> None:
    answer = reader.client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"


def test_a_strange_host_is_refused_when_hosts_are_named(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    assert app.test_client().get("/dang-nhap").status_code == 200
    assert app.test_client().get("/dang-nhap", base_url="http://xau.example/").status_code == 400
