"""What every view needs of the application: the database session, the clocks, who is signed in."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from flask import current_app
from flask_login import current_user

from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import paper_store
from tthc.services.paper_store import PaperStore
from tthc.services.vault import Vault


def session() -> Any:
    """The database session of this request; pages hand it to services and never use it themselves."""
    return current_app.extensions["sqlalchemy"].session()


def now() -> datetime:
    """The office's clock: an aware UTC moment; it stands still in the demonstration."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def machine_now() -> datetime:
    """The machine's own clock, for lock-outs."""
    moment: datetime = current_app.config["MACHINE_CLOCK"]()
    return moment


def today() -> date:
    """The office's date."""
    return now().astimezone(OFFICE_ZONE).date()


def start_job(name: str) -> Thread:
    """Start a job of the timetable in a thread of its own, or raise :class:`tthc.services.timetable.Busy`."""
    thread: Thread = current_app.extensions["start_job"](name, now=now())
    return thread


def actor() -> Actor:
    """Who is signed in; only for views behind a guard."""
    person: Actor = current_user.actor
    return person


def vault() -> Vault:
    """Where the files of closed periods and the key are that signs them."""
    key = current_app.config["SIGNING_KEY"]
    return Vault(Path(current_app.instance_path), Path(key) if key else None)


def papers() -> PaperStore:
    """Where the files of dossiers lie."""
    return paper_store.of(current_app.config)
