"""The calendar as people see it, prepared changes, files and the proposal of a year."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.services.calendar_desk import NOBODY, change_calendar
from tests.services.conftest import Office
from tthc.db.models import Draft, JobRun
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange, ChangeRefused
from tthc.domain.permissions import NotAllowed, system_actor
from tthc.domain.vocabulary import DayKind, DomainError
from tthc.services import (
    calendar_changes,
    calendar_drafts,
    calendar_files,
    calendar_proposals,
    calendar_years,
)
from tthc.services.calendar import load_rows
from tthc.services.calendar_changes import Recalculation, Undo
from tthc.services.calendar_years import unconfirmed_year
from tthc.services.transaction import NotFound

OFF = CalendarChange(days=(CalendarDay(date(2026, 12, 25), DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB"),))


def make(office: Office, change: calendar_changes.Intent, by: str = "supervisor") -> int:
    return change_calendar(office, change, by, reason="Thử").version_id


def test_a_year_with_its_months_and_rows(office: Office) -> None:
    view = calendar_years.get_year(office.session, actor=office.person("auditor"), year=2026)
    # 261 weekdays, 14 days off, 2 worked Saturdays.
    assert (view.year, view.confirmed, view.working_days) == (2026, True, 249)
    assert [month.number for month in view.months] == list(range(1, 13))
    cells = [cell for month in view.months for week in month.weeks for cell in week if cell]
    assert [cell.date for cell in cells] == [
        date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)
    ]
    assert all(len(week) == 7 for month in view.months for week in month.weeks)
    marked = {cell.date for cell in cells if cell.kind}
    assert marked == {row.day.date for row in view.rows}
    november = {cell.date.day: cell for week in view.months[10].weeks for cell in week if cell}
    assert (
        november[24].note
        == "Nghỉ lễ: Ngày Văn hóa Việt Nam – NQ 28/2026/QH16 (chưa đối chiếu bản gốc) – dự kiến"
    )
    assert (november[24].confirmed, november[23].note, november[22].weekend) == (False, "", True)
    assert {row.by for row in view.rows} == {"Hệ thống"}
    make(office, OFF)
    view = calendar_years.get_year(office.session, actor=office.person("clerk"), year=2026)
    [row] = [row for row in view.rows if row.day.date == date(2026, 12, 25)]
    assert (row.by, row.at, row.version_id) == (office.person("supervisor").name, office.now, 2)


def test_a_year_without_rows(office: Office) -> None:
    view = calendar_years.get_year(office.session, actor=office.person("clerk"), year=2040)
    assert (view.confirmed, view.working_days, view.rows) == (None, None, [])
    assert 2040 not in view.years


@pytest.mark.parametrize(
    ("on", "year"),
    [
        ("30/09/2026", None),
        ("01/10/2026", 2027),
        ("31/12/2026", 2027),
        ("01/01/2027", 2027),
        ("01/10/2025", None),
    ],
)
def test_the_warning_begins_on_the_first_of_october(office: Office, on: str, year: int | None) -> None:
    assert unconfirmed_year(office.session, office.on(on)) == year


def test_the_warning_ends_with_the_confirmation_and_is_in_the_sweep(office: Office) -> None:
    office.stand("05/10/2026 09:30")
    assert office.sweep().calendar_unconfirmed == 2027
    run = office.session.query(JobRun).order_by(JobRun.id.desc()).first()
    assert run is not None
    assert run.counts_json["calendar_unconfirmed"] == 2027
    office.session.rollback()
    confirmed = make(office, CalendarChange(confirmed=((2027, "9999/TB-BNV"),)))
    assert unconfirmed_year(office.session, office.today) is None
    office.session.rollback()
    assert office.sweep().calendar_unconfirmed is None
    make(office, Undo(confirmed))
    assert unconfirmed_year(office.session, office.today) == 2027
    # A year without any row is not confirmed either.
    assert unconfirmed_year(office.session, date(2030, 5, 1)) == 2030


def test_versions_and_what_they_changed(office: Office) -> None:
    actor = office.person("auditor")
    made = make(office, OFF, by="admin")
    rows = calendar_years.list_versions(office.session, actor=actor)
    assert [(row.id, row.by, row.added, row.removed, row.first) for row in rows] == [
        (made, office.person("admin").name, 1, 0, False),
        (1, "Hệ thống", 141, 0, True),
    ]
    view = calendar_years.get_version(office.session, actor=actor, version_id=made)
    assert [(day.date, day.before, day.after) for day in view.days] == [
        (date(2026, 12, 25), None, OFF.days[0])
    ]
    assert (view.moved, view.reprints, dict(view.years)) == ([], [], {})
    with pytest.raises(NotFound):
        calendar_years.get_version(office.session, actor=actor, version_id=99)


def test_a_prepared_change_waits_for_a_supervisor(office: Office) -> None:
    admin, supervisor = office.person("admin"), office.person("supervisor")
    token = calendar_drafts.prepare_change(office.session, now=office.now, actor=admin, intent=OFF)
    assert re.fullmatch(r"[0-9a-f]{16}", token)
    [waiting] = calendar_drafts.list_prepared(office.session, actor=supervisor)
    assert (waiting.token, waiting.by, waiting.at, waiting.dates) == (
        token,
        admin.name,
        office.now,
        (date(2026, 12, 25),),
    )
    assert calendar_drafts.intent_of(office.session, actor=supervisor, token=token) == OFF
    result = calendar_drafts.apply_prepared(
        office.session,
        now=office.now,
        actor=supervisor,
        token=token,
        base_version_id=1,
        reason="Đồng ý",
        choice=NOBODY,
    )
    assert (result.version_id, result.alerts is not None) == (2, True)
    assert calendar_drafts.list_prepared(office.session, actor=supervisor) == []
    with pytest.raises(NotFound):
        calendar_drafts.preview_prepared(office.session, now=office.now, actor=supervisor, token=token)


def test_a_refusal_keeps_the_prepared_change(office: Office) -> None:
    supervisor = office.person("supervisor")
    token = calendar_drafts.prepare_change(office.session, now=office.now, actor=supervisor, intent=OFF)
    for base, reason in ((7, "Lý do"), (1, "")):
        with pytest.raises(DomainError):
            calendar_drafts.apply_prepared(
                office.session,
                now=office.now,
                actor=supervisor,
                token=token,
                base_version_id=base,
                reason=reason,
                choice=NOBODY,
            )
    assert len(calendar_drafts.list_prepared(office.session, actor=supervisor)) == 1
    calendar_drafts.drop_prepared(office.session, actor=supervisor, token=token)
    assert office.everything()[Draft.__tablename__] == 0
    assert load_rows(office.session).version_id == 1


def test_who_prepares(office: Office) -> None:
    for name in ("clerk", "officer", "reporter", "auditor"):
        person = office.person(name)
        with pytest.raises(NotAllowed):
            calendar_drafts.prepare_change(office.session, now=office.now, actor=person, intent=OFF)
        with pytest.raises(NotAllowed):
            calendar_drafts.list_prepared(office.session, actor=person)
        with pytest.raises(NotAllowed):
            calendar_proposals.propose_year(office.session, actor=person, year=2028)
        with pytest.raises(NotAllowed):
            calendar_files.read_calendar(office.session, actor=person, content=b"", filename="a.csv")
    with pytest.raises(DomainError, match="tài khoản của mình"):
        calendar_drafts.prepare_change(office.session, now=office.now, actor=system_actor(1), intent=OFF)
    with pytest.raises(ChangeRefused):
        calendar_drafts.prepare_change(
            office.session, now=office.now, actor=office.person("admin"), intent=CalendarChange()
        )
    for token in ("", "khong-co", "0123456789abcdef", "%"):
        with pytest.raises(NotFound):
            calendar_drafts.drop_prepared(office.session, actor=office.person("admin"), token=token)


@pytest.mark.parametrize(
    "intent",
    [
        Undo(7),
        Recalculation(),
        CalendarChange(
            days=(*OFF.days, CalendarDay(date(2026, 11, 28), DayKind.WORKED_SATURDAY, "Làm bù", None, False)),
            removed=(date(2026, 11, 24),),
            confirmed=((2027, "9999/TB-BNV"),),
            unconfirmed=(2026,),
        ),
    ],
)
def test_an_intent_is_kept_whole(intent: calendar_changes.Intent) -> None:
    assert calendar_drafts.from_json(calendar_drafts.as_json(intent)) == intent


def test_the_calendar_goes_out_and_in_unchanged(office: Office) -> None:
    supervisor = office.person("supervisor")
    for kind in ("csv", "ics"):
        content = calendar_files.export_calendar(office.session, actor=office.person("officer"), format=kind)
        read = calendar_files.read_calendar(
            office.session, actor=supervisor, content=content, filename=f"x.{kind.upper()}", whole_years=True
        )
        assert (read.change, read.bad, read.read, read.unchanged) == (CalendarChange(), [], 141, 141)
        year = calendar_files.export_calendar(office.session, actor=supervisor, format=kind, years=[2026])
        one = calendar_files.read_calendar(
            office.session, actor=supervisor, content=year, filename=f"x.{kind}", whole_years=True
        )
        assert (one.change, one.read) == (CalendarChange(), 16)
    with pytest.raises(DomainError, match="CSV hoặc ICS"):
        calendar_files.export_calendar(office.session, actor=supervisor, format="pdf")


@pytest.mark.parametrize(
    ("name", "message"),
    [("lich.pdf", ".csv hoặc .ics"), ("lich", ".csv hoặc .ics"), ("lich.csv", "không có ngày nào")],
)
def test_a_file_of_another_kind_or_without_days_is_refused(office: Office, name: str, message: str) -> None:
    with pytest.raises(DomainError, match=message) as refused:
        calendar_files.read_calendar(
            office.session, actor=office.person("admin"), content=b"date,kind,name\n", filename=name
        )
    assert refused.value.field == "file"


def read(office: Office, text: str, **more: bool) -> calendar_files.ReadCalendar:
    head = "date,kind,name,decision,confidence\n"
    return calendar_files.read_calendar(
        office.session,
        actor=office.person("admin"),
        content=(head + text).encode(),
        filename="lich.csv",
        **more,
    )


def test_an_import_is_a_change_like_any_other(office: Office) -> None:
    found = read(
        office,
        "2026-12-25,holiday,Nghỉ đột xuất,2/TB,confirmed\n"
        "2026-12-26,holiday,Cuối tuần,2/TB,confirmed\n"
        "2025-01-01,holiday,Tết Dương lịch,6150/TB-BLĐTBXH,confirmed\n",
    )
    assert found.bad == []
    assert found.change == OFF
    assert (found.read, found.unchanged, len(found.skipped)) == (3, 1, 1)
    assert found.skipped[0] == "Thứ Bảy 26/12/2026: Cuối tuần"


def test_whole_years_lose_what_the_file_leaves_out(office: Office) -> None:
    found = read(office, "2027-01-01,holiday,Tết Dương lịch,9999/TB-BNV,confirmed\n", whole_years=True)
    assert [day.date for day in found.change.days] == [date(2027, 1, 1)]
    assert len(found.change.removed) == 11
    assert {on.year for on in found.change.removed} == {2027}


def test_every_bad_row_is_reported_and_nothing_saved(office: Office) -> None:
    rows = office.everything()
    found = read(
        office, "2026-12-25,holiday,Tên,,confirmed\n2026-12-24,worked_saturday,Làm bù,1/TB,confirmed\n"
    )
    assert [(bad.line, bad.column) for bad in found.bad] == [(2, "decision"), (3, "date")]
    found = read(office, "2026-12-25,holiday,Tên,2/TB,confirmed\n25/12/2026,holiday,Khác,2/TB,confirmed\n")
    assert [(bad.line, bad.message) for bad in found.bad] == [(3, "Ngày 25/12/2026 đã có ở dòng 2.")]
    assert office.everything() == rows


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_the_proposal_agrees_with_what_was_decided(sqlite_office: Office, year: int) -> None:
    """All that was decided but the swap of 02/01/2026, which came too late for the package."""
    decided = {(day.date, day.kind) for day in load_rows(sqlite_office.session).days if day.date.year == year}
    proposed = {(day.date, day.kind) for day in calendar_proposals.estimated_days(year)}
    late = {
        (date(2026, 1, 2), DayKind.SWAPPED_OFF),
        (date(2026, 1, 10), DayKind.WORKED_SATURDAY),
    }
    assert decided - proposed == {pair for pair in late if year == 2026}
    assert proposed - decided == set()


def test_a_proposal_is_an_estimate_of_weekdays(sqlite_office: Office) -> None:
    admin = sqlite_office.person("admin")
    days = calendar_proposals.propose_year(sqlite_office.session, actor=admin, year=2028)
    assert {day.confirmed for day in days} == {False}
    assert all(day.date.weekday() < 5 for day in days)
    by_date = {day.date: day for day in days}
    # 01/01/2028 is a Saturday, 30/04/2028 a Sunday beside 01/05: both give the next working day (111.3).
    assert by_date[date(2028, 1, 3)].kind is DayKind.COMPENSATORY
    assert by_date[date(2028, 5, 2)].kind is DayKind.COMPENSATORY
    assert by_date[date(2028, 11, 24)].name == "Ngày Văn hóa Việt Nam"
    make(sqlite_office, CalendarChange(days=tuple(days)))
    assert dict(load_rows(sqlite_office.session).years)[2028] is False
    assert calendar_proposals.propose_year(sqlite_office.session, actor=admin, year=2028) == []


def test_the_culture_day_is_not_made_up_for(sqlite_office: Office) -> None:
    # 24/11/2029 is a Saturday.
    assert not [day for day in calendar_proposals.estimated_days(2029) if day.date.month == 11]
    assert not [day for day in calendar_proposals.estimated_days(2025) if day.date.month == 11]
    with pytest.raises(DomainError):
        calendar_proposals.propose_year(sqlite_office.session, actor=sqlite_office.person("admin"), year=1900)


def test_rows_that_are_there_are_kept(sqlite_office: Office) -> None:
    make(sqlite_office, CalendarChange(removed=(date(2027, 4, 16),)))
    proposed = calendar_proposals.propose_year(
        sqlite_office.session, actor=sqlite_office.person("admin"), year=2027
    )
    assert [day.date for day in proposed] == [date(2027, 4, 16)]
