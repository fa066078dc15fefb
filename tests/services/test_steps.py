"""Steps of dossiers: laid out at intake, dated with the dossier, handed on, taken and sent back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.calendar_desk import change_calendar
from tests.services.test_corrections import correct
from tthc.db.models import DueDateRow, Step, StepMove
from tthc.db.queries import alert_candidates
from tthc.db.queries import steps as queries
from tthc.domain.alerts import thresholds
from tthc.domain.calendar import CalendarDay, office_time
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.steps import StepPlan
from tthc.domain.vocabulary import DayKind, DomainError, LimitUnit, MoveKind, Role, SubjectKind
from tthc.services import extensions, steps, workflows
from tthc.services.calendar import load_rules
from tthc.services.transaction import StaleVersion


def told(office: Any, code: str) -> list[tuple[str, str, str, str]]:
    """(name, state, due, holder) of the steps."""
    found = []
    for row in office.view(code).steps.rows:
        state = "đang" if row.open else "xong" if row.ended_at else "chưa"
        due = f"{office_time(row.due_at):%d/%m %H:%M}" if row.due_at and not row.planned else ""
        found.append((row.name, state, due, row.holder))
    return found


def open_due(office: Any, code: str) -> str:
    step = office.session.scalars(
        select(Step).where(Step.dossier_id == office.dossier(code).id, *queries.OPEN)
    ).one()
    return f"{step.due_on:%d/%m}"


def late(office: Any, on: str, after: Any = None) -> list[tuple[int, int, date]]:
    """(step, date of it, due) of what the sweep of a day finds late."""
    day = office.on(on)
    working = load_rules(office.session, 1, day).calendar
    source = alert_candidates.steps(alert_candidates.View(1, day, None))
    found = alert_candidates.find(
        office.session, source, thresholds(day, working, notices=()), after=after, limit=9
    )
    return [(row.subject_id, row.due_date_id, row.due_on) for row in found]


def moves(office: Any, code: str) -> list[MoveKind]:
    rows = office.session.scalars(
        select(StepMove.kind).where(StepMove.dossier_id == office.dossier(code).id).order_by(StepMove.seq)
    )
    return list(rows)


def hand_on(office: Any, code: str, *, by: str, to: str, note: str = "") -> None:
    steps.hand_on(
        office.session, call=office.call(code, by), taker_id=office.person(to).account_id, note=note
    )


def names(office: Any) -> dict[str, str]:
    return {name: office.person(name).name for name in ("clerk", "officer", "supervisor")}


def test_a_dossier_goes_through_its_steps_and_the_list_says_where_it_is(office: Any) -> None:
    office.stand("10/06 09:00")
    code = office.receive(37)
    who = names(office)
    # 05 working days, due on Mon 17/06: a day to take in, two to appraise, a day each to sign and give out.
    assert told(office, code) == [
        ("Tiếp nhận", "đang", "11/06 17:00", who["clerk"]),
        ("Thẩm định", "chưa", "", ""),
        ("Trình ký", "chưa", "", ""),
        ("Trả kết quả", "chưa", "", ""),
    ]
    assert [row.planned for row in office.view(code).steps.rows] == [False, True, True, True]
    assert office.listed()[0].step == "Tiếp nhận"
    office.stand("11/06 09:00")
    hand_on(office, code, by="clerk", to="officer", note="Đủ giấy tờ")
    dossier = office.dossier(code)
    assert dossier.state.value == "processing"
    assert dossier.officer_id == office.person("officer").account_id
    assert office.kinds(code) == ["receive", "assign", "start"]
    assert open_due(office, code) == "13/06"
    row = office.listed()[0]
    assert (row.step, row.holder, row.step_due_on) == ("Thẩm định", who["officer"], office.on("13/06"))
    with pytest.raises(DomainError, match="chỉ người này hoặc lãnh đạo"):
        hand_on(office, code, by="clerk", to="supervisor")
    with pytest.raises(DomainError, match="Chọn người nhận bước “Trình ký”"):
        hand_on(office, code, by="officer", to="clerk")
    seen = office.call(code, "officer")
    hand_on(office, code, by="officer", to="supervisor")
    with pytest.raises(StaleVersion):
        steps.send_back(office.session, call=seen, reason="Cũ")
    assert [row.code for row in office.listed(by="supervisor", bucket="mine")] == [code]
    steps.send_back(office.session, call=office.call(code, "supervisor"), reason="Thiếu tờ trình")
    assert told(office, code)[1] == ("Thẩm định", "đang", "13/06 17:00", who["officer"])
    hand_on(office, code, by="officer", to="supervisor")
    steps.take_back(office.session, call=office.call(code, "officer"))
    with pytest.raises(DomainError, match="Chỉ thu hồi được ngay sau khi chuyển bước"):
        steps.take_back(office.session, call=office.call(code, "officer"))
    hand_on(office, code, by="officer", to="supervisor")
    office.act("resolve", code)
    assert [(name, state) for name, state, _, _ in told(office, code)][2:] == [
        ("Trình ký", "xong"),
        ("Trả kết quả", "đang"),
    ]
    with pytest.raises(DomainError, match="đã kết thúc giải quyết"):
        hand_on(office, code, by="supervisor", to="clerk")
    office.act("hand_over", code)
    assert {state for _, state, _, _ in told(office, code)} == {"xong"}
    assert moves(office, code) == [
        MoveKind.BEGUN,
        MoveKind.HANDED_ON,
        MoveKind.HANDED_ON,
        MoveKind.SENT_BACK,
        MoveKind.HANDED_ON,
        MoveKind.TAKEN_BACK,
        MoveKind.HANDED_ON,
        MoveKind.HANDED_ON,
        MoveKind.FINISHED,
    ]
    office.act("reopen", code)
    assert [(name, state) for name, state, _, _ in told(office, code)] == [
        ("Tiếp nhận", "xong"),
        ("Thẩm định", "đang"),
        ("Trình ký", "chưa"),
        ("Trả kết quả", "chưa"),
    ]


def test_dates_of_steps_follow_the_dossier(office: Any) -> None:
    office.stand("10/06 09:00")
    code = office.receive(41)  # 07 working days: 1 + 4 + 1 + 1, due on Wed 19/06
    hand_on(office, code, by="clerk", to="officer")
    assert open_due(office, code) == "14/06"
    # A stand of the clock from Tue 11/06 10:00 to Thu 13/06 15:00 skips two working days.
    office.stand("11/06 10:00")
    office.act("pause", code)
    assert late(office, "20/06") == []
    office.stand("13/06 15:00")
    office.act("resume", code)
    assert open_due(office, code) == "18/06"
    # A new day off moves both; the dates before stay on record.
    day = CalendarDay(office.on("17/06"), DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB")
    made = change_calendar(office, CalendarChange(days=(day,)))
    assert made.moved == 1, made
    assert (office.dossier(code).due_on, open_due(office, code)) == (office.on("24/06"), "19/06")
    # An extension by two working days gives the open step two more.
    extensions.propose_extension(
        office.session,
        call=office.call(code, "officer"),
        new_due_on=office.on("26/06"),
        reason="Chờ ý kiến",
        override_reason="",
    )
    extensions.approve_extension(office.session, call=office.call(code, "supervisor"))
    assert (office.dossier(code).due_on, open_due(office, code)) == (office.on("26/06"), "21/06")
    step = office.session.scalars(select(Step).where(*queries.OPEN)).one()
    rows = office.session.scalars(
        select(DueDateRow)
        .where(DueDateRow.subject_kind == SubjectKind.STEP, DueDateRow.subject_id == step.id)
        .order_by(DueDateRow.no)
    ).all()
    assert [(f"{row.due_on:%d/%m}", row.cause.value) for row in rows] == [
        ("14/06", "intake"),
        ("18/06", "pause"),
        ("19/06", "calendar"),
        ("21/06", "extension"),
    ]
    assert rows[-1].id == step.due_date_id
    assert late(office, "30/06") == [(step.id, step.due_date_id, step.due_on)]
    assert late(office, "30/06", after=(step.due_on, step.id)) == []


def test_a_supplement_that_restarts_the_clock_restarts_the_step(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06 09:00")
    code = office.receive(41)
    hand_on(office, code, by="clerk", to="officer")
    office.act("request_supplement", code)
    office.stand("17/06 10:00")
    office.act("receive_supplement", code)
    # 4 working days after Mon 17/06.
    assert (office.dossier(code).due_on, open_due(office, code)) == (office.on("26/06"), "21/06")


def test_a_correction_of_the_procedure_before_anybody_handed_on_lays_the_steps_anew(
    sqlite_office: Any,
) -> None:
    office = sqlite_office
    office.stand("10/06 09:00")
    code = office.receive(37)
    correct(office, code, local_no=41)
    limits = [row.limit_label for row in office.view(code).steps.rows]
    assert limits == ["01 ngày làm việc", "04 ngày làm việc", "01 ngày làm việc", "01 ngày làm việc"]


def test_the_workflow_of_a_version_holds_for_what_is_received_from_then_on(office: Any) -> None:
    office.stand("10/06 09:00")
    before = office.receive(37)
    view = office.view(before)
    version_id = office.dossier(before).version_id
    admin = office.person("admin")
    shown = workflows.get_workflow(
        office.session, actor=admin, on=office.today, local_no=37, version_id=version_id
    )
    assert not shown.entered
    assert [step.amount for step in shown.steps] == [1, 2, 1, 1]
    wanted = [
        StepPlan(" Tiếp nhận ", Role.CLERK, 4, LimitUnit.HOUR),
        StepPlan("Thẩm định, trình ký", Role.OFFICER, 9, LimitUnit.WORKING_DAY),
    ]
    arguments = {"now": office.now, "actor": admin, "local_no": 37, "version_id": version_id}
    workflows.change_workflow(office.session, **arguments, seen=shown.seen, steps=wanted)
    with pytest.raises(StaleVersion):
        workflows.change_workflow(office.session, **arguments, seen=shown.seen, steps=[])
    after = office.receive(37)
    rows = office.view(after).steps.rows
    assert [(row.name, f"{office_time(row.due_at):%d/%m %H:%M}") for row in rows] == [
        ("Tiếp nhận", "10/06 15:00"),
        ("Thẩm định, trình ký", "17/06 17:00"),
    ]
    assert office.view(before).steps.rows == view.steps.rows
    shown = workflows.get_workflow(
        office.session, actor=admin, on=office.today, local_no=37, version_id=version_id
    )
    assert (shown.entered, shown.steps[0].name) == (True, "Tiếp nhận")
