"""Closing periods: what is refused, what is kept, what comes late, two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.services.closing_desk import (
    REASON,
    N,
    close,
    following,
    reopen,
    resolved_and_received,
    some,
    span,
    tally,
)
from tests.services.settings_desk import change_setting
from tthc.db.models import AuditEntry, DossierSpan, PeriodClose, PeriodMember
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import TALLY_CUTOFF
from tthc.domain.tallies import CELLS
from tthc.domain.vocabulary import Channel, CloseState, DomainError, Outcome, PeriodCutoff
from tthc.services import (
    audit,
    closing,
    closing_page,
    corrections,
    dossiers,
    tallies,
    tally_lists,
)
from tthc.services.corrections import Correction
from tthc.services.transaction import NotFound


@pytest.fixture
def june(office: Any, prepared: Any) -> Any:
    """An office on 15/06/2024 with a dossier received on 20/05 and resolved, and one received on 12/06."""
    office.first, office.second = prepared(office, resolved_and_received)
    return office


# --- the chain ----------------------------------------------------------------------------------------


def test_the_chain_begins_with_the_month_of_the_first_dossier(office: Any) -> None:
    assert closing.next_close(office.session, actor=office.person("reporter"), now=office.now) is None
    office.stand("14/05")
    office.receive()
    office.stand("14/06")
    assert span(following(office)) == "15/04/2024–14/05/2024"
    close(office)
    found = following(office)
    assert (span(found), found.ended) == ("15/05/2024–14/06/2024", False)
    assert found.tally is None
    office.stand("15/06 00:00")
    assert following(office).ended


@pytest.mark.parametrize(
    ("from_text", "to_text", "field", "words"),
    [
        ("16/05", "14/06", "to_on", "không phải kỳ được chốt tiếp theo"),
        ("15/05", "13/06", "to_on", "không phải kỳ được chốt tiếp theo"),
        ("15/04", "14/05", "to_on", "không phải kỳ được chốt tiếp theo"),
        ("15/05", "15/06", "to_on", "chốt được từ ngày 16/06/2024"),
        ("14/06", "15/05", "from_on", "trước hoặc trùng"),
    ],
)
def test_the_first_period_is_none_but_its_own(
    june: Any, from_text: str, to_text: str, field: str, words: str
) -> None:
    with pytest.raises(DomainError, match=words) as refused:
        close(june, from_on=june.on(from_text), to_on=june.on(to_text))
    assert refused.value.field == field
    assert june.everything()["period_close"] == 0


@pytest.mark.parametrize(
    ("from_text", "to_text"),
    [("16/06", "14/07"), ("14/06", "14/07"), ("15/05", "14/06"), ("15/07", "14/08")],
)
def test_no_gap_and_no_overlap(june: Any, from_text: str, to_text: str) -> None:
    close(june)
    june.stand("20/08")
    with pytest.raises(DomainError, match="bắt đầu từ 15/06/2024") as refused:
        close(june, from_on=june.on(from_text), to_on=june.on(to_text))
    assert refused.value.field == "from_on"
    assert june.everything()["period_close"] == 1


def test_a_period_that_has_not_ended_is_refused(june: Any) -> None:
    june.stand("14/06 23:59")
    with pytest.raises(DomainError, match="Kỳ chưa kết thúc: chốt được từ ngày 15/06/2024"):
        close(june)


def test_figures_that_changed_meanwhile_are_refused(june: Any) -> None:
    shown = following(june)
    june.session.rollback()
    june.act("resolve", june.second, occurred="13/06")
    before = june.everything()
    with pytest.raises(DomainError, match="Số liệu đã thay đổi"):
        close(june, figures=shown.figures)
    assert june.everything() == before
    assert following(june).figures != shown.figures
    close(june)


def test_a_change_outside_the_period_refuses_nothing(june: Any) -> None:
    shown = following(june)
    june.session.rollback()
    june.act("resolve", june.second)
    close(june, figures=shown.figures)


def test_a_point_that_blocks_has_to_be_put_right(june: Any) -> None:
    june.session.rollback()
    june.session.execute(
        update(DossierSpan).where(DossierSpan.ended_on.is_not(None)).values(ended_on=date(2024, 5, 1))
    )
    june.session.commit()
    assert following(june).blocked
    before = june.everything()
    with pytest.raises(DomainError, match="Chưa chốt được kỳ: Kết thúc trước ngày tiếp nhận"):
        close(june)
    assert june.everything() == before


def test_what_is_open_needs_a_reason_and_nothing_else_does(office: Any) -> None:
    office.stand("20/05")
    code = office.receive()
    office.stand("15/06")
    assert following(office).needs_reason, "it is overdue and nobody has said why"
    for reason in ("", " \n "):
        with pytest.raises(DomainError, match="lý do vẫn chốt kỳ") as refused:
            close(office, reason=reason)
        assert refused.value.field == "reason"
    assert office.everything()["period_close"] == 0
    office.act("resolve", code, occurred="22/05")
    assert not following(office).needs_reason
    close(office, reason="")


def test_only_a_supervisor_closes_and_reopens(june: Any) -> None:
    shown = following(june)
    june.session.rollback()
    values = {
        "from_on": shown.period.from_on,
        "to_on": shown.period.to_on,
        "figures": shown.figures,
        "vault": june.vault,
    }
    for name in ("reporter", "clerk", "officer", "admin", "auditor"):
        assert following(june, name).figures == shown.figures, "everybody may look"
        with pytest.raises(NotAllowed):
            closing.close_period(june.session, now=june.now, actor=june.person(name), reason=REASON, **values)
    close_id = close(june)
    for name in ("reporter", "clerk", "officer", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            reopen(june, close_id, by=name)


def test_the_cut_off_may_change_in_mid_chain(june: Any) -> None:
    close(june)
    change_setting(june, TALLY_CUTOFF, PeriodCutoff.CALENDAR.value, "15/06")
    june.stand("20/08")
    spans = []
    for _ in range(2):
        spans.append(span(following(june)))
        close(june)
    change_setting(june, TALLY_CUTOFF, PeriodCutoff.OFFICIAL.value, "01/09")
    june.stand("20/09")
    for _ in range(2):
        spans.append(span(following(june)))
        close(june)
    assert spans == [
        "15/06/2024–30/06/2024",
        "01/07/2024–31/07/2024",
        "01/08/2024–31/08/2024",
        "01/09/2024–14/09/2024",
    ]
    for from_text, to_text in (("15/06", "30/06"), ("01/07", "31/07"), ("15/06", "14/09")):
        built = tally(june, from_text, to_text)
        assert built.closed_at is not None
        assert all(one.holds for one in built.identities)


# --- what is kept -------------------------------------------------------------------------------------


def test_what_a_closing_keeps_does_not_change(june: Any) -> None:
    close_id = close(june)
    before = tally(june, "15/05", "14/06")
    kept = dict(june.session.get_one(PeriodClose, close_id).figures_json)
    assert before.closed_at == june.now
    assert some(before, N.RECEIVED_TOTAL, N.EARLY, N.PENDING_TOTAL) == [2, 1, 1]
    june.stand("17/06")
    june.act("resolve", june.second, occurred="13/06")
    june.act("reopen", june.first)
    corrections.correct_dossier(
        june.session,
        call=june.call(june.second),
        correction=Correction(june.procedure_id(38), None, Channel.ONLINE, june.at("12/06")),
        reason="Nhập nhầm thủ tục",
    )
    june.receive(received_at=june.at("10/06"))
    for by in tallies.GROUPS:
        after = tally(june, "15/05", "14/06", by)
        assert after.total.cells == before.total.cells, by
    assert june.session.get_one(PeriodClose, close_id).figures_json == kept
    assert closing.is_whole(june.session, actor=june.person("auditor"), close_id=close_id)
    for name in CELLS:
        listed = closing_page.list_members(
            june.session,
            actor=june.person("auditor"),
            close_id=close_id,
            by="sector",
            row_key=None,
            cell=name,
        )
        assert listed.page.total == before.total.cells[name]


def test_a_member_or_figure_changed_behind_the_program_shows(june: Any) -> None:
    close_id = close(june)
    auditor = june.person("auditor")
    for change in (
        update(PeriodClose).values(figures_json={"sector": {}, "procedure": {}}),
        update(PeriodClose).values(to_on=june.on("13/06")),
    ):
        assert closing.is_whole(june.session, actor=auditor, close_id=close_id)
        june.session.execute(change)
        june.session.flush()
        assert not closing.is_whole(june.session, actor=auditor, close_id=close_id)
        june.session.rollback()
    with pytest.raises(NotFound):
        closing.is_whole(june.session, actor=auditor, close_id=99)


def test_closing_and_reopening_leave_their_audit(june: Any) -> None:
    close_id = close(june)
    reopen(june, close_id)
    entries = june.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"period_close:{close_id}").order_by(AuditEntry.seq)
    ).all()
    assert [entry.action for entry in entries] == ["close_period", "reopen_period"]
    assert entries[0].detail_json["checksum"] == june.session.get_one(PeriodClose, close_id).checksum
    assert entries[1].detail_json["reason"] == "Còn hồ sơ chưa nhập"
    assert audit.verify(june.session, 1)


# --- reopening and closing again ----------------------------------------------------------------------


def test_reopened_and_closed_again_with_what_was_missing(june: Any) -> None:
    first = close(june)
    for reason in ("", "  "):
        with pytest.raises(DomainError) as refused:
            reopen(june, first, reason)
        assert refused.value.field == "reason"
    reopen(june, first)
    assert tally(june, "15/05", "14/06").closed_at is None
    with pytest.raises(DomainError, match="kỳ chốt sau cùng"):
        reopen(june, first)
    june.act("resolve", june.second, occurred="13/06")
    second = close(june)
    view = closing_page.get_closing(june.session, actor=june.person("reporter"), close_id=second)
    assert (view.row.no, view.row.newest) == (2, True)
    assert {
        (one.line, one.cell, one.before, one.after) for one in view.changes if one.line == "TỔNG CỘNG"
    } == {
        ("TỔNG CỘNG", name, before, after)
        for name, before, after in (
            (N.RESOLVED_TOTAL, 1, 2),
            (N.EARLY, 1, 2),
            (N.PENDING_TOTAL, 1, 0),
            (N.WITHIN, 1, 0),
            (N.ENDED_TOTAL, 1, 2),
            (N.ENDED_EARLY, 1, 2),
        )
    }
    assert {one.line for one in view.changes} == {"TỔNG CỘNG", "Lao động"}
    chain = closing_page.list_closings(june.session, actor=june.person("reporter")).rows
    assert [(row.no, row.state, row.reopen_reason) for row in chain] == [
        (2, CloseState.CLOSED, ""),
        (1, CloseState.REOPENED, "Còn hồ sơ chưa nhập"),
    ]
    for close_id in (first, second):
        assert closing.is_whole(june.session, actor=june.person("reporter"), close_id=close_id)


def test_only_the_newest_is_reopened(june: Any) -> None:
    first = close(june)
    june.stand("15/07")
    second = close(june)
    with pytest.raises(DomainError, match="lần lượt từ kỳ mới nhất"):
        reopen(june, first)
    reopen(june, second)
    reopen(june, first)
    assert span(following(june)) == "15/05/2024–14/06/2024"
    with pytest.raises(NotFound):
        reopen(june, 99)


# --- what comes late ----------------------------------------------------------------------------------


def test_a_late_entry_counts_in_the_first_open_period_and_is_listed(june: Any) -> None:
    close(june)
    june.stand("15/07")
    close(june)
    june.stand("20/07")
    june.act("resolve", june.second, occurred="13/06", by="supervisor2", note="Tìm thấy trong hộp thư")
    code = june.receive(received_at=june.at("10/06 09:00"))
    [late] = [row for row in _late(june) if row.code == june.second]
    assert (late.what, late.occurred_on, late.counted_on) == (
        "Kết thúc xử lý",
        june.on("13/06"),
        june.on("15/07"),
    )
    assert (late.by, late.reason) == ("Lãnh đạo 02", "Tìm thấy trong hộp thư")
    [other] = [row for row in _late(june) if row.code == code]
    assert (other.what, other.reason) == ("Tiếp nhận", "Nhập sau khi kỳ đã chốt")
    built = tally(june, "15/07", "14/08")
    assert some(built, N.CARRIED_OVER, N.RECEIVED_COUNTER_POST, N.EARLY) == [1, 1, 1]
    assert all(one.holds for one in built.identities)
    found = tally_lists.open_cell(
        june.session,
        actor=june.person("reporter"),
        today=june.today,
        asked=tallies.Asked(june.on("15/07"), june.on("14/08")),
        row_key=None,
        cell=N.EARLY,
    )
    assert "13/06/2024 (nhập sau khi chốt kỳ, tính từ 15/07/2024)" in found.page.rows[0].why
    june.stand("15/08")
    close_id = close(june)
    view = closing_page.get_closing(june.session, actor=june.person("reporter"), close_id=close_id)
    assert {row.code for row in view.late.rows} == {june.second, code}
    assert view.adjustments.total == 0


def _late(office: Any) -> list[closing_page.LateEntry]:
    _, page = closing_page.list_late_entries(office.session, actor=office.person("reporter"))
    assert page.total == len(page.rows)
    return list(page.rows)


def test_a_correction_after_the_close_is_one_less_here_and_one_more_there(june: Any) -> None:
    close(june)
    june.stand("20/06")
    corrections.correct_dossier(
        june.session,
        call=june.call(june.second),
        correction=Correction(june.procedure_id(37), None, Channel.COUNTER, june.at("12/06")),
        reason="Nhập nhầm thủ tục",
    )
    [moved] = following(june).adjustments
    assert moved.code == june.second
    assert moved.lost.startswith("Đăng ký nội quy lao động")
    assert moved.gained != moved.lost
    assert moved.reason == "Nhập nhầm thủ tục"
    june.stand("15/07")
    close_id = close(june)
    rows = june.session.execute(
        select(PeriodMember.adjustment, PeriodMember.procedure_id, PeriodMember.reason)
        .where(PeriodMember.close_id == close_id, PeriodMember.adjustment != 0)
        .order_by(PeriodMember.adjustment)
    ).all()
    assert rows == [
        (-1, june.procedure_id(41), "Nhập nhầm thủ tục"),
        (1, june.procedure_id(37), "Nhập nhầm thủ tục"),
    ]
    for by in ("sector", "procedure"):
        built = tally(june, "15/06", "14/07", by)
        assert not built.faulty_rows
        assert all(one.holds for one in built.identities)
    view = closing_page.get_closing(june.session, actor=june.person("reporter"), close_id=close_id)
    assert view.adjustments.rows == [moved]


def test_a_reopened_dossier_is_carried_over_with_its_reason(june: Any) -> None:
    close(june)
    june.stand("20/06")
    june.act("reopen", june.first, reason="Kết quả có sai sót")
    [moved] = following(june).adjustments
    assert (moved.code, moved.lost, moved.reason) == (june.first, "", "Kết quả có sai sót")
    assert moved.gained
    june.stand("15/07")
    close(june)
    assert some(tally(june, "15/06", "14/07"), N.CARRIED_OVER, N.PENDING_TOTAL) == [2, 2]
    whole = tally(june, "15/05", "14/07")
    assert some(whole, N.RECEIVED_TOTAL, N.PENDING_TOTAL, N.ENDED_TOTAL) == [2, 2, 0]


# --- two at once --------------------------------------------------------------------------------------


def test_two_supervisors_close_at_once(sessions: sessionmaker[Session], june: Any) -> None:
    shown = following(june)
    june.session.rollback()
    start = Barrier(2)

    def act(name: str) -> str:
        with sessions() as session:
            start.wait()
            try:
                closing.close_period(
                    session,
                    now=june.now,
                    actor=june.person(name),
                    from_on=shown.period.from_on,
                    to_on=shown.period.to_on,
                    figures=shown.figures,
                    vault=june.vault,
                    reason=REASON,
                )
            except DomainError as refused:
                return refused.message
            return "closed"

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(act, ("supervisor", "supervisor2")))
    assert done[1] == "closed"
    assert "bắt đầu từ 15/06/2024" in done[0]
    assert june.everything()["period_close"] == 1


def test_a_closing_waits_for_what_is_being_entered(sessions: sessionmaker[Session], june: Any) -> None:
    """Whoever records an event has asked for the newest closing before: it must not change under them."""
    shown = following(june)
    version = june.dossier(june.second).version
    june.session.rollback()
    reached, go_on = Event(), Event()

    def enter() -> None:
        with sessions() as session:
            engine = session.get_bind()

            def hold(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
                if statement.startswith("INSERT INTO event") and not reached.is_set():
                    reached.set()
                    assert go_on.wait(20)

            sqlalchemy_event.listen(engine, "before_cursor_execute", hold)
            call = dossiers.Call(
                june.now, june.person("supervisor2"), june.second, version, june.at("13/06 10:00")
            )
            dossiers.resolve_dossier(session, call=call, outcome=Outcome.GRANTED)
            sqlalchemy_event.remove(engine, "before_cursor_execute", hold)

    def shut() -> None:
        with sessions() as session:
            closing.close_period(
                session,
                now=june.now,
                actor=june.person("supervisor"),
                from_on=shown.period.from_on,
                to_on=shown.period.to_on,
                figures=shown.figures,
                vault=june.vault,
                reason=REASON,
            )

    with ThreadPoolExecutor(2) as pool:
        entered = pool.submit(enter)
        assert reached.wait(20)
        closed = pool.submit(shut)
        with pytest.raises(TimeoutError):
            closed.result(1)
        go_on.set()
        entered.result(20)
        with pytest.raises(DomainError, match="Số liệu đã thay đổi"):
            closed.result(20)
    close_id = close(june)
    kept = tallies.closed_tally(june.session.get_one(PeriodClose, close_id), by="sector")
    assert some(kept, N.ENDED_TOTAL, N.PENDING_TOTAL) == [2, 0]
