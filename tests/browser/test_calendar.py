"""A supervisor's swap of Monday 23/11/2026 for a Saturday, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.browser.looks import DESKTOP, Looker
from tests.clock import StandingClock
from tests.people import PASSWORD
from tests.web.conftest import request_of
from tthc.db.models import Procedure
from tthc.domain.permissions import Actor
from tthc.services import intake, receipts

pytestmark = pytest.mark.browser


@pytest.fixture
def office(app: Flask, clock: StandingClock, clerk: Actor) -> Iterator[tuple[str, list[str]]]:
    """An office on Friday 20/11/2026: its address, and the codes of two dossiers with printed receipts.

    Both were received on 18/11 with 05 working days, so are due on 26/11.
    """
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        procedure = session.query(Procedure).filter_by(local_no=37).one().id
        at = clock.stand_at(2026, 11, 18)
        codes = [
            intake.receive_dossier(session, now=at, actor=clerk, request=request_of(procedure))
            for _ in range(2)
        ]
        for code in codes:
            receipts.print_receipt(session, now=at, actor=clerk, code=code)
    clock.stand_at(2026, 11, 20)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", codes
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_window(chromium: Browser, office: tuple[str, list[str]]) -> Iterator[Any]:
    """``open_window("supervisor", size=…, dark=…, script=…)``: a signed-in page; its errors fail the test."""
    windows: list[BrowserContext] = []
    trouble: list[str] = []

    def listen(kind: str, text: str) -> None:
        if kind == "error" and "status of 4" not in text:
            trouble.append(text)

    def enter(name: str, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True) -> Page:
        window = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=office[0],
            locale="vi-VN",
        )
        windows.append(window)
        page = window.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: listen(message.type, message.text))
        page.goto("/dang-nhap")
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "dang-nhap" not in address)
        return page

    yield enter
    for window in windows:
        window.close()
    assert trouble == []


def fill_swap(page: Page) -> None:
    """The two rows of the swap."""
    page.goto("/lich-lam-viec")
    page.get_by_role("link", name="Thay đổi lịch").click()
    for number, (on, kind, name) in enumerate(
        (
            ("23/11/2026", "Nghỉ hoán đổi", "Nghỉ hoán đổi"),
            ("28112026", "Làm bù", "Làm bù cho ngày 23/11/2026"),
        )
    ):
        page.fill(f"#rows-{number}-on", on)
        page.select_option(f"#rows-{number}-kind", label=kind)
        page.fill(f"#rows-{number}-name", name)
        page.fill(f"#rows-{number}-decision", "1/TB-BNV")


@pytest.mark.parametrize("script", [True, False])
def test_a_supervisor_swaps_a_monday_and_prints_a_new_receipt(
    open_window: Any, office: tuple[str, list[str]], script: bool
) -> None:
    _, (first, second) = office
    page: Page = open_window("supervisor", script=script)
    fill_swap(page)
    page.get_by_role("button", name="Xem trước").click()
    rows = page.locator("tr:has(.pick)")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("26/11/2026")
    expect(rows.first).to_contain_text("27/11/2026")
    expect(rows.first).to_contain_text("hẹn 26/11/2026")

    page.get_by_label(f"Dời ngày hẹn của {second}").uncheck()
    page.get_by_label("chỉ những hồ sơ được đánh dấu").check()
    page.fill("#reason", "Theo thông báo 1/TB-BNV")
    page.get_by_role("button", name="Áp dụng").click()
    page.wait_for_url(re.compile(r"/phien-ban/2$"))
    expect(page.locator(".notice-done")).to_contain_text("Dời ngày hẹn của 1 hồ sơ.")
    link = page.get_by_role("link", name="In giấy tiếp nhận (PDF)")
    expect(link).to_have_count(1)
    receipt = page.context.request.get(str(link.get_attribute("href")))
    assert receipt.body().startswith(b"%PDF-")
    page.reload()
    expect(page.get_by_text("Giấy tiếp nhận cần in lại")).to_have_count(0)
    page.goto(f"/ho-so/{first}")
    expect(page.locator(".headline")).to_contain_text("27/11/2026")
    page.goto(f"/ho-so/{second}")
    expect(page.locator(".headline")).to_contain_text("26/11/2026")

    page.goto("/lich-lam-viec")
    expect(page.locator('td.off a[href="#ngay-2026-11-23"]')).to_have_count(1)
    expect(page.locator('td.worked a[href="#ngay-2026-11-28"]')).to_have_count(1)


def test_axe_finds_nothing_on_the_way(open_window: Any, axe: str) -> None:
    page: Page = open_window("supervisor")
    look = Looker(page, axe)
    page.goto("/lich-lam-viec")
    look("year")
    page.goto("/lich-lam-viec?year=2027")
    look("estimated year")
    page.goto("/lich-lam-viec/thay-doi")
    page.get_by_role("button", name="Thêm dòng").click()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator(".summary")).to_be_visible()
    look("refused form")
    fill_swap(page)
    page.get_by_role("button", name="Xem trước").click()
    page.wait_for_url("**/xem-truoc/*")
    look("preview")
    page.get_by_role("button", name="Áp dụng").click()
    expect(page.locator(".summary")).to_be_visible()
    look("refused preview")
    page.fill("#reason", "Theo thông báo")
    page.get_by_role("button", name="Áp dụng").click()
    page.wait_for_url("**/phien-ban/2")
    look("version")
    page.get_by_role("button", name="Xem trước việc hoàn tác").click()
    page.wait_for_url("**/xem-truoc/*")
    look("undo")
    page.goto("/lich-lam-viec/nhap")
    page.set_input_files(
        "#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"date,kind,name\nx,y,z\n"}
    )
    page.get_by_role("button", name="Kiểm tra tệp").click()
    expect(page.locator("main table")).to_be_visible()
    look("refused file")
    assert look.found == {}
