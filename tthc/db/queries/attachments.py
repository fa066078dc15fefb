"""Reads of the files of dossiers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Account, Attachment
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read

_Adder, _Remover = aliased(Account), aliased(Account)
_OF_DOSSIER = (
    select(
        Attachment,
        shown_name(_Adder).label("added_by"),
        shown_name(_Remover).label("taken_out_by"),
    )
    .outerjoin(_Adder, _Adder.id == Attachment.recorded_by)
    .outerjoin(_Remover, _Remover.id == Attachment.removed_by)
    .where(Attachment.dossier_id == bindparam("dossier_id"))
    .order_by(Attachment.recorded_at, Attachment.id)
)


def of_dossier(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of every file that was ever attached, oldest first.

    With who attached it (``added_by``) and who took it out (``taken_out_by``).
    """
    found: Sequence[Any] = read(session, _OF_DOSSIER, dossier_id=dossier_id).all()
    return found


def by_id(session: Session, dossier_id: int, attachment_id: int) -> Attachment | None:
    """One file of a dossier."""
    query = select(Attachment).where(Attachment.dossier_id == dossier_id, Attachment.id == attachment_id)
    return session.scalars(query).one_or_none()


def same_content(session: Session, dossier_id: int, sha256: str) -> Attachment | None:
    """The file with this content that stands in a dossier."""
    query = select(Attachment).where(
        Attachment.dossier_id == dossier_id, Attachment.sha256 == sha256, Attachment.removed_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def count_standing(session: Session, dossier_id: int) -> int:
    """How many files stand in a dossier."""
    query = select(func.count()).where(Attachment.dossier_id == dossier_id, Attachment.removed_at.is_(None))
    return session.scalar(query) or 0


def named_contents(session: Session, checksums: Collection[str]) -> set[str]:
    """Those of the checksums that a row names, also one of a file that was taken out."""
    query = select(Attachment.sha256).where(Attachment.sha256.in_(checksums)).distinct()
    return set(session.scalars(query))
