"""Whether the database has every migration that the program carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session


def at_head(session: Session) -> bool:
    """Whether the database stands where the migrations end."""
    context = MigrationContext.configure(session.connection())
    return frozenset(context.get_current_heads()) == _heads()


@cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(Path(__file__).parent / "migrations")).get_heads())
