"""A change of the calendar and the promises that it moves, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.services.calendar_desk import (
    CULTURE_DAY_WORKED,
    NOBODY,
    SWAP,
    change_calendar,
    day_off,
    look,
    moves,
)
from tests.services.conftest import Office
from tthc.db.models import Alert, AuditEntry, CalendarVersion, DueDateRow, EventRow
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange, ChangeRefused
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DayKind, DomainError, DueCause, EventKind, SubjectKind
from tthc.services import audit, calendar_drafts, receipts
from tthc.services.calendar import load_rows, load_rules
from tthc.services.calendar_changes import (
    ALL,
    Choice,
    Recalculation,
    StalePreview,
    Undo,
)
from tthc.services.setup import calendar_checksum


def due(office: Office, code: str) -> str:
    return f"{office.dossier(code).due_on:%d/%m}"


@pytest.fixture
def running(office: Office) -> list[str]:
    """Received 18/11/2026: 05 working days (due 26/11, over the estimated 24/11), and 07 (due 30/11)."""
    office.stand("18/11/2026 09:30")
    codes = [office.receive(37), office.receive(41)]
    office.stand("20/11/2026 09:30")
    assert [due(office, code) for code in codes] == ["26/11", "30/11"]
    return codes


def test_a_swap_moves_what_counts_over_it_and_nothing_else(office: Office, running: list[str]) -> None:
    five, seven = running
    rows = office.everything()
    preview = look(office, SWAP)
    assert moves(preview) == [(five, "26/11", "27/11")]
    [move] = preview.what.moves
    assert (move.officer, move.receipt_on, move.turn, move.restored) == (None, None, "", False)
    assert move.procedure
    assert [day.date.day for day in preview.added] == [23, 28]
    assert (preview.removed, dict(preview.years), preview.what.examined) == ((), {}, 2)
    assert office.everything() == rows

    result = change_calendar(office, SWAP)
    assert (result.moved, result.restored, result.skipped) == (1, 0, 0)
    assert [due(office, code) for code in running] == ["27/11", "30/11"]
    dossier = office.dossier(five)
    promise = office.session.get_one(DueDateRow, dossier.due_date_id)
    assert promise.cause is DueCause.CALENDAR
    assert promise.calendar_version_id == result.version_id
    assert dossier.first_due_on == dossier.due_on
    event = office.session.scalars(
        select(EventRow).where(EventRow.dossier_id == dossier.id).order_by(EventRow.seq.desc())
    ).first()
    assert event is not None
    assert (event.kind, event.reason) == (EventKind.RECALCULATE, "Theo thông báo")
    assert event.action_id
    assert office.kinds(seven) == ["receive"]
    assert look_again_is_refused(office)


def look_again_is_refused(office: Office) -> bool:
    with pytest.raises(ChangeRefused, match="đã có sẵn"):
        look(office, SWAP)
    return True


def test_the_version_says_what_who_when_and_why(office: Office, running: list[str]) -> None:
    result = change_calendar(office, SWAP, reason="  Thông báo 1/TB-BNV  ")
    office.session.rollback()
    version = office.session.get_one(CalendarVersion, result.version_id)
    rows = load_rows(office.session)
    assert rows.version_id == version.id == 2
    assert (version.recorded_at, version.recorded_by) == (office.now, office.person("supervisor").account_id)
    assert version.reason == "Thông báo 1/TB-BNV"
    assert version.checksum == calendar_checksum(rows.days)
    assert version.checksum != calendar_checksum(load_rows(office.session, 1).days)
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject) == ("change_calendar", "calendar_version:2")
    assert entry.detail_json["added"] == ["2026-11-23", "2026-11-28"]
    assert entry.detail_json["moved"] == 1
    assert audit.verify(office.session, 1)


def test_taking_a_day_off_away_moves_nothing_earlier(office: Office, running: list[str]) -> None:
    five, _ = running
    preview = look(office, CULTURE_DAY_WORKED)
    assert moves(preview) == []
    stays = {
        stay.code: (stay.due_on.day, stay.computed_on and stay.computed_on.day) for stay in preview.what.kept
    }
    assert stays == {five: (26, 25), running[1]: (30, 27)}
    assert all("không đưa ngày đã hẹn lên sớm hơn" in stay.reason for stay in preview.what.kept)
    change_calendar(office, CULTURE_DAY_WORKED)
    assert [due(office, code) for code in running] == ["26/11", "30/11"]
    # What is received from now on is counted by the new calendar.
    office.stand("23/11/2026 09:30")
    assert due(office, office.receive(37)) == "30/11"


def test_a_kept_promise_loses_its_mark_but_not_its_date(office: Office, running: list[str]) -> None:
    """The estimated day is gone: the date stands above the computed one, and is no longer provisional."""
    five, _ = running
    assert office.dossier(five).provisional
    result = change_calendar(office, CULTURE_DAY_WORKED)
    dossier = office.dossier(five)
    assert result.marks == 2
    assert (dossier.provisional, dossier.due_on.day, dossier.first_due_on.day) == (False, 26, 26)
    promise = office.session.get_one(DueDateRow, dossier.due_date_id)
    assert promise.computed_due_at is not None
    assert (promise.due_at.day, promise.computed_due_at.day) == (26, 25)
    assert "được giữ nguyên" in office.view(five).explanation_note


def test_undoing_puts_the_dates_back(office: Office, running: list[str]) -> None:
    before = [office.dossier(code).due_at for code in running]
    made = change_calendar(office, SWAP)
    preview = look(office, Undo(made.version_id))
    assert moves(preview) == [(running[0], "27/11", "26/11")]
    assert preview.what.moves[0].restored
    assert preview.title == "Hoàn tác phiên bản 2 của lịch"
    result = change_calendar(office, Undo(made.version_id), reason="Thông báo đã thu hồi")
    assert (result.moved, result.restored) == (1, 1)
    assert [office.dossier(code).due_at for code in running] == before
    assert load_rows(office.session).days == load_rows(office.session, 1).days
    office.session.rollback()
    assert office.session.get_one(CalendarVersion, 3).reason == "Hoàn tác phiên bản 2: Thông báo đã thu hồi"
    # Undoing the undoing is a change like any other.
    change_calendar(office, Undo(result.version_id))
    assert due(office, running[0]) == "27/11"


def test_of_two_moved_only_the_one_without_a_new_receipt_goes_back(
    office: Office, running: list[str]
) -> None:
    five, _ = running
    office.stand("18/11/2026 10:00")
    other = office.receive(37)
    clerk = office.person("clerk")
    receipts.print_receipt(office.session, now=office.now, actor=clerk, code=five)
    receipts.print_receipt(office.session, now=office.now, actor=clerk, code=other)
    office.stand("20/11/2026 09:30")
    assert {move.receipt_on for move in look(office, SWAP).what.moves} == {date(2026, 11, 26)}
    made = change_calendar(office, SWAP)
    receipts.print_receipt(office.session, now=office.now, actor=clerk, code=other)

    preview = look(office, Undo(made.version_id))
    assert moves(preview) == [(five, "27/11", "26/11")]
    [stay] = [stay for stay in preview.what.kept if stay.code == other]
    assert "27/11/2026 đã được in" in stay.reason
    change_calendar(office, Undo(made.version_id))
    assert (due(office, five), due(office, other)) == ("26/11", "27/11")


def test_undoing_the_first_of_two_changes_takes_back_what_it_moved(
    office: Office, running: list[str]
) -> None:
    five, _ = running
    first = change_calendar(office, SWAP)
    change_calendar(office, day_off(date(2026, 11, 26)))
    # 19, 20, 25, 27, 28 (worked Saturday).
    assert due(office, five) == "28/11"
    preview = look(office, Undo(first.version_id))
    # Without the swap: 19, 20, 23, 25, 27.
    assert (five, "28/11", "27/11") in moves(preview)


def test_a_promise_made_since_for_another_reason_is_not_taken_back(
    office: Office, running: list[str]
) -> None:
    five, _ = running
    made = change_calendar(office, day_off(date(2026, 11, 23)))
    office.act("pause", five)
    office.stand("23/11/2026 09:30")
    office.act("resume", five)
    # 19, then 25 on, as Friday and Monday passed in the pause or off: 25, 26, 27, 30.
    assert due(office, five) == "30/11"
    office.session.rollback()
    assert [move.code for move in look(office, Undo(made.version_id)).what.moves] == [running[1]]
    change_calendar(office, Undo(made.version_id))
    assert due(office, five) == "30/11"


def test_undo_is_refused_where_later_versions_built_on_it(office: Office, running: list[str]) -> None:
    made = change_calendar(office, SWAP)
    replaced = replace(SWAP.days[0], name="Nghỉ theo thông báo mới")
    change_calendar(office, CalendarChange(days=(replaced,)))
    with pytest.raises(ChangeRefused, match="23/11/2026 đã được thay đổi tiếp"):
        look(office, Undo(made.version_id))
    change_calendar(office, CalendarChange(removed=(replaced.date,)))
    with pytest.raises(ChangeRefused, match="23/11/2026 đã được thay đổi tiếp"):
        look(office, Undo(made.version_id))
    with pytest.raises(ChangeRefused, match="lịch ban đầu"):
        look(office, Undo(1))
    with pytest.raises(DomainError, match="Không tìm thấy phiên bản 99"):
        look(office, Undo(99))


def test_only_the_chosen_ones_move_and_the_rest_can_follow(office: Office, running: list[str]) -> None:
    five, _ = running
    office.stand("18/11/2026 11:00")
    other = office.receive(37)
    office.stand("20/11/2026 09:30")
    chosen = {office.dossier(five).id, 999_999}
    result = change_calendar(office, SWAP, choice=Choice(everyone=False, chosen=chosen))
    assert (result.moved, result.skipped) == (1, 1)
    assert (due(office, five), due(office, other)) == ("27/11", "26/11")
    # Another change shows what was left behind apart from what it moves itself.
    preview = look(office, day_off(date(2026, 12, 25)))
    assert moves(preview) == []
    assert [move.code for move in preview.what.left_behind] == [other]
    change_calendar(office, day_off(date(2026, 12, 25)))
    assert due(office, other) == "26/11"
    assert moves(look(office, Recalculation())) == [(other, "26/11", "27/11")]
    versions = len(office.session.scalars(select(CalendarVersion.id)).all())
    change_calendar(office, Recalculation())
    assert due(office, other) == "27/11"
    assert len(office.session.scalars(select(CalendarVersion.id)).all()) == versions
    office.session.rollback()
    with pytest.raises(DomainError, match="Không có hồ sơ nào"):
        change_calendar(office, Recalculation())


def test_saved_without_moving_anyone(office: Office, running: list[str]) -> None:
    result = change_calendar(office, SWAP, choice=NOBODY)
    assert (result.moved, result.version_id) == (0, 2)
    assert due(office, running[0]) == "26/11"


def test_an_appointment_from_an_import_stays(office: Office, running: list[str], session: Session) -> None:
    five, _ = running
    dossier = office.dossier(five)
    from tthc.services import history
    from tthc.services.history import Happening
    from tthc.services.transaction import transaction

    with transaction(session):
        history.record(
            session,
            now=office.now,
            actor=office.person("reporter"),
            dossier=session.merge(dossier),
            what=Happening(
                EventKind.SET_APPOINTMENT,
                office.now,
                appointment=office.at("27/11/2026 17:00"),
                imported=True,
            ),
        )
    assert due(office, five) == "27/11"
    preview = look(office, day_off(date(2026, 11, 25)))
    assert moves(preview) == [(running[1], "30/11", "01/12")]
    assert [(stay.code, stay.reason) for stay in preview.what.given] == [
        (five, "Ngày hẹn theo tệp nhập, được giữ nguyên.")
    ]
    # A confirmed estimate takes the mark away and leaves date, cause and first date.
    confirmed = replace(load_day(office, date(2026, 11, 24)), confirmed=True, decision="NQ 28/2026/QH16")
    first = office.dossier(five).first_due_on
    change_calendar(office, CalendarChange(days=(confirmed,)))
    dossier = office.dossier(five)
    assert (due(office, five), dossier.provisional, dossier.first_due_on) == ("27/11", False, first)
    assert session.get_one(DueDateRow, dossier.due_date_id).cause is DueCause.IMPORT


def load_day(office: Office, on: date) -> CalendarDay:
    office.session.rollback()
    return next(day for day in load_rows(office.session).days if day.date == on)


def test_what_ended_never_moves(office: Office, running: list[str]) -> None:
    five, seven = running
    office.act("resolve", five)
    office.act("withdraw", seven)
    assert look(office, SWAP).what.examined == 0
    change_calendar(office, SWAP)
    assert [due(office, code) for code in running] == ["26/11", "30/11"]
    assert office.kinds(five)[-1] == "resolve"


def test_a_waiting_dossier_moves_by_the_same_rules(office: Office, running: list[str]) -> None:
    five, _ = running
    office.act("pause", five)
    assert moves(look(office, SWAP)) == [(five, "26/11", "27/11")]
    change_calendar(office, SWAP)
    assert (due(office, five), office.dossier(five).waiting) == ("27/11", True)


def test_a_restarted_clock_counts_from_the_supplement(office: Office, running: list[str]) -> None:
    five, _ = running
    office.act("request_supplement", five)
    office.stand("20/11/2026 15:00")
    office.act("receive_supplement", five)
    assert due(office, five) == "30/11"
    # From 20/11: 23, 25, 26, 27, 30; with the swap 25, 26, 27, 28, 30: the same day.
    assert five not in [move.code for move in look(office, SWAP).what.moves]
    assert (five, "30/11", "01/12") in moves(look(office, day_off(date(2026, 11, 23))))


def test_confirming_a_year_clears_the_mark(office: Office) -> None:
    office.stand("28/12/2026 09:30")
    code = office.receive(37)
    assert (due(office, code), office.dossier(code).provisional) == ("05/01", True)
    office.session.rollback()
    result = change_calendar(office, CalendarChange(confirmed=((2027, "9999/TB-BNV"),)), by="admin")
    assert (result.moved, result.marks) == (0, 1)
    dossier = office.dossier(code)
    assert (due(office, code), dossier.provisional) == ("05/01", False)
    assert load_day(office, date(2027, 1, 1)).decision == "9999/TB-BNV"
    # And back: an estimate again.
    change_calendar(office, CalendarChange(unconfirmed=(2027,)), by="admin")
    assert office.dossier(code).provisional
    change_calendar(office, Undo(result.version_id + 1), by="admin")
    assert not office.dossier(code).provisional


def test_alerts_follow_the_date(office: Office, running: list[str]) -> None:
    five, _ = running
    office.stand("25/11/2026 09:30")
    office.sweep()
    dossier = office.dossier(five)
    of_it = (Alert.subject_kind == SubjectKind.DOSSIER, Alert.subject_id == dossier.id)
    [old] = office.session.scalars(select(Alert).where(*of_it)).all()
    result = change_calendar(office, SWAP)
    assert result.alerts is not None
    assert result.alerts.raised == {"due_soon": 1}
    dossier = office.dossier(five)
    alerts = office.session.scalars(select(Alert).where(*of_it).order_by(Alert.id)).all()
    assert [(alert.id == old.id, alert.withdrawn_at is None) for alert in alerts] == [
        (True, False),
        (False, True),
    ]
    assert alerts[1].due_date_id == dossier.due_date_id
    change_calendar(office, Undo(result.version_id))
    assert len(office.session.scalars(select(Alert).where(*of_it)).all()) == 3


def test_overdue_becomes_on_time(office: Office, running: list[str]) -> None:
    five, _ = running
    office.stand("27/11/2026 09:30")
    [move] = look(office, SWAP).what.moves
    assert (move.code, move.turn) == (five, "Quá hạn → Trong hạn")


def test_the_calendar_of_the_promise_explains_it(office: Office, running: list[str]) -> None:
    five, _ = running
    change_calendar(office, SWAP, choice=NOBODY)
    assert due(office, five) == "26/11"
    view = office.view(five)
    assert (view.explanation[-1].date.day, view.explanation_note) == (26, "")
    office.session.rollback()
    change_calendar(office, Recalculation())
    assert office.view(five).explanation[-1].date.day == 27
    old = load_rules(office.session, 1, date(2026, 11, 18), calendar_version_id=1).calendar
    new = load_rules(office.session, 1, date(2026, 11, 18)).calendar
    assert (old.is_working_day(date(2026, 11, 23)), new.is_working_day(date(2026, 11, 23))) == (True, False)


def test_a_preview_of_an_older_calendar_is_refused(office: Office, running: list[str]) -> None:
    base = look(office, SWAP).base_version_id
    change_calendar(office, day_off(date(2026, 12, 25)))
    rows = office.everything()
    with pytest.raises(StalePreview, match="người khác thay đổi"):
        change_calendar(office, SWAP, base_version_id=base)
    assert office.everything() == rows


def test_two_at_once(sessions: sessionmaker[Session], office: Office, running: list[str]) -> None:
    base = look(office, SWAP).base_version_id
    office.session.rollback()
    actor = office.person("supervisor")
    tokens = [
        calendar_drafts.prepare_change(office.session, now=office.now, actor=actor, intent=intent)
        for intent in (SWAP, day_off(date(2026, 12, 25)))
    ]
    from concurrent.futures import ThreadPoolExecutor

    def change(token: str) -> str:
        with sessions() as session:
            try:
                calendar_drafts.apply_prepared(
                    session,
                    now=office.now,
                    actor=actor,
                    token=token,
                    base_version_id=base,
                    reason="Cùng lúc",
                    choice=ALL,
                )
            except StalePreview:
                return "stale"
            return "made"

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(change, tokens))
    assert done == ["made", "stale"]
    assert load_rows(office.session).version_id == 2


def test_who_may(office: Office, running: list[str]) -> None:
    for name in ("clerk", "officer", "reporter", "auditor"):
        with pytest.raises(NotAllowed):
            look(office, SWAP, by=name)
        with pytest.raises(NotAllowed):
            change_calendar(office, SWAP, by=name)
    preview = look(office, SWAP, by="admin")
    assert not preview.may_apply
    rows = office.everything()
    for choice in (ALL, NOBODY):
        with pytest.raises(DomainError, match="phải do lãnh đạo áp dụng"):
            change_calendar(office, SWAP, by="admin", choice=choice)
    with pytest.raises(NotAllowed):
        look(office, Recalculation(), by="admin")
    assert office.everything() == rows
    harmless = day_off(date(2026, 12, 25))
    assert look(office, harmless, by="admin").may_apply
    assert change_calendar(office, harmless, by="admin").moved == 0


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_a_reason_is_needed(sqlite_office: Office, reason: str) -> None:
    with pytest.raises(DomainError) as refused:
        change_calendar(sqlite_office, SWAP, reason=reason)
    assert refused.value.field == "reason"
    assert load_rows(sqlite_office.session).version_id == 1


def test_a_failure_in_the_middle_leaves_nothing(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_office.stand("18/11/2026 09:30")
    sqlite_office.receive(37)
    rows = sqlite_office.everything()
    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", lambda *args, **more: (_ for _ in ()).throw(RuntimeError("disk")))
        with pytest.raises(RuntimeError, match="disk"):
            change_calendar(sqlite_office, SWAP)
    assert sqlite_office.everything() == rows
    assert change_calendar(sqlite_office, SWAP).moved == 1


def test_a_year_taken_back_is_not_covered(office: Office) -> None:
    new_year = CalendarDay(date(2028, 1, 3), DayKind.COMPENSATORY, "Tết Dương lịch (nghỉ bù)", None, False)
    made = change_calendar(office, CalendarChange(days=(new_year,)))
    assert dict(load_rows(office.session).years)[2028] is False
    change_calendar(office, Undo(made.version_id))
    assert 2028 not in dict(load_rows(office.session).years)
    # Covered anew it begins as an estimate, whatever it was before.
    change_calendar(office, CalendarChange(days=(new_year,)))
    assert dict(load_rows(office.session).years)[2028] is False


def test_what_cannot_be_counted_any_more_keeps_its_date(office: Office) -> None:
    new_year = CalendarDay(date(2028, 1, 3), DayKind.COMPENSATORY, "Tết Dương lịch (nghỉ bù)", None, False)
    made = change_calendar(office, CalendarChange(days=(new_year,)))
    office.stand("29/12/2027 09:30")
    code = office.receive(37)
    preview = look(office, Undo(made.version_id))
    [stay] = preview.what.kept
    assert (stay.code, stay.computed_on) == (code, None)
    assert "chưa có dữ liệu năm 2028" in stay.reason


@pytest.mark.parametrize("size", [10, 200])
def test_the_number_of_queries_does_not_grow(
    office: Office, counting: Callable[[Session], Any], size: int
) -> None:
    office.stand("18/11/2026 09:30")
    for _ in range(size):
        office.receive(37)
    with counting(office.session) as statements:
        preview = look(office, SWAP)
    assert len(preview.what.moves) == size
    asked = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
    assert len(asked) == 7
