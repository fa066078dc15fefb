"""Files of dossiers: which paper each is a copy of, who attached it, and who took it out and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEPT = sa.text("removed_at IS NULL")


def upgrade() -> None:
    # Nothing wrote an attachment before this revision, so that no removal is lost with its event.
    with op.batch_alter_table("attachment") as attachment:
        # The names of the types of Office files are longer than 64 signs.
        attachment.alter_column("media_type", existing_type=sa.String(64), type_=sa.String(100))
        attachment.drop_constraint(op.f("fk_attachment_removed_event_id_event"), type_="foreignkey")
        attachment.drop_column("removed_event_id")
        attachment.add_column(sa.Column("paper", sa.Text(), nullable=False, server_default=""))
        attachment.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        attachment.add_column(sa.Column("removal_reason", sa.Text(), nullable=False, server_default=""))
        for name in ("recorded_by", "removed_by"):
            attachment.add_column(sa.Column(name, sa.Integer(), nullable=True))
            attachment.create_foreign_key(op.f(f"fk_attachment_{name}_account"), "account", [name], ["id"])
        attachment.create_check_constraint(
            op.f("ck_attachment_removed_why"), "(removed_at IS NULL) = (removal_reason = '')"
        )
    op.create_index(
        "uq_attachment_content",
        "attachment",
        ["dossier_id", "sha256"],
        unique=True,
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    )
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_attachment_sha256", table_name="attachment")
    op.drop_index("uq_attachment_content", table_name="attachment")
    with op.batch_alter_table("attachment") as attachment:
        attachment.drop_constraint(op.f("ck_attachment_removed_why"), type_="check")
        for name in ("removed_by", "recorded_by"):
            attachment.drop_constraint(op.f(f"fk_attachment_{name}_account"), type_="foreignkey")
            attachment.drop_column(name)
        attachment.drop_column("removal_reason")
        attachment.drop_column("removed_at")
        attachment.drop_column("paper")
        attachment.alter_column("media_type", existing_type=sa.String(100), type_=sa.String(64))
        attachment.add_column(sa.Column("removed_event_id", sa.Integer(), nullable=True))
        attachment.create_foreign_key(
            op.f("fk_attachment_removed_event_id_event"), "event", ["removed_event_id"], ["id"]
        )
