"""Alerts that somebody is to be told of at once; when the date of a step was entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_UNANSWERED = sa.text("acknowledged_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.add_column("alert", sa.Column("untold", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_alert_untold",
        "alert",
        ["unit_id"],
        sqlite_where=sa.text("untold = 1"),
        postgresql_where=sa.text("untold"),
    )
    op.create_index(
        "ix_alert_unanswered",
        "alert",
        ["unit_id", "stage", "level"],
        sqlite_where=_UNANSWERED,
        postgresql_where=_UNANSWERED,
    )
    op.add_column("due_date", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("due_date", "recorded_at")
    op.drop_index("ix_alert_unanswered", "alert")
    op.drop_index("ix_alert_untold", "alert")
    op.drop_column("alert", "untold")
