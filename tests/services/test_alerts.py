"""The daily sweep: what it raises, once; what it withdraws; what it makes up for; how a person answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.services import test_petition_alerts as petition_alerts
from tests.services.alert_desk import ESCALATED, OVERDUE, SOON, answer, asked, board, raised, received
from tests.services.conftest import swept as sweep
from tests.services.settings_desk import change_setting
from tests.services.test_alert_mail import address
from tthc.db.models import Alert, AuditEntry, Dossier, JobRun, OutboxMessage, ProcedureVersion
from tthc.domain.outbox import MessageKind
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import DIGEST_AT
from tthc.domain.vocabulary import (
    AlertStage,
    Channel,
    DomainError,
    OverdueReason,
    SubjectKind,
    SupplementMode,
)
from tthc.services import alert_board, alerts, applicants, intake, notices, own_alerts, steps, timetable
from tthc.services.transaction import NotFound, transaction


def test_soon_today_overdue_and_again_each_once(office: Any) -> None:
    code = received(office)
    days = {
        "12/06": {},  # three working days are left
        "13/06": {"due_soon": 1},
        "13/06 18:00": {},
        "14/06": {"due_soon": 1},
        "15/06": {},
        "17/06 23:59:59": {"due_today": 1},
        "18/06 00:00": {"overdue": 1, "escalated": 1},
        "19/06": {},
        "20/06": {"escalated": 1},
        "21/06": {},
        "24/06": {"escalated": 1},
        "28/06": {},
        "01/07": {"escalated": 1},
    }
    assert {day: sweep(office, day) for day in days} == days
    assert raised(office, code) == [
        "13/06 soon 2",
        "14/06 soon 1",
        "17/06 today",
        "18/06 late 1",
        "18/06 overdue",
        "20/06 late 3",
        "24/06 late 5",
        "01/07 late 10",
    ]


def test_a_second_run_changes_nothing(office: Any) -> None:
    received(office)
    office.stand("13/06")
    first, before = office.sweep(), office.everything()
    second = office.sweep()
    assert (first.examined, second.examined) == (1, 1)
    assert (second.raised, second.withdrawn, second.failed) == ({}, 0, 0)
    assert {**before, "job_run": before["job_run"] + 1} == office.everything()


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, ["17/06 today"]),
        (1, ["14/06 soon 1", "17/06 today"]),
        (5, ["10/06 soon 5", "14/06 soon 1", "17/06 today"]),
    ],
)
def test_the_procedure_says_how_early(sqlite_office: Any, days: int, told: list[str]) -> None:
    office = sqlite_office
    office.session.execute(update(ProcedureVersion).values(due_soon_days=days))
    office.session.commit()
    code = received(office)
    for day in ("10/06", "11/06", "12/06", "13/06", "14/06", "15/06", "16/06", "17/06"):
        sweep(office, day)
    assert raised(office, code) == told


# --- missed days --------------------------------------------------------------------------------------


def test_missed_days_are_made_up_for_in_order(office: Any) -> None:
    code = received(office)
    sweep(office, "11/06")
    office.stand("20/06")
    result = office.sweep()
    assert result.raised == {"due_soon": 2, "due_today": 1, "overdue": 1, "escalated": 2}
    assert (result.examined, result.days) == (1, 9), "one dossier, on nine days"
    assert timetable.JOBS["sweep"].told(result.counts()).startswith("Đã quét 9 ngày; xem 1 hồ sơ; ")
    told = [
        "13/06 soon 2",
        "14/06 soon 1",
        "17/06 today",
        "18/06 late 1",
        "18/06 overdue",
        "20/06 late 3",
    ]
    assert raised(office, code) == told
    days = office.session.scalars(select(JobRun.for_on).order_by(JobRun.id)).all()
    assert [f"{day:%d}" for day in days] == [f"{day}" for day in range(11, 21)]
    # The machine's clock ran a month ahead; once it is right, what was raised then is raised when it is due.
    sweep(office, "20/07")
    office.stand("24/06")
    alerts.drop_ahead(office.session, now=office.now, machine_now=office.now, unit_id=1)
    assert raised(office, code) == told
    assert office.sweep().days == 4
    assert raised(office, code) == [*told, "24/06 late 5"]


def test_a_missed_day_is_judged_by_what_was_known_at_its_end(office: Any) -> None:
    """Resolved on the 14th while the scheduler was down: soon on the 13th, and withdrawn at once."""
    code = received(office)
    sweep(office, "12/06")
    office.stand("14/06")
    office.act("resolve", code)
    late = office.receive(37, received_at=office.at("05/06 09:00"))
    assert sweep(office, "20/06") == {"due_soon": 1, "escalated": 3, "withdrawn": 1}
    assert raised(office, code) == ["13/06 soon 2 gone"]
    # Due on the 12th, known since the 14th: the stage that held on that day, and those that came after it.
    assert raised(office, late) == ["14/06 late 1", "17/06 late 3", "19/06 late 5"]


def test_what_was_recorded_at_midnight_belongs_to_the_new_day(sqlite_office: Any) -> None:
    office = sqlite_office
    sweep(office, "11/06")
    office.stand("13/06 00:00")
    code = office.receive(37, received_at=office.at("05/06 09:00"))
    sweep(office, "14/06")
    assert raised(office, code) == ["13/06 late 1", "13/06 overdue"]


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
    address(office, "supervisor")
    change_setting(office, DIGEST_AT, "")
    assert sweep(office, "26/06") == {"escalated": 1}
    assert raised(office, code) == ["25/06 late 5"], "the stage that holds, for the day it came"
    assert not office.session.scalars(select(OutboxMessage)).all(), "an import is no news"
    assert sweep(office, "01/07") == {"escalated": 1}
    assert raised(office, code)[1:] == ["01/07 late 10"]
    [mail] = office.session.scalars(select(OutboxMessage))
    assert mail.kind == MessageKind.ESCALATION.value


# --- withdrawn and raised anew ------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop", "request_supplement", "pause"], ids=str)
def test_an_alert_goes_with_its_cause(office: Any, verb: str) -> None:
    code = received(office)
    sweep(office, "14/06")
    office.act(verb, code)
    assert raised(office, code) == ["14/06 soon 1 gone"]
    assert sweep(office, "19/06") == {}


def test_a_stop_after_the_due_date_leaves_the_alert(office: Any) -> None:
    code = received(office)
    sweep(office, "18/06")
    office.act("request_supplement", code)
    office.stand("19/06")
    office.act("receive_supplement", code)
    assert raised(office, code) == ["18/06 late 1", "18/06 overdue"]


def test_a_new_promise_raises_anew(office: Any) -> None:
    code = received(office)
    sweep(office, "13/06")
    office.act("request_supplement", code, mode=SupplementMode.PAUSE)
    office.stand("13/06 15:00")
    office.act("receive_supplement", code)
    assert office.dossier(code).due_on == office.on("17/06"), "the same date"
    assert sweep(office, "13/06 16:00") == {"due_soon": 1}
    assert raised(office, code) == ["13/06 soon 2 gone", "13/06 soon 2"]


@pytest.mark.parametrize("verb", ["resolve", "withdraw", "stop"])
def test_a_reopened_dossier_is_alerted_anew(office: Any, verb: str) -> None:
    code = received(office)
    sweep(office, "14/06")
    sweep(office, "18/06")
    office.act(verb, code)
    gone = ["14/06 soon 1 gone", "17/06 today gone", "18/06 late 1 gone", "18/06 overdue gone"]
    assert raised(office, code) == gone
    office.stand("19/06")
    office.act("reopen", code)
    assert sweep(office, "19/06") == {"escalated": 1}
    assert raised(office, code) == [*gone, "19/06 late 1"]
    assert sweep(office, "20/06") == {"escalated": 1}


def test_an_assignment_leaves_the_alert(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    sweep(sqlite_office, "14/06")
    sqlite_office.act("assign", code, officer_id=3)
    sqlite_office.act("start", code)
    assert raised(sqlite_office, code) == ["14/06 soon 1"]


def test_an_alert_that_slipped_in_beside_an_ending_is_not_shown(sqlite_office: Any) -> None:
    """As a sweep leaves it that did not see the ending which was being written at the same moment."""
    office = sqlite_office
    code = received(office)
    sweep(office, "18/06")
    office.act("resolve", code)
    office.session.execute(update(Alert).values(withdrawn_at=None))
    office.session.commit()
    assert board(office).page.rows == []
    assert board(office).sizes.unanswered == 0
    assert sweep(office, "19/06") == {"withdrawn": 3}, "two of the dossier, one of its step"


# --- the end of the calendar, and what cannot be judged -------------------------------------------------


def test_the_sweep_works_up_to_the_last_day_of_the_calendar(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, "20/12/2027")
    far = imported(office, "20/12/2027 09:00", "05/01/2028 17:00")
    assert office.dossier(code).due_on == office.on("27/12/2027")
    sweep(office, "23/12/2027")
    for day in ("29/12/2027", "30/12/2027", "31/12/2027"):
        assert "failed" not in sweep(office, day)
        assert len(office.listed()) == 2
    assert raised(office, code) == [
        "23/12 soon 2",
        "24/12 soon 1",
        "27/12 today",
        "28/12 late 1",
        "28/12 overdue",
        "30/12 late 3",
    ]
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
    assert raised(office, code) == [
        "12/06 soon 2",
        "13/06 soon 1",
        "16/06 today",
        "17/06 late 1",
        "17/06 overdue",
    ]


# --- the board and the answer -------------------------------------------------------------------------


def test_the_board_shows_the_worst_first_and_that_the_sweep_ran(office: Any) -> None:
    assert (board(office).stale, board(office).last_run) == (True, None)
    late, soon = received(office), received(office, "12/06", firm="Doanh nghiệp 901")
    sweep(office, "14/06")
    sweep(office, "18/06")
    shown = board(office)
    assert [(row.code, row.stage) for row in shown.page.rows] == [(late, OVERDUE), (soon, SOON)]
    assert (shown.sizes, shown.stale) == (alert_board.Sizes(1, 1, 0, 1, 0, 2), False)
    assert shown.page.total == 2, "the due-soon alert of a date that has passed gives way"
    assert [row.remaining for row in shown.page.rows] == ["quá hạn 01 ngày làm việc", "còn 01 ngày làm việc"]
    assert (shown.last_run.for_on, shown.last_run.examined, shown.last_run.raised) == (office.today, 2, 3)
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
    assert row.answer == alert_board.Answer(
        OverdueReason.STAFF.label,
        "Thiếu người",
        office.on("20/06"),
        office.now,
        office.person("supervisor").name,
    )
    assert (board(office).sizes.answered, board(office).sizes.unanswered) == (1, 0)
    assert board(office, answered=False).page.rows == []
    with pytest.raises(DomainError, match="đã được người khác xác nhận"):
        answer(office, alert_id, by="supervisor2")
    assert sweep(office, "19/06") == {}
    assert (board(office).sizes.answered, board(office).sizes.unanswered) == (1, 0), (
        "it answers lighter ones as well"
    )
    # What stays overdue is asked about again, beside the answer that was given.
    assert sweep(office, "20/06") == {"escalated": 1}
    [row] = board(office, answered=False).page.rows
    assert (row.code, row.answer, row.earlier.reason) == (code, None, "Thiếu người")
    assert (board(office).sizes.answered, board(office).sizes.unanswered) == (0, 1)


def test_a_promise_that_has_passed_waits_for_an_answer_again(office: Any) -> None:
    """What was promised for Tuesday 18/06 and still runs on Wednesday: asked anew, told again, kept."""
    code = received(office)
    sweep(office, "18/06")
    alert_id = board(office).page.rows[0].id
    answer(office, alert_id, reason="Chờ họp", promised_on=office.on("18/06"))
    assert own(office) == []
    with pytest.raises(DomainError, match="đã được người khác xác nhận"):
        answer(office, alert_id)
    office.stand("19/06")
    [row] = board(office, answered=False).page.rows
    assert (row.promise_passed, row.answer.reason, row.unanswered) == (True, "Chờ họp", True)
    assert board(office, answered=True).page.rows == []
    assert own(office) == [code]
    office.stand("19/06 10:00")
    answer(office, alert_id, promised_on=office.on("20/06"))
    [row] = board(office, answered=True).page.rows
    assert (row.promise_passed, row.answer.reason, row.earlier.reason) == (False, "Thiếu người", "Chờ họp")
    kept = office.session.scalars(select(AuditEntry).where(AuditEntry.action == "answer_alert_anew")).one()
    assert (kept.subject, kept.detail_json["reason"]) == (f"alert:{alert_id}", "Chờ họp")
    assert kept.detail_json["promised_on"] == "2024-06-18"


def test_what_announced_a_date_stands_until_the_next_sweep(office: Any) -> None:
    code = received(office)
    sweep(office, "17/06")
    office.stand("18/06")
    [row] = board(office).page.rows
    assert (row.code, row.stage, row.remaining) == (code, OVERDUE, "quá hạn 01 ngày làm việc")
    office.sweep()
    assert [row.stage for row in board(office).page.rows] == [OVERDUE], "on its first day it only became so"
    sweep(office, "20/06")
    assert [row.stage for row in board(office).page.rows] == [ESCALATED]


def test_every_number_of_the_board_is_the_size_of_its_list(office: Any) -> None:
    """Dossiers with the clerk and an officer, an agency, a petition; late, answered, today and soon."""
    answered, given = received(office), received(office, firm="Doanh nghiệp 901")
    petition_alerts.received(office)
    received(office, "11/06", firm="Doanh nghiệp 902")
    received(office, "12/06", firm="Doanh nghiệp 903")
    officer_id = office.person("officer").account_id
    steps.hand_on(office.session, call=office.call(given, "clerk"), taker_id=officer_id)
    asked(office, given)
    sweep(office, "18/06")
    [first] = [row for row in board(office).page.rows if row.code == answered]
    answer(office, first.id)
    for by in alert_board.Grouping:
        shown = alert_board.get_board(
            office.session,
            actor=office.person("supervisor"),
            now=office.now,
            chosen=alert_board.BoardFilter(by=by),
        )
        sums = [0] * 4
        for group in shown.groups:
            one = {"kind": SubjectKind.PETITION} if group.petitions else {f"{by.value}_id": group.id}
            numbers = (group.late, group.unanswered, group.today, group.soon)
            lists = (
                {"stage": OVERDUE},
                {"stage": OVERDUE, "answered": False},
                {"stage": AlertStage.DUE_TODAY},
                {"stage": SOON},
            )
            for number, part in zip(numbers, lists, strict=True):
                found = board(office, **one, **part).page
                assert (number, number) == (found.total, len(found.rows)), (group, part)
            sums = [total + number for total, number in zip(sums, numbers, strict=True)]
        assert sums == [shown.sizes.late, shown.sizes.unanswered, shown.sizes.today, shown.sizes.soon]
    assert shown.sizes == alert_board.Sizes(3, 4, 1, 1, 1, 6)
    names = [(group.name, group.late, group.unanswered) for group in board(office).groups]
    clerk, officer = (office.person(one).name for one in ("clerk", "officer"))
    assert names == [(officer, 2, 2), (clerk, 1, 0), ("Phản ánh, kiến nghị", 1, 1)]


def own(office: Any, by: str = "supervisor") -> list[str]:
    """The codes in a person's own list."""
    found = own_alerts.look_at_own_alerts(office.session, actor=office.person(by), now=office.now)
    return [row.code for row in found.rows]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"promised_on": date(2024, 6, 17)}, "promised_on"),
        ({"promised_on": date(2024, 6, 22)}, "promised_on"),
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
    assert board(sqlite_office).sizes.answered == 0
    answer(sqlite_office, alert_id, promised_on=date(2024, 6, 18))


def test_who_answers_and_for_what(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    sweep(office, "18/06")
    alert_id = board(office).page.rows[0].id
    for role in ("officer", "reporter", "admin", "auditor"):
        assert [row.may_answer for row in board(office, by=role).page.rows] == [False]
        with pytest.raises(NotAllowed):
            answer(office, alert_id, by=role)
    with pytest.raises(NotFound):
        answer(office, 999)
    # The clerk who received it has it in hand; the supervisor sees who answered.
    assert [row.may_answer for row in board(office, by="clerk").page.rows] == [True]
    answer(office, alert_id, by="clerk")
    [row] = board(office).page.rows
    assert (row.answer.by, row.may_answer) == (office.person("clerk").name, False)
    office.act("resolve", code)
    with pytest.raises(DomainError, match="đã tự rút"):
        answer(office, alert_id)


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


def test_a_dossier_that_cannot_be_read_hides_no_other(office: Any) -> None:
    """A due date that nothing can read: the others are judged, it is named, and judged once mended."""
    office.stand("01/04")
    codes = [office.receive() for _ in range(3)]
    bad = office.dossier(codes[1])
    bad_id, due_on = bad.id, bad.due_on
    office.stand("14/06")
    unread = "0000-00-00" if office.session.get_bind().dialect.name == "sqlite" else "-infinity"
    spoil = text("UPDATE dossier SET due_on = :on WHERE id = :id")
    office.session.execute(spoil, {"on": unread, "id": bad_id})
    office.session.commit()
    done = office.sweep()
    assert (done.failed, done.raised) == (1, {"escalated": 2})
    run = office.session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(1)).one()
    [(kind, subject, error)] = run.counts_json["failures"]
    assert (kind, subject) == ("dossier", bad_id)
    assert error in {"ValueError", "DataError"}
    [told] = notices.list_open(office.session, actor=office.person("supervisor"))
    assert told.text.startswith("1 hồ sơ, văn bản hoặc phản ánh chưa xem được")
    assert office.sweep().failed == 1
    office.session.rollback()
    office.session.execute(spoil, {"on": due_on.isoformat(), "id": bad_id})
    office.session.commit()
    done = office.sweep()
    assert (done.failed, done.raised) == (0, {"escalated": 1})
    assert notices.list_open(office.session, actor=office.person("supervisor")) == []
