"""The unit's name and code from date to date: corrected, confirmed, followed by others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import Office
from tthc.db.models import AuditEntry
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, receipts, unit_records, units
from tthc.services.transaction import NotFound
from tthc.services.unit_records import NameContent, NameView, UnitRecords

WHY = "Nghị quyết 202/2025/QH15"
BOARD = NameContent(
    "Ban Quản lý các khu công nghiệp tỉnh Hưng Yên",
    "UBND tỉnh Hưng Yên",
    "Hưng Yên",
    "Trung tâm Phục vụ hành chính công tỉnh Hưng Yên",
)


def records(office: Office, by: str = "auditor") -> UnitRecords:
    return unit_records.get_records(office.session, actor=office.person(by), today=office.today)


def unconfirmed(office: Office) -> NameView:
    [row] = [one for one in records(office).names if not one.confirmed]
    return row


def edit(office: Office, row: NameView, content: NameContent = BOARD, by: str = "admin", **more: Any) -> None:
    arguments = {"name_id": row.id, "content": content, "seen": row.seen, "reason": WHY, **more}
    unit_records.edit_name(office.session, now=office.now, actor=office.person(by), **arguments)


def confirm(office: Office, row: NameView, by: str = "admin", **more: Any) -> None:
    arguments = {"name_id": row.id, "seen": row.seen, "reason": WHY, **more}
    unit_records.confirm_name(office.session, now=office.now, actor=office.person(by), **arguments)


def add(office: Office, valid_from: str, content: NameContent = BOARD, by: str = "admin") -> int:
    return unit_records.add_name(
        office.session,
        now=office.now,
        actor=office.person(by),
        content=content,
        valid_from=office.on(valid_from),
        reason=WHY,
    )


def recode(office: Office, code: str, valid_from: str, start: int = 0, by: str = "admin") -> None:
    unit_records.set_code(
        office.session,
        now=office.now,
        actor=office.person(by),
        code=code,
        sequence_start=start,
        valid_from=office.on(valid_from),
        reason=WHY,
    )


def spans(office: Office) -> list[tuple[date | None, date | None, bool, bool]]:
    return [(one.first_on, one.last_on, one.confirmed, one.in_force) for one in records(office).names]


def last_entry(office: Office) -> AuditEntry:
    assert audit.verify(office.session, 1)
    return office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()


def test_the_seeded_rows(office: Office) -> None:
    office.stand("22/11/2026")
    assert spans(office) == [
        (date(2025, 7, 1), None, False, True),
        (None, date(2025, 6, 30), True, False),
    ]
    [code] = records(office).codes
    assert (code.code, code.placeholder, code.in_force) == ("000.00.99.H54", True, True)
    assert records(office).first_free is None


def test_an_unconfirmed_row_is_corrected_then_confirmed_then_closed_to_change(office: Office) -> None:
    office.stand("22/11/2026")
    row = unconfirmed(office)
    edit(office, row, replace(BOARD, name="  Ban Quản lý  các khu công nghiệp tỉnh Hưng Yên "))
    entry = last_entry(office)
    assert (entry.action, entry.subject) == ("edit_unit_name", f"unit_name:{row.id}")
    assert entry.detail_json["reason"] == WHY
    assert entry.detail_json["before"]["name"] == row.content.name
    assert entry.detail_json["after"]["name"] == BOARD.name
    header = units.header(office.session, office.today)
    assert (header.name, header.confirmed) == (BOARD.name, False)
    with pytest.raises(unit_records.RecordMoved):
        confirm(office, row)
    confirm(office, unconfirmed(office))
    assert last_entry(office).action == "confirm_unit_name"
    assert units.header(office.session, office.today).confirmed
    confirmed = records(office).names[0]
    for act in (edit, confirm):
        with pytest.raises(DomainError, match="đã được xác nhận"):
            act(office, confirmed)


def test_a_receipt_carries_the_name_of_its_day(office: Office) -> None:
    office.stand("22/11/2026")
    edit(office, unconfirmed(office))
    office.stand("23/11/2026")
    code = office.receive(37)
    assert receipts.print_receipt(
        office.session, now=office.now, actor=office.person("clerk"), code=code
    ).startswith(b"%PDF")
    assert units.header(office.session, office.today).name == BOARD.name
    assert "Thái Bình" in units.header(office.session, date(2025, 6, 30)).name


def test_a_new_row_ends_the_one_before_it(office: Office) -> None:
    office.stand("22/11/2026")
    add(office, "01/01/2027")
    add(office, "01/01/2026", replace(BOARD, name="Ban Quản lý tạm thời"))
    assert spans(office) == [
        (date(2027, 1, 1), None, False, False),
        (date(2026, 1, 1), date(2026, 12, 31), False, True),
        (date(2025, 7, 1), date(2025, 12, 31), False, False),
        (None, date(2025, 6, 30), True, False),
    ]
    assert last_entry(office).detail_json["valid_from"] == "2026-01-01"
    for on, name in (("31/12/2026", "Ban Quản lý tạm thời"), ("01/01/2027", BOARD.name)):
        assert units.header(office.session, office.on(on)).name == name
    with pytest.raises(DomainError, match="Đã có thông tin đơn vị từ ngày 01/01/2027") as refusal:
        add(office, "01/01/2027")
    assert refusal.value.field == "valid_from"


def test_what_is_missing_is_named(sqlite_office: Office) -> None:
    row = unconfirmed(sqlite_office)
    before = sqlite_office.everything()
    for part in ("name", "superior", "place", "reception_desk"):
        for text in (" ", "x" * 301):
            with pytest.raises(DomainError) as refusal:
                edit(sqlite_office, row, replace(BOARD, **{part: text}))
            assert refusal.value.field == part
    for act in (edit, confirm):
        with pytest.raises(DomainError) as refusal:
            act(sqlite_office, row, reason=" ")
        assert refusal.value.field == "reason"
    with pytest.raises(DomainError, match="Chưa có gì"):
        edit(sqlite_office, row, row.content)
    with pytest.raises(NotFound):
        edit(sqlite_office, row, name_id=99)
    assert sqlite_office.everything() == before
    assert unconfirmed(sqlite_office) == row


def test_a_code_holds_from_its_date_on(office: Office) -> None:
    office.receive(37)
    recode(office, " h31.15.02 ", "15/06/2024", start=500)
    entry = last_entry(office)
    assert (entry.action, entry.detail_json["before"]) == (
        "set_unit_code",
        {"code": "000.00.99.H54", "sequence_start": 0},
    )
    assert entry.detail_json["after"] == {"code": "H31.15.02", "sequence_start": 500}
    assert office.receive(37) == "000.00.99.H54-240614-0002"
    office.stand("17/06/2024")
    assert office.receive(37) == "H31.15.02-240617-0501"
    assert office.receive(37, received_at=office.at("14/06/2024 10:00")) == "000.00.99.H54-240614-0003"
    assert [(one.code, one.first_on, one.last_on, one.placeholder) for one in records(office).codes] == [
        ("H31.15.02", date(2024, 6, 15), None, False),
        ("000.00.99.H54", None, date(2024, 6, 14), True),
    ]


def test_a_code_that_was_not_used_yet_is_corrected_in_its_place(office: Office) -> None:
    recode(office, "H31.15.02", "01/07/2024")
    recode(office, "H31.15.03", "01/07/2024", start=10)
    recode(office, "H31.15.04", "20/06/2024")
    assert [(one.code, one.first_on, one.last_on) for one in records(office).codes] == [
        ("H31.15.03", date(2024, 7, 1), None),
        ("H31.15.04", date(2024, 6, 20), date(2024, 6, 30)),
        ("000.00.99.H54", None, date(2024, 6, 19)),
    ]


@pytest.mark.parametrize(
    ("code", "valid_from", "start", "field"),
    [
        ("H54", "14/06/2024", 0, "valid_from"),
        ("H54", "01/01/2024", 0, "valid_from"),
        ("54", "15/06/2024", 0, "code"),
        ("", "15/06/2024", 0, "code"),
        ("000.00.99.H54", "15/06/2024", 0, "code"),
        ("H54", "15/06/2024", -1, "sequence_start"),
        ("H54", "15/06/2024", 9999, "sequence_start"),
    ],
)
def test_a_code_that_cannot_be_is_refused(
    sqlite_office: Office, code: str, valid_from: str, start: int, field: str
) -> None:
    sqlite_office.receive(37)
    assert records(sqlite_office).first_free == date(2024, 6, 15)
    before = sqlite_office.everything()
    with pytest.raises(DomainError) as refusal:
        recode(sqlite_office, code, valid_from, start)
    assert refusal.value.field == field
    assert sqlite_office.everything() == before


def test_only_an_administrator_changes_the_unit(sqlite_office: Office) -> None:
    row = unconfirmed(sqlite_office)
    acts: list[Callable[[str], object]] = [
        lambda by: edit(sqlite_office, row, by=by),
        lambda by: confirm(sqlite_office, row, by=by),
        lambda by: add(sqlite_office, "01/01/2027", by=by),
        lambda by: recode(sqlite_office, "H54", "01/01/2027", by=by),
    ]
    for act in acts:
        for role in ("clerk", "officer", "supervisor", "reporter", "auditor"):
            with pytest.raises(NotAllowed):
                act(role)
    for look in (records, lambda office, by: get(office, row.id, by)):
        for role in ("clerk", "officer"):
            with pytest.raises(NotAllowed):
                look(sqlite_office, role)


def get(office: Office, name_id: int, by: str) -> NameView:
    return unit_records.get_name(office.session, actor=office.person(by), today=office.today, name_id=name_id)


def test_one_row_is_looked_at_by_whoever_sees_settings(sqlite_office: Office) -> None:
    row = unconfirmed(sqlite_office)
    assert get(sqlite_office, row.id, "supervisor") == row
    with pytest.raises(NotFound):
        get(sqlite_office, 99, "supervisor")
