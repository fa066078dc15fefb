"""The outbox with a real mail server: once per key, again after a failure, aside after the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.mail_server import Taken, serving
from tthc.domain.outbox import ATTEMPTS, MailServer, MessageKind, mail_server, message_id
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import notices, outbox, own_account
from tthc.services.outbox import Message
from tthc.services.transaction import transaction

#: Friday 14/06/2024 09:30 in the office, and Sunday at the same time.
FRIDAY = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)
SUNDAY = FRIDAY + timedelta(days=2)
OFFICER = Message(MessageKind.TRIAL, "trial:officer", "account:3")


@pytest.fixture
def taken() -> Iterator[Taken]:
    """A mail server, and what it has taken."""
    with serving() as server:
        yield server


@pytest.fixture
def post(session: Session, taken: Taken, admin: Actor) -> Callable[..., outbox.Delivered]:
    """``post(now, *messages)`` writes messages and has what waits sent; the officer has an address."""
    own_account.set_email(session, now=FRIDAY, actor=admin, name="officer", email="canbo@vidu.vn")
    server = mail_server(taken.url, "motcua@vidu.gov.vn")

    def run(now: datetime, *found: Message, **more: Any) -> outbox.Delivered:
        with transaction(session):
            outbox.write(session, now=now, unit_id=1, found=found)
        arguments: dict[str, Any] = {"machine_now": now, "unit_id": 1, "server": server, **more}
        return outbox.deliver(session, now=now, **arguments)

    return run


def test_a_key_is_one_mail_whoever_writes_it_how_often(post: Any, taken: Taken) -> None:
    assert post(FRIDAY, OFFICER, OFFICER).sent == 1
    assert post(FRIDAY, OFFICER).sent == 0
    [mail] = taken.mails
    assert mail["Message-ID"] == f"<{message_id(OFFICER.key)}@vidu.gov.vn>"
    assert (mail["To"], mail["From"], mail["Subject"]) == ("canbo@vidu.vn", "motcua@vidu.gov.vn", "Thư thử")
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "hệ thống gửi được thư điện tử" in part.get_content()


def test_nothing_is_kept_of_what_is_rolled_back(post: Any, session: Session, taken: Taken) -> None:
    def fail() -> None:
        with transaction(session):
            outbox.write(session, now=FRIDAY, unit_id=1, found=[OFFICER])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert post(FRIDAY).sent == 0
    assert taken.mails == []


def test_what_is_not_urgent_waits_for_working_hours(post: Any, taken: Taken) -> None:
    urgent = replace(OFFICER, key="urgent", urgent=True)
    assert post(SUNDAY, OFFICER, urgent).sent == 1
    assert taken.ids == [f"<{message_id('urgent')}@vidu.gov.vn>"]
    assert post(SUNDAY + timedelta(days=1)).sent == 1


def test_without_a_server_mail_waits_and_loses_no_attempt(post: Any, session: Session, admin: Actor) -> None:
    assert post(FRIDAY, OFFICER, server=None) == outbox.Delivered()
    nobody = MailServer("127.0.0.1", 9, "none", "motcua@vidu.gov.vn")
    for day in range(3 * ATTEMPTS):
        assert post(FRIDAY + timedelta(days=day), server=nobody).dead == 0
    view = outbox.get_outbox(session, actor=admin, now=FRIDAY)
    [waiting] = view.waiting
    assert (waiting.count, waiting.since, view.dead.total) == (1, FRIDAY, 0)
    assert waiting.error == "Không kết nối được máy chủ thư."
    assert post(FRIDAY).sent == 1
    assert outbox.get_outbox(session, actor=admin, now=FRIDAY).sent_today == 1


def test_after_its_last_attempt_a_message_is_put_aside_until_somebody_sends_it_again(
    post: Any, taken: Taken, session: Session, admin: Actor, clerk: Actor
) -> None:
    taken.before = lambda _, __: "451 later"
    now = FRIDAY
    post(now, OFFICER)
    assert post(now + timedelta(minutes=1)).failed == 0, "the first wait is two minutes"
    for attempt in range(2, ATTEMPTS + 1):
        now = FRIDAY + timedelta(days=7 * attempt)
        done = post(now)
        assert (done.failed, done.dead) == ((1, 0) if attempt < ATTEMPTS else (0, 1))
    [dead] = outbox.get_outbox(session, actor=admin, now=now).dead.rows
    assert (dead.recipient, dead.attempts) == ("Chuyên viên 01", ATTEMPTS)
    assert dead.error == "Máy chủ thư không nhận thư này (mã 451)."
    with pytest.raises(DomainError):
        outbox.resend(session, now=now, actor=clerk, message=dead.id)
    outbox.resend(session, now=now, actor=admin, message=dead.id)
    with pytest.raises(DomainError, match="đang chờ gửi"):
        outbox.resend(session, now=now, actor=admin, message=dead.id)
    taken.before = lambda _, __: "250 OK"
    assert post(now).sent == 1
    assert len(taken.mails) == 1
    assert outbox.get_outbox(session, actor=admin, now=now).dead.total == 0


def test_what_cannot_arrive_is_put_aside_at_once(
    post: Any, taken: Taken, session: Session, admin: Actor
) -> None:
    taken.refused = {"canbo@vidu.vn"}
    nowhere = Message(MessageKind.TRIAL, "nowhere", "account:1")
    late = replace(OFFICER, key="late", not_after=FRIDAY - timedelta(hours=1))
    assert post(FRIDAY, OFFICER, nowhere, late) == outbox.Delivered(sent=0, failed=0, dead=3)
    dead = outbox.get_outbox(session, actor=admin, now=FRIDAY).dead.rows
    # What is of no use any more is not offered to be sent, and is no reason to look for an address.
    assert [one.may_resend for one in dead if one.error.startswith("Quá thời gian")] == [False]
    [stale] = [one.id for one in dead if not one.may_resend]
    with pytest.raises(DomainError, match="quá thời gian còn có ích"):
        outbox.resend(session, now=FRIDAY, actor=admin, message=stale)
    notices.tell_dead(session, now=FRIDAY, unit_id=1)
    [told] = notices.list_open(session, actor=admin)
    assert told.text.startswith("2 thư không gửi được")
    assert {one.error for one in dead} == {
        "Máy chủ thư không nhận địa chỉ này (mã 550).",
        "Người nhận chưa có địa chỉ thư điện tử.",
        "Quá thời gian mà thư còn có ích nên không gửi nữa.",
    }


def test_what_another_sender_holds_is_left_until_its_lease_runs_out(
    post: Any, session: Session, taken: Taken
) -> None:
    post(FRIDAY, OFFICER, server=None)
    with transaction(session):
        held = {"until": (FRIDAY + outbox.LEASE).replace(tzinfo=None)}
        session.execute(text("UPDATE outbox SET leased_until = :until"), held)
    assert post(FRIDAY).sent == 0
    assert post(FRIDAY + outbox.LEASE).sent == 1


def test_the_outbox_holds_nothing_about_a_person(post: Any, session: Session, taken: Taken) -> None:
    """Who has in hand what a mail lists is looked up when it is sent."""
    listed = ["000.00.01.H54-240610-0001", "Thủ tục 37", "2024-06-13", "quá hạn 01 ngày làm việc", 3, ""]
    stages = {"overdue": {"count": 1, "kinds": {"dossier": 1}, "named": [listed]}}
    digest = Message(MessageKind.DIGEST, "digest", "account:3", {"on": "2024-06-14", "stages": stages})
    post(FRIDAY, digest, server=None)
    row = session.execute(text("SELECT * FROM outbox")).mappings().one()
    assert not any(word in str(dict(row)) for word in ("canbo@vidu.vn", "Chuyên viên"))
    assert post(FRIDAY).sent == 1
    body = taken.mails[0].get_body(("plain",))
    assert body is not None
    assert "quá hạn 01 ngày làm việc · Chuyên viên 01" in body.get_content()
