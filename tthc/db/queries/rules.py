"""The office's dated rules: how due dates are counted, and settings by key."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tthc.db.models import DuePolicyRow, Setting
from tthc.domain.vocabulary import DomainError


def policy_on(session: Session, unit_id: int, on: date) -> DuePolicyRow:
    """The counting rules for what the unit received on a date.

    The latest ``valid_from`` at or before it holds (``NULL``: from the beginning); of two rows for the same
    date the one recorded last. Raises :class:`DomainError` when there is none: nothing is assumed.
    """
    row = session.scalars(
        select(DuePolicyRow)
        .where(DuePolicyRow.unit_id == unit_id)
        .where(or_(DuePolicyRow.valid_from.is_(None), DuePolicyRow.valid_from <= on))
        .order_by(DuePolicyRow.valid_from.desc().nulls_last(), DuePolicyRow.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise DomainError(
            f"Chưa khai quy tắc tính thời hạn áp dụng cho ngày {on:%d/%m/%Y}. "
            "Hãy khai giờ làm việc và cách tính của đơn vị rồi thực hiện lại."
        )
    return row


def policy(session: Session, policy_id: int) -> DuePolicyRow:
    """The counting rules by which a promise was made."""
    return session.get_one(DuePolicyRow, policy_id)


def setting_on(session: Session, unit_id: int, key: str, on: date) -> dict[str, Any] | None:
    """The value kept for ``key`` on a date; the unit's own rows stand before those for all units."""
    return session.scalars(
        select(Setting.value_json)
        .where(Setting.key == key)
        .where(or_(Setting.unit_id.is_(None), Setting.unit_id == unit_id))
        .where(or_(Setting.valid_from.is_(None), Setting.valid_from <= on))
        .order_by(
            Setting.unit_id.desc().nulls_last(),
            Setting.valid_from.desc().nulls_last(),
            Setting.id.desc(),
        )
        .limit(1)
    ).first()
