"""One's own list and its bell: what is in one's hands, each dossier once, with what was answered for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.services.conftest import swept
from tests.services.test_alert_mail import address, digests, written
from tests.services.test_steps import hand_on
from tthc.domain.vocabulary import AlertStage, OverdueReason, SubjectKind
from tthc.services import alerts, own_alerts
from tthc.services.own_alerts import OwnAlert


def own(office: Any, by: str) -> Sequence[OwnAlert]:
    """Somebody's list."""
    return own_alerts.look_at_own_alerts(office.session, actor=office.person(by), now=office.now).rows


def bell(office: Any, *names: str) -> list[int]:
    """How many are new to each of them."""
    return [
        own_alerts.count_new(office.session, actor=office.person(name), today=office.today) for name in names
    ]


def test_one_row_for_a_dossier_its_step_and_its_answer(office: Any, counting: Callable[..., Any]) -> None:
    office.stand("10/06 09:00")
    code, unassigned = office.receive(37), office.receive(37)
    hand_on(office, code, by="clerk", to="officer")
    swept(office, "13/06")
    step, soon = sorted(own(office, "officer"), key=lambda row: row.due_on)
    assert (step.kind, step.step, step.words) == (
        SubjectKind.STEP,
        "Thẩm định",
        "quá hạn 01 ngày làm việc",
    )
    assert (soon.code, soon.applicant, soon.words) == (code, "Doanh nghiệp 900", "còn 02 ngày làm việc")
    # What nobody was given is the supervisors' business before it is late.
    assert bell(office, "supervisor") == [1]
    [nobodys] = own(office, "supervisor")
    assert (nobodys.code, nobodys.stage, nobodys.held_by) == (
        unassigned,
        AlertStage.DUE_SOON,
        "Chưa phân công",
    )
    office.act("withdraw", unassigned)
    # Once the dossier is late its row says so of its step, and the bell counts it once.
    swept(office, "18/06")
    assert bell(office, "officer", "supervisor", "officer2") == [1, 1, 0]
    [late] = own(office, "supervisor")
    assert (late.code, late.kind, late.held_by) == (code, SubjectKind.DOSSIER, office.person("officer").name)
    assert late.late_step == "Bước Thẩm định quá hạn 04 ngày làm việc"
    # Whoever has the dossier goes on seeing it with the answer, and hears of nothing new.
    alerts.acknowledge_alert(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        alert_id=late.id,
        reason_code=OverdueReason.STAFF,
        reason="Thiếu người thẩm định",
        promised_on=office.on("18/06"),
    )
    assert bell(office, "officer", "supervisor") == [0, 0]
    assert own(office, "supervisor") == []
    [told] = own(office, "officer")
    assert (told.code, told.answered, told.new, told.held_by) == (code, True, False, "")
    assert (late.to_answer, told.to_answer) == (True, False)
    assert (told.answer.reason, told.answer.promised_on) == ("Thiếu người thẩm định", office.on("18/06"))
    assert office.view(code).answer == told.answer
    # The step goes on to a supervisor: both see the dossier, once each.
    hand_on(office, code, by="officer", to="supervisor")
    signing = office.person("supervisor")
    [given], [held] = own(office, "officer"), own(office, "supervisor")
    assert (given.code, given.held_by, held.code, held.held_by) == (code, signing.name, code, "")
    # So do their mails: whoever has only the step answers for the dossier too, and the promise was not kept.
    address(office, "officer", "supervisor")
    swept(office, "19/06")
    assert digests(office, "19/06 09:30") == 2
    for mail in written(office):
        told_of = mail.payload_json["stages"].pop("overdue")
        [[number, *_, due_on, _, who, mark]] = told_of["named"]
        assert (number, due_on, mark) == (code, "2024-06-17", "đã quá ngày hẹn xong 18/06/2024")
        mine = mail.recipient_ref == f"account:{signing.account_id}"
        assert who == (None if mine else signing.account_id)
        assert mail.payload_json["stages"] == {}
    hand_on(office, office.receive(37), by="clerk", to="officer")
    office.stand("24/06")
    [again] = own(office, "officer")
    with counting(office.session) as one:
        own(office, "officer")
    assert (again.answered, again.answer.promised_on) == (False, office.on("18/06"))
    office.sweep()
    own(office, "officer")
    with counting(office.session) as more:
        assert len(own(office, "officer")) > 1
    assert len(one) == len(more)
