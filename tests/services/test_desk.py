"""What helps at the desk: most received first, duplicates, drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import ApplicantKind, DomainError
from tthc.services import applicants, drafts, duplicates, procedure_picker
from tthc.services.applicants import ApplicantInput


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


def test_what_is_received_most_leads_the_picker(office: Any, counting: Any) -> None:
    def leading(by: str = "clerk") -> list[int]:
        found = procedure_picker.picker_entries(office.session, actor=office.person(by), now=office.now)
        assert len(found) == 42
        rest = [one.row.local_no for one in found if not one.used]
        assert rest == sorted(rest)
        return [one.row.local_no for one in found if one.used]

    assert leading() == []
    office.receive(41, by="clerk2")
    for number in range(2):
        office.receive(38, by="clerk2", applicant=firm(f"Doanh nghiệp {number}"))
    office.receive(37)
    assert leading() == [37, 38, 41], "one's own first, then what the unit receives"
    assert leading("clerk2") == [38, 41, 37]
    with counting(office.session) as statements:
        leading()
    assert len([one for one in statements if one.startswith("SELECT")]) == 4, "however much was received"
    office.clock.moment += timedelta(days=91)
    assert leading() == [], "long ago says nothing of today"


def test_words_find_the_one_that_is_meant(sqlite_office: Any) -> None:
    office = sqlite_office
    office.receive(30)
    entries = procedure_picker.picker_entries(office.session, actor=office.person("clerk"), now=office.now)

    def found(query: str) -> list[int]:
        return [one.row.local_no for one in procedure_picker.matching(entries, query)]

    assert found("37") == [37]
    assert found("2.000450") == [37]
    assert found("ghgpxd") == [30]
    assert found("giay phep xay dung")[0] == 30, "the one that is received leads"
    assert set(found("giấy phép XÂY dựng")) == {26, 27, 29, 30, 31}
    assert found("không có đâu") == []


def test_an_open_dossier_alike_has_to_be_confirmed(office: Any) -> None:
    first = office.receive(37, applicant=firm("Doanh nghiệp 12", id_number="0100900012"))
    nameless = office.receive(38, applicant=firm("Hộ kinh doanh Đường Đỏ"))

    def refused(local_no: int, **who: Any) -> str:
        with pytest.raises(DomainError) as caught:
            office.receive(local_no, check_duplicates=True, applicant=firm(**who))
        assert caught.value.field == "confirm_duplicate"
        return caught.value.message

    before = office.everything()
    assert first in refused(37, name="Tên khác", id_number="01009 00012")
    assert nameless in refused(38, name="hộ kinh doanh đường đỏ")
    assert office.everything() == before, "nothing is half saved"
    # Another procedure, another number, or a confirmation: received.
    office.receive(38, check_duplicates=True, applicant=firm("Doanh nghiệp 12", id_number="0100900012"))
    office.receive(37, check_duplicates=True, applicant=firm("Doanh nghiệp 12", id_number="0100900013"))
    office.receive(37, applicant=firm("Doanh nghiệp 12", id_number="0100900012"))
    # What has ended stands in nobody's way.
    office.act("resolve", nameless)
    again = firm("Hộ kinh doanh Đường Đỏ")
    office.receive(38, check_duplicates=True, applicant=again)
    with pytest.raises(NotAllowed):
        applicants.owner_of(office.session, actor=office.person("auditor"), code=first)
    assert (
        len(
            duplicates.find_duplicates(
                office.session,
                actor=office.person("auditor"),
                procedure_id=office.procedure_id(38),
                applicant=again,
            )
        )
        == 1
    )


def test_a_draft_is_one_persons_and_is_gone_once_saved(office: Any) -> None:
    clerk, other = office.person("clerk"), office.person("clerk2")

    def left(actor: Any = clerk) -> Any:
        return drafts.get_draft(office.session, now=office.now, actor=actor, form=drafts.INTAKE)

    def keep(*pairs: tuple[str, str], actor: Any = clerk) -> None:
        drafts.save_draft(office.session, now=office.now, actor=actor, form=drafts.INTAKE, pairs=pairs)

    keep(("subject", "cũ"))
    keep(("subject", "mới"), ("extra-1-name", "Đơn"))
    keep(("subject", "của người khác"), actor=other)
    assert left().pairs == [("subject", "mới"), ("extra-1-name", "Đơn")]
    assert (left().value("subject"), left().value("phone"), left().saved_at) == ("mới", "", office.now)
    with pytest.raises(DomainError, match="quá dài"):
        keep(("subject", "x" * 200_000))
    with pytest.raises(NotAllowed):
        keep(("subject", "x"), actor=office.person("officer"))
    with pytest.raises(DomainError):
        office.receive(37, draft=drafts.INTAKE, sets=0)
    assert left() is not None, "what was refused is kept"
    office.receive(37, draft=drafts.INTAKE)
    assert left() is None
    assert left(other).value("subject") == "của người khác"
    drafts.discard_draft(office.session, actor=other, form=drafts.INTAKE)
    assert left(other) is None
    keep(("subject", "sẽ quá cũ"))
    office.clock.moment += timedelta(days=7, minutes=1)
    assert left() is None, "too old to be offered"
    keep(("subject", "của hôm nay"), actor=other)
    assert drafts.clean_up(office.session, now=office.now, unit_id=1) == 1
    assert drafts.clean_up(office.session, now=office.now, unit_id=1) == 0
    assert left(other) is not None
