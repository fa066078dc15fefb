"""Petitions: where an answer was published, what a search looks into, and what may stand beside what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Nothing wrote a petition before this revision, so that no row can offend.
_CHECKS = {
    "transferred_ended": "handled = 'here' OR ended_on IS NOT NULL",
    "transferred_to": "(transferred_to = '') = (handled = 'here')",
    "answered": "(answer = '') = (handled <> 'here' OR ended_on IS NULL)",
    "ends_after_receipt": "ended_on IS NULL OR ended_on >= received_on",
    "published_in": "(published_in = '') = (published_on IS NULL)",
    "published_answer": "published_on IS NULL OR (handled = 'here' AND published_on >= ended_on)",
}


def upgrade() -> None:
    with op.batch_alter_table("petition") as petition:
        petition.add_column(sa.Column("published_in", sa.Text(), nullable=False, server_default=""))
        petition.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
        for name, condition in _CHECKS.items():
            petition.create_check_constraint(op.f(f"ck_petition_{name}"), condition)
    op.create_index("ix_audit_subject", "audit", ["unit_id", "subject"])


def downgrade() -> None:
    op.drop_index("ix_audit_subject", "audit")
    with op.batch_alter_table("petition") as petition:
        for name in reversed(_CHECKS):
            petition.drop_constraint(op.f(f"ck_petition_{name}"), type_="check")
        petition.drop_column("search_text")
        petition.drop_column("published_in")
