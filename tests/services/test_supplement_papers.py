"""Form 02: what is missing and what follows from it, issued once for each request and kept on record."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from tthc.db.models import Applicant, Document, Supplement
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError, SupplementMode
from tthc.services import letters, supplement_papers
from tthc.services.register_changes import FROM_FILE
from tthc.services.transaction import NotFound

MISSING = "Bản sao giấy phép\n\n  Báo cáo tài chính năm 2023 \nVăn bản ủy quyền"


def pages(office: Any, code: str, by: str = "clerk", **more: Any) -> list[str]:
    """The text of each page, its blanks folded."""
    content = supplement_papers.print_supplement(
        office.session, now=office.now, actor=office.person(by), code=code, **more
    )
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        for page in document:
            assert page.get_size() == pytest.approx((420, 595), abs=1), "A5"
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def documents(office: Any) -> list[Document]:
    office.session.rollback()
    return list(office.session.scalars(select(Document).order_by(Document.id)))


def requested(office: Any, **more: Any) -> str:
    """A dossier received on 12/06/2024 for which three things are asked on 14/06/2024 10:15."""
    office.stand("12/06/2024 08:05")
    code = office.receive(37)
    office.stand("14/06/2024 10:15")
    office.act(
        "request_supplement", code, by="officer", **{"missing": MISSING, "reason": "Thiếu giấy tờ"} | more
    )
    return str(code)


def test_the_form_says_what_is_missing_why_and_what_follows(office: Any) -> None:
    code = requested(office)
    [text] = pages(office, code)
    expected = [
        "Mẫu số 02 – Thông tư số 01/2018/TT-VPCP",
        "ngày 14 tháng 6 năm 2024",
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        f"Mã hồ sơ: {code}",
        "/HDHS",
        "Tiếp nhận hồ sơ của Ông/Bà: Doanh nghiệp 900",
        "Thời gian nhận hồ sơ: 08 giờ 05 phút, ngày 12/06/2024",
        "Thời gian yêu cầu bổ sung: 10 giờ 15 phút, ngày 14/06/2024",
        "1. Bản sao giấy phép 2. Báo cáo tài chính năm 2023 3. Văn bản ủy quyền Lý do: Thiếu giấy tờ",
        "chỉ yêu cầu một lần, đầy đủ, chính xác (khoản 3 Điều 15 Nghị định 61/2018/",
        "Thời hạn giải quyết được tính lại từ đầu sau khi nhận đủ hồ sơ (khoản 4 Điều 19",
        "liên hệ với Chuyên viên 01, ",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI HƯỚNG DẪN",
    ]
    found = [text.find(part) for part in expected]
    assert [part for part, at in zip(expected, found, strict=True) if at < 0] == []
    [document] = documents(office)
    [request] = office.session.scalars(select(Supplement)).all()
    assert (document.form, document.form_set, document.no) == ("02", "2018", 1)
    assert document.event_id == request.opened_event_id


def test_where_the_clock_only_stands_still_the_form_says_so(sqlite_office: Any) -> None:
    [text] = pages(sqlite_office, requested(sqlite_office, mode=SupplementMode.PAUSE))
    assert "không tính vào thời hạn giải quyết" in text
    assert "tính lại từ đầu" not in text


def test_printed_again_it_is_the_same_and_a_correction_replaces_it(sqlite_office: Any) -> None:
    office = sqlite_office
    code = requested(office)
    first = pages(office, code)
    office.stand("17/06/2024")
    office.act("receive_supplement", code)
    assert pages(office, code) == first, "dated as the first time, also when the answer has come"
    assert len(documents(office)) == 1
    office.session.scalars(select(Applicant)).one().address = "Số 1 đường Thử Nghiệm"
    office.session.commit()
    [second] = pages(office, code)
    assert "Số 1 đường Thử Nghiệm" in second
    assert "Thay thế phiếu yêu cầu bổ sung đã in ngày 14/06/2024" in second
    old, new = documents(office)
    assert (old.replaced_by_id, new.replaced_by_id, new.no) == (new.id, None, 2)


def test_the_office_words_it_and_what_was_issued_keeps_its_words(sqlite_office: Any) -> None:
    office = sqlite_office
    code = requested(office)
    before = pages(office, code)
    letters.change_letter(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        kind="02",
        form_set="2018",
        seen=0,
        body="Đề nghị Ông/Bà nộp thêm cho hồ sơ {ma_ho_so}:\n{noi_dung_bo_sung}\nVì: {ly_do}",
        valid_from=office.clock.today,
        reason="Theo quy chế của đơn vị",
    )
    assert pages(office, code) == before
    later = requested(office)
    [text] = pages(office, later)
    assert f"nộp thêm cho hồ sơ {later}: 1. Bản sao giấy phép 2. Báo cáo" in text
    assert "Vì: Thiếu giấy tờ" in text
    assert "nếu có vướng mắc" not in text
    # What the law asks a request to say is no matter of words.
    assert "chỉ yêu cầu một lần, đầy đủ" in text


def test_a_second_request_is_a_paper_of_its_own(sqlite_office: Any) -> None:
    office = sqlite_office
    code = requested(office)
    pages(office, code)
    office.stand("17/06/2024")
    office.act("receive_supplement", code)
    office.act("request_supplement", code, missing="Bản vẽ hoàn công", again=True)
    [text] = pages(office, code)
    assert "1. Bản vẽ hoàn công" in text
    assert "Bản sao giấy phép" not in text
    assert "chỉ yêu cầu một lần" not in text, "it would not be true"
    assert "Thay thế" not in text
    assert [(one.no, one.replaced_by_id) for one in documents(office)] == [(1, None), (2, None)]


@pytest.mark.parametrize(
    ("issued", "circular"),
    [
        ("14/09/2025 23:59:59", "Thông tư số 01/2018/TT-VPCP"),
        ("15/09/2025 00:00", "Thông tư số 03/2025/TT-VPCP"),
    ],
)
def test_the_day_of_issue_chooses_the_set_and_that_of_receipt_the_decree(
    sqlite_office: Any, issued: str, circular: str
) -> None:
    office = sqlite_office
    office.stand("11/09/2025")
    code = office.receive(37)
    office.stand("12/09/2025")
    office.act("request_supplement", code)
    office.stand(issued)
    [text] = pages(office, code)
    assert circular in text
    assert "Nghị định 118/2025/" in text
    assert "61/2018" not in text


def test_a_long_list_runs_on(sqlite_office: Any) -> None:
    lines = [f"Giấy tờ số {number} theo quy định của pháp luật về đầu tư" for number in range(1, 61)]
    code = requested(sqlite_office, missing="\n".join(lines))
    texts = pages(sqlite_office, code)
    assert len(texts) > 1
    whole = " ".join(texts)
    assert [
        f"{number}. {line}" for number, line in enumerate(lines, 1) if f"{number}. {line}" not in whole
    ] == []
    assert all(f"Mã hồ sơ: {code}" in text for text in texts)


def test_who_may_issue_and_who_may_have_a_copy(sqlite_office: Any) -> None:
    office = sqlite_office
    code = requested(office)
    for role in ("auditor", "reporter"):
        before = office.everything()
        with pytest.raises(NotAllowed):
            pages(office, code, by=role)
        assert office.everything() == before
    issued = pages(office, code, by="officer")
    assert pages(office, code, by="auditor") == issued
    assert "DỮ LIỆU MINH HỌA" in pages(office, code, demo=True)[0]
    assert len(documents(office)) == 1


def test_without_a_request_there_is_no_paper(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37)
    assert office.view(code).supplement_paper is None
    with pytest.raises(NotFound, match="chưa có yêu cầu bổ sung"):
        pages(office, code)
    with pytest.raises(NotFound):
        pages(office, "000.00.99.H54-240614-9999")


def test_an_imported_request_was_issued_elsewhere(sqlite_office: Any) -> None:
    office = sqlite_office
    code = requested(office)
    view = office.view(code).supplement_paper
    assert (view is not None, view and view.printed_at) == (True, None)
    office.session.scalars(select(Supplement)).one().missing = FROM_FILE
    office.session.commit()
    assert office.view(code).supplement_paper is None
    with pytest.raises(DomainError, match="nhập từ tệp"):
        pages(office, code)
    assert documents(office) == []
