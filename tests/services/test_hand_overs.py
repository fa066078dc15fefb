"""The return desk: who takes a result is on record, all of a bunch or none; what was wrong is mended."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest
from sqlalchemy import select

from tests.services.conftest import TAKEN
from tthc.db.models import AuditEntry, HandOver
from tthc.domain.fees import FeeInput
from tthc.domain.hand_overs import Authorisation, ReceiptReturn, Receiver
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError, DossierState
from tthc.services import dossier_papers, hand_over_views, hand_overs, receipts, return_desk, search
from tthc.services import fees as fee_services
from tthc.services.applicants import ApplicantInput
from tthc.services.selections import Mark
from tthc.services.transaction import NotFound, StaleVersion

BY_ANOTHER = replace(
    TAKEN,
    receiver=Receiver.AUTHORISED,
    name="Người được ủy quyền 07",
    id_number="001099000007",
    paper_kind=Authorisation.INTRODUCTION,
    paper_no="12/GGT",
    paper_on=date(2024, 6, 13),
)
POSTED = replace(TAKEN, way=Channel.POST, name="Doanh nghiệp 900", carrier="Bưu điện tỉnh")


def owned(number: int) -> ApplicantInput:
    """One and the same applicant for the same number."""
    return ApplicantInput(
        ApplicantKind.ENTERPRISE, f"Doanh nghiệp {number}", f"0100000{number:03d}", phone="0912345678"
    )


def four_results(office: Any) -> dict[str, str]:
    codes = {
        name: office.receive(37, applicant=owned(901 if name == "other" else 900))
        for name in ("a", "b", "c", "other")
    }
    for code in codes.values():
        office.act("resolve", code)
    return codes


@pytest.fixture
def ready(office: Any, prepared: Any) -> Any:
    """Three results of one applicant and one of another, by the names a, b, c and other."""
    office.codes = prepared(office, four_results)
    return office


def marks(office: Any, *names: str) -> list[Mark]:
    return [Mark(office.codes[name], office.dossier(office.codes[name]).version) for name in names]


def give(office: Any, names: str, delivery: Any, by: str = "clerk", **more: Any) -> str:
    return hand_overs.hand_over(
        office.session,
        now=office.now,
        actor=office.person(by),
        marks=marks(office, *names.split()),
        delivery=delivery,
        **more,
    )


def test_several_results_go_to_one_person_of_one_applicant_or_by_post(ready: Any) -> None:
    office = ready
    codes = office.codes
    receipts.print_receipt(office.session, now=office.now, actor=office.person("clerk"), code=codes["b"])
    fee_services.record_fee(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        code=codes["c"],
        fee=FeeInput(500_000, 200_000, "01"),
        seen=0,
    )
    before = office.everything()
    refusals: list[tuple[str, Any, str]] = [
        ("a other", TAKEN, "2 chủ hồ sơ"),
        ("a b", replace(TAKEN, receipt=ReceiptReturn.NONE), "thu lại giấy"),
        ("a c", TAKEN, "chưa thu"),
        ("a other", POSTED, "Nhập số bưu gửi"),
        ("a other", replace(POSTED, tracking_no="RA123456789VN"), "hai chủ hồ sơ"),
        ("a b", replace(BY_ANOTHER, paper_on=date(2024, 6, 15)), "ngày của giấy tờ ủy quyền"),
        ("a b", replace(BY_ANOTHER, name="Doanh nghiệp 900"), "không phải chủ hồ sơ"),
        ("a b", replace(TAKEN, name="DOANH NGHIỆP 900"), "người đại diện đến nhận"),
    ]
    for names, delivery, said in refusals:
        with pytest.raises(DomainError, match=said):
            give(office, names, delivery)
    with pytest.raises(NotAllowed):
        give(office, "a", TAKEN, by="officer")
    with pytest.raises(StaleVersion):
        hand_overs.hand_over(
            office.session,
            now=office.now,
            actor=office.person("clerk"),
            marks=[Mark(codes["a"], 1)],
            delivery=TAKEN,
        )
    assert office.everything() == before

    office.stand("18/06")
    act = give(office, "a b", BY_ANOTHER, occurred_at=office.at("17/06 10:00"))
    for name in ("a", "b"):
        assert office.dossier(codes[name]).state is DossierState.HANDED_OVER
        assert office.dossier(codes[name]).handed_over_on == office.on("17/06")
    done = hand_overs.get_done(office.session, actor=office.person("auditor"), action_id=act)
    assert done.codes == sorted([codes["a"], codes["b"]])
    with pytest.raises(NotFound):
        hand_overs.get_done(office.session, actor=office.person("auditor"), action_id="x")
    last = office.view(codes["a"], "clerk").timeline[-1]
    assert ("Nhận thay theo", "giấy giới thiệu số 12/GGT, ngày 13/06/2024") in last.details
    row = HandOver(
        way=Channel.COUNTER,
        receiver=Receiver.AUTHORISED,
        name="Người được ủy quyền 07",
        paper_kind=Authorisation.POWER,
        paper_no="Không số",
        paper_on=date(2024, 6, 13),
    )
    assert hand_over_views.taken_by(row).endswith("(theo giấy ủy quyền không số, ngày 13/06/2024)")
    assert ("Giấy tờ tùy thân", "số 001099000007, đã đối chiếu") in last.details
    # Whoever only looks at dossiers sees the end of the number.
    assert ("Giấy tờ tùy thân", "số …0007, đã đối chiếu") in office.view(codes["a"], "officer").timeline[
        -1
    ].details
    found = search.search(office.session, actor=office.person("officer"), q="nguoi duoc uy quyen 07")
    assert {hit.code for hit in found.dossiers} == {codes["a"], codes["b"]}

    parcel = replace(POSTED, tracking={codes["c"]: "ra 123 456 789 vn"}, tracking_no="RB000000001VN")
    give(office, "c other", replace(parcel, name="", fee_reason="Thu khi phát"))
    rows = {row.dossier_id: row for row in office.session.scalars(select(HandOver))}
    sent = rows[office.dossier(codes["c"]).id]
    assert (sent.tracking_no, sent.fee_left, sent.fee_reason) == ("RA123456789VN", 300_000, "Thu khi phát")
    other = rows[office.dossier(codes["other"]).id]
    assert (other.tracking_no, other.fee_left, other.fee_reason) == ("RB000000001VN", 0, "")
    assert (sent.name, other.name) == ("Doanh nghiệp 900", "Doanh nghiệp 901")
    found = search.search(office.session, actor=office.person("officer"), q="RA 123 456 789 VN")
    assert [hit.code for hit in found.dossiers] == [codes["c"]]


def test_a_wrong_entry_is_corrected_by_a_further_one(ready: Any) -> None:
    office, code = ready, ready.codes["a"]
    clerk = office.person("clerk")

    def correct(delivery: Any, seen: int, reason: str = "Ghi nhầm số") -> None:
        hand_overs.correct_hand_over(
            office.session,
            now=office.now,
            actor=clerk,
            code=code,
            seen=seen,
            delivery=delivery,
            reason=reason,
        )

    with pytest.raises(NotFound):
        hand_overs.get_entry(office.session, actor=clerk, code=code)
    with pytest.raises(DomainError, match="chưa ghi việc trả"):
        correct(TAKEN, 1)
    give(office, "a", replace(POSTED, tracking_no="RA123456789VN"))
    told, seen = hand_overs.get_entry(office.session, actor=clerk, code=code)
    assert told.tracking_no == "RA123456789VN"
    with pytest.raises(DomainError, match="lý do"):
        correct(told, seen, " ")
    correct(replace(told, tracking_no="RA123456780VN"), seen)
    with pytest.raises(StaleVersion):
        correct(told, seen)
    timeline = office.view(code).timeline
    assert ("Số bưu gửi", "RA123456789VN") in timeline[-2].details, "the wrong entry stays on record"
    assert (timeline[-1].title, timeline[-1].reason) == ("Đính chính việc trả kết quả", "Ghi nhầm số")
    assert office.view(code).handed_over.details[-1] == ("Số bưu gửi", "RA123456780VN")
    assert [one.corrected for one in desk(office, code).entries] == [True, False]
    [entry] = office.session.scalars(select(AuditEntry).where(AuditEntry.action == "correct_hand_over"))
    assert set(entry.detail_json) == {"hand_over", "corrects"}
    found = search.search(office.session, actor=clerk, q="RA123456780VN")
    assert [hit.code for hit in found.dossiers] == [code]


def desk(office: Any, code: str, by: str = "clerk") -> return_desk.DeskView:
    return return_desk.get_desk(office.session, actor=office.person(by), now=office.now, code=code)


def test_the_desk_shows_what_is_to_be_looked_at(ready: Any, counting: Any) -> None:
    office, codes = ready, ready.codes
    view = desk(office, codes["a"])
    assert view.ready is not None
    assert (view.ready.code, view.ready.outcome) == (codes["a"], "Đồng ý giải quyết")
    assert [row.code for row in view.further] == [codes["b"], codes["c"]]
    assert (view.phone, view.firm, view.receipt_on) == ("0912345678", True, None)
    token = office.dossier(codes["a"]).lookup_token
    clerk = office.person("clerk")
    for typed in (f"https://tthc.example.vn/tra-cuu/{token}", f" {codes['a'].lower()} "):
        assert return_desk.find_code(office.session, actor=clerk, q=typed) == codes["a"]
    for typed in (f"/tra-cuu/{token[:-1]}x", "Doanh nghiệp 900", ""):
        assert return_desk.find_code(office.session, actor=clerk, q=typed) is None
    with counting(office.session) as few:
        desk(office, codes["other"])
    with counting(office.session) as many:
        desk(office, codes["a"])
    assert len(many) == len(few)
    office.act("reopen", codes["b"])
    waiting = desk(office, codes["b"])
    assert (waiting.ready, waiting.waiting) == (None, None)
    with pytest.raises(NotFound):
        desk(office, "KHONG-CO")


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_the_slip_has_lines_to_write_on_until_somebody_took_the_result(sqlite_office: Any) -> None:
    office = sqlite_office
    longest = (
        "Công ty trách nhiệm hữu hạn một thành viên " + "xây dựng và phát triển hạ tầng khu công nghiệp " * 5
    )
    office.codes = {"a": office.receive(37, firm=longest.strip())}
    code = office.codes["a"]

    def slip(by: str = "clerk") -> bytes:
        return dossier_papers.print_paper(
            office.session, now=office.now, actor=office.person(by), code=code, slug="phieu-tra-ket-qua"
        )

    with pytest.raises(NotFound):
        slip()
    assert "phieu-tra-ket-qua" not in [one.slug for one in office.view(code).further_papers]
    office.act("resolve", code)
    blank = text_of(slip())
    assert "PHIẾU TRẢ KẾT QUẢ" in blank
    assert "NGƯỜI NHẬN KẾT QUẢ" in blank
    assert "Người nhận kết quả:" in blank
    give(office, "a", replace(BY_ANOTHER, receipt=ReceiptReturn.LOST, loss_on=office.today))
    pdf = slip()
    filled = text_of(pdf)
    for words in (
        "Người được ủy quyền 07",
        "001099000007",
        "giấy giới thiệu số 12/GGT",
        "bị mất, văn bản khai ngày 14/06/2024",
        "Thay thế phiếu trả kết quả",
        "hạ tầng khu công nghiệp",
    ):
        assert words in " ".join(filled.split()), words
    assert slip("officer") == pdf, "printed again it is the same paper"
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
