"""Filings are listed and counted by their applicants."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_filing_applicant", "filing", ["applicant_id"])


def downgrade() -> None:
    op.drop_index("ix_filing_applicant", "filing")
