"""Dates as people type them, numbers and words as an office writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.web import filters
from tthc.web.forms.base import (
    MOST_MADE,
    ChoiceField,
    LineField,
    RowForm,
    _made,
    clean_line,
    clean_paragraph,
    read_date,
)
from tthc.web.forms.dossiers import ConsultForm
from tthc.web.forms.intake import PaperForm
from tthc.web.forms.investment import CertificateForm


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22/11/2026", date(2026, 11, 22)),
        ("2/1/2026", date(2026, 1, 2)),
        ("22112026", date(2026, 11, 22)),
        ("22-11-2026", date(2026, 11, 22)),
        ("22.11.2026", date(2026, 11, 22)),
        ("2026-11-22", date(2026, 11, 22)),
        ("29/02/2024", date(2024, 2, 29)),
    ],
)
def test_a_date_is_read(text: str, day: date) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "29/02/2023", "31/4/2024", "22/11/26", "11/22/2026", "20261122x", "٢٢/١١/٢٠٢٦/", "0/1/2024", "1/2"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        read_date(text)


def test_text_is_cleaned_at_the_border() -> None:
    assert clean_line(" Đu\u031bo\u031b\u0300ng \t\x00 Đỏ\n") == "Đường Đỏ"
    assert clean_paragraph("một\r\nhai\x07\rba ") == "một\nhai\nba"


def test_a_form_knows_nothing_of_the_one_before() -> None:
    """Their fields are copies of the same ones; two rows of one class differ by their prefix."""
    sent = MultiDict({"a-name": "x" * 301, "a-originals": "năm", "b-copies": "2"})
    first, second = PaperForm(sent, prefix="a-"), PaperForm(sent, prefix="b-")
    assert not first.validate()
    assert {name for name, field in first._fields.items() if field.errors} == {"name", "originals"}
    assert second.validate()
    assert (second.copies.data, second.name.data, second.name.id) == (2, "", "b-name")
    again = PaperForm(None, prefix="a-")
    assert (again.name.data, again.originals.data, again.originals.raw_data) == ("", None, None)
    assert not any(field.errors or field.process_errors for field in again)
    assert (again.name.label.field_id, again.name.short_name) == ("a-name", "name")
    kinds = [CertificateForm(MultiDict()), CertificateForm(MultiDict())]
    selects = [next(field for field in form if isinstance(field, ChoiceField)) for form in kinds]
    selects[0].choices = [("", "Không")]
    assert selects[1].choices != selects[0].choices
    with Flask(__name__).test_request_context():
        for offered in (("1", "Đoạn 1"), ("2", "Đoạn 2")):
            asked = ConsultForm(formdata=None)
            asked.offer([offered])
            assert list(asked.segment_no.choices) == [("", "Không, chỉ lấy ý kiến"), offered]


def test_prefixes_with_the_keys_of_rows_are_not_kept_for_ever() -> None:
    class OneField(RowForm):
        """Of so many rows that the fields of all of them would be too many."""

        name = LineField("Tên")

    for row in range(MOST_MADE + 1):
        assert OneField(None, prefix=f"row-{row}-").name.id == f"row-{row}-name"
    assert len(_made[OneField]) <= MOST_MADE


MOMENT = datetime(2024, 6, 14, 17, 5, tzinfo=UTC)


def test_moments_are_shown_in_the_offices_time() -> None:
    assert filters.datetime_vn(MOMENT) == "15/06/2024 00:05"
    assert filters.date_vn(MOMENT) == "15/06/2024"
    assert filters.time_vn(MOMENT) == "00:05"
    assert filters.weekday(MOMENT) == "Thứ Bảy, 15/06/2024"
    assert filters.weekday_short(MOMENT.astimezone(OFFICE_ZONE)) == "T7"
    assert filters.datetime_vn(None) == filters.date_vn(None) == filters.time_vn(None) == ""


def test_weekdays_have_their_names() -> None:
    days = [date(2024, 6, day) for day in range(10, 17)]
    assert [filters.weekday_short(day) for day in days] == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]
    assert filters.weekday(days[6]) == "Chủ nhật, 16/06/2024"


def test_numbers_are_written_with_point_and_comma() -> None:
    assert filters.number_vn(1234567) == "1.234.567"
    assert filters.number_vn(0) == "0"
    assert filters.number_vn(None) == "–"
    assert filters.percent_vn(0.9916) == "99,2 %"
    assert filters.percent_vn(None) == "–"
    assert filters.two_digits(2) == "02"
