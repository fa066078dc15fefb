"""Periodic reports: drawn up once, made up for, final with their period, corrected once they were sent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.services.conftest import Office, published_half_year
from tests.services.report_desk import (
    LETTER,
    close_next,
    draw,
    listed,
    listed_in,
    received,
    reopen,
    report_of,
    send,
    titles,
)
from tthc.db.models import AuditEntry, JobRun, Report, Setting
from tthc.domain.permissions import NotAllowed, system_actor
from tthc.domain.settings import REPORT_CUTOFFS, SEND_WITHIN
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import DomainError, ReportCutoffs, ReportKind, ReportState
from tthc.services import report_chain, reports, tallies
from tthc.services.reports import Letter
from tthc.services.tallies import Asked
from tthc.services.transaction import NotFound, StaleVersion


@pytest.fixture
def half_year(office: Office, prepared: Any) -> Office:
    """The published half-year, the Monday after it ended."""
    prepared(office, published_half_year)
    office.stand("17/06/2024 07:00")
    return office


def two_resolved(office: Office) -> None:
    for day in ("20/02", "02/04"):
        office.stand(day)
        code = office.receive(37)
        office.act("resolve", code)


@pytest.fixture
def spring(office: Office, prepared: Any) -> Office:
    """One dossier received in February and one in April, both resolved; the clock stands in May."""
    prepared(office, two_resolved)
    office.stand("16/05/2024")
    return office


def test_nothing_is_drawn_up_before_anything_was_received(office: Office) -> None:
    assert draw(office) == reports.DrawnUp()
    assert listed(office) == []


def test_every_period_that_ended_is_made_up_for_from_the_first_month_on(half_year: Office) -> None:
    done = draw(half_year)
    assert done.drawn == {"month": 7, "quarter": 2, "half": 1}
    assert done.failed == done.final == done.corrections == 0
    assert titles(half_year) == [
        "6 tháng đầu năm 2024 draft",
        "Quý II năm 2024 draft",
        "Tháng 06 năm 2024 draft",
        "Tháng 05 năm 2024 draft",
        "Tháng 04 năm 2024 draft",
        "Quý I năm 2024 draft",
        "Tháng 03 năm 2024 draft",
        "Tháng 02 năm 2024 draft",
        "Tháng 01 năm 2024 draft",
        # The year 2023 began before the first dossier: its figures are not whole.
        "Tháng 12 năm 2023 draft",
    ]
    view = report_of(half_year, "6 tháng đầu năm 2024")
    for by in ("sector", "procedure"):
        cells = view.tallies[by].total.cells
        assert [cells[name] for name in (CellName.RECEIVED_TOTAL, CellName.CARRIED_OVER)] == [130, 13]
        assert all(one.holds for one in view.tallies[by].identities)
    assert {point.key for point in view.points} >= {"identity", "late_without_reason"}
    assert view.prepared_by == "Hệ thống"
    assert view.row.name == "Báo cáo 6 tháng"
    assert not view.outdated


def test_a_second_run_changes_nothing(half_year: Office) -> None:
    draw(half_year)
    before = half_year.everything()
    assert draw(half_year) == reports.DrawnUp()
    assert half_year.everything() == {**before, "job_run": before["job_run"] + 1}


def test_the_last_day_of_a_period_belongs_to_it(spring: Office) -> None:
    assert draw(spring, "14/05/2024 23:59").drawn == {"month": 2}
    assert draw(spring, "15/05/2024 00:00").drawn == {"month": 1}


def test_days_off_are_made_up_for_in_one_run(spring: Office) -> None:
    draw(spring, "16/05/2024")
    assert draw(spring, "20/09/2024").drawn == {"month": 4, "quarter": 2}
    [run] = spring.session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(1))
    assert (run.name, run.for_on, run.state) == ("reports", date(2024, 9, 20), "done")
    assert run.counts_json["drawn"] == {"month": 4, "quarter": 2}


def test_both_cut_offs_where_the_office_wants_both(spring: Office) -> None:
    spring.session.add(
        Setting(
            unit_id=1,
            key=REPORT_CUTOFFS.key,
            value_json={"value": ReportCutoffs.BOTH.value},
            valid_from=None,
            recorded_at=spring.now,
        )
    )
    spring.session.commit()
    draw(spring, "01/05/2024")
    assert sorted(titles(spring)) == [
        "Tháng 02 năm 2024 (theo tháng dương lịch) draft",
        "Tháng 03 năm 2024 (theo tháng dương lịch) draft",
        "Tháng 03 năm 2024 draft",
        "Tháng 04 năm 2024 (theo tháng dương lịch) draft",
        "Tháng 04 năm 2024 draft",
    ]
    # No closing will ever settle a calendar month here, so its draft may be sent as it is.
    assert report_of(spring, "Tháng 04 năm 2024 (theo tháng dương lịch)").sendable
    assert not report_of(spring, "Tháng 04 năm 2024").sendable


def test_two_runners_draw_each_report_up_once(
    half_year: Office, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have decided what is missing before either writes."""
    both_know = threading.Barrier(2, timeout=60)
    original = reports._due_reports

    def slowly(*arguments: Any) -> Any:
        found = list(original(*arguments))
        both_know.wait()
        return iter(found)

    monkeypatch.setattr(reports, "_due_reports", slowly)
    half_year.session.rollback()
    done: list[reports.DrawnUp] = []

    def run() -> None:
        with sessions() as own:
            done.append(reports.draw_up(own, now=half_year.now, actor=system_actor(1)))

    runners = [threading.Thread(target=run) for _ in range(2)]
    for one in runners:
        one.start()
    for one in runners:
        one.join()
    assert len(done) == 2
    assert Counter(done[0].drawn) + Counter(done[1].drawn) == {"month": 7, "quarter": 2, "half": 1}
    assert half_year.session.scalar(select(func.count()).select_from(Report)) == 10


def test_one_that_fails_holds_none_up_and_is_tried_again(
    spring: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = report_chain.fill

    def fill(session: Session, *, report: Report, **more: Any) -> None:
        if report.to_on == date(2024, 4, 14):
            raise DomainError("Lịch làm việc chưa có")
        original(session, report=report, **more)

    with monkeypatch.context() as broken:
        broken.setattr(report_chain, "fill", fill)
        assert draw(spring).failed == 1
        assert "Lịch làm việc chưa có" in caplog.text
    assert sorted(titles(spring)) == ["Tháng 03 năm 2024 draft", "Tháng 05 năm 2024 draft"]
    assert draw(spring, "17/05/2024").drawn == {"month": 1}


def test_a_draft_is_drawn_up_again_on_request(spring: Office) -> None:
    draw(spring)
    view = report_of(spring, "Tháng 05 năm 2024")
    assert (received(view), view.outdated) == (0, False)
    spring.stand("16/05/2024 10:00")
    spring.receive(37, received_at=spring.at("10/05"))
    view = report_of(spring, "Tháng 05 năm 2024")
    assert (received(view), view.outdated) == (0, True)
    assert listed_in(spring, view) == 0, "the list is that of the number, as known when it was drawn up"
    reports.refresh_report(
        spring.session,
        now=spring.now,
        actor=spring.person("reporter"),
        report_id=view.row.id,
        version=view.version,
    )
    view = report_of(spring, "Tháng 05 năm 2024")
    assert (received(view), view.outdated, view.prepared_by) == (1, False, "Cán bộ tổng hợp 01")
    with pytest.raises(StaleVersion):
        reports.refresh_report(
            spring.session,
            now=spring.now,
            actor=spring.person("reporter"),
            report_id=view.row.id,
            version=view.version - 1,
        )


def test_a_report_is_final_when_all_its_months_are_closed(half_year: Office) -> None:
    office = half_year
    draw(office)
    for _ in range(3):
        close_next(office)
    assert titles(office, state=ReportState.FINAL) == [
        "Tháng 02 năm 2024 final",
        "Tháng 01 năm 2024 final",
        "Tháng 12 năm 2023 final",
    ]
    close_next(office)
    assert titles(office, state=ReportState.FINAL)[:2] == ["Quý I năm 2024 final", "Tháng 03 năm 2024 final"]
    for _ in range(3):
        close_next(office)
    assert titles(office, state=ReportState.DRAFT) == []
    view = report_of(office, "6 tháng đầu năm 2024")
    asked = Asked(date(2023, 12, 15), date(2024, 6, 14))
    for by in ("sector", "procedure"):
        told = tallies.build_tally(
            office.session,
            actor=office.person("auditor"),
            today=office.today,
            asked=Asked(asked.from_on, asked.to_on, by),
        )
        kept = {row.key: row.cells for row in view.tallies[by].rows if any(row.cells.values())}
        assert kept == {row.key: row.cells for row in told.rows if any(row.cells.values())}
    assert received(view) == received(view, "procedure") == 130
    with pytest.raises(DomainError, match="đã chốt"):
        reports.refresh_report(
            office.session,
            now=office.now,
            actor=office.person("reporter"),
            report_id=view.row.id,
            version=view.version,
        )


def test_one_drawn_up_after_its_period_was_closed_is_final_at_once(spring: Office) -> None:
    for _ in range(3):
        close_next(spring)
    done = draw(spring)
    assert done.final == sum(done.drawn.values()) == 3
    assert {row.state for row in listed(spring)} == {ReportState.FINAL}


def test_a_final_report_is_a_draft_again_while_its_period_is_open(spring: Office) -> None:
    draw(spring)
    [*_, last] = [close_next(spring) for _ in range(3)]
    assert report_of(spring, "Tháng 05 năm 2024").row.state is ReportState.FINAL
    reopen(spring, last)
    assert report_of(spring, "Tháng 05 năm 2024").row.state is ReportState.DRAFT
    assert report_of(spring, "Tháng 04 năm 2024").row.state is ReportState.FINAL
    spring.receive(37, received_at=spring.at("10/05"))
    close_next(spring)
    view = report_of(spring, "Tháng 05 năm 2024")
    assert (view.row.state, received(view)) == (ReportState.FINAL, 1)


def test_a_sent_report_never_changes_and_is_corrected_by_number(spring: Office) -> None:
    office = spring
    draw(office)
    [*_, last] = [close_next(office) for _ in range(3)]
    send(office, report_of(office, "Tháng 05 năm 2024"))
    [before] = office.session.scalars(select(Report).where(Report.state == ReportState.SENT))
    figures, readiness = before.figures_json, before.readiness_json
    reopen(office, last)
    office.receive(37, received_at=office.at("10/05"))
    assert report_of(office, "Tháng 05 năm 2024").row.state is ReportState.SENT
    last = close_next(office)
    first = report_of(office, "Tháng 05 năm 2024", "đính chính số 1")
    assert (first.row.state, received(first)) == (ReportState.FINAL, 1)
    assert (first.recipient, first.row.letter_no) == ("Ủy ban nhân dân tỉnh", "")
    kept = report_of(office, "Tháng 05 năm 2024")
    assert (kept.row.state, received(kept)) == (ReportState.SENT, 0)
    # Each of the two opens the dossiers that it counts itself.
    assert [listed_in(office, one) for one in (kept, first)] == [0, 1]
    office.session.rollback()
    [after] = office.session.scalars(select(Report).where(Report.state == ReportState.SENT))
    assert (after.figures_json, after.readiness_json) == (figures, readiness)
    # A correction that is not sent yet follows its period as any other.
    reopen(office, last)
    office.receive(38, received_at=office.at("13/05"))
    last = close_next(office)
    first = report_of(office, "Tháng 05 năm 2024", "đính chính số 1")
    assert received(first) == 2
    assert [row.name for row in listed(office) if row.period.title == "Tháng 05 năm 2024"] == [
        "Báo cáo tháng",
        "Báo cáo tháng, đính chính số 1",
    ]
    send(office, first)
    reopen(office, last)
    office.receive(41, received_at=office.at("14/05"))
    close_next(office)
    assert received(report_of(office, "Tháng 05 năm 2024", "đính chính số 2")) == 3
    assert draw(office) == reports.DrawnUp()
    made = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "correct_report")
    assert office.session.scalar(made) == 2


def test_a_period_closed_again_with_the_same_numbers_needs_no_correction(spring: Office) -> None:
    draw(spring)
    [*_, last] = [close_next(spring) for _ in range(3)]
    send(spring, report_of(spring, "Tháng 05 năm 2024"))
    reopen(spring, last)
    close_next(spring)
    assert len(listed(spring)) == 3


def test_the_letter_is_noted_and_then_sent(spring: Office) -> None:
    office = spring
    draw(office)
    for _ in range(3):
        close_next(office)
    view = report_of(office, "Tháng 05 năm 2024")
    who: dict[str, Any] = {
        "now": office.now,
        "actor": office.person("reporter"),
        "report_id": view.row.id,
    }
    with pytest.raises(DomainError, match="Ghi số văn bản, người ký của công văn"):
        reports.mark_sent(office.session, **who, version=view.version, sent_on=office.today)
    late = Letter("1", "Lãnh đạo 01", "Nơi nhận", date(2024, 5, 14))
    with pytest.raises(DomainError) as refused:
        reports.record_letter(office.session, **who, version=view.version, letter=late)
    assert refused.value.field == "send_by_on"
    reports.record_letter(office.session, **who, version=view.version, letter=LETTER)
    with pytest.raises(StaleVersion, match="Báo cáo vừa được"):
        reports.record_letter(office.session, **who, version=view.version, letter=LETTER)
    version = view.version + 1
    for wrong in ("14/05", "17/05"):
        with pytest.raises(DomainError) as refused:
            reports.mark_sent(office.session, **who, version=version, sent_on=office.on(wrong))
        assert refused.value.field == "sent_on"
    reports.mark_sent(office.session, **who, version=version, sent_on=office.on("15/05"))
    view = report_of(office, "Tháng 05 năm 2024")
    assert (view.row.state, view.row.sent_on, view.sent_by) == (
        ReportState.SENT,
        date(2024, 5, 15),
        "Cán bộ tổng hợp 01",
    )
    assert (view.row.letter_no, view.signer, view.note) == (LETTER.letter_no, LETTER.signer, LETTER.note)
    with pytest.raises(DomainError, match="đã gửi không sửa được"):
        reports.record_letter(office.session, **who, version=view.version, letter=LETTER)


def test_a_draft_of_the_chain_is_not_sent(spring: Office) -> None:
    draw(spring)
    view = report_of(spring, "Tháng 05 năm 2024")
    with pytest.raises(DomainError, match="Chốt các tháng"):
        reports.mark_sent(
            spring.session,
            now=spring.now,
            actor=spring.person("reporter"),
            report_id=view.row.id,
            version=view.version,
            sent_on=spring.today,
        )


def test_the_deadline_is_counted_in_working_days_and_lateness_told(spring: Office) -> None:
    spring.session.add(
        Setting(
            unit_id=1,
            key=SEND_WITHIN.key,
            value_json={"value": 4},
            valid_from=None,
            recorded_at=spring.now,
        )
    )
    spring.session.commit()
    draw(spring)
    deadlines = {row.period.title: (row.send_by_on, row.overdue) for row in listed(spring)}
    assert deadlines == {
        "Tháng 03 năm 2024": (date(2024, 3, 20), True),
        # Hung Kings' day, Thursday 18/04, is off.
        "Tháng 04 năm 2024": (date(2024, 4, 19), True),
        "Tháng 05 năm 2024": (date(2024, 5, 20), False),
    }
    told = reports.unfinished(spring.session, actor=spring.person("reporter"), today=spring.today)
    assert (told.count, told.overdue) == (3, 2)
    assert len(listed(spring, sending="overdue")) == 2
    spring.stand("20/05/2024")
    assert len(listed(spring, sending="overdue")) == 2
    spring.stand("21/05/2024")
    assert len(listed(spring, sending="overdue")) == 3


def test_lists_are_filtered(half_year: Office) -> None:
    draw(half_year)
    assert titles(half_year, kind=ReportKind.QUARTER) == ["Quý II năm 2024 draft", "Quý I năm 2024 draft"]
    assert titles(half_year, year=2023) == ["Tháng 12 năm 2023 draft"]
    assert titles(half_year, state=ReportState.SENT) == []
    assert len(listed(half_year, sending="unsent")) == 10
    # Nobody has said by when they are to be sent.
    assert listed(half_year, sending="overdue") == []


@pytest.mark.parametrize("name", ["clerk", "officer", "admin", "auditor"])
def test_only_those_who_prepare_reports_change_them(spring: Office, name: str) -> None:
    draw(spring)
    view = report_of(spring, "Tháng 05 năm 2024")
    who: dict[str, Any] = {
        "now": spring.now,
        "actor": spring.person(name),
        "report_id": view.row.id,
        "version": view.version,
    }
    for refused in (
        lambda: reports.refresh_report(spring.session, **who),
        lambda: reports.record_letter(spring.session, **who, letter=LETTER),
        lambda: reports.mark_sent(spring.session, **who, sent_on=spring.today),
        lambda: reports.unfinished(spring.session, actor=spring.person(name), today=spring.today),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_what_there_is_not_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        reports.get_report(office.session, actor=office.person("reporter"), today=office.today, report_id=1)


def test_the_queries_of_the_list_do_not_grow(half_year: Office, counting: Callable[[Session], Any]) -> None:
    draw(half_year)
    with counting(half_year.session) as many:
        listed(half_year)
    half_year.session.execute(update(Report).where(Report.id > 1).values(kind=ReportKind.YEAR))
    half_year.session.commit()
    with counting(half_year.session) as few:
        assert len(listed(half_year, kind=ReportKind.MONTH)) == 1
    assert len(many) == len(few)
