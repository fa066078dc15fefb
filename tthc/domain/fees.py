"""Fees of a dossier: what is due, what was paid, and what a day took in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthc.domain.vocabulary import DomainError

#: More than any fee that there is; what is above it is a slip of the finger.
MOST = 2_000_000_000


@dataclass(frozen=True)
class FeeInput:
    """An entry as typed: what is due and paid now in đồng, the receipt's number, why it is waived."""

    due: int
    paid: int = 0
    receipt_no: str = ""
    exempt_reason: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to record: nothing due, paid or waived."""
        return not (self.due or self.paid or self.receipt_no or self.exempt_reason)


@dataclass(frozen=True)
class FeeEntry:
    """An entry on record; one that another corrects counts no more."""

    id: int
    due: int
    paid: int
    exempt_reason: str
    corrects_id: int | None


@dataclass(frozen=True)
class FeeState:
    """Where a dossier stands: ``left`` is still to be paid, nothing where the fee was waived."""

    due: int
    paid: int
    exempt: bool

    @property
    def left(self) -> int:
        """What is still to be paid, in đồng."""
        return 0 if self.exempt else max(0, self.due - self.paid)


def standing(entries: Sequence[FeeEntry]) -> FeeState | None:
    """What the entries that count come to; ``None`` without any.

    The newest says what is due, payments add up.
    """
    corrected = {one.corrects_id for one in entries}
    counting = [one for one in entries if one.id not in corrected]
    if not counting:
        return None
    newest = counting[-1]
    return FeeState(newest.due, sum(one.paid for one in counting), bool(newest.exempt_reason))


def check(fee: FeeInput, *, paid_before: int = 0) -> None:
    """Refuse what cannot be: more paid than due, money without a receipt, a fee both waived and paid."""
    for field, amount in (("fee_due", fee.due), ("fee_paid", fee.paid)):
        if not 0 <= amount <= MOST:
            raise DomainError("Số tiền từ 0 đến 2.000.000.000 đồng.", field)
    if fee.exempt_reason and fee.paid:
        raise DomainError("Đã miễn thì không thu; xóa số tiền đã thu hoặc lý do miễn.", "fee_exempt")
    if not fee.exempt_reason and paid_before + fee.paid > fee.due:
        raise DomainError("Số đã thu lớn hơn số phải nộp; kiểm tra lại hai số tiền.", "fee_paid")
    if fee.paid and not fee.receipt_no:
        raise DomainError("Nhập số biên lai của khoản đã thu.", "fee_receipt_no")
