"""Petitions and certificates in a report: kept, drawn up again on request, corrected once it was sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import Office
from tests.services.petition_desk import ANSWERED, answer, correct, record
from tests.services.report_desk import close_next, draw, report_of, send
from tthc.db.models import Report
from tthc.domain.investment import Certificate, CertificateKind, InvestmentOrigin
from tthc.domain.petitions import PetitionCell
from tthc.domain.vocabulary import DomainError, ReportState
from tthc.services import investment, report_sentences, reports

MAY = "Tháng 05 năm 2024"


def cells(view: Any) -> tuple[int, int, int]:
    counted = view.petitions.total.cells
    return tuple(
        counted[one] for one in (PetitionCell.RECEIVED_NEW, PetitionCell.ANSWERED, PetitionCell.PENDING)
    )


def said(office: Office, view: Any) -> str:
    sentence = report_sentences.get_sentence(
        office.session, actor=office.person("auditor"), report_id=view.row.id
    )
    return sentence.rpartition("; ")[2]


def certify(office: Office, number: str, on: date) -> None:
    investment.record_certificate(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        certificate=Certificate(
            number, CertificateKind.NEW, InvestmentOrigin.FDI, on, Decimal(10), Decimal("254.5")
        ),
    )


def refresh(office: Office, view: Any) -> None:
    reports.refresh_report(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        report_id=view.row.id,
        version=view.version,
    )


def test_a_report_keeps_what_was_on_record_and_is_corrected_once_it_was_sent(office: Office) -> None:
    office.stand("20/04/2024")
    office.act("resolve", office.receive(37))
    first, second = record(office), record(office)
    answer(office, first)
    certify(office, "1000000001", office.today)
    office.stand("16/05/2024")
    draw(office)
    view = report_of(office, MAY)
    assert cells(view) == (2, 1, 1)
    assert all(one.holds for one in view.petitions.identities)
    assert (view.investment.of().count, view.investment.of().vnd) == (1, Decimal("254.5"))
    assert said(office, view) == ("tiếp nhận 02 phản ánh, kiến nghị, trong đó đã trả lời 01, đang xử lý 01.")
    # A draft, and a final one that is not sent, say that they are out of date and are drawn up again.
    certify(office, "1000000002", date(2024, 5, 14))
    view = report_of(office, MAY)
    assert (view.outdated, view.investment.of().count) == (True, 1)
    close_next(office)
    view = report_of(office, MAY)
    assert (view.row.state, view.outdated, view.investment.of().count) == (ReportState.FINAL, False, 2)
    answer(office, second, ended_on=date(2024, 5, 10))
    view = report_of(office, MAY)
    assert (view.outdated, cells(view)) == (True, (2, 1, 1))
    refresh(office, view)
    view = report_of(office, MAY)
    assert (view.row.state, view.outdated, cells(view)) == (ReportState.FINAL, False, (2, 2, 0))
    with pytest.raises(DomainError, match="đã chốt"):
        refresh(office, view)
    # Once sent it stays; what was put right later is a correction, made once.
    send(office, view)
    stored = office.session.scalars(select(Report.figures_json).where(Report.state == ReportState.SENT)).one()
    correct(office, second, ended_on=date(2024, 5, 16))
    assert draw(office).corrections == 1
    assert draw(office).corrections == 0
    kept = report_of(office, MAY)
    assert (kept.row.state, kept.outdated, cells(kept)) == (ReportState.SENT, False, (2, 2, 0))
    assert said(office, kept) == "tiếp nhận 02 phản ánh, kiến nghị, tất cả đã trả lời."
    again = report_of(office, MAY, "đính chính số 1")
    assert (again.row.state, cells(again)) == (ReportState.FINAL, (2, 1, 1))
    office.session.rollback()
    sent = office.session.scalars(select(Report).where(Report.state == ReportState.SENT)).one()
    assert sent.figures_json == stored


def test_a_petition_of_another_period_changes_no_report(sqlite_office: Office) -> None:
    office = sqlite_office
    office.stand("20/04/2024")
    office.act("resolve", office.receive(37))
    office.stand("16/05/2024")
    draw(office)
    close_next(office)
    send(office, report_of(office, MAY))
    record(office, state=ANSWERED, answer="Công văn số 2", ended_on=office.today)
    assert draw(office).corrections == 0


def test_one_that_was_drawn_up_before_reports_kept_them_says_nothing_of_them(sqlite_office: Office) -> None:
    office = sqlite_office
    office.stand("20/04/2024")
    office.act("resolve", office.receive(37))
    record(office)
    office.stand("16/05/2024")
    draw(office)
    close_next(office)
    send(office, report_of(office, MAY))
    report = office.session.scalars(select(Report).where(Report.state == ReportState.SENT)).one()
    report.figures_json = {
        name: kept for name, kept in report.figures_json.items() if name not in ("petitions", "investment")
    }
    office.session.commit()
    view = report_of(office, MAY)
    assert (view.petitions, view.investment) == (None, None)
    assert "phản ánh" not in said(office, view)
    assert draw(office).corrections == 0
