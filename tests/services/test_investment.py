"""Certificates of investment on record: entered, corrected, cancelled, found again; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.investment_files import DDI, FDI, MORE, NEW, NOW, OTHER, certificate, content_of
from tthc.domain.investment import CertificateChangeKind, Figures, InvestmentRefused
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import DomainError, Outcome
from tthc.services import audit, dossier_page, investment
from tthc.services.investment import CertificateFilter
from tthc.services.transaction import NotFound, StaleVersion


class Book:
    """The entries of a database, as one person keeps them."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor

    def record(self, number: int = 1, *, dossier: str = "", **more: Any) -> int:
        return investment.record_certificate(
            self.session,
            now=NOW,
            actor=self.actor,
            certificate=certificate(number, **more),
            dossier_code=dossier,
        )

    def correct(self, key: int, *, reason: str = "Ghi nhầm", version: int | None = None, **more: Any) -> None:
        seen = self.view(key)
        dossier = more.pop("dossier", seen.row.dossier_code)
        investment.correct_certificate(
            self.session,
            now=NOW,
            actor=self.actor,
            certificate_id=key,
            version=seen.version if version is None else version,
            certificate=replace(seen.row.certificate, **more),
            dossier_code=dossier,
            reason=reason,
        )

    def cancel(self, key: int, *, reason: str = "Ghi hai lần", version: int | None = None) -> None:
        investment.cancel_certificate(
            self.session,
            now=NOW,
            actor=self.actor,
            certificate_id=key,
            version=self.view(key).version if version is None else version,
            reason=reason,
        )

    def view(self, key: int) -> investment.CertificateView:
        return investment.get_certificate(self.session, actor=self.actor, certificate_id=key)

    def listed(self, **criteria: Any) -> investment.CertificateList:
        return investment.list_certificates(
            self.session, actor=self.actor, criteria=CertificateFilter(**criteria)
        )

    def numbers(self, **criteria: Any) -> list[str]:
        found = self.listed(**criteria)
        assert found.page.total == found.total.count
        return [one.certificate.number for one in found.page.rows]


@pytest.fixture
def book(session: Session, officer: Actor) -> Book:
    """Kept by a chuyên viên, on both databases."""
    return Book(session, officer)


@pytest.fixture
def sqlite_book(sqlite_session: Session, officer: Actor) -> Book:
    """The same on SQLite only, for what cannot differ."""
    return Book(sqlite_session, officer)


# --- entering -----------------------------------------------------------------------------------------


def test_an_entry_says_exactly_what_was_typed(book: Book) -> None:
    key = book.record(usd=Decimal("7.283456"), vnd=Decimal("144256.123456789"), project="Nhà máy sợi 01")
    seen = book.view(key)
    one = certificate(usd=Decimal("7.283456"), vnd=Decimal("144256.123456789"), project="Nhà máy sợi 01")
    assert seen.row.certificate == one
    assert str(seen.row.certificate.vnd) == "144256.123456789"
    assert (seen.version, seen.row.corrected, seen.row.cancelled) == (1, False, False)
    [entry] = seen.history
    assert (entry.what, entry.by, entry.at, entry.differences) == (
        CertificateChangeKind.RECORDED,
        "Chuyên viên 01",
        NOW,
        (),
    )


def test_sums_in_the_database_are_exact(book: Book) -> None:
    """A tenth has no binary form: ten of them added up as such miss one."""
    for number in range(1, 11):
        book.record(number, usd=Decimal("0.1"), vnd=Decimal("0.7"))
    assert book.listed().total == Figures(10, Decimal(1), Decimal(7))


def test_the_same_certificate_is_on_record_once(book: Book) -> None:
    book.record()
    before = content_of(book.session)
    with pytest.raises(DomainError, match="đã được ghi") as refusal:
        book.record(vnd=Decimal(9))
    assert refusal.value.field == "number"
    with pytest.raises(DomainError, match="lần sau của cùng dự án là điều chỉnh"):
        book.record(issued_on=date(2024, 6, 5))
    assert content_of(book.session) == before
    book.record(kind=MORE, issued_on=date(2024, 6, 5))
    book.record(kind=OTHER, issued_on=date(2024, 6, 5))
    book.record(kind=MORE, issued_on=date(2024, 6, 6))
    assert book.listed().total.count == 4


def test_of_two_at_once_one_is_refused(
    session: Session, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one comes between the look for doubles and the entry."""
    Book(session, officer).record()
    monkeypatch.setattr(investment, "refuse_double", lambda *_, **__: None)
    with pytest.raises(DomainError, match="vừa được người khác ghi"):
        Book(session, officer).record()
    assert Book(session, officer).listed().total.count == 1


def test_everything_that_is_wrong_is_refused_and_nothing_kept(sqlite_book: Book) -> None:
    before = content_of(sqlite_book.session)
    with pytest.raises(InvestmentRefused) as refusal:
        sqlite_book.record(vnd=None, issued_on=date(2024, 6, 15))
    assert {fault.field for fault in refusal.value.faults} == {"vnd", "issued_on"}
    assert content_of(sqlite_book.session) == before


@pytest.mark.parametrize("name", ["admin", "auditor"])
def test_who_may_not(sqlite_session: Session, actor: Callable[[str], Actor], name: str) -> None:
    key = Book(sqlite_session, actor("clerk")).record()
    other = Book(sqlite_session, actor(name))
    assert other.view(key).row.certificate.number == "GCN-001"
    for act in (lambda: other.record(2), lambda: other.correct(key, note="x"), lambda: other.cancel(key)):
        with pytest.raises(NotAllowed):
            act()


# --- the dossier that gave it -------------------------------------------------------------------------


@pytest.fixture
def granted(office: Any) -> str:
    """A dossier of procedure 4 (cấp Giấy chứng nhận), received 03/06 and granted 07/06/2024."""
    office.stand("03/06/2024 08:00")
    code = office.receive(4, confirm_unverified=True)
    office.stand("07/06/2024 10:00")
    office.act("resolve", code)
    return str(code)


def of_dossier(book: Book, code: str) -> investment.DossierCertificates:
    view = dossier_page.get_dossier(book.session, actor=book.actor, now=NOW, code=code)
    return investment.certificates_of_dossier(book.session, actor=book.actor, view=view)


def missing(book: Book) -> list[str]:
    page = investment.list_missing(
        book.session, actor=book.actor, from_on=date(2024, 6, 1), to_on=date(2024, 6, 14)
    )
    assert page.total == len(page.rows)
    return [one.code for one in page.rows]


def test_a_granted_dossier_waits_for_its_certificate(book: Book, granted: str) -> None:
    seen = of_dossier(book, granted)
    assert (seen.rows, seen.offered, seen.expected, seen.unsettled) == ([], True, True, False)
    assert missing(book) == [granted]
    key = book.record(dossier=f" {granted} ", issued_on=date(2024, 6, 7))
    seen = of_dossier(book, granted)
    assert ([one.id for one in seen.rows], seen.offered, seen.expected) == ([key], True, False)
    assert missing(book) == []
    assert book.view(key).row.applicant == "Doanh nghiệp 900"
    book.cancel(key)
    assert of_dossier(book, granted).expected
    assert missing(book) == [granted]


def test_the_form_begins_with_what_the_dossier_tells(book: Book, granted: str) -> None:
    earlier = book.record(1, issued_on=date(2024, 6, 2))
    candidate = book.record(2, issued_on=date(2024, 6, 5))
    draft = investment.draft_for_dossier(book.session, actor=book.actor, code=granted)
    assert (draft.dossier_code, draft.issued_on, draft.kind) == (granted, date(2024, 6, 7), NEW)
    assert [one.id for one in draft.candidates] == [candidate]
    book.correct(candidate, dossier=granted)
    draft = investment.draft_for_dossier(book.session, actor=book.actor, code=granted)
    assert draft.candidates == []
    assert book.view(earlier).row.dossier_code == ""


def test_a_dossier_that_gives_none(book: Book, office: Any) -> None:
    office.stand("03/06/2024 08:00")
    labour = office.receive(41)
    pending = office.receive(4, confirm_unverified=True)
    refused = office.receive(4, confirm_unverified=True)
    policy = office.receive(2)
    office.stand("07/06/2024 10:00")
    office.act("resolve", labour)
    office.act("resolve", policy)
    office.act("resolve", refused, outcome=Outcome.REFUSED, reason="Không đủ điều kiện")
    for code, why in (
        (labour, "thuộc lĩnh vực Lao động"),
        (pending, "chưa có kết quả"),
        (refused, "chưa có kết quả"),
        ("KHONG-CO", "Không tìm thấy hồ sơ KHONG-CO"),
    ):
        with pytest.raises(DomainError, match=why) as refusal:
            book.record(dossier=code)
        assert refusal.value.field == "dossier_code"
    assert [of_dossier(book, code).offered for code in (labour, pending, refused)] == [False, False, False]
    # An approved policy gives one in some cases: offered, and not missed.
    assert (of_dossier(book, policy).offered, of_dossier(book, policy).expected) == (True, False)
    assert missing(book) == []


def test_a_certificate_is_not_older_than_its_dossier(book: Book, granted: str) -> None:
    with pytest.raises(DomainError, match="trước ngày tiếp nhận hồ sơ") as refusal:
        book.record(dossier=granted, issued_on=date(2024, 6, 2))
    assert refusal.value.field == "issued_on"


def test_a_dossier_that_is_opened_again_keeps_its_certificate_and_says_so(
    book: Book, office: Any, granted: str
) -> None:
    key = book.record(dossier=granted, issued_on=date(2024, 6, 7))
    office.act("reopen", granted)
    seen = of_dossier(book, granted)
    assert (len(seen.rows), seen.offered, seen.unsettled) == (1, False, True)
    # Mending the entry needs no granted dossier as long as it stays the same one.
    book.correct(key, note="Đã đối chiếu bản giấy")
    assert book.view(key).row.dossier_code == granted


# --- correcting and cancelling ------------------------------------------------------------------------


def test_a_correction_keeps_what_was_said_before(book: Book) -> None:
    key = book.record(project="Nhà máy A")
    book.correct(key, vnd=Decimal("260.25"), kind=MORE, project="", reason="  Đối chiếu bản gốc ")
    seen = book.view(key)
    assert (seen.version, seen.row.corrected) == (2, True)
    assert seen.history[1].reason == "Đối chiếu bản gốc"
    assert seen.history[1].differences == [
        ("Loại", "Cấp mới", "Điều chỉnh tăng vốn"),
        ("Vốn (tỷ đồng)", "250,25", "260,25"),
        ("Tên dự án", "Nhà máy A", "–"),
    ]
    assert book.listed().total.vnd == Decimal("260.25")
    assert audit.verify(book.session, 1)


def test_a_correction_needs_a_reason_and_a_change(sqlite_book: Book) -> None:
    key = sqlite_book.record()
    before = content_of(sqlite_book.session)
    with pytest.raises(DomainError) as refusal:
        sqlite_book.correct(key, vnd=Decimal(1), reason=" ")
    assert refusal.value.field == "reason"
    with pytest.raises(DomainError, match="Chưa có nội dung nào được sửa"):
        sqlite_book.correct(key)
    with pytest.raises(DomainError) as refusal:
        sqlite_book.cancel(key, reason="")
    assert refusal.value.field == "reason"
    with pytest.raises(InvestmentRefused):
        sqlite_book.correct(key, vnd=None)
    assert content_of(sqlite_book.session) == before


def test_nobody_changes_what_he_has_not_seen(book: Book) -> None:
    key = book.record()
    book.correct(key, note="một")
    before = content_of(book.session)
    with pytest.raises(StaleVersion):
        book.correct(key, version=1, note="hai")
    with pytest.raises(StaleVersion):
        book.cancel(key, version=1)
    with pytest.raises(NotFound):
        book.view(key + 1)
    with pytest.raises(NotFound):
        investment.cancel_certificate(
            book.session, now=NOW, actor=book.actor, certificate_id=key + 1, version=1, reason="x"
        )
    assert content_of(book.session) == before


def test_a_correction_makes_no_double(book: Book) -> None:
    book.record(1)
    other = book.record(2)
    with pytest.raises(DomainError, match="đã được ghi"):
        book.correct(other, number="GCN-001")
    with pytest.raises(DomainError, match="cấp mới ngày 03/06/2024"):
        book.correct(other, number="GCN-001", issued_on=date(2024, 6, 4))
    book.correct(other, number="GCN-001", kind=OTHER)
    assert sorted(book.numbers()) == ["GCN-001", "GCN-001"]


def test_a_cancelled_entry_counts_no_longer_and_stays_to_be_seen(book: Book) -> None:
    key = book.record()
    book.cancel(key)
    assert book.listed().total == Figures()
    assert book.numbers(cancelled=True) == ["GCN-001"]
    seen = book.view(key)
    assert (seen.row.cancelled, seen.row.corrected) == (True, False)
    assert [entry.what.value for entry in seen.history] == ["recorded", "cancelled"]
    for act in (lambda: book.correct(key, note="x"), lambda: book.cancel(key)):
        with pytest.raises(DomainError, match="đã hủy"):
            act()
    again = book.record()
    assert again != key
    assert book.listed().total.count == 1


def test_the_history_cannot_be_edited(book: Book) -> None:
    book.record()
    for statement in ("UPDATE investment_change SET reason = 'x'", "DELETE FROM investment_change"):
        with pytest.raises(Exception, match="investment_change is append-only"), book.session.begin_nested():
            book.session.execute(text(statement))
        book.session.rollback()


# --- finding ------------------------------------------------------------------------------------------


def test_the_filter(book: Book, granted: str) -> None:
    book.record(1, project="Nhà máy dệt Đường Đỏ", issued_on=date(2024, 1, 10))
    book.record(2, origin=DDI, usd=None, issued_on=date(2024, 2, 10))
    book.record(3, kind=OTHER, usd=None, vnd=Decimal("-5.5"), issued_on=date(2024, 3, 10))
    book.record(4, dossier=granted, issued_on=date(2024, 6, 7))
    assert book.numbers() == ["GCN-004", "GCN-003", "GCN-002", "GCN-001"]
    assert book.numbers(origin=DDI) == ["GCN-002"]
    assert book.numbers(kind=NEW, origin=FDI) == ["GCN-004", "GCN-001"]
    assert book.numbers(from_on=date(2024, 2, 10), to_on=date(2024, 3, 10)) == ["GCN-003", "GCN-002"]
    assert book.numbers(q="duong do") == ["GCN-001"]
    assert book.numbers(q="do GCN-001 dệt") == ["GCN-001"]
    assert book.numbers(q="doanh nghiep 900") == ["GCN-004"]
    assert book.numbers(q=granted) == ["GCN-004"]
    assert book.numbers(q="100%") == []
    assert book.listed(kind=OTHER).total == Figures(1, Decimal(0), Decimal("-5.5"))


def test_pages_and_their_queries(book: Book, counting: Any) -> None:
    with counting(book.session) as few:
        book.listed()
    for number in range(1, 53):
        book.record(number)
    with counting(book.session) as many:
        first = book.listed()
    assert len(few) == len(many)
    assert (len(first.page.rows), first.page.total, first.page.pages) == (50, 52, 2)
    second = book.listed(page=2)
    assert [one.certificate.number for one in second.page.rows] == ["GCN-002", "GCN-001"]
    assert second.total == first.total
    assert book.listed(page=99).page.rows == []
