"""Applicants are found by the last digits of their phone: the words of each have it read from its end."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from tthc.db.triggers import fill_search_indexes

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PHONES = "SELECT id, search_text, phone FROM applicant WHERE phone <> ''"
_WRITE = "UPDATE applicant SET search_text = :words WHERE id = :id"


def upgrade() -> None:
    connection = op.get_bind()
    rows = []
    for key, words, phone in connection.execute(sa.text(_PHONES)):
        digits = re.sub(r"\D", "", phone)
        if len(digits) >= 4:
            rows.append({"id": key, "words": f"{words} t{digits[::-1]}"})
    _write(connection, rows)


def downgrade() -> None:
    connection = op.get_bind()
    rows = [
        {"id": key, "words": words.rpartition(" t")[0]}
        for key, words, phone in connection.execute(sa.text(_PHONES))
        if len(re.sub(r"\D", "", phone)) >= 4
    ]
    _write(connection, rows)


def _write(connection: sa.Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(sa.text(_WRITE), rows)
        fill_search_indexes(connection)
