"""What is wrong with a page as it looks on a desk and on a telephone, in light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle

from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP = (1366, 768)
PHONE = (390, 844)
LOOKS = [(DESKTOP, False), (PHONE, True), (DESKTOP, True), (PHONE, False)]
#: In the long run a page is seen in every look, else in one of them by turns.
AT_ONCE = len(LOOKS) if os.environ.get("TTHC_TEST_LONG") == "1" else 1
_turns = cycle(LOOKS)


def problems(page: Page, axe: str) -> list[str]:
    """What axe finds, what lies outside every landmark, and whether the page is wider than its window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found = page.evaluate(
        "standards => axe.run(document, {runOnly: standards, resultTypes: ['violations'],"
        " rules: {region: {enabled: true}}})"
        ".then(result => result.violations.map("
        "one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 120)).join(' | ')))",
        STANDARDS,
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["wider than the window"] if wide else [])]


class Looker:
    """Looks at pages on their way and remembers what was wrong, by the name of the look."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}
        self._axe = axe

    def __call__(self, name: str) -> None:
        """Look at the page as it is, and leave it on the desk, in light."""
        for _ in range(AT_ONCE):
            size, dark = next(_turns)
            turn(self.page, size, dark=dark)
            if trouble := problems(self.page, self._axe):
                self.found[f"{name} {size} {'dark' if dark else 'light'}"] = trouble
        turn(self.page, DESKTOP, dark=False)


class Window:
    """A page that stays in one look, whatever it opens."""

    def __init__(self, page: Page, axe: str, size: tuple[int, int], *, dark: bool) -> None:
        self.page = page
        self._axe = axe
        self._name = f"{size} {'dark' if dark else 'light'}"
        turn(page, size, dark=dark)

    def look(self) -> dict[str, list[str]]:
        """What is wrong with the page that is open, by its address."""
        trouble = problems(self.page, self._axe)
        return {f"{self.page.url} {self._name}": trouble} if trouble else {}


def windows(page: Page, axe: str) -> Iterator[Window]:
    """For ever the next of four windows, one in each look, for who is signed in on a page."""
    yield from cycle([Window(page.context.new_page(), axe, size, dark=dark) for size, dark in LOOKS])


def turn(page: Page, size: tuple[int, int], *, dark: bool) -> None:
    """Give a page a look."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    # Without motion colours are at once what they become.
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
