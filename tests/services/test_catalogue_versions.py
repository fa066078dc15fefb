"""Versions of procedures are published, changed while nothing uses them, and move no dossier."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.services.catalogue_desk import REASON, change, draft, limit, limit_on, publish, refused, remove
from tests.services.conftest import Office
from tthc.db.models import (
    Alert,
    AuditEntry,
    Dossier,
    Procedure,
    ProcedureVersion,
)
from tthc.domain.catalogue import CaseContent, PaperContent, VersionContent, faults_of
from tthc.domain.permissions import NotAllowed
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import (
    AlertStage,
    Channel,
    DomainError,
    LimitUnit,
    OnlineLevel,
    SubjectKind,
    SupplementMode,
)
from tthc.services import (
    audit,
    catalogue,
    catalogue_contents,
    catalogue_drafts,
    catalogue_history,
    catalogue_versions,
)
from tthc.services.catalogue_versions import Publication
from tthc.services.transaction import NotFound, StaleVersion


def test_the_form_begins_with_the_version_in_force(office: Office) -> None:
    begun = draft(office, 24)
    assert (begun.local_no, begun.national_code, begun.seen, begun.planned) == (24, "1.009972", 1, False)
    assert begun.base.valid_from is None
    assert begun.base.in_force
    content = begun.content
    assert content.sector == "Hoạt động xây dựng"
    assert [case.name for case in content.cases][:2] == ["Trường hợp chung", "Dự án nhóm B"]
    assert content.cases[1].statutory == (LimitSegment(25, LimitUnit.DAY, "Ban Quản lý"),)
    assert content.due_soon_days == 2


def test_every_seeded_version_could_be_published(office: Office) -> None:
    rows = office.session.scalars(select(ProcedureVersion)).all()
    contents = catalogue_contents.contents_of(office.session, rows)
    assert len(contents) == 42
    assert {key: found for key, content in contents.items() if (found := faults_of(content))} == {}


def test_contents_of_all_versions_take_four_queries(office: Office, counting: Any) -> None:
    with counting(office.session) as statements:
        found = office.session.scalars(select(ProcedureVersion)).all()
        contents = catalogue_contents.contents_of(office.session, found)
    assert len(contents) == 42
    asked = [text for text in statements if text.startswith("SELECT")]
    assert len(asked) == 1 + 4, statements


def test_a_version_says_everything_that_was_entered(office: Office) -> None:
    wanted = VersionContent(
        name="Cấp lại Giấy phép thành lập Văn phòng đại diện",
        sector="thương mại QUỐC TẾ",
        legal_basis="Luật Thương mại\nNghị định 1/2026/NĐ-CP",
        result="Giấy phép",
        online_level=OnlineLevel.PARTIAL,
        supplement_mode=SupplementMode.PAUSE,
        financial_stops_clock=True,
        due_soon_days=3,
        fee=None,
        declaration_reduced=True,
        declared_cut_percent=15,
        fields_before=20,
        fields_after=17,
        code_confirmed=False,
        limit_confirmed=False,
        cases=(
            CaseContent(
                "Trường hợp chung",
                None,
                True,
                (LimitSegment(10, LimitUnit.DAY, "Ban Quản lý"), LimitSegment(3, LimitUnit.DAY, "UBND")),
                (LimitSegment(9, LimitUnit.DAY),),
            ),
            CaseContent("Nộp trực tuyến", Channel.ONLINE, True, (LimitSegment(4, LimitUnit.WORKING_DAY),)),
        ),
        papers=(PaperContent("Đơn đề nghị", 1, 0, 0, True), PaperContent("Ảnh", 0, 0, 2, False)),
    )
    version_id = catalogue_versions.publish_version(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=37,
        seen=1,
        content=wanted,
        publication=Publication(date(2024, 7, 1), f" {REASON} ", " 1/QĐ-UBND  ngày 20/6 "),
    )
    row = office.session.get_one(ProcedureVersion, version_id)
    kept = catalogue_contents.contents_of(office.session, [row])[version_id]
    assert kept == replace(
        wanted, sector="Thương mại quốc tế", legal_basis="Luật Thương mại; Nghị định 1/2026/NĐ-CP"
    )
    assert row.name_folded == "cap lai giay phep thanh lap van phong dai dien"
    assert (row.reason, row.decision) == (REASON, "1/QĐ-UBND ngày 20/6")
    assert (row.recorded_at, row.recorded_by) == (office.now, office.person("admin").account_id)
    first, second = catalogue_drafts.version_facts(office.session, row.procedure_id, office.today)
    assert (first.valid_from, first.valid_until, first.planned, first.in_force) == (
        date(2024, 7, 1),
        None,
        True,
        False,
    )
    assert (second.valid_from, second.valid_until, second.by) == (None, date(2024, 6, 30), "Hệ thống")
    assert (second.planned, second.in_force, first.by) == (False, True, "Quản trị 01")


def test_a_new_sector_comes_last_in_the_tally(office: Office) -> None:
    version_id = publish(office, "01/07/2024", sector="Môi trường")
    view = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=date(2024, 7, 1), local_no=37
    )
    assert view.version.id == version_id
    names = [one.label for one in catalogue.sector_choices(office.session, actor=office.person("clerk"))]
    assert names[-1] == view.row.sector == "Môi trường"
    assert len(names) == 8
    publish(office, "02/07/2024", 38, sector="MÔI TRƯỜNG")
    assert len(catalogue.sector_choices(office.session, actor=office.person("clerk"))) == 8


def test_intake_counts_by_the_version_of_the_day_of_receipt(office: Office) -> None:
    publish(office, "17/06/2024", cases=limit(9))
    friday = office.receive(received_at=office.at("14/06/2024 09:00"))
    assert limit_on(office, "16/06/2024") == "05 ngày làm việc"
    assert limit_on(office, "17/06/2024") == "09 ngày làm việc"
    office.stand("20/06/2024")
    # Entered later, received earlier: the version of that day.
    late_entry = office.receive(received_at=office.at("14/06/2024 10:00"))
    new = office.receive(received_at=office.at("17/06/2024 07:30"))
    assert office.dossier(friday).due_on == office.on("21/06/2024")
    assert office.dossier(late_entry).due_on == office.on("21/06/2024")
    assert office.dossier(new).due_on == office.on("28/06/2024")
    first, second = office.dossier(friday).version_id, office.dossier(new).version_id
    assert office.dossier(late_entry).version_id == first != second


def test_no_dossier_moves_when_a_version_is_published(office: Office) -> None:
    codes = [office.receive(received_at=office.at(f"{day:02d}/06/2024 08:00")) for day in (10, 11, 12)]
    office.act("resolve", codes[0])
    before = {code: vars(office.dossier(code)).copy() for code in codes}
    pages = {code: office.view(code) for code in codes}
    version_id = publish(office, "11/06/2024", cases=limit(3), name="Tên mới của thủ tục")
    for code in codes:
        after = vars(office.dossier(code)).copy()
        assert {**after, "_sa_instance_state": None} == {**before[code], "_sa_instance_state": None}
        assert office.view(code) == pages[code]
        assert office.dossier(code).version_id != version_id
    # Work on them goes on under their own version.
    office.act("request_supplement", codes[1])
    office.stand("18/06/2024")
    office.act("receive_supplement", codes[1])
    assert office.dossier(codes[1]).due_on == office.on("25/06/2024")
    assert office.view(codes[1]).row.procedure != "Tên mới của thủ tục"


def test_old_dossiers_are_due_soon_by_their_own_threshold(office: Office) -> None:
    old = office.receive(received_at=office.at("14/06/2024 08:00"))
    publish(office, "17/06/2024", due_soon_days=4)
    office.stand("17/06/2024")
    new = office.receive(received_at=office.at("17/06/2024 08:00"))
    assert (office.dossier(old).due_on, office.dossier(new).due_on) == (
        office.on("21/06/2024"),
        office.on("24/06/2024"),
    )
    office.stand("18/06/2024 07:00")
    # Three and four working days left; only the new one asks for notice that early.
    assert office.codes(bucket="due_soon") == [new]
    assert office.sweep().raised == {"due_soon": 1}
    office.stand("19/06/2024 07:00")
    assert office.codes(bucket="due_soon") == [old, new]
    assert office.sweep().raised == {"due_soon": 1}
    raised = office.session.execute(
        select(Dossier.code, Alert.stage, Alert.threshold)
        .join(Alert, (Alert.subject_id == Dossier.id) & (Alert.subject_kind == SubjectKind.DOSSIER))
        .order_by(Alert.raised_at)
    ).all()
    assert [tuple(row) for row in raised] == [(new, AlertStage.DUE_SOON, 4), (old, AlertStage.DUE_SOON, 2)]


def test_two_versions_of_one_date_are_refused(office: Office) -> None:
    publish(office, "01/07/2024", cases=limit(9))
    assert refused(office, "01/07/2024", cases=limit(8)) == [("valid_from",)]
    publish(office, "02/07/2024", cases=limit(8))


def test_everything_that_is_wrong_is_refused_at_once(office: Office) -> None:
    found = refused(office, name="", fee=-1, reason=" ", due_soon_days=99, cases=())
    assert set(found) == {("name",), ("fee",), ("reason",), ("due_soon_days",), ("cases",)}
    assert refused(office, reason="x" * 2001) == [("reason",)]
    assert refused(office, decision="x" * 301, name="Tên khác") == [("decision",)]


def test_what_says_nothing_new_is_refused(office: Office) -> None:
    with pytest.raises(DomainError, match="Nội dung không khác phiên bản áp dụng từ đầu"):
        publish(office, "01/07/2024", decision="")
    # The same once more, announced by another decision.
    publish(office, "01/07/2024", decision="2/QĐ-UBND")
    with pytest.raises(DomainError, match="phiên bản áp dụng từ 01/07/2024"):
        publish(office, "02/07/2024", decision="2/QĐ-UBND")


def test_a_mark_of_verification_names_its_decision(office: Office) -> None:
    assert draft(office, 15).content.limit_confirmed is False
    assert refused(office, local_no=15, limit_confirmed=True, decision="") == [("decision",)]
    publish(office, "01/07/2024", 15, limit_confirmed=True)
    office.stand("01/07/2024")
    view = catalogue.get_procedure(office.session, actor=office.person("clerk"), on=office.today, local_no=15)
    assert view.row.limit_confirmed
    # Another limit is another thing to verify; another name is not.
    assert refused(office, "08/07/2024", local_no=15, cases=limit(4), decision="") == [("decision",)]
    publish(office, "08/07/2024", 15, name="Tên khác", decision="")
    # A code can be verified once there is one.
    assert refused(office, local_no=33, code_confirmed=True) == [("code_confirmed",)]
    assert refused(office, local_no=7, code_confirmed=True, decision="") == [("decision",)]


def test_intake_asks_no_more_once_the_limit_is_verified(office: Office) -> None:
    with pytest.raises(DomainError, match="chưa xác minh"):
        office.receive(15)
    publish(office, "14/06/2024", 15, limit_confirmed=True)
    assert office.receive(15)


def test_a_date_in_the_past_names_the_dossiers_received_since(office: Office) -> None:
    codes = [
        office.receive(received_at=office.at(f"{day:02d}/06/2024 08:00")) for day in (3, 4, 5, 6, 7, 10, 11)
    ]
    other = office.receive(38, received_at=office.at("05/06/2024 08:00"))
    with pytest.raises(DomainError) as caught:
        publish(office, "04/06/2024", cases=limit(9), confirm_received=False)
    assert caught.value.field == "confirm_received"
    assert caught.value.message.startswith(f"6 hồ sơ ({', '.join(codes[1:6])} và 1 hồ sơ khác)")
    assert codes[0] not in caught.value.message
    assert other not in caught.value.message
    version_id = publish(office, "04/06/2024", cases=limit(9))
    page = catalogue_history.get_version(
        office.session, actor=office.person("clerk"), on=office.today, local_no=37, version_id=version_id
    )
    assert [row.code for row in page.page.rows] == codes[1:]
    assert (page.page.total, page.used, page.changeable) == (6, 0, False)


def test_a_version_between_two_others_ends_where_the_next_begins(office: Office) -> None:
    publish(office, "10/06/2024", cases=limit(9))
    between = office.receive(received_at=office.at("07/06/2024 08:00"))
    later = office.receive(received_at=office.at("11/06/2024 08:00"))
    review = catalogue_drafts.review_version(
        office.session,
        actor=office.person("admin"),
        on=office.today,
        local_no=37,
        content=replace(draft(office).content, cases=limit(4)),
        valid_from=office.on("05/06/2024"),
    )
    assert (review.past, review.until, review.received_count) == (True, office.on("09/06/2024"), 1)
    assert [row.code for row in review.received] == [between]
    assert review.before is not None
    assert review.before.valid_from is None
    assert review.comparison is not None
    assert [row.after for section in review.comparison.sections for row in section.changed] == [
        "04 ngày làm việc"
    ]
    with pytest.raises(DomainError) as caught:
        publish(office, "05/06/2024", cases=limit(4), confirm_received=False)
    assert between in caught.value.message
    assert later not in caught.value.message
    publish(office, "05/06/2024", cases=limit(4))
    assert [limit_on(office, f"{day:02d}/06/2024") for day in (4, 5, 9, 10)] == [
        "05 ngày làm việc",
        "04 ngày làm việc",
        "04 ngày làm việc",
        "09 ngày làm việc",
    ]


def test_who_saw_an_older_state_is_refused(office: Office) -> None:
    seen = draft(office).seen
    publish(office, "01/07/2024", cases=limit(9))
    before = office.everything()
    with pytest.raises(StaleVersion, match=r"^Thủ tục số 37 vừa được người khác cập nhật"):
        publish(office, "01/08/2024", cases=limit(8), seen=seen)
    assert office.everything() == before


def test_of_two_who_publish_at_once_one_is_told(sessions: sessionmaker[Session], office: Office) -> None:
    begun = draft(office)
    start = threading.Barrier(2)
    outcome: list[str] = []

    def attempt(amount: int) -> None:
        with sessions() as session:
            start.wait(30)
            try:
                catalogue_versions.publish_version(
                    session,
                    now=office.now,
                    actor=office.person("admin"),
                    local_no=37,
                    seen=begun.seen,
                    content=replace(begun.content, cases=limit(amount)),
                    publication=Publication(date(2024, 7, amount), REASON, "1/QĐ-UBND"),
                )
                outcome.append("published")
            except StaleVersion:
                outcome.append("stale")

    office.session.rollback()
    threads = [threading.Thread(target=attempt, args=(amount,)) for amount in (8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcome) == ["published", "stale"]
    assert len(catalogue_drafts.version_facts(office.session, begun.procedure_id, office.today)) == 2


def test_everything_is_in_the_audit_chain(office: Office) -> None:
    version_id = publish(office, "01/07/2024", cases=limit(9))
    change(office, version_id, "08/07/2024", cases=limit(8))
    remove(office, version_id)
    procedure_id = office.procedure_id(37)
    found = office.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"procedure:{procedure_id}").order_by(AuditEntry.seq)
    ).all()
    assert [entry.action for entry in found] == [
        "publish_version",
        "change_planned_version",
        "remove_planned_version",
    ]
    published, changed, removed = (entry.detail_json for entry in found)
    assert published["content"]["cases"][0]["statutory"][0]["amount"] == 9
    assert (published["valid_from"], published["decision"]) == ("2024-07-01", "1/QĐ-UBND")
    assert changed["was"]["cases"][0]["statutory"][0]["amount"] == 9
    assert changed["content"]["cases"][0]["statutory"][0]["amount"] == 8
    assert removed["was"]["valid_from"] == "2024-07-08"
    assert audit.verify(office.session, 1)
    assert office.session.get_one(Procedure, procedure_id).version == 4


@pytest.mark.parametrize("name", ["clerk", "officer", "supervisor", "reporter", "auditor"])
def test_only_who_keeps_the_catalogue_may_change_it(office: Office, name: str) -> None:
    version_id = publish(office, "01/07/2024", cases=limit(9))
    content = draft(office).content
    actor = office.person(name)
    release = Publication(date(2024, 8, 1), REASON, "1/QĐ-UBND")
    common = {"now": office.now, "actor": actor, "local_no": 37, "seen": 2}
    for attempt in (
        lambda: catalogue_drafts.draft_version(office.session, actor=actor, on=office.today, local_no=37),
        lambda: catalogue_versions.publish_version(
            office.session, content=content, publication=release, **common
        ),
        lambda: catalogue_versions.change_planned(
            office.session, version_id=version_id, content=content, publication=release, **common
        ),
        lambda: catalogue_versions.remove_planned(
            office.session, version_id=version_id, reason="Thử", **common
        ),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    history = catalogue_history.get_history(office.session, actor=actor, on=office.today, local_no=37)
    assert history.page.total == 2


def test_a_procedure_or_version_that_is_not_there(office: Office) -> None:
    with pytest.raises(NotFound):
        draft(office, 43)
    with pytest.raises(NotFound):
        draft(office, 37, base_id=draft(office, 38).base.id)
    newer = publish(office, "01/07/2024", cases=limit(9))
    assert draft(office, 37, base_id=newer).content.cases == limit(9)
    assert draft(office, 37).content.cases == limit(5)
