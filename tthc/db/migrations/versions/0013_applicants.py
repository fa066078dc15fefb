"""Applicants: the order of the directory, entries merged into one, and looks at long codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_applicant_name_key", "applicant", ["name_key", "id"])
    op.create_table(
        "applicant_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("moved_json", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_applicant_merge_two")),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["applicant.id"], name=op.f("fk_applicant_merge_kept_id_applicant")
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["applicant.id"], name=op.f("fk_applicant_merge_merged_id_applicant")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_applicant_merge_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["account.id"], name=op.f("fk_applicant_merge_undone_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applicant_merge")),
    )
    op.create_index("ix_applicant_merge_kept", "applicant_merge", ["kept_id"])
    op.create_index("ix_applicant_merge_merged", "applicant_merge", ["merged_id"])
    with op.batch_alter_table("access_log") as looks:
        looks.alter_column("subject", existing_type=sa.String(64), type_=sa.String(80))
    op.create_index("ix_access_log_account", "access_log", ["account_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_access_log_account", "access_log")
    with op.batch_alter_table("access_log") as looks:
        looks.alter_column("subject", existing_type=sa.String(80), type_=sa.String(64))
    op.drop_table("applicant_merge")
    op.drop_index("ix_applicant_name_key", "applicant")
