"""What supervisors and administrators are told: once for each cause, by the bell and by mail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.services.conftest import Office
from tests.services.settings_desk import change_setting
from tthc.db.models import OutboxMessage
from tthc.domain.settings import CALENDAR_AHEAD
from tthc.services import calendar_watch, notices, own_account, own_alerts


def watch(office: Office) -> tuple[int, int, int]:
    done = calendar_watch.watch(office.session, now=office.now, unit_id=1)
    return done["found"], done["raised"], done["withdrawn"]


def new_to(office: Office, name: str) -> int:
    office.session.rollback()
    return own_alerts.count_new(office.session, actor=office.person(name), today=office.today)


def told(office: Office, name: str) -> list[str]:
    office.session.rollback()
    return [one.text for one in notices.list_open(office.session, actor=office.person(name))]


def look(office: Office, name: str) -> None:
    own_alerts.look_at_own_alerts(office.session, actor=office.person(name), now=office.now)


def mails(office: Office) -> list[tuple[str, str, Any]]:
    query = select(OutboxMessage).where(OutboxMessage.kind == "notice").order_by(OutboxMessage.id)
    office.session.rollback()
    return [(row.kind, row.recipient_ref, row.payload_json["kind"]) for row in office.session.scalars(query)]


def test_what_the_calendar_lacks_is_told_once_and_taken_back(office: Office) -> None:
    """The seeded calendar ends with 2027, which is an estimate."""
    for name in ("supervisor", "officer"):
        own_account.set_own_email(
            office.session, now=office.now, actor=office.person(name), email=f"{name}@vidu.vn"
        )
    office.stand("30/09/2026")
    assert watch(office) == (0, 0, 0)
    office.stand("01/10/2026")
    assert watch(office) == (1, 1, 0)
    assert watch(office) == (1, 0, 0)
    assert [new_to(office, name) for name in ("supervisor", "admin", "officer", "auditor")] == [1, 1, 0, 0]
    assert told(office, "officer") == []
    [text] = told(office, "admin")
    assert text.startswith("Lịch làm việc năm 2027 chưa được xác nhận")
    # By number: accounts are numbered in the order of the test people.
    assert mails(office) == [("notice", "account:5", "calendar_unconfirmed")]
    look(office, "admin")
    assert [new_to(office, name) for name in ("supervisor", "admin")] == [1, 0]
    # A month later days off come near that nobody has announced.
    office.stand("10/12/2026")
    assert watch(office) == (2, 1, 0)
    assert told(office, "admin")[0].startswith("Ngày nghỉ dự kiến 01/01/2027")
    assert len(mails(office)) == 2
    office.stand("01/10/2027")
    found, raised, withdrawn = watch(office)
    assert (raised, withdrawn) == (1, 1)
    assert "Lịch làm việc chỉ có đến hết ngày 31/12/2027" in " ".join(told(office, "supervisor"))
    # The office may want to know later.
    change_setting(office, CALENDAR_AHEAD, 2)
    assert watch(office) == (found - 1, 0, 1)
    # What comes back is told again.
    office.stand("01/11/2027")
    watch(office)
    assert [kind for *_, kind in mails(office)].count("calendar_ends") == 2
