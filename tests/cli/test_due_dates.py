"""``tthc due``: the worked examples of the rules, as text and as JSON."""

from __future__ import annotations

import pytest

from tests.processes import Done, Office


def due(office: Office, received: str, limit: int, unit: str, *more: str) -> Done:
    return office.tthc("due", "--received", received, "--limit", str(limit), "--unit", unit, *more)


@pytest.mark.parametrize(
    ("received", "limit", "unit", "due_at"),
    [
        # The worked Saturday 26/04/2025 counts.
        ("2025-04-23T09:00", 5, "working_day", "2025-04-29T17:00:00+07:00"),
        ("2023-10-27T09:32", 5, "working_day", "2023-11-03T17:00:00+07:00"),
        ("31/10/2016 10:00", 2, "working_day", "2016-11-02T17:00:00+07:00"),
        ("2026-04-24T09:00", 5, "working_day", "2026-05-06T17:00:00+07:00"),
        # 14/07/2024 is a Sunday: rolled once onto Monday.
        ("2024-06-14T09:00", 30, "day", "2024-07-15T17:00:00+07:00"),
        # 31/01 + 1 month is the last of February.
        ("2024-01-31T09:00", 1, "month", "2024-02-29T17:00:00+07:00"),
        # Two hours left on Friday morning and afternoon, the rest on Monday.
        ("2024-06-14T15:00", 4, "hour", "2024-06-17T09:30:00+07:00"),
        # After hours: as if received at the opening on Monday.
        ("2024-06-14T17:40", 1, "working_day", "2024-06-18T17:00:00+07:00"),
        ("2024-06-14T10:40Z", 1, "working_day", "2024-06-18T17:00:00+07:00"),
    ],
)
def test_worked_examples(office: Office, received: str, limit: int, unit: str, due_at: str) -> None:
    done = due(office, received, limit, unit, "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json["due_at"] == due_at
    assert done.json["due_on"] == due_at[:10]


def test_the_json_carries_every_day(office_on_both: Office) -> None:
    answer = due(office_on_both, "2025-04-23T09:00", 5, "working_day", "--json").json
    assert list(answer) == ["due_at", "due_on", "clock_start_on", "provisional", "days"]
    assert answer["clock_start_on"] == "2025-04-23"
    assert answer["provisional"] is False
    assert [(day["date"], day["counted"], day["amount"]) for day in answer["days"]] == [
        ("2025-04-23", False, 0),
        ("2025-04-24", True, 1),
        ("2025-04-25", True, 1),
        ("2025-04-26", True, 1),
        ("2025-04-27", False, 0),
        ("2025-04-28", True, 1),
        ("2025-04-29", True, 1),
    ]
    assert all(day.keys() == {"date", "counted", "amount", "reason"} for day in answer["days"])
    assert "Làm bù" in answer["days"][3]["reason"]
    assert due(office_on_both, "2025-04-23T09:00", 5, "working_day", "--explain", "--json").json == answer


def test_for_people_a_sentence_and_on_request_a_table(office: Office) -> None:
    short = due(office, "2025-04-23T09:00", 5, "working_day").out
    assert short.splitlines() == [
        "Tiếp nhận: 09:00 Thứ Tư 23/04/2025; thời hạn: 05 ngày làm việc",
        "Ngày bắt đầu tính: Thứ Tư 23/04/2025",
        "Hẹn trả kết quả: 17:00 Thứ Ba 29/04/2025",
    ]
    explained = due(office, "2025-04-23T09:00", 5, "working_day", "--explain").out
    assert explained.startswith(short.rstrip("\n"))
    assert "26/04/2025  Thứ Bảy      1  Làm bù" in explained


def test_an_estimated_year_is_provisional(office: Office) -> None:
    done = due(office, "2026-12-31T09:00", 5, "working_day", "--json")
    assert done.json["provisional"] is True
    assert "(tạm tính)" in due(office, "2026-12-31T09:00", 5, "working_day").out


@pytest.mark.parametrize(
    ("received", "limit", "unit", "field"),
    [
        ("2015-12-31T09:00", 5, "day", "received"),
        ("2028-01-03T09:00", 5, "day", "received"),
        ("2027-12-30T09:00", 20, "working_day", "limit"),
        ("2026-11-20T09:00", 999_999_999, "month", "limit"),
        ("2026-11-20T09:00", 999_999_999, "day", "limit"),
        ("2026-11-20T09:00", 999_999_999, "hour", "limit"),
    ],
)
def test_a_year_without_rows_is_refused(
    office: Office, received: str, limit: int, unit: str, field: str
) -> None:
    done = due(office, received, limit, unit, "--json")
    assert done.code == 2
    assert done.json["error"]["field"] == field
    assert "Lịch làm việc chưa có dữ liệu năm" in done.json["error"]["message"]


def test_hours_need_the_time_of_day(office: Office) -> None:
    assert due(office, "2025-04-23", 5, "working_day", "--json").json["due_on"] == "2025-04-29"
    assert due(office, "2025-04-23", 5, "hour", "--json").json["error"]["field"] == "received"
