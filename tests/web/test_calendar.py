"""The pages of the calendar: the year, changes looked at before they are made, versions and files."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.clock import StandingClock
from tests.web.conftest import Reader, request_of
from tthc.db.models import Procedure
from tthc.services import intake, receipts

SWAP = {
    "count": "2",
    "rows-0-on": "23/11/2026",
    "rows-0-kind": "swapped_off",
    "rows-0-name": "Nghỉ hoán đổi",
    "rows-0-decision": "1/TB-BNV",
    "rows-0-confidence": "confirmed",
    "rows-1-on": "28/11/2026",
    "rows-1-kind": "worked_saturday",
    "rows-1-name": "Làm bù cho ngày 23/11/2026",
    "rows-1-decision": "1/TB-BNV",
    "rows-1-confidence": "confirmed",
}
CHANGE = "/lich-lam-viec/thay-doi"


@pytest.fixture
def autumn(clock: StandingClock) -> StandingClock:
    """Friday 20/11/2026."""
    clock.stand_at(2026, 11, 20)
    return clock


@pytest.fixture
def running(app: Flask, autumn: StandingClock, clerk: Any, in_session: Any) -> str:
    """A dossier of 05 working days received on 18/11/2026, due 26/11; its receipt is printed."""

    def receive(session: Any) -> str:
        procedure = session.query(Procedure).filter_by(local_no=37).one().id
        at = autumn.stand_at(2026, 11, 18)
        code = intake.receive_dossier(session, now=at, actor=clerk, request=request_of(procedure))
        receipts.print_receipt(session, now=at, actor=clerk, code=code)
        autumn.stand_at(2026, 11, 20)
        return code

    code: str = in_session(receive)
    return code


def prepare(reader: Reader, data: dict[str, str] | None = None) -> str:
    """Send the form and go on to the look; its address."""
    reader.get(CHANGE)
    reader.post(CHANGE, data or SWAP)
    reader.follow()
    address = reader.answer.request.path
    actions = [str(form["action"]) for form in reader.soup.select("main form")]
    assert actions in ([address, f"{address}/bo"], [f"{address}/bo"])
    return address


def test_the_year_is_told_in_months_and_in_words(
    autumn: StandingClock, signed_in: Callable[[str], Reader]
) -> None:
    reader = signed_in("officer")
    reader.get("/lich-lam-viec")
    assert reader.text("h1") == "Lịch làm việc năm 2026"
    assert len(reader.soup.select("table.month")) == 12
    assert reader.text("table.month:nth-of-type(8) caption") == "Tháng 8"
    worked = reader.soup.select_one('td.worked a[href="#ngay-2026-08-22"]')
    assert worked is not None
    assert "Làm bù cho ngày 31/08/2026" in worked["title"]
    assert worked["title"] in worked.get_text()
    estimated = reader.soup.select_one("td.off.estimated a")
    assert estimated is not None
    assert "Ngày Văn hóa Việt Nam" in estimated["title"]
    assert "dự kiến" in estimated["title"]
    rows = {row[0]: row for row in reader.rows(".list tbody tr")}
    assert "Nghỉ hoán đổi" in rows["31/08/2026 T2"][1]
    assert "3383/BNV-CVL (hoán đổi 31/8), đã xác nhận" in rows["31/08/2026 T2"][1]
    assert rows["31/08/2026 T2"][2].startswith("Hệ thống")
    assert rows["24/11/2026 T3"][1].endswith("dự kiến")
    # Each marked date of the months has its row in the list and the other way round.
    marked = {str(link["href"])[1:] for link in reader.soup.select("td.off a, td.worked a")}
    assert marked == {str(row["id"]) for row in reader.soup.select("tr[id^=ngay-]")}
    assert not reader.soup.select('a[href="/lich-lam-viec/thay-doi"]')
    reader.get("/lich-lam-viec?year=2030")
    assert "Chưa có lịch của năm này" in reader.text(".head")
    assert "chưa có ngày nào" in reader.text(".empty")


def test_a_swap_is_looked_at_applied_and_taken_back(running: str, signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    address = prepare(reader)
    assert reader.text("h1") == "Thay đổi lịch làm việc"
    assert reader.text("title").startswith("Xem trước: Thay đổi lịch làm việc")
    changes, moves = (reader.rows("main table:nth-of-type(1) tbody tr"), reader.soup.select("tr:has(.pick)"))
    assert changes[0][0] == "23/11/2026 T2"
    assert "Ngày làm việc" in changes[0][1]
    assert "1/TB-BNV" in changes[0][2]
    [row] = [[" ".join(cell.get_text(" ").split()) for cell in one.select("td")] for one in moves]
    assert row[1] == running
    assert row[4:] == ["26/11/2026 T5", "27/11/2026 T6", "đã in hẹn 26/11/2026"]

    base = str(reader.soup.select_one("input[name=base]")["value"])
    reader.post(address, {"base": base, "whom": "all", "reason": ""}, 422)
    assert "Nhập lý do" in reader.text(".summary")
    reader.post(address, {"base": base, "whom": "all", "reason": "Theo thông báo 1/TB-BNV"})
    reader.follow()
    assert reader.text("h1") == "Lịch làm việc, phiên bản 2"
    assert "Dời ngày hẹn của 1 hồ sơ." in reader.text(".notice-done")
    assert reader.rows()[0] == [
        running,
        "26/11/2026 T5",
        "27/11/2026 T6",
        "In giấy tiếp nhận (PDF)",
    ]
    link = reader.soup.select_one('a[href$="giay-tiep-nhan.pdf"]')
    assert link is not None
    reader.get(str(link["href"]))
    assert reader.answer.mimetype == "application/pdf"
    reader.get("/lich-lam-viec/phien-ban/2")
    assert "cần in lại" not in reader.soup.get_text()
    reader.get(f"/ho-so/{running}")
    assert "Tính lại ngày hẹn trả theo lịch mới" in reader.soup.get_text()
    assert "Theo thông báo 1/TB-BNV" in reader.soup.get_text()

    # The new receipt was printed: undoing leaves the date.
    reader.get("/lich-lam-viec/phien-ban/2")
    reader.post("/lich-lam-viec/phien-ban/2/hoan-tac")
    reader.follow()
    assert reader.text("h1") == "Hoàn tác phiên bản 2 của lịch"
    assert "27/11/2026 đã được in" in reader.soup.get_text()
    reader.post(reader.answer.request.path, {"base": "2", "whom": "all", "reason": "Thu hồi thông báo"})
    reader.follow()
    assert "Hoàn tác phiên bản 2: Thu hồi thông báo" in reader.soup.get_text()
    reader.get("/lich-lam-viec/phien-ban")
    assert [row[0] for row in reader.rows()] == ["3", "2", "1"]
    # And the same once more is refused where it stands.
    reader.get("/lich-lam-viec/phien-ban/2")
    reader.post("/lich-lam-viec/phien-ban/2/hoan-tac", status=422)
    assert "đã được thay đổi tiếp ở phiên bản sau" in reader.text(".summary")


def test_only_the_ticked_ones(running: str, signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    address = prepare(reader)
    base = {"base": "1", "reason": "Theo thông báo"}
    reader.post(address, {**base, "whom": "chosen"}, 422)
    assert reader.text("#whom .wrong") == "Đánh dấu ít nhất một hồ sơ trong bảng, hoặc chọn cách khác."
    assert reader.text("#reason") == "Theo thông báo"
    reader.post(address, {**base, "whom": "nobody"})
    reader.follow()
    assert "không dời ngày hẹn của hồ sơ nào" in reader.text(".empty")
    reader.get("/lich-lam-viec")
    reader.post("/lich-lam-viec/tinh-lai")
    reader.follow()
    assert reader.text("h1") == "Tính lại các hồ sơ theo lịch hiện hành"
    pick = reader.soup.select_one(".pick")
    assert pick is not None
    ticked = {"base": "2", "whom": "chosen", "d": str(pick["value"]), "reason": "Dời nốt"}
    reader.post(reader.answer.request.path, ticked)
    reader.follow()
    assert "Dời ngày hẹn của 1 hồ sơ." in reader.text(".notice-done")


def test_a_look_that_is_out_of_date_is_shown_again(running: str, signed_in: Callable[[str], Reader]) -> None:
    reader, other = signed_in("supervisor"), signed_in("supervisor2")
    address = prepare(reader)
    second = prepare(
        other,
        {
            **SWAP,
            "rows-0-on": "25/12/2026",
            "rows-1-on": "",
            "rows-1-kind": "",
            "rows-1-name": "",
            "rows-1-decision": "",
        },
    )
    other.post(second, {"base": "1", "whom": "all", "reason": "Trước"})
    reader.post(address, {"base": "1", "whom": "all", "reason": "Sau"}, 422)
    assert "người khác thay đổi" in reader.text(".summary")
    assert str(reader.soup.select_one("input[name=base]")["value"]) == "2"
    assert reader.text("#reason") == "Sau"
    reader.post(address, {"base": "2", "whom": "all", "reason": "Sau"})
    reader.follow()
    assert reader.text("h1") == "Lịch làm việc, phiên bản 3"
    # What was applied is no longer waiting.
    reader.get(address, 404)


def test_an_administrator_prepares_and_a_supervisor_applies(
    running: str, signed_in: Callable[[str], Reader]
) -> None:
    admin, supervisor = signed_in("admin"), signed_in("supervisor")
    address = prepare(admin)
    assert not admin.soup.select("#apply, .pick")
    assert "do lãnh đạo áp dụng" in admin.soup.get_text()
    admin.post(address, {"base": "1", "whom": "all", "reason": "Tự làm"}, 422)
    assert "phải do lãnh đạo áp dụng" in admin.text(".summary")
    supervisor.get("/lich-lam-viec")
    assert supervisor.rows('[aria-label="Thay đổi chờ áp dụng"] tbody tr')[0][1] == "23/11/2026, 28/11/2026"
    supervisor.get(address)
    supervisor.post(address, {"base": "1", "whom": "all", "reason": "Đồng ý"})
    admin.get("/lich-lam-viec")
    assert "chờ áp dụng" not in admin.soup.get_text()


def test_an_administrator_saves_what_moves_nobody(
    autumn: StandingClock, signed_in: Callable[[str], Reader]
) -> None:
    admin = signed_in("admin")
    assert "Lịch làm việc năm 2027 chưa được xác nhận" in admin.text(".notice-warning")
    admin.get("/lich-lam-viec?year=2027")
    admin.post("/lich-lam-viec/xac-nhan", {"year": "2027", "decision": ""}, 422)
    assert "Nhập số văn bản xác nhận lịch năm 2027." in admin.text(".field-wrong .wrong")
    admin.post("/lich-lam-viec/xac-nhan", {"year": "2027", "decision": "9999/TB-BNV"})
    admin.follow()
    assert "Lịch năm 2027: đã xác nhận." in admin.soup.get_text(" ").replace("  ", " ").replace(" .", ".")
    admin.post(admin.answer.request.path, {"base": "1", "whom": "all", "reason": "Đã có thông báo"})
    admin.follow()
    assert not admin.soup.select(".notice-warning")
    admin.get("/lich-lam-viec?year=2027")
    assert "đã xác nhận" in admin.text(".head .quiet")
    admin.post("/lich-lam-viec/bo-xac-nhan", {"year": "2027"})
    admin.follow()
    assert "Lịch năm 2027:" in admin.soup.get_text()
    admin.post(f"{admin.answer.request.path}/bo")
    admin.follow()
    assert "lịch giữ nguyên" in admin.text(".notice-done")


def test_the_warning_is_for_those_who_keep_the_calendar_and_begins_in_october(
    clock: StandingClock, signed_in: Callable[[str], Reader]
) -> None:
    clock.stand_at(2026, 9, 30)
    reader = signed_in("supervisor")
    assert not reader.soup.select(".notice-warning")
    clock.stand_at(2026, 10, 1)
    for address in ("/", "/ho-so", "/bao-cao", "/thu-tuc", "/ho-so/KHONG-CO"):
        status = 404 if address.endswith("CO") else 200
        reader.get(address, status)
        assert "năm 2027 chưa được xác nhận" in reader.text("main > .notice-warning")
    officer = signed_in("officer")
    assert not officer.soup.select(".notice-warning")


@pytest.mark.parametrize(
    ("changed", "at", "sentence"),
    [
        ({"rows-0-on": "hai ba"}, "rows-0-on", "Nhập ngày theo dạng"),
        ({"rows-0-on": ""}, "rows-0-on", "Nhập ngày theo dạng"),
        ({"rows-0-kind": ""}, "rows-0-kind", "Chọn loại ngày."),
        ({"rows-0-kind": "vacation"}, "rows-0-kind", "Chọn một mục có trong danh sách."),
        ({"rows-1-on": "27/11/2026"}, "rows-1-on", "là Thứ Sáu; ngày làm bù phải là Thứ Bảy"),
        ({"rows-0-on": "22/11/2026"}, "rows-0-on", "là Chủ nhật, vốn đã nghỉ"),
        ({"rows-0-name": ""}, "rows-0-name", "Nhập tên ngày"),
        ({"rows-0-name": "=1+1"}, "rows-0-name", "Không bắt đầu bằng dấu"),
        ({"rows-1-decision": ""}, "rows-1-decision", "Nhập số văn bản"),
        ({"rows-0-kind": "remove"}, "rows-0-on", "không có dòng nào cho ngày 23/11/2026 để bỏ"),
        ({"rows-1-on": "23/11/2026", "rows-1-kind": "holiday"}, "rows-1-on", "được khai hai lần"),
        ({"rows-0-on": "23/11/1999"}, "rows-0-on", "Năm phải từ 2000 đến 2100"),
    ],
)
def test_each_error_stands_at_its_field(
    signed_in: Callable[[str], Reader], changed: dict[str, str], at: str, sentence: str
) -> None:
    reader = signed_in("supervisor")
    reader.get(CHANGE)
    reader.post(CHANGE, {**SWAP, **changed}, 422)
    assert sentence in reader.text(f".field:has(#{at}) .wrong")
    number = int(at.split("-")[1]) + 1
    link = reader.soup.select_one(f'.summary a[href="#{at}"]')
    assert link is not None
    assert link.get_text().startswith(f"Dòng {number}: ")
    kept = reader.soup.select_one("#rows-1-name")
    assert kept is not None
    assert kept["value"] == SWAP["rows-1-name"]


def test_rows_are_added_and_nothing_is_lost(signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    reader.get(CHANGE)
    assert len(reader.soup.select(".day-row")) == 2
    reader.post(CHANGE, {**SWAP, "more": "1"}, 200)
    assert len(reader.soup.select(".day-row")) == 3
    assert not reader.soup.select(".wrong")
    reader.post(CHANGE, {"count": "2"}, 422)
    assert "không làm lịch khác đi" in reader.text(".summary")


def test_next_year_is_proposed_for_review(autumn: StandingClock, signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    reader.get("/lich-lam-viec/thay-doi?propose=2028")
    assert reader.text("h1") == "Dự kiến lịch nghỉ năm 2028"
    shown = [str(field.get("value", "")) for field in reader.soup.select("[id^=rows-][id$=-on]")]
    assert shown[:2] == ["03/01/2028", "24/01/2028"]
    assert shown[-2:] == ["24/11/2028", ""]
    typed = {
        str(field["name"]): str(
            field.get("value", "") if field.name == "input" else field.select_one("option[selected]")["value"]
        )
        for field in reader.soup.select(".day-row input, .day-row select:has(option[selected])")
    }
    reader.post("/lich-lam-viec/thay-doi?propose=2028", {**typed, "count": str(len(shown))})
    reader.follow()
    reader.post(reader.answer.request.path, {"base": "1", "whom": "all", "reason": "Dự kiến"})
    reader.get("/lich-lam-viec?year=2028")
    assert len(reader.rows(".list tbody tr")) == 12
    assert "dự kiến" in reader.text(".head .quiet")
    assert not reader.soup.select("td.off:not(.estimated)")
    reader.get("/lich-lam-viec/thay-doi?propose=2027", 302)
    reader.follow()
    assert "đã có đủ" in reader.text(".notice[role=status]")


def test_a_file_goes_out_and_comes_back_unchanged(signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    for kind in ("csv", "ics"):
        reader.get(f"/lich-lam-viec/xuat.{kind}")
        content = reader.answer.data
        assert reader.answer.headers["Content-Disposition"].endswith(f"lich-lam-viec-tat-ca.{kind}")
        reader.get("/lich-lam-viec/nhap")
        reader.post(
            "/lich-lam-viec/nhap",
            {"file": (BytesIO(content), f"lich.{kind}"), "whole_years": "y"},
            422,
            content_type="multipart/form-data",
        )
        assert "không làm lịch khác đi" in reader.text(".summary")


def test_a_file_with_mistakes_saves_nothing_and_names_them_all(signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("admin")
    reader.get("/lich-lam-viec/nhap")
    reader.post("/lich-lam-viec/nhap", {}, 422, content_type="multipart/form-data")
    assert "Chọn tệp .csv hoặc .ics." in reader.text(".field .wrong")
    content = (
        "date;kind;name;decision;confidence\n"
        "23/11/2026;Nghỉ hoán đổi;Nghỉ hoán đổi;1/TB;Đã xác nhận\n"
        "32/11/2026;holiday;Sai ngày;;estimated\n"
        "27/11/2026;Làm bù;Không phải thứ Bảy;1/TB;estimated\n"
    ).encode()
    reader.post(
        "/lich-lam-viec/nhap",
        {"file": (BytesIO(content), "lich.csv")},
        422,
        content_type="multipart/form-data",
    )
    assert [row[0] for row in reader.rows()] == ["3"]
    right = content.replace(b"32/11/2026", b"25/12/2026")
    reader.post(
        "/lich-lam-viec/nhap", {"file": (BytesIO(right), "lich.csv")}, 422, content_type="multipart/form-data"
    )
    assert reader.rows()[0][0] == "4"
    assert "Thứ Bảy" in reader.rows()[0][2]
    right = right.replace(b"27/11/2026", b"28/11/2026")
    reader.post(
        "/lich-lam-viec/nhap", {"file": (BytesIO(right), "lich.csv")}, content_type="multipart/form-data"
    )
    reader.follow()
    assert [row[0] for row in reader.rows("main table:first-of-type tbody tr")][:3] == [
        "23/11/2026 T2",
        "28/11/2026 T7",
        "25/12/2026 T6",
    ]


def test_nonsense_addresses(signed_in: Callable[[str], Reader]) -> None:
    reader = signed_in("supervisor")
    for year in ("", "abc", "1999", "99999", "२०२६"):
        reader.get(f"/lich-lam-viec?year={year}")
        assert reader.text("h1") == "Lịch làm việc năm 2024"
    reader.get("/lich-lam-viec/xem-truoc/khong-co", 404)
    reader.get("/lich-lam-viec/phien-ban/99", 404)
    reader.get("/lich-lam-viec/xuat.pdf", 404)
    reader.get(CHANGE)
    reader.post(CHANGE, {**SWAP, "count": "9" * 30}, 422)
    reader.post("/lich-lam-viec/xac-nhan", {"year": "abc"}, 404)
    address = prepare(reader)
    for base in ("", "abc", "9" * 30):
        reader.get(address)
        reader.post(address, {"base": base, "whom": "all", "reason": "x", "d": "9" * 5000}, 422)
    reader.post(address, {"base": "1", "whom": "everyone", "reason": "x"}, 422)
