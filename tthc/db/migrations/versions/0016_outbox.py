"""Messages: by unit, kind and urgency; the address of an account, its feed, and when it last looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WAITING = sa.text("sent_at IS NULL AND dead_at IS NULL")
_DEAD = sa.text("dead_at IS NOT NULL")
_OPEN = sa.text("withdrawn_at IS NULL")


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    # Nothing wrote a message before this revision, so the table is empty.
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        _text("key", 128),
        _text("channel", 16),
        _text("kind", 32),
        _text("recipient_ref", 64),
        sa.Column("payload_json", sa.JSON(), nullable=False),
        _text("message_id", 128),
        _moment("written_at", nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        _moment("not_before", nullable=False),
        _moment("not_after"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("leased_until"),
        _moment("sent_at"),
        _moment("dead_at"),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name=op.f("ck_outbox_one_end")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_outbox_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["not_before"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index(
        "ix_outbox_dead", "outbox", ["unit_id", "dead_at"], sqlite_where=_DEAD, postgresql_where=_DEAD
    )
    op.create_index("ix_outbox_sent", "outbox", ["unit_id", "sent_at"])
    op.create_index(
        "ix_alert_news", "alert", ["unit_id", "raised_at"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.add_column("account", sa.Column("email", sa.Text(), nullable=False, server_default=""))
    op.add_column("account", _moment("alerts_seen_at"))
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("feed_hash", sa.String(length=64), nullable=True))
        account.create_unique_constraint(op.f("uq_account_feed_hash"), ["feed_hash"])


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.drop_constraint(op.f("uq_account_feed_hash"), type_="unique")
        for column in ("feed_hash", "alerts_seen_at", "email"):
            account.drop_column(column)
    op.drop_index("ix_alert_news", "alert")
    op.drop_table("outbox")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("key", 128),
        _text("channel", 16),
        _text("recipient_ref", 64),
        sa.Column("payload_json", sa.JSON(), nullable=False),
        _text("message_id", 128),
        _moment("not_before", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("leased_until"),
        _moment("sent_at"),
        _moment("dead_at"),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["not_before"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
