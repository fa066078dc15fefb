"""Indexes by which a tally reads only what counts in its period, and a list its first page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FORMER = (
    "unit_id",
    "known_to",
    "valid_to",
    "valid_from",
    "ended_counted_on",
    "received_counted_on",
    "sector_id",
    "procedure_id",
    "channel",
    "end_kind",
    "returned",
    "ended_on",
    "due_on",
    "waiting",
    "dossier_id",
)
_COLUMNS = (
    "unit_id",
    "ended_counted_on",
    "valid_to",
    "valid_from",
    "received_counted_on",
    "sector_id",
    "procedure_id",
    "channel",
    "officer_id",
    "end_kind",
    "returned",
    "ended_on",
    "due_on",
    "waiting",
    "received_on",
    "dossier_id",
    "known_to",
)


def upgrade() -> None:
    known_now = sa.text("known_to IS NULL")
    op.drop_index("ix_dossier_span_tally", "dossier_span")
    op.create_index(
        "ix_dossier_span_tally",
        "dossier_span",
        list(_COLUMNS),
        sqlite_where=known_now,
        postgresql_where=known_now,
    )
    op.create_index("ix_dossier_due", "dossier", ["unit_id", "due_on", "id"])
    op.create_index("ix_event_kind", "event", ["unit_id", "kind", "counted_on", "dossier_id"])


def downgrade() -> None:
    op.drop_index("ix_event_kind", "event")
    op.drop_index("ix_dossier_due", "dossier")
    op.drop_index("ix_dossier_span_tally", "dossier_span")
    op.create_index("ix_dossier_span_tally", "dossier_span", list(_FORMER))
