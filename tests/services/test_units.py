"""What the unit is called on a date, and which code its dossiers carry."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tthc.domain.vocabulary import DomainError
from tthc.services import units


@pytest.mark.parametrize(
    ("on", "province", "confirmed"),
    [
        (date(2016, 1, 1), "Thái Bình", True),
        (date(2025, 6, 30), "Thái Bình", True),
        (date(2025, 7, 1), "Hưng Yên", False),
        (date(2026, 11, 22), "Hưng Yên", False),
    ],
)
def test_the_merger_of_provinces_changes_the_letterhead(
    session: Session, on: date, province: str, confirmed: bool
) -> None:
    header = units.header(session, on)
    assert header.unit_id == 1
    assert header.name == f"Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh {province}"
    assert header.superior == f"UBND tỉnh {province}"
    assert header.place == province
    assert header.reception_desk == f"Trung tâm Phục vụ hành chính công tỉnh {province}"
    assert header.confirmed is confirmed


def test_the_code_of_a_date(session: Session) -> None:
    assert units.unit_code_on(session, 1, date(2024, 6, 14)).code == "000.00.99.H54"
    session.execute(text("UPDATE unit_code SET valid_to = '2025-07-01'"))
    session.execute(
        text(
            "INSERT INTO unit_code (unit_id, code, valid_from, sequence_start) "
            "VALUES (1, 'H31.15', '2025-07-01', 500)"
        )
    )
    session.commit()
    assert units.unit_code_on(session, 1, date(2025, 6, 30)).code == "000.00.99.H54"
    later = units.unit_code_on(session, 1, date(2025, 7, 1))
    assert (later.code, later.sequence_start) == ("H31.15", 500)


def test_a_gap_is_refused_with_a_sentence(session: Session) -> None:
    session.execute(text("UPDATE unit_code SET valid_to = '2025-07-01'"))
    session.execute(text("DELETE FROM unit_name WHERE NOT confirmed"))
    session.commit()
    with pytest.raises(DomainError, match="mã định danh đơn vị áp dụng cho ngày 01/07/2025"):
        units.unit_code_on(session, 1, date(2025, 7, 1))
    with pytest.raises(DomainError, match="tên đơn vị áp dụng cho ngày 01/07/2025"):
        units.header(session, date(2025, 7, 1))


def test_before_the_first_setup_the_refusal_names_the_command(empty_session: Session) -> None:
    with pytest.raises(DomainError, match="tthc init"):
        units.first_unit_id(empty_session)
