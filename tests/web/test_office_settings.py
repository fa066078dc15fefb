"""The pages of the office's own rules: compared before they are saved, refused at the right field, kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.clock import StandingClock
from tests.web.conftest import Reader
from tthc.domain.settings import KNOWN

SignedIn = Callable[[str], Reader]
NEW_RULE = "/thiet-lap/quy-tac-moi"
OTHERS = "/thiet-lap/quy-dinh-khac"
UNIT = "/thiet-lap/don-vi"
RULE = {
    "hours-1-start": "07:00",
    "hours-1-end": "11:30",
    "hours-2-start": "13h00",
    "hours-2-end": "16:30",
    "cutoff": "15:00",
    "shift": "yes",
    "due_at_mode": "closing",
    "saturday": "no",
    "valid_from": "23/11/2026",
    "reason": "Quyết định 12/QĐ-BQL",
}
WHY = "Nghị quyết 202/2025/QH15"


@pytest.fixture
def autumn(clock: StandingClock) -> StandingClock:
    """Sunday 22/11/2026 09:30."""
    clock.stand_at(2026, 11, 22)
    return clock


@pytest.fixture
def admin_reader(autumn: StandingClock, signed_in: SignedIn) -> Reader:
    """The administrator at the first page."""
    return signed_in("admin")


def typed(soup: BeautifulSoup) -> dict[str, str]:
    """What a form's inputs hold."""
    found = {str(one["name"]): str(one.get("value", "")) for one in soup.select("main input[name]")}
    found |= {str(one["name"]): str(one["value"]) for one in soup.select("main input[checked]")}
    found |= {str(one["name"]): one.get_text().removeprefix("\n") for one in soup.select("main textarea")}
    return found


def rows_of(reader: Reader, caption: str) -> list[list[str]]:
    """The cells of the table whose caption begins so."""
    [table] = [one for one in reader.soup.select("main table") if one.caption.get_text().startswith(caption)]
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in table.select("tbody tr")
    ]


def errors(reader: Reader) -> dict[str, str]:
    """Sentence by name of the field at which it stands."""
    return {
        str(one["name"]): reader.text(f"#{one['aria-describedby'].split()[-1]}")
        for one in reader.soup.select("main [aria-invalid]")
    }


# --- the counting rule --------------------------------------------------------------------------------


def test_the_rule_of_today_and_where_it_comes_from(autumn: StandingClock, signed_in: SignedIn) -> None:
    reader = signed_in("auditor")
    assert reader.text('.side a[href="/thiet-lap"]') == "Thiết lập"
    reader.get("/thiet-lap")
    assert reader.text("h1") == "Cách tính thời hạn"
    facts = [one.get_text(strip=True) for one in reader.soup.select("main .facts dd")]
    assert facts[0] == "07:30–11:30, 13:30–17:00"
    assert reader.rows() == [["từ đầu", "quy tắc ban đầu", "", "Hệ thống 14/06/2024 09:30", "đang áp dụng"]]
    assert reader.soup.select_one(f'a[href="{NEW_RULE}"]') is None


def test_a_rule_is_compared_mended_saved_and_told(admin_reader: Reader) -> None:
    reader = admin_reader
    reader.get(NEW_RULE)
    first = typed(reader.soup)
    assert (first["hours-1-start"], first["hours-2-end"], first["cutoff"]) == ("07:30", "17:00", "")
    assert (first["shift"], first["due_at_mode"], first["saturday"]) == ("yes", "closing", "yes")
    assert first["valid_from"] == "23/11/2026"

    reader.post(NEW_RULE, RULE, 200)
    assert reader.text("h1") == "So sánh quy tắc cũ và quy tắc mới"
    changes = rows_of(reader, "Những mục thay đổi")
    assert changes[0] == ["Giờ làm việc", "07:30–11:30, 13:30–17:00", "07:00–11:30, 13:00–16:30"]
    assert [row[0] for row in changes] == ["Giờ làm việc", "Giờ chốt tiếp nhận trong ngày", "Thứ Bảy làm bù"]
    trials = reader.rows(".trials tbody tr")
    assert len(trials) == 5 * 3
    # Mon 23/11 15:01 is past the cut-off: 25/11 starts as 24/11 is off; 26, 27, 30, 01, 02.
    late = next(row for row in trials if row[0].startswith("15:01"))
    assert late == [
        "15:01 Thứ Hai, 23/11/2026 sau giờ chốt 15:00",
        "05 ngày làm việc",
        "17:00 Thứ Ba, 01/12/2026 tạm tính",
        "16:30 Thứ Tư, 02/12/2026 tạm tính khác",
    ]
    seen = typed(reader.soup)
    reader.post(NEW_RULE, {**seen, "step": "edit"}, 200)
    assert reader.text("h1") == "Đổi quy tắc tính thời hạn"
    again = typed(reader.soup)
    assert {name: again[name] for name in RULE} == RULE

    reader.post(NEW_RULE, {**seen, "step": "save"})
    reader.follow()
    assert "từ ngày 23/11/2026" in reader.text(".notice-done")
    assert reader.text("#rule-2") == "Quy tắc sắp áp dụng, từ 23/11/2026"
    assert reader.rows()[0][2:] == ["Quyết định 12/QĐ-BQL", "Quản trị 01 22/11/2026 09:30", "sắp áp dụng"]
    assert reader.rows()[1][4] == "đang áp dụng"


@pytest.mark.parametrize(
    ("wrong", "name", "words"),
    [
        ({"hours-2-start": "11:00"}, "hours-2-start", "trước khi khoảng giờ 1 kết thúc"),
        ({"hours-1-end": "06:00"}, "hours-1-start", "giờ bắt đầu phải trước giờ kết thúc"),
        ({"hours-2-end": ""}, "hours-2-end", "Nhập giờ kết thúc"),
        ({"hours-2-end": "25:00"}, "hours-2-end", "Nhập giờ kết thúc"),
        (dict.fromkeys([name for name in RULE if name.startswith("hours")], ""), "hours-1-start", "ít nhất"),
        ({"cutoff": "12:00"}, "cutoff", "trong giờ làm việc"),
        ({"cutoff": "17:00"}, "cutoff", "trong giờ làm việc"),
        ({"cutoff": "chiều"}, "cutoff", "Nhập giờ chốt"),
        ({"shift": "no"}, "cutoff", "chỉ có tác dụng"),
        ({"valid_from": ""}, "valid_from", "Nhập ngày áp dụng"),
        ({"valid_from": "31/02/2027"}, "valid_from", "Nhập ngày áp dụng"),
        ({"reason": " "}, "reason", "Nhập lý do"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    admin_reader: Reader, wrong: dict[str, str], name: str, words: str
) -> None:
    admin_reader.get(NEW_RULE)
    sent = {**RULE, **wrong}
    for step in ("", "save"):
        admin_reader.post(NEW_RULE, {**sent, "step": step}, 422)
        assert words in errors(admin_reader)[name]
        assert words in admin_reader.text(".summary")
        kept = typed(admin_reader.soup)
        assert {key: kept[key].strip() for key in sent} == {key: text.strip() for key, text in sent.items()}
    admin_reader.get("/thiet-lap")
    assert len(admin_reader.rows()) == 1


def test_overlapping_hours_are_said_at_the_row_in_which_they_were_typed(admin_reader: Reader) -> None:
    admin_reader.get(NEW_RULE)
    # The second row is left blank, so that the second span stands in the third.
    moved = {**RULE, "hours-2-start": "", "hours-2-end": "", "hours-3-start": "11:00", "hours-3-end": "16:30"}
    admin_reader.post(NEW_RULE, moved, 422)
    assert list(errors(admin_reader)) == ["hours-3-start"]


def test_everything_that_is_wrong_is_said_at_once(admin_reader: Reader) -> None:
    admin_reader.get(NEW_RULE)
    wrong = {"hours-2-start": "11:00", "cutoff": "giờ chiều", "valid_from": "", "reason": ""}
    admin_reader.post(NEW_RULE, {**RULE, **wrong}, 422)
    assert list(errors(admin_reader)) == list(wrong)
    admin_reader.post(NEW_RULE, {**RULE, "cutoff": "17:00", "reason": ""}, 422)
    assert list(errors(admin_reader)) == ["cutoff", "reason"]


@pytest.mark.parametrize("name", ["shift", "due_at_mode", "saturday"])
@pytest.mark.parametrize("text", ["", "maybe"])
def test_a_choice_that_is_none_is_refused(admin_reader: Reader, name: str, text: str) -> None:
    admin_reader.get(NEW_RULE)
    admin_reader.post(NEW_RULE, {**RULE, name: text, "step": "save"}, 422)
    assert "Chọn một mục" in admin_reader.text(".summary")


def test_no_rule_for_days_on_which_dossiers_were_received(
    admin_reader: Reader, received: Any, autumn: StandingClock
) -> None:
    received(1)
    admin_reader.get(NEW_RULE)
    assert "trước 15/06/2024 đã được hẹn trả" in admin_reader.text("#valid_from-hint")
    admin_reader.post(NEW_RULE, {**RULE, "valid_from": "14/06/2024"}, 422)
    assert "từ 15/06/2024 trở đi" in errors(admin_reader)["valid_from"]


def test_a_rule_that_changes_nothing_is_refused(admin_reader: Reader) -> None:
    admin_reader.get(NEW_RULE)
    same = {**typed(admin_reader.soup), "reason": "Vì"}
    admin_reader.post(NEW_RULE, same, 422)
    assert "đã áp dụng đúng quy tắc này" in admin_reader.text(".summary")


def test_of_two_people_the_second_sees_the_comparison_anew(admin_reader: Reader, signed_in: SignedIn) -> None:
    admin_reader.get(NEW_RULE)
    admin_reader.post(NEW_RULE, RULE, 200)
    seen = typed(admin_reader.soup)
    other = signed_in("supervisor")
    other.get(NEW_RULE)
    other.post(NEW_RULE, {**RULE, "saturday": "yes"}, 200)
    other.post(NEW_RULE, {**typed(other.soup), "step": "save"})
    admin_reader.post(NEW_RULE, {**seen, "step": "save"}, 422)
    assert "vừa được người khác thay đổi" in admin_reader.text(".summary")
    changes = rows_of(admin_reader, "Những mục thay đổi")
    assert [row[0] for row in changes] == ["Thứ Bảy làm bù"]
    admin_reader.post(NEW_RULE, {**typed(admin_reader.soup), "step": "save"})


def test_past_the_calendar_nothing_is_compared_and_the_rule_can_still_be_saved(admin_reader: Reader) -> None:
    admin_reader.get(NEW_RULE)
    admin_reader.post(NEW_RULE, {**RULE, "valid_from": "01/01/2035"}, 200)
    assert "năm 2035" in admin_reader.text(".notice-warning:not(:has(a))")
    admin_reader.post(NEW_RULE, {**typed(admin_reader.soup), "step": "save"})


# --- other settings -----------------------------------------------------------------------------------


def test_a_setting_is_changed_from_a_date_on(autumn: StandingClock, signed_in: SignedIn) -> None:
    reader = signed_in("supervisor")
    reader.get(OTHERS)
    assert "các giá trị trên là mặc định" in reader.text(".empty")
    assert len(reader.soup.select("details.unfold")) == len(KNOWN)
    slug = "cho-bo-sung-qua-lau"
    assert typed(reader.soup)[f"{slug}-value"] == "30"
    reader.post(
        f"{OTHERS}/{slug}",
        {f"{slug}-value": "20", f"{slug}-valid_from": "01/12/2026", f"{slug}-reason": "Quy chế"},
    )
    reader.follow()
    assert "từ ngày 01/12/2026" in reader.text(".notice-done")
    section = reader.text(f'section[aria-labelledby="s-{slug}"]')
    assert "Hiện nay: 30 ngày làm việc" in section
    assert "Sắp áp dụng, từ 01/12/2026: 20 ngày làm việc" in section
    assert reader.rows() == [
        [
            "từ 01/12/2026",
            "Thời gian chờ bổ sung hồ sơ",
            "30 ngày làm việc → 20 ngày làm việc",
            "Quy chế",
            "Lãnh đạo 01 22/11/2026 09:30",
            "sắp áp dụng",
        ]
    ]


@pytest.mark.parametrize(
    ("slug", "field", "text", "words"),
    [
        ("cho-bo-sung-qua-lau", "value", "", "Nhập số nguyên từ 1 đến 250"),
        ("cho-bo-sung-qua-lau", "value", "0", "Nhập số nguyên từ 1 đến 250"),
        ("cho-bo-sung-qua-lau", "value", "hai mươi", "Nhập số nguyên từ 1 đến 250"),
        ("cho-bo-sung-qua-lau", "value", "30", "đã áp dụng đúng giá trị này"),
        ("cho-bo-sung-qua-lau", "valid_from", "21/11/2026", "từ 22/11/2026 trở đi"),
        ("cho-bo-sung-qua-lau", "reason", "", "Nhập lý do"),
        ("can-cu-dung-giai-quyet", "value", "", "đã áp dụng đúng giá trị này"),
        ("can-cu-dung-giai-quyet", "value", "x" * 501, "tối đa 500 ký tự"),
    ],
)
def test_a_wrong_value_is_said_at_its_field(
    autumn: StandingClock, signed_in: SignedIn, slug: str, field: str, text: str, words: str
) -> None:
    reader = signed_in("supervisor")
    reader.get(OTHERS)
    sent = {"value": "20", "valid_from": "22/11/2026", "reason": "Quy chế", field: text}
    reader.post(f"{OTHERS}/{slug}", {f"{slug}-{name}": value for name, value in sent.items()}, 422)
    assert words in errors(reader)[f"{slug}-{field}"]
    assert reader.soup.select_one("details[open]") is not None
    kept = typed(reader.soup)
    assert {name: kept[f"{slug}-{name}"] for name in sent} == sent
    assert len(reader.soup.select("details.unfold")) == len(KNOWN)


def test_a_choice_outside_the_list_is_refused(autumn: StandingClock, signed_in: SignedIn) -> None:
    reader = signed_in("supervisor")
    slug = "ho-so-rut-va-dung"
    reader.get(OTHERS)
    sent = {f"{slug}-value": "both", f"{slug}-valid_from": "22/11/2026", f"{slug}-reason": "Vì"}
    reader.post(f"{OTHERS}/{slug}", sent, 422)
    assert "Chọn một mục" in reader.text(".summary")
    reader.post(f"{OTHERS}/{slug}", {**sent, f"{slug}-value": "separate"})


def test_what_one_may_not_set_has_no_form_and_is_refused(autumn: StandingClock, signed_in: SignedIn) -> None:
    reader = signed_in("admin")
    reader.get(OTHERS)
    assert len(reader.soup.select("details.unfold")) == len(KNOWN) - 1
    assert "Do lãnh đạo nhập." in reader.text('section[aria-labelledby="s-can-cu-dung-giai-quyet"]')
    slug = "can-cu-dung-giai-quyet"
    sent = {f"{slug}-value": "Quy chế", f"{slug}-valid_from": "22/11/2026", f"{slug}-reason": "Vì"}
    reader.post(f"{OTHERS}/{slug}", sent, 403)
    reader.get(OTHERS)
    reader.post(f"{OTHERS}/khong-co", {}, 404)
    auditor = signed_in("auditor")
    auditor.get(OTHERS)
    assert auditor.soup.select("details.unfold") == []


# --- the unit -----------------------------------------------------------------------------------------


def test_the_unit_is_corrected_and_confirmed(admin_reader: Reader) -> None:
    reader = admin_reader
    reader.get(UNIT)
    assert reader.text(".foot .tag-soft") == "tên đơn vị chưa xác minh"
    names = rows_of(reader, "Tên đơn vị")
    assert names[0][0] == "từ 01/07/2025 đang dùng"
    assert names[0][3].startswith("chưa xác minh Sửa hoặc xác nhận")
    assert names[1][0::3] == ["đến hết 30/06/2025", "đã xác nhận"]
    codes = rows_of(reader, "Mã định danh")
    assert codes[0][1:3] == ["000.00.99.H54", "0001"]
    assert codes[0][3].startswith("mã tạm")

    reader.get(f"{UNIT}/2")
    sent = {**typed(reader.soup), "name": "Ban Quản lý các khu công nghiệp tỉnh Hưng Yên", "reason": WHY}
    reader.post(f"{UNIT}/2", {**sent, "place": ""}, 422)
    assert errors(reader) == {"place": "Nhập địa danh."}
    assert typed(reader.soup)["name"] == sent["name"]
    reader.post(f"{UNIT}/2", sent)
    reader.follow()
    assert sent["name"] in reader.text("main .facts")
    # Whoever still has the old page open must look again, and keeps what was typed.
    reader.post(f"{UNIT}/2", {**sent, "place": "TP. Hưng Yên"}, 422)
    assert "vừa được người khác thay đổi" in reader.text(".summary")
    assert typed(reader.soup)["place"] == "TP. Hưng Yên"

    reader.post(f"{UNIT}/2/xac-nhan", {"confirm-seen": typed(reader.soup)["confirm-seen"]}, 422)
    assert list(errors(reader)) == ["confirm-reason"]
    seen = typed(reader.soup)["confirm-seen"]
    reader.post(f"{UNIT}/2/xac-nhan", {"confirm-seen": seen, "confirm-reason": WHY})
    reader.follow()
    assert reader.soup.select_one(".foot .tag-soft") is None
    reader.get(f"{UNIT}/2")
    assert not reader.soup.select("main form")
    reader.get(f"{UNIT}/99", 404)


def test_another_name_and_another_code_from_a_date_on(admin_reader: Reader, received: Any) -> None:
    received(1)
    reader = admin_reader
    reader.get(f"{UNIT}/ten-moi")
    name = {
        "valid_from": "01/01/2027",
        "name": "Ban Quản lý các khu công nghiệp tỉnh Hưng Yên",
        "superior": "UBND tỉnh Hưng Yên",
        "place": "Hưng Yên",
        "reception_desk": "Trung tâm Phục vụ hành chính công tỉnh Hưng Yên",
        "reason": WHY,
    }
    reader.post(f"{UNIT}/ten-moi", {**name, "valid_from": "01/07/2025"}, 422)
    assert "Đã có thông tin đơn vị" in errors(reader)["valid_from"]
    reader.post(f"{UNIT}/ten-moi", name)
    reader.follow()
    assert [row[0] for row in rows_of(reader, "Tên đơn vị")] == [
        "từ 01/01/2027",
        "từ 01/07/2025 đến hết 31/12/2026 đang dùng",
        "đến hết 30/06/2025",
    ]

    reader.get(f"{UNIT}/ma-moi")
    assert "trước 15/06/2024 đã được cấp" in reader.text("#valid_from-hint")
    code = {"code": "h31.15.02", "sequence_start": "5000", "valid_from": "23/11/2026", "reason": WHY}
    for wrong, field, words in (
        ({"code": "54"}, "code", "không đúng dạng"),
        ({"code": ""}, "code", "Nhập mã định danh"),
        ({"sequence_start": "9999"}, "sequence_start", "từ 0 đến 9998"),
        ({"valid_from": "14/06/2024"}, "valid_from", "từ 15/06/2024 trở đi"),
        ({"reason": ""}, "reason", "Nhập văn bản"),
    ):
        reader.post(f"{UNIT}/ma-moi", {**code, **wrong}, 422)
        assert words in errors(reader)[field]
    reader.post(f"{UNIT}/ma-moi", code)
    reader.follow()
    assert rows_of(reader, "Mã định danh")[0][:3] == [
        "từ 23/11/2026",
        "H31.15.02",
        "5001",
    ]


def test_who_only_looks_sees_no_way_to_change(autumn: StandingClock, signed_in: SignedIn) -> None:
    for role in ("supervisor", "reporter", "auditor"):
        reader = signed_in(role)
        reader.get(UNIT)
        assert not reader.soup.select('main a[href^="/thiet-lap/don-vi/"]')
        assert reader.soup.select_one(".foot .tag-soft a") is None
    assert signed_in("admin").text('.foot a[href="/thiet-lap/don-vi"]') == "tên đơn vị chưa xác minh"
