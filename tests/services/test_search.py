"""The one box: the same dossiers on both databases, written with what they say, newest first."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text, update

from tthc.db.models import Applicant, Dossier, SearchEntry
from tthc.db.queries import search as queries
from tthc.domain.permissions import Actor, system_actor
from tthc.domain.search import read
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError, Role
from tthc.services import applicants, filings, search, steps
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import transaction


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


def found(office: Any, q: str, **more: Any) -> search.Found:
    office.session.rollback()
    return search.search(office.session, actor=office.person("officer"), q=q, **more)


def five_dossiers(office: Any) -> dict[str, str]:
    codes = {
        "r": office.receive(
            37,
            applicant=firm(
                "Công ty Đường Sắt 900",
                id_number="0100900900-001",
                phone="+84912000900",
                email="lien.he@duongsat.vn",
            ),
            subject="Tàu 50%_a",
        ),
        "h": office.receive(
            38, applicant=firm("Xưởng Ấm Đun 901"), subject="Giấy phép Hoà Bình", note="Sổ Ê"
        ),
        "n": office.receive(37, applicant=firm("Công ty Dương 902"), submitter_name="Người nộp 07"),
        "w": office.receive(41, applicant=firm("Hộ kinh doanh Đỗ Ước 903", phone="0987654321")),
        "q": office.receive(2, applicant=firm("Doanh nghiệp 904"), channel=Channel.POST),
    }
    office.act("request_supplement", codes["w"], reason="Thiếu công văn số 123/KCN-QL")
    office.act("receive_supplement", codes["w"], note="Bản vẽ gửi kèm")
    return {code: letter for letter, code in codes.items()}


@pytest.fixture
def books(office: Any, prepared: Any) -> Any:
    """Five dossiers, by a letter each; on both databases they carry the same numbers."""
    office.letters = prepared(office, five_dossiers)
    return office


#: (what is typed, the dossiers that answer, newest first)
QUESTIONS = [
    ("duong sat", "r"),
    ("ĐƯỜNG SẮT", "r"),
    ("sat duong", "r"),
    ("đường SẮT", "r"),
    (unicodedata.normalize("NFD", "Đường Sắt"), "r"),
    ("duong", "nr"),
    ("đuong", "nr"),
    ("Dương", "nr"),
    ("dươ", "nr"),
    ("cong 902", "n"),
    ("902 công", "n"),
    (unicodedata.normalize("NFD", "hoà"), "h"),
    ("hoa bi", "h"),
    ("bình hoà", "h"),
    ("do uoc", "w"),
    ("đỗ ướ", "w"),
    ("0912000900", "r"),
    ("0912 000 900", "r"),
    ("+84 912 000 900", "r"),
    ("091200", "r"),
    ("0987.654.321", "w"),
    ("0100900900", "r"),
    ("0100900900-001", "r"),
    ("lien.he@duongsat.vn", "r"),
    ("000.00.99.H54-240614-0003", "n"),
    ("000.00.99.h54-240614-0003", "n"),
    ("240614-0003", "n"),
    ("240614-0004", "w"),
    ("nguoi nop 07", "n"),
    ("sổ ê", "h"),
    ("123/kcn", "w"),
    ("ban ve gui kem", "w"),
    ("50%", "r"),
    ("50%_a", "r"),
    ("240614", "qwnhr"),
    ("duong khong co", ""),
    ("oanh", ""),
    ("h54 OR 900", ""),
    ('" * ( NEAR', ""),
    ("%", ""),
    ("_ ' \\", ""),
    ("   ", ""),
]


def test_both_databases_give_the_same_dossiers(books: Any) -> None:
    office = books
    answers = {typed: [hit.code for hit in found(office, typed).dossiers] for typed, _ in QUESTIONS}
    letters = {typed: "".join(office.letters[code] for code in codes) for typed, codes in answers.items()}
    assert letters == dict(QUESTIONS)
    for typed, codes in answers.items():
        if typed.strip():
            assert sorted(office.codes(q=typed)) == sorted(codes), typed
    procedure, national = office.session.execute(
        text(
            "SELECT v.name, p.national_code FROM procedure p "
            "JOIN procedure_version v ON v.procedure_id = p.id WHERE p.local_no = 41"
        )
    ).one()
    for typed in (procedure, national):
        assert [office.letters[hit.code] for hit in found(office, typed).dossiers] == ["w"]


def test_why_a_dossier_answers(books: Any) -> None:
    def said(q: str) -> list[tuple[str, str]]:
        [hit] = found(books, q).dossiers
        return [
            (label, "".join(f"[{piece}]" if sought else piece for piece, sought in pieces))
            for label, pieces in hit.reasons
        ]

    assert said("hoa binh") == [("Nội dung", "Giấy phép [Hoà] [Bình]")]
    assert said("123/kcn") == [("Quá trình giải quyết", "Thiếu công văn số [123]/[KCN]-QL")]
    assert said("nop 07") == [("Người nộp", "Người [nộp] [07]")]
    assert said("0987654") == [("Điện thoại", "[0987654321]")]
    assert said("sat 900") == []
    [hit] = found(books, "sat 900").dossiers
    assert [piece for piece, sought in hit.applicant if sought] == ["Sắt", "900"]


def test_filings_and_applicants_stand_beside_the_dossiers(books: Any) -> None:
    office = books
    filings.save_filing(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        request=office.request(37, applicant=firm("Công ty Đường Ray 905", phone="0911222333")),
    )
    all_of_them = found(office, "đường")
    assert ["".join(piece for piece, _ in one.applicant) for one in all_of_them.filings] == [
        "Công ty Đường Ray 905"
    ]
    number = "".join(piece for piece, _ in all_of_them.filings[0].number)
    assert [one.id for one in found(office, number).filings] == [all_of_them.filings[0].id]
    people = [("".join(piece for piece, _ in one.name), one.dossiers) for one in all_of_them.applicants]
    assert people == [("Công ty Đường Ray 905", 0), ("Công ty Dương 902", 1), ("Công ty Đường Sắt 900", 1)]
    assert not found(office, "đường", before=99).applicants
    assert not found(office, "%").anything
    # The applicant still holds the paper with that number when it has become a dossier.
    [filing] = all_of_them.filings
    filings.accept_filing(office.session, now=office.now, actor=office.person("clerk"), filing_id=filing.id)
    assert not found(office, "đường").filings
    assert number.startswith("TN-")
    for typed in (number, f" {number.lower().replace('-', ' ')}", f"https://x.vn/tra-cuu?code={number}"):
        assert [one.id for one in found(office, typed).filings] == [filing.id], typed


def test_a_changed_applicant_is_found_by_what_holds_now(books: Any) -> None:
    office = books
    with transaction(office.session):
        applicants.find_or_add(
            office.session, firm("Công ty Đường Sắt 900", id_number="0100900900-001", phone="0933444555")
        )
    assert [office.letters[hit.code] for hit in found(office, "0933 444 555").dossiers] == ["r"]
    assert not found(office, "0912000900").anything
    assert found(office, "0933444555").applicants


def test_a_note_of_a_step_is_found(office: Any) -> None:
    code = office.receive(37)
    steps.hand_on(
        office.session,
        call=office.call(code, "clerk"),
        taker_id=office.person("officer").account_id,
        note="Kèm công văn 77/BQL",
    )
    assert [hit.code for hit in found(office, "77/bql").dossiers] == [code]


def test_nothing_is_found_of_what_was_taken_back(office: Any) -> None:
    with transaction(office.session):
        applicants.find_or_add(office.session, firm("Doanh nghiệp Thoáng Qua"))
        assert search.search(office.session, actor=office.person("clerk"), q="thoang").applicants
        office.session.rollback()
    assert not found(office, "thoang").anything


def test_pages_go_on_below_an_id(books: Any) -> None:
    office, seen, before = books, "", None
    while True:
        page = found(office, "240614", before=before, results=2)
        seen += "".join(office.letters[hit.code] for hit in page.dossiers)
        before = page.older
        if before is None:
            break
    assert seen == "qwnhr"


def test_many_answers_come_in_the_same_order(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    question = read("240614")
    assert question is not None
    few = queries.newest(books.session, queries.DOSSIERS, question, before=None, limit=3)
    monkeypatch.setattr(queries, "_FEW", 2)
    assert queries.newest(books.session, queries.DOSSIERS, question, before=None, limit=3) == few
    assert list(queries.newest(books.session, queries.DOSSIERS, question, before=few[1], limit=1)) == [few[2]]


def test_rebuilding_brings_back_what_others_overwrote(books: Any) -> None:
    office = books
    with transaction(office.session):
        office.session.execute(update(SearchEntry).values(folded="sai"))
        office.session.execute(update(Applicant).values(search_text=""))
        if office.session.get_bind().dialect.name == "postgresql":
            office.session.execute(text("DELETE FROM search_index"))
    assert not found(office, "duong sat").anything
    counted = search.rebuild(office.session, actor=system_actor(1))
    assert counted == (5, 6)
    assert found(office, "duong sat").dossiers
    assert found(office, "duong sat").applicants
    assert len(found(office, "240614").dossiers) == 5
    with pytest.raises(DomainError, match="không có quyền"):
        search.rebuild(office.session, actor=office.person("clerk"))


def test_only_the_own_unit_and_only_with_a_role(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37, firm="Doanh nghiệp 900")
    stranger = Actor(account_id=2, unit_id=2, name="Cán bộ 99", roles=frozenset({Role.SUPERVISOR}))
    assert not search.search(office.session, actor=stranger, q="doanh nghiep").dossiers
    assert search.find_code(office.session, actor=stranger, q=code) is None
    assert search.find_code(office.session, actor=office.person("clerk"), q=f" {code.lower()} ") == code
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    with pytest.raises(DomainError, match="không có quyền"):
        search.search(office.session, actor=nobody, q="x")


def test_the_number_of_statements_does_not_grow(sqlite_office: Any, counting: Callable[..., Any]) -> None:
    office, asked = sqlite_office, []
    for times in (1, 12):
        for index in range(times):
            office.receive(36 + index % 4, firm=f"Doanh nghiệp {900 + index}")
        with counting(office.session) as statements:
            assert len(found(office, "doanh").dossiers) >= times
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 11


def test_every_stored_entry_is_what_a_rebuild_would_write(books: Any) -> None:
    office = books
    stored = dict(office.session.execute(text("SELECT dossier_id, folded FROM search_entry")).all())
    with transaction(office.session):
        queries.write_of_dossiers(office.session, office.session.scalars(text("SELECT id FROM dossier")))
    now = dict(office.session.execute(text("SELECT dossier_id, folded FROM search_entry")).all())
    assert now == stored
    assert len(now) == len(office.session.query(Dossier.id).all())
