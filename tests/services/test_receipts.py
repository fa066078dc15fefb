"""The receipt: the same paper when it is printed again, another one when what it says has changed."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from tthc.db.models import Document
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import ApplicantKind
from tthc.services import receipts
from tthc.services.applicants import ApplicantInput
from tthc.services.intake import PaperInput
from tthc.services.transaction import NotFound


def printed(office: Any, code: str, by: str = "clerk", **more: Any) -> str:
    """The text of the receipt, its blanks folded."""
    content = receipts.print_receipt(
        office.session, now=office.now, actor=office.person(by), code=code, **more
    )
    assert content.startswith(b"%PDF")
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())
    finally:
        document.close()


def documents(office: Any) -> list[Document]:
    office.session.rollback()
    return list(office.session.scalars(select(Document).order_by(Document.id)))


def test_the_receipt_says_what_was_promised(office: Any) -> None:
    office.stand("14/06/2024 17:40")
    code = office.receive(
        37,
        applicant=ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 900", "0100900900", "0912000900"),
        submitter_name="Người nộp 01",
        papers=[PaperInput(None, "Đơn đề nghị", originals=1, copies=2)],
    )
    text = printed(office, code)
    for words in (
        code,
        "Doanh nghiệp 900",
        "Người nộp 01",
        "0100900900",
        "Đơn đề nghị",
        "05 ngày làm việc",
        "17 giờ 40 phút, ngày 14/06/2024",
        "17 giờ 00 phút, ngày 24/06/2024",
        "ngày 14 tháng 6 năm 2024",
        "Thông tư số 01/2018/TT-VPCP",
    ):
        assert words in text, words
    document = documents(office)[0]
    assert (document.form, document.form_set, document.no) == ("01", "2018", 1)
    assert document.due_date_id == office.dossier(code).due_date_id


def test_printed_again_it_is_the_same_paper(office: Any) -> None:
    code = office.receive(37)
    first = printed(office, code)
    office.stand("17/06/2024")
    office.act("start", code)
    office.act("assign", code, officer_id=3)
    assert printed(office, code) == first, "dated as the first time"
    assert len(documents(office)) == 1


def test_a_new_promise_makes_a_new_paper_that_replaces_the_old(office: Any) -> None:
    office.stand("10/06/2024")
    code = office.receive(37)
    first = printed(office, code)
    office.stand("11/06/2024")
    office.act("pause", code)
    office.stand("13/06/2024")
    office.act("resume", code)
    second = printed(office, code)
    assert "17 giờ 00 phút, ngày 17/06/2024" in first
    assert "17 giờ 00 phút, ngày 19/06/2024" in second
    assert "Thay thế giấy tiếp nhận đã in ngày 10/06/2024" in second
    old, new = documents(office)
    assert (old.replaced_by_id, new.replaced_by_id, new.no) == (new.id, None, 2)
    assert printed(office, code) == second
    assert [(row.due_on, row.replaced) for row in office.view(code).receipts] == [
        (office.on("17/06"), True),
        (office.on("19/06"), False),
    ]


def test_reopening_repeats_the_promise_and_not_the_paper(sqlite_office: Any) -> None:
    code = sqlite_office.receive(37)
    first = printed(sqlite_office, code)
    sqlite_office.act("resolve", code)
    sqlite_office.act("reopen", code)
    assert printed(sqlite_office, code) == first
    assert len(documents(sqlite_office)) == 1


@pytest.mark.parametrize(
    ("issued", "circular"),
    [
        ("14/09/2025 23:59:59", "Thông tư số 01/2018/TT-VPCP"),
        ("15/09/2025 00:00", "Thông tư số 03/2025/TT-VPCP"),
    ],
)
def test_the_day_of_issue_chooses_the_set_and_the_letterhead(
    sqlite_office: Any, issued: str, circular: str
) -> None:
    office = sqlite_office
    code = office.receive(37)
    office.stand(issued)
    text = printed(office, code)
    assert circular in text
    assert "HƯNG YÊN" in text.upper(), "the unit is named as on the day of issue"


def test_who_may_print(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37)
    for role in ("auditor", "reporter", "admin"):
        before = office.everything()
        with pytest.raises(NotAllowed):
            printed(office, code, by=role)
        assert office.everything() == before, "an auditor changes nothing"
    issued = printed(office, code, by="officer")
    before = office.everything()
    assert printed(office, code, by="auditor") == issued
    assert office.everything() == before
    with pytest.raises(NotFound):
        printed(office, "000.00.99.H54-240614-9999")


def test_a_demonstration_says_so_and_is_no_other_paper(sqlite_office: Any) -> None:
    code = sqlite_office.receive(37)
    assert "DỮ LIỆU MINH HỌA" in printed(sqlite_office, code, demo=True)
    assert "DỮ LIỆU MINH HỌA" not in printed(sqlite_office, code)
    assert len(documents(sqlite_office)) == 1


def test_a_provisional_date_is_marked(sqlite_office: Any) -> None:
    sqlite_office.stand("28/12/2026")
    code = sqlite_office.receive(37)
    assert sqlite_office.dossier(code).provisional
    assert "tạm tính" in printed(sqlite_office, code)
