"""A result that went by post may come back: one more kind of event, and since when the result waits again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
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
    "propose_extension",
    "extend",
    "refuse_extension",
    "correct",
    "recalculate",
    "consult",
    "receive_opinion",
)
_NEW_KINDS = (*_KINDS[:11], "come_back", *_KINDS[11:])


def _known(kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("event") as event:
        event.drop_constraint(op.f("ck_event_eventkind_known"), type_="check")
        event.create_check_constraint(op.f("ck_event_eventkind_known"), f"kind IN ({values})")


def upgrade() -> None:
    _known(_NEW_KINDS)
    with op.batch_alter_table("dossier") as dossier:
        dossier.add_column(sa.Column("came_back_on", sa.Date(), nullable=True))
        dossier.create_check_constraint(
            op.f("ck_dossier_came_back"), "came_back_on IS NULL OR state = 'resolved'"
        )


def downgrade() -> None:
    with op.batch_alter_table("dossier") as dossier:
        dossier.drop_constraint(op.f("ck_dossier_came_back"), type_="check")
        dossier.drop_column("came_back_on")
    _known(_KINDS)
