"""Applicants: the directory, a corrected entry, and two entries of one person put together and apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tthc.db.models import Applicant, ApplicantMerge, AuditEntry, Dossier
from tthc.db.queries import search as search_queries
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError, FilingState
from tthc.services import applicant_directory as directory
from tthc.services import applicant_merges as merges
from tthc.services import audit, filings, search
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import NotFound, StaleVersion, transaction


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


def view(office: Any, applicant_id: int, by: str = "officer") -> directory.ApplicantView:
    office.session.rollback()
    return directory.get_applicant(
        office.session, actor=office.person(by), now=office.now, applicant_id=applicant_id
    )


def id_of(office: Any, code: str) -> int:
    return int(office.dossier(code).applicant_id)


def edit(office: Any, applicant_id: int, data: ApplicantInput, version: int = 1, by: str = "clerk") -> None:
    directory.edit_applicant(
        office.session,
        now=office.now,
        actor=office.person(by),
        applicant_id=applicant_id,
        version=version,
        data=data,
    )


def merge(office: Any, kept: int, merged: int, by: str = "supervisor") -> None:
    seen = merges.preview(office.session, actor=office.person(by), kept_id=kept, merged_id=merged)
    merges.merge(
        office.session,
        now=office.now,
        actor=office.person(by),
        kept_id=kept,
        kept_version=seen.kept_version,
        merged_id=merged,
        merged_version=seen.merged_version,
    )


def found(office: Any, q: str) -> list[str]:
    office.session.rollback()
    return [hit.code for hit in search.search(office.session, actor=office.person("clerk"), q=q).dossiers]


@pytest.fixture
def twins(office: Any) -> Any:
    """One firm entered twice: with its number, and at another time with a telephone only."""
    office.one = office.receive(37, applicant=firm("Doanh nghiệp Đỏ 900", id_number="0100900900"))
    office.other = office.receive(
        38, applicant=firm("Doanh nghiệp Đỏ 900", phone="0912000900", address="Lô 1"), officer_id=3
    )
    office.brought = office.receive(37, applicant=firm("Doanh nghiệp 901"))
    office.kept, office.merged = id_of(office, office.one), id_of(office, office.other)
    with transaction(office.session):
        brought = office.session.scalars(select(Dossier).where(Dossier.code == office.brought)).one()
        brought.submitter_id = office.merged
        search_queries.write(office.session, brought)
    return office


def test_the_directory_is_in_the_order_of_vietnamese_names(office: Any, counting: Callable[..., Any]) -> None:
    for name in ("Đỗ Văn Ân", "Trần Thị Bình", "Lê An", "Nguyễn Văn An"):
        office.receive(37, applicant=ApplicantInput(ApplicantKind.CITIZEN, name, phone="0911222333"))
    office.receive(37, applicant=firm("Công ty Xe Ba"))

    def listed(**more: Any) -> list[str]:
        page = directory.list_applicants(office.session, actor=office.person("auditor"), **more)
        assert page.total == len(page.rows)
        return [row.name for row in page.rows]

    assert listed(kind=ApplicantKind.CITIZEN) == ["Lê An", "Nguyễn Văn An", "Đỗ Văn Ân", "Trần Thị Bình"]
    assert listed(q="an") == ["Lê An", "Nguyễn Văn An", "Đỗ Văn Ân"]
    assert listed(q="0911 222", kind=ApplicantKind.ENTERPRISE) == []
    with counting(office.session) as statements:
        everybody = listed()
    assert len(statements) <= 3
    assert everybody == [*listed(kind=ApplicantKind.CITIZEN), "Công ty Xe Ba"], "a firm by its first word"
    request = office.request(37, channel=Channel.ONLINE, applicant=firm("Công ty Xe Ba"))
    by = {"now": office.now, "actor": office.person("clerk")}
    waiting = filings.save_filing(office.session, **by, request=request)
    refused = filings.refuse_intake(office.session, **by, request=request, reason="Sai nơi nhận")
    rows = directory.list_applicants(office.session, actor=office.person("auditor"), q="xe ba").rows
    assert [(row.dossiers, row.filings) for row in rows] == [(1, 2)]
    seen = view(office, rows[0].id)
    assert [(row.id, row.state) for row in seen.filed] == [
        (refused, FilingState.REFUSED),
        (waiting, FilingState.WAITING),
    ]
    filings.accept_filing(office.session, **by, filing_id=waiting)
    seen = view(office, rows[0].id)
    assert (len(seen.filed), seen.filings, seen.dossiers.total) == (1, 1, 2)


def test_an_entry_is_put_right_everywhere_at_once(twins: Any) -> None:
    office = twins
    edit(office, office.kept, firm("Doanh nghiệp Xanh 900", id_number="0100900900", phone="0933444555"))
    seen = view(office, office.kept)
    assert (seen.data.name, seen.data.phone, seen.version) == ("Doanh nghiệp Xanh 900", "0933444555", 2)
    assert found(office, "xanh 900") == found(office, "0933444555") == [office.one]
    assert [row.applicant for row in seen.dossiers.rows] == ["Doanh nghiệp Xanh 900"]
    entry = office.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.subject) == ("edit_applicant", f"applicant:{office.kept}")
    assert entry.detail_json == {"fields": ["name", "phone"]}, "no personal data in the chain"


def test_what_an_edit_refuses(twins: Any) -> None:
    office = twins
    data = view(office, office.kept).data
    with pytest.raises(StaleVersion):
        edit(office, office.kept, replace(data, phone="0911222333"), version=7)
    for wrong, field in (
        (replace(data, name=" "), "applicant_name"),
        (replace(data, phone="12"), "phone"),
        (replace(data, id_number="§"), "id_number"),
        (data, None),
    ):
        with pytest.raises(DomainError) as refusal:
            edit(office, office.kept, wrong)
        assert refusal.value.field == field
    with pytest.raises(DomainError, match="hãy gộp"):
        edit(office, office.merged, replace(view(office, office.merged).data, id_number="0100900900"))
    with pytest.raises(DomainError, match="không có quyền"):
        edit(office, office.kept, data, by="officer")
    with pytest.raises(NotFound):
        view(office, 9999)
    assert view(office, office.kept).version == 1


def test_who_may_be_the_same_is_listed_the_surest_first(twins: Any) -> None:
    office = twins
    office.receive(37, applicant=firm("Doanh nghiệp 902", id_number="0100900900"))
    groups = merges.candidates(office.session, actor=office.person("supervisor"))
    assert [(group.why, group.value, len(group.members)) for group in groups] == [
        ("Cùng số giấy tờ", "0100900900", 2),
        ("Cùng tên", "Doanh nghiệp Đỏ 900", 2),
    ]
    assert {row.id for row in view(office, office.kept).alike} >= {office.merged}


def test_a_merge_moves_everything_and_can_be_taken_back(twins: Any) -> None:
    office = twins
    seen = merges.preview(
        office.session, actor=office.person("supervisor"), kept_id=office.kept, merged_id=office.merged
    )
    assert (seen.dossiers, seen.filings, seen.petitions) == (2, 0, 0)
    assert list(seen.codes) == [office.brought, office.other]
    assert seen.result == firm(
        "Doanh nghiệp Đỏ 900", id_number="0100900900", phone="0912000900", address="Lô 1"
    )
    before = [(row.id, row.applicant_id, row.submitter_id) for row in office.session.scalars(select(Dossier))]
    entry = office.dossier(office.other)
    merge(office, office.kept, office.merged)

    kept = view(office, office.kept)
    assert kept.data == seen.result
    assert sorted(row.code for row in kept.dossiers.rows) == sorted(
        [office.one, office.other, office.brought]
    )
    assert view(office, office.merged).merged_into == office.kept
    assert set(found(office, "0100900900")) == {office.one, office.other, office.brought}
    assert [
        row.id
        for row in directory.list_applicants(office.session, actor=office.person("clerk"), q="đỏ 900").rows
    ] == [office.kept]
    # Whoever comes again under the entry that went is the one that stayed.
    again = office.receive(37, applicant=firm("Doanh nghiệp Đỏ 900", phone="0912000900"))
    assert id_of(office, again) == office.kept

    office.session.rollback()
    done = office.session.scalars(select(ApplicantMerge)).one()
    returned = merges.undo(
        office.session, now=office.now, actor=office.person("supervisor"), merge_id=done.id, version=1
    )
    assert returned == office.kept
    office.session.rollback()
    after = {row.id: (row.applicant_id, row.submitter_id) for row in office.session.scalars(select(Dossier))}
    assert [(key, *after[key]) for key, *_ in before] == before
    assert id_of(office, again) == office.kept, "what came after the merge stays"
    assert view(office, office.kept).data == firm("Doanh nghiệp Đỏ 900", id_number="0100900900")
    assert entry.code not in found(office, "0100900900")
    with pytest.raises(StaleVersion):
        merges.undo(
            office.session, now=office.now, actor=office.person("supervisor"), merge_id=done.id, version=1
        )
    actions = office.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert list(actions)[-2:] == ["merge_applicants", "undo_merge_applicants"]
    assert audit.verify(office.session, 1)


def test_what_a_merge_refuses(sqlite_office: Any) -> None:
    office = sqlite_office
    one = id_of(office, office.receive(37, applicant=firm("Doanh nghiệp 900")))
    two = id_of(office, office.receive(37, applicant=firm("Doanh nghiệp 901")))
    three = id_of(office, office.receive(37, applicant=firm("Doanh nghiệp 902")))
    with pytest.raises(DomainError, match="hai chủ hồ sơ khác nhau"):
        merge(office, one, one)
    with pytest.raises(DomainError, match="không có quyền"):
        merge(office, one, two, by="clerk")
    with pytest.raises(StaleVersion):
        merges.merge(
            office.session,
            now=office.now,
            actor=office.person("supervisor"),
            kept_id=one,
            kept_version=1,
            merged_id=two,
            merged_version=9,
        )
    merge(office, one, two)
    with pytest.raises(DomainError, match="đã được gộp"):
        merge(office, three, two)
    merge(office, three, one)
    first = office.session.scalars(select(ApplicantMerge).order_by(ApplicantMerge.id)).first()
    with pytest.raises(DomainError, match="đã được gộp"):
        merges.undo(
            office.session, now=office.now, actor=office.person("supervisor"), merge_id=first.id, version=1
        )
    assert id_of(office, office.receive(37, applicant=firm("Doanh nghiệp 901"))) == three
    assert office.session.scalars(select(Applicant.id).where(Applicant.merged_into_id.is_(None))).all() == [
        three
    ]
