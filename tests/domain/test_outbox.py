"""Messages: how long they wait, and which mail server a line of settings names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.domain.seeded_office import DAYS, EIGHT_HOURS, YEARS
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.outbox import MailServer, is_working_time, lag, mail_server, message_id, wait_after
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError

FROM = "motcua@vidu.gov.vn"
CALENDAR = WorkingCalendar(DAYS, YEARS, hours=EIGHT_HOURS)


def test_every_failure_waits_twice_as_long_up_to_six_hours() -> None:
    waits = [wait_after(attempts) for attempts in range(1, 11)]
    minutes = [wait and wait // timedelta(minutes=1) for wait in waits]
    assert minutes == [2, 4, 8, 16, 32, 64, 128, 256, 360, None]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://thu.vidu.vn", MailServer("thu.vidu.vn", 25, "none", FROM)),
        ("smtps://thu.vidu.vn", MailServer("thu.vidu.vn", 465, "tls", FROM)),
        (
            "smtp+starttls://mot%40cua:b%3Am%2F@thu.vidu.vn:2525",
            MailServer("thu.vidu.vn", 2525, "starttls", FROM, "mot@cua", "b:m/"),
        ),
    ],
)
def test_a_mail_server_is_one_line(url: str, server: MailServer | None) -> None:
    assert mail_server(url, FROM) == server


@pytest.mark.parametrize(
    ("url", "sender", "field"),
    [
        ("thu.vidu.vn", FROM, "TTHC_SMTP_URL"),
        ("http://thu.vidu.vn", FROM, "TTHC_SMTP_URL"),
        ("smtp://:25", FROM, "TTHC_SMTP_URL"),
        ("smtp://thu.vidu.vn:nam", FROM, "TTHC_SMTP_URL"),
        ("smtp://thu.vidu.vn/thu", FROM, "TTHC_SMTP_URL"),
        ("smtp://thu.vidu.vn", "", "TTHC_MAIL_FROM"),
        ("smtp://thu.vidu.vn", "Một cửa <motcua@vidu.vn>", "TTHC_MAIL_FROM"),
    ],
)
def test_what_is_no_mail_server_is_refused_by_name(url: str, sender: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        mail_server(url, sender)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        ("2024-06-14T07:30", True),
        ("2024-06-14T07:29", False),
        ("2024-06-14T12:30", False),  # between the two halves of the day
        ("2024-06-15T09:00", False),  # a Saturday
        ("2024-05-04T09:00", True),  # a Saturday that is worked for 29/04
        ("2031-06-15T09:00", True),  # nobody knows that year: nothing is held back
    ],
)
def test_working_time_is_that_of_the_calendar(moment: str, works: bool) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=OFFICE_ZONE)
    assert is_working_time(CALENDAR, local.astimezone(UTC)) is works


def test_a_message_id_is_that_of_its_key() -> None:
    assert message_id("a") == message_id("a") != message_id("b")
    assert len(message_id("x" * 128)) == 40


@pytest.mark.parametrize(
    ("now", "since", "minutes"),
    [
        ("14 09:30", None, 0),
        ("14 09:30", "14 09:10", 20),
        # What waited overnight, or over noon, counts from the opening; at night what is urgent counts whole.
        ("14 07:40", "13 18:00", 10),
        ("14 13:05", "14 11:00", 5),
        ("14 20:00", "14 19:00", 60),
    ],
)
def test_a_message_is_late_by_the_time_in_which_it_could_have_gone_out(
    now: str, since: str | None, minutes: int
) -> None:
    def at(text: str) -> datetime:
        return datetime.strptime(f"2024-06-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=OFFICE_ZONE)

    assert lag(CALENDAR, at(now), at(since) if since else None) == timedelta(minutes=minutes)
