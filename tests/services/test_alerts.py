"""The daily sweep: what it raises, once; what it withdraws; what it makes up for; how a person answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from tthc.db.models import Alert, Dossier, JobRun, ProcedureVersion
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import (
    AlertStage,
    Channel,
    DomainError,
    OverdueReason,
    SubjectKind,
    SupplementMode,
)
from tthc.services import alerts, applicants, consultations, intake
from tthc.services.transaction import NotFound, transaction

SOON, OVERDUE = AlertStage.DUE_SOON, AlertStage.OVERDUE


def received(office: Any, when: str = "10/06", **more: Any) -> str:
    """Received on a Monday, 05 working days: due on Monday 17/06/2024, soon from Thursday 13/06 on."""
    office.stand(when)
    code: str = office.receive(37, **more)
    return code


def raised(office: Any, code: str) -> list[tuple[AlertStage, str, bool]]:
    """``(stage, the day it is for, whether it still stands)``, oldest first."""
    rows = office.session.scalars(
        select(Alert).where(Alert.subject_id == office.dossier(code).id).order_by(Alert.id)
    )
    return [(row.stage, f"{row.for_on:%d/%m}", row.withdrawn_at is None) for row in rows]


def sweep(office: Any, when: str) -> dict[str, int]:
    office.stand(when)
    result = office.sweep()
    return {**result.raised, "withdrawn": result.withdrawn, "failed": result.failed}


def test_due_soon_then_overdue_each_once(office: Any) -> None:
    code = received(office)
    assert sweep(office, "12/06") == {"withdrawn": 0, "failed": 0}, "three working days are left"
    assert sweep(office, "13/06")["due_soon"] == 1
    assert raised(office, code) == [(SOON, "13/06", True)]
    for day in ("13/06 18:00", "14/06", "15/06", "17/06 23:59:59"):
        assert sweep(office, day) == {"withdrawn": 0, "failed": 0}, day
    assert sweep(office, "18/06 00:00")["overdue"] == 1
    assert sweep(office, "19/06") == {"withdrawn": 0, "failed": 0}
    assert raised(office, code) == [(SOON, "13/06", True), (OVERDUE, "18/06", True)]


def test_a_second_run_changes_nothing(office: Any) -> None:
    received(office)
    office.stand("13/06")
    first, before = office.sweep(), office.everything()
    second = office.sweep()
    assert (first.examined, second.examined) == (1, 1)
    assert (second.raised, second.withdrawn, second.failed) == ({}, 0, 0)
    assert {**before, "job_run": before["job_run"] + 1} == office.everything()


@pytest.mark.parametrize("days", [0, 1, 5])
def test_the_procedure_says_how_early(sqlite_office: Any, days: int) -> None:
    office = sqlite_office
    office.session.execute(update(ProcedureVersion).values(due_soon_days=days))
    office.session.commit()
    code = received(office)
    for day in ("10/06", "11/06", "12/06", "13/06", "14/06", "15/06", "16/06", "17/06"):
        sweep(office, day)
    first = {0: "17/06", 1: "14/06", 5: "10/06"}[days]
    assert raised(office, code) == [(SOON, first, True)]
    assert office.session.scalars(select(Alert.threshold)).one() == days


# --- missed days --------------------------------------------------------------------------------------


def test_missed_days_are_made_up_for_in_order(office: Any) -> None:
    code = received(office)
    sweep(office, "11/06")
    office.stand("20/06")
    result = office.sweep()
    assert (result.raised, result.examined) == ({"due_soon": 1, "overdue": 1}, 9)
    assert raised(office, code) == [(SOON, "13/06", True), (OVERDUE, "18/06", True)]
    days = office.session.scalars(select(JobRun.for_on).order_by(JobRun.id)).all()
    assert [f"{day:%d}" for day in days] == [f"{day}" for day in range(11, 21)]


def test_a_missed_day_is_judged_by_what_was_known_at_its_end(office: Any) -> None:
    """Resolved on the 14th while the scheduler was down: soon on the 13th, and withdrawn at once."""
    code = received(office)
    sweep(office, "12/06")
    office.stand("14/06")
    office.act("resolve", code)
    late = office.receive(37, received_at=office.at("05/06 09:00"))
    assert sweep(office, "20/06") == {"due_soon": 1, "overdue": 1, "withdrawn": 1, "failed": 0}
    assert raised(office, code) == [(SOON, "13/06", False)]
    assert raised(office, late) == [(OVERDUE, "14/06", True)], "due on the 12th, known since the 14th"


def test_what_was_recorded_at_midnight_belongs_to_the_new_day(sqlite_office: Any) -> None:
    office = sqlite_office
    sweep(office, "11/06")
    office.stand("13/06 00:00")
    code = office.receive(37, received_at=office.at("05/06 09:00"))
    sweep(office, "14/06")
    assert raised(office, code)[0][:2] == (OVERDUE, "13/06")


def imported(office: Any, received_at: str, appointment: str | None = None) -> str:
    with transaction(office.session) as session:
        terms = intake.terms_of(
            session, 1, office.procedure_id(37), None, Channel.ONLINE, office.at(received_at)
        )
        return intake.add_dossier(
            session,
            now=office.now,
            actor=office.person("clerk"),
            terms=terms,
            channel=Channel.ONLINE,
            applicant_id=applicants.find_or_add(session, office.request().applicant).id,
            submitter_id=None,
            subject="",
            note="",
            papers=[],
            sets=1,
            submitted_at=office.at(received_at),
            received_at=office.at(received_at),
            given_code=f"000.00.01.H54-240610-{len(office.codes()) + 1:04d}",
            appointment=office.at(appointment) if appointment else None,
            imported=True,
        ).code


def test_an_imported_dossier_raises_nothing_for_the_days_before_it_came(office: Any) -> None:
    sweep(office, "10/06")
    office.stand("25/06")
    code = imported(office, "10/06 09:00")
    assert sweep(office, "26/06")["overdue"] == 1
    assert raised(office, code) == [(OVERDUE, "25/06", True)], "the stage that holds, for the day it came"


# --- withdrawn and raised anew ------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop", "request_supplement", "pause"], ids=str)
def test_an_alert_goes_with_its_cause(office: Any, verb: str) -> None:
    code = received(office)
    sweep(office, "14/06")
    office.act(verb, code)
    assert raised(office, code) == [(SOON, "14/06", False)]
    assert sweep(office, "19/06") == {"withdrawn": 0, "failed": 0}


def test_a_stop_after_the_due_date_leaves_the_alert(office: Any) -> None:
    code = received(office)
    sweep(office, "18/06")
    office.act("request_supplement", code)
    assert raised(office, code) == [(OVERDUE, "18/06", True)]
    office.stand("19/06")
    office.act("receive_supplement", code)
    assert raised(office, code) == [(OVERDUE, "18/06", True)]


def test_a_new_promise_raises_anew(office: Any) -> None:
    code = received(office)
    sweep(office, "13/06")
    office.act("request_supplement", code, mode=SupplementMode.PAUSE)
    office.stand("13/06 15:00")
    office.act("receive_supplement", code)
    assert office.dossier(code).due_on == office.on("17/06"), "the same date"
    assert sweep(office, "13/06 16:00")["due_soon"] == 1
    assert raised(office, code) == [(SOON, "13/06", False), (SOON, "13/06", True)]


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop"])
def test_a_reopened_dossier_is_alerted_anew(office: Any, verb: str) -> None:
    code = received(office)
    sweep(office, "14/06")
    sweep(office, "18/06")
    office.act(verb, code)
    assert [standing for *_, standing in raised(office, code)] == [False, False]
    office.stand("19/06")
    office.act("reopen", code)
    assert sweep(office, "19/06")["overdue"] == 1
    assert raised(office, code)[-1] == (OVERDUE, "19/06", True)
    assert sweep(office, "20/06") == {"withdrawn": 0, "failed": 0}


def test_an_assignment_leaves_the_alert(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    sweep(sqlite_office, "14/06")
    sqlite_office.act("assign", code, officer_id=3)
    sqlite_office.act("start", code)
    assert raised(sqlite_office, code) == [(SOON, "14/06", True)]


def test_an_alert_that_slipped_in_beside_an_ending_is_not_shown(sqlite_office: Any) -> None:
    """As a sweep leaves it that did not see the ending which was being written at the same moment."""
    office = sqlite_office
    code = received(office)
    sweep(office, "18/06")
    office.act("resolve", code)
    office.session.execute(update(Alert).values(withdrawn_at=None))
    office.session.commit()
    assert board(office).page.rows == []
    assert board(office).open_overdue == 0
    assert sweep(office, "19/06")["withdrawn"] == 1


# --- the end of the calendar, and what cannot be judged -------------------------------------------------


def test_the_sweep_works_up_to_the_last_day_of_the_calendar(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, "20/12/2027")
    far = imported(office, "20/12/2027 09:00", "05/01/2028 17:00")
    assert office.dossier(code).due_on == office.on("27/12/2027")
    sweep(office, "23/12/2027")
    for day in ("29/12/2027", "30/12/2027", "31/12/2027"):
        assert sweep(office, day)["failed"] == 0
        assert len(office.listed()) == 2
    assert raised(office, code) == [(SOON, "23/12", True), (OVERDUE, "28/12", True)]
    assert raised(office, far) == []


def test_an_appointment_far_beyond_the_calendar_leaves_the_lists_alone(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06/2024")
    code = imported(office, "10/06 09:00", "05/01/2040 17:00")
    assert office.codes() == [code]
    assert office.sweep().failed == 0
    assert office.view(code).row.remaining.startswith("còn ")


def test_an_appointment_on_a_day_off_is_soon_in_list_and_alert_alike(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06")
    code = imported(office, "10/06 09:00", "16/06 17:00")  # a Sunday
    for day, soon in [("11/06", False), ("12/06", True), ("16/06", False), ("17/06", False)]:
        sweep(office, day)
        assert (office.codes(bucket="due_soon") == [code]) is soon, day
    assert raised(office, code) == [(SOON, "12/06", True), (OVERDUE, "17/06", True)]


# --- the board and the answer -------------------------------------------------------------------------


def board(office: Any, by: str = "supervisor", **filters: Any) -> Any:
    return alerts.board(office.session, actor=office.person(by), now=office.now, **filters)


def answer(office: Any, alert_id: int, by: str = "supervisor", **changes: Any) -> None:
    arguments: dict[str, Any] = {
        "reason_code": OverdueReason.STAFF,
        "reason": "Thiếu người",
        "promised_on": None,
        **changes,
    }
    alerts.acknowledge_alert(
        office.session, now=office.now, actor=office.person(by), alert_id=alert_id, **arguments
    )


def test_the_board_shows_the_worst_first_and_that_the_sweep_ran(office: Any) -> None:
    assert (board(office).stale, board(office).last_run) == (True, None)
    late, soon = received(office), received(office, "12/06", firm="Doanh nghiệp 901")
    sweep(office, "14/06")
    sweep(office, "18/06")
    shown = board(office)
    assert [(row.code, row.stage) for row in shown.page.rows] == [(late, OVERDUE), (soon, SOON)]
    assert (shown.open_overdue, shown.open_due_soon, shown.answered, shown.stale) == (1, 1, 0, False)
    assert shown.page.total == 2, "the due-soon alert of a date that has passed gives way"
    assert [row.remaining for row in shown.page.rows] == ["quá hạn 01 ngày làm việc", "còn 01 ngày làm việc"]
    assert (shown.last_run.for_on, shown.last_run.examined, shown.last_run.raised) == (office.today, 2, 1)
    assert [row.code for row in board(office, stage=SOON).page.rows] == [soon]
    office.stand("19/06")
    assert not board(office).stale
    office.stand("20/06")
    assert board(office).stale, "no complete sweep since the day before yesterday"


def test_an_answer_is_kept_and_given_once(office: Any) -> None:
    code = received(office)
    sweep(office, "18/06")
    alert_id = board(office).page.rows[0].id
    answer(office, alert_id, promised_on=office.on("20/06"))
    row = board(office).page.rows[0]
    assert (row.reason_label, row.reason) == (OverdueReason.STAFF.label, "Thiếu người")
    assert (row.promised_on, row.acknowledged_at) == (office.on("20/06"), office.now)
    assert row.acknowledged_by == office.person("supervisor").name
    assert (board(office).answered, board(office).open_overdue) == (1, 0)
    assert board(office, answered=False).page.rows == []
    with pytest.raises(DomainError, match="đã được người khác xác nhận"):
        answer(office, alert_id, by="supervisor2")
    assert sweep(office, "19/06") == {"withdrawn": 0, "failed": 0}
    assert raised(office, code) == [(OVERDUE, "18/06", True)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"promised_on": date(2024, 6, 17)}, "promised_on"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(
    sqlite_office: Any, changes: dict[str, Any], field: str
) -> None:
    received(sqlite_office)
    sweep(sqlite_office, "18/06")
    alert_id = board(sqlite_office).page.rows[0].id
    with pytest.raises(DomainError) as refusal:
        answer(sqlite_office, alert_id, **changes)
    assert refusal.value.field == field
    assert board(sqlite_office).answered == 0
    answer(sqlite_office, alert_id, promised_on=date(2024, 6, 18))


def test_who_answers_and_for_what(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    sweep(office, "18/06")
    alert_id = board(office).page.rows[0].id
    for role in ("clerk", "officer", "reporter", "admin", "auditor"):
        assert len(board(office, by=role).page.rows) == 1
        with pytest.raises(NotAllowed):
            answer(office, alert_id, by=role)
    with pytest.raises(NotFound):
        answer(office, 999)
    office.act("resolve", code)
    with pytest.raises(DomainError, match="đã tự rút"):
        answer(office, alert_id)


# --- what other agencies were asked -------------------------------------------------------------------


def asked(
    office: Any, code: str, days: int = 3, agency: str = "Sở Xây dựng", occurred: str | None = None
) -> None:
    consultations.consult_agency(
        office.session,
        call=office.call(code, "officer", occurred),
        agency=agency,
        question="Quy hoạch khu đất",
        working_days=days,
    )


def answer_came(office: Any, code: str, at: int = 0, occurred: str | None = None) -> None:
    consultations.receive_opinion(
        office.session,
        call=office.call(code, "officer", occurred),
        consultation_id=office.view(code).consultations[at].id,
        answer="Thống nhất",
    )


def told(office: Any) -> list[tuple[AlertStage, str, bool]]:
    """The alerts of questions, as :func:`raised` gives those of a dossier."""
    office.session.rollback()
    rows = office.session.scalars(
        select(Alert).where(Alert.subject_kind == SubjectKind.CONSULTATION).order_by(Alert.id)
    )
    return [(row.stage, f"{row.for_on:%d/%m}", row.withdrawn_at is None) for row in rows]


def long_running(office: Any, when: str = "03/06") -> str:
    """Received for 25 days, so that nothing but what is asked comes due in the tests below."""
    office.stand(when)
    code: str = office.receive(2)
    return code


def test_a_late_answer_is_told_of_once_soon_and_once_overdue(office: Any) -> None:
    code = long_running(office)
    asked(office, code, 5)
    assert office.view(code).consultations[0].due_on == office.on("10/06")
    assert sweep(office, "05/06") == {"withdrawn": 0, "failed": 0}, "three working days are left"
    assert sweep(office, "06/06")["due_soon"] == 1
    for day in ("07/06", "08/06", "10/06 23:59:59"):
        assert sweep(office, day) == {"withdrawn": 0, "failed": 0}, day
    assert sweep(office, "11/06")["overdue"] == 1
    assert sweep(office, "12/06") == {"withdrawn": 0, "failed": 0}
    assert told(office) == [(SOON, "06/06", True), (OVERDUE, "11/06", True)]
    assert [row.threshold for row in office.session.scalars(select(Alert).order_by(Alert.id))] == [2, 0]
    before = office.everything()
    again = office.sweep()
    assert (again.examined, again.consulting, again.raised) == (1, 1, {})
    assert {**before, "job_run": before["job_run"] + 1} == office.everything()


def test_each_question_has_an_alert_of_its_own_beside_that_of_its_dossier(office: Any) -> None:
    code = received(office)
    asked(office, code, 3)
    asked(office, code, 4, "Sở Tài chính")
    result = sweep(office, "14/06")
    assert (result["overdue"], result["due_soon"]) == (1, 2), "the dossier too is due soon"
    assert told(office) == [(OVERDUE, "14/06", True), (SOON, "14/06", True)]
    assert sweep(office, "19/06")["overdue"] == 2
    shown = board(office)
    assert [(row.agency, f"{row.due_on:%d/%m}", row.stage, row.remaining) for row in shown.page.rows] == [
        ("Sở Xây dựng", "13/06", OVERDUE, "quá hạn 04 ngày làm việc"),
        ("Sở Tài chính", "14/06", OVERDUE, "quá hạn 03 ngày làm việc"),
        ("", "17/06", OVERDUE, "quá hạn 02 ngày làm việc"),
    ]
    assert {row.code for row in shown.page.rows} == {code}
    assert (shown.open_overdue, shown.open_due_soon, shown.page.total) == (3, 0, 3)
    assert (shown.last_run.examined, shown.last_run.consulting) == (1, 2)


def test_an_answer_withdraws_its_alert_and_no_other(office: Any) -> None:
    code = long_running(office)
    asked(office, code, 3)
    asked(office, code, 3, "Sở Tài chính")
    sweep(office, "05/06")
    assert told(office) == [(SOON, "05/06", True)] * 2
    answer_came(office, code, 1)
    assert told(office) == [(SOON, "05/06", True), (SOON, "05/06", False)]
    assert [row.agency for row in board(office).page.rows] == ["Sở Xây dựng"]
    assert sweep(office, "07/06")["overdue"] == 1
    answer_came(office, code, 0)
    assert sweep(office, "12/06") == {"withdrawn": 0, "failed": 0}
    assert [standing for *_, standing in told(office)] == [False, False, False]


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop"])
def test_the_alert_of_a_question_ends_with_the_dossier(office: Any, verb: str) -> None:
    code = long_running(office)
    asked(office, code, 3)
    sweep(office, "05/06")
    office.act(verb, code)
    assert told(office) == [(SOON, "05/06", False)]
    assert sweep(office, "12/06") == {"withdrawn": 0, "failed": 0}
    office.act("reopen", code)
    assert sweep(office, "13/06") == {"withdrawn": 0, "failed": 0}, "what was closed stays closed"


def test_a_stand_of_the_clock_leaves_the_other_agency_its_deadline(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    asked(office, code, 3)
    office.stand("11/06")
    office.act("pause", code)
    assert sweep(office, "14/06") == {"overdue": 1, "withdrawn": 0, "failed": 0}
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
    assert told(office)[:3] == [(SOON, "04/06", False), (SOON, "04/06", False), (SOON, "04/06", True)]
    assert told(office)[3:] == [(OVERDUE, "07/06", True), (SOON, "11/06", True), (OVERDUE, "12/06", True)]
    # Open at the end of each day from the 4th on.
    assert result.consulting == 3 + 2 + 2 + 1 + 1 + 1 + 1 + 2 + 2
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
    assert sweep(office, "10/06 18:00") == {"overdue": 1, "withdrawn": 1, "failed": 0}
    assert told(office) == [(SOON, "04/06", False), (OVERDUE, "07/06", False)]


def test_a_question_is_answered_for_like_a_dossier(sqlite_office: Any) -> None:
    office = sqlite_office
    code = long_running(office)
    asked(office, code, 1)
    sweep(office, "06/06")
    [row] = board(office).page.rows
    answer(office, row.id, promised_on=office.on("20/06"))
    assert (board(office).answered, board(office).open_overdue) == (1, 0)
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
    assert told(office) == [(SOON, "06/06", True)]


# --- size ---------------------------------------------------------------------------------------------


def test_the_queries_of_sweep_and_board_do_not_grow(sqlite_office: Any, counting: Callable[..., Any]) -> None:
    office = sqlite_office
    sizes: list[tuple[int, int]] = []
    for _ in range(2):
        for _ in range(4):
            asked(office, received(office))
        office.stand("18/06")
        with counting(office.session) as swept:
            office.sweep()
        with counting(office.session) as shown:
            assert board(office).page.rows
        sizes.append((len(swept), len(shown)))
    assert sizes[0] == sizes[1]


def test_the_log_of_the_sweep_holds_no_names(sqlite_office: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    received(sqlite_office)
    sweep(sqlite_office, "18/06")
    assert "Doanh nghiệp" not in caplog.text
    assert sqlite_office.session.scalars(select(Dossier.id)).one()
