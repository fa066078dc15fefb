"""Extensions on the page of a dossier: proposed by one, decided by another, told in a letter."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from tests.web.conftest import request_of
from tthc.domain.permissions import Actor
from tthc.services import dossier_page, extensions, intake
from tthc.services.dossiers import Call

PROPOSE, APPROVE, REFUSE = "de-xuat-gia-han", "duyet-gia-han", "khong-gia-han"


@pytest.fixture
def due_monday(app: Flask, clock: Any, clerk: Actor) -> str:
    """Received on Monday 10/06/2024 with 05 working days, so due on 17/06; today is Wednesday 12/06."""
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        at = clock.stand_at(2024, 6, 10, 8, 5)
        code: str = intake.receive_dossier(session, now=at, actor=clerk, request=request_of(37))
    clock.stand_at(2024, 6, 12, 10)
    return code


@pytest.fixture
def extended(app: Flask, clock: Any, actor: Callable[[str], Actor], due_monday: str) -> Callable[..., None]:
    """``extended("21/06/2024")`` has an officer propose that date and a supervisor approve it now."""

    def extend(day: int, month: int = 6, approve: bool = True, **more: Any) -> None:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session

            def call(by: str) -> Call:
                person = actor(by)
                view = dossier_page.get_dossier(session, actor=person, now=clock(), code=due_monday)
                return Call(clock(), person, due_monday, view.version)

            new = clock.today.replace(day=day, month=month)
            extensions.propose_extension(
                session, call=call("officer"), new_due_on=new, reason="Chờ ý kiến", **more
            )
            if approve:
                extensions.approve_extension(session, call=call("supervisor"))

    return extend


def send(reader: Any, code: str, slug: str, kind: str, status: int = 302, **typed: str) -> None:
    """Open the dossier and send the form of a deed as it stands there."""
    reader.get(f"/ho-so/{code}")
    shown = reader.soup.select_one(f'form[action$="{slug}"] input[name="{kind}-version"]')
    assert shown is not None, slug
    form = {f"{kind}-{name}": text for name, text in typed.items()}
    reader.post(f"/ho-so/{code}/{slug}", {f"{kind}-version": shown["value"], **form}, status)
    if status == 302:
        reader.follow()


def deeds(reader: Any) -> list[str]:
    return [" ".join(one.find(string=True).split()) for one in reader.soup.select(".deed > summary")]


def test_an_officer_proposes_and_a_supervisor_approves(
    signed_in: Callable[[str], Any], due_monday: str
) -> None:
    code = due_monday
    officer, supervisor = signed_in("officer"), signed_in("supervisor")
    send(
        officer,
        code,
        PROPOSE,
        "propose_extension",
        new_due_on="21/06/2024",
        reason="Chờ ý kiến của cơ quan phối hợp",
    )
    assert "đang chờ lãnh đạo duyệt" in officer.text(".notice-done")
    box = officer.text('section[aria-labelledby="proposal"]')
    assert "Chuyên viên 01 12/06/2024 10:30" in box
    assert "Bạn đã đề xuất; đang chờ lãnh đạo duyệt." in box
    assert not {"Duyệt gia hạn", "Không đồng ý gia hạn", "Đề xuất gia hạn"} & set(deeds(officer))
    assert "đề nghị gia hạn đến 21/06/2024" in officer.text(".headline")

    supervisor.get(f"/ho-so/{code}")
    box = supervisor.text('section[aria-labelledby="proposal"]')
    for words in (
        "Đang hẹn trả Thứ Hai, 17/06/2024",
        "Đề nghị hẹn trả Thứ Sáu, 21/06/2024",
        "Lý do Chờ ý kiến của cơ quan phối hợp",
        "chậm nhất ngày 16/06/2024 thì văn bản xin lỗi kịp",
    ):
        assert words in box
    assert deeds(supervisor)[:2] == ["Duyệt gia hạn", "Không đồng ý gia hạn"]
    assert len(supervisor.soup.select("summary.btn-primary")) == 1

    send(supervisor, code, APPROVE, "extend", note="Đã trao đổi với người nộp")
    assert "Đã duyệt gia hạn" in supervisor.text(".notice-done")
    assert supervisor.soup.select_one('section[aria-labelledby="proposal"]') is None
    headline = supervisor.text(".headline")
    assert "Thứ Sáu, 21/06/2024" in headline
    assert "hẹn đầu 17/06/2024" in headline
    letter = supervisor.soup.select_one('a[href$="/van-ban-gia-han.pdf"]')
    assert letter is not None
    supervisor.get(letter["href"])
    assert supervisor.answer.mimetype == "application/pdf"
    assert supervisor.answer.headers["Content-Disposition"] == f"inline; filename=van-ban-gia-han-{code}.pdf"
    events = supervisor.get(f"/ho-so/{code}").select_one(".events").get_text(" ", strip=True)
    assert "Đề nghị hẹn trả: 21/06/2024" in events
    assert "Gia hạn, hẹn lại" in events
    promises = supervisor.text('section[aria-labelledby="promises"]')
    assert "Gia hạn, đang áp dụng" in promises
    papers = supervisor.text('section[aria-labelledby="papers"]')
    assert "Ngày 12/06/2024, hẹn lại 21/06/2024 Lãnh đạo 01 duyệt" in papers


def test_whoever_proposed_does_not_decide(signed_in: Callable[[str], Any], due_monday: str) -> None:
    supervisor, other = signed_in("supervisor"), signed_in("supervisor2")
    send(supervisor, due_monday, PROPOSE, "propose_extension", new_due_on="21/06/2024", reason="Chờ ý kiến")
    assert "Duyệt gia hạn" not in deeds(supervisor)
    assert "đang chờ lãnh đạo khác duyệt" in supervisor.text('section[aria-labelledby="proposal"]')
    version = supervisor.soup.select_one('input[name$="-version"]')["value"]
    supervisor.post(f"/ho-so/{due_monday}/{APPROVE}", {"extend-version": version}, 422)
    assert "không được tự duyệt" in supervisor.text(".summary")
    send(other, due_monday, APPROVE, "extend")
    assert "Thứ Sáu, 21/06/2024" in other.text(".headline")


def test_a_refusal_needs_its_reason_and_leaves_the_date(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any
) -> None:
    extended(21, approve=False)
    supervisor = signed_in("supervisor")
    send(supervisor, due_monday, REFUSE, "refuse_extension", 422, reason=" ")
    assert supervisor.soup.select_one(".summary a")["href"] == "#refuse_extension-reason"
    opened = supervisor.soup.select("details.deed[open]")
    assert [one.find_parent("section")["aria-labelledby"] for one in opened] == ["proposal"]
    send(supervisor, due_monday, REFUSE, "refuse_extension", reason="Còn đủ thời gian")
    assert "Thứ Hai, 17/06/2024" in supervisor.text(".headline")
    assert "Lý do: Còn đủ thời gian" in supervisor.text(".events")
    officer = signed_in("officer")
    officer.get(f"/ho-so/{due_monday}")
    assert "Đề xuất gia hạn" in deeds(officer)
    assert officer.soup.select_one('a[href$="/van-ban-gia-han.pdf"]') is None
    officer.get(f"/ho-so/{due_monday}/van-ban-gia-han.pdf", 404)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"new_due_on": "", "reason": "Chờ"}, "new_due_on", "Nhập ngày hẹn mới theo dạng"),
        ({"new_due_on": "mai", "reason": "Chờ"}, "new_due_on", "Nhập ngày hẹn mới theo dạng"),
        ({"new_due_on": "17/06/2024", "reason": "Chờ"}, "new_due_on", "phải sau ngày hẹn đang áp dụng"),
        ({"new_due_on": "22/06/2024", "reason": "Chờ"}, "new_due_on", "không phải ngày làm việc"),
        ({"new_due_on": "21/06/2031", "reason": "Chờ"}, "new_due_on", "2031"),
        ({"new_due_on": "21/06/2024", "reason": "  "}, "reason", "lý do"),
    ],
)
def test_what_cannot_be_proposed_is_said_at_its_field(
    signed_in: Callable[[str], Any], due_monday: str, typed: dict[str, str], field: str, words: str
) -> None:
    officer = signed_in("officer")
    send(officer, due_monday, PROPOSE, "propose_extension", 422, **typed)
    named = {str(one.get("href")): one.get_text() for one in officer.soup.select(".summary a")}
    said = named.get(f"#propose_extension-{field}", officer.text(".summary"))
    assert words in said
    kept = officer.soup.select_one("#propose_extension-new_due_on")
    assert kept["value"] == typed["new_due_on"]
    assert "Thứ Hai, 17/06/2024" in officer.text(".headline")


def test_only_a_second_extension_asks_for_a_reason_of_its_own(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any, clock: Any
) -> None:
    officer = signed_in("officer")
    officer.get(f"/ho-so/{due_monday}")
    assert officer.soup.select_one("#propose_extension-override_reason") is None
    extended(21)
    send(officer, due_monday, PROPOSE, "propose_extension", 422, new_due_on="26/06/2024", reason="Chờ")
    assert officer.soup.select_one(".summary a")["href"] == "#propose_extension-override_reason"
    send(
        officer,
        due_monday,
        PROPOSE,
        "propose_extension",
        new_due_on="26/06/2024",
        reason="Chờ",
        override_reason="Thiên tai",
    )
    assert "Lý do gia hạn thêm lần nữa Thiên tai" in officer.text('section[aria-labelledby="proposal"]')
    clock.stand_at(2024, 6, 13)
    send(signed_in("supervisor"), due_monday, APPROVE, "extend")
    officer.get(f"/ho-so/{due_monday}")
    assert any("Đã hẹn lại 2 lần" in one.get_text() for one in officer.soup.select(".notice-warning"))


def test_before_a_late_approval_the_page_says_what_it_is_worth(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any, clock: Any
) -> None:
    clock.stand_at(2024, 6, 17)
    officer = signed_in("officer")
    officer.get(f"/ho-so/{due_monday}")
    form = officer.soup.select_one('form[action$="de-xuat-gia-han"]').get_text(" ", strip=True)
    assert "không còn kịp trước ngày hẹn trả 17/06/2024" in form
    assert "Một ngày làm việc sau ngày 17/06/2024 đang hẹn." in form
    clock.stand_at(2024, 6, 12)
    extended(21, approve=False)
    supervisor = signed_in("supervisor")
    warned = '[class~="notice-warning"]'

    def warnings() -> str:
        supervisor.get(f"/ho-so/{due_monday}")
        found = [one for one in supervisor.soup.select(warned) if one.find_parent("form") is None]
        return " ".join(one.get_text(" ", strip=True) for one in found)

    assert "gia hạn" not in warnings()
    clock.stand_at(2024, 6, 14)
    assert "hôm nay là ngày làm việc cuối cùng" in warnings()
    clock.stand_at(2024, 6, 17)
    assert "hồ sơ đến hạn hôm nay" in warnings()
    assert "không được tính đúng hạn" in supervisor.text('section[aria-labelledby="proposal"]')
    clock.stand_at(2024, 6, 18)
    assert "hồ sơ đã quá hạn" in warnings()
    send(supervisor, due_monday, APPROVE, "extend")
    headline = supervisor.text(".headline")
    assert "Thứ Hai, 17/06/2024" in headline
    assert "hẹn lại 21/06/2024 – không tính đúng hạn" in headline
    assert "không kịp trước ngày hẹn trả 17/06/2024" in warnings()
    promises = supervisor.text('section[aria-labelledby="promises"]')
    assert "Thứ Sáu, 21/06/2024, 17:00 Gia hạn, hẹn lại sau hạn, không tính đúng hạn" in promises
    supervisor.get("/ho-so?bucket=overdue")
    assert "hẹn lại 21/06/2024 – không tính đúng hạn" in supervisor.rows()[0][1]


def test_entered_afterwards_it_is_named(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any, clock: Any
) -> None:
    extended(21, approve=False)
    clock.stand_at(2024, 6, 18)
    supervisor = signed_in("supervisor")
    send(supervisor, due_monday, APPROVE, "extend", occurred_at="14/06/2024 16:00")
    assert "Thứ Sáu, 21/06/2024" in supervisor.text(".headline")
    warning = supervisor.text(".notice-warning")
    assert "đề ngày 14/06/2024 được ghi vào hệ thống ngày 18/06/2024" in warning


def test_a_proposal_that_can_no_longer_be_approved_says_why(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any, clock: Any
) -> None:
    extended(18, approve=False)
    clock.stand_at(2024, 6, 18)
    supervisor = signed_in("supervisor")
    supervisor.get(f"/ho-so/{due_monday}")
    assert "không duyệt được" in supervisor.text('section[aria-labelledby="proposal"]')
    send(supervisor, due_monday, APPROVE, "extend", 422)
    assert "sau hôm nay" in supervisor.text(".summary")


def test_supervisors_see_how_many_wait_and_open_exactly_those(
    signed_in: Callable[[str], Any], received: Any, due_monday: str, extended: Any
) -> None:
    received(38)
    extended(21, approve=False)
    supervisor = signed_in("supervisor")
    supervisor.get("/")
    count = supervisor.soup.select_one(".count-extension_proposed")
    assert " ".join(count.get_text(" ").split()) == "Chờ duyệt gia hạn 1"
    supervisor.get(count["href"])
    [row] = supervisor.rows()
    assert row[2] == due_monday
    assert "đề nghị gia hạn đến 21/06/2024" in row[1]
    officer = signed_in("officer")
    officer.get("/")
    assert "Chờ duyệt gia hạn" not in officer.text(".counts")


def test_the_letter_is_for_whoever_reads_dossiers(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any
) -> None:
    extended(21)
    auditor = signed_in("auditor")
    auditor.get(f"/ho-so/{due_monday}")
    auditor.get(auditor.soup.select_one('a[href$="/van-ban-gia-han.pdf"]')["href"])
    with pypdfium2.PdfDocument(io.BytesIO(auditor.answer.data)) as document:
        assert "PHIẾU XIN LỖI" in document[0].get_textpage().get_text_bounded()
    assert deeds(auditor) == []


def test_a_new_receipt_says_the_new_date_and_which_it_replaces(
    signed_in: Callable[[str], Any], due_monday: str, extended: Any
) -> None:
    clerk = signed_in("clerk")
    printed = f"/ho-so/{due_monday}/giay-tiep-nhan.pdf"
    clerk.get(printed)
    extended(21)
    clerk.get(f"/ho-so/{due_monday}")
    assert "cần in lại" in clerk.text('section[aria-labelledby="papers"]')
    clerk.get(printed)
    with pypdfium2.PdfDocument(io.BytesIO(clerk.answer.data)) as document:
        text = " ".join(document[0].get_textpage().get_text_bounded().split())
    assert "17 giờ 00 phút, ngày 21/06/2024" in text
    assert "Gia hạn theo văn bản xin lỗi ngày 12/06/2024; ngày hẹn đầu: 17/06/2024." in text
    assert "Thay thế giấy tiếp nhận đã in ngày 12/06/2024." in text
    clerk.get(f"/ho-so/{due_monday}")
    assert "cần in lại" not in clerk.text('section[aria-labelledby="papers"]')
    assert "17/06/2024 đã được thay thế" in clerk.text('section[aria-labelledby="papers"]')
