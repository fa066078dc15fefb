"""A bell that goes out when the date moves, and an overdue alert that is answered, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.test_appointments import propose
from tests.browser.test_clerks_day import deed

pytestmark = pytest.mark.browser

#: Due on Tuesday 18/06/2024, which the demonstration has told of; nobody has it.
SOON = "000.00.99.H54-240514-0002"


def test_a_bell_goes_out_when_the_date_moves_and_a_supervisor_answers(sign_in: SignIn) -> None:
    officer, supervisor = sign_in("officer"), sign_in("supervisor")
    expect(officer.locator(".bell")).to_have_text("Chuông")
    supervisor.goto(f"/ho-so/{SOON}")
    deed(supervisor, "Phân công")
    supervisor.select_option("#assign-officer_id", label="Chuyên viên 01")
    supervisor.keyboard.press("Control+Enter")
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã phân công")
    officer.reload()
    expect(officer.locator(".bell")).to_contain_text("1 cảnh báo mới")
    propose(officer, SOON)
    supervisor.goto(f"/ho-so/{SOON}")
    deed(supervisor, "Duyệt gia hạn")
    supervisor.keyboard.press("Control+Enter")
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã duyệt gia hạn")
    officer.reload()
    expect(officer.locator(".bell")).to_have_text("Chuông")

    # Received in May, and entered only now: the next sweep finds it overdue.
    desk = sign_in("clerk", script=False)
    desk.goto("/ho-so/tiep-nhan")
    wanted = desk.locator("#procedure_id option", has_text="Cấp lại Giấy phép thành lập Văn phòng đại diện")
    desk.select_option("#procedure_id", wanted.first.get_attribute("value"))
    desk.fill("#received_at", "02/05/2024 08:00")
    desk.fill("#applicant_name", "Doanh nghiệp 777")
    desk.get_by_role("button", name="Tiếp nhận và in giấy hẹn").click()
    code = desk.locator("h1", has_text="H54").inner_text()
    supervisor.goto("/thiet-lap/bo-hen-gio")
    supervisor.locator('form[action$="/sweep/chay-ngay"] button').click()
    expect(supervisor.locator(".notice-done")).to_contain_text("đã chạy xong")
    supervisor.goto("/canh-bao")
    row = supervisor.locator("tr[id^=canh-bao-]", has_text=code)
    expect(row).to_contain_text("Quá hạn kéo dài")
    row.get_by_text("Trả lời…").click()
    row.locator("select").select_option("a")
    row.locator("textarea").fill("Thiếu người thẩm định")
    row.get_by_label("Hẹn xong ngày").fill("20/06/2024")
    row.get_by_role("button", name="Trả lời cảnh báo").click()
    expect(supervisor.locator(".notice-done")).to_contain_text("Đã trả lời cảnh báo.")
    expect(supervisor.locator("tr[id^=canh-bao-]", has_text=code)).to_have_count(0)
    supervisor.goto("/canh-bao?answered=y")
    expect(supervisor.locator("tr[id^=canh-bao-]", has_text=code)).to_contain_text("Hẹn xong 20/06/2024")
