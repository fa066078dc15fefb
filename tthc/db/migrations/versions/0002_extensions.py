"""Extensions: proposed, refused, and whether the letter was in time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = (
    "receive",
    "assign",
    "start",
    "request_supplement",
    "receive_supplement",
    "request_payment",
    "receive_payment",
    "pause",
    "resume",
    "resolve",
    "hand_over",
    "withdraw",
    "stop",
    "reopen",
    "set_appointment",
    "extend",
    "correct",
    "recalculate",
    "consult",
    "receive_opinion",
)
_NEW_KINDS = (*_KINDS[:15], "propose_extension", "extend", "refuse_extension", *_KINDS[16:])


def _known(kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("event") as event:
        event.drop_constraint(op.f("ck_event_eventkind_known"), type_="check")
        event.create_check_constraint(op.f("ck_event_eventkind_known"), f"kind IN ({values})")


def upgrade() -> None:
    _known(_NEW_KINDS)
    with op.batch_alter_table("extension") as extension:
        extension.add_column(sa.Column("override_reason", sa.Text(), nullable=False, server_default=""))
        extension.add_column(sa.Column("former_due_on", sa.Date(), nullable=True))
        extension.add_column(sa.Column("in_time", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("extension") as extension:
        extension.drop_column("in_time")
        extension.drop_column("former_due_on")
        extension.drop_column("override_reason")
    _known(_KINDS)
