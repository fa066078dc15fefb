"""Senseless input on the pages of the catalogue, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import Reader
from tests.web.test_catalogue_versions import NEW, typed

NONSENSE = ["\x00", "a\x00b", "9" * 40, "-1", "<script>", "a" * 5000, "01/01/0001", "31/12/9999", "😀", "%"]
REMOVAL = "/thu-tuc/37/phien-ban/37/bo"
QUERIES = {
    "/thu-tuc": "q sector_id mark page",
    "/thu-tuc/cat-giam": "page",
    "/thu-tuc/37": "ngay",
    "/thu-tuc/37/phien-ban": "tu den page",
    "/thu-tuc/37/phien-ban/37": "page",
    NEW: "tu",
    "/thu-tuc/nguong-bao": "page",
}


@pytest.fixture
def bare(app_on_both: Flask, password: str) -> Iterator[Any]:
    """An administrator's client, whose forms need no token; the test runs on both databases."""
    app_on_both.config["WTF_CSRF_ENABLED"] = False
    with app_on_both.test_client() as client:
        assert client.post("/dang-nhap", data={"name": "admin", "password": password}).status_code == 302
        yield client


def test_nonsense_is_refused_and_breaks_nothing(bare: Any) -> None:
    reader = Reader(bare)
    sound = {}
    for address in (NEW, "/thu-tuc/them", "/thu-tuc/33/tinh-trang", "/thu-tuc/nguong-bao"):
        reader.get(address)
        sound[address] = typed(reader, valid_from="01/07/2024", reason="Thử", decision="1/QĐ")
    sound[REMOVAL] = {"seen": "1", "reason": "Thử"}
    for address, form in sound.items():
        # Some of sixty numbers that are treated alike are enough.
        for name in [name for name in form if not name.startswith(("days-1", "days-2", "seen-"))]:
            for text in NONSENSE[1:3]:
                answer = bare.post(address, data={**form, name: text, "step": "check"})
                assert answer.status_code in {200, 302, 422}, (address, name, text)
        for text in NONSENSE:
            everything = dict.fromkeys(form, text)
            for button in ({"step": "publish"}, {"add": text}, {"drop": text}, {"add": "cases"}):
                answer = bare.post(address, data={**everything, **button})
                assert answer.status_code in {200, 422}, (address, text, button)


def test_senseless_addresses_are_answered(bare: Any) -> None:
    for path, names in QUERIES.items():
        for name in names.split():
            for text in NONSENSE:
                answer = bare.get(path, query_string={name: text})
                assert answer.status_code in {200, 404}, (path, name, text)
    for part in ("0", "99999999999", "x", "-1"):
        for path in (
            f"/thu-tuc/{part}/phien-ban",
            f"/thu-tuc/37/phien-ban/{part}",
            f"/thu-tuc/{part}/tinh-trang",
        ):
            assert bare.get(path).status_code == 404, path
