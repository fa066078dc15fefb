"""A clerk's day with the keyboard alone, and the same without any script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H54-240614-\d{4}")


def heading(page: Page) -> str:
    """The one h1."""
    return page.locator("h1").inner_text()


def deed(page: Page, label: str) -> None:
    """Press the digit that the button of an action shows."""
    summary = page.locator("summary, a.deed", has_text=label).first
    expect(summary.locator("kbd")).to_have_text(re.compile(r"^\d$"))
    page.keyboard.press(summary.locator("kbd").inner_text())


def done(page: Page, sentence: str, state: str) -> None:
    """The page says what was done, in focus, and the dossier is in that state."""
    expect(page.locator(".notice-done")).to_contain_text(sentence)
    expect(page.locator(".headline dd").first).to_have_text(state)


@pytest.mark.parametrize("slowness", [1, 8], ids=["as fast as here", "an old machine"])
def test_a_dossier_from_intake_to_hand_over_with_the_keyboard_alone(sign_in: SignIn, slowness: int) -> None:
    page = sign_in("clerk")
    keys = page.keyboard
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowness})

    keys.press("F2")
    page.wait_for_url("**/ho-so/tiep-nhan")
    keys.type("noi quy lao dong")
    keys.press("Enter")  # the procedure, and on to the channel
    keys.press("Enter")
    keys.press("Enter")  # nobody who filed before
    keys.press("Enter")  # an enterprise, as it is chosen already
    keys.type(f"Doanh nghiệp bàn phím {slowness:02d}")
    keys.press("Enter")
    keys.type("0100109106")
    keys.press("Enter")
    keys.type("0912345678")
    expect(page.locator("#due-card")).to_contain_text("Thứ Ba, 25/06/2024")
    keys.press("Control+Enter")

    page.wait_for_url(re.compile(r"/ho-so/\d"))
    code = heading(page)
    assert CODE.fullmatch(code)
    done(page, f"Đã tiếp nhận hồ sơ {code}.", "Được tiếp nhận")
    expect(page.locator(":focus")).to_contain_text("PDF")
    with page.context.expect_page() as opened:
        keys.press("Enter")
    assert opened.value.url.endswith(f"/ho-so/{code}/giay-tiep-nhan.pdf") or opened.value.url == "about:blank"
    receipt = page.context.request.get(f"/ho-so/{code}/giay-tiep-nhan.pdf")
    assert receipt.headers["content-type"] == "application/pdf"
    assert receipt.body().startswith(b"%PDF-")
    opened.value.close()

    deed(page, "Yêu cầu bổ sung")
    keys.type("Nội quy lao động có đóng dấu")
    keys.press("Tab")
    keys.type("Bản đã nộp chưa có dấu của doanh nghiệp")
    keys.press("Control+Enter")
    done(page, "Đã ghi yêu cầu bổ sung.", "Chờ bổ sung")

    deed(page, "Nhận bổ sung")
    keys.press("Control+Enter")
    done(page, "Đã nhận bổ sung.", "Đang xử lý")

    deed(page, "Kết thúc xử lý")
    keys.press("Control+Enter")
    done(page, "Đã ghi kết quả giải quyết.", "Đã xử lý xong")

    # At the return desk: who takes it, by which identity paper, and the receipt comes back.
    deed(page, "Trả kết quả")
    page.wait_for_url(f"**/tra-ket-qua/{code}")
    expect(page.locator("#name")).to_be_focused()
    keys.press("Control+a")
    keys.type("Người đại diện 01")
    keys.press("Tab")
    keys.type("001099000001")
    keys.press("Control+Enter")
    expect(page.locator(".summary")).to_contain_text("Đối chiếu giấy tờ tùy thân")
    while page.evaluate("document.activeElement.id") != "identity_checked":
        keys.press("Tab")
    keys.press("Space")
    keys.press("Control+Enter")
    page.wait_for_url("**/tra-ket-qua/lan/**")
    expect(page.get_by_role("button", name="In phiếu trả kết quả")).to_be_focused()
    page.goto(f"/ho-so/{code}")
    expect(page.locator(".headline dd").first).to_have_text("Đã trả kết quả")

    titles = page.locator(".events b").all_inner_texts()
    assert titles == ["Tiếp nhận", "Yêu cầu bổ sung", "Nhận bổ sung", "Kết thúc xử lý", "Trả kết quả"]


def test_what_is_unfolded_is_what_ctrl_enter_sends(sign_in: SignIn) -> None:
    page = sign_in("clerk")
    keys = page.keyboard
    page.goto("/ho-so/tiep-nhan")
    page.select_option("#procedure_id", label=page.locator("#procedure_id option").nth(1).inner_text())
    page.fill("#applicant_name", "Doanh nghiệp mở ra 01")
    page.get_by_role("button", name="Lưu chờ tiếp nhận").click()
    expect(page.locator(".notice-done")).to_contain_text("danh sách chờ tiếp nhận")

    # On the line that unfolds a part, and with two parts open, nothing is sent; with one it is that part.
    filing = page.url
    page.get_by_text("Yêu cầu bổ sung…").click()
    expect(page.locator("#missing")).to_be_focused()
    page.get_by_text("Không tiếp nhận…").focus()
    keys.press("Control+Enter")
    expect(page.locator("#reason")).to_be_focused()
    page.locator("h1").click()
    keys.press("Control+Enter")
    assert page.url == filing
    page.get_by_text("Yêu cầu bổ sung…").click()
    page.locator("h1").click()
    keys.press("Control+Enter")
    expect(page.locator(".summary")).to_contain_text("Ghi lý do không tiếp nhận.")
    page.goto("/cho-tiep-nhan")
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url(filing)
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/ho-so/\d"))

    # The next step has a letter of its own.
    page.reload()
    step = page.locator("summary", has_text="Chuyển bước tiếp")
    expect(step.locator("kbd")).to_have_text("n")
    keys.press("n")
    expect(page.locator("#hand_on-taker_id")).to_be_focused()

    # The refusal at the desk, from its field, from its line and from another field.
    page.goto("/ho-so/tiep-nhan")
    page.get_by_text("Không tiếp nhận…").click()
    expect(page.locator("#reason")).to_be_focused()
    keys.type("Không thuộc thẩm quyền")
    for field in (page.get_by_text("Không tiếp nhận…"), page.locator("#subject")):
        field.focus()
        keys.press("Control+Enter")
        expect(page.locator("#reason")).to_be_focused()
    with page.expect_request(lambda sent: sent.method == "POST" and sent.url.endswith("/tiep-nhan")) as found:
        keys.press("Control+Enter")
    assert "step=refuse" in (found.value.post_data or "")
    expect(page.locator(".summary")).to_be_focused()

    # A reminder is written where its link leads, not the hand-over beside it; whoever is authorised is named.
    page.goto("/tra-ket-qua")
    page.get_by_label(re.compile("^Ghi nhắc nhận")).first.click()
    expect(page.locator("[name=remind-way]:checked")).to_be_focused()
    page.locator("h1").click()
    with page.expect_request(lambda sent: sent.method == "POST") as found:
        keys.press("Control+Enter")
    assert found.value.url.endswith("/nhac")
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi nhắc nhận kết quả")
    page.goto(found.value.url.removesuffix("/nhac"))
    owner = page.input_value("#name")
    for way, name in (("authorised", ""), ("applicant", owner)):
        page.check(f"[name=receiver][value={way}]")
        assert page.input_value("#name") == name

    # A list that was closed stays closed, whatever comes late.
    page.fill("#seek", "doanh nghiep")
    page.wait_for_selector("#seek-hints a")
    with page.expect_response("**/tim-kiem/**"):
        keys.type(" 0")
        keys.press("ArrowDown")
        keys.press("Escape")
    expect(page.locator("#seek")).to_be_focused()
    page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))")
    assert page.locator("#seek-hints").inner_html() == ""


class Counted:
    """A keyboard that counts its keys; text is typed, a key is pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)


def test_a_returning_applicant_is_received_with_few_keys(sign_in: SignIn) -> None:
    page = sign_in("clerk")
    page.goto("/ho-so/tiep-nhan")
    page.select_option("#procedure_id", index=1)
    page.fill("#applicant_name", "Doanh nghiệp trở lại 01")
    page.fill("#id_number", "0900900901")
    page.fill("#phone", "0912345679")
    page.fill("#address", "Lô 1, khu công nghiệp")
    keys = Counted(page)
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/ho-so/\d"))

    keys.pressed = 0
    keys.press("F2")
    page.wait_for_url("**/ho-so/tiep-nhan")
    keys.type("cgptlvp")
    keys.press("Enter")  # the procedure, and on to the case or the channel
    expect(page.locator("#due-card")).to_contain_text("Hẹn trả")
    while page.evaluate("document.activeElement.id") != "seek_applicant":
        keys.press("Enter")
    keys.type("0900900901")
    with page.expect_response("**/tiep-nhan/xem-truoc"):
        keys.press("Enter")  # at once: whoever has the number
    expect(page.locator("#applicant_name")).to_have_value("Doanh nghiệp trở lại 01")
    assert page.locator("#address").input_value() == "Lô 1, khu công nghiệp"
    expect(page.locator("#submitter_name")).to_be_focused()
    keys.press("Enter")  # brought by the applicant
    keys.press("Tab")  # past the subject, where Enter begins a line, to the papers
    keys.type("Đơn đề nghị cấp giấy phép")
    for count in ("1", "0", "2"):
        keys.press("Enter")
        keys.type(count)
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/ho-so/\d"))
    expect(page.locator("main")).to_contain_text("Đơn đề nghị cấp giấy phép 1 bản chính, 2 bản sao")
    with page.context.expect_page() as opened:
        keys.press("Enter")  # the receipt
    opened.value.close()
    assert keys.pressed <= 25, keys.pressed
    assert keys.pressed <= 12, "as measured when it was built; more means that something got in the way"

    # A further one for the same applicant, and what was typed outlives the window.
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/tiep-nhan\?tiep="))
    expect(page.locator("#id_number")).to_have_value("0900900901")
    keys.type("37")
    with page.expect_response("**/tiep-nhan/nhap"):
        keys.press("Enter")
    page.goto("/")
    keys.press("F2")
    page.wait_for_url("**/ho-so/tiep-nhan")
    expect(page.locator(".notice-info")).to_contain_text("37. Cấp lại Giấy phép")
    page.get_by_role("link", name="Nhập tiếp bản nháp").click()
    expect(page.locator("#applicant_name")).to_have_value("Doanh nghiệp trở lại 01")


def test_the_same_day_without_script(sign_in: SignIn) -> None:
    page = sign_in("clerk", script=False)
    page.get_by_role("link", name=re.compile("^Tiếp nhận")).last.click()
    wanted = page.locator("#procedure_id option", has_text="Đăng ký nội quy lao động của doanh nghiệp")
    page.select_option("#procedure_id", value=wanted.get_attribute("value"))
    page.get_by_role("button", name="Tính ngày hẹn trả").click()
    expect(page.locator("#due-card")).to_contain_text("25/06/2024")
    page.fill("#applicant_name", "Doanh nghiệp không kịch bản 01")
    page.get_by_role("button", name="Tiếp nhận và in giấy hẹn").click()
    expect(page.locator("h1")).to_have_text(CODE)
    for summary, sentence in (
        ("Bắt đầu xử lý", "Đã bắt đầu xử lý."),
        ("Kết thúc xử lý", "Đã ghi kết quả giải quyết."),
    ):
        box = page.locator("details.deed", has=page.locator("summary", has_text=summary)).first
        box.locator("summary").click()
        box.get_by_role("button", name=summary).click()
        expect(page.locator(".notice-done")).to_contain_text(sentence)
    page.locator("a.deed", has_text="Trả kết quả").click()
    page.fill("#name", "Người đại diện 01")
    page.check("#identity_checked")
    page.get_by_label("Không có giấy để thu lại").check()
    page.get_by_role("button", name="Trả kết quả").click()
    expect(page.locator(".notice-done")).to_contain_text("Đã ghi việc trả kết quả")


def test_bad_input_is_said_at_the_field_and_nothing_is_lost(sign_in: SignIn) -> None:
    page = sign_in("clerk")
    page.goto("/ho-so/tiep-nhan")
    page.fill("#phone", "12")
    page.fill("#applicant_name", "Doanh nghiệp giữ lại 01")
    page.get_by_role("button", name="Tiếp nhận và in giấy hẹn").click()
    summary = page.locator("[data-focus-first]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("thủ tục")
    expect(page.locator("#applicant_name")).to_have_value("Doanh nghiệp giữ lại 01")


def test_one_box_marks_the_rows_of_the_page_and_only_those(sign_in: SignIn) -> None:
    page = sign_in("clerk")
    page.goto("/ho-so?bucket=pending&q=doanh+nghiep")
    boxes = page.locator("input[name=marks]")
    every = page.get_by_label("Chọn mọi hồ sơ trên trang này")
    every.focus()
    page.keyboard.press("Space")
    number = boxes.count()
    assert 1 < number == page.locator("input[name=marks]:checked").count()
    boxes.first.uncheck()
    assert every.evaluate("box => box.indeterminate && !box.checked")
    page.get_by_role("button", name="In biểu mẫu").click()
    expect(page.locator("h1")).to_have_text(f"In {number - 1} hồ sơ đã chọn")


def test_two_people_at_one_dossier(sign_in: SignIn) -> None:
    first, second = sign_in("clerk"), sign_in("officer")
    address = "/ho-so/000.00.99.H54-240529-0001"
    first.goto(address)
    second.goto(address)
    for page in (first, second):
        box = page.locator("details.deed", has=page.locator("summary", has_text="Tạm dừng")).first
        box.locator("summary").click()
        box.locator("[name$=reason]").fill("Chờ ý kiến của cơ quan cấp trên")
        box.locator("[name$=legal_basis]").fill("Điều 40 Luật Đầu tư")
    first.keyboard.press("Control+Enter")
    expect(first.locator(".notice-done")).to_contain_text("Đã tạm dừng.")
    second.keyboard.press("Control+Enter")
    expect(second.locator("body")).to_contain_text("vừa được người khác cập nhật")
