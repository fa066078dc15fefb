"""How a question is read, and where a text answers it."""

from __future__ import annotations

import unicodedata

import pytest

from tthc.domain.search import (
    Question,
    bare_words,
    index_text,
    marked,
    phone_forms,
    phone_tail,
    read,
    shortened,
    with_tail,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Đường sắt Hà-Nội", ["duong", "sat", "ha", "noi"]),
        (unicodedata.normalize("NFD", "Ướt Đẫm"), ["uot", "dam"]),
        ("000.00.99.H54-240614-0001", ["000", "00", "99", "h54", "240614", "0001"]),
        ("a_b (c) – “d”\n50%", ["a", "b", "c", "d", "50"]),
        ("x" * 100, ["x" * 64]),
        ("!? ", []),
    ],
)
def test_bare_words(text: str, words: list[str]) -> None:
    assert bare_words(text) == words
    assert index_text([None, "", text]) == " ".join(words)


@pytest.mark.parametrize(
    ("phone", "forms"),
    [
        ("0912000900", "0912000900"),
        ("+84912000900", "84912000900 0912000900"),
        ("8412345", "8412345"),
        ("", ""),
    ],
)
def test_phones_are_found_as_people_dial_them(phone: str, forms: str) -> None:
    assert phone_forms(phone) == forms


@pytest.mark.parametrize(
    ("typed", "tail"),
    [
        ("0910", "t0190"),
        ("000.910", "t019000"),
        ("+84 912 000 910", "t01900021948"),
        ("910", ""),
        ("a0910", ""),
    ],
)
def test_a_phone_is_found_by_its_last_digits(typed: str, tail: str) -> None:
    words = index_text([phone_tail("+84 912 000 910")]).split()
    assert words == ["t01900021948"]
    question = read(typed)
    assert question is not None
    added = set(with_tail(question, typed).numbers) - set(question.numbers)
    assert added == ({tail} if tail else set())
    assert all(words[0].startswith(number) for number in added)


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("", None),
        (" %_ / ", None),
        ("Đường  sắt", Question((("duong",), ("sat",)))),
        ("H54-240614 an", Question((("h54", "240614"), ("an",)))),
        ("0912 000 900", Question((("0912",), ("000",), ("900",)), ("0912000900",))),
        ("0912000900", Question((("0912000900",),))),
        ("+84 912 000 900", Question((("84",), ("912",), ("000",), ("900",)), ("84912000900", "0912000900"))),
        ("12 34", Question((("12",), ("34",)))),
        ("ra 123456789 VN", Question((("ra",), ("123456789",), ("vn",)), ("ra123456789vn",))),
        ("RA123456789VN", Question((("ra123456789vn",),))),
    ],
)
def test_a_question_is_read(typed: str, question: Question | None) -> None:
    assert read(typed) == question
    assert read(unicodedata.normalize("NFD", typed)) == question


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Công ty Đường Sắt 900", "sat duo", "Công ty [Đường] [Sắt] 900"),
        ("000.00.99.H54-240614-0001", "240614-00", "000.00.99.H54-[240614]-[0001]"),
        ("240614 x 0001", "240614-00", "240614 x 0001"),
        ("Gọi 0912000900 nhé", "0912 000 900", "Gọi [0912000900] nhé"),
        ("Hoà Bình", "binh khac", "Hoà [Bình]"),
        ("", "a", ""),
    ],
)
def test_what_was_sought_is_marked(text: str, typed: str, shown: str) -> None:
    question = read(typed)
    assert question is not None
    pieces = marked(text, question)
    assert "".join(f"[{piece}]" if hit else piece for piece, hit in pieces) == shown
    assert "".join(piece for piece, _ in pieces) == text


def test_long_texts_are_shown_around_what_matched() -> None:
    question = read("giữa")
    assert question is not None
    pieces = shortened(marked("đầu " * 60 + "giữa" + " cuối" * 60 + " giữa", question))
    assert [hit for _, hit in pieces] == [False, True, False, True]
    assert pieces[0][0].startswith("…")
    assert pieces[0][0].endswith("đầu ")
    assert "…" in pieces[2][0]
    assert sum(len(text) for text, _ in pieces) < 220
    assert shortened(marked("ngắn, giữa", question)) == marked("ngắn, giữa", question)
