"""The export of the register: what it lists, and that importing it again changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.register_files import FURTHER, NATIONAL, NOW, Taker, content_of, counts, office, row
from tests.services.conftest import TAKEN
from tthc.db.models import Dossier, Filing
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import ApplicantKind, Channel, DomainError, Outcome, SupplementMode
from tthc.resources import seeds_folder
from tthc.services import dossiers, filings, hand_overs, intake, register_export
from tthc.services.applicants import ApplicantInput
from tthc.services.dossiers import Call

FORMATS = ["csv", "xlsx"]
MAY_TO_JUNE = {"from_on": date(2024, 5, 1), "to_on": date(2024, 6, 30)}


@pytest.fixture
def take(session: Session, reporter: Actor) -> Taker:
    """Import into a database; the test runs on both."""
    return Taker(session, reporter)


def export(session: Session, actor: Actor, kind: str = "csv", **period: date) -> bytes:
    return register_export.export_register(
        session, actor=actor, now=NOW, format=kind, **(period or MAY_TO_JUNE)
    )


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def with_everything() -> list[dict[str, Any]]:
    ended = {"NgayKetThucXuLy": "20240610150000"}
    return [
        row(1, 1, NgayTiepNhan="", NgayHenTra=""),
        row(2, 2, NgayHenTra="20240614113000", KenhThucHien="3"),
        row(3, 3, NgayTiepNhan="", NgayHenTra="", NgayTuChoi="20240604100000", GhiChu="Thiếu chữ ký"),
        row(4, 4, KenhThucHien="1", GhiChu="=1+1\n+cmd|' /C calc'!A0; \"hai\"", LoaiDoiTuong="1"),
        row(5, 5, NgayYeuCauBoSung="20240604140000"),
        row(6, 6),
        row(7, 7, **ended),
        row(8, 8, **ended),
        row(9, 8, SoDienThoai="0912345678", Email="a@b.vn", DiaChi="Lô A1, khu kinh tế, Thái Thụy"),
        row(10, 9, **ended, KetQua="3"),
        row(11, 10, **ended, NgayTra="20240611080000", KetQua="2"),
        row(12, 9, **ended),
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_status_there_and_back(session: Session, take: Taker, reporter: Actor, kind: str) -> None:
    assert counts(take(*with_everything()))[:2] == (12, 12)
    before = content_of(session)
    result = take(content=export(session, reporter, kind), now=office("20/06/2024 08:00"))
    assert not result.errors
    assert counts(result) == (12, 0, 0, 12, 0)
    assert content_of(session) == before


@pytest.mark.parametrize("kind", FORMATS)
def test_the_published_half_year_there_and_back(
    session: Session, take: Taker, reporter: Actor, kind: str
) -> None:
    take(content=(seeds_folder() / "register-2024-h1.csv").read_bytes())
    content = export(session, reporter, kind, from_on=date(2023, 12, 15), to_on=date(2024, 6, 14))
    assert counts(take(content=content)) == (132, 0, 0, 132, 0)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_fills_an_empty_database_alike(
    session: Session, empty_session: Session, take: Taker, reporter: Actor, kind: str, now: datetime
) -> None:
    from tthc.services import setup

    take(*with_everything())
    content = export(session, reporter, kind)
    setup.initialise(empty_session, now=now)
    # Nobody has an account there yet: the program itself imports.
    nobody = Actor(account_id=None, unit_id=1, name="", roles=reporter.roles)
    assert counts(Taker(empty_session, nobody)(content=content))[:2] == (12, 12)
    assert lines(export(empty_session, nobody)) == lines(export(session, reporter))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_done_here_comes_back_unchanged(
    session: Session, take: Taker, actor: Callable[[str], Actor], kind: str, now: datetime
) -> None:
    """Moments with microseconds, typed texts, a filing with a number of this system, a reopened dossier."""
    clerk, supervisor = actor("clerk"), actor("supervisor")
    assert not take(row(1)).errors
    procedure_id = session.scalars(select(Dossier.procedure_id)).one()
    now = now.replace(microsecond=987654)

    def request(name: str) -> intake.IntakeRequest:
        return intake.IntakeRequest(
            procedure_id=procedure_id,
            case_id=None,
            channel=Channel.COUNTER,
            applicant=ApplicantInput(ApplicantKind.CITIZEN, name, phone="0912 345 678"),
            submitter_name="Người Nộp Thay",
            subject="  Nội quy  mới ",
            note="Dòng một\r\nDòng hai",
        )

    def receive(name: str) -> str:
        return intake.receive_dossier(session, now=now, actor=clerk, request=request(name))

    def call(code: str, who: Actor = clerk) -> Call:
        one = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        return Call(now=now, actor=who, code=code, version=one.version)

    receive("Nguyễn Văn A")
    done, asked, again = receive("Trần Thị B"), receive("Lê C"), receive("Phạm D")
    dossiers.resolve_dossier(session, call=call(done), outcome=Outcome.REFUSED, returned=True, reason="Thiếu")
    hand_overs.hand_over_dossier(session, call=call(done), delivery=TAKEN)
    for mode in (SupplementMode.PAUSE, SupplementMode.RESTART):
        dossiers.request_supplement(
            session, call=call(asked), missing="Bản vẽ", reason="", mode=mode, again=True
        )
        if mode is SupplementMode.PAUSE:
            dossiers.receive_supplement(session, call=call(asked))
    dossiers.resolve_dossier(session, call=call(again), outcome=Outcome.GRANTED)
    dossiers.reopen_dossier(session, call=call(again, supervisor), reason="Sai sót")
    filings.save_filing(session, now=now, actor=clerk, request=request("Vũ E"))
    filings.refuse_intake(session, now=now, actor=clerk, request=request("Đỗ F"), reason="Sai cơ quan")
    before = content_of(session)
    content = export(session, actor("reporter"), kind)
    result = take(content=content, now=office("20/06/2024 08:00"))
    assert not result.errors
    assert counts(result) == (7, 0, 0, 7, 0)
    assert content_of(session) == before


def test_what_a_period_lists(session: Session, take: Taker, reporter: Actor) -> None:
    early = {"NgayNopHoSo": "", "NgayTiepNhan": "20240502090000", "NgayHenTra": ""}
    take(
        row(1, 4, **early),
        row(2, 9, **early, NgayKetThucXuLy="20240531160000"),
        row(3, 9, **early, NgayKetThucXuLy="20240601080000"),
        row(4, 2),
        row(5, 2, NgayNopHoSo="", NgayTiepNhan="20240611000001", NgayHenTra=""),
        row(6, 2, NgayNopHoSo="", NgayTiepNhan="20240610235959", NgayHenTra=""),
        row(7, 1, NgayNopHoSo="20240610235959", NgayTiepNhan="", NgayHenTra=""),
        row(8, 1, NgayNopHoSo="20240611000000", NgayTiepNhan="", NgayHenTra=""),
        row(9, 1, NgayNopHoSo="20240601000000", NgayTiepNhan="", NgayHenTra=""),
        row(10, 1, NgayNopHoSo="20240531235959", NgayTiepNhan="", NgayHenTra=""),
    )
    content = export(session, reporter, from_on=date(2024, 6, 1), to_on=date(2024, 6, 10))
    assert [line["MaHoSo"][-2:] for line in lines(content)] == ["01", "03", "09", "04", "06", "07"]


def test_the_columns_of_the_csv_file(session: Session, take: Taker, reporter: Actor) -> None:
    take(*with_everything())
    content = export(session, reporter)
    assert content.startswith(b"\xef\xbb\xbfMaHoSo,MaTTHC,TenTTHC,TenLinhVuc,KenhThucHien,ChuHoSo,")
    found = {line["MaHoSo"][-2:]: line for line in lines(content)}
    statuses = [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 9]
    assert [*found["01"]] == [*NATIONAL, *FURTHER]
    assert [found[f"{n:02}"]["TrangThaiHoSo"] for n in range(1, 13)] == [*map(str, statuses)]
    assert [bool(found[f"{n:02}"]["NgayKetThucXuLy"]) for n in (7, 8, 9)] == [True, True, False]
    assert found["02"] == {
        **dict.fromkeys([*NATIONAL, *FURTHER], ""),
        **row(2, 2, NgayHenTra="20240614113000", KenhThucHien="3"),
    }
    assert found["03"]["NgayTuChoi"] == "20240604100000"
    assert found["05"]["NgayYeuCauBoSung"] == "20240604140000"
    assert [found[n]["KetQua"] for n in ("10", "11", "12", "07")] == ["3", "2", "1", ""]
    # Values are not altered to keep a spreadsheet from calculating.
    assert found["04"]["GhiChu"] == "=1+1\n+cmd|' /C calc'!A0; \"hai\""


def test_the_sheet_has_real_dates_and_no_formula(session: Session, take: Taker, reporter: Actor) -> None:
    take(*with_everything())
    sheet = openpyxl.load_workbook(io.BytesIO(export(session, reporter, "xlsx"))).active
    assert [cell.value for cell in sheet[1]] == [*NATIONAL, *FURTHER]
    column = {cell.value: cell.column for cell in sheet[1]}
    by_code = {str(sheet.cell(number, 1).value)[-2:]: number for number in range(2, sheet.max_row + 1)}

    def cell(code: str, name: str) -> Any:
        return sheet.cell(by_code[code], column[name])

    assert cell("02", "NgayHenTra").value == datetime(2024, 6, 14, 11, 30)
    assert cell("02", "NgayHenTra").is_date
    assert cell("01", "NgayTiepNhan").value is None
    assert cell("04", "GhiChu").data_type == "s"
    assert cell("04", "GhiChu").value.startswith("=1+1")
    assert cell("04", "SoGiayToChuHoSo").value == "1000000004"
    assert {found.data_type for line in sheet.iter_rows() for found in line} == {"s", "d", "n"}
    assert sheet.freeze_panes == "B2"


def test_an_empty_period(session: Session, take: Taker, reporter: Actor) -> None:
    for kind in FORMATS:
        content = export(session, reporter, kind, from_on=date(2020, 1, 1), to_on=date(2020, 1, 31))
        assert counts(take(content=content)) == (0, 0, 0, 0, 0)
    assert session.scalars(select(func.count()).select_from(Filing)).one() == 0


def test_what_is_refused(sqlite_session: Session, actor: Callable[[str], Actor]) -> None:
    with pytest.raises(NotAllowed):
        export(sqlite_session, actor("clerk"))
    with pytest.raises(DomainError, match="Ngày đầu"):
        export(sqlite_session, actor("reporter"), from_on=date(2024, 6, 2), to_on=date(2024, 6, 1))
    with pytest.raises(DomainError, match="CSV hoặc XLSX"):
        export(sqlite_session, actor("reporter"), "pdf")
