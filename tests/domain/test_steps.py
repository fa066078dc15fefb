"""The office's own dates: steps of the workflow, and when papers go to the board; counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.seeded_office import COUNTING, DAY, HOUR, MONTH, PROPERTIES, WORKING_DAY, at, stands
from tthc.domain.due_dates import DuePolicy
from tthc.domain.steps import (
    MOST_STEPS,
    StepPlan,
    WorkflowRefused,
    checked_workflow,
    default_workflow,
    planned_dues,
    step_due,
    transfer_by,
)
from tthc.domain.vocabulary import LimitUnit, Role

LATE = at("2024-12-31T17:00")


def plan(amount: int = 1, unit: LimitUnit = WORKING_DAY) -> StepPlan:
    return StepPlan("Thẩm định", Role.OFFICER, amount, unit)


@pytest.mark.parametrize(
    ("began", "amount", "unit", "pauses", "more", "expected"),
    [
        # Mon 10/06/2024; the day of the hand-over is not counted.
        ("2024-06-10T10:00", 2, WORKING_DAY, [], {}, "2024-06-12T17:00"),
        # After hours the step begins on the next working day, as the dossier does.
        ("2024-06-10T17:40", 2, WORKING_DAY, [], {}, "2024-06-13T17:00"),
        # Over a weekend; four hours that begin at 15:30 end at 10:30.
        ("2024-06-14T10:00", 1, WORKING_DAY, [], {}, "2024-06-17T17:00"),
        ("2024-06-14T15:30", 4, HOUR, [], {}, "2024-06-17T10:00"),
        ("2024-06-10T10:00", 5, DAY, [], {}, "2024-06-17T17:00"),
        ("2024-06-10T10:00", 1, MONTH, [], {}, "2024-07-10T17:00"),
        # Never after the dossier, also where that date has passed.
        ("2024-06-10T10:00", 2, WORKING_DAY, [], {"dossier": "2024-06-11T17:00"}, "2024-06-11T17:00"),
        ("2024-06-10T10:00", 2, WORKING_DAY, [], {"dossier": "2024-06-07T17:00"}, "2024-06-07T17:00"),
        # Stands of the clock since: Tue 11/06 is skipped; what ended before the step began is not.
        (
            "2024-06-10T10:00",
            2,
            WORKING_DAY,
            [("2024-06-11T09:00", "2024-06-12T09:00")],
            {},
            "2024-06-13T17:00",
        ),
        (
            "2024-06-10T10:00",
            2,
            WORKING_DAY,
            [("2024-06-03T09:00", "2024-06-06T09:00"), ("2024-06-10T08:00", "2024-06-10T11:00")],
            {},
            "2024-06-12T17:00",
        ),
        # An extension of the dossier by three working days, and by half a day of a limit in hours.
        ("2024-06-10T10:00", 2, WORKING_DAY, [], {"extension": 3}, "2024-06-17T17:00"),
        ("2024-06-10T10:00", 2, HOUR, [], {"extension": 3}, "2024-06-13T14:00"),
        ("2024-06-10T08:00", 2, HOUR, [], {"extension": 60, "hours": True}, "2024-06-10T11:00"),
        ("2024-06-10T08:00", 2, WORKING_DAY, [], {"extension": 60, "hours": True}, "2024-06-12T17:00"),
    ],
)
def test_a_step_has_its_own_time_and_no_date_after_the_dossier(
    began: str, amount: int, unit: LimitUnit, pauses: list, more: dict, expected: str
) -> None:
    due = step_due(
        at(began),
        plan(amount, unit),
        COUNTING,
        DuePolicy(),
        stands(pauses),
        extension=more.get("extension", 0),
        extension_in_hours=more.get("hours", False),
        dossier_due_at=at(more["dossier"]) if "dossier" in more else LATE,
    )
    assert due.due_at == at(expected)


def test_beyond_the_calendar_the_dossier_ends_the_step() -> None:
    due = step_due(
        at("2027-12-29T10:00"), plan(30), COUNTING, DuePolicy(), dossier_due_at=at("2027-12-31T17:00")
    )
    assert (due.due_at, due.provisional) == (at("2027-12-31T17:00"), True)


def test_the_steps_that_follow_are_planned_one_after_the_other() -> None:
    # Handed over on Mon 10/06 for two days: Wed 12/06; then a day each, the dossier is due on Thu 13/06.
    dues = planned_dues(
        at("2024-06-10T10:00"),
        at("2024-06-12T17:00"),
        [plan(1), plan(1)],
        COUNTING,
        DuePolicy(shift_after_hours=False),
        dossier_due_at=at("2024-06-13T17:00"),
    )
    assert dues == (at("2024-06-13T17:00"), at("2024-06-13T17:00"))


@pytest.mark.parametrize(
    ("days", "amounts"), [(5, [1, 2, 1, 1]), (35, [1, 32, 1, 1]), (4, [1, 1, 1, 1]), (1, [1, 1, 1, 1])]
)
def test_the_usual_workflow_gives_the_rest_to_the_appraisal(days: int, amounts: list[int]) -> None:
    steps = default_workflow(days)
    assert [step.amount for step in steps] == amounts
    assert [step.name for step in steps] == ["Tiếp nhận", "Thẩm định", "Trình ký", "Trả kết quả"]
    assert checked_workflow(steps) == steps


def test_everything_that_is_wrong_with_a_workflow_is_said_at_once() -> None:
    wrong = [StepPlan(" ", Role.ADMIN, 0, DAY), StepPlan("x" * 201, Role.CLERK, 366, DAY)]
    with pytest.raises(WorkflowRefused) as refusal:
        checked_workflow(wrong)
    assert [(place, field) for place, field, _ in refusal.value.faults] == [
        (0, "name"),
        (0, "role"),
        (0, "amount"),
        (1, "name"),
        (1, "amount"),
    ]
    for few in ([plan()], [plan()] * (MOST_STEPS + 1)):
        with pytest.raises(WorkflowRefused):
            checked_workflow(few)
    assert checked_workflow([]) == ()


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        # Fri 14/06/2024: until 15:00 on the same day, after it at the start of Monday.
        ("2024-06-14T08:00", "2024-06-14T17:00"),
        ("2024-06-14T15:00", "2024-06-14T17:00"),
        ("2024-06-14T15:00:30", "2024-06-17T07:30"),
        ("2024-06-14T16:59", "2024-06-17T07:30"),
        # Received on a Sunday; on the worked Saturday 04/05/2024; on the eve of 30/04 and 01/05 (29/04 off).
        ("2024-06-16T09:00", "2024-06-17T07:30"),
        ("2024-05-04T09:00", "2024-05-04T17:00"),
        ("2024-04-26T15:01", "2024-05-02T07:30"),
    ],
)
def test_papers_go_to_the_board_the_same_day_until_three_o_clock(received: str, expected: str) -> None:
    assert transfer_by(at(received), COUNTING) == at(expected)


@PROPERTIES
@given(
    days=st.integers(1, 30),
    minutes=st.integers(0, 60 * 24 * 60),
    whole=st.integers(0, 60),
    extension=st.integers(0, 10),
)
def test_more_time_never_ends_a_step_earlier_nor_after_the_dossier(
    days: int, minutes: int, whole: int, extension: int
) -> None:
    began = at("2024-03-01T08:00") + timedelta(minutes=minutes)
    dossier = began + timedelta(days=whole)
    dues = [
        step_due(began, plan(amount), COUNTING, DuePolicy(), extension=more, dossier_due_at=dossier).due_at
        for amount, more in ((days, 0), (days, extension), (days + 1, extension))
    ]
    assert dues == sorted(dues)
    assert dues[-1] <= dossier
