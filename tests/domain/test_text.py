"""Vietnamese text: normal form, folding and the order of names."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import date

import pytest

from tthc.domain.text import fold, nfc, squeeze, vietnamese_name_key, vietnamese_order_key, written_date


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_papers_write_a_zero_before_small_days_and_the_first_two_months_alone() -> None:
    for day, expected in (
        (date(2024, 6, 14), "ngày 14 tháng 6 năm 2024"),
        (date(2024, 2, 5), "ngày 05 tháng 02 năm 2024"),
        (date(2024, 3, 1), "ngày 01 tháng 3 năm 2024"),
        (date(2024, 12, 31), "ngày 31 tháng 12 năm 2024"),
    ):
        assert written_date(day) == expected


def test_nfc_composes() -> None:
    assert nfc(decomposed("Hồ sơ đã được tiếp nhận")) == "Hồ sơ đã được tiếp nhận"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Nguyễn   Văn \t An\n", "Nguyễn Văn An"),
        ("Công\u00a0ty\u3000TNHH", "Công ty TNHH"),
        ("\ufeffHồ\u200b sơ", "Hồ sơ"),
        (decomposed("Trần  Thị"), "Trần Thị"),
        (" \r\n ", ""),
    ],
)
def test_squeeze_leaves_single_blanks(text: str, expected: str) -> None:
    assert squeeze(text) == expected


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đặng Thị Ước", "dang thi uoc"),
        ("ĐẦU TƯ XÂY DỰNG", "dau tu xay dung"),
        ("giấy phép lao động", "giay phep lao dong"),
        ("ÀÁẢÃẠ ĂẰẮẲẴẶ ÂẦẤẨẪẬ", "aaaaa aaaaaa aaaaaa"),
        ("ÈÉẺẼẸ ÊỀẾỂỄỆ ÌÍỈĨỊ", "eeeee eeeeee iiiii"),
        ("ÒÓỎÕỌ ÔỒỐỔỖỘ ƠỜỚỞỠỢ", "ooooo oooooo oooooo"),
        ("ÙÚỦŨỤ ƯỪỨỬỮỰ ỲÝỶỸỴ", "uuuuu uuuuuu yyyyy"),
        ("Société 123-ABC", "societe 123-abc"),
    ],
)
def test_folding_takes_every_diacritic_away_in_both_forms(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(decomposed(text)) == folded
    assert fold(fold(text)) == folded


# Each list stands in the order in which a Vietnamese list of names has it.
@pytest.mark.parametrize(
    "names",
    [
        # the given name decides, then family and middle names
        ["Vũ An", "Lê Thị Bình", "Nguyễn Văn Bình", "Trần Cường", "Đỗ Dũng", "Bùi Đức", "Hồ Em"],
        # the alphabet: a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y
        ["Lê An", "Lê Ăn", "Lê Ân", "Lê Ba", "Lê Ca", "Lê Da", "Lê Đa", "Lê E", "Lê Ê", "Lê Ga"],
        ["Lê Nô", "Lê Nơ", "Lê Pa", "Lê Tu", "Lê Tư", "Lê Va", "Lê Xa", "Lê Ya"],
        # tones: ngang, huyền, hỏi, ngã, sắc, nặng
        ["Lê Ma", "Lê Mà", "Lê Mả", "Lê Mã", "Lê Má", "Lê Mạ"],
        ["Lê Hâu", "Lê Hầu", "Lê Hẩu", "Lê Hẫu", "Lê Hấu", "Lê Hậu"],
        # letters before tones, short words before longer ones
        ["Lê An", "Lê Ạn", "Lê Anh", "Lê Ánh"],
        ["An", "Lê An", "Lê Văn An", "Ngô An"],
        ["Lê 9", "Lê A"],
        ["Hộ kinh doanh 001", "Doanh nghiệp 002", "Doanh nghiệp 010"],
        # letters foreign to the alphabet stand where Latin has them; other scripts follow
        ["Lê Ê", "Lê Fa", "Lê Ga", "Lê Ia", "Lê Ja", "Lê Ka", "Lê Va", "Lê Wa", "Lê Ya", "Lê Za", "Lê 김"],
    ],
)
def test_names_sort_by_their_key(names: list[str]) -> None:
    shuffled = names[:]
    random.Random(5).shuffle(shuffled)
    assert sorted(shuffled, key=vietnamese_name_key) == names
    assert sorted(shuffled, key=lambda name: vietnamese_name_key(name).encode()) == names
    keys = [vietnamese_name_key(name) for name in names]
    assert len(set(keys)) == len(names)
    assert [vietnamese_name_key(decomposed(name)) for name in names] == keys


def test_names_of_firms_sort_from_their_beginning() -> None:
    names = ["Ban Quản lý", "Công ty Ấn Ba", "Công ty Thái", "Cơ khí Ân", "Doanh nghiệp 002", "Đại An"]
    keys = [vietnamese_order_key(name) for name in names]
    assert keys == sorted(set(keys))


def test_a_key_sorts_alike_under_every_collation() -> None:
    # Only digits and small Latin letters: no collation ignores or re-orders these.
    for name in ("Nguyễn Thị Ánh-Tuyết", "Công ty (TNHH) “Đài Ký” 12", "이 Ước", ""):
        assert re.fullmatch(r"[0-9a-z]*", vietnamese_name_key(name))
    assert vietnamese_name_key("AN") == vietnamese_name_key(" an ") == "a0n000"
    assert vietnamese_name_key("") == ""
