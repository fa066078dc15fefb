"""Signing in and out, and what a session survives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tthc.domain.permissions import Actor
from tthc.services import accounts


def test_signing_in_leads_to_the_page_that_was_asked_for(reader: Any, password: str) -> None:
    reader.get("/ho-so?bucket=overdue", 302)
    reader.follow()
    assert "Đăng nhập để tiếp tục." in reader.text(".notice")
    target = reader.soup.select_one('input[name="next"]')["value"]
    reader.post("/dang-nhap", {"name": "clerk", "password": password, "next": target})
    assert reader.answer.headers["Location"] == "/ho-so?bucket=overdue"


@pytest.mark.parametrize(
    "target",
    [
        "https://xau.example/",
        "//xau.example",
        "/\\xau.example",
        "\\\\xau.example",
        "javascript:alert(1)",
        "/\t/xau.example",
        "/ho-so\r\nSet-Cookie: a=b",
        "ho-so",
        "",
    ],
)
def test_no_target_leads_to_another_site(reader: Any, password: str, target: str) -> None:
    reader.get("/dang-nhap")
    reader.post("/dang-nhap", {"name": "clerk", "password": password, "next": target})
    assert reader.answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_sound_alike(reader: Any) -> None:
    reader.get("/dang-nhap")
    heard = set()
    for name in ("clerk", "ai-do"):
        reader.post("/dang-nhap", {"name": name, "password": "sai-mat-khau-roi"}, 422)
        heard.add(reader.text(".summary li"))
        assert reader.soup.select_one("#name")["value"] == name
        assert not reader.soup.select_one("#password").get("value")
    assert heard == {"Tên đăng nhập hoặc mật khẩu không đúng."}


def test_an_empty_form_says_what_to_type(reader: Any) -> None:
    reader.get("/dang-nhap")
    reader.post("/dang-nhap", {"name": "", "password": ""}, 422)
    assert [one.get_text(strip=True) for one in reader.soup.select(".summary li")] == [
        "Nhập tên đăng nhập.",
        "Nhập mật khẩu.",
    ]
    assert [one["href"] for one in reader.soup.select(".summary a")] == ["#name", "#password"]
    assert reader.soup.select_one("#name")["aria-invalid"] == "true"


def test_five_failures_lock_the_account(reader: Any, password: str) -> None:
    reader.get("/dang-nhap")
    for _ in range(5):
        reader.post("/dang-nhap", {"name": "clerk", "password": "sai-mat-khau-roi"}, 422)
    reader.post("/dang-nhap", {"name": "clerk", "password": password}, 422)
    assert "tạm khóa 15 phút" in reader.text(".summary li")


def test_signing_in_begins_a_new_session(reader: Any, password: str) -> None:
    with reader.client.session_transaction() as session:
        session["planted"] = "yes"
    reader.sign_in("clerk", password)
    with reader.client.session_transaction() as session:
        assert "planted" not in session


def test_signing_out_ends_the_session(clerk_reader: Any) -> None:
    clerk_reader.post("/dang-xuat")
    clerk_reader.follow()
    assert "Đã đăng xuất." in clerk_reader.text(".notice")
    clerk_reader.get("/", 302)


def test_changing_the_password_ends_the_other_sessions(
    signed_in: Callable[[str], Any], password: str
) -> None:
    here, there = signed_in("clerk"), signed_in("clerk")
    here.get("/doi-mat-khau")
    new = "mat-khau-moi-cua-lan"
    here.post("/doi-mat-khau", {"current": password, "new": new, "again": new})
    here.follow()
    assert "Đã đổi mật khẩu." in here.text(".notice")
    there.get("/", 302)
    assert there.answer.headers["Location"].startswith("/dang-nhap")


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"current": "sai-hoan-toan"}, "#current", "Mật khẩu hiện tại không đúng."),
        ({"again": "khac-han-di"}, "#again", "Hai lần nhập mật khẩu mới không giống nhau; nhập lại."),
        ({"new": "ngan", "again": "ngan"}, "#new", "Mật khẩu phải có ít nhất 10 ký tự."),
        ({"new": ""}, "#new", "Nhập mật khẩu mới."),
    ],
)
def test_a_password_that_cannot_be_taken(
    clerk_reader: Any, password: str, change: dict[str, str], field: str, sentence: str
) -> None:
    clerk_reader.get("/doi-mat-khau")
    form = {"current": password, "new": "mat-khau-moi-cua-lan", "again": "mat-khau-moi-cua-lan", **change}
    clerk_reader.post("/doi-mat-khau", form, 422)
    errors = {one["href"]: one.get_text(strip=True) for one in clerk_reader.soup.select(".summary a")}
    assert errors[field] == sentence


def test_a_one_time_password_opens_only_the_change_of_it(
    app: Flask, reader: Any, admin: Actor, now: Any
) -> None:
    with app.app_context():
        accounts.set_password(
            app.extensions["sqlalchemy"].session,
            now=now,
            actor=admin,
            name="officer",
            password="mot-lan-thoi-nhe",
            must_change=True,
        )
    reader.get("/dang-nhap")
    reader.post("/dang-nhap", {"name": "officer", "password": "mot-lan-thoi-nhe", "next": "/ho-so"})
    assert reader.answer.headers["Location"] == "/doi-mat-khau"
    reader.get("/ho-so", 302)
    assert reader.answer.headers["Location"] == "/doi-mat-khau"
    reader.get("/doi-mat-khau")
    assert "chỉ dùng một lần" in reader.text("main")
    new = "mat-khau-rieng-cua-toi"
    reader.post("/doi-mat-khau", {"current": "mot-lan-thoi-nhe", "new": new, "again": new})
    reader.get("/ho-so")


def test_a_session_of_a_closed_account_is_over(app: Flask, clerk_reader: Any, in_session: Any) -> None:
    from sqlalchemy import text

    def close(session: Any) -> None:
        session.execute(text("UPDATE account SET active = 0 WHERE name = 'clerk'"))
        session.commit()

    in_session(close)
    clerk_reader.get("/", 302)


@pytest.mark.parametrize("account_id", ["", "abc", "-1", "99999999999999999999", "١", None])
def test_a_session_with_a_senseless_account_is_nobody(reader: Any, account_id: str | None) -> None:
    with reader.client.session_transaction() as session:
        session["_user_id"] = account_id
        session["_fresh"] = True
    reader.get("/", 302)
