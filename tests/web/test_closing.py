"""Closing periods on screen: the readiness list, the figures, the chain, reopening, exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event, text, update

from tests.web.conftest import request_of
from tthc.db.models import PeriodMember
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, Outcome
from tthc.services import dossiers, intake
from tthc.services.vault import check_signature

CHAIN = "/bao-cao/chot-ky"


@pytest.fixture
def receive(app: Flask, clerk: Actor, clock: Any) -> Callable[..., str]:
    """``receive(procedure_id)`` receives a dossier when the clock stands, and gives its code."""

    def act(procedure_id: int, **more: Any) -> str:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session
            request = request_of(procedure_id, **more)
            return intake.receive_dossier(session, now=clock(), actor=clerk, request=request)

    return act


@pytest.fixture
def enter(app: Flask, supervisor: Actor, clock: Any) -> Callable[..., None]:
    """``enter(code, version, use_case, at)`` records now what happened at a moment, or now."""

    def act(code: str, version: int, use_case: Any, at: Any = None, **more: Any) -> None:
        with app.app_context():
            call = dossiers.Call(clock(), supervisor, code, version, at)
            use_case(app.extensions["sqlalchemy"].session, call=call, **more)

    return act


@pytest.fixture
def june(receive: Any, enter: Any, clock: Any) -> dict[str, str]:
    """Four dossiers of 15/05–14/06, looked at on the day after: one early, one pending late, two in time."""
    codes = {}
    clock.stand_at(2024, 5, 20)
    codes["late"] = receive(38)
    clock.stand_at(2024, 6, 3)
    codes["ended"] = receive(37, channel=Channel.ONLINE)
    clock.stand_at(2024, 6, 5)
    enter(codes["ended"], 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    clock.stand_at(2024, 6, 14)
    codes["open"], codes["unverified"] = receive(41), receive(17)
    clock.stand_at(2024, 6, 15)
    return codes


def at(day: int, hour: int = 15) -> datetime:
    """A moment of June 2024 in the office."""
    return datetime(2024, 6, day, hour, tzinfo=OFFICE_ZONE)


def _form(reader: Any, path: str = CHAIN) -> dict[str, str]:
    """The hidden fields of the form that closes."""
    reader.get(path)
    return {
        one["name"]: one["value"]
        for one in reader.soup.select(f'form[action="{CHAIN}"] input[type=hidden]')
        if one["name"] != "csrf_token"
    }


def _close(reader: Any, reason: str = "Đã đối chiếu với sổ giấy") -> None:
    """Close what comes next, and go to the page of the closing."""
    reader.post(CHAIN, {**_form(reader), "reason": reason})
    reader.follow()


def _points(reader: Any) -> dict[str, tuple[str, str]]:
    table = reader.soup.find("caption", string="Kiểm tra trước khi chốt").find_parent("table")
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
        for row in table.select("tbody tr")
    ]
    return {label: (number, words) for label, number, words in rows}


def test_an_office_without_dossiers_has_nothing_to_close(supervisor_reader: Any) -> None:
    supervisor_reader.get(CHAIN)
    assert "Chưa có hồ sơ nào" in supervisor_reader.text("main")
    assert "Chưa chốt kỳ nào." in supervisor_reader.text("main")
    supervisor_reader.get(f"{CHAIN}/dieu-chinh", 404)
    supervisor_reader.get(f"{CHAIN}/nhap-muon", 404)


def test_a_period_that_still_runs_can_be_looked_at(supervisor_reader: Any, receive: Any) -> None:
    receive(37)
    supervisor_reader.get(CHAIN)
    assert "Tháng 06 năm 2024" in supervisor_reader.text("main h2")
    assert "chốt được sau ngày 14/06/2024" in supervisor_reader.text("main")
    assert supervisor_reader.soup.select_one(".official") is None
    assert supervisor_reader.soup.find("button", string="Chốt kỳ") is None
    assert len(_points(supervisor_reader)) == 13


def test_the_readiness_list_names_also_what_is_not_there(supervisor_reader: Any, june: Any) -> None:
    supervisor_reader.get(CHAIN)
    points = _points(supervisor_reader)
    assert points["Quá hạn chưa có văn bản xin lỗi và chưa nêu lý do"][0] == "1"
    assert points["Thủ tục có thời hạn chưa xác minh"][0] == "1"
    assert points["Kết thúc trước ngày tiếp nhận"] == ("0", "✓ đã kiểm tra, không có")
    links = [link["href"] for link in supervisor_reader.soup.select('a[href*="/kiem-tra/"]')]
    assert len(links) == 2
    found = []
    for link in links:
        supervisor_reader.get(link)
        assert ": 1 hồ sơ" in supervisor_reader.text("h1")
        found += [row[0] for row in supervisor_reader.rows()]
        file = supervisor_reader.soup.select_one('.head-tools a[href*=".xlsx"]')["href"]
        sheet = load_workbook(BytesIO(supervisor_reader.client.get(file).data)).active
        assert found[-1] in [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert set(found) == {june["late"], june["unverified"]}


@pytest.mark.parametrize(
    "address",
    [
        "kiem-tra/khong-co?from_on=15/05/2024&to_on=14/06/2024",
        "kiem-tra/identity?from_on=15/05/2024&to_on=14/06/2024",
        "kiem-tra/provisional_date",
        "kiem-tra/provisional_date?from_on=14/06/2024&to_on=15/05/2024",
        "kiem-tra/provisional_date?from_on=abc&to_on=14/06/2024",
        "1",
        "1/ho-so",
        "1/dieu-chinh",
        "1/nhap-muon",
        "99999999999",
    ],
)
def test_a_senseless_address_is_no_page(supervisor_reader: Any, june: Any, address: str) -> None:
    supervisor_reader.get(f"{CHAIN}/{address}", 404)


def test_the_figures_that_will_be_kept_are_links(supervisor_reader: Any, june: Any) -> None:
    supervisor_reader.get(CHAIN)
    total = [int(one.get_text()) for one in supervisor_reader.soup.select(".official tfoot td a")]
    #                (3) (4) (5) (6) (7) (8) (9) (10) (11) (12) (13)
    assert total == [4, 1, 3, 0, 1, 1, 0, 0, 3, 2, 1]
    supervisor_reader.get(supervisor_reader.soup.select(".official tfoot td a")[8]["href"])
    assert len(supervisor_reader.rows()) == 3


def test_a_reporter_prepares_and_only_a_supervisor_closes(signed_in: Callable[[str], Any], june: Any) -> None:
    reporter = signed_in("reporter")
    reporter.get(CHAIN)
    assert reporter.soup.find("button", string="Chốt kỳ") is None
    assert "trình lãnh đạo chốt kỳ" in reporter.text("main")
    reporter.post(CHAIN, {"from_on": "15/05/2024", "to_on": "14/06/2024"}, 403)
    supervisor = signed_in("supervisor")
    assert set(_form(supervisor)) == {"from_on", "to_on", "figures"}


def test_a_period_is_closed_and_listed(supervisor_reader: Any, june: Any) -> None:
    reader = supervisor_reader
    _close(reader)
    assert "Đã chốt kỳ 15/05/2024 – 14/06/2024." in reader.text(".notice-done")
    assert reader.text("h1") == "Tháng 06 năm 2024"
    facts = reader.text(".facts")
    assert "15/06/2024 09:30 · Lãnh đạo 01" in facts
    assert "Đã đối chiếu với sổ giấy" in facts
    checksum = reader.text(".facts .code")
    reader.get(CHAIN)
    row = reader.rows("main table.list:last-of-type tbody tr")[-1]
    assert row[0].startswith("Tháng 06 năm 2024")
    assert "Đã chốt" in row[1]
    assert reader.soup.select("abbr")[-1]["title"] == checksum
    assert "Tháng 07 năm 2024" in reader.text("main h2")
    reader.get("/bao-cao?from_on=15/05/2024&to_on=14/06/2024")
    assert "Kỳ đã chốt ngày 15/06/2024" in reader.text("main .notice-done")


def test_a_reason_is_asked_for_at_its_field_and_what_was_typed_is_kept(
    supervisor_reader: Any, june: Any
) -> None:
    reader = supervisor_reader
    form = _form(reader)
    reader.post(CHAIN, {**form, "reason": ""}, 422)
    assert [one["href"] for one in reader.soup.select(".summary a")] == ["#reason"]
    reader.post(CHAIN, {**form, "figures": "0" * 64, "reason": "Đã đối chiếu"}, 422)
    assert "Số liệu đã thay đổi" in reader.text(".summary")
    assert reader.text("#reason") == "Đã đối chiếu"
    # The page now carries the figures that it shows.
    assert reader.soup.select_one("input[name=figures]")["value"] == form["figures"]
    reader.post(CHAIN, {"reason": "x"}, 400)
    other = {**form, "from_on": "14/05/2024", "reason": "Đã đối chiếu"}
    reader.post(CHAIN, other, 422)
    assert "không phải kỳ được chốt tiếp theo" in reader.text(".summary")


def test_a_second_closing_of_the_same_page_is_refused_in_words(supervisor_reader: Any, june: Any) -> None:
    form = _form(supervisor_reader)
    _close(supervisor_reader)
    supervisor_reader.post(CHAIN, {**form, "reason": "Lần nữa"}, 422)
    assert "bắt đầu từ 15/06/2024" in supervisor_reader.text(".summary")


def test_the_numbers_of_a_closing_open_its_own_dossiers(
    supervisor_reader: Any, june: Any, enter: Any, clock: Any
) -> None:
    reader = supervisor_reader
    _close(reader)
    closing = reader.answer.request.path
    links = {link["href"]: int(link.get_text()) for link in reader.soup.select(".official a")}
    clock.stand_at(2024, 6, 17)
    enter(june["late"], 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    assert len(links) == 88
    for address, number in list(links.items())[::5]:
        reader.get(address)
        assert len(reader.rows()) == number, address
    reader.get(f"{closing}/ho-so")
    assert {row[0] for row in reader.rows()} == set(june.values())
    reader.get(f"{closing}?by=procedure")
    assert "Xem theo lĩnh vực" in reader.text("main")
    assert len(reader.soup.select(".official tbody tr")) == 4
    reader.get(f"{closing}/ho-so?row=abc", 404)
    reader.get(f"{closing}/ho-so?row=99999", 404)


def test_the_members_are_exported_whole(supervisor_reader: Any, june: Any) -> None:
    reader = supervisor_reader
    _close(reader)
    reader.get(f"{reader.answer.request.path}/ho-so?by=sector&cell=pending_total")
    links = {one.get_text(): one["href"] for one in reader.soup.select(".head-tools a")}
    answer = reader.client.get(links["Tải CSV"])
    assert answer.mimetype == "text/csv"
    assert answer.data.decode("utf-8-sig").count("\r\n") == 4
    answer = reader.client.get(links["Tải XLSX"])
    sheet = load_workbook(BytesIO(answer.data)).active
    words = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "Đang giải quyết" in words
    assert "số liệu chốt lần 1" in words
    assert all(june[name] in words for name in ("late", "open", "unverified"))
    assert june["ended"] not in words


def test_what_is_entered_late_is_listed_with_the_next_period(
    supervisor_reader: Any, june: Any, enter: Any, clock: Any
) -> None:
    reader = supervisor_reader
    _close(reader)
    clock.stand_at(2024, 6, 20)
    enter(june["open"], 1, dossiers.resolve_dossier, at(14), outcome=Outcome.GRANTED)
    enter(june["ended"], 2, dossiers.reopen_dossier, reason="Kết thúc nhầm")
    reader.get(CHAIN)
    text = reader.text("main")
    assert "Kết thúc xử lý 14/06/2024 15/06/2024" in text
    assert "được tính vào kỳ này: 1" in text
    moved = reader.soup.find("caption", string=lambda text: str(text).startswith("Hồ sơ chuyển"))
    cells = [cell.get_text(" ", strip=True) for cell in moved.find_parent("table").select("tbody td")]
    assert cells[0] == june["ended"]
    assert cells[1] == "–"
    assert cells[2].startswith("+1 ")
    assert cells[3] == "Kết thúc nhầm"
    for part in ("dieu-chinh", "nhap-muon"):
        reader.get(f"{CHAIN}/{part}")
        assert len(reader.rows()) == 1
    clock.stand_at(2024, 7, 15)
    reader.get("/bao-cao?from_on=15/06/2024&to_on=14/07/2024")
    assert "lệch" not in reader.text(".checks")
    _close(reader)
    for part in ("dieu-chinh", "nhap-muon"):
        reader.get(f"{CHAIN}/2/{part}")
        assert len(reader.rows()) == 1
    reader.get("/bao-cao/danh-sach?from_on=15/06/2024&to_on=14/07/2024&cell=ended_total")
    assert "14/06/2024 (nhập sau khi chốt kỳ, tính từ 15/06/2024)" in reader.text("tbody")


def test_a_period_closed_again_shows_what_it_says_otherwise(
    supervisor_reader: Any, june: Any, enter: Any, clock: Any
) -> None:
    reader = supervisor_reader
    _close(reader)
    first = reader.answer.request.path
    reader.post(f"{first}/mo-lai", {"reason": ""}, 422)
    assert [one["href"] for one in reader.soup.select(".summary a")] == ["#reason"]
    reader.post(f"{first}/mo-lai", {"reason": "Còn hồ sơ chưa nhập kết quả"})
    reader.follow()
    assert "Đã mở lại kỳ" in reader.text(".notice-done")
    assert "Lãnh đạo 01: Còn hồ sơ chưa nhập kết quả" in reader.text("main")
    clock.stand_at(2024, 6, 16)
    enter(june["open"], 1, dossiers.resolve_dossier, at(14), outcome=Outcome.GRANTED)
    _close(reader)
    assert reader.text("h1") == "Tháng 06 năm 2024, chốt lần 02"
    caption = reader.soup.find("caption", string=lambda text: str(text).startswith("Các số khác nhau"))
    rows = reader.rows(f"table:has(caption:-soup-contains('{caption.get_text()}')) tbody tr")
    changed = {(line, what): (before, after, difference) for line, what, before, after, difference in rows}
    assert changed["TỔNG CỘNG", "Đang giải quyết"] == ("3", "2", "−1")
    assert changed["TỔNG CỘNG", "Đã giải quyết trước hạn (gồm rút, dừng)"] == ("1", "2", "+1")
    # The first closing is still readable, and cannot be reopened once more.
    reader.get(first)
    total = [int(one.get_text()) for one in reader.soup.select(".official tfoot td a")]
    assert total[8] == 3
    assert reader.soup.find("button", string="Mở lại kỳ") is None
    reader.post(f"{first}/mo-lai", {"reason": "Thử"}, 422)
    assert "Chỉ mở lại được kỳ chốt sau cùng" in reader.text(".summary")


def test_only_who_may_close_may_reopen(signed_in: Callable[[str], Any], june: Any) -> None:
    _close(signed_in("supervisor"))
    reporter = signed_in("reporter")
    reporter.get(f"{CHAIN}/1")
    assert reporter.soup.find("button", string="Mở lại kỳ") is None
    reporter.post(f"{CHAIN}/1/mo-lai", {"reason": "Thử"}, 403)


def test_recounting_finds_what_was_changed_behind_the_program(
    supervisor_reader: Any, june: Any, in_session: Any
) -> None:
    reader = supervisor_reader
    _close(reader)
    reader.get(f"{CHAIN}/1/doi-chieu")
    assert "còn nguyên như lúc chốt" in reader.text(".notice-done")

    def tamper(session: Any) -> None:
        session.execute(text("DROP TRIGGER IF EXISTS period_member_no_update"))
        session.execute(update(PeriodMember).where(PeriodMember.id == 1).values(reason="x"))
        session.commit()

    in_session(tamper)
    reader.get(f"{CHAIN}/1/doi-chieu")
    assert "KHÔNG còn như lúc chốt" in reader.text(".notice-warning")
    reader.get(f"{CHAIN}/7/doi-chieu", 404)


def test_the_pages_ask_the_same_however_much_there_is(
    app: Flask, supervisor_reader: Any, june: Any, receive: Any, enter: Any, clock: Any
) -> None:
    reader = supervisor_reader
    _close(reader)

    def asked(path: str) -> int:
        statements: list[str] = []
        with app.app_context():
            engine = app.extensions["sqlalchemy"].engine

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            reader.get(path)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    def late(number: int) -> None:
        for _ in range(number):
            code = receive(37, received_at=at(14, 14))
            enter(code, 1, dossiers.resolve_dossier, at(14), outcome=Outcome.GRANTED)
            enter(code, 2, dossiers.reopen_dossier, reason="Nhầm")

    paths = [CHAIN, f"{CHAIN}/1", f"{CHAIN}/1/ho-so", f"{CHAIN}/nhap-muon", f"{CHAIN}/dieu-chinh"]
    late(1)
    clock.stand_at(2024, 7, 15)
    few = [asked(path) for path in paths]
    late(12)
    clock.stand_at(2024, 7, 15)
    assert [asked(path) for path in paths] == few


def test_the_signed_files_of_a_closing(supervisor_reader: Any, june: Any, app: Flask) -> None:
    reader = supervisor_reader
    _close(reader)
    links = {
        link.get_text(): link["href"] for link in reader.soup.select('a[href*="bieu-ii06a"], a[href$=".pem"]')
    }
    assert [*links] == [
        "bieu-ii06a.xlsx",
        "bieu-ii06a.xlsx.sig",
        "bieu-ii06a.pdf",
        "bieu-ii06a.pdf.sig",
        "khoa-cong-khai.pem",
    ]
    files = {name: reader.client.get(address) for name, address in links.items()}
    assert all(answer.status_code == 200 for answer in files.values())
    assert (
        "bieu-ii06a-20240515-20240614-lan-01.xlsx" in files["bieu-ii06a.xlsx"].headers["Content-Disposition"]
    )
    assert files["bieu-ii06a.pdf"].data.startswith(b"%PDF-")
    sheet = load_workbook(BytesIO(files["bieu-ii06a.xlsx"].data), data_only=True).active
    total = next(row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row)
    assert [cell for cell in total if isinstance(cell, int)] == [4, 1, 3, 0, 1, 1, 0, 0, 3, 2, 1]
    for kind in ("xlsx", "pdf"):
        whole, _ = check_signature(
            content=files[f"bieu-ii06a.{kind}"].data,
            signature=files[f"bieu-ii06a.{kind}.sig"].data,
            public=files["khoa-cong-khai.pem"].data,
        )
        assert whole
    reader.get(f"{CHAIN}/1/bieu-ii06a.docx", 404)
    reader.get(f"{CHAIN}/9/bieu-ii06a.xlsx", 404)
    [kept] = Path(app.instance_path).glob("periods/*/bieu-ii06a.xlsx")
    assert kept.parent.name == "2024-05-15_2024-06-14_1"
    kept.write_bytes(kept.read_bytes() + b"x")
    reader.get(f"{CHAIN}/1/bieu-ii06a.xlsx", 422)
    assert "không còn như lúc chốt kỳ" in reader.text("main")
