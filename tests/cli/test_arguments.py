"""Dates and moments as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click
import pytest

from tthc.cli.arguments import Amount, Port, parse_date, parse_moment, read_moment
from tthc.domain.vocabulary import DomainError


@pytest.mark.parametrize("text", ["2024-06-14", "14/06/2024", "14/6/2024"])
def test_a_date_in_either_spelling(text: str) -> None:
    assert parse_date(text) == date(2024, 6, 14)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "14-06-2024",
        "2024/06/14",
        "30/02/2024",
        "2024-13-01",
        "14/06/24",
        "20240614",
        "2024-W24-5",
        "٢٠٢٤-06-14",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-04-23T09:00", datetime(2025, 4, 23, 2, 0, tzinfo=UTC)),
        ("2025-04-23 09:00", datetime(2025, 4, 23, 2, 0, tzinfo=UTC)),
        ("23/04/2025 09:00", datetime(2025, 4, 23, 2, 0, tzinfo=UTC)),
        ("2025-04-23T09:00:30", datetime(2025, 4, 23, 2, 0, 30, tzinfo=UTC)),
        ("2025-04-23T09:00+07:00", datetime(2025, 4, 23, 2, 0, tzinfo=UTC)),
        ("2025-04-23T09:00Z", datetime(2025, 4, 23, 9, 0, tzinfo=UTC)),
        ("2025-04-23T09:00-05:00", datetime(2025, 4, 23, 14, 0, tzinfo=UTC)),
        ("2025-04-23", datetime(2025, 4, 22, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_local(text: str, utc: datetime) -> None:
    moment = parse_moment(text)
    assert moment == utc
    assert moment is not None
    assert moment.utcoffset() == datetime.fromisoformat("2025-01-01T00:00+07:00").utcoffset()


@pytest.mark.parametrize(
    "text", ["", "09:00", "2025-04-23T25:00", "2025-04-23T9", "2025-04-23Tx", "0001-01-01"]
)
def test_what_is_no_moment_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_moment(text, "received")
    assert refused.value.field == "received"


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "năm", "9" * 5000, "٣"])
def test_an_amount_is_a_whole_number_from_1(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        Amount().convert(text, click.Option(["--limit"]), None)
    assert refused.value.field == "limit"


def test_a_port_ends_at_65535() -> None:
    assert Port().convert("65535", None, None) == 65535
    with pytest.raises(DomainError):
        Port().convert("65536", None, None)
