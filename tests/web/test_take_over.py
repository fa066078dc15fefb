"""The steps of a take-over on its page: each says what is left, and who may do it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.register_files import csv_file, row


@pytest.fixture
def reporter_reader(signed_in: Callable[[str], Any], clock: Any) -> Any:
    """A cán bộ tổng hợp báo cáo at the first step, on Friday 14/06/2024 after closing."""
    clock.stand_at(2024, 6, 14, 17, 0)
    reader = signed_in("reporter")
    reader.get("/bao-cao/tiep-quan")
    return reader


def typed(reader: Any, **figures: str) -> dict[str, str]:
    """What the form of step 1 sends; ``labour`` is the number of "Lao động"."""
    labels = {label.get_text(): label["for"] for label in reader.soup.select('form[action$="giay"] label')}
    version = reader.soup.select_one('form[action$="giay"] input[name="version"]')["value"]
    values = {"on": "14/06/2024", "report_no": "Báo cáo số 15", "total": figures.get("labour", "")}
    return {**values, labels["Lao động"]: figures.get("labour", ""), "version": version, **figures}


def test_from_paper_to_the_first_period(reporter_reader: Any, signed_in: Callable[[str], Any]) -> None:
    reader = reporter_reader
    assert "chưa nhập" in reader.text("#step-1")
    reader.post("/bao-cao/tiep-quan/bao-cao-giay", typed(reader, labour="2", total="3"), 422)
    assert "cộng lại là 2" in reader.text(".summary")
    assert reader.soup.select_one("#total")["value"] == "3"
    reader.post("/bao-cao/tiep-quan/bao-cao-giay", typed(reader, labour="1"))
    reader.follow()
    assert "chưa xong" in reader.text("#step-2")
    assert "Còn 1 hồ sơ chưa nhập." in reader.text("main")
    assert not reader.soup.select('form[action$="trinh"]')
    reader.get("/so-ho-so")
    assert "Đang tiếp quản số liệu" in reader.text(".notice")
    reader.post("/so-ho-so/kiem-tra", {"file": (BytesIO(csv_file(row(1, 4))), "so.csv")}, 200)
    reader.post("/so-ho-so/nhap", {"upload": reader.soup.select_one('input[name="upload"]')["value"]})
    reader.get("/bao-cao/tiep-quan")
    assert "khớp" in reader.text("#step-3")
    (line,) = [cells for cells in reader.rows() if cells[0] == "Lao động"]
    assert line == ["Lao động", "1", "1", "0"]
    reader.get(reader.soup.select_one('a[href*="cell=pending_total"]')["href"])
    assert len(reader.rows()) == 1
    reader.get("/bao-cao/tiep-quan")
    version = reader.soup.select_one('form[action$="trinh"] input[name="version"]')["value"]
    reader.post("/bao-cao/tiep-quan/trinh", {"version": version})
    reader.follow()
    assert "Đang chờ lãnh đạo xác nhận" in reader.text("main")

    head = signed_in("supervisor")
    head.get("/bao-cao/tiep-quan")
    head.post("/bao-cao/tiep-quan/xac-nhan", {"version": version}, 422)
    assert "vừa được người khác cập nhật" in head.text(".summary")
    version = head.soup.select_one('form[action$="xac-nhan"] input[name="version"]')["value"]
    head.post("/bao-cao/tiep-quan/xac-nhan", {"version": version})
    head.follow()
    assert "kỳ đầu tiên chuyển sang 1 hồ sơ" in head.text(".notice-done:last-of-type") or (
        "kỳ đầu tiên chuyển sang 1 hồ sơ" in head.text("main")
    )
    head.get("/bao-cao/chot-ky")
    assert "14/06/2024 – 14/06/2024" in head.text("main")
    head.get("/bao-cao?from_on=14/06/2024&to_on=14/06/2024")
    assert "số dư đầu kỳ theo báo cáo giấy" in head.text(".checks")
    assert "chưa đầy đủ" not in head.text("main")
    head.get("/bao-cao?from_on=13/06/2024&to_on=14/06/2024")
    assert "từ ngày 14/06/2024" in head.text(".notice-warning")
    assert "chưa đầy đủ" in head.text(".notice-warning")
    head.get("/bao-cao/tiep-quan")
    version = head.soup.select_one('form[action$="huy"] input[name="version"]')["value"]
    head.post("/bao-cao/tiep-quan/huy", {"version": version, "reason": ""}, 422)
    assert "Nhập lý do hủy" in head.text(".summary")
    head.post("/bao-cao/tiep-quan/huy", {"version": version, "reason": "Nhầm ngày"})
    head.follow()
    assert "Nhầm ngày" in head.text("main table:last-of-type")


def test_a_list_is_checked_whole_and_opens_both_sides(reporter_reader: Any) -> None:
    reader = reporter_reader
    headings = ("MaHoSo", "TenLinhVuc")
    bad = csv_file({"MaHoSo": "A"}, {"MaHoSo": "", "TenLinhVuc": "Lao động"}, headings=headings)
    reader.post("/bao-cao/tiep-quan/bao-cao-giay", {**typed(reader), "file": (BytesIO(bad), "giay.csv")}, 422)
    assert [cells[:2] for cells in reader.rows()] == [["2", "TenLinhVuc"], ["3", "MaHoSo"]]
    reader.get("/bao-cao/tiep-quan")
    good = csv_file({"MaHoSo": "A-1", "TenLinhVuc": "Lao động"}, headings=headings)
    reader.post("/bao-cao/tiep-quan/bao-cao-giay", {**typed(reader), "file": (BytesIO(good), "giay.csv")})
    reader.follow()
    links = [one["href"] for one in reader.soup.select("main a")]
    (paper,) = [link for link in links if "danh-sach-giay" in link]
    reader.get(paper)
    assert reader.rows() == [["A-1", "Lao động", ""]]
    (missing,) = [link for link in links if "chi-tren-giay" in link]
    reader.get(missing)
    assert reader.rows() == [["A-1", "Lao động", "chưa có trên hệ thống", ""]]
    reader.get("/bao-cao/tiep-quan/chi-tren-he-thong")
    assert "đều có trên giấy" in reader.text("main")
    broken = {**typed_again(reader), "file": (BytesIO(b"%PDF-1.7"), "giay.pdf")}
    reader.post("/bao-cao/tiep-quan/bao-cao-giay", broken, 422)
    assert reader.named_errors() == ["#file"]


def typed_again(reader: Any) -> dict[str, str]:
    reader.get("/bao-cao/tiep-quan")
    return typed(reader)


def test_nothing_to_show_before_it_begins(supervisor_reader: Any) -> None:
    for path in ("danh-sach-giay", "chi-tren-giay", "chi-tren-he-thong"):
        assert supervisor_reader.client.get(f"/bao-cao/tiep-quan/{path}").status_code == 404
    supervisor_reader.get("/bao-cao/chot-ky")
    assert supervisor_reader.soup.select('a[href="/bao-cao/tiep-quan"]')
