"""The unit with what it is called and which codes it issues on a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Unit, UnitCode, UnitName
from tthc.db.session import read
from tthc.domain.vocabulary import CodeSource


def first_unit_id(session: Session) -> int | None:
    """The unit with which the database began; ``None`` before the first set-up."""
    return session.scalars(select(func.min(Unit.id))).one()


def parent_id(session: Session, unit_id: int) -> int | None:
    """The unit above a unit."""
    return session.scalar(select(Unit.parent_id).where(Unit.id == unit_id))


_NAME_ON = (
    select(UnitName)
    .where(UnitName.unit_id == bindparam("unit_id"))
    .where(or_(UnitName.valid_from.is_(None), UnitName.valid_from <= bindparam("on")))
    .where(or_(UnitName.valid_to.is_(None), UnitName.valid_to > bindparam("on")))
    .order_by(UnitName.valid_from.desc().nulls_last(), UnitName.id.desc())
    .limit(1)
)


def name_on(session: Session, unit_id: int, on: date) -> Any:
    """The columns of :class:`UnitName` that name the unit on a date; asked on every page."""
    return read(session, _NAME_ON, unit_id=unit_id, on=on).first()


_CODE_ON = (
    select(UnitCode)
    .where(UnitCode.unit_id == bindparam("unit_id"))
    .where(or_(UnitCode.valid_from.is_(None), UnitCode.valid_from <= bindparam("on")))
    .where(or_(UnitCode.valid_to.is_(None), UnitCode.valid_to > bindparam("on")))
    .order_by(UnitCode.valid_from.desc().nulls_last(), UnitCode.id.desc())
    .limit(1)
)


def code_on(session: Session, unit_id: int, on: date) -> Any:
    """The columns of :class:`UnitCode` whose code begins the dossier codes of a date."""
    return read(session, _CODE_ON, unit_id=unit_id, on=on).first()


def code_row_on(session: Session, unit_id: int, on: date) -> UnitCode | None:
    """The same as a row that can be changed."""
    return session.scalars(_CODE_ON, {"unit_id": unit_id, "on": on}).first()


def names(session: Session, unit_id: int) -> Sequence[UnitName]:
    """Every row that names the unit, the newest date first."""
    return session.scalars(
        select(UnitName)
        .where(UnitName.unit_id == unit_id)
        .order_by(UnitName.valid_from.desc().nulls_last(), UnitName.id.desc())
    ).all()


def name(session: Session, unit_id: int, name_id: int) -> UnitName | None:
    """One row that names the unit."""
    return session.scalars(
        select(UnitName).where(UnitName.unit_id == unit_id, UnitName.id == name_id)
    ).one_or_none()


def codes(session: Session, unit_id: int) -> Sequence[UnitCode]:
    """Every code of the unit, the newest date first."""
    return session.scalars(
        select(UnitCode)
        .where(UnitCode.unit_id == unit_id)
        .order_by(UnitCode.valid_from.desc().nulls_last(), UnitCode.id.desc())
    ).all()


def last_issue_on(session: Session, unit_id: int) -> date | None:
    """The latest date of which a dossier code was issued here."""
    return session.scalars(
        select(func.max(Dossier.received_on)).where(
            Dossier.unit_id == unit_id, Dossier.code_source == CodeSource.ISSUED
        )
    ).one()
