"""The daily clean-up: what was put down for a while and nobody took up, each kind by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import job_runs as run_queries
from tthc.db.queries import lookup as lookup_queries
from tthc.domain.calendar import office_time
from tthc.domain.settings import KEEP_PASSING, KEEP_RUNS, KnownSetting
from tthc.services import attachments, drafts, settings
from tthc.services.paper_store import PaperStore
from tthc.services.transaction import transaction

JOB = "cleanup"
#: Folders of the instance in which files wait for somebody to go on with them.
_PASSING = "uploads"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """Where files lie: those of dossiers, and the instance folder."""

    store: PaperStore
    instance: Path


def clean_up(
    session: Session, *, now: datetime, machine_now: datetime, unit_id: int, places: Places
) -> dict[str, Any]:
    """Forget drafts, files that no row names, files put aside, counted look-ups, old runs; what was done.

    Files are as old as the machine says, rows as old as the office's clock. What cannot be cleaned now does
    not keep the rest from it: ``failed`` counts it, and the next run tries again.
    """
    today = office_time(now).date()

    def span(setting: KnownSetting[int]) -> timedelta:
        return timedelta(days=settings.get(session, unit_id, setting, today))

    passing, kept_runs = span(KEEP_PASSING), span(KEEP_RUNS)
    kinds: dict[str, Callable[[], int]] = {
        "drafts": lambda: drafts.clean_up(session, now=now, unit_id=unit_id),
        "papers": lambda: attachments.clean_up(session, machine_now=machine_now, store=places.store),
        "files": lambda: _drop_files(places.instance / _PASSING, machine_now - passing),
        "lookups": lambda: _in_transaction(session, lambda: lookup_queries.forget(session, now - passing)),
        "runs": lambda: _in_transaction(session, lambda: run_queries.forget(session, today - kept_runs)),
    }
    done: dict[str, Any] = {}
    failed = 0
    for kind, work in kinds.items():
        try:
            done[kind] = work()
        except Exception as error:  # noqa: BLE001 - one kind must not keep the others from being cleaned
            session.rollback()
            _log.error("Dọn dữ liệu tạm: chưa dọn được %s (%s).", kind, type(error).__name__)
            done[kind] = 0
            failed += 1
    return {**done, "failed": failed}


def _in_transaction(session: Session, work: Callable[[], int]) -> int:
    with transaction(session):
        return work()


def _drop_files(folder: Path, before: datetime) -> int:
    gone = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
