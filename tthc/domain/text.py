"""Vietnamese text: one normal form, folding for search, and the order of names."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

#: The marks that make a letter of its own in the Vietnamese alphabet: a ă â, e ê, o ô ơ, u ư.
_LETTER_MARKS = {
    ("a", "\u0306"): "a1",
    ("a", "\u0302"): "a2",
    ("e", "\u0302"): "e1",
    ("o", "\u0302"): "o1",
    ("o", "\u031b"): "o2",
    ("u", "\u031b"): "u1",
}
#: The order of tones in Vietnamese dictionaries: ngang, huyền, hỏi, ngã, sắc, nặng.
_TONE_MARKS = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
#: Marks without width that come along when text is pasted from a sheet or a page.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_WORD = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"""[^@\s<>,;:"()]+@[^@\s<>,;:"()]+\.[^@\s<>,;:"()]+""")


def nfc(text: str) -> str:
    """The composed normal form (NFC), in which all text is kept."""
    return unicodedata.normalize("NFC", text)


def lines_of(text: str) -> list[str]:
    """The lines that say something, without the blanks around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def squeeze(text: str) -> str:
    """NFC without leading, trailing, repeated or invisible blanks; line ends become blanks too."""
    return " ".join(nfc(text.translate(_INVISIBLE)).split())


def written_date(day: date) -> str:
    """A date as papers write it: days below 10 and the months 1 and 2 have a leading zero, no other month.

    Decree 30/2020/NĐ-CP, annex I, part I, section II, point 4: 14/06/2024 is "ngày 14 tháng 6 năm 2024",
    05/02/2024 "ngày 05 tháng 02 năm 2024".
    """
    month = f"{day.month:02d}" if day.month <= 2 else f"{day.month}"
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def is_email(text: str) -> bool:
    """Whether a text has the shape of one e-mail address."""
    return _EMAIL.fullmatch(text) is not None


@lru_cache(maxsize=5_000)
def fold(text: str) -> str:
    """Lower case without diacritics, đ as d: what a search compares. NFC and NFD input give the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return nfc(bare.replace("đ", "d"))


@lru_cache(maxsize=5_000)
def vietnamese_name_key(name: str) -> str:
    """A text whose plain binary order is the Vietnamese order of personal names.

    The given name (last word) leads, then family and middle names in their order; the words compare as in
    :func:`vietnamese_order_key`.
    """
    words = _words(name)
    return "".join(_word_key(word) for word in (*words[-1:], *words[:-1]))


def vietnamese_order_key(text: str) -> str:
    """A text whose plain binary order is the Vietnamese order of titles, firms and other names of things.

    Words compare by the letters of the alphabet (a ă â b c d đ e ê …), then by tone (ngang, huyền, hỏi, ngã,
    sắc, nặng). The key holds only digits and small Latin letters, two signs per letter, so it sorts alike
    under every collation of a database: "An" gives "a0n000".
    """
    return "".join(_word_key(word) for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(nfc(text).casefold())


def _word_key(word: str) -> str:
    """Two signs per letter, closed by 0 and the tone: below every letter, so "an" precedes "anh"."""
    keys: list[str] = []
    tone = 0
    base = ""
    for sign in unicodedata.normalize("NFD", word):
        if sign in _TONE_MARKS:
            tone = _TONE_MARKS[sign]
        elif (base, sign) in _LETTER_MARKS:
            keys[-1] = _LETTER_MARKS[base, sign]
        elif not unicodedata.combining(sign):
            base = sign
            keys.append(_letter_key(sign))
    return "".join(keys) + f"0{tone}"


def _letter_key(sign: str) -> str:
    if sign == "đ":
        return "d1"
    if sign.isascii():
        return f"1{sign}" if sign.isdigit() else f"{sign}0"
    # Other scripts follow the alphabet, in the order of their code points.
    return f"zz{ord(sign):06x}"
