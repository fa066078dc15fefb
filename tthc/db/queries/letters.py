"""Reads of the texts of letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tthc.db.models import Account, LetterTemplate
from tthc.db.queries.accounts import shown_name


def in_force(session: Session, form: str, form_set: str, on: date) -> LetterTemplate | None:
    """The text that holds on a date: the one that began last, of several of one day the newest."""
    return session.scalars(
        select(LetterTemplate)
        .where(
            LetterTemplate.form == form,
            LetterTemplate.form_set == form_set,
            or_(LetterTemplate.valid_from.is_(None), LetterTemplate.valid_from <= on),
        )
        .order_by(
            LetterTemplate.valid_from.is_not(None).desc(),
            LetterTemplate.valid_from.desc(),
            LetterTemplate.version.desc(),
        )
        .limit(1)
    ).one_or_none()


def one(session: Session, form: str, form_set: str, version: int) -> LetterTemplate | None:
    """One version of a text."""
    return session.scalars(
        select(LetterTemplate).where(
            LetterTemplate.form == form,
            LetterTemplate.form_set == form_set,
            LetterTemplate.version == version,
        )
    ).one_or_none()


def versions(session: Session, form: str, form_set: str) -> Sequence[tuple[LetterTemplate, str | None]]:
    """Every version of a text with who entered it, the newest first."""
    name = shown_name()
    rows = session.execute(
        select(LetterTemplate, name)
        .outerjoin(Account, Account.id == LetterTemplate.recorded_by)
        .where(LetterTemplate.form == form, LetterTemplate.form_set == form_set)
        .order_by(LetterTemplate.version.desc())
    )
    return [(row, by) for row, by in rows]
