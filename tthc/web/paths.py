"""Parts of addresses: dossier codes, row numbers, page numbers, and the page to go back to."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, request, url_for
from werkzeug.routing import BaseConverter, IntegerConverter

from tthc.services.views import Page

#: No list is that long, and no database refuses the number.
LAST_PAGE = 1_000_000


class CodeConverter(BaseConverter):
    """A dossier code; imported ones come in many shapes, but never with a slash or a control character."""

    regex = r"[^/\x00-\x1f\x7f]{1,100}"
    part_isolating = True


class KeyConverter(IntegerConverter):
    """The key of a row: what does not fit the column is no page."""

    def __init__(self, map: object) -> None:  # noqa: A002 - the name is werkzeug's
        super().__init__(map, max=2**31 - 1)  # type: ignore[arg-type]


def register(app: Flask) -> None:
    """Make the converters known, and to the templates a quicker way to an address."""
    app.url_map.converters["code"] = CodeConverter
    app.url_map.converters["key"] = KeyConverter

    @lru_cache(maxsize=10_000)
    def kept(_script_root: str, endpoint: str, *values: tuple[str, Any]) -> str:
        return url_for(endpoint, **dict(values))

    @app.template_global("url_for")
    def address_of(endpoint: str, **values: Any) -> str:
        """The address of a page within this site, as Flask's own ``url_for`` has it.

        A page has some dozens of links, most of them the same on page after page, and to put one together
        takes as long as to run a small query.
        """
        try:
            return kept(request.script_root, endpoint, *values.items())
        except TypeError:
            # Several values of one name stand in a list, which cannot be looked up.
            return url_for(endpoint, **values)


def page_number() -> int:
    """The page asked for by ``?page=``; nonsense is the first page."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def last_page(page: Page[Any]) -> str | None:
    """The address of the last page of a list, where one behind it was asked for.

    Rows that were dealt with leave a list shorter than it was when the address was made, and a page without
    rows would say that there are none.
    """
    if page.number <= page.pages:
        return None
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != "page"]
    return f"{request.script_root}{quote(request.path)}?{urlencode([*asked, ('page', page.pages)])}"


def safe_target(text: str | None) -> str:
    """A path of this site to go on to; everything that could lead elsewhere becomes the first page."""
    home = url_for("home.index")
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return home
    if any(ord(sign) < 0x20 or sign == "\\" for sign in text):
        return home
    parts = urlsplit(text)
    return home if parts.scheme or parts.netloc else text
