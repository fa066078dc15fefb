"""Dates, times and numbers as a Vietnamese office writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from flask import Flask
from markupsafe import Markup, escape

from tthc.domain.amounts import show_amount
from tthc.domain.vocabulary import OFFICE_ZONE

_LONG = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_SHORT = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def local_date(value: date | datetime) -> date:
    """The office's date of a moment; a date stays as it is."""
    return value.astimezone(OFFICE_ZONE).date() if isinstance(value, datetime) else value


def date_vn(value: date | datetime | None) -> str:
    """``14/06/2024``; nothing gives an empty text."""
    return "" if value is None else f"{local_date(value):%d/%m/%Y}"


def time_vn(value: datetime | None) -> str:
    """``16:30`` at the office."""
    return "" if value is None else f"{value.astimezone(OFFICE_ZONE):%H:%M}"


def datetime_vn(value: datetime | None) -> str:
    """``14/06/2024 16:30`` at the office."""
    return "" if value is None else f"{value.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M}"


def weekday(value: date | datetime) -> str:
    """``Thứ Sáu, 14/06/2024``."""
    return f"{_LONG[local_date(value).weekday()]}, {date_vn(value)}"


def weekday_short(value: date | datetime) -> str:
    """``T6``."""
    return _SHORT[local_date(value).weekday()]


def number_vn(value: int | None) -> str:
    """``1.234``; nothing gives a dash."""
    return "–" if value is None else f"{value:,}".replace(",", ".")


def amount_vn(value: Decimal | None) -> str:
    """``3.474,58``, never rounded; nothing gives a dash."""
    return show_amount(value)


def percent_vn(value: float | None) -> str:
    """``99,2 %`` of a share between 0 and 1; an empty denominator gives a dash."""
    return "–" if value is None else f"{value * 100:.1f} %".replace(".", ",")


def two_digits(value: int) -> str:
    """``02``, as official papers write small numbers."""
    return f"{value:02d}"


def marked(pieces: Iterable[tuple[str, bool]]) -> Markup:
    """A text in pieces, with what was sought marked in it."""
    shown = [f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in pieces]
    return Markup("".join(shown))  # noqa: S704 - every text is escaped


def register(app: Flask) -> None:
    """Make the filters known to the templates under their own names."""
    for one in (
        date_vn,
        time_vn,
        datetime_vn,
        weekday,
        weekday_short,
        number_vn,
        amount_vn,
        percent_vn,
        two_digits,
        marked,
    ):
        app.add_template_filter(one)
