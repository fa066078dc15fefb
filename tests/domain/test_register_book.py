"""The register book: which year takes a dossier, and what an entry's last column says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tthc.domain.register_book import EntryFacts, book_year, remarks
from tthc.domain.vocabulary import EndKind, Outcome

PLAIN = EntryFacts(
    register_year=2023,
    received_on=date(2023, 12, 29),
    after_lock=False,
    first_due_on=date(2024, 1, 8),
    appointment_on=date(2024, 1, 8),
    ended_on=None,
    end_kind=None,
    outcome=None,
    returned=False,
)


@pytest.mark.parametrize(
    ("received_on", "entered_on", "locked", "year"),
    [
        (date(2023, 12, 29), date(2023, 12, 29), False, 2023),
        (date(2023, 12, 29), date(2024, 1, 3), False, 2023),
        (date(2023, 12, 29), date(2024, 1, 3), True, 2024),
        (date(2021, 5, 4), date(2024, 1, 3), True, 2024),
        (date(2024, 1, 2), date(2024, 1, 3), True, 2024),
    ],
)
def test_the_book_is_that_of_the_receipt_until_it_is_locked(
    received_on: date, entered_on: date, locked: bool, year: int
) -> None:
    assert book_year(received_on, entered_on, locked=locked) == year


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"register_year": 2024, "after_lock": True}, "nhập sau khi khóa sổ năm 2023"),
        ({"register_year": 2024}, "ngày nhận đã đính chính"),
        ({"appointment_on": date(2024, 1, 12)}, "hẹn lần đầu 08/01/2024"),
        (
            {"ended_on": date(2024, 1, 5), "end_kind": EndKind.WITHDRAWN},
            "người nộp rút hồ sơ ngày 05/01/2024",
        ),
        ({"ended_on": date(2024, 1, 5), "end_kind": EndKind.STOPPED}, "dừng giải quyết ngày 05/01/2024"),
        (
            {"ended_on": date(2024, 1, 5), "end_kind": EndKind.RESOLVED, "outcome": Outcome.REFUSED},
            "từ chối giải quyết",
        ),
        (
            {
                "register_year": 2024,
                "after_lock": True,
                "ended_on": date(2024, 1, 5),
                "end_kind": EndKind.RESOLVED,
                "outcome": Outcome.REFUSED,
                "returned": True,
                "recipient": "Người nhận: Doanh nghiệp 12",
            },
            "nhập sau khi khóa sổ năm 2023; trả lại hồ sơ; người nhận: Doanh nghiệp 12",
        ),
    ],
)
def test_the_remarks_say_why_and_what_became_of_it(changes: dict[str, object], said: str) -> None:
    assert remarks(replace(PLAIN, **changes)) == said  # type: ignore[arg-type]
