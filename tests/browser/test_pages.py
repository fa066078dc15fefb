"""Every page of the program in a real browser: accessible, within its width, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.looks import AT_ONCE, Window, problems, windows
from tthc import create_app

pytestmark = pytest.mark.browser

CODE = "000.00.99.H54-240611-0003"
ENDED = "000.00.99.H54-231115-0001"
#: What stands for the variable parts of an address.
PARTS = {
    "alert_id": 1,
    "code": CODE,
    "local_no": "7",
    "filing_id": "1",
    "path": "",
    "filename": "",
    "year": "2024",
}
PARTS |= {
    "version_id": "1",
    "token": "0123456789abcdef",
    "name_id": "2",
    "certificate_id": "1",
    "report_id": "1",
    "close_id": "1",
    "name": "qua-han",
    "point": "unverified_limit",
}
PARTS |= {"petition_id": "1", "applicant_id": "1", "other_id": "2"}
PARTS |= {"action_id": "00000000-0000-0000-0000-000000000000"}
PARTS |= {"transfer_id": "1", "form_set": "2018", "letter": "03", "attachment_id": "1"}
#: Addresses that answer with something else than a page.
NO_PAGE = re.compile(
    r"^/static/|^/(healthz|readyz|metrics)$|^/(tim-kiem/goi-y|ho-so/tiep-nhan/chu-ho-so)$|^/so-ho-so/xuat$|/(xem|tai-ve)$|\.(pdf|xlsx|docx|csv|ics|sig|pem|<any\(.*kind>)$"
)
#: Pages as they look with something in them, beside what the address alone gives.
FILLED = (
    f"/ho-so/{ENDED}",
    f"/tra-ket-qua/{ENDED}",
    "/ho-so?q=doanh+nghiep&sort=-received",
    "/ho-so?q=khong-co-ho-so-nao",
    "/ho-so?received_from=sai",
    "/bao-cao?preset=bc-6-thang-dau&year=2024",
    "/bao-cao?preset=bc-6-thang-dau&year=2024&by=procedure",
    "/bao-cao?preset=bc-6-thang-dau&year=2024&by=month&known_on=01/05/2024",
    "/bao-cao/bieu-do?preset=bc-6-thang-dau&year=2024",
    "/bao-cao/chi-so-766?preset=bc-6-thang-dau&year=2024",
    "/bao-cao/danh-sach?from_on=15/12/2023&to_on=14/06/2024&by=sector&cell=pending_total",
    "/bao-cao/chot-ky/kiem-tra/unverified_limit?from_on=15/12/2023&to_on=14/01/2024",
    "/bao-cao/chot-ky/1?by=procedure",
    "/dau-tu/danh-sach?q=khong-co",
    "/dau-tu/con-thieu?from_on=15/12/2023&to_on=14/06/2024",
    "/dau-tu/ghi?ho-so=000.00.99.H54-240102-0003",
    "/ho-so/khong-co-ma-nay",
    "/phan-anh?from_on=15/12/2023&to_on=14/06/2024&cell=pending",
    "/phan-anh?from_on=sai",
    "/phan-anh/tong-hop?preset=bc-6-thang-dau&year=2024",
)


def addresses(folder: Path) -> list[str]:
    """Every GET address of the program with its variable parts filled in."""
    app = create_app({"INSTANCE_PATH": str(folder)})
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or NO_PAGE.search(rule.rule):
            continue
        _, address = rule.build({name: PARTS[name] for name in rule.arguments}) or ("", "")
        found.append(address)
    return sorted(found)


def a_waiting_filing(page: Page) -> None:
    """Something in the list of what waits."""
    page.goto("/ho-so/tiep-nhan")
    wanted = page.locator("#procedure_id option", has_text="Đăng ký nội quy lao động của doanh nghiệp")
    page.evaluate(
        "value => document.getElementById('procedure_id').tomselect.setValue(value)",
        wanted.first.get_attribute("value"),
    )
    page.fill("#applicant_name", "Doanh nghiệp chờ 01")
    page.get_by_role("button", name="Lưu chờ tiếp nhận").click()
    page.wait_for_url(re.compile(r"/cho-tiep-nhan/\d+"))


def a_closed_period(page: Page) -> None:
    """The first month of the chain."""
    page.goto("/bao-cao/chot-ky")
    if page.locator("#reason").count():
        page.fill("#reason", "Đã đối chiếu với sổ giấy")
    page.get_by_role("button", name="Chốt kỳ", exact=True).click()
    page.wait_for_url(re.compile(r"/bao-cao/chot-ky/1$"))


def a_petition(page: Page) -> None:
    """Something in the register of petitions, after a look at the form with its mistakes named."""
    page.goto("/phan-anh/moi")
    page.fill("#subject", "Phản ánh nơi nộp đơn khiếu nại không rõ ràng")
    page.get_by_label("Không nêu tên").check()
    page.fill("#due_on", "24/06/2024")
    page.fill("#legal_basis", "Quy chế tiếp nhận phản ánh, kiến nghị")
    page.get_by_role("button", name="Ghi vào sổ").click()
    page.get_by_label("Hành vi hành chính").check()
    page.get_by_label("Đã xem lại").check()
    page.get_by_role("button", name="Ghi vào sổ").click()
    page.wait_for_url(re.compile(r"/phan-anh/\d+"))


def look(turns: Iterator[Window], address: str, found: dict[str, list[str]]) -> int:
    """Open an address, look at its page, and give the status of the answer."""
    status = 0
    for window in islice(turns, AT_ONCE):
        answer = window.page.goto(address)
        assert answer is not None
        status = answer.status
        assert status < 500, address
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), address
        found |= window.look()
    return status


def test_axe_finds_nothing_on_any_page(sign_in: SignIn, axe: str, tmp_path: Path) -> None:
    page = sign_in("supervisor")
    a_waiting_filing(page)
    a_closed_period(page)
    a_petition(page)
    found: dict[str, list[str]] = {}
    seen = [*addresses(tmp_path), *FILLED]
    assert len(seen) > 15
    turns = windows(page, axe)
    refused = [address for address in seen if look(turns, address, found) == 403]
    # What a supervisor may not open is the administrator's.
    assert "/thiet-lap/don-vi/2" in refused
    turns = windows(sign_in("admin"), axe)
    assert 403 not in {look(turns, address, found) for address in refused}
    assert found == {}


def test_the_sign_in_page_too(sign_in: SignIn, axe: str) -> None:
    page = sign_in("auditor")
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap*")
    assert problems(page, axe) == []


def test_the_published_half_year_and_its_eleven_pending(sign_in: SignIn) -> None:
    page = sign_in("reporter")
    page.goto("/bao-cao?preset=bc-6-thang-dau&year=2024")
    total = page.locator("tr", has_text="TỔNG CỘNG")
    numbers = [int(text.replace(".", "")) for text in total.locator("a").all_inner_texts()]
    assert numbers == [130, 110, 7, 13, 119, 71, 48, 0, 11, 11, 0]
    total.locator("a").nth(8).click()
    page.wait_for_url(re.compile("/bao-cao/danh-sach"))
    expect(page.locator("tbody tr")).to_have_count(11)


def test_every_number_opens_a_list_of_its_size(sign_in: SignIn) -> None:
    page = sign_in("auditor")
    page.goto("/bao-cao?preset=bc-6-thang-dau&year=2024")
    links = page.locator("main table a").all()
    wanted = [(int(link.inner_text().replace(".", "")), link.get_attribute("href")) for link in links]
    assert len(wanted) >= 80
    for number, address in wanted[::7]:
        page.goto(str(address))
        text = page.locator("main").inner_text()
        shown = page.locator("main tbody tr").count()
        if number > 50:
            assert f"{number}" in text
        else:
            assert shown == number or (number == 0 and shown <= 1), address
