"""Taking over an office in mid-year: paper, import, difference, first period, late entries, undoing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.register_files import csv_file, row
from tests.services.closing_desk import close, following, span, tally
from tthc.db.models import AuditEntry, Report
from tthc.domain.permissions import NotAllowed
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import DomainError, TakeOverState
from tthc.services import closing_page, register, reports, take_over, take_over_views
from tthc.services.take_over_views import TakeOverView
from tthc.services.transaction import StaleVersion

REPORT = "Báo cáo số 15/BC-BQL ngày 13/05/2024"
RULES = "Lao động"


def view(office: Any, by: str = "reporter") -> TakeOverView:
    return take_over_views.get_take_over(office.session, actor=office.person(by))


def sector(office: Any, name: str) -> int:
    found = {word: key for key, word in view(office).sectors}
    return found[name]


def save(office: Any, figures: dict[str, int], *, total: int | None = None, **other: Any) -> None:
    values = {
        "version": view(office).version,
        "on": office.on("15/05"),
        "report_no": REPORT,
        "figures": {sector(office, name): number for name, number in figures.items()},
        "total": sum(figures.values()) if total is None else total,
        **other,
    }
    take_over.save_paper(office.session, now=office.now, actor=office.person("reporter"), **values)


def save_list(office: Any, *rows: dict[str, Any], **other: Any) -> Any:
    return take_over.save_list(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        version=view(office).version,
        on=office.on("15/05"),
        report_no=REPORT,
        content=csv_file(*rows, headings=("MaHoSo", "TenLinhVuc", "GhiChu")),
        **other,
    )


def act(office: Any, verb: str, by: str, **more: Any) -> None:
    getattr(take_over, verb)(
        office.session, now=office.now, actor=office.person(by), version=view(office).version, **more
    )


def pending(sequence: int, received: str = "20240506", **cells: Any) -> dict[str, Any]:
    """A row of the register: received on 06/05/2024 under a procedure of "Lao động", still open."""
    return row(
        sequence,
        4,
        MaHoSo=f"000.00.99.H54-{received[2:]}-{sequence:04}",
        NgayNopHoSo=f"{received}080000",
        NgayTiepNhan=f"{received}090000",
        NgayHenTra="20240630170000",
        **cells,
    )


def load(office: Any, *rows: dict[str, Any]) -> None:
    result = register.import_register(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        content=csv_file(*rows),
        filename="so.csv",
        dry_run=False,
    )
    assert not result.errors


def some(office: Any, from_text: str, to_text: str, *names: CellName) -> list[int]:
    built = tally(office, from_text, to_text)
    assert all(one.holds for one in built.identities), built.identities
    assert built.faulty_rows == []
    return [built.total.cells[name] for name in names]


def test_an_office_begins_in_mid_year(office: Any) -> None:
    office.stand("20/05")
    assert view(office).state is None
    with pytest.raises(DomainError, match="cộng lại là 2, tổng số trên báo cáo giấy ghi 3"):
        save(office, {RULES: 2}, total=3)
    with pytest.raises(DomainError, match="không sau hôm nay"):
        save(office, {RULES: 2}, on=office.on("21/05"))
    with pytest.raises(DomainError, match="Nhập số, ngày của báo cáo giấy"):
        save(office, {RULES: 2}, report_no=" ")
    save(office, {RULES: 2})
    with pytest.raises(StaleVersion):
        save(office, {RULES: 3}, version=0)
    assert [(line.name, line.difference) for line in view(office).lines if line.difference] == [(RULES, -2)]
    with pytest.raises(DomainError, match="còn lệch"):
        act(office, "submit", "reporter")
    # One that had ended before, one of after: neither is pending on that day.
    ended = pending(3) | {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20240510100000"}
    load(office, pending(1, "20231204"), pending(2), ended, pending(4, "20240516"))
    assert view(office).agrees
    with pytest.raises(NotAllowed):
        act(office, "submit", "clerk")
    act(office, "submit", "reporter")
    with pytest.raises(NotAllowed):
        act(office, "confirm", "reporter")
    act(office, "confirm", "supervisor")
    found = view(office)
    assert (found.state, found.confirmed_by) == (TakeOverState.CONFIRMED, "Lãnh đạo 01")
    with pytest.raises(DomainError, match="đã được xác nhận"):
        save(office, {RULES: 3})

    # The chain begins here, not with the month of December 2023 in which the oldest dossier came.
    assert span(following(office)) == "15/05/2024–14/06/2024"
    names = (CellName.CARRIED_OVER, CellName.RECEIVED_TOTAL, CellName.PENDING_TOTAL)
    assert some(office, "15/05", "14/06", *names) == [2, 3, 3]
    texts = [one.text for one in tally(office, "15/05", "14/06").identities]
    assert texts[-1] == "(6) = số dư đầu kỳ theo báo cáo giấy + điều chỉnh"
    assert texts[-1] not in [one.text for one in tally(office, "16/05", "14/06").identities]

    # What comes late from before is counted from here on, and is listed.
    late = office.receive(41, received_at=office.at("10/05 09:00"))
    assert some(office, "15/05", "14/06", *names) == [2, 4, 4]
    _, entries = closing_page.list_late_entries(office.session, actor=office.person("reporter"))
    assert [(one.code, one.counted_on) for one in entries.rows] == [(late, date(2024, 5, 15))]
    office.stand("15/06")
    shown = following(office)
    assert not next(point for point in shown.points if point.key == "identity").count
    close_id = close(office)
    kept = closing_page.get_closing(office.session, actor=office.person("reporter"), close_id=close_id).tally
    assert kept.identities[-1].text == texts[-1]
    assert (kept.identities[-1].left, kept.identities[-1].right) == (2, 2)
    with pytest.raises(DomainError, match="Đã có kỳ được chốt"):
        act(office, "undo", "supervisor", reason="Nhầm ngày")
    assert [
        entry.action
        for entry in office.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "take_over:1").order_by(AuditEntry.seq)
        )
    ] == ["prepare_take_over", "submit_take_over", "confirm_take_over"]


def test_a_carried_over_number_that_is_no_longer_the_papers_blocks_the_close(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("20/05")
    save(office, {RULES: 1})
    load(office, pending(1))
    act(office, "submit", "reporter")
    act(office, "confirm", "supervisor")
    # As if a row had been lost behind the program's back.
    office.session.execute(text("UPDATE opening_balance SET amount = amount * 2"))
    office.session.commit()
    built = tally(office, "15/05", "14/06")
    assert not built.identities[-1].holds
    assert built.faulty_rows == [RULES]
    office.stand("15/06")
    (point,) = [one for one in following(office).points if one.key == "identity"]
    assert (point.count, point.blocks) == (1, True)


def test_a_list_of_paper_is_compared_code_by_code(office: Any) -> None:
    office.stand("20/05")
    load(office, pending(1), pending(2), pending(3), pending(4, "20240516"))
    first, second, third, after = (
        "000.00.99.H54-240506-0001",
        "000.00.99.H54-240506-0002",
        "000.00.99.H54-240506-0003",
        "000.00.99.H54-240516-0004",
    )

    def paper(code: str, of: str = RULES) -> dict[str, Any]:
        return {"MaHoSo": code, "TenLinhVuc": of, "GhiChu": ""}

    errors = save_list(office, paper(""), paper(first, "Hàng hải"), paper(second), paper(second))
    assert [(error.row, error.column) for error in errors] == [
        (2, "MaHoSo"),
        (3, "TenLinhVuc"),
        (5, "MaHoSo"),
    ]
    assert view(office).state is None
    other = next(name for _, name in view(office).sectors if name != RULES)
    assert save_list(office, paper(first), paper(second, other), paper(after), paper("H-99")) == []
    found = view(office)
    assert (found.listed, found.paper, found.here, found.only_paper, found.only_here) == (4, 4, 3, 3, 2)
    person = office.person("auditor")
    _, page = take_over_views.list_only_paper(office.session, actor=person)
    assert {one.code: one.why for one in page.rows} == {
        second: f"trên hệ thống thuộc lĩnh vực {RULES}",
        after: "trên hệ thống tiếp nhận ngày 16/05/2024, từ ngày tiếp quản",
        "H-99": "chưa có trên hệ thống",
    }
    _, here = take_over_views.list_only_here(office.session, actor=person)
    assert [one.code for one in here.rows] == [second, third]
    _, of_sector = take_over_views.list_paper(office.session, actor=person, sector_id=sector(office, other))
    assert [one.code for one in of_sector.rows] == [second]
    # The numbers alone would agree; the dossiers do not.
    save_list(office, paper(first), paper(second), paper("H-99"))
    assert [line.difference for line in view(office).lines if line.difference] == []
    with pytest.raises(DomainError, match="còn lệch"):
        act(office, "submit", "reporter")
    save_list(office, paper(first), paper(second), paper(third))
    act(office, "submit", "reporter")


def test_it_is_undone_with_a_reason_while_nothing_is_closed(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("20/05")
    save(office, {RULES: 1})
    load(office, pending(1))
    take_over.submit(
        office.session, now=office.now, actor=office.person("supervisor"), version=view(office).version
    )
    with pytest.raises(DomainError, match="cần một lãnh đạo khác"):
        act(office, "confirm", "supervisor")
    act(office, "confirm", "supervisor2")
    with pytest.raises(DomainError, match="Nhập lý do"):
        act(office, "undo", "supervisor", reason=" ")
    with pytest.raises(NotAllowed):
        act(office, "undo", "reporter", reason="Nhầm")
    act(office, "undo", "supervisor", reason="Nhầm ngày tiếp quản")
    found = view(office)
    assert found.state is None
    assert [(one.reason, one.by) for one in found.undone] == [("Nhầm ngày tiếp quản", "Lãnh đạo 01")]
    assert office.everything()["opening_balance"] == 0
    assert span(following(office)) == "15/04/2024–14/05/2024"
    save(office, {RULES: 1}, on=office.on("16/05"))
    act(office, "submit", "reporter")
    act(office, "confirm", "supervisor")
    assert span(following(office)) == "16/05/2024–14/06/2024"


def test_no_report_is_drawn_up_of_a_time_before_it(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("20/05")
    save(office, {RULES: 1})
    load(office, pending(1, "20231204"))
    office.stand("20/07")
    reports.draw_up(office.session, now=office.now, actor=office.person("supervisor"))
    drawn = office.session.execute(select(Report.from_on, Report.to_on).order_by(Report.to_on)).all()
    assert [tuple(one) for one in drawn] == [
        (date(2024, 5, 15), date(2024, 6, 14)),
        (date(2024, 6, 15), date(2024, 7, 14)),
    ]
