"""The intake form: receive, keep or refuse, with the due date before and the input kept after a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tthc.db.models import ProcedureVersion, Requirement
from tthc.web.submissions import Submissions

PAGE = "/ho-so/tiep-nhan"


def _form(**more: str) -> dict[str, str]:
    return {
        "step": "receive",
        "procedure_id": "37",
        "channel": "counter",
        "applicant_kind": "enterprise",
        "applicant_name": "Công ty TNHH Đường Đỏ",
        "phone": "0912 345 678",
        "sets": "1",
        "extra-1-name": "Đơn đề nghị",
        "extra-1-originals": "1",
        "extra-1-copies": "2",
        **more,
    }


def _errors(reader: Any) -> dict[str, str]:
    return {one["href"]: one.get_text(strip=True) for one in reader.soup.select(".summary a")}


def test_a_dossier_is_received_and_its_receipt_is_the_next_step(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form())
    clerk_reader.follow()
    code = clerk_reader.text("h1")
    assert re.fullmatch(r"[0-9.]+\.H54-240614-0001", code)
    link = clerk_reader.soup.select_one(".notice a[autofocus]")
    assert link["href"] == f"/ho-so/{code}/giay-tiep-nhan.pdf"
    page = clerk_reader.text("main")
    # Friday 14/06/2024 09:30 and five working days.
    assert "Thứ Sáu, 21/06/2024, 17:00" in page
    assert "còn 05 ngày làm việc" in page
    assert "Đơn đề nghị 1 bản chính, 2 bản sao" in page
    clerk_reader.get(link["href"])
    assert clerk_reader.answer.mimetype == "application/pdf"
    assert clerk_reader.answer.data.startswith(b"%PDF-")


def test_what_may_not_be_left_out_is_said_once_each(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, {"step": "receive"}, 422)
    assert _errors(clerk_reader) == {
        "#procedure_id": "Chọn thủ tục hành chính.",
        "#applicant_name": "Nhập tên chủ hồ sơ.",
    }


def test_everything_that_is_wrong_is_said_in_one_round(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    wrong = {
        "received_at": "15/06/2024 08:00",
        "phone": "gọi sau",
        "email": "khong-phai-thu",
        "id_number": "?",
        "fee_due": "1000",
        "fee_paid": "1000",
        "sets": "0",
        "reason": "Thiếu giấy ủy quyền",
    }
    clerk_reader.post(PAGE, _form(**wrong), 422)
    assert list(_errors(clerk_reader)) == [
        "#id_number",
        "#phone",
        "#email",
        "#sets",
        "#fee_receipt_no",
        "#received_at",
        "#reason",
    ]
    # What was to be refused is not received, by whatever key it is sent.
    for step in ("receive", "save"):
        clerk_reader.post(PAGE, _form(step=step, reason="Thiếu giấy ủy quyền"), 422)
        assert "hoặc xóa lý do" in _errors(clerk_reader)["#reason"]
    clerk_reader.get("/ho-so")
    assert clerk_reader.rows() == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("received_at", "31/02/2024 08:00", "Nhập thời điểm tiếp nhận theo dạng ngày/tháng/năm giờ:phút"),
        ("received_at", "hôm qua", "Nhập thời điểm tiếp nhận theo dạng ngày/tháng/năm giờ:phút"),
        ("received_at", "15/06/2024 08:00", "Thời điểm tiếp nhận không được sau hiện tại."),
        ("received_at", "05/01/1990 08:00", "1990"),
        ("sets", "0", "Nhập số nguyên từ 1 đến 99."),
        ("sets", "-1", "Nhập số nguyên từ 1 đến 99."),
        ("sets", "hai", "Nhập số nguyên từ 1 đến 99."),
        ("extra-1-originals", "9" * 30, "Đơn đề nghị – Bản chính: Nhập số nguyên từ 0 đến 999."),
        ("extra-2-name", "Bản vẽ", "Bản vẽ – Ghi số lượng bản chính, bản sao, hoặc xóa tên giấy tờ."),
        ("extra-2-copies", "1", "Giấy tờ khác 2 – Ghi tên giấy tờ, hoặc xóa số lượng."),
        ("procedure_id", "9999", "Chọn một mục có trong danh sách."),
        ("procedure_id", "1 OR 1=1", "Chọn một mục có trong danh sách."),
        ("channel", "pigeon", "Chọn một mục có trong danh sách."),
        ("officer_id", "9999", "Chọn một mục có trong danh sách."),
        ("phone", "gọi sau", "Số điện thoại gồm 8 đến 14 chữ số"),
        ("email", "khong-phai-thu", "Thư điện tử chưa đúng dạng"),
        ("applicant_name", "Đ" * 301, "Viết ngắn hơn: tối đa 300 ký tự."),
        ("applicant_name", " \t\u200b ", "Nhập tên chủ hồ sơ."),
    ],
)
def test_a_mistake_is_named_at_its_field_and_the_input_kept(
    clerk_reader: Any, name: str, value: str, sentence: str
) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(subject="Nội dung dài phải còn nguyên", **{name: value}), 422)
    assert sentence in clerk_reader.text(".summary")
    assert clerk_reader.text("#subject") == "Nội dung dài phải còn nguyên"
    assert clerk_reader.soup.select_one("#extra-1-name")["value"] == "Đơn đề nghị"
    if name.startswith("extra"):
        assert clerk_reader.soup.select_one(".papers [aria-invalid=true][aria-describedby$=-error]")
    clerk_reader.get("/ho-so")
    assert clerk_reader.rows() == []


def test_control_characters_and_markup_stay_text(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(applicant_name="Công ty\x00 <script>alert(1)</script>", subject="a\x0bb"))
    clerk_reader.follow()
    assert "Công ty <script>alert(1)</script>" in clerk_reader.text("main")
    assert not clerk_reader.soup.select("main script")


def test_an_unverified_limit_has_to_be_confirmed(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    assert clerk_reader.soup.select_one("#confirm_unverified") is None
    clerk_reader.post(PAGE, _form(procedure_id="20"), 422)
    assert "Thời hạn chưa xác minh" in _errors(clerk_reader)["#confirm_unverified"]
    assert clerk_reader.soup.select_one("#confirm_unverified") is not None
    clerk_reader.post(PAGE, _form(procedure_id="20", confirm_unverified="y"))


def test_without_script_a_button_computes_the_due_date(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(step="preview", applicant_name=""), 200)
    assert "Thứ Sáu, 21/06/2024 trước 17:00" in clerk_reader.text("#due-card")
    assert not clerk_reader.soup.select(".summary")
    clerk_reader.get("/ho-so")
    assert clerk_reader.rows() == []


def test_enter_in_a_field_without_script_saves_nothing(clerk_reader: Any) -> None:
    """A browser sends the first button of the form then; it must be a harmless one, or none at all."""
    clerk_reader.get(PAGE)
    form = _form()
    del form["step"]
    clerk_reader.post(PAGE, form, 200)
    clerk_reader.get("/ho-so")
    assert clerk_reader.rows() == []


def test_the_card_follows_the_form(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    # The day of receipt may be under another version, with papers of its own.
    for changed in ("received_at", "procedure_id"):
        answer = clerk_reader.client.post(
            f"{PAGE}/xem-truoc",
            data={"csrf_token": clerk_reader.token(), "procedure_id": "20", "channel": "online"},
            headers={"HX-Request": "true", "HX-Trigger-Name": changed},
        )
        assert answer.status_code == 200
        assert "Thứ Tư, 19/06/2024" in answer.text
        assert 'id="papers-place" hx-swap-oob="true"' in answer.text
        assert 'id="case-place" hx-swap-oob="true"' in answer.text
    assert 'name="confirm_unverified"' in answer.text
    assert "<html" not in answer.text


def test_the_card_says_why_there_is_no_date(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(step="preview", received_at="04/01/2010 08:00"), 200)
    assert "2010" in clerk_reader.text('#due-card [role="alert"]')


def test_a_dossier_is_kept_until_it_is_accepted(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(step="save", channel="online"))
    clerk_reader.follow()
    assert clerk_reader.text("h1").startswith("Hồ sơ nộp TN-240614-")
    clerk_reader.get("/cho-tiep-nhan")
    assert [row[3] for row in clerk_reader.rows()] == ["Trực tuyến"]


def test_what_came_through_the_portal_keeps_its_code_and_time(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    assert clerk_reader.soup.select_one("#given_code") is None
    for channel, shown in (("online", ["given_code", "submitted_at"]), ("post", ["submitted_at"])):
        answer = clerk_reader.client.post(
            f"{PAGE}/xem-truoc",
            data={"csrf_token": clerk_reader.token(), "channel": channel, "procedure_id": "37"},
            headers={"HX-Request": "true", "HX-Trigger-Name": "channel"},
        )
        assert [name for name in ("given_code", "submitted_at") if f'id="{name}"' in answer.text] == shown
    code = "000.00.06.H56-240613-0361"
    typed = {
        "channel": "online",
        "given_code": " 000.00.06.h56–240613-0361",
        "submitted_at": "13/06/2024 21:00",
    }
    wrong = {**typed, "given_code": "TN-1", "submitted_at": "14/06/2024 09:31", "phone": "?"}
    clerk_reader.post(PAGE, _form(**wrong), 422)
    assert list(_errors(clerk_reader)) == ["#given_code", "#submitted_at", "#phone"]
    clerk_reader.post(PAGE, _form(**{**typed, "channel": "counter"}), 422)
    assert list(_errors(clerk_reader)) == ["#given_code", "#submitted_at"]

    clerk_reader.post(PAGE, _form(**typed, step="save"))
    clerk_reader.follow()
    waiting = clerk_reader.answer.request.path
    assert clerk_reader.text("h1") == f"Hồ sơ nộp {code}"
    # Eight working hours from Thursday evening, not from when it was entered.
    assert "17/06/2024 08:00" in clerk_reader.text(".head")
    clerk_reader.get(PAGE)
    for step in ("save", "receive"):
        clerk_reader.post(PAGE, _form(**typed, step=step), 422)
        assert "đã được ghi cho một hồ sơ khác" in _errors(clerk_reader)["#given_code"]
    clerk_reader.get(waiting)
    clerk_reader.post(f"{waiting}/tiep-nhan")
    clerk_reader.follow()
    assert clerk_reader.text("h1") == code
    assert "13/06/2024 21:00" in clerk_reader.text("main")

    clerk_reader.get(PAGE)
    direct = _form(**{**typed, "given_code": "H56.10-240613-0007", "received_at": "14/06/2024 08:00"})
    clerk_reader.post(PAGE, {**direct, "submitted_at": "14/06/2024 08:01", "confirm_duplicate": "y"}, 422)
    assert "sau thời điểm tiếp nhận" in _errors(clerk_reader)["#submitted_at"]
    clerk_reader.post(PAGE, {**direct, "confirm_duplicate": "y"})
    clerk_reader.follow()
    assert clerk_reader.text("h1") == "H56.10-240613-0007"
    assert "13/06/2024 21:00" in clerk_reader.text("main")


def test_missing_papers_are_confirmed_and_named(app: Flask, clerk_reader: Any) -> None:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        version = session.scalars(
            select(ProcedureVersion.id).where(ProcedureVersion.procedure_id == 37)
        ).one()
        for position, (name, required) in enumerate((("Đơn đề nghị", True), ("Giấy ủy quyền", False)), 1):
            session.add(
                Requirement(
                    version_id=version,
                    position=position,
                    name=name,
                    originals=1,
                    certified=0,
                    copies=1,
                    required=required,
                )
            )
        session.commit()
        needed, optional = session.scalars(select(Requirement.id).where(Requirement.version_id == version))
    clerk_reader.get(PAGE)
    plain = {key: value for key, value in _form().items() if not key.startswith("extra")}
    clerk_reader.post(PAGE, {**plain, "step": "preview"}, 200)
    counts = {one["name"]: one["value"] for one in clerk_reader.soup.select(".papers input[name^=paper-]")}
    assert [counts[f"paper-{paper}-originals"] for paper in (needed, optional)] == ["1", ""]
    assert clerk_reader.soup.select_one("#confirm_missing") is None
    # Too few pieces are as good as none.
    short = {**plain, f"paper-{needed}-originals": "1", f"paper-{needed}-copies": ""}
    clerk_reader.post(PAGE, {**short, "step": "preview"}, 200)
    assert "Hồ sơ còn thiếu giấy tờ: Đơn đề nghị." in clerk_reader.text("#missing-place")
    clerk_reader.post(PAGE, short, 422)
    assert "còn thiếu giấy tờ: Đơn đề nghị." in _errors(clerk_reader)["#confirm_missing"]
    clerk_reader.post(PAGE, {**short, "step": "save"})
    clerk_reader.follow()
    assert "Còn thiếu giấy tờ khi nộp: Đơn đề nghị." in clerk_reader.text("main")
    accepting = f"{clerk_reader.answer.request.path}/tiep-nhan"
    clerk_reader.post(accepting, {}, 422)
    assert "Khi nộp còn thiếu giấy tờ: Đơn đề nghị." in _errors(clerk_reader)["#confirm_missing"]
    # What came with a supplement stands on the receipt, in the numbers that are required.
    filing = accepting.removesuffix("/tiep-nhan")
    clerk_reader.post(f"{filing}/yeu-cau-bo-sung", {"missing": "Đơn đề nghị", "why": "Thiếu bản sao"})
    clerk_reader.post(f"{filing}/nhan-bo-sung", {"papers": "Bản vẽ"}, 422)
    clerk_reader.post(f"{filing}/nhan-bo-sung", {"papers": "Đơn đề nghị"})
    clerk_reader.post(accepting, {})
    clerk_reader.follow()
    assert "Đơn đề nghị 1 bản chính, 1 bản sao" in clerk_reader.text("main")
    assert "Còn thiếu khi tiếp nhận" not in clerk_reader.text("main")
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, {**short, "step": "save", "confirm_duplicate": "y"})
    clerk_reader.post(f"{clerk_reader.answer.location}/tiep-nhan", {"confirm_missing": "y"})
    clerk_reader.follow()
    assert "Còn thiếu khi tiếp nhận Đơn đề nghị" in clerk_reader.text("main")
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, {**short, "confirm_missing": "y", "confirm_duplicate": "y"})
    clerk_reader.follow()
    assert "Còn thiếu khi tiếp nhận Đơn đề nghị" in clerk_reader.text("main")
    # What the page did not show yet is not taken as handed in; a refusal names no papers.
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, {**plain, "confirm_duplicate": "y"}, 422)
    assert clerk_reader.soup.select_one(f"#paper-{needed}-originals")["aria-invalid"] == "true"
    assert "Đơn đề nghị – Danh mục giấy tờ vừa hiện ra" in _errors(clerk_reader)[f"#paper-{needed}-originals"]
    seen = {name: value for name, value in counts.items() if name.startswith("paper-")}
    clerk_reader.post(PAGE, {**plain, **seen, "confirm_duplicate": "y"})
    clerk_reader.follow()
    assert "Còn thiếu khi tiếp nhận" not in clerk_reader.text("main")


def test_a_refusal_needs_its_reason_in_the_same_place(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    clerk_reader.post(PAGE, _form(step="refuse"), 422)
    assert "Nhập lý do không tiếp nhận" in _errors(clerk_reader)["#reason"]
    clerk_reader.post(PAGE, _form(step="refuse", reason="Thiếu giấy ủy quyền"))
    clerk_reader.follow()
    assert "Không được tiếp nhận" in clerk_reader.text("main")
    assert "Thiếu giấy ủy quyền" in clerk_reader.text("main")


def test_the_same_form_sent_twice_makes_one_dossier(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    once = clerk_reader.soup.select_one('input[name="once"]')["value"]
    clerk_reader.post(PAGE, _form(once=once))
    first = clerk_reader.answer.headers["Location"]
    clerk_reader.post(PAGE, _form(once=once))
    assert clerk_reader.answer.headers["Location"] == first
    clerk_reader.get("/ho-so")
    assert len(clerk_reader.rows()) == 1


def test_the_same_form_sent_again_after_a_restart_makes_one_dossier(app: Flask, clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    once = clerk_reader.soup.select_one('input[name="once"]')["value"]
    clerk_reader.post(PAGE, _form(once=once))
    app.extensions.pop("tthc_submissions")
    clerk_reader.post(PAGE, _form(once=once))
    clerk_reader.get("/ho-so")
    assert len(clerk_reader.rows()) == 1


def test_two_clicks_at_once_carry_out_one_deed() -> None:
    submissions = Submissions()
    done: list[int] = []

    def act() -> str:
        done.append(1)
        return f"result {len(done)}"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: submissions.once("token", act), range(64)))
    assert set(results) == {"result 1"}
    assert len(done) == 1


def test_a_refused_form_can_be_sent_again_with_the_same_token() -> None:
    submissions = Submissions()

    def refuse() -> str:
        raise ValueError("sai")

    with pytest.raises(ValueError, match="sai"):
        submissions.once("token", refuse)
    assert submissions.once("token", lambda: "xong") == "xong"


def test_only_the_desk_receives(signed_in: Callable[[str], Any]) -> None:
    officer = signed_in("officer")
    officer.get(PAGE, 403)
    assert officer.soup.select_one("[data-intake]") is None


def test_the_procedures_are_a_plain_select(clerk_reader: Any, received: Callable[..., str]) -> None:
    clerk_reader.get(PAGE)
    offered = clerk_reader.soup.select("#procedure_id option")
    assert len(offered) == 43
    assert offered[1].get_text().startswith("1. ")
    assert "Ví dụ 14/06/2024 09:30," in clerk_reader.text("#received_at-hint")
    received(37)
    clerk_reader.get(PAGE)
    groups = clerk_reader.soup.select("#procedure_id optgroup")
    assert [(one["label"], len(one.select("option"))) for one in groups] == [
        ("Hay tiếp nhận gần đây", 1),
        ("Thủ tục khác", 41),
    ]
    assert groups[0].option["data-code"] == "2.000450"


def test_procedure_and_applicant_are_found_without_script(
    clerk_reader: Any, received: Callable[..., str]
) -> None:
    received(37)
    clerk_reader.get(PAGE)
    blank = _form(step="", procedure_id="", applicant_name="", phone="")
    clerk_reader.post(PAGE, {**blank, "step": "procedure", "seek_procedure": "cgpxd"}, 200)
    assert "3 thủ tục khớp" in clerk_reader.text(".seeker [role=status]")
    assert len(clerk_reader.soup.select("#procedure_id option")) == 4
    clerk_reader.post(PAGE, {**blank, "step": "procedure", "seek_procedure": "noi quy lao dong"}, 200)
    assert clerk_reader.soup.select_one("#procedure_id option[selected]")["value"] == "41"
    assert "Thứ Ba, 25/06/2024" in clerk_reader.text("#due-card")
    clerk_reader.post(PAGE, {**blank, "step": "procedure", "seek_procedure": "xyz"}, 200)
    assert "Không có thủ tục nào khớp" in clerk_reader.text(".seeker [role=status]")

    # Enter presses the first button: it looks for an applicant, for a procedure, or shows the page anew.
    enter = clerk_reader.soup.select_one("form.desk button")
    enter = {**blank, enter["name"]: enter["value"]}
    clerk_reader.post(PAGE, {**enter, "procedure_id": "41", "seek_procedure": "cgpxd"}, 200)
    assert "3 thủ tục khớp" in clerk_reader.text(".seeker [role=status]")
    clerk_reader.post(PAGE, {**enter, "procedure_id": "41"}, 200)
    assert "Thứ Ba, 25/06/2024" in clerk_reader.text("#due-card")
    clerk_reader.post(PAGE, {**enter, "seek_procedure": "xyz", "seek_applicant": "đường đỏ"}, 200)
    choice = clerk_reader.soup.select_one("#applicant-found button")
    assert [one["value"] for one in clerk_reader.soup.select("[autofocus]")] == [choice["value"]]
    assert "1001234567 · 0912345678 · KCN · 1 hồ sơ" in clerk_reader.text("#applicant-found")
    clerk_reader.post(PAGE, {**blank, "applicant": choice["value"], "seek_applicant": "đường đỏ"}, 200)
    assert [one["id"] for one in clerk_reader.soup.select("[autofocus]")] == ["applicant_name"]
    assert not clerk_reader.soup.select_one("#seek_applicant")["value"]
    for field, value in (
        ("applicant_name", "Công ty TNHH Đường Đỏ"),
        ("id_number", "1001234567"),
        ("email", "lienhe@vidu.vn"),
    ):
        assert clerk_reader.soup.select_one(f"#{field}")["value"] == value
    for wrong in ("999999", "x", "-1"):
        clerk_reader.post(PAGE, {**blank, "applicant": wrong}, 404 if wrong == "999999" else 200)
        clerk_reader.get(PAGE)


def test_a_further_paper_has_a_line_of_its_own(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    for lines in (4, 5):
        typed = _form(**{f"extra-{number}-name": f"Giấy tờ {number}" for number in range(2, lines)})
        clerk_reader.post(PAGE, {**typed, "step": "paper"}, 200)
        assert len(clerk_reader.soup.select(".papers input[name$=-name]")) == lines
    answer = clerk_reader.client.post(
        f"{PAGE}/them-giay-to", data={**_form(), "csrf_token": clerk_reader.token()}
    )
    assert answer.text.count("-name") == 2 * 4
    # Without a script the page begins in the new line.
    clerk_reader.post(PAGE, _form(step="paper"), 200)
    assert [one["id"] for one in clerk_reader.soup.select("[data-focus]")] == ["extra-4-name"]
    typed = _form(**{"extra-4-name": "Giấy tờ thứ tư", "extra-4-certified": "1"})
    clerk_reader.post(PAGE, typed)
    clerk_reader.follow()
    assert "Giấy tờ thứ tư 1 sao chứng thực" in clerk_reader.text("main")


def test_suggestions_come_as_a_list_of_options(clerk_reader: Any, received: Callable[..., str]) -> None:
    received(37)
    for typed in ("1001234", "0912 345", "Duong do cong ty"):
        answer = clerk_reader.client.get(f"{PAGE}/chu-ho-so?seek_applicant={typed}")
        assert answer.text.count('role="option"') == 1, typed
        assert 'data-id_number="1001234567"' in answer.text
    assert (
        "Chưa có chủ hồ sơ nào khớp" in clerk_reader.client.get(f"{PAGE}/chu-ho-so?seek_applicant=xyz").text
    )
    assert clerk_reader.client.get(f"{PAGE}/chu-ho-so?seek_applicant=x").text.strip() == ""


def test_a_second_open_dossier_is_confirmed_and_a_third_goes_on_for_its_applicant(
    clerk_reader: Any, received: Callable[..., str]
) -> None:
    code = received(37)
    clerk_reader.get(PAGE)
    same = _form(id_number="1001234567")
    clerk_reader.post(PAGE, same, 422)
    assert code in _errors(clerk_reader)["#confirm_duplicate"]
    assert clerk_reader.soup.select_one(f'#duplicate-place a[href="/ho-so/{code}"]') is not None
    clerk_reader.post(PAGE, {**same, "confirm_duplicate": "y"})
    clerk_reader.follow()
    further = clerk_reader.soup.select(".notice a")[1]
    assert further.get_text() == "Tiếp nhận tiếp cho chủ hồ sơ này"
    clerk_reader.get(further["href"])
    assert clerk_reader.soup.select_one("#applicant_name")["value"] == "Công ty TNHH Đường Đỏ"
    assert clerk_reader.soup.select_one("#id_number")["value"] == "1001234567"
    assert clerk_reader.soup.select_one("#procedure_id option[selected]") is None
    clerk_reader.get(f"{PAGE}?tiep=000.00.99.H54-240614-9999", 404)


def test_a_draft_is_offered_on_return_and_gone_once_saved(clerk_reader: Any) -> None:
    clerk_reader.get(PAGE)
    once = clerk_reader.soup.select_one('input[name="once"]')["value"]
    typed = _form(once=once, subject="Đang nhập dở")

    def keep() -> None:
        data = {**typed, "csrf_token": clerk_reader.token()}
        assert clerk_reader.client.post(f"{PAGE}/nhap", data=data).status_code == 204

    data = {"once": once, "csrf_token": clerk_reader.token(), "applicant_name": "zzzz", "channel": "counter"}
    assert clerk_reader.client.post(f"{PAGE}/nhap", data=data).status_code == 204
    clerk_reader.get(PAGE)
    assert clerk_reader.soup.select_one(".notice-info") is None, "a mere search is no draft"
    keep()
    clerk_reader.get(PAGE)
    assert "Bản nháp lưu lúc 14/06/2024 09:30: 37. Cấp lại Giấy phép" in clerk_reader.text(".notice-info")
    assert clerk_reader.text("#subject") == ""
    clerk_reader.get(f"{PAGE}?nhap=1")
    assert clerk_reader.text("#subject") == "Đang nhập dở"
    assert clerk_reader.soup.select_one("#extra-1-name")["value"] == "Đơn đề nghị"
    assert "Thứ Sáu, 21/06/2024" in clerk_reader.text("#due-card")
    clerk_reader.post(PAGE, typed)
    keep()  # on its way while the form was sent
    clerk_reader.follow()
    clerk_reader.get(PAGE)
    assert clerk_reader.soup.select_one(".notice-info") is None
    once = "khac"
    typed["once"] = once
    keep()
    clerk_reader.get(PAGE)
    clerk_reader.post(f"{PAGE}/bo-nhap")
    clerk_reader.follow()
    assert clerk_reader.soup.select_one(".notice-info") is None
