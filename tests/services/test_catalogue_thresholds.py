"""The due-soon thresholds of many procedures, changed from one date on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.services.catalogue_desk import REASON, draft, limit, publish
from tests.services.conftest import Office
from tthc.db.models import AuditEntry, ProcedureVersion
from tthc.domain.catalogue import ContentRefused
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, catalogue, catalogue_changes, catalogue_thresholds
from tthc.services.catalogue_thresholds import Threshold
from tthc.services.transaction import StaleVersion


def change(office: Office, since: str, days: dict[int, int], **more: Any) -> list[int]:
    """Send the whole form back with some numbers changed."""
    page = catalogue_thresholds.list_thresholds(office.session, actor=office.person("admin"), on=office.today)
    seen = more.pop("seen", {row.local_no: row.seen for row in page.rows})
    wanted = [
        Threshold(row.local_no, seen[row.local_no], days.get(row.local_no, row.days)) for row in page.rows
    ]
    return catalogue_thresholds.change_thresholds(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        wanted=wanted,
        valid_from=office.on(since),
        **{"reason": REASON, **more},
    )


def days_on(office: Office, local_no: int, on: str) -> int:
    view = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=office.on(on), local_no=local_no
    )
    return view.due_soon_days


def versions(office: Office) -> int:
    office.session.rollback()
    return office.session.scalar(select(func.count()).select_from(ProcedureVersion)) or 0


def test_only_what_changed_gets_a_version(office: Office) -> None:
    page = catalogue_thresholds.list_thresholds(office.session, actor=office.person("admin"), on=office.today)
    assert (page.total, {row.days for row in page.rows}, page.rows[0].seen) == (42, {2}, 1)
    assert change(office, "17/06/2024", {2: 5, 37: 1, 41: 0}, decision=" 3/TB-BQL ") == [2, 37, 41]
    assert versions(office) == 45
    assert [days_on(office, 2, on) for on in ("16/06/2024", "17/06/2024")] == [2, 5]
    assert [days_on(office, number, "17/06/2024") for number in (1, 37, 41)] == [2, 1, 0]
    # Everything else is as it was.
    view = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=date(2024, 6, 17), local_no=24
    )
    before = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=office.today, local_no=24
    )
    assert view.cases == before.cases
    assert change(office, "17/06/2024", {24: 9}) == [24]
    after = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=date(2024, 6, 17), local_no=24
    )
    assert [(case.name, case.statutory, case.is_default) for case in after.cases] == [
        (case.name, case.statutory, case.is_default) for case in before.cases
    ]
    assert (after.version.by, after.version.reason) == ("Quản trị 01", REASON)


def test_dossiers_received_before_keep_their_threshold(office: Office) -> None:
    old = office.receive()
    change(office, "14/06/2024", {37: 4})
    office.stand("17/06/2024")
    new = office.receive()
    office.stand("18/06/2024")
    assert office.dossier(old).version_id != office.dossier(new).version_id
    assert office.codes(bucket="due_soon") == [new]


def test_it_continues_the_version_that_holds_on_the_date(office: Office) -> None:
    publish(office, "01/07/2024", 37, cases=limit(9))
    publish(office, "01/09/2024", 37, cases=limit(8), due_soon_days=7)
    change(office, "01/08/2024", {37: 3})
    view = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=date(2024, 8, 1), local_no=37
    )
    assert (view.row.limit_label, view.due_soon_days) == ("09 ngày làm việc", 3)
    assert days_on(office, 37, "01/09/2024") == 7


def test_what_stands_in_the_way_is_named_for_each_row(office: Office) -> None:
    publish(office, "01/07/2024", 37, cases=limit(9))
    catalogue_changes.change_status(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=42,
        seen=1,
        status=catalogue_changes.Status("1.005132", date(2024, 6, 20)),
        reason=REASON,
    )
    before = office.everything()
    with pytest.raises(ContentRefused) as caught:
        change(office, "01/07/2024", {1: 61, 37: 3, 42: 3, 2: 3})
    assert [fault.place for fault in caught.value.faults] == [("rows", 1), ("rows", 37), ("rows", 42)]
    assert "từ 0 đến 60" in caught.value.faults[0].message
    assert "đã có phiên bản áp dụng từ ngày 01/07/2024" in caught.value.faults[1].message
    assert "bị bãi bỏ" in caught.value.faults[2].message
    assert office.everything() == before


@pytest.mark.parametrize(
    ("since", "days", "more", "field"),
    [
        ("13/06/2024", {37: 3}, {}, "valid_from"),
        ("17/06/2024", {37: 3}, {"reason": ""}, "reason"),
        ("17/06/2024", {37: 3}, {"decision": "x" * 301}, "decision"),
        ("17/06/2024", {}, {}, None),
    ],
)
def test_what_cannot_be_is_refused(
    office: Office, since: str, days: dict[int, int], more: dict[str, Any], field: str | None
) -> None:
    before = office.everything()
    with pytest.raises(DomainError) as caught:
        change(office, since, days, **more)
    assert caught.value.field == field
    assert office.everything() == before


def test_who_saw_an_older_state_of_one_changes_none(office: Office) -> None:
    page = catalogue_thresholds.list_thresholds(office.session, actor=office.person("admin"), on=office.today)
    seen = {row.local_no: row.seen for row in page.rows}
    publish(office, "01/07/2024", 37, cases=limit(9))
    before = versions(office)
    with pytest.raises(StaleVersion, match="Thủ tục số 37"):
        change(office, "17/06/2024", {2: 5, 37: 1}, seen=seen)
    assert versions(office) == before
    # Whoever leaves that one alone is not disturbed.
    assert change(office, "17/06/2024", {2: 5}, seen=seen) == [2]


def test_it_is_one_entry_of_the_audit_chain(office: Office) -> None:
    change(office, "17/06/2024", {2: 5, 37: 1}, decision="3/TB-BQL")
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert (entry.action, entry.detail_json["days"]) == ("change_thresholds", {"2": [2, 5], "37": [2, 1]})
    assert (entry.detail_json["valid_from"], entry.detail_json["decision"]) == ("2024-06-17", "3/TB-BQL")
    assert audit.verify(office.session, 1)


def test_only_who_keeps_the_catalogue(office: Office) -> None:
    with pytest.raises(NotAllowed):
        catalogue_thresholds.list_thresholds(
            office.session, actor=office.person("supervisor"), on=office.today
        )
    with pytest.raises(NotAllowed):
        catalogue_thresholds.change_thresholds(
            office.session,
            now=office.now,
            actor=office.person("supervisor"),
            wanted=[Threshold(37, draft(office).seen, 3)],
            valid_from=office.today,
            reason=REASON,
        )
