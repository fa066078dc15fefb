"""The office of a run: built once for a number of dossiers, kept, and copied for each run."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import bench_copies
import bench_office
from bench_office import NOW, Life, open_office
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.orm import Session

from tthc import create_app
from tthc.config import PACKAGE
from tthc.domain.permissions import Actor
from tthc.services import alerts, closing
from tthc.services.vault import Vault

#: How many dossiers are lived through; all others are copies.
LIVED = 1000


def open_app(folder: Path) -> Flask:
    """The application on the database of a folder."""
    return create_app(
        {
            "INSTANCE_PATH": str(folder),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{database_of(folder)}",
            "SECRET_KEY": "khoa-do-toc-do-khong-bi-mat",
            "CLOCK": lambda: NOW,
        }
    )


def database_of(folder: Path) -> Path:
    """The file of the database."""
    return folder / "bench.db"


def office(folder: Path, kept: Path | None, dossiers: int) -> Flask:
    """An application in ``folder`` on an office of about ``dossiers`` dossiers, kept in ``kept``."""
    if kept is None:
        return _build(folder, dossiers)
    ready = kept / f"office-{dossiers}-{_key()}"
    if not ready.exists():
        begun = ready.with_suffix(".part")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        _build(begun, dossiers)
        begun.rename(ready)
    shutil.copytree(ready, folder, dirs_exist_ok=True)
    return open_app(folder)


def _key() -> str:
    """What a kept office depends on: how it is made, and the schema."""
    sources = [Path(module.__file__ or "") for module in (bench_office, bench_copies)]
    sources += sorted((PACKAGE / "db" / "migrations" / "versions").glob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in [Path(__file__), *sources]))
    return digest.hexdigest()[:12]


def _build(folder: Path, dossiers: int) -> Flask:
    app = open_app(folder)
    with app.app_context():
        upgrade()
        engine = app.extensions["sqlalchemy"].engine
        engine.dispose()
        # What is thrown away need not outlive a power cut.
        event.listen(engine, "connect", in_haste)
        session: Any = app.extensions["sqlalchemy"].session
        people = open_office(session)
        lived = min(dossiers, LIVED)
        Life(session, people).run(lived)
        multiply(session, max(1, round(dossiers / lived)))
        close_months(session, people["lanh-dao"], Vault(folder))
        alerts.sweep(session, now=NOW, actor=people["lanh-dao"])
        session.remove()
        engine.dispose()
    with sqlite3.connect(database_of(folder)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return open_app(folder)


def multiply(session: Session, times: int) -> None:
    """Let everything be there ``times`` times."""
    copier = bench_copies.Copier(session)
    for number in range(1, times):
        copier.copy(number)
    copier.settle(times)
    session.commit()


def close_months(session: Session, actor: Actor, vault: Vault, *, leave: int = 1) -> None:
    """Close every month that has ended, but the newest ``leave``."""
    while (following := closing.next_close(session, actor=actor, now=NOW)) and following.ended:
        if (NOW.date() - following.period.to_on).days < 30 * leave:
            return
        closing.close_period(
            session,
            now=NOW,
            actor=actor,
            from_on=following.period.from_on,
            to_on=following.period.to_on,
            figures=following.figures,
            vault=vault,
            reason="Đo tốc độ",
        )


def in_haste(connection: sqlite3.Connection, _record: object) -> None:
    """Write without waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")
