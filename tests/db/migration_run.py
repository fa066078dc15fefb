"""Migrates a database in a process of its own, which may be told to die in the middle.

``python migration_run.py URL [OPERATION]``: with OPERATION n the process kills itself without any clean-up
when the migration asks for its n-th table; with OPERATION 0 when only the triggers are still missing.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import flask_migrate
from alembic import op
from flask import Flask

import tthc.db
from tthc.db import triggers
from tthc.db.session import database, engine_options, prepare_engine


def die(*_: object, **__: object) -> None:
    """What a power cut does to a process: nothing is closed, nothing rolled back."""
    print("killed", flush=True)
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(9)


def die_at(operation: int) -> None:
    """Put the end of the process into the migration's way."""
    if operation == 0:
        triggers.create_triggers = die
        return
    create_table = op.create_table
    made = []

    def counted(name: str, *columns: object, **options: object) -> object:
        made.append(name)
        if len(made) == operation:
            die()
        return create_table(name, *columns, **options)

    op.create_table = counted


def migrate(url: str) -> None:
    """Bring the database to the newest revision."""
    app = Flask("tthc")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    database.init_app(app)
    flask_migrate.Migrate(app, database, directory=str(Path(tthc.db.__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(database.engine)
        flask_migrate.upgrade()
        database.engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_at(int(sys.argv[2]))
    migrate(sys.argv[1])
    print("migrated")
