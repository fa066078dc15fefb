"""Office rules by key and date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tthc.db.models import Setting
from tthc.services import settings

DAYS = settings.KnownSetting("test.days", "Số ngày", "", default=30)
WORDS = settings.KnownSetting("test.words", "Căn cứ", "", default="")


def keep(
    session: Session,
    now: datetime,
    setting: settings.KnownSetting[Any],
    value: object,
    *,
    unit_id: int | None,
    since: date | None,
) -> None:
    session.add(
        Setting(
            unit_id=unit_id, key=setting.key, value_json={"value": value}, valid_from=since, recorded_at=now
        )
    )
    session.commit()


def test_the_newest_row_at_or_before_a_date_holds(session: Session, now: datetime) -> None:
    assert settings.get(session, 1, DAYS, date(2024, 6, 14)) == 30
    keep(session, now, DAYS, 20, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, DAYS, 10, unit_id=1, since=None)
    assert settings.get(session, 1, DAYS, date(2024, 12, 31)) == 10
    assert settings.get(session, 1, DAYS, date(2025, 1, 1)) == 20
    assert settings.get(session, 1, WORDS, date(2025, 1, 1)) == ""


def test_a_correction_for_the_same_day_is_the_later_row(session: Session, now: datetime) -> None:
    keep(session, now, DAYS, 1, unit_id=1, since=date(2025, 1, 1))
    keep(session, now, DAYS, 2, unit_id=1, since=date(2025, 1, 1))
    assert settings.get(session, 1, DAYS, date(2025, 1, 1)) == 2


def test_the_units_own_row_stands_before_the_general_one(session: Session, now: datetime) -> None:
    keep(session, now, WORDS, "own", unit_id=1, since=None)
    keep(session, now, WORDS, "general", unit_id=None, since=date(2025, 1, 1))
    assert settings.get(session, 1, WORDS, date(2026, 1, 1)) == "own"
    assert settings.get(session, 2, WORDS, date(2026, 1, 1)) == "general"


@pytest.mark.parametrize("value", ["20", True, None, 2.5])
def test_a_value_of_the_wrong_type_does_not_pass_in_silence(
    session: Session, now: datetime, value: object
) -> None:
    keep(session, now, DAYS, value, unit_id=1, since=None)
    with pytest.raises(TypeError, match=r"test\.days"):
        settings.get(session, 1, DAYS, date(2025, 1, 1))


def test_what_the_office_has_not_set_reads_as_the_table_says(session: Session) -> None:
    on = date(2026, 11, 22)
    assert settings.get(session, 1, settings.UNANSWERED_DAYS, on) == 30
    assert settings.get(session, 1, settings.STOP_BASIS, on) == ""
    assert settings.get(session, 1, settings.TALLY_ENDS, on) == "folded"


def test_each_known_setting_is_named_once_and_takes_its_own_default() -> None:
    assert len({one.key for one in settings.KNOWN}) == len(settings.KNOWN)
    assert all(one.label and one.help for one in settings.KNOWN)
    for one in settings.KNOWN:
        if one.choices:
            assert one.default in dict(one.choices)
        elif isinstance(one.default, int):
            assert one.least <= one.default <= one.most
