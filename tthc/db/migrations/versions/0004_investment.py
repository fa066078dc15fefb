"""Results of investment procedures: entries with their history, exact amounts, the yearly plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = ("new", "capital_increase", "other_adjustment")
_ORIGINS = ("FDI", "DDI")
_COUNTED = "cancelled_at IS NULL"
_ONE_PROJECT = f"{_COUNTED} AND kind = 'new'"


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=f"{name}_known", native_enum=False, create_constraint=True, length=32)


def _amount() -> sa.types.TypeEngine:
    """SQLite has no decimal numbers: there an amount is a whole number of billionths."""
    return sa.Numeric(24, 9).with_variant(sa.BigInteger(), "sqlite")


def _keys(table: str, *referred: tuple[str, str]) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in referred
        ),
    ]


def _statement() -> list[sa.Column]:
    """What a certificate says, alike in the entry and in its history."""
    return [
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", _known("certificatekind", *_KINDS), nullable=False),
        sa.Column("origin", _known("investmentorigin", *_ORIGINS), nullable=False),
        sa.Column("capital_vnd", _amount(), nullable=True),
        sa.Column("capital_usd", _amount(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    ]


def upgrade() -> None:
    # No release wrote this table, so it is made anew instead of being altered column by column.
    op.drop_table("investment_certificate")
    op.create_table(
        "investment_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        *_statement(),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_keys(
            "investment_certificate",
            ("unit_id", "unit"),
            ("dossier_id", "dossier"),
            ("recorded_by", "account"),
        ),
    )
    op.create_index(
        "uq_investment_certificate_counted",
        "investment_certificate",
        ["unit_id", "number", "kind", "issued_on"],
        unique=True,
        sqlite_where=sa.text(_COUNTED),
        postgresql_where=sa.text(_COUNTED),
    )
    op.create_index(
        "uq_investment_certificate_project",
        "investment_certificate",
        ["unit_id", "number"],
        unique=True,
        sqlite_where=sa.text(_ONE_PROJECT),
        postgresql_where=sa.text(_ONE_PROJECT),
    )
    op.create_index("ix_investment_certificate_issued", "investment_certificate", ["unit_id", "issued_on"])
    op.create_index(op.f("ix_investment_certificate_dossier_id"), "investment_certificate", ["dossier_id"])
    op.create_table(
        "investment_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "what", _known("certificatechangekind", "recorded", "corrected", "cancelled"), nullable=False
        ),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        *_statement(),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        *_keys(
            "investment_change",
            ("unit_id", "unit"),
            ("certificate_id", "investment_certificate"),
            ("dossier_id", "dossier"),
            ("recorded_by", "account"),
        ),
        sa.UniqueConstraint("certificate_id", "no", name=op.f("uq_investment_change_certificate_id_no")),
    )
    op.create_index("ix_investment_change_identity", "investment_change", ["unit_id", "number", "issued_on"])
    op.create_table(
        "investment_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("origin", _known("planscope", "FDI", "DDI", "ALL"), nullable=False),
        sa.Column("what", _known("measure", "projects", "usd", "vnd"), nullable=False),
        sa.Column("amount", _amount(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        *_keys("investment_plan", ("unit_id", "unit")),
        sa.UniqueConstraint(
            "unit_id", "year", "origin", "what", name=op.f("uq_investment_plan_unit_id_year_origin_what")
        ),
    )
    # Nobody wrote this table either; its amounts need no conversion.
    with op.batch_alter_table("opening_balance") as balance:
        balance.alter_column(
            "amount", existing_type=sa.Numeric(20, 4), type_=_amount(), existing_nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("opening_balance") as balance:
        balance.alter_column(
            "amount", existing_type=_amount(), type_=sa.Numeric(20, 4), existing_nullable=False
        )
    op.drop_table("investment_plan")
    op.drop_index("ix_investment_change_identity", "investment_change")
    op.drop_table("investment_change")
    op.drop_table("investment_certificate")
    op.create_table(
        "investment_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=3), nullable=False),
        sa.Column("capital_vnd", sa.Numeric(18, 4), nullable=True),
        sa.Column("capital_usd", sa.Numeric(18, 4), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('new', 'capital_increase', 'other_adjustment')",
            name=op.f("ck_investment_certificate_kind"),
        ),
        sa.CheckConstraint("origin IN ('FDI', 'DDI')", name=op.f("ck_investment_certificate_origin")),
        *_keys("investment_certificate", ("unit_id", "unit"), ("dossier_id", "dossier")),
        sa.UniqueConstraint(
            "unit_id",
            "number",
            "kind",
            "issued_on",
            name=op.f("uq_investment_certificate_unit_id_number_kind_issued_on"),
        ),
    )
    op.create_index("ix_investment_certificate_issued", "investment_certificate", ["unit_id", "issued_on"])
