"""Supplements, payments and pauses: when the clock stands, and what that does to the date."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.services.dossier_desk import S, promises, received
from tthc.db.models import DueDateRow, PauseRow, ProcedureVersion, Supplement
from tthc.domain.vocabulary import (
    DomainError,
    DueCause,
    SubjectKind,
    SupplementMode,
)
from tthc.services import intake
from tthc.services.transaction import transaction


def test_a_supplement_restarts_the_clock_by_default(office: Any) -> None:
    code = received(office)
    office.stand("12/06 10:00")
    waiting = office.act("request_supplement", code)
    assert (waiting.state, waiting.waiting, waiting.due_on) == (
        S.AWAITING_SUPPLEMENT,
        True,
        office.on("17/06"),
    )
    office.stand("18/06 14:00")
    back = office.act("receive_supplement", code)
    assert (back.state, back.waiting) == (S.PROCESSING, False)
    assert back.due_on == back.first_due_on == office.on("25/06")
    assert promises(office, code) == [(DueCause.INTAKE, "17/06"), (DueCause.SUPPLEMENT, "25/06")]
    supplement = office.session.scalars(select(Supplement)).one()
    assert supplement.mode is SupplementMode.RESTART
    # Until when it was waited for: 30 working days.
    deadline = office.session.get_one(DueDateRow, supplement.due_date_id)
    assert (deadline.subject_kind, deadline.due_on) == (SubjectKind.SUPPLEMENT, office.on("24/07"))
    assert supplement.closed_event_id is not None


def test_a_supplement_can_only_pause_the_clock(office: Any) -> None:
    """Mon 10:00 – Wed 15:00 stands on two closings (domain 4.5); Monday was not counted anyway."""
    code = received(office)
    office.stand("10/06 10:00")
    office.act("request_supplement", code, mode=SupplementMode.PAUSE)
    office.stand("12/06 15:00")
    assert office.act("receive_supplement", code).due_on == office.on("18/06")
    days = office.view(code).explanation
    assert sum(day.counted for day in days) == 5
    assert [f"{day.date:%d/%m}" for day in days if "Tạm dừng" in day.reason] == ["11/06"]


def test_the_procedure_says_what_a_supplement_does(sqlite_office: Any) -> None:
    office = sqlite_office
    office.session.execute(update(ProcedureVersion).values(supplement_mode=SupplementMode.PAUSE))
    office.session.commit()
    code = received(office)
    office.stand("14/06 18:00")
    office.act("request_supplement", code)
    office.stand("17/06 07:00")
    assert office.act("receive_supplement", code).due_on == office.on("17/06"), "no working day was skipped"
    assert office.session.scalars(select(Supplement.mode)).one() is SupplementMode.PAUSE


@pytest.mark.parametrize("mode", list(SupplementMode), ids=str)
def test_a_request_after_the_due_date_cures_nothing(sqlite_office: Any, mode: SupplementMode) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("18/06 00:00")
    late = office.act("request_supplement", code, mode=mode)
    assert (late.state, late.waiting) == (S.AWAITING_SUPPLEMENT, False)
    assert office.codes(bucket="overdue") == [code]
    office.stand("20/06")
    assert office.act("receive_supplement", code).due_on == office.on("17/06")
    assert len(promises(office, code)) == 1


def test_on_the_last_day_a_request_is_in_time(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("17/06 23:59:59")
    assert office.act("request_supplement", code).waiting
    office.stand("01/07")
    assert office.codes(bucket="overdue") == []


def test_a_second_supplement_must_be_wanted_and_is_warned_of(office: Any) -> None:
    code = received(office)
    office.stand("11/06")
    office.act("request_supplement", code)
    office.act("receive_supplement", code)
    office.stand("12/06")
    before = office.everything()
    with pytest.raises(DomainError, match="Đã yêu cầu bổ sung ngày 11/06/2024") as refusal:
        office.act("request_supplement", code)
    assert refusal.value.field == "again"
    assert "khoản 3 Điều 15 Nghị định 61/2018/NĐ-CP" in refusal.value.message
    assert office.everything() == before
    office.act("request_supplement", code, again=True)
    assert any("Đã yêu cầu bổ sung 2 lần" in one for one in office.view(code).warnings)
    # Reopened or not, it stays the one request that the law knows.
    office.act("withdraw", code)
    office.act("reopen", code)
    with pytest.raises(DomainError, match="Đã yêu cầu bổ sung ngày 12/06/2024"):
        office.act("request_supplement", code)


@pytest.mark.parametrize(
    ("receipt", "request_on", "warned", "article"),
    [
        ("10/06/2024", "13/06/2024", False, ""),
        ("10/06/2024", "14/06/2024", True, "khoản 4 Điều 19 Nghị định 61/2018/NĐ-CP"),
        # A weekend lies between: the third working day is Wednesday 19/06.
        ("14/06/2024", "19/06/2024", False, ""),
        ("14/06/2024", "20/06/2024", True, "khoản 4 Điều 19 Nghị định 61/2018/NĐ-CP"),
        ("30/06/2025", "04/07/2025", True, "khoản 4 Điều 19 Nghị định 61/2018/NĐ-CP"),
        ("01/07/2025", "04/07/2025", False, ""),
        ("01/07/2025", "07/07/2025", True, "Nghị định 118/2025/NĐ-CP (điều khoản chưa xác minh)"),
    ],
)
def test_a_request_after_three_working_days_is_warned_of(
    sqlite_office: Any, receipt: str, request_on: str, warned: bool, article: str
) -> None:
    office = sqlite_office
    office.stand(receipt)
    code = office.receive(37)
    office.stand(request_on)
    assert office.act("request_supplement", code).waiting, "a warning refuses nothing"
    found = [one for one in office.view(code).warnings if "quá 03 ngày làm việc kể từ ngày tiếp nhận" in one]
    assert [article in one and request_on in one for one in found] == ([True] if warned else [])


def test_a_pause_keeps_its_legal_basis_and_its_days(office: Any) -> None:
    """Domain 4.5: received Thu 28/05/2026, 5 working days, Mon 01/06 10:00 – Wed 03/06 15:00 → Mon 08/06."""
    code = received(office, "28/05/2026")
    office.stand("01/06/2026 10:00")
    office.act("pause", code, legal_basis="Điều 1 văn bản thử nghiệm")
    assert office.session.scalars(select(PauseRow.legal_basis)).one() == "Điều 1 văn bản thử nghiệm"
    office.stand("03/06/2026 15:00")
    back = office.act("resume", code)
    assert (back.state, back.due_on) == (S.PROCESSING, office.on("08/06/2026"))
    pause = office.session.scalars(select(PauseRow)).one()
    assert (pause.due_date_id, pause.closed_event_id is not None) == (back.due_date_id, True)
    assert promises(office, code)[-1] == (DueCause.PAUSE, "08/06")


def test_a_payment_leaves_the_clock_unless_the_procedure_says_otherwise(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    assert not office.act("request_payment", code).waiting
    office.session.execute(update(ProcedureVersion).values(financial_stops_clock=True))
    office.session.commit()
    other = office.receive(37)
    assert office.act("request_payment", other).waiting
    office.stand("12/06 15:00")
    assert office.act("receive_payment", code).due_on == office.on("17/06")
    assert office.act("receive_payment", other).due_on == office.on("18/06")
    assert promises(office, other)[-1] == (DueCause.PAUSE, "18/06")


def imported(office: Any, appointment: str) -> str:
    """Received on 10/06 with an appointment of its own."""
    office.stand("10/06")
    with transaction(office.session) as session:
        terms = intake.terms_of(session, 1, office.procedure_id(37), None, intake.Channel.ONLINE, office.now)
        dossier = intake.add_dossier(
            session,
            now=office.now,
            actor=office.person("clerk"),
            terms=terms,
            channel=intake.Channel.ONLINE,
            applicant_id=intake.applicants.find_or_add(session, office.request().applicant).id,
            submitter_id=None,
            subject="",
            note="",
            papers=[],
            sets=1,
            submitted_at=office.now,
            received_at=office.now,
            given_code="000.00.01.H54-240610-0007",
            appointment=office.at(appointment),
            imported=True,
        )
        return dossier.code


@pytest.mark.parametrize("mode", list(SupplementMode), ids=str)
def test_a_stop_never_moves_an_imported_appointment_earlier(sqlite_office: Any, mode: SupplementMode) -> None:
    office = sqlite_office
    code = imported(office, "28/06 17:00")
    assert office.dossier(code).due_on == office.on("28/06")
    assert "được ghi theo tệp nhập" in office.view(code).explanation_note
    office.stand("11/06")
    office.act("request_supplement", code, mode=mode)
    office.stand("12/06")
    assert office.act("receive_supplement", code).due_on == office.on("28/06")
    assert "được giữ nguyên" in office.view(code).explanation_note
    office.act("pause", code)
    office.stand("12/07")
    assert office.act("resume", code).due_on > office.on("28/06")
