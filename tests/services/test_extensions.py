"""Extension and re-appointment: two people, one time, a letter before the day (domain.md 4.7–4.9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.services.calendar_desk import change_calendar, look
from tests.services.dossier_desk import promises, received
from tthc.db.models import Alert, DossierSpan, Extension, LimitSegmentRow, ProcedureCase
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.permissions import NotAllowed, system_actor
from tthc.domain.vocabulary import (
    DayKind,
    DomainError,
    DueCause,
    EventKind,
    LimitUnit,
    Outcome,
    SupplementMode,
    Timeliness,
)
from tthc.services import extensions
from tthc.services.dossiers import Call
from tthc.services.transaction import StaleVersion


def propose(office: Any, code: str, new: str = "21/06", by: str = "officer", **more: Any) -> None:
    extensions.propose_extension(
        office.session,
        call=office.call(code, by, more.pop("occurred", None)),
        new_due_on=office.on(new),
        reason=more.pop("reason", "Chờ ý kiến của cơ quan phối hợp"),
        **more,
    )


def approve(office: Any, code: str, by: str = "supervisor", occurred: str | None = None) -> None:
    extensions.approve_extension(office.session, call=office.call(code, by, occurred))


def refuse(office: Any, code: str, by: str = "supervisor", reason: str = "Còn đủ thời gian") -> None:
    extensions.refuse_extension(office.session, call=office.call(code, by), reason=reason)


def extend(office: Any, code: str, new: str = "21/06", **more: Any) -> None:
    propose(office, code, new, **more)
    approve(office, code)


def dates(office: Any, code: str) -> tuple[str, str, str]:
    """The date that counts, the first, and the one that was told last."""
    dossier = office.dossier(code)
    return tuple(  # type: ignore[return-value]
        f"{on:%d/%m}" for on in (dossier.due_on, dossier.first_due_on, dossier.appointment_on)
    )


def stored(office: Any) -> Extension:
    office.session.rollback()
    return office.session.scalars(select(Extension).order_by(Extension.id.desc())).first()


# --- the way of an extension --------------------------------------------------------------------------


def test_proposed_by_one_approved_by_another(office: Any) -> None:
    code = received(office)
    office.stand("12/06 10:00")
    propose(office, code)
    assert dates(office, code) == ("17/06", "17/06", "17/06"), "a proposal promises nothing"
    office.stand("13/06 15:00")
    approve(office, code)
    assert dates(office, code) == ("21/06", "17/06", "21/06")
    assert promises(office, code) == [(DueCause.INTAKE, "17/06"), (DueCause.EXTENSION, "21/06")]
    row = stored(office)
    assert (row.former_due_on, row.letter_on, row.in_time) == (office.on("17/06"), office.on("13/06"), True)
    assert (row.proposed_by, row.approved_by) == (3, 5)
    assert row.due_date_id == office.dossier(code).due_date_id
    assert office.kinds(code) == ["receive", "propose_extension", "extend"]
    view = office.view(code)
    assert view.explanation[-1].date == office.on("21/06")
    assert sum(day.counted for day in view.explanation) == 5 + 4
    assert view.explanation[-1].reason.endswith("gia hạn")
    assert view.explanation_note == ""
    assert [promise.in_force for promise in view.promises] == [False, True]
    assert view.extensions[0].approved_by == "Lãnh đạo 01"


def test_an_extended_dossier_is_on_time_against_the_letter_and_late_against_the_first_date(
    office: Any,
) -> None:
    code = received(office)
    extend(office, code)
    office.stand("20/06 10:00")
    office.act("resolve", code)
    row = office.view(code).row
    assert row.timeliness is Timeliness.EARLY
    span = office.session.scalars(
        select(DossierSpan).where(DossierSpan.known_to.is_(None), DossierSpan.valid_to.is_(None))
    ).one()
    assert (span.due_on, span.first_due_on) == (office.on("21/06"), office.on("17/06"))


def test_refused_it_leaves_the_date_and_may_be_proposed_again(office: Any) -> None:
    code = received(office)
    propose(office, code)
    with pytest.raises(DomainError, match="lý do không đồng ý") as refusal:
        refuse(office, code, reason="  ")
    assert refusal.value.field == "reason"
    refuse(office, code)
    assert dates(office, code) == ("17/06", "17/06", "17/06")
    assert (stored(office).approved_by, stored(office).in_time) == (None, None)
    propose(office, code, "20/06")
    approve(office, code)
    assert dates(office, code)[0] == "20/06"


# --- four eyes ----------------------------------------------------------------------------------------


def test_nobody_approves_an_own_proposal(office: Any) -> None:
    code = received(office)
    propose(office, code, by="supervisor")
    assert EventKind.EXTEND not in {action.kind for action in office.view(code, by="supervisor").actions}
    assert EventKind.EXTEND in {action.kind for action in office.view(code, by="supervisor2").actions}
    before = office.everything()
    with pytest.raises(DomainError, match="không được tự duyệt"):
        approve(office, code, by="supervisor")
    assert office.everything() == before
    approve(office, code, by="supervisor2")
    assert dates(office, code)[0] == "21/06"


def test_the_database_refuses_one_pair_of_eyes(office: Any) -> None:
    code = received(office)
    propose(office, code, by="supervisor")
    stored(office).approved_by = 5
    with pytest.raises(IntegrityError):
        office.session.flush()
    office.session.rollback()


def test_the_system_neither_proposes_nor_approves(office: Any) -> None:
    code = received(office)
    call = Call(office.now, system_actor(1), code, 1)
    with pytest.raises(DomainError, match="người có tài khoản"):
        extensions.propose_extension(
            office.session, call=call, new_due_on=office.on("21/06"), reason="Chờ ý kiến"
        )
    propose(office, code)
    with pytest.raises(DomainError, match="cần một lãnh đạo khác"):
        extensions.approve_extension(office.session, call=Call(office.now, system_actor(1), code, 2))


@pytest.mark.parametrize("role", ["clerk", "officer", "reporter", "admin", "auditor"])
def test_only_supervisors_decide(sqlite_office: Any, role: str) -> None:
    office = sqlite_office
    code = received(office)
    propose(office, code, by="officer2")
    for decide in (approve, refuse):
        with pytest.raises(NotAllowed):
            decide(office, code, by=role)


@pytest.mark.parametrize("role", ["reporter", "admin", "auditor"])
def test_who_does_not_work_on_dossiers_proposes_nothing(sqlite_office: Any, role: str) -> None:
    code = received(sqlite_office)
    with pytest.raises(NotAllowed):
        propose(sqlite_office, code, by=role)


# --- which date ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("17/06", "phải sau ngày hẹn đang áp dụng \\(17/06/2024\\)"),
        ("14/06", "phải sau ngày hẹn đang áp dụng"),
        ("22/06", "Thứ Bảy 22/06/2024 không phải ngày làm việc"),
        ("02/09", "không phải ngày làm việc"),
    ],
)
def test_a_new_date_is_a_working_day_after_the_one_in_force(sqlite_office: Any, new: str, words: str) -> None:
    code = received(sqlite_office)
    with pytest.raises(DomainError, match=words) as refusal:
        propose(sqlite_office, code, new)
    assert refusal.value.field == "new_due_on"


def test_a_date_that_has_passed_since_cannot_be_approved(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    propose(office, code, "18/06")
    office.stand("18/06 08:00")
    with pytest.raises(DomainError, match="sau hôm nay"):
        approve(office, code)


def test_of_the_letter_the_day_of_approval_counts(office: Any) -> None:
    """Approved on the due date: the new date is told, the old one counts."""
    code = received(office)
    propose(office, code)
    office.stand("17/06 08:00")
    due_date_id = office.dossier(code).due_date_id
    approve(office, code)
    assert dates(office, code) == ("17/06", "17/06", "21/06")
    assert promises(office, code)[-1] == (DueCause.EXTENSION, "21/06")
    assert office.dossier(code).due_date_id == due_date_id
    assert stored(office).in_time is False
    view = office.view(code)
    assert [promise.in_force for promise in view.promises] == [True, False]
    assert view.explanation[-1].date == office.on("17/06")
    office.stand("18/06 08:00")
    assert office.view(code).row.standing.value == "overdue"
    office.act("resolve", code)
    assert office.view(code).row.timeliness is Timeliness.LATE


def test_an_approval_on_paper_the_day_before_is_entered_a_day_later(office: Any) -> None:
    code = received(office)
    propose(office, code)
    office.stand("17/06 08:00")
    approve(office, code, occurred="14/06 16:00")
    assert stored(office).letter_on == office.on("14/06")
    assert dates(office, code)[0] == "21/06"


def test_a_limit_in_hours_is_put_off_to_closing_time(office: Any) -> None:
    case = office.session.get_one(ProcedureCase, office.dossier(received(office)).case_id)
    office.session.execute(
        update(LimitSegmentRow)
        .where(LimitSegmentRow.case_id == case.id)
        .values(amount=8, unit=LimitUnit.HOUR)
    )
    office.session.commit()
    code = received(office)
    assert office.dossier(code).due_at == office.at("11/06 10:00")
    extend(office, code, "20/06")
    assert office.dossier(code).due_at == office.at("20/06 17:00")
    # What is left of Tuesday, six whole days off the weekend, and Thursday itself.
    minutes = sum(day.amount for day in office.view(code).explanation if day.counted)
    assert minutes == 8 * 60 + 300 + 7 * 450


# --- once ---------------------------------------------------------------------------------------------


def test_a_second_extension_needs_a_reason_of_its_own(office: Any) -> None:
    code = received(office)
    extend(office, code, "21/06")
    with pytest.raises(DomainError, match="chỉ được thực hiện một lần") as refusal:
        propose(office, code, "25/06")
    assert refusal.value.field == "override_reason"
    propose(office, code, "25/06", override_reason="Thiên tai")
    approve(office, code)
    assert dates(office, code) == ("25/06", "17/06", "25/06")
    assert stored(office).override_reason == "Thiên tai"
    assert sum(day.counted for day in office.view(code).explanation) == 5 + 6


def test_only_one_proposal_waits_at_a_time(office: Any) -> None:
    code = received(office)
    propose(office, code)
    with pytest.raises(DomainError, match="đang chờ quyết định"):
        propose(office, code, "25/06")
    refuse(office, code)
    with pytest.raises(DomainError, match="Không có đề xuất"):
        approve(office, code)
    with pytest.raises(DomainError, match="Không có đề xuất"):
        refuse(office, code)


def test_a_proposal_ends_with_the_dossier(office: Any) -> None:
    for ending in ("resolve", "withdraw", "stop"):
        code = received(office)
        propose(office, code)
        office.act(ending, code)
        assert stored(office).closed_event_id is not None
        office.act("reopen", code)
        with pytest.raises(DomainError, match="Không có đề xuất"):
            approve(office, code)


def test_an_approval_of_what_has_changed_meanwhile_is_refused(office: Any) -> None:
    code = received(office)
    propose(office, code)
    call = office.call(code)
    office.act("start", code)
    with pytest.raises(StaleVersion):
        extensions.approve_extension(office.session, call=call)


# --- what follows -------------------------------------------------------------------------------------


def test_a_pause_moves_both_dates(office: Any) -> None:
    code = received(office)
    extend(office, code, "21/06")
    office.stand("12/06 10:00")
    office.act("pause", code)
    office.stand("14/06 15:00")
    office.act("resume", code)
    assert dates(office, code) == ("25/06", "19/06", "25/06")


def test_a_pause_before_the_extension_is_counted_once(office: Any) -> None:
    code = received(office)
    office.stand("11/06 10:00")
    office.act("pause", code)
    office.stand("12/06 15:00")
    office.act("resume", code)
    assert dates(office, code) == ("18/06", "18/06", "18/06")
    extend(office, code, "24/06")
    assert dates(office, code) == ("24/06", "18/06", "24/06")
    assert office.view(code).explanation[-1].date == office.on("24/06")


def test_a_restart_forgets_the_extension_and_never_comes_earlier(office: Any) -> None:
    code = received(office)
    extend(office, code, "28/06")
    office.stand("12/06 10:00")
    office.act("request_supplement", code, mode=SupplementMode.RESTART)
    office.stand("13/06 10:00")
    office.act("receive_supplement", code)
    # The limit anew ends on 20/06; what was promised stays.
    assert dates(office, code) == ("28/06", "20/06", "28/06")
    office.act("request_supplement", code, mode=SupplementMode.RESTART, again=True)
    office.stand("25/06 10:00")
    office.act("receive_supplement", code)
    assert dates(office, code) == ("02/07", "02/07", "02/07")


def test_a_pause_after_a_late_letter_does_not_take_back_what_was_told(office: Any) -> None:
    code = received(office)
    propose(office, code, "28/06")
    office.stand("17/06 08:00")
    approve(office, code)
    office.act("pause", code)
    office.stand("18/06 15:00")
    office.act("resume", code)
    assert dates(office, code) == ("18/06", "18/06", "28/06")


def test_nothing_cures_a_passed_date(office: Any) -> None:
    code = received(office)
    office.stand("19/06 08:00")
    extend(office, code, "28/06")
    assert dates(office, code) == ("17/06", "17/06", "28/06")
    assert office.view(code).row.standing.value == "overdue"


def test_the_alert_of_the_old_date_goes_out(office: Any) -> None:
    code = received(office)
    office.stand("14/06 08:00")
    assert office.sweep().raised
    extend(office, code, "28/06")
    open_alerts = select(Alert).where(Alert.withdrawn_at.is_(None), Alert.subject_kind == "dossier")
    assert not office.session.scalars(open_alerts).all()
    office.stand("27/06 08:00")
    office.sweep()
    found = office.session.scalars(open_alerts).all()
    assert {alert.due_date_id for alert in found} == {office.dossier(code).due_date_id}


def test_a_letter_too_late_leaves_the_alert(office: Any) -> None:
    code = received(office)
    office.stand("18/06 08:00")
    office.sweep()
    extend(office, code, "28/06")
    assert office.session.scalars(select(Alert).where(Alert.withdrawn_at.is_(None))).all()


def test_a_new_day_off_leaves_the_letter_alone_unless_it_is_that_day(office: Any) -> None:
    kept, moved = received(office), received(office)
    extend(office, kept, "21/06")
    extend(office, moved, "20/06")
    day = CalendarDay(date(2024, 6, 20), DayKind.HOLIDAY, "Nghỉ theo quyết định", "QĐ-01", True)
    intent = CalendarChange(days=(day,))
    preview = look(office, intent)
    assert [(move.code, f"{move.new_on:%d/%m}") for move in preview.what.moves] == [(moved, "21/06")]
    assert [stay.code for stay in preview.what.given] == [kept]
    change_calendar(office, intent)
    assert dates(office, moved) == ("21/06", "17/06", "21/06")
    assert dates(office, kept) == ("21/06", "17/06", "21/06")


def test_reopened_it_keeps_its_extended_date(office: Any) -> None:
    code = received(office)
    extend(office, code)
    office.act("resolve", code, outcome=Outcome.GRANTED)
    office.act("reopen", code)
    assert dates(office, code) == ("21/06", "17/06", "21/06")
