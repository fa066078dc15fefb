"""Form 04: issued with the approval, under the name and in the words of its set, and never rewritten."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from tthc.db.models import Document, Extension
from tthc.services import extension_papers, extensions
from tthc.services.corrections import Correction, correct_dossier
from tthc.services.transaction import NotFound, StaleVersion


def pages(office: Any, code: str, by: str = "clerk", **more: Any) -> list[str]:
    """The text of each page, its blanks folded."""
    content = extension_papers.print_letter(office.session, actor=office.person(by), code=code, **more)
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        for page in document:
            assert page.get_size() == pytest.approx((420, 595), abs=1), "A5"
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def letters(office: Any) -> list[Document]:
    office.session.rollback()
    return list(office.session.scalars(select(Document).where(Document.form == "04").order_by(Document.id)))


def propose(
    office: Any, code: str, new: str = "21/06", reason: str = "Chờ ý kiến của cơ quan phối hợp"
) -> None:
    override = "Lý do đặc biệt" if office.view(code).extensions else ""
    extensions.propose_extension(
        office.session,
        call=office.call(code, "officer"),
        new_due_on=office.on(new),
        reason=reason,
        override_reason=override,
    )


def approve(office: Any, code: str, occurred: str | None = None) -> None:
    extensions.approve_extension(office.session, call=office.call(code, "supervisor", occurred))


def extended(office: Any, when: str = "13/06 15:00", **more: Any) -> str:
    """Received on Monday 10/06/2024 08:05 with 05 working days, due on 17/06; extended to 21/06."""
    office.stand("10/06 08:05")
    code: str = office.receive(37)
    propose(office, code, **more)
    office.stand(when)
    approve(office, code)
    return code


def test_the_letter_apologises_says_why_and_tells_both_appointments(office: Any) -> None:
    code = extended(office)
    office.stand("20/06")
    [text] = pages(office, code)
    expected = [
        "Mẫu số 04 – Thông tư số 01/2018/TT-VPCP",
        "Thái Bình, ngày 13 tháng 6 năm 2024",
        "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {code}",
        "/PXL",
        "Kính gửi: Doanh nghiệp 900",
        "08 giờ 05 phút, ngày 10/06/2024",
        "Nội dung đề nghị giải quyết: ",
        "Thời gian hẹn trả kết quả: 17 giờ 00 phút, ngày 17/06/2024",
        "chưa thể trả kết quả giải quyết hồ sơ của Ông/Bà đúng thời gian đã hẹn.",
        "Lý do: Chờ ý kiến của cơ quan phối hợp",
        "xin lỗi Ông/Bà vì sự chậm trễ này và hẹn lại ngày trả kết quả theo khoản 9 Điều 19 Nghị định 61/",
        "Hồ sơ được trả kết quả vào: 17 giờ 00 phút, ngày 21/06/2024",
        "Nơi nhận:",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
    ]
    found = [text.find(part) for part in expected]
    assert [part for part, at in zip(expected, found, strict=True) if at < 0] == []
    body = found[3:]
    assert body == sorted(body)
    [letter] = letters(office)
    extension = office.session.scalars(select(Extension)).one()
    assert (letter.form_set, letter.no) == ("2018", 1)
    assert (letter.event_id, letter.due_date_id) == (extension.closed_event_id, extension.due_date_id)


def test_it_is_issued_in_the_transaction_of_the_approval(office: Any) -> None:
    office.stand("10/06 08:05")
    code = office.receive(37)
    propose(office, code)
    assert letters(office) == []
    with pytest.raises(NotFound, match="chưa có lần gia hạn nào"):
        pages(office, code)
    stale = office.call(code)
    office.act("start", code)
    with pytest.raises(StaleVersion):
        extensions.approve_extension(office.session, call=stale)
    assert letters(office) == []
    approve(office, code)
    before = office.everything()
    for by in ("auditor", "officer", "clerk"):
        assert code in pages(office, code, by=by)[0]
    assert office.everything() == before, "printing writes nothing"
    assert "DỮ LIỆU MINH HỌA" in pages(office, code, demo=True)[0]


@pytest.mark.parametrize("when", ["17/06 08:00", "18/06 08:00"])
def test_a_late_letter_tells_a_date_and_claims_nothing(sqlite_office: Any, when: str) -> None:
    [text] = pages(sqlite_office, extended(sqlite_office, when))
    assert "đến nay" in text
    assert "chưa có kết quả giải quyết hồ sơ" in text
    assert "hẹn lại ngày trả kết quả. Hồ sơ được trả kết quả vào: 17 giờ 00 phút, ngày 21/06/2024" in text
    assert "Nghị định" not in text


def test_entered_afterwards_it_is_dated_as_it_was_signed(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06 08:05")
    code = office.receive(37)
    propose(office, code)
    office.stand("18/06 08:00")
    approve(office, code, occurred="14/06 16:00")
    [text] = pages(office, code)
    assert "ngày 14 tháng 6 năm 2024" in text
    assert "theo khoản 9 Điều 19" in text


@pytest.mark.parametrize(
    ("issued", "form_set", "words"),
    [
        ("14/09/2025 23:59:59", "2018", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
        ("15/09/2025 00:00", "2025", "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"),
    ],
)
def test_the_day_of_issue_chooses_name_and_words(
    sqlite_office: Any, issued: str, form_set: str, words: str
) -> None:
    office = sqlite_office
    office.stand("11/09/2025")
    code = office.receive(37)
    propose(office, code, "23/09/2025")
    office.stand(issued)
    approve(office, code)
    office.stand("01/10/2025")
    [text] = pages(office, code)
    assert words in text
    assert letters(office)[0].form_set == form_set
    assert "Nghị định 118/2025/" in text
    assert "61/2018" not in text
    prolonged = "đề nghị gia hạn thời gian giải quyết hồ sơ thêm 03 ngày làm việc" in text
    assert prolonged == (form_set == "2025")
    assert ("/PXL" in text) == (form_set == "2018")
    assert ("Thông tư số 03/2025/TT-VPCP" in text) == (form_set == "2025")


def test_what_went_out_is_not_rewritten_by_a_correction(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office)
    before = pages(office, code)
    dossier = office.dossier(code)
    wanted = Correction(office.procedure_id(41), None, dossier.channel, dossier.received_at)
    correct_dossier(office.session, call=office.call(code), correction=wanted, reason="Chọn nhầm thủ tục")
    assert pages(office, code) == before
    assert len(letters(office)) == 1


def test_a_second_extension_starts_from_what_was_told_last(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office, "17/06 08:00")
    propose(office, code, "28/06", "Chưa có ý kiến")
    office.stand("18/06 08:00")
    approve(office, code)
    [text] = pages(office, code)
    assert "Thời gian hẹn trả kết quả: ngày 21/06/2024" in text
    assert "ngày 28/06/2024" in text
    assert [(letter.no, letter.replaced_by_id) for letter in letters(office)] == [(1, None), (2, None)]


def test_the_longest_texts_stay_on_paper(sqlite_office: Any) -> None:
    reason = "\n".join(
        f"Lý do thứ {number} của việc chưa trả được kết quả đúng hẹn." for number in range(1, 41)
    )
    code = extended(sqlite_office, reason=reason)
    whole = " ".join(pages(sqlite_office, code))
    assert all(f"Lý do thứ {number} " in whole for number in range(1, 41))
    assert "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ" in whole
