"""Refusal, notice of a stop, control sheet and slip: chosen by the day of issue, kept, and printed again."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from tests.services.test_steps import hand_on
from tthc.db.models import Document
from tthc.domain.vocabulary import DomainError, Outcome
from tthc.services import consultations, dossier_papers, letters
from tthc.services.intake import PaperInput
from tthc.services.transaction import NotFound, StaleVersion


def text_of(content: bytes) -> list[str]:
    """The text of each page, its blanks folded."""
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def printed(office: Any, code: str, slug: str, by: str = "clerk") -> str:
    return " ".join(
        text_of(
            dossier_papers.print_paper(
                office.session, now=office.now, actor=office.person(by), code=code, slug=slug
            )
        )
    )


def documents(office: Any) -> list[Document]:
    office.session.rollback()
    return list(office.session.scalars(select(Document).order_by(Document.id)))


def test_a_refusal_is_form_03_and_prints_again_the_same(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06 09:00")
    code = office.receive(37)
    with pytest.raises(NotFound, match="không bị từ chối"):
        printed(office, code, "phieu-tu-choi")
    office.act("resolve", code, outcome=Outcome.REFUSED, returned=True, reason="Không thuộc thẩm quyền")
    text = printed(office, code, "phieu-tu-choi")
    for part in (
        "Mẫu số 03 – Thông tư số 01/2018/TT-VPCP",
        "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
        f"Mã hồ sơ: {code}",
        "Tiếp nhận hồ sơ của: Doanh nghiệp 900",
        "thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau: Không thuộc thẩm quyền",
        "NGƯỜI NỘP HỒ SƠ",
    ):
        assert part in text
    # Other words from today on: what was issued keeps its own.
    admin = office.person("admin")
    change = {
        "now": office.now,
        "actor": admin,
        "kind": "03",
        "form_set": "2018",
        "valid_from": office.today,
        "reason": "Theo mẫu của tỉnh",
    }
    letters.change_letter(office.session, **change, seen=0, body="Không giải quyết hồ sơ {ma_ho_so}: {ly_do}")
    with pytest.raises(StaleVersion):
        letters.change_letter(office.session, **change, seen=0, body="Lý do: {ly_do}")
    with pytest.raises(DomainError, match=r"Không có trường \{ten\}"):
        letters.change_letter(office.session, **change, seen=1, body="{ten}: {ly_do}")
    office.stand("12/06 09:00")
    assert printed(office, code, "phieu-tu-choi") == text
    [kept] = documents(office)
    again = dossier_papers.print_again(
        office.session, actor=office.person("auditor"), code=code, document_id=kept.id
    )
    assert " ".join(text_of(again)) == text
    other = office.receive(37)
    office.act("resolve", other, outcome=Outcome.REFUSED, reason="Thiếu điều kiện")
    reworded = printed(office, other, "phieu-tu-choi")
    assert "Không giải quyết hồ sơ" in reworded
    assert "Xin thông báo cho Ông/Bà" not in reworded
    view = letters.get_letter(office.session, actor=admin, on=office.today, kind="03", form_set="2018")
    assert [(one.version, one.in_force) for one in view.versions] == [(1, True), (0, False)]
    assert [one.title for one in office.view(code).issued] == ["Phiếu từ chối tiếp nhận giải quyết hồ sơ"]


@pytest.mark.parametrize(
    ("day", "note", "words"),
    [
        ("12/06/2024", "", "thông báo dừng giải quyết hồ sơ này với lý do, căn cứ như sau: Theo thông báo"),
        (
            "15/09/2025",
            "Mẫu số 05 – Thông tư số 03/2025/TT-VPCP",
            "Lý do và căn cứ dừng giải quyết: Theo thông báo",
        ),
    ],
)
def test_a_stop_is_a_letter_before_and_form_05_of_the_2025_set(
    sqlite_office: Any, day: str, note: str, words: str
) -> None:
    office = sqlite_office
    office.stand(f"{day} 09:00")
    code = office.receive(37)
    office.act("stop", code)
    text = printed(office, code, "thong-bao-dung")
    assert words in text
    assert ("Mẫu số" in text) is bool(note)
    assert note in text
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in text
    assert "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ" in text


def test_the_control_sheet_tells_every_hand_over_and_whether_it_was_in_time(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06 09:00")
    code = office.receive(37)
    office.stand("12/06 09:00")
    hand_on(office, code, by="clerk", to="officer", note="Chuyển muộn")
    text = printed(office, code, "phieu-kiem-soat")
    assert "Mẫu số 05 – Thông tư số 01/2018/TT-VPCP" in text
    assert "09 giờ 00 phút, ngày 12 tháng 6 năm 2024" in text
    assert "Quá hạn Chuyển muộn" in text
    assert "Cơ quan phối hợp giải quyết hồ sơ: Không" in text
    consultations.consult_agency(
        office.session,
        call=office.call(code, "officer"),
        agency="Sở Công Thương",
        question="Cho ý kiến",
        working_days=2,
    )
    later = printed(office, code, "phieu-kiem-soat")
    assert "Cơ quan phối hợp giải quyết hồ sơ: Sở Công Thương" in later
    assert "Thay thế phiếu kiểm soát đã in ngày 12/06/2024." in later
    slip = printed(office, code, "phieu-chuyen", by="officer")
    assert "PHIẾU CHUYỂN XỬ LÝ HỒ SƠ" in slip
    assert "Kính gửi: Sở Công Thương" in slip
    assert "Nội dung: Cho ý kiến" in slip
    assert [(one.form, one.replaced_by_id is not None) for one in documents(office)] == [
        ("control", True),
        ("control", False),
        ("slip", False),
    ]
    office.stand("15/09/2025 09:00")
    assert "Mẫu số 06 – Thông tư số 03/2025/TT-VPCP" in printed(office, office.receive(37), "phieu-kiem-soat")


def test_forms_of_several_dossiers_are_one_file_in_their_order(sqlite_office: Any) -> None:
    office = sqlite_office
    papers = tuple(PaperInput(None, f"Giấy tờ số {number}", 1, 0, 1) for number in range(1, 31))
    codes = [office.receive(37), office.receive(41, papers=papers), office.receive(38)]
    wanted = [codes[2], codes[0], codes[1]]
    arguments = {"now": office.now, "actor": office.person("clerk")}
    for slug in ("giay-tiep-nhan", "phieu-kiem-soat"):
        content = dossier_papers.print_many(office.session, **arguments, codes=wanted, slug=slug)
        pages = text_of(content)
        found = [next(code for code in codes if f"Mã hồ sơ: {code}" in page) for page in pages]
        assert list(dict.fromkeys(found)) == wanted
    before = office.everything()
    with pytest.raises(NotFound):
        dossier_papers.print_many(
            office.session, **arguments, codes=[*wanted, "khong-co"], slug="phieu-kiem-soat"
        )
    with pytest.raises(DomainError, match="Chọn ít nhất một hồ sơ"):
        dossier_papers.print_many(office.session, **arguments, codes=[], slug="giay-tiep-nhan")
    assert office.everything() == before
