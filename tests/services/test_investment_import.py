"""Files of certificates: the published half-year, every refusal, and the same file again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.investment_files import (
    FROM,
    HEADINGS,
    NOW,
    OTHER,
    TO,
    Taker,
    content_of,
    counts,
    csv_file,
    half_year,
    row,
    xlsx_file,
)
from tests.services.test_investment import Book
from tthc.domain.investment import CELLS, Figures, InvestmentOrigin
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, investment_files, investment_reports
from tthc.services.imported_files import RowOutcome
from tthc.services.investment import CertificateFilter


@pytest.fixture
def take(session: Session, reporter: Actor) -> Taker:
    """Imports as a cán bộ tổng hợp, on both databases."""
    return Taker(session, reporter)


@pytest.fixture
def sqlite_take(sqlite_session: Session, reporter: Actor) -> Taker:
    """The same on SQLite only, for what cannot differ."""
    return Taker(sqlite_session, reporter)


def refusals(take: Taker, *rows: Any, content: bytes | None = None) -> list[tuple[int, str, str]]:
    """What is refused; and nothing is saved."""
    before = content_of(take.session)
    result = take(*rows, content=content)
    assert (result.created, result.updated) == (0, 0)
    assert content_of(take.session) == before
    return [(error.row, error.column, error.message) for error in result.errors]


# --- the published half-year --------------------------------------------------------------------------


def test_the_published_half_year_is_taken_over_once(take: Taker, reporter: Actor) -> None:
    looked = take(content=half_year(), dry_run=True)
    assert counts(looked) == (30, 30, 0, 0, 0)
    assert Book(take.session, reporter).listed().total == Figures()

    assert counts(take(content=half_year())) == (30, 30, 0, 0, 0)
    tally = investment_reports.build_report(
        take.session, actor=reporter, today=TO, from_on=FROM, to_on=TO
    ).tally
    assert [tally.cells[cell].count for cell in CELLS] == [11, 4, 9, 2, 2, 2]
    assert tally.of(InvestmentOrigin.FDI) == Figures(24, Decimal(151), Decimal("3474.58"))
    assert tally.of(InvestmentOrigin.DDI) == Figures(6, Decimal(0), Decimal("447.53"))
    assert tally.of() == Figures(30, Decimal(151), Decimal("3922.11"))

    before = content_of(take.session)
    again = take(content=half_year())
    assert counts(again) == (30, 0, 0, 30, 0)
    assert {shown.outcome for shown in again.preview} == {RowOutcome.UNCHANGED}
    assert content_of(take.session) == before
    assert audit.verify(take.session, 1)


def test_the_entries_stand_by_date_whatever_the_order_of_the_file(take: Taker) -> None:
    take(row(1, issued_on="2024-06-05"), row(2, issued_on="2024-06-03"), row(3, issued_on="2024-06-04"))
    found = content_of(take.session)["investment_certificate"]
    assert [one[1:4] for one in found] == [("1", "None", f"GCN-00{number}") for number in (2, 3, 1)]


def test_what_is_exported_comes_back(take: Taker, reporter: Actor, session: Session) -> None:
    take(
        row(1, capital_vnd_billion="3.125", project="Nhà máy “A”, giai đoạn 1", note="hai\ndòng"),
        row(2, kind="other_adjustment", capital_usd_million="", capital_vnd_billion="-12.5"),
        row(3, capital_vnd_billion="1234567.125"),
    )
    content = investment_files.export_list(
        session, actor=reporter, criteria=CertificateFilter(), format="csv"
    )
    before = content_of(session)
    assert counts(take(content=content)) == (3, 0, 0, 3, 0)
    assert content_of(session) == before
    book = Book(session, reporter)
    for entry in book.listed().page.rows:
        book.cancel(entry.id)
    again = take(content=content)
    assert counts(again) == (3, 0, 0, 3, 0)
    assert all("đã hủy ngày 14/06/2024" in shown.warnings[-1] for shown in again.preview)


# --- how a file may be written ------------------------------------------------------------------------


def test_vietnamese_headings_words_and_numbers(sqlite_take: Taker, reporter: Actor) -> None:
    titles = [
        "Số GCN",
        "Ngày cấp",
        "Nguồn vốn",
        "Loại",
        "Vốn đăng ký (triệu USD)",
        "Vốn đăng ký (tỷ đồng)",
        "Dự án",
        "Mã hồ sơ",
        "Ghi chú",
    ]
    written = {"issued_on": "03/06/2024", "capital_usd_million": "3,125", "capital_vnd_billion": "3.474,58"}
    content = csv_file(
        row(1, origin="Đầu tư nước ngoài (FDI)", kind="Cấp mới", **written),
        row(2, origin="trong nước", kind="Điều chỉnh tăng vốn", **written),
        row(3, origin="ddi", kind="điều chỉnh khác", **written),
        titles=titles,
    )
    assert counts(sqlite_take(content=content)) == (3, 3, 0, 0, 0)
    total = Book(sqlite_take.session, reporter).listed().total
    assert total == Figures(3, Decimal("9.375"), Decimal("10423.74"))


def test_a_sheet_with_real_numbers_and_dates(sqlite_take: Taker, reporter: Actor) -> None:
    content = xlsx_file(
        row(1, certificate_no=9876543210, issued_on=datetime(2024, 6, 3), capital_vnd_billion=3.125),
        row(2, issued_on=datetime(2024, 6, 4), capital_usd_million=7, capital_vnd_billion=169.5),
    )
    assert counts(sqlite_take(content=content)) == (2, 2, 0, 0, 0)
    book = Book(sqlite_take.session, reporter)
    assert book.numbers() == ["GCN-002", "9876543210"]
    assert book.listed().total == Figures(2, Decimal("17.5"), Decimal("172.625"))


def test_thousands_or_decimals_as_the_rest_of_the_file_is_written(sqlite_take: Taker) -> None:
    ambiguous = row(1, capital_vnd_billion="3.125", capital_usd_million="107")
    [(number, column, message)] = refusals(sqlite_take, ambiguous)
    assert (number, column) == (2, "capital_vnd_billion")
    assert "Không rõ “3.125”" in message
    shown = sqlite_take(ambiguous, row(2, capital_vnd_billion="203.82"), dry_run=True).preview
    assert shown[0].certificate.vnd == Decimal("3.125")
    shown = sqlite_take(
        ambiguous, row(2, capital_usd_million="10,5", capital_vnd_billion="203,82"), dry_run=True
    ).preview
    assert shown[0].certificate.vnd == Decimal(3125)


def test_foreign_capital_without_dollars_is_worth_a_word(sqlite_take: Taker) -> None:
    shown = sqlite_take(
        row(1, capital_usd_million=""), row(2, origin="DDI", capital_usd_million=""), dry_run=True
    ).preview
    assert [bool(one.warnings) for one in shown] == [True, False]


# --- refusals -----------------------------------------------------------------------------------------


def test_every_bad_row_is_named_with_its_column_and_reason(sqlite_take: Taker) -> None:
    found = refusals(
        sqlite_take,
        row(1),
        row(2, certificate_no=""),
        row(3, issued_on="hôm kia"),
        row(4, issued_on=""),
        row(5, origin="ODA"),
        row(6, kind=""),
        row(7, capital_vnd_billion="nhiều"),
        row(8, capital_vnd_billion=""),
        row(9, issued_on="2024-06-15"),
        row(10, capital_usd_million="-3", capital_vnd_billion="0"),
        row(11, dossier_code="KHONG-CO"),
        row(12, certificate_no="x" * 33),
    )
    assert [(number, column) for number, column, _ in found] == [
        (3, "certificate_no"),
        (4, "issued_on"),
        (5, "issued_on"),
        (6, "origin"),
        (7, "kind"),
        (8, "capital_vnd_billion"),
        (9, "capital_vnd_billion"),
        (10, "issued_on"),
        (11, "capital_usd_million"),
        (11, "capital_vnd_billion"),
        (12, "dossier_code"),
        (13, "certificate_no"),
    ]
    assert "Không hiểu ngày “hôm kia”" in found[1][2]
    assert "ghi FDI hoặc DDI" in found[3][2]
    assert "cấp mới phải có vốn" in found[6][2]
    assert "sau hôm nay" in found[7][2]


def test_doubles_within_the_file(sqlite_take: Taker) -> None:
    found = refusals(
        sqlite_take, row(1), row(2), row(1), row(2, issued_on="2024-06-04"), row(2, kind="capital_increase")
    )
    assert [(number, column) for number, column, _ in found] == [
        (4, "certificate_no"),
        (5, "certificate_no"),
    ]
    assert "đã có ở dòng 2 của tệp" in found[0][2]
    assert "lần sau của cùng dự án là điều chỉnh" in found[1][2]


def test_headings(sqlite_take: Taker) -> None:
    found = refusals(sqlite_take, content=csv_file(row(1), headings=HEADINGS[1:]))
    assert found == [(1, "Số giấy chứng nhận", "Tệp thiếu cột Số giấy chứng nhận.")]
    [unknown, double] = refusals(
        sqlite_take, content=csv_file(row(1), titles=[*HEADINGS[:-2], "Loại", "màu sắc"])
    )
    assert (unknown[1], "xuất hiện hai lần" in unknown[2]) == ("Loại", True)
    assert (double[1], "Không nhận ra tên cột" in double[2]) == ("màu sắc", True)


def test_cells_that_cannot_be_read(sqlite_take: Taker) -> None:
    [error] = refusals(sqlite_take, content=xlsx_file(row(1, capital_vnd_billion="=1+1")))
    assert error[:2] == (2, "capital_vnd_billion")
    assert "công thức" in error[2]
    wide = csv_file(row(1)).replace(b"250.25", b"250.25,a,b,c,d,e")
    assert "nhiều ô hơn số cột" in refusals(sqlite_take, content=wide)[-1][2]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", "Số\n1".encode("utf-16")])
def test_what_is_no_such_file(sqlite_take: Taker, content: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        sqlite_take(content=content)
    assert refusal.value.field == "file"


def test_who_may_import(sqlite_session: Session, auditor: Actor) -> None:
    with pytest.raises(NotAllowed):
        Taker(sqlite_session, auditor)(row(1))


# --- meeting what is on record ------------------------------------------------------------------------


def test_a_file_overwrites_nothing(take: Taker, reporter: Actor) -> None:
    take(row(1, project="Nhà máy A"))
    found = refusals(
        take, row(1, origin="DDI", capital_usd_million="11", capital_vnd_billion="300", project="Nhà máy B")
    )
    assert [column for _, column, _ in found] == [
        "origin",
        "capital_usd_million",
        "capital_vnd_billion",
        "project",
    ]
    assert "Đã ghi 250,25, tệp ghi 300,00; sửa bằng đính chính" in found[2][2]


def test_a_file_completes_what_is_empty(take: Taker, reporter: Actor) -> None:
    take(row(1))
    result = take(row(1, project="Nhà máy A", note="Theo bản gốc"))
    assert counts(result) == (1, 0, 1, 0, 0)
    assert result.preview[0].changes == ("tên dự án", "ghi chú")
    [entry] = Book(take.session, reporter).listed().page.rows
    assert (entry.certificate.project, entry.corrected) == ("Nhà máy A", True)
    view = Book(take.session, reporter).view(entry.id)
    assert view.history[1].reason == "Bổ sung từ tệp dau-tu.csv"
    assert counts(take(row(1))) == (1, 0, 0, 1, 0)
    assert counts(take(row(1, project="Nhà máy A", note="Theo bản gốc"))) == (1, 0, 0, 1, 0)


def test_what_was_corrected_stays_corrected_when_the_file_comes_again(take: Taker, reporter: Actor) -> None:
    take(row(1), row(2), row(3), row(4))
    book = Book(take.session, reporter)
    first, second, third, fourth = (one.id for one in reversed(book.listed().page.rows))
    book.correct(first, vnd=Decimal("260.25"))
    book.correct(second, number="GCN-222")
    book.correct(third, kind=OTHER)
    book.cancel(fourth)
    before = content_of(take.session)
    result = take(row(1), row(2), row(3), row(4))
    assert counts(result) == (4, 0, 0, 4, 0)
    assert content_of(take.session) == before
    told = [shown.warnings[-1] for shown in result.preview]
    assert "đã được đính chính; giữ" in told[0]
    assert "đã được đính chính thành số GCN-222" in told[1]
    assert "điều chỉnh khác" in told[2]
    assert "đã hủy ngày 14/06/2024" in told[3]
    # What was never said of it is a contradiction all the same.
    assert [error[1] for error in refusals(take, row(1, capital_vnd_billion="999.5"))] == [
        "capital_vnd_billion"
    ]


def test_a_file_may_name_the_dossiers(take: Taker, reporter: Actor, office: Any) -> None:
    office.stand("03/06/2024 08:00")
    code = office.receive(4, confirm_unverified=True)
    other = office.receive(4, confirm_unverified=True)
    labour = office.receive(41)
    office.stand("07/06/2024 10:00")
    for one in (code, other, labour):
        office.act("resolve", one)
    take(row(1, issued_on="2024-06-07"))
    result = take(row(1, issued_on="2024-06-07", dossier_code=code))
    assert (counts(result), result.preview[0].changes) == ((1, 0, 1, 0, 0), ("hồ sơ",))
    [entry] = Book(take.session, reporter).listed().page.rows
    assert entry.dossier_code == code
    found = refusals(
        take,
        row(1, issued_on="2024-06-07", dossier_code=other),
        row(2, dossier_code=labour),
        row(3, issued_on="2024-06-02", dossier_code=other),
    )
    assert [(number, column) for number, column, _ in found] == [
        (2, "dossier_code"),
        (3, "dossier_code"),
        (4, "issued_on"),
    ]
    office.act("reopen", code)
    assert counts(take(row(1, issued_on="2024-06-07", dossier_code=code))) == (1, 0, 0, 1, 0)


def test_the_number_of_queries_does_not_grow_with_known_rows(take: Taker, counting: Any) -> None:
    take(*(row(number) for number in range(1, 61)))
    with counting(take.session) as few:
        take(row(1))
    with counting(take.session) as many:
        take(*(row(number) for number in range(1, 61)))
    assert len(many) == len(few)


def test_the_day_of_issue_is_the_office_s(sqlite_take: Taker) -> None:
    assert NOW.astimezone(UTC).date() == date(2024, 6, 14)
    sqlite_take(row(1, issued_on="2024-06-14T00:30:00+07:00"))
    [one] = content_of(sqlite_take.session)["investment_certificate"]
    assert "2024-06-14" in one
