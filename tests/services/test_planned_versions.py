"""Versions of procedures that are to come: changed in place and removed while nothing uses them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.services.catalogue_desk import REASON, change, draft, limit, limit_on, offered, publish, remove
from tests.services.conftest import Office
from tthc.db.models import (
    LimitSegmentRow,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
)
from tthc.domain.catalogue import ContentRefused, PaperContent
from tthc.domain.vocabulary import (
    DomainError,
    ProcedureChangeKind,
)
from tthc.services import (
    catalogue_history,
    catalogue_versions,
)
from tthc.services.catalogue_versions import Publication
from tthc.services.transaction import NotFound


def parts(office: Office) -> list[int]:
    office.session.rollback()
    return [
        office.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (ProcedureVersion, ProcedureCase, LimitSegmentRow, Requirement)
    ]


def test_a_planned_version_is_changed_in_place(office: Office) -> None:
    before = parts(office)
    version_id = publish(office, "01/07/2024", cases=limit(9), papers=(PaperContent("A", 1, 0, 0, True),))
    assert offered(office, "01/07/2024") == ("09 ngày làm việc", ["A"])
    change(office, version_id, "08/07/2024", cases=limit(8), papers=(PaperContent("B", 0, 1, 0, True),))
    assert offered(office, "01/07/2024")[0] == "05 ngày làm việc"
    assert offered(office, "08/07/2024") == ("08 ngày làm việc", ["B"])
    assert limit_on(office, "01/07/2024") == "05 ngày làm việc"
    assert limit_on(office, "08/07/2024") == "08 ngày làm việc"
    assert parts(office) == [number + 1 for number in before]
    history = catalogue_history.get_history(
        office.session, actor=office.person("auditor"), on=office.today, local_no=37
    )
    [row] = history.changes
    assert (row.kind, row.old) == (ProcedureChangeKind.PLANNED_CHANGED, "áp dụng từ 01/07/2024")
    # The limit, the old paper and the new one.
    assert row.new == "áp dụng từ 08/07/2024, sửa 3 mục"
    assert row.reason == "Sửa lỗi đánh máy"


def test_a_planned_version_may_not_take_the_date_of_another(office: Office) -> None:
    first = publish(office, "01/07/2024", cases=limit(9))
    publish(office, "01/08/2024", cases=limit(8))
    with pytest.raises(ContentRefused) as caught:
        change(office, first, "01/08/2024", cases=limit(7))
    assert [fault.place for fault in caught.value.faults] == [("valid_from",)]
    with pytest.raises(DomainError, match="không khác phiên bản áp dụng từ 01/08/2024"):
        catalogue_versions.change_planned(
            office.session,
            now=office.now,
            actor=office.person("admin"),
            local_no=37,
            version_id=first,
            seen=draft(office).seen,
            content=replace(draft(office).content, cases=limit(8)),
            publication=Publication(date(2024, 9, 1), REASON, "1/QĐ-UBND"),
        )


def test_a_planned_version_is_removed(office: Office) -> None:
    before = parts(office)
    version_id = publish(office, "01/07/2024", cases=limit(9), papers=(PaperContent("A", 1, 0, 0, True),))
    with pytest.raises(DomainError) as caught:
        remove(office, version_id, " ")
    assert caught.value.field == "reason"
    remove(office, version_id)
    assert parts(office) == before
    assert limit_on(office, "01/07/2024") == "05 ngày làm việc"
    history = catalogue_history.get_history(
        office.session, actor=office.person("auditor"), on=office.today, local_no=37
    )
    [row] = history.changes
    assert (row.kind, row.old, row.new) == (
        ProcedureChangeKind.PLANNED_REMOVED,
        "áp dụng từ 01/07/2024",
        "",
    )
    assert (row.reason, row.decision, row.by) == ("Quyết định bị thu hồi", "1/QĐ-UBND", "Quản trị 01")
    with pytest.raises(NotFound):
        remove(office, version_id)


def test_a_version_that_began_stays_as_it_is(office: Office) -> None:
    first = draft(office).base.id
    version_id = publish(office, "17/06/2024", cases=limit(9))
    for fixed in (first, version_id):
        office.stand("17/06/2024 00:00")
        before = office.everything()
        for attempt in (
            lambda fixed=fixed: change(office, fixed, "01/08/2024", name="Tên khác"),
            lambda fixed=fixed: remove(office, fixed),
        ):
            with pytest.raises(DomainError, match="được giữ nguyên"):
                attempt()
        assert office.everything() == before


def test_a_version_that_governs_a_dossier_stays_though_it_is_to_come(office: Office) -> None:
    office.stand("17/06/2024")
    version_id = publish(office, "17/06/2024", cases=limit(9))
    office.receive()
    # The clock was set back.
    office.stand("14/06/2024")
    with pytest.raises(DomainError, match="đã có hồ sơ"):
        remove(office, version_id)
    with pytest.raises(DomainError, match="đã có hồ sơ"):
        change(office, version_id, "01/08/2024", name="Tên khác")
