"""The rules by which the office counts: what they were stays with every promise made under them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import select

from tests.services.conftest import Office
from tthc.db.models import DueDateRow, DuePolicyRow
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.vocabulary import DayKind, DueAtMode
from tthc.services import calendar_changes, explanations


def slip_in(office: Office, valid_from: date | None, **changes: Any) -> int:
    """A row entered behind the program's back, for a date on which dossiers were received."""
    row = DuePolicyRow(
        **{
            "unit_id": 1,
            "hours_json": [["07:00", "11:00"], ["13:00", "16:00"]],
            "cutoff": time(9, 0),
            "shift_after_hours": True,
            "due_at_mode": DueAtMode.CLOCK_TIME,
            "count_worked_saturday": False,
            "valid_from": valid_from,
            "recorded_at": office.now,
            **changes,
        }
    )
    office.session.add(row)
    office.session.commit()
    return row.id


def told(office: Office, code: str) -> tuple[object, bytes]:
    """All that the office says about a promise: the page, and the paper byte by byte."""
    paper = explanations.explanation_paper(
        office.session, now=office.now, actor=office.person("clerk"), code=code
    )
    return office.view(code), paper


def test_a_promise_is_explained_by_the_rule_that_it_was_made_under(office: Office) -> None:
    # Passes the worked Saturday 04/05/2024, and comes after the cut-off of the rule below.
    office.stand("24/04/2024 09:30")
    code = office.receive(37)
    assert office.dossier(code).due_on == date(2024, 5, 4)
    before = told(office, code)
    slip_in(office, date(2024, 4, 1))
    assert told(office, code) == before
    # It does hold for what comes in now.
    newer = office.receive(37)
    assert office.dossier(newer).due_on == date(2024, 5, 7)


def test_a_calendar_change_reckons_by_the_rule_of_the_promise(office: Office) -> None:
    office.stand("18/11/2026 09:30")
    code = office.receive(37)
    policy_id = office.session.scalars(select(DueDateRow.policy_id)).one()
    slip_in(office, date(2026, 11, 1))
    monday = CalendarDay(date(2026, 11, 23), DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB")
    calendar_changes.make_change(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        intent=CalendarChange(days=(monday,)),
        base_version_id=1,
        reason="Theo thông báo",
    )
    # 19, 20, 25, 26, 27; by the other rule counting would have begun on 19/11.
    assert office.dossier(code).due_on == date(2026, 11, 27)
    assert office.session.scalars(select(DueDateRow.policy_id)).all() == [policy_id, policy_id]
