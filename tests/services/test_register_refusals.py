"""Register files that are refused: whole files, headings and rows, and nothing saved."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.register_files import (
    NATIONAL,
    NOW,
    Taker,
    content_of,
    counts,
    csv_file,
    dossier,
    everything,
    office,
    row,
    xlsx_file,
)
from tthc.db.models import (
    Applicant,
    DossierSpan,
)
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import (
    DomainError,
)
from tthc.services import numbers, register
from tthc.services.transaction import transaction


@pytest.fixture
def take(session: Session, reporter: Actor) -> Taker:
    """Import into a database; the test runs on both."""
    return Taker(session, reporter)


@pytest.fixture
def take_one(sqlite_session: Session, reporter: Actor) -> Taker:
    """Import into SQLite only: for what is settled before the database is asked."""
    return Taker(sqlite_session, reporter)


BAD_ROWS: list[tuple[dict[str, Any], list[str]]] = [
    ({"MaHoSo": ""}, ["MaHoSo"]),
    ({"MaHoSo": "000 00-1"}, ["MaHoSo"]),
    ({"MaHoSo": "a/b"}, ["MaHoSo"]),
    ({"MaHoSo": "x" * 65}, ["MaHoSo"]),
    ({"MaTTHC": "", "TenTTHC": ""}, ["MaTTHC"]),
    ({"MaTTHC": "9.999999"}, ["MaTTHC"]),
    ({"MaTTHC": "9.999999", "TenTTHC": ""}, ["MaTTHC"]),
    ({"MaTTHC": "", "TenTTHC": "Thủ tục không có"}, ["TenTTHC"]),
    ({"MaTTHC": "2.000347"}, ["TenTTHC"]),
    ({"KenhThucHien": ""}, ["KenhThucHien"]),
    ({"KenhThucHien": "4"}, ["KenhThucHien"]),
    ({"ChuHoSo": ""}, ["ChuHoSo"]),
    ({"ChuHoSo": "a" * 301}, ["ChuHoSo"]),
    ({"LoaiDoiTuong": "9"}, ["LoaiDoiTuong"]),
    ({"SoGiayToChuHoSo": "12 ?"}, ["SoGiayToChuHoSo"]),
    ({"SoDienThoai": "không có"}, ["SoDienThoai"]),
    ({"Email": "a@b"}, ["Email"]),
    ({"TrichYeuHoSo": "a" * 1001}, ["TrichYeuHoSo"]),
    ({"GhiChu": "a" * 4001}, ["GhiChu"]),
    ({"TrangThaiHoSo": ""}, ["TrangThaiHoSo"]),
    ({"TrangThaiHoSo": "11"}, ["TrangThaiHoSo"]),
    ({"TrangThaiHoSo": "xong"}, ["TrangThaiHoSo"]),
    ({"KetQua": "5"}, ["KetQua"]),
    ({"NgayTiepNhan": ""}, ["NgayTiepNhan"]),
    ({"NgayTiepNhan": "20240231090000"}, ["NgayTiepNhan"]),
    ({"NgayTiepNhan": "03-2024"}, ["NgayTiepNhan"]),
    ({"NgayTiepNhan": "03/06/1924 09:00"}, ["NgayTiepNhan"]),
    ({"NgayTiepNhan": "20240614170001"}, ["NgayTiepNhan", "NgayHenTra"]),
    ({"NgayNopHoSo": "20240603090001"}, ["NgayTiepNhan"]),
    ({"NgayHenTra": "20240602170000"}, ["NgayHenTra"]),
    ({"TrangThaiHoSo": "1", "NgayNopHoSo": "", "NgayTiepNhan": ""}, ["NgayNopHoSo"]),
    ({"TrangThaiHoSo": "1"}, ["NgayTiepNhan"]),
    ({"TrangThaiHoSo": "3", "NgayNopHoSo": ""}, ["NgayNopHoSo", "NgayTuChoi"]),
    ({"TrangThaiHoSo": "3", "NgayTuChoi": "20240602"}, ["NgayTuChoi"]),
    ({"TrangThaiHoSo": "4", "NgayKetThucXuLy": "20240610"}, ["NgayKetThucXuLy"]),
    ({"TrangThaiHoSo": "5", "NgayYeuCauBoSung": "20240602"}, ["NgayYeuCauBoSung"]),
    ({"TrangThaiHoSo": "7"}, ["NgayKetThucXuLy"]),
    ({"TrangThaiHoSo": "9"}, ["NgayKetThucXuLy"]),
    ({"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20240610", "NgayTra": "20240611"}, ["NgayTra"]),
    ({"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20240602"}, ["NgayKetThucXuLy"]),
    ({"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20240615"}, ["NgayKetThucXuLy"]),
    ({"TrangThaiHoSo": "10", "NgayKetThucXuLy": "20240610"}, ["NgayTra"]),
    ({"TrangThaiHoSo": "10", "NgayKetThucXuLy": "20240610", "NgayTra": "20240609"}, ["NgayTra"]),
    (
        {"KenhThucHien": "x", "NgayTiepNhan": "x", "ChuHoSo": "", "NgayHenTra": "31/31/2024"},
        ["KenhThucHien", "ChuHoSo", "NgayTiepNhan", "NgayHenTra"],
    ),
    # The calendar begins with 2016.
    ({"NgayNopHoSo": "", "NgayTiepNhan": "20150105090000", "NgayHenTra": ""}, ["NgayTiepNhan"]),
]


@pytest.mark.parametrize(("cells", "columns"), BAD_ROWS)
def test_a_bad_row(
    sqlite_session: Session, take_one: Taker, cells: dict[str, Any], columns: list[str]
) -> None:
    before = everything(sqlite_session)
    result = take_one(row(1), {**row(2), **cells}, row(3))
    assert [(error.row, error.column) for error in result.errors] == [(3, column) for column in columns]
    assert all(len(error.message) > 10 for error in result.errors)
    assert counts(result) == (3, 0, 0, 0, 1)
    assert everything(sqlite_session) == before


def test_every_bad_row_is_named_and_nothing_is_saved(session: Session, take: Taker) -> None:
    before = everything(session)
    counters = session.execute(text("SELECT * FROM counter")).all()
    result = take(
        row(1),
        row(2, KenhThucHien="9", NgayTiepNhan="hôm qua"),
        row(3, 10, NgayKetThucXuLy="20240610", NgayTra="20240611"),
        row(1),
        row(4, MaTTHC="9.999999"),
        row(5, 1, NgayTiepNhan="", NgayHenTra=""),
    )
    assert [(error.row, error.column) for error in result.errors] == [
        (3, "KenhThucHien"),
        (3, "NgayTiepNhan"),
        (5, "MaHoSo"),
        (6, "MaTTHC"),
    ]
    assert counts(result) == (6, 0, 0, 0, 3)
    assert "dòng 2" in result.errors[2].message
    assert everything(session) == before
    assert session.execute(text("SELECT * FROM counter")).all() == counters


def test_one_code_in_two_spellings_is_one_code(take_one: Taker) -> None:
    [error] = take_one(row(1), row(1, MaHoSo="000.00.99.h54-240603-0001 ")).errors
    assert (error.row, error.column) == (3, "MaHoSo")


def test_rows_are_numbered_as_a_sheet_shows_them(take_one: Taker) -> None:
    content = csv_file(row(1, GhiChu="Hai\ndòng"), {}, row(2, KenhThucHien="9"))
    assert [(error.row, error.column) for error in take_one(content=content).errors] == [(4, "KenhThucHien")]


def test_a_dry_run_counts_and_keeps_nothing(session: Session, take: Taker) -> None:
    take(row(1, 4))
    before = content_of(session)
    rows = [row(1, 9, NgayKetThucXuLy="20240610"), row(2), row(3, 1, NgayTiepNhan="", NgayHenTra="")]
    result = take(*rows, dry_run=True)
    assert counts(result) == (3, 2, 1, 0, 0)
    assert [shown.outcome.label for shown in result.preview] == ["Cập nhật", "Mới", "Mới"]
    assert result.preview[0].changes == ("trạng thái: Đang xử lý → Đã xử lý xong",)
    assert content_of(session) == before
    with transaction(session):
        code = numbers.next_code(session, unit_id=1, received_on=date(2024, 6, 3))
    assert code == "000.00.99.H54-240603-0002"
    refused = take(*rows, row(4, KenhThucHien=""), dry_run=True)
    assert counts(refused) == (4, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng"),
        (b"\xef\xbb\xbf\r\n\r\n", "rỗng"),
        (csv_file(row(1), encoding="utf-16"), "UTF-16"),
        ("Mã hồ sơ,Chủ hồ sơ\n1,Công ty".encode("cp1258", "replace"), "UTF-8"),
        (b"%PDF-1.7 ...", "CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", ".xls"),
        (b"PK\x03\x04 broken", "XLSX"),
        (b"MaHoSo,\x00\x00", "CSV"),
        (b'MaHoSo,ChuHoSo\n"1,2\n', "ngoặc kép"),
        (b"x" * (20 * 1024 * 1024 + 1), "20 MB"),
        (b"MaHoSo\n" + b"1\n" * 100_001, "100.000"),
    ],
)
def test_a_file_that_is_none(take_one: Taker, content: bytes, words: str) -> None:
    with pytest.raises(DomainError, match=words) as refusal:
        take_one(content=content)
    assert refusal.value.field == "file"


def test_a_zip_that_is_no_workbook(take_one: Taker) -> None:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as container:
        container.writestr("word/document.xml", "<w/>")
    with pytest.raises(DomainError, match="không phải bảng tính"):
        take_one(content=content.getvalue())


def test_the_content_decides_not_the_name(sqlite_session: Session, reporter: Actor) -> None:
    for place, content in enumerate([xlsx_file(row(1)), csv_file(row(2))]):
        result = register.import_register(
            sqlite_session,
            now=NOW,
            actor=reporter,
            content=content,
            filename=["so.csv", "so.xlsx"][place],
        )
        assert result.created == 1


def test_formulas_are_not_taken_over(take_one: Taker) -> None:
    result = take_one(content=xlsx_file(row(1, ChuHoSo="=1+1")))
    [error, *_] = result.errors
    assert (error.row, error.column) == (2, "ChuHoSo")
    assert "công thức" in error.message


def test_headings_that_are_missing_unknown_or_double(take_one: Taker) -> None:
    titles = ["MaHoSo", "Mã hồ sơ", "Ngày hẹn trảa", "TrangThaiHoSo", "ChuHoSo"]
    result = take_one(content=csv_file(row(1), row(2), headings=titles))
    assert {(error.row, error.column) for error in result.errors} == {
        (1, "Mã hồ sơ"),
        (1, "Ngày hẹn trảa"),
        (1, "KenhThucHien"),
        (1, "MaTTHC"),
        (1, "NgayNopHoSo"),
    }
    assert counts(result) == (2, 0, 0, 0, 2)


def test_a_row_with_more_cells_than_headings(take_one: Taker) -> None:
    content = csv_file(row(1), headings=NATIONAL).rstrip() + b",x,y\r\n"
    assert [(error.row, error.column) for error in take_one(content=content).errors] == [(2, "MaHoSo")]


def test_a_heading_alone_is_a_file_without_rows(take_one: Taker) -> None:
    assert counts(take_one(content=csv_file())) == (0, 0, 0, 0, 0)


def test_signs_that_a_database_refuses(session: Session, take: Taker) -> None:
    assert not take(row(1, ChuHoSo="Công\u200b ty\x07 A'; DROP TABLE dossier; --", GhiChu="a\x01b")).errors
    owner = session.get_one(Applicant, dossier(session, 1).applicant_id)
    assert owner.name == "Công ty A'; DROP TABLE dossier; --"


def test_spans_of_imported_dossiers_do_not_overlap(session: Session, take: Taker) -> None:
    take(row(1, 5), now=office("04/06/2024 08:00"))
    take(row(1, 4, NgayHenTra="20240620170000"), now=office("11/06/2024 10:00"))
    take(row(1, 9, NgayHenTra="", NgayKetThucXuLy="20240610153000"), now=office("12/06/2024 08:00"))
    spans = session.scalars(
        select(DossierSpan).where(DossierSpan.known_to.is_(None)).order_by(DossierSpan.valid_from)
    ).all()
    assert [span.valid_to for span in spans] == [*[span.valid_from for span in spans[1:]], None]
    assert spans[-1].ended_on == date(2024, 6, 10)
