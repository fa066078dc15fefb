"""Amounts of money as people write them: decimal comma, dots between thousands; read and shown exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from tthc.domain.vocabulary import DomainError

#: One đồng in an amount of billion đồng; nothing smaller is on record.
PLACES = 9
#: No amount of billion đồng or million dollars of one office comes near it.
MOST = Decimal(10_000_000)

_NUMBER = re.compile(r"([+-]?)(\d[\d.,]*)")
_BLANKS = str.maketrans("", "", " \u00a0\u202f")

#: What an amount looks like, for the hint beside a field and the end of a refusal.
EXAMPLE = "ví dụ 3474,58"


def read_amount(text: str, *, decimal_sign: str | None = None) -> Decimal:
    """An amount as text: ``3.474,58``, ``3474,58``, ``3474.58`` or ``3 474,58``; it may be negative.

    A single sign before exactly three digits (``3.474``) may part thousands or begin decimals: it is refused
    unless ``decimal_sign`` ("," or ".") says how the rest of the file is written. Raises
    :class:`DomainError`.
    """
    whole, decimals, sign = _parts(text, decimal_sign)
    if len(decimals) > PLACES:
        raise DomainError(f"“{text}” có quá {PLACES} chữ số thập phân; hãy làm tròn.")
    amount = Decimal(f"{sign}{whole}.{decimals or '0'}")
    if abs(amount) > MOST:
        raise DomainError(f"“{text}” quá lớn; kiểm tra lại đơn vị tính.")
    # "-0" is nothing, and must not come back as a difference.
    return amount or Decimal(0)


def decimal_sign_of(texts: Iterable[str]) -> str | None:
    """The decimal sign with which some amounts were written; ``None`` if nothing or both are seen."""
    seen = set()
    for text in texts:
        try:
            _, decimals, _ = _parts(text, None)
        except DomainError:
            continue
        if decimals:
            seen.add(text.strip()[-len(decimals) - 1])
        else:
            # Thousands were parted twice, so the other sign is left for the decimals.
            seen |= {"," if "." in text else "."} if re.search(r"[.,]", text) else set()
    return seen.pop() if len(seen) == 1 else None


def show_amount(amount: Decimal | None) -> str:
    """``3.474,58``: never rounded, at least two decimals; nothing gives a dash."""
    if amount is None:
        return "–"
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:,.{places}f}".translate(str.maketrans(",.", ".,"))


def show_count(number: int) -> str:
    """``1.234``."""
    return f"{number:,}".replace(",", ".")


def plain_amount(amount: Decimal) -> str:
    """``3474.58`` for files and programs: never three decimals, which could be taken for thousands."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:.{places + (places == 3)}f}"


def _parts(text: str, decimal_sign: str | None) -> tuple[str, str, str]:
    """The digits before and after the decimal sign, and the sign of the number."""
    bare = text.translate(_BLANKS).replace("−", "-")
    match = _NUMBER.fullmatch(bare) if bare.isascii() else None
    if match is None:
        raise DomainError(f"“{text[:40]}” không phải là số; nhập số, {EXAMPLE}.")
    sign, digits = match[1].replace("+", ""), match[2]
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return digits, "", sign
    last = marks[-1]
    whole, _, decimals = digits.rpartition(last)
    if len(set(marks)) == 2 and marks.count(last) == 1:
        return _ungrouped(whole, text), _decimals(decimals, text), sign
    if len(marks) > 1:
        return _ungrouped(digits, text), "", sign
    if len(decimals) != 3 or len(whole) > 3 or whole.startswith("0"):
        return whole, _decimals(decimals, text), sign
    if decimal_sign is None:
        raise DomainError(
            f"Không rõ “{text}” là {whole}{decimals} hay {whole},{decimals}: ghi {whole}{decimals} hoặc "
            f"{whole},{decimals}0."
        )
    return (whole, decimals, sign) if last == decimal_sign else (whole + decimals, "", sign)


def _ungrouped(digits: str, text: str) -> str:
    """Digits parted by one sign into groups of three, without the sign."""
    mark = "," if "," in digits else "."
    first, *groups = digits.split(mark)
    if not (1 <= len(first) <= 3 and first.isdigit() and all(re.fullmatch(r"\d{3}", one) for one in groups)):
        raise DomainError(f"“{text[:40]}” không phải là số; nhập số, {EXAMPLE}.")
    return first + "".join(groups)


def _decimals(digits: str, text: str) -> str:
    if not digits:
        raise DomainError(f"“{text[:40]}” thiếu chữ số sau dấu phẩy; nhập số, {EXAMPLE}.")
    return digits
