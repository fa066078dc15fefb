"""Filters of the list of dossiers under names of one's own, which can be shared with the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tthc.db.models import SavedFilter
from tthc.db.queries import lists as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze, vietnamese_order_key
from tthc.domain.vocabulary import DomainError
from tthc.services.transaction import NotFound, StaleVersion, transaction

#: So many filters an account keeps at most.
MOST = 30
_LONGEST_NAME = 64
_LONGEST_QUERY = 1000


@dataclass(frozen=True)
class FilterView:
    """A saved filter; ``owner`` is empty for one's own."""

    id: int
    name: str
    query: str
    shared: bool
    owner: str
    version: int


def list_filters(session: Session, *, actor: Actor) -> list[FilterView]:
    """One's own filters and those that others share with the unit, one's own first, by name."""
    actor.require(Action.VIEW_DOSSIERS)
    account = actor.account_id or 0
    found = [
        FilterView(
            row.id, row.name, row.query, row.shared, "" if row.account_id == account else owner, row.version
        )
        for row, owner in queries.filters_of(session, actor.unit_id, account)
    ]
    return sorted(found, key=lambda one: (bool(one.owner), vietnamese_order_key(one.name), one.id))


def save_filter(session: Session, *, actor: Actor, name: str, query: str, shared: bool = False) -> None:
    """Keep a filter under a new name."""
    actor.require(Action.OWN_ACCOUNT)
    account = _account(actor)
    if not query:
        raise DomainError("Lọc danh sách trước, rồi lưu bộ lọc.", "name")
    if len(query) > _LONGEST_QUERY:
        raise DomainError("Bộ lọc quá dài; bớt chữ ở ô tìm.", "name")
    with transaction(session):
        own = _own(session, actor)
        if len(own) >= MOST:
            raise DomainError(f"Mỗi người lưu nhiều nhất {MOST} bộ lọc; xóa bớt trước khi lưu thêm.", "name")
        session.add(
            SavedFilter(
                account_id=account,
                unit_id=actor.unit_id,
                name=_name(name, own),
                query=query,
                shared=shared,
            )
        )
        session.flush()


def change_filter(
    session: Session, *, actor: Actor, filter_id: int, version: int, name: str, shared: bool
) -> None:
    """Give one's own filter another name, share it or share it no more."""
    actor.require(Action.OWN_ACCOUNT)
    with transaction(session):
        row = _found(session, actor, filter_id, version)
        row.name = _name(name, [one for one in _own(session, actor) if one.id != filter_id])
        row.shared = shared
        row.version += 1
        session.flush()


def delete_filter(session: Session, *, actor: Actor, filter_id: int, version: int) -> str:
    """Drop one's own filter; its name."""
    actor.require(Action.OWN_ACCOUNT)
    with transaction(session):
        row = _found(session, actor, filter_id, version)
        name = row.name
        session.delete(row)
        session.flush()
        return name


def _account(actor: Actor) -> int:
    if actor.account_id is None:
        raise DomainError("Chỉ người đăng nhập mới lưu được bộ lọc.")
    return actor.account_id


def _own(session: Session, actor: Actor) -> Sequence[FilterView]:
    return [one for one in list_filters(session, actor=actor) if not one.owner]


def _found(session: Session, actor: Actor, filter_id: int, version: int) -> SavedFilter:
    row = queries.own_filter(session, _account(actor), filter_id)
    if row is None:
        raise NotFound("Không tìm thấy bộ lọc này.")
    if row.version != version:
        raise StaleVersion("Bộ lọc")
    return row


def _name(text: str, others: Sequence[FilterView]) -> str:
    name = squeeze(text)
    if not name:
        raise DomainError("Đặt tên cho bộ lọc.", "name")
    if len(name) > _LONGEST_NAME:
        raise DomainError(f"Viết ngắn hơn: tối đa {_LONGEST_NAME} ký tự.", "name")
    if name.casefold() in {one.name.casefold() for one in others}:
        raise DomainError("Đã có bộ lọc mang tên này; đặt tên khác.", "name")
    return name
