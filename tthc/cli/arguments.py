"""What may stand behind an option: dates, moments, amounts, words and files, refused in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from tthc.domain.codes import parse_code
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, LabelledEnum

_DATE = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})|(?P<d2>\d{1,2})/(?P<m2>\d{1,2})/(?P<y2>\d{4})", re.ASCII
)
_CLOCK = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE)
_MOST_DIGITS = 9


class Argument(click.ParamType):
    """A value that refuses in a sentence and names its option as the field."""

    name = "giá trị"

    def refuse(self, param: click.Parameter | None, message: str) -> NoReturn:
        """Refuse the value."""
        raise DomainError(message, field_of(param))


class OfficeDate(Argument):
    """A local date: ``2024-06-14`` or ``14/06/2024``."""

    name = "NGÀY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Text -> date."""
        if isinstance(value, date):
            return value
        day = parse_date(value.strip())
        if day is None:
            self.refuse(param, f"“{value}” không phải là ngày: nhập dạng 2024-06-14 hoặc 14/06/2024.")
        return day


class Moment(Argument):
    """An aware moment; without a zone it is local time, without a clock the beginning of the day."""

    name = "THỜI ĐIỂM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Text -> aware moment in the office's zone."""
        if isinstance(value, datetime):
            return value
        return read_moment(value, field_of(param))


class Amount(Argument):
    """A whole number from 1."""

    name = "SỐ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Text -> positive number."""
        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) > 0):
            self.refuse(param, f"“{value}” không hợp lệ: nhập một số nguyên từ 1 trở lên.")
        return int(text)


class Port(Argument):
    """A TCP port; 0 lets the system choose a free one."""

    name = "CỔNG"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Text -> port."""
        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) <= 65535):
            self.refuse(param, f"“{value}” không phải là số cổng: nhập một số từ 0 đến 65535.")
        return int(text)


class Word(Argument):
    """One of a few words; shown as ``a|b|c``."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(str(word) for word in words)
        self.name = "|".join(self.words)

    def get_metavar(self, *_: Any, **__: Any) -> str:
        """As the words are typed, not in capitals."""
        return self.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Text -> the word itself."""
        if value not in self.words:
            self.refuse(param, f"“{value}” không dùng được ở đây: chọn một trong {', '.join(self.words)}.")
        return str(value)


class Member(Word):
    """A member of an enum of the vocabulary, by its value."""

    def __init__(self, kind: type[LabelledEnum]) -> None:
        super().__init__(member.value for member in kind)
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Text -> member."""
        return self.kind(super().convert(value, param, ctx))


class InputFile(Argument):
    """A file to read."""

    name = "TỆP"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Text -> path of an existing file."""
        path = Path(value)
        if path.is_dir():
            self.refuse(param, f"{path} là thư mục: hãy chỉ ra một tệp.")
        if not path.is_file():
            self.refuse(param, f"Không có tệp {path}: kiểm tra lại đường dẫn.")
        return path


class OutputFile(Argument):
    """A file to write, with one of the given endings."""

    name = "TỆP"

    def __init__(self, *endings: str) -> None:
        self.endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Text -> path in an existing folder."""
        path = Path(value)
        if path.suffix.lower() not in self.endings:
            self.refuse(param, f"Tên tệp “{path.name}” phải có đuôi {' hoặc '.join(self.endings)}.")
        if path.is_dir():
            self.refuse(param, f"{path} là thư mục: hãy ghi tên một tệp.")
        if not path.parent.is_dir():
            self.refuse(param, f"Không có thư mục {path.parent}: tạo thư mục rồi chạy lại.")
        return path


def field_of(param: click.Parameter | None) -> str | None:
    """The name of an option as the caller typed it, without its dashes."""
    if param is None or param.name is None:
        return None
    longest = max(param.opts, key=len, default=param.name) if isinstance(param, click.Option) else param.name
    return longest.lstrip("-").lower()


def parse_date(text: str) -> date | None:
    """A date in either of the two spellings; ``None`` if it is none."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        return date(*(int(parts[key] or parts[key + "2"]) for key in "ymd"))
    except ValueError:
        return None


def parse_moment(text: str) -> datetime | None:
    """A date, and a clock after a T or a space; ``None`` if it is none or beyond what a clock can show."""
    day_text, _, clock_text = text.replace("T", " ", 1).replace("t", " ", 1).partition(" ")
    day = parse_date(day_text)
    if day is None:
        return None
    clock = _CLOCK.fullmatch(clock_text.strip() or "00:00")
    if clock is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock[1]}{(clock[2] or '').upper()}")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
        aware.astimezone(UTC)
        return aware.astimezone(OFFICE_ZONE)
    except (ValueError, OverflowError):
        return None


def read_moment(text: str, field: str | None) -> datetime:
    """The moment that was typed into ``field``, or a refusal."""
    moment = parse_moment(text.strip())
    if moment is None:
        raise DomainError(
            f"“{text}” không phải là thời điểm: nhập dạng 2025-04-23T09:00 hoặc 23/04/2025 09:00 "
            "(không ghi múi giờ thì hiểu là giờ Việt Nam).",
            field,
        )
    return moment


def has_clock(text: str) -> bool:
    """Whether a moment was given with its time of day."""
    return ":" in text


def typed_code(text: str) -> str:
    """A code as it is stored: ours as people paste it, one of another system as it stands."""
    try:
        return str(parse_code(text))
    except DomainError:
        return squeeze(text)
