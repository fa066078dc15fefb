"""Receiving dossiers: codes and numbers, the clock's start, what is refused and that nothing is kept then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tthc.db.models import (
    Account,
    Applicant,
    Dossier,
    DueDateRow,
    EventRow,
    Membership,
    Procedure,
    ProcedureCase,
    UnitCode,
)
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    CodeSource,
    DomainError,
    DossierState,
    DueCause,
    EventKind,
    Role,
    SubjectKind,
)
from tthc.services import applicants, intake, numbers
from tthc.services.applicants import ApplicantInput
from tthc.services.intake import PaperInput
from tthc.services.transaction import transaction

UNIT = "000.00.99.H54"


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


# --- what an intake makes -----------------------------------------------------------------------------


def test_a_dossier_comes_in_with_code_numbers_promise_and_history(office: Any) -> None:
    code = office.receive(37, subject="  Cấp   giấy phép ", note="Nhận tại quầy", sets=2)
    assert code == f"{UNIT}-240614-0001"
    dossier = office.dossier(code)
    assert (dossier.state, dossier.code_source, dossier.version) == (
        DossierState.RECEIVED,
        CodeSource.ISSUED,
        1,
    )
    assert (dossier.register_year, dossier.register_no, dossier.register_volume) == (2024, 1, "01")
    assert (dossier.subject, dossier.sets) == ("Cấp giấy phép", 2)
    assert (dossier.received_at, dossier.received_on) == (office.now, office.today)
    assert dossier.clock_start_on == office.on("14/06")
    assert dossier.due_on == dossier.first_due_on == dossier.appointment_on == office.on("21/06")
    assert dossier.due_at == office.at("21/06 17:00")
    assert len(dossier.lookup_token) >= 32
    event = office.session.scalars(select(EventRow)).one()
    assert (event.kind, event.seq, event.occurred_at, event.recorded_at) == (
        EventKind.RECEIVE,
        1,
        office.now,
        office.now,
    )
    assert event.actor_id == office.person("clerk").account_id
    promise = office.session.scalars(
        select(DueDateRow).where(DueDateRow.subject_kind == SubjectKind.DOSSIER)
    ).one()
    assert (promise.id, promise.cause, promise.due_on) == (
        dossier.due_date_id,
        DueCause.INTAKE,
        dossier.due_on,
    )


def test_no_personal_data_in_events(office: Any) -> None:
    office.receive(
        37,
        applicant=firm("Doanh nghiệp 901", id_number="0100900901", phone="0912000901", email="a@b.vn"),
        submitter_name="Người nộp 01",
    )
    kept = str([(row.payload_json, row.reason, row.note) for row in office.session.scalars(select(EventRow))])
    for secret in ("Doanh nghiệp 901", "0100900901", "0912000901", "a@b.vn", "Người nộp 01"):
        assert secret not in kept


def test_received_after_hours_on_friday(office: Any) -> None:
    """Domain 4.1: accepted Fri 14/06/2024 17:40: code 240614, tally of 14/6, clock starts 17/06."""
    office.stand("14/06/2024 17:40")
    dossier = office.dossier(office.receive(37))
    assert dossier.code == f"{UNIT}-240614-0001"
    assert dossier.received_on == office.on("14/06")
    assert dossier.clock_start_on == office.on("17/06")
    assert dossier.due_on == office.on("24/06")


@pytest.mark.parametrize(
    ("received", "day", "starts", "due"),
    [
        ("14/06 00:00", "240614", "14/06", "21/06"),
        ("13/06 23:59:59", "240613", "14/06", "21/06"),
        ("13/06 16:59:59", "240613", "13/06", "20/06"),
        ("08/06 10:00", "240608", "10/06", "17/06"),
        ("04/05 10:00", "240504", "04/05", "10/05"),  # a Saturday worked in exchange
    ],
)
def test_the_local_date_decides(sqlite_office: Any, received: str, day: str, starts: str, due: str) -> None:
    office = sqlite_office
    dossier = office.dossier(office.receive(37, received_at=office.at(received)))
    assert dossier.code == f"{UNIT}-{day}-0001"
    assert (dossier.clock_start_on, dossier.due_on) == (office.on(starts), office.on(due))


def test_papers_without_a_name_or_a_number_are_left_out(sqlite_office: Any) -> None:
    papers = [
        PaperInput(None, " Đơn  đề nghị ", originals=1),
        PaperInput(None, "", originals=1),
        PaperInput(None, "Bản vẽ"),
    ]
    dossier = sqlite_office.dossier(sqlite_office.receive(37, papers=papers))
    assert [(paper["name"], paper["originals"]) for paper in dossier.papers_json] == [("Đơn đề nghị", 1)]


def test_a_submitter_is_kept_only_when_it_is_somebody_else(sqlite_office: Any) -> None:
    office = sqlite_office
    alone = office.dossier(office.receive(37, submitter_name=" Doanh nghiệp  900 "))
    assert alone.submitter_id is None
    brought = office.dossier(office.receive(37, submitter_name="Người nộp 01"))
    person = office.session.get_one(Applicant, brought.submitter_id)
    assert (person.name, person.kind) == ("Người nộp 01", ApplicantKind.CITIZEN)


# --- refusals -----------------------------------------------------------------------------------------

REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {"applicant": firm("  ")}, "applicant_name"),
    ("a very long name", {"applicant": firm("x" * 301)}, "applicant_name"),
    ("a phone that is none", {"applicant": firm("Doanh nghiệp 900", phone="12ab")}, "phone"),
    ("an address of mail that is none", {"applicant": firm("Doanh nghiệp 900", email="a@")}, "email"),
    ("a number with signs", {"applicant": firm("Doanh nghiệp 900", id_number="*1")}, "id_number"),
    ("a long subject", {"subject": "x" * 1001}, "subject"),
    ("a long submitter", {"submitter_name": "x" * 301}, "submitter_name"),
    ("no set", {"sets": 0}, "sets"),
    ("a hundred sets", {"sets": 100}, "sets"),
    ("less than no paper", {"papers": [PaperInput(None, "Đơn", originals=-1)]}, "papers"),
    ("nobody's number", {"officer_id": 999}, "officer_id"),
    ("an auditor as officer", {"officer_id": 9}, "officer_id"),
    ("a procedure that is none", {"procedure_id": 999}, "procedure_id"),
    ("a case that is none", {"case_id": 999}, "case_id"),
]


def test_what_is_refused_names_its_field_and_leaves_nothing(office: Any) -> None:
    before = office.everything()
    for what, changes, field in REFUSALS:
        with pytest.raises(DomainError) as refusal:
            office.receive(37, **changes)
        assert refusal.value.field == field, what
        assert office.everything() == before, what
    assert office.receive(37).endswith("-0001"), "a refused intake has used no number"


def test_the_future_is_refused(office: Any) -> None:
    before = office.everything()
    with pytest.raises(DomainError, match="không được sau hiện tại") as refusal:
        office.receive(37, received_at=office.now + timedelta(seconds=1))
    assert refusal.value.field == "received_at"
    assert office.everything() == before
    office.receive(37, received_at=office.now)


def test_a_limit_that_is_not_confirmed_must_be_confirmed(office: Any) -> None:
    before = office.everything()
    with pytest.raises(DomainError, match="Thời hạn chưa xác minh") as refusal:
        office.receive(15)
    assert refusal.value.field == "confirm_unverified"
    assert office.everything() == before
    assert office.dossier(office.receive(15, confirm_unverified=True)).due_on == office.on("19/06")
    assert "Thời hạn của thủ tục chưa xác minh" in office.view(f"{UNIT}-240614-0001").warnings[0]


def test_a_year_without_calendar_is_refused(sqlite_office: Any) -> None:
    before = sqlite_office.everything()
    with pytest.raises(DomainError, match="2015"):
        sqlite_office.receive(37, received_at=sqlite_office.at("10/06/2015"))
    assert sqlite_office.everything() == before


def test_a_case_of_another_procedure_or_channel_is_refused(sqlite_office: Any) -> None:
    office = sqlite_office
    other = office.session.scalars(
        select(ProcedureCase.id).where(ProcedureCase.version_id != office.procedure_id(37))
    ).first()
    with pytest.raises(DomainError) as refusal:
        office.receive(37, case_id=other)
    assert refusal.value.field == "case_id"


def test_an_abolished_procedure_is_refused_from_its_day_on(sqlite_office: Any) -> None:
    office = sqlite_office
    office.session.get_one(Procedure, office.procedure_id(37)).withdrawn_on = office.on("14/06")
    office.session.commit()
    with pytest.raises(DomainError, match="bãi bỏ từ ngày 14/06/2024") as refusal:
        office.receive(37)
    assert refusal.value.field == "procedure_id"
    assert office.receive(37, received_at=office.at("13/06 09:00"))


@pytest.mark.parametrize("role", ["officer", "reporter", "admin", "auditor"])
def test_only_the_desk_receives(sqlite_office: Any, role: str) -> None:
    with pytest.raises(NotAllowed):
        sqlite_office.receive(37, by=role)
    with pytest.raises(NotAllowed):
        intake.preview_due(
            sqlite_office.session,
            now=sqlite_office.now,
            actor=sqlite_office.person(role),
            procedure_id=1,
            case_id=None,
            channel=Channel.COUNTER,
        )


def test_an_officer_who_came_after_the_receipt_can_have_the_dossier(sqlite_office: Any) -> None:
    office = sqlite_office
    account = Account(name="officer9", full_name="Cán bộ 09", password_hash="x")
    office.session.add(account)
    office.session.flush()
    office.session.add(
        Membership(account_id=account.id, unit_id=1, role=Role.OFFICER, valid_from=office.on("14/06"))
    )
    office.session.commit()
    code = office.receive(37, received_at=office.at("12/06 09:00"), officer_id=account.id)
    assert office.listed(q=code)[0].officer == "Cán bộ 09"


# --- the preview --------------------------------------------------------------------------------------


def preview(office: Any, local_no: int, received: str) -> Any:
    return intake.preview_due(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        procedure_id=office.procedure_id(local_no),
        case_id=None,
        channel=Channel.COUNTER,
        received_at=office.at(received),
    )


def test_the_preview_is_what_the_intake_gives(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("17/06/2024 08:00")
    shown = preview(office, 37, "14/06 17:40")
    code = office.receive(37, received_at=office.at("14/06 17:40"))
    dossier = office.dossier(code)
    assert (shown.due.due_on, shown.due.due_at) == (dossier.due_on, dossier.due_at)
    assert shown.one_line == (
        "05 ngày làm việc, tính từ ngày 17/06/2024 (tiếp nhận ngoài giờ làm việc); hạn lúc 17:00."
    )
    assert (shown.warnings, shown.must_confirm) == ([], False)


def test_the_preview_warns(sqlite_office: Any) -> None:
    office = sqlite_office
    assert preview(office, 15, "14/06 09:00").must_confirm
    replaced = preview(office, 30, "14/06 09:00")
    assert any("được thay thế bởi 1.013233" in one for one in replaced.warnings)
    office.stand("22/12/2026 09:00")
    assert any("tạm tính" in one for one in preview(office, 2, "22/12/2026 09:00").warnings)


# --- numbers ------------------------------------------------------------------------------------------


def test_each_day_has_its_own_series_and_the_year_one_register(office: Any) -> None:
    office.stand("31/12/2024 23:59:59")
    codes = [office.receive(37), office.receive(37)]
    office.stand("01/01/2025 00:00")
    codes += [office.receive(37), office.receive(37, received_at=office.at("31/12/2024 23:00"))]
    assert [code.removeprefix(f"{UNIT}-") for code in codes] == [
        "241231-0001",
        "241231-0002",
        "250101-0001",
        "241231-0003",
    ]
    register = [(one.register_year, one.register_no) for one in map(office.dossier, codes)]
    assert register == [(2024, 1), (2024, 2), (2025, 1), (2024, 3)]


def receive_given(office: Any, code: str) -> None:
    with transaction(office.session) as session:
        terms = intake.terms_of(session, 1, office.procedure_id(37), None, Channel.ONLINE, office.now)
        intake.add_dossier(
            session,
            now=office.now,
            actor=office.person("clerk"),
            terms=terms,
            channel=Channel.ONLINE,
            applicant_id=applicants.find_or_add(session, firm("Doanh nghiệp 902")).id,
            submitter_id=None,
            subject="",
            note="",
            papers=[],
            sets=1,
            submitted_at=office.now,
            received_at=office.now,
            given_code=code,
        )


def test_codes_that_are_taken_are_skipped(office: Any) -> None:
    receive_given(office, f"{UNIT}-240614-0003")
    assert office.dossier(f"{UNIT}-240614-0003").code_source is CodeSource.GIVEN
    assert office.receive(37) == f"{UNIT}-240614-0004", "the series goes on after a given code"
    receive_given(office, f"{UNIT}-240614-0002")
    assert office.receive(37) == f"{UNIT}-240614-0005", "a lower one does not set it back"
    with transaction(office.session) as session:
        # As if a code had come in by a way that told the counter nothing.
        session.scalars(
            select(Dossier).where(Dossier.code.endswith("0002"))
        ).one().code = f"{UNIT}-240614-0006"
    assert office.receive(37) == f"{UNIT}-240614-0007"


def test_the_series_begins_after_the_unit_s_own_start(office: Any) -> None:
    office.session.scalars(select(UnitCode)).one().sequence_start = 5000
    office.session.commit()
    receive_given(office, f"{UNIT}-240614-0017")
    assert office.receive(37) == f"{UNIT}-240614-5001", "the province's own numbers stay below"
    assert office.receive(37) == f"{UNIT}-240614-5002"


def test_past_the_last_code_of_a_day_is_refused(office: Any) -> None:
    receive_given(office, f"{UNIT}-240614-9998")
    assert office.receive(37) == f"{UNIT}-240614-9999"
    before = office.everything()
    for _ in range(2):
        with pytest.raises(DomainError, match="hết 9999"):
            office.receive(37)
    assert office.everything() == before
    office.stand("15/06/2024 09:00")
    assert office.receive(37) == f"{UNIT}-240615-0001"


def test_codes_of_other_systems_leave_the_series_alone(sqlite_office: Any) -> None:
    for given in ("000.00.01.H54-240614-0005", "H54.12-240614-000123", f"{UNIT}-240613-0100", "MÃ RIÊNG 7"):
        receive_given(sqlite_office, given)
    assert sqlite_office.receive(37) == f"{UNIT}-240614-0001"


def test_many_clerks_at_once_leave_no_gap(office: Any, sessions: sessionmaker[Session]) -> None:
    request, now, clerk = office.request(37), office.now, office.person("clerk")
    office.session.rollback()

    def one(number: int) -> str:
        with sessions() as session:
            typed = replace(request, applicant=firm(f"Doanh nghiệp {900 + number}"))
            return intake.receive_dossier(session, now=now, actor=clerk, request=typed)

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(one, range(24)))
    assert sorted(codes) == [f"{UNIT}-240614-{number:04d}" for number in range(1, 25)]
    registered = office.session.scalars(select(Dossier.register_no).order_by(Dossier.register_no)).all()
    assert registered == list(range(1, 25))


# --- applicants ---------------------------------------------------------------------------------------


def owner_of(office: Any, code: str) -> Applicant:
    owner: Applicant = office.session.get_one(Applicant, office.dossier(code).applicant_id)
    return owner


def test_an_applicant_is_found_again_and_brought_up_to_date(office: Any) -> None:
    first = firm("Doanh nghiệp 903", id_number="0100900903", phone="0912000903", address="Lô 1")
    again = firm(" Doanh  nghiệp 903", id_number="0100 900 903", phone="0912.000.904")
    one, two = office.receive(37, applicant=first), office.receive(37, applicant=again)
    owner = owner_of(office, two)
    assert owner.id == owner_of(office, one).id
    assert (owner.phone, owner.address, owner.version) == ("0912000904", "Lô 1", 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (firm("Doanh nghiệp Hoa"), firm("Doanh nghiệp Hòa")),
        (firm("Doanh nghiệp Hoa", id_number="0100900905"), firm("Doanh nghiệp Hòa", id_number="0100900905")),
        (firm("Doanh nghiệp 906", phone="0912000906"), firm("Doanh nghiệp 906", phone="0912000907")),
        (firm("Doanh nghiệp 908", id_number="0100900908"), firm("Doanh nghiệp 908", id_number="0100900909")),
        (firm("Doanh nghiệp 908", id_number="0100900908"), firm("Doanh nghiệp 908")),
    ],
    ids=["diacritics", "diacritics, same number", "phone", "number", "number left out"],
)
def test_applicants_that_differ_stay_apart(
    sqlite_office: Any, first: ApplicantInput, second: ApplicantInput
) -> None:
    office = sqlite_office
    one, two = office.receive(37, applicant=first), office.receive(37, applicant=second)
    assert owner_of(office, one).id != owner_of(office, two).id
    assert owner_of(office, two).name == second.name, "the receipt names the applicant as typed"


def test_applicants_are_suggested_to_the_desk_only(office: Any) -> None:
    office.receive(37, applicant=firm("Đơn vị 910", id_number="0100900910", phone="0912000910"))
    office.receive(37, applicant=firm("Đơn vị 911%", id_number="0100900911"))

    def found(q: str, by: str = "clerk") -> list[str]:
        known = applicants.find_applicants(office.session, actor=office.person(by), q=q)
        return [one.data.name for one in known]

    assert found("don vi") == found("ĐƠN VỊ") == ["Đơn vị 910", "Đơn vị 911%"]
    assert found("01009009") == ["Đơn vị 910", "Đơn vị 911%"]
    assert found("0912.000.910") == ["Đơn vị 910"]
    assert found("%") == found("đ") == found("đơn v_") == []
    assert found("910 don") == ["Đơn vị 910"], "words of the name in any order"
    assert found("0910") == found("000910") == ["Đơn vị 910"], "the last digits of the telephone"
    assert found("910") == ["Đơn vị 910"], "a number in the name"
    office.receive(37, applicant=firm("Công ty TNHH Thương mại Minh Phát", phone="+84 913 000 555"))
    minh_phat = ["Công ty TNHH Thương mại Minh Phát"]
    for typed in ("minh phát", "phat minh", "thuong mai", "0913000555", "+8491300", "0555", "000.555"):
        assert found(typed) == minh_phat, typed
    assert found("555") == found("3555") == []
    with pytest.raises(NotAllowed):
        found("don vi", by="auditor")


def test_filing_numbers_are_no_codes(sqlite_office: Any) -> None:
    with transaction(sqlite_office.session) as session:
        day = sqlite_office.today
        taken = [numbers.next_filing_number(session, unit_id=1, submitted_on=day) for _ in range(2)]
    assert taken == ["TN-240614-0001", "TN-240614-0002"]
    assert sqlite_office.receive(37).endswith("-0001")
