"""Alerts of requests to supplement: whoever has the dossier hears of an applicant who brings nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import in_brief
from tests.services.conftest import swept as sweep
from tests.services.test_unanswered_supplements import set_to
from tthc.db.models import Alert, JobRun, OutboxMessage, Supplement
from tthc.domain.outbox import MessageKind
from tthc.domain.settings import UNANSWERED_DAYS
from tthc.domain.vocabulary import DomainError, OverdueReason, SubjectKind, SupplementMode
from tthc.services import alert_board, alert_mail, alerts, messages, own_account, own_alerts
from tthc.services.alert_board import BoardFilter
from tthc.services.unanswered_supplements import list_unanswered


def wait_for(office: Any, days: int) -> None:
    set_to(office, UNANSWERED_DAYS, days, "03/06")


def asked(office: Any, when: str = "10/06", mode: SupplementMode = SupplementMode.RESTART) -> str:
    """Received and asked for a supplement on a Monday: waited for until Monday 17/06/2024 with 05 days."""
    office.stand(when)
    code: str = office.receive(37)
    office.act("assign", code, officer_id=office.person("officer").account_id)
    office.act("request_supplement", code, by="officer", mode=mode)
    return code


def told(office: Any) -> list[str]:
    """The alerts of requests in brief, oldest first."""
    office.session.rollback()
    rows = office.session.scalars(
        select(Alert).where(Alert.subject_kind == SubjectKind.SUPPLEMENT).order_by(Alert.id)
    )
    return [in_brief(row) for row in rows]


def test_the_officer_hears_of_it_and_nobody_has_to_answer(office: Any) -> None:
    wait_for(office, 5)
    own_account.set_own_email(
        office.session, now=office.now, actor=office.person("officer"), email="officer@vidu.vn"
    )
    code = asked(office)
    days = ("12/06", "13/06", "14/06", "17/06", "18/06", "19/06", "28/06")
    assert [sweep(office, day) for day in days] == [{}] * len(days), "no alert that is answered for"
    assert told(office) == [
        "13/06 soon 2",
        "14/06 soon 1",
        "17/06 today",
        "18/06 late 1",
        "18/06 overdue",
        "20/06 late 3",
        "24/06 late 5",
    ]
    runs = office.session.scalars(select(JobRun).order_by(JobRun.id)).all()
    assert [run.counts_json["supplements"] for run in runs][:2] == [0, 1]
    assert sum(run.counts_json["supplements"] for run in runs) == 7
    again = office.sweep()
    assert (again.supplements, again.withdrawn) == (0, 0)
    # It is in the officer's list on the day on which the unit's list has it, and not on the board.
    [own] = own_alerts.look_at_own_alerts(office.session, actor=office.person("officer"), now=office.now).rows
    assert (own.code, own.kind, own.due_on) == (code, SubjectKind.SUPPLEMENT, office.on("17/06"))
    assert own.words == "quá 09 ngày làm việc"
    waited = office.view(code).supplement_wait
    assert (waited.until, waited.late) == (office.on("17/06"), "chờ bổ sung quá 09 ngày làm việc")
    for name in ("supervisor", "officer2"):
        page = own_alerts.look_at_own_alerts(office.session, actor=office.person(name), now=office.now)
        assert not page.rows
    board = alert_board.get_board(
        office.session, actor=office.person("supervisor"), now=office.now, chosen=BoardFilter()
    )
    assert (board.page.total, board.sizes.unanswered) == (0, 0)
    waiting = list_unanswered(office.session, actor=office.person("supervisor"), now=office.now)
    assert [row.code for row in waiting.page.rows] == [code]
    # The digest names it for what it is.
    assert alert_mail.write_digests(office.session, now=office.at("28/06 08:00"), unit_id=1) == 1
    office.session.rollback()
    [row] = office.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "digest"))
    text = messages.compose(MessageKind(row.kind), row.payload_json).text
    assert f"- {code} · chờ người nộp bổ sung; " in text


@pytest.mark.parametrize("verb", ["receive_supplement", "withdraw", "stop"])
def test_the_alert_ends_with_the_waiting(office: Any, verb: str) -> None:
    wait_for(office, 3)
    code = asked(office)
    sweep(office, "11/06")
    assert told(office) == ["11/06 soon 2"]
    office.act(verb, code)
    assert told(office) == ["11/06 soon 2 gone"]
    office.sweep()
    sweep(office, "20/06")
    assert told(office) == ["11/06 soon 2 gone"]


def test_missed_days_know_what_was_waited_for_by_then(office: Any) -> None:
    """Asked on the 10th until the 13th; the scheduler was down from the 11th to the 18th."""
    wait_for(office, 3)
    brought = asked(office)
    asked(office, mode=SupplementMode.PAUSE)
    sweep(office, "10/06")
    office.stand("13/06 15:00")
    office.act("receive_supplement", brought)
    office.stand("18/06")
    office.sweep()
    # The dossier that was completed is alerted by its own date, which began anew.
    assert told(office) == [
        "11/06 soon 2 gone",
        "11/06 soon 2",
        "12/06 soon 1 gone",
        "12/06 soon 1",
        "13/06 today",
        "14/06 late 1",
        "14/06 overdue",
        "18/06 late 3",
    ]


def test_beyond_the_calendar_nobody_is_told(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("20/12/2027")
    code = office.receive(37)
    office.act("request_supplement", code, by="officer")
    assert office.session.scalars(select(Supplement.due_date_id)).all() == [None]


def test_it_is_nothing_to_answer_for(sqlite_office: Any) -> None:
    office = sqlite_office
    wait_for(office, 1)
    asked(office)
    sweep(office, "14/06")
    alert_id = office.session.scalars(
        select(Alert.id).where(Alert.subject_kind == SubjectKind.SUPPLEMENT)
    ).first()
    with pytest.raises(DomainError, match="không cần trả lời"):
        alerts.acknowledge_alert(
            office.session,
            now=office.now,
            actor=office.person("supervisor"),
            alert_id=alert_id,
            reason_code=OverdueReason.OTHER,
            reason="Người nộp chưa mang đến",
            promised_on=None,
        )
