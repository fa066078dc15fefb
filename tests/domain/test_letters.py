"""The texts of letters: what may stand in them, and what becomes of it."""

from __future__ import annotations

import pytest

from tthc.domain.letters import (
    BLANK,
    SAMPLE_LISTS,
    SETS,
    LetterKind,
    checked_body,
    default_text,
    placeholders,
    sample_values,
    written,
)
from tthc.domain.vocabulary import DomainError


@pytest.mark.parametrize("form_set", SETS)
@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_texts_that_come_with_the_program_are_whole(kind: LetterKind, form_set: str) -> None:
    text = default_text(kind, form_set)
    assert checked_body(kind, text.body) == text.body
    filled = " ".join(written(text.body, sample_values(kind), SAMPLE_LISTS))
    assert "{" not in filled
    assert "[" not in filled, "a preview reads like the sheet"
    assert BLANK not in filled


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (" \n ", "Nhập nội dung"),
        ("Lý do: {ly_do} {ngay_sinh} {ma}", r"Không có trường \{ma\}, \{ngay_sinh\}"),
        ("Lý do: {ly_do} {co_quan}", r"Không có trường \{co_quan\}"),
        ("Lý do: {ly_do", "không thành cặp"),
        ("Lý do: {ly_do}}", "không thành cặp"),
        ("Không nêu gì", r"phải có \{ly_do\} \(lý do\)"),
        ("{ly_do}" * 1000, "dài quá 6000 ký tự"),
    ],
)
def test_a_text_with_a_hole_is_refused_with_a_sentence(body: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence) as refusal:
        checked_body(LetterKind.STOP, body)
    assert refusal.value.field == "body"


def test_a_list_is_numbered_where_it_stands_alone_and_told_in_a_row_elsewhere() -> None:
    body = checked_body(
        LetterKind.SUPPLEMENT, "Bổ sung:\n{noi_dung_bo_sung}\nGồm {noi_dung_bo_sung} vì {ly_do}"
    )
    lists = {"noi_dung_bo_sung": ["Giấy {a}", "Tờ b"]}
    assert written(body, {"ly_do": "thiếu"}, lists) == [
        "Bổ sung:",
        "1. Giấy {a}",
        "2. Tờ b",
        "Gồm Giấy {a}; Tờ b vì thiếu",
    ]
    assert "ngay_hen_tra" not in placeholders(LetterKind.SUPPLEMENT)


def test_values_stand_as_they_are_and_what_is_unknown_is_left_open() -> None:
    body = checked_body(LetterKind.STOP, "  Hồ sơ { ma_ho_so }:\n\n{ly_do}.  ")
    assert body == "Hồ sơ { ma_ho_so }:\n{ly_do}."
    assert list(written(body, {"ma_ho_so": "{ly_do} #let x", "ly_do": ""})) == [
        "Hồ sơ {ly_do} #let x:",
        f"{BLANK}.",
    ]
    reason = " 1. Thiếu  bản vẽ\r\n\n2. Chưa có {dấu} "
    assert written("Lý do: {ly_do}. Xin thông báo.", {"ly_do": reason}) == [
        "Lý do: 1. Thiếu bản vẽ",
        "2. Chưa có {dấu}. Xin thông báo.",
    ]
    assert set(placeholders(LetterKind.SLIP)) > {"co_quan", "ma_ho_so"}
