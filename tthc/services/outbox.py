"""The outbox: messages written in the transaction of their cause and sent after it.

Each has a key, and of a key there is one message: at most one for a recipient and a cause. It is sent at
least once; a second copy goes out only where the sender was killed between the server's word and the
record of it, and carries the same Message-ID, by which the recipient's program knows it again.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import OutboxMessage
from tthc.db.queries import outbox as queries
from tthc.delivery import Failed, Refused, Unreachable, webhook
from tthc.delivery.mail import Mailer
from tthc.domain.calendar import office_time
from tthc.domain.outbox import (
    LONGEST_LAG,
    MailServer,
    MessageKind,
    Way,
    Webhook,
    is_working_time,
    lag,
    message_id,
    wait_after,
)
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, calendar, messages
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, Page

JOB = "outbox"
#: Longer than any attempt takes; a message whose sender was killed waits for so long.
LEASE = timedelta(minutes=5)
#: So many attempts in one run at most; the next minute goes on.
MOST = 500


@dataclass(frozen=True)
class Message:
    """A message to be written; ``recipient`` by number ("account:5"), the payload without personal data."""

    kind: MessageKind
    key: str
    recipient: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False
    not_after: datetime | None = None
    way: Way = Way.MAIL


@dataclass(frozen=True)
class Delivered:
    """What a run did; ``failed`` attempts are made again, ``dead`` messages are not."""

    sent: int = 0
    failed: int = 0
    dead: int = 0

    def counts(self) -> dict[str, int]:
        """By the names under which it is put on record."""
        return {"sent": self.sent, "failed": self.failed, "dead": self.dead}


@dataclass(frozen=True)
class Backlog:
    """Messages that could go out and have not: how many, and how long the first has waited."""

    count: int = 0
    lag: timedelta = timedelta()

    @property
    def late(self) -> bool:
        """Whether somebody has to look why they do not go out."""
        return self.lag > LONGEST_LAG


@dataclass(frozen=True)
class DeadMessage:
    """A message that was put aside: what, for whom, and why."""

    id: int
    kind: MessageKind
    way: Way
    about: str
    recipient: str
    written_at: datetime
    dead_at: datetime
    attempts: int
    error: str
    may_resend: bool


@dataclass(frozen=True)
class WaitingMessages:
    """What waits to go out one way; ``error``: what an attempt met with."""

    way: Way
    count: int
    since: datetime
    error: str


@dataclass(frozen=True)
class OutboxView:
    """The page: whether mail can go out, what waits, what went out today, what was put aside."""

    waiting: list[WaitingMessages]
    sent_today: int
    dead: Page[DeadMessage]
    working: bool


@dataclass(frozen=True)
class _Attempt:
    """A message in the hands of this sender."""

    id: int
    number: int
    way: Way
    kind: MessageKind
    payload: Mapping[str, Any]
    message_id: str
    written_at: datetime
    address: str


def write(session: Session, *, now: datetime, unit_id: int, found: Iterable[Message]) -> None:
    """Write messages within the transaction of their cause; one whose key is there already is left out."""
    rows = [
        {
            "unit_id": unit_id,
            "key": one.key,
            "channel": one.way.value,
            "kind": one.kind.value,
            "recipient_ref": one.recipient,
            "payload_json": dict(one.payload),
            "message_id": message_id(one.key),
            "written_at": now,
            "urgent": one.urgent,
            "not_before": now,
            "not_after": one.not_after,
            "attempts": 0,
            "error": "",
        }
        for one in found
    ]
    queries.add(session, rows)


def deliver(
    session: Session,
    *,
    now: datetime,
    machine_now: datetime,
    unit_id: int,
    server: MailServer | None,
    hook: Webhook | None = None,
    most: int = MOST,
) -> Delivered:
    """Send what waits and may go out now, one after the other, each in an attempt of its own.

    Without ``server`` mail waits, without ``hook`` what is for the webhook.
    Leases run on the machine's clock. Any number of processes may do this at
    once. Where the server cannot be reached at all, no more mail is tried and no attempt counted:
    a server that is
    off over the holidays must not use up the attempts of every message.
    """
    began = time.monotonic()
    sent = failed = 0
    with transaction(session):
        dead = queries.expire(session, now)
    working = _working(session, unit_id, now)
    mailer = Mailer(server) if server is not None else None
    try:
        for _ in range(most):
            moment = machine_now + timedelta(seconds=time.monotonic() - began)
            ways = {way for way, there in ((Way.MAIL, mailer), (Way.WEBHOOK, hook)) if there is not None}
            attempt = _claim(session, now=now, machine_now=moment, ways=ways, working=working)
            if attempt is None:
                break
            try:
                if attempt.way is Way.WEBHOOK and hook is not None:
                    webhook.post(
                        hook,
                        {"kind": attempt.kind.value, **attempt.payload},
                        message_id=attempt.message_id,
                        at=moment,
                    )
                elif mailer is not None:
                    _send(attempt, mailer)
            except Unreachable as error:
                with transaction(session):
                    queries.finish(
                        session, attempt.id, attempt.number, attempts=attempt.number - 1, error=str(error)
                    )
                failed += 1
                mailer = None
            except Failed as error:
                wait = None if isinstance(error, Refused) else wait_after(attempt.number)
                values = {"dead_at": now} if wait is None else {"not_before": now + wait}
                with transaction(session):
                    queries.finish(session, attempt.id, attempt.number, error=str(error), **values)
                failed, dead = failed + (wait is not None), dead + (wait is None)
            else:
                with transaction(session):
                    queries.finish(session, attempt.id, attempt.number, sent_at=now, error="")
                sent += 1
    finally:
        if mailer is not None:
            mailer.close()
    return Delivered(sent, failed, dead)


def send_trial(session: Session, *, now: datetime, actor: Actor) -> None:
    """Write a mail to oneself, to see whether mail arrives."""
    actor.require(Action.RESEND_MESSAGE)
    with transaction(session):
        if actor.account_id is None or not queries.account_email(session, actor.account_id):
            raise DomainError("Nhập địa chỉ thư điện tử của bạn ở trang Tài khoản của tôi rồi gửi thử.")
        key = f"trial:{actor.account_id}:{now.isoformat()}"
        trial = Message(MessageKind.TRIAL, key, f"account:{actor.account_id}", urgent=True)
        write(session, now=now, unit_id=actor.unit_id, found=[trial])


def resend(session: Session, *, now: datetime, actor: Actor, message: int) -> None:
    """Let a message that was put aside be sent once more, with all its attempts."""
    actor.require(Action.RESEND_MESSAGE)
    with transaction(session):
        row = queries.by_id(session, actor.unit_id, message)
        if row is None:
            raise NotFound("Không tìm thấy thư này.")
        if row.dead_at is None:
            raise DomainError("Thư này đang chờ gửi hoặc đã được gửi.")
        if not _is_useful(row, now):
            raise DomainError("Thư này đã quá thời gian còn có ích nên không gửi lại.")
        row.dead_at, row.attempts, row.not_before, row.error = None, 0, now, ""
        audit.record(
            session,
            unit_id=actor.unit_id,
            now=now,
            actor=actor,
            action="resend_message",
            subject=f"outbox:{row.id}",
            detail={"key": row.key},
        )


def get_outbox(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> OutboxView:
    """What waits, what went out today, and what was put aside, newest first."""
    actor.require(Action.VIEW_SETTINGS)
    number = max(1, page)
    midnight = office_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = queries.dead(session, actor.unit_id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    people = {row.id: _recipient(row)[1] for row in rows if _recipient(row)[0] == "account"}
    names = queries.names(session, {*people.values()})
    waiting = queries.waiting(session, actor.unit_id)
    return OutboxView(
        waiting=[WaitingMessages(Way(way), *told) for way, told in sorted(waiting.items())],
        sent_today=queries.count_sent_since(session, actor.unit_id, midnight),
        dead=Page(
            [_dead(row, names.get(people.get(row.id, 0), ""), actor, now) for row in rows],
            queries.count_dead(session, actor.unit_id),
            number,
        ),
        working=_working(session, actor.unit_id, now),
    )


def ways_of(configured: Mapping[str, Any]) -> frozenset[Way]:
    """By what messages can go out, from the settings of an application; in a demonstration nothing does."""
    if configured["DEMO"]:
        return frozenset()
    found = ((Way.MAIL, configured["MAIL_SERVER"]), (Way.WEBHOOK, configured["WEBHOOK"]))
    return frozenset(way for way, there in found if there is not None)


def backlog(session: Session, *, now: datetime, unit_id: int, ways: Collection[Way]) -> Backlog:
    """How many messages could go out now and have not, and for how long."""
    if not ways:
        return Backlog()
    rules = calendar.load_rules(session, unit_id, office_time(now).date())
    working = is_working_time(rules.calendar, now)
    count, since = queries.oldest_ready(session, unit_id, channels=ways, now=now, urgent_only=not working)
    return Backlog(count, lag(rules.calendar, now, since))


def _working(session: Session, unit_id: int, now: datetime) -> bool:
    rules = calendar.load_rules(session, unit_id, office_time(now).date())
    return is_working_time(rules.calendar, now)


def _claim(
    session: Session, *, now: datetime, machine_now: datetime, ways: set[Way], working: bool
) -> _Attempt | None:
    with transaction(session):
        row = queries.claim(
            session,
            channels=ways,
            now=now,
            machine_now=machine_now,
            leased_until=machine_now + LEASE,
            urgent_only=not working,
        )
        if row is None:
            return None
        whose, number = _recipient(row)
        if whose == "webhook":
            return _attempt(row, "")
        look_up = queries.account_email if whose == "account" else queries.applicant_email
        return _attempt(row, look_up(session, number), _people(session, row))


def _people(session: Session, row: OutboxMessage) -> dict[str, str]:
    """The names of those who have in hand what a mail lists; the outbox itself names nobody."""
    lines = [line for section in row.payload_json.get("stages", {}).values() for line in section["named"]]
    holders = {line[4] for line in lines if len(line) > 4 and line[4]}
    return {str(number): name for number, name in queries.names(session, holders).items()} if holders else {}


def _attempt(row: OutboxMessage, address: str, people: Mapping[str, str] | None = None) -> _Attempt:
    return _Attempt(
        row.id,
        row.attempts,
        Way(row.channel),
        MessageKind(row.kind),
        {**row.payload_json, "people": people} if people else row.payload_json,
        row.message_id,
        row.written_at,
        address,
    )


def _send(attempt: _Attempt, mailer: Mailer) -> None:
    if not attempt.address:
        raise Refused("Người nhận chưa có địa chỉ thư điện tử.")
    mailer.send(
        messages.compose(attempt.kind, attempt.payload),
        to=attempt.address,
        message_id=attempt.message_id,
        written_at=attempt.written_at,
    )


def _recipient(row: OutboxMessage) -> tuple[str, int]:
    whose, _, number = row.recipient_ref.partition(":")
    return whose, int(number or 0)


def _is_useful(row: OutboxMessage, now: datetime) -> bool:
    """Whether whoever receives a message now can still do something with it."""
    return row.not_after is None or row.not_after >= now


def _dead(row: OutboxMessage, name: str, actor: Actor, now: datetime) -> DeadMessage:
    assert row.dead_at is not None  # noqa: S101 - by it the row was found
    return DeadMessage(
        id=row.id,
        kind=MessageKind(row.kind),
        way=Way(row.channel),
        about=row.payload_json.get("code", ""),
        recipient=name or ("Webhook" if row.channel == Way.WEBHOOK else "Chủ hồ sơ"),
        written_at=row.written_at,
        dead_at=row.dead_at,
        attempts=row.attempts,
        error=row.error,
        may_resend=actor.may(Action.RESEND_MESSAGE) and _is_useful(row, now),
    )
