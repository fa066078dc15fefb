"""What is due, paid and left, by hand."""

from __future__ import annotations

import pytest

from tthc.domain.fees import FeeEntry, FeeInput, FeeState, check, standing
from tthc.domain.vocabulary import DomainError


def entry(number: int, due: int, paid: int = 0, exempt: str = "", corrects: int | None = None) -> FeeEntry:
    return FeeEntry(number, due, paid, exempt, corrects)


@pytest.mark.parametrize(
    ("entries", "due", "paid", "exempt", "left"),
    [
        ([entry(1, 300)], 300, 0, False, 300),
        ([entry(1, 300, 100), entry(2, 300, 200)], 300, 300, False, 0),
        ([entry(1, 300, 300), entry(2, 100, 100, corrects=1)], 100, 100, False, 0),
        (
            [entry(1, 300, 300), entry(2, 300, 0, corrects=1), entry(3, 300, 30, corrects=2)],
            300,
            30,
            False,
            270,
        ),
        ([entry(1, 300, 100), entry(2, 300, 0, "Hộ nghèo")], 300, 100, True, 0),
        ([entry(1, 300, 300), entry(2, 200)], 200, 300, False, 0),
    ],
)
def test_entries_come_to(entries: list[FeeEntry], due: int, paid: int, exempt: bool, left: int) -> None:
    state = standing(entries)
    assert state == FeeState(due, paid, exempt)
    assert state.left == left
    assert standing([]) is None


@pytest.mark.parametrize(
    ("fee", "before", "field"),
    [
        (FeeInput(100, 200, "1"), 0, "fee_paid"),
        (FeeInput(100, 50, "1"), 60, "fee_paid"),
        (FeeInput(100, 50), 0, "fee_receipt_no"),
        (FeeInput(100, 50, "1", "Miễn"), 0, "fee_exempt"),
        (FeeInput(-1), 0, "fee_due"),
        (FeeInput(3_000_000_000), 0, "fee_due"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(fee: FeeInput, before: int, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        check(fee, paid_before=before)
    assert caught.value.field == field


def test_what_can_be() -> None:
    check(FeeInput(100, 40, "1"), paid_before=60)
    check(FeeInput(100, 0, "", "Hộ nghèo"), paid_before=60)
    assert FeeInput(0).empty
    assert not FeeInput(0, exempt_reason="Miễn").empty
