"""Dossier codes as they are printed, typed, pasted and issued."""

from __future__ import annotations

from datetime import date

import pytest

from tthc.domain.codes import CodesExhausted, DossierCode, code_readings, format_code, parse_code
from tthc.domain.vocabulary import DomainError


@pytest.mark.parametrize(
    ("text", "unit_code", "on", "sequence"),
    [
        ("000.00.06.H56-231027-0361", "000.00.06.H56", date(2023, 10, 27), 361),
        ("000.00.99.H54-240614-0001", "000.00.99.H54", date(2024, 6, 14), 1),
        ("H15.50.05.13-261008-0975", "H15.50.05.13", date(2026, 10, 8), 975),
        ("H31-250701-0001", "H31", date(2025, 7, 1), 1),
        ("H31.12-250701-12345", "H31.12", date(2025, 7, 1), 12345),
        ("G01.899.110.001-240229-1234567", "G01.899.110.001", date(2024, 2, 29), 1234567),
        ("H31-250701-000012", "H31", date(2025, 7, 1), 12),
    ],
)
def test_codes_in_use_are_read_and_written_back(text: str, unit_code: str, on: date, sequence: int) -> None:
    code = parse_code(text)
    assert (code.unit_code, code.on, code.sequence) == (unit_code, on, sequence)
    assert str(code) == text


@pytest.mark.parametrize(
    "text",
    [
        "  000.00.06.H56-231027-0361\n",
        "000.00.06.h56-231027-0361",
        "000.00.06.H56–231027—0361",
        "000.00.06.H56 - 231027 - 0361",
        "\ufeff000.00.06.H56-231027-0361\u200b",
    ],
)
def test_a_code_is_read_as_people_paste_it(text: str) -> None:
    assert parse_code(text) == DossierCode("000.00.06.H56", date(2023, 10, 27), 361)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000.00.06.H56",
        "000.00.06.H56-231027",
        "000.00.06.H56-231027-361",
        "000.00.06.H56-231027-12345678",
        "000.00.06.H56-2310270-0361",
        "00.00.06.H56-231027-0361",
        "000.00.06.56H-231027-0361",
        "H15.5.05-261008-0975",
        "H15.50.05.13.77-261008-0975",
        "X000.00.06.H56-231027-0361",
        "000.00.06.H56-231027-0361X",
        "000.00.06.H56-२३१०२७-0361",
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match="không đúng dạng") as refusal:
        parse_code(text)
    assert refusal.value.field == "code"


@pytest.mark.parametrize("day", ["230229", "231301", "231100", "240631", "000000"])
def test_the_date_of_a_code_must_exist(day: str) -> None:
    with pytest.raises(DomainError, match="không phải là một ngày có thật") as refusal:
        parse_code(f"000.00.99.H54-{day}-0001")
    assert refusal.value.field == "code"


@pytest.mark.parametrize(
    ("sequence", "code"),
    [
        (1, "000.00.99.H54-240605-0001"),
        (361, "000.00.99.H54-240605-0361"),
        (9999, "000.00.99.H54-240605-9999"),
    ],
)
def test_issued_codes_have_four_digits(sequence: int, code: str) -> None:
    assert format_code("000.00.99.H54", date(2024, 6, 5), sequence) == code
    assert parse_code(code).sequence == sequence


def test_the_ten_thousandth_code_of_a_day_is_refused() -> None:
    with pytest.raises(CodesExhausted, match="Đã cấp hết 9999 mã hồ sơ của ngày 05/06/2024"):
        format_code("000.00.99.H54", date(2024, 6, 5), 10_000)


def test_a_malformed_unit_code_is_refused() -> None:
    with pytest.raises(DomainError, match="Mã định danh đơn vị") as refusal:
        format_code("H54-BQL", date(2024, 6, 5), 1)
    assert refusal.value.field == "unit_code"


@pytest.mark.parametrize(("on", "sequence"), [(date(2024, 6, 5), 0), (date(1999, 12, 31), 1)])
def test_a_code_that_could_not_be_read_back_is_not_made(on: date, sequence: int) -> None:
    with pytest.raises(ValueError, match=r"starts at 1|20YY"):
        format_code("000.00.99.H54", on, sequence)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("000.00.99.H54–240614 — 0005", "000.00.99.H54-240614-0005"),
        ("0000099h542406140005", "000.00.99.H54-240614-0005"),
        ("000.00.06.h56 231027 0361", "000.00.06.H56-231027-0361"),
        ("240614-0005", "H15.50.05.13-240614-0005"),
        ("240614 0005", "000.00.99.H54-240614-0005"),
        ("h15500513-240614-0005", "H15.50.05.13-240614-0005"),
        ("tn240614 0004", "TN-240614-0004"),
        ("g22/abc", "g22/abc"),
    ],
)
def test_what_somebody_may_mean_who_types_a_code(text: str, meant: str) -> None:
    assert meant in code_readings(text, ["000.00.99.H54", "H15.50.05.13"])
