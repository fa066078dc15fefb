"""Words that are searched for: how a question is read, and where a text answers it.

What is searched is kept as bare words (:func:`bare_words`), so that a database has nothing of its own to
decide about letters, signs or accents and every database finds the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from tthc.domain.text import fold, squeeze

#: Longer words are cut, in the text and in the question alike.
_LONGEST_WORD = 64
#: More signs of a question are not read.
LONGEST_QUESTION = 200
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[\d\s.+()-]+")
#: The number of a postal item (UPU standard S10), which envelopes print in groups: "RA 123 456 789 VN".
_ITEM = re.compile(r"[A-Za-z]{2}[0-9]{9}[A-Za-z]{2}")
#: The fewest digits of a number that is also sought without the signs and blanks in it.
_LEAST_DIGITS = 6
#: The fewest digits at the end of a phone number by which it is found.
_LEAST_TAIL = 4
#: Signs on each side of what matched, where a long text is shown in part.
_AROUND = 60

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is sought: every phrase somewhere, in any order, or else one of the numbers.

    A phrase is what stands between two blanks: words that follow each other, the last of them begun. A
    number typed with blanks or signs in it ("0912 000 900"), or that of a postal item typed in groups, is
    also sought without them.
    """

    phrases: tuple[Phrase, ...]
    numbers: tuple[str, ...] = ()

    @property
    def alternatives(self) -> tuple[Phrase, ...]:
        """All that may be marked in a text that answers."""
        return (*self.phrases, *((number,) for number in self.numbers))


def bare_words(text: str) -> list[str]:
    """The words of a text: lower case, no accents, đ as d, every sign a boundary.

    "Đường sắt Hà-Nội" gives ``["duong", "sat", "ha", "noi"]``; NFC and NFD input give the same.
    """
    return [word[:_LONGEST_WORD] for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=10_000)
def _bare(word: str) -> str:
    """A word as it is searched; the same words stand in answer after answer."""
    return fold(word)[:_LONGEST_WORD]


def index_text(parts: Iterable[str | None]) -> str:
    """The searchable text of the parts: bare words with one blank between them."""
    return " ".join(word for part in parts if part for word in bare_words(part))


def phone_forms(phone: str) -> str:
    """A phone number as it is searched: with the country's code also in the form that people dial."""
    digits = re.sub(r"\D", "", phone)
    local = _local(digits)
    return digits if local is None else f"{digits} {local}"


def phone_tail(phone: str) -> str:
    """A phone number as it is found by its last digits: read from its end, with a letter before it.

    An index finds what words begin with; no number that is typed begins with a letter. "0912 000 910" gives
    "t0190002190", and "0910" is sought as "t0190". Fewer than four digits tell nobody apart.
    """
    digits = re.sub(r"\D", "", phone)
    return f"t{digits[::-1]}" if len(digits) >= _LEAST_TAIL else ""


def with_tail(question: Question, text: str) -> Question:
    """The question, where it is a number also for phones that end with it."""
    tail = phone_tail(text) if _NUMBER.fullmatch(text) else ""
    return replace(question, numbers=(*question.numbers, tail)) if tail else question


def read(text: str) -> Question | None:
    """The question that was typed; ``None`` without a single word in it."""
    typed = squeeze(text)[:LONGEST_QUESTION]
    phrases = tuple(tuple(words) for part in typed.split() if (words := bare_words(part)))
    if not phrases:
        return None
    numbers: list[str] = []
    digits = re.sub(r"\D", "", typed)
    if _NUMBER.fullmatch(typed) and len(digits) >= _LEAST_DIGITS:
        local = _local(digits)
        numbers = [digits] if local is None else [digits, local]
    item = "".join(typed.split())
    if _ITEM.fullmatch(item):
        numbers.append(fold(item))
    return Question(phrases, tuple(number for number in numbers if ((number,),) != phrases))


@lru_cache(maxsize=100)
def _sought(question: Question) -> tuple[tuple[str, ...], tuple[Phrase, ...]]:
    """What may be marked: the words that stand alone, and the phrases of several."""
    alternatives = question.alternatives
    alone = tuple(phrase[0] for phrase in alternatives if len(phrase) == 1)
    return alone, tuple(phrase for phrase in alternatives if len(phrase) > 1)


def marked(text: str, question: Question) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is what was sought; nothing sought: one piece."""
    spans = list(_WORD.finditer(text))
    words = [_bare(one.group()) for one in spans]
    alone, several = _sought(question)
    found = [word.startswith(alone) for word in words]
    for phrase in several:
        whole, size = list(phrase[:-1]), len(phrase)
        for start in range(len(words) - size + 1):
            if words[start : start + size - 1] == whole and words[start + size - 1].startswith(phrase[-1]):
                found[start : start + size] = [True] * size
    pieces: list[tuple[str, bool]] = []
    done = 0
    for span, hit in zip(spans, found, strict=True):
        if hit:
            start, end = span.span()
            if start > done:
                pieces.append((text[done:start], False))
            pieces.append((text[start:end], True))
            done = end
    if done < len(text):
        pieces.append((text[done:], False))
    return pieces


def shortened(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The pieces with only so much of what did not match as tells where it stands."""
    short: list[tuple[str, bool]] = []
    for place, (text, hit) in enumerate(pieces):
        first, last = place == 0, place == len(pieces) - 1
        room = _AROUND if first or last else 2 * _AROUND
        if hit or len(text) <= room:
            short.append((text, hit))
        elif first:
            short.append((f"…{text[-_AROUND:]}", False))
        elif last:
            short.append((f"{text[:_AROUND]}…", False))
        else:
            short.append((f"{text[:_AROUND]}…{text[-_AROUND:]}", False))
    return short


def _local(digits: str) -> str | None:
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) >= 10 else None
