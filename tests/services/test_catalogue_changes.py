"""Procedures are added, get a code, end, are replaced; and what their history tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.catalogue_desk import REASON, draft, limit, publish
from tests.services.conftest import Office
from tthc.db.models import AuditEntry, Procedure, ProcedureVersion
from tthc.domain.catalogue import CatalogueMark, ContentRefused
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError, ProcedureChangeKind
from tthc.services import audit, catalogue, catalogue_changes, catalogue_history, catalogue_versions
from tthc.services.catalogue import CatalogueFilter
from tthc.services.catalogue_changes import Status
from tthc.services.catalogue_versions import Publication
from tthc.services.transaction import NotFound, StaleVersion
from tthc.services.views import PAGE_SIZE


def status(office: Office, local_no: int) -> catalogue_changes.StatusDraft:
    return catalogue_changes.draft_status(
        office.session, actor=office.person("admin"), on=office.today, local_no=local_no
    )


def change(office: Office, local_no: int, **changes: Any) -> list[str]:
    begun = status(office, local_no)
    more = {
        name: changes.pop(name)
        for name in ("reason", "decision", "confirm_received", "seen")
        if name in changes
    }
    kinds = catalogue_changes.change_status(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=local_no,
        status=replace(begun.status, **changes),
        **{"seen": begun.seen, "reason": REASON, **more},
    )
    return [kind.value for kind in kinds]


def history(office: Office, local_no: int, **more: Any) -> catalogue_history.History:
    return catalogue_history.get_history(
        office.session, actor=office.person("auditor"), on=office.today, local_no=local_no, **more
    )


def listed(office: Office, **criteria: Any) -> list[int]:
    page = catalogue.search_procedures(
        office.session, actor=office.person("clerk"), on=office.today, criteria=CatalogueFilter(**criteria)
    )
    assert page.total >= len(page.rows)
    return [row.local_no for row in page.rows]


def add(
    office: Office, local_no: int = 43, code: str = "1.012345", since: str = "01/07/2024", **more: Any
) -> None:
    content = replace(
        draft(office, 37).content,
        name="Cấp giấy phép môi trường",
        code_confirmed=False,
        limit_confirmed=False,
    )
    catalogue_changes.add_procedure(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=local_no,
        code=code,
        content=replace(content, **more),
        publication=Publication(office.on(since), REASON, "5/QĐ-UBND"),
    )


def test_a_code_is_entered_later(office: Office) -> None:
    assert status(office, 33).status == Status()
    assert change(office, 33, national_code=" 3.000019 ") == ["national_code"]
    assert status(office, 33).status.national_code == "3.000019"
    assert catalogue.find_procedure_by_code(office.session, "3.000019").local_no == 33
    [row] = history(office, 33).changes
    assert (row.kind, row.old, row.new, row.reason) == (
        ProcedureChangeKind.NATIONAL_CODE,
        "",
        "3.000019",
        REASON,
    )
    assert (row.by, row.at) == ("Quản trị 01", office.now)
    # Now it can be verified.
    publish(office, "01/07/2024", 33, code_confirmed=True)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"national_code": "3000019"}, ["national_code"]),
        ({"national_code": "2.000063"}, ["national_code"]),
        ({"replaced_by": "abc"}, ["replaced_by"]),
        (
            {"national_code": "x", "replaced_by": "y", "note": "z" * 2001},
            ["national_code", "replaced_by", "note"],
        ),
        ({"national_code": "3.000019", "replaced_by": "3.000019"}, ["replaced_by"]),
    ],
)
def test_what_cannot_be_kept_is_named(office: Office, changes: dict[str, str], fields: list[str]) -> None:
    before = office.everything()
    with pytest.raises(ContentRefused) as caught:
        change(office, 33, **changes)
    assert [fault.place for fault in caught.value.faults] == [(field,) for field in fields]
    assert office.everything() == before


def test_a_code_of_another_names_its_holder(office: Office) -> None:
    with pytest.raises(DomainError, match=r"Mã 2\.000063 đã dùng cho thủ tục số 36"):
        change(office, 33, national_code="2.000063")
    # One's own is no obstacle.
    assert change(office, 36, national_code="2.000063", note="Ghi chú") == ["note"]


def test_a_verified_code_changes_on_a_decision_only(office: Office) -> None:
    assert status(office, 36).code_confirmed
    with pytest.raises(DomainError) as caught:
        change(office, 36, national_code="")
    assert caught.value.field == "national_code"
    with pytest.raises(DomainError) as caught:
        change(office, 36, national_code="2.000064")
    assert caught.value.field == "decision"
    assert change(office, 36, national_code="2.000064", decision="7/QĐ-UBND") == ["national_code"]
    assert history(office, 36).changes[0].decision == "7/QĐ-UBND"
    # One that nobody verified may go again.
    assert not status(office, 4).code_confirmed
    assert change(office, 4, national_code="") == ["national_code"]


def test_replacement_goes_round_in_no_circle(office: Office) -> None:
    assert change(office, 37, replaced_by="2.000347") == ["replaced_by"]
    view = catalogue.get_procedure(office.session, actor=office.person("clerk"), on=office.today, local_no=37)
    assert (view.row.replaced_by, view.replacement_no) == ("2.000347", 38)
    assert change(office, 38, replaced_by="2.000327") == ["replaced_by"]
    with pytest.raises(ContentRefused):
        change(office, 39, replaced_by="2.000450")
    assert change(office, 37, replaced_by="") == ["replaced_by"]
    assert change(office, 39, replaced_by="2.000450") == ["replaced_by"]
    old = catalogue.get_procedure(office.session, actor=office.person("clerk"), on=office.today, local_no=26)
    assert (old.row.replaced_by, old.replacement_no) == ("1.013236", None)


def test_a_procedure_is_withdrawn_and_taken_back(office: Office) -> None:
    assert change(office, 42, withdrawn_on=date(2024, 7, 1)) == ["withdrawn_on"]
    office.receive(42)
    office.stand("01/07/2024")
    with pytest.raises(DomainError, match="bãi bỏ từ ngày 01/07/2024"):
        office.receive(42)
    assert 42 not in listed(office)
    assert listed(office, mark=CatalogueMark.WITHDRAWN) == [42]
    assert change(office, 42, withdrawn_on=None) == ["withdrawn_on"]
    office.receive(42)
    assert 42 in listed(office)
    assert [(row.old, row.new) for row in history(office, 42).changes] == [
        ("01/07/2024", ""),
        ("", "01/07/2024"),
    ]


def test_an_end_in_the_past_names_the_dossiers_received_since(office: Office) -> None:
    early = office.receive(42, received_at=office.at("03/06/2024 08:00"))
    late = office.receive(42, received_at=office.at("10/06/2024 08:00"))
    before = office.everything()
    with pytest.raises(DomainError) as caught:
        change(office, 42, withdrawn_on=date(2024, 6, 5))
    assert caught.value.field == "confirm_received"
    assert late in caught.value.message
    assert early not in caught.value.message
    assert office.everything() == before
    assert change(office, 42, withdrawn_on=date(2024, 6, 5), confirm_received=True) == ["withdrawn_on"]
    office.act("resolve", late)


def test_a_change_needs_something_and_a_reason(office: Office) -> None:
    with pytest.raises(DomainError, match="Không có mục nào thay đổi"):
        change(office, 42)
    with pytest.raises(DomainError) as caught:
        change(office, 42, note="Ghi chú", reason="  ")
    assert caught.value.field == "reason"
    with pytest.raises(DomainError) as caught:
        change(office, 42, note="Ghi chú", decision="x" * 2001)
    assert caught.value.field == "decision"
    with pytest.raises(NotFound):
        status(office, 43)


def test_who_saw_an_older_state_is_refused(office: Office) -> None:
    seen = status(office, 42).seen
    publish(office, "01/07/2024", 42, cases=limit(9))
    with pytest.raises(StaleVersion):
        change(office, 42, note="Ghi chú", seen=seen)
    with pytest.raises(NotAllowed):
        catalogue_changes.draft_status(
            office.session, actor=office.person("supervisor"), on=office.today, local_no=42
        )


def test_a_change_is_in_the_audit_chain(office: Office) -> None:
    change(office, 42, note="Ghi chú", withdrawn_on=date(2024, 7, 1))
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry.action == "change_procedure"
    assert entry.detail_json["changes"] == {"note": ["", "Ghi chú"], "withdrawn_on": ["", "01/07/2024"]}
    assert audit.verify(office.session, 1)


def test_a_procedure_is_added_from_a_date_on(office: Office) -> None:
    actor = office.person("admin")
    assert catalogue_changes.suggest_local_no(office.session, actor=actor) == 43
    add(office, sector="Môi trường")
    assert 43 not in listed(office)
    assert listed(office, mark=CatalogueMark.PLANNED) == [43]
    view = catalogue.get_procedure(office.session, actor=actor, on=office.today, local_no=43)
    assert (view.version.valid_from, view.version.planned) == (date(2024, 7, 1), True)
    with pytest.raises(NotFound, match="14/06/2024"):
        office.receive(43, confirm_unverified=True)
    office.stand("01/07/2024")
    assert 43 in listed(office)
    assert office.receive(43, confirm_unverified=True)
    told = history(office, 43)
    assert [(row.kind, row.new) for row in told.changes] == [
        (ProcedureChangeKind.ADDED, "số 43, mã 1.012345")
    ]
    assert told.page.rows[0].facts.by == "Quản trị 01"
    assert catalogue_changes.suggest_local_no(office.session, actor=actor) == 44


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"local_no": 42}, "local_no"),
        ({"local_no": 0}, "local_no"),
        ({"local_no": 10_000}, "local_no"),
        ({"code": "1.009742"}, "national_code"),
        ({"code": "x"}, "national_code"),
        ({"name": ""}, "name"),
        ({"code": "", "code_confirmed": True}, "code_confirmed"),
    ],
)
def test_a_procedure_that_cannot_be_added(office: Office, changes: dict[str, Any], field: str) -> None:
    before = office.everything()
    with pytest.raises(DomainError) as caught:
        add(office, **changes)
    assert caught.value.field == field
    assert office.everything() == before


def test_the_only_version_to_come_is_not_removed(office: Office) -> None:
    add(office, code="")
    [row] = history(office, 43).page.rows
    with pytest.raises(DomainError, match="phiên bản duy nhất"):
        catalogue_versions.remove_planned(
            office.session,
            now=office.now,
            actor=office.person("admin"),
            local_no=43,
            version_id=row.facts.id,
            seen=status(office, 43).seen,
            reason="Thử",
        )


def test_a_history_tells_which_version_governs_how_many(office: Office, counting: Any) -> None:
    for day in (3, 5, 6, 10):
        office.receive(received_at=office.at(f"{day:02d}/06/2024 08:00"))
    publish(office, "05/06/2024", cases=limit(9))
    publish(office, "08/06/2024", cases=limit(8), name="Tên mới")
    publish(office, "01/07/2024", cases=limit(7))
    office.receive()
    office.receive(38)
    told = history(office, 37)
    assert told.name == "Tên mới"
    assert [(row.facts.valid_from, row.used, row.under_another) for row in told.page.rows] == [
        (date(2024, 7, 1), 0, 0),
        (date(2024, 6, 8), 1, 1),
        (date(2024, 6, 5), 0, 2),
        (None, 4, 0),
    ]
    with counting(office.session) as statements:
        history(office, 37)
    few = len(statements)
    for number in range(1, 8):
        publish(office, f"0{number}/08/2024", cases=limit(number))
        office.receive()
    with counting(office.session) as statements:
        history(office, 37)
    assert len(statements) == few


def test_a_long_history_is_paged(office: Office) -> None:
    for number in range(PAGE_SIZE + 2):
        publish(office, f"{number % 28 + 1:02d}/{number // 28 + 7:02d}/2024", decision=f"{number}/QĐ")
    for number in range(PAGE_SIZE + 1):
        change(office, 37, note=f"Ghi chú {number}")
    told = history(office, 37)
    assert (told.page.total, told.page.pages, len(told.page.rows)) == (PAGE_SIZE + 3, 2, PAGE_SIZE)
    assert (len(told.changes), told.more_changes) == (PAGE_SIZE, True)
    assert [row.facts.valid_from for row in history(office, 37, page=2).page.rows][-1] is None


def test_any_two_versions_are_compared_in_the_order_of_their_dates(office: Office) -> None:
    newest = publish(office, "01/07/2024", cases=limit(9))
    first = draft(office).base.id
    for pair in ((newest, first), (first, newest)):
        found = catalogue_history.compare_versions(
            office.session,
            actor=office.person("auditor"),
            on=office.today,
            local_no=37,
            version_ids=pair,
        )
        assert (found.old.id, found.new.id) == (first, newest)
        assert found.comparison.changes == 1
    with pytest.raises(NotFound):
        catalogue_history.compare_versions(
            office.session,
            actor=office.person("auditor"),
            on=office.today,
            local_no=38,
            version_ids=(first, newest),
        )


def test_one_version_tells_what_it_changed(office: Office) -> None:
    newest = publish(office, "01/07/2024", cases=limit(9))
    page = catalogue_history.get_version(
        office.session, actor=office.person("auditor"), on=office.today, local_no=37, version_id=newest
    )
    assert page.before is not None
    assert page.comparison is not None
    assert (page.before.valid_from, page.comparison.changes, page.changeable) == (None, 1, True)
    first = catalogue_history.get_version(
        office.session,
        actor=office.person("auditor"),
        on=office.today,
        local_no=37,
        version_id=page.before.id,
    )
    assert (first.before, first.comparison, first.changeable) == (None, None, False)


def test_procedures_are_found_by_words_number_code_sector_and_mark(office: Office) -> None:
    assert listed(office, q="van phong dai dien CAP LAI") == [37]
    assert listed(office, q="1.009742") == [1]
    assert listed(office, q="2.0003") == [38, 39, 40]
    # The number, and a name that mentions "khoản 3 Điều 41".
    assert listed(office, q="41") == [15, 41]
    assert listed(office, q="%") == []
    assert listed(office, q="không có thủ tục này") == []
    names = {
        one.label: int(one.value)
        for one in catalogue.sector_choices(office.session, actor=office.person("clerk"))
    }
    assert listed(office, sector_id=names["Quản lý công sản"]) == [33, 34, 35]
    assert listed(office, mark=CatalogueMark.REDUCED) == [26, 27, 28, 29, 30, 31, 33, 34, 35]
    assert listed(office, mark=CatalogueMark.REPLACED) == list(range(24, 32))
    unverified = listed(office, mark=CatalogueMark.UNVERIFIED)
    rows = catalogue.list_procedures(office.session, actor=office.person("clerk"), on=office.today)
    assert unverified == [row.local_no for row in rows if not (row.code_confirmed and row.limit_confirmed)]
    assert listed(office, mark=CatalogueMark.UNVERIFIED, sector_id=names["Quản lý công sản"], q="giam") == [
        34,
        35,
    ]
    assert listed(office, mark=CatalogueMark.PLANNED) == []
    publish(office, "01/07/2024", 37, cases=limit(9))
    assert listed(office, mark=CatalogueMark.PLANNED) == [37]


def test_a_list_takes_a_fixed_number_of_queries(office: Office, counting: Any) -> None:
    with counting(office.session) as statements:
        assert len(listed(office)) == 42
    asked = [text for text in statements if text.startswith("SELECT")]
    assert len(asked) == 4
    with counting(office.session) as statements:
        listed(office, q="41")
    assert len([text for text in statements if text.startswith("SELECT")]) == 4


def test_a_page_of_the_list(office: Office) -> None:
    first = office.session.scalars(select(ProcedureVersion)).first()
    for number in range(PAGE_SIZE):
        procedure = Procedure(local_no=100 + number)
        office.session.add(procedure)
        office.session.flush()
        values = {
            column.name: getattr(first, column.name)
            for column in ProcedureVersion.__table__.columns
            if column.name not in {"id", "procedure_id"}
        }
        office.session.add(ProcedureVersion(procedure_id=procedure.id, **values))
    office.session.commit()
    assert len(listed(office)) == PAGE_SIZE
    assert listed(office, page=2)[0] == 108
    assert len(listed(office, page=2)) == 42
