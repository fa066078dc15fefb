"""Reads and writes of drafts: what somebody typed and has not saved yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from tthc.db.models import Draft
from tthc.db.prepared import change
from tthc.db.session import connection_of


def of(session: Session, account_id: int, form: str, *, lock: bool = False) -> Draft | None:
    """The draft of a person for a form."""
    query = select(Draft).where(Draft.account_id == account_id, Draft.form == form)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


_DROP = delete(Draft).where(Draft.account_id == bindparam("account_id"), Draft.form == bindparam("form"))


def drop(session: Session, account_id: int, form: str) -> None:
    """Forget a draft, if there is one."""
    change(connection_of(session), _DROP, [{"account_id": account_id, "form": form}])


def drop_before(session: Session, moment: datetime) -> int:
    """Forget the drafts that were saved last before a moment; how many they were."""
    result: Any = session.execute(delete(Draft).where(Draft.saved_at < moment))
    return int(result.rowcount)
