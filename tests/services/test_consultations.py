"""Asking other agencies: deadlines of their own, answers, what ends with the dossier, and who was late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.consultation_desk import AGENCY, answered, asked, consult, deadlines, shared
from tests.services.dossier_desk import received
from tthc.db.models import Consultation, EventRow
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import (
    Channel,
    DomainError,
    DossierState,
    EventKind,
    Standing,
    Timeliness,
)
from tthc.services import consultations, corrections, extensions
from tthc.services.corrections import Correction
from tthc.services.dossiers import NEEDS
from tthc.services.transaction import StaleVersion

# --- asking -------------------------------------------------------------------------------------------


def test_a_question_has_a_deadline_of_its_own_and_stops_no_clock(office: Any) -> None:
    code = received(office)
    office.stand("12/06 10:00")
    before = office.everything()
    consult(office, code, agency="  Sở  Xây dựng ")
    after = office.everything()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"event": 1, "consultation": 1, "due_date": 1, "dossier_span": grown["dossier_span"]}
    dossier = office.dossier(code)
    assert (dossier.state, dossier.waiting, dossier.due_on) == (
        DossierState.RECEIVED,
        False,
        office.on("17/06"),
    )
    [row] = office.session.scalars(select(Consultation)).all()
    [due] = deadlines(office)
    assert (row.agency, row.question, row.answer, row.closed_event_id) == (
        AGENCY,
        "Quy hoạch khu đất",
        "",
        None,
    )
    assert (row.due_date_id, due.subject_id, due.no, due.due_at) == (
        due.id,
        row.id,
        1,
        office.at("17/06 17:00"),
    )
    [one] = asked(office, code)
    assert (one.agency, one.sent_at, one.due_on, one.open) == (
        AGENCY,
        office.now,
        office.on("17/06"),
        True,
    )
    assert (one.standing, one.remaining, one.past_dossier) == (
        Standing.WITHIN,
        "còn 03 ngày làm việc",
        False,
    )
    counted = [f"{day.date:%d/%m}" for day in one.days if day.counted]
    assert counted == ["13/06", "14/06", "17/06"]
    assert one.days[0].reason.startswith("Ngày bắt đầu tính thời hạn – không tính")
    entry = office.view(code).timeline[-1]
    assert (entry.kind, entry.details) == (
        EventKind.CONSULT,
        [("Cơ quan", AGENCY), ("Nội dung", "Quy hoạch khu đất"), ("Hạn trả lời", "17/06/2024")],
    )


@pytest.mark.parametrize(
    ("sent", "days", "due"),
    [
        ("12/06 10:00", 1, "13/06"),
        # Whatever the hour, and on a day off as well: the day of sending is not counted.
        ("14/06 17:40", 3, "19/06"),
        ("15/06 08:00", 3, "19/06"),
        # Five days off, and a Saturday worked in exchange.
        ("25/04 09:00", 2, "02/05"),
        ("25/04 09:00", 5, "06/05"),
    ],
)
def test_working_days_count_from_the_day_of_sending(
    sqlite_office: Any, sent: str, days: int, due: str
) -> None:
    office = sqlite_office
    code = received(office, "22/04" if "/04" in sent else "10/06")
    office.stand(sent)
    consult(office, code, working_days=days)
    assert [one.due_on for one in asked(office, code)] == [office.on(due)]


def test_a_date_can_be_chosen(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("12/06 10:00")
    consult(office, code, due_on=office.on("20/06"))
    [one] = asked(office, code)
    assert (one.due_on, one.days, one.past_dossier) == (office.on("20/06"), [], True)
    [due] = deadlines(office)
    assert (due.due_at, due.computed_due_at, due.explain_json) == (office.at("20/06 17:00"), None, None)


def test_an_estimated_day_makes_the_deadline_provisional(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office, "28/12/2026")
    consult(office, code, working_days=10)
    consult(office, code, due_on=office.on("15/01/2027"))
    consult(office, code, working_days=1)
    assert [one.provisional for one in asked(office, code)] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agency": " "}, "agency"),
        ({"question": "\n"}, "question"),
        ({"question": "x" * 4001}, "question"),
        ({"working_days": None, "due_on": None}, "working_days"),
        ({"working_days": 0}, "working_days"),
        ({"working_days": 91}, "working_days"),
        ({"working_days": 3, "due_on": "20/06"}, "due_on"),
        ({"due_on": "12/06"}, "due_on"),
        ({"due_on": "16/06"}, "due_on"),
        ({"due_on": "05/01/2030"}, None),
        ({"segment_no": 2}, "segment_no"),
        ({"segment_no": 1}, "segment_no"),
    ],
)
def test_what_a_question_needs(sqlite_office: Any, changes: dict[str, Any], field: str | None) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("12/06 10:00")
    if changes.get("due_on"):
        changes = {**changes, "due_on": office.on(changes["due_on"])}
    before = office.everything()
    with pytest.raises(DomainError) as refusal:
        consult(office, code, **changes)
    assert refusal.value.field == field
    assert office.everything() == before


@pytest.mark.parametrize("verb", [EventKind.CONSULT, EventKind.RECEIVE_OPINION], ids=str)
def test_who_may_and_when(sqlite_office: Any, verb: EventKind) -> None:
    office = sqlite_office
    code = received(office)
    consult(office, code)
    act: Callable[..., None] = consult if verb is EventKind.CONSULT else answered
    before = office.everything()
    for role in ("reporter", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            act(office, code, by=role)
    seen = office.call(code)
    office.act("start", code)
    stale = {
        EventKind.CONSULT: {"agency": AGENCY, "question": "?", "working_days": 1},
        EventKind.RECEIVE_OPINION: {"consultation_id": 1, "answer": "!"},
    }[verb]
    services = {
        EventKind.CONSULT: consultations.consult_agency,
        EventKind.RECEIVE_OPINION: consultations.receive_opinion,
    }
    with pytest.raises(StaleVersion):
        services[verb](office.session, call=seen, **stale)
    assert office.everything()["event"] == before["event"] + 1
    act(office, code, by="clerk")
    assert office.kinds(code)[-1] == verb
    assert {EventKind.CONSULT, EventKind.RECEIVE_OPINION} <= set(NEEDS)
    # While the applicant is asked nobody else is; what was asked before can still be answered.
    consult(office, code)
    office.act("request_supplement", code)
    with pytest.raises(DomainError, match="không thể ghi “Lấy ý kiến”"):
        consult(office, code)
    answered(office, code)


# --- answers ------------------------------------------------------------------------------------------


def test_several_questions_are_answered_one_by_one(office: Any) -> None:
    code = received(office)
    consult(office, code)
    consult(office, code, agency="Sở Tài chính", working_days=1)
    assert office.codes(bucket="awaiting_opinion") == [code]
    office.stand("13/06 15:00")
    answered(office, code, 0)
    office.stand("14/06")
    first, second = asked(office, code)
    assert (first.open, first.answer, first.ended_on, first.timeliness) == (
        False,
        "Văn bản số 12/SXD: thống nhất",
        office.on("13/06"),
        Timeliness.ON_TIME,
    )
    assert (second.open, second.standing, second.remaining) == (
        True,
        Standing.OVERDUE,
        "quá hạn 03 ngày làm việc",
    )
    assert office.codes(bucket="awaiting_opinion") == [code]
    answered(office, code, 1, answer="Không có ý kiến")
    assert [one.timeliness for one in asked(office, code)] == [Timeliness.ON_TIME, Timeliness.LATE]
    assert office.codes(bucket="awaiting_opinion") == []
    entry = office.view(code).timeline[-1]
    assert entry.details == [("Cơ quan", "Sở Tài chính"), ("Trả lời", "Không có ý kiến")]
    with pytest.raises(DomainError, match="Không có văn bản lấy ý kiến nào"):
        answered(office, code, 1)
    assert office.dossier(code).due_on == office.on("17/06")


def test_an_answer_belongs_to_a_question_of_this_dossier(sqlite_office: Any) -> None:
    office = sqlite_office
    code, other = received(office), received(office, firm="Doanh nghiệp 901")
    consult(office, code)
    consult(office, code)
    consult(office, other)
    answered(office, code, 0)
    before = office.everything()
    wrong = [asked(office, code)[0].id, asked(office, other)[0].id, None, 999]
    for consultation_id in wrong:
        with pytest.raises(DomainError) as refusal:
            answered(office, code, consultation_id=consultation_id)
        assert refusal.value.field == "consultation_id"
    with pytest.raises(DomainError) as refusal:
        answered(office, code, answer=" ")
    assert refusal.value.field == "answer"
    assert office.everything() == before


@pytest.mark.parametrize(
    ("verb", "label"), [("resolve", "Kết thúc xử lý"), ("withdraw", "Rút hồ sơ"), ("stop", "Dừng giải quyết")]
)
def test_what_is_open_ends_with_the_dossier(office: Any, verb: str, label: str) -> None:
    code = received(office)
    consult(office, code)
    consult(office, code, agency="Sở Tài chính")
    office.stand("12/06")
    answered(office, code, 0)
    office.act(verb, code)
    first, second = asked(office, code)
    assert (first.open, first.closed_by, first.answer != "") == (False, "", True)
    assert (second.open, second.closed_by, second.answer, second.ended_on) == (False, label, "", None)
    assert office.codes(bucket="awaiting_opinion") == []
    office.act("reopen", code)
    assert [one.open for one in asked(office, code)] == [False, False], "nobody is asked anew by that"
    with pytest.raises(DomainError, match="Không có văn bản lấy ý kiến nào"):
        answered(office, code)


def test_a_question_entered_late_is_dated_as_it_happened(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("14/06")
    consult(office, code, occurred="11/06 15:00", working_days=2)
    [one] = asked(office, code)
    assert (one.sent_at, one.due_on, one.remaining) == (
        office.at("11/06 15:00"),
        office.on("13/06"),
        "quá hạn 01 ngày làm việc",
    )


def test_a_correction_and_an_extension_leave_the_questions_alone(office: Any) -> None:
    code = received(office)
    consult(office, code)
    office.stand("11/06")
    corrections.correct_dossier(
        office.session,
        call=office.call(code),
        correction=Correction(office.procedure_id(41), None, Channel.COUNTER, office.at("10/06 09:00")),
        reason="Nhập nhầm thủ tục",
    )
    consult(office, code, agency="Sở Tài chính")
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("28/06"), reason="Chờ ý kiến"
    )
    extensions.approve_extension(office.session, call=office.call(code))
    assert [(one.open, f"{one.due_on:%d/%m}", one.past_dossier) for one in asked(office, code)] == [
        (True, "13/06", False),
        (True, "14/06", False),
    ]
    assert office.dossier(code).due_on == office.on("28/06")
    answered(office, code, 0)
    office.act("resolve", code)
    assert [one.closed_by for one in asked(office, code)] == ["", "Kết thúc xử lý"]


def test_the_events_hold_no_words(sqlite_office: Any) -> None:
    office = sqlite_office
    code = shared(office)
    consult(office, code, agency="", segment_no=2, question="Thông tin riêng")
    answered(office, code, answer="Trả lời riêng")
    payloads = office.session.scalars(select(EventRow.payload_json).order_by(EventRow.id)).all()[1:]
    assert payloads == [{"segment": 2}, {"consultation_id": 1}]
