"""Rows that hold from a date on: which holds when, what it took the place of, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from tthc.domain import dated


@dataclass(frozen=True)
class Row:
    """A row as it was entered."""

    name: str
    valid_from: date | None


ALWAYS = Row("always", None)
JULY_1 = Row("july", date(2024, 7, 1))
JULY_2 = Row("july again", date(2024, 7, 1))
JUNE = Row("june", date(2024, 6, 20))
#: As they were entered: June after both for July.
ROWS = (ALWAYS, JULY_1, JULY_2, JUNE)


@pytest.mark.parametrize(
    ("on", "row"),
    [
        (date(2016, 1, 1), ALWAYS),
        (date(2024, 6, 19), ALWAYS),
        (date(2024, 6, 20), JUNE),
        (date(2024, 6, 30), JUNE),
        (date(2024, 7, 1), JULY_2),
        (date(2030, 1, 1), JULY_2),
    ],
)
def test_the_newest_row_at_or_before_a_date_holds(on: date, row: Row) -> None:
    assert dated.in_force(ROWS, on) is row


def test_before_the_first_row_there_is_none() -> None:
    assert dated.in_force(ROWS[1:], date(2024, 6, 19)) is None
    assert dated.in_force((), date(2024, 6, 19)) is None


def test_what_a_row_took_the_place_of() -> None:
    assert [dated.replaced(ROWS, row) for row in ROWS] == [None, ALWAYS, JULY_1, ALWAYS]


def test_what_is_still_to_come() -> None:
    assert dated.coming(ROWS, date(2024, 6, 14)) == [JUNE, JULY_2]
    assert dated.coming(ROWS, date(2024, 6, 20)) == [JULY_2]
    assert dated.coming(ROWS, date(2024, 7, 1)) == []


def test_how_long_something_would_hold() -> None:
    assert dated.until(ROWS, date(2024, 6, 15)) == date(2024, 6, 19)
    assert dated.until(ROWS, date(2024, 6, 20)) == date(2024, 6, 30)
    assert dated.until(ROWS, date(2024, 7, 1)) is None


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2024, 6, 14), ["đang áp dụng", "lần ghi sau", "sắp áp dụng", "sắp áp dụng"]),
        (date(2024, 6, 20), ["đến hết 19/06/2024", "lần ghi sau", "sắp áp dụng", "đang áp dụng"]),
        (date(2024, 7, 1), ["đến hết 19/06/2024", "lần ghi sau", "đang áp dụng", "đến hết 30/06/2024"]),
    ],
)
def test_what_became_of_each(today: date, words: list[str]) -> None:
    told = [dated.standing(ROWS, row, today) for row in ROWS]
    assert [word in sentence for word, sentence in zip(words, told, strict=True)] == [True] * 4
