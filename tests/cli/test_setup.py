"""``tthc init`` and ``tthc user``: set up once, then never again."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from tests.processes import Done, Office


def test_init_prints_the_first_password_once(bare_office: Office) -> None:
    first = bare_office.tthc("init", "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json["created"] is True
    assert first.json["administrator"] == "admin"
    assert len(first.json["password"]) >= 12
    second = bare_office.tthc("init", "--json")
    assert second.json == {"created": False, "administrator": None, "password": None}


def test_init_speaks_to_people(bare_office: Office) -> None:
    out = bare_office.tthc("init").out
    assert "Tài khoản quản trị đầu tiên: admin mật khẩu dùng một lần: " in out
    assert bare_office.tthc("init").out == "Cơ sở dữ liệu đã sẵn sàng; không có gì thay đổi.\n"


def test_init_on_a_database_that_is_there_already(empty_url: str, bare_office: Office) -> None:
    bare_office.url = empty_url
    assert bare_office.tthc("init", "--json").json["created"] is True
    assert bare_office.tthc("init", "--json").json["created"] is False
    assert bare_office.tthc("jobs", "once", "--json").code == 0


def test_of_two_at_once_one_creates_and_both_are_well(bare_office: Office) -> None:
    done: list[Done] = []
    threads = [
        threading.Thread(target=lambda: done.append(bare_office.tthc("init", "--json"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.code for one in done] == [0, 0, 0]
    assert sorted(one.json["created"] for one in done) == [False, False, True]
    assert len([one for one in done if one.json["password"]]) == 1


@pytest.mark.parametrize("revision", ["ffffffffffff"])
def test_a_database_newer_than_the_program_is_left_alone(office: Office, revision: str) -> None:
    assert office.url is not None
    with sqlite3.connect(office.url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()
    for command in (("init",), ("jobs", "once")):
        done = office.tthc(*command, "--json")
        assert done.code == 1
        assert "mới hơn" in done.json["error"]["message"]


def test_an_account_is_added_with_the_password_of_the_pipe(office_on_both: Office) -> None:
    arguments = (
        "user",
        "add",
        "thu.ha",
        "--role",
        "reporter",
        "--full-name",
        "Thu Hà",
        "--password-stdin",
        "--json",
    )
    done = office_on_both.tthc(*arguments, stdin="mật khẩu đủ dài\n")
    assert (done.code, done.json) == (0, {"name": "thu.ha", "role": "reporter", "created": True})
    again = office_on_both.tthc(*arguments, stdin="mật khẩu đủ dài\n")
    assert (again.code, again.json["error"]["field"]) == (2, "name")


def test_the_address_of_an_account_is_set(office: Office) -> None:
    said = office.tthc("user", "email", "officer", "canbo@vidu.vn")
    assert (said.code, said.out) == (0, "Đã đặt địa chỉ thư của officer.\n")


def test_a_password_is_reset(office: Office) -> None:
    done = office.tthc(
        "user", "password", "clerk", "--password-stdin", "--json", stdin="mot-mat-khau-moi\r\n"
    )
    assert (done.code, done.json) == (0, {"name": "clerk", "changed": True})


@pytest.mark.parametrize(
    ("arguments", "stdin", "field"),
    [
        (("user", "password", "khong-co", "--password-stdin"), b"mot-mat-khau-moi", "name"),
        (("user", "password", "clerk", "--password-stdin"), b"ngan\n", "password"),
        (("user", "password", "clerk", "--password-stdin"), b"", "password"),
        (("user", "password", "clerk", "--password-stdin"), b"\xff\xfe\xfd-not-utf-8", "password"),
        (("user", "password", "clerk"), b"mot-mat-khau-moi", "password-stdin"),
        (
            ("user", "add", "ten co dau cach", "--role", "clerk", "--password-stdin"),
            b"mot-mat-khau-moi",
            "name",
        ),
        (("user", "add", "moi", "--role", "boss", "--password-stdin"), b"mot-mat-khau-moi", "role"),
    ],
)
def test_refusals(office: Office, arguments: tuple[str, ...], stdin: bytes, field: str) -> None:
    done = office.tthc(*arguments, "--json", stdin=stdin)
    assert (done.code, done.json["error"]["field"]) == (2, field)
