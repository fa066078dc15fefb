"""In what capacity somebody signs for a supervisor, and of what day the paper is that authorises it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    capacities = sa.Enum(
        "deputy",
        "by_order",
        "authorised",
        name="signingcapacity_known",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    with op.batch_alter_table("delegation") as delegation:
        # Until now every letter said "KT.", and what was printed stays as it is.
        delegation.add_column(sa.Column("capacity", capacities, nullable=False, server_default="deputy"))
        delegation.add_column(sa.Column("decision_on", sa.Date(), nullable=True))
        delegation.create_check_constraint(
            op.f("ck_delegation_authorised_in_writing"),
            "capacity <> 'authorised' OR (decision <> '' AND decision_on IS NOT NULL)",
        )


def downgrade() -> None:
    with op.batch_alter_table("delegation") as delegation:
        delegation.drop_constraint(op.f("ck_delegation_authorised_in_writing"), type_="check")
        delegation.drop_constraint(op.f("ck_delegation_signingcapacity_known"), type_="check")
        delegation.drop_column("decision_on")
        delegation.drop_column("capacity")
