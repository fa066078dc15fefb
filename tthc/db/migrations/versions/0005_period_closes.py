"""Closed periods keep the facts of their dossiers; reports on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNIQUE = "uq_period_member_close_id_dossier_id_sector_id_procedure_id_adjustment"


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _members(*facts: sa.schema.SchemaItem) -> None:
    keys = ("close_id", "dossier_id", "sector_id", "procedure_id")
    tables = ("period_close", "dossier", "sector", "procedure")
    op.create_table(
        "period_member",
        sa.Column("id", sa.Integer(), nullable=False),
        *[sa.Column(key, sa.Integer(), nullable=False) for key in keys],
        sa.Column("start_class", sa.String(length=32), nullable=True),
        sa.Column("end_class", sa.String(length=32), nullable=True),
        sa.Column("adjustment", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *facts,
        *[
            sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_period_member_{key}_{table}"))
            for key, table in zip(keys, tables, strict=True)
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_member")),
        sa.UniqueConstraint(*keys, "adjustment", name=op.f(_UNIQUE)),
    )


def upgrade() -> None:
    with op.batch_alter_table("period_close") as close:
        close.add_column(sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
        close.add_column(sa.Column("reopened_by", sa.Integer(), nullable=True))
        close.add_column(sa.Column("reopen_reason", sa.Text(), nullable=False, server_default=""))
        close.create_foreign_key(
            op.f("fk_period_close_reopened_by_account"), "account", ["reopened_by"], ["id"]
        )
    # Nothing could be closed before this revision, so the table is empty.
    op.drop_table("period_member")
    _members(
        sa.Column("channel", _known("channel_known", "counter", "online", "post"), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_counted_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_counted_on", sa.Date(), nullable=True),
        sa.Column("end_kind", _known("endkind_known", "resolved", "withdrawn", "stopped"), nullable=True),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(adjustment = 0) = (start_class IS NOT NULL)", name=op.f("ck_period_member_place_or_adjustment")
        ),
        sa.CheckConstraint(
            "(start_class IS NULL) = (end_class IS NULL)", name=op.f("ck_period_member_both_ends")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["account.id"], name=op.f("fk_period_member_officer_id_account")
        ),
    )
    _make_reports()


def _make_reports() -> None:
    kinds = ("month", "quarter", "half", "nine_months", "year")
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", _known("reportkind_known", *kinds), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("correction_no", sa.Integer(), nullable=False),
        sa.Column("state", _known("reportstate_known", "draft", "final", "sent"), nullable=False),
        sa.Column("figures_json", sa.JSON(), nullable=False),
        sa.Column("readiness_json", sa.JSON(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=True),
        sa.Column("letter_no", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("send_by_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'sent') = (sent_on IS NOT NULL)", name=op.f("ck_report_sent_has_date")),
        sa.CheckConstraint("correction_no >= 0", name=op.f("ck_report_correction_no")),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_report_span")),
        sa.ForeignKeyConstraint(["prepared_by"], ["account.id"], name=op.f("fk_report_prepared_by_account")),
        sa.ForeignKeyConstraint(["sent_by"], ["account.id"], name=op.f("fk_report_sent_by_account")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "unit_id",
            "from_on",
            "to_on",
            "correction_no",
            name=op.f("uq_report_unit_id_from_on_to_on_correction_no"),
        ),
    )
    op.create_index("ix_report_to", "report", ["unit_id", "to_on"])


def downgrade() -> None:
    op.drop_index("ix_report_to", table_name="report")
    op.drop_table("report")
    op.drop_table("period_member")
    _members()
    with op.batch_alter_table("period_close") as close:
        close.drop_constraint(op.f("fk_period_close_reopened_by_account"), type_="foreignkey")
        close.drop_column("reopen_reason")
        close.drop_column("reopened_by")
        close.drop_column("reopened_at")
