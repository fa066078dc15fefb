"""Amounts as people type them, and as they are shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.amounts import MOST, decimal_sign_of, plain_amount, read_amount, show_amount, show_count
from tthc.domain.vocabulary import DomainError

AMOUNTS = st.decimals(min_value=-MOST, max_value=MOST, places=9)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3474,58", "3474.58"),
        ("3.474,58", "3474.58"),
        ("3474.58", "3474.58"),
        ("3,474.58", "3474.58"),
        ("3 474,58", "3474.58"),
        ("3\u00a0474,58", "3474.58"),
        ("144.256,91", "144256.91"),
        ("107", "107"),
        ("169.5", "169.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1234.567", "1234.567"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("7,2834", "7.2834"),
        ("-3,5", "-3.5"),
        ("−3,5", "-3.5"),
        ("+2", "2"),
        ("-0", "0"),
        ("0,000000001", "0.000000001"),
    ],
)
def test_what_is_read(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)
    assert not str(read_amount(text)).startswith("-0")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "không phải là số"),
        ("mười", "không phải là số"),
        ("1e5", "không phải là số"),
        ("NaN", "không phải là số"),
        ("٣", "không phải là số"),
        ("1.2.3", "không phải là số"),
        ("12,34,567", "không phải là số"),
        ("1.234,567,8", "không phải là số"),
        ("1234.567,8", "không phải là số"),
        (",5", "không phải là số"),
        ("5,", "thiếu chữ số sau dấu phẩy"),
        ("1,2345678901", "9 chữ số thập phân"),
        ("10.000.001", "quá lớn"),
        ("9" * 400, "quá lớn"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(DomainError, match=why):
        read_amount(text)


@pytest.mark.parametrize("text", ["3.474", "3,474", "-12.500", "107.000"])
def test_thousands_or_decimals_is_never_guessed(text: str) -> None:
    with pytest.raises(DomainError, match="Không rõ"):
        read_amount(text)


def test_the_refusal_of_an_unclear_amount_says_how_to_write_either() -> None:
    with pytest.raises(DomainError) as refusal:
        read_amount("3.474")
    assert "ghi 3474 hoặc 3,4740" in refusal.value.message
    assert read_amount("3,4740") == Decimal("3.474")


def test_the_rest_of_a_file_tells_what_its_single_signs_are() -> None:
    assert decimal_sign_of(["13.69", "203.82", "3.125"]) == "."
    assert decimal_sign_of(["13,69", "3.125"]) == ","
    assert decimal_sign_of(["1.234.567"]) == ","
    assert decimal_sign_of(["1,234,567", "2"]) == "."
    assert decimal_sign_of(["3.125", "107", "", "chữ"]) is None
    assert decimal_sign_of(["1.5", "1,5"]) is None
    assert read_amount("3.125", decimal_sign=".") == Decimal("3.125")
    assert read_amount("3.125", decimal_sign=",") == Decimal(3125)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("3474.58", "3.474,58"),
        ("144256.91", "144.256,91"),
        ("107", "107,00"),
        ("169.5", "169,50"),
        ("1E+3", "1.000,00"),
        ("0", "0,00"),
        ("-3.125", "-3,125"),
        ("7.283456", "7,283456"),
    ],
)
def test_what_is_shown(amount: str, shown: str) -> None:
    assert show_amount(Decimal(amount)) == shown


def test_nothing_is_a_dash_and_counts_have_no_decimals() -> None:
    assert show_amount(None) == "–"
    assert [show_count(one) for one in (0, 344, 1234567)] == ["0", "344", "1.234.567"]


@given(AMOUNTS)
def test_what_a_file_says_is_read_back(amount: Decimal) -> None:
    assert read_amount(plain_amount(amount)) == amount


@given(AMOUNTS)
def test_what_is_shown_is_read_back_and_never_rounded(amount: Decimal) -> None:
    assert read_amount(show_amount(amount), decimal_sign=",") == amount
