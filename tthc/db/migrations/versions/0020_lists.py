"""Filters of the list of dossiers shared with the unit, and the columns that an account has chosen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _saved_filter(*more: sa.Column[object] | sa.ForeignKeyConstraint) -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_filter_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_filter_account_id_name")),
    )


def upgrade() -> None:
    # Nothing wrote a filter before this revision, so the table is empty.
    op.drop_table("saved_filter")
    _saved_filter(
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_saved_filter_unit_id_unit")),
    )
    op.create_index("ix_saved_filter_shared", "saved_filter", ["unit_id", "shared"])
    op.create_table(
        "chosen_columns",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("columns_json", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_chosen_columns_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_chosen_columns")),
    )


def downgrade() -> None:
    op.drop_table("chosen_columns")
    op.drop_table("saved_filter")
    _saved_filter()
