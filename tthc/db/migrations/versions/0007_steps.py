"""Steps of dossiers, their hand-overs, signed lists, delegations, and who wrote the text of a letter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("started_at IS NOT NULL AND ended_at IS NULL")
_ROLES = ("clerk", "officer", "supervisor", "reporter", "admin", "auditor")
_UNITS = ("working_day", "day", "month", "hour")
_TRANSFERS = ("to_board", "to_counter")


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=f"{name}_known", native_enum=False, create_constraint=True, length=32)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _refers(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in columns.items()
    ]


def upgrade() -> None:
    # Nothing wrote a step before this revision, so the table is empty.
    op.drop_table("step")
    _make_steps(
        _number("amount"),
        sa.Column("unit", _known("limitunit", *_UNITS), nullable=False),
        _number("extension"),
        _moment("due_at", nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_step_amount")),
        sa.CheckConstraint(
            "ended_at IS NULL OR started_at IS NOT NULL", name=op.f("ck_step_ends_after_start")
        ),
        sa.CheckConstraint("started_at IS NULL OR due_on IS NOT NULL", name=op.f("ck_step_started_has_due")),
    )
    for name, columns, unique in (
        ("uq_step_open", ["dossier_id"], True),
        ("ix_step_open_due", ["unit_id", "due_on"], False),
        ("ix_step_officer", ["officer_id"], False),
    ):
        op.create_index(name, "step", columns, unique=unique, sqlite_where=_OPEN, postgresql_where=_OPEN)
    _make_transfers()
    _make_moves()
    _make_items()
    _make_delegations()
    with op.batch_alter_table("letter_template") as letter:
        letter.add_column(_moment("recorded_at", nullable=True))
        letter.add_column(_number("recorded_by", nullable=True))
        letter.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        letter.create_foreign_key(
            op.f("fk_letter_template_recorded_by_account"), "account", ["recorded_by"], ["id"]
        )


def _make_steps(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "step",
        _number("id"),
        _number("unit_id"),
        _number("dossier_id"),
        _number("no"),
        _words("name"),
        sa.Column("role", _known("role", *_ROLES), nullable=False),
        _number("officer_id", nullable=True),
        _moment("started_at", nullable=True),
        _moment("ended_at", nullable=True),
        _number("due_date_id", nullable=True),
        *more,
        *_refers("step", unit_id="unit", dossier_id="dossier", officer_id="account", due_date_id="due_date"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("dossier_id", "no", name=op.f("uq_step_dossier_id_no")),
    )


def _make_transfers() -> None:
    op.create_table(
        "transfer",
        _number("id"),
        _number("unit_id"),
        sa.Column("kind", _known("transferkind", *_TRANSFERS), nullable=False),
        _number("year"),
        _number("no"),
        _moment("made_at"),
        _number("made_by", nullable=True),
        _number("taker_id", nullable=True),
        _words("note"),
        sa.Column("data_json", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        *_refers("transfer", unit_id="unit", made_by="account", taker_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("unit_id", "kind", "year", "no", name=op.f("uq_transfer_unit_id_kind_year_no")),
    )
    op.create_index("ix_transfer_made", "transfer", ["unit_id", "made_at"])


def _make_moves() -> None:
    kinds = ("begun", "handed_on", "taken_back", "sent_back", "reassigned", "finished")
    op.create_table(
        "step_move",
        _number("id"),
        _number("unit_id"),
        _number("dossier_id"),
        _number("seq"),
        sa.Column("kind", _known("movekind", *kinds), nullable=False),
        _number("from_no", nullable=True),
        _number("to_no", nullable=True),
        _number("giver_id", nullable=True),
        _number("taker_id", nullable=True),
        _moment("at"),
        _moment("recorded_at"),
        _number("actor_id", nullable=True),
        _words("note"),
        sa.Column("due_on", sa.Date(), nullable=True),
        _number("transfer_id", nullable=True),
        sa.Column("action_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "kind <> 'sent_back' OR note <> ''", name=op.f("ck_step_move_sent_back_has_reason")
        ),
        *_refers(
            "step_move",
            unit_id="unit",
            dossier_id="dossier",
            giver_id="account",
            taker_id="account",
            actor_id="account",
            transfer_id="transfer",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_move")),
        sa.UniqueConstraint("dossier_id", "seq", name=op.f("uq_step_move_dossier_id_seq")),
    )
    op.create_index("ix_step_move_transfer", "step_move", ["transfer_id"])


def _make_items() -> None:
    op.create_table(
        "transfer_item",
        _number("id"),
        _number("transfer_id"),
        _number("dossier_id"),
        sa.Column("kind", _known("transferkind", *_TRANSFERS), nullable=False),
        _number("move_id"),
        *_refers("transfer_item", transfer_id="transfer", dossier_id="dossier", move_id="step_move"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_item")),
        sa.UniqueConstraint("move_id", name=op.f("uq_transfer_item_move_id")),
        sa.UniqueConstraint(
            "transfer_id", "dossier_id", name=op.f("uq_transfer_item_transfer_id_dossier_id")
        ),
    )
    op.create_index("ix_transfer_item_dossier", "transfer_item", ["dossier_id", "kind"])


def _make_delegations() -> None:
    op.create_table(
        "delegation",
        _number("id"),
        _number("unit_id"),
        _number("from_id"),
        _number("to_id"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        _words("title"),
        _words("decision"),
        _words("reason"),
        _moment("recorded_at"),
        _number("recorded_by", nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        _moment("revoked_at", nullable=True),
        _number("revoked_by", nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_delegation_two_people")),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_delegation_span")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_on IS NULL)", name=op.f("ck_delegation_revoked")),
        *_refers(
            "delegation",
            unit_id="unit",
            from_id="account",
            to_id="account",
            recorded_by="account",
            revoked_by="account",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_to", "delegation", ["to_id", "valid_to"])
    op.create_index("ix_delegation_list", "delegation", ["unit_id", "valid_from"])


def downgrade() -> None:
    with op.batch_alter_table("letter_template") as letter:
        letter.drop_constraint(op.f("fk_letter_template_recorded_by_account"), type_="foreignkey")
        letter.drop_column("reason")
        letter.drop_column("recorded_by")
        letter.drop_column("recorded_at")
    for table in ("delegation", "transfer_item", "step_move", "transfer", "step"):
        op.drop_table(table)
    _make_steps()
