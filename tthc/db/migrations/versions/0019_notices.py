"""What supervisors and administrators are told, once for each cause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KINDS = ("calendar_unconfirmed", "calendar_ends", "days_expected", "unread_subjects", "dead_messages")


def upgrade() -> None:
    kind = sa.Enum(*_KINDS, name="noticekind_known", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("payload_json", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_notice_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("unit_id", "key", name=op.f("uq_notice_unit_id_key")),
    )
    is_open = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "ix_notice_open",
        "notice",
        ["unit_id", "raised_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_table("notice")
