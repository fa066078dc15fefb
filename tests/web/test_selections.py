"""Marking dossiers in the list, the page that names them, and the action."""

from __future__ import annotations

from typing import Any


def test_marked_dossiers_are_named_then_assigned_and_printed(
    supervisor_reader: Any, received: Any, signed_in: Any
) -> None:
    codes = sorted(received(number) for number in (1, 2, 3))
    reader = supervisor_reader
    reader.get("/ho-so?bucket=pending&sort=code")
    marks = [box["value"] for box in reader.soup.select("input[name=marks]")]
    assert marks == [f"1:{code}" for code in codes]
    back = reader.soup.select_one("input[name=back]")["value"]
    sent = {"marks": marks[:2], "back": back}
    for deed in ("phan-cong", "tra-ket-qua", "in"):
        reader.post(f"/ho-so/nhieu/{deed}", {"back": back}, status=422)
        assert "Đánh dấu ít nhất một hồ sơ" in reader.text(".summary")
    reader.post("/ho-so/nhieu/in", sent, status=200)
    assert reader.text("h1") == "In 2 hồ sơ đã chọn"
    assert [box["value"] for box in reader.soup.select("input[name=codes]")] == codes[:2]
    assert reader.rows()[0][1].endswith("Công ty TNHH Đường Đỏ")
    reader.post("/ho-so/in-nhieu/phieu-kiem-soat.pdf", {"codes": codes[:2]}, status=200)
    reader.get("/ho-so?bucket=pending")
    earliest_first = [row[2] for row in reader.rows()]
    reader.get("/ho-so")
    assert [row[2] for row in reader.rows()] == earliest_first[::-1], "ended ones would be among them"
    reader.post("/ho-so/nhieu/tra-ket-qua", sent, status=200)
    assert "không có kết quả chờ trả" in reader.text(".notice-warning")
    reader.post("/ho-so/nhieu/phan-cong", {**sent, "marks": [*sent["marks"], "x:y"]}, status=200)
    assert (reader.text("h1"), [row[0] for row in reader.rows()]) == ("Phân công 2 hồ sơ đã chọn", codes[:2])
    reader.post("/ho-so/nhieu/phan-cong", {**sent, "step": "save"}, status=422)
    assert reader.named_errors() == ["#officer_id"]
    chosen = reader.soup.select("#officer_id option")[-1]["value"]
    reader.post("/ho-so/nhieu/phan-cong", {**sent, "step": "save", "officer_id": chosen})
    assert reader.answer.headers["Location"] == back
    reader.follow()
    assert "Đã phân công 2 hồ sơ." in reader.text("main")
    # The same page sent again: both have changed since.
    reader.post("/ho-so/nhieu/phan-cong", {**sent, "step": "save", "officer_id": chosen}, status=422)
    assert reader.text("h1") == "Không có hồ sơ nào để phân công"
    assert codes[0] in reader.text(".summary")
    reader.get("/ho-so")
    elsewhere = {"marks": [], "back": "https://example.org/ho-so"}
    assert (
        reader.post("/ho-so/nhieu/in", elsewhere, status=422).select_one(".head-tools a")["href"] == "/ho-so"
    )
    auditor = signed_in("auditor")
    assert not auditor.get("/ho-so").select("input[name=marks]")
    auditor.post("/ho-so/nhieu/in", sent, status=403)
