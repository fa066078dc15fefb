"""An extension from proposal to letter, and a receipt that is corrected, in a real browser."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.looks import Looker
from tests.browser.test_clerks_day import deed

pytestmark = pytest.mark.browser

EXTENDED = "000.00.99.H54-240611-0003"
PROPOSED = "000.00.99.H54-240529-0001"


def text_of(page: Page, address: str | None) -> str:
    """The words of a PDF that the page links to."""
    answer = page.context.request.get(str(address))
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(io.BytesIO(answer.body())) as document:
        return " ".join(" ".join(one.get_textpage().get_text_bounded() for one in document).split())


def propose(page: Page, code: str) -> None:
    """Propose the end of July with the keyboard."""
    page.goto(f"/ho-so/{code}")
    deed(page, "Đề xuất gia hạn")
    page.keyboard.type("31072024")
    page.keyboard.press("Tab")
    page.keyboard.type("Chờ ý kiến của cơ quan phối hợp")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("đang chờ lãnh đạo duyệt")


def receive(page: Page, name: str) -> str:
    """Receive a dossier under a procedure of 05 working days, and print its receipt; its code."""
    page.goto("/ho-so/tiep-nhan")
    wanted = page.locator("#procedure_id option", has_text="Cấp lại Giấy phép thành lập Văn phòng đại diện")
    value = wanted.first.get_attribute("value")
    page.evaluate(
        """value => {
          const select = document.getElementById("procedure_id");
          if (select.tomselect) select.tomselect.setValue(value); else select.value = value;
        }""",
        value,
    )
    page.fill("#applicant_name", name)
    page.get_by_role("button", name="Tiếp nhận và in giấy hẹn").click()
    page.wait_for_url(re.compile(r"/ho-so/\d"))
    code = page.locator("h1").inner_text()
    assert page.context.request.get(f"/ho-so/{code}/giay-tiep-nhan.pdf").ok
    return code


def test_an_officer_proposes_with_the_keyboard_and_a_supervisor_approves(sign_in: SignIn) -> None:
    officer, supervisor = sign_in("officer"), sign_in("supervisor")
    propose(officer, EXTENDED)
    expect(officer.locator('section[aria-labelledby="proposal"]')).to_contain_text("đang chờ lãnh đạo duyệt")

    supervisor.goto("/")
    tile = supervisor.get_by_role("link", name=re.compile("Chờ duyệt gia hạn"))
    expect(tile).to_contain_text("1")
    tile.press("Enter")
    supervisor.wait_for_url(re.compile("bucket=extension_proposed"))
    supervisor.get_by_role("link", name=EXTENDED).press("Enter")
    supervisor.wait_for_url(re.compile(EXTENDED))
    deed(supervisor, "Duyệt gia hạn")
    supervisor.keyboard.press("Control+Enter")
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã duyệt gia hạn")
    expect(supervisor.locator(".headline")).to_contain_text("Thứ Tư, 31/07/2024")
    expect(supervisor.locator(".headline")).to_contain_text("hẹn đầu")

    link = supervisor.get_by_role("link", name="In văn bản xin lỗi (PDF)")
    with supervisor.context.expect_page() as opened:
        link.press("Enter")
    opened.value.close()
    letter = text_of(supervisor, link.get_attribute("href"))
    assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ" in letter
    assert "Hồ sơ được trả kết quả vào: 17 giờ 00 phút, ngày 31/07/2024" in letter
    assert "Lý do: Chờ ý kiến của cơ quan phối hợp" in letter


def test_a_clerk_corrects_the_procedure_and_prints_the_receipt_that_replaces_the_old(sign_in: SignIn) -> None:
    page = sign_in("clerk")
    code = receive(page, "Doanh nghiệp đính chính 01")
    page.goto(f"/ho-so/{code}")
    page.get_by_role("link", name="Đính chính").press("Enter")
    page.wait_for_url("**/dinh-chinh")
    card = page.locator("#due-card")
    expect(card).to_contain_text("Hẹn trả hiện nay Thứ Sáu, 21/06/2024")
    expect(card).to_contain_text("phải in lại")
    page.keyboard.type("noi quy lao dong")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Hẹn trả sau đính chính Thứ Ba, 25/06/2024")
    page.fill("#reason", "Chọn nhầm thủ tục")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(rf"/{code}$"))
    notice = page.locator(".notice-done")
    expect(notice).to_contain_text("Đã đính chính. Hẹn trả: Thứ Ba, 25/06/2024, 17:00.")
    expect(notice).to_contain_text("cần in lại")
    expect(page.locator(":focus")).to_contain_text("PDF")
    receipt = text_of(page, notice.get_by_role("link").get_attribute("href"))
    assert "Thay thế giấy tiếp nhận đã in ngày 14/06/2024." in receipt
    assert "ngày 25/06/2024" in receipt
    page.reload()
    expect(page.get_by_text("cần in lại")).to_have_count(0)
    expect(page.locator(".events > li").last).to_contain_text("→ Đăng ký nội quy lao động của doanh nghiệp")


def test_a_correction_without_script(sign_in: SignIn) -> None:
    page = sign_in("clerk", script=False)
    code = receive_plainly(page)
    page.goto(f"/ho-so/{code}/dinh-chinh")
    page.get_by_label("Trực tuyến").check()
    wanted = page.locator("#procedure_id option", has_text="Đăng ký nội quy lao động của doanh nghiệp")
    page.select_option("#procedure_id", value=wanted.get_attribute("value"))
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("#due-card")).to_contain_text("Hẹn trả sau đính chính Thứ Ba, 25/06/2024")
    page.fill("#reason", "Chọn nhầm thủ tục")
    page.get_by_role("button", name="Đính chính", exact=True).click()
    expect(page.locator(".notice-done")).to_contain_text("Đã đính chính.")
    expect(page.locator(".events > li").last).to_contain_text("Kênh: Trực tiếp → Trực tuyến")


def receive_plainly(page: Page) -> str:
    page.goto("/ho-so/tiep-nhan")
    wanted = page.locator("#procedure_id option", has_text="Cấp lại Giấy phép thành lập Văn phòng đại diện")
    page.select_option("#procedure_id", value=wanted.first.get_attribute("value"))
    page.fill("#applicant_name", "Doanh nghiệp đính chính 02")
    page.get_by_role("button", name="Tiếp nhận và in giấy hẹn").click()
    page.wait_for_url(re.compile(r"/ho-so/\d"))
    return page.locator("h1").inner_text()


def test_axe_finds_nothing_where_something_is_proposed_or_refused(sign_in: SignIn, axe: str) -> None:
    supervisor = sign_in("supervisor")
    look = Looker(supervisor, axe)
    supervisor.goto(f"/ho-so/{PROPOSED}")
    propose(sign_in("officer"), PROPOSED)
    supervisor.reload()
    look("proposal")
    supervisor.locator("summary", has_text="Không đồng ý gia hạn").click()
    supervisor.locator(".deed[open] button[type=submit]").click()
    expect(supervisor.locator(".summary")).to_be_visible()
    look("refused refusal")
    supervisor.goto("/ho-so?bucket=extension_proposed")
    look("list")
    supervisor.goto("/")
    look("home")
    supervisor.goto(f"/ho-so/{PROPOSED}/dinh-chinh")
    supervisor.get_by_role("button", name="Xem trước").click()
    expect(supervisor.locator("#due-card [role=alert]")).to_contain_text("Chưa có gì khác")
    look("nothing differs")
    supervisor.get_by_label("Bưu chính công ích").check()
    expect(supervisor.locator("#due-card")).to_contain_text("Hẹn trả sau đính chính")
    look("preview")
    supervisor.get_by_role("button", name="Đính chính", exact=True).click()
    expect(supervisor.locator(".summary")).to_contain_text("lý do đính chính")
    look("refused correction")
    assert look.found == {}
