"""The rules of the office as the database keeps them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tthc.db.models import CalendarDayRow, CalendarVersion, CalendarYear, DuePolicyRow
from tthc.domain.due_dates import DuePolicy, compute_due_date
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import (
    OFFICE_ZONE,
    Confidence,
    DayKind,
    DomainError,
    DueAtMode,
    LimitUnit,
)
from tthc.services.calendar import load_rules

FIVE_DAYS = TimeLimit((LimitSegment(5, LimitUnit.WORKING_DAY),))


def policy(now: datetime, **changes: object) -> DuePolicyRow:
    return DuePolicyRow(
        **{
            "unit_id": 1,
            "hours_json": [["07:00", "11:30"], ["13:00", "16:30"]],
            "cutoff": None,
            "shift_after_hours": True,
            "due_at_mode": DueAtMode.CLOSING,
            "count_worked_saturday": True,
            "valid_from": None,
            "recorded_at": now,
            **changes,
        }
    )


def test_the_seeded_rules(session: Session) -> None:
    rules = load_rules(session, 1, date(2024, 6, 14))
    assert rules.calendar.hours.spans == ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
    assert rules.policy == DuePolicy()
    assert (rules.policy_id, rules.calendar_version_id) == (1, 1)
    assert rules.calendar.is_working_day(date(2024, 5, 4))
    assert "5015/TB-LĐTBXH" in rules.calendar.day_note(date(2024, 4, 18))
    assert rules.calendar.is_provisional(date(2026, 11, 24))
    assert not rules.calendar.is_provisional(date(2026, 11, 25))
    assert rules.calendar.is_provisional(date(2027, 3, 1))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Real and published receipts of domain.md 4.11.
        (datetime(2023, 10, 27, 9, 32), date(2023, 11, 3)),
        (datetime(2026, 4, 24, 9, 0), date(2026, 5, 6)),
        (datetime(2025, 4, 23, 9, 0), date(2025, 4, 29)),
    ],
)
def test_known_due_dates_come_out_of_the_seeded_rows(session: Session, received: datetime, due: date) -> None:
    moment = received.replace(tzinfo=OFFICE_ZONE)
    rules = load_rules(session, 1, moment.date())
    assert compute_due_date(moment, FIVE_DAYS, rules.calendar, rules.policy).due_on == due


def test_the_policy_is_chosen_by_the_day_of_receipt(session: Session, now: datetime) -> None:
    session.add(policy(now, valid_from=date(2025, 1, 1), count_worked_saturday=False, cutoff=time(16, 0)))
    session.add(policy(now, valid_from=date(2025, 6, 1), due_at_mode=DueAtMode.CLOCK_TIME))
    session.add(policy(now, valid_from=date(2025, 6, 1), shift_after_hours=False))
    session.commit()

    before = load_rules(session, 1, date(2024, 12, 31))
    assert before.calendar.hours.opens == time(7, 30)
    from_january = load_rules(session, 1, date(2025, 1, 1))
    assert from_january.calendar.hours.opens == time(7, 0)
    assert from_january.policy.cutoff == time(16, 0)
    moment = datetime(2025, 4, 23, 9, tzinfo=OFFICE_ZONE)
    without_saturday = compute_due_date(moment, FIVE_DAYS, from_january.calendar, from_january.policy)
    assert without_saturday.due_on == date(2025, 5, 5)
    # Of two rows for the same day the one recorded last holds.
    from_june = load_rules(session, 1, date(2025, 6, 1)).policy
    assert from_june == DuePolicy(shift_after_hours=False)


def test_a_later_row_from_the_beginning_does_not_stand_before_a_dated_one(
    session: Session, now: datetime
) -> None:
    session.add(policy(now, valid_from=date(2020, 1, 1), cutoff=time(16, 0)))
    session.flush()
    session.add(policy(now, cutoff=time(15, 0)))
    session.commit()
    assert load_rules(session, 1, date(2021, 1, 1)).policy.cutoff == time(16, 0)
    assert load_rules(session, 1, date(2019, 1, 1)).policy.cutoff == time(15, 0)


def test_a_new_version_of_the_calendar_holds_at_once(session: Session, now: datetime) -> None:
    assert load_rules(session, 1, date(2026, 11, 22)).calendar.is_provisional(date(2026, 11, 24))
    version = CalendarVersion(recorded_at=now, reason="xác nhận", checksum="x")
    session.add(version)
    session.flush()
    session.execute(
        text("UPDATE calendar_day SET removed_in = :version WHERE date = '2026-11-24'"),
        {"version": version.id},
    )
    session.add_all(
        [
            CalendarDayRow(
                date=date(2026, 11, 25),
                kind=DayKind.HOLIDAY,
                name="Ngày nghỉ thử",
                decision=None,
                confidence=Confidence.CONFIRMED,
                added_in=version.id,
            ),
            CalendarYear(year=2027, status=Confidence.CONFIRMED, calendar_version_id=version.id),
        ]
    )
    session.commit()
    rules = load_rules(session, 1, date(2026, 11, 22))
    assert rules.calendar_version_id == version.id
    assert rules.calendar.is_working_day(date(2026, 11, 24))
    assert not rules.calendar.is_provisional(date(2026, 11, 24))
    assert not rules.calendar.is_working_day(date(2026, 11, 25))
    assert not rules.calendar.is_provisional(date(2027, 3, 1))


def test_without_rules_or_calendar_nothing_is_assumed(empty_session: Session, now: datetime) -> None:
    with pytest.raises(DomainError, match="quy tắc tính thời hạn áp dụng cho ngày 14/06/2024"):
        load_rules(empty_session, 1, date(2024, 6, 14))
    empty_session.execute(text("INSERT INTO unit (id) VALUES (1)"))
    empty_session.add(policy(now))
    empty_session.commit()
    with pytest.raises(DomainError, match="Chưa có lịch làm việc"):
        load_rules(empty_session, 1, date(2024, 6, 14))
