"""Amounts of money are exact in both databases, and so are their sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from tthc.db.models import OpeningBalance

AMOUNTS = ["0", "107", "1000", "169.5", "3474.58", "-12.5", "0.000000001", "9999999.999999999"]


def put(session: Session, *amounts: str) -> None:
    session.add_all(
        OpeningBalance(unit_id=1, on=date(2024, 6, 14), what=f"thu.{number}", amount=Decimal(amount))
        for number, amount in enumerate(amounts)
    )
    session.flush()
    session.expire_all()


def test_what_was_put_in_comes_out(session: Session) -> None:
    put(session, *AMOUNTS)
    found = session.scalars(select(OpeningBalance.amount).order_by(OpeningBalance.id)).all()
    assert [f"{amount:f}" for amount in found] == AMOUNTS


def test_sums_and_comparisons_are_exact(session: Session) -> None:
    put(session, *["0.1"] * 10, *AMOUNTS)
    total = session.scalar(select(func.sum(OpeningBalance.amount)))
    assert total == 1 + sum(map(Decimal, AMOUNTS))
    of = select(func.count()).select_from(OpeningBalance)
    assert session.scalar(of.where(OpeningBalance.amount == Decimal("0.1"))) == 10
    assert session.scalar(of.where(OpeningBalance.amount > Decimal("3474.57"))) == 2


def test_nothing_is_rounded_on_its_way(session: Session) -> None:
    with pytest.raises(StatementError, match="more than 9 decimals"):
        put(session, "0.0000000001")
