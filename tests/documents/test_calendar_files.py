"""The calendar as CSV and iCalendar, written and read back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.documents.calendar_files import read_csv, read_ics, write_csv, write_ics
from tthc.domain.calendar import CalendarDay, parse_days
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DayKind

AT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
DAYS = [
    CalendarDay(date(2026, 11, 23), DayKind.SWAPPED_OFF, "Nghỉ hoán đổi", "1/TB-BNV; 2/TB, điểm a"),
    CalendarDay(date(2026, 11, 28), DayKind.WORKED_SATURDAY, "Làm bù cho ngày 23/11/2026", None, False),
]


def ics(days: list[CalendarDay]) -> bytes:
    return write_ics(days, stamped_at=AT, name="Lịch làm việc")


def events(*lines: str) -> bytes:
    body = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])
    return body.encode()


def test_the_csv_has_the_columns_of_the_seed_and_a_mark_for_spreadsheets() -> None:
    content = write_csv(DAYS)
    assert content.startswith(b"\xef\xbb\xbfdate,kind,name,decision,confidence\r\n")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1] == [
        "2026-11-23",
        "swapped_off",
        "Nghỉ hoán đổi",
        "1/TB-BNV; 2/TB, điểm a",
        "confirmed",
    ]
    assert list(parse_days(content.decode("utf-8-sig").splitlines())) == DAYS


def test_the_calendar_file_follows_the_standard() -> None:
    content = ics(DAYS)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert "DTSTAMP:20261120T023000Z" in lines
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20261123" in lines
    assert "DTEND;VALUE=DATE:20261124" in lines
    assert "SUMMARY:Nghỉ hoán đổi" in lines
    assert "DESCRIPTION:1/TB-BNV\\; 2/TB\\, điểm a" in lines
    assert len({line for line in lines if line.startswith("UID:")}) == 2


def test_long_lines_are_folded_between_letters() -> None:
    name = "Ngày nghỉ có tên rất dài " * 11
    content = ics([CalendarDay(date(2026, 11, 23), DayKind.HOLIDAY, name.strip(), "1/TB")])
    pieces = content.split(b"\r\n")
    assert max(len(piece) for piece in pieces) <= 75
    for piece in pieces:
        piece.decode()
    [(_, day)] = read_ics(content).rows
    assert day.name == name.strip()


TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)
    .map(squeeze)
    .filter(bool)
)


@given(
    st.lists(
        st.builds(
            CalendarDay,
            st.dates(date(2000, 1, 1), date(2100, 12, 31)),
            st.sampled_from(DayKind),
            TEXTS,
            st.none() | TEXTS,
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_what_is_written_is_read_back(days: list[CalendarDay]) -> None:
    for found in (read_csv(write_csv(days)), read_ics(ics(days))):
        assert found.bad == []
        assert [day for _, day in found.rows] == days


def test_a_spreadsheet_in_vietnamese() -> None:
    content = (
        "Ngày;Loại ngày;Tên ngày;Số văn bản;Xác nhận\r\n"
        "23/11/2026;nghi hoan doi;  Nghỉ hoán đổi ;1/TB;Đã xác nhận\r\n"
        ";;;;\r\n"
        "28/11/2026;Làm bù;Làm bù;;\r\n"
    )
    found = read_csv(content.encode("utf-8-sig"))
    assert found.bad == []
    assert [line for line, _ in found.rows] == [2, 4]
    assert [day.kind for _, day in found.rows] == [DayKind.SWAPPED_OFF, DayKind.WORKED_SATURDAY]
    # What does not say how sure it is, is an estimate.
    assert [day.confirmed for _, day in found.rows] == [True, False]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"\xff\xfe", [(1, "")]),
        (b"", [(1, "")]),
        (b"date,kind\n2026-11-23,holiday\n", [(1, "")]),
        (b"date,date,kind,name\n", [(1, "")]),
        (b"date,kind,name\n32/11/2026,holiday,x\n2026-11-23,feast,x\n", [(2, "date"), (3, "kind")]),
        (
            b"date,kind,name,decision,confidence\n,,x,,perhaps\n",
            [(2, "date"), (2, "kind"), (2, "confidence")],
        ),
    ],
)
def test_every_bad_row_of_a_csv_is_named(content: bytes, where: list[tuple[int, str]]) -> None:
    found = read_csv(content)
    assert [(bad.line, bad.column) for bad in found.bad] == where
    assert found.rows == []
    assert all(bad.message.endswith((".", "”.")) or bad.message for bad in found.bad)


def test_the_calendar_of_another_program_is_an_estimate_of_holidays() -> None:
    found = read_ics(
        events(
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20270204",
            "DTEND;VALUE=DATE:20270206",
            "SUMMARY:Tết Nguy",
            " ên Đán",
            "DESCRIPTION:Public holiday",
            "STATUS:CONFIRMED",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;VALUE=DATE:20270503",
            "SUMMARY:Nghỉ bù Quốc tế Lao động",
            "END:VEVENT",
        )
    )
    assert found.bad == []
    assert [day for _, day in found.rows] == [
        CalendarDay(date(2027, 2, 4), DayKind.HOLIDAY, "Tết Nguyên Đán", None, False),
        CalendarDay(date(2027, 2, 5), DayKind.HOLIDAY, "Tết Nguyên Đán", None, False),
        CalendarDay(date(2027, 5, 3), DayKind.COMPENSATORY, "Nghỉ bù Quốc tế Lao động", None, False),
    ]


@pytest.mark.parametrize(
    ("lines", "column", "line"),
    [
        (["DTSTART:20261123T080000Z"], "DTSTART", 4),
        (["DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=YEARLY"], "RRULE", 5),
        (["DTSTART;VALUE=DATE:20261301"], "DTSTART", 4),
        (["SUMMARY:Không có ngày"], "DTSTART", 3),
        (["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261123"], "DTEND", 5),
        (["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20271123"], "DTEND", 5),
    ],
)
def test_what_a_day_off_cannot_be_is_refused_with_its_line(lines: list[str], column: str, line: int) -> None:
    found = read_ics(events("BEGIN:VEVENT", *lines, "END:VEVENT"))
    assert [(bad.line, bad.column) for bad in found.bad] == [(line, column)]
    assert found.rows == []


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"", b"not a calendar", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261123\r\n"],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    found = read_ics(content)
    assert len(found.bad) == 1
    assert found.rows == []


def test_a_day_ends_the_day_after() -> None:
    for on in (date(2026, 12, 31), date(2028, 2, 28)):
        content = ics([CalendarDay(on, DayKind.HOLIDAY, "x")]).decode()
        assert f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}" in content
