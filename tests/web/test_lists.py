"""The list of dossiers as somebody likes to see it: saved filters, columns, a file, and what paper says."""

from __future__ import annotations

import io
from typing import Any

import openpyxl


def test_a_filter_is_saved_found_again_and_changed(clerk_reader: Any, received: Any, signed_in: Any) -> None:
    reader = clerk_reader
    received(37)
    assert not reader.get("/ho-so").select(".saved")
    reader.get("/ho-so?channel=counter&q=duong+do&sort=-due&page=1&la=1")
    query = reader.soup.select_one("[name=query]")["value"]
    assert query == "q=duong+do&channel=counter&sort=-due"
    assert "Tìm: duong do; Kênh: Trực tiếp. In lúc 14/06/2024 09:30" in reader.text(".print-only")
    reader.post("/ho-so/bo-loc", {"query": query, "name": ""}, status=422)
    assert reader.named_errors() == ["#name"]
    saved = {"query": f"{query}&la=1", "name": "Đường Đỏ", "shared": "y"}
    reader.post("/ho-so/bo-loc", saved)
    assert reader.answer.headers["Location"] == f"/ho-so?{query}"
    reader.follow()
    assert reader.text('.saved a[aria-current="page"]') == "Đường Đỏ"
    assert not reader.soup.select(".saved details"), "it is saved already"
    officer = signed_in("officer")
    assert officer.get("/ho-so").select_one(".saved a").get_text() == "Đường Đỏ Cán bộ một cửa 01"
    assert not officer.get("/ho-so/bo-loc").select('form[action*="bo-loc"]')

    form = reader.get("/ho-so/bo-loc").select_one('form[action^="/ho-so/bo-loc/"]')
    typed = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    named = form.select_one("[type=text]")["name"]
    officer.post(form["action"], {**typed, named: "Của tôi", "csrf_token": officer.token()}, status=422)
    assert "Không tìm thấy bộ lọc" in officer.text(".summary")
    reader.post(form["action"], {**typed, named: " "}, status=422)
    assert reader.named_errors() == [f"#{named}"]
    reader.post(form["action"], {**typed, named: "Khác"})
    reader.post(form["action"], {**typed, named: "Khác nữa"}, status=422)
    assert "vừa được người khác cập nhật" in reader.text(".summary")
    fresh = reader.soup.select_one('form[action^="/ho-so/bo-loc/"] [name$=version]')
    reader.post(form["action"], {**typed, fresh["name"]: fresh["value"], "step": "delete"})
    reader.follow()
    assert "Chưa có bộ lọc nào" in reader.text("main")


def test_columns_are_chosen_without_a_script_and_the_file_follows(clerk_reader: Any, received: Any) -> None:
    reader, code = clerk_reader, received(37)
    reader.get("/ho-so/cot?q=duong+do")
    assert [row[1] for row in reader.rows()][:2] == ["Hạn", "Mã hồ sơ"]
    back = reader.soup.select_one("[name=back]")["value"]
    sent = {"back": back, "column": ["sector", "code"], "place-sector": "2", "place-code": "1"}
    reader.post("/ho-so/cot", sent)
    assert reader.answer.headers["Location"] == "/ho-so?q=duong+do"
    reader.follow()
    heads = [one.get_text() for one in reader.soup.select("thead th")]
    assert heads == ["Chọn", "Mã hồ sơ", "Lĩnh vực"]
    assert reader.rows()[0][1] == code
    answer = reader.client.get(reader.soup.select_one('a[href*="xlsx"]')["href"])
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert ("STT", "Mã hồ sơ", "Lĩnh vực") in [row[:3] for row in rows]
    assert "Tìm: duong do" in str(rows)
    assert reader.soup.select_one('form[action$="/nhieu/in"]')["autocomplete"] == "off"
    reader.post("/ho-so/cot", {"step": "usual", "back": "https://example.org"})
    assert reader.answer.headers["Location"] == "/ho-so"
    reader.follow()
    assert len(reader.soup.select("thead th")) == 6
