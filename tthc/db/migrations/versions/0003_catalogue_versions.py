"""Versions of procedures: who recorded them, on which decision and why; changes beside the versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("procedure") as procedure:
        procedure.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("procedure_version") as version:
        version.add_column(sa.Column("declared_cut_percent", sa.Integer(), nullable=True))
        version.add_column(sa.Column("decision", sa.Text(), nullable=False, server_default=""))
        version.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        version.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        version.create_foreign_key(
            op.f("fk_procedure_version_recorded_by_account"), "account", ["recorded_by"], ["id"]
        )
        version.create_check_constraint(
            op.f("ck_procedure_version_declared_fields"),
            "(fields_before IS NULL) = (fields_after IS NULL) "
            "AND fields_before > 0 AND fields_after >= 0 AND fields_after <= fields_before",
        )
        version.create_check_constraint(
            op.f("ck_procedure_version_declared_cut"), "declared_cut_percent BETWEEN 1 AND 100"
        )
    # Until now only the set-up wrote the mark, for the nine procedures whose published cut is 15 per cent.
    op.execute("UPDATE procedure_version SET declared_cut_percent = 15 WHERE declaration_reduced")
    op.create_table(
        "procedure_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "added",
                "national_code",
                "withdrawn_on",
                "replaced_by",
                "note",
                "planned_changed",
                "planned_removed",
                name="procedurechangekind_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("old_value", sa.Text(), nullable=False),
        sa.Column("new_value", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_procedure_change_procedure_id_procedure")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_procedure_change_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_change")),
    )
    op.create_index(op.f("ix_procedure_change_procedure_id"), "procedure_change", ["procedure_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_procedure_change_procedure_id"), "procedure_change")
    op.drop_table("procedure_change")
    with op.batch_alter_table("procedure_version") as version:
        version.drop_constraint(op.f("ck_procedure_version_declared_cut"), type_="check")
        version.drop_constraint(op.f("ck_procedure_version_declared_fields"), type_="check")
        version.drop_constraint(op.f("fk_procedure_version_recorded_by_account"), type_="foreignkey")
        version.drop_column("recorded_by")
        version.drop_column("reason")
        version.drop_column("decision")
        version.drop_column("declared_cut_percent")
    with op.batch_alter_table("procedure") as procedure:
        procedure.drop_column("version")
