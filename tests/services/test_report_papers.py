"""What is made of a report: the published sentence word by word, its document, the covering letter."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.services.conftest import Office, published_half_year
from tthc.db.models import Report, Setting
from tthc.domain.permissions import system_actor
from tthc.domain.settings import TALLY_ENDS
from tthc.domain.vocabulary import TallyEnds
from tthc.services import report_letters, report_sentences, reports
from tthc.services.reports import Letter
from tthc.services.transaction import NotFound

UNIT = "Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh Thái Bình"
HALF_YEAR = (
    f"Trong 6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến hết ngày 14/06/2024), {UNIT} tiếp nhận 130 hồ sơ "
    "thủ tục hành chính (trong đó 13 hồ sơ từ kỳ trước chuyển sang, 117 hồ sơ mới tiếp nhận: 110 hồ sơ "
    "trực tuyến, 07 hồ sơ trực tiếp); đã giải quyết 119 hồ sơ, trong đó 71 hồ sơ trước hạn, 48 hồ sơ đúng "
    "hạn, không có hồ sơ quá hạn; đang giải quyết 11 hồ sơ, tất cả trong hạn"
)


def draw(office: Office) -> None:
    done = reports.draw_up(office.session, now=office.now, actor=system_actor(1))
    assert done.failed == 0


def id_of(office: Office, from_on: date, to_on: date) -> int:
    query = select(Report.id).where(Report.from_on == from_on, Report.to_on == to_on)
    return office.session.scalars(query).one()


def said(office: Office, report_id: int) -> str:
    return report_sentences.get_sentence(office.session, actor=office.person("auditor"), report_id=report_id)


def letter_of(office: Office, report_id: int, **more: Any) -> tuple[PdfReader, str]:
    pdf = report_letters.print_letter(
        office.session, actor=office.person("auditor"), today=office.today, report_id=report_id, **more
    )
    reader = PdfReader(io.BytesIO(pdf))
    return reader, re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def drawn_up(office: Office) -> int:
    published_half_year(office)
    office.stand("17/06/2024 07:00")
    draw(office)
    return id_of(office, date(2023, 12, 15), date(2024, 6, 14))


@pytest.fixture
def half_year(office: Office, prepared: Any) -> int:
    """The report of the published half-year, drawn up on the Monday after it ended."""
    number: int = prepared(office, drawn_up)
    return number


def test_the_published_sentence(office: Office, half_year: int) -> None:
    sentence = said(office, half_year)
    assert sentence == f"{HALF_YEAR}; không tiếp nhận phản ánh, kiến nghị nào."
    assert sentence.count(".") == 1


def test_the_document_holds_the_same_sentence(office: Office, half_year: int) -> None:
    content = report_sentences.export_sentence(
        office.session, actor=office.person("reporter"), report_id=half_year
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("word/document.xml").decode()
    texts = re.findall(r"<w:t[^>]*>([^<]*)</w:t>", body)
    assert texts == [
        "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
        "6 tháng đầu năm 2024",
        said(office, half_year),
    ]
    again = report_sentences.export_sentence(
        office.session, actor=office.person("auditor"), report_id=half_year
    )
    assert again == content


def test_the_letter_of_a_draft_leaves_room_for_what_is_not_known(office: Office, half_year: int) -> None:
    reader, text = letter_of(office, half_year)
    assert len(reader.pages) == 1
    width, height = reader.pages[0].mediabox[2:]
    assert [round(float(side) / 72 * 25.4) for side in (width, height)] == [210, 297]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert UNIT.upper() in text
    assert "Thái Bình, ngày 17 tháng 6 năm 2024" in text
    assert "V/v báo cáo tình hình, kết quả giải quyết thủ tục hành chính 6 tháng đầu năm 2024" in text
    assert HALF_YEAR in text
    assert "Gửi kèm Biểu số II.06a/VPCP/KSTT" in text
    assert "Dự thảo, chưa có số văn bản." in text
    assert "đính chính" not in text
    assert "MINH HỌA" not in text
    assert "MINH HỌA" in letter_of(office, half_year, demo=True)[1]


def test_the_letter_says_what_is_known_and_stays_as_it_was_sent(office: Office) -> None:
    office.stand("02/04/2024")
    office.receive(37)
    office.stand("16/05/2024")
    draw(office)
    report_id = id_of(office, date(2024, 4, 15), date(2024, 5, 14))
    reports.record_letter(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        report_id=report_id,
        version=1,
        letter=Letter("123/BC-BQL", "Lãnh đạo 01", "Văn phòng Ủy ban nhân dân tỉnh"),
    )
    [row] = office.session.scalars(select(Report).where(Report.id == report_id))
    # As it is after it was sent as the first correction.
    row.correction_no, row.state, row.sent_on = 1, "sent", date(2024, 5, 15)
    office.session.commit()
    pdf = letter_of(office, report_id)[1]
    assert "Số: 123/BC-BQL" in pdf
    assert "Kính gửi: Văn phòng Ủy ban nhân dân tỉnh" in pdf
    assert "Lãnh đạo 01" in pdf
    assert "ngày 15 tháng 5 năm 2024" in pdf
    assert "V/v báo cáo đính chính số 1 tình hình, kết quả giải quyết" in pdf
    assert "thay thế số liệu của cùng kỳ đã báo cáo" in pdf
    assert "Dự thảo" not in pdf
    office.stand("20/09/2024")
    assert letter_of(office, report_id)[1] == pdf


def test_withdrawn_dossiers_are_told_as_the_office_counts_them(office: Office) -> None:
    office.stand("02/04/2024")
    first, second = office.receive(37), office.receive(37)
    office.act("resolve", first)
    office.act("withdraw", second)
    office.stand("15/04/2024")
    draw(office)
    report_id = id_of(office, date(2024, 3, 15), date(2024, 4, 14))
    assert "đã giải quyết 02 hồ sơ (gồm cả 01 hồ sơ người nộp rút), tất cả trước hạn" in said(
        office, report_id
    )
    office.session.add(
        Setting(
            unit_id=1,
            key=TALLY_ENDS.key,
            value_json={"value": TallyEnds.SEPARATE.value},
            valid_from=None,
            recorded_at=office.now,
        )
    )
    office.session.commit()
    assert "đã giải quyết 01 hồ sơ, trước hạn; 01 hồ sơ người nộp rút; không còn hồ sơ" in said(
        office, report_id
    )


def test_papers_of_what_there_is_not(office: Office) -> None:
    for make in (
        lambda: said(office, 7),
        lambda: letter_of(office, 7),
        lambda: report_sentences.export_sentence(
            office.session, actor=office.person("reporter"), report_id=7
        ),
    ):
        with pytest.raises(NotFound):
            make()
