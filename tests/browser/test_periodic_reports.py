"""A report from draft to sent in a real browser; its sentence copied by a button, or selected without one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

LIST = "/bao-cao/ky"
#: The first month of the register, which is the first that can be closed.
MONTH = "Tháng 12 năm 2023"
SENTENCE = (
    "Trong tháng 12 năm 2023 (từ ngày 15/11/2023 đến hết ngày 14/12/2023), Ban Quản lý Khu kinh tế và các "
    "khu công nghiệp tỉnh Thái Bình tiếp nhận 13 hồ sơ thủ tục hành chính (đều là hồ sơ mới tiếp nhận: 11 "
    "hồ sơ trực tuyến, 02 hồ sơ trực tiếp; không có hồ sơ từ kỳ trước chuyển sang); chưa giải quyết xong "
    "hồ sơ nào; đang giải quyết 13 hồ sơ, tất cả trong hạn"
)


def open_report(page: Page) -> None:
    """From the number on the first page to the report."""
    page.goto("/")
    page.get_by_role("link", name="Báo cáo cần hoàn thành").click()
    page.locator("tr", has_text=MONTH).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(f"Báo cáo tháng: {MONTH}")


def test_the_sentence_is_copied_or_taken_as_a_document(sign_in: SignIn) -> None:
    page = sign_in("reporter")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_report(page)
    page.get_by_role("button", name="Sao chép").click()
    expect(page.locator("[data-copy-status]")).to_have_text("Đã sao chép")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(SENTENCE)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải đoạn văn DOCX").click()
    content = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert copied in archive.read("word/document.xml").decode()


def test_without_a_script_the_sentence_can_be_selected(sign_in: SignIn) -> None:
    page = sign_in("reporter", script=False)
    open_report(page)
    expect(page.locator("#sentence")).to_be_visible()
    assert page.locator("#sentence").inner_text().startswith(SENTENCE)
    expect(page.get_by_role("button", name="Sao chép")).to_have_count(0)


def test_a_report_is_closed_numbered_and_sent(sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor")
    supervisor.goto("/bao-cao/chot-ky")
    expect(supervisor.locator("main h2").first).to_contain_text(MONTH)
    supervisor.fill("#reason", "Đã đối chiếu với sổ giấy")
    supervisor.get_by_role("button", name="Chốt kỳ", exact=True).click()
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã chốt kỳ")
    page = sign_in("reporter")
    open_report(page)
    expect(page.locator(".facts").first).to_contain_text("Đã chốt số liệu")
    expect(page.get_by_role("button", name="Lập lại")).to_have_count(0)
    # Sent too early: the sentence says what is missing.
    page.get_by_role("button", name="Đánh dấu đã gửi").click()
    expect(page.locator(".summary")).to_contain_text("Ghi số văn bản, người ký của công văn")
    page.fill("#letter_no", "15/BC-BQL")
    page.fill("#signer", "Lãnh đạo 01")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi thông tin công văn")
    page.get_by_role("button", name="Đánh dấu đã gửi").click()
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi ngày gửi")
    expect(page.locator("main form")).to_have_count(0)
    page.goto(f"{LIST}?state=sent")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("số 15/BC-BQL")
