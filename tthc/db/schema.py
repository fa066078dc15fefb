"""Which migrations the database has, and which the program carries."""

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


def is_known(revision: str) -> bool:
    """Whether the program carries a revision; it does not where a newer program made the database."""
    return revision in {one.revision for one in _scripts().walk_revisions()}


@cache
def _heads() -> frozenset[str]:
    return frozenset(_scripts().get_heads())


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
