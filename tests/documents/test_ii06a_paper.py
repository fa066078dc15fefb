"""Biểu II.06a on paper: opened again and compared with the form, cell by cell."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from tthc.documents.ii06a import AGREES, DIFFERS, Ii06aForm, Ii06aRow, print_ii06a

ROWS = (
    Ii06aRow("Đầu tư tại Việt Nam", 1060, 1, 8, 40, 1020, 0, 9, 0),
    Ii06aRow("Hoạt động xây dựng", 20, 2, 2, 12, 11, 0, 1, 0),
    Ii06aRow("Lao động", 10, 0, 1, 5, 6, 0, 0, 0),
)
FORM = Ii06aForm(
    unit_name="Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh Thái Bình",
    superior_name="Ủy ban nhân dân tỉnh Thái Bình",
    recipient_name="Ủy ban nhân dân tỉnh Thái Bình",
    place="Thái Bình",
    period_title="6 tháng đầu năm 2024",
    from_on=date(2023, 12, 15),
    to_on=date(2024, 6, 14),
    rows=ROWS,
    separate_ends=False,
    issued_on=date(2024, 6, 17),
    notes=("Có 2 hồ sơ trả lại.",),
)


def pages(pdf: bytes) -> list[str]:
    read = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(unicodedata.normalize("NFC", page.extract_text()).split()) for page in read]


def test_every_number_of_the_form_stands_in_its_row() -> None:
    (text,) = pages(print_ii06a(FORM))
    assert "1 Đầu tư tại Việt Nam 1.069 1.060 1 8 1.060 40 1.020 0 9 9 0" in text
    assert "2 Hoạt động xây dựng 24 20 2 2 23 12 11 0 1 1 0" in text
    assert "3 Lao động 11 10 0 1 11 5 6 0 0 0 0" in text
    assert "TỔNG CỘNG 1.104 1.090 3 11 1.094 57 1.037 0 10 10 0" in text


def test_what_an_official_signs_is_all_there() -> None:
    (text,) = pages(print_ii06a(FORM))
    for words in (
        "Biểu số II.06a/VPCP/KSTT",
        "Ban hành theo Thông tư số 01/2020/TT-VPCP ngày 21/10/2020",
        "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC",
        "Kỳ báo cáo: 6 tháng đầu năm 2024 (Từ ngày 15/12/2023 đến ngày 14/06/2024)",
        "- Đơn vị báo cáo: Ban Quản lý Khu kinh tế",
        "- Đơn vị nhận báo cáo: Ủy ban nhân dân tỉnh Thái Bình",
        "(3)=(4)+(5)+(6)",
        "(13)",
        "- Có 2 hồ sơ trả lại.",
        "Thái Bình, ngày 17 tháng 6 năm 2024",
        "Người làm báo cáo",
        "Thủ trưởng đơn vị",
    ):
        assert words in text, words
    assert "(14)" not in text


def test_separate_ends_have_columns_of_their_own() -> None:
    row = replace(ROWS[2], withdrawn=0, stopped=0)
    (text,) = pages(print_ii06a(replace(FORM, separate_ends=True, rows=(row,))))
    assert "Số hồ sơ kết thúc khác" in text
    assert "(3) = (7) + (11) + (14) + (15)" in text
    assert "1 Lao động 11 10 0 1 11 5 6 0 0 0 0 0 0" in text


@pytest.mark.parametrize(("within", "word"), [(9, AGREES), (8, DIFFERS)])
def test_the_check_says_whether_the_form_agrees(within: int, word: str) -> None:
    (text,) = pages(print_ii06a(replace(FORM, rows=(replace(ROWS[0], within=within),))))
    assert f"tại từng dòng và dòng tổng cộng: {word}" in text


def test_many_rows_run_on_under_the_same_heads_on_numbered_pages() -> None:
    read = pages(print_ii06a(replace(FORM, rows=ROWS * 17)))
    assert len(read) > 1
    for number, text in enumerate(read, start=1):
        assert f"Trang {number} / {len(read)}" in text
        # Where rows stand, their heads stand; a signature never stands alone.
        assert ("Số lượng hồ sơ đang giải quyết" in text) == ("Lao động" in text or "TỔNG CỘNG" in text)
        assert "Thủ trưởng đơn vị" not in text or "Ghi chú:" in text
    assert len([text for text in read if "TỔNG CỘNG" in text]) == 1


def test_a_period_without_dossiers_says_so() -> None:
    (text,) = pages(print_ii06a(replace(FORM, rows=())))
    assert "Không phát sinh hồ sơ trong kỳ" in text
    assert "TỔNG CỘNG 0 0 0 0 0 0 0 0 0 0 0" in text


def test_it_lies_on_a4_landscape_and_the_same_form_gives_the_same_bytes() -> None:
    once, again = print_ii06a(FORM), print_ii06a(FORM)
    assert once == again
    page = pypdf.PdfReader(io.BytesIO(once)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)


def test_what_a_person_typed_stays_literal() -> None:
    (text,) = pages(print_ii06a(replace(FORM, unit_name='Ban #emph[Quản] "lý" $x$')))
    assert 'Ban #emph[Quản] "lý" $x$' in text
