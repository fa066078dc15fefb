"""Which backups are kept, and what a manifest may say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tthc.domain.backup import (
    BackupName,
    Cause,
    DatabaseKind,
    FileEntry,
    Keep,
    Manifest,
    read_manifest,
    read_name,
    to_drop,
)
from tthc.domain.vocabulary import DomainError

#: Friday 14/06/2024 06:30 in the office.
FRIDAY = datetime(2024, 6, 13, 23, 30, tzinfo=UTC)


def named(days_ago: int, cause: Cause = Cause.DAILY, hours: int = 0) -> str:
    return str(BackupName(FRIDAY - timedelta(days=days_ago, hours=hours), cause))


def test_a_name_tells_when_and_why_on_the_clock_of_the_office() -> None:
    assert named(0) == "tthc-20240614-063000-daily.zip"
    assert read_name(named(3, Cause.UPGRADE)) == BackupName(FRIDAY - timedelta(days=3), Cause.UPGRADE)
    for other in (
        "tthc.db",
        ".tthc-20240614-063000-daily.zip",
        "tthc-20241399-063000-daily.zip",
        "tthc-20240614-063000-x.zip",
    ):
        assert read_name(other) is None


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (Keep(1, 0, 0), [0]),
        (Keep(3, 0, 0), [0, 1, 2]),
        # Weeks end on Sunday: 9/6 is five days back, 2/6 twelve.
        (Keep(2, 3, 0), [0, 1, 5, 12]),
        # Months end on 31/5 (14 days back) and 30/4 (45 days back).
        (Keep(1, 0, 3), [0, 14, 45]),
        (Keep(2, 2, 2), [0, 1, 5, 14]),
    ],
)
def test_the_newest_of_days_weeks_and_months_is_kept(keep: Keep, kept: list[int]) -> None:
    every = [named(days) for days in range(60)]
    assert {*every} - {*to_drop(every, keep)} == {named(days) for days in kept}


def test_days_without_a_backup_do_not_use_up_what_is_kept() -> None:
    assert to_drop([named(0), named(20), named(40)], Keep(3, 0, 0)) == []
    # Of two on one day the newer one stays.
    assert to_drop([named(0), named(0, hours=2), named(1)], Keep(2, 0, 0)) == [named(0, hours=2)]


def test_what_was_asked_for_stays_and_of_upgrades_the_last_three() -> None:
    by_hand = [named(days, Cause.MANUAL) for days in range(100, 110)]
    upgrades = [named(days, Cause.UPGRADE) for days in range(10, 15)]
    assert to_drop([*by_hand, *upgrades, "ghi-chu.txt"], Keep()) == sorted(upgrades[3:])


WHOLE = Manifest(
    made_at=FRIDAY,
    cause=Cause.MANUAL,
    program="0.1.0",
    schema="0016",
    database=DatabaseKind.SQLITE,
    tables={"dossier": 3},
    files={"database/tthc.db": FileEntry("0" * 64, 12), "papers/00/11/x": FileEntry("1" * 64, 5)},
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(WHOLE.as_bytes()) == WHOLE
    assert (WHOLE.size, WHOLE.papers) == (17, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "phiên bản mới hơn"),
        ({"format": "x"}, "hỏng"),
        ({"cause": "x"}, "hỏng"),
        ({"tables": [1]}, "hỏng"),
        ({"tables": {"x; DROP": 1}}, "hỏng"),
        ({"files": {"database/tthc.db": {"sha256": "00", "size": 1}}}, "hỏng"),
        *(
            ({"files": {name: {"sha256": "0" * 64, "size": 1}}}, "hỏng")
            for name in (
                "/etc/passwd",
                "papers/../../x",
                "papers/./x",
                "other/x",
                "papers\\..\\x",
                "papers/c:x",
            )
        ),
    ],
)
def test_a_manifest_that_says_anything_else_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(DomainError, match=said):
        read_manifest(json.dumps({**json.loads(WHOLE.as_bytes()), **change}).encode())
