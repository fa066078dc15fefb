"""Drafts: a form that is half filled in is kept for the one who typed, until saved, discarded or too old."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import Draft
from tthc.db.queries import drafts as queries
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import KEEP_DRAFTS
from tthc.domain.vocabulary import DomainError
from tthc.services import settings
from tthc.services.transaction import transaction

#: The intake form.
INTAKE = "intake"
#: Longer than every field of a form together.
_LONGEST = 100_000

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class DraftView:
    """What was typed, as the form sends it, and when it was kept."""

    pairs: Pairs
    saved_at: datetime

    def value(self, name: str) -> str:
        """The first value under a name, empty if there is none."""
        return next((value for key, value in self.pairs if key == name), "")


def save_draft(session: Session, *, now: datetime, actor: Actor, form: str, pairs: Pairs) -> None:
    """Keep what this person has typed into a form so far, in place of what was kept before."""
    actor.require(Action.RECEIVE_DOSSIER)
    if actor.account_id is None:
        return
    kept = [[name, value] for name, value in pairs]
    if len(json.dumps(kept)) > _LONGEST:
        raise DomainError("Nội dung quá dài nên chưa lưu được bản nháp.")
    with transaction(session):
        draft = queries.of(session, actor.account_id, form, lock=True)
        if draft is None:
            draft = Draft(account_id=actor.account_id, form=form)
            session.add(draft)
        draft.body_json, draft.saved_at = {"pairs": kept}, now


def get_draft(session: Session, *, now: datetime, actor: Actor, form: str) -> DraftView | None:
    """What this person left in a form, unless it is too old."""
    actor.require(Action.RECEIVE_DOSSIER)
    draft = queries.of(session, actor.account_id, form) if actor.account_id is not None else None
    if draft is None or draft.saved_at < _forgotten_before(session, actor.unit_id, now):
        return None
    return DraftView([(name, value) for name, value in draft.body_json["pairs"]], draft.saved_at)


def discard_draft(session: Session, *, actor: Actor, form: str) -> None:
    """Forget what this person left in a form."""
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        forget(session, actor, form)


def forget(session: Session, actor: Actor, form: str) -> None:
    """The same within the transaction of what the form was for."""
    if actor.account_id is not None:
        queries.drop(session, actor.account_id, form)


def clean_up(session: Session, *, now: datetime, unit_id: int) -> int:
    """Forget the drafts of everybody that are too old, for the scheduler; how many they were."""
    before = _forgotten_before(session, unit_id, now)
    with transaction(session):
        return queries.drop_before(session, before)


def _forgotten_before(session: Session, unit_id: int, now: datetime) -> datetime:
    days = settings.get(session, unit_id, KEEP_DRAFTS, office_time(now).date())
    return now - timedelta(days=days)
