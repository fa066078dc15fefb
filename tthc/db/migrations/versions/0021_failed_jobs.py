"""A further kind of notice: a job of the timetable that failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KINDS = ("calendar_unconfirmed", "calendar_ends", "days_expected", "unread_subjects", "dead_messages")
_CHECK = "ck_notice_noticekind_known"


def _admit(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f(_CHECK), type_="check")
        notice.create_check_constraint(op.f(_CHECK), sa.text(f"kind IN ({listed})"))


def upgrade() -> None:
    _admit(*_KINDS, "failed_job")


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind = 'failed_job'")
    _admit(*_KINDS)
