"""Petitions entered, answered, handed on, published and corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import Office
from tests.services.petition_desk import (
    ANSWERED,
    AWAY,
    BASIS,
    CONDUCT,
    FIRM,
    PENDING,
    REGULATION,
    answer,
    call,
    correct,
    listed,
    publish,
    record,
    refusal,
    stored,
    transfer,
    view,
)
from tthc.db.models import Applicant, AuditEntry, DueDateRow
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError, DueCause, Standing, SubjectKind, Timeliness
from tthc.services import audit, petition_changes
from tthc.services.petition_changes import PetitionCall
from tthc.services.petition_contents import PetitionContent
from tthc.services.transaction import NotFound, StaleVersion

# --- entered ------------------------------------------------------------------------------------------


def test_a_petition_is_numbered_within_its_year(office: Office) -> None:
    ids = [record(office), record(office, applicant=None)]
    late = record(office, received_at=office.at("29/12/2023 16:00"), due_on=date(2024, 1, 12))
    assert [stored(office, one).number for one in (*ids, late)] == [
        "PAKN-2024-0001",
        "PAKN-2024-0002",
        "PAKN-2023-0001",
    ]
    shown = view(office, ids[0])
    assert (shown.row.state, shown.row.applicant, shown.row.kind) == (PENDING, "Doanh nghiệp 900", CONDUCT)
    assert (shown.row.standing, shown.row.remaining) == (Standing.WITHIN, "còn 06 ngày làm việc")
    assert view(office, ids[1]).row.applicant == ""
    assert view(office, ids[1]).content.applicant is None
    assert view(office, late).row.standing is Standing.OVERDUE


def test_a_refused_petition_takes_no_number(office: Office) -> None:
    refusal(lambda: record(office, due_on=None))
    assert stored(office, record(office)).number == "PAKN-2024-0001"


def test_the_due_date_is_on_record_with_its_calendar(office: Office) -> None:
    petition = stored(office, record(office))
    due = office.session.scalars(select(DueDateRow)).one()
    assert (due.subject_kind, due.subject_id, due.no) == (SubjectKind.PETITION, petition.id, 1)
    assert (due.due_on, due.cause, due.provisional) == (date(2024, 6, 24), DueCause.INTAKE, False)
    assert due.due_at == office.at("24/06/2024 17:00"), "until the office closes"
    assert petition.due_date_id == due.id
    assert petition.legal_basis == BASIS


def test_who_brought_it_is_found_in_the_directory(office: Office) -> None:
    office.receive(37, applicant=FIRM)
    for _ in range(2):
        record(office)
    assert len(office.session.scalars(select(Applicant)).all()) == 1


def test_a_petition_that_is_handed_on_at_once_needs_no_due_date(office: Office) -> None:
    petition_id = record(
        office,
        state=AWAY,
        transferred_to=" Sở  Xây dựng ",
        ended_on=office.today,
        due_on=None,
        legal_basis="",
    )
    row = view(office, petition_id).row
    assert (row.state, row.transferred_to, row.due_on, row.ended_on) == (
        AWAY,
        "Sở Xây dựng",
        None,
        office.today,
    )
    assert (row.standing, row.timeliness, row.remaining) == (None, None, "")


LATER = date(2024, 6, 15)
REFUSED = [
    ({"subject": "  "}, "subject", "Nhập nội dung"),
    ({"subject": "x" * 4001}, "subject", "4.000 ký tự"),
    ({"subject": "Khiếu nại quyết định số 5"}, "not_complaint", "bộ phận tiếp công dân"),
    ({"subject": "Đơn tố cáo cán bộ"}, "not_complaint", "“tố cáo”"),
    ({"applicant": replace(FIRM, name=" ")}, "applicant_name", "Không nêu tên"),
    ({"applicant": replace(FIRM, phone="12")}, "phone", "Số điện thoại"),
    ({"procedure_id": 999}, "procedure_id", "có trong danh mục"),
    ({"received_at": "14/06/2024 09:31"}, "received_at", "không được sau hiện tại"),
    ({"due_on": None}, "due_on", "Nhập hạn xử lý"),
    ({"due_on": None, "legal_basis": ""}, "due_on", "Nhập hạn xử lý"),
    ({"legal_basis": " "}, "legal_basis", "căn cứ xác định hạn"),
    ({"legal_basis": "x" * 301}, "legal_basis", "tối đa 300"),
    ({"due_on": date(2024, 6, 13)}, "due_on", "14/06/2024"),
    ({"due_on": date(2024, 6, 22)}, "due_on", "Thứ Bảy.*24/06/2024"),
    ({"due_on": date(2024, 9, 2)}, "due_on", "04/09/2024"),
    ({"due_on": date(2031, 6, 13)}, "due_on", "2031"),
    ({"answer": "Đã trả lời"}, "answer", "bỏ trống"),
    ({"ended_on": LATER}, "ended_on", "bỏ trống"),
    ({"transferred_to": "Sở Công Thương"}, "transferred_to", "bỏ trống"),
    ({"published_in": "Trang tin"}, "published_in", "bỏ trống"),
    ({"state": AWAY}, "transferred_to", "Nhập cơ quan nhận"),
    ({"state": AWAY, "transferred_to": "x" * 301}, "transferred_to", "tối đa 300"),
    ({"state": AWAY, "transferred_to": "Sở Công Thương"}, "ended_on", "Nhập ngày chuyển"),
    ({"state": AWAY, "transferred_to": "Sở Công Thương", "ended_on": LATER}, "ended_on", "sau hôm nay"),
    (
        {"state": AWAY, "transferred_to": "Sở Công Thương", "ended_on": date(2024, 6, 13)},
        "ended_on",
        "từ ngày tiếp nhận",
    ),
    (
        {"state": AWAY, "transferred_to": "Sở Công Thương", "ended_on": date(2024, 6, 14), "due_on": None},
        "due_on",
        "bỏ trống cả hai ô",
    ),
    ({"state": AWAY, "transferred_to": "Sở", "answer": "x"}, "answer", "bỏ trống"),
    ({"state": ANSWERED, "ended_on": date(2024, 6, 14)}, "answer", "Nhập nội dung trả lời"),
]


@pytest.mark.parametrize(("changes", "field", "words"), REFUSED)
def test_what_cannot_be_is_refused_at_its_field(
    sqlite_office: Office, changes: dict[str, Any], field: str, words: str
) -> None:
    office = sqlite_office
    if isinstance(changes.get("received_at"), str):
        changes = {**changes, "received_at": office.at(changes["received_at"])}
    before = office.everything()
    with pytest.raises(DomainError, match=words) as refused:
        record(office, **changes)
    assert refused.value.field == field
    assert office.everything() == before


def test_words_of_a_complaint_can_be_confirmed_to_be_none(office: Office) -> None:
    subject = "Phản ánh chưa được hướng dẫn nơi nộp đơn khiếu nại"
    petition_id = record(office, subject=subject, not_complaint=True)
    assert view(office, petition_id).row.subject == subject


# --- answered, handed on, published -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "timely"),
    [("21/06", Timeliness.EARLY), ("24/06", Timeliness.ON_TIME), ("25/06", Timeliness.LATE)],
)
def test_an_answer_is_in_time_by_its_date(sqlite_office: Office, day: str, timely: Timeliness) -> None:
    petition_id = record(sqlite_office)
    sqlite_office.stand("26/06")
    answer(sqlite_office, petition_id, ended_on=sqlite_office.on(day))
    row = view(sqlite_office, petition_id).row
    assert (row.state, row.timeliness, row.standing) == (ANSWERED, timely, None)


def test_a_life_is_told_with_who_did_what(office: Office) -> None:
    petition_id = record(office)
    office.stand("20/06")
    answer(office, petition_id)
    office.stand("21/06")
    publish(office, petition_id, by="clerk2")
    correct(office, petition_id, published_in="Cổng Dịch vụ công", subject="Phản ánh khác")
    told = [(one.title, one.actor, dict(one.facts), one.reason) for one in view(office, petition_id).history]
    assert told == [
        ("Tiếp nhận", "Cán bộ một cửa 01", {"Hạn xử lý": "24/06/2024", "Căn cứ xác định hạn": BASIS}, ""),
        ("Đã trả lời", "Chuyên viên 01", {"Ngày trả lời, chuyển": "20/06/2024"}, ""),
        (
            "Đăng tải công khai",
            "Cán bộ một cửa 02",
            {"Ngày đăng tải": "21/06/2024", "Nơi đăng tải": "Trang thông tin điện tử của Ban"},
            "",
        ),
        (
            "Đính chính",
            "Lãnh đạo 01",
            {"Nơi đăng tải": "Trang thông tin điện tử của Ban → Cổng Dịch vụ công", "Nội dung": "đã sửa"},
            "Ghi nhầm",
        ),
    ]
    assert audit.verify(office.session, 1)


def test_the_audit_chain_keeps_no_text_of_a_citizen(office: Office) -> None:
    petition_id = record(office)
    correct(office, petition_id, subject="Phản ánh bí mật", applicant=replace(FIRM, phone="0900000000"))
    answer(office, petition_id, answer="Trả lời bí mật")
    kept = " ".join(
        str(row.detail_json)
        for row in office.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"petition:{petition_id}")
        )
    )
    for secret in ("bí mật", "hướng dẫn thủ tục", "Doanh nghiệp", "0912345678", "0900000000"):
        assert secret not in kept


def test_handing_on_ends_it_here(office: Office) -> None:
    petition_id = record(office)
    office.stand("17/06")
    transfer(office, petition_id)
    row = view(office, petition_id).row
    assert (row.state, row.transferred_to, row.ended_on) == (AWAY, "Sở Công Thương", office.on("17/06"))
    assert listed(office, q="so cong thuong") == [petition_id]


@pytest.mark.parametrize(
    ("deed", "more", "field"),
    [
        (answer, {"answer": " "}, "answer"),
        (answer, {"ended_on": date(2024, 6, 13)}, "ended_on"),
        (answer, {"ended_on": date(2024, 6, 15)}, "ended_on"),
        (transfer, {"transferred_to": ""}, "transferred_to"),
        (transfer, {"ended_on": date(2024, 6, 15)}, "ended_on"),
        (publish, {}, None),
    ],
)
def test_a_deed_that_cannot_be_changes_nothing(
    sqlite_office: Office, deed: Callable[..., None], more: dict[str, Any], field: str | None
) -> None:
    petition_id = record(sqlite_office)
    before = (sqlite_office.everything(), stored(sqlite_office, petition_id).version)
    assert refusal(lambda: deed(sqlite_office, petition_id, **more))[0] == field
    assert (sqlite_office.everything(), stored(sqlite_office, petition_id).version) == before
    assert view(sqlite_office, petition_id).row.state is PENDING


def test_what_ended_ends_once(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = record(office)
    answer(office, petition_id)
    for deed in (answer, transfer):
        assert "đã trả lời ngày 14/06/2024" in refusal(lambda deed=deed: deed(office, petition_id))[1]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"published_on": date(2024, 6, 19)}, "published_on"),
        ({"published_on": date(2024, 6, 22)}, "published_on"),
        ({"published_in": " "}, "published_in"),
        ({"published_in": "x" * 301}, "published_in"),
    ],
)
def test_publishing_follows_the_answer(sqlite_office: Office, more: dict[str, Any], field: str) -> None:
    office = sqlite_office
    petition_id = record(office)
    office.stand("21/06")
    answer(office, petition_id, ended_on=office.on("20/06"))
    assert refusal(lambda: publish(office, petition_id, **more))[0] == field
    publish(office, petition_id, published_on=office.on("20/06"))
    assert "đã được đăng tải ngày 20/06/2024" in refusal(lambda: publish(office, petition_id))[1]


def test_two_people_at_once(office: Office) -> None:
    petition_id = record(office)
    seen = call(office, petition_id)
    answer(office, petition_id)
    with pytest.raises(StaleVersion, match="Phản ánh, kiến nghị này vừa được người khác cập nhật"):
        petition_changes.transfer_petition(
            office.session, call=seen, transferred_to="Sở Công Thương", ended_on=office.today
        )
    assert view(office, petition_id).row.state is ANSWERED


# --- corrected ----------------------------------------------------------------------------------------


def test_everything_can_be_corrected(office: Office) -> None:
    petition_id = record(office)
    office.stand("21/06")
    wanted = PetitionContent(
        kind=REGULATION,
        subject="Kiến nghị sửa quy định",
        applicant=None,
        received_at=office.at("12/06/2024 08:00"),
        procedure_id=office.procedure_id(37),
        state=ANSWERED,
        due_on=date(2024, 6, 26),
        legal_basis="Văn bản khác",
        ended_on=date(2024, 6, 20),
        answer="Đã trả lời tại văn bản số 2",
        published_on=date(2024, 6, 21),
        published_in="Trang tin",
    )
    petition_changes.correct_petition(
        office.session, call=call(office, petition_id, "supervisor"), content=wanted, reason="Nhập lại"
    )
    shown = view(office, petition_id)
    assert shown.content == wanted
    assert (shown.row.number, shown.procedure_no, shown.version) == ("PAKN-2024-0001", 37, 2)
    assert [(one.due_on.day, one.in_force) for one in shown.dues] == [(24, False), (26, True)]
    facts = dict(shown.history[-1].facts)
    assert list(facts)[:3] == ["Loại", "Tình trạng", "Người phản ánh, kiến nghị"], "in the order of the page"
    assert facts["Loại"] == "Hành vi hành chính → Quy định hành chính"
    assert facts["Tình trạng"] == "Đang xử lý → Đã trả lời"
    assert facts["Tiếp nhận lúc"] == "14/06/2024 09:30 → 12/06/2024 08:00"
    assert facts["Hạn xử lý"] == "24/06/2024 → 26/06/2024"
    assert facts["Người phản ánh, kiến nghị"] == "đã sửa"
    assert facts["Ngày trả lời, chuyển"] == "không có → 20/06/2024"
    assert shown.history[-1].reason == "Nhập lại"
    assert listed(office, q="kien nghi sua quy dinh") == [petition_id]
    assert listed(office, q="doanh nghiep 900") == []


def test_a_correction_says_what_it_changes_and_why(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = record(office, received_at=office.at("14/06/2024 09:29:31"))
    assert refusal(lambda: correct(office, petition_id, reason=" ", kind=REGULATION))[0] == "reason"
    minute = office.at("14/06/2024 09:29")
    assert "Chưa có gì" in refusal(lambda: correct(office, petition_id, received_at=minute))[1]
    assert stored(office, petition_id).version == 1
    assert refusal(lambda: correct(office, petition_id, due_on=date(2024, 6, 23)))[0] == "due_on"
    assert [one.due_on.day for one in view(office, petition_id).dues] == [24]
    correct(office, petition_id, applicant=replace(FIRM, email="lienhe@vidu.vn"))
    assert view(office, petition_id).history[-1].facts == [("Thông tin liên hệ", "đã sửa")]


def test_words_of_a_complaint_are_asked_about_once(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = record(office, subject="Phản ánh nơi nhận đơn khiếu nại", not_complaint=True)
    correct(office, petition_id, kind=REGULATION)
    changed = "Phản ánh nơi nhận đơn khiếu nại, tố cáo"
    assert refusal(lambda: correct(office, petition_id, subject=changed))[0] == "not_complaint"
    correct(office, petition_id, subject=changed, not_complaint=True)


def test_what_was_answered_by_mistake_is_pending_again(office: Office) -> None:
    petition_id = record(office)
    answer(office, petition_id)
    publish(office, petition_id)
    undone = {"state": PENDING, "ended_on": None, "answer": ""}
    assert refusal(lambda: correct(office, petition_id, **undone))[0] == "published_on"
    correct(office, petition_id, **undone, published_on=None, published_in="")
    shown = view(office, petition_id)
    assert (shown.row.state, shown.row.due_on, len(shown.dues)) == (PENDING, date(2024, 6, 24), 2)
    transfer(office, petition_id)
    correct(office, petition_id, due_on=None, legal_basis="")
    assert [one.in_force for one in view(office, petition_id).dues] == [False, False]


# --- who may what -------------------------------------------------------------------------------------


def test_who_may_record_and_who_may_correct(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = record(office)
    for name in ("clerk", "officer", "supervisor"):
        record(office, by=name)
    for name in ("reporter", "admin", "auditor"):
        assert view(office, petition_id, name).row.id == petition_id
        assert not view(office, petition_id, name).may_end
        for deed in (lambda who: record(office, by=who), lambda who: answer(office, petition_id, who)):
            with pytest.raises(NotAllowed):
                deed(name)
    for name in ("clerk", "officer", "reporter", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            correct(office, petition_id, by=name, kind=REGULATION)
    assert (view(office, petition_id).may_end, view(office, petition_id, "clerk").may_correct) == (
        True,
        False,
    )


def test_what_is_not_there(sqlite_office: Office) -> None:
    office = sqlite_office
    with pytest.raises(NotFound):
        view(office, 999)
    with pytest.raises(NotFound):
        petition_changes.answer_petition(
            office.session,
            call=PetitionCall(office.now, office.person("officer"), 999, 1),
            answer="x",
            ended_on=office.today,
        )
