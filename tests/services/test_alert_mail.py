"""Mail about alerts and to applicants: who is told what, once, and nobody of nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.services.conftest import in_brief
from tests.services.settings_desk import change_setting
from tthc.db.models import Account, Alert, Membership, OutboxMessage, Step, Unit
from tthc.domain.alerts import Level
from tthc.domain.calendar import office_time
from tthc.domain.outbox import MessageKind
from tthc.domain.settings import ALERT_ANSWER_DAYS, DIGEST_AT, TELL_APPLICANTS, TELL_WEBHOOK, YES
from tthc.domain.vocabulary import ApplicantKind, OverdueReason, Role, SubjectKind
from tthc.services import alert_board, alert_mail, alerts, messages, own_account, own_alerts
from tthc.services.alert_board import BoardFilter
from tthc.services.applicants import ApplicantInput


def address(office: Any, *names: str) -> None:
    for name in names:
        own_account.set_own_email(
            office.session, now=office.now, actor=office.person(name), email=f"{name}@vidu.vn"
        )


def written(office: Any) -> list[OutboxMessage]:
    office.session.rollback()
    return list(office.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def digests(office: Any, when: str) -> int:
    office.stand(when)
    return alert_mail.write_digests(office.session, now=office.now, unit_id=1)


def text_of(row: OutboxMessage) -> str:
    mail = messages.compose(MessageKind(row.kind), row.payload_json)
    assert mail.html.count("<tr>") == mail.text.count("\n- ")
    return f"{mail.subject}\n{mail.text}"


def ready(office: Any) -> tuple[str, str]:
    """An overdue dossier of officer 01, and one of officer 02 that is due soon; swept on 18/06."""
    address(office, "officer", "supervisor", "clerk2")
    office.stand("10/06")
    late = office.receive(37)
    office.act("assign", late, officer_id=office.person("officer").account_id)
    office.stand("12/06")
    soon = office.receive(37)
    office.act("assign", soon, officer_id=office.person("officer2").account_id)
    office.stand("18/06 06:30")
    office.sweep()
    return late, soon


def test_a_digest_is_one_mail_a_day_to_each_who_has_something_to_do(office: Any) -> None:
    late, soon = ready(office)
    assert digests(office, "18/06 07:29") == 0, "its hour has not come"
    assert digests(office, "18/06 07:30") == 2
    assert digests(office, "18/06 15:00") == 0
    rows = {row.recipient_ref: row for row in written(office)}
    assert {*rows} == {f"account:{office.person(name).account_id}" for name in ("officer", "supervisor")}
    for row in rows.values():
        told = text_of(row)
        assert "Nhắc việc ngày 18/06/2024: 1 quá hạn" in told
        assert f"- {late} · " in told
        assert "hạn 17/06/2024, quá hạn 01 ngày làm việc" in told
        assert "kiến nghị cần chú ý, tính đến 07:30 ngày 18/06/2024." in told
        # Officer 02 has no address, and what is only due soon is no business of the supervisor's.
        assert soon not in told
        assert "Doanh nghiệp" not in told
    # Both are told who has it now, by number: the clerk, from whom nobody has taken it over.
    clerk = office.person("clerk").account_id
    assert {row.payload_json["stages"]["overdue"]["named"][0][4] for row in rows.values()} == {clerk}
    # Both are answered by then: there is nothing to say, and nothing on a Saturday.
    for code in (late, soon):
        office.act("resolve", code)
    assert digests(office, "19/06 08:00") == 0
    assert digests(office, "22/06 08:00") == 0


def test_an_office_may_do_without_digests(office: Any) -> None:
    ready(office)
    change_setting(office, DIGEST_AT, "")
    assert digests(office, "18/06 16:00") == 0
    assert "digest" not in {row.kind for row in written(office)}


def test_after_days_off_the_digest_waits_for_the_sweep(office: Any) -> None:
    """Swept last on the 11th, switched on after the digest's hour: what became late meanwhile is named."""
    address(office, "officer")
    office.stand("10/06")
    late = office.receive(37)
    office.act("assign", late, officer_id=office.person("officer").account_id)
    office.stand("11/06 06:30")
    office.sweep()
    assert digests(office, "18/06 09:00") == 0
    office.sweep()
    assert digests(office, "18/06 09:00") == 1
    [row] = written(office)
    assert f"- {late} · " in text_of(row)
    # On a day off, and after hours, nothing would go out: the next working morning tells it anew.
    for when, count in (("22/06 08:00", 0), ("24/06 18:00", 0), ("25/06 07:30", 1)):
        office.stand(when)
        office.sweep()
        assert digests(office, when) == count
    assert [row.kind for row in written(office)] == ["digest", "digest"], "no mail beside that of the day"


def test_what_stays_overdue_is_told_at_once_and_once(office: Any) -> None:
    """Beside the digests only what comes up after them; here there are none, and the webhook is told too."""
    change_setting(office, DIGEST_AT, "")
    change_setting(office, TELL_WEBHOOK, YES)
    late, _ = ready(office)
    *rows, hook = written(office)
    assert (hook.recipient_ref, hook.urgent) == ("webhook:", False)
    assert [code for code, *_ in hook.payload_json["stages"]["escalated"]["named"]] == [late]
    assert {row.recipient_ref for row in rows} == {
        f"account:{office.person(name).account_id}" for name in ("officer", "supervisor")
    }
    assert [row.kind for row in rows] == ["escalation", "escalation"]
    assert all("Quá hạn: 1 hồ sơ\n" in text_of(row) for row in rows)
    assert all(late in text_of(row) and "chưa được trả lời" not in text_of(row) for row in rows)
    assert not any(row.urgent for row in rows)
    office.sweep()
    assert len(written(office)) == 3, "told of once"


def test_what_comes_up_after_the_digest_is_told_at_once(office: Any) -> None:
    late, _ = ready(office)
    assert written(office) == [], "the digest will say it"
    assert digests(office, "18/06 07:30") == 2
    office.stand("19/06 06:30")
    office.sweep()
    office.stand("19/06 10:00")
    assert digests(office, "19/06 10:00") == 2
    change_setting(office, ALERT_ANSWER_DAYS, 1)
    office.sweep()
    told = written(office)[4:]
    assert [row.kind for row in told] == ["escalation"] * 2
    assert all(f"- {late} · " in text_of(row) for row in told)
    # Nor does it wait from morning to evening for a digest of the same day.
    change_setting(office, DIGEST_AT, "16:30")
    office.stand("20/06 06:30")
    office.sweep()
    assert [row.kind for row in written(office)[6:]] == ["escalation"] * 2


def test_what_nobody_has_in_hand_is_the_supervisors_business(office: Any) -> None:
    """Due soon, and assigned to nobody or to somebody who has left: mail and bell tell the supervisors."""
    address(office, "supervisor")
    office.stand("10/06")
    nobodys, left = office.receive(37), office.receive(37)
    office.act("assign", left, officer_id=office.person("officer2").account_id)
    office.stand("14/06 06:30")
    office.sweep()
    assert digests(office, "14/06 07:30") == 1

    def own(name: str) -> set[str]:
        page = own_alerts.look_at_own_alerts(office.session, actor=office.person(name), now=office.now)
        return {row.code for row in page.rows}

    assert [own(name) for name in ("supervisor", "officer2", "officer")] == [{nobodys}, {left}, set()]
    officer2 = office.person("officer2").account_id
    office.session.get_one(Account, officer2).active = False
    office.session.commit()
    assert own("supervisor") == {nobodys, left}
    office.stand("17/06 06:30")
    office.sweep()
    assert digests(office, "17/06 07:30") == 1
    first, second = (text_of(row) for row in written(office))
    assert (nobodys in first, left in first) == (True, False)
    assert nobodys in second
    assert left in second


def test_what_nobody_answers_goes_up(office: Any) -> None:
    """To the supervisors on the second working day, to those of the unit above on the fourth."""
    office.session.add(Unit(id=2, parent_id=None))
    office.session.flush()
    office.session.get_one(Unit, 1).parent_id = 2
    higher = office.person("admin").account_id
    office.session.add(Membership(account_id=higher, unit_id=2, role=Role.SUPERVISOR))
    office.session.commit()
    address(office, "admin")
    change_setting(office, DIGEST_AT, "")
    late, soon = ready(office)
    told = len(written(office))

    def levels() -> dict[str, tuple[Level, str | None]]:
        return {
            row.code: (
                row.level,
                f"{office_time(row.unanswered_since):%d/%m}" if row.unanswered_since else None,
            )
            for row in alert_board.get_board(
                office.session, actor=office.person("supervisor"), now=office.now, chosen=BoardFilter()
            ).page.rows
        }

    assert levels() == {late: (Level.HOLDER, None), soon: (Level.HOLDER, None)}
    office.stand("20/06 06:30")
    office.sweep()
    assert levels()[late] == (Level.SUPERVISORS, "18/06")
    first, *_ = rows = written(office)[told:]
    assert {row.recipient_ref for row in rows} == {
        f"account:{office.person(name).account_id}" for name in ("supervisor", "officer")
    }
    assert "Trong đó 1 cảnh báo chưa được trả lời sau 02 ngày làm việc." in text_of(first)
    assert "cấp trên" not in text_of(first)
    told = len(written(office))
    office.stand("24/06 06:30")
    office.sweep()
    assert levels()[late] == (Level.ABOVE, "18/06")
    [mail] = [row for row in written(office)[told:] if row.recipient_ref == f"account:{higher}"]
    assert "chưa được trả lời sau 04 ngày làm việc, đã chuyển lên lãnh đạo cấp trên" in text_of(mail)
    # The other one came late to the supervisors; an answer takes it off the list of what waits for one.
    assert levels()[soon][0] is Level.SUPERVISORS
    [alert_id] = [
        row.id
        for row in alert_board.get_board(
            office.session, actor=office.person("supervisor"), now=office.now, chosen=BoardFilter()
        ).page.rows
        if row.code == late
    ]
    alerts.acknowledge_alert(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        alert_id=alert_id,
        reason_code=OverdueReason.STAFF,
        reason="Thiếu người",
        promised_on=None,
    )
    told = len(written(office))
    office.stand("25/06 06:30")
    office.sweep()
    assert late not in " ".join(text_of(row) for row in written(office)[told:])


def test_a_step_is_told_of_to_whoever_has_it_in_hand(office: Any) -> None:
    """The step of receipt may take a day; it goes with the hand-over, and is no supervisor's business."""
    address(office, "clerk", "clerk2", "supervisor")
    office.stand("03/06")
    change_setting(office, DIGEST_AT, "")
    change_setting(office, TELL_WEBHOOK, YES)
    code = office.receive(2)
    step = office.session.scalars(
        select(Step).where(Step.dossier_id == office.dossier(code).id, Step.started_at.is_not(None))
    ).one()
    clerk = office.person("clerk").account_id
    assert (step.officer_id, step.due_on) == (clerk, office.on("04/06"))

    def told() -> list[str]:
        office.session.rollback()
        rows = select(Alert).where(Alert.subject_kind == SubjectKind.STEP).order_by(Alert.id)
        return [in_brief(row) for row in office.session.scalars(rows)]

    def own(name: str) -> list[tuple[str, str]]:
        page = own_alerts.look_at_own_alerts(office.session, actor=office.person(name), now=office.now)
        return [(row.code, row.step) for row in page.rows]

    office.sweep()
    assert told() == ["03/06 soon 1"]
    for day in ("04/06", "05/06", "07/06"):
        office.stand(day)
        office.sweep()
    assert told() == ["03/06 soon 1", "04/06 today", "05/06 late 1", "05/06 overdue", "07/06 late 3"]
    # At once, at each of the days, to whoever has it in hand and to nobody else, no other program either.
    assert [(row.kind, row.recipient_ref) for row in written(office) if row.kind != "received"] == [
        ("escalation", f"account:{clerk}")
    ] * 2
    text = text_of(written(office)[-1])
    assert "Bước xử lý, yêu cầu bổ sung quá hạn bạn đang giữ (1):\n- " in text
    assert f"- {code} · bước {step.name}; " in text
    assert "trả lời" not in text.replace("không trả lời thư này", "")
    assert [own(name) for name in ("clerk", "clerk2", "supervisor")] == [[(code, step.name)], [], []]
    assert (
        alert_board.get_board(
            office.session, actor=office.person("supervisor"), now=office.now, chosen=BoardFilter()
        ).page.rows
        == []
    )
    office.act("assign", code, officer_id=office.person("officer").account_id)
    office.act("start", code)
    assert [one.split(" ", 1)[1] for one in told()] == [
        "soon 1 gone",
        "today gone",
        "late 1 gone",
        "overdue gone",
        "late 3 gone",
    ]
    assert own("clerk") == []


def test_missed_days_of_steps_are_judged_by_where_a_dossier_was_then(office: Any) -> None:
    office.stand("03/06")
    office.sweep()
    code = office.receive(2)
    office.stand("05/06")
    office.act("assign", code, officer_id=office.person("officer").account_id)
    office.act("start", code)
    office.stand("07/06")
    office.sweep()
    office.session.rollback()
    rows = select(Alert).where(Alert.subject_kind == SubjectKind.STEP).order_by(Alert.id)
    assert [in_brief(row) for row in office.session.scalars(rows)] == ["04/06 today gone"]


def test_an_alert_is_new_until_one_looks_and_gone_when_the_date_moves(office: Any) -> None:
    late, soon = ready(office)

    def new(name: str) -> int:
        office.session.rollback()
        return own_alerts.count_new(office.session, actor=office.person(name), today=office.today)

    assert [new(name) for name in ("officer", "officer2", "supervisor", "clerk2", "admin")] == [1, 1, 1, 0, 0]
    page = own_alerts.look_at_own_alerts(office.session, actor=office.person("officer"), now=office.now)
    assert [(row.code, row.new) for row in page.rows] == [(late, True)]
    assert [new("officer"), new("supervisor")] == [0, 1]
    page = own_alerts.look_at_own_alerts(office.session, actor=office.person("officer"), now=office.now)
    assert [(row.code, row.new) for row in page.rows] == [(late, False)]
    # The one waits for papers before its date has come, the other has ended: both alerts are withdrawn.
    office.stand("18/06 10:00")
    office.act("request_supplement", soon)
    office.act("resolve", late)
    assert [new("officer2"), new("supervisor")] == [0, 0]


def test_applicants_are_told_where_the_office_wants_it(office: Any) -> None:
    owner = ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 12", email="dn12@vidu.vn")
    office.stand("10/06")
    office.receive(37, applicant=owner)
    assert written(office) == [], "not until it is switched on"
    change_setting(office, TELL_APPLICANTS, YES)
    code = office.receive(37, applicant=owner)
    office.receive(37, firm="Doanh nghiệp 13")
    office.stand("11/06")
    office.act("request_supplement", code)
    office.stand("13/06")
    office.act("receive_supplement", code)
    office.act("resolve", code)
    rows = written(office)
    assert [row.kind for row in rows] == ["received", "supplement", "date_moved", "ready"]
    assert {row.recipient_ref for row in rows} == {f"applicant:{office.dossier(code).applicant_id}"}
    told = [text_of(row) for row in rows]
    assert all(code in text and "Doanh nghiệp" not in text for text in told)
    assert "Ngày hẹn trả kết quả: 17/06/2024." in told[0]
    assert f"nay là {office.dossier(code).due_on:%d/%m/%Y}." in told[2]
