# -*- coding: utf-8 -*-
"""Check everything: python3 scripts/test.py [--long] [arguments for pytest].

Sets up .venv and a browser by itself, then runs ruff, mypy, djlint and pytest; exits non-zero when any
of them fails. --long runs the checks whose full size takes minutes at that size.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the reason why this file exists in this form
    sys.stderr.write("Cần Python 3.11 trở lên; máy đang dùng bản %d.%d.\n" % tuple(sys.version_info[:2]))  # noqa: UP031
    sys.exit(1)

import os

# Python leaves the folder of the script out of the path when PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import shutil
import subprocess
import time
from pathlib import Path

import environment

BROWSER_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
BROWSER_PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def starts(browser: str) -> bool:
    """Return whether this is a browser that runs; some systems put a stand-in under its name."""
    if environment.WINDOWS:
        return Path(browser).is_file()  # there, asking for the version opens a window
    try:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--version"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def installed_browser() -> str | None:
    found = [path for path in map(shutil.which, BROWSER_NAMES) if path is not None]
    found += [place for place in BROWSER_PLACES if Path(place).is_file()]
    return next((browser for browser in found if starts(browser)), None)


def find_browser() -> str:
    """Return the path of a Chromium, installing Debian's where allowed. Raises Failure if there is none."""
    chosen = os.environ.get("TTHC_TEST_BROWSER")
    if chosen:
        if starts(chosen):
            return chosen
        raise environment.Failure(f"TTHC_TEST_BROWSER={chosen} không phải là một trình duyệt chạy được.")
    browser = installed_browser()
    if browser is None and environment.install_debian_package("chromium"):
        browser = installed_browser()
    if browser is None:
        raise environment.Failure(
            "Không có Chromium hay Chrome cho các kiểm thử trình duyệt: hãy cài một trong hai, "
            "hoặc đặt TTHC_TEST_BROWSER bằng đường dẫn của nó."
        )
    return browser


def checking_environ(browser: str, *, long: bool) -> dict[str, str]:
    """Return the environment of the checks, free of settings meant for a real office."""
    environ = {
        name: value
        for name, value in environment.clean_environ(os.environ).items()
        if not name.startswith(("TTHC_", "FLASK_")) or name.startswith("TTHC_TEST_")
    }
    environ["TTHC_TEST_BROWSER"] = browser
    environ.pop("TTHC_TEST_LONG", None)
    # A hundred processes that may not keep what they compiled would compile the program a hundred times.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if long:
        environ["TTHC_TEST_LONG"] = "1"
    return environ


def stages(pytest_arguments: list[str]) -> list[tuple[str, list[str]]]:
    """Return the checks in order: the quick ones first, pytest last so that its closing line is in sight."""
    pytest = ["-m", "pytest"]
    # A debugger and a number of processes chosen by hand exclude ours.
    by_hand = ("-n", "--numprocesses", "--pdb", "--trace")
    if not any(argument.startswith(by_hand) for argument in pytest_arguments):
        # In the order of the folders, the browser's first: what takes minutes must not be begun last.
        pytest += ["-n", str(max(2, min(os.cpu_count() or 2, 8))), "--dist", "loadfile"]
        pytest += ["--no-loadscope-reorder"]
    return [
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("ruff format", ["-m", "ruff", "format", "--check", "."]),
        ("mypy", ["-m", "mypy"]),
        ("djlint", ["-m", "djlint", "templates", "--lint", "--quiet"]),
        ("pytest", [*pytest, *pytest_arguments]),
    ]


def main() -> int:
    environment.make_streams_safe()
    arguments = sys.argv[1:]
    long = "--long" in arguments
    here = environment.Environment()
    try:
        here.prepare(environment.TEST)
        browser = find_browser()
    except environment.Failure as failure:
        environment.say(str(failure))
        return 1
    environ = checking_environ(browser, long=long)
    results = []
    for name, command in stages([argument for argument in arguments if argument != "--long"]):
        print(f"── {name}", flush=True)
        began = time.monotonic()
        code = here.run(command, environ)
        results.append((name, code, time.monotonic() - began))
    print()
    for name, code, seconds in results:
        print(f"{'đạt      ' if code == 0 else 'KHÔNG ĐẠT'} {name:<12} {seconds:6.1f} s")
    return 1 if any(code != 0 for _, code, _ in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
