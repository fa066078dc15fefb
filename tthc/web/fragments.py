"""Parts of pages that are rendered once for all that they are made of: ``{% kept … %}…{% endkept %}``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from tthc.services.recent import Recent

#: So many characters are kept: some thousand rows of lists, a few hundred tables, the shell of every role.
MOST = 8_000_000


class Kept(Extension):
    """``{% kept a, b %}…{% endkept %}``: rendered anew only for an ``a`` and ``b`` not seen before.

    The key names everything that the part is made of, so that the same key means the same text for ever;
    nothing is forgotten by time. Where the program is mounted, which every address begins with, belongs to
    each key by itself. While templates are being written (debug mode) nothing is kept.
    """

    tags = {"kept"}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._kept: Recent[str] = Recent(MOST, len)

    def parse(self, parser: Parser) -> nodes.Node:
        """The tag as a call with what stands within as its caller."""
        line = next(parser.stream).lineno
        place = nodes.Const(f"{parser.name}:{parser.free_identifier().name}")
        key = parser.parse_tuple(with_condexpr=True)
        within = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_show", [place, key]), [], [], within).set_lineno(line)

    def _show(self, place: str, key: Any, caller: Callable[[], str]) -> str:
        if self.environment.auto_reload:
            return caller()
        whole = (place, request.script_root, key)
        text = self._kept.get(whole)
        if text is None:
            text = caller()
            self._kept.keep(whole, text)
        return text
