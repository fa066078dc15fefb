"""Filings: kept, accepted, refused; never a dossier twice and in no number while they wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.services.settings_desk import change_setting
from tthc.db.models import Document, Procedure
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import ANSWER_HOURS
from tthc.domain.vocabulary import ApplicantKind, Channel, CodeSource, DomainError, DossierState, FilingState
from tthc.services import filing_papers, filing_supplements, filings, intake
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import NotFound


def save(office: Any, local_no: int = 37, *, by: str = "clerk", **more: Any) -> int:
    return filings.save_filing(
        office.session,
        now=office.now,
        actor=office.person(by),
        request=office.request(local_no, **{"channel": Channel.ONLINE, **more}),
    )


def accept(office: Any, filing_id: int, *, by: str = "clerk", **more: Any) -> str:
    return filings.accept_filing(
        office.session, now=office.now, actor=office.person(by), filing_id=filing_id, **more
    )


def refuse(office: Any, filing_id: int, reason: str = "Không thuộc thẩm quyền", *, by: str = "clerk") -> None:
    filings.refuse_filing(
        office.session, now=office.now, actor=office.person(by), filing_id=filing_id, reason=reason
    )


def look(office: Any, filing_id: int, by: str = "clerk") -> Any:
    return filings.get_filing(office.session, actor=office.person(by), now=office.now, filing_id=filing_id)


def test_a_filing_waits_and_becomes_a_dossier_when_it_is_accepted(office: Any) -> None:
    office.stand("08/06/2024 21:00")  # a Saturday evening
    filing_id = save(office, subject="Cấp giấy phép", officer_id=3)
    waiting = look(office, filing_id)
    assert (waiting.row.number, waiting.row.state) == ("TN-240608-0001", FilingState.WAITING)
    assert (waiting.dossier_code, waiting.preview.due.due_on) == (None, office.on("17/06"))
    assert office.everything()["dossier"] == office.everything()["event"] == 0
    office.stand("11/06/2024 08:00")
    code = accept(office, filing_id)
    dossier = office.dossier(code)
    assert code == "000.00.99.H54-240611-0001", "the code is of the day of acceptance"
    assert (dossier.submitted_at, dossier.received_at) == (office.at("08/06 21:00"), office.now)
    assert (dossier.due_on, dossier.state, dossier.subject) == (
        office.on("18/06"),
        DossierState.RECEIVED,
        "Cấp giấy phép",
    )
    done = look(office, filing_id)
    assert (done.row.state, done.dossier_code, done.preview) == (FilingState.ACCEPTED, code, None)


def test_a_filing_that_came_with_a_code_keeps_it(office: Any) -> None:
    came = {"given_code": "000.00.01.h54-240613-0042", "submitted_at": office.at("13/06 15:00")}
    filing_id = save(office, **came)
    row = look(office, filing_id).row
    assert (row.submitted_at, row.answer_due_at) == (office.at("13/06 15:00"), office.at("14/06 15:30"))
    for again in (lambda: save(office, **came), lambda: office.receive(37, channel=Channel.ONLINE, **came)):
        with pytest.raises(DomainError, match="đã được ghi cho một hồ sơ khác") as refusal:
            again()
        assert refusal.value.field == "given_code"
    assert accept(office, filing_id) == "000.00.01.H54-240613-0042"
    assert office.dossier("000.00.01.H54-240613-0042").code_source is CodeSource.GIVEN
    assert office.receive(37) == "000.00.99.H54-240614-0001"


def test_a_refused_filing_keeps_number_and_reason_and_is_in_no_number(office: Any) -> None:
    filing_id = save(office)
    for reason in ("", " \n "):
        with pytest.raises(DomainError) as refusal:
            refuse(office, filing_id, reason)
        assert refusal.value.field == "reason"
    refuse(office, filing_id)
    row = look(office, filing_id).row
    assert (row.state, row.reason, row.refused_at) == (
        FilingState.REFUSED,
        "Không thuộc thẩm quyền",
        office.now,
    )
    at_once = filings.refuse_intake(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        request=office.request(37),
        reason="Thiếu giấy tờ bắt buộc",
    )
    assert look(office, at_once).row.number == "TN-240614-0002"
    assert office.everything()["dossier"] == 0
    for verb in (lambda: accept(office, filing_id), lambda: refuse(office, at_once)):
        with pytest.raises(DomainError, match="đã được xử lý: không được tiếp nhận"):
            verb()


def test_refusing_at_the_counter_without_a_reason_files_nothing(sqlite_office: Any) -> None:
    before = sqlite_office.everything()
    with pytest.raises(DomainError) as refusal:
        filings.refuse_intake(
            sqlite_office.session,
            now=sqlite_office.now,
            actor=sqlite_office.person("clerk"),
            request=sqlite_office.request(37),
            reason="",
        )
    assert refusal.value.field == "reason"
    assert sqlite_office.everything() == before


def test_the_future_is_refused(sqlite_office: Any) -> None:
    before = sqlite_office.everything()
    with pytest.raises(DomainError, match="không được sau hiện tại") as refusal:
        save(sqlite_office, received_at=sqlite_office.now + timedelta(seconds=1))
    assert refusal.value.field == "received_at"
    assert sqlite_office.everything() == before


def test_an_unconfirmed_limit_is_confirmed_when_it_is_accepted(sqlite_office: Any) -> None:
    filing_id = save(sqlite_office, 15)
    before = sqlite_office.everything()
    with pytest.raises(DomainError) as refusal:
        accept(sqlite_office, filing_id)
    assert refusal.value.field == "confirm_unverified"
    assert sqlite_office.everything() == before
    assert look(sqlite_office, filing_id).row.state is FilingState.WAITING
    assert accept(sqlite_office, filing_id, confirm_unverified=True)


def test_a_case_can_be_chosen_when_it_is_accepted(sqlite_office: Any) -> None:
    office = sqlite_office
    filing_id = save(office, 19)
    cases = {case.limit_label: case.id for case in look(office, filing_id).cases}
    assert set(cases) == {"05 ngày làm việc", "03 ngày làm việc"}
    code = accept(office, filing_id, case_id=cases["03 ngày làm việc"])
    assert office.dossier(code).due_on == office.on("19/06")


def test_a_filing_that_cannot_be_accepted_can_still_be_looked_at_and_refused(sqlite_office: Any) -> None:
    office = sqlite_office
    filing_id = save(office)
    office.session.execute(update(Procedure).values(withdrawn_on=office.today))
    office.session.commit()
    with pytest.raises(DomainError, match="bãi bỏ"):
        accept(office, filing_id)
    assert look(office, filing_id).preview is None
    refuse(office, filing_id)


def test_lists_by_state_the_longest_waiting_first(office: Any) -> None:
    first = save(office, received_at=office.at("13/06 10:00"))
    second = save(office, received_at=office.at("10/06 10:00"))
    third = save(office)
    refuse(office, third)

    def ids(state: FilingState | None, by: str = "clerk") -> list[int]:
        page = filings.list_filings(office.session, actor=office.person(by), now=office.now, state=state)
        assert page.total == len(page.rows)
        return [row.id for row in page.rows]

    assert ids(FilingState.WAITING) == ids(FilingState.WAITING, by="auditor") == [second, first]
    assert ids(FilingState.REFUSED) == [third]
    assert ids(FilingState.ACCEPTED) == []
    assert ids(None) == [second, first, third]


@pytest.mark.parametrize("role", ["officer", "reporter", "admin", "auditor"])
def test_only_the_desk_handles_filings(sqlite_office: Any, role: str) -> None:
    office = sqlite_office
    filing_id = save(office)
    before = office.everything()
    for verb in (
        lambda: save(office, by=role),
        lambda: accept(office, filing_id, by=role),
        lambda: refuse(office, filing_id, by=role),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert office.everything() == before
    assert look(office, filing_id, by=role).preview is None, "others look without the desk's preview"


def test_an_unknown_filing(sqlite_office: Any) -> None:
    for verb in (look, accept, refuse):
        with pytest.raises(NotFound):
            verb(sqlite_office, 999)


def test_of_two_who_accept_at_once_one_wins(office: Any, sessions: sessionmaker[Session]) -> None:
    filing_id, now, clerk = save(office), office.now, office.person("clerk")
    office.session.rollback()
    barrier = Barrier(2)

    def one(_number: int) -> str:
        with sessions() as session:
            barrier.wait()
            try:
                return filings.accept_filing(session, now=now, actor=clerk, filing_id=filing_id)
            except DomainError as error:
                return error.message

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(one, range(2)))
    assert said == [
        "000.00.99.H54-240614-0001",
        "Hồ sơ TN-240614-0001 đã được xử lý: đã tiếp nhận.",
    ]
    assert office.codes() == ["000.00.99.H54-240614-0001"]


def test_of_two_who_enter_one_code_at_once_one_wins(office: Any, sessions: sessionmaker[Session]) -> None:
    now, clerk = office.now, office.person("clerk")
    # Portals of ministries give sequences that no counter here ever reaches.
    codes = ("000.00.01.H54-240613-0042", "000.00.01.H54-240613-123456")
    requests = [office.request(37, channel=Channel.ONLINE, given_code=code) for code in codes]
    office.session.rollback()
    barrier = Barrier(2)

    def one(verb: Any, request: intake.IntakeRequest) -> str:
        with sessions() as session:
            barrier.wait()
            try:
                verb(session, now=now, actor=clerk, request=request)
            except DomainError as error:
                return error.message
        return "-"

    for code, request in zip(codes, requests, strict=True):
        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(one, (filings.save_filing, intake.receive_dossier), [request] * 2))
        assert said[0] == "-"
        assert said[1].startswith(f"Mã {code} đã được ghi cho một hồ sơ khác; tìm mã này")


def test_a_filing_is_answered_within_eight_working_hours(office: Any, counting: Any) -> None:
    office.stand("14/06/2024 16:00")  # a Friday
    filing_id = save(office)

    def row() -> Any:
        page = filings.list_filings(
            office.session, actor=office.person("clerk"), now=office.now, state=FilingState.WAITING
        )
        assert page.rows[0] == look(office, filing_id).row
        return page.rows[0]

    assert (row().answer_due_at, row().left, row().overdue) == (
        office.at("17/06 16:30"),
        "còn 08 giờ làm việc",
        False,
    )
    office.stand("17/06/2024 16:30")
    assert (row().left, row().overdue) == ("còn 00 phút làm việc", False)
    office.stand("18/06/2024 09:00")
    assert (row().left, row().overdue) == ("quá hạn 02 giờ làm việc", True)

    # Asked for more, the office owes no answer; once it has come, one anew by the setting of that day.
    def ask(missing: str = "Bản vẽ\nGiấy ủy quyền", reason: str = "Thiếu", by: str = "clerk") -> None:
        filing_supplements.request_supplement(
            office.session,
            now=office.now,
            actor=office.person(by),
            filing_id=filing_id,
            missing=missing,
            reason=reason,
        )

    def come() -> None:
        filing_supplements.receive_supplement(
            office.session, now=office.now, actor=office.person("clerk"), filing_id=filing_id
        )

    for missing, reason, field in ((" ", "Thiếu", "missing"), ("Bản vẽ", " ", "why")):
        with pytest.raises(DomainError) as caught:
            ask(missing, reason)
        assert caught.value.field == field
    with pytest.raises(NotAllowed):
        ask(by="officer")
    with pytest.raises(DomainError, match="không chờ bổ sung"):
        come()
    ask()
    with pytest.raises(DomainError, match="đang chờ bổ sung"):
        ask()
    assert (row().answer_due_at, row().overdue, row().asked_at) == (None, False, office.now)
    change_setting(office, ANSWER_HOURS, 4, "19/06")
    office.stand("19/06/2024 08:00")
    come()
    assert (row().answer_due_at, row().asked_at) == (office.at("19/06 14:00"), None)
    with counting(office.session) as statements:
        row()
    few = len(statements)
    for number in range(3):
        save(office, applicant=ApplicantInput(ApplicantKind.CITIZEN, f"Công dân {number}"))
    with counting(office.session) as statements:
        row()
    assert len(statements) == few
    accept(office, filing_id)
    assert look(office, filing_id).row.answer_due_at is None
    with pytest.raises(DomainError, match="đã được xử lý"):
        ask()


def test_papers_of_a_filing_are_kept_in_the_words_of_their_day(office: Any) -> None:
    office.stand("14/09/2025 09:00")
    filing_id = save(office)
    filing_supplements.request_supplement(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        filing_id=filing_id,
        missing="Bản vẽ",
        reason="Thiếu",
    )

    def printed(print_it: Any, by: str = "clerk") -> bytes:
        pdf: bytes = print_it(office.session, now=office.now, actor=office.person(by), filing_id=filing_id)
        assert pdf.startswith(b"%PDF-")
        return pdf

    with pytest.raises(NotAllowed):
        printed(filing_papers.print_supplement, by="auditor")
    first = printed(filing_papers.print_supplement)
    with pytest.raises(NotFound):
        printed(filing_papers.print_refusal)
    office.stand("15/09/2025 09:00")
    refuse(office, filing_id, "Không thuộc thẩm quyền\nđiểm b")
    assert printed(filing_papers.print_supplement, by="auditor") == first, "a copy is no new paper"
    printed(filing_papers.print_refusal)
    printed(filing_papers.print_refusal)
    kept = office.session.scalars(select(Document).order_by(Document.id)).all()
    assert [(one.form, one.form_set, one.no, one.filing_id, one.dossier_id) for one in kept] == [
        ("02", "2018", 1, filing_id, None),
        ("03", "2025", 1, filing_id, None),
    ]
    assert kept[1].data_json["content"]["reason"] == "Không thuộc thẩm quyền\nđiểm b"
