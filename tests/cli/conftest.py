"""Offices for the commands: one on SQLite, one on both databases, one where nothing was set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes import Office


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str) -> Office:
    """A seeded office on SQLite."""
    return Office(tmp_path, sqlite_url)


@pytest.fixture
def office_on_both(tmp_path: Path, database_url: str) -> Office:
    """A seeded office, once on SQLite and once on PostgreSQL."""
    return Office(tmp_path, database_url)


@pytest.fixture
def bare_office(tmp_path: Path) -> Office:
    """An office where nothing was set up."""
    return Office(tmp_path)
