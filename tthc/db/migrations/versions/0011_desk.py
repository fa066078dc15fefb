"""The desk: when a filing has to be answered, what it lacks, its papers, and who took which fee."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    # Filings kept before this revision have no such time; it is counted when the next one is filed.
    op.add_column("filing", _moment("answer_due_at", nullable=True))
    op.create_table(
        "filing_supplement",
        _number("id"),
        _number("filing_id"),
        _moment("requested_at"),
        _number("requested_by", nullable=True),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _moment("received_at", nullable=True),
        _number("received_by", nullable=True),
        sa.CheckConstraint(
            "received_at IS NULL OR received_at >= requested_at", name=op.f("ck_filing_supplement_order")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_filing_supplement_{column}_{to}"))
            for column, to in (
                ("filing_id", "filing"),
                ("requested_by", "account"),
                ("received_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_supplement")),
    )
    op.create_index("ix_filing_supplement_filing", "filing_supplement", ["filing_id"])
    with op.batch_alter_table("document") as document:
        document.add_column(_number("filing_id", nullable=True))
        document.create_foreign_key(op.f("fk_document_filing_id_filing"), "filing", ["filing_id"], ["id"])
        document.drop_constraint(op.f("ck_document_has_subject"), type_="check")
        document.create_check_constraint(
            op.f("ck_document_has_subject"),
            "dossier_id IS NOT NULL OR close_id IS NOT NULL OR filing_id IS NOT NULL",
        )
    op.create_index("ix_document_filing", "document", ["filing_id", "form"])
    # Nothing wrote a fee before this revision, so the table is empty.
    with op.batch_alter_table("fee_payment") as fee:
        fee.add_column(_number("recorded_by", nullable=True))
        fee.add_column(_number("corrects_id", nullable=True))
        fee.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        fee.create_foreign_key(op.f("fk_fee_payment_recorded_by_account"), "account", ["recorded_by"], ["id"])
        fee.create_foreign_key(
            op.f("fk_fee_payment_corrects_id_fee_payment"), "fee_payment", ["corrects_id"], ["id"]
        )
        fee.create_unique_constraint(op.f("uq_fee_payment_corrects_id"), ["corrects_id"])
        fee.create_check_constraint(op.f("ck_fee_payment_paid_due"), "paid <= due")
        fee.create_check_constraint(op.f("ck_fee_payment_exempt"), "exempt_reason = '' OR paid = 0")
        fee.create_check_constraint(op.f("ck_fee_payment_corrected"), "(corrects_id IS NULL) = (reason = '')")
    op.create_index("ix_fee_payment_day", "fee_payment", ["unit_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_fee_payment_day", "fee_payment")
    with op.batch_alter_table("fee_payment") as fee:
        for name in ("corrected", "exempt", "paid_due"):
            fee.drop_constraint(op.f(f"ck_fee_payment_{name}"), type_="check")
        fee.drop_constraint(op.f("uq_fee_payment_corrects_id"), type_="unique")
        fee.drop_constraint(op.f("fk_fee_payment_corrects_id_fee_payment"), type_="foreignkey")
        fee.drop_constraint(op.f("fk_fee_payment_recorded_by_account"), type_="foreignkey")
        for column in ("reason", "corrects_id", "recorded_by"):
            fee.drop_column(column)
    op.drop_index("ix_document_filing", "document")
    op.execute("DELETE FROM document WHERE filing_id IS NOT NULL")
    with op.batch_alter_table("document") as document:
        document.drop_constraint(op.f("ck_document_has_subject"), type_="check")
        document.create_check_constraint(
            op.f("ck_document_has_subject"), "dossier_id IS NOT NULL OR close_id IS NOT NULL"
        )
        document.drop_constraint(op.f("fk_document_filing_id_filing"), type_="foreignkey")
        document.drop_column("filing_id")
    op.drop_index("ix_filing_supplement_filing", "filing_supplement")
    op.drop_table("filing_supplement")
    with op.batch_alter_table("filing") as filing:
        filing.drop_column("answer_due_at")
