"""An administrator records a version of a procedure, in a real browser: by keyboard, and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.looks import Looker

pytestmark = pytest.mark.browser

RECORDED = re.compile(r"/thu-tuc/\d+/phien-ban/\d+$")


def focused(page: Page) -> str:
    """The id of the element that has the focus."""
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_a_version_is_recorded_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto("/thu-tuc/37")
    page.get_by_role("link", name="Phiên bản mới").press("Enter")
    page.wait_for_url("**/phien-ban/moi")
    keys = page.keyboard

    # A second part of the limit; the new row takes the focus.
    page.locator("#cases-0-statutory-0-agency").press_sequentially("Ban Quản lý")
    keys.press("Tab")
    keys.press("Enter")
    assert focused(page) == "cases-0-statutory-1-amount"
    keys.type("7")
    keys.press("Tab")
    keys.press("ArrowDown")
    expect(page.locator("#cases-0-statutory-1-unit")).to_have_value("day")
    keys.press("ArrowUp")
    keys.press("Tab")
    keys.type("UBND cấp tỉnh")

    # A case more, and gone again; the focus stays in the form.
    page.locator("button[name=add][value=cases]").press("Enter")
    assert focused(page) == "cases-1-name"
    page.locator("button[name=drop][value=cases-1]").press("Enter")
    expect(page.locator("#cases-1-name")).to_have_count(0)
    assert focused(page) == "cases-0-name"

    # A paper in the row that waits, one more in a new row.
    page.locator("#papers-0-name").press_sequentially("Đơn đề nghị")
    keys.press("Tab")
    keys.type("1")
    page.locator("button[name=add][value=papers]").press("Enter")
    assert focused(page) == "papers-1-name"
    keys.type("Bản sao giấy phép")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("1")

    # The cut follows the numbers.
    page.locator("#declaration_reduced").press(" ")
    page.locator("#fields_before").press_sequentially("12")
    page.locator("#fields_after").press_sequentially("10")
    expect(page.locator("[data-cut]")).to_have_text("giảm 16,7 %")

    # Enter in a field looks, and records nothing.
    page.locator("#valid_from").press_sequentially("01072024")
    page.locator("#reason").press_sequentially("Theo quyết định mới")
    page.locator("#decision").press_sequentially("12/QĐ-UBND")
    keys.press("Enter")
    expect(page.locator("#review")).to_be_focused()
    expect(page.locator("#review")).to_contain_text(
        "05 ngày làm việc (Ban Quản lý) + 07 ngày làm việc (UBND cấp tỉnh)"
    )
    expect(page.locator("#review")).to_contain_text("01 bản sao chứng thực")
    assert not RECORDED.search(page.url)

    page.locator("#decision").press("Control+Enter")
    page.wait_for_url(RECORDED)
    expect(page.locator(".notice-done")).to_have_text("Đã ghi phiên bản áp dụng từ 01/07/2024.")
    page.goto("/thu-tuc/37?ngay=01/07/2024")
    expect(page.locator("main table").first).to_contain_text("UBND cấp tỉnh")
    page.goto("/thu-tuc/37")
    expect(page.locator("main table").first).not_to_contain_text("UBND cấp tỉnh")


def test_the_form_works_without_a_script(sign_in: SignIn) -> None:
    page = sign_in("admin", script=False)
    page.goto("/thu-tuc/38/phien-ban/moi")
    page.locator("button[name=add][value=cases]").click()
    page.fill("#cases-1-name", "UBND cấp tỉnh quyết định")
    page.fill("#cases-1-statutory-0-amount", "25")
    page.fill("#cases-1-statutory-0-agency", "Ban Quản lý")
    page.locator("button[name=add][value=cases-1-statutory]").click()
    page.fill("#cases-1-statutory-1-amount", "7")
    page.fill("#valid_from", "01/07/2024")
    page.fill("#reason", "Theo quyết định mới")
    page.fill("#decision", "12/QĐ-UBND")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    expect(page.locator(".summary a")).to_have_attribute("href", "#cases-1-statutory-1-agency")
    page.fill("#cases-1-statutory-1-agency", "UBND cấp tỉnh")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    page.wait_for_url(RECORDED)
    expect(page.locator(".compare").first).to_contain_text("Trường hợp “UBND cấp tỉnh quyết định”")


def test_axe_finds_nothing_on_the_way(sign_in: SignIn, axe: str) -> None:
    page = sign_in("admin")
    procedure = "/thu-tuc/24"
    look = Looker(page, axe)
    for address in (
        "/thu-tuc/them",
        "/thu-tuc/33/tinh-trang",
        "/thu-tuc/nguong-bao",
        "/thu-tuc/cat-giam",
        procedure,
        f"{procedure}/phien-ban",
        f"{procedure}/phien-ban/moi",
    ):
        page.goto(address)
        look(address)
    page.locator("button[name=add][value=cases-1-statutory]").click()
    page.locator("button[name=add][value=papers]").click()
    page.fill("#papers-1-name", "Đơn đề nghị")
    look("rows added")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    expect(page.locator(".summary")).to_be_visible()
    look("refused shape")
    page.fill("#valid_from", "01/01/2024")
    page.fill("#reason", "Thử")
    page.fill("#fields_before", "20")
    page.fill("#fields_after", "17")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    expect(page.locator(".summary")).to_contain_text("Số trường đã giảm")
    look("refused content")
    page.check("#declaration_reduced")
    page.fill("#papers-1-originals", "1")
    page.fill("#decision", "12/QĐ-UBND")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    expect(page.locator("#review")).to_contain_text("vẫn giữ phiên bản ấy")
    look("dossiers received since")
    page.check("#confirm_received")
    page.get_by_role("button", name="Ghi phiên bản mới").click()
    page.wait_for_url(RECORDED)
    look("version")
    page.goto(f"{procedure}/phien-ban")
    look("history with a comparison")
    page.goto(f"{procedure}/tinh-trang")
    page.fill("#replaced_by", "x")
    page.get_by_role("button", name="Ghi thay đổi").click()
    expect(page.locator(".summary")).to_be_visible()
    look("refused status")
    page.goto("/thu-tuc/nguong-bao")
    page.fill("#days-1", "99")
    page.get_by_role("button", name="Ghi ngưỡng mới").click()
    expect(page.locator(".summary")).to_be_visible()
    look("refused threshold")
    assert look.found == {}
