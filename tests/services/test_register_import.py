"""The import of a register file: the published half-year, and a file with everything."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.register_files import (
    NATIONAL,
    NOW,
    RULES,
    RULES_CODE,
    Taker,
    content_of,
    counts,
    csv_file,
    dossier,
    events,
    kinds,
    office,
    promises,
    row,
    xlsx_file,
)
from tthc.db.base import Base
from tthc.db.models import (
    Applicant,
    AuditEntry,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Filing,
    PauseRow,
    Supplement,
)
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    CodeSource,
    DossierState,
    DueCause,
    EndKind,
    EventKind,
    FilingState,
    Outcome,
)
from tthc.resources import seeds_folder
from tthc.services import audit, numbers, tallies
from tthc.services.transaction import transaction

HALF_YEAR = tallies.Asked(date(2023, 12, 15), date(2024, 6, 14))


def published() -> bytes:
    return (seeds_folder() / "register-2024-h1.csv").read_bytes()


@pytest.fixture
def take(session: Session, reporter: Actor) -> Taker:
    """Import into a database; the test runs on both."""
    return Taker(session, reporter)


# --- the published half-year ---------------------------------------------------------------------------


def test_the_published_half_year_twice(session: Session, take: Taker, reporter: Actor) -> None:
    first = take(content=published())
    assert counts(first) == (132, 132, 0, 0, 0)
    assert not first.errors

    tally = tallies.build_tally(session, actor=reporter, today=date(2024, 6, 14), asked=HALF_YEAR)
    figures = tally.total.cells
    assert figures[CellName.RECEIVED_TOTAL] == 130
    assert figures[CellName.RECEIVED_ONLINE] == 110
    assert figures[CellName.RECEIVED_COUNTER_POST] == 7
    assert figures[CellName.CARRIED_OVER] == 13
    assert figures[CellName.RESOLVED_TOTAL] == 119
    assert figures[CellName.LATE] == 0
    assert figures[CellName.PENDING_TOTAL] == 11
    assert figures[CellName.OVERDUE] == 0
    # The two that were not accepted are filings and in no column.
    assert session.scalars(select(Filing.state)).all() == [FilingState.REFUSED] * 2
    # Every promise of the file is what the rules give.
    assert set(session.scalars(select(DueDateRow.cause))) == {DueCause.INTAKE}

    before = content_of(session)
    second = take(content=published())
    assert counts(second) == (132, 0, 0, 132, 0)
    assert content_of(session) == before


def test_what_an_import_leaves_in_the_audit_chain(session: Session, take: Taker, reporter: Actor) -> None:
    take(row(1))
    take(row(1))
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "import_register"))
    assert entry.actor_id == reporter.account_id
    assert {name: entry.detail_json[name] for name in ("read", "created", "updated", "unchanged")} == {
        "read": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
    }
    assert "Công ty" not in str(entry.detail_json)
    assert audit.verify(session, 1)


@pytest.mark.parametrize("name", ["officer", "supervisor", "auditor"])
def test_who_may_not_import(sqlite_session: Session, actor: Callable[[str], Actor], name: str) -> None:
    with pytest.raises(NotAllowed):
        Taker(sqlite_session, actor(name))(row(1))


# --- a file with everything ----------------------------------------------------------------------------


def test_every_status(session: Session, take: Taker) -> None:
    ended = {"NgayKetThucXuLy": "20240610150000"}
    result = take(
        row(1, 1, NgayTiepNhan="", NgayHenTra=""),
        row(2, 2),
        row(3, 3, NgayTiepNhan="", NgayHenTra="", NgayTuChoi="20240604100000", GhiChu="Thiếu chữ ký"),
        row(4, 4),
        row(5, 5, NgayYeuCauBoSung="20240604140000"),
        row(6, 6),
        row(7, 7, **ended),
        row(8, 8, **ended),
        row(9, 8),
        row(10, 9, **ended, KetQua="3"),
        row(11, 10, **ended, NgayTra="20240611080000"),
    )
    assert not result.errors
    assert counts(result) == (11, 11, 0, 0, 0)
    state = DossierState
    expected = {
        2: (state.RECEIVED, []),
        4: (state.PROCESSING, [EventKind.START]),
        5: (state.AWAITING_SUPPLEMENT, [EventKind.REQUEST_SUPPLEMENT]),
        6: (state.AWAITING_PAYMENT, [EventKind.REQUEST_PAYMENT]),
        7: (state.WITHDRAWN, [EventKind.WITHDRAW]),
        8: (state.STOPPED, [EventKind.STOP]),
        9: (state.PAUSED, [EventKind.PAUSE]),
        10: (state.RESOLVED, [EventKind.RESOLVE]),
        11: (state.HANDED_OVER, [EventKind.RESOLVE, EventKind.HAND_OVER]),
    }
    for sequence, (wanted, further) in expected.items():
        one = dossier(session, sequence)
        assert (one.state, kinds(session, one)) == (wanted, [EventKind.RECEIVE, *further]), sequence
        assert one.code_source is CodeSource.GIVEN
        assert one.imported
    waiting, refused = session.scalars(select(Filing).order_by(Filing.number))
    assert (waiting.state, waiting.submitted_at) == (FilingState.WAITING, office("03/06/2024 08:30"))
    assert (refused.state, refused.refused_at) == (FilingState.REFUSED, office("04/06/2024 10:00"))
    assert refused.refusal_reason == "Thiếu chữ ký"

    asked = events(session, dossier(session, 5))[-1]
    assert (asked.occurred_at, asked.note) == (office("04/06/2024 14:00"), "")
    assert dossier(session, 5).waiting
    paused = events(session, dossier(session, 9))[-1]
    assert paused.occurred_at == office("03/06/2024 09:00")
    assert paused.note == "Tệp nhập không ghi ngày tạm dừng; lấy thời điểm tiếp nhận."
    started = events(session, dossier(session, 4))[-1]
    assert started.note == "Tệp nhập không ghi ngày bắt đầu xử lý; lấy thời điểm tiếp nhận."
    assert session.scalars(select(Supplement.dossier_id)).all() == [dossier(session, 5).id]
    assert session.scalars(select(PauseRow.dossier_id)).all() == [dossier(session, 9).id]
    returned = dossier(session, 10)
    assert (returned.outcome, returned.returned) == (Outcome.REFUSED, True)
    granted = dossier(session, 11)
    assert (granted.outcome, granted.returned) == (Outcome.GRANTED, False)
    assert granted.handed_over_at == office("11/06/2024 08:00")
    assert dossier(session, 8).end_kind is EndKind.STOPPED

    # Known from the day on which it happened, and one action for all.
    everything_recorded = session.scalars(select(EventRow)).all()
    assert all(event.known_at == event.occurred_at for event in everything_recorded)
    assert {event.recorded_at for event in everything_recorded} == {NOW}
    assert len({event.action_id for event in everything_recorded}) == 1
    assert None not in {event.action_id for event in everything_recorded}


def test_many_at_once_leave_what_one_by_one_leaves(session: Session, take: Taker) -> None:
    """New dossiers are written together; a row that comes in two files goes the other way."""
    asked = {"NgayYeuCauBoSung": "20240604140000"}
    ended = {"NgayKetThucXuLy": "20240610150000"}
    ends = [
        (5, asked),
        (6, asked),
        (7, ended),
        (8, ended),
        (8, asked),
        (9, {"NgayKetThucXuLy": "03/06/2024"}),
        (10, {**ended, "NgayTra": "10/06/2024", "KetQua": "2"}),
        (10, {**ended, "NgayTra": "20240611080000", "NgayHenTra": "20240613170000"}),
    ]
    for place, (_, cells) in enumerate(ends):
        take(row(place, 2, NgayHenTra=cells.get("NgayHenTra", "20240612170000")))
    for place, (status, cells) in enumerate(ends):
        assert counts(take(row(place, status, **cells)))[2] == 1
    assert not take(*(row(50 + place, status, **cells) for place, (status, cells) in enumerate(ends))).errors

    ids = {"id", "dossier_id", "event_id", "due_date_id", "opened_by", "closed_by", "subject_id", "action_id"}
    own = {"code", "register_no", "applicant_id", "lookup_token"}

    def left(model: type[Base], one: Dossier, key: str) -> list[dict[str, Any]]:
        found = session.scalars(select(model).where(getattr(model, key) == one.id).order_by(text("id")))
        names = [column.key for column in model.__mapper__.column_attrs if column.key not in ids | own]
        return [{name: getattr(line, name) for name in names} for line in found]

    for place in range(len(ends)):
        one, other = dossier(session, place), dossier(session, 50 + place)
        for model, key in ((Dossier, "id"), (EventRow, "dossier_id"), (DueDateRow, "subject_id")):
            assert left(model, one, key) == left(model, other, key), place
        spans = [left(DossierSpan, which, "dossier_id") for which in (one, other)]
        for found in spans:
            found.sort(key=lambda span: (span["known_from"], span["valid_from"], str(span["valid_to"])))
        assert spans[0] == spans[1], place
        assert one.due_date_id == promises(session, one)[-1].id
        assert other.due_date_id == promises(session, other)[-1].id


def test_channels_and_kinds_as_codes_and_words(session: Session, take: Taker) -> None:
    words = ["1", "2", "3", "trực tiếp", "TRỰC TUYẾN", "Bưu chính công ích", "truc tuyen", "01"]
    result = take(*(row(place, KenhThucHien=word) for place, word in enumerate(words)))
    assert not result.errors
    found = session.scalars(select(Dossier.channel).order_by(Dossier.code)).all()
    counter, online, post = Channel.COUNTER, Channel.ONLINE, Channel.POST
    assert found == [counter, online, post, counter, online, post, online, counter]


def test_dates_in_every_form(session: Session, take: Taker) -> None:
    forms = [
        "20240603090000",
        "03/06/2024 09:00",
        "3/6/2024 9:00:00",
        "2024-06-03T09:00:00",
        "2024-06-03 09:00",
        "2024-06-03T02:00:00+00:00",
        "202406030900",
    ]
    result = take(
        *(row(place, NgayTiepNhan=form, NgayNopHoSo="") for place, form in enumerate(forms)),
        row(90, NgayTiepNhan="03/06/2024", NgayNopHoSo="", NgayHenTra="12/06/2024"),
        row(91, NgayTiepNhan="20240603", NgayHenTra="2024-06-12"),
    )
    assert not result.errors
    assert session.scalars(select(Dossier.received_at).order_by(Dossier.code)).all() == [
        *[office("03/06/2024 09:00")] * len(forms),
        office("03/06/2024 00:00"),
        # A bare date of receipt is not before the submission of the same day.
        office("03/06/2024 08:30"),
    ]
    # Without a date of submission that of receipt; a bare date of appointment means closing time.
    assert dossier(session, 0).submitted_at == office("03/06/2024 09:00")
    assert set(session.scalars(select(DueDateRow.cause))) == {DueCause.INTAKE}


def test_real_dates_and_numbers_of_a_sheet(session: Session, take: Taker) -> None:
    result = take(
        content=xlsx_file(
            row(
                1,
                10,
                KenhThucHien=2,
                LoaiDoiTuong=1.0,
                SoGiayToChuHoSo=34071000001,
                MaTTHC="2,001955",
                NgayNopHoSo=datetime(2024, 6, 3, 8, 30),
                NgayTiepNhan=datetime(2024, 6, 3, 9, 0, 7),
                NgayHenTra=datetime(2024, 6, 12),
                NgayKetThucXuLy=20240610150000,
                NgayTra=datetime(2024, 6, 11, 8, 0),
                TrangThaiHoSo=10,
            )
        )
    )
    assert not result.errors
    one = dossier(session, 1)
    assert one.received_at == office("03/06/2024 09:00:07")
    assert one.ended_at == office("10/06/2024 15:00")
    assert one.due_at == office("12/06/2024 17:00")
    owner = session.get_one(Applicant, one.applicant_id)
    assert (owner.id_number, owner.kind) == ("34071000001", ApplicantKind.CITIZEN)


def test_a_national_code_that_a_sheet_took_for_a_number(session: Session, take: Taker) -> None:
    result = take(content=xlsx_file(row(1, MaTTHC=1.00977, TenTTHC="", NgayHenTra="", TenLinhVuc="")))
    assert not result.errors
    assert session.scalars(select(Dossier.due_on)).one() > date(2024, 6, 20)


def test_codes_out_of_time_order_and_the_counter(session: Session, take: Taker) -> None:
    result = take(
        row(7),
        row(2, NgayTiepNhan="20240604090000", NgayHenTra="20240613170000"),
        row(5, NgayTiepNhan="20240603083000"),
        row(1, MaHoSo="BQL/2024".replace("/", "-") + "_17"),
    )
    assert not result.errors
    assert [shown.row for shown in result.preview] == [2, 3, 4, 5]
    [warning] = result.preview[1].warnings
    assert warning == "Ngày trong mã hồ sơ (03/06/2024) khác ngày tiếp nhận (04/06/2024)."
    assert result.preview[3].warnings == ("Mã hồ sơ không theo mẫu quốc gia; vẫn giữ nguyên.",)
    # The register follows the receipt.
    assert session.scalars(select(Dossier.code).order_by(Dossier.register_no)).all() == [
        "000.00.99.H54-240603-0005",
        "000.00.99.H54-240603-0007",
        "BQL-2024_17",
        "000.00.99.H54-240603-0002",
    ]
    with transaction(session):
        code = numbers.next_code(session, unit_id=1, received_on=date(2024, 6, 3))
    assert code == "000.00.99.H54-240603-0008"


def test_missing_and_differing_appointments(session: Session, take: Taker) -> None:
    result = take(row(1, NgayHenTra=""), row(2, NgayHenTra="20240614113000"), row(3))
    assert not result.errors
    [computed] = promises(session, dossier(session, 1))
    assert (computed.due_at, computed.cause) == (office("12/06/2024 17:00"), DueCause.INTAKE)
    [kept] = promises(session, dossier(session, 2))
    assert (kept.due_at, kept.cause) == (office("14/06/2024 11:30"), DueCause.IMPORT)
    assert kept.computed_due_at == office("12/06/2024 17:00")
    assert dossier(session, 2).due_on == date(2024, 6, 14)
    [ordinary] = promises(session, dossier(session, 3))
    assert ordinary.cause is DueCause.INTAKE
    assert result.preview[0].warnings == ("Không ghi ngày hẹn trả; tính được 12/06/2024.",)
    assert "17:00 12/06/2024" in result.preview[1].warnings[0]


def test_found_by_name_whatever_its_spelling(session: Session, take: Taker) -> None:
    spellings = [RULES, unicodedata.normalize("NFD", RULES), f"  {RULES.upper()} ", RULES.replace(" ", "  ")]
    result = take(
        *(row(place, MaTTHC="", TenTTHC=spelling) for place, spelling in enumerate(spellings)),
        row(8, TenTTHC=""),
        row(9, TenTTHC="Đăng ký nội quy lao động"),
    )
    assert not result.errors
    assert len(set(session.scalars(select(Dossier.procedure_id)))) == 1
    assert result.preview[5].warnings == (f"Tên thủ tục khác danh mục; lấy theo mã {RULES_CODE}.",)


def test_vietnamese_headings_in_any_order_case_and_delimiter(session: Session, take: Taker) -> None:
    names = {
        "KenhThucHien": "KÊNH TIẾP NHẬN",
        "MaHoSo": "mã hồ sơ",
        "MaTTHC": "Mã TTHC",
        "TenTTHC": unicodedata.normalize("NFD", "Tên thủ tục hành chính"),
        "ChuHoSo": "Chủ hồ sơ",
        "LoaiDoiTuong": "Loại  đối tượng",
        "SoGiayToChuHoSo": "Số giấy tờ",
        "NgayNopHoSo": "Ngày nộp hồ sơ",
        "NgayTiepNhan": "Ngay tiep nhan",
        "TrangThaiHoSo": "Trạng thái",
        "NgayKetThucXuLy": "Ngày kết thúc xử lý",
        "NgayTra": "Ngày trả kết quả",
        "NgayHenTra": "Ngày hẹn trả",
    }
    done = row(1, "Đã trả kết quả", NgayKetThucXuLy="10/06/2024 15:00", NgayTra="11/06/2024")
    for place, (delimiter, encoding) in enumerate([(";", "utf-8"), ("\t", "utf-8-sig"), (",", "utf-8")]):
        content = csv_file(
            {**done, "MaHoSo": f"000.00.99.H54-240603-{place:04}"},
            headings=[*names],
            titles=[*names.values()],
            delimiter=delimiter,
            encoding=encoding,
        )
        assert counts(take(content=content)) == (1, 1, 0, 0, 0)
        assert dossier(session, place).state is DossierState.HANDED_OVER


def test_columns_of_other_systems_are_skipped(session: Session, take: Taker) -> None:
    headings = ["STT", *NATIONAL, "DonViXuLy", "HoSoCoThanhPhanSoHoa", ""]
    assert counts(take(content=csv_file(row(1, STT=1, DonViXuLy="Ban"), headings=headings)))[1] == 1
