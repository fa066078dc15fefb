"""Fees of a dossier: an entry, its correction, and the day whose takings are shown."""

from __future__ import annotations

from typing import Protocol

from tthc.domain.fees import FeeInput
from tthc.web.forms.base import ChoiceField, DateField, LineField, QueryForm, number
from tthc.web.forms.catalogue_rows import MoneyField
from tthc.web.forms.dossiers import SeenForm

#: The field of a form takes nine digits.
MOST_DONG = 999_999_999


def due_field() -> MoneyField:
    """What is due, in đồng."""
    return MoneyField("Phải nộp (đồng)", most=MOST_DONG)


def paid_field() -> MoneyField:
    """What is paid now, in đồng."""
    return MoneyField("Thu lần này (đồng)", most=MOST_DONG)


def receipt_field() -> LineField:
    """The number of the receipt of the money."""
    return LineField("Biên lai số", longest=32)


def exempt_field() -> LineField:
    """Why nothing is to be paid."""
    return LineField("Miễn, lý do")


class Typed(Protocol):
    """A form with the four fields."""

    fee_due: MoneyField
    fee_paid: MoneyField
    fee_receipt_no: LineField
    fee_exempt: LineField


def fee_of(form: Typed, usual: int | None = None) -> FeeInput:
    """The fields as the service takes them; ``usual`` is due where nothing was typed."""
    due = form.fee_due.data if form.fee_due.data is not None else usual
    return FeeInput(due or 0, form.fee_paid.data or 0, form.fee_receipt_no.data, form.fee_exempt.data)


class FeeForm(SeenForm):
    """An entry; ``version`` is the newest entry that was seen."""

    fee_due = due_field()
    fee_paid = paid_field()
    fee_receipt_no = receipt_field()
    fee_exempt = exempt_field()


class FeeCorrectionForm(FeeForm):
    """A further entry in the place of a wrong one."""

    reason = LineField("Lý do điều chỉnh", "Ghi lý do điều chỉnh.")


class FeeDayForm(QueryForm):
    """The day, and whose takings."""

    on = DateField("Ngày", "ngày")
    account_id = ChoiceField("Người thu", choices=[("", "Mọi người")], coerce=number)
