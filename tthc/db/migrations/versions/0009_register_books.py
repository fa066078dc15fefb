"""The yearly register book: further volumes, and the years that are locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _kept(table: str, who: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        *columns,
        sa.Column(who, sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint([who], ["account.id"], name=op.f(f"fk_{table}_{who}_account")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f(f"fk_{table}_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _kept(
        "register_volume",
        "opened_by",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("first_no", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("no > 0 AND first_no > 0", name=op.f("ck_register_volume_positive")),
        sa.UniqueConstraint("unit_id", "year", "no", name=op.f("uq_register_volume_unit_id_year_no")),
    )
    _kept(
        "register_lock",
        "locked_by",
        sa.Column("last_no", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_no >= 0", name=op.f("ck_register_lock_last_no")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_register_lock_unit_id_year")),
    )


def downgrade() -> None:
    op.drop_table("register_lock")
    op.drop_table("register_volume")
