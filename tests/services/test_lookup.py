"""The public look-up: told to whoever has the receipt, in the same words refused to everybody else."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.services.settings_desk import change_setting
from tthc.db.models import Applicant, Document, Filing, LookupCount, Supplement
from tthc.documents import printing
from tthc.domain.settings import LOOKUP_ADDRESS
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    DomainError,
    DossierState,
    FilingState,
    SupplementMode,
)
from tthc.services import documents, filing_supplements, filings, lookup, receipts, search
from tthc.services.applicants import ApplicantInput
from tthc.services.lookup import FiledView, PublicView, TooOften
from tthc.services.register_changes import FROM_FILE
from tthc.services.transaction import transaction


def ask(office: Any, code: str, digits: str, address: str = "here") -> Any:
    return lookup.by_code(office.session, now=office.now, address=address, code=code, digits=digits)


def refused(office: Any, code: str, digits: str, address: str = "here") -> str:
    with pytest.raises(DomainError) as refusal:
        ask(office, code, digits, address)
    return refusal.value.message


@pytest.fixture
def filed(office: Any) -> Any:
    """A dossier whose owner and whose bringer each gave a telephone, and one without any."""
    firm = ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 900", phone="+84912000900")
    office.code = office.receive(37, applicant=firm, submitter_name="Người nộp 07")
    with transaction(office.session):
        brought = update(Applicant).where(Applicant.name == "Người nộp 07")
        office.session.execute(brought.values(phone="0987654321"))
    office.silent = office.receive(37, firm="Doanh nghiệp 901")
    return office


def test_state_dates_and_missing_papers_and_nothing_else(filed: Any) -> None:
    office = filed
    seen = ask(office, f" {office.code.lower()} ", "0900")
    assert seen == PublicView(DossierState.RECEIVED, office.on("14/06"), office.on("21/06"), None, None, [])
    assert ask(office, office.code, "43 21") == seen
    office.act(
        "request_supplement", office.code, missing="Bản vẽ\n\n Bản sao giấy phép ", mode=SupplementMode.PAUSE
    )
    seen = ask(office, office.code, "0900")
    assert (seen.state, seen.missing) == (
        DossierState.AWAITING_SUPPLEMENT,
        ["Bản vẽ", "Bản sao giấy phép"],
    )
    token = office.dossier(office.code).lookup_token
    assert lookup.by_token(office.session, now=office.now, address="x", token=token) == seen
    assert lookup.by_token(office.session, now=office.now, address="x", token=token[:-1]) is None
    names = {field.name for field in fields(PublicView)}
    assert names == {"state", "received_on", "due_on", "ended_on", "handed_over_on", "missing"}
    # Of an imported request the public hears where it stands, not that a file was read.
    with transaction(office.session):
        office.session.execute(update(Supplement).values(missing=FROM_FILE))
    told = ask(office, office.code, "0900").missing
    assert told == ["Theo văn bản yêu cầu bổ sung đã gửi người nộp hồ sơ"]


def test_a_wrong_code_and_wrong_digits_are_told_alike(filed: Any) -> None:
    office = filed
    answers = {
        refused(office, office.code, "0901"),
        refused(office, "000.00.99.H54-240614-0999", "0900"),
        refused(office, office.silent, "0000"),
    }
    assert len(answers) == 1
    assert "Không có hồ sơ nào khớp" in answers.pop()
    assert "bốn chữ số" in refused(office, office.code, "900")
    assert "mã hồ sơ" in refused(office, "  ", "0900")


def test_a_filing_is_told_of_as_well_and_a_code_is_found_however_it_is_typed(filed: Any) -> None:
    office = filed
    for typed in ("240614-0001", "0000099h54 240614 0001", " 000.00.99.H54 – 240614 – 0001"):
        assert ask(office, typed, "0900") == ask(office, office.code, "0900"), typed
    call = {"session": office.session, "now": office.now, "actor": office.person("clerk")}
    firm = ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 902", phone="0912000902")
    filing_id, refused_id = (
        filings.save_filing(**call, request=office.request(37, channel=Channel.ONLINE, applicant=firm))
        for _ in range(2)
    )
    on = office.on("14/06")
    assert ask(office, "tn240614 0001", "0902") == FiledView(FilingState.WAITING, on, None, None, [])
    filing_supplements.request_supplement(**call, filing_id=filing_id, missing=" Bản vẽ\n", reason="Thiếu")
    asked = FiledView(FilingState.WAITING, on, on, None, ["Bản vẽ"])
    assert ask(office, "TN-240614-0001", "0902") == asked
    assert refused(office, "TN-240614-0001", "0900") == refused(office, "TN-240614-0009", "0902")
    filing_supplements.receive_supplement(**call, filing_id=filing_id)
    code = filings.accept_filing(**call, filing_id=filing_id)
    filings.refuse_filing(**call, filing_id=refused_id, reason="Doanh nghiệp 902 nộp sai nơi")
    own = ask(office, code, "0902")
    assert ask(office, "TN-240614-0001", "0902") == FiledView(
        FilingState.ACCEPTED, on, None, None, [], code, own
    )
    assert ask(office, "TN-240614-0002", "0902") == FiledView(FilingState.REFUSED, on, None, on, [])


def test_how_often_a_code_and_an_address_may_ask(filed: Any) -> None:
    office = filed
    for number in range(lookup.PER_CODE):
        refused(office, ("240614-0001", office.code)[number % 2], f"{number:04d}", address="one place")
    with pytest.raises(TooOften, match="sau 60 phút"):
        ask(office, office.code.lower(), "0900", address="one place")
    for _ in range(lookup.PER_CODE + 1):
        assert ask(office, office.code, "0900", address="another place")
    with transaction(office.session):
        office.session.execute(
            update(LookupCount)
            .where(LookupCount.key.startswith("c:"))
            .values(number=lookup.PER_CODE_A_DAY, since=office.now)
        )
    assert "quá nhiều lần" in refused(office, office.code, "0900", address="a third place")
    for number in range(lookup.PER_ADDRESS):
        refused(office, f"000.00.99.H54-240613-{number:04d}", "0900", address="old place")
    with pytest.raises(TooOften):
        lookup.by_token(office.session, now=office.now, address="old place", token="x")
    office.stand("15/06 10:31")
    assert ask(office, office.code, "0900", address="one place").state is DossierState.RECEIVED
    office.clock.moment += timedelta(days=2)
    ask(office, office.code, "0900")
    office.session.rollback()
    kept = office.session.scalars(select(LookupCount.number).order_by(LookupCount.number)).all()
    assert kept == [0, 0, 1], "old counts are gone"
    assert "0900" not in str(office.session.scalars(select(LookupCount.key)).all())


def test_the_receipt_leads_to_the_page_once_the_office_has_entered_its_address(filed: Any) -> None:
    office = filed

    def qr() -> str:
        receipts.print_receipt(office.session, now=office.now, actor=office.person("clerk"), code=office.code)
        dossier = office.dossier(office.code)
        document = office.session.scalars(select(Document)).one()
        form = documents.Form("01", "giấy tiếp nhận", template="receipt", template_version="2")
        return str(documents.paper(office.session, document, dossier, form, demo=False)["qr_svg"])

    assert qr() == printing.qr_svg(office.code)
    change_setting(office, LOOKUP_ADDRESS, "https://tthc.example.vn/")
    token = office.dossier(office.code).lookup_token
    assert qr() == printing.qr_svg(f"https://tthc.example.vn/tra-cuu/{token}")
    call = {"session": office.session, "actor": office.person("clerk")}
    filings.save_filing(**call, now=office.now, request=office.request(37, channel=Channel.ONLINE))
    document, filing = (office.session.scalars(select(table)).one() for table in (Document, Filing))
    form = documents.Form("02", "phiếu yêu cầu bổ sung", template="supplement", template_version="1")
    address = f"https://tthc.example.vn/tra-cuu?code={filing.number}"
    paper = documents.paper(office.session, document, filing, form, demo=False)
    assert paper["qr_svg"] == printing.qr_svg(address)
    assert [one.id for one in search.search(**call, q=address).filings] == [filing.id]
