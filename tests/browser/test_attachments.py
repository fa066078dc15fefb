"""Files dropped on a dossier's page in a real browser, and a PDF shown on its own page."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.attachment_files import pdf, png
from tests.browser.conftest import SignIn
from tests.browser.looks import PHONE, problems

pytestmark = pytest.mark.browser

_DROP = """([selector, files]) => {
  const carried = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  const zone = document.querySelector(selector);
  for (const name of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: carried }));
  }
}"""


def test_files_are_dropped_or_chosen_and_shown(sign_in: SignIn, axe: str, tmp_path: Path) -> None:
    page = sign_in("clerk")
    page.goto("/ho-so")
    page.locator("tbody tr a").first.click()
    page.get_by_text("Đính kèm tệp", exact=True).last.click()
    large = tmp_path / "lớn.pdf"
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    page.set_input_files("#file-files", large)
    page.get_by_role("button", name="Đính kèm", exact=True).click()
    # Said before one byte of it is sent.
    expect(page.locator(".said .refused")).to_contain_text("lớn.pdf: tệp lớn hơn 20 MB")
    expect(page.locator("#file-files")).to_be_focused()
    dropped = [("đơn.pdf", pdf()), ("ảnh.png", png()), ("sai.pdf", png() + b"1")]
    files = [[name, base64.b64encode(content).decode()] for name, content in dropped]
    page.evaluate(_DROP, [".attach .drop", files])
    expect(page.locator(".said .kept")).to_have_text(["Đã đính kèm đơn.pdf.", "Đã đính kèm ảnh.png."])
    expect(page.locator(".said .refused")).to_contain_text("sai.pdf có nội dung là ảnh PNG")
    expect(page.locator("#attachments li")).to_have_count(2)
    expect(page.locator("#events")).to_contain_text("Đính kèm tệp")
    assert problems(page, axe) == []
    page.locator("#attachments a", has_text="đơn.pdf").click()
    frame = page.locator("iframe")
    expect(frame).to_be_visible()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert problems(page, axe) == []
