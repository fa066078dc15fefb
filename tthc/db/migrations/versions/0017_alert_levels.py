"""Alerts that somebody is to be told of at once; when the date of a step was entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("untold")


def upgrade() -> None:
    op.add_column("alert", sa.Column("untold", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_alert_untold", "alert", ["unit_id"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    op.add_column("due_date", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("due_date", "recorded_at")
    op.drop_index("ix_alert_untold", "alert")
    op.drop_column("alert", "untold")
