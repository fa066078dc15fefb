"""How a clerk finds a procedure: by number, by code, by words without diacritics, by initials."""

from __future__ import annotations

import re
from functools import lru_cache

from tthc.domain.text import fold

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=2000)
def initials(name: str) -> str:
    """The first letters of a name's words: "Cấp giấy phép xây dựng" gives "cgpxd"."""
    return "".join(word[0] for word in _WORD.findall(fold(name)))


def rank(query: str, *, local_no: int, national_code: str | None, name: str) -> int | None:
    """How well a procedure answers a query, 0 the best; ``None``: not at all.

    0 its very number or code, 1 the beginning of its code, 2 its initials, 3 words that all begin words of
    its name, 4 words that are all somewhere in it. An empty query fits everything alike.
    """
    wanted = fold(query).split()
    code = (national_code or "").casefold()
    if len(wanted) == 1:
        word = wanted[0]
        if word in {str(local_no), code}:
            return 0
        if code.startswith(word):
            return 1
        if word in initials(name):
            return 2
    folded = fold(name)
    words = _WORD.findall(folded)
    if all(any(word.startswith(one) for word in words) for one in wanted):
        return 3
    return 4 if all(one in folded for one in wanted) else None
