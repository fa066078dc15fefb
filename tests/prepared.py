"""Offices that were prepared once: tests that begin alike begin with copies of one office."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.clock import StandingClock
from tests.databases import Databases
from tests.sessions import ENGINES


@dataclass(frozen=True)
class Prepared:
    """How an act left its office: what it gave, when it ended, and the files."""

    gave: Any
    ended_at: datetime
    files: Path


class Preparations:
    """The acts that were carried out in this test process, once for either kind of database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], Prepared] = {}

    def bring(
        self,
        databases: Databases,
        engine: Engine,
        *,
        clock: StandingClock,
        files: Path,
        name: str,
        act: Callable[[], Any],
    ) -> Any:
        """Bring a new database, the clock and the folders in ``files`` to where the act of that name ends.

        No transaction may be open. What the act returns is given back, and must be plain: codes, not rows.
        """
        key = (engine.dialect.name, name)
        new = key not in self._known
        if new:
            self._known[key] = Prepared(act(), clock.moment, self._folder / f"{len(self._known)}")
        known = self._known[key]
        with ENGINES.without_connections(engine) as url:
            if new:
                databases.keep(name, url)
                _copy_folders(files, known.files)
            databases.become(url, name)
        _copy_folders(known.files, files)
        clock.moment = known.ended_at
        return copy(known.gave)


def _copy_folders(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for folder in source.iterdir():
        if folder.is_dir():
            shutil.copytree(folder, target / folder.name, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def preparations(tmp_path_factory: pytest.TempPathFactory) -> Preparations:
    """What was prepared in this test process."""
    return Preparations(tmp_path_factory.mktemp("prepared"))
