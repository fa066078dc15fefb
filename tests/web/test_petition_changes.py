"""Petitions on screen: the entry, what is done to one, the correction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tthc.domain.vocabulary import PetitionState

ENTRY = {
    "kind": "conduct",
    "subject": "Phản ánh việc hướng dẫn thủ tục nhiều lần",
    "who": "named",
    "applicant_kind": "enterprise",
    "applicant_name": "Công ty TNHH Đường Đỏ",
    "phone": "0912345678",
    "state": "pending",
    "due_on": "24/06/2024",
    "legal_basis": "Văn bản thử nghiệm",
}


def version(reader: Any) -> str:
    return str(reader.soup.select_one("main input[name$=version]")["value"])


# --- the entry ----------------------------------------------------------------------------------------


def test_a_petition_is_entered_and_shown(clerk_reader: Any) -> None:
    clerk_reader.get("/phan-anh/moi")
    assert "Khiếu nại, tố cáo không ghi vào đây" in clerk_reader.text("main .notice")
    clerk_reader.post("/phan-anh/moi", ENTRY)
    clerk_reader.follow()
    assert clerk_reader.text("h1") == "PAKN-2024-0001"
    assert "Đã ghi phản ánh, kiến nghị vào sổ." in clerk_reader.text(".notice")
    page = clerk_reader.text("main")
    for words in (
        "Đang xử lý",
        "Thứ Hai, 24/06/2024",
        "còn 06 ngày làm việc",
        "Công ty TNHH Đường Đỏ",
        "Văn bản thử nghiệm",
        "Cán bộ một cửa 01",
    ):
        assert words in page
    clerk_reader.get("/phan-anh")
    assert [row[1] for row in clerk_reader.rows()] == ["PAKN-2024-0001"]


def test_a_form_that_is_sent_twice_enters_one(clerk_reader: Any) -> None:
    clerk_reader.get("/phan-anh/moi")
    name = str(clerk_reader.soup.select_one("[name=once]")["value"])
    for _ in range(2):
        clerk_reader.post("/phan-anh/moi", {**ENTRY, "once": name})
    clerk_reader.get("/phan-anh")
    assert len(clerk_reader.rows()) == 1


def test_what_looks_like_a_complaint_is_refused_by_a_hint(clerk_reader: Any) -> None:
    clerk_reader.get("/phan-anh/moi")
    assert clerk_reader.soup.select_one("#not_complaint") is None
    subject = "Khiếu nại quyết định số 5 của Ban"
    clerk_reader.post("/phan-anh/moi", {**ENTRY, "subject": subject}, 422)
    assert clerk_reader.named_errors() == ["#not_complaint"]
    assert "chuyển đơn đến bộ phận tiếp công dân" in clerk_reader.text(".summary")
    assert clerk_reader.text("#subject") == subject
    clerk_reader.post("/phan-anh/moi", {**ENTRY, "subject": subject, "not_complaint": "y"})
    assert "phản ánh" in clerk_reader.follow().get_text()


def test_one_that_was_handed_on_at_once_ends_today(clerk_reader: Any) -> None:
    clerk_reader.get("/phan-anh/moi")
    typed = {
        **ENTRY,
        "state": "transferred",
        "transferred_to": "Sở Công Thương",
        "due_on": "",
        "legal_basis": "",
    }
    nobody = {"who": "nobody", "applicant_name": "", "phone": ""}
    clerk_reader.post("/phan-anh/moi", {**typed, **nobody})
    clerk_reader.follow()
    assert "Sở Công Thương, chuyển ngày 14/06/2024" in clerk_reader.text("main")
    assert "Không nêu tên" in clerk_reader.text("main")
    assert clerk_reader.soup.select(".deed") == []


WRONG = [
    ({"kind": ""}, "kind"),
    ({"kind": "khac"}, "kind"),
    ({"subject": ""}, "subject"),
    ({"subject": "x" * 4001}, "subject"),
    ({"who": "ai-do"}, "who"),
    ({"applicant_name": ""}, "applicant_name"),
    ({"who": "nobody", "phone": ""}, "applicant_name"),
    ({"who": "nobody", "applicant_name": ""}, "phone"),
    ({"applicant_kind": ""}, "applicant_kind"),
    ({"phone": "12"}, "phone"),
    ({"email": "x"}, "email"),
    ({"procedure_id": "999"}, "procedure_id"),
    ({"procedure_id": "abc"}, "procedure_id"),
    ({"received_at": "14/06/2024"}, "received_at"),
    ({"received_at": "15/06/2024 08:00"}, "received_at"),
    ({"state": ""}, "state"),
    ({"state": "answered"}, "state"),
    ({"due_on": ""}, "due_on"),
    ({"due_on": "31/02/2024"}, "due_on"),
    ({"due_on": "23/06/2024"}, "due_on"),
    ({"due_on": "13/06/2024"}, "due_on"),
    ({"legal_basis": ""}, "legal_basis"),
    ({"transferred_to": "Sở Công Thương"}, "transferred_to"),
    ({"state": "transferred"}, "transferred_to"),
    ({"state": "transferred", "transferred_to": "Sở", "ended_on": "15/06/2024"}, "ended_on"),
    ({"state": "transferred", "transferred_to": "Sở", "ended_on": "x"}, "ended_on"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG)
def test_a_wrong_entry_is_said_at_its_field(clerk_reader: Any, changes: dict[str, str], field: str) -> None:
    clerk_reader.get("/phan-anh/moi")
    clerk_reader.post("/phan-anh/moi", {**ENTRY, **changes}, 422)
    assert clerk_reader.named_errors() == [f"#{field}"]
    kept = {**ENTRY, **changes}["subject"]
    assert clerk_reader.soup.select_one("#subject").get_text().strip() == kept
    clerk_reader.get("/phan-anh")
    assert "Chưa có phản ánh, kiến nghị nào" in clerk_reader.text(".empty")


# --- what is done to one ------------------------------------------------------------------------------


def test_a_life_from_answer_to_publication(
    signed_in: Callable[[str], Any], recorded: Callable[..., int]
) -> None:
    address = f"/phan-anh/{recorded()}"
    reader = signed_in("officer")
    reader.get(address)
    assert [one.get_text(" ", strip=True) for one in reader.soup.select(".deed > summary")] == [
        "Ghi trả lời",
        "Chuyển cơ quan khác",
    ]
    sent = {"tra-loi-version": version(reader), "tra-loi-answer": "Công văn số 1\nđã chấn chỉnh"}
    reader.post(f"{address}/tra-loi", sent)
    reader.follow()
    assert "Đã ghi trả lời." in reader.text(".notice")
    assert "Trả lời ngày 14/06/2024" in reader.text("main")
    assert [one.get_text(" ", strip=True) for one in reader.soup.select(".deed > summary")] == [
        "Ghi đăng tải công khai"
    ]
    sent = {"dang-tai-version": version(reader), "dang-tai-published_in": "Trang thông tin điện tử"}
    reader.post(f"{address}/dang-tai", sent)
    reader.follow()
    assert reader.soup.select(".deed") == []
    assert "14/06/2024, Trang thông tin điện tử" in reader.text(".facts")
    events = [one.b.get_text() for one in reader.soup.select(".events > li")]
    assert events == ["Tiếp nhận", "Đã trả lời", "Đăng tải công khai"]


@pytest.mark.parametrize(
    ("slug", "sent", "field"),
    [
        ("tra-loi", {}, "answer"),
        ("tra-loi", {"answer": "x", "ended_on": "13/06/2024"}, "ended_on"),
        ("tra-loi", {"answer": "x", "ended_on": "mai"}, "ended_on"),
        ("tra-loi", {"answer": "x" * 4001}, "answer"),
        ("chuyen", {}, "transferred_to"),
        ("chuyen", {"transferred_to": "Sở", "ended_on": "15/06/2024"}, "ended_on"),
    ],
)
def test_a_wrong_deed_stays_open_with_what_was_typed(
    clerk_reader: Any, recorded: Callable[..., int], slug: str, sent: dict[str, str], field: str
) -> None:
    address = f"/phan-anh/{recorded()}"
    clerk_reader.get(address)
    typed = {f"{slug}-{name}": text for name, text in sent.items()}
    clerk_reader.post(f"{address}/{slug}", {**typed, f"{slug}-version": version(clerk_reader)}, 422)
    assert clerk_reader.named_errors() == [f"#{slug}-{field}"]
    assert clerk_reader.soup.select_one(f"details[open] #{slug}-{field}") is not None
    clerk_reader.get(address)
    assert "Đang xử lý" in clerk_reader.text(".headline")


def test_two_people_at_once(signed_in: Callable[[str], Any], recorded: Callable[..., int]) -> None:
    address = f"/phan-anh/{recorded()}"
    first, second = signed_in("clerk"), signed_in("officer")
    first.get(address)
    second.get(address)
    seen = version(second)
    first.post(f"{address}/tra-loi", {"tra-loi-version": version(first), "tra-loi-answer": "Đã trả lời"})
    second.post(f"{address}/chuyen", {"chuyen-version": seen, "chuyen-transferred_to": "Sở Công Thương"}, 422)
    assert "vừa được người khác cập nhật" in second.text(".summary")
    assert "Đã trả lời" in second.text(".headline")


def test_a_petition_that_is_not_there(signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("supervisor")
    reader.get("/phan-anh/999", 404)
    reader.get("/phan-anh/999/dinh-chinh", 404)
    reader.get("/phan-anh/moi")
    reader.post("/phan-anh/999/tra-loi", {"tra-loi-answer": "x", "tra-loi-version": "1"}, 404)


# --- the correction -----------------------------------------------------------------------------------


def values(reader: Any) -> dict[str, str]:
    """Everything that the form on the page would send."""
    found: dict[str, str] = {}
    for one in reader.soup.select("main form[method=post] [name]"):
        name = one["name"]
        if one.name == "select":
            chosen = one.select_one("option[selected]")
            found[name] = chosen["value"] if chosen else ""
        elif one.name == "textarea":
            found[name] = one.get_text().removeprefix("\r\n").removeprefix("\n")
        elif one.get("type") in {"radio", "checkbox"}:
            if one.has_attr("checked"):
                found[name] = one.get("value", "y")
        else:
            found[name] = one.get("value", "")
    return found


def test_a_correction_shows_what_is_on_record_and_says_what_changed(
    supervisor_reader: Any, recorded: Callable[..., int], now: Any
) -> None:
    address = f"/phan-anh/{recorded(received_at=now - timedelta(seconds=17))}"
    supervisor_reader.get(f"{address}/dinh-chinh")
    shown = values(supervisor_reader)
    assert (shown["kind"], shown["who"], shown["state"]) == ("conduct", "nobody", "pending")
    assert (shown["received_at"], shown["due_on"]) == ("14/06/2024 09:29", "24/06/2024")
    supervisor_reader.post(f"{address}/dinh-chinh", {**shown, "reason": "Thử"}, 422)
    assert "Chưa có gì được sửa." in supervisor_reader.text(".summary")
    supervisor_reader.post(f"{address}/dinh-chinh", {**shown, "kind": "regulation"}, 422)
    assert supervisor_reader.named_errors() == ["#reason"]
    sent = {**values(supervisor_reader), "due_on": "26/06/2024", "reason": "Chọn nhầm loại"}
    supervisor_reader.post(f"{address}/dinh-chinh", sent)
    supervisor_reader.follow()
    history = supervisor_reader.text(".events")
    assert "Loại: Hành vi hành chính → Quy định hành chính" in history
    assert "Hạn xử lý: 24/06/2024 → 26/06/2024" in history
    assert "Lý do: Chọn nhầm loại" in history
    assert "Hạn trước đây 24/06/2024" in supervisor_reader.text(".facts")


def test_an_old_correction_is_refused_and_kept(supervisor_reader: Any, recorded: Callable[..., int]) -> None:
    address = f"/phan-anh/{recorded()}"
    supervisor_reader.get(f"{address}/dinh-chinh")
    sent = {**values(supervisor_reader), "subject": "Phản ánh đã sửa", "reason": "Sửa chữ"}
    supervisor_reader.post(f"{address}/dinh-chinh", sent)
    supervisor_reader.post(f"{address}/dinh-chinh", {**sent, "subject": "Phản ánh sửa nữa"}, 422)
    assert "vừa được người khác cập nhật" in supervisor_reader.text(".summary")
    assert values(supervisor_reader)["subject"] == "Phản ánh sửa nữa"
    supervisor_reader.post(f"{address}/dinh-chinh", values(supervisor_reader))


def test_a_correction_can_undo_an_answer(supervisor_reader: Any, recorded: Callable[..., int]) -> None:
    answered = recorded(
        state=PetitionState.ANSWERED,
        ended_on=date(2024, 6, 14),
        answer="Nhầm",
        published_on=date(2024, 6, 14),
        published_in="Trang tin",
    )
    address = f"/phan-anh/{answered}"
    supervisor_reader.get(f"{address}/dinh-chinh")
    sent = {**values(supervisor_reader), "state": "pending", "reason": "Trả lời nhầm"}
    supervisor_reader.post(f"{address}/dinh-chinh", sent, 422)
    assert supervisor_reader.named_errors() == ["#ended_on"]
    sent |= {"ended_on": "", "answer": "", "published_on": "", "published_in": ""}
    supervisor_reader.post(f"{address}/dinh-chinh", sent)
    supervisor_reader.follow()
    assert "Đang xử lý" in supervisor_reader.text(".headline")
