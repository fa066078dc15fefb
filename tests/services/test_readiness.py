"""The readiness list: each point names exactly its dossiers, and what is in order is named as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.register_files import Taker, row
from tests.services.dossier_desk import received
from tthc.db.models import Alert, Dossier, DossierSpan, Filing
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import OverdueReason
from tthc.services import alerts, extensions, filings, readiness
from tthc.services.transaction import NotFound

JUNE = ReportPeriod(date(2024, 5, 15), date(2024, 6, 14))


def points(office: Any) -> dict[str, int]:
    found = readiness.points(
        office.session, actor=office.person("reporter"), now=office.now, period=JUNE, figures={}
    )
    return {point.key: point.count for point in found if point.count}


def listed(office: Any, key: str) -> list[str]:
    _, page = readiness.list_point(
        office.session, actor=office.person("auditor"), now=office.now, period=JUNE, key=key
    )
    assert page.total == len(page.rows)
    return [one.code for one in page.rows]


def only(office: Any, key: str, code: str) -> None:
    assert points(office) == {key: 1}
    assert listed(office, key) == [code]


def test_what_is_in_order_is_named_as_well(office: Any) -> None:
    received(office, "13/06")
    office.stand("15/06")
    found = readiness.points(
        office.session, actor=office.person("reporter"), now=office.now, period=JUNE, figures={}
    )
    assert len(found) == 13
    assert not any(point.count for point in found)
    assert {point.key for point in found if point.blocks} == {
        "identity",
        "no_due_date",
        "ended_before_received",
    }
    not_listed = {"identity", "estimated_days"}
    assert {point.key for point in found if not point.listed} == not_listed
    for key in (*not_listed, "khong_co"):
        with pytest.raises(NotFound):
            listed(office, key)


def test_overdue_until_somebody_answers_for_it(office: Any) -> None:
    code = received(office, "03/06")

    def answer(stage: str) -> None:
        office.sweep()
        of_dossier = (Alert.subject_kind == "dossier", Alert.stage == stage)
        newest = select(Alert.id).where(*of_dossier).order_by(Alert.id.desc()).limit(1)
        alert_id = office.session.scalars(newest).one()
        office.session.rollback()
        alerts.acknowledge_alert(
            office.session,
            now=office.now,
            actor=office.person("supervisor"),
            alert_id=alert_id,
            reason_code=next(iter(OverdueReason)),
            reason="Thiếu người",
            promised_on=office.on("20/06"),
        )

    office.stand("06/06")
    answer("due_soon")
    office.stand("14/06")
    # What was said while there was time is no cause of what came later.
    only(office, "late_without_reason", code)
    answer("escalated")
    assert points(office) == {}


def test_resolved_late_with_a_letter_of_apology_is_answered_for(office: Any) -> None:
    code = received(office, "03/06")
    office.stand("06/06")
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("11/06"), reason="Chờ ý kiến"
    )
    only(office, "undecided_extension", code)
    extensions.approve_extension(office.session, call=office.call(code))
    office.stand("12/06")
    office.act("resolve", code)
    assert points(office) == {}


def test_a_letter_that_came_too_late(office: Any) -> None:
    code = received(office, "03/06")
    office.stand("10/06")
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("20/06"), reason="Chờ ý kiến"
    )
    extensions.approve_extension(office.session, call=office.call(code))
    assert points(office) == {"letter_too_late": 1}
    assert listed(office, "letter_too_late") == [code]


def test_a_stop_after_the_due_date(office: Any) -> None:
    code = received(office, "03/06")
    office.stand("12/06")
    office.act("pause", code)
    assert points(office) == {"late_without_reason": 1, "stopped_too_late": 1}
    assert listed(office, "stopped_too_late") == [code]


def test_a_supplement_that_nobody_brings(office: Any) -> None:
    code = received(office, "20/03")
    office.stand("22/03")
    office.act("request_supplement", code)
    office.stand("14/06")
    only(office, "unanswered_supplement", code)
    office.act("receive_supplement", code)
    assert "unanswered_supplement" not in points(office)


def test_a_wait_that_a_file_told_of_without_a_paper(office: Any, reporter: Actor) -> None:
    office.stand("14/06")
    Taker(office.session, reporter)(row(1, 5, NgayYeuCauBoSung="20240605090000"))
    code = office.session.scalars(select(Dossier.code)).one()
    only(office, "wait_without_request", code)
    own = received(office, "12/06")
    office.stand("13/06")
    office.act("request_supplement", own)
    office.stand("14/06")
    assert listed(office, "wait_without_request") == [code]


def test_a_date_that_is_provisional_and_a_limit_that_is_unverified(office: Any) -> None:
    code = received(office, "13/06")
    office.session.execute(update(Dossier).values(provisional=True))
    office.session.commit()
    only(office, "provisional_date", code)
    office.act("resolve", code)
    assert points(office) == {}
    unverified = received(office, "14/06", 17, confirm_unverified=True)
    only(office, "unverified_limit", unverified)


def test_an_end_before_the_receipt_blocks(office: Any) -> None:
    code = received(office, "03/06")
    office.stand("05/06")
    office.act("resolve", code)
    office.session.rollback()
    office.session.execute(
        update(DossierSpan).where(DossierSpan.ended_on.is_not(None)).values(ended_on=date(2024, 6, 1))
    )
    office.session.commit()
    only(office, "ended_before_received", code)


def test_a_dossier_whose_due_date_is_not_there_blocks(office: Any) -> None:
    code = received(office, "13/06")
    office.session.execute(update(Dossier).values(due_date_id=999_999))
    office.session.commit()
    only(office, "no_due_date", code)


def test_a_code_that_something_filed_has_too(office: Any) -> None:
    code = received(office, "13/06")
    filing_id = filings.save_filing(
        office.session, now=office.now, actor=office.person("clerk"), request=office.request(37)
    )
    assert points(office) == {}
    office.session.execute(update(Filing).where(Filing.id == filing_id).values(number=code))
    office.session.commit()
    only(office, "duplicate_code", code)


def test_days_of_a_calendar_that_nobody_confirmed(office: Any) -> None:
    period = ReportPeriod(date(2026, 12, 15), date(2027, 1, 14))
    office.stand("15/01/2027")
    found = readiness.points(
        office.session, actor=office.person("reporter"), now=office.now, period=period, figures={}
    )
    # 2027 as a whole is an estimate: its fourteen days.
    assert {point.key: point.count for point in found if point.count} == {"estimated_days": 14}


def test_what_lies_outside_the_period_is_no_matter(office: Any) -> None:
    received(office, "17/06", 17, confirm_unverified=True)
    old = received(office, "03/05")
    office.stand("08/05")
    office.act("resolve", old)
    office.stand("20/06")
    assert points(office) == {}


def test_the_queries_do_not_grow(sqlite_office: Any, counting: Callable[..., Any]) -> None:
    office = sqlite_office

    def asked(number: int) -> tuple[int, int]:
        for one in range(number):
            received(office, "14/06", 17, firm=f"Doanh nghiệp {900 + one}", confirm_unverified=True)
        with counting(office.session) as statements:
            points(office)
        with counting(office.session) as more:
            listed(office, "unverified_limit")
        return len(statements), len(more)

    few = asked(1)
    assert asked(12) == few
