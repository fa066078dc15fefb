"""The rules by which the office counts: each holds from its date on, and stays with every promise made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.services.calendar_desk import change_calendar
from tests.services.conftest import Office
from tthc.db.models import AuditEntry, DueDateRow, DuePolicyRow
from tthc.domain.calendar import CalendarDay, WorkingHours
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.counting_rules import CountingRule
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DayKind, DomainError, DueAtMode, SubjectKind
from tthc.services import audit, counting_rules, explanations
from tthc.services.dossier_views import DossierView


def slip_in(office: Office, valid_from: date | None, **changes: Any) -> int:
    """A row entered behind the program's back, for a date on which dossiers were received."""
    row = DuePolicyRow(
        **{
            "unit_id": 1,
            "hours_json": [["07:00", "11:00"], ["13:00", "16:00"]],
            "cutoff": time(9, 0),
            "shift_after_hours": True,
            "due_at_mode": DueAtMode.CLOCK_TIME,
            "count_worked_saturday": False,
            "valid_from": valid_from,
            "recorded_at": office.now,
            **changes,
        }
    )
    office.session.add(row)
    office.session.commit()
    return row.id


def told(office: Office, code: str) -> tuple[DossierView, bytes]:
    """All that the office says about a promise: the page, and the paper byte by byte."""
    paper = explanations.explanation_paper(
        office.session, now=office.now, actor=office.person("clerk"), code=code
    )
    return office.view(code), paper


def test_a_promise_is_explained_by_the_rule_that_it_was_made_under(office: Office) -> None:
    # Passes the worked Saturday 04/05/2024, and comes after the cut-off of the rule below.
    office.stand("24/04/2024 09:30")
    code = office.receive(37)
    assert office.dossier(code).due_on == date(2024, 5, 4)
    before = told(office, code)
    slip_in(office, date(2024, 4, 1))
    assert told(office, code) == before
    # It does hold for what comes in now.
    newer = office.receive(37)
    assert office.dossier(newer).due_on == date(2024, 5, 7)


def test_a_calendar_change_reckons_by_the_rule_of_the_promise(office: Office) -> None:
    office.stand("18/11/2026 09:30")
    code = office.receive(37)
    policy_id = office.session.scalars(
        select(DueDateRow.policy_id).where(DueDateRow.subject_kind == SubjectKind.DOSSIER)
    ).one()
    slip_in(office, date(2026, 11, 1))
    monday = CalendarDay(date(2026, 11, 23), DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB")
    change_calendar(office, CalendarChange(days=(monday,)))
    # 19, 20, 25, 26, 27; by the other rule counting would have begun on 19/11.
    assert office.dossier(code).due_on == date(2026, 11, 27)
    assert set(office.session.scalars(select(DueDateRow.policy_id))) == {policy_id}


# --- entering a rule ----------------------------------------------------------------------------------

USUAL = CountingRule(WorkingHours())
EARLY_HOURS = CountingRule(WorkingHours(((time(7), time(11, 30)), (time(13), time(16, 30)))))
NO_SATURDAY = CountingRule(WorkingHours(), count_worked_saturday=False)


def view(office: Office, by: str = "auditor", **more: Any) -> counting_rules.RulesView:
    return counting_rules.get_rules(office.session, actor=office.person(by), today=office.today, **more)


def newest_id(office: Office) -> int:
    """The rule that was entered last."""
    return max(row.id for row in view(office).history.rows)


def enter(office: Office, rule: CountingRule, valid_from: str, by: str = "admin", **more: Any) -> int:
    arguments: dict[str, Any] = {
        "reason": "Quyết định 12/QĐ-BQL",
        "newest_id": newest_id(office),
        **more,
    }
    return counting_rules.change_rule(
        office.session,
        now=office.now,
        actor=office.person(by),
        rule=rule,
        valid_from=office.on(valid_from),
        **arguments,
    )


def look(
    office: Office, rule: CountingRule, valid_from: str, by: str = "supervisor"
) -> counting_rules.RulePreview:
    return counting_rules.preview_rule(
        office.session, now=office.now, actor=office.person(by), rule=rule, valid_from=office.on(valid_from)
    )


def test_a_new_rule_moves_no_dossier_and_holds_for_what_comes_in_from_its_date(office: Office) -> None:
    office.stand("24/04/2024 09:30")
    codes = [office.receive(2), office.receive(37)]
    before = [told(office, code) for code in codes]
    enter(office, CountingRule(WorkingHours(), cutoff=time(9), count_worked_saturday=False), "25/04/2024")
    assert [told(office, code) for code in codes] == before
    # The rest of the day still counts as it did.
    late = office.receive(37)
    assert office.dossier(late).due_on == date(2024, 5, 4)
    office.stand("25/04/2024 09:30")
    assert office.view(codes[1]).explanation == before[1][0].explanation
    newer = office.dossier(office.receive(37))
    # As received on 26/04; 02, 03, 06, 07, 08/05, without the worked Saturday 04/05.
    assert (newer.clock_start_on, newer.due_on) == (date(2024, 4, 26), date(2024, 5, 8))


def test_a_late_entry_is_counted_by_the_rule_of_its_receipt(office: Office) -> None:
    office.stand("24/04/2024 09:30")
    enter(office, NO_SATURDAY, "25/04/2024")
    office.stand("26/04/2024 09:30")
    code = office.receive(37, received_at=office.at("24/04/2024 10:00"))
    assert office.dossier(code).due_on == date(2024, 5, 4)


def test_a_promise_that_is_counted_anew_keeps_its_rule(office: Office) -> None:
    office.stand("24/04/2024 09:30")
    code = office.receive(37)
    enter(office, NO_SATURDAY, "25/04/2024")
    office.stand("25/04/2024 09:30")
    office.act("pause", code)
    office.stand("26/04/2024 09:30")
    office.act("resume", code)
    # 25/04 is skipped: 26/04, 02, 03, 04 (worked), 06/05.
    assert office.dossier(code).due_on == date(2024, 5, 6)


@pytest.mark.parametrize("entered", [False, True])
@pytest.mark.parametrize(
    "rule",
    [
        CountingRule(EARLY_HOURS.hours, cutoff=time(15), count_worked_saturday=False),
        CountingRule(WorkingHours(), shift_after_hours=False, due_at_mode=DueAtMode.CLOCK_TIME),
    ],
)
def test_the_preview_is_what_intake_then_gives(office: Office, rule: CountingRule, entered: bool) -> None:
    office.stand("16/04/2024 10:20")
    office.receive(37)
    preview = look(office, rule, "17/04/2024")
    assert (preview.until, preview.obstacle) == (None, "")
    assert preview.changes == rule.differences(USUAL)
    if entered:
        enter(office, rule, "17/04/2024")
    found = [one for one in preview.trials if one.limit.label == "05 ngày làm việc"]
    for one in found:
        office.clock.moment = one.sample.received_at
        wanted = one.new if entered else one.old
        assert wanted is not None
        assert office.dossier(office.receive(37)).due_at == wanted.due_at, one.sample
    assert found[-1].sample.note == "trước thứ Bảy làm bù 04/05/2024"
    assert any(one.differs for one in found)


def test_a_rule_is_not_entered_for_dates_on_which_dossiers_were_received(office: Office) -> None:
    office.stand("12/06/2024 09:30")
    # Nothing was received yet: even the past is free.
    enter(office, EARLY_HOURS, "01/01/2024")
    assert (view(office).proposed_from, view(office).first_free) == (date(2024, 6, 13), None)
    office.receive(37)
    office.stand("14/06/2024 09:30")
    assert view(office).first_free == date(2024, 6, 13)
    for on in ("12/06/2024", "01/01/2024", "31/12/2015"):
        for act in (look, enter):
            with pytest.raises(DomainError, match="từ 13/06/2024 trở đi") as refusal:
                act(office, NO_SATURDAY, on)
            assert refusal.value.field == "valid_from"
    look(office, NO_SATURDAY, "13/06/2024")
    enter(office, NO_SATURDAY, "13/06/2024")
    late = office.receive(37, received_at=office.at("13/06/2024 10:00"))
    promise = office.session.get_one(DueDateRow, office.dossier(late).due_date_id)
    assert promise.policy_id == view(office).today.id


@pytest.mark.parametrize(
    ("rule", "more", "field"),
    [
        (CountingRule(WorkingHours(), cutoff=time(12)), {}, "cutoff"),
        (CountingRule(WorkingHours(), cutoff=time(15), shift_after_hours=False), {}, "cutoff"),
        (EARLY_HOURS, {"reason": " \n"}, "reason"),
        (USUAL, {}, None),
        (EARLY_HOURS, {"newest_id": 0}, None),
    ],
)
def test_what_makes_no_rule_is_refused_and_nothing_kept(
    sqlite_office: Office, rule: CountingRule, more: dict[str, Any], field: str | None
) -> None:
    before = sqlite_office.everything()
    with pytest.raises(DomainError) as refusal:
        enter(sqlite_office, rule, "20/06/2024", **more)
    assert refusal.value.field == field
    assert sqlite_office.everything() == before


def test_only_the_head_and_the_administrator_enter_rules(sqlite_office: Office) -> None:
    for role in ("clerk", "officer", "reporter", "auditor"):
        with pytest.raises(NotAllowed):
            enter(sqlite_office, EARLY_HOURS, "20/06/2024", by=role)
        with pytest.raises(NotAllowed):
            look(sqlite_office, EARLY_HOURS, "20/06/2024", by=role)
    for role in ("clerk", "officer"):
        with pytest.raises(NotAllowed):
            view(sqlite_office, by=role)
    enter(sqlite_office, EARLY_HOURS, "20/06/2024", by="supervisor")
    enter(sqlite_office, NO_SATURDAY, "20/06/2024", by="admin")


def test_the_history_tells_who_when_from_when_what_and_why(office: Office) -> None:
    first = enter(office, EARLY_HOURS, "01/07/2024")
    office.stand("17/06/2024 10:00")
    second = enter(office, NO_SATURDAY, "01/07/2024", by="supervisor", reason="Thay quyết định 12")
    third = enter(office, CountingRule(WorkingHours(), cutoff=time(15)), "20/06/2024")
    preview = look(office, CountingRule(WorkingHours(), cutoff=time(16)), "25/06/2024")
    assert preview.until == date(2024, 6, 30)
    assert preview.changes == (("Giờ chốt tiếp nhận trong ngày", "15:00", "16:00"),)

    seen = view(office)
    assert (preview.newest_id, seen.history.total) == (third, 4)
    assert [(one.id, one.valid_from, one.standing) for one in seen.history.rows] == [
        (third, date(2024, 6, 20), "sắp áp dụng"),
        (second, date(2024, 7, 1), "sắp áp dụng"),
        (first, date(2024, 7, 1), "được thay bằng lần ghi sau cho cùng ngày áp dụng"),
        (1, None, "đang áp dụng"),
    ]
    assert [one.id for one in seen.coming] == [third, second]
    newest, replaced, _, seeded = seen.history.rows
    # Each is told against what would have held on its date without it.
    assert newest.changes == (("Giờ chốt tiếp nhận trong ngày", "không có", "15:00"),)
    assert [what for what, _, _ in replaced.changes] == ["Giờ làm việc", "Thứ Bảy làm bù"]
    assert (replaced.by, replaced.recorded_at, replaced.reason) == (
        "Lãnh đạo 01",
        office.at("17/06/2024 10:00"),
        "Thay quyết định 12",
    )
    assert (seeded.by, seeded.changes, seeded.reason) == ("Hệ thống", (), "")

    office.stand("02/07/2024 10:00")
    assert [one.standing for one in view(office).history.rows] == [
        "áp dụng đến hết 30/06/2024",
        "đang áp dụng",
        "được thay bằng lần ghi sau cho cùng ngày áp dụng",
        "áp dụng đến hết 19/06/2024",
    ]
    assert view(office).today.rule == NO_SATURDAY
    assert view(office).coming == []


def test_the_history_is_paged(sqlite_office: Office, counting: Callable[..., Any]) -> None:
    for number in range(52):
        enter(sqlite_office, CountingRule(WorkingHours(), cutoff=time(14, number)), "01/07/2024")
    assert [len(view(sqlite_office, page=number).history.rows) for number in (1, 2, 3)] == [50, 3, 0]
    with counting(sqlite_office.session) as statements:
        view(sqlite_office)
    assert len(statements) <= 6


def test_a_change_stands_in_the_audit_chain(office: Office) -> None:
    row_id = enter(office, NO_SATURDAY, "20/06/2024")
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.subject) == ("change_counting_rule", f"due_policy:{row_id}")
    assert entry.actor_id == office.person("admin").account_id
    assert entry.detail_json == {
        "valid_from": "2024-06-20",
        "changes": [["Thứ Bảy làm bù", "tính là ngày làm việc", "không tính vào thời hạn"]],
        "reason": "Quyết định 12/QĐ-BQL",
    }
    assert audit.verify(office.session, 1)


def test_of_two_people_at_once_the_second_looks_again(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    newest = look(office, EARLY_HOURS, "20/06/2024").newest_id
    with sessions() as other:
        enter(
            Office(other, office.clock, office.person, office.vault),
            EARLY_HOURS,
            "20/06/2024",
            newest_id=newest,
        )
    with pytest.raises(counting_rules.RulesMoved):
        enter(office, NO_SATURDAY, "20/06/2024", newest_id=newest)


def test_where_the_calendar_ends_nothing_is_tried(sqlite_office: Office) -> None:
    preview = look(sqlite_office, NO_SATURDAY, "03/01/2033")
    assert preview.trials == ()
    assert "năm 2033" in preview.obstacle
