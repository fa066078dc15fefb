"""Alerts of what other agencies were asked: a deadline of its own, withdrawn by its answer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.services.alert_desk import ESCALATED, OVERDUE, answer, asked, board, raised, received
from tests.services.conftest import in_brief
from tests.services.conftest import swept as sweep
from tthc.db.models import Alert, JobRun, ProcedureVersion
from tthc.domain.vocabulary import (
    DomainError,
    SubjectKind,
)
from tthc.services import consultations


def answer_came(office: Any, code: str, at: int = 0, occurred: str | None = None) -> None:
    consultations.receive_opinion(
        office.session,
        call=office.call(code, "officer", occurred),
        consultation_id=office.view(code).consultations[at].id,
        answer="Thống nhất",
    )


def told(office: Any) -> list[str]:
    """The alerts of questions in brief, oldest first."""
    office.session.rollback()
    rows = office.session.scalars(
        select(Alert).where(Alert.subject_kind == SubjectKind.CONSULTATION).order_by(Alert.id)
    )
    return [in_brief(row) for row in rows]


def long_running(office: Any, when: str = "03/06") -> str:
    """Received for 25 days, so that nothing but what is asked comes due in the tests below."""
    office.stand(when)
    code: str = office.receive(2)
    return code


def test_a_late_answer_is_told_of_once_soon_and_once_overdue(office: Any) -> None:
    code = long_running(office)
    asked(office, code, 5)
    assert office.view(code).consultations[0].due_on == office.on("10/06")
    for day in ("05/06", "06/06", "07/06", "08/06", "10/06 23:59:59", "11/06", "12/06"):
        sweep(office, day)
    assert told(office) == ["06/06 soon 2", "07/06 soon 1", "10/06 today", "11/06 late 1", "11/06 overdue"]
    before = office.everything()
    again = office.sweep()
    assert (again.examined, again.consulting, again.raised) == (1, 1, {})
    assert {**before, "job_run": before["job_run"] + 1} == office.everything()


def test_each_question_has_an_alert_of_its_own_beside_that_of_its_dossier(office: Any) -> None:
    code = received(office)
    asked(office, code, 3)
    asked(office, code, 4, "Sở Tài chính")
    sweep(office, "14/06")
    assert told(office) == ["14/06 late 1", "14/06 overdue", "14/06 today"]
    assert raised(office, code) == ["14/06 soon 1"], "the dossier too is due soon"
    sweep(office, "19/06")
    shown = board(office)
    assert [(row.agency, f"{row.due_on:%d/%m}", row.stage, row.remaining) for row in shown.page.rows] == [
        ("Sở Xây dựng", "13/06", ESCALATED, "quá hạn 04 ngày làm việc"),
        ("Sở Tài chính", "14/06", ESCALATED, "quá hạn 03 ngày làm việc"),
        ("", "17/06", OVERDUE, "quá hạn 02 ngày làm việc"),
    ]
    assert {row.code for row in shown.page.rows} == {code}
    assert (shown.sizes.late, shown.sizes.soon, shown.page.total) == (3, 0, 3)
    assert (shown.last_run.examined, shown.last_run.consulting) == (1, 2)


def test_an_answer_withdraws_its_alert_and_no_other(office: Any) -> None:
    code = long_running(office)
    asked(office, code, 3)
    asked(office, code, 3, "Sở Tài chính")
    sweep(office, "05/06")
    assert told(office) == ["05/06 soon 1"] * 2
    answer_came(office, code, 1)
    assert told(office) == ["05/06 soon 1", "05/06 soon 1 gone"]
    assert [row.agency for row in board(office).page.rows] == ["Sở Xây dựng"]
    sweep(office, "07/06")
    answer_came(office, code, 0)
    assert sweep(office, "12/06") == {}
    assert told(office)[2:] == ["06/06 today gone", "07/06 late 1 gone", "07/06 overdue gone"]


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop"])
def test_the_alert_of_a_question_ends_with_the_dossier(office: Any, verb: str) -> None:
    code = long_running(office)
    asked(office, code, 3)
    sweep(office, "05/06")
    office.act(verb, code)
    assert told(office) == ["05/06 soon 1 gone"]
    assert sweep(office, "12/06") == {}
    office.act("reopen", code)
    assert sweep(office, "13/06") == {}, "what was closed stays closed"


def test_a_stand_of_the_clock_leaves_the_other_agency_its_deadline(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    asked(office, code, 3)
    office.stand("11/06")
    office.act("pause", code)
    assert sweep(office, "14/06") == {"overdue": 1, "escalated": 1}
    assert [row.agency for row in board(office).page.rows] == ["Sở Xây dựng"]


def test_missed_days_know_what_was_asked_and_answered_by_then(office: Any) -> None:
    """Asked on the 3rd, due on the 6th; the scheduler was down from the 4th to the 12th."""
    early, late, never = long_running(office), long_running(office), long_running(office)
    for code in (early, late, never):
        asked(office, code, 3)
    sweep(office, "03/06")
    office.stand("05/06")
    answer_came(office, early)
    office.stand("07/06")
    answer_came(office, late)
    # Known since the 10th only: what was sent before cannot have been told of before.
    entered = long_running(office, "10/06")
    office.stand("11/06")
    asked(office, entered, 1, occurred="10/06 10:00")
    office.stand("12/06")
    result = office.sweep()
    # The 4th to the 12th: the early one is soon on the 4th (it was answered on the 5th), as are the others.
    assert told(office) == [
        "04/06 soon 2 gone",
        "04/06 soon 2 gone",
        "04/06 soon 2",
        "05/06 soon 1 gone",
        "05/06 soon 1",
        "06/06 today gone",
        "06/06 today",
        "07/06 late 1",
        "07/06 overdue",
        "11/06 late 3",
        "11/06 today",
        "12/06 late 1",
        "12/06 overdue",
    ]
    # Nine days were made up for; what was open is that of the last of them.
    assert (result.days, result.consulting) == (9, 2)
    runs = office.session.scalars(select(JobRun).order_by(JobRun.id)).all()
    assert [run.counts_json["consulting"] for run in runs] == [3, 3, 2, 2, 1, 1, 1, 1, 2, 2]
    assert [run.counts_json["examined"] for run in runs] == [3, 3, 3, 3, 3, 3, 3, 4, 4, 4]


def test_an_answer_entered_late_does_not_change_what_was_known(sqlite_office: Any) -> None:
    """It came on the 5th and was entered on the 10th: at the end of the 7th nobody knew."""
    office = sqlite_office
    code = long_running(office)
    asked(office, code, 3)
    sweep(office, "04/06")
    office.stand("10/06")
    answer_came(office, code, occurred="05/06 09:00")
    sweep(office, "10/06 18:00")
    assert told(office) == [
        "04/06 soon 2 gone",
        "05/06 soon 1 gone",
        "06/06 today gone",
        "07/06 late 1 gone",
        "07/06 overdue gone",
    ]


def test_a_question_is_answered_for_like_a_dossier(sqlite_office: Any) -> None:
    office = sqlite_office
    code = long_running(office)
    asked(office, code, 1)
    sweep(office, "06/06")
    [row] = board(office).page.rows
    answer(office, row.id, promised_on=office.on("20/06"))
    assert (board(office).sizes.answered, board(office).sizes.unanswered) == (1, 0)
    answer_came(office, code)
    with pytest.raises(DomainError, match="đã có ý kiến trả lời"):
        answer(office, row.id)


def test_the_procedure_says_how_early_an_answer_is_asked_for(sqlite_office: Any) -> None:
    office = sqlite_office
    code = long_running(office)
    office.session.execute(update(ProcedureVersion).values(due_soon_days=0))
    office.session.commit()
    asked(office, code, 3)
    for day in ("04/06", "05/06", "06/06"):
        sweep(office, day)
    assert told(office) == ["06/06 today"]
