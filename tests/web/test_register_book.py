"""The register book on its page: years, volumes, files, the lock, who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tthc.domain.vocabulary import Outcome
from tthc.services import dossiers


@pytest.fixture
def january(received: Any, clock: Any, now: Any) -> Any:
    """Friday 03/01/2025; two dossiers of 2024 are in the book."""
    codes = [received(37, now), received(37, now)]
    clock.stand_at(2025, 1, 3)
    return codes


def test_the_supervisor_is_reminded_locks_and_prints(january: Any, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("supervisor")
    assert "Sổ theo dõi hồ sơ năm 2024 chưa khóa" in reader.text(".notice-warning")
    reader.get("/bao-cao/chot-ky")
    (link,) = [one["href"] for one in reader.soup.select("main a") if "so-theo-doi" in one["href"]]
    reader.get(link)
    assert reader.text("h1") == "Sổ theo dõi hồ sơ năm 2024"
    assert [row[:2] for row in reader.rows()] == [["1", january[0]], ["2", january[1]]]
    shown = {one["name"]: one["value"] for one in reader.soup.select('form[action$="khoa-so"] input')}
    reader.post("/so-theo-doi/khoa-so", {"year": "2024", "last_no": "1"}, 422)
    assert "số cuối là 2" in reader.text(".summary")
    reader.post("/so-theo-doi/khoa-so", {**shown, "csrf_token": reader.token(), "note": "Đủ số"})
    reader.follow()
    assert "Đã khóa sổ năm 2024" in reader.text(".notice-done")
    assert "số cuối cùng 2" in reader.text("main")
    assert not reader.soup.select('form[action$="khoa-so"], form[action$="quyen-moi"]')
    paper = reader.client.get("/so-theo-doi/so.pdf?year=2024")
    assert (paper.mimetype, paper.data[:4]) == ("application/pdf", b"%PDF")
    reader.get("/")
    assert not reader.soup.select(".notice-warning")


def test_the_clerk_opens_a_volume_and_does_not_lock(january: Any, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("clerk")
    assert not reader.soup.select(".notice-warning")
    reader.get("/so-theo-doi?year=2024")
    assert not reader.soup.select('form[action$="khoa-so"]')
    reader.post("/so-theo-doi/quyen-moi", {"year": "2024", "last_no": "2"})
    reader.follow()
    assert "Đã mở quyển số 02 năm 2024, bắt đầu từ số 3." in reader.text(".notice-done")
    reader.get("/so-theo-doi?year=2024&volume=02")
    assert "Chưa có hồ sơ nào trong phần sổ này" in reader.text("main")
    reader.get("/so-theo-doi?year=2024")
    reader.post("/so-theo-doi/quyen-moi", {"year": "2024", "last_no": "2"}, 422)
    assert "chưa có hồ sơ nào" in reader.text(".summary")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("year=2024&from_no=2&to_no=1", 422),
        ("year=abc", 422),
        ("year=2024&from_no=-1", 422),
        ("year=1999", 404),
        ("year=2024&volume=09", 404),
    ],
)
def test_a_part_that_there_is_not(clerk_reader: Any, received: Any, query: str, status: int) -> None:
    received()
    clerk_reader.get(f"/so-theo-doi?{query}", status)
    assert clerk_reader.client.get(f"/so-theo-doi/so.xlsx?{query}").status_code in {404, 422}


def test_the_way_of_receipt_goes_from_the_hand_over_into_the_book(
    supervisor_reader: Any, received: Any, done_to: Any, now: Any
) -> None:
    code = received(37, now)
    done_to(code, 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    supervisor_reader.get(f"/tra-ket-qua/{code}")
    typed = {"version": "2", "way": "post", "name": "Doanh nghiệp 12", "carrier": "Bưu điện"}
    supervisor_reader.post(f"/tra-ket-qua/{code}", {**typed, "tracking_no": "RA123456789VN"})
    supervisor_reader.get("/so-theo-doi")
    assert supervisor_reader.rows()[0][9:11] == ["14/06/2024", "Bưu chính công ích"]
