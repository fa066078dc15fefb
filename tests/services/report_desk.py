"""What tests do with periodic reports: draw up, close, send, list."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.services.conftest import Office
from tthc.domain.permissions import system_actor
from tthc.domain.tallies import CellName
from tthc.services import closing, report_lists, reports
from tthc.services.reports import Letter, ReportFilter, ReportRow, ReportView

LETTER = Letter(
    "123/BC-BQL", "Lãnh đạo 01", "Ủy ban nhân dân tỉnh", date(2024, 6, 20), "Gửi qua trục liên thông"
)


def draw(office: Office, when: str | None = None) -> reports.DrawnUp:
    if when:
        office.stand(when)
    return reports.draw_up(office.session, now=office.now, actor=system_actor(1))


def listed(office: Office, **wanted: Any) -> list[ReportRow]:
    page = reports.list_reports(
        office.session, actor=office.person("auditor"), today=office.today, wanted=ReportFilter(**wanted)
    )
    assert page.total >= len(page.rows)
    return list(page.rows)


def titles(office: Office, **wanted: Any) -> list[str]:
    return [f"{row.period.title} {row.state}" for row in listed(office, **wanted)]


def report_of(office: Office, title: str, correction: str = "") -> ReportView:
    [row] = [
        row
        for row in listed(office)
        if row.period.title == title and row.name.partition(", ")[2] == correction
    ]
    return reports.get_report(
        office.session, actor=office.person("auditor"), today=office.today, report_id=row.id
    )


def close_next(office: Office) -> int:
    """Close the next month of the chain, whatever is open."""
    supervisor = office.person("supervisor")
    following = closing.next_close(office.session, actor=supervisor, now=office.now)
    assert following is not None
    return closing.close_period(
        office.session,
        now=office.now,
        actor=supervisor,
        from_on=following.period.from_on,
        to_on=following.period.to_on,
        figures=following.figures,
        vault=office.vault,
        reason="Đã rà soát",
    )


def reopen(office: Office, close_id: int) -> None:
    closing.reopen_period(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        close_id=close_id,
        reason="Ghi sai kết quả",
    )


def send(office: Office, view: ReportView) -> None:
    """Number the letter and send the report."""
    who: dict[str, Any] = {"now": office.now, "actor": office.person("reporter"), "report_id": view.row.id}
    letter = Letter("123/BC-BQL", "Lãnh đạo 01", "Ủy ban nhân dân tỉnh")
    reports.record_letter(office.session, **who, version=view.version, letter=letter)
    reports.mark_sent(office.session, **who, version=view.version + 1, sent_on=office.today)


def received(view: ReportView, by: str = "sector") -> int:
    return view.tallies[by].total.cells[CellName.RECEIVED_TOTAL]


def listed_in(office: Office, view: ReportView) -> int:
    """How long the list behind the first number of a report is."""
    found = report_lists.open_cell(
        office.session,
        actor=office.person("reporter"),
        report_id=view.row.id,
        by="sector",
        row_key=None,
        cell=CellName.RECEIVED_TOTAL,
    )
    assert found.page.total == len(found.page.rows)
    return found.page.total
