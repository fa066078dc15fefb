"""The working calendar as files: CSV, and iCalendar (RFC 5545) with one all-day event a row.

The part of iCalendar that is needed is small: a package for it would bring recurrence and time zones, which
days off do not have. What is not understood is refused with its line, never guessed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tthc.domain.calendar import CalendarDay
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import Confidence, DayKind

CSV, ICS = "csv", "ics"
COLUMNS = ("date", "kind", "name", "decision", "confidence")

#: Longest line of iCalendar in octets, without its end.
_OCTETS = 75
#: More days than one event may span: no holiday is that long.
_LONGEST_EVENT = 31
_MOST_ROWS = 5000

#: Properties of our own: everybody's calendars call their events CONFIRMED and describe them in any words.
_DECISION, _CERTAINTY = "X-TTHC-DECISION", "X-TTHC-CONFIDENCE"

_HEADS = {
    "date": "date",
    "ngay": "date",
    "kind": "kind",
    "loai": "kind",
    "loai ngay": "kind",
    "name": "name",
    "ten": "name",
    "ten ngay": "name",
    "noi dung": "name",
    "decision": "decision",
    "van ban": "decision",
    "so van ban": "decision",
    "can cu": "decision",
    "confidence": "confidence",
    "muc do": "confidence",
    "xac nhan": "confidence",
    "tinh trang": "confidence",
}
_KINDS = {fold(word): kind for kind in DayKind for word in (kind.value, kind.label)}
_KINDS |= {
    fold(word): kind
    for word, kind in (
        ("nghỉ", DayKind.HOLIDAY),
        ("nghỉ lễ, Tết", DayKind.HOLIDAY),
        ("hoán đổi", DayKind.SWAPPED_OFF),
        ("làm bù thứ Bảy", DayKind.WORKED_SATURDAY),
    )
}
_CONFIDENCE = {fold(word): level for level in Confidence for word in (level.value, level.label)}
_CONFIDENCE |= {fold("xác nhận"): Confidence.CONFIRMED}


@dataclass(frozen=True)
class BadRow:
    """What is wrong in a file: the line, counted from 1, its column if there is one, and what to do."""

    line: int
    column: str
    message: str


@dataclass
class ReadFile:
    """What a file holds: rows with their lines, and everything that could not be read."""

    rows: list[tuple[int, CalendarDay]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    def refuse(self, line: int, column: str, message: str) -> None:
        """Note one fault."""
        self.bad.append(BadRow(line, column, message))


def write_csv(days: Iterable[CalendarDay]) -> bytes:
    """The rows as CSV in UTF-8 with a mark, by which spreadsheets know the encoding."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for day in days:
        level = Confidence.CONFIRMED if day.confirmed else Confidence.ESTIMATED
        writer.writerow([day.date.isoformat(), day.kind.value, day.name, day.decision or "", level.value])
    return text.getvalue().encode("utf-8-sig")


def read_csv(content: bytes) -> ReadFile:
    """Rows of a CSV file with a heading; comma or semicolon, ISO or Vietnamese dates, words in Vietnamese."""
    found = ReadFile()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.refuse(1, "", "Tệp không phải UTF-8; lưu lại tệp dạng “CSV UTF-8” rồi chọn lại.")
        return found
    head = text.split("\n", 1)[0]
    lines = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    try:
        names = [_HEADS.get(fold(squeeze(name)), "") for name in next(lines, [])]
        missing = [name for name in ("date", "kind", "name") if name not in names]
        if missing or len(set(filter(None, names))) < len(list(filter(None, names))):
            found.refuse(1, "", f"Dòng đầu phải là tên các cột {', '.join(COLUMNS)}, mỗi cột một lần.")
            return found
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _read_row(found, lines.line_num, dict(zip(names, map(squeeze, cells), strict=False)))
            if len(found.rows) > _MOST_ROWS:
                found.refuse(lines.line_num, "", f"Tệp có hơn {_MOST_ROWS} dòng; chia thành nhiều tệp.")
                return found
    except csv.Error:
        found.refuse(lines.line_num, "", "Dòng này không đúng dạng CSV; kiểm tra dấu ngoặc kép.")
    return found


def _read_row(found: ReadFile, line: int, cells: dict[str, str]) -> None:
    faults = len(found.bad)
    on = _date(cells.get("date", ""))
    if on is None:
        found.refuse(line, "date", "Ghi ngày theo dạng 2026-11-23 hoặc 23/11/2026.")
    kind = _KINDS.get(fold(cells.get("kind", "")))
    if kind is None:
        words = ", ".join(f"{one.label} ({one.value})" for one in DayKind)
        found.refuse(line, "kind", f"Loại ngày phải là một trong: {words}.")
    # A row that does not say how sure it is, is an estimate.
    level = _CONFIDENCE.get(fold(cells.get("confidence", "") or Confidence.ESTIMATED.value))
    if level is None:
        found.refuse(line, "confidence", "Ghi “confirmed” (đã xác nhận) hoặc “estimated” (dự kiến).")
    if len(found.bad) == faults and on and kind:
        name, decision = cells.get("name", ""), cells.get("decision") or None
        day = CalendarDay(on, kind, name, decision, level is Confidence.CONFIRMED)
        found.rows.append((line, day))


def _date(text: str) -> date | None:
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_ics(days: Iterable[CalendarDay], *, stamped_at: datetime, name: str) -> bytes:
    """The rows as an iCalendar file; ``stamped_at`` (aware) is when the calendar was last changed."""
    stamp = f"{stamped_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tthc//Lich lam viec//VI",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for day in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.date:%Y%m%d}-lich-lam-viec@tthc",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day.date:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day.date + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(day.name)}",
            f"CATEGORIES:{escaped(day.kind.label)}",
            *([f"DESCRIPTION:{escaped(day.decision)}"] if day.decision else []),
            *([f"{_DECISION}:{escaped(day.decision)}"] if day.decision else []),
            f"{_CERTAINTY}:{'CONFIRMED' if day.confirmed else 'ESTIMATED'}",
            f"STATUS:{'CONFIRMED' if day.confirmed else 'TENTATIVE'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """A text as it stands in a property of iCalendar."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _unescape(text: str) -> str:
    found, escaped = [], False
    for sign in text:
        if escaped:
            found.append("\n" if sign in "nN" else sign)
        elif sign != "\\":
            found.append(sign)
        escaped = sign == "\\" and not escaped
    return "".join(found)


def folded(line: str) -> bytes:
    """One content line in pieces of at most 75 octets, none of which cuts a letter in two."""
    pieces: list[bytes] = []
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > _OCTETS - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def read_ics(content: bytes) -> ReadFile:
    """Rows of an iCalendar file: all-day events, one row for each of their days.

    The category names the kind; an event without one of ours is a public holiday, unless its summary begins
    with the words of another kind. Repetitions and times of day are refused: a day off has neither.
    """
    found = ReadFile()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.refuse(1, "", "Tệp không phải UTF-8; xuất lại lịch dạng .ics rồi chọn lại.")
        return found
    event: dict[str, tuple[int, str, str]] | None = None
    began = 0
    seen = False
    for line, content_line in _unfolded(text):
        head, colon, value = content_line.partition(":")
        key, _, parameters = head.partition(";")
        key = key.upper()
        if key == "BEGIN" and value.upper() == "VCALENDAR":
            seen = True
        elif not seen:
            break
        elif not colon:
            found.refuse(line, "", "Dòng này không đúng dạng iCalendar (TÊN:giá trị).")
        elif key == "BEGIN" and value.upper() == "VEVENT":
            event, began = {}, line
        elif key == "END" and value.upper() == "VEVENT" and event is not None:
            _read_event(found, began, event)
            event = None
        elif event is not None:
            event.setdefault(key, (line, parameters.upper(), value))
    if not seen:
        found.refuse(1, "", "Tệp không phải lịch iCalendar (.ics).")
    elif event is not None:
        found.refuse(began, "", "Sự kiện bắt đầu ở đây không có dòng END:VEVENT.")
    return found


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """(line number, content line): a line that begins with a blank goes on with the one before."""
    number, whole = 0, ""
    for at, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line[:1] in (" ", "\t") and number:
            whole += line[1:]
            continue
        if whole:
            yield number, whole
        number, whole = at, line
    if whole:
        yield number, whole


def _read_event(found: ReadFile, began: int, event: dict[str, tuple[int, str, str]]) -> None:
    faults = len(found.bad)
    for key in ("RRULE", "RDATE"):
        if key in event:
            found.refuse(event[key][0], key, "Sự kiện lặp lại không nhận được; ghi từng ngày.")
    first = _day_of(found, began, event, "DTSTART")
    last = _day_of(found, began, event, "DTEND") if "DTEND" in event else None
    if len(found.bad) > faults or first is None:
        return
    days = (last - first).days if last else 1
    if not 1 <= days <= _LONGEST_EVENT:
        found.refuse(event["DTEND"][0], "DTEND", f"Sự kiện phải dài từ 1 đến {_LONGEST_EVENT} ngày.")
        return
    name = squeeze(_text(event, "SUMMARY"))
    decision = squeeze(_text(event, _DECISION)) or None
    kind = _kind_of(name, _text(event, "CATEGORIES"))
    confirmed = event.get(_CERTAINTY, (0, "", ""))[2].upper() == "CONFIRMED"
    for number in range(days):
        on = first + timedelta(days=number)
        found.rows.append((began, CalendarDay(on, kind, name, decision, confirmed)))


def _text(event: dict[str, tuple[int, str, str]], key: str) -> str:
    return _unescape(event[key][2]) if key in event else ""


def _kind_of(name: str, categories: str) -> DayKind:
    for word in categories.split(","):
        kind = _KINDS.get(fold(squeeze(word)))
        if kind is not None:
            return kind
    return next((kind for kind in DayKind if fold(name).startswith(fold(kind.label))), DayKind.HOLIDAY)


def _day_of(found: ReadFile, began: int, event: dict[str, tuple[int, str, str]], key: str) -> date | None:
    line, parameters, value = event.get(key, (began, "", ""))
    if "T" in value or "VALUE=DATE-TIME" in parameters:
        found.refuse(line, key, "Chỉ nhận sự kiện cả ngày (VALUE=DATE), không nhận giờ trong ngày.")
        return None
    text = value.strip()
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    found.refuse(line, key, "Ghi ngày của sự kiện theo dạng 20261123.")
    return None


READERS = {CSV: read_csv, ICS: read_ics}
