"""Who took a result and how, and reminders to come for one."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MAIL = sa.text("way = 'mail'")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _words(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=False)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _one_of(name: str, known: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=known, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=nullable)


def _references(table: str, found: Iterable[tuple[str, str]]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in found
    ]


def upgrade() -> None:
    op.create_table(
        "hand_over",
        _number("id"),
        _number("unit_id"),
        _number("dossier_id"),
        _number("event_id"),
        _words("action_id", 36),
        _one_of("way", "channel_known", "counter", "online", "post"),
        _one_of("receiver", "receiver_known", "applicant", "authorised"),
        _words("name"),
        _words("id_number", 32),
        sa.Column("identity_checked", sa.Boolean(), nullable=False),
        _one_of(
            "paper_kind",
            "authorisation_known",
            "power",
            "introduction",
            "contract",
            "other",
            nullable=True,
        ),
        _words("paper_no", 64),
        sa.Column("paper_on", sa.Date(), nullable=True),
        _one_of("receipt", "receiptreturn_known", "taken_back", "lost", "none"),
        sa.Column("loss_on", sa.Date(), nullable=True),
        _words("carrier"),
        _words("tracking_no", 40),
        _number("fee_left"),
        _words("fee_reason"),
        _words("note"),
        _moment("recorded_at"),
        _number("recorded_by", nullable=True),
        _number("corrects_id", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint(
            "(receiver = 'authorised') = (paper_kind IS NOT NULL)",
            name=op.f("ck_hand_over_authorised_by_paper"),
        ),
        sa.CheckConstraint("way <> 'counter' OR identity_checked", name=op.f("ck_hand_over_identity")),
        sa.CheckConstraint("(way = 'post') = (tracking_no <> '')", name=op.f("ck_hand_over_tracked")),
        sa.CheckConstraint(
            "(receipt = 'lost') = (loss_on IS NOT NULL)", name=op.f("ck_hand_over_lost_since")
        ),
        sa.CheckConstraint(
            "fee_left >= 0 AND (fee_left > 0) = (fee_reason <> '')", name=op.f("ck_hand_over_fee_left")
        ),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason = '')", name=op.f("ck_hand_over_corrected")),
        *_references(
            "hand_over",
            (
                ("unit_id", "unit"),
                ("dossier_id", "dossier"),
                ("event_id", "event"),
                ("recorded_by", "account"),
                ("corrects_id", "hand_over"),
            ),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_hand_over_corrects_id")),
    )
    op.create_index("ix_hand_over_dossier", "hand_over", ["dossier_id"])
    op.create_index("ix_hand_over_action", "hand_over", ["action_id"])
    op.create_table(
        "collection_reminder",
        _number("id"),
        _number("unit_id"),
        _number("dossier_id"),
        sa.Column("ended_on", sa.Date(), nullable=False),
        _number("stage"),
        _one_of("way", "reminderway_known", "phone", "mail", "other"),
        _moment("at"),
        _number("recorded_by", nullable=True),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint("stage >= 0", name=op.f("ck_collection_reminder_stage")),
        *_references(
            "collection_reminder",
            (("unit_id", "unit"), ("dossier_id", "dossier"), ("recorded_by", "account")),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_reminder")),
    )
    op.create_index("ix_collection_reminder_dossier", "collection_reminder", ["dossier_id", "ended_on"])
    op.create_index(
        "uq_collection_reminder_mail",
        "collection_reminder",
        ["dossier_id", "ended_on", "stage"],
        unique=True,
        sqlite_where=_MAIL,
        postgresql_where=_MAIL,
    )


def downgrade() -> None:
    op.drop_table("collection_reminder")
    op.drop_table("hand_over")
