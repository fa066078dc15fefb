"""Firms and bodies stand in lists by their name from its beginning; only people by their given name."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from tthc.domain.text import vietnamese_name_key, vietnamese_order_key

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_OTHERS = "SELECT id, name FROM applicant WHERE kind <> 'citizen'"
_WRITE = "UPDATE applicant SET name_key = :key WHERE id = :id"


def upgrade() -> None:
    _order(vietnamese_order_key)


def downgrade() -> None:
    _order(vietnamese_name_key)


def _order(key_of: Callable[[str], str]) -> None:
    connection = op.get_bind()
    rows = [{"id": key, "key": key_of(name)} for key, name in connection.execute(sa.text(_OTHERS))]
    if rows:
        connection.execute(sa.text(_WRITE), rows)
