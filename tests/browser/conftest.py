"""A real Chromium on a real server: the demonstration, served as its users start it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.looks import DESKTOP
from tests.processes import Office, Running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

#: The machine of a test run is busy: what is waited for comes late, not never.
expect.set_options(timeout=30_000)

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def made_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of a demonstration that was made by its first start and stopped."""
    office = Office(tmp_path_factory.mktemp("made"))
    with office.serve("--demo") as running:
        assert running.stop() == 0
    return office.instance


@pytest.fixture(scope="module")
def demo(made_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demonstration on a port of its own, anew for every module: what one does is nothing to another."""
    office = Office(tmp_path_factory.mktemp("demo"))
    shutil.copytree(made_demo, office.instance)
    with office.serve("--demo") as running:
        yield running


@pytest.fixture(scope="module")
def passwords(demo: Running) -> dict[str, str]:
    """Role → ``name password`` as the server printed them."""
    lines = [line.split() for line in demo.lines if line.startswith("TÀI KHOẢN ")]
    return {role: f"{name} {password}" for _, _, name, role, password in lines}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that the test command found or installed."""
    path = os.environ.get("TTHC_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path is not None, "no browser: run the tests with scripts/test.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium: Browser, demo: Running, passwords: dict[str, str]) -> Iterator[SignIn]:
    """Open a window and sign in with a role; every error on its pages fails the test."""
    windows: list[BrowserContext] = []
    trouble: list[str] = []

    def listen(kind: str, text: str) -> None:
        # A refused form is an answer, not a fault, although the browser notes its status.
        if kind == "error" and "status of 4" not in text:
            trouble.append(text)

    def enter(role: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True) -> Page:
        window = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=demo.url,
            locale="vi-VN",
        )
        windows.append(window)
        window.on("weberror", lambda found: trouble.append(str(found.error)))
        window.on("console", lambda message: listen(message.type, message.text))
        page = window.new_page()
        name, password = passwords[role].split()
        page.goto("/dang-nhap")
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "dang-nhap" not in address)
        return page

    yield enter
    for window in windows:
        window.close()
    assert trouble == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core; handed to ``page.evaluate``, because the page's policy bars other scripts."""
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
