"""The unit as letterheads name it, and the code that its dossiers carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import units as queries
from tthc.domain.vocabulary import DomainError


@dataclass(frozen=True)
class UnitHeader:
    """What the unit is called on a date; ``confirmed`` False is shown as "chưa xác minh"."""

    unit_id: int
    name: str
    superior: str
    place: str
    reception_desk: str
    confirmed: bool


def first_unit_id(session: Session) -> int:
    """The one unit of this database; refused before the first set-up."""
    unit_id = queries.first_unit_id(session)
    if unit_id is None:
        raise DomainError("Cơ sở dữ liệu chưa được khởi tạo; hãy chạy “tthc init” rồi thực hiện lại.")
    return unit_id


def above(session: Session, unit_id: int) -> int | None:
    """The unit above a unit, where the database serves several."""
    return queries.parent_id(session, unit_id)


def header(session: Session, on: date, unit_id: int | None = None) -> UnitHeader:
    """The name, superior body and place of a unit (the first one unless given) on a date."""
    number = first_unit_id(session) if unit_id is None else unit_id
    row = queries.name_on(session, number, on)
    if row is None:
        raise DomainError(
            f"Chưa khai tên đơn vị áp dụng cho ngày {on:%d/%m/%Y}; hãy bổ sung thông tin đơn vị."
        )
    return UnitHeader(
        unit_id=number,
        name=row.name,
        superior=row.superior,
        place=row.place,
        reception_desk=row.reception_desk,
        confirmed=row.confirmed,
    )


def unit_code_on(session: Session, unit_id: int, on: date) -> Any:
    """The columns of the row whose code begins the dossier codes issued on a date."""
    row = queries.code_on(session, unit_id, on)
    if row is None:
        raise DomainError(
            f"Chưa khai mã định danh đơn vị áp dụng cho ngày {on:%d/%m/%Y} nên không cấp được mã hồ sơ; "
            "hãy bổ sung thông tin đơn vị."
        )
    return row
