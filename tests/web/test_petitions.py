"""Petitions on screen: entry, register, the page of one, correction, tally."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import PetitionKind, PetitionState
from tthc.services import petition_changes
from tthc.services.petition_contents import PetitionContent

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


@pytest.fixture
def recorded(in_session: Any, clerk: Actor, now: Any) -> Callable[..., int]:
    """``recorded(…)`` puts a petition into the database and gives its id."""

    def record(**more: Any) -> int:
        typed: dict[str, Any] = {
            "kind": PetitionKind.CONDUCT,
            "subject": "Phản ánh đã ghi",
            "applicant": None,
            "received_at": now,
            "due_on": date(2024, 6, 24),
            "legal_basis": "Văn bản thử nghiệm",
            **more,
        }
        made: int = in_session(
            lambda session: petition_changes.record_petition(
                session, now=now, actor=clerk, content=PetitionContent(**typed)
            )
        )
        return made

    return record


def version(reader: Any) -> str:
    return str(reader.soup.select_one("main input[name$=version]")["value"])


def errors(reader: Any) -> list[str]:
    return [one.get("href", "") for one in reader.soup.select(".summary a")]


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
    assert errors(clerk_reader) == ["#not_complaint"]
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
    assert errors(clerk_reader) == [f"#{field}"]
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
    assert errors(clerk_reader) == [f"#{slug}-{field}"]
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
    assert errors(supervisor_reader) == ["#reason"]
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
    assert errors(supervisor_reader) == ["#ended_on"]
    sent |= {"ended_on": "", "answer": "", "published_on": "", "published_in": ""}
    supervisor_reader.post(f"{address}/dinh-chinh", sent)
    supervisor_reader.follow()
    assert "Đang xử lý" in supervisor_reader.text(".headline")


# --- the register -------------------------------------------------------------------------------------


def test_the_register_is_narrowed_down_by_its_address(
    supervisor_reader: Any, recorded: Callable[..., int], now: Any
) -> None:
    recorded(subject="Phản ánh trả kết quả chậm")
    recorded(kind=PetitionKind.REGULATION, subject="Kiến nghị bỏ giấy tờ")
    recorded(received_at=now - timedelta(days=40), due_on=date(2024, 5, 20))
    for query, numbers in {
        "": ["0003", "0001", "0002"],
        "q=giay+to": ["0002"],
        "kind=regulation": ["0002"],
        "state=answered": [],
        "from_on=15/05/2024&to_on=14/06/2024": ["0002", "0001"],
        "from_on=15/05/2024&to_on=14/06/2024&cell=carried_over": ["0003"],
        "from_on=15/05/2024&to_on=14/06/2024&cell=pending_overdue": ["0003"],
    }.items():
        supervisor_reader.get(f"/phan-anh?{query}")
        found = [row[1][-4:] for row in supervisor_reader.rows()]
        assert sorted(found) == sorted(numbers), query
        assert found[:1] == (["0003"] if "0003" in numbers else found[:1]), "the overdue one first"


def test_a_long_register_has_pages_that_keep_the_filter(
    supervisor_reader: Any, recorded: Callable[..., int]
) -> None:
    for _ in range(51):
        recorded()
    supervisor_reader.get("/phan-anh?q=ghi&endpoint=x&_external=1&suffix=y")
    assert len(supervisor_reader.rows()) == 50
    following = supervisor_reader.soup.select_one(".pager [rel=next]")["href"]
    assert following == "/phan-anh?q=ghi&page=2"
    supervisor_reader.get(following)
    assert len(supervisor_reader.rows()) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_on=15/05/2024", "#to_on"),
        ("to_on=15/05/2024", "#from_on"),
        ("cell=answered", "#from_on"),
        ("from_on=15/06/2024&to_on=14/05/2024", "#from_on"),
        ("from_on=15/06/2024&to_on=30/06/2024", "#from_on"),
        ("from_on=abc&to_on=30/06/2024", "#from_on"),
        ("state=khac", "#state"),
        ("kind=khac", "#kind"),
        ("from_on=15/05/2024&to_on=14/06/2024&cell=khac", "#cell"),
    ],
)
def test_a_senseless_filter_is_named(supervisor_reader: Any, query: str, field: str) -> None:
    supervisor_reader.get(f"/phan-anh?{query}", 422)
    assert errors(supervisor_reader) == [field]
    status = supervisor_reader.client.get(f"/phan-anh/xuat.xlsx?{query}").status_code
    assert status in {404, 422}


def test_the_register_is_exported_as_it_is_shown(
    signed_in: Callable[[str], Any], recorded: Callable[..., int]
) -> None:
    recorded(subject="Phản ánh trả kết quả chậm")
    recorded(subject="Kiến nghị bỏ giấy tờ")
    reader = signed_in("reporter")
    reader.get("/phan-anh?q=giay+to&page=1")
    links = {one.get_text(): one["href"] for one in reader.soup.select(".head-tools a")}
    answer = reader.client.get(links["Xuất CSV"])
    assert answer.mimetype == "text/csv"
    assert "so-phan-anh-kien-nghi-20240614.csv" in answer.headers["Content-Disposition"]
    assert [line.split(",")[0] for line in answer.data.decode("utf-8-sig").splitlines()][1:] == [
        "PAKN-2024-0002"
    ]
    sheet = load_workbook(BytesIO(reader.client.get(links["Xuất XLSX"]).data)).active
    texts = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "Kiến nghị bỏ giấy tờ" in texts
    assert "Phản ánh trả kết quả chậm" not in texts
    clerk = signed_in("clerk")
    clerk.get("/phan-anh")
    assert [one.get_text() for one in clerk.soup.select(".head-tools a")] == ["Ghi phản ánh, kiến nghị"]
    assert clerk.client.get(links["Xuất CSV"]).status_code == 403


# --- the tally ----------------------------------------------------------------------------------------


@pytest.fixture
def a_month(recorded: Callable[..., int], now: Any) -> None:
    """One carried over and overdue, two new (one about a regulation), one answered late, one handed on."""
    old = now - timedelta(days=40)
    recorded(received_at=old, due_on=date(2024, 5, 20))
    recorded()
    recorded(kind=PetitionKind.REGULATION)
    recorded(
        received_at=old,
        due_on=date(2024, 5, 20),
        state=PetitionState.ANSWERED,
        ended_on=date(2024, 5, 21),
        answer="Đã trả lời",
        published_on=date(2024, 5, 22),
        published_in="Trang tin",
    )
    recorded(
        state=PetitionState.TRANSFERRED,
        ended_on=date(2024, 6, 14),
        transferred_to="Sở Công Thương",
        due_on=None,
        legal_basis="",
    )


def test_every_number_opens_exactly_its_petitions(supervisor_reader: Any, a_month: None) -> None:
    supervisor_reader.get("/phan-anh/tong-hop?preset=bc-thang-6&year=2024")
    assert "Tháng 06 năm 2024 từ 15/05/2024 đến 14/06/2024" in supervisor_reader.text("main h2")
    total = [int(cell.get_text()) for cell in supervisor_reader.soup.select(".official tfoot td a")]
    #        (3) (4) (5) (6) (7) (8) (9) (10) (11) (12) (13)
    assert total == [5, 2, 3, 1, 0, 1, 1, 3, 2, 1, 1]
    assert "lệch" not in supervisor_reader.text(".checks")
    assert len(supervisor_reader.soup.select(".checks li")) == 6
    links = {one["href"]: int(one.get_text()) for one in supervisor_reader.soup.select(".official a")}
    assert len(links) == 33
    for address, number in links.items():
        supervisor_reader.get(address)
        assert len(supervisor_reader.rows()) == number, address


def test_a_period_without_any_says_so(supervisor_reader: Any) -> None:
    supervisor_reader.get("/phan-anh/tong-hop")
    assert "Trong kỳ không có phản ánh, kiến nghị." in supervisor_reader.text("main")
    assert supervisor_reader.soup.select_one("#preset option[selected]")["value"] == "bc-6-thang-dau"
    assert supervisor_reader.soup.select_one("#by") is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from_on=abc&to_on=14/06/2024", "#from_on"),
        ("from_on=15/12/2023", "#to_on"),
        ("from_on=01/07/2024&to_on=31/07/2024", "#from_on"),
        ("preset=khong-co&year=2024", "#preset"),
        ("preset=bc-nam&year=99999", "#year"),
    ],
)
def test_a_senseless_period_is_named(supervisor_reader: Any, query: str, field: str) -> None:
    supervisor_reader.get(f"/phan-anh/tong-hop?{query}", 422)
    assert field in errors(supervisor_reader)
    assert supervisor_reader.soup.select_one(".official") is None
    assert supervisor_reader.client.get(f"/phan-anh/tong-hop.xlsx?{query}").status_code in {404, 422}


def test_the_spreadsheet_holds_the_same_total(supervisor_reader: Any, a_month: None) -> None:
    supervisor_reader.get("/phan-anh/tong-hop?preset=bc-thang-6&year=2024")
    link = supervisor_reader.soup.select_one('a[href*="tong-hop.xlsx"]')["href"]
    answer = supervisor_reader.client.get(link)
    assert "phan-anh-kien-nghi-20240515-20240614.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.data), data_only=True).active
    total = next(row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row)
    assert [cell for cell in total if isinstance(cell, int)] == [5, 2, 3, 1, 0, 1, 1, 3, 2, 1, 1]


# --- its place ----------------------------------------------------------------------------------------


def test_it_stands_under_reports_and_on_the_first_page_only_when_one_is_open(
    supervisor_reader: Any, recorded: Callable[..., int]
) -> None:
    assert "Phản ánh" not in supervisor_reader.text(".counts")
    assert "Phản ánh" not in supervisor_reader.text(".side")
    supervisor_reader.get("/bao-cao")
    links = {one.get_text(): one["href"] for one in supervisor_reader.soup.select(".head-tools a")}
    supervisor_reader.get(links["Phản ánh, kiến nghị"])
    assert supervisor_reader.text(".side [aria-current]") == "Báo cáo"
    assert supervisor_reader.text(".tabs [aria-current]") == "Sổ phản ánh, kiến nghị"
    petition_id = recorded()
    supervisor_reader.get("/")
    link = supervisor_reader.soup.select_one(".counts a[href*=phan-anh]")
    assert link.get_text(" ", strip=True) == "Phản ánh, kiến nghị 1"
    supervisor_reader.get(link["href"])
    assert len(supervisor_reader.rows()) == 1
    supervisor_reader.get(f"/phan-anh/{petition_id}")
    sent = {"tra-loi-version": version(supervisor_reader), "tra-loi-answer": "Đã trả lời"}
    supervisor_reader.post(f"/phan-anh/{petition_id}/tra-loi", sent)
    supervisor_reader.get("/")
    assert supervisor_reader.soup.select_one(".counts a[href*=phan-anh]") is None
