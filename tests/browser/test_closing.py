"""A reporter prepares and a supervisor closes a month; what comes later is an adjustment of the next."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

CHAIN = "/bao-cao/chot-ky"
#: Pending at the end of the first month of the register, 15/11–14/12/2023.
MOVED = "000.00.99.H54-231207-0001"


def choose_procedure(page: Page, words: str) -> None:
    """Choose in the picker by the words of the procedure's name."""
    wanted = page.locator("#procedure_id option", has_text=words)
    page.evaluate(
        "value => document.getElementById('procedure_id').tomselect.setValue(value)",
        wanted.first.get_attribute("value"),
    )


def table(page: Page, caption: str) -> list[list[str]]:
    """The cells of the table whose caption begins with these words."""
    found = page.locator("table", has=page.locator("caption", has_text=caption))
    # What is read at once is not waited for.
    page.wait_for_load_state()
    return [row.locator("td").all_inner_texts() for row in found.locator("tbody tr").all()]


def test_a_month_is_prepared_closed_exported_and_adjusted(sign_in: SignIn) -> None:
    reporter = sign_in("reporter")
    reporter.goto("/bao-cao")
    reporter.get_by_role("link", name="Chốt kỳ").click()
    expect(reporter.locator("h1")).to_have_text("Chốt kỳ báo cáo")
    expect(reporter.locator("main h2").first).to_contain_text("Tháng 12 năm 2023")
    expect(reporter.get_by_role("button", name="Chốt kỳ", exact=True)).to_have_count(0)
    points = {row[0]: row for row in table(reporter, "Kiểm tra trước khi chốt")}
    assert "đã kiểm tra, không có" in points["Kết thúc trước ngày tiếp nhận"][2]
    numbers = reporter.locator(".official tfoot td a")
    expect(numbers).to_have_count(11)
    assert numbers.all_inner_texts() == ["13", *numbers.all_inner_texts()[1:8], "13", "13", "0"]
    numbers.nth(8).click()
    expect(reporter.locator("tbody tr")).to_have_count(13)

    supervisor = sign_in("supervisor")
    supervisor.goto(CHAIN)
    reason = supervisor.locator("#reason")
    if reason.count():
        reason.fill("Đã đối chiếu với sổ giấy")
    supervisor.get_by_role("button", name="Chốt kỳ", exact=True).click()
    supervisor.wait_for_url(re.compile(rf"{CHAIN}/\d+$"))
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã chốt kỳ 15/11/2023 – 14/12/2023")
    closing = supervisor.url
    checksum = supervisor.locator(".facts .code").inner_text()
    assert re.fullmatch(r"[0-9a-f]{64}", checksum)

    supervisor.get_by_role("link", name="Danh sách hồ sơ").click()
    with supervisor.expect_download() as download:
        supervisor.get_by_role("link", name="Tải XLSX").click()
    content = download.value.path().read_bytes()
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert sum(isinstance(row[0], int | float) for row in rows) == 13
    assert checksum[:12] in " ".join(str(cell) for row in rows for cell in row if cell)

    clerk = sign_in("clerk")
    clerk.goto("/ho-so/tiep-nhan")
    choose_procedure(clerk, "Đăng ký nội quy lao động của doanh nghiệp")
    clerk.fill("#applicant_name", "Doanh nghiệp nhập muộn 01")
    clerk.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    clerk.fill("#received_at", "20/11/2023 09:00")
    clerk.keyboard.press("Control+Enter")
    clerk.wait_for_url(re.compile(r"/ho-so/\d"))
    late = clerk.locator("h1").inner_text()

    supervisor.goto(f"/ho-so/{MOVED}/dinh-chinh")
    choose_procedure(supervisor, "Thủ tục điều chỉnh dự án đầu tư")
    supervisor.fill("#reason", "Nhập nhầm thủ tục")
    confirm = supervisor.locator("#confirm_unverified")
    if confirm.count():
        confirm.check()
    supervisor.keyboard.press("Control+Enter")
    supervisor.wait_for_url(re.compile(rf"/ho-so/{re.escape(MOVED)}$"))

    reporter.goto(CHAIN)
    [[code, *_, why]] = table(reporter, "Việc xảy ra trong kỳ đã chốt nhưng nhập sau")
    assert (code, why) == (late, "Nhập sau khi kỳ đã chốt")
    [[code, lost, gained, why]] = table(reporter, "Hồ sơ chuyển giữa")
    assert (code, why) == (MOVED, "Nhập nhầm thủ tục")
    assert lost.startswith("−1 Đăng ký nội quy lao động")
    assert gained.startswith("+1 Thủ tục điều chỉnh dự án đầu tư")
    assert "lệch" not in reporter.locator(".checks").inner_text()
    # What was closed says the same as before.
    reporter.goto(closing)
    assert reporter.locator(".official tfoot td a").all_inner_texts()[0] == "13"
    reporter.get_by_role("link", name="Đối chiếu lại").click()
    expect(reporter.locator(".notice-done")).to_contain_text("còn nguyên như lúc chốt")


def test_a_month_is_closed_without_a_script(sign_in: SignIn) -> None:
    page = sign_in("supervisor", script=False)
    page.goto(CHAIN)
    if page.locator("#reason").count():
        page.get_by_role("button", name="Chốt kỳ", exact=True).click()
        expect(page.locator(".summary")).to_contain_text("nhập lý do vẫn chốt kỳ")
        page.fill("#reason", "Đã đối chiếu với sổ giấy")
    page.get_by_role("button", name="Chốt kỳ", exact=True).click()
    expect(page.locator(".notice-done")).to_contain_text("Đã chốt kỳ")
    page.fill("#reason", "Còn hồ sơ chưa nhập")
    page.get_by_role("button", name="Mở lại kỳ").click()
    expect(page.locator(".notice-done")).to_contain_text("Đã mở lại kỳ")
