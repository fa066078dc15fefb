"""What is wrong with a page as it looks on a desk and on a telephone, in light and dark."""

from __future__ import annotations

import os
from itertools import cycle

from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP = (1366, 768)
PHONE = (390, 844)
LOOKS = [(DESKTOP, False), (PHONE, True), (DESKTOP, True), (PHONE, False)]
#: In the long run a page is seen in every look, else in one of them by turns.
_AT_ONCE = len(LOOKS) if os.environ.get("TTHC_TEST_LONG") == "1" else 1
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
        for _ in range(_AT_ONCE):
            size, dark = next(_turns)
            self._turn(size, dark=dark)
            if trouble := problems(self.page, self._axe):
                self.found[f"{name} {size} {'dark' if dark else 'light'}"] = trouble
        self._turn(DESKTOP, dark=False)

    def _turn(self, size: tuple[int, int], *, dark: bool) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        # Without motion colours are at once what they become.
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
