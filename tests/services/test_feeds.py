"""The calendar of one's due dates: all that one has in hand, each under a name of its own."""

from __future__ import annotations

import re
from typing import Any

from tests.services.petition_desk import record
from tests.services.test_steps import hand_on
from tthc.services import feeds
from tthc.services.consultations import consult_agency


def events(office: Any, who: str) -> dict[str, tuple[str, str]]:
    """By UID the summary and the date."""
    secret = feeds.renew_feed(office.session, now=office.now, actor=office.person(who))
    text = feeds.read_feed(office.session, secret=secret, on=office.today).decode().replace("\r\n ", "")
    assert "Doanh nghiệp" not in text
    found = re.findall(r"UID:(\S+)@tthc.*?DATE:\d{4}(\d{4}).*?SUMMARY:(.*?)\r\n", text, re.DOTALL)
    assert len({key for key, *_ in found}) == len(found) == text.count("BEGIN:VEVENT")
    return {key: (summary, day) for key, day, summary in found}


def test_all_that_somebody_has_in_hand_is_in_his_calendar(office: Any) -> None:
    office.stand("10/06 09:00")
    running, waiting = office.receive(37), office.receive(41)
    for code in (running, waiting):
        hand_on(office, code, by="clerk", to="officer")
    consult_agency(
        office.session,
        call=office.call(running, "officer"),
        agency="Sở Xây dựng",
        question="Quy hoạch",
        working_days=3,
    )
    office.act("request_supplement", waiting, by="officer")
    petition_id = record(office)
    seen = events(office, "officer")
    assert sorted(seen.values(), key=lambda one: (one[1], one[0])) == [
        (f"Bước Thẩm định: {running}", "0612"),
        (f"Ý kiến của Sở Xây dựng: {running}", "0613"),
        (f"Hạn {running}", "0617"),
        (f"Chờ bổ sung: {waiting}", "0722"),
    ]
    assert {running, f"{running}-step-2"} < set(seen)
    # The step is another's from now on; petitions are nobody's, so those who answer for them have them.
    hand_on(office, running, by="officer", to="supervisor")
    assert set(events(office, "officer")) == set(seen) - {f"{running}-step-2"}
    assert events(office, "supervisor") == {
        f"{running}-step-3": (f"Bước Trình ký: {running}", "0611"),
        f"PAKN-2024-0001-petition-{petition_id}": ("Trả lời PAKN-2024-0001", "0624"),
    }
