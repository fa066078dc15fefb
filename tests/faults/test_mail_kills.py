"""Senders that are killed: no mail is missing, and a second copy is known by its Message-ID."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.forked import Forked
from tests.mail_server import Taken, serving
from tests.processes import start_source
from tthc.domain.outbox import MessageKind, message_id
from tthc.domain.permissions import Actor
from tthc.services import outbox, own_account
from tthc.services.outbox import Message
from tthc.services.transaction import transaction

LONG = os.environ.get("TTHC_TEST_LONG") == "1"
MAILS = 1000 if LONG else 100
KILLS = 20 if LONG else 3
NOW = datetime(2024, 6, 14, 2, 30, tzinfo=UTC)

#: Sends until nothing waits, half a day later every time: then leases have run out and waits are over.
SENDER = """
import sys
from datetime import datetime, timedelta
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from tthc.db.session import engine_options, prepare_engine
from tthc.domain.outbox import mail_server
from tthc.services import outbox

url, smtp, start = sys.argv[1:]
engine = create_engine(url, **engine_options(url))
prepare_engine(engine)
now = datetime.fromisoformat(start)
with Session(engine) as session:
    while True:
        done = outbox.deliver(session, now=now, machine_now=now, unit_id=1,
                              server=mail_server(smtp, "motcua@vidu.gov.vn"))
        if not (done.sent or done.failed):
            break
        now += timedelta(hours=12)
"""


class Fates:
    """What happens to each mail: most are taken, some are refused for now, some break the connection."""

    def __init__(self, taken: Taken, killed_after: set[int]) -> None:
        self.chance = random.Random(6)
        self.killed_after = killed_after
        self.sender: subprocess.Popen[bytes] | Forked | None = None
        #: Number of mails taken when each sender was killed.
        self.deaths: list[int] = []
        taken.before, taken.after = self.before, self.after

    def before(self, taken: Taken, mail: EmailMessage) -> str | None:
        """One in six fails, either way."""
        drawn = self.chance.random()
        if drawn < 0.08:
            return None
        return "451 later" if drawn < 0.16 else "250 OK"

    def after(self, taken: Taken) -> None:
        """Kill the sender when the mail is taken and it has not heard of that yet."""
        if len(taken.mails) in self.killed_after and self.sender is not None:
            self.killed_after.discard(len(taken.mails))
            self.deaths.append(len(taken.mails))
            self.sender.send_signal(signal.SIGKILL)


@pytest.mark.long
def test_no_mail_is_missing_and_only_a_kill_makes_a_second_copy(
    session: Session, database_url: str, admin: Actor
) -> None:
    own_account.set_email(session, now=NOW, actor=admin, name="officer", email="canbo@vidu.vn")
    found = [
        Message(MessageKind.TRIAL, f"trial:{number}", "account:3", urgent=True) for number in range(MAILS)
    ]
    with transaction(session):
        outbox.write(session, now=NOW, unit_id=1, found=found)
    session.rollback()
    with serving() as taken:
        fates = Fates(taken, {*range(MAILS // (KILLS + 1), MAILS, MAILS // (KILLS + 1))})
        killed = 0
        while True:
            # A day later each time.
            start = NOW.replace(day=1, month=7 + killed // 28).replace(day=1 + killed % 28).isoformat()
            with start_source(SENDER, database_url, taken.url, start) as fates.sender:
                code = fates.sender.wait(300)
            if code != -signal.SIGKILL:
                break
            killed += 1
        assert code == 0
        ids = taken.ids
    assert killed == len(fates.deaths) >= KILLS
    assert {*ids} == {f"<{message_id(one.key)}@vidu.gov.vn>" for one in found}
    twice = {one for one, copies in Counter(ids).items() if copies > 1}
    assert max(Counter(ids).values()) <= 2
    # The copies are of the very mails that the server had taken last when a sender was killed.
    assert twice == {ids[death - 1] for death in fates.deaths}
    rows = session.execute(text("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL AND dead_at IS NULL"))
    assert rows.scalar_one() == MAILS
