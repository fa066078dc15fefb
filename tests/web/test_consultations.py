"""Asking other agencies on the page of a dossier, their alerts, and what forms say before they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tthc.db.models import ProcedureCase, ProcedureVersion
from tthc.services import alerts, consultations, dossiers


def _version(reader: Any) -> str:
    return str(reader.soup.select_one('.deed input[name$="-version"]')["value"])


def _labels(reader: Any) -> list[str]:
    return [" ".join(one.find(string=True).split()) for one in reader.soup.select(".deed > summary")]


def _form(reader: Any, kind: str) -> Any:
    """The form of a deed by its kind."""
    field = reader.soup.select_one(f'input[name="{kind}-version"]')
    assert field is not None, kind
    return field.find_parent("form")


def _cautions(reader: Any, kind: str) -> list[str]:
    return [one.get_text(" ", strip=True) for one in _form(reader, kind).select(".notice-warning")]


def _send(reader: Any, code: str, slug: str, kind: str, status: int = 302, **fields: Any) -> None:
    reader.get(f"/ho-so/{code}")
    data = {
        f"{kind}-version": _version(reader),
        **{f"{kind}-{name}": value for name, value in fields.items()},
    }
    reader.post(f"/ho-so/{code}/{slug}", data, status)
    if status == 302:
        reader.follow()


@pytest.fixture
def shared(received: Any, in_session: Any, now: Any) -> Callable[[int], str]:
    """``shared(days)``: received so long ago, 25 days here and 07 working days at the province."""

    def receive(days: int = 0) -> str:
        case_id = in_session(
            lambda session: session.scalars(
                select(ProcedureCase.id)
                .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
                .where(ProcedureVersion.procedure_id == 1, ProcedureCase.name == "UBND cấp tỉnh quyết định")
            ).one()
        )
        return str(received(1, now - timedelta(days=days), case_id=case_id))

    return receive


# --- asking and answering -----------------------------------------------------------------------------


def test_a_question_and_its_answer(signed_in: Callable[[str], Any], received: Any) -> None:
    reader = signed_in("officer")
    code = received(37)
    reader.get(f"/ho-so/{code}")
    assert "Lấy ý kiến" in _labels(reader)
    assert "Nhận ý kiến" not in _labels(reader)
    assert reader.soup.select_one("#consultations") is None
    assert reader.soup.select_one("#consult-segment_no") is None, "nobody else shares this limit"
    _send(
        reader,
        code,
        "lay-y-kien",
        "consult",
        agency="Sở Xây dựng",
        question="Dòng một\nDòng hai",
        working_days="3",
    )
    assert "Đã ghi việc lấy ý kiến." in reader.text(".notice[autofocus]")
    section = reader.soup.select_one("#consultations").find_parent("section")
    text = " ".join(section.get_text(" ").split())
    assert "Sở Xây dựng ● còn 03 ngày làm việc" in text
    assert "Gửi 14/06/2024 09:30 · hạn trả lời 19/06/2024 T4" in text
    assert len(section.select("tr.counted")) == 3
    assert reader.text(".headline dd") == "Được tiếp nhận", "no clock is stopped"
    reader.get("/ho-so?bucket=overdue")
    assert "Không có hồ sơ quá hạn." in reader.text("main")
    reader.get("/ho-so?bucket=overdue&q=khong-co")
    assert "Không có hồ sơ nào khớp." in reader.text("main")
    reader.get("/ho-so?bucket=awaiting_opinion")
    assert [row[2] for row in reader.rows()] == [code]
    reader.get(f"/ho-so/{code}")
    [option] = _form(reader, "receive_opinion").select("option")
    assert (option["value"], option.has_attr("selected")) == ("1", True), "the only one is chosen"
    _send(reader, code, "nhan-y-kien", "receive_opinion", consultation_id="1", answer="Thống nhất")
    assert "Đã ghi ý kiến trả lời." in reader.text(".notice[autofocus]")
    text = " ".join(reader.soup.select_one("#consultations").find_parent("section").get_text(" ").split())
    assert "✓ Trước hạn" in text
    assert "nhận ý kiến 14/06/2024" in text
    assert "Trả lời: Thống nhất" in text
    assert "Nhận ý kiến" not in _labels(reader)
    titles = [one.get_text() for one in reader.soup.select(".events b")]
    assert titles == ["Tiếp nhận", "Lấy ý kiến", "Nhận ý kiến"]


def test_of_several_questions_one_is_chosen(clerk_reader: Any, received: Any, done_to: Any) -> None:
    code = received(37)
    for version, agency in ((1, "Sở A"), (2, "Sở B")):
        done_to(code, version, consultations.consult_agency, agency=agency, question="?", working_days=2)
    clerk_reader.get(f"/ho-so/{code}")
    options = _form(clerk_reader, "receive_opinion").select("option")
    assert [one.get_text() for one in options] == [
        "Chọn cơ quan",
        "Sở A, gửi 14/06/2024",
        "Sở B, gửi 14/06/2024",
    ]
    _send(clerk_reader, code, "nhan-y-kien", "receive_opinion", 422, consultation_id="", answer="Thống nhất")
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#receive_opinion-consultation_id"
    assert clerk_reader.text("#receive_opinion-answer") == "Thống nhất"
    _send(clerk_reader, code, "nhan-y-kien", "receive_opinion", consultation_id="2", answer="Thống nhất")
    tags = [one.get_text(" ", strip=True) for one in clerk_reader.soup.select("section .bare .tag")]
    assert tags == ["◐ còn 02 ngày làm việc", "✓ Trước hạn"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "agency"),
        ({"agency": "Sở A", "working_days": ""}, "working_days"),
        ({"agency": "Sở A", "working_days": "0"}, "working_days"),
        ({"agency": "Sở A", "working_days": "999"}, "working_days"),
        ({"agency": "Sở A", "working_days": "ba"}, "working_days"),
        ({"agency": "Sở A", "due_on": "20/06/2024"}, "due_on"),
        ({"agency": "Sở A", "working_days": "", "due_on": "14/06/2024"}, "due_on"),
        ({"agency": "Sở A", "working_days": "", "due_on": "16/06/2024"}, "due_on"),
        ({"agency": "Sở A", "working_days": "", "due_on": "hôm nào"}, "due_on"),
        ({"agency": "x" * 301}, "agency"),
        ({"agency": "Sở A", "question": ""}, "question"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    clerk_reader: Any, received: Any, fields: dict[str, str], wrong: str
) -> None:
    code = received(37)
    sent = {"question": "Quy hoạch", "working_days": "3", **fields}
    _send(clerk_reader, code, "lay-y-kien", "consult", 422, **sent)
    assert clerk_reader.soup.select_one(".summary a")["href"] == f"#consult-{wrong}"
    assert clerk_reader.text("#consult-question") == sent["question"]
    assert clerk_reader.soup.select_one("details.deed[open] #consult-agency") is not None


def test_who_only_reads_sees_the_questions_and_no_form(
    signed_in: Callable[[str], Any], received: Any, done_to: Any
) -> None:
    code = received(37)
    done_to(code, 1, consultations.consult_agency, agency="Sở A", question="?", working_days=2)
    reader = signed_in("auditor")
    reader.get(f"/ho-so/{code}")
    assert "Sở A" in reader.text("section[aria-labelledby=consultations]")
    assert _labels(reader) == []


# --- alerts -------------------------------------------------------------------------------------------


def test_the_alerts_name_the_agency(
    supervisor_reader: Any, received: Any, done_to: Any, in_session: Any, now: Any, supervisor: Any
) -> None:
    code = received(2, now - timedelta(days=4))
    asked = {"agency": "Sở Xây dựng", "question": "?", "working_days": 1}
    done_to(code, 1, consultations.consult_agency, now - timedelta(days=4), **asked)
    in_session(lambda session: alerts.sweep(session, now=now, actor=supervisor))
    supervisor_reader.get("/canh-bao")
    [row] = supervisor_reader.rows("tr[id^=canh-bao-]")
    assert row[0] == "▲ Quá hạn kéo dài quá hạn 03 ngày làm việc"
    assert row[1].startswith("11/06/2024")
    assert row[2] == code
    assert row[3].startswith("Lấy ý kiến: Sở Xây dựng chưa trả lời")
    assert "xem 1 hồ sơ, 1 văn bản lấy ý kiến, nêu 1 cảnh báo mới" in supervisor_reader.text(".notice")
    form = supervisor_reader.soup.select_one("tr[id^=canh-bao-] form")
    prefix = form.select_one("textarea")["name"].removesuffix("reason")
    supervisor_reader.post(form["action"], {f"{prefix}reason_code": "c", f"{prefix}reason": "Đã nhắc"})
    supervisor_reader.get("/canh-bao?answered=y")
    [row] = supervisor_reader.rows("tr[id^=canh-bao-]")
    assert "Đã nhắc" in row[3]


# --- a limit that several agencies share --------------------------------------------------------------


def test_the_parts_of_a_shared_limit_and_handing_on(clerk_reader: Any, shared: Callable[[int], str]) -> None:
    """Received on Fri 14/06/2024: 25 days end on Tue 09/07, 07 working days on Thu 18/07."""
    code = shared(0)
    clerk_reader.get(f"/ho-so/{code}")
    rows = clerk_reader.rows("section[aria-labelledby=segments] tbody tr")
    assert rows == [
        ["1", "Ban Quản lý, 25 ngày từ 14/06/2024, hạn 09/07/2024", "09/07/2024 T3 đang chạy theo thời hạn"],
        ["2", "UBND cấp tỉnh, 07 ngày làm việc", "18/07/2024 T5"],
    ]
    options = [one.get_text() for one in _form(clerk_reader, "consult").select("#consult-segment_no option")]
    assert options == ["Không, chỉ lấy ý kiến", "Đoạn 2: UBND cấp tỉnh, 07 ngày làm việc"]
    _send(clerk_reader, code, "lay-y-kien", "consult", segment_no="2", question="Trình quyết định")
    text = clerk_reader.text("section[aria-labelledby=consultations]")
    assert "UBND cấp tỉnh" in text
    assert "hạn trả lời 25/06/2024" in text
    assert "Chuyển giải quyết đoạn 2 của thời hạn." in text
    rows = clerk_reader.rows("section[aria-labelledby=segments] tbody tr")
    assert rows[1][1] == "UBND cấp tỉnh, 07 ngày làm việc từ 14/06/2024, hạn 25/06/2024"
    _send(clerk_reader, code, "lay-y-kien", "consult", 422, segment_no="1", question="?")
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#consult-segment_no"


def test_where_it_is_late_stands_on_the_page_and_in_the_list(
    supervisor_reader: Any, shared: Callable[[int], str], received: Any, now: Any
) -> None:
    code = shared(45)
    other = received(37, now - timedelta(days=45))
    supervisor_reader.get(f"/ho-so/{code}")
    text = supervisor_reader.text("section[aria-labelledby=segments]")
    assert "Chậm tại Ban Quản lý: quá hạn" in text
    assert "Chưa ghi việc chuyển hồ sơ cho UBND cấp tỉnh." in text
    supervisor_reader.get("/ho-so?bucket=overdue&sort=-received")
    cells = {row[2]: row[5] for row in supervisor_reader.rows()}
    assert "chậm tại Ban Quản lý (quá hạn" in cells[code]
    assert "chậm tại" not in cells[other]


# --- before it is sent --------------------------------------------------------------------------------


def test_a_late_request_is_warned_of_and_needs_no_tick(clerk_reader: Any, received: Any, now: Any) -> None:
    code = received(2, now - timedelta(days=7))
    clerk_reader.get(f"/ho-so/{code}")
    [caution] = _cautions(clerk_reader, "request_supplement")
    assert caution == (
        "Đã quá 03 ngày làm việc kể từ ngày tiếp nhận (07/06/2024): yêu cầu bổ sung gửi hôm nay là chậm "
        "(khoản 4 Điều 19 Nghị định 61/2018/NĐ-CP)."
    )
    assert (_cautions(clerk_reader, "pause"), _cautions(clerk_reader, "request_payment")) == ([], [])
    assert clerk_reader.soup.select_one("#request_supplement-again") is None
    _send(clerk_reader, code, "yeu-cau-bo-sung", "request_supplement", missing="Bản vẽ", reason="Thiếu")
    assert clerk_reader.text(".headline dd") == "Chờ bổ sung"


def test_in_time_and_for_the_first_time_nothing_is_said(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    clerk_reader.get(f"/ho-so/{code}")
    kinds = ("request_supplement", "pause", "request_payment")
    assert [_cautions(clerk_reader, kind) for kind in kinds] == [[], [], []]


def test_a_second_request_needs_a_tick(clerk_reader: Any, received: Any, done_to: Any, now: Any) -> None:
    at = now - timedelta(hours=1)
    code = received(37, at)
    done_to(code, 1, dossiers.request_supplement, at, missing="Bản vẽ", reason="Thiếu")
    done_to(code, 2, dossiers.receive_supplement)
    clerk_reader.get(f"/ho-so/{code}")
    [caution] = _cautions(clerk_reader, "request_supplement")
    assert "Đã yêu cầu bổ sung ngày 14/06/2024" in caution
    assert "khoản 3 Điều 15 Nghị định 61/2018/NĐ-CP" in caution
    asked = {"missing": "Bản vẽ hoàn công", "reason": "Thiếu"}
    _send(clerk_reader, code, "yeu-cau-bo-sung", "request_supplement", 422, **asked)
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#request_supplement-again"
    assert clerk_reader.text("#request_supplement-missing") == "Bản vẽ hoàn công"
    _send(clerk_reader, code, "yeu-cau-bo-sung", "request_supplement", again="y", **asked)
    assert clerk_reader.text(".headline dd") == "Chờ bổ sung"


def test_after_the_due_date_each_stop_says_that_it_cures_nothing(
    clerk_reader: Any, received: Any, now: Any
) -> None:
    code = received(37, now - timedelta(days=30))
    clerk_reader.get(f"/ho-so/{code}")
    for kind, name in (
        ("request_supplement", "yêu cầu bổ sung"),
        ("request_payment", "yêu cầu nghĩa vụ tài chính"),
        ("pause", "tạm dừng"),
    ):
        last = _cautions(clerk_reader, kind)[-1]
        assert last.startswith("Đã quá ngày hẹn trả 22/05/2024: " + name), kind
        assert last.endswith("không làm dừng thời hạn, hồ sơ vẫn quá hạn.")
    assert len(_cautions(clerk_reader, "request_supplement")) == 2
