"""The office's dated rules: how due dates are counted, and settings by key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, Dossier, DuePolicyRow, Setting, Unit
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import DomainError

_POLICY_ON = (
    select(DuePolicyRow)
    .where(DuePolicyRow.unit_id == bindparam("unit_id"))
    .where(or_(DuePolicyRow.valid_from.is_(None), DuePolicyRow.valid_from <= bindparam("on")))
    .order_by(DuePolicyRow.valid_from.desc().nulls_last(), DuePolicyRow.id.desc())
    .limit(1)
)


def policy_on(session: Session, unit_id: int, on: date) -> Any:
    """The columns of the counting rules for what the unit received on a date.

    The latest ``valid_from`` at or before it holds (``NULL``: from the beginning); of two rows for the same
    date the one recorded last. Raises :class:`DomainError` when there is none: nothing is assumed.
    """
    row = read(session, _POLICY_ON, unit_id=unit_id, on=on).first()
    if row is None:
        raise DomainError(
            f"Chưa khai quy tắc tính thời hạn áp dụng cho ngày {on:%d/%m/%Y}. "
            "Hãy khai giờ làm việc và cách tính của đơn vị rồi thực hiện lại."
        )
    return row


def lock_rules(session: Session, unit_id: int) -> None:
    """Let one change of a unit's rules at a time through until the transaction ends.

    Rows that only refer to the unit can be written meanwhile. On SQLite the write lock of the transaction
    does the same.
    """
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


def policies_with_authors(session: Session, unit_id: int) -> Sequence[Any]:
    """(row, name of the person who entered it) of all counting rules of a unit, as they were entered."""
    name = shown_name()
    return session.execute(
        select(DuePolicyRow, name)
        .outerjoin(Account, Account.id == DuePolicyRow.recorded_by)
        .where(DuePolicyRow.unit_id == unit_id)
        .order_by(DuePolicyRow.id)
    ).all()


def newest_policy_id(session: Session, unit_id: int) -> int | None:
    """The counting rule that was entered last, whatever its date."""
    return session.scalars(select(func.max(DuePolicyRow.id)).where(DuePolicyRow.unit_id == unit_id)).one()


def settings_with_authors(session: Session, unit_id: int, keys: Sequence[str]) -> Sequence[Any]:
    """(row, name of the person who entered it) of a unit's own settings, as they were entered."""
    name = shown_name()
    return session.execute(
        select(Setting, name)
        .outerjoin(Account, Account.id == Setting.recorded_by)
        .where(Setting.unit_id == unit_id, Setting.key.in_(keys))
        .order_by(Setting.id)
    ).all()


def last_receipt_on(session: Session, unit_id: int) -> date | None:
    """The latest date on which the unit received a dossier."""
    return session.scalars(select(func.max(Dossier.received_on)).where(Dossier.unit_id == unit_id)).one()


_POLICY = select(DuePolicyRow).where(DuePolicyRow.id == bindparam("policy_id"))


def policy(session: Session, policy_id: int) -> Any:
    """The columns of the counting rules by which a promise was made."""
    return read(session, _POLICY, policy_id=policy_id).one()


_SETTING_ON = (
    select(Setting.value_json)
    .where(Setting.key == bindparam("key"))
    .where(or_(Setting.unit_id.is_(None), Setting.unit_id == bindparam("unit_id")))
    .where(or_(Setting.valid_from.is_(None), Setting.valid_from <= bindparam("on")))
    .order_by(Setting.unit_id.desc().nulls_last(), Setting.valid_from.desc().nulls_last(), Setting.id.desc())
    .limit(1)
)


def setting_on(session: Session, unit_id: int, key: str, on: date) -> dict[str, Any] | None:
    """The value kept for ``key`` on a date; the unit's own rows stand before those for all units."""
    found: dict[str, Any] | None = read(session, _SETTING_ON, unit_id=unit_id, key=key, on=on).scalar()
    return found


@cache
def _settings_on(keys: tuple[str, ...]) -> Any:
    return (
        select(Setting.key, Setting.value_json)
        .where(or_(*(Setting.key == key for key in keys)))
        .where(or_(Setting.unit_id.is_(None), Setting.unit_id == bindparam("unit_id")))
        .where(or_(Setting.valid_from.is_(None), Setting.valid_from <= bindparam("on")))
        .order_by(Setting.unit_id.nulls_first(), Setting.valid_from.nulls_first(), Setting.id)
    )


def settings_on(session: Session, unit_id: int, keys: tuple[str, ...], on: date) -> dict[str, dict[str, Any]]:
    """The same for several keys; one that was never set is left out."""
    return dict(read(session, _settings_on(keys), unit_id=unit_id, on=on).all())
