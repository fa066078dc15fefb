"""Taking over the numbers of an office that begins in mid-year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LIVE = sa.text("state <> 'undone'")


def upgrade() -> None:
    people = ("prepared_by", "confirmed_by", "undone_by")
    op.create_table(
        "take_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("report_no", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "confirmed",
                "undone",
                name="takeoverstate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        *[sa.Column(name, sa.Integer(), nullable=True) for name in people],
        sa.Column("undo_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL AND undone_at IS NULL)",
            name=op.f("ck_take_over_confirmed"),
        ),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_take_over_undone")),
        sa.CheckConstraint("undone_at IS NULL OR undo_reason <> ''", name=op.f("ck_take_over_undone_why")),
        *[
            sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_take_over_{name}_account"))
            for name in people
        ],
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_take_over_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_over")),
    )
    op.create_index(
        "uq_take_over_live",
        "take_over",
        ["unit_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_table(
        "take_over_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("take_over_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sector_id"], ["sector.id"], name=op.f("fk_take_over_item_sector_id_sector")
        ),
        sa.ForeignKeyConstraint(
            ["take_over_id"], ["take_over.id"], name=op.f("fk_take_over_item_take_over_id_take_over")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_over_item")),
        sa.UniqueConstraint("take_over_id", "code", name=op.f("uq_take_over_item_take_over_id_code")),
    )


def downgrade() -> None:
    op.drop_table("take_over_item")
    op.drop_index("uq_take_over_live", table_name="take_over")
    op.drop_table("take_over")
