"""The dossier code: {unit}-{YYMMDD}-{NNNN} (Circular 01/2018/TT-VPCP, article 19)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DomainError

#: Both ways of writing a unit code that are in use: 000.00.99.H54 (QCVN 102) and H15.50.05.13
#: (Decision 20/2020/QĐ-TTg).
UNIT_CODE_PATTERN = r"(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{2,3}){0,3})"
#: Provincial systems use four digits for the sequence, portals of ministries six or seven.
CODE_PATTERN = rf"(?P<unit>{UNIT_CODE_PATTERN})-(?P<day>\d{{6}})-(?P<sequence>\d{{4,7}})"

#: The code with which an office starts that has not entered its own.
PLACEHOLDER_UNIT_CODE = "000.00.99.H54"
#: The last sequence that a day can start after.
LAST_START = 9998

_UNIT_CODE = re.compile(UNIT_CODE_PATTERN, re.ASCII)
_CODE = re.compile(CODE_PATTERN, re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
#: The same written together: the parts of the unit code have fixed widths in the one way of writing it.
_TOGETHER = re.compile(r"(\d{3})(\d{2})(\d{2})([A-Z]\d{2})(\d{6})(\d{4,7})", re.ASCII)
#: Day and sequence, with which a clerk or an applicant names a dossier of the office.
_SHORT = re.compile(r"(\d{6})(\d{4,7})", re.ASCII)
_FILING = re.compile(r"TN(\d{6})(\d{4,})", re.ASCII)
_CENTURY = 2000
_ISSUED_DIGITS = 4
_LAST_SEQUENCE = 9999


class CodesExhausted(DomainError):
    """The unit has issued every code of the day; the 10,000th is refused, not squeezed in."""


@dataclass(frozen=True)
class DossierCode:
    """The three parts of a code; ``digits`` is the width of the sequence as it was written (4 to 7)."""

    unit_code: str
    on: date
    sequence: int
    digits: int = _ISSUED_DIGITS

    def __str__(self) -> str:
        return f"{self.unit_code}-{self.on:%y%m%d}-{self.sequence:0{self.digits}d}"


def parse_code(text: str) -> DossierCode:
    """Read a code as people type or paste it: any case, any dash, blanks around.

    Its date must exist; whether it equals the date of receipt is for the caller to warn of, because
    codes that come from other systems may differ. Printed example: 000.00.06.H56-231027-0361.
    """
    written = squeeze(text).translate(_DASHES).replace(" ", "").upper()
    match = _CODE.fullmatch(written)
    if match is None:
        raise DomainError(
            f"Mã hồ sơ “{squeeze(text)}” không đúng dạng; "
            "mã có dạng <mã đơn vị>-<năm tháng ngày>-<số thứ tự>, ví dụ 000.00.06.H56-231027-0361.",
            "code",
        )
    day, sequence = match["day"], match["sequence"]
    try:
        on = date(_CENTURY + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError:
        raise DomainError(
            f"Mã hồ sơ “{written}” có phần ngày “{day}” không phải là một ngày có thật; hãy kiểm tra lại.",
            "code",
        ) from None
    return DossierCode(match["unit"], on, int(sequence), len(sequence))


def bare_code(text: str) -> str:
    """What is left of a code without blanks, dashes and dots, in capitals: each way to write it gives one."""
    return "".join(sign for sign in squeeze(text).upper() if sign.isalnum())


def code_readings(text: str, unit_codes: Iterable[str]) -> tuple[str, ...]:
    """Every code of a dossier or number of a filing that somebody may mean who typed ``text``.

    Case, blanks, dots and the kind of dash are of no account; without its first part a code is one of the
    office's own ``unit_codes``: "240614-0005" is 000.00.99.H54-240614-0005, "tn 240614 4" no number at all.
    What was typed is always among them, as other systems give codes of other shapes.
    """
    typed = squeeze(text).translate(_DASHES)
    bare = bare_code(text)
    found: list[str] = []
    if filing := _FILING.fullmatch(bare):
        found.append(f"TN-{filing[1]}-{filing[2]}")
    if together := _TOGETHER.fullmatch(bare):
        *unit, day, sequence = together.groups()
        found.append(f"{'.'.join(unit)}-{day}-{sequence}")
    for unit_code in unit_codes:
        own = bare_code(unit_code)
        if short := _SHORT.fullmatch(bare.removeprefix(own)):
            found.append(f"{unit_code}-{short[1]}-{short[2]}")
    return tuple(dict.fromkeys((*found, typed.upper(), typed)))


def parse_unit_code(text: str) -> str:
    """A unit code as people type it: any case, blanks around."""
    written = squeeze(text).replace(" ", "").upper()
    if _UNIT_CODE.fullmatch(written) is None:
        raise DomainError(
            f"Mã định danh “{squeeze(text)}” không đúng dạng; mã có dạng 000.00.06.H56 hoặc H56.10.05.",
            "code",
        )
    return written


def format_code(unit_code: str, on: date, sequence: int) -> str:
    """The code that this system issues: four digits of sequence from 1 to 9999 for one unit and day."""
    if _UNIT_CODE.fullmatch(unit_code) is None:
        raise DomainError(
            f"Mã định danh đơn vị “{unit_code}” không đúng dạng (ví dụ 000.00.99.H54); "
            "hãy sửa trong phần thông tin đơn vị.",
            "unit_code",
        )
    if sequence < 1:
        raise ValueError("a sequence starts at 1")
    if not _CENTURY <= on.year < _CENTURY + 100:
        raise ValueError("two digits of the year are read as 20YY")
    if sequence > _LAST_SEQUENCE:
        raise CodesExhausted(
            f"Đã cấp hết {_LAST_SEQUENCE} mã hồ sơ của ngày {on:%d/%m/%Y} cho đơn vị {unit_code}; "
            "không cấp thêm được mã cho ngày này. Hãy báo quản trị kiểm tra số bắt đầu của mã hồ sơ."
        )
    return str(DossierCode(unit_code, on, sequence))
