"""The calendar of one's due dates under a secret address, for programs that cannot sign in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import accounts as account_queries
from tthc.db.queries import feeds as queries
from tthc.documents.feed_files import DueEvent, write_due_dates
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import SubjectKind
from tthc.services import accounts, audit
from tthc.services.transaction import NotFound, transaction

#: More than anybody has in hand.
MOST = 1000


def renew_feed(session: Session, *, now: datetime, actor: Actor) -> str:
    """A new secret for one's calendar; the old address ends. It is told now and never again."""
    secret = secrets.token_urlsafe(24)
    _set_hash(session, now, actor, _hash(secret))
    return secret


def end_feed(session: Session, *, now: datetime, actor: Actor) -> None:
    """No calendar any more; the address ends."""
    _set_hash(session, now, actor, None)


def read_feed(session: Session, *, secret: str, on: date) -> bytes:
    """The calendar behind a secret, as iCalendar; refused once the owner works here no more."""
    account = queries.account_of(session, _hash(secret))
    owner = accounts.load_actor(session, account.id, on=on) if account is not None else None
    if owner is None or owner.account_id is None:
        raise NotFound("Không có lịch này, hoặc địa chỉ đã được đổi.")
    rows = queries.due_dates(
        session,
        owner.unit_id,
        officer_id=owner.account_id if owner.may(Action.PROCESS_DOSSIER) else None,
        petitions=owner.may(Action.ACKNOWLEDGE_ALERT),
        most=MOST,
    )
    return write_due_dates([_event(row) for row in rows], name="Hạn công việc của tôi")


def _event(row: Any) -> DueEvent:
    """A date in words, none of them about an applicant; the key stays while the date moves."""
    kind = SubjectKind(row.kind)
    summary = {
        SubjectKind.DOSSIER: f"Hạn {row.code}",
        SubjectKind.STEP: f"Bước {row.name}: {row.code}",
        SubjectKind.SUPPLEMENT: f"Chờ bổ sung: {row.code}",
        SubjectKind.CONSULTATION: f"Ý kiến của {row.name}: {row.code}",
        SubjectKind.PETITION: f"Trả lời {row.code}",
    }[kind]
    key = row.code if kind is SubjectKind.DOSSIER else f"{row.code}-{row.kind}-{row.number}"
    return DueEvent(key, summary, row.procedure, row.due_on, row.since)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _set_hash(session: Session, now: datetime, actor: Actor, feed_hash: str | None) -> None:
    actor.require(Action.OWN_ACCOUNT)
    with transaction(session):
        account = account_queries.locked_account(session, actor.account_id or 0)
        if account is None:
            raise NotFound("Tài khoản không còn tồn tại; hãy đăng nhập lại.")
        account.feed_hash = feed_hash
        account.version += 1
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="set_feed",
            subject=f"account:{account.id}",
            detail={"given": feed_hash is not None},
        )
