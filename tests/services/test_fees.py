"""Fees: at intake, later, waived, corrected; and what a day took in."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tthc.db.models import Document
from tthc.domain.fees import FeeInput, FeeState
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import fees, receipts
from tthc.services.transaction import StaleVersion


def seen(office: Any, code: str) -> Any:
    return fees.get_fees(office.session, actor=office.person("auditor"), code=code)


def pay(office: Any, code: str, fee: FeeInput, *, by: str = "clerk", at: int | None = None) -> None:
    before = seen(office, code).seen if at is None else at
    fees.record_fee(office.session, now=office.now, actor=office.person(by), code=code, fee=fee, seen=before)


def correct(office: Any, code: str, fee: FeeInput, reason: str = "Ghi nhầm") -> None:
    fees.correct_fee(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        code=code,
        fee=fee,
        reason=reason,
        seen=seen(office, code).seen,
    )


def takings(office: Any, day: str, **more: Any) -> Any:
    return fees.get_day(office.session, actor=office.person("auditor"), on=office.on(day), **more)


def test_a_fee_from_intake_to_the_takings_of_its_day(office: Any) -> None:
    office.stand("13/06/2024 09:00")
    before = office.everything()
    with pytest.raises(DomainError) as caught:
        office.receive(37, fee=FeeInput(100, 100))
    assert caught.value.field == "fee_receipt_no"
    assert office.everything() == before, "the dossier is not received without its fee"
    free = office.receive(38, fee=FeeInput(0))
    assert seen(office, free).entries == []
    code = office.receive(37, fee=FeeInput(300_000, 100_000, " BL  0001 "))
    assert seen(office, code).state == FeeState(300_000, 100_000, exempt=False)
    assert seen(office, code).entries[0].receipt_no == "BL 0001"
    assert office.view(code).fees.left == 200_000
    assert office.view(free).fees is None

    # Another person takes the rest; who did not see that entry is told.
    old = seen(office, code).seen
    pay(office, code, FeeInput(300_000, 200_000, "BL 0002"), by="supervisor")
    with pytest.raises(StaleVersion):
        pay(office, code, FeeInput(300_000, 1, "BL 0003"), at=old)
    with pytest.raises(DomainError, match="lớn hơn số phải nộp"):
        pay(office, code, FeeInput(300_000, 1, "BL 0003"))
    for nobody in ("officer", "reporter", "admin"):
        with pytest.raises(NotAllowed):
            pay(office, code, FeeInput(300_000), by=nobody)
    day = takings(office, "13/06")
    assert (day.total, day.page.total) == (300_000, 2)
    assert [(name, count, amount) for _, name, count, amount in day.people] == [
        ("Cán bộ một cửa 01", 1, 100_000),
        ("Lãnh đạo 01", 1, 200_000),
    ]
    assert takings(office, "13/06", account_id=office.person("clerk").account_id).total == 100_000

    # A correction on the next day counts there; the day before stays as it was counted.
    office.stand("14/06/2024 10:00")
    with pytest.raises(DomainError, match="lý do"):
        correct(office, code, FeeInput(300_000, 150_000, "BL 0002"), " ")
    correct(office, code, FeeInput(300_000, 150_000, "BL 0002"))
    assert seen(office, code).state == FeeState(300_000, 250_000, exempt=False)
    assert [one.corrected for one in seen(office, code).entries] == [False, True, False]
    assert takings(office, "13/06") == day
    assert (takings(office, "14/06").total, takings(office, "14/06").page.rows[0].reason) == (
        -50_000,
        "Ghi nhầm",
    )
    # Only the number was wrong: the day names the right one, and takes in the same.
    correct(office, code, FeeInput(300_000, 150_000, "BL 0009"), "Nhầm số")
    day = takings(office, "14/06")
    assert day.total == -50_000
    assert [(row.receipt_no, row.amount) for row in day.page.rows] == [("BL 0002", -50_000), ("BL 0009", 0)]
    correct(office, code, FeeInput(300_000, 0, "", "Người có công"))
    assert seen(office, code).state == FeeState(300_000, 100_000, exempt=True)
    assert office.view(code).fees.left == 0
    assert takings(office, "14/06").total == -200_000
    with pytest.raises(DomainError, match="chưa ghi"):
        correct(office, free, FeeInput(1))
    with pytest.raises(DatabaseError, match="append-only"):
        office.session.execute(text("UPDATE fee_payment SET paid = 0"))
    office.session.rollback()

    book = openpyxl.load_workbook(
        BytesIO(fees.export_day(office.session, actor=office.person("reporter"), on=office.on("13/06")))
    )
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    taken = [row for row in rows if row[2] == code]
    assert [(row[4], row[5]) for row in taken] == [("BL 0001", 100_000), ("BL 0002", 200_000)]
    assert any("Tổng cộng" in row for row in rows)
    own = fees.export_day(
        office.session,
        actor=office.person("reporter"),
        on=office.on("13/06"),
        account_id=office.person("clerk").account_id,
    )
    cells = [cell.value for row in openpyxl.load_workbook(BytesIO(own)).active.iter_rows() for cell in row]
    assert "Ngày 13/06/2024, người thu: Cán bộ một cửa 01" in cells
    assert "BL 0002" not in cells
    with pytest.raises(NotAllowed):
        fees.export_day(office.session, actor=office.person("officer"), on=office.on("13/06"))

    # A number that was corrected away is free again; one that counts is named, for a year.
    warned = {}
    for day in ("14/06/2024 11:00", "16/06/2025 11:00"):
        office.stand(day)
        for number in ("BL 0001", "BL 0002"):
            other = office.receive(37, fee=FeeInput(300_000, 100_000, number))
            warned[day, number] = fees.receipt_warning(
                office.session, actor=office.person("clerk"), code=other
            )
    first = warned.pop(("14/06/2024 11:00", "BL 0001"))
    assert f"Biên lai số BL 0001 đã được ghi ở hồ sơ {code};" in first
    assert set(warned.values()) == {""}


def test_the_receipt_says_what_was_paid_with_it(sqlite_office: Any) -> None:
    office = sqlite_office

    def line(code: str) -> str:
        receipts.print_receipt(office.session, now=office.now, actor=office.person("clerk"), code=code)
        newest = office.session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one()
        return str(newest.data_json["content"]["fee_line"])

    code = office.receive(37, fee=FeeInput(300_000, 300_000, "BL 1"))
    assert line(code) == "300.000 đồng; đã nộp 300.000 đồng, biên lai số BL 1"
    unpaid = office.receive(37, fee=FeeInput(300_000))
    assert line(unpaid) == "300.000 đồng"
    office.clock.moment = office.at("17/06/2024 09:00")
    pay(office, unpaid, FeeInput(300_000, 300_000, "BL 2"))
    assert line(unpaid) == "300.000 đồng", "money that comes later makes no receipt out of date"
    waived = office.receive(37, fee=FeeInput(300_000, exempt_reason="Hộ nghèo"))
    assert line(waived) == "Miễn (Hộ nghèo)"
