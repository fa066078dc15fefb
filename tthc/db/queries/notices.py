"""Notices: which are open, which are new to somebody, raised once for each cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, func, literal, select
from sqlalchemy.orm import Session

from tthc.db.base import UtcDateTime
from tthc.db.models import Account, Notice
from tthc.db.session import read
from tthc.domain.notices import NoticeKind

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def open_ones(session: Session, unit_id: int, kinds: Sequence[NoticeKind] = ()) -> Sequence[Notice]:
    """The open notices of a unit, newest first; of some kinds or all."""
    query = select(Notice).where(Notice.unit_id == unit_id, Notice.withdrawn_at.is_(None))
    if kinds:
        query = query.where(Notice.kind.in_(kinds))
    return session.scalars(query.order_by(Notice.raised_at.desc(), Notice.id.desc())).all()


def of_key(session: Session, unit_id: int, key: str) -> Notice | None:
    """The notice of a cause, open or not."""
    return session.scalars(select(Notice).where(Notice.unit_id == unit_id, Notice.key == key)).one_or_none()


@cache
def _new() -> Any:
    account_id = bindparam("account_id", type_=Integer)
    seen_at = select(Account.alerts_seen_at).where(Account.id == account_id).scalar_subquery()
    return (
        select(func.count())
        .select_from(Notice)
        .where(
            Notice.unit_id == bindparam("unit_id"),
            Notice.withdrawn_at.is_(None),
            Notice.raised_at > func.coalesce(seen_at, literal(_NEVER, UtcDateTime())),
        )
    )


def count_new(session: Session, unit_id: int, account_id: int | None) -> int:
    """How many open ones were raised since an account last looked; asked on every page."""
    return int(read(session, _new(), unit_id=unit_id, account_id=account_id).scalar() or 0)
