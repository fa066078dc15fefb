"""Results of investment on the pages: the published half-year, entries, files, balances and plans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.investment_files import csv_file, half_year, row
from tthc.domain.vocabulary import OFFICE_ZONE, Outcome
from tthc.services import dossiers
from tthc.services.units import first_unit_id
from tthc.web.downloads import FILE_TYPES

HALF = "from_on=15/12/2023&to_on=14/06/2024"
FORM = {
    "number": "GCN-900",
    "kind": "new",
    "origin": "FDI",
    "issued_on": "03/06/2024",
    "usd": "10,5",
    "vnd": "1.250,25",
    "project": "Nhà máy sợi 01",
}
BALANCE = {
    "on": "14/12/2023",
    "fdi_projects": "83",
    "fdi_vnd": "52.727,16",
    "ddi_projects": "248",
    "ddi_vnd": "87.607,64",
    "basis": "Báo cáo số 15/BC-BQL",
}


@pytest.fixture
def reporter_reader(signed_in: Callable[[str], Any]) -> Any:
    """A cán bộ tổng hợp at the first page."""
    return signed_in("reporter")


def check_file(reader: Any, content: bytes, status: int = 200) -> None:
    reader.get("/dau-tu/nhap-tep")
    reader.post("/dau-tu/nhap-tep/kiem-tra", {"file": (BytesIO(content), "dau-tu.csv")}, status)


def import_file(reader: Any, content: bytes) -> None:
    check_file(reader, content)
    token = reader.soup.select_one('input[name="upload"]')["value"]
    reader.post("/dau-tu/nhap-tep/nhap", {"upload": token})
    reader.follow()


def record(reader: Any, status: int = 302, address: str = "/dau-tu/ghi", **cells: str) -> None:
    reader.get(address)
    once = reader.soup.select_one('input[name="once"]')["value"]
    reader.post(address, {**FORM, "once": once, **cells}, status)


def seen(reader: Any) -> str:
    return str(reader.soup.select_one('form[data-main] input[name="seen"]')["value"])


def save_balance(reader: Any, status: int = 302, address: str = "/dau-tu/so-du-dau", **cells: str) -> None:
    reader.get(address)
    reader.post("/dau-tu/so-du-dau", {**BALANCE, "seen": seen(reader), **cells}, status)


def errors(reader: Any) -> dict[str, str]:
    """What is told at each field."""
    found = {}
    for one in reader.soup.select(".wrong"):
        described = reader.soup.select_one(f'[aria-describedby~="{one["id"].split("-error")[0]}-error"]')
        found[described["name"]] = one.get_text()
    return found


# --- the report ---------------------------------------------------------------------------------------


def test_the_published_half_year_with_its_standing_total(reporter_reader: Any) -> None:
    import_file(reporter_reader, half_year())
    assert "30 Giấy chứng nhận mới" in reporter_reader.text(".notice")
    save_balance(reporter_reader)
    reporter_reader.get("/dau-tu?preset=bc-6-thang-dau&year=2024")
    tally, standing = (
        [[cell.get_text(" ", strip=True) for cell in line.select("th, td")] for line in table.select("tr")]
        for table in reporter_reader.soup.select(".official")
    )
    assert [line[2:] for line in tally[2:]] == [
        ["24", "151,00", "3.474,58"],
        ["11", "107,00", "2.767,05"],
        ["4", "44,00", "707,53"],
        ["9", "0,00", "0,00"],
        ["6", "0,00", "447,53"],
        ["2", "0,00", "264,42"],
        ["2", "0,00", "183,11"],
        ["2", "0,00", "0,00"],
        ["30", "151,00", "3.922,11"],
    ]
    assert [line[-2:] for line in standing[2:]] == [
        ["94", "56.201,74"],
        ["250", "88.055,17"],
        ["344", "144.256,91"],
    ]
    assert "344 dự án, 144.256,91 tỷ đồng" in reporter_reader.text("main")


def test_every_number_opens_the_list_that_it_counts(reporter_reader: Any) -> None:
    import_file(reporter_reader, half_year())
    save_balance(reporter_reader)
    reporter_reader.get("/dau-tu")
    links = [
        (str(one["href"]), one.get_text())
        for one in reporter_reader.soup.select(".official a")
        if "/danh-sach" in str(one["href"])
    ]
    openings = reporter_reader.soup.select('.official a[href*="/so-du-dau?ngay="]')
    assert [one.get_text() for one in openings[:2]] == ["83", "52.727,16"]
    assert len(openings) == 6
    # Nine lines of three numbers, and what the three lines of the standing total gained.
    assert len(links) == 9 * 3 + 3 * 2
    for address, number in links:
        reporter_reader.get(address)
        asked = parse_qs(urlsplit(address).query)
        total = reporter_reader.text("main > p b")
        assert number in total.split(), (address, number, total)
        listed = reporter_reader.rows()
        assert total.startswith(f"{len(listed)} Giấy")
        for line in listed:
            assert asked.get("origin", [line[2][:3]])[0] == line[2][:3]


def test_a_period_that_is_none(reporter_reader: Any) -> None:
    reporter_reader.get("/dau-tu?from_on=14/06/2024&to_on=01/06/2024", 422)
    reporter_reader.get("/dau-tu?from_on=sai&to_on=01/06/2024", 422)
    reporter_reader.get("/dau-tu?from_on=01/01/2025&to_on=02/01/2025", 422)
    assert "chưa bắt đầu" in reporter_reader.text(".summary")
    reporter_reader.get("/dau-tu?from_on=01/06/2024&to_on=30/06/2024")
    assert "số liệu tính đến hết Thứ Sáu, 14/06/2024" in reporter_reader.text(".notice")


def test_the_report_and_the_list_as_files(reporter_reader: Any) -> None:
    import_file(reporter_reader, half_year())
    answer = reporter_reader.client.get(f"/dau-tu/ket-qua.xlsx?{HALF}")
    assert answer.mimetype == FILE_TYPES["xlsx"]
    sheet = load_workbook(BytesIO(answer.data), data_only=True).active
    assert sheet is not None
    [total] = [line for line in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in line]
    assert total[2:5] == (30, 151, 3922.11)
    answer = reporter_reader.client.get(f"/dau-tu/danh-sach.csv?{HALF}&origin=DDI")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("Số giấy chứng nhận,Ngày cấp,Nguồn vốn,Loại")
    answer = reporter_reader.client.get(f"/dau-tu/danh-sach.xlsx?{HALF}")
    assert answer.mimetype == FILE_TYPES["xlsx"]
    for address in (
        "/dau-tu/ket-qua.xlsx?from_on=sai",
        "/dau-tu/danh-sach.csv?origin=ODA",
        "/dau-tu/con-thieu?from_on=sai",
    ):
        assert reporter_reader.client.get(address).status_code == 404, address


def test_the_list_narrows_down(reporter_reader: Any) -> None:
    import_file(reporter_reader, half_year())
    reporter_reader.get("/dau-tu/danh-sach?origin=FDI&kind=capital_increase")
    assert len(reporter_reader.rows()) == 4
    assert reporter_reader.text("main > p b").startswith("4 Giấy chứng nhận, 44,00 triệu USD")
    reporter_reader.get("/dau-tu/danh-sach?q=gcn-017")
    assert [line[1] for line in reporter_reader.rows()] == ["GCN-017"]
    reporter_reader.get("/dau-tu/danh-sach?cancelled=y")
    assert reporter_reader.rows() == []
    reporter_reader.get("/dau-tu/danh-sach?from_on=sai&origin=ODA", 422)
    assert len(reporter_reader.rows()) == 30


# --- entries ------------------------------------------------------------------------------------------


def test_an_entry_is_recorded_corrected_and_cancelled(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("officer")
    record(reader)
    reader.follow()
    assert "Đã ghi Giấy chứng nhận số GCN-900" in reader.text(".notice-done")
    assert "1.250,25 tỷ đồng" in reader.text(".headline")
    page = reader.answer.request.path

    reader.get(f"{page}/dinh-chinh")
    form = reader.soup.select_one("form[data-main]")
    typed = {one["name"]: one.get("value", "") for one in form.select("input")}
    assert (typed["vnd"], typed["usd"], typed["issued_on"]) == ("1250,25", "10,50", "03/06/2024")
    sent = {**FORM, "version": typed["version"], "vnd": "1260", "reason": ""}
    reader.post(f"{page}/dinh-chinh", sent, 422)
    assert errors(reader) == {"reason": "Ghi lý do đính chính."}
    reader.post(f"{page}/dinh-chinh", {**sent, "reason": "Đối chiếu bản gốc"})
    reader.follow()
    assert "Vốn (tỷ đồng): 1.250,25 → 1.260,00" in reader.text(".events")
    assert "Đối chiếu bản gốc" in reader.text(".events")
    reader.post(f"{page}/dinh-chinh", {**sent, "reason": "Lần nữa"}, 422)
    assert "vừa được người khác cập nhật" in reader.text(".summary")

    reader.get(page)
    version = reader.soup.select_one('[name="cancel-version"]')["value"]
    reader.post(f"{page}/huy", {"cancel-version": version, "cancel-reason": ""}, 422)
    assert errors(reader) == {"cancel-reason": "Ghi lý do hủy."}
    reader.post(f"{page}/huy", {"cancel-version": version, "cancel-reason": "Ghi trùng"})
    reader.follow()
    assert "Bản ghi này đã hủy: Ghi trùng" in reader.text(".notice-warning")
    assert reader.soup.select_one('[name="cancel-version"]') is None
    reader.get(f"{page}/dinh-chinh", 302)
    reader.get("/dau-tu/danh-sach?cancelled=y")
    assert len(reader.rows()) == 1


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("clerk")
    record(reader, 422, number="", kind="", origin="ODA", issued_on="31/02/2024", usd="9.220", vnd="nhiều")
    assert errors(reader).keys() == {"number", "kind", "origin", "issued_on", "usd", "vnd"}
    assert "Không rõ “9.220” là 9220 hay 9,220" in errors(reader)["usd"]
    assert "Vốn đăng ký (triệu USD): Không rõ" in reader.text(".summary")
    assert reader.soup.select_one("#usd")["value"] == "9.220"
    record(reader, 422, vnd="", usd="-1", issued_on="15/06/2024", dossier_code="")
    assert errors(reader).keys() == {"vnd", "usd", "issued_on"}
    record(reader, 422, dossier_code="KHONG-CO")
    assert errors(reader) == {"dossier_code": "Không tìm thấy hồ sơ KHONG-CO."}
    reader.get("/dau-tu/danh-sach")
    assert reader.rows() == []


def test_a_form_that_is_sent_twice_is_recorded_once(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("clerk")
    record(reader)
    first = reader.answer.headers["Location"]
    once = reader.soup.select_one('input[name="once"]')["value"]
    reader.post("/dau-tu/ghi", {**FORM, "once": once})
    assert reader.answer.headers["Location"] == first
    record(reader, 422)
    assert "đã được ghi" in errors(reader)["number"]


@pytest.fixture
def granted(app: Flask, received: Callable[..., str], done_to: Callable[..., None]) -> str:
    """A dossier of procedure 4, received 03/06/2024 and granted 07/06."""
    code = received(4, datetime(2024, 6, 3, 8, 0, tzinfo=OFFICE_ZONE))
    done_to(
        code,
        1,
        dossiers.resolve_dossier,
        datetime(2024, 6, 7, 10, 0, tzinfo=OFFICE_ZONE),
        outcome=Outcome.GRANTED,
    )
    return code


def test_the_page_of_a_granted_dossier_asks_for_its_certificate(
    signed_in: Callable[[str], Any], granted: str
) -> None:
    reader = signed_in("officer")
    reader.get(f"/ho-so/{granted}")
    assert "chưa ghi Giấy chứng nhận đăng ký đầu tư" in reader.text("main")
    address = f"/dau-tu/ghi?ho-so={granted}"
    links = {str(one["href"]) for one in reader.soup.select("a") if "ghi" in str(one["href"])}
    assert address in links
    reader.get(f"/dau-tu/con-thieu?{HALF}")
    assert [line[1] for line in reader.rows()] == [granted]

    reader.get(address)
    typed = {one["name"]: one.get("value", "") for one in reader.soup.select("form[data-main] input")}
    assert (typed["dossier_code"], typed["issued_on"]) == (granted, "07/06/2024")
    assert reader.soup.select_one('#kind option[value="new"]').has_attr("selected")
    record(reader, address=address, issued_on="07/06/2024", dossier_code=granted)
    reader.follow()
    assert reader.answer.request.path == f"/ho-so/{granted}"
    assert "Số GCN-900" in reader.text('[aria-labelledby="certificates"]')
    assert "chưa ghi Giấy" not in reader.text("main")
    reader.get(f"/dau-tu/con-thieu?{HALF}")
    assert reader.rows() == []


def test_a_certificate_that_came_in_a_file_is_linked_from_the_dossier(
    signed_in: Callable[[str], Any], granted: str
) -> None:
    reader = signed_in("clerk")
    import_file(reader, csv_file(row(1, issued_on="2024-06-07")))
    reader.get(f"/dau-tu/ghi?ho-so={granted}")
    [link] = reader.soup.select("main table a")
    reader.get(str(link["href"]))
    sent = {
        **{one["name"]: one.get("value", "") for one in reader.soup.select("form[data-main] input")},
        "kind": "new",
        "origin": "FDI",
        "reason": "Gắn với hồ sơ",
    }
    assert sent["dossier_code"] == granted
    reader.post(urlsplit(str(link["href"])).path, sent)
    reader.get(f"/ho-so/{granted}")
    assert "Số GCN-001" in reader.text('[aria-labelledby="certificates"]')


def test_a_dossier_that_gives_none_leads_back_with_the_reason(
    signed_in: Callable[[str], Any], received: Callable[..., str]
) -> None:
    code = received(41)
    reader = signed_in("officer")
    reader.get(f"/ho-so/{code}")
    assert "Giấy chứng nhận đăng ký đầu tư" not in reader.text("main")
    reader.get(f"/dau-tu/ghi?ho-so={code}", 302)
    reader.follow()
    assert "thuộc lĩnh vực Lao động" in reader.text(".notice-warning")
    reader.get("/dau-tu/ghi?ho-so=KHONG-CO", 302)


def test_an_auditor_sees_everything_and_is_offered_nothing(
    signed_in: Callable[[str], Any], granted: str
) -> None:
    record(signed_in("clerk"), dossier_code=granted, issued_on="07/06/2024")
    reader = signed_in("auditor")
    pages = ("/dau-tu", "/dau-tu/danh-sach", "/dau-tu/1", "/dau-tu/so-du-dau", "/dau-tu/ke-hoach")
    for address in (*pages, f"/ho-so/{granted}", f"/dau-tu/con-thieu?{HALF}"):
        reader.get(address)
        assert not reader.soup.select("main form[method=post]"), address
        assert not [one for one in reader.soup.select("main a") if "/dau-tu/ghi" in str(one["href"])], address


# --- files --------------------------------------------------------------------------------------------


def test_a_file_is_looked_through_then_saved_and_can_be_repeated(reporter_reader: Any) -> None:
    check_file(reporter_reader, half_year())
    assert "Đọc 30 dòng: 30 Giấy chứng nhận mới" in reporter_reader.text(".notice")
    assert len(reporter_reader.rows()) == 30
    reporter_reader.get("/dau-tu/danh-sach")
    assert reporter_reader.rows() == []
    import_file(reporter_reader, half_year())
    assert len(reporter_reader.rows()) == 30
    check_file(reporter_reader, half_year())
    assert "0 Giấy chứng nhận mới, 0 dòng bổ sung, 30 dòng không đổi" in reporter_reader.text(".notice")


def test_every_bad_row_is_named(reporter_reader: Any) -> None:
    check_file(reporter_reader, csv_file(row(1), row(2, kind="x"), row(3, capital_vnd_billion="")), 422)
    assert [line[:2] for line in reporter_reader.rows()] == [["3", "kind"], ["4", "capital_vnd_billion"]]
    assert reporter_reader.soup.select_one('input[name="upload"]') is None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 x"])
def test_a_file_that_is_none_is_refused_at_its_field(reporter_reader: Any, content: bytes) -> None:
    check_file(reporter_reader, content, 422)
    assert errors(reporter_reader).keys() == {"file"}


def test_a_token_that_is_gone_or_another_s_file(
    signed_in: Callable[[str], Any], reporter_reader: Any
) -> None:
    check_file(reporter_reader, half_year())
    token = reporter_reader.soup.select_one('input[name="upload"]')["value"]
    other = signed_in("officer")
    for sent in (token, "x" * 30, ""):
        other.get("/dau-tu/nhap-tep")
        other.post("/dau-tu/nhap-tep/nhap", {"upload": sent})
        other.follow()
        assert "không còn trên máy chủ" in other.text(".notice-warning")
    other.get("/dau-tu/danh-sach")
    assert other.rows() == []


# --- balances and plans -------------------------------------------------------------------------------


def test_a_balance_is_entered_changed_and_taken_away(reporter_reader: Any) -> None:
    save_balance(reporter_reader)
    reporter_reader.follow()
    assert "Đã lưu số dư ngày 14/12/2023" in reporter_reader.text(".notice-done")
    line = reporter_reader.rows()[0]
    assert "331 dự án 140.334,80 tỷ đồng" in line[3]

    save_balance(reporter_reader, 422)
    assert "Đã có số dư ngày 14/12/2023" in errors(reporter_reader)["on"]
    address = "/dau-tu/so-du-dau?ngay=14/12/2023"
    save_balance(reporter_reader, address=address, ddi_projects="250", basis="Báo cáo đính chính")
    reporter_reader.follow()
    assert "DDI, số dự án: 248 → 250" in reporter_reader.text("main")
    reporter_reader.get(address)
    blank = dict.fromkeys((name for name in BALANCE if name not in {"on", "basis"}), "")
    reporter_reader.post("/dau-tu/so-du-dau", {**BALANCE, **blank, "seen": seen(reporter_reader)})
    reporter_reader.follow()
    assert "Đã bỏ số dư ngày 14/12/2023" in reporter_reader.text(".notice-done")


def test_a_balance_that_is_wrong(reporter_reader: Any) -> None:
    save_balance(reporter_reader, 422, on="", fdi_vnd="52.727", basis="")
    assert errors(reporter_reader).keys() == {"on", "fdi_vnd", "basis"}
    save_balance(reporter_reader, 422, fdi_projects="", ddi_vnd="-1", on="14/12/2023")
    assert errors(reporter_reader).keys() == {"fdi_projects", "ddi_vnd"}
    assert reporter_reader.soup.select_one("#ddi_projects")["value"] == "248"
    save_balance(reporter_reader, 422, on="15/06/2024")
    assert errors(reporter_reader).keys() == {"on"}


def test_somebody_else_was_quicker(reporter_reader: Any, signed_in: Callable[[str], Any]) -> None:
    save_balance(reporter_reader)
    address = "/dau-tu/so-du-dau?ngay=14/12/2023"
    reporter_reader.get(address)
    old = seen(reporter_reader)
    save_balance(signed_in("admin"), address=address, fdi_projects="84")
    reporter_reader.post("/dau-tu/so-du-dau", {**BALANCE, "fdi_projects": "85", "seen": old}, 422)
    assert "vừa được người khác cập nhật" in reporter_reader.text(".summary")
    again = {**BALANCE, "fdi_projects": "85", "seen": seen(reporter_reader)}
    reporter_reader.post("/dau-tu/so-du-dau", again)


def test_the_plan_of_a_year(reporter_reader: Any, signed_in: Callable[[str], Any]) -> None:
    import_file(reporter_reader, half_year())
    reporter_reader.get("/dau-tu/ke-hoach?nam=2024")
    sent = {"year": "2024", "seen": seen(reporter_reader), "basis": "KH 05/KH-BQL"}
    reporter_reader.post("/dau-tu/ke-hoach", {**sent, "fdi_vnd": "1", "ddi_vnd": "1", "all_vnd": "3"}, 422)
    assert errors(reporter_reader).keys() == {"all_vnd"}
    reporter_reader.post("/dau-tu/ke-hoach", sent, 422)
    assert errors(reporter_reader).keys() == {"fdi_vnd"}
    reporter_reader.post("/dau-tu/ke-hoach", {**sent, "fdi_usd": "302", "all_projects": "26"})
    reporter_reader.follow()
    assert "Đã lưu kế hoạch năm 2024" in reporter_reader.text(".notice-done")
    reporter_reader.get("/dau-tu")
    lines = reporter_reader.rows('[aria-labelledby="plan"] tbody tr')
    assert lines == [
        ["Số dự án cấp mới", "Tổng cộng", "26", "13", "50,0 %"],
        ["Vốn đăng ký (triệu USD)", "Đầu tư nước ngoài (FDI)", "302,00", "151,00", "50,0 %"],
    ]
    auditor = signed_in("auditor")
    auditor.get("/dau-tu/ke-hoach?nam=2024")
    assert ["Tổng cộng, số dự án", "26"] in auditor.rows()
    auditor.get("/dau-tu/ke-hoach?nam=sai", 422)
    reporter_reader.get("/dau-tu/ke-hoach")
    reporter_reader.post("/dau-tu/ke-hoach", {**sent, "year": "1990", "fdi_vnd": "1"}, 422)


def test_reports_lead_there_and_the_menu_says_where_one_is(reporter_reader: Any, in_session: Any) -> None:
    reporter_reader.get("/bao-cao")
    assert reporter_reader.soup.select_one('main a[href="/dau-tu"]') is not None
    reporter_reader.get("/dau-tu/danh-sach")
    assert reporter_reader.soup.select_one(".side [aria-current=page]").get_text(strip=True) == "Báo cáo"
    assert in_session(first_unit_id) == 1
