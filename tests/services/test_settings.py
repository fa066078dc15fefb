"""Office rules by key and date."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from tthc.db.models import Setting
from tthc.services import settings

KEY = "separate_ends"


def keep(session: Session, now: datetime, value: object, *, unit_id: int | None, since: date | None) -> None:
    session.add(
        Setting(unit_id=unit_id, key=KEY, value_json={"value": value}, valid_from=since, recorded_at=now)
    )
    session.commit()


def test_the_newest_row_at_or_before_a_date_holds(session: Session, now: datetime) -> None:
    assert settings.get(session, 1, KEY, date(2024, 6, 14), False) is False
    keep(session, now, True, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, False, unit_id=1, since=None)
    assert settings.get(session, 1, KEY, date(2024, 12, 31), True) is False
    assert settings.get(session, 1, KEY, date(2025, 1, 1), False) is True
    assert settings.get(session, 1, "other", date(2025, 1, 1), 7) == 7


def test_a_correction_for_the_same_day_is_the_later_row(session: Session, now: datetime) -> None:
    keep(session, now, 1, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, 2, unit_id=1, since=date(2025, 1, 1))
    assert settings.get(session, 1, KEY, date(2025, 1, 1), 0) == 2


def test_the_units_own_row_stands_before_the_general_one(session: Session, now: datetime) -> None:
    keep(session, now, "own", unit_id=1, since=None)
    keep(session, now, "general", unit_id=None, since=date(2025, 1, 1))
    assert settings.get(session, 1, KEY, date(2026, 1, 1), "") == "own"
    assert settings.get(session, 2, KEY, date(2026, 1, 1), "") == "general"


def test_a_value_of_the_wrong_type_does_not_pass_in_silence(session: Session, now: datetime) -> None:
    keep(session, now, "no", unit_id=1, since=None)
    with pytest.raises(TypeError, match=KEY):
        settings.get(session, 1, KEY, date(2025, 1, 1), False)
