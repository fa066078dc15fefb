"""Asking another agency, and stopping what nobody supplements, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.looks import DESKTOP, PHONE, problems
from tests.browser.test_clerks_day import deed

pytestmark = pytest.mark.browser

ASKED = "000.00.99.H54-240604-0001"
WAITING = "000.00.99.H54-240514-0002"


def set_to(page: Page, slug: str, value: str) -> None:
    """Set one of the office's settings from today on."""
    page.goto("/thiet-lap/quy-dinh-khac")
    form = page.locator(f'form[action$="/{slug}"]')
    page.locator("details", has=form).locator("summary").click()
    form.locator('[name$="-value"]').fill(value)
    form.locator('[name$="-valid_from"]').fill("14/06/2024")
    form.locator('[name$="-reason"]').fill("Thử nghiệm")
    form.get_by_role("button").click()
    expect(page.locator(".notice-done")).to_be_visible()


def test_another_agency_is_asked_and_answers_with_the_keyboard(sign_in: SignIn, axe: str) -> None:
    page = sign_in("officer")
    page.goto(f"/ho-so/{ASKED}")
    deed(page, "Lấy ý kiến")
    page.keyboard.type("Sở Xây dựng")
    page.keyboard.press("Tab")
    page.keyboard.type("Quy hoạch khu đất")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi việc lấy ý kiến.")
    section = page.locator('section[aria-labelledby="consultations"]')
    expect(section).to_contain_text("hạn trả lời 19/06/2024")
    section.get_by_text("Cách tính hạn trả lời").click()
    assert section.locator("tr.counted").count() == 3
    assert problems(page, axe) == []
    phone = sign_in("supervisor", size=PHONE, dark=True)
    for address in (f"/ho-so/{ASKED}", "/ho-so?bucket=awaiting_opinion"):
        phone.goto(address)
        expect(phone.locator("main")).to_contain_text(ASKED)
        assert problems(phone, axe) == []
    deed(page, "Nhận ý kiến")
    page.keyboard.press("Tab")
    page.keyboard.type("Văn bản số 12/SXD: thống nhất")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi ý kiến trả lời.")
    expect(section).to_contain_text("Trước hạn")


def test_what_nobody_supplements_is_looked_at_and_stopped(sign_in: SignIn, axe: str) -> None:
    page = sign_in("supervisor")
    set_to(page, "cho-bo-sung-qua-lau", "1")
    set_to(page, "can-cu-dung-giai-quyet", "khoản 2 Điều 5 Quy chế thử nghiệm")
    page.goto(f"/ho-so/{WAITING}")
    deed(page, "Yêu cầu bổ sung")
    expect(page.locator("details[open] .notice-warning").first).to_contain_text("Đã quá 03 ngày làm việc")
    page.fill("#request_supplement-missing", "Bản vẽ hoàn công")
    page.fill("#request_supplement-reason", "Thiếu giấy tờ")
    page.fill("#request_supplement-occurred_at", "07/06/2024 10:00")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi yêu cầu bổ sung.")
    for size, dark in ((DESKTOP, False), (PHONE, True)):
        looking = sign_in("supervisor", size=size, dark=dark)
        for address in ("/bo-sung-qua-han", "/bo-sung-qua-han/dung"):
            looking.goto(address)
            expect(looking.locator("main")).to_contain_text(WAITING)
            assert problems(looking, axe) == []
    # Without script, as an old browser does it.
    plain = sign_in("supervisor", script=False)
    plain.goto("/ho-so")
    plain.get_by_role("link", name="Chờ bổ sung quá lâu").click()
    plain.get_by_role("link", name="Xem trước việc dừng giải quyết").click()
    expect(plain.locator("main")).to_contain_text("Xem trước, chưa dừng hồ sơ nào")
    plain.get_by_role("checkbox", name=f"Dừng giải quyết {WAITING}").check()
    plain.fill("#reason", "Người nộp không bổ sung")
    plain.get_by_role("button", name="Dừng giải quyết").click()
    expect(plain.locator(".notice-done")).to_contain_text("Đã dừng giải quyết 01 hồ sơ.")
    plain.goto(f"/ho-so/{WAITING}")
    expect(plain.locator(".headline")).to_contain_text("Dừng giải quyết")
    expect(plain.locator(".events")).to_contain_text("Căn cứ: khoản 2 Điều 5 Quy chế thử nghiệm")
